"""The timeline of an issuer in wire form, so that a verifier need not derive it from the events."""

from datetime import datetime

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
