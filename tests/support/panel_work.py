"""The work of a panel, as the tests of its parts know it: who rates what, alone and together."""

import uuid

from registry.demo.walk import rating_for
from registry.domain.policy import Criterion
from registry.models.application import Application
from registry.models.review import Rating
from registry.services import (
    rating_rounds,
    reviews,
)
from registry.services.case_file import policy_for

from support.world import World


def criterion(application: Application, place: int = 0) -> Criterion:
    return policy_for(application).criteria[place]


def member(world: World, place: int = 1) -> uuid.UUID:
    return world.cast.reviewers[place]


def raters(application: Application) -> list[uuid.UUID]:
    return [m.account_id for m in rating_rounds.members(application)]


def give(world: World, application: Application, one: Criterion, who: uuid.UUID, value: str = "") -> Rating:
    new = rating_for(policy_for(application), one, value or None)
    return reviews.rate_alone(world.session, application.id, new, actor=who, at=world.clock())


def agree(world: World, application: Application, one: Criterion, value: str = "") -> Rating:
    new = rating_for(policy_for(application), one, value or None)
    return reviews.agree(world.session, application.id, new, actor=member(world, 0), at=world.clock())


def is_theirs(item: object) -> bool:
    return getattr(item, "provided_by", "") == "applicant" and getattr(item, "required", False)
