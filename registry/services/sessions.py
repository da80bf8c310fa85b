"""Sessions and bearer tokens: random secrets of which the SHA-256 is kept, with an end, and revocable."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Text, and_, bindparam, cast, delete, func, null, select, update
from sqlalchemy.orm import Session

from registry.errors import FieldError, InvalidInput, NotFound
from registry.models.account import AccessToken, Account, RoleGrant, WebSession
from registry.models.work import CalendarFeed

IDLE = timedelta(hours=1)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
"""`seen_at` is written at most this often."""
TOKEN_LIFE = timedelta(hours=12)
TOKEN_LIFE_MAX = timedelta(days=365)
KEPT_AFTER_END = timedelta(days=30)
_OF_GRANT = (
    "role",
    "body_id",
    "institution_id",
    "account_id",
    "granted_by",
    "confirmed_by",
    "granted_at",
    "revoked_at",
)
TOKEN_PREFIX = "rgt_"  # noqa: S105  (a mark by which scanners find leaked tokens, not a secret)


def new_secret() -> str:
    """Return a random value of 256 bits in URL-safe base64 (43 characters)."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return the SHA-256 under which a secret is kept (hex, 64 characters)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def live_session(session: Session, secret: str, *, at: datetime) -> WebSession | None:
    """Return the session of a cookie's secret, or None if it is unknown, idle too long, ended or revoked."""
    row = session.get(WebSession, digest(secret))
    if row is None or not _is_live(row, row.revoked_at, at):
        return None
    if at >= row.seen_at + TOUCH:
        row.seen_at = at
    return row


def _is_live(row: Any, ended_at: datetime | None, at: datetime) -> bool:
    return ended_at is None and at < row.expires_at and at < row.seen_at + IDLE


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request begins with: what a live session holds, and whose it is.

    `person` has `id`, `name`, `email`, `language` of the account if it is active. `grants` have the columns of
    `RoleGrant`, oldest first, also those not usable yet. `touch`: the time has come to write `seen_at`. `moment` names
    what the database showed when it was asked: as long as it is the same, nobody has written anything; None where the
    database has no such name (SQLite).
    """

    data: dict[str, Any]
    person: Any
    grants: tuple[Any, ...]
    touch: bool
    moment: str | None


_VISIT = (
    select(
        WebSession.data,
        WebSession.seen_at,
        WebSession.expires_at,
        WebSession.revoked_at.label("ended_at"),
        *Account.__table__.c["id", "name", "email", "language"],
        *RoleGrant.__table__.c[_OF_GRANT],
    )
    .outerjoin(Account, and_(Account.id == WebSession.account_id, Account.active))
    .outerjoin(RoleGrant, and_(RoleGrant.account_id == Account.id, RoleGrant.revoked_at.is_(None)))
    .where(WebSession.id_hash == bindparam("id_hash"))
    .order_by(RoleGrant.granted_at, RoleGrant.id)
)


_VISITS = {
    "sqlite": _VISIT.add_columns(null().label("moment")),
    # Transactions under way and the next number of one: both change with whatever is written.
    "postgresql": _VISIT.add_columns(cast(func.pg_current_snapshot(), Text).label("moment")),
}


def find_visit(connection: Connection, secret: str, *, at: datetime) -> Visit | None:
    """Return the live session of a cookie's secret with its person, or None; only reads, by one query."""
    rows = connection.execute(_VISITS[connection.dialect.name], {"id_hash": digest(secret)}).all()
    if not rows or not _is_live(found := rows[0], found.ended_at, at):
        return None
    grants = tuple(row for row in rows if row.role is not None)
    person, touch = found if found.id else None, at >= found.seen_at + TOUCH
    return Visit(dict(found.data), person, grants, touch, found.moment)


def save_session(
    session: Session, secret: str, data: dict[str, Any], *, account_id: uuid.UUID | None, at: datetime
) -> WebSession:
    """Write what a session holds, in a new row if its secret has none. A revoked session stays revoked."""
    row = session.get(WebSession, digest(secret))
    if row is None:
        session.execute(delete(WebSession).where(WebSession.expires_at < at - KEPT_AFTER_END))
        row = WebSession(id_hash=digest(secret), created_at=at, expires_at=at + ABSOLUTE)
        session.add(row)
    row.data, row.account_id, row.seen_at = data, account_id, at
    session.flush()
    return row


def end_session(session: Session, secret: str, *, at: datetime) -> None:
    """Revoke the session of a secret, if there is one, and forget what it held."""
    row = session.get(WebSession, digest(secret))
    if row is not None and row.revoked_at is None:
        row.revoked_at, row.data = at, {}


def sessions_of(session: Session, account_id: uuid.UUID, *, at: datetime) -> Sequence[WebSession]:
    """Return the live sessions of an account, the latest used first."""
    live = select(WebSession).where(
        WebSession.account_id == account_id,
        WebSession.revoked_at.is_(None),
        WebSession.expires_at > at,
        WebSession.seen_at > at - IDLE,
    )
    return session.scalars(live.order_by(WebSession.seen_at.desc())).all()


def revoke_session(session: Session, account_id: uuid.UUID, id_hash: str, *, at: datetime) -> None:
    """End one of the account's own sessions.

    Raises:
        NotFound: the account has no such session.
    """
    row = session.get(WebSession, id_hash)
    if row is None or row.account_id != account_id:
        raise NotFound("There is no such session.")
    row.revoked_at, row.data = row.revoked_at or at, {}


def revoke_all(session: Session, account_id: uuid.UUID, *, at: datetime) -> None:
    """End every session and token of an account, and the private address of its calendar."""
    for kind in (WebSession, AccessToken, CalendarFeed):
        session.execute(
            update(kind).where(kind.account_id == account_id, kind.revoked_at.is_(None)).values(revoked_at=at)
        )


def create_token(
    session: Session, account_id: uuid.UUID, *, name: str, at: datetime, life: timedelta = TOKEN_LIFE
) -> tuple[str, AccessToken]:
    """Return a new bearer token, shown this once, and its row.

    Raises:
        InvalidInput: no name, or a life of more than a year.
    """
    name = name.strip()
    if not 0 < len(name) <= 100:
        raise InvalidInput(
            "The token was not made.", [FieldError("name", "Give the token a name of 1 to 100 characters.")]
        )
    if not timedelta(0) < life <= TOKEN_LIFE_MAX:
        raise InvalidInput(
            "The token was not made.", [FieldError("days", "A token lives for 1 to 365 days.")]
        )
    secret = TOKEN_PREFIX + new_secret()
    token = AccessToken(
        account_id=account_id, hash=digest(secret), name=name, created_at=at, expires_at=at + life
    )
    session.add(token)
    session.flush()
    return secret, token


def tokens_of(session: Session, account_id: uuid.UUID, *, at: datetime) -> Sequence[AccessToken]:
    """Return the live tokens of an account, the newest first."""
    live = select(AccessToken).where(
        AccessToken.account_id == account_id, AccessToken.revoked_at.is_(None), AccessToken.expires_at > at
    )
    return session.scalars(live.order_by(AccessToken.created_at.desc())).all()


def revoke_token(session: Session, account_id: uuid.UUID, token_id: uuid.UUID, *, at: datetime) -> None:
    """End one of the account's own tokens.

    Raises:
        NotFound: the account has no such token.
    """
    token = session.get(AccessToken, token_id)
    if token is None or token.account_id != account_id:
        raise NotFound("There is no such token.")
    token.revoked_at = token.revoked_at or at


def revoke_token_secret(session: Session, secret: str, *, at: datetime) -> None:
    """End the token that is shown itself, if it lives."""
    token = session.scalar(select(AccessToken).where(AccessToken.hash == digest(secret)))
    if token is not None and token.revoked_at is None:
        token.revoked_at = at
