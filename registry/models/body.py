"""Accreditation bodies, the schemes they run, and the policies they have adopted."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base, new_id


class Body(Base):
    """An accreditation body on this registry, with the mandate that bounds what it may recognize.

    `mandate` is a scope in wire form; `mandate_until` its last day. `holiday_calendar` is a country, or country and
    subdivision (`PL`, `DE-BY`; None: the country of the seat); `closed_days` are further days off (ISO dates).
    """

    __tablename__ = "body"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    legal_name: Mapped[str]
    names: Mapped[dict[str, Any]]
    street: Mapped[str]
    locality: Mapped[str]
    postal_code: Mapped[str]
    country: Mapped[str]
    email: Mapped[str]
    website: Mapped[str]
    mandate: Mapped[dict[str, Any]]
    mandate_until: Mapped[date | None]
    holiday_calendar: Mapped[str | None]
    closed_days: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    time_zone: Mapped[str] = mapped_column(default="Europe/Warsaw", server_default="Europe/Warsaw")
    created_at: Mapped[datetime]
    schemes: Mapped[list["Scheme"]] = relationship(back_populates="body")


class AdoptedPolicy(Base):
    """A policy version as a body adopted it: the exact bytes, for ever; editor and approver are two people."""

    __tablename__ = "adopted_policy"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"))
    policy_id: Mapped[str]
    version: Mapped[str]
    sha256: Mapped[str]
    source: Mapped[bytes] = mapped_column(LargeBinary)
    proposed_by: Mapped[str]
    approved_by: Mapped[str]
    adopted_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("body_id", "policy_id", "version"),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )


class Scheme(Base):
    """One body applying one policy over its versions: the unit of lists and certificates. Id and slug never change."""

    __tablename__ = "scheme"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"))
    policy_id: Mapped[str]
    names: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    body: Mapped[Body] = relationship(back_populates="schemes")
    __table_args__ = (UniqueConstraint("body_id", "policy_id"),)
