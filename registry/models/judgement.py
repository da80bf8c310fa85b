"""Judgement beside the ratings: questions to the applicant, visits, the draft of a report and the check of its facts."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.domain.visits import VisitMode
from registry.models.base import Base, enum_column, new_id


class Question(Base):
    """One question on one criterion, as somebody on the panel put it. The applicant sees it once it is sent."""

    __tablename__ = "question"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    number: Mapped[int]
    criterion: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    fate: Mapped["QuestionFate | None"] = relationship(back_populates="question")
    answers: Mapped[list["QuestionAnswer"]] = relationship(order_by="QuestionAnswer.number")
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    @property
    def sent(self) -> bool:
        """Whether the applicant has it."""
        return self.fate is not None and self.fate.round is not None

    @property
    def answer(self) -> "QuestionAnswer | None":
        """The answer that counts: the newest."""
        return self.answers[-1] if self.answers else None


class QuestionFate(Base):
    """What became of a question: sent in a round (from 1), or left out (`round` None)."""

    __tablename__ = "question_fate"
    history: ClassVar[bool] = True
    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id"), primary_key=True)
    round: Mapped[int | None]
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    question: Mapped[Question] = relationship(back_populates="fate")


class QuestionAnswer(Base):
    """The applicant's answer; `cited` are versions of evidence (id, number, sha256). A later one takes its place."""

    __tablename__ = "question_answer"
    history: ClassVar[bool] = True
    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    cited: Mapped[list[Any]]
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Reopening(Base):
    """A criterion is to be rated anew: one that was inherited, with the reasons of the panel."""

    __tablename__ = "reopening"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    criterion: Mapped[str]
    reasons: Mapped[str] = mapped_column(Text)
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class VisitPlan(Base):
    """The plan of a visit; a later number takes the place of the one before. `agenda`: starts, group, subject.

    `note` says why there is a visit though the policy has no days for one.
    """

    __tablename__ = "visit_plan"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mode: Mapped[VisitMode] = mapped_column(enum_column(VisitMode))
    place: Mapped[str]
    day: Mapped[date]
    agenda: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class VisitNote(Base):
    """A private note of somebody on the panel: for the panel alone, and erased after `keep_until` (then `text` is None)."""

    __tablename__ = "visit_note"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    author: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    keep_until: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "keep_until"),
        CheckConstraint("(text IS NULL) = (erased_at IS NOT NULL)", name="erased_or_kept"),
    )


class ReportPiece(Base):
    """One saved state of one piece of the report: a section (`criterion`), or the summary (`criterion` empty).

    Nothing written is lost: a later number takes the place of the one before.
    """

    __tablename__ = "report_piece"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    findings: Mapped[str] = mapped_column(Text)
    strengths: Mapped[str] = mapped_column(Text)
    gaps: Mapped[str] = mapped_column(Text)
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class FactualPoint(Base):
    """One fact that the applicant disputes in a draft report: where, what is wrong, how it should read, and the proof."""

    __tablename__ = "factual_point"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    number: Mapped[int]
    report: Mapped[int]
    criterion: Mapped[str]
    quote: Mapped[str] = mapped_column(Text)
    wrong: Mapped[str] = mapped_column(Text)
    proposed: Mapped[str] = mapped_column(Text)
    cited: Mapped[list[Any]]
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    answer: Mapped["FactualAnswer | None"] = relationship(back_populates="point")
    __table_args__ = (UniqueConstraint("application_id", "number"),)


class FactualAnswer(Base):
    """The panel's word on a point, once: accepted, then the section changes; or not, with reasons."""

    __tablename__ = "factual_answer"
    history: ClassVar[bool] = True
    point_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("factual_point.id"), primary_key=True)
    accepted: Mapped[bool]
    reasons: Mapped[str] = mapped_column(Text)
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    point: Mapped[FactualPoint] = relationship(back_populates="answer")


class ApplicantStatement(Base):
    """What the applicant says of a draft report in its own words; kept with the report. The newest of a draft counts."""

    __tablename__ = "applicant_statement"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    report: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
