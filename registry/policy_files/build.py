"""From the data of a checked policy file to the frozen `Policy`.

Keys and attributes have the same names, so one small function fills every class by its annotations. Only four things are
written by hand: texts, conditions, dates, and the maps of tests.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from registry.domain.policy import AllOf, AnyOf, Condition, Measure, Not, Policy, Rule, Vector
from registry.domain.trust_list import Text
from registry.policy_files.reading import Value


def build_policy(data: Value) -> Policy:
    """Return the policy of a file that has passed the schema and the reference checks."""
    if not isinstance(data, dict):
        raise TypeError("a policy file is a group of keys")
    renamed = {
        ("identity" if key == "policy" else key): value
        for key, value in data.items()
        if key != "schema_version"
    }
    policy: Policy = _build(Policy, renamed)
    return policy


def _build(cls: Any, data: Any) -> Any:
    hints = _hints(cls)
    unknown = set(data) - set(hints)
    if unknown:
        raise TypeError(f"{cls.__name__} has no {sorted(unknown)}")
    return cls(**{name: _value(hints[name], value) for name, value in data.items()})


@cache
def _hints(cls: Any) -> Mapping[str, Any]:
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in fields(cls)}


def _value(hint: Any, value: Any) -> Any:
    if hint in _SPECIAL:
        return _SPECIAL[hint](value)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return tuple(_value(arguments[0], item) for item in value)
    if origin in (Union, types.UnionType):
        choices = [choice for choice in arguments if choice is not types.NoneType]
        return value if value is None or len(choices) > 1 else _value(choices[0], value)
    if is_dataclass(hint):
        return _build(hint, value)
    return hint(value) if isinstance(hint, type) and issubclass(hint, Enum) else value


def _text(value: Mapping[str, str]) -> Text:
    return Text.of(**value)


def _condition(value: Mapping[str, Any]) -> Condition:
    if "all" in value:
        return AllOf(tuple(map(_condition, value["all"])))
    if "any" in value:
        return AnyOf(tuple(map(_condition, value["any"])))
    if "not" in value:
        return Not(_condition(value["not"]))
    measure: Measure = _build(Measure, value)
    return measure


def _rule(value: Mapping[str, Any]) -> Rule:
    plain = {key: _value(_hints(Rule)[key], item) for key, item in value.items() if key != "when"}
    return Rule(when=_condition(value["when"]), **plain)


def _vector(value: Mapping[str, Any]) -> Vector:
    maps: dict[str, Any] = {key: tuple(value.get(key, {}).items()) for key in ("default_rating", "ratings")}
    rest = {key: _value(_hints(Vector)[key], item) for key, item in value.items() if key not in maps}
    return Vector(**maps, **rest)


_SPECIAL: Mapping[Any, Callable[[Any], Any]] = {
    Text: _text,
    Rule: _rule,
    Vector: _vector,
    date: date.fromisoformat,
}
