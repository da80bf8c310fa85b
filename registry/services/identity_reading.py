"""Reading an issuing identity as it was typed: what it is, and whether it may be named at all."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.identifiers import IdentifierScheme, parse_identifier
from registry.domain.trust_list import IdentityKind
from registry.errors import Conflict, FieldError, InvalidInput
from registry.models.institution import Institution
from registry.models.issuer import (
    Environment,
    IdentityChange,
    IdentityClaim,
    IdentityEvent,
)
from registry.services.certificate_requests import read_certificate_request
from registry.signing.possession import jwk_thumbprint, new_challenge, read_certificate, read_jwk
from registry.signing.requests import is_request

CHALLENGE_LIFE = timedelta(days=30)
"""How long a challenge can be answered."""


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """An issuing identity as typed: a DID, a certificate in PEM, a JWK, a domain, or a platform key's identifier.

    In place of a JWK there may be a request for a certificate over that key (PKCS#10, PEM).
    """

    kind: IdentityKind
    text: str
    environment: Environment = Environment.PRODUCTION
    platform_id: uuid.UUID | None = None
    profile_id: str = ""


def read_claim(
    session: Session, new: NewIdentity, institution_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> IdentityClaim:
    if new.environment is Environment.TEST:
        message = "test identities are never listed; name the one that signs real credentials"
        raise InvalidInput(message, [FieldError("environment", message)])
    row = IdentityClaim(
        id=uuid.uuid4(),
        institution_id=institution_id,
        kind=new.kind,
        environment=new.environment,
        challenge=new_challenge(str(institution_id)),
        challenge_expires_at=at + CHALLENGE_LIFE,
        created_by=actor,
        created_at=at,
        proofs=[],
        confirmations=[],
        profile_id="",
    )
    _READERS[new.kind](session, row, new, at)
    _refuse_compromised(session, row)
    refuse_foreign(session, row)
    return row


def _read_did(_session: Session, row: IdentityClaim, new: NewIdentity, _at: datetime) -> None:
    row.value = parse_identifier(IdentifierScheme.DID, new.text).value


def _read_x509(_session: Session, row: IdentityClaim, new: NewIdentity, at: datetime) -> None:
    facts = read_certificate(new.text, at=at)
    row.value, row.certificate = facts.sha256, facts.der


def _read_jwk(session: Session, row: IdentityClaim, new: NewIdentity, _at: datetime) -> None:
    if is_request(new.text):
        members, row.certificate_request = read_certificate_request(session, new.text, row.institution_id)
    else:
        members, _key = read_jwk(new.text)
    row.value, row.jwk = jwk_thumbprint(members), dict(members)


def _read_domain(_session: Session, row: IdentityClaim, new: NewIdentity, _at: datetime) -> None:
    row.value = parse_identifier(IdentifierScheme.DOMAIN, new.text).value


def _read_platform(session: Session, row: IdentityClaim, new: NewIdentity, _at: datetime) -> None:
    platform = session.get(Institution, new.platform_id) if new.platform_id else None
    problems = []
    is_other = platform is not None and platform.id != row.institution_id
    if platform is None or platform.kind != "platform" or not platform.owned or not is_other:
        problems.append(FieldError("platform_id", "choose a platform that is known to this registry"))
    if not new.profile_id.strip():
        problems.append(
            FieldError("profile_id", "give your profile id on the platform; a shared key alone covers nobody")
        )
    if problems:
        raise InvalidInput("this platform identity cannot be named", problems)
    row.value = parse_identifier(IdentifierScheme.DID, new.text).value
    row.platform_id, row.profile_id = new.platform_id, new.profile_id.strip()


_READERS: dict[IdentityKind, Callable[[Session, IdentityClaim, NewIdentity, datetime], None]] = {
    IdentityKind.DID: _read_did,
    IdentityKind.X509: _read_x509,
    IdentityKind.JWK: _read_jwk,
    IdentityKind.DOMAIN: _read_domain,
    IdentityKind.PLATFORM: _read_platform,
}


def _refuse_compromised(session: Session, row: IdentityClaim) -> None:
    """A key that somebody else has got hold of never counts again, under whatever name."""
    fallen = (
        select(IdentityEvent.number)
        .join(IdentityClaim, IdentityClaim.id == IdentityEvent.claim_id)
        .where(
            IdentityEvent.change == IdentityChange.COMPROMISED,
            IdentityClaim.kind == row.kind,
            IdentityClaim.value == row.value,
        )
    )
    if session.scalar(fallen.limit(1)) is not None:
        message = "this key was compromised and is never listed again; make a new one"
        raise InvalidInput(message, [FieldError("text", message)])


def refuse_foreign(session: Session, row: IdentityClaim) -> None:
    """One identifier belongs to one issuer; only a platform's key may be named by several, each with its own profile."""
    others = select(IdentityClaim.id).where(
        IdentityClaim.kind == row.kind,
        IdentityClaim.value == row.value,
        IdentityClaim.profile_id == row.profile_id,
        IdentityClaim.institution_id != row.institution_id,
        IdentityClaim.proofs.any(),
    )
    if session.scalar(others.limit(1)) is not None:
        raise Conflict("another institution has proven that it holds this identity")
