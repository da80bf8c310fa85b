"""Issuers: listings of an institution in a scheme, their recognition events, and the identities they issue with."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.domain.recognition import Effect, Reason, Status
from registry.domain.trust_list import IdentityKind
from registry.models.base import Base, enum_column, new_id
from registry.models.body import Scheme
from registry.models.certificates import CertificateRequest
from registry.models.institution import Institution


class Issuer(Base):
    """An institution with a recognition in one scheme. Born with the first released grant; the id is never reused."""

    __tablename__ = "issuer"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    institution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"))
    scheme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scheme.id"))
    shard: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    institution: Mapped[Institution] = relationship()
    scheme: Mapped[Scheme] = relationship()
    events: Mapped[list["RecognitionEvent"]] = relationship(order_by="RecognitionEvent.number")
    identities: Mapped[list["IdentityEvent"]] = relationship(order_by="IdentityEvent.number")
    __table_args__ = (UniqueConstraint("institution_id", "scheme_id"), Index(None, "scheme_id", "shard"))


class RecognitionEvent(Base):
    """One change of a recognition on two time axes; see `registry.domain.recognition.StatusEvent`.

    It rests on a decision or on what two people ordered, never on neither. `terms` say what else follows: the teach-out
    date, who keeps the records and the status service, and the remedy for learners.
    """

    __tablename__ = "recognition_event"
    history: ClassVar[bool] = True
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("issuer.id"), index=True)
    decision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("decision.id"))
    proposal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("proposal.id"))
    recorded_at: Mapped[datetime]
    effective_from: Mapped[datetime]
    status: Mapped[Status] = mapped_column(enum_column(Status))
    reason: Mapped[Reason] = mapped_column(enum_column(Reason, 60))
    effect: Mapped[Effect] = mapped_column(enum_column(Effect))
    effect_from: Mapped[datetime | None]
    scope: Mapped[dict[str, Any] | None]
    conditions: Mapped[list[Any] | None]
    valid_until: Mapped[datetime | None]
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("recognition_event.number"))
    policy_id: Mapped[str]
    policy_version: Mapped[str]
    policy_sha256: Mapped[str]
    terms: Mapped[dict[str, Any] | None]
    __table_args__ = (CheckConstraint("(decision_id IS NULL) <> (proposal_id IS NULL)", name="one_ground"),)


class Environment(StrEnum):
    """Whether an identity signs real credentials; test identities are never listed."""

    PRODUCTION = "production"
    TEST = "test"


class IdentityClaim(Base):
    """An issuing identity as the institution named it, with the challenge it has to sign.

    `value` is canonical (see `ListedIdentity.value`). `platform_id` names the institution that runs a shared platform key.
    """

    __tablename__ = "identity_claim"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    institution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    issuer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("issuer.id"), index=True)
    kind: Mapped[IdentityKind] = mapped_column(enum_column(IdentityKind))
    value: Mapped[str]
    environment: Mapped[Environment] = mapped_column(enum_column(Environment))
    certificate: Mapped[bytes | None] = mapped_column(LargeBinary)
    jwk: Mapped[dict[str, Any] | None]
    platform_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("institution.id"))
    profile_id: Mapped[str] = mapped_column(default="")
    challenge: Mapped[str]
    challenge_expires_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    proofs: Mapped[list["IdentityProof"]] = relationship(order_by="IdentityProof.at")
    confirmations: Mapped[list["IdentityConfirmation"]] = relationship(order_by="IdentityConfirmation.at")
    certificate_request: Mapped[CertificateRequest | None] = relationship(cascade="all, delete-orphan")
    __table_args__ = (
        UniqueConstraint("application_id", "kind", "value", "profile_id"),
        Index(None, "kind", "value"),
    )


class IdentityProof(Base):
    """A proof of control that was checked and held: what was signed, with what, when."""

    __tablename__ = "identity_proof"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identity_claim.id"), index=True)
    method: Mapped[str]
    challenge: Mapped[str]
    proof: Mapped[str] = mapped_column(Text)
    given_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class IdentityConfirmation(Base):
    """A verifier's word that the identity is the institution's; two different people are needed."""

    __tablename__ = "identity_confirmation"
    history: ClassVar[bool] = True
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identity_claim.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    at: Mapped[datetime]


class IdentityChange(StrEnum):
    """What happens to a listed identity."""

    LISTED = "listed"
    ENDED = "ended"
    COMPROMISED = "compromised"


class IdentityEvent(Base):
    """One recorded change of what an issuer signs with; two people stand behind each."""

    __tablename__ = "identity_event"
    history: ClassVar[bool] = True
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("issuer.id"), index=True)
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identity_claim.id"))
    change: Mapped[IdentityChange] = mapped_column(enum_column(IdentityChange))
    effective_from: Mapped[datetime]
    recorded_at: Mapped[datetime]
    claim: Mapped[IdentityClaim] = relationship()
