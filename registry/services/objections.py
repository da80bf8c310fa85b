"""The applicant's word on a proposed panel: who is on it, objections with reasons, and the case officer's answers."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.clocks import is_over
from registry.domain.roles import PANEL, CaseRole, PanelSeat, Role
from registry.domain.text import clean
from registry.domain.workflow import Action, State
from registry.errors import Conflict, FieldError, InvalidInput, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.people import Objection, ObjectionAnswer, PanelAccepted
from registry.services import access, experts, panels, programs
from registry.services.case_file import last_step, policy_for
from registry.services.deadlines import calendar_of
from registry.services.recording import audit, enqueue

MOST_REASONS = 4_000
"""Characters of reasons that are kept."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """Somebody on a proposed panel, as the applicant sees them: name, part, seats, and the short profile by language."""

    account_id: uuid.UUID
    name: str
    role: CaseRole
    seats: tuple[PanelSeat, ...]
    profile: Mapping[str, str]


def proposed_panel(session: Session, application: Application) -> tuple[Proposed, ...]:
    """Return the panel that was proposed to the applicant; empty in any other state than that of its word."""
    if application.state is not State.PANEL_PROPOSED:
        return ()
    body = application.scheme.body
    return tuple(
        Proposed(
            part.account_id,
            part.account.name,
            part.role,
            tuple(sorted(panels.seats_of(part))),
            experts.profile_of(session, body, part.account_id),
        )
        for part in application.assignments
        if part.ended_at is None and part.role in PANEL
    )


def due(application: Application) -> datetime:
    """Return until when the applicant may object to the panel that is proposed."""
    days = policy_for(application).conflict_rules.applicant_objection_days
    return application.due_at or calendar_of(application.scheme.body).plus(application.entered_at, days)


def round_of(application: Application) -> int:
    """Return the number of the step that proposed the panel last; 0 before the first."""
    step = last_step(application, Action.PROPOSE_PANEL)
    return step.sequence if step else 0


def of_round(session: Session, application: Application) -> Sequence[Objection]:
    """Return the objections to the panel proposed last, oldest first."""
    query = select(Objection).where(
        Objection.application_id == application.id, Objection.round == round_of(application)
    )
    return session.scalars(query.order_by(Objection.at)).all()


def of_case(session: Session, application: Application) -> Sequence[Objection]:
    """Return all objections of a case, oldest first."""
    query = select(Objection).where(Objection.application_id == application.id)
    return session.scalars(query.order_by(Objection.at)).all()


def is_accepted(session: Session, application: Application) -> bool:
    """Whether the applicant has said that it has no further objection to the panel proposed last."""
    return session.get(PanelAccepted, (application.id, round_of(application))) is not None


def object_to(
    session: Session,
    application_id: uuid.UUID,
    account_id: uuid.UUID,
    reasons: str,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> Objection:
    """As the applicant: object to somebody on the proposed panel.

    Raises:
        NotAllowed: the person does not sign for the applicant.
        TransitionRefused: no panel is proposed, the days are over, or the applicant has said that it has no objection.
        NotFound: nobody like that is on the panel.
        InvalidInput: no reasons.
        Conflict: the applicant has objected to this person already.
    """
    application = _open_to_applicant(session, application_id, actor, at)
    if account_id not in {one.account_id for one in proposed_panel(session, application)}:
        raise NotFound("nobody like that is on the proposed panel")
    text = clean(reasons)
    if not text or len(text) > MOST_REASONS:
        message = f"give your reasons, at most {MOST_REASONS} characters"
        raise InvalidInput("the objection was not filed", [FieldError("reasons", message)])
    row = Objection(
        application_id=application.id,
        round=round_of(application),
        account_id=account_id,
        reasons=text,
        filed_by=actor,
        at=at,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise Conflict("you have objected to this person already") from error
    audit(session, "objection.filed", actor=actor, at=at, of=("application", application.id))
    _tell_officer(session, application, at)
    return row


def accept_panel(
    session: Session, application_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> Application:
    """As the applicant: say that there is no (further) objection, so that nobody waits for the rest of the days.

    Raises:
        NotAllowed: the person does not sign for the applicant.
        TransitionRefused: no panel is proposed, the days are over, or it was said before.
    """
    application = _open_to_applicant(session, application_id, actor, at)
    session.add(PanelAccepted(application_id=application.id, round=round_of(application), by=actor, at=at))
    session.flush()
    audit(session, "panel.accepted", actor=actor, at=at, of=("application", application.id))
    _tell_officer(session, application, at)
    return application


def _open_to_applicant(
    session: Session, application_id: uuid.UUID, actor: uuid.UUID, at: datetime
) -> Application:
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.SIGNATORY, Role.OWNER, at=at, institution=application.institution_id)
    if application.state is not State.PANEL_PROPOSED:
        raise TransitionRefused("no panel waits for your word now")
    if is_over(due(application), at):
        raise TransitionRefused(f"the days to object were over on {due(application):%Y-%m-%d}")
    if is_accepted(session, application):
        raise TransitionRefused("you have said that you have no further objection to this panel")
    return application


def _tell_officer(session: Session, application: Application, at: datetime) -> None:
    for part in application.assignments:
        if part.role is CaseRole.CASE_OFFICER and part.ended_at is None:
            enqueue(session, "mail", {"kind": "objection", "account": str(part.account_id)}, at=at)


def answer(
    session: Session,
    objection_id: uuid.UUID,
    *,
    upheld: bool,
    reasons: str,
    actor: uuid.UUID,
    at: datetime,
) -> ObjectionAnswer:
    """As the case officer: uphold an objection, so that the person leaves the panel, or reject it with reasons.

    Raises:
        NotFound: no such objection, or not for this person.
        NotAllowed: a program, not the case officer of the case, or somebody whom the objection is about.
        TransitionRefused: the panel is no longer proposed.
        InvalidInput: no reasons.
        Conflict: it was answered already.
    """
    row = session.get(Objection, objection_id)
    if row is None:
        raise NotFound(f"no objection {objection_id}")
    application = access.visible_application(session, row.application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, CaseRole.CASE_OFFICER, at=at)
    programs.require_person(session, actor)
    if application.state is not State.PANEL_PROPOSED or row.round != round_of(application):
        raise TransitionRefused("this objection is about a panel that is no longer proposed")
    session.refresh(row, ["answer"])
    if row.answer is not None:
        raise Conflict("this objection was answered already")
    text = clean(reasons)
    if not text or len(text) > MOST_REASONS:
        message = f"give your reasons, at most {MOST_REASONS} characters"
        raise InvalidInput("the answer was not recorded", [FieldError("reasons", message)])
    made = ObjectionAnswer(objection_id=row.id, upheld=upheld, reasons=text, answered_by=actor, at=at)
    session.add(made)
    session.flush()
    session.expire(row, ["answer"])
    if upheld:
        _leave(session, application, row.account_id, at)
    detail = {"upheld": upheld, "account": str(row.account_id)}
    audit(
        session, "objection.answered", actor=actor, at=at, of=("application", application.id), detail=detail
    )
    enqueue(session, "mail", {"kind": "objection_answered", "application": str(application.id)}, at=at)
    return made


def _leave(session: Session, application: Application, account_id: uuid.UUID, at: datetime) -> None:
    part = access.part_of(session, account_id, application.id)
    if part is not None:
        part.ended_at = at
        session.flush()
        session.expire(application, ["assignments"])


def objections_settled(session: Session, application: Application, at: datetime) -> str | None:
    """Return what still keeps a proposed panel from being appointed, as a sentence; None: its people may be appointed.

    Every objection is answered and none was upheld, nobody joined the panel after it was proposed, and the applicant has
    said that it has no (further) objection, or its days are over.
    """
    found = of_round(session, application)
    waiting = sum(1 for one in found if one.answer is None)
    if waiting:
        return f"{waiting} objections to the panel wait for an answer"
    if any(one.answer is not None and one.answer.upheld for one in found):
        return "an objection was upheld; compose the panel anew"
    proposed = last_step(application, Action.PROPOSE_PANEL)
    late = [
        a
        for a in application.assignments
        if proposed and a.ended_at is None and a.role in PANEL and a.assigned_at > proposed.at
    ]
    if late:
        return "somebody joined the panel after it was proposed; compose the panel anew"
    if is_accepted(session, application) or is_over(due(application), at):
        return None
    return "the applicant may still object to the panel; wait for its word, or for the end of its days"
