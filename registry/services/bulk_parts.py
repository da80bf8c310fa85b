"""Giving several cases to one case officer in one act: all of them, or none, with the refused ones named."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.roles import CaseRole, Role
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.review import Assignment
from registry.services import cases
from registry.services.accounts import is_usable, roles_of

MOST = 100
"""Most cases in one act."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form can offer: the cases that have no case officer yet, and the people who could be one."""

    cases: frozenset[uuid.UUID]
    officers: tuple[Account, ...]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The officers as (id, name)."""
        return [(str(one.id), one.name) for one in self.officers]


def offer(
    session: Session, application_ids: Collection[uuid.UUID], *, actor: uuid.UUID, at: datetime
) -> Offer | None:
    """Return which of the cases a person may give to whom; None where they give none. Three queries."""
    bodies = {
        g.body_id
        for g in roles_of(session, actor, at=at)
        if g.role is Role.INTAKE_OFFICER and g.body_id is not None
    }
    if not bodies or not application_ids:
        return None
    taken = select(Assignment.application_id).where(
        Assignment.application_id.in_(application_ids),
        Assignment.role == CaseRole.CASE_OFFICER,
        Assignment.ended_at.is_(None),
    )
    free = frozenset(application_ids) - frozenset(session.scalars(taken))
    officers = _officers(session, bodies, at)
    return Offer(free, officers) if free and officers else None


def _officers(session: Session, bodies: Collection[uuid.UUID], at: datetime) -> tuple[Account, ...]:
    query = (
        select(Account, RoleGrant)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role == Role.CASE_OFFICER,
            RoleGrant.body_id.in_(bodies),
            RoleGrant.revoked_at.is_(None),
            Account.active,
        )
        .order_by(Account.name, Account.id)
    )
    return tuple(dict.fromkeys(who for who, grant in session.execute(query) if is_usable(grant, at)))


def give_to_officer(
    session: Session,
    application_ids: Sequence[uuid.UUID],
    account_id: uuid.UUID,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> list[Assignment]:
    """Make a person the case officer of several cases: of all, or of none.

    Raises:
        InvalidInput: no case was chosen, too many were, or some are refused; `cases.REFERENCE` says why of each.
    """
    chosen = sorted(
        set(application_ids)
    )  # one order for everybody, so that two who act at once do not block each other
    if not 0 < len(chosen) <= MOST:
        message = f"choose 1 to {MOST} cases"
        raise InvalidInput(message, [FieldError("cases", message)])
    given: list[Assignment] = []
    problems: list[FieldError] = []
    with session.begin_nested() as tried:
        for one in chosen:
            try:
                given.append(
                    cases.assign(session, one, account_id, CaseRole.CASE_OFFICER, actor=actor, at=at)
                )
            except (Conflict, InvalidInput, NotAllowed, NotFound, TransitionRefused) as error:
                problems.append(FieldError(f"cases.{_word_for(session, one, error)}", str(error)))
        if problems:
            tried.rollback()
    if problems:
        raise InvalidInput("no case was given to anybody: look at those named", problems)
    return given


def _word_for(session: Session, application_id: uuid.UUID, error: Exception) -> str:
    """Return the reference of a case; its id where the person may not know of it."""
    known = None if isinstance(error, NotFound) else session.get(Application, application_id)
    return known.reference if known else str(application_id)
