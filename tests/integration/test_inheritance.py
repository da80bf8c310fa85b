"""Ratings that a targeted review takes over from the case before, and takes back with reasons."""

import uuid
from collections.abc import Callable

import pytest

from registry.demo import detours_judgement as detours
from registry.domain.workflow import State
from registry.errors import InvalidInput, NotAllowed, TransitionRefused
from registry.models.application import Application, Procedure
from registry.models.review import Rating
from registry.services import (
    case_file,
    inheritance,
    rating_rounds,
    reviews,
)
from registry.services.case_file import policy_for

from support.panel_people import refusal
from support.panel_work import criterion, give, member, raters
from support.world import World


@pytest.fixture
def later(world: World, case: Application) -> Application:
    """A case in review that continues one whose ratings were agreed."""
    detours.rate(world.walk, case, {})
    owner = world.session.get_one(type(case.institution), case.institution_id)
    case.state = State.CLOSED
    world.session.flush()
    following = world.application(world.story(owner))
    following.procedure, following.prior_id = Procedure.TARGETED, case.id
    world.walk.open(following)
    world.walk.identify(following)
    return following


def test_a_targeted_review_takes_over_what_is_not_at_risk(world: World, later: Application) -> None:
    policy = policy_for(later)
    at_risk = next(c.id for c in policy.criteria if c.inheritable)
    taken = reviews.inherit(world.session, later, {at_risk}, world.people["officer"], world.clock())
    wanted = {c.id for c in policy.criteria if c.inheritable} - {at_risk}
    assert {r.criterion for r in taken} == wanted
    assert all(r.inherited_from is not None for r in taken)
    assert set(rating_rounds.to_rate(world.session, later)) == {c.id for c in policy.criteria} - wanted
    detours.rate(world.walk, later, {})
    world.walk.report(later)
    report = case_file.report_of(world.session, later.id)
    assert report is not None
    assert {one["criterion"] for one in report.content["ratings"] if one["inherited"]} == wanted


def test_an_inherited_rating_is_taken_back_with_reasons_and_then_rated_by_all(
    world: World, later: Application
) -> None:
    reviews.inherit(world.session, later, set(), world.people["officer"], world.clock())
    one = policy_for(later).criterion(next(iter(rating_rounds.inherited(world.session, later))))
    assert one is not None
    assert "taken over" in refusal(world, lambda: give(world, later, one, member(world)), TransitionRefused)

    def reopen(who, why) -> Callable[[], object]:
        return lambda: reviews.reopen(world.session, later.id, one.id, why, actor=who, at=world.clock())

    assert "reasons" in refusal(world, reopen(member(world, 0), " "), InvalidInput)
    assert "only the panel chair" in refusal(world, reopen(member(world), "New facts."), NotAllowed)
    reopen(member(world, 0), "A new programme came.")()
    assert one.id not in reviews.agreed_ratings(world.session, later)
    for who in raters(later):
        give(world, later, one, who)
    assert "no rating that was taken over" in refusal(
        world, reopen(member(world, 0), "Again."), TransitionRefused
    )


def test_the_case_officer_names_what_is_at_risk_once_and_before_anybody_rates(
    world: World, case: Application, later: Application
) -> None:
    officer, at_risk = world.people["officer"], criterion(later).id

    def take_over(who: uuid.UUID, *risky: str, of: Application = later) -> Callable[[], list[Rating]]:
        return lambda: inheritance.take_over(world.session, of.id, risky, actor=who, at=world.clock())

    assert "only the case officer" in refusal(world, take_over(member(world), at_risk), NotAllowed)
    assert "name the criteria" in refusal(world, take_over(officer), InvalidInput)
    assert "name the criteria" in refusal(world, take_over(officer, "Z99"), InvalidInput)
    assert "from an earlier case" in refusal(world, take_over(officer, at_risk, of=case), TransitionRefused)
    assert {r.criterion for r in take_over(officer, at_risk)()} == set(
        inheritance.inheritable(world.session, later)
    ) - {at_risk}
    assert "taken over once" in refusal(world, take_over(officer, at_risk), TransitionRefused)


def test_nothing_is_inherited_once_somebody_has_rated(world: World, later: Application) -> None:
    give(world, later, criterion(later), member(world))
    assert reviews.inherit(world.session, later, set(), world.people["officer"], world.clock()) == []
