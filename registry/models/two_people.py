"""Proposals: what one person proposes and another confirms. The database keeps that they are two."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.domain.two_people import ProposalKind
from registry.models.base import Base, enum_column, new_id


class Proposal(Base):
    """What one person proposes, with reasons. `content` is what the kind needs; `object_id` what it is about.

    At least the body is named, so that bodies see nothing of each other; `body_id` None means the operator's registry.
    """

    __tablename__ = "proposal"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[ProposalKind] = mapped_column(enum_column(ProposalKind))
    body_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("body.id"))
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    issuer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("issuer.id"), index=True)
    object_id: Mapped[str]
    content: Mapped[dict[str, Any]]
    reasons: Mapped[str] = mapped_column(Text)
    first_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    answer: Mapped["ProposalAnswer | None"] = relationship(back_populates="proposal")
    __table_args__ = (Index(None, "body_id", "kind"),)


class ProposalAnswer(Base):
    """The second person's word: confirmed or turned down, once."""

    __tablename__ = "proposal_answer"
    history: ClassVar[bool] = True
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    first_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    second_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    accepted: Mapped[bool]
    reasons: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    proposal: Mapped[Proposal] = relationship(back_populates="answer")
    __table_args__ = (CheckConstraint("first_by <> second_by", name="two_people"),)
