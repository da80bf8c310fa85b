"""The inbox: what lies on a person's desk, by deadline, with what comes next and who holds it.

However many cases there are, it takes the same few queries: which parts a person plays, the cases in which
these have the move, those in which a role of theirs has it, and who holds the cases on the page.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, func, literal, or_, select, union_all
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
FEW_PARTS = 200
"""Up to so many parts are looked at one by one for those in which there is something to do."""


@dataclass(frozen=True, slots=True)
class Task:
    """A case on somebody's desk. `next_steps` are what the person could take; empty where others have the move.

    `declares`: interests have to be declared before anything else. `holders` are the names of those who have the move.
    """

    application_id: uuid.UUID
    reference: str
    institution: str
    institution_names: Mapping[str, str]
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
    rows = list(session.execute(_by_part(session, actor, upto, waiting=waiting)))
    if not waiting:
        query = _by_role(session, actor, at, upto)
        rows += list(session.execute(query)) if query is not None else []
        rows.sort(key=lambda row: (row.due_at is None, row.due_at or row.entered_at, row.reference))
    shown = rows[(page - 1) * PAGE : page * PAGE]
    holders = _holders(session, shown)
    tasks = tuple(_task(row, holders, at, mine=not waiting) for row in shown)
    return Inbox(tasks, page, len(rows) > page * PAGE)


_COLUMNS = (
    Application.id,
    Application.reference,
    Application.state,
    Application.entered_at,
    Application.due_at,
    Application.clock_side,
    Institution.name.label("institution"),
    Institution.names.label("institution_names"),
    Scheme.names.label("scheme"),
)


_FIRST_DUE = (Application.due_at.asc().nulls_last(), Application.reference)
"""The order of a desk, which the index over state and `due_at` has ready."""


def _by_part(session: Session, actor: uuid.UUID, upto: int, *, waiting: bool) -> Select[Any]:
    """Return the query of the first cases in which a part of the person has the move, or with `waiting` has not.

    From somebody's few parts it is a short way to their cases. Who has played many, such as everybody's intake officer, is
    not asked for all of them: in each state the cases are gone through by deadline until a page is full.
    """
    few, played = _parts_played(session, actor)
    states = {state: roles for state in State if (roles := _having(state, played, waiting=waiting))}
    this = Assignment.application_id == Application.id
    mine = (Assignment.account_id == actor, Assignment.ended_at.is_(None))
    declared = exists().where(Declaration.application_id == Application.id, Declaration.account_id == actor)
    query = _tasks().add_columns(declared.label("declared"))
    if few:
        moves = (
            and_(Application.state == state, Assignment.role.in_(roles)) for state, roles in states.items()
        )
        query = query.add_columns(Assignment.role.label("part")).join(Assignment, this)
        return query.where(*mine, or_(false(), *moves)).order_by(*_FIRST_DUE).limit(upto)
    first = [
        _first_in(state, upto, exists().where(this, *mine, Assignment.role.in_(roles)))
        for state, roles in states.items()
    ]
    # Not a join: from the person's side, where a database likes to begin it, there are too many.
    part = select(Assignment.role).where(this, *mine).scalar_subquery()
    return _together(query.add_columns(part.label("part")), first, upto)


def _having(state: State, roles: Collection[CaseRole], *, waiting: bool) -> list[CaseRole]:
    """Return which of `roles` have work in a state, or with `waiting`, which have not; none where a case has ended."""
    return [] if state in ENDED else sorted(role for role in roles if (role in busy(state)) is not waiting)


def _parts_played(session: Session, actor: uuid.UUID) -> tuple[bool, list[CaseRole]]:
    """Return whether a person plays few parts now, and in which roles."""
    mine = (Assignment.account_id == actor, Assignment.ended_at.is_(None))
    some = select(literal(1)).where(*mine).limit(FEW_PARTS + 1).subquery()
    count = select(func.count()).select_from(some).scalar_subquery()
    roles = list(CaseRole)
    # The first role from each one on: a step in the index, where a database asked whether there is such a part may look
    # through everybody's.
    following = select(Assignment.role).where(*mine).order_by(Assignment.ended_at, Assignment.role).limit(1)
    first = [following.where(Assignment.role >= role).scalar_subquery() for role in roles]
    row = session.execute(select(count, *first)).one()
    return row[0] <= FEW_PARTS, [role for role, found in zip(roles, row[1:], strict=True) if found == role]


def _tasks() -> Select[Any]:
    """Return the query of tasks, still without a condition."""
    return (
        select(*_COLUMNS)
        .join(Institution, Institution.id == Application.institution_id)
        .join(Scheme, Scheme.id == Application.scheme_id)
    )


def _first_in(state: State, upto: int, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the query of the ids of the first cases in a state, by deadline."""
    query = select(Application.id).where(Application.state == state, *conditions)
    return query.order_by(*_FIRST_DUE).limit(upto)


def _together(query: Select[Any], first: Sequence[Select[Any]], upto: int) -> Select[Any]:
    """Return the query of the first tasks out of those that were first in each state."""
    if not first:
        return query.where(false())
    ids = union_all(*(select(one.subquery().c.id) for one in first)).subquery()
    return query.where(Application.id.in_(select(ids.c.id))).order_by(*_FIRST_DUE).limit(upto)


def _by_role(session: Session, actor: uuid.UUID, at: datetime, upto: int) -> Select[Any] | None:
    """Return the query of the first cases in which a role for the body has the move and the person no part; else None."""
    places: dict[State, set[uuid.UUID]] = {}
    for grant in roles_of(session, actor, at=at):
        for state in State:
            if grant.body_id is not None and grant.role in movers(state):
                places.setdefault(state, set()).add(grant.body_id)
    if not places:
        return None
    played = exists().where(Assignment.application_id == Application.id, Assignment.account_id == actor)
    acted = exists().where(
        RoleGrant.institution_id == Application.institution_id, RoleGrant.account_id == actor
    )
    first = [
        _first_in(state, upto, Application.scheme_id.in_(_schemes_of(bodies)), ~played, ~acted)
        for state, bodies in places.items()
    ]
    return _together(_tasks(), first, upto)


def _schemes_of(bodies: Collection[uuid.UUID]) -> Select[Any]:
    return select(Scheme.id).where(Scheme.body_id.in_(bodies))


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
        institution_names=row.institution_names,
        scheme=row.scheme,
        state=row.state,
        part=part,
        entered_at=row.entered_at,
        due_at=row.due_at,
        side=row.clock_side,
        next_steps=tuple(steps) if mine else (),
        holders=tuple(dict.fromkeys(name for _role, name in holders.get(row.id, ()))),
        declares=part is not None and not row.declared,
        overdue=is_over(row.due_at, at),
        mine=mine,
    )
