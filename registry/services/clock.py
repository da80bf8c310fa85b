"""The account in whose name the registry itself acts when a deadline has passed; nobody can sign in with it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.models.account import Account

ADDRESS = "clock@registry.invalid"
"""An address that cannot exist (RFC 2606, 2)."""


def clock_account(session: Session, *, at: datetime) -> Account:
    """Return the account of the clock; it is entered when it is needed first."""
    found = session.scalars(select(Account).where(Account.email == ADDRESS)).one_or_none()
    if found is None:
        found = Account(
            name="Registry",
            email=ADDRESS,
            password_hash="nobody",  # noqa: S106  no hash of anything
            language="en",
            active=False,
            created_at=at,
        )
        session.add(found)
        session.flush()
    return found
