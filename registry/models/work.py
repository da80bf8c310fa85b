"""Work of people and of the clock: what was reminded of, so that nobody is reminded twice."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
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
