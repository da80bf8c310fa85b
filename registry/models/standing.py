"""What two people ordered about an issuer besides its standing, and what happened to institutions."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.institution_events import EventKind
from registry.domain.recognition import Reason
from registry.models.base import Base, enum_column, new_id


class IssuerWarning(Base):
    """A formal warning: a published note that changes no status and runs out. `text` is language to string."""

    __tablename__ = "issuer_warning"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("issuer.id"), index=True)
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), unique=True)
    text: Mapped[dict[str, Any]]
    since: Mapped[datetime]
    until: Mapped[datetime]
    published: Mapped[bool]


class UrgentOrder(Base):
    """An urgent suspension with the case in which the committee has to confirm it by `confirm_by`."""

    __tablename__ = "urgent_order"
    history: ClassVar[bool] = True
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("issuer.id"), index=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    event_number: Mapped[int] = mapped_column(ForeignKey("recognition_event.number"), unique=True)
    ground: Mapped[Reason] = mapped_column(enum_column(Reason, 60))
    confirm_by: Mapped[datetime] = mapped_column(index=True)


class InstitutionEvent(Base):
    """What happened to an institution in the world (`occurred_on`), and when it was recorded, on whose two words.

    `effects` say what became of each recognition; `evidence` is for the body's eyes alone.
    """

    __tablename__ = "institution_event"
    history: ClassVar[bool] = True
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    institution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"))
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), unique=True)
    kind: Mapped[EventKind] = mapped_column(enum_column(EventKind))
    occurred_on: Mapped[date]
    recorded_at: Mapped[datetime]
    evidence: Mapped[str] = mapped_column(Text)
    effects: Mapped[list[Any]]


class InstitutionRelation(Base):
    """An institution came after another: by a merger or by a split."""

    __tablename__ = "institution_relation"
    history: ClassVar[bool] = True
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"), primary_key=True)
    to_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"), primary_key=True, index=True)
    kind: Mapped[EventKind] = mapped_column(enum_column(EventKind), primary_key=True)
    event_number: Mapped[int] = mapped_column(ForeignKey("institution_event.number"))
    since: Mapped[date]
    recorded_at: Mapped[datetime]
