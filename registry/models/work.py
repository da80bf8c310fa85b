"""Work of people and of the clock: reminders, calendars that programs subscribe to, and text that is not sent yet."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, enum_column


class ReminderKind(StrEnum):
    """Why somebody is written to."""

    SOON = "soon"
    OVERDUE = "overdue"


class Reminder(Base):
    """A reminder of one deadline of one case, sent once; a new deadline is reminded of anew."""

    __tablename__ = "reminder"
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    kind: Mapped[ReminderKind] = mapped_column(enum_column(ReminderKind), primary_key=True)
    at: Mapped[datetime]


class CalendarFeed(Base):
    """A private address of somebody's calendar, for programs that cannot sign in.

    `hash` is the SHA-256 of the secret in the address (hex, 64 characters); a person has one at a time.
    """

    __tablename__ = "calendar_feed"
    hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SavedText(Base):
    """What somebody has typed into a form and not sent yet, for nobody but them; `key` is the form's own.

    `content` maps the names of fields to what was typed (a list of texts each).
    """

    __tablename__ = "saved_text"
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    __table_args__ = (Index(None, "at"),)
