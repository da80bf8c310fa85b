"""Conditions: what a recognition depends on, shown by the issuer, verified by two people, or missed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from registry.domain.recognition import Reason, Status
from registry.domain.roles import COMMITTEE
from registry.domain.text import clean
from registry.domain.two_people import ProposalKind
from registry.domain.uploads import check_upload
from registry.errors import FieldError, InvalidInput, NotFound, TransitionRefused
from registry.files import FileStore
from registry.models.application import Application
from registry.models.decision import Decision
from registry.models.issuer import Issuer
from registry.models.monitoring import Condition, ConditionEvidence, MonitoringItem, MonitoringKind
from registry.models.review import Assignment
from registry.models.two_people import Proposal, ProposalAnswer
from registry.services import monitoring
from registry.services.clock import clock_account
from registry.services.deadlines import calendar_of
from registry.services.recording import audit
from registry.services.standing import Change, Ground, record, standing_of

TEXT_LIMIT = 20_000


class ConditionState(StrEnum):
    """How a condition stands."""

    OPEN = "open"
    SHOWN = "shown"
    MET = "met"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Standing:
    """A condition with what was shown for it."""

    condition: Condition
    evidence: tuple[ConditionEvidence, ...]
    state: ConditionState


def open_conditions(session: Session, issuer: Issuer, decision: Decision, at: datetime) -> None:
    """Enter the conditions of a grant, each due as the published entry says."""
    for condition in decision.motion.terms["conditions"]:
        session.add(
            Condition(
                issuer_id=issuer.id,
                application_id=decision.application_id,
                criterion=condition["criterion"],
                text=condition["text"],
                due=at + timedelta(days=int(condition["days"])),
                at=at,
            )
        )
    session.flush()


def conditions_of(session: Session, issuer_id: uuid.UUID, at: datetime) -> list[Standing]:
    """Return the conditions of an issuer, those due first, each with what was shown and how it stands."""
    rows = session.scalars(
        select(Condition).where(Condition.issuer_id == issuer_id).order_by(Condition.due)
    ).all()
    shown: dict[uuid.UUID, list[ConditionEvidence]] = {row.id: [] for row in rows}
    query = (
        select(ConditionEvidence)
        .where(ConditionEvidence.condition_id.in_(shown))
        .order_by(ConditionEvidence.at)
    )
    for evidence in session.scalars(query):
        shown[evidence.condition_id].append(evidence)
    met = _met(session, rows)
    return [
        Standing(row, tuple(shown[row.id]), _state(row, shown[row.id], row.id in met, at)) for row in rows
    ]


def condition_of(session: Session, condition_id: str, at: datetime) -> Standing | None:
    """Return a condition with what was shown for it, or None where there is none of this id."""
    try:
        row = session.get(Condition, uuid.UUID(condition_id))
    except ValueError:
        return None
    every = conditions_of(session, row.issuer_id, at) if row else []
    return next((one for one in every if row and one.condition.id == row.id), None)


def _met(session: Session, rows: Sequence[Condition]) -> set[uuid.UUID]:
    query = (
        select(Proposal.object_id)
        .join(ProposalAnswer)
        .where(
            Proposal.kind == ProposalKind.CONDITION_MET,
            ProposalAnswer.accepted,
            Proposal.object_id.in_([str(row.id) for row in rows]),
        )
    )
    return {uuid.UUID(found) for found in session.scalars(query)}


def _state(row: Condition, shown: Sequence[ConditionEvidence], met: bool, at: datetime) -> ConditionState:
    if met:
        return ConditionState.MET
    if shown:
        return ConditionState.SHOWN
    return ConditionState.OVERDUE if at > row.due else ConditionState.OPEN


def show(
    session: Session,
    files: FileStore,
    condition_id: uuid.UUID,
    text: str,
    *,
    file: tuple[str, bytes] | None = None,
    limit: int = 20 * 2**20,
    actor: uuid.UUID,
    at: datetime,
) -> ConditionEvidence:
    """As the issuer: show that a condition is met, with a statement and a file (name, bytes) where there is one.

    Raises:
        InvalidInput: nothing is said, or the file is refused.
        TransitionRefused: it was found met already.
    """
    condition = session.get(Condition, condition_id)
    if condition is None:
        raise NotFound(f"no condition {condition_id}")
    issuer = monitoring.own_issuer(session, condition.issuer_id, actor=actor, at=at)
    if condition.id in _met(session, [condition]):
        raise TransitionRefused("this condition was found met already")
    if not 0 < len(text.strip()) <= TEXT_LIMIT:
        raise InvalidInput(
            "say how the condition is met", [FieldError("text", "say how the condition is met")]
        )
    row = ConditionEvidence(condition_id=condition.id, text=clean(text), size=0, given_by=actor, at=at)
    if file is not None:
        accepted = check_upload(*file, limit=limit)
        row.file_name, row.media_type, row.size = accepted.name, accepted.media_type, len(file[1])
        row.sha256 = files.put(file[1])
    session.add(row)
    session.flush()
    audit(session, "condition.shown", actor=actor, at=at, of=("condition", condition.id))
    days = (
        monitoring.terms_of(session, issuer).sla.days("verify_condition_evidence") or monitoring.SIGNAL_DAYS
    )
    new = monitoring.NewItem(
        MonitoringKind.CONDITION,
        "shown",
        f"shown:{row.id}",
        {"criterion": condition.criterion},
        condition.id,
    )
    due = calendar_of(issuer.scheme.body).plus(at, days)
    monitoring.open_item(session, issuer, new, due=due, at=at, actor=actor)
    return row


def check_met(session: Session, proposal: Proposal, _at: datetime) -> list[FieldError]:
    """Return why a condition cannot be found met: nothing was shown, or it is met; `object_id` names the condition."""
    condition = _condition(session, proposal)
    if condition is None or condition.issuer_id != proposal.issuer_id:
        return [FieldError("object_id", "this issuer has no such condition")]
    if condition.id in _met(session, [condition]):
        return [FieldError("object_id", "this condition was found met already")]
    shown = exists().where(ConditionEvidence.condition_id == condition.id)
    return (
        [] if session.scalar(select(shown)) else [FieldError("object_id", "the issuer has shown nothing yet")]
    )


def apply_met(session: Session, proposal: Proposal, second: uuid.UUID, at: datetime) -> None:
    """Take the condition off the recognition; with the last one it stands without conditions.

    Raises:
        NotAllowed: the second person sat on the committee that set the condition.
    """
    condition = _condition(session, proposal)
    if condition is None:
        raise NotFound("no such condition")
    _refuse_committee(session, condition, proposal.first_by, second)
    issuer = session.get_one(Issuer, condition.issuer_id)
    left = [c for c in _listed(issuer) if c["criterion"] != condition.criterion]
    standing = standing_of(issuer, at)
    conditional = standing is Status.ACTIVE_WITH_CONDITIONS
    change = Change(
        status=Status.ACTIVE if conditional and not left else standing,
        reason=Reason.CONDITION_MET,
        conditions=left,
    )
    application = session.get_one(Application, condition.application_id)
    record(session, issuer, change, Ground(application.policy, proposal=proposal), at)


def _condition(session: Session, proposal: Proposal) -> Condition | None:
    try:
        return session.get(Condition, uuid.UUID(proposal.object_id))
    except ValueError:
        return None


def _refuse_committee(session: Session, condition: Condition, *people: uuid.UUID) -> None:
    sat = select(Assignment.id).where(
        Assignment.application_id == condition.application_id,
        Assignment.account_id.in_(people),
        Assignment.role.in_(COMMITTEE),
    )
    if session.scalar(sat.limit(1)) is not None:
        raise TransitionRefused("who sat on the committee does not verify its conditions")


def _listed(issuer: Issuer) -> list[dict[str, Any]]:
    """Return the conditions that the newest event names; None there leaves those before."""
    named = (event.conditions for event in reversed(issuer.events) if event.conditions is not None)
    return list(next(named, []))


def tick_conditions(session: Session, at: datetime, limit: int = 500) -> int:
    """Open an item for each condition whose day has passed with nothing shown for it; nothing else follows."""
    query = (
        select(Condition)
        .where(Condition.due < at, ~_is_shown(), ~_is_noticed())
        .order_by(Condition.due)
        .limit(limit)
    )
    missed = session.scalars(query).all()
    for condition in missed:
        issuer = session.get_one(Issuer, condition.issuer_id)
        new = monitoring.NewItem(
            MonitoringKind.CONDITION,
            "missed",
            f"missed:{condition.id}",
            {"criterion": condition.criterion},
            condition.id,
        )
        due = calendar_of(issuer.scheme.body).plus(at, monitoring.SIGNAL_DAYS)
        monitoring.open_item(session, issuer, new, due=due, at=at, actor=clock_account(session, at=at).id)
    return len(missed)


def _is_shown() -> ColumnElement[bool]:
    return exists().where(ConditionEvidence.condition_id == Condition.id)


def _is_noticed() -> ColumnElement[bool]:
    return exists().where(MonitoringItem.condition_id == Condition.id, MonitoringItem.subject == "missed")
