"""Meetings of a committee: what is on the agenda, who was there, who stood back, and the minutes."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.account import Account
from registry.models.application import Application
from registry.models.base import Base, new_id
from registry.models.body import Body


class Meeting(Base):
    """A meeting of a body's committee, in a place or behind a link; it is over once its minutes are frozen."""

    __tablename__ = "meeting"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"), index=True)
    starts_at: Mapped[datetime]
    place: Mapped[str]
    chair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    body: Mapped[Body] = relationship()
    chair: Mapped[Account] = relationship(foreign_keys=[chair_id])
    items: Mapped[list["MeetingItem"]] = relationship(order_by="MeetingItem.position")
    attendance: Mapped[list["Attendance"]] = relationship(order_by="Attendance.at")
    recusals: Mapped[list["Recusal"]] = relationship(order_by="Recusal.at")
    minutes: Mapped["Minutes | None"] = relationship()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # the declarative base types it


class MeetingItem(Base):
    """A case on the agenda; `position` counts from 1."""

    __tablename__ = "meeting_item"
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("application.id"), primary_key=True, index=True
    )
    position: Mapped[int]
    added_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    application: Mapped[Application] = relationship()


class Attendance(Base):
    """Somebody was at a meeting; who votes in it was, too."""

    __tablename__ = "meeting_attendance"
    history: ClassVar[bool] = True
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    noted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    account: Mapped[Account] = relationship(foreign_keys=[account_id])


class Recusal(Base):
    """A member stood back from one case at a meeting; it holds for the case, and is not taken back."""

    __tablename__ = "meeting_recusal"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    account: Mapped[Account] = relationship(foreign_keys=[account_id])


class MeetingMotion(Base):
    """A motion that was put at a meeting."""

    __tablename__ = "meeting_motion"
    history: ClassVar[bool] = True
    motion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("motion.id"), primary_key=True)
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), index=True)


class Minutes(Base):
    """What a meeting did, made from its records and frozen with its hash: no sentence that anybody wrote freely."""

    __tablename__ = "minutes"
    history: ClassVar[bool] = True
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("sha256"),)
