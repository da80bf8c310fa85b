"""Precedents: what earlier decisions made of a criterion that was not fully met."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base
from registry.models.decision import Decision


class Precedent(Base):
    """One criterion of one released decision: how it was rated, whether a condition followed, and what was decided."""

    __tablename__ = "precedent"
    history: ClassVar[bool] = True
    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(primary_key=True)
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"))
    scheme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scheme.id"))
    policy_id: Mapped[str]
    policy_version: Mapped[str]
    rating: Mapped[str]
    standing: Mapped[str]
    condition: Mapped[bool]
    outcome: Mapped[str]
    rule: Mapped[str]
    deviates: Mapped[bool]
    at: Mapped[datetime]
    decision: Mapped[Decision] = relationship()
    __table_args__ = (Index(None, "body_id", "policy_id", "criterion", "at"),)
