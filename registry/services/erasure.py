"""Erasing a person: names, addresses and what they wrote of themselves go; what was done stays, under an opaque number.

Every edition stays as it is, since none holds personal data; the audit trail goes on to verify: it names people by number.
"""

import hashlib
import uuid
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from registry.domain.retention import (
    ERASED_DOMAIN,
    ERASED_NAME,
    NO_PASSWORD,
    PERSONAL,
    Becomes,
    PersonalField,
)
from registry.domain.workflow import State
from registry.errors import FieldError, NotFound
from registry.models.account import Account, LoginAttempt, RoleGrant
from registry.models.application import Application
from registry.models.base import Base
from registry.models.review import Assignment
from registry.models.two_people import Proposal
from registry.services.recording import audit
from registry.services.remembering import forget
from registry.services.sessions import revoke_all
from registry.services.witness import CLOCK_EMAIL

ENDED: Final = (State.CLOSED, State.LAPSED, State.WITHDRAWN_BY_APPLICANT)
"""States in which a case asks nothing of anybody any more."""


def is_erased(account: Account) -> bool:
    """Whether an account is what remains of a person."""
    return account.email.endswith(f"@{ERASED_DOMAIN}")


def erase_person(session: Session, account_id: uuid.UUID, *, actor: uuid.UUID | str, at: datetime) -> Account:
    """Make an account a number: every personal field goes, roles, sessions and tokens end. Repeating it does no harm.

    Raises:
        NotFound: no such account.
    """
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("there is no such account")
    if is_erased(account):
        return account
    key = hashlib.sha256(account.email.encode()).hexdigest()
    session.execute(delete(LoginAttempt).where(LoginAttempt.account_key == key))
    revoke_all(session, account_id, at=at)
    for grant in session.scalars(
        select(RoleGrant).where(RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None))
    ):
        grant.revoked_at = at
    account.name, account.email = _placeholder(account_id), _dead_address(account_id)
    account.password_hash, account.active = NO_PASSWORD, False
    session.flush()
    for field in PERSONAL:
        _empty(session, field, account_id)
    audit(session, "person.erased", actor=actor, at=at, of=("account", account_id))
    session.flush()  # what is expired before it is written is lost
    session.expire_all()
    forget(session)
    return account


def _placeholder(account_id: uuid.UUID) -> str:
    return f"{ERASED_NAME} {account_id.hex[:8]}"


def _dead_address(account_id: uuid.UUID) -> str:
    return f"{account_id.hex}@{ERASED_DOMAIN}"


def _empty(session: Session, field: PersonalField, account_id: uuid.UUID) -> None:
    table = Base.metadata.tables.get(field.table)
    if table is None or field.table == "account":
        return
    whose: Any = table.c[field.whose] == account_id
    if field.via:
        between = Base.metadata.tables[field.via]
        whose = table.c[field.whose].in_(select(between.c.id).where(between.c.account_id == account_id))
    if field.becomes is Becomes.ROW_GOES:
        session.execute(delete(table).where(whose))
        return
    values: dict[Becomes, Any] = {
        Becomes.PLACEHOLDER: _placeholder(account_id),
        Becomes.DEAD_ADDRESS: _dead_address(account_id),
        Becomes.EMPTY: "",
        Becomes.EMPTY_OBJECT: {},
    }
    session.execute(update(table).where(whose).values({field.column: values[field.becomes]}))


def check_erasure(session: Session, proposal: Proposal, at: datetime) -> list[FieldError]:
    """Return why a person cannot be erased now: no such account, still active, or still needed in an open case."""
    account = _account(session, proposal)
    if account is None or account.email == CLOCK_EMAIL:
        return [FieldError("object_id", "there is no such account")]
    if is_erased(account):
        return [FieldError("object_id", "this person has been erased already")]
    if account.active:
        return [FieldError("object_id", "close the account first")]
    if session.scalar(_open_parts(account.id).limit(1)) is not None:
        return [FieldError("object_id", "this person has a part in an open case; end it first")]
    return []


def _open_parts(account_id: uuid.UUID) -> Any:
    return (
        select(Assignment.id)
        .join(Application, Application.id == Assignment.application_id)
        .where(
            Assignment.account_id == account_id,
            Assignment.ended_at.is_(None),
            Application.state.not_in(ENDED),
        )
    )


def apply_erasure(session: Session, proposal: Proposal, actor: uuid.UUID, at: datetime) -> None:
    """Erase the person whom a confirmed proposal names."""
    account = _account(session, proposal)
    if account is None:
        raise NotFound("there is no such account")
    erase_person(session, account.id, actor=actor, at=at)


def _account(session: Session, proposal: Proposal) -> Account | None:
    try:
        return session.get(Account, uuid.UUID(proposal.object_id))
    except ValueError:
        return None
