"""Work as people see it: what waits beside cases, calendars, figures of a body, cases given in one act, saved text."""

import uuid
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import event

from registry.domain.roles import CaseRole
from registry.domain.workflow import Action, State
from registry.errors import InvalidInput, NotFound
from registry.models.application import Application
from registry.models.review import Assignment
from registry.services import access, bulk_parts, calendar_feeds, dashboards, meetings, sessions, waiting
from registry.services.calendar_feeds import EntryKind
from registry.services.meetings import NewMeeting

from support.world import World


def submitted(world: World) -> Application:
    return world.submitted()


def queries(world: World, act: object) -> int:
    """Return how many statements a call takes on a session that knows nothing yet."""
    world.session.flush()
    world.session.expunge_all()
    seen: list[object] = []
    connection = world.session.connection()

    def note(*args: object) -> None:
        seen.append(args)

    event.listen(connection, "before_cursor_execute", note)
    try:
        act()  # type: ignore[operator]
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return len(seen)


def who(world: World, word: str) -> dict[str, object]:
    return {"actor": world.people[word], "at": world.clock()}


def meet(world: World, days: int = 7) -> uuid.UUID:
    new = NewMeeting(world.clock() + timedelta(days=days), "Room 1")
    return meetings.call(world.session, world.body.id, new, **who(world, "chair")).id  # type: ignore[arg-type]


# what waits beside cases


def test_a_meeting_waits_for_those_who_attend_and_for_nobody_else(world: World) -> None:
    meet(world)
    for word, count in (("chair", 1), ("member-1", 1), ("officer", 1), ("intake", 0), ("auditor", 0)):
        assert waiting.waiting(world.session, **who(world, word)).meetings == count, word  # type: ignore[arg-type]


def test_an_appeal_waits_for_whoever_may_choose_its_panel(world: World) -> None:
    case = submitted(world)
    case.state = State.APPEAL
    world.session.flush()
    for word, count in (("administrator", 1), ("registrar-1", 1), ("officer", 0)):
        assert waiting.waiting(world.session, **who(world, word)).seats == count, word  # type: ignore[arg-type]


def test_what_waits_takes_the_same_few_queries_however_much_it_is(world: World) -> None:
    def ask() -> None:
        waiting.waiting(world.session, actor=registrar, at=now)

    registrar, now = world.people["registrar-1"], world.clock()
    submitted(world).state = State.APPEAL
    first = queries(world, ask)
    for _ in range(3):
        submitted(world).state = State.APPEAL
    assert queries(world, ask) == first <= 5


# calendars


def test_a_calendar_holds_the_deadlines_of_ones_cases_and_the_meetings_of_ones_committee(
    world: World,
) -> None:
    case = submitted(world)
    world.walk.act(case, Action.OPEN, world.people["intake"])
    meet(world)
    (found,) = calendar_feeds.entries(world.session, **who(world, "intake"))  # type: ignore[arg-type]
    assert (found.kind, found.reference, found.starts) == (EntryKind.DEADLINE, case.reference, case.due_at)
    (met,) = calendar_feeds.entries(world.session, **who(world, "chair"))  # type: ignore[arg-type]
    assert (met.kind, met.reference) == (EntryKind.MEETING, "")
    owner = world.owners[case.institution_id]
    (own,) = calendar_feeds.entries(world.session, actor=owner, at=world.clock())
    assert own.own
    assert calendar_feeds.entries(world.session, **who(world, "auditor")) == []  # type: ignore[arg-type]


def test_a_private_address_opens_one_calendar_until_it_ends(world: World) -> None:
    person = world.people["intake"]
    first = calendar_feeds.make_feed(world.session, person, at=world.clock())
    owner = calendar_feeds.owner_of(world.session, first)
    assert owner is not None
    assert owner.id == person
    second = calendar_feeds.make_feed(world.session, person, at=world.clock())
    assert calendar_feeds.owner_of(world.session, first) is None
    assert calendar_feeds.owner_of(world.session, second) is not None
    sessions.revoke_all(world.session, person, at=world.clock())
    assert calendar_feeds.owner_of(world.session, second) is None
    assert calendar_feeds.feed_of(world.session, person) is None


def test_the_address_of_a_closed_account_opens_nothing(world: World) -> None:
    person = world.people["intake"]
    secret = calendar_feeds.make_feed(world.session, person, at=world.clock())
    owner = calendar_feeds.owner_of(world.session, secret)
    assert owner is not None
    owner.active = False
    world.session.flush()
    assert calendar_feeds.owner_of(world.session, secret) is None


# figures of a body


def figures(world: World, word: str = "officer") -> dashboards.Dashboard:
    return dashboards.dashboard(world.session, world.body.slug, **who(world, word))  # type: ignore[arg-type]


def test_figures_count_cases_by_stage_and_those_overdue(world: World) -> None:
    opened, late = submitted(world), submitted(world)
    world.walk.act(opened, Action.OPEN, world.people["intake"])
    world.clock.skip(days=40)
    found = {stage.state: stage for stage in figures(world).stages}
    assert (found[State.SUBMITTED].cases, found[State.SUBMITTED].overdue) == (1, 1)
    assert found[State.COMPLETENESS_CHECK].cases == 1
    assert late.reference in {one.reference for one in figures(world).late}
    counts = figures(world, "administrator")
    assert counts.stages == figures(world).stages
    assert counts.late == ()


def test_days_of_a_stage_are_working_days_and_the_median_lies_in_their_middle(world: World) -> None:
    for days in (7, 14, 35):  # weeks, so that holidays apart five working days each
        case = submitted(world)
        world.clock.skip(days=days)
        world.walk.act(case, Action.OPEN, world.people["intake"])
    (stage,) = (one for one in figures(world).stages if one.state is State.SUBMITTED)
    assert stage.stays == 3
    assert stage.median_days is not None
    assert 8 <= stage.median_days <= 10
    world.clock.skip(days=400)
    assert all(one.stays == 0 for one in figures(world).stages)


def test_figures_are_for_those_who_answer_for_the_body(world: World) -> None:
    for word in ("officer", "registrar-1", "auditor", "administrator"):
        assert figures(world, word).body is world.body
    for word in ("intake", "reviewer-1", "chair"):
        with pytest.raises(NotFound):
            figures(world, word)
    with pytest.raises(NotFound):
        dashboards.dashboard(world.session, "no-such-body", **who(world, "officer"))  # type: ignore[arg-type]


def test_figures_take_the_same_few_queries_however_many_cases_there_are(world: World) -> None:
    def ask() -> None:
        dashboards.dashboard(world.session, slug, actor=officer, at=now)

    slug, officer, now = world.body.slug, world.people["officer"], world.clock()
    submitted(world)
    first = queries(world, ask)
    for _ in range(4):
        submitted(world)
    assert queries(world, ask) == first <= 7


@pytest.mark.parametrize(
    ("histogram", "expected"),
    [({}, None), ({3: 1}, 3), ({1: 1, 4: 1}, Fraction(5, 2)), ({1: 2, 2: 1, 9: 2}, 2), ({0: 5, 7: 4}, 0)],
)
def test_the_median_of_a_histogram(histogram: dict[int, int], expected: Fraction | None) -> None:
    assert dashboards.median(histogram) == expected


# several cases in one act


def test_an_intake_officer_gives_several_cases_to_one_case_officer(world: World) -> None:
    chosen = [submitted(world) for _ in range(3)]
    offered = bulk_parts.offer(world.session, [c.id for c in chosen], **who(world, "intake"))  # type: ignore[arg-type]
    assert offered is not None
    assert offered.cases == {c.id for c in chosen}
    assert [one.id for one in offered.officers] == [world.people["officer"]]
    given = bulk_parts.give_to_officer(
        world.session,
        [c.id for c in chosen],
        world.people["officer"],
        **who(world, "intake"),  # type: ignore[arg-type]
    )
    assert {one.role for one in given} == {CaseRole.CASE_OFFICER}
    assert bulk_parts.offer(world.session, [c.id for c in chosen], **who(world, "intake")) is None  # type: ignore[arg-type]


def test_one_refused_case_leaves_all_of_them_as_they_were_and_is_named(world: World) -> None:
    good, bad = submitted(world), submitted(world)
    world.session.add(
        Assignment(
            application_id=bad.id,
            account_id=world.people["officer"],
            role=CaseRole.CASE_OFFICER,
            assigned_by=world.people["intake"],
            assigned_at=world.clock(),
        )
    )
    world.session.flush()
    with pytest.raises(InvalidInput) as refused:
        bulk_parts.give_to_officer(
            world.session,
            [good.id, bad.id],
            world.people["officer"],
            **who(world, "intake"),  # type: ignore[arg-type]
        )
    assert [problem.field for problem in refused.value.errors] == [f"cases.{bad.reference}"]
    assert access.part_of(world.session, world.people["officer"], good.id) is None


def test_nobody_else_gives_cases(world: World) -> None:
    case = submitted(world)
    for word in ("officer", "registrar-1", "auditor"):
        assert bulk_parts.offer(world.session, [case.id], **who(world, word)) is None  # type: ignore[arg-type]
        with pytest.raises(InvalidInput):
            bulk_parts.give_to_officer(
                world.session,
                [case.id],
                world.people["officer"],
                **who(world, word),  # type: ignore[arg-type]
            )
