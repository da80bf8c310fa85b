"""The registry's authority at work: certificates over listed keys whose holders asked for one. Only the worker has its key.

A key was proven by our challenge and confirmed by two people. The certificate says no more than that, so their words
stand behind it too, and it is listed at once; only while the recognition holds, and never for longer.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from registry.domain.trust_list import IdentityKind
from registry.errors import RegistryError
from registry.models.base import new_id
from registry.models.certificates import AuthorityCertificate, CertificateRequest, IssuedCertificate
from registry.models.issuer import (
    IdentityChange,
    IdentityClaim,
    IdentityConfirmation,
    IdentityEvent,
    IdentityProof,
    Issuer,
)
from registry.services.certificate_requests import certified_subject
from registry.services.clock import clock_account
from registry.services.guards import CONFIRMATIONS_NEEDED
from registry.services.identities import keys_of, list_identity
from registry.services.outbox import announce
from registry.services.recording import audit
from registry.services.renewals import running
from registry.signing.authority import ISSUER_LIFE, issue_issuer_certificate
from registry.signing.certificates import describe_certificate
from registry.signing.signers import Signer

log = logging.getLogger(__name__)
REQUESTED = "certificate_request"
"""Method of proof of an issued certificate: the request that its key signed."""


def waiting(session: Session) -> Sequence[IdentityClaim]:
    """Return the keys over which a certificate was asked for and not issued, oldest first."""
    issued = exists().where(IssuedCertificate.key_claim_id == CertificateRequest.claim_id)
    query = select(IdentityClaim).join(CertificateRequest).where(~issued)
    return session.scalars(query.order_by(IdentityClaim.created_at)).all()


def issue_waiting(session: Session, authority: Signer, *, at: datetime) -> int:
    """Issue and list every certificate that may be issued now; return how many.

    One that cannot be issued, say for a name that has become too long for a certificate, waits and is told to the log.
    """
    done = 0
    for claim in waiting(session):
        issuer = _issuer_of(session, claim)
        if issuer is None:
            continue
        try:
            with session.begin_nested():
                done += _issue(session, issuer, claim, authority, at)
        except RegistryError as error:
            log.warning("a certificate waits: %s", error, extra={"claim": str(claim.id)})
    return done


def _issuer_of(session: Session, claim: IdentityClaim) -> Issuer | None:
    """Return the issuer that a key is listed for, or None while it is not, or no longer."""
    if len(claim.confirmations) < CONFIRMATIONS_NEEDED:
        return None
    twin = aliased(IdentityClaim)
    query = (
        select(IdentityEvent)
        .join(twin, twin.id == IdentityEvent.claim_id)
        .where(
            twin.kind == claim.kind,
            twin.value == claim.value,
            twin.institution_id == claim.institution_id,
        )
    )
    events = session.scalars(query.order_by(IdentityEvent.number)).all()
    if not events or any(event.change is not IdentityChange.LISTED for event in events):
        return None
    own = [event.issuer_id for event in events if claim.issuer_id in (None, event.issuer_id)]
    return session.get(Issuer, own[-1]) if own else None


def _issue(session: Session, issuer: Issuer, claim: IdentityClaim, authority: Signer, at: datetime) -> int:
    now = running(issuer, at)
    if now is None or not now.status.is_recognized:
        return 0
    end = min(at + ISSUER_LIFE, now.valid_until or at + ISSUER_LIFE)
    [key] = keys_of(claim, None, at)
    der = issue_issuer_certificate(
        certified_subject(session, claim.institution_id), key, (at, end), authority
    )
    made = _claimed(session, issuer, claim, der, at)
    session.add(IssuedCertificate(claim_id=made.id, key_claim_id=claim.id, key_id=authority.key_id, at=at))
    list_identity(session, issuer.id, made, effective_from=at, at=at)
    announce(session, issuer, at=at)
    clock = clock_account(session, at=at).id
    detail = {"key": str(claim.id), "authority": authority.key_id, "sha256": made.value}
    audit(session, "certificate.issued", actor=clock, at=at, of=("identity_claim", made.id), detail=detail)
    return 1


def _claimed(
    session: Session, issuer: Issuer, claim: IdentityClaim, der: bytes, at: datetime
) -> IdentityClaim:
    """Return the certificate as an identity, with the proof and the two words that stand behind its key."""
    request = claim.certificate_request
    if request is None:
        raise ValueError("a certificate is issued that nobody asked for")
    made = IdentityClaim(
        id=new_id(),
        institution_id=claim.institution_id,
        issuer_id=issuer.id,
        kind=IdentityKind.X509,
        value=describe_certificate(der).sha256,
        environment=claim.environment,
        certificate=der,
        profile_id="",
        challenge=claim.challenge,
        challenge_expires_at=claim.challenge_expires_at,
        created_by=claim.created_by,
        created_at=at,
        proofs=[
            IdentityProof(
                method=REQUESTED,
                challenge=claim.challenge,
                proof=request_pem(request),
                given_by=claim.created_by,
                at=at,
            )
        ],
        confirmations=[
            IdentityConfirmation(account_id=word.account_id, at=word.at) for word in claim.confirmations
        ],
    )
    session.add(made)
    session.flush()
    return made


def chain_of(session: Session, claim: IdentityClaim) -> tuple[bytes, ...]:
    """Return a certificate (DER), followed by its authority's where this registry issued it; empty for other identities."""
    if claim.certificate is None:
        return ()
    issued = session.get(IssuedCertificate, claim.id)
    authority = session.get(AuthorityCertificate, issued.key_id) if issued else None
    return (claim.certificate, *([authority.certificate] if authority else []))


def request_pem(request: CertificateRequest) -> str:
    """Return a request as PEM text."""
    return x509.load_der_x509_csr(request.request).public_bytes(Encoding.PEM).decode("ascii")
