"""Records: whose an audit event is, what was redacted or erased from files, how a body reports to DEQAR."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, new_id


class AuditPlace(Base):
    """Where an audit event belongs: the object again, to be found by it, and the case and body that it is about.

    `body_id` None: the event is the registry's own, such as an import. It follows from the object, so it is not chained.
    """

    __tablename__ = "audit_place"
    history: ClassVar[bool] = True
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    object_type: Mapped[str]
    object_id: Mapped[str]
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("application.id"))
    body_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("body.id"))
    institution_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("institution.id"))
    __table_args__ = (
        Index(None, "object_type", "object_id", "number"),
        Index(None, "application_id", "number"),
        Index(None, "body_id", "number"),
    )


class EvidenceRedaction(Base):
    """The redacted twin of an evidence file: handed out in its place from then on. The hash of the original stays.

    The newest row of a version counts. `proposal_id` names the two people who stand behind it.
    """

    __tablename__ = "evidence_redaction"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evidence_version.id"), index=True)
    proposal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("proposal.id"))
    original_sha256: Mapped[str] = mapped_column(index=True)
    sha256: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    reasons: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class ReportText(Base):
    """The report of a decision as the public reads it, in one language: a redacted file, which can be erased.

    The rows with the highest number of a decision stand together; those without a file say that it was taken down.
    """

    __tablename__ = "report_text"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("decision.id"))
    number: Mapped[int]
    language: Mapped[str]
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"))
    file_name: Mapped[str | None]
    media_type: Mapped[str | None]
    size: Mapped[int]
    sha256: Mapped[str | None]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("decision_id", "number", "language"),)


class FileErasure(Base):
    """Bytes that have to go from the file store, by their hash; `done_at` once they have gone, `why` is a kind of record."""

    __tablename__ = "file_erasure"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]
    ordered_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class DeqarProfile(Base):
    """The identifiers that DEQAR has given a body: its agency and the activity that its reviews are reported under."""

    __tablename__ = "deqar_profile"
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"), primary_key=True)
    agency: Mapped[str]
    activity: Mapped[str]
    set_at: Mapped[datetime]
