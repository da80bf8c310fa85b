"""Calendars: deadlines of a person's cases, meetings and visits; and the private addresses that programs subscribe to.

An entry names the case by its reference and nothing of what it holds: calendars travel through other people's machines.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from registry.domain.clocks import Side
from registry.domain.workflow import ENDED
from registry.models.account import Account
from registry.models.application import Application
from registry.models.judgement import VisitPlan
from registry.models.meeting import Meeting
from registry.models.review import Assignment
from registry.models.work import CalendarFeed
from registry.services import meetings
from registry.services.accounts import roles_of
from registry.services.sessions import digest, new_secret

BACK = timedelta(days=31)
"""How long what has been stays in a calendar."""
MOST = 500
"""Most entries of one kind."""


class EntryKind(StrEnum):
    """What an entry of a calendar is."""

    DEADLINE = "deadline"
    APPLICANT_DEADLINE = "applicant_deadline"
    MEETING = "meeting"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `id` of the case or meeting, its reference (empty for a meeting), when, and when that was set.

    `own`: the person is of the applicant, so that the entry leads to the applicant's page.
    """

    kind: EntryKind
    id: uuid.UUID
    reference: str
    starts: datetime | date
    changed: datetime
    own: bool = False


def entries(session: Session, *, actor: uuid.UUID, at: datetime) -> list[Entry]:
    """Return what belongs in a person's calendar, by time; four queries however much there is."""
    grants = roles_of(session, actor, at=at)
    bodies = {g.body_id for g in grants if g.role in meetings.ATTENDING and g.body_id is not None}
    institutions = {g.institution_id for g in grants if g.institution_id is not None}
    played = select(Assignment.application_id).where(
        Assignment.account_id == actor, Assignment.ended_at.is_(None)
    )
    found = [
        *_deadlines(session, played, institutions, at),
        *_meetings(session, bodies, at),
        *_visits(session, played, at),
    ]
    return sorted(found, key=lambda one: (_day(one.starts), one.reference, one.kind))


def _day(starts: datetime | date) -> date:
    return starts.date() if isinstance(starts, datetime) else starts


def _deadlines(
    session: Session,
    played: Select[uuid.UUID],
    institutions: Collection[uuid.UUID],
    at: datetime,
) -> list[Entry]:
    query = (
        select(Application)
        .where(
            Application.id.in_(played) | Application.institution_id.in_(institutions),
            Application.due_at > at - BACK,
            Application.state.not_in(ENDED),
        )
        .order_by(Application.due_at)
        .limit(MOST)
    )
    return [
        Entry(
            EntryKind.APPLICANT_DEADLINE if one.clock_side is Side.APPLICANT else EntryKind.DEADLINE,
            one.id,
            one.reference,
            one.due_at,
            one.entered_at,
            one.institution_id in institutions,
        )
        for one in session.scalars(query)
        if one.due_at is not None
    ]


def _meetings(session: Session, bodies: Collection[uuid.UUID], at: datetime) -> list[Entry]:
    if not bodies:
        return []
    query = select(Meeting.id, Meeting.starts_at, Meeting.created_at).where(
        Meeting.body_id.in_(bodies), Meeting.starts_at > at - BACK
    )
    rows = session.execute(query.order_by(Meeting.starts_at).limit(MOST))
    return [Entry(EntryKind.MEETING, row.id, "", row.starts_at, row.created_at) for row in rows]


def _visits(session: Session, played: Select[uuid.UUID], at: datetime) -> list[Entry]:
    """Return the visits as planned last, for those with a part in the case."""
    newest = (
        select(VisitPlan.application_id, func.max(VisitPlan.number).label("number"))
        .where(VisitPlan.application_id.in_(played))
        .group_by(VisitPlan.application_id)
        .subquery()
    )
    query = (
        select(VisitPlan.application_id, Application.reference, VisitPlan.day, VisitPlan.at)
        .join(
            newest,
            (newest.c.application_id == VisitPlan.application_id) & (newest.c.number == VisitPlan.number),
        )
        .join(Application, Application.id == VisitPlan.application_id)
        .where(VisitPlan.day > (at - BACK).date())
        .order_by(VisitPlan.day)
        .limit(MOST)
    )
    return [
        Entry(EntryKind.VISIT, row.application_id, row.reference, row.day, row.at)
        for row in session.execute(query)
    ]


def make_feed(session: Session, account_id: uuid.UUID, *, at: datetime) -> str:
    """Return the secret of a new private address, shown this once; the one before works no longer."""
    end_feed(session, account_id, at=at)
    secret = new_secret()
    session.add(CalendarFeed(hash=digest(secret), account_id=account_id, created_at=at))
    session.flush()
    return secret


def end_feed(session: Session, account_id: uuid.UUID, *, at: datetime) -> None:
    """End the private address of a calendar, if there is one."""
    session.execute(
        update(CalendarFeed)
        .where(CalendarFeed.account_id == account_id, CalendarFeed.revoked_at.is_(None))
        .values(revoked_at=at)
    )


def feed_of(session: Session, account_id: uuid.UUID) -> CalendarFeed | None:
    """Return the live private address of a person, or None."""
    query = select(CalendarFeed).where(
        CalendarFeed.account_id == account_id, CalendarFeed.revoked_at.is_(None)
    )
    return session.scalars(query.order_by(CalendarFeed.created_at.desc()).limit(1)).one_or_none()


def owner_of(session: Session, secret: str) -> Account | None:
    """Return whose calendar a secret opens, or None if it opens none (any more)."""
    query = (
        select(Account)
        .join(CalendarFeed, CalendarFeed.account_id == Account.id)
        .where(CalendarFeed.hash == digest(secret), CalendarFeed.revoked_at.is_(None), Account.active)
    )
    return session.scalars(query).one_or_none()
