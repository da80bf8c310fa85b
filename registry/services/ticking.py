"""The clock acts: what a passed deadline brings by itself, and whom a near or passed one is told to.

A step that the table gives to `Role.CLOCK` is taken once its guards hold; where the policy lets the case lapse, that comes
first. Everything else is only told: a reminder before the deadline, and one when it has passed.
"""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from registry.domain.roles import Role
from registry.domain.workflow import ENDED, TRANSITIONS, Action, State, Transition
from registry.errors import RegistryError
from registry.models.application import Application
from registry.models.work import Reminder, ReminderKind
from registry.services.clock import clock_account
from registry.services.finality import close_due
from registry.services.recording import enqueue
from registry.services.steps import missing_for, take_step

log = logging.getLogger(__name__)
REMIND_BEFORE = timedelta(days=3)
"""How long before a deadline it is told."""
BATCH = 500
"""Cases of one transaction."""

AUTOMATIC: Mapping[State, tuple[Transition, ...]] = {
    state: tuple(
        sorted(
            (t for t in TRANSITIONS if t.source is state and Role.CLOCK in t.roles),
            key=lambda t: t.action is not Action.LAPSE,
        )
    )
    for state in State
}
"""The steps that the clock takes from each state; lapsing is tried first."""
_BY_ITSELF = tuple(state for state, steps in AUTOMATIC.items() if steps)


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one batch did, and where the next one begins (None: nothing is left)."""

    moved: int
    reminded: int
    last: uuid.UUID | None


def tick(session: Session, at: datetime, after: uuid.UUID | None = None) -> Ticked:
    """Handle one batch of cases whose deadline is near or has passed, in the order of their ids."""
    query = select(Application).where(_is_due(at)).order_by(Application.id).limit(BATCH)
    if after is not None:
        query = query.where(Application.id > after)
    batch = session.scalars(query).all()
    told = _told(session, batch)
    clock = clock_account(session, at=at).id if batch else uuid.UUID(int=0)
    moved = reminded = 0
    for application in batch:
        if _act(session, application, clock, at):
            moved += 1
        elif application.due_at is not None:
            reminded += _remind(session, application, application.due_at, told, at)
    session.flush()
    return Ticked(moved, reminded, batch[-1].id if len(batch) == BATCH else None)


def _is_due(at: datetime) -> ColumnElement[bool]:
    """Cases that the clock can move now, and those with a deadline that nobody was told of yet."""
    over = and_(Application.due_at < at, Application.state.in_(_BY_ITSELF))
    near = and_(
        Application.due_at <= at + REMIND_BEFORE, Application.due_at >= at, ~_was_told(ReminderKind.SOON)
    )
    late = and_(Application.due_at < at, ~_was_told(ReminderKind.OVERDUE))
    return and_(Application.state.not_in(ENDED), or_(over, near, late))


def _was_told(kind: ReminderKind) -> ColumnElement[bool]:
    return exists().where(
        Reminder.application_id == Application.id,
        Reminder.due_at == Application.due_at,
        Reminder.kind == kind,
    )


def _told(session: Session, batch: Sequence[Application]) -> set[tuple[uuid.UUID, datetime, ReminderKind]]:
    query = select(Reminder).where(Reminder.application_id.in_([a.id for a in batch]))
    return {(row.application_id, row.due_at, row.kind) for row in session.scalars(query)}


def _act(session: Session, application: Application, clock: uuid.UUID, at: datetime) -> bool:
    """Take the step that a passed deadline brings, if there is one and its guards hold."""
    if application.due_at is None or application.due_at >= at:
        return False
    for transition in AUTOMATIC[application.state]:
        if not missing_for(session, application, transition, at):
            return _take(session, application, transition.action, clock, at)
    return False


def _take(session: Session, application: Application, action: Action, clock: uuid.UUID, at: datetime) -> bool:
    """Take a step of the clock; one that is refused is logged, and does not stop the others."""
    try:
        with session.begin_nested():
            if action in _MOVES:
                _MOVES[action](session, application, actor=clock, at=at)
            else:
                take_step(session, application, action, actor=clock, at=at)
    except RegistryError as error:
        log.warning("clock_refused", extra={"case": str(application.id), "error": str(error)})
        return False
    return True


_MOVES: Mapping[Action, Callable[..., Application]] = {Action.CLOSE: close_due}
"""Steps of the clock that do more than the step itself."""


def _remind(
    session: Session,
    application: Application,
    due: datetime,
    told: set[tuple[uuid.UUID, datetime, ReminderKind]],
    at: datetime,
) -> bool:
    kind = ReminderKind.OVERDUE if due < at else ReminderKind.SOON
    if (application.id, due, kind) in told:
        return False
    session.add(Reminder(application_id=application.id, due_at=due, kind=kind, at=at))
    side = application.clock_side.value if application.clock_side else "body"
    payload = {"kind": f"deadline_{kind.value}", "application": str(application.id), "side": side}
    enqueue(session, "mail", payload, at=at)
    return True
