"""Nobody decides again what an appeal has annulled: the committee stands down, and others sit, as far as there are any.

The exception for a body with too few stands in `committee_again`.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.committees import RETURNING
from registry.domain.roles import COMMITTEE
from registry.models.appeal import Appeal, AppealMotion, AppealResult
from registry.models.application import Application
from registry.models.decision import Decision, Motion, Vote
from registry.models.review import Assignment
from registry.services.case_file import policy_for
from registry.services.guards import seated


def stand_down(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """End the parts of everybody who took a decision that an appeal has annulled."""
    decided = _deciders(session, [decision])
    for part in seated(application, *COMMITTEE):
        if part.account_id in decided:
            part.ended_at = at
    session.flush()
    session.expire(application, ["assignments"])


def stood_down(session: Session, application: Application) -> list[Assignment]:
    """Return the parts that ended because an appeal annulled what these people had decided; without those who came back."""
    annulled = annulled_decisions(session, application)
    decided = _deciders(session, annulled)
    return [
        part
        for part in application.assignments
        if part.role in COMMITTEE and part.ended_at is not None and part.account_id in decided
    ]


def annulled_decisions(session: Session, application: Application) -> list[Decision]:
    """Return the decisions of a case that an appeal annulled, so that the case is decided anew."""
    query = (
        select(Decision)
        .join(Appeal, Appeal.decision_id == Decision.id)
        .join(AppealResult, AppealResult.appeal_id == Appeal.id)
        .where(Decision.application_id == application.id, AppealResult.action.in_(RETURNING))
    )
    return list(session.scalars(query))


def _deciders(session: Session, decisions: list[Decision]) -> set[uuid.UUID]:
    motions = [decision.motion_id for decision in decisions]
    put = select(Motion.put_by).where(Motion.id.in_(motions))
    voted = select(Vote.account_id).where(Vote.motion_id.in_(motions))
    return set(session.scalars(put)) | set(session.scalars(voted))


def has_voted_anew(session: Session, application: Application) -> bool:
    """Whether the committee has begun to vote; votes on what an appeal annulled, and of its panel, are behind the case."""
    annulled = annulled_decisions(session, application)
    after = max((decision.motion.number for decision in annulled), default=0)
    query = (
        select(Vote.motion_id)
        .join(Motion)
        .where(
            Motion.application_id == application.id,
            Motion.number > after,
            Motion.id.not_in(select(AppealMotion.motion_id)),
        )
    )
    return session.scalar(query.limit(1)) is not None


def too_few(session: Session, application: Application) -> str | None:
    """Return that the committee of a case that came back is not complete yet, or None."""
    if not annulled_decisions(session, application) or has_voted_anew(session, application):
        return None
    wanted = policy_for(application).decision.committee.min_members
    there = len(seated(application, *COMMITTEE))
    if there >= wanted:
        return None
    return f"the committee needs {wanted} members who have not decided this case before; there are {there}"
