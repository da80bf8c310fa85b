"""People: accounts, their roles, their sessions and tokens, and the sign-in attempts that limits count."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.domain.roles import Role
from registry.models.base import Base, enum_column, new_id


class Account(Base):
    """A person who signs in. `email` is case-folded, `language` is `en` or `pl`; inactive: can do nothing.

    With `program`, no person: a client of the API, which never signs in (see `models/oauth.py`).
    """

    __tablename__ = "account"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    language: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    program: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    roles: Mapped[list["RoleGrant"]] = relationship(
        foreign_keys="RoleGrant.account_id", order_by="RoleGrant.granted_at"
    )


class RoleGrant(Base):
    """A role held by a person for one institution, one body, or the operator; revoked, never deleted.

    `granted_by` and `revoked_by` are None when the operator acted on the command line.
    """

    __tablename__ = "role_grant"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_column(Role))
    body_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("body.id"), index=True)
    institution_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("institution.id"), index=True)
    granted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    granted_at: Mapped[datetime]
    revoked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None]
    confirmed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    __table_args__ = (CheckConstraint("body_id is null or institution_id is null", name="one_place"),)


class WebSession(Base):
    """A browser's session; its cookie holds a random id of which the SHA-256 is kept (hex, 64 characters)."""

    __tablename__ = "web_session"
    id_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AccessToken(Base):
    """A bearer token for the API; `hash` is the SHA-256 of what its owner holds (hex, 64 characters)."""

    __tablename__ = "access_token"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class LoginAttempt(Base):
    """One try to sign in, kept for a day. `account_key` is the SHA-256 of the address typed, known or not."""

    __tablename__ = "login_attempt"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    account_key: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]
    succeeded: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (Index(None, "account_key", "at"), Index(None, "address", "at"))
