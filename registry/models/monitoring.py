"""Between two decisions: conditions and how they were met, yearly reports, and every item of monitoring with its owner."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, enum_column, new_id


class MonitoringKind(StrEnum):
    """Why an issuer is looked at between two reviews."""

    CONDITION = "condition"
    ANNUAL_REPORT = "annual_report"
    SURVEILLANCE = "surveillance"
    CHANGE_REPORT = "change_report"
    SIGNAL = "signal"
    RENEWAL = "renewal"
    SUSPENSION = "suspension"
    COMPLAINT = "complaint"


class MonitoringResult(StrEnum):
    """What came of an item; none of these changes a standing by itself."""

    NOTED = "noted"
    FURTHER_REPORT = "further_report"
    REVIEW_OPENED = "review_opened"
    HEARING_OPENED = "hearing_opened"
    UNFOUNDED = "unfounded"


class Condition(Base):
    """A condition of a recognition: what has to be shown for which criterion, until when."""

    __tablename__ = "recognition_condition"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("issuer.id"), index=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    criterion: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    due: Mapped[datetime] = mapped_column(index=True)
    at: Mapped[datetime]


class ConditionEvidence(Base):
    """What an issuer handed in to show that a condition is met: a statement, or a file by its hash."""

    __tablename__ = "condition_evidence"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    condition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recognition_condition.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str | None]
    media_type: Mapped[str | None]
    size: Mapped[int]
    sha256: Mapped[str | None]
    given_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class IssuerReport(Base):
    """The yearly report of an issuer: one figure or text per field of the policy; a later version takes its place."""

    __tablename__ = "issuer_report"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("issuer.id"))
    year: Mapped[int]
    number: Mapped[int]
    answers: Mapped[dict[str, Any]]
    given_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("issuer_id", "year", "number"),)


class MonitoringItem(Base):
    """Something about an issuer that a person of the body has to look at. `key` makes one thing open one item.

    `subject` is the word of the policy: which signal, which change; the year of a report.
    """

    __tablename__ = "monitoring_item"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("issuer.id"))
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"))
    kind: Mapped[MonitoringKind] = mapped_column(enum_column(MonitoringKind))
    subject: Mapped[str]
    key: Mapped[str]
    condition_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("recognition_condition.id"), index=True)
    detail: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    owner: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    result: Mapped[MonitoringResult | None] = mapped_column(enum_column(MonitoringResult))
    reasons: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("issuer_id", "kind", "key"),
        Index(None, "body_id", "closed_at", "due_at"),
    )


class Sweep(Base):
    """How far a round over all issuers has come on a day; `after` is the issuer looked at last, None when it is done."""

    __tablename__ = "sweep"
    name: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]
    after: Mapped[uuid.UUID | None]
    done: Mapped[bool]


class SeenDocument(Base):
    """What a DID document held when it was looked at last: a hash over its keys."""

    __tablename__ = "seen_document"
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("issuer.id"), primary_key=True)
    did: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    at: Mapped[datetime]
