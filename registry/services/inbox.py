"""The inbox: what lies on a person's desk, by deadline, with what comes next and who holds it.

However many cases there are, it takes the same few queries: one over the parts a person plays, one over the states in which
a role of theirs has the move, and one each for declarations and holders of the cases on the page.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from registry.domain.clocks import Side, is_over
from registry.domain.roles import CaseRole, Role
from registry.domain.workflow import ANYTIME, ENDED, Action, State, busy, movers, steps_open_to
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.body import Scheme
from registry.models.institution import Institution
from registry.models.review import Assignment, Declaration
from registry.services.accounts import roles_of

PAGE = 25


@dataclass(frozen=True, slots=True)
class Task:
    """A case on somebody's desk. `next_steps` are what the person could take; empty where others have the move.

    `declares`: interests have to be declared before anything else. `holders` are the names of those who have the move.
    """

    application_id: uuid.UUID
    reference: str
    institution: str
    scheme: Mapping[str, str]
    state: State
    part: CaseRole | None
    entered_at: datetime
    due_at: datetime | None
    side: Side | None
    next_steps: tuple[Action, ...]
    holders: tuple[str, ...]
    declares: bool
    overdue: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of tasks, those due first; `more` tells that another page follows."""

    tasks: tuple[Task, ...]
    page: int
    more: bool


def inbox(session: Session, *, actor: uuid.UUID, at: datetime, page: int = 1, waiting: bool = False) -> Inbox:
    """Return what a person has to do; with `waiting`, the cases with a part of theirs in which others have the move."""
    upto = page * PAGE + 1
    rows = list(session.execute(_by_part(actor, waiting=waiting).limit(upto)))
    if not waiting:
        query = _by_role(session, actor, at)
        rows += list(session.execute(query.limit(upto))) if query is not None else []
        rows.sort(key=lambda row: (row.due_at is None, row.due_at or row.entered_at, row.reference))
    shown = rows[(page - 1) * PAGE : page * PAGE]
    ids = [row.id for row in shown]
    declared = _declared(session, actor, ids)
    holders = _holders(session, shown)
    tasks = tuple(_task(row, declared, holders, at, mine=not waiting) for row in shown)
    return Inbox(tasks, page, len(rows) > page * PAGE)


_COLUMNS = (
    Application.id,
    Application.reference,
    Application.state,
    Application.entered_at,
    Application.due_at,
    Application.clock_side,
    Institution.name.label("institution"),
    Scheme.names.label("scheme"),
)


def _by_part(actor: uuid.UUID, *, waiting: bool) -> Select[Any]:
    on_desk = or_(*_pairs())
    return (
        select(*_COLUMNS, Assignment.role.label("part"))
        .join(Assignment, Assignment.application_id == Application.id)
        .join(Institution, Institution.id == Application.institution_id)
        .join(Scheme, Scheme.id == Application.scheme_id)
        .where(
            Assignment.account_id == actor,
            Assignment.ended_at.is_(None),
            Application.state.not_in(ENDED),
            ~on_desk if waiting else on_desk,
        )
        .order_by(Application.due_at.is_(None), Application.due_at, Application.reference)
    )


@cache
def _pairs() -> tuple[ColumnElement[bool], ...]:
    """Return the parts with the states in which they have work."""
    return tuple(
        and_(Assignment.role == role, Application.state.in_(states))
        for role in CaseRole
        if (states := [state for state in State if role in busy(state)])
    )


def _by_role(session: Session, actor: uuid.UUID, at: datetime) -> Select[Any] | None:
    """Return the cases in which a role for the body has the move and the person no part; None without such a role."""
    places: dict[uuid.UUID, set[State]] = {}
    for grant in roles_of(session, actor, at=at):
        states = {state for state in State if grant.role in movers(state)}
        if grant.body_id is not None and states:
            places.setdefault(grant.body_id, set()).update(states)
    if not places:
        return None
    reach = or_(
        *(and_(Scheme.body_id == body, Application.state.in_(states)) for body, states in places.items())
    )
    played = exists().where(Assignment.application_id == Application.id, Assignment.account_id == actor)
    acted = exists().where(
        RoleGrant.institution_id == Application.institution_id, RoleGrant.account_id == actor
    )
    return (
        select(*_COLUMNS)
        .join(Institution, Institution.id == Application.institution_id)
        .join(Scheme, Scheme.id == Application.scheme_id)
        .where(reach, ~played, ~acted)
        .order_by(Application.due_at.is_(None), Application.due_at, Application.reference)
    )


def _declared(session: Session, actor: uuid.UUID, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    query = select(Declaration.application_id).where(
        Declaration.account_id == actor, Declaration.application_id.in_(ids)
    )
    return set(session.scalars(query))


def _holders(session: Session, shown: Sequence[Row[Any]]) -> dict[uuid.UUID, list[tuple[CaseRole, str]]]:
    """Return who plays a part that has the move, by case."""
    query = (
        select(Assignment.application_id, Assignment.role, Account.name)
        .join(Account, Account.id == Assignment.account_id)
        .where(Assignment.application_id.in_([row.id for row in shown]), Assignment.ended_at.is_(None))
        .order_by(Account.name)
    )
    states = {row.id: row.state for row in shown}
    found: dict[uuid.UUID, list[tuple[CaseRole, str]]] = {}
    for case, role, name in session.execute(query):
        if role in busy(states[case]):
            found.setdefault(case, []).append((role, name))
    return found


def _task(
    row: Row[Any],
    declared: set[uuid.UUID],
    holders: Mapping[uuid.UUID, Sequence[tuple[CaseRole, str]]],
    at: datetime,
    *,
    mine: bool,
) -> Task:
    part: CaseRole | None = getattr(row, "part", None)
    roles: set[Role | CaseRole] = {part} if part else {r for r in movers(row.state) if isinstance(r, Role)}
    steps = (t.action for t in steps_open_to(row.state, roles) if t.action not in ANYTIME)
    return Task(
        application_id=row.id,
        reference=row.reference,
        institution=row.institution,
        scheme=row.scheme,
        state=row.state,
        part=part,
        entered_at=row.entered_at,
        due_at=row.due_at,
        side=row.clock_side,
        next_steps=tuple(steps) if mine else (),
        holders=tuple(dict.fromkeys(name for _role, name in holders.get(row.id, ()))),
        declares=part is not None and row.id not in declared,
        overdue=is_over(row.due_at, at),
        mine=mine,
    )
