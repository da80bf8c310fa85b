"""What happens to institutions, and what then becomes of a recognition: decided by people, never inferred."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from registry.domain.recognition import Status
from registry.domain.scope import Scope


class EventKind(StrEnum):
    """What happened to an institution."""

    RENAME = "rename"
    MERGER = "merger"
    SPLIT = "split"
    CLOSURE = "closure"
    OWNERSHIP = "ownership"


class Fate(StrEnum):
    """What becomes of a recognition."""

    CARRY_OVER = "carry_over"
    CARRY_PART = "carry_part"
    END = "end"
    RE_REVIEW = "re_review"


FATES: Mapping[EventKind, tuple[Fate, ...]] = {
    EventKind.RENAME: (Fate.CARRY_OVER, Fate.RE_REVIEW),
    EventKind.MERGER: (Fate.CARRY_OVER, Fate.CARRY_PART, Fate.END, Fate.RE_REVIEW),
    EventKind.SPLIT: (Fate.END, Fate.CARRY_PART, Fate.RE_REVIEW),
    EventKind.CLOSURE: (Fate.END,),
    EventKind.OWNERSHIP: (Fate.CARRY_OVER, Fate.RE_REVIEW),
}
"""What can be decided on each; where nothing is said of a split, the first: a recognition is not carried over."""
SAME_BODY = frozenset({EventKind.RENAME, EventKind.OWNERSHIP})
"""Kinds after which the institution is the one it was."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What an issuer holds: for what, until when, and whether under conditions."""

    scope: Scope
    valid_until: datetime | None
    status: Status


def carried(giving: Holding, part: Scope | None, held: Holding | None) -> Holding:
    """Return what the successor holds then; it never reaches further, nor lasts longer, than what the two held.

    `part` narrows what is given (None: all of it); `held` is what the successor holds already.
    """
    scope = giving.scope if part is None else giving.scope.intersect(part)
    if held is None:
        return Holding(scope, giving.valid_until, giving.status)
    if held.scope.covers(scope):
        return held
    ends = [until for until in (giving.valid_until, held.valid_until) if until is not None]
    conditional = Status.ACTIVE_WITH_CONDITIONS in {giving.status, held.status}
    status = Status.ACTIVE_WITH_CONDITIONS if conditional else Status.ACTIVE
    return Holding(held.scope.union(scope), min(ends, default=None), status)
