"""Applications: what an institution asked for, under which frozen policy, with which evidence, and every step since."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.domain.clocks import Side
from registry.domain.workflow import Action, State
from registry.models.base import Base, enum_column, new_id
from registry.models.body import AdoptedPolicy, Scheme
from registry.models.institution import Institution

if TYPE_CHECKING:
    from registry.models.issuer import IdentityClaim
    from registry.models.letter import HearingDelivery
    from registry.models.review import Assignment


class Procedure(StrEnum):
    """Why a case is open."""

    INITIAL = "initial"
    RENEWAL = "renewal"
    SCOPE_EXTENSION = "scope_extension"
    TARGETED = "targeted"
    EXTRAORDINARY = "extraordinary"


class Application(Base):
    """One case: an institution, a scheme, one frozen policy version and a scope. `version` guards against lost updates.

    `due_at` is when the present step should be over and `clock_side` whose days run; both follow from the step taken last,
    and stand here so that work can be found by its deadline. `prior_id` is the case that this one continues.
    """

    __tablename__ = "application"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(unique=True)
    institution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    scheme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scheme.id"), index=True)
    policy_row_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("adopted_policy.id"))
    procedure: Mapped[Procedure] = mapped_column(enum_column(Procedure), default=Procedure.INITIAL)
    issuer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("issuer.id"), index=True)
    scope: Mapped[dict[str, Any]]
    state: Mapped[State] = mapped_column(enum_column(State), default=State.DRAFT, index=True)
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    entered_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    clock_side: Mapped[Side | None] = mapped_column(enum_column(Side))
    prior_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    version: Mapped[int] = mapped_column()
    institution: Mapped[Institution] = relationship()
    scheme: Mapped[Scheme] = relationship()
    policy: Mapped[AdoptedPolicy] = relationship()
    events: Mapped[list["ApplicationEvent"]] = relationship(order_by="ApplicationEvent.sequence")
    evidence: Mapped[list["EvidenceVersion"]] = relationship(order_by="EvidenceVersion.number")
    identity_claims: Mapped[list["IdentityClaim"]] = relationship(order_by="IdentityClaim.created_at")
    assignments: Mapped[list["Assignment"]] = relationship(order_by="Assignment.assigned_at")
    hearings: Mapped[list["Hearing"]] = relationship(order_by="Hearing.number")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # the declarative base types it
    __table_args__ = (Index(None, "state", "due_at"),)

    @property
    def hearing(self) -> "Hearing | None":
        """The newest hearing, or None: a case that an appeal sent back may have had one before."""
        return self.hearings[-1] if self.hearings else None

    @property
    def answer_due(self) -> datetime | None:
        """Until when the newest notice can, or could, be answered; while the hearing is open, the clock of the case says."""
        running = self.due_at if self.state is State.REPRESENTATION else None
        return running or (self.hearing.due if self.hearing else None)


class ApplicationEvent(Base):
    """One step of a case: who took it, when, from where to where, and why where the step asks for reasons (`note`)."""

    __tablename__ = "application_event"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[Action] = mapped_column(enum_column(Action))
    source: Mapped[State] = mapped_column(enum_column(State))
    target: Mapped[State] = mapped_column(enum_column(State))
    actor: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(Text)


class EvidenceVersion(Base):
    """One version of one piece of evidence: a file by its hash, or a statement or address in `text`."""

    __tablename__ = "evidence_version"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    evidence_id: Mapped[str]
    number: Mapped[int]
    file_name: Mapped[str | None]
    media_type: Mapped[str | None]
    size: Mapped[int]
    sha256: Mapped[str]
    text: Mapped[str | None] = mapped_column(Text)
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("application_id", "evidence_id", "number"),)


class Manifest(Base):
    """What was handed in, frozen at submission: the receipt names its hash."""

    __tablename__ = "manifest"
    history: ClassVar[bool] = True
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    at: Mapped[datetime]


class Hearing(Base):
    """The notice before an outcome worse than asked, and the institution's answer to it.

    `motion_id` is the motion that the committee means to carry; None where the body opened the case with the notice.
    """

    __tablename__ = "hearing"
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    motion_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("motion.id"))
    proposed: Mapped[str]
    ground: Mapped[str]
    notice: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    due: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    delivery: Mapped["HearingDelivery | None"] = relationship(lazy="joined")
