"""A comparison of two policy versions as plain data, for programs and for the command line."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from registry.domain.policy import AllOf, AnyOf, Measure, Not
from registry.domain.policy_diff import Change, PolicyDiff
from registry.domain.trust_list import Text


def value_to_wire(value: Any) -> Any:
    """Return a part of a policy the way the file says it: plain data, dates as text."""
    if isinstance(value, Text):
        return value.as_dict()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, AllOf | AnyOf):
        return {"all" if isinstance(value, AllOf) else "any": [value_to_wire(part) for part in value.parts]}
    if isinstance(value, Not):
        return {"not": value_to_wire(value.part)}
    if isinstance(value, tuple):
        return [value_to_wire(one) for one in value]
    if is_dataclass(value):
        found = {field.name: value_to_wire(getattr(value, field.name)) for field in fields(value)}
        return {
            k: v for k, v in found.items() if v is not None and not (isinstance(value, Measure) and v == [])
        }
    return value


def diff_to_wire(found: PolicyDiff) -> Mapping[str, Any]:
    """Return a whole comparison."""
    return {
        "policy": found.new.id,
        "old": found.old.version,
        "new": found.new.version,
        "ways": {way.value: count for way, count in found.ways.items()},
        "groups": list(found.groups),
        "changes": [_change(change) for change in found.changes],
    }


def _change(change: Change) -> Mapping[str, Any]:
    return {
        "part": change.part.value,
        "kind": change.kind.value,
        "way": change.way.value,
        "path": list(change.path),
        "item": change.item,
        "groups": list(change.groups),
        "old": value_to_wire(change.old),
        "new": value_to_wire(change.new),
    }
