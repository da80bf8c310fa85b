"""Cases brought before a committee, and decided for any outcome, through the services."""

import uuid
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from registry.demo.walk import ending_for
from registry.domain.policy import Outcome, Standing
from registry.domain.voting import Ballot
from registry.models.application import Application
from registry.models.body import Scheme
from registry.models.decision import Decision
from registry.services import decisions
from registry.services.bodies import current_policy, policy_of

from support.world import SCOPE, World


def before_committee(world: World, scheme: str, ratings: Mapping[str, str]) -> Application:
    """Bring a case with these ratings before its committee."""

    def tell(world: World) -> uuid.UUID:
        application = world.in_review(scheme=scheme)
        world.walk.judge(application, ratings)
        return application.id

    return world.told_case(f"before the committee {scheme} {sorted(ratings.items())}", tell)


def gap(world: World, scheme: str) -> dict[str, str]:
    """Return ratings with one gap that a condition can close."""
    row = world.session.get_one(Scheme, world.schemes[scheme])
    policy = policy_of(current_policy(world.session, row)).policy
    for criterion in policy.criteria:
        if criterion.knock_out or policy.group(criterion.group).kind == "supplementary":
            continue
        for value in policy.scale_of(criterion).values:
            if value.standing in {Standing.PARTLY, Standing.UNMET}:
                return {criterion.id: value.id}
    raise AssertionError(f"{policy.id} has no gap to close")


def narrower() -> dict[str, Any]:
    """Return a part of the scope that stories ask for."""
    scope: dict[str, Any] = deepcopy(dict(SCOPE))
    scope["grants"][0]["modes"] = ["online"]
    return scope


def decided(world: World, case: Application, outcome: Outcome, scope: dict[str, Any] | None) -> Decision:
    """Put an outcome, hear about it where it is owed, vote, decide and release."""
    walk, chair = world.walk, world.cast.committee[0]
    for _round in range(2):
        motion = decisions.put_motion(
            world.session,
            case.id,
            decisions.NewMotion(outcome, "For the reasons in the report.", scope, ending=ending_for(outcome)),
            actor=chair,
            at=world.clock(),
        )
        for who in world.cast.committee:
            decisions.cast_vote(world.session, motion.id, Ballot.FOR, actor=who, at=world.clock())
        if not decisions.unheard(case, motion):
            break
        walk.hear(case)
    decision = decisions.decide(world.session, case.id, version=case.version, actor=chair, at=world.clock())
    walk.release(decision)
    return decision
