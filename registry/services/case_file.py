"""What a case file holds, read; nothing here changes anything."""

import uuid

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.domain import evaluation
from registry.domain.evaluation import MissingEvidence
from registry.domain.policy import Policy
from registry.domain.workflow import Action
from registry.models.application import Application, ApplicationEvent, EvidenceVersion, Manifest
from registry.models.decision import Decision
from registry.models.review import Report
from registry.services.bodies import policy_of


def policy_for(application: Application) -> Policy:
    """Return the frozen policy of a case."""
    return policy_of(application.policy).policy


def current_evidence(application: Application) -> dict[str, EvidenceVersion]:
    """Return the newest version of each piece of evidence."""
    return {version.evidence_id: version for version in application.evidence}


def missing_evidence(application: Application) -> tuple[MissingEvidence, ...]:
    """Return the required evidence that the applicant has not handed in."""
    return evaluation.missing_evidence(policy_for(application), set(current_evidence(application)))


def latest_manifest(session: Session, application_id: uuid.UUID) -> Manifest | None:
    """Return the newest manifest of a case, or None before submission."""
    query = select(Manifest).where(Manifest.application_id == application_id)
    return session.scalars(query.order_by(Manifest.number.desc()).limit(1)).one_or_none()


_NEWEST_REPORT = (
    select(Report)
    .where(Report.application_id == bindparam("application_id"))
    .order_by(Report.number.desc())
    .limit(1)
)
_NEWEST_DECISION = (
    select(Decision)
    .where(Decision.application_id == bindparam("application_id"))
    .order_by(Decision.decided_at.desc())
    .limit(1)
)


def report_of(session: Session, application_id: uuid.UUID) -> Report | None:
    """Return the newest report of a case, draft or final, or None."""
    return session.scalars(_NEWEST_REPORT, {"application_id": application_id}).one_or_none()


def decision_of(session: Session, application_id: uuid.UUID) -> Decision | None:
    """Return the newest decision of a case, or None."""
    return session.scalars(_NEWEST_DECISION, {"application_id": application_id}).one_or_none()


def last_step(application: Application, *actions: Action) -> ApplicationEvent | None:
    """Return when one of `actions` was taken last in a case, or None."""
    return next((event for event in reversed(application.events) if event.action in actions), None)
