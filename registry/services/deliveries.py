"""Deliveries: the applicant's time to appeal runs from when a letter provably reached it.

Opening the letter in the registry is such a proof, and so is one of registered post or e-delivery that an officer files. A
letter that nobody opened counts as delivered after `clocks.DEEMED_DELIVERED`; a proof can only set an earlier day.
"""

import uuid
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.clocks import is_over
from registry.domain.roles import CaseRole, Role
from registry.domain.uploads import check_upload
from registry.domain.workflow import State
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.files import FileStore
from registry.models.application import Application
from registry.models.letter import Delivered, Delivery, DeliveryKind, Letter
from registry.services import access
from registry.services.deadlines import appeal_until
from registry.services.letters import current_letter, letter_of
from registry.services.recording import audit

DELIVERED = "this letter counts as delivered already"
APPEALABLE = frozenset({State.APPEAL_WINDOW, State.INELIGIBLE})


def open_letter(
    session: Session, application_id: uuid.UUID, letter_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> Delivery:
    """As the institution's owner or signatory: take a letter in; the time to appeal runs from now.

    A letter that was delivered before stays delivered then.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.OWNER, Role.SIGNATORY, at=at, institution=application.institution_id)
    letter = letter_of(session, application, letter_id)
    if letter.delivery is not None:
        return letter.delivery
    row = Delivery(
        letter_id=letter.id, kind=DeliveryKind.OPENED, delivered_at=at, recorded_by=actor, recorded_at=at
    )
    return _record(session, application, letter, row)


def file_proof(
    session: Session,
    files: FileStore,
    application_id: uuid.UUID,
    kind: DeliveryKind,
    delivered_at: datetime,
    *,
    name: str,
    data: bytes,
    limit: int,
    actor: uuid.UUID,
    at: datetime,
) -> Delivery:
    """As the case officer or a registrar: file the proof that a letter was delivered by post or e-delivery.

    Raises:
        InvalidInput: the day lies before the letter or in the future, or so far back that the time to appeal, which the
            applicant was told runs longer, would be over already; or the file is refused.
        Conflict: the letter counts as delivered already.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    require_officer(session, application, actor, at)
    letter = current_letter(session, application)
    if letter is None:
        raise NotFound("there is no letter yet")
    if letter.delivery is not None:
        raise Conflict(DELIVERED)
    problem = _problem(application, letter, kind, delivered_at, at)
    if problem:
        raise InvalidInput("this proof cannot be filed", [problem])
    accepted = check_upload(name, data, limit=limit)
    row = Delivery(
        letter_id=letter.id,
        kind=kind,
        delivered_at=delivered_at,
        proof_name=accepted.name,
        proof_sha256=files.put(data),
        recorded_by=actor,
        recorded_at=at,
    )
    return _record(session, application, letter, row)


_OFFICERS = frozenset({CaseRole.CASE_OFFICER, CaseRole.REGISTRAR, CaseRole.SECOND_SIGNER})


def may_prove(session: Session, application: Application, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person may file the proof of a delivery: the case officer, or a registrar of the body."""
    part = access.part_of(session, actor, application.id)
    if part is not None:
        return part.role in _OFFICERS
    return not access.is_of_applicant(session, actor, application) and access.holds(
        session, actor, Role.REGISTRAR, at=at, body=application.scheme.body_id
    )


def require_officer(session: Session, application: Application, actor: uuid.UUID, at: datetime) -> None:
    """Refuse whoever is neither the case officer nor a registrar: nobody else says when something was delivered."""
    if may_prove(session, application, actor, at):
        return
    part = access.part_of(session, actor, application.id)
    if part is not None or access.is_of_applicant(session, actor, application):
        raise NotAllowed("only the case officer or a registrar may do this")
    access.require(session, actor, Role.REGISTRAR, at=at, body=application.scheme.body_id)


def _problem(
    application: Application, letter: Letter, kind: DeliveryKind, delivered_at: datetime, at: datetime
) -> FieldError | None:
    problem = day_problem(kind, delivered_at, letter.at, at)
    if problem is not None:
        return problem
    if application.state in APPEALABLE and is_over(appeal_until(application, delivered_at), at):
        return FieldError(
            "delivered_at",
            "from that day the time to appeal would be over already; the later end that was told holds",
        )
    return None


def day_problem(
    kind: DeliveryKind, delivered_at: datetime, written_at: datetime, at: datetime
) -> FieldError | None:
    """Return why an officer's proof of a delivery cannot hold: of its kind, or its day; None where it can."""
    if kind is DeliveryKind.OPENED:
        return FieldError("kind", "only the institution itself opens its letter in the registry")
    if delivered_at < written_at:
        return FieldError("delivered_at", "the letter was not written yet on that day")
    if delivered_at > at:
        return FieldError("delivered_at", "this day lies in the future")
    return None


def record_once(session: Session, row: Delivered, refusal: str) -> None:
    """Put a delivery on record; of two at once the second is refused."""
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise Conflict(refusal) from error


def _record(session: Session, application: Application, letter: Letter, row: Delivery) -> Delivery:
    record_once(session, row, DELIVERED)
    session.expire(letter, ["delivery"])
    until = appeal_until(application, row.delivered_at)
    due = application.due_at
    if application.state in APPEALABLE and due is not None and until < due:
        application.due_at = until
    session.flush()
    detail = {"letter": str(letter.id), "kind": row.kind.value, "proof": row.proof_sha256}
    audit(
        session,
        "letter.delivered",
        actor=row.recorded_by,
        at=row.recorded_at,
        of=("application", application.id),
        detail=detail,
    )
    return row
