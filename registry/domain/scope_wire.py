"""Grants as JSON-ready values, and back with every problem named by its path (`grants.0.fields`).

Wire form of a scope: `{"grants": [{"fields": ["06"], "levels": [{"value": 5, "mark": "claimed"}],
"credential_types": [...], "countries": ["PL"], "modes": [], "languages": [], "programmes": [], "max_ects":
null}]}`. Empty lists and null in the dimensions after `countries`, and in `levels`, mean: not limited.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from registry.domain.countries import parse_country
from registry.domain.grants import CredentialType, Grant, Level, LevelMark, Mode
from registry.domain.isced import parse_field
from registry.domain.text import clean
from registry.errors import FieldError, InvalidInput

MOST_GRANTS = 40
MOST_PROGRAMMES = 100
MOST_ECTS = Decimal(240)
LONGEST_PROGRAMME = 200
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


def grant_to_wire(grant: Grant) -> dict[str, object]:
    """Return the JSON-ready form, all keys present, lists sorted."""
    return {
        "fields": sorted(grant.fields),
        "levels": [{"value": level.value, "mark": level.mark.value} for level in sorted(grant.levels)],
        "credential_types": sorted(grant.credential_types),
        "countries": sorted(grant.countries),
        "modes": sorted(grant.modes),
        "languages": sorted(grant.languages),
        "programmes": sorted(grant.programmes),
        "max_ects": _number(grant.max_ects),
    }


def _number(ects: Decimal | None) -> int | float | None:
    if ects is None:
        return None
    return int(ects) if ects == ects.to_integral_value() else float(ects)


def parse_grants(wire: object) -> tuple[Grant, ...]:
    """Read the grants of a scope's wire form, strictly: unknown keys are errors.

    Raises:
        InvalidInput: with the path and the problem of every field that is wrong.
    """
    if not isinstance(wire, Mapping) or set(wire) != {"grants"} or not isinstance(wire["grants"], list):
        raise _invalid(
            [FieldError("grants", "A scope is an object with one key, grants, that holds a list.")]
        )
    if len(wire["grants"]) > MOST_GRANTS:
        raise _invalid([FieldError("grants", f"A scope holds at most {MOST_GRANTS} grants; merge some.")])
    errors: list[FieldError] = []
    grants = [
        _parse_grant(item, f"grants.{position}", errors) for position, item in enumerate(wire["grants"])
    ]
    if errors:
        raise _invalid(errors)
    return tuple(grant for grant in grants if grant is not None)


def _invalid(errors: list[FieldError]) -> InvalidInput:
    return InvalidInput(f"The scope cannot be read: {errors[0].field}: {errors[0].message}", errors)


def _parse_grant(item: object, path: str, errors: list[FieldError]) -> Grant | None:
    if not isinstance(item, Mapping):
        errors.append(FieldError(path, "A grant is an object."))
        return None
    before = len(errors)
    for key in item.keys() - _KEYS:
        errors.append(FieldError(f"{path}.{key}", "A grant has no such field."))
    sets = {
        key: _parse_set(item.get(key), f"{path}.{key}", parse, key in _REQUIRED, errors)
        for key, parse in _PARSERS.items()
    }
    if len(sets["programmes"]) > MOST_PROGRAMMES:
        errors.append(FieldError(f"{path}.programmes", f"Name at most {MOST_PROGRAMMES} programmes."))
    max_ects = _parse_ects(item.get("max_ects"), f"{path}.max_ects", errors)
    return Grant(**sets, max_ects=max_ects) if len(errors) == before else None


def _parse_set(
    items: object, path: str, parse: Callable[[Any], Any], required: bool, errors: list[FieldError]
) -> frozenset[Any]:
    if items is None:
        items = []
    if not isinstance(items, (list, tuple)):
        errors.append(FieldError(path, "Write a list."))
        return frozenset()
    if required and not items:
        errors.append(FieldError(path, "Choose at least one."))
    found = set()
    for position, item in enumerate(items):
        try:
            found.add(parse(item))
        except InvalidInput as error:
            errors.append(FieldError(f"{path}.{position}", str(error)))
    return frozenset(found)


def _text(parse: Callable[[str], T]) -> Callable[[Any], T]:
    def parsed(item: Any) -> T:
        if not isinstance(item, str):
            raise InvalidInput("Write text.")
        return parse(item)

    return parsed


def _member(kind: type[E]) -> Callable[[Any], E]:
    def parsed(item: Any) -> E:
        try:
            return kind(item)
        except ValueError:
            raise InvalidInput(f"“{item}” is none of {', '.join(kind)}.") from None

    return parsed


def _parse_level(item: Any) -> Level:
    if not isinstance(item, Mapping) or not item.keys() <= {"value", "mark"}:
        raise InvalidInput("A level is an object with value, 1 to 8, and mark.")
    value = item.get("value")
    if type(value) is not int:
        raise InvalidInput("The value of a level is a whole number from 1 to 8.")
    return Level(value, _member(LevelMark)(item.get("mark", LevelMark.CLAIMED)))


def parse_language(text: str) -> str:
    """Return an ISO 639 code of two or three letters in lower case.

    Raises:
        InvalidInput: the text is no such code.
    """
    code = text.strip().lower()
    if not re.fullmatch("[a-z]{2,3}", code):
        raise InvalidInput(f"“{text}” is not a language code; write two or three letters, such as pl or en.")
    return code


def _parse_programme(text: str) -> str:
    name = clean(text)
    if not 0 < len(name) <= LONGEST_PROGRAMME:
        raise InvalidInput(f"The name of a programme has 1 to {LONGEST_PROGRAMME} characters.")
    return name


def _parse_ects(item: object, path: str, errors: list[FieldError]) -> Decimal | None:
    if item is None:
        return None
    try:
        ects = Decimal(str(item)).normalize() if not isinstance(item, bool) else Decimal(0)
    except InvalidOperation:
        ects = Decimal(0)
    if ects.is_finite() and 0 < ects <= MOST_ECTS and ects == round(ects, 2):
        return ects
    errors.append(
        FieldError(path, f"Write a number above 0, at most {MOST_ECTS}, with at most two decimals.")
    )
    return None


_PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "fields": _text(parse_field),
    "levels": _parse_level,
    "credential_types": _member(CredentialType),
    "countries": _text(parse_country),
    "modes": _member(Mode),
    "languages": _text(parse_language),
    "programmes": _text(_parse_programme),
}
_REQUIRED: Iterable[str] = frozenset({"fields", "credential_types", "countries"})
_KEYS = frozenset(_PARSERS) | {"max_ects"}
