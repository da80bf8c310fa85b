"""Monitoring: what has to be looked at between two decisions. Items have an owner and a day; none changes a standing."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.policy import Policy
from registry.domain.policy_terms import AnnualReport
from registry.domain.roles import INSTITUTION_ROLES, Role
from registry.domain.text import clean
from registry.errors import Conflict, FieldError, InvalidInput, NotFound
from registry.models.issuer import Issuer
from registry.models.monitoring import IssuerReport, MonitoringItem, MonitoringKind, MonitoringResult
from registry.services import access
from registry.services.bodies import current_policy, policy_of
from registry.services.deadlines import calendar_of
from registry.services.recording import audit, enqueue

OWNERS = (Role.CASE_OFFICER,)
"""Who of a body looks at items."""
READERS = (Role.CASE_OFFICER, Role.REGISTRAR, Role.COMPLAINTS_OFFICER, Role.AUDITOR)
SIGNAL_DAYS = 10
"""Working days to look at a signal."""
SURVEILLANCE_DAYS = 60
"""Working days to carry out the check between two reviews."""
ANSWER_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class NewItem:
    """What was noticed. `subject` is the policy's word for it, `key` tells it from others of its kind."""

    kind: MonitoringKind
    subject: str
    key: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    condition_id: uuid.UUID | None = None


def open_item(
    session: Session, issuer: Issuer, new: NewItem, *, due: datetime, at: datetime, actor: uuid.UUID | str
) -> MonitoringItem | None:
    """Open an item, or return None where the same was noticed before."""
    known = select(MonitoringItem.id).where(
        MonitoringItem.issuer_id == issuer.id,
        MonitoringItem.kind == new.kind,
        MonitoringItem.key == new.key,
    )
    if session.scalar(known) is not None:
        return None
    row = MonitoringItem(
        issuer_id=issuer.id,
        body_id=issuer.scheme.body_id,
        kind=new.kind,
        subject=new.subject,
        key=new.key,
        condition_id=new.condition_id,
        detail=dict(new.detail),
        opened_at=at,
        due_at=due,
    )
    session.add(row)
    session.flush()
    audit(session, f"monitoring.{new.kind.value}", actor=actor, at=at, of=("monitoring_item", row.id))
    return row


def terms_of(session: Session, issuer: Issuer) -> Policy:
    """Return the policy by which an issuer is looked at now: the version that its body has adopted last."""
    return policy_of(current_policy(session, issuer.scheme)).policy


def item_for(
    session: Session,
    item_id: uuid.UUID,
    *roles: Role,
    actor: uuid.UUID,
    at: datetime,
    lock: bool = False,
) -> MonitoringItem:
    """Return an item of a body for which the person holds one of `roles`, or raise `NotFound`."""
    row = session.get(MonitoringItem, item_id, with_for_update=lock or None)
    if row is None or not access.holds(session, actor, *roles, at=at, body=row.body_id):
        raise NotFound(f"no monitoring item {item_id}")
    if access.has_acted_for(session, actor, session.get_one(Issuer, row.issuer_id).institution_id):
        raise NotFound(f"no monitoring item {item_id}")
    return row


def take(session: Session, item_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> MonitoringItem:
    """Take an item on as one's own work."""
    row = item_for(session, item_id, *OWNERS, actor=actor, at=at, lock=True)
    if row.closed_at is not None:
        raise Conflict("this item is closed already")
    if row.owner is not None and row.owner != actor:
        raise Conflict("somebody else has taken this item on")
    row.owner = actor
    session.flush()
    audit(session, "monitoring.taken", actor=actor, at=at, of=("monitoring_item", row.id))
    return row


def close(
    session: Session,
    item_id: uuid.UUID,
    result: MonitoringResult,
    reasons: str,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> MonitoringItem:
    """Say what came of an item. A hearing or a review that follows is opened in its own right.

    Raises:
        InvalidInput: no reasons.
        Conflict: it is closed already.
    """
    row = item_for(session, item_id, *OWNERS, actor=actor, at=at, lock=True)
    if row.closed_at is not None:
        raise Conflict("this item is closed already")
    text = clean(reasons)
    if not 0 < len(text) <= ANSWER_LIMIT:
        raise InvalidInput(
            "say what you found and did", [FieldError("reasons", "say what you found and did")]
        )
    row.closed_at, row.closed_by, row.result, row.reasons = at, actor, result, text
    row.owner = row.owner or actor
    session.flush()
    detail = {"result": result.value}
    audit(session, "monitoring.closed", actor=actor, at=at, of=("monitoring_item", row.id), detail=detail)
    return row


def open_items(session: Session, bodies: Sequence[uuid.UUID], limit: int = 200) -> Sequence[MonitoringItem]:
    """Return the open items of bodies, those due first."""
    query = (
        select(MonitoringItem)
        .where(MonitoringItem.body_id.in_(bodies), MonitoringItem.closed_at.is_(None))
        .order_by(MonitoringItem.due_at)
        .limit(limit)
    )
    return session.scalars(query).all()


def items_of(session: Session, issuer_id: uuid.UUID) -> Sequence[MonitoringItem]:
    """Return everything that was noticed about an issuer, newest first."""
    query = select(MonitoringItem).where(MonitoringItem.issuer_id == issuer_id)
    return session.scalars(query.order_by(MonitoringItem.opened_at.desc())).all()


def own_issuer(session: Session, issuer_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> Issuer:
    """Return an issuer to those who write for its institution; to others it is `NotFound` or `NotAllowed`."""
    issuer = session.get(Issuer, issuer_id)
    if issuer is None or not access.holds(
        session, actor, *INSTITUTION_ROLES, at=at, institution=issuer.institution_id
    ):
        raise NotFound(f"no issuer {issuer_id}")
    access.require(
        session,
        actor,
        Role.OWNER,
        Role.SIGNATORY,
        Role.CONTRIBUTOR,
        at=at,
        institution=issuer.institution_id,
    )
    return issuer


def file_report(
    session: Session,
    issuer_id: uuid.UUID,
    year: int,
    answers: Mapping[str, str],
    *,
    actor: uuid.UUID,
    at: datetime,
) -> IssuerReport:
    """As the issuer: hand in the report of a year that is over. A second one is a new version; both stay.

    Raises:
        InvalidInput: the year is not over, or a field of the policy has no answer, or a text is too long.
    """
    issuer = own_issuer(session, issuer_id, actor=actor, at=at)
    fields = {item.id for item in terms_of(session, issuer).monitoring.annual_report.fields}
    problems = [
        FieldError(name, "fill this in") for name in sorted(fields) if not answers.get(name, "").strip()
    ]
    problems += [
        FieldError(name, "the policy does not ask for this") for name in sorted(set(answers) - fields)
    ]
    problems += [
        FieldError(name, f"at most {ANSWER_LIMIT} characters")
        for name, text in sorted(answers.items())
        if len(text) > ANSWER_LIMIT
    ]
    if not issuer.created_at.year <= year < at.year:
        problems.append(FieldError("year", "choose a year that is over and in which you were recognized"))
    if problems:
        raise InvalidInput("the report is not complete yet", problems)
    versions = select(func.max(IssuerReport.number)).where(
        IssuerReport.issuer_id == issuer.id, IssuerReport.year == year
    )
    row = IssuerReport(
        issuer_id=issuer.id,
        year=year,
        number=(session.scalar(versions) or 0) + 1,
        answers={name: clean(text) for name, text in answers.items()},
        given_by=actor,
        at=at,
    )
    session.add(row)
    session.flush()
    audit(session, "report.filed", actor=actor, at=at, of=("issuer", issuer.id), detail={"year": year})
    return row


def report_due(issuer: Issuer, terms: AnnualReport, year: int) -> datetime:
    """Return the instant by which the report of a year is due, the end of a day where the body is."""
    first = date(year + 1, 1, 1)
    return calendar_of(issuer.scheme.body).end_of(first) + timedelta(days=terms.due_days_after_year_end - 1)


def reports_of(session: Session, issuer_id: uuid.UUID) -> Sequence[IssuerReport]:
    """Return the yearly reports of an issuer, newest first."""
    query = select(IssuerReport).where(IssuerReport.issuer_id == issuer_id)
    return session.scalars(query.order_by(IssuerReport.year.desc(), IssuerReport.number.desc())).all()


def report_change(
    session: Session, issuer_id: uuid.UUID, change: str, text: str, *, actor: uuid.UUID, at: datetime
) -> MonitoringItem:
    """As the issuer: tell a change that the policy wants to know of. An urgent one is due within its hours.

    Raises:
        InvalidInput: the policy knows no such change, or nothing is said about it.
    """
    issuer = own_issuer(session, issuer_id, actor=actor, at=at)
    terms = terms_of(session, issuer)
    told = terms.monitoring.change_reporting
    known = {item.id for group in (told.urgent, told.substantive, told.minor) for item in group}
    problems = [] if change in known else [FieldError("change", "choose one of the changes")]
    if not 0 < len(text.strip()) <= ANSWER_LIMIT:
        problems.append(FieldError("text", f"say what changes, in at most {ANSWER_LIMIT} characters"))
    if problems:
        raise InvalidInput("this change cannot be told", problems)
    days = terms.sla.days("process_substantive_change") or told.notify_days
    urgent = change in {item.id for item in told.urgent}
    due = (
        at + timedelta(hours=told.urgent_hours) if urgent else calendar_of(issuer.scheme.body).plus(at, days)
    )
    new = NewItem(
        MonitoringKind.CHANGE_REPORT,
        change,
        f"{change}:{at.isoformat()}",
        {"text": clean(text), "urgent": urgent},
    )
    row = open_item(session, issuer, new, due=due, at=at, actor=actor)
    if row is None:
        raise Conflict("this change was told a moment ago")
    enqueue(
        session, "mail", {"kind": "change_reported", "body": str(row.body_id), "item": str(row.id)}, at=at
    )
    return row


def note_signal(
    session: Session, issuer_id: uuid.UUID, signal: str, text: str, *, actor: uuid.UUID, at: datetime
) -> MonitoringItem:
    """As a person of the body: note a signal that no machine sees, such as a credential seen outside the scope."""
    issuer = session.get(Issuer, issuer_id)
    if issuer is None or not access.holds(session, actor, *READERS[:3], at=at, body=issuer.scheme.body_id):
        raise NotFound(f"no issuer {issuer_id}")
    known = {item.id for item in terms_of(session, issuer).monitoring.signals}
    problems = [] if signal in known else [FieldError("signal", "choose one of the signals")]
    if not 0 < len(text.strip()) <= ANSWER_LIMIT:
        problems.append(FieldError("text", f"say what was seen, in at most {ANSWER_LIMIT} characters"))
    if problems:
        raise InvalidInput("this signal cannot be noted", problems)
    new = NewItem(MonitoringKind.SIGNAL, signal, f"{signal}:{at.isoformat()}", {"text": clean(text)})
    due = calendar_of(issuer.scheme.body).plus(at, SIGNAL_DAYS)
    row = open_item(session, issuer, new, due=due, at=at, actor=actor)
    if row is None:
        raise Conflict("this signal was noted a moment ago")
    return row
