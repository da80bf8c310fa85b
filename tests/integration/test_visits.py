"""Visits: a plan with learners in it, private notes, and their end."""

from datetime import timedelta
from typing import Any

import pytest

from registry.demo import detours_judgement as detours
from registry.domain.visits import AgendaItem, VisitGroup, VisitMode
from registry.domain.workflow import Action, State
from registry.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.judgement import VisitNote
from registry.services import (
    applications,
    visits,
)

from support.panel_people import refusal
from support.panel_work import member
from support.world import World


def test_a_visit_needs_a_plan_in_which_learners_are_met(world: World, case: Application) -> None:
    def begin() -> Any:
        return applications.act(
            world.session, case.id, Action.BEGIN_VISIT, actor=member(world, 0), at=world.clock()
        )

    assert "plan the visit first" in refusal(world, begin, TransitionRefused)

    def plan(agenda, place="https://meet.example.org/1", days=3) -> Any:
        return visits.plan(
            world.session,
            case.id,
            VisitMode.REMOTE,
            place,
            (world.clock() + timedelta(days=days)).date(),
            agenda,
            actor=member(world, 0),
            at=world.clock(),
        )

    alone = [AgendaItem("09:00", VisitGroup.LEADERSHIP, "Strategy")]
    with pytest.raises(InvalidInput) as caught:
        plan(alone)
    assert "learners" in caught.value.by_field()["agenda"]
    with pytest.raises(InvalidInput) as caught:
        plan([AgendaItem("9", VisitGroup.LEARNERS, "")], place="room 5", days=-2)
    assert set(caught.value.by_field()) == {"agenda.0.starts", "agenda.0.subject", "place", "day"}
    plan(detours.AGENDA)
    begin()
    assert case.state is State.VISIT


def test_a_policy_without_a_visit_asks_why_there_is_one(world: World) -> None:
    case = world.application(world.story(scheme="european"))
    world.walk.open(case)
    world.walk.identify(case)

    def plan(note) -> Any:
        return visits.plan(
            world.session,
            case.id,
            VisitMode.ON_SITE,
            "2 Main Street, Town",
            (world.clock() + timedelta(days=3)).date(),
            detours.AGENDA,
            note=note,
            actor=member(world, 0),
            at=world.clock(),
        )

    with pytest.raises(InvalidInput) as caught:
        plan("")
    assert "this policy has no visit" in caught.value.by_field()["note"]
    assert plan("Learners complained.").note == "Learners complained."


def test_a_plan_counts_for_one_visit(world: World, case: Application) -> None:
    detours.visited(world.walk, case)

    def begin() -> Any:
        return applications.act(
            world.session, case.id, Action.BEGIN_VISIT, actor=member(world, 0), at=world.clock()
        )

    assert "plan the visit first" in refusal(world, begin, TransitionRefused)
    detours.visited(world.walk, case, VisitMode.ON_SITE)
    held = visits.held(world.session, case)
    assert held is not None
    assert (held.number, held.mode) == (2, VisitMode.ON_SITE)


def test_notes_of_a_visit_are_for_the_panel_and_are_erased_in_time(world: World, case: Application) -> None:
    def early() -> Any:
        return visits.write_note(world.session, case.id, "Too early.", actor=member(world), at=world.clock())

    assert "from the beginning of a visit" in refusal(world, early, TransitionRefused)
    detours.visited(world.walk, case)
    [note] = visits.notes_of(world.session, case, actor=member(world, 2), at=world.clock())
    for outsider in (world.people["officer"], case.created_by):

        def read(who=outsider) -> Any:
            return visits.notes_of(world.session, case, actor=who, at=world.clock())

        assert "only the" in refusal(world, read, NotAllowed)
    assert visits.erase_notes(world.session, at=world.clock()) == 0
    assert visits.erase_notes(world.session, at=note.keep_until) == 1
    kept = world.session.get_one(VisitNote, note.id)
    assert (kept.text, kept.erased_at) == (None, note.keep_until)


def test_a_note_is_its_authors_to_erase(world: World, case: Application) -> None:
    detours.visited(world.walk, case)
    [note] = visits.notes_of(world.session, case, actor=member(world), at=world.clock())

    def foreign() -> Any:
        return visits.erase_note(world.session, note.id, actor=member(world, 0), at=world.clock())

    assert "no note" in refusal(world, foreign, NotFound)
    visits.erase_note(world.session, note.id, actor=member(world), at=world.clock())
    assert visits.notes_of(world.session, case, actor=member(world), at=world.clock()) == []
