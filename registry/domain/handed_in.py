"""Two manifests of one case side by side: what the later one adds, changes and leaves out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Difference(StrEnum):
    """How a part of a manifest stands against the manifest before."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a case in two manifests; `before` or `after` is None where it is not there."""

    part: str
    id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def difference(self) -> Difference:
        """How the later manifest differs here."""
        if self.before is None:
            return Difference.ADDED
        if self.after is None:
            return Difference.REMOVED
        return Difference.SAME if self.before == self.after else Difference.CHANGED


def compare_manifests(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Row]:
    """Return every part of two manifests: the scope, then identities, external decisions and evidence by their ids."""
    rows = [Row("scope", "", before["scope"], after["scope"])]
    for part, key in (("identities", _identity), ("decisions", _number), ("evidence", _id)):
        old, new = ({key(one): one for one in manifest.get(part, ())} for manifest in (before, after))
        rows += [Row(part, found, old.get(found), new.get(found)) for found in _in_order(old, new)]
    return rows


def _in_order(old: Iterable[str], new: Iterable[str]) -> list[str]:
    return sorted({*old, *new})


def _identity(one: Mapping[str, Any]) -> str:
    return f"{one['kind']} {one['value']}"


def _number(one: Mapping[str, Any]) -> str:
    return f"{one['number']:03d}"


def _id(one: Mapping[str, Any]) -> str:
    return str(one["id"])
