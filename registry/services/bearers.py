"""Whoever shows a bearer token: one way to read both kinds, a person's own and those that programs are issued."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.api_scopes import in_order, roles_in
from registry.models.account import AccessToken, Account
from registry.services import api_clients
from registry.services.programs import Reach
from registry.services.sessions import digest, revoke_token_secret


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that was shown. `scopes` None: a person's token, which opens all that the person may do."""

    account_id: uuid.UUID
    scopes: frozenset[str] | None
    expires_at: datetime
    revoked_at: datetime | None

    @property
    def scope(self) -> str:
        """The scopes in wire form; empty for a person's token."""
        return in_order(self.scopes or ())

    def has_expired(self, at: datetime) -> bool:
        """Whether its time is over."""
        return at >= self.expires_at

    def was_revoked(self, at: datetime) -> bool:
        """Whether somebody has ended it."""
        return self.revoked_at is not None and self.revoked_at <= at

    def reach(self, *, reading: bool) -> Reach | None:
        """Return the roles that it lets its account use in one request, or None for all."""
        if self.scopes is None:
            return None
        return Reach(self.account_id, roles_in(self.scopes, reading=reading))


def find(session: Session, secret: str) -> Bearer | None:
    """Return what a token stands for, ended or not; None if there is none such."""
    if secret.startswith(api_clients.TOKEN_PREFIX):
        issued = api_clients.find_token(session, secret)
        if issued is None:
            return None
        scopes = frozenset(issued.scope.split())
        return Bearer(issued.client.account_id, scopes, issued.expires_at, issued.revoked_at)
    token = session.scalar(select(AccessToken).where(AccessToken.hash == digest(secret)))
    return Bearer(token.account_id, None, token.expires_at, token.revoked_at) if token else None


def account_of(session: Session, secret: str, *, at: datetime) -> Account | None:
    """Return the active account whose live token this is, or None."""
    bearer = find(session, secret)
    if bearer is None or bearer.has_expired(at) or bearer.was_revoked(at):
        return None
    return live_account(session, bearer)


def live_account(session: Session, bearer: Bearer) -> Account | None:
    """Return the account that a token stands for, unless it is closed."""
    account = session.get(Account, bearer.account_id)
    return account if account is not None and account.active else None


def end(session: Session, secret: str, *, at: datetime) -> None:
    """End the token that is shown itself, of either kind, if it lives."""
    api_clients.end_token(session, secret, at=at)
    revoke_token_secret(session, secret, at=at)
