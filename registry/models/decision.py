"""Decisions: what the policy proposed, how the committee voted, and the two people who released it."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.domain.voting import Ballot
from registry.models.base import Base, enum_column, new_id


class Motion(Base):
    """The outcome the committee chair puts to the vote; a later motion takes the place of an earlier one."""

    __tablename__ = "motion"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    number: Mapped[int]
    outcome: Mapped[str]
    proposed_outcome: Mapped[str]
    rule: Mapped[str]
    explanation: Mapped[list[Any]]
    reasons: Mapped[str] = mapped_column(Text)
    terms: Mapped[dict[str, Any]]
    put_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    votes: Mapped[list["Vote"]] = relationship(order_by="Vote.at")
    __table_args__ = (UniqueConstraint("application_id", "number"),)


class Vote(Base):
    """A vote on a motion; one person, one vote."""

    __tablename__ = "vote"
    history: ClassVar[bool] = True
    motion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("motion.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    ballot: Mapped[Ballot] = mapped_column(enum_column(Ballot))
    at: Mapped[datetime]


class Decision(Base):
    """What the body decided. Nothing of it is published before `Release`."""

    __tablename__ = "decision"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    motion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("motion.id"), unique=True)
    outcome: Mapped[str]
    tally: Mapped[dict[str, Any]]
    present: Mapped[int]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]
    motion: Mapped[Motion] = relationship()


class ReleaseProposal(Base):
    """The registrar's signature under a decision; somebody else has to give the second."""

    __tablename__ = "release_proposal"
    history: ClassVar[bool] = True
    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    first_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Release(Base):
    """The second signature: from here on the decision takes effect and is published."""

    __tablename__ = "release"
    history: ClassVar[bool] = True
    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    first_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    second_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    __table_args__ = (CheckConstraint("first_by <> second_by", name="two_people"),)
