"""The timeline of an issuer as formats say it: in wire form, or as the stretches for which it was recognized."""

from datetime import datetime
from typing import NamedTuple

from registry.domain.recognition import Interval
from registry.domain.scope import Scope, scope_to_wire
from registry.domain.trust_list import Entry, wire_instant


def intervals_to_wire(entry: Entry, at: datetime) -> list[dict[str, object]]:
    """Return the stretches of valid time, oldest first; `end` None for open.

    `scope` stands only where it differs from that of the entry at `at`, which keeps a statement small.
    """
    current = entry.interval(at)
    present = current.scope if current else entry.events[0].scope
    wire = []
    for interval in entry.intervals():
        stretch: dict[str, object] = {
            "start": wire_instant(interval.start),
            "end": wire_instant(interval.end) if interval.end else None,
            "status": interval.status.value,
            "reason": interval.reason.value,
            "event": interval.event,
        }
        if interval.valid_until:
            stretch["valid_until"] = wire_instant(interval.valid_until)
        if interval.scope != (present or Scope(())):
            stretch["scope"] = scope_to_wire(interval.scope)
        wire.append(stretch)
    return wire


class Recognized(NamedTuple):
    """A stretch of uninterrupted recognition: `start` included, `end` excluded, None for open; one interval or more."""

    start: datetime
    end: datetime | None
    intervals: tuple[Interval, ...]

    def holds_at(self, at: datetime) -> bool:
        """Whether `at` lies in this stretch."""
        return self.start <= at and (self.end is None or at < self.end)


def recognized_stretches(entry: Entry) -> tuple[Recognized, ...]:
    """Return when an issuer was, is or will be recognized as known now, oldest first.

    Changes of scope or conditions, and renewals, do not interrupt; a suspension does.
    """
    stretches: list[Recognized] = []
    for interval in entry.intervals():
        if not interval.status.is_recognized:
            continue
        if stretches and stretches[-1].end == interval.start:
            last = stretches.pop()
            stretches.append(Recognized(last.start, interval.end, (*last.intervals, interval)))
        else:
            stretches.append(Recognized(interval.start, interval.end, (interval,)))
    return tuple(stretches)
