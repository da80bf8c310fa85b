"""Recognition on two time axes: what held, what we knew, and that neither ever changes behind our back."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.recognition import (
    Effect,
    Reason,
    Status,
    StatusEvent,
    interval_at,
    known_events,
    next_change,
    status_at,
    timeline,
)
from registry.domain.scope import CredentialType, Grant, Scope

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
SCOPE = Scope(
    (
        Grant(
            fields=frozenset({"06"}),
            credential_types=frozenset({CredentialType.MICRO_CREDENTIAL}),
            countries=frozenset({"PL"}),
        ),
    )
)


def event(
    number: int,
    status: Status = Status.ACTIVE,
    *,
    effective: int = 0,
    recorded: int | None = None,
    until: int | None = None,
    supersedes: int | None = None,
    scope: Scope | None = None,
) -> StatusEvent:
    """Return an event; days count from START."""
    return StatusEvent(
        number=number,
        recorded_at=START + DAY * (effective if recorded is None else recorded),
        effective_from=START + DAY * effective,
        status=status,
        reason=Reason.GRANTED,
        decision_id="d",
        valid_until=None if until is None else START + DAY * until,
        supersedes=supersedes,
        scope=scope if scope is not None else (SCOPE if number == 1 else None),
    )


def at(day: float) -> datetime:
    return START + DAY * day


GRANT = event(1, until=100)


def test_a_grant_is_active_until_its_end_and_expired_from_there() -> None:
    assert status_at([GRANT], at(0)) is Status.ACTIVE
    assert status_at([GRANT], at(99)) is Status.ACTIVE
    assert status_at([GRANT], at(100)) is Status.EXPIRED


def test_a_grant_that_lies_ahead_is_pending() -> None:
    assert status_at([event(1, effective=10, recorded=0)], at(5)) is Status.PENDING_EFFECTIVE


def test_nothing_known_is_no_status_at_all() -> None:
    assert status_at([], at(0)) is None
    assert status_at([GRANT], at(5), known=at(-1)) is None


def test_a_suspension_ends_when_it_is_lifted() -> None:
    events = [GRANT, event(2, Status.SUSPENDED, effective=10), event(3, Status.ACTIVE, effective=20)]
    assert [status_at(events, at(day)) for day in (9, 10, 19, 20)] == [
        Status.ACTIVE,
        Status.SUSPENDED,
        Status.SUSPENDED,
        Status.ACTIVE,
    ]


def test_a_suspended_recognition_still_runs_out() -> None:
    assert status_at([GRANT, event(2, Status.SUSPENDED, effective=90)], at(100)) is Status.EXPIRED


def test_a_withdrawn_recognition_does_not_expire_too() -> None:
    assert status_at([GRANT, event(2, Status.WITHDRAWN, effective=50)], at(200)) is Status.WITHDRAWN


def test_void_reaches_back_to_the_first_day() -> None:
    events = [GRANT, event(2, Status.VOID, effective=50)]
    assert status_at(events, at(0)) is Status.VOID
    assert status_at(events, at(0), known=at(49)) is Status.ACTIVE


def test_a_correction_never_changes_what_was_known_before_it() -> None:
    wrong = event(2, Status.WITHDRAWN, effective=30)
    right = event(3, Status.WITHDRAWN, effective=40, recorded=60, supersedes=2)
    events = [GRANT, wrong, right]
    assert status_at(events, at(35), known=at(59)) is Status.WITHDRAWN
    assert status_at(events, at(35), known=2) is Status.WITHDRAWN
    assert status_at(events, at(35)) is Status.ACTIVE


def test_a_scope_holds_until_another_takes_its_place() -> None:
    narrower = Scope(
        (
            Grant(
                fields=frozenset({"061"}),
                credential_types=frozenset({CredentialType.MICRO_CREDENTIAL}),
                countries=frozenset({"PL"}),
            ),
        )
    )
    events = [GRANT, event(2, effective=10, scope=narrower)]
    before, after = interval_at(events, at(9)), interval_at(events, at(10))
    assert before is not None
    assert after is not None
    assert (before.scope, after.scope) == (SCOPE, narrower)


def test_the_calendar_names_its_next_change() -> None:
    assert next_change([GRANT], at(1)) == at(100)
    assert next_change([GRANT], at(100)) is None


@pytest.mark.parametrize("status", [Status.PENDING_EFFECTIVE, Status.EXPIRED])
def test_what_follows_from_the_calendar_is_never_recorded(status: Status) -> None:
    with pytest.raises(ValueError, match="follows from the calendar"):
        event(1, status)


def test_an_effect_from_an_instant_names_the_instant() -> None:
    with pytest.raises(ValueError, match="effect_from"):
        StatusEvent(1, START, START, Status.WITHDRAWN, Reason.GRANTED, "d", effect=Effect.NOT_FROM_INSTANT)


RECORDABLE = [s for s in Status if s not in {Status.PENDING_EFFECTIVE, Status.EXPIRED}]


@st.composite
def histories(draw: st.DrawFn) -> list[StatusEvent]:
    """Return events as the registry records them: numbered in order, recorded times never falling."""
    size = draw(st.integers(1, 7))
    days = sorted(draw(st.lists(st.integers(0, 60), min_size=size, max_size=size)))
    made: list[StatusEvent] = []
    for number, day in enumerate(days, start=1):
        older = st.sampled_from([e.number for e in made]) if made else st.none()
        made.append(
            event(
                number,
                draw(st.sampled_from(RECORDABLE)) if number > 1 else Status.ACTIVE,
                effective=draw(st.integers(0, 60)),
                recorded=day,
                until=draw(st.none() | st.integers(0, 90)),
                supersedes=draw(st.none() | older) if made else None,
            )
        )
    return made


@given(histories())
def test_stretches_follow_each_other_without_gap_or_overlap(events: list[StatusEvent]) -> None:
    stretches = timeline(events)
    assert all(a.end == b.start for a, b in pairwise(stretches))
    assert all(s.end is None or s.start < s.end for s in stretches)
    assert not stretches or stretches[-1].end is None


@given(histories(), st.integers(0, 60), st.integers(-10, 100))
def test_what_was_known_never_changes_when_more_becomes_known(
    events: list[StatusEvent], known: int, day: int
) -> None:
    then = [e for e in events if e.recorded_at <= at(known)]
    assert status_at(events, at(day), known=at(known)) is status_at(then, at(day))
    assert timeline(events, known=at(known)) == timeline(then)


@given(histories(), st.integers(0, 7), st.integers(-10, 100))
def test_knowing_by_number_and_knowing_by_instant_agree(
    events: list[StatusEvent], number: int, day: int
) -> None:
    then = events[:number]
    assert status_at(events, at(day), known=number) is status_at(then, at(day))


@given(histories(), st.randoms())
def test_the_order_in_which_events_are_read_does_not_matter(
    events: list[StatusEvent], random: object
) -> None:
    mixed = list(events)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert timeline(mixed) == timeline(events)


@given(histories(), st.integers(-10, 100))
def test_every_instant_from_the_first_known_event_on_has_exactly_one_stretch(
    events: list[StatusEvent], day: int
) -> None:
    counted = known_events(events)
    holding = [s for s in timeline(events) if s.holds_at(at(day))]
    started = bool(counted) and counted[0].effective_from <= at(day)
    assert len(holding) == (1 if started else 0)


@given(histories(), st.integers(-10, 100))
def test_the_next_change_is_the_first_instant_at_which_something_differs(
    events: list[StatusEvent], day: int
) -> None:
    upcoming = next_change(events, at(day))
    until = upcoming or at(400)
    now = interval_at(events, at(day))
    assert interval_at(events, until - timedelta(seconds=1)) == now
    assert upcoming is None or interval_at(events, upcoming) != now
