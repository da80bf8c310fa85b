"""Appeals: against which decision, on which grounds, and what other people than before made of it."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.domain.workflow import Action
from registry.models.application import Application
from registry.models.base import Base, enum_column, new_id
from registry.models.decision import Decision, Motion


class Appeal(Base):
    """An appeal against a decision; `decision_id` None means against the finding that the application is not eligible.

    `against` is the outcome appealed, `grounds` are ids of the policy's closed list, `due` is when it is to be decided.
    """

    __tablename__ = "appeal"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    decision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("decision.id"), unique=True)
    against: Mapped[str]
    grounds: Mapped[list[Any]]
    text: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    due: Mapped[datetime]
    application: Mapped[Application] = relationship()
    decision: Mapped[Decision | None] = relationship()
    result: Mapped["AppealResult | None"] = relationship(back_populates="appeal")


class AppealMotion(Base):
    """A motion before the appeals panel; `action` is the step that follows when it is carried."""

    __tablename__ = "appeal_motion"
    history: ClassVar[bool] = True
    motion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("motion.id"), primary_key=True)
    appeal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("appeal.id"), index=True)
    action: Mapped[Action] = mapped_column(enum_column(Action))
    admissible: Mapped[bool]
    motion: Mapped[Motion] = relationship()


class AppealResult(Base):
    """What the panel decided: `verdict` is a word of the policy's list. A decision that replaces names itself."""

    __tablename__ = "appeal_result"
    history: ClassVar[bool] = True
    appeal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("appeal.id"), primary_key=True)
    motion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("motion.id"), unique=True)
    replacement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("decision.id"), unique=True)
    action: Mapped[Action] = mapped_column(enum_column(Action))
    verdict: Mapped[str]
    tally: Mapped[dict[str, Any]]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    appeal: Mapped[Appeal] = relationship(back_populates="result")
    motion: Mapped[Motion] = relationship()
