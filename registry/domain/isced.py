"""ISCED-F 2013: fields of education as a tree of codes, broad (2 digits), narrow (3), detailed (4).

A code's parents are its prefixes. The classification is closed: a broad field is exactly its narrow fields, a
narrow field exactly its detailed ones. Labels and their origin: `data/isced_f_2013.csv`, `data/ORIGIN.md`.
"""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from registry.errors import InvalidInput

URI_BASE = "http://data.europa.eu/snb/isced-f/"


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    path = Path(__file__).with_name("data") / "isced_f_2013.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: {"en": row["en"], "pl": row["pl"]} for row in csv.DictReader(file)}


@cache
def codes(digits: int | None = None) -> tuple[str, ...]:
    """Return all codes in order, or those of 2, 3 or 4 digits."""
    return tuple(sorted(code for code in _labels() if digits is None or len(code) == digits))


def label(code: str, language: str) -> str:
    """Return the name of a field in `en` or `pl`; any other language gets English.

    Raises:
        InvalidInput: no such code.
    """
    names = _labels()[parse_field(code)]
    return names.get(language, names["en"])


def uri(code: str) -> str:
    """Return the address of a code in the EU vocabulary."""
    return URI_BASE + parse_field(code)


def parse_field(text: str) -> str:
    """Return the code, trimmed.

    Raises:
        InvalidInput: no field of ISCED-F 2013 has this code.
    """
    code = text.strip()
    if code not in _labels():
        raise InvalidInput(
            f"“{text}” is not a code of ISCED-F 2013; write 2, 3 or 4 digits, such as 06, 061 or 0613."
        )
    return code


def parents(code: str) -> tuple[str, ...]:
    """Return the codes that contain `code`, broadest first, without itself: `0613` gives `06`, `061`."""
    return tuple(code[:length] for length in range(2, len(code)))


@cache
def children(code: str) -> tuple[str, ...]:
    """Return the codes one digit longer within `code`."""
    return tuple(c for c in codes(len(code) + 1) if c.startswith(code)) if len(code) < 4 else ()


@cache
def leaves(code: str) -> frozenset[str]:
    """Return the detailed fields (4 digits) that `code` stands for; a detailed field stands for itself."""
    return frozenset(c for c in codes(4) if c.startswith(code))


def contains(broad: str, narrow: str) -> bool:
    """Tell whether all of `narrow` is in `broad`; an only child is the same field as its parent."""
    return leaves(narrow) <= leaves(broad)


def shortest(fields: Iterable[str]) -> frozenset[str]:
    """Return the fewest codes for the same detailed fields: `061` and `068` together are `06`."""
    found = frozenset[str]().union(*(leaves(code) for code in fields))
    kept: set[str] = set()
    for code in codes(2) + codes(3) + codes(4):
        if leaves(code) <= found and not any(parent in kept for parent in parents(code)):
            kept.add(code)
    return frozenset(kept)
