"""What an applicant states: the day of a document, the pieces that a version holds, the decisions of others cited."""

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.domain.completeness import Supplied
from registry.errors import FieldError, InvalidInput
from registry.models.application import Application, EvidenceVersion, Manifest
from registry.models.intake import EvidenceStatement, ExternalDecision
from registry.services.case_file import current_evidence
from registry.services.remembering import once

MOST_ITEMS = 1_000
"""Most pieces that one version may be said to hold."""


def supplied(session: Session, application: Application) -> dict[str, Supplied]:
    """Return the newest version of each piece of evidence with what was stated of it.

    A document of which no day was stated is as old as its handing in; one of which no number was stated holds one piece.
    """
    query = select(EvidenceStatement).where(EvidenceStatement.application_id == application.id)
    stated = {row.version_id: row for row in session.scalars(query)}
    found = {}
    for evidence_id, version in current_evidence(application).items():
        row = stated.get(version.id)
        dated = row.issued_on if row and row.issued_on else version.uploaded_at.date()
        found[evidence_id] = Supplied(dated, row.items if row else 1)
    return found


def state(
    session: Session, version: EvidenceVersion, *, issued_on: date | None, items: int | None, today: date
) -> None:
    """Keep what the applicant states of a version that was just handed in; nothing where nothing was stated.

    Raises:
        InvalidInput: a day that has not come yet, or a number of pieces that cannot be.
    """
    problems = []
    if issued_on is not None and issued_on > today:
        problems.append(FieldError("issued_on", "this day has not come yet; give the day on the document"))
    if items is not None and not 1 <= items <= MOST_ITEMS:
        problems.append(FieldError("items", f"give a number from 1 to {MOST_ITEMS}"))
    if problems:
        raise InvalidInput("what is said of this evidence cannot be accepted", problems)
    if issued_on is not None or items is not None:
        row = EvidenceStatement(
            version_id=version.id,
            application_id=version.application_id,
            issued_on=issued_on,
            items=items or 1,
        )
        session.add(row)
        session.flush()


def statements_of(session: Session, application: Application) -> dict[str, EvidenceStatement]:
    """Return what was stated of each version of evidence, by the id of the version as text."""
    query = select(EvidenceStatement).where(EvidenceStatement.application_id == application.id)
    return {str(row.version_id): row for row in session.scalars(query)}


_CITED = (
    select(ExternalDecision)
    .where(
        ExternalDecision.application_id == bindparam("application_id"),
        ExternalDecision.withdrawn_at.is_(None),
    )
    .order_by(ExternalDecision.number)
)


def cited(session: Session, application_id: uuid.UUID) -> Sequence[ExternalDecision]:
    """Return the decisions that an application cites, in order."""
    given = {"application_id": application_id}
    return once(
        session, ("cited", application_id), lambda: session.scalars(_CITED, given).all(), of=ExternalDecision
    )


def manifests(session: Session, application_id: uuid.UUID) -> Sequence[Manifest]:
    """Return every manifest of a case, the oldest first."""
    query = select(Manifest).where(Manifest.application_id == application_id)
    return session.scalars(query.order_by(Manifest.number)).all()
