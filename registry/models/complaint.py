"""Complaints: what was brought forward, every step since, and, apart from both, how to reach whoever complained."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.domain.complaints import ComplaintOutcome, ComplaintState, ComplaintStep
from registry.models.base import Base, enum_column, new_id
from registry.models.body import AdoptedPolicy, Scheme
from registry.models.issuer import Issuer


class Complaint(Base):
    """A complaint to a body under the policy of a scheme, about an issuer or about the body and its register.

    `who` and `about` are ids of the policy; `secret_hash` is the SHA-256 of what opens the page on which whoever complained
    reads what came of it (hex, 64 characters). No network address is kept, and no account.
    """

    __tablename__ = "complaint"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(unique=True)
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"))
    scheme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scheme.id"))
    issuer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("issuer.id"))
    policy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("adopted_policy.id"))
    who: Mapped[str]
    about: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[ComplaintState] = mapped_column(enum_column(ComplaintState))
    outcome: Mapped[ComplaintOutcome | None] = mapped_column(enum_column(ComplaintOutcome))
    secret_hash: Mapped[str] = mapped_column(unique=True)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    scheme: Mapped[Scheme] = relationship()
    policy: Mapped[AdoptedPolicy] = relationship()
    issuer: Mapped[Issuer | None] = relationship()
    events: Mapped[list["ComplaintEvent"]] = relationship(order_by="ComplaintEvent.number")
    __table_args__ = (
        Index(None, "body_id", "closed_at", "due_at"),
        Index(None, "body_id", "received_at"),
        Index(None, "issuer_id", "received_at"),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # the declarative base types it


class ComplaintContact(Base):
    """How to reach whoever complained. Apart, so that it can go; never shown to an issuer, an auditor or the public."""

    __tablename__ = "complaint_contact"
    complaint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    contact: Mapped[str] = mapped_column(Text)


class ComplaintEvent(Base):
    """One step; `text` is what was said in it, `actor` None for whoever complained."""

    __tablename__ = "complaint_event"
    history: ClassVar[bool] = True
    complaint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[ComplaintStep] = mapped_column(enum_column(ComplaintStep))
    text: Mapped[str] = mapped_column(Text)
    actor: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    at: Mapped[datetime]
