"""Deliveries of hearing notices, on record as those of letters are: opened in the registry, or by a proof that is filed.

The time to answer is the one that the notice tells; a delivery takes nothing from it. What the record shows is that the
institution was heard: without a delivery the case page says so, and the officer can still send the notice by post.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.roles import Role
from registry.domain.uploads import check_upload
from registry.errors import Conflict, InvalidInput, NotFound
from registry.files import FileStore
from registry.models.application import Application, Hearing
from registry.models.letter import DeliveryKind, HearingDelivery
from registry.services import access
from registry.services.deliveries import day_problem, record_once, require_officer
from registry.services.recording import audit

DELIVERED = "this notice counts as delivered already"


def open_notice(
    session: Session, application_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> HearingDelivery:
    """As the institution's owner or signatory: take the newest notice in. One that was delivered before stays so.

    Raises:
        NotFound: there is no notice.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.OWNER, Role.SIGNATORY, at=at, institution=application.institution_id)
    return take_in(session, notice_of(application), actor=actor, at=at)


def take_in(session: Session, hearing: Hearing, *, actor: uuid.UUID, at: datetime) -> HearingDelivery:
    """Return the delivery of a notice that somebody of the institution has before them; it is opened now if not before."""
    return hearing.delivery or _record(session, hearing, DeliveryKind.OPENED, at, actor=actor, at=at)


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
) -> HearingDelivery:
    """As the case officer or a registrar: file the proof that the newest notice was delivered by post or e-delivery.

    Raises:
        NotFound: there is no notice.
        InvalidInput: the day lies before the notice or in the future; or the file is refused.
        Conflict: the notice counts as delivered already.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    require_officer(session, application, actor, at)
    hearing = notice_of(application)
    if hearing.delivery is not None:
        raise Conflict(DELIVERED)
    problem = day_problem(kind, delivered_at, hearing.opened_at, at)
    if problem:
        raise InvalidInput("this proof cannot be filed", [problem])
    accepted = check_upload(name, data, limit=limit)
    proof = (accepted.name, files.put(data))
    return _record(session, hearing, kind, delivered_at, proof, actor=actor, at=at)


def notice_of(application: Application) -> Hearing:
    """Return the newest hearing of a case, or raise `NotFound`."""
    if application.hearing is None:
        raise NotFound(f"no hearing of {application.id}")
    return application.hearing


def is_told(hearing: Hearing) -> bool:
    """Whether the institution has the notice: it was delivered, or answered, as in cases older than this record."""
    return hearing.delivery is not None or hearing.answered_at is not None


def _record(
    session: Session,
    hearing: Hearing,
    kind: DeliveryKind,
    delivered_at: datetime,
    proof: tuple[str, str] | tuple[None, None] = (None, None),
    *,
    actor: uuid.UUID,
    at: datetime,
) -> HearingDelivery:
    row = HearingDelivery(
        application_id=hearing.application_id,
        number=hearing.number,
        kind=kind,
        delivered_at=delivered_at,
        proof_name=proof[0],
        proof_sha256=proof[1],
        recorded_by=actor,
        recorded_at=at,
    )
    record_once(session, row, DELIVERED)
    session.expire(hearing, ["delivery"])
    detail = {"hearing": hearing.number, "kind": kind.value, "proof": row.proof_sha256}
    audit(
        session,
        "hearing.delivered",
        actor=actor,
        at=at,
        of=("application", hearing.application_id),
        detail=detail,
    )
    return row
