"""Deliveries of hearing notices: the institution's time to answer runs from when the notice provably reached it.

As with letters, opening the notice in the registry is such a proof, and so is one of registered post or e-delivery that an
officer files; a notice that nobody opened counts as delivered after `clocks.DEEMED_DELIVERED`, and a proof can only set an
earlier day. An urgent suspension is confirmed within days of its own, which no delivery moves.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.clocks import is_over
from registry.domain.roles import Role
from registry.domain.uploads import check_upload
from registry.domain.workflow import State
from registry.errors import Conflict, FieldError, InvalidInput, NotFound
from registry.files import FileStore
from registry.models.application import Application, Hearing
from registry.models.letter import DeliveryKind, HearingDelivery
from registry.services import access
from registry.services.deadlines import answer_until
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


def _problem(
    application: Application, hearing: Hearing, kind: DeliveryKind, delivered_at: datetime, at: datetime
) -> FieldError | None:
    problem = day_problem(kind, delivered_at, hearing.opened_at, at)
    if problem is not None:
        return problem
    if application.state is State.REPRESENTATION and is_over(answer_until(application, delivered_at), at):
        return FieldError(
            "delivered_at",
            "from that day the time to answer would be over already; the later end that was told holds",
        )
    return None


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
        InvalidInput: the day lies before the notice or in the future, or so far back that the time to answer, which the
            institution was told runs longer, would be over already; or the file is refused.
        Conflict: the notice counts as delivered already.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    require_officer(session, application, actor, at)
    hearing = notice_of(application)
    if hearing.delivery is not None:
        raise Conflict(DELIVERED)
    problem = _problem(application, hearing, kind, delivered_at, at)
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


def _bring_forward(session: Session, hearing: Hearing) -> None:
    """Let the time to answer run from the delivery, where that ends it earlier than was told."""
    application = session.get_one(Application, hearing.application_id)
    if application.state is not State.REPRESENTATION or application.due_at is None:
        return
    until = answer_until(application)
    if until < application.due_at:
        application.due_at = hearing.due = until
    session.flush()


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
    _bring_forward(session, hearing)
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
