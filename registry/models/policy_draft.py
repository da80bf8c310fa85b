"""The life of a policy version: drafts with everything ever saved, consultations, who adopted, what follows for issuers."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base, enum_column, new_id
from registry.models.body import AdoptedPolicy, Body
from registry.models.issuer import Issuer


class DraftState(StrEnum):
    """Where a draft of a policy version stands."""

    DRAFT = "draft"
    CONSULTATION = "consultation"
    ADOPTED = "adopted"
    ABANDONED = "abandoned"


class DraftPart(StrEnum):
    """What a person does with a draft; never both."""

    EDITOR = "editor"
    APPROVER = "approver"


class PolicyDraft(Base):
    """A policy version in the making: the text as it stands. `version` guards against lost updates.

    `policy_version` is the version it is meant to become; `base_id` the adopted version it began from.
    """

    __tablename__ = "policy_draft"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"))
    policy_id: Mapped[str]
    policy_version: Mapped[str]
    base_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("adopted_policy.id"))
    source: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    state: Mapped[DraftState] = mapped_column(enum_column(DraftState), default=DraftState.DRAFT)
    editor: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()
    body: Mapped[Body] = relationship()
    base: Mapped[AdoptedPolicy | None] = relationship()
    versions: Mapped[list["PolicyDraftVersion"]] = relationship(order_by="PolicyDraftVersion.number")
    consultations: Mapped[list["Consultation"]] = relationship(
        order_by="Consultation.number", back_populates="draft"
    )
    adoption: Mapped["PolicyAdoption | None"] = relationship()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # the declarative base types it
    __table_args__ = (Index(None, "body_id", "state"), Index(None, "policy_id", "policy_version"))

    @property
    def consultation(self) -> "Consultation | None":
        """The newest consultation, or None."""
        return self.consultations[-1] if self.consultations else None


class PolicyDraftPerson(Base):
    """One person has one part in a draft, for ever: whoever has saved a version of it can never adopt it."""

    __tablename__ = "policy_draft_person"
    history: ClassVar[bool] = True
    draft_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("policy_draft.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    part: Mapped[DraftPart] = mapped_column(enum_column(DraftPart))
    __table_args__ = (UniqueConstraint("draft_id", "account_id", "part"),)


_PERSON = ("policy_draft_person.draft_id", "policy_draft_person.account_id", "policy_draft_person.part")


class PolicyDraftVersion(Base):
    """One text of a draft as somebody saved it, byte for byte; the database asks that the person is an editor of it."""

    __tablename__ = "policy_draft_version"
    history: ClassVar[bool] = True
    draft_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("policy_draft.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    saved_by: Mapped[uuid.UUID]
    part: Mapped[DraftPart] = mapped_column(enum_column(DraftPart), default=DraftPart.EDITOR)
    saved_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("part = 'editor'", name="saved_by_editor"),
        ForeignKeyConstraint(
            ("draft_id", "saved_by", "part"), _PERSON, name="fk_policy_draft_version_editor"
        ),
    )


class PolicyAdoption(Base):
    """Which text of a draft was adopted, and by whom; the database asks that this person is no editor of it."""

    __tablename__ = "policy_adoption"
    history: ClassVar[bool] = True
    draft_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("policy_draft.id"), primary_key=True)
    number: Mapped[int]
    adopted_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("adopted_policy.id"))
    approved_by: Mapped[uuid.UUID]
    part: Mapped[DraftPart] = mapped_column(enum_column(DraftPart), default=DraftPart.APPROVER)
    at: Mapped[datetime]
    adopted: Mapped[AdoptedPolicy] = relationship()
    __table_args__ = (
        CheckConstraint("part = 'approver'", name="adopted_by_approver"),
        ForeignKeyConstraint(
            ("draft_id", "approved_by", "part"), _PERSON, name="fk_policy_adoption_approver"
        ),
    )


class Consultation(Base):
    """A text that is put to the body's people, or to everybody who signs in, until the end of `closes_on`.

    `number` counts the consultations of a draft, `text_number` is the saved version they read.
    """

    __tablename__ = "consultation"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    draft_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("policy_draft.id"), index=True)
    number: Mapped[int]
    text_number: Mapped[int]
    public: Mapped[bool]
    publishes_comments: Mapped[bool]
    opened_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    closes_on: Mapped[date]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]
    draft: Mapped[PolicyDraft] = relationship(back_populates="consultations")
    comments: Mapped[list["ConsultationComment"]] = relationship(order_by="ConsultationComment.at")
    __table_args__ = (UniqueConstraint("draft_id", "number"),)

    def is_open(self, day: date) -> bool:
        """Tell whether comments are taken on `day`."""
        return self.closed_at is None and day <= self.closes_on


class ConsultationComment(Base):
    """What somebody says on a text. `place` is a criterion or part, empty for the whole; unseen until it is published."""

    __tablename__ = "consultation_comment"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation.id"), index=True)
    author: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    of_body: Mapped[bool]
    place: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    published: Mapped[bool | None]
    judged_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    judged_at: Mapped[datetime | None]


class PolicyTransition(Base):
    """That the transition rule of an adopted version was applied, once: how many cases moved and stayed."""

    __tablename__ = "policy_transition"
    history: ClassVar[bool] = True
    adopted_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("adopted_policy.id"), primary_key=True)
    applied_at: Mapped[datetime]
    moved: Mapped[int]
    kept: Mapped[int]
    reassessments: Mapped[int]


class PolicyReassessment(Base):
    """A recognition under an older version that has to be looked at again: by `due_on`, or (None) at the next monitoring."""

    __tablename__ = "policy_reassessment"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("body.id"))
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("issuer.id"), index=True)
    adopted_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("adopted_policy.id"))
    due_on: Mapped[date | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str | None] = mapped_column(Text)
    issuer: Mapped[Issuer] = relationship()
    adopted: Mapped[AdoptedPolicy] = relationship()
    __table_args__ = (UniqueConstraint("issuer_id", "adopted_id"), Index(None, "body_id", "due_on"))
