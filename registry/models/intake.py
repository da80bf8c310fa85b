"""Intake: what was found missing, what the applicant states of its evidence, eligibility, decisions of others to reuse."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.domain.completeness import PointMark, PointPlace, PointReason
from registry.domain.reuse import ExternalKind
from registry.models.base import Base, enum_column, new_id


class CompletenessPoint(Base):
    """One point of the list of what is missing. What became of it stands in its marks; the newest one counts."""

    __tablename__ = "completeness_point"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    number: Mapped[int]
    reason: Mapped[PointReason] = mapped_column(enum_column(PointReason))
    place: Mapped[PointPlace] = mapped_column(enum_column(PointPlace))
    criterion: Mapped[str | None]
    evidence_id: Mapped[str | None]
    claim_id: Mapped[str | None]
    detail: Mapped[dict[str, Any]]
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    marks: Mapped[list["CompletenessMark"]] = relationship(order_by="CompletenessMark.number")
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    @property
    def mark(self) -> PointMark | None:
        """The newest mark, or None for a point that has not been sent yet."""
        return self.marks[-1].mark if self.marks else None


class CompletenessMark(Base):
    """What happened to a point: sent, answered by the applicant, settled, reopened or dropped, by whom, with which words."""

    __tablename__ = "completeness_mark"
    history: ClassVar[bool] = True
    point_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("completeness_point.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[PointMark] = mapped_column(enum_column(PointMark))
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class EvidenceStatement(Base):
    """What the applicant states of a version of evidence: the day of the document, and how many pieces it holds."""

    __tablename__ = "evidence_statement"
    history: ClassVar[bool] = True
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evidence_version.id"), primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    issued_on: Mapped[date | None]
    items: Mapped[int]


class EligibilityAnswer(Base):
    """An answer to an eligibility check: a machine's with what it judged, or a person's with reasons; the newest one counts.

    `passed` None: the machine could not tell, and a person has to.
    """

    __tablename__ = "eligibility_answer"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    check_id: Mapped[str]
    machine: Mapped[bool]
    passed: Mapped[bool | None]
    summary: Mapped[dict[str, Any]]
    facts: Mapped[dict[str, Any]]
    reasons: Mapped[str] = mapped_column(Text)
    author: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class ExternalDecision(Base):
    """A decision of another body that the applicant cites for criteria. Its file is evidence `external-<number>`.

    `withdrawn_at`: the applicant took it back before handing in.
    """

    __tablename__ = "external_decision"
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[ExternalKind] = mapped_column(enum_column(ExternalKind))
    issuer: Mapped[str]
    reference: Mapped[str]
    url: Mapped[str | None]
    decided_on: Mapped[date]
    valid_until: Mapped[date | None]
    outcome: Mapped[str]
    criteria: Mapped[list[Any]]
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    answers: Mapped[list["ReuseAnswer"]] = relationship(order_by="ReuseAnswer.sequence")

    @property
    def evidence_id(self) -> str:
        """The id of the evidence that holds its file."""
        return f"external-{self.number}"


class ReuseAnswer(Base):
    """The body's word on reusing an external decision for one criterion; the newest one counts."""

    __tablename__ = "reuse_answer"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    decision: Mapped[int]
    criterion: Mapped[str]
    accepted: Mapped[bool]
    reasons: Mapped[str] = mapped_column(Text)
    author: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(
            ["application_id", "decision"], ["external_decision.application_id", "external_decision.number"]
        ),
        Index(None, "application_id", "decision"),
    )
