"""Strict YAML: a small, predictable part of the language, with the place of every value.

Refused: repeated keys, anchors and aliases, tags, several documents, deep nesting, keys that are not strings, NaN and
infinity. Plain words are read as in YAML 1.2, so `no`, `on` and `NO` are words and only `true` and `false` are truth values.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

KeyPath = tuple[str | int, ...]
Value = dict[str, "Value"] | list["Value"] | str | int | float | bool | None

MAX_DEPTH = 32
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a file: `path` is the key path, line and column count from 1, 0 when there is none."""

    path: KeyPath
    line: int
    column: int
    message: str

    @property
    def key(self) -> str:
        """The key path with dots: `criteria.3.evidence.0.check`."""
        return ".".join(map(str, self.path))

    def located(self) -> str:
        """Return `line 12, column 5: message`."""
        return f"line {self.line}, column {self.column}: {self.message}" if self.line else self.message

    def text(self) -> str:
        """Return `line 12, column 5, at criteria.3.scale: message`."""
        place = f"line {self.line}, column {self.column}" + (f", at {self.key}" if self.path else "")
        return f"{place}: {self.message}" if self.line else self.message


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: plain data, and where each value and each key stands (line and column from 1)."""

    data: Value
    places: dict[KeyPath, tuple[int, int]]
    key_places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Return a problem at the key path, or at the closest part of it that exists."""
        places = self.places | self.key_places
        known = next((path[:n] for n in range(len(path), -1, -1) if path[:n] in places), ())
        line, column = places.get(known, (1, 1))
        return Problem(path, line, column, message)


class _RefusedError(Exception):
    def __init__(self, place: tuple[int, int], message: str) -> None:
        super().__init__(message)
        self.place = place


def parse_strict(source: bytes) -> tuple[Document | None, tuple[Problem, ...]]:
    """Return the document and the problems of reading it; no document when it is not readable at all."""
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        return None, (Problem((), line, 1, "the file is not UTF-8 text"),)
    reader = _Reader(text)
    try:
        data = reader.read()
    except _RefusedError as error:
        return None, (Problem(tuple(reader.path), *error.place, str(error)),)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        return None, (Problem(tuple(reader.path), *place, f"not YAML: {error.problem}"),)
    except yaml.YAMLError as error:
        return None, (Problem((), 1, 1, f"not YAML: {' '.join(str(error).split())}"),)
    return Document(data, reader.places, reader.key_places), tuple(reader.problems)


class _Reader:
    def __init__(self, text: str) -> None:
        self.events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=_PARSER))
        self.path: list[str | int] = []
        self.places: dict[KeyPath, tuple[int, int]] = {}
        self.key_places: dict[KeyPath, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def read(self) -> Value:
        next(self.events)  # start of stream
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise _RefusedError((0, 0), "the file is empty")
        data = self._value(next(self.events))
        next(self.events)  # end of document
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise _RefusedError(_place(event), "a file holds one policy only; remove the second document")
        return data

    def _value(self, event: yaml.Event) -> Value:
        place = self.places[tuple(self.path)] = _place(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _RefusedError(place, "anchors (&) and aliases (*) are not allowed; write the value out")
        if getattr(event, "tag", None):
            raise _RefusedError(place, "tags (!) are not allowed")
        if len(self.path) > MAX_DEPTH:
            raise _RefusedError(place, f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping()
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence()
        return _scalar(event)

    def _mapping(self) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                raise _RefusedError(_place(event), "a key must be a plain word")
            key = event.value
            self.path.append(key)
            place = _place(event)
            if key in found:
                first = self.key_places[tuple(self.path)][0]
                self.problems.append(
                    Problem(
                        tuple(self.path),
                        *place,
                        f"the key `{key}` is repeated; it stands on line {first} already",
                    )
                )
            self.key_places.setdefault(tuple(self.path), place)
            value = self._value(next(self.events))
            found.setdefault(key, value)
            self.path.pop()
        return found

    def _sequence(self) -> list[Value]:
        found: list[Value] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            self.path.append(len(found))
            found.append(self._value(event))
            self.path.pop()
        return found


def _place(event: yaml.Event) -> tuple[int, int]:
    """Return line and column from 1."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _scalar(event: yaml.Event) -> Value:
    """Return a plain word as what it means, a quoted or folded one as text."""
    word = str(getattr(event, "value", ""))
    if getattr(event, "style", None):
        return word
    if word in _WORDS:
        return _WORDS[word]
    if _INT.fullmatch(word) and len(word) <= 18:
        return int(word)
    if _FLOAT.fullmatch(word):
        number = float(word)
        if not math.isfinite(number):
            raise _RefusedError(_place(event), f"{word} is not a number that can be kept")
        return number
    return word
