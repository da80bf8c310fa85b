"""People in a case: the pool of experts, waivers of conflicts, and the applicant's word on a proposed panel."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.account import Account
from registry.models.base import Base, new_id
from registry.models.body import Body


class Expert(Base):
    """A member of a body's pool. `account_id` is None until the invitation is accepted; `email` is case-folded.

    `profile` is a short public text per language; `fields` are ISCED-F codes, `seats` the panel seats that the person can
    fill, `languages` codes. `employer_id` is `scheme:value` of an identifier, or empty. `trained_on` is the day of the last
    training; how long that holds, each policy says.
    """

    __tablename__ = "expert"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"), index=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str]
    email: Mapped[str]
    language: Mapped[str]
    profile: Mapped[dict[str, Any]]
    fields: Mapped[list[Any]]
    seats: Mapped[list[Any]]
    languages: Mapped[list[Any]]
    employer_name: Mapped[str]
    employer_id: Mapped[str]
    trained_on: Mapped[date | None]
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    body: Mapped[Body] = relationship()
    account: Mapped[Account | None] = relationship(foreign_keys=[account_id])
    periods: Mapped[list["ExpertPeriod"]] = relationship(
        order_by="ExpertPeriod.starts", cascade="all, delete-orphan"
    )
    ties: Mapped[list["ExpertTie"]] = relationship(order_by="ExpertTie.noted_at", back_populates="expert")
    invitations: Mapped[list["ExpertInvitation"]] = relationship(
        order_by="ExpertInvitation.made_at", back_populates="expert"
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # the declarative base types it
    __table_args__ = (UniqueConstraint("body_id", "email"), UniqueConstraint("body_id", "account_id"))


class ExpertPeriod(Base):
    """A time in which an expert is available, both days included; an expert without any is always available."""

    __tablename__ = "expert_period"
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id"), primary_key=True)
    starts: Mapped[date] = mapped_column(primary_key=True)
    ends: Mapped[date]
    __table_args__ = (CheckConstraint("starts <= ends", name="in_order"),)


class ExpertTie(Base):
    """A conflict of an expert with an institution, known beforehand; it keeps them off its panels until it ended."""

    __tablename__ = "expert_tie"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id"), index=True)
    institution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    noted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    noted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    expert: Mapped[Expert] = relationship(back_populates="ties")


class ExpertInvitation(Base):
    """A link by mail that joins an account to a pool. `token_hash` is the SHA-256 of its secret (hex), once sent."""

    __tablename__ = "expert_invitation"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id"), index=True)
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    expert: Mapped[Expert] = relationship(back_populates="invitations")


class ConflictWaiver(Base):
    """Two people's word that somebody works on a case in spite of the ties that `rules` name; never the person's own."""

    __tablename__ = "conflict_waiver"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    declaration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("declaration.id"))
    proposal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("proposal.id"))
    rules: Mapped[list[Any]]
    reasons: Mapped[str] = mapped_column(Text)
    first_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    second_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint(
            "first_by <> second_by and first_by <> account_id and second_by <> account_id",
            name="two_other_people",
        ),
    )


class Objection(Base):
    """The applicant's objection to somebody on the proposed panel; `round` is the number of that step of the case."""

    __tablename__ = "objection"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    round: Mapped[int]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    reasons: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    answer: Mapped["ObjectionAnswer | None"] = relationship(back_populates="objection")
    __table_args__ = (UniqueConstraint("application_id", "round", "account_id"),)


class ObjectionAnswer(Base):
    """The case officer's answer: upheld (the person leaves the panel) or rejected, with reasons."""

    __tablename__ = "objection_answer"
    history: ClassVar[bool] = True
    objection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("objection.id"), primary_key=True)
    upheld: Mapped[bool]
    reasons: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    objection: Mapped[Objection] = relationship(back_populates="answer")


class PanelAccepted(Base):
    """The applicant's word that it has no (further) objection to the panel proposed in this round."""

    __tablename__ = "panel_accepted"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
