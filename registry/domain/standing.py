"""The standing of an issuer at an instant, from the events of its published entry: what answers to readers say.

A published entry carries all its events, so a reader's question about any day needs nothing but the entry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.domain.recognition import (
    Effect,
    Interval,
    Reason,
    Status,
    StatusEvent,
    known_events,
    status_at,
    timeline,
)
from registry.domain.scope import Scope, parse_scope
from registry.domain.terms import parse_terms


@dataclass(frozen=True, slots=True)
class Standing:
    """How an issuer stood at one instant, of what was known at another.

    `status` and all that follows from it are None where nothing was known yet. `since`: when this status began, or will
    begin where it is pending.
    """

    status: Status | None
    since: datetime | None
    valid_until: datetime | None
    reason: Reason | None
    decision_id: str | None
    scope: Scope
    events: tuple[StatusEvent, ...]


def standing_at(events: Iterable[StatusEvent], at: datetime, known: datetime | int | None = None) -> Standing:
    """Return the standing at `at` of the events recorded up to `known` (None: all)."""
    counted = known_events(events, known)
    if not counted:
        return Standing(None, None, None, None, None, Scope(()), ())
    intervals = timeline(counted)
    held = next((interval for interval in intervals if interval.holds_at(at)), None)
    if held is None:
        first = counted[0]
        scope = first.scope or Scope(())
        return Standing(
            status_at(counted, at),
            first.effective_from,
            first.valid_until,
            first.reason,
            first.decision_id,
            scope,
            counted,
        )
    decision = next(event.decision_id for event in counted if event.number == held.event)
    since = _since(intervals, held)
    return Standing(held.status, since, held.valid_until, held.reason, decision, held.scope, counted)


def _since(intervals: Iterable[Interval], held: Interval) -> datetime:
    """Return when the status began, over neighbours that differ in scope, reason or end date alone."""
    start = held.start
    for earlier in sorted(intervals, key=lambda interval: interval.start, reverse=True):
        if earlier.end == start and earlier.status is held.status:
            start = earlier.start
    return start


def parse_event(wire: Mapping[str, Any]) -> StatusEvent:
    """Return the event of its published form, which this registry wrote itself."""
    return StatusEvent(
        number=wire["number"],
        recorded_at=datetime.fromisoformat(wire["recorded_at"]),
        effective_from=datetime.fromisoformat(wire["effective_from"]),
        status=Status(wire["status"]),
        reason=Reason(wire["reason"]),
        decision_id=wire["decision_id"],
        effect=Effect(wire["effect"]),
        effect_from=_instant(wire.get("effect_from")),
        scope=parse_scope(wire["scope"]) if "scope" in wire else None,
        valid_until=_instant(wire.get("valid_until")),
        supersedes=wire.get("supersedes"),
        terms=parse_terms(wire["terms"]) if "terms" in wire else None,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
