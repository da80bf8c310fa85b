"""World facts: institutions, their recorded versions, identifiers, claims, and the imports that bring them."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base, enum_column, new_id


class Institution(Base):
    """A legal body, by its current facts; what was known before stands in `InstitutionRecord`.

    `names` are what it is called by language, those of its country first (`services.institution_names`); `name` is one of
    them all, for where there is room for one. `folded` holds all current names and places without case and diacritics, for
    search. `owned` says whether somebody has been confirmed to act for it; until then it is an unclaimed fact.
    """

    __tablename__ = "institution"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    country: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="active")
    folded: Mapped[str] = mapped_column(Text)
    owned: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    records: Mapped[list["InstitutionRecord"]] = relationship(order_by="InstitutionRecord.number")
    identifiers: Mapped[list["InstitutionIdentifier"]] = relationship(back_populates="institution")


class InstitutionRecord(Base):
    """One recorded version of what a source says of an institution; numbered in order of recording, never changed."""

    __tablename__ = "institution_record"
    history: ClassVar[bool] = True
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    institution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    source: Mapped[str]
    source_key: Mapped[str]
    facts: Mapped[dict[str, Any]]
    digest: Mapped[str]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
    __table_args__ = (Index(None, "source", "source_key", "number"),)


class InstitutionIdentifier(Base):
    """A current identifier of an institution; one identifier names one institution."""

    __tablename__ = "institution_identifier"
    scheme: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    institution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    source: Mapped[str]
    institution: Mapped[Institution] = relationship(back_populates="identifiers")


class IdentityFact(Base):
    """An issuer DID that somebody else's list names: an unvetted fact, bound to no institution of ours."""

    __tablename__ = "identity_fact"
    source: Mapped[str] = mapped_column(primary_key=True)
    did: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    location: Mapped[str | None]
    url: Mapped[str | None]
    environment: Mapped[str]
    digest: Mapped[str]
    recorded_at: Mapped[datetime]


class ClaimState(StrEnum):
    """Where a claim to act for an institution stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class InstitutionClaim(Base):
    """A person's claim to act for an institution; two people confirm it on what they saw."""

    __tablename__ = "institution_claim"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    institution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    statement: Mapped[str] = mapped_column(Text)
    state: Mapped[ClaimState] = mapped_column(enum_column(ClaimState), default=ClaimState.OPEN)
    created_at: Mapped[datetime]
    institution: Mapped[Institution] = relationship()
    confirmations: Mapped[list["ClaimConfirmation"]] = relationship(order_by="ClaimConfirmation.at")


class ClaimConfirmation(Base):
    """One person's word on a claim; the same person counts once."""

    __tablename__ = "claim_confirmation"
    history: ClassVar[bool] = True
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution_claim.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    confirmed: Mapped[bool]
    basis: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class ImportState(StrEnum):
    """Where an import stands."""

    AWAITS_SECOND = "awaits_second"
    TURNED_DOWN = "turned_down"
    RUNNING = "running"
    DONE = "done"


class ImportRun(Base):
    """One import of one file; a killed run goes on after the `done` records that it has applied."""

    __tablename__ = "import_run"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    format: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    state: Mapped[ImportState] = mapped_column(enum_column(ImportState))
    done: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_by: Mapped[str]
    second: Mapped[str | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("second is null or second <> started_by", name="two_people"),)


class ImportRow(Base):
    """What became of one record of a file; `place` counts records from 1, `line` is where the record starts.

    Several records may start on one line. The index finds a key that the same run has seen before.
    """

    __tablename__ = "import_row"
    history: ClassVar[bool] = True
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_run.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int]
    key: Mapped[str]
    outcome: Mapped[str]
    institution_id: Mapped[uuid.UUID | None]
    detail: Mapped[list[Any]]
    __table_args__ = (Index(None, "run_id", "key"),)


class WorkItem(Base):
    """Something an import or a signal noticed that a person has to look at; it changes no standing by itself.

    `key` makes one thing open one item, however often it is seen.
    """

    __tablename__ = "work_item"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    key: Mapped[str]
    institution_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("institution.id"), index=True)
    detail: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("kind", "key"),)
