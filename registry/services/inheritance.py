"""What a targeted review takes over: the case officer names what is at risk, the rest stands as agreed before."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.roles import CaseRole
from registry.domain.workflow import State
from registry.errors import FieldError, InvalidInput, TransitionRefused
from registry.models.application import Application, Procedure
from registry.models.review import Rating
from registry.services import access, rating_rounds, reviews
from registry.services.case_file import policy_for

INHERITING = frozenset({Procedure.TARGETED, Procedure.RENEWAL, Procedure.SCOPE_EXTENSION})
BEFORE_RATING = frozenset({State.ELIGIBLE, State.PANEL_PROPOSED, State.PANEL_APPOINTED, State.REVIEW})


def inheritable(session: Session, application: Application) -> dict[str, Rating]:
    """Return what the case before agreed on criteria that the policy lets inherit, by criterion."""
    prior = session.get(Application, application.prior_id) if application.prior_id else None
    if prior is None or application.procedure not in INHERITING:
        return {}
    before, policy = rating_rounds.agreed_ratings(session, prior), policy_for(application)
    return {
        c.id: before[c.id]
        for c in policy.criteria
        if c.inheritable and c.id in before and policy.scale_of(c).value(before[c.id].value) is not None
    }


def may_take_over(session: Session, application: Application) -> bool:
    """Whether it is still open what is taken over: nobody has rated, and something was taken over never before."""
    return (
        application.state in BEFORE_RATING
        and not reviews.has_ratings(session, application)
        and bool(inheritable(session, application))
    )


def take_over(
    session: Session,
    application_id: uuid.UUID,
    at_risk: Collection[str],
    *,
    actor: uuid.UUID,
    at: datetime,
) -> list[Rating]:
    """As the case officer: name the criteria at risk, once, before anybody rates; the others inherit their rating.

    Raises:
        TransitionRefused: somebody has rated, or the case continues none that has ratings to take over.
        InvalidInput: a criterion that the policy does not have, or nothing named in a targeted review.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, CaseRole.CASE_OFFICER, at=at)
    if not may_take_over(session, application):
        raise TransitionRefused("ratings are taken over once, from an earlier case, before anybody rates")
    unknown = set(at_risk) - {c.id for c in policy_for(application).criteria}
    if unknown or not at_risk:
        message = "name the criteria that are at risk"
        raise InvalidInput(message, [FieldError("at_risk", message)])
    return reviews.inherit(session, application, at_risk, actor, at)
