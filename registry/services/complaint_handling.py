"""Handling complaints: the steps of the complaints officer, the issuer's answer, and what is set off at the end."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.complaints import (
    AFTER_HEARING_IT,
    AGAINST_ISSUER,
    CLOSED,
    REGISTER_DATA,
    ComplaintOutcome,
    ComplaintState,
    ComplaintStep,
    step,
)
from registry.domain.roles import Role
from registry.domain.text import clean
from registry.domain.two_people import ProposalKind
from registry.errors import FieldError, InvalidInput, NotFound, TransitionRefused
from registry.models.account import RoleGrant
from registry.models.complaint import Complaint
from registry.models.institution import WorkItem
from registry.models.issuer import Issuer
from registry.models.monitoring import MonitoringKind
from registry.services import monitoring, two_people
from registry.services.complaints import OFFICERS, TEXT_LIMIT, due_of, has_step, note, tell, terms_of, visible
from registry.services.deadlines import calendar_of


@dataclass(frozen=True, slots=True)
class Resolution:
    """What comes of a complaint. A warning has its text in both languages, an urgent suspension its ground."""

    outcome: ComplaintOutcome
    reasons: str
    text: Mapping[str, str] = field(default_factory=dict)
    ground: str = ""


_TAKEN = (ComplaintStep.ACKNOWLEDGE, ComplaintStep.ADMIT, ComplaintStep.DISMISS, ComplaintStep.ASK_ISSUER)


def act(
    session: Session,
    complaint_id: uuid.UUID,
    taken: ComplaintStep,
    text: str,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> Complaint:
    """As the officer: acknowledge, admit or dismiss with reasons, or ask the issuer with a text that names nobody.

    Raises:
        TransitionRefused: the complaint does not stand where this can be done.
        InvalidInput: reasons are missing.
    """
    row = visible(session, complaint_id, *OFFICERS, actor=actor, at=at, lock=True)
    if taken not in _TAKEN:
        raise TransitionRefused("this complaint does not stand where this can be done; look at it again")
    target = step(row.state, taken)
    if taken is ComplaintStep.ASK_ISSUER and (row.issuer is None or has_step(row, ComplaintStep.ASK_ISSUER)):
        raise TransitionRefused("there is no issuer to ask, or it was asked already")
    if taken is not ComplaintStep.ACKNOWLEDGE:
        _require_text(text)
    _move(session, row, taken, target, text, actor=actor, at=at)
    if taken is ComplaintStep.DISMISS:
        row.outcome = ComplaintOutcome.INADMISSIBLE
    if taken is ComplaintStep.ADMIT and row.about == REGISTER_DATA:
        _open_work(session, row, text, at)
    if taken is ComplaintStep.ASK_ISSUER and row.issuer is not None:
        place = RoleGrant.institution_id == row.issuer.institution_id
        tell(session, place, (Role.OWNER, Role.SIGNATORY), "complaint_asked", at)
    session.flush()
    return row


def _move(
    session: Session,
    row: Complaint,
    taken: ComplaintStep,
    target: ComplaintState,
    text: str,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> None:
    row.state = target
    row.due_at = due_of(row, at)
    row.closed_at = at if target in CLOSED else None
    note(session, row, taken, text, actor=actor, at=at)


def _require_text(text: str, name: str = "text") -> None:
    if not 0 < len(text.strip()) <= TEXT_LIMIT:
        message = "say it in words of your own, without naming who complained"
        raise InvalidInput(message, [FieldError(name, message)])


def _open_work(session: Session, row: Complaint, text: str, at: datetime) -> None:
    """Hand wrong data to those who keep the register; what they get is the officer's text."""
    detail = {"name": row.issuer.institution.name if row.issuer else row.reference, "text": clean(text)}
    institution = row.issuer.institution_id if row.issuer else None
    session.add(
        WorkItem(kind="complaint", key=row.reference, institution_id=institution, detail=detail, opened_at=at)
    )


def reply(
    session: Session, complaint_id: uuid.UUID, text: str, *, actor: uuid.UUID, at: datetime
) -> Complaint:
    """As the issuer: answer, once.

    Raises:
        NotFound: it was not asked on such a complaint.
        TransitionRefused: it has answered, or the complaint is over.
    """
    row = session.get(Complaint, complaint_id, with_for_update=True)
    if row is None or row.issuer_id is None or not has_step(row, ComplaintStep.ASK_ISSUER):
        raise NotFound(f"no complaint {complaint_id}")
    monitoring.own_issuer(session, row.issuer_id, actor=actor, at=at)
    target = step(row.state, ComplaintStep.REPLY)
    if not 0 < len(text.strip()) <= TEXT_LIMIT:
        raise InvalidInput("write your answer", [FieldError("text", "write your answer")])
    _move(session, row, ComplaintStep.REPLY, target, text, actor=actor, at=at)
    tell(session, RoleGrant.body_id == row.body_id, OFFICERS, "complaint_answered", at)
    return row


def resolve(
    session: Session, complaint_id: uuid.UUID, resolution: Resolution, *, actor: uuid.UUID, at: datetime
) -> Complaint:
    """As the officer: end a complaint with an outcome of the policy, and set off what follows from it.

    A warning and an urgent suspension are only proposed here: a second person has to confirm them.

    Raises:
        InvalidInput: the policy knows no such outcome, or something that it needs is missing.
        TransitionRefused: the issuer has not been asked yet, or its days still run.
    """
    row = visible(session, complaint_id, *OFFICERS, actor=actor, at=at, lock=True)
    target = step(row.state, ComplaintStep.RESOLVE)
    known = {item.id for item in terms_of(row).outcomes} - {ComplaintOutcome.INADMISSIBLE.value}
    if resolution.outcome.value not in known:
        raise InvalidInput("choose an outcome", [FieldError("outcome", "choose an outcome")])
    _require_text(resolution.reasons, "reasons")
    _require_heard(row, resolution.outcome, at)
    if resolution.outcome in AGAINST_ISSUER and row.issuer is None:
        message = "this outcome needs an issuer, and the complaint is about none"
        raise InvalidInput(message, [FieldError("outcome", message)])
    _set_off(session, row, resolution, actor=actor, at=at)
    row.outcome = resolution.outcome
    _move(session, row, ComplaintStep.RESOLVE, target, resolution.reasons, actor=actor, at=at)
    if row.issuer is not None and has_step(row, ComplaintStep.ASK_ISSUER):
        place = RoleGrant.institution_id == row.issuer.institution_id
        tell(session, place, (Role.OWNER, Role.SIGNATORY), "complaint_resolved", at)
    return row


def _require_heard(row: Complaint, outcome: ComplaintOutcome, at: datetime) -> None:
    """The issuer was asked, and has answered or let its days pass, before anything but an urgent suspension follows."""
    waits = row.state is ComplaintState.ISSUER_REPLY and row.due_at is not None and at <= row.due_at
    if waits and outcome is not ComplaintOutcome.URGENT_SUSPENSION:
        raise TransitionRefused("the issuer may still answer; wait for it or for the end of its days")
    if outcome in AFTER_HEARING_IT and row.issuer is not None and not has_step(row, ComplaintStep.ASK_ISSUER):
        raise TransitionRefused("ask the issuer first: nothing follows for it unheard")


def _set_off(
    session: Session, row: Complaint, resolution: Resolution, *, actor: uuid.UUID, at: datetime
) -> None:
    issuer, outcome = row.issuer, resolution.outcome
    if issuer is None:
        return
    new = two_people.NewProposal(str(issuer.id), clean(resolution.reasons), issuer_id=issuer.id)
    content: dict[str, Any]
    if outcome is ComplaintOutcome.WARNING:
        content = {"text": {code: clean(text) for code, text in resolution.text.items()}}
        new = two_people.NewProposal(new.object_id, new.reasons, content, issuer_id=issuer.id)
        two_people.propose(session, ProposalKind.WARNING, new, actor=actor, at=at)
    elif outcome is ComplaintOutcome.URGENT_SUSPENSION:
        content = {"ground": resolution.ground}
        new = two_people.NewProposal(new.object_id, new.reasons, content, issuer_id=issuer.id)
        two_people.propose(session, ProposalKind.URGENT_SUSPENSION, new, actor=actor, at=at)
    elif outcome is ComplaintOutcome.REVIEW:
        _open_review(session, row, issuer, resolution.reasons, actor=actor, at=at)


def _open_review(
    session: Session, row: Complaint, issuer: Issuer, reasons: str, *, actor: uuid.UUID, at: datetime
) -> None:
    """Put the extraordinary review on the case officers' list: they open the hearing or the review."""
    due = calendar_of(row.scheme.body).plus(at, monitoring.SIGNAL_DAYS)
    new = monitoring.NewItem(
        MonitoringKind.COMPLAINT, "extraordinary_review", row.reference, {"text": clean(reasons)}
    )
    monitoring.open_item(session, issuer, new, due=due, at=at, actor=actor)
