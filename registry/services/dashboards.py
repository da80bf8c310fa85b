"""Figures of a body: cases by stage, how long stages take, and what is overdue.

Three queries at any number of cases. The days of a stage come as a histogram from the database (how many stays from which
day to which day), so that what is counted in working days here is bounded by days of the year, not by cases.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, extract, func, select
from sqlalchemy.orm import Session

from registry.domain.calendars import WorkCalendar
from registry.domain.clocks import Side
from registry.domain.periods import plus_months
from registry.domain.roles import Role
from registry.domain.workflow import ENDED, State
from registry.errors import NotFound
from registry.models.application import Application, ApplicationEvent
from registry.models.body import Body, Scheme
from registry.models.institution import Institution
from registry.services.accounts import roles_of
from registry.services.deadlines import calendar_of

READERS = (Role.CASE_OFFICER, Role.REGISTRAR, Role.AUDITOR, Role.ADMINISTRATOR)
"""Who sees the figures of a body; the administrator sees counts only, no case."""
NAMERS = (Role.CASE_OFFICER, Role.REGISTRAR, Role.AUDITOR)
"""Who also sees which cases are overdue."""
MONTHS = 12
"""How far back the medians look."""
NAMED = 20
"""Most overdue cases that are named."""
_DAY = 24 * 3600
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Stage:
    """A state: how many cases stand there, how many are late, and after how many working days others left it in a year."""

    state: State
    cases: int
    overdue: int
    stays: int
    median_days: Fraction | None


@dataclass(frozen=True, slots=True)
class Late:
    """A case that is overdue, whose move it is, and since when."""

    application_id: uuid.UUID
    reference: str
    institution: str
    institution_names: Mapping[str, str]
    state: State
    due_at: datetime
    side: Side | None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Figures of a body at an instant: stages in the order of the procedure; `late` is empty for who sees counts only."""

    body: Body
    at: datetime
    since: datetime
    stages: tuple[Stage, ...]
    late: tuple[Late, ...]
    names_cases: bool

    @property
    def open_cases(self) -> int:
        """How many cases are open."""
        return sum(stage.cases for stage in self.stages)

    @property
    def overdue(self) -> int:
        """How many open cases are overdue."""
        return sum(stage.overdue for stage in self.stages)


def bodies_for(session: Session, *, actor: uuid.UUID, at: datetime) -> Sequence[Body]:
    """Return the bodies whose figures a person sees, by name."""
    ids = {g.body_id for g in roles_of(session, actor, at=at) if g.role in READERS and g.body_id is not None}
    return (
        session.scalars(select(Body).where(Body.id.in_(ids)).order_by(Body.legal_name)).all() if ids else ()
    )


def dashboard(session: Session, slug: str, *, actor: uuid.UUID, at: datetime) -> Dashboard:
    """Return the figures of a body.

    Raises:
        NotFound: no such body, or the person holds no role for it that sees them.
    """
    body = session.scalars(select(Body).where(Body.slug == slug)).one_or_none()
    held = {g.role for g in roles_of(session, actor, at=at) if body is not None and g.body_id == body.id}
    if body is None or not held & set(READERS):
        raise NotFound(f"no body {slug}")
    since, names = plus_months(at, -MONTHS), bool(held & set(NAMERS))
    counts, spans = _counts(session, body, at), _days_of_stages(session, body, since)
    stages = tuple(
        Stage(state, *counts.get(state, (0, 0)), spans[state].total(), median(spans[state]))
        for state in State
        if state not in ENDED and (state in counts or spans[state])
    )
    return Dashboard(body, at, since, stages, _late(session, body, at) if names else (), names)


def _counts(session: Session, body: Body, at: datetime) -> dict[State, tuple[int, int]]:
    """Return how many open cases stand in each state, and how many of them are overdue."""
    late = func.sum(case((Application.due_at < at, 1), else_=0))
    query = (
        select(Application.state, func.count(), late)
        .join(Scheme, Scheme.id == Application.scheme_id)
        .where(Scheme.body_id == body.id, Application.state.not_in(ENDED | {State.DRAFT}))
        .group_by(Application.state)
    )
    return {state: (count, int(overdue)) for state, count, overdue in session.execute(query)}


def _days_of_stages(session: Session, body: Body, since: datetime) -> dict[State, Counter[int]]:
    """Return how many stays of how many working days ended in each state since an instant."""
    calendar = calendar_of(body)
    rows = session.execute(_stays(body, since)).all()
    days = _working_days(calendar, [int(day) for row in rows for day in (row.entered, row.left)])
    found: dict[State, Counter[int]] = {state: Counter() for state in State}
    for row in rows:
        found[row.source][days[int(row.left)] - days[int(row.entered)]] += row.stays
    return found


def _stays(body: Body, since: datetime) -> Select[Any]:
    """Return the query of stays: state, local day in and out (days since 1970), and how many such stays there were.

    A case that moved since then also entered its present state since then, which keeps those closed earlier out of the work.
    """
    before = func.lag(ApplicationEvent.at).over(
        partition_by=ApplicationEvent.application_id, order_by=ApplicationEvent.sequence
    )
    moves = (
        select(ApplicationEvent.source, ApplicationEvent.at, before.label("before"))
        .join(Application, Application.id == ApplicationEvent.application_id)
        .join(Scheme, Scheme.id == Application.scheme_id)
        .where(
            Scheme.body_id == body.id,
            Application.entered_at >= since,
            ApplicationEvent.source != ApplicationEvent.target,
        )
        .subquery()
    )
    offset = since.astimezone(ZoneInfo(body.time_zone)).utcoffset() or timedelta()
    entered, left = _day(moves.c.before, offset), _day(moves.c.at, offset)
    return (
        select(moves.c.source, entered.label("entered"), left.label("left"), func.count().label("stays"))
        .where(moves.c.at >= since, moves.c.before.is_not(None))
        .group_by(moves.c.source, entered, left)
    )


def _day(at: ColumnElement[Any], offset: timedelta) -> ColumnElement[int]:
    """Return the day of an instant as a number, 0 being 1 January 1970; the zone's offset is that of the year's begin."""
    return (cast(extract("epoch", at), BigInteger) + int(offset.total_seconds())) // _DAY


def _working_days(calendar: WorkCalendar, days: Iterable[int]) -> Mapping[int, int]:
    """Return for each day how many working days lie between the first of them and it, counted once."""
    wanted = set(days)
    if not wanted:
        return {}
    counts, count = {}, 0
    for number in range(min(wanted), max(wanted) + 1):
        count += number > min(wanted) and calendar.is_working(_EPOCH + timedelta(days=number))
        if number in wanted:
            counts[number] = count
    return counts


def median(histogram: Mapping[int, int]) -> Fraction | None:
    """Return the median of values that are given by how often each occurs, or None of nothing."""
    total = sum(histogram.values())
    if not total:
        return None
    below, middle = 0, []
    for value, times in sorted(histogram.items()):
        middle += [value for place in {(total - 1) // 2, total // 2} if below <= place < below + times]
        below += times
    return Fraction(sum(middle), len(middle))


def _late(session: Session, body: Body, at: datetime) -> tuple[Late, ...]:
    query = (
        select(
            Application.id,
            Application.reference,
            Institution.name,
            Institution.names,
            Application.state,
            Application.due_at,
            Application.clock_side,
        )
        .join(Scheme, Scheme.id == Application.scheme_id)
        .join(Institution, Institution.id == Application.institution_id)
        .where(
            Scheme.body_id == body.id,
            Application.state.not_in(ENDED | {State.DRAFT}),
            Application.due_at < at,
        )
        .order_by(Application.due_at, Application.reference)
        .limit(NAMED)
    )
    return tuple(Late(*row) for row in session.execute(query))
