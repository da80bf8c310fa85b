"""Complaints and cases keep apart: who has a part in a case of an issuer handles no complaint about it, and vice versa."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.complaints import ComplaintStep
from registry.models.application import Application
from registry.models.complaint import Complaint, ComplaintEvent
from registry.models.issuer import Issuer
from registry.models.review import Assignment
from registry.services import access, programs


def is_concerned(session: Session, issuer: Issuer | None, actor: uuid.UUID) -> bool:
    """Whether a person has acted for an issuer, or plays or has played a part in a case of it."""
    if issuer is None:
        return False
    if access.has_acted_for(session, actor, issuer.institution_id):
        return True
    mine = (
        select(Assignment.id)
        .join(Application, Application.id == Assignment.application_id)
        .where(
            Application.institution_id == issuer.institution_id,
            Application.scheme_id == issuer.scheme_id,
            Assignment.account_id.in_(programs.hands_of(session, actor)),
        )
    )
    return session.scalar(mine.limit(1)) is not None


def handles(session: Session, actor: uuid.UUID, application: Application) -> bool:
    """Whether a person has handled a complaint about the institution of a case: then they play no part in the case."""
    mine = (
        select(ComplaintEvent.complaint_id)
        .join(Complaint, Complaint.id == ComplaintEvent.complaint_id)
        .join(Issuer, Issuer.id == Complaint.issuer_id)
        .where(
            Issuer.institution_id == application.institution_id,
            Issuer.scheme_id == application.scheme_id,
            ComplaintEvent.step != ComplaintStep.REPLY,
            ComplaintEvent.actor.in_(programs.hands_of(session, actor)),
        )
    )
    return session.scalar(mine.limit(1)) is not None
