"""Change a policy file as text: single words, single sections. What is not named stays byte for byte, remarks included."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from registry.errors import InvalidInput, NotFound
from registry.policy_files.reading import KeyPath, parse_strict

_KEY = re.compile(r"([a-z_]+):")
_CRITERION = re.compile(r"  - (?:\{)?id: ([A-Z][A-Z0-9]*(?:\.[0-9]+)?)\b")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WORD = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[^\s,}\]#]+")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the file: a top-level key, or one criterion as `criteria.P4`; lines count from 1, `last` included."""

    name: str
    first: int
    last: int


def with_word(source: bytes, path: KeyPath, word: str) -> bytes:
    """Return the file with the single word at the key path replaced; quotes stay as they are.

    Raises:
        InvalidInput: the file cannot be read, or there is no single word at the path.
    """
    document, _problems = parse_strict(source)
    place = document.places.get(path) if document else None
    if place is None:
        raise InvalidInput(f"the file says nothing at {'.'.join(map(str, path))}")
    lines = _lines(source.decode())
    line, column = place
    found = _WORD.match(lines[line - 1], column - 1)
    if found is None:
        raise InvalidInput(f"the file says nothing at {'.'.join(map(str, path))}")
    quote = found[0][0] if found[0][0] in "\"'" else ""
    lines[line - 1] = f"{found.string[: found.start()]}{quote}{word}{quote}{found.string[found.end() :]}"
    return "".join(lines).encode()


def sections(text: str) -> tuple[Section, ...]:
    """Return the sections of a file in order, criteria one by one below `criteria`; also of a file with errors."""
    lines = _lines(text)
    tops = [(key[1], n) for n, line in enumerate(lines, 1) if (key := _KEY.match(line))]
    found: list[Section] = []
    for (name, first), last in zip(tops, _ends(tops, len(lines)), strict=True):
        found.append(Section(name, first, last))
        if name == "criteria":
            found += _criteria(lines, first, last)
    return tuple(found)


def _criteria(lines: Sequence[str], first: int, last: int) -> list[Section]:
    starts = [
        (f"criteria.{found[1]}", n)
        for n, line in enumerate(lines[first:last], first + 1)
        if (found := _CRITERION.match(line))
    ]
    return [Section(name, n, end) for (name, n), end in zip(starts, _ends(starts, last), strict=True)]


def _lines(text: str) -> list[str]:
    """Return the lines with their ends; only the line feed ends a line, as editors and our messages count."""
    return _LINE.findall(text)


def _ends(starts: Sequence[tuple[str, int]], last: int) -> list[int]:
    return [*(n - 1 for _, n in starts[1:]), last] if starts else []


def section_text(text: str, name: str) -> str:
    """Return the lines of a section.

    Raises:
        NotFound: the file has no such section.
    """
    section = _find(text, name)
    return "".join(_lines(text)[section.first - 1 : section.last])


def with_section(text: str, name: str, new: str) -> str:
    """Return the file with the lines of a section replaced by `new`, which ends with a line end or is given one.

    Raises:
        NotFound: the file has no such section.
    """
    section = _find(text, name)
    lines = _lines(text)
    ended = new if not new or new.endswith("\n") else f"{new}\n"
    return "".join([*lines[: section.first - 1], ended, *lines[section.last :]])


def _find(text: str, name: str) -> Section:
    found = next((section for section in sections(text) if section.name == name), None)
    if found is None:
        raise NotFound(f"the file has no part {name}")
    return found


def tidy(text: str) -> bytes:
    """Return text from a form as the file it means: line ends are single, the last line has one."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return (plain if not plain or plain.endswith("\n") else f"{plain}\n").encode()
