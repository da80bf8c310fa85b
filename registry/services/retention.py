"""Keeping to the table of `domain.retention`: finding what is over, and letting it go. It says why; here is only how."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.domain.recognition import Status
from registry.domain.retention import ERASED_DOMAIN, RULE, RecordKind
from registry.domain.roles import Role
from registry.domain.workflow import State
from registry.models.account import AccessToken, Account, LoginAttempt, WebSession
from registry.models.application import Application
from registry.models.body import AdoptedPolicy
from registry.models.complaint import Complaint, ComplaintContact
from registry.models.decision import Vote
from registry.models.issuer import RecognitionEvent
from registry.models.publication import AuditEvent
from registry.models.records import AuditPlace, FileErasure
from registry.models.review import Assignment
from registry.services import erasure
from registry.services.bodies import policy_of
from registry.services.evidence_files import kept_files, order_erasure

_OVER: Final = (Status.WITHDRAWN, Status.EXPIRED, Status.RELINQUISHED, Status.SUPERSEDED, Status.VOID)
_ENDED: Final = (*erasure.ENDED, State.INELIGIBLE)
BATCH: Final = 500
"""Most people, or cases of one policy, that one run lets go; the next run goes on."""


def due(session: Session, *, at: datetime) -> dict[RecordKind, int]:
    """Return how many records of each kind are over, changing nothing."""
    return {kind: task(session, at, False) for kind, task in TASKS.items()}


def apply(session: Session, *, at: datetime) -> dict[RecordKind, int]:
    """Let go of what is over, and return how many of each kind went. Files go afterwards: `evidence_files.erase_files`."""
    return {kind: task(session, at, True) for kind, task in TASKS.items()}


def _since(kind: RecordKind, at: datetime) -> datetime:
    days = RULE[kind].days
    if days is None:
        raise ValueError(f"{kind} is not kept by days")
    return at - timedelta(days=days)


def _rows(table: Any, ended: ColumnElement[Any] | InstrumentedAttribute[Any], kind: RecordKind) -> "Task":
    """Return the task of a kind whose rows go as they are, by when they ended."""

    def task(session: Session, at: datetime, act: bool) -> int:
        over = ended < _since(kind, at)
        count = session.scalar(select(func.count()).select_from(table).where(over)) or 0
        if act and count:
            session.execute(delete(table).where(over))
        return count

    return task


def _contacts(session: Session, at: datetime, act: bool) -> int:
    """Let go of how to reach whoever complained, once the complaint has been over for as long as the rule says."""
    over = select(Complaint.id).where(Complaint.closed_at < _since(RecordKind.COMPLAINT_CONTACT, at))
    mine = ComplaintContact.complaint_id.in_(over)
    count = session.scalar(select(func.count()).select_from(ComplaintContact).where(mine)) or 0
    if act and count:
        session.execute(delete(ComplaintContact).where(mine))
    return count


def _drafts(session: Session, at: datetime, act: bool) -> int:
    query = select(Application.id).where(
        Application.submitted_at.is_(None),
        Application.state.in_(erasure.ENDED),
        Application.entered_at < _since(RecordKind.ABANDONED_DRAFT, at),
    )
    return _files_of(session, set(session.scalars(query)), RecordKind.ABANDONED_DRAFT, at, act)


def _evidence(session: Session, at: datetime, act: bool) -> int:
    over = {case for policy in session.scalars(select(AdoptedPolicy)) for case in _cases(session, policy, at)}
    return _files_of(session, over, RecordKind.CASE_EVIDENCE, at, act)


def _cases(session: Session, policy: AdoptedPolicy, at: datetime) -> Iterator[uuid.UUID]:
    """Yield the cases under a policy that have been over, with the recognition they led to, for as long as it says."""
    years = policy_of(policy).policy.publication.retention_years_after_end
    limit = at.replace(year=at.year - years, day=min(at.day, 28))
    query = select(Application.id, Application.issuer_id).where(
        Application.policy_row_id == policy.id,
        Application.submitted_at.is_not(None),
        Application.state.in_(_ENDED),
        Application.entered_at < limit,
    )
    for case, issuer in session.execute(query.order_by(Application.entered_at)):
        if issuer is None or _has_ended(session, issuer, limit):
            yield case


def _has_ended(session: Session, issuer_id: uuid.UUID, limit: datetime) -> bool:
    newest = select(RecognitionEvent).where(RecognitionEvent.issuer_id == issuer_id)
    event = session.scalars(newest.order_by(RecognitionEvent.number.desc()).limit(1)).one_or_none()
    if event is None:
        return True
    end = event.effective_from if event.status in _OVER else event.valid_until
    return end is not None and end < limit


def _files_of(session: Session, over: set[uuid.UUID], kind: RecordKind, at: datetime, act: bool) -> int:
    """Order that the files of cases go; return how many cases have files that are still there."""
    rows = kept_files().subquery()
    case, digest = rows.c[0], rows.c[1]
    query = select(case, digest).where(case.in_(over), digest.not_in(select(FileErasure.sha256)))
    found = session.execute(query).all()
    if act:
        order_erasure(session, {digest for _case, digest in found}, kind.value, at=at, over=over)
    return len({case for case, _digest in found})


def _people(kind: RecordKind, *, worked: bool) -> "Task":
    def task(session: Session, at: datetime, act: bool) -> int:
        found = _closed_before(session, _since(kind, at), worked)
        for account_id in found if act else ():
            erasure.erase_person(session, account_id, actor=Role.CLOCK.value, at=at)
        return len(found)

    return task


def _closed_before(session: Session, limit: datetime, worked: bool) -> list[uuid.UUID]:
    """Return the accounts closed before `limit`, of people who have, or have not, acted in a case."""
    closed = (
        select(AuditPlace.object_id)
        .join(AuditEvent, AuditEvent.number == AuditPlace.number)
        .where(AuditPlace.object_type == "account", AuditEvent.act == "disable_account")
        .group_by(AuditPlace.object_id)
        .having(func.max(AuditEvent.at) < limit)
    )
    acted = (
        Account.id.in_(select(Assignment.account_id))
        | Account.id.in_(select(Vote.account_id))
        | Account.id.in_(select(Application.created_by))
    )
    candidates = [uuid.UUID(key) for key in session.scalars(closed)]
    query = select(Account.id).where(
        Account.id.in_(candidates), ~Account.active, Account.email.not_like(f"%@{ERASED_DOMAIN}")
    )
    return list(session.scalars(query.where(acted if worked else ~acted).order_by(Account.id).limit(BATCH)))


Task = Callable[[Session, datetime, bool], int]
"""Counts what is over at an instant and, if told to act, lets it go."""
TASKS: Final[Mapping[RecordKind, Task]] = {
    RecordKind.LOGIN_ATTEMPT: _rows(LoginAttempt, LoginAttempt.at, RecordKind.LOGIN_ATTEMPT),
    RecordKind.WEB_SESSION: _rows(WebSession, WebSession.expires_at, RecordKind.WEB_SESSION),
    RecordKind.ACCESS_TOKEN: _rows(AccessToken, AccessToken.expires_at, RecordKind.ACCESS_TOKEN),
    RecordKind.ABANDONED_DRAFT: _drafts,
    RecordKind.CASE_EVIDENCE: _evidence,
    RecordKind.COMPLAINT_CONTACT: _contacts,
    RecordKind.LEFT_PERSON: _people(RecordKind.LEFT_PERSON, worked=False),
    RecordKind.LEFT_WORKER: _people(RecordKind.LEFT_WORKER, worked=True),
}
"""What the worker does about each kind whose time can be over; the others stay, or go with an act of two people."""
