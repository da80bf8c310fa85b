"""Daily rounds over all issuers: yearly reports, surveillance, windows for renewal, suspensions that last too long.

A round goes over the issuers batch by batch in the order of their ids and remembers where it is, so that it streams, can be
killed, and is done once a day.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from registry.domain.periods import plus_months
from registry.domain.recognition import Status, timeline
from registry.models.issuer import Issuer
from registry.models.monitoring import IssuerReport, MonitoringItem, MonitoringKind, Sweep
from registry.services import monitoring, renewals
from registry.services.clock import clock_account
from registry.services.deadlines import calendar_of
from registry.services.trust_lists import status_events

BATCH = 200
Look = Callable[[Session, datetime, list[Issuer]], int]
WARN_BEFORE = timedelta(days=14)
"""How long before the longest time of a suspension is over somebody is told."""


def tick_rounds(session: Session, at: datetime) -> int:
    """Look at the next batch of issuers of today's round and return how many items it opened."""
    sweep = sweep_of(session, "monitoring", at)
    if sweep.done:
        return 0
    batch = next_batch(session, sweep.after, BATCH)
    opened = sum(look(session, at, batch) for look in _LOOKS)
    advance(sweep, batch, BATCH)
    session.flush()
    return opened


def next_batch(session: Session, after: uuid.UUID | None, size: int) -> list[Issuer]:
    """Return the issuers that follow in the order of their ids, with what a round looks at."""
    query = (
        select(Issuer)
        .options(selectinload(Issuer.events), selectinload(Issuer.identities), selectinload(Issuer.scheme))
        .order_by(Issuer.id)
        .limit(size)
    )
    if after is not None:
        query = query.where(Issuer.id > after)
    return list(session.scalars(query))


def advance(sweep: Sweep, batch: list[Issuer], size: int) -> None:
    """Note how far a round has come."""
    sweep.done = len(batch) < size
    sweep.after = batch[-1].id if batch and not sweep.done else None


def sweep_of(session: Session, name: str, at: datetime) -> Sweep:
    """Return a round of today, a new one where yesterday's is over."""
    today = at.astimezone(UTC).date()
    row = session.get(Sweep, name, with_for_update=True)
    if row is None:
        row = Sweep(name=name, day=today, after=None, done=False)
        session.add(row)
    elif row.day < today and row.done:
        row.day, row.after, row.done = today, None, False
    return row


def _reports(session: Session, at: datetime, issuers: list[Issuer]) -> int:
    """Open an item where the report of the last year is overdue."""
    year, count = at.year - 1, 0
    query = select(IssuerReport.issuer_id).where(
        IssuerReport.year == year, IssuerReport.issuer_id.in_([i.id for i in issuers])
    )
    given = set(session.scalars(query))
    for issuer in issuers:
        if issuer.id in given or issuer.created_at.year > year or not _stands(issuer, at):
            continue
        terms = monitoring.terms_of(session, issuer).monitoring.annual_report
        due = monitoring.report_due(issuer, terms, year)
        if at > due:
            limit = due + timedelta(days=terms.suspend_after_overdue_days)
            count += _open(session, issuer, MonitoringKind.ANNUAL_REPORT, str(year), limit, at)
    return count


def _surveillance(session: Session, at: datetime, issuers: list[Issuer]) -> int:
    """Open an item where the check between two reviews is due."""
    count = 0
    query = select(MonitoringItem).where(
        MonitoringItem.kind == MonitoringKind.SURVEILLANCE,
        MonitoringItem.issuer_id.in_([i.id for i in issuers]),
    )
    last: dict[uuid.UUID, datetime] = {}
    for item in session.scalars(query):
        last[item.issuer_id] = max(item.opened_at, last.get(item.issuer_id, item.opened_at))
    for issuer in issuers:
        if not _stands(issuer, at):
            continue
        months = monitoring.terms_of(session, issuer).monitoring.surveillance.every_months
        due = plus_months(last.get(issuer.id, issuer.created_at), months)
        if at >= due:
            limit = calendar_of(issuer.scheme.body).plus(at, monitoring.SURVEILLANCE_DAYS)
            count += _open(session, issuer, MonitoringKind.SURVEILLANCE, f"{due:%Y-%m}", limit, at)
    return count


def _suspensions(session: Session, at: datetime, issuers: list[Issuer]) -> int:
    """Open an item before a suspension has lasted as long as the policy allows."""
    count = 0
    for issuer in issuers:
        now = next((i for i in timeline(status_events(issuer)) if i.holds_at(at)), None)
        if now is None or now.status is not Status.SUSPENDED:
            continue
        limit = now.start + timedelta(days=monitoring.terms_of(session, issuer).sanctions.suspend.max_days)
        if at >= limit - WARN_BEFORE:
            count += _open(session, issuer, MonitoringKind.SUSPENSION, f"{now.start:%Y-%m-%d}", limit, at)
    return count


def _stands(issuer: Issuer, at: datetime) -> bool:
    now = renewals.running(issuer, at)
    return now is not None and now.status.is_recognized


def _open(
    session: Session, issuer: Issuer, kind: MonitoringKind, key: str, due: datetime, at: datetime
) -> int:
    new, actor = monitoring.NewItem(kind, key, key), clock_account(session, at=at).id
    return int(monitoring.open_item(session, issuer, new, due=due, at=at, actor=actor) is not None)


_LOOKS: tuple[Look, ...] = (_reports, _surveillance, _suspensions, renewals.tick_windows)
"""What a round looks for."""
