"""The seam between deciding and publishing: counters, outbox, lease, releases of documents; and the audit trail."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base


class Counter(Base):
    """A gapless counter and the instant it last moved; its row is the one lock that orders recording."""

    __tablename__ = "counter"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
    at: Mapped[datetime]


class OutboxMessage(Base):
    """Something decided that has to be carried on: published or mailed. Written in the transaction of the act itself.

    `due_at` lies ahead for what the calendar brings, such as the end of a term. The index holds what is not done
    yet, so that the publisher walks through neither the past nor the years ahead.
    """

    __tablename__ = "outbox_message"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_outbox_message_waiting",
            "topic",
            "due_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )


class Lease(Base):
    """Who may publish, until when; one publisher at a time."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    expires_at: Mapped[datetime]


class PublishedDocument(Base):
    """One signed and published document by its number; the edition store holds the bytes."""

    __tablename__ = "published_document"
    history: ClassVar[bool] = True
    scheme: Mapped[str] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    edition: Mapped[int] = mapped_column(index=True)
    sha256: Mapped[str]
    issued_at: Mapped[datetime]
    next_update: Mapped[datetime]


class AuditEvent(Base):
    """One act: who, in which role, did what to what. `chain` is SHA-256 over the previous chain value and this row."""

    __tablename__ = "audit_event"
    history: ClassVar[bool] = True
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str]
    detail: Mapped[dict[str, Any]]
    chain: Mapped[str]
    __table_args__ = (UniqueConstraint("chain"),)
