"""Meetings: agenda, quorum, who stands back, minutes from the records; disputed points and precedents beside them."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event

from registry.domain.policy import Outcome
from registry.domain.voting import Ballot
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound, RegistryError, TransitionRefused
from registry.models.application import Application
from registry.models.meeting import Meeting
from registry.services import decisions, disputes, meetings, precedents
from registry.services.meetings import NewMeeting
from registry.services.motions import current_motion, recused, tally_of

from support.deciding import before_committee, decided, gap
from support.world import World


def refusal(world: World, act: Callable[[], object], kind: type[RegistryError]) -> str:
    with pytest.raises(kind) as caught, world.session.begin_nested():
        act()
    return str(caught.value)


def call(world: World, who: str = "chair") -> Meeting:
    new = NewMeeting(world.clock() + timedelta(days=3), "Room 1")
    return meetings.call(world.session, world.body.id, new, actor=world.people[who], at=world.clock())


def by(world: World, who: str) -> dict[str, object]:
    return {"actor": world.people[who], "at": world.clock()}


def put(world: World, application: Application, outcome: Outcome = Outcome.RECOGNIZE) -> uuid.UUID:
    new = decisions.NewMotion(outcome, "For the reasons in the report.")
    return decisions.put_motion(world.session, application.id, new, **by(world, "chair")).id  # type: ignore[arg-type]


def test_a_meeting_is_called_by_a_chair_or_an_officer_for_a_time_to_come(world: World) -> None:
    refusal(world, lambda: call(world, "member-1"), NotAllowed)
    refusal(world, lambda: call(world, "registrar-1"), NotAllowed)
    late = NewMeeting(world.clock() - timedelta(days=1), " ", world.people["officer"])
    with pytest.raises(InvalidInput) as caught:
        meetings.call(world.session, world.body.id, late, **by(world, "chair"))  # type: ignore[arg-type]
    assert {problem.field for problem in caught.value.errors} == {"starts_at", "place", "chair"}


def test_other_bodies_know_nothing_of_a_meeting(world: World) -> None:
    meeting = call(world)
    stranger = world.person("stranger")
    refusal(
        world,
        lambda: meetings.visible(world.session, meeting.id, actor=stranger, at=world.clock()),
        NotFound,
    )


def test_a_meeting_from_its_agenda_to_its_minutes(world: World) -> None:
    application = before_committee(world, "european", {})
    meeting = call(world)
    chair = world.people["chair"]
    meetings.add_item(world.session, meeting.id, application.id, actor=chair, at=world.clock())
    again = lambda: meetings.add_item(  # noqa: E731
        world.session, meeting.id, application.id, actor=chair, at=world.clock()
    )
    refusal(world, again, Conflict)
    assert meetings.quorum_of(world.session, meeting, application).present == 0
    world.clock.skip(days=3)
    back = world.people["member-4"]
    meetings.recuse(
        world.session, meeting.id, application.id, "My sister works there.", actor=back, at=world.clock()
    )
    motion = put(world, application)
    vote = lambda who: decisions.cast_vote(  # noqa: E731
        world.session, motion, Ballot.FOR, actor=world.people[who], at=world.clock()
    )
    assert "stand back" in refusal(world, lambda: vote("member-4"), NotAllowed)
    for who in ("chair", "member-1", "member-2", "member-3"):
        vote(who)
    late = lambda: meetings.recuse(  # noqa: E731
        world.session,
        meeting.id,
        application.id,
        "Now.",
        actor=world.people["member-1"],
        at=world.clock(),
    )
    assert "you have voted" in refusal(world, late, Conflict)
    found = current_motion(world.session, application)
    assert found is not None
    assert tally_of(application, found).members == 4
    quorum = meetings.quorum_of(world.session, meeting, application)
    assert (quorum.members, quorum.present, quorum.is_met) == (4, 4, True)
    decisions.decide(
        world.session, application.id, version=application.version, actor=chair, at=world.clock()
    )
    refusal(
        world,
        lambda: meetings.close(
            world.session,
            meeting.id,
            version=meeting.version,
            actor=world.people["officer"],
            at=world.clock(),
        ),
        NotAllowed,
    )
    minutes = meetings.close(
        world.session, meeting.id, version=meeting.version, actor=chair, at=world.clock()
    )
    item = minutes.content["items"][0]
    assert item["recused"] == ["Zenobia Member-4"]
    assert [(m["outcome"], m["in_favour"], m["followed_by"]) for m in item["motions"]] == [
        ("recognize", 4, "decision")
    ]
    assert len(minutes.content["present"]) == 4
    words = str(minutes.content)
    assert "sister" not in words
    assert "For the reasons" not in words
    refusal(world, again, TransitionRefused)


def test_a_motion_names_the_meeting_only_if_the_case_is_on_its_agenda(world: World) -> None:
    application = before_committee(world, "european", {})
    meeting = call(world)
    new = decisions.NewMotion(Outcome.RECOGNIZE, "", None, meeting.id)
    refusal(
        world,
        lambda: decisions.put_motion(world.session, application.id, new, **by(world, "chair")),  # type: ignore[arg-type]
        TransitionRefused,
    )
    put(world, application)
    assert recused(application) == set()


def test_disputed_points_come_first_and_precedents_stand_beside_the_criterion(world: World) -> None:
    ratings = gap(world, "european")
    criterion = next(iter(ratings))
    earlier = before_committee(world, "european", ratings)
    decided(world, earlier, Outcome.RECOGNIZE_WITH_CONDITIONS, None)
    application = before_committee(world, "european", ratings)
    found = disputes.of(world.session, application)
    assert [(one.criterion, one.is_met) for one in found] == [(criterion, False)]
    queries: list[str] = []
    connection = world.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *a: queries.append(a[2]))
    beside = precedents.beside(world.session, application, [criterion, "nothing"])
    assert len(queries) == 1
    assert [(row.outcome, row.condition) for row in beside[criterion]] == [
        ("recognize_with_conditions", True)
    ]
    search = precedents.Search(criterion=criterion, outcome="refuse")
    policy_id = application.policy.policy_id
    assert precedents.find(world.session, world.body.id, policy_id, search, None) == []
    assert precedents.beside(world.session, earlier, [criterion]) == {}
