"""What the registry's certificate authorities are, what they were asked for, and what they issued."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, enum_column
from registry.signing.key_records import AuthorityLine


class AuthorityCertificate(Base):
    """A certificate of one of the registry's authorities. Web workers hold no key, and know by this that there is one."""

    __tablename__ = "authority_certificate"
    history: ClassVar[bool] = True
    key_id: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[AuthorityLine] = mapped_column(enum_column(AuthorityLine))
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class CertificateRequest(Base):
    """A request (PKCS#10, DER) for a certificate over the bare key that `claim_id` names; it goes where that claim goes."""

    __tablename__ = "certificate_request"
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identity_claim.id"), primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary)


class IssuedCertificate(Base):
    """A certificate that was issued: the identity that it is, the one whose key it wraps, and the authority's key."""

    __tablename__ = "issued_certificate"
    history: ClassVar[bool] = True
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identity_claim.id"), primary_key=True)
    key_claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identity_claim.id"), unique=True)
    key_id: Mapped[str]
    at: Mapped[datetime]
