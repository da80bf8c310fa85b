"""Review: who plays which part, what they declared, how they rated, what they reported."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.domain.conflicts import DeclarationOutcome
from registry.domain.roles import CaseRole, PanelSeat
from registry.models.account import Account
from registry.models.base import Base, enum_column, new_id


class Assignment(Base):
    """A person's part in a case. One person plays one part in one case, for ever: the database keeps that.

    `also_seat` is the second seat of somebody who fills two on a panel.
    """

    __tablename__ = "assignment"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[CaseRole] = mapped_column(enum_column(CaseRole))
    seat: Mapped[PanelSeat | None] = mapped_column(enum_column(PanelSeat))
    also_seat: Mapped[PanelSeat | None] = mapped_column(enum_column(PanelSeat))
    assigned_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    assigned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    __table_args__ = (
        UniqueConstraint("application_id", "account_id"),
        Index(None, "account_id", "ended_at", "role"),
    )


class Declaration(Base):
    """One declaration of interests, rule by rule. The newest one counts; it opens or locks the file."""

    __tablename__ = "declaration"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    answers: Mapped[dict[str, Any]]
    findings: Mapped[list[Any]]
    outcome: Mapped[DeclarationOutcome] = mapped_column(enum_column(DeclarationOutcome))
    at: Mapped[datetime]


class RatingLayer(StrEnum):
    """Who rated: one reviewer alone, or the panel together."""

    ALONE = "alone"
    AGREED = "agreed"


class Rating(Base):
    """One rating of one criterion; a later row by the same hand in the same layer takes its place.

    `inherited_from` is the rating of an earlier case that a targeted review takes over.
    """

    __tablename__ = "rating"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    criterion: Mapped[str]
    layer: Mapped[RatingLayer] = mapped_column(enum_column(RatingLayer))
    sequence: Mapped[int]
    value: Mapped[str]
    reasons: Mapped[str] = mapped_column(Text)
    cited: Mapped[list[Any]]
    recommendation: Mapped[str] = mapped_column(Text)
    condition: Mapped[dict[str, Any] | None]
    inherited_from: Mapped[uuid.UUID | None]
    author: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("application_id", "sequence"),)


class Report(Base):
    """A version of the panel's report; `final` locks it."""

    __tablename__ = "report"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    summary: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    final: Mapped[bool]
    author: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
