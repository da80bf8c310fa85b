"""Letters: what the applicant is told, frozen with its hash; the body's own signed file of it; deliveries of both kinds."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base, enum_column, new_id


class DeliveryKind(StrEnum):
    """How a delivery is proven."""

    OPENED = "opened"
    REGISTERED_POST = "registered_post"
    E_DELIVERY = "e_delivery"


class Letter(Base):
    """A decision as it is told, in both languages; `decision_id` None: that the application is not eligible."""

    __tablename__ = "letter"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    number: Mapped[int]
    decision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("decision.id"), unique=True)
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    at: Mapped[datetime]
    files: Mapped[list["LetterFile"]] = relationship(order_by="LetterFile.at")
    delivery: Mapped["Delivery | None"] = relationship(back_populates="letter")
    __table_args__ = (UniqueConstraint("application_id", "number"),)


class LetterFile(Base):
    """The body's own file of a letter, such as a PDF with a qualified signature, kept by its hash."""

    __tablename__ = "letter_file"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    letter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("letter.id"), index=True)
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    filed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Delivered:
    """What is on record of a delivery: it was opened in the registry, or a proof of post or e-delivery was filed."""

    kind: Mapped[DeliveryKind] = mapped_column(enum_column(DeliveryKind))
    delivered_at: Mapped[datetime]
    proof_name: Mapped[str | None]
    proof_sha256: Mapped[str | None]
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class Delivery(Delivered, Base):
    """A letter reached the applicant."""

    __tablename__ = "delivery"
    history: ClassVar[bool] = True
    letter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("letter.id"), primary_key=True)
    letter: Mapped[Letter] = relationship(back_populates="delivery")


class HearingDelivery(Delivered, Base):
    """The notice of a hearing reached the institution."""

    __tablename__ = "hearing_delivery"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    __table_args__ = (
        ForeignKeyConstraint(["application_id", "number"], ["hearing.application_id", "hearing.number"]),
    )
