"""Programs that act through the API: clients of a body or an institution, their secrets, their tokens (RFC 6749)."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.account import Account
from registry.models.base import Base, new_id


class ApiClient(Base):
    """A program of one body or one institution; `id` is its `client_id`. It acts through an account of its own.

    The account holds the roles, so that all rules of access apply to programs as they do to people.
    """

    __tablename__ = "api_client"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), unique=True)
    name: Mapped[str]
    body_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("body.id"), index=True)
    institution_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("institution.id"), index=True)
    registered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    registered_at: Mapped[datetime]
    revoked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(foreign_keys=account_id)
    secrets: Mapped[list["ApiSecret"]] = relationship(order_by="ApiSecret.issued_at", back_populates="client")
    __table_args__ = (CheckConstraint("(body_id is null) <> (institution_id is null)", name="one_place"),)


class ApiSecret(Base):
    """A secret of a client and who was shown it; `hash` is its SHA-256 (hex, 64 characters). At most one is live."""

    __tablename__ = "api_secret"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("api_client.id"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    issued_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    issued_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    client: Mapped[ApiClient] = relationship(back_populates="secrets")


class OAuthToken(Base):
    """A token that a client was issued; `hash` is its SHA-256 (hex), `scope` names in the order of the table, by spaces."""

    __tablename__ = "oauth_token"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("api_client.id"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    client: Mapped[ApiClient] = relationship()
