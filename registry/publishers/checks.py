"""Strict structural checks of our own payloads: every member named, none missing, none unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.errors import InvalidInput

Shape = Mapping[str, Any]
"""Member to what it must be: a type, a tuple of types, a fixed text, the shape of an object, or `Maybe` one of these."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """What a member must be where it is there."""

    kind: Any


def check_shape(value: Any, shape: Shape, where: str) -> None:
    """Check an object against a shape.

    Raises:
        InvalidInput: naming the member that is missing, unknown or of the wrong kind.
    """
    if not isinstance(value, dict):
        raise InvalidInput(f"{where} is not an object")
    wanted = {member for member, expected in shape.items() if not isinstance(expected, Maybe)}
    missing, unknown = wanted - value.keys(), value.keys() - shape.keys()
    if missing:
        raise InvalidInput(f"{where} lacks {', '.join(sorted(missing))}")
    if unknown:
        raise InvalidInput(f"{where} has the unknown member {sorted(unknown)[0]!r}")
    for member in shape.keys() & value.keys():
        expected = shape[member]
        kind = expected.kind if isinstance(expected, Maybe) else expected
        _check_member(value[member], kind, f"{where}.{member}")


def _check_member(value: Any, expected: Any, where: str) -> None:
    if isinstance(expected, Mapping):
        check_shape(value, expected, where)
    elif isinstance(expected, str):
        if value != expected:
            raise InvalidInput(f"{where} is not {expected!r}")
    elif not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        raise InvalidInput(f"{where} is of the wrong kind")


ENTRY_SHAPE: Shape = {
    "id": str,
    "slug": str,
    "legal_name": str,
    "names": dict,
    "identifiers": list,
    "address": dict,
    "website": (str, type(None)),
    "status": str,
    "status_since": str,
    "status_reason": str,
    "valid_until": (str, type(None)),
    "scope": {"grants": list},
    "conditions": list,
    "identities": list,
    "events": list,
    "policy": {"id": str, "version": str, "sha256": str},
    "decision": {"id": str, "decided_at": str},
    "notes": Maybe(list),
}
