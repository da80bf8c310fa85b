"""Signing in with a password: tries are counted by account and by network address, in the database."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from registry.errors import RegistryError
from registry.models.account import Account, LoginAttempt
from registry.services import passwords
from registry.services.accounts import find_account, fold_email

ATTEMPT_WINDOW = timedelta(minutes=15)
ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_ADDRESS = 50
ATTEMPTS_KEPT = timedelta(days=1)


class TooManyAttempts(RegistryError):
    """Too many tries to sign in; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("There were too many attempts to sign in. Wait a quarter of an hour and try again.")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class SignIn:
    """A try to sign in, counted; the password is yet to be checked, outside any transaction."""

    attempt_id: uuid.UUID
    account_id: uuid.UUID | None
    password_hash: str | None

    def matches(self, password: str) -> bool:
        """Whether the password is right; slow on purpose, and as slow for an unknown address."""
        return passwords.matches(self.password_hash, password)


def open_sign_in(session: Session, email: str, *, address: str, at: datetime) -> SignIn:
    """Count a try for the account and the network address, as failed until `finish_sign_in` says otherwise.

    Counting before checking keeps many tries at once within the limit.

    Raises:
        TooManyAttempts: the account or the address has used up its tries.
    """
    email = fold_email(email)
    # The lock on the account makes many tries at once count one after the other.
    account = session.scalar(
        select(Account).where(Account.email == email, Account.active, ~Account.program).with_for_update()
    )
    attempt_id = count_attempt(session, email, address=address, at=at)
    if account is None:
        return SignIn(attempt_id, None, None)
    return SignIn(attempt_id, account.id, account.password_hash)


def count_attempt(session: Session, name: str, *, address: str, at: datetime) -> uuid.UUID:
    """Count a try under a name (an e-mail address, a program's id) as failed until `mark_succeeded`; return its id.

    Raises:
        TooManyAttempts: the name or the network address has used up its tries.
    """
    key = hashlib.sha256(name.encode()).hexdigest()
    session.execute(delete(LoginAttempt).where(LoginAttempt.at < at - ATTEMPTS_KEPT))
    _check_attempts(session, key, address, at)
    attempt = LoginAttempt(account_key=key, address=address[:64], at=at, succeeded=False)
    session.add(attempt)
    session.flush()
    return attempt.id


def mark_succeeded(session: Session, attempt_id: uuid.UUID) -> None:
    """Record that a try was a right one; the failed ones before it count no more."""
    session.get_one(LoginAttempt, attempt_id).succeeded = True


def _check_attempts(session: Session, key: str, address: str, at: datetime) -> None:
    since = at - ATTEMPT_WINDOW
    last_success = select(func.max(LoginAttempt.at)).where(
        LoginAttempt.account_key == key, LoginAttempt.succeeded
    )
    failed = (
        select(func.count()).select_from(LoginAttempt).where(~LoginAttempt.succeeded, LoginAttempt.at > since)
    )
    begin = max(since, session.scalar(last_success) or since)
    for_account = failed.where(LoginAttempt.account_key == key, LoginAttempt.at >= begin)
    for_address = failed.where(LoginAttempt.address == address[:64])
    if (session.scalar(for_account) or 0) >= ATTEMPTS_PER_ACCOUNT or (
        session.scalar(for_address) or 0
    ) >= ATTEMPTS_PER_ADDRESS:
        raise TooManyAttempts(int(ATTEMPT_WINDOW.total_seconds()))


def finish_sign_in(session: Session, sign_in: SignIn, password: str) -> Account:
    """Record that the password was right, renew its hash if parameters have changed, return the account."""
    account = find_account(session, sign_in.account_id)
    mark_succeeded(session, sign_in.attempt_id)
    if passwords.needs_rehash(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    return account
