"""Recognition: what was decided, on two time axes, and what follows from it at an instant.

Standing is always derived from events, never stored. `effective_from` is valid time (when it held), `recorded_at` and
`number` are recorded time (when we knew). Of the events recorded up to K (`known`), which held at D (`at`)? A correction is
a new event that supersedes an older one; what an earlier `known` sees never changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from registry.domain.latest import latest
from registry.domain.scope import Scope
from registry.domain.terms import Terms


class Status(StrEnum):
    """The standing of a recognition at an instant."""

    PENDING_EFFECTIVE = "pending_effective"
    ACTIVE = "active"
    ACTIVE_WITH_CONDITIONS = "active_with_conditions"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RELINQUISHED = "relinquished"
    SUPERSEDED = "superseded"
    VOID = "void"

    @property
    def is_recognized(self) -> bool:
        """Whether credentials issued while this status holds are covered."""
        return self in _RECOGNIZED


_RECOGNIZED = frozenset({Status.ACTIVE, Status.ACTIVE_WITH_CONDITIONS})
DERIVED_STATUSES = frozenset({Status.PENDING_EFFECTIVE, Status.EXPIRED})
"""Statuses that follow from the calendar; no event carries them."""


class Effect(StrEnum):
    """What an event does to credentials that were issued before it took effect."""

    STAY_COVERED = "stay_covered"
    NOT_FROM_INSTANT = "not_from_instant"
    NEVER_COVERED = "never_covered"


class Reason(StrEnum):
    """Why a standing changed; a closed list, because free text could name people or cases."""

    GRANTED = "granted"
    CONDITION_MET = "condition_met"
    CONDITION_MISSED = "condition_missed"
    KEY_COMPROMISE_UNRESOLVED = "key_compromise_unresolved"
    ANNUAL_REPORT_OVERDUE = "annual_report_overdue"
    MONITORING_REFUSED = "monitoring_refused"
    LEGAL_STATUS_LOST = "legal_status_lost"
    MISLEADING_USE = "misleading_use_of_recognition"
    ISSUER_REQUEST = "issuer_request"
    FRAUD_SUSPECTED = "fraud_suspected"
    SUSPENSION_NOT_RESOLVED = "suspension_not_resolved"
    SERIOUS_BREACH = "serious_breach"
    CRITERIA_NOT_MET = "criteria_not_met"
    REPEATED_WARNING = "repeated_warning"
    ISSUER_CLOSED = "issuer_closed"
    FALSE_EVIDENCE = "recognition_obtained_by_false_evidence"
    SUSPENSION_LIFTED = "suspension_lifted"
    MERGED = "merged"
    SPLIT = "split"
    RENEWED = "renewed"
    RENEWAL_PENDING = "renewal_pending"
    SCOPE_CHANGED = "scope_changed"
    END_OF_TERM = "end_of_term"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """One recorded change of a recognition. Instants are UTC, whole seconds.

    `number` orders all events of the registry by recording. `scope` and `valid_until` are the whole new value; None leaves
    what held before. `effect_from` goes with `Effect.NOT_FROM_INSTANT` alone. `supersedes` is the number of the event that
    this one corrects. `terms` say what else follows for learners.
    """

    number: int
    recorded_at: datetime
    effective_from: datetime
    status: Status
    reason: Reason
    decision_id: str
    effect: Effect = Effect.STAY_COVERED
    effect_from: datetime | None = None
    scope: Scope | None = None
    valid_until: datetime | None = None
    supersedes: int | None = None
    terms: Terms | None = None

    def __post_init__(self) -> None:
        if self.status in DERIVED_STATUSES:
            raise ValueError(f"{self.status} follows from the calendar and is never recorded")
        if (self.effect is Effect.NOT_FROM_INSTANT) != (self.effect_from is not None):
            raise ValueError("effect_from goes with not_from_instant, and only with it")


class Interval(NamedTuple):
    """A stretch of valid time with one standing: `start` included, `end` excluded, None for open."""

    start: datetime
    end: datetime | None
    status: Status
    reason: Reason
    scope: Scope
    valid_until: datetime | None
    event: int

    def holds_at(self, at: datetime) -> bool:
        """Whether `at` lies in this stretch."""
        return self.start <= at and (self.end is None or at < self.end)


def known_events(
    events: Iterable[StatusEvent], known: datetime | int | None = None
) -> tuple[StatusEvent, ...]:
    """Return the events that count, as known at an instant or at an event number (None: all), in valid-time order.

    Superseded events are left out once their correction is known. Events that take effect at one instant count in the
    order of recording.
    """
    seen = [event for event in events if _is_known(event, known)]
    corrected = {event.supersedes for event in seen}
    return tuple(
        sorted((e for e in seen if e.number not in corrected), key=lambda e: (e.effective_from, e.number))
    )


def _is_known(event: StatusEvent, known: datetime | int | None) -> bool:
    if known is None:
        return True
    return event.number <= known if isinstance(known, int) else event.recorded_at <= known


def timeline(events: Iterable[StatusEvent], known: datetime | int | None = None) -> tuple[Interval, ...]:
    """Return the stretches of valid time, gapless from the first grant on, oldest first.

    The calendar adds `expired` where a recognized stretch outlives `valid_until`. A void reaches back to the first grant.
    Two neighbours may have equal standing when the scope, the reason or the end date changed.
    """
    return _timeline(tuple(events), known)


@latest
def _timeline(events: tuple[StatusEvent, ...], known: datetime | int | None) -> tuple[Interval, ...]:
    """Return the stretches; kept, because every format and every column of a table asks for those of one issuer."""
    counted = known_events(events, known)
    if not counted:
        return ()
    void = next((event for event in counted if event.status is Status.VOID), None)
    if void is not None:
        return (_void_interval(counted, void),)
    intervals: list[Interval] = []
    scope, until = Scope(()), None
    for position, event in enumerate(counted):
        scope = event.scope if event.scope is not None else scope
        until = event.valid_until if event.valid_until is not None else until
        end = counted[position + 1].effective_from if position + 1 < len(counted) else None
        if end is None or end > event.effective_from:
            whole = Interval(
                event.effective_from, end, event.status, event.reason, scope, until, event.number
            )
            intervals.extend(_cut_at_expiry(whole))
    return tuple(intervals)


def _void_interval(counted: Sequence[StatusEvent], void: StatusEvent) -> Interval:
    scope = next((event.scope for event in reversed(counted) if event.scope is not None), Scope(()))
    return Interval(counted[0].effective_from, None, Status.VOID, void.reason, scope, None, void.number)


def _cut_at_expiry(whole: Interval) -> tuple[Interval, ...]:
    until = whole.valid_until
    runs_out = until is not None and (whole.end is None or until < whole.end)
    if not runs_out or until is None or not (whole.status.is_recognized or whole.status is Status.SUSPENDED):
        return (whole,)
    expired = Interval(
        max(until, whole.start),
        whole.end,
        Status.EXPIRED,
        Reason.END_OF_TERM,
        whole.scope,
        until,
        whole.event,
    )
    if until <= whole.start:
        return (expired,)
    running = Interval(whole.start, until, whole.status, whole.reason, whole.scope, until, whole.event)
    return (running, expired)


def interval_at(
    events: Iterable[StatusEvent], at: datetime, known: datetime | int | None = None
) -> Interval | None:
    """Return the stretch that holds at `at`, or None before the first grant (and where nothing is known)."""
    return next((interval for interval in timeline(events, known) if interval.holds_at(at)), None)


def status_at(
    events: Iterable[StatusEvent], at: datetime, known: datetime | int | None = None
) -> Status | None:
    """Return the standing at `at`; `pending_effective` before a known grant takes effect; None if nothing is known."""
    counted = known_events(events, known)
    if not counted:
        return None
    interval = interval_at(counted, at)
    return interval.status if interval else Status.PENDING_EFFECTIVE


def next_change(events: Iterable[StatusEvent], after: datetime) -> datetime | None:
    """Return the next instant at which the calendar alone changes the standing, or None."""
    instants = (interval.start for interval in timeline(events))
    return min((instant for instant in instants if instant > after), default=None)
