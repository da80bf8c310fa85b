"""The clock: deadlines count working days, stop and go on, and what they bring comes by itself."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from registry.domain.calendars import WorkCalendar, calendar_for
from registry.domain.clocks import Side
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason, Status, status_at
from registry.domain.workflow import Action, State
from registry.errors import InvalidInput, TransitionRefused
from registry.models.application import Application
from registry.models.issuer import Issuer
from registry.models.publication import OutboxMessage
from registry.services import applications, finality, ticking
from registry.services.case_file import policy_for
from registry.services.deadlines import calendar_of
from registry.services.trust_lists import status_events

from support.clock import START
from support.world import World

WARSAW = calendar_for("PL", "Europe/Warsaw")


def on(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (
            "2026-12-22T10:00:00+01:00",
            3,
            "2026-12-29T23:59:59+01:00",
        ),  # Christmas Eve is a holiday since 2025
        ("2026-11-10T23:30:00+01:00", 1, "2026-11-12T23:59:59+01:00"),  # Independence Day
        ("2026-11-20T22:59:59+00:00", 1, "2026-11-23T23:59:59+01:00"),  # a Friday
        ("2026-03-27T12:00:00+01:00", 2, "2026-03-31T23:59:59+02:00"),  # the clocks change on the Sunday
    ],
)
def test_days_are_the_working_days_of_the_place_and_end_with_the_local_day(
    start: str, days: int, end: str
) -> None:
    assert WARSAW.plus(on(start), days) == on(end)


def test_a_body_adds_days_on_which_it_is_closed() -> None:
    closed = calendar_for("PL", "Europe/Warsaw", ["2026-11-23"])
    assert closed.plus(on("2026-11-20T12:00:00+01:00"), 1) == on("2026-11-24T23:59:59+01:00")


def test_a_place_without_known_holidays_counts_weekends() -> None:
    assert WorkCalendar("XX").is_working(on("2026-12-25T12:00:00+00:00").date())


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.integers(1, 60),
    st.integers(1, 60),
)
def test_days_taken_one_after_the_other_are_the_days_taken_at_once(
    start: datetime, first: int, second: int
) -> None:
    moment = start.replace(tzinfo=START.tzinfo, microsecond=0)
    there = WARSAW.plus(moment, first)
    assert WARSAW.plus(there, second) == WARSAW.plus(moment, first + second)
    assert WARSAW.days_between(moment, WARSAW.plus(moment, first)) == first


def under_review(world: World) -> Application:
    return world.in_review()


def test_each_state_has_its_days_and_its_side(world: World) -> None:
    application = under_review(world)
    policy, calendar = policy_for(application), calendar_of(world.body)
    days = policy.sla.days("desk_review_and_first_ratings")
    assert days is not None
    assert (application.clock_side, application.due_at) == (
        Side.BODY,
        calendar.plus(application.entered_at, days),
    )


def test_a_hold_stops_the_clock_and_asks_for_reasons(world: World) -> None:
    application, officer = under_review(world), world.people["officer"]
    due = application.due_at
    assert due is not None
    with pytest.raises(InvalidInput), world.session.begin_nested():
        applications.act(world.session, application.id, Action.PUT_ON_HOLD, actor=officer, at=world.clock())
    applications.act(
        world.session,
        application.id,
        Action.PUT_ON_HOLD,
        note="The register is closed for a month.",
        actor=officer,
        at=world.clock(),
    )
    assert (application.state, application.clock_side, application.due_at) == (State.ON_HOLD, None, None)
    world.clock.skip(days=28)
    world.walk.act(application, Action.TAKE_UP, officer)
    assert application.state is State.REVIEW
    assert application.due_at is not None
    assert timedelta(days=26) < application.due_at - due < timedelta(days=32)


def test_an_appeal_window_closes_by_itself_and_not_a_moment_early(world: World) -> None:
    application, _story = world.granted()
    due = application.due_at
    assert due is not None
    assert due - application.entered_at > timedelta(days=policy_for(application).appeals.window_days)
    with pytest.raises(TransitionRefused, match="not over"), world.session.begin_nested():
        finality.close(world.session, application.id, actor=world.people["officer"], at=due)
    assert ticking.tick(world.session, due).moved == 0
    assert ticking.tick(world.session, due + timedelta(seconds=1)).moved == 1
    assert application.state is State.CLOSED


def test_a_withdrawal_takes_effect_when_it_is_final(world: World) -> None:
    application, story = world.granted()
    issuer = world.session.get_one(Issuer, application.issuer_id)
    walk = world.walk
    case = walk.accuse(issuer.id, story.applicant, Outcome.WITHDRAW, Reason.SERIOUS_BREACH)
    walk.release(walk.decide(case))
    assert status_at(status_events(issuer), world.clock()) is Status.ACTIVE
    over = case.due_at
    assert over is not None
    ticking.tick(world.session, over + timedelta(seconds=1))
    world.session.refresh(issuer)
    assert status_at(status_events(issuer), over) is Status.ACTIVE
    assert status_at(status_events(issuer), over + timedelta(seconds=1)) is Status.WITHDRAWN


def letters(world: World, kind: str) -> list[OutboxMessage]:
    rows = world.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "mail"))
    return [row for row in rows if row.payload["kind"] == kind]


def test_a_deadline_is_told_once_before_and_once_after(world: World) -> None:
    application = under_review(world)
    due = application.due_at
    assert due is not None
    for at, soon, late in (
        (due - timedelta(days=9), 0, 0),
        (due - timedelta(days=1), 1, 0),
        (due - timedelta(hours=1), 1, 0),
        (due + timedelta(hours=1), 1, 1),
        (due + timedelta(days=9), 1, 1),
    ):
        ticking.tick(world.session, at)
        assert (len(letters(world, "deadline_soon")), len(letters(world, "deadline_overdue"))) == (soon, late)
