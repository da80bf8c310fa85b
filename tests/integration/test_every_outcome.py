"""Both policies, run to every outcome that they name, and to the void that their sanctions add."""

from typing import Any

import pytest

from registry.demo import detours_decision as detours
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason, Status, status_at
from registry.domain.roles import CaseRole
from registry.domain.workflow import Action, State
from registry.models.application import Application
from registry.models.issuer import Issuer
from registry.services import finality, supervision
from registry.services.bodies import current_policy, policy_of
from registry.services.case_file import policy_for
from registry.services.standing import is_final_first
from registry.services.trust_lists import status_events

from support.deciding import before_committee, decided, gap, narrower
from support.world import World

LADDER = (Outcome.NO_CHANGE, Outcome.REDUCE_SCOPE, Outcome.SUSPEND, Outcome.WITHDRAW, Outcome.VOID)
"""Measures against one issuer, the mildest first."""
STANDING = {
    Outcome.NO_CHANGE: Status.ACTIVE,
    Outcome.REDUCE_SCOPE: Status.ACTIVE,
    Outcome.SUSPEND: Status.SUSPENDED,
    Outcome.WITHDRAW: Status.WITHDRAWN,
    Outcome.VOID: Status.VOID,
}
SCHEMES = ("quality", "european")


def measure(world: World, issuer: Issuer, who: Any, outcome: Outcome) -> Application:
    walk, officer = world.walk, world.people["officer"]
    proposed = Outcome.SUSPEND if outcome is Outcome.NO_CHANGE else outcome
    policy = policy_of(current_policy(world.session, issuer.scheme)).policy
    ground: Reason = getattr(policy.sanctions, proposed.value).grounds[0].id
    case = supervision.open_hearing(
        world.session,
        issuer.id,
        proposed=proposed,
        ground=ground,
        notice="What was found, and what may follow.",
        actor=officer,
        at=world.clock(),
    )
    walk.declare(case, officer, CaseRole.CASE_OFFICER)
    supervision.answer_hearing(world.session, case.id, "We were late.", actor=who, at=world.clock())
    walk.seat_committee(case)
    walk.act(case, Action.CLOSE_HEARING, officer)
    decided(world, case, outcome, narrower() if outcome is Outcome.REDUCE_SCOPE else None)
    return case


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_application_is_deferred_then_recognized_with_conditions(world: World, scheme: str) -> None:
    ratings = gap(world, scheme)
    application = before_committee(world, scheme, {})
    deferred = detours.deferred(world.walk, application)
    assert deferred.motion.reasons
    assert application.issuer_id is None
    detours.resumed(world.walk, application, ratings)
    made = decided(world, application, Outcome.RECOGNIZE_WITH_CONDITIONS, None)
    assert made.motion.terms["conditions"]
    issuer = world.session.get_one(Issuer, application.issuer_id)
    assert status_at(status_events(issuer), world.clock()) is Status.ACTIVE_WITH_CONDITIONS


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_application_is_refused_and_lists_nobody(world: World, scheme: str) -> None:
    application = before_committee(world, scheme, {})
    detours.refused_after_hearing(world.walk, application)
    detours.final(world.walk, application)
    assert (application.state, application.issuer_id) == (State.CLOSED, None)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_one_issuer_is_recognized_and_meets_every_measure_of_its_policy(world: World, scheme: str) -> None:
    application, story = world.granted(scheme=scheme)
    issuer, reached = world.session.get_one(Issuer, application.issuer_id), {Outcome.RECOGNIZE}
    for outcome in LADDER:
        world.clock.skip(days=20)
        case = measure(world, issuer, story.applicant, outcome)
        if is_final_first(case, outcome):
            before = status_at(status_events(issuer), world.clock())
            assert before is not STANDING[outcome] or outcome is Outcome.REDUCE_SCOPE
            finality.waive_appeal(
                world.session, case.id, version=case.version, actor=story.applicant, at=world.clock()
            )
        assert status_at(status_events(issuer), world.clock()) is STANDING[outcome]
        reached.add(outcome)
    named = {terms.id for terms in policy_for(application).decision.outcomes}
    others = {Outcome.DEFER, Outcome.REFUSE, Outcome.RECOGNIZE_WITH_CONDITIONS}
    assert reached | others == named | {Outcome.VOID}
