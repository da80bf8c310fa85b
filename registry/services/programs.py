"""Programs among the accounts: what they are kept from, in whose hands they are, and what a token lets them use.

`domain/api_scopes.py` holds the table; `access` and `accounts` ask here.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, literal, select, union
from sqlalchemy.orm import Session

from registry.domain.api_scopes import PROGRAM_ROLES, ROLE_OF_PART, may_take
from registry.domain.roles import CaseRole, Role
from registry.domain.workflow import Transition
from registry.errors import NotAllowed
from registry.models.account import Account
from registry.models.oauth import ApiClient, ApiSecret
from registry.services.remembering import kept

_REACH, _HANDS = "reach", "hands"


@dataclass(frozen=True, slots=True)
class Reach:
    """The roles that one account may use in one session of the database, because its token names no others."""

    account_id: uuid.UUID
    roles: frozenset[Role]


def limit(session: Session, reach: Reach | None) -> None:
    """Let an account use no roles in this session but those of `reach`."""
    session.info[_REACH] = reach


def reaches(session: Session, account_id: uuid.UUID, role: Role) -> bool:
    """Whether the token that this session serves lets an account use a role."""
    reach: Reach | None = session.info.get(_REACH)
    return reach is None or reach.account_id != account_id or role in reach.roles


def reaches_part(session: Session, account_id: uuid.UUID, part: CaseRole) -> bool:
    """Whether the token that this session serves lets an account act in a part that it plays."""
    reach: Reach | None = session.info.get(_REACH)
    if reach is None or reach.account_id != account_id:
        return True
    return ROLE_OF_PART.get(part) in reach.roles


def is_program(session: Session, account_id: uuid.UUID) -> bool:
    """Whether an account is a program's."""
    account = kept(session, Account, account_id)
    return account is not None and account.program


def require_person(session: Session, account_id: uuid.UUID) -> None:
    """Raise `NotAllowed` if the account is a program's: for what a person stands behind."""
    if is_program(session, account_id):
        raise NotAllowed("only a person may do this, not a program")


def require_role(session: Session, account_id: uuid.UUID, role: Role) -> None:
    """Raise `NotAllowed` if the account is a program's and the role is for people alone."""
    if role not in PROGRAM_ROLES and is_program(session, account_id):
        raise NotAllowed("a program cannot hold this role; it is for people")


def require_step(session: Session, account_id: uuid.UUID, transition: Transition) -> None:
    """Raise `NotAllowed` if the account is a program's, and the table leaves the step to people."""
    if not any(may_take(role, transition.action) for role in transition.roles) and is_program(
        session, account_id
    ):
        raise NotAllowed("only a person may take this step, not a program")


def hands(account_id: uuid.UUID) -> Select[tuple[uuid.UUID]]:
    """Return the query of all accounts that are in the same hands, the account itself among them.

    Whoever was shown a secret of a program can act as that program: of a person these are their programs, of a program
    the people who were shown its secrets.
    """
    return _hands(literal(account_id, Uuid()))


def _hands(account: ColumnElement[uuid.UUID]) -> Select[tuple[uuid.UUID]]:
    shown = select(ApiClient.account_id, ApiSecret.issued_by).join(ApiSecret).subquery()
    mine = select(account.label("id"))
    programs = select(shown.c.account_id).where(shown.c.issued_by == account)
    people = select(shown.c.issued_by).where(shown.c.account_id == account)
    theirs = select(shown.c.account_id).where(shown.c.issued_by.in_(people))
    together = union(mine, programs, people, theirs).subquery()
    return select(together.c.id)


_HANDS_OF = _hands(bindparam("account_id", type_=Uuid()))


def hands_of(session: Session, account_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return the accounts in the same hands; asked once in a session, since every question of access needs it."""
    known: dict[uuid.UUID, frozenset[uuid.UUID]] = session.info.setdefault(_HANDS, {})
    if account_id not in known:
        known[account_id] = frozenset(session.scalars(_HANDS_OF, {"account_id": account_id}))
    return known[account_id]


def forget_hands(session: Session) -> None:
    """Ask anew who is in whose hands, after somebody was shown a secret."""
    session.info.pop(_HANDS, None)
