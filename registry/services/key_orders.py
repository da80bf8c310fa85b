"""The end of a listed key, and its compromise from an instant on: proposed by one person, confirmed by another of the body.

A compromise takes cover from what the key signed from that instant on, and from nothing else.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from registry.domain.trust_list import IdentityKind
from registry.errors import FieldError
from registry.models.body import Scheme
from registry.models.certificates import IssuedCertificate
from registry.models.institution import WorkItem
from registry.models.issuer import IdentityChange, IdentityClaim, IdentityEvent, Issuer
from registry.models.two_people import Proposal
from registry.services.identities import record_change
from registry.services.outbox import announce
from registry.services.recording import audit

COMPROMISED_ELSEWHERE = "key_compromised"
"""Kind of the work item for a body that lists a key which another body was told is compromised."""


def check_ending(session: Session, row: Proposal, _at: datetime) -> list[FieldError]:
    """Check that a key is ended which its issuer uses now; it needs no content."""
    changes = _changes(session, row)
    if IdentityChange.LISTED not in changes:
        return [FieldError("key", "this key is not listed")]
    if len(changes) > 1:
        return [FieldError("key", "this key has been ended already")]
    return [FieldError(name, "this order knows no such thing") for name in row.content]


def apply_ending(session: Session, row: Proposal, second: uuid.UUID, at: datetime) -> None:
    """Let the key count no more from now on; what it signed before stays covered."""
    claim, issuer = _claim(session, row), session.get_one(Issuer, row.issuer_id)
    record_change(session, issuer.id, claim, IdentityChange.ENDED, at, at)
    for certificate in _still_listed(issuer, certificates_over(session, claim)):
        record_change(session, issuer.id, certificate, IdentityChange.ENDED, at, at)
    announce(session, issuer, at=at)
    audit(session, "identity.ended", actor=second, at=at, of=("identity_claim", claim.id))


def certificates_over(session: Session, claim: IdentityClaim) -> Sequence[IdentityClaim]:
    """Return the certificates that this registry issued over a bare key; none over anything else."""
    key = aliased(IdentityClaim)
    query = (
        select(IdentityClaim)
        .join(IssuedCertificate, IssuedCertificate.claim_id == IdentityClaim.id)
        .join(key, key.id == IssuedCertificate.key_claim_id)
        .where(key.kind == claim.kind, key.value == claim.value)
    )
    return session.scalars(query).all()


def _still_listed(issuer: Issuer, claims: Sequence[IdentityClaim]) -> list[IdentityClaim]:
    changes = {(event.claim_id, event.change) for event in issuer.identities}
    return [
        claim
        for claim in claims
        if (claim.id, IdentityChange.LISTED) in changes and (claim.id, IdentityChange.ENDED) not in changes
    ]


def check_compromise(session: Session, row: Proposal, at: datetime) -> list[FieldError]:
    """Check a compromise: content `from`, an instant that has come, of a key that is or was listed."""
    changes = _changes(session, row)
    problems = [FieldError(n, "this order knows no such thing") for n in row.content if n != "from"]
    if IdentityChange.LISTED not in changes:
        problems.append(FieldError("key", "this key is not listed"))
    if IdentityChange.COMPROMISED in changes:
        problems.append(FieldError("key", "this key is known to be compromised"))
    since = _since(row)
    if since is None:
        problems.append(FieldError("from", "say since when, as 2026-03-01T12:00:00Z"))
    elif since > at:
        problems.append(FieldError("from", "a key cannot be compromised from a day that has not come"))
    return problems


def apply_compromise(session: Session, row: Proposal, second: uuid.UUID, at: datetime) -> None:
    """Record the compromise for every issuer of the body that names this key, and end the key now.

    A certificate that the registry issued falls with the key in it, and the key with its certificate.
    Bodies act for themselves: one that lists the same key in its own lists gets work to look at.
    """
    claim, since = _claim(session, row), _since(row)
    if since is None:
        raise ValueError("a compromise was confirmed that was never checked")
    body = session.get_one(Issuer, row.issuer_id).scheme.body_id
    for event in [event for one in _of_one_key(session, claim) for event in _listings(session, one)]:
        issuer = session.get_one(Issuer, event.issuer_id)
        if issuer.scheme.body_id == body:
            _fall(session, issuer, event.claim, since, at)
        else:
            _tell(session, issuer, event.claim, since, at)
    detail = {"from": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
    audit(
        session, "identity.compromised", actor=second, at=at, of=("identity_claim", claim.id), detail=detail
    )


def _of_one_key(session: Session, claim: IdentityClaim) -> list[IdentityClaim]:
    """Return everything that names the same key: the bare key and the certificates that this registry issued over it."""
    issued = session.get(IssuedCertificate, claim.id)
    key = session.get_one(IdentityClaim, issued.key_claim_id) if issued else claim
    return [key, *certificates_over(session, key)] if issued or key.kind is IdentityKind.JWK else [claim]


def _fall(session: Session, issuer: Issuer, claim: IdentityClaim, since: datetime, at: datetime) -> None:
    changes = {event.change for event in issuer.identities if event.claim_id == claim.id}
    if IdentityChange.COMPROMISED in changes:
        return
    record_change(session, issuer.id, claim, IdentityChange.COMPROMISED, since, at)
    if IdentityChange.ENDED not in changes:
        record_change(session, issuer.id, claim, IdentityChange.ENDED, at, at)
    announce(session, issuer, at=at)


def _tell(session: Session, issuer: Issuer, claim: IdentityClaim, since: datetime, at: datetime) -> None:
    key = f"{issuer.id}:{claim.id}"
    known = select(WorkItem.id).where(WorkItem.kind == COMPROMISED_ELSEWHERE, WorkItem.key == key)
    if session.scalar(known) is None:
        detail = {
            "name": issuer.institution.name,
            "issuer": str(issuer.id),
            "value": claim.value,
            "from": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        session.add(
            WorkItem(
                kind=COMPROMISED_ELSEWHERE,
                key=key,
                institution_id=issuer.institution_id,
                detail=detail,
                opened_at=at,
            )
        )


def _listings(session: Session, claim: IdentityClaim) -> Sequence[IdentityEvent]:
    """Return how the same key came to be listed, by whomever and for whomever: also under each profile of a platform."""
    query = (
        select(IdentityEvent)
        .join(IdentityClaim, IdentityClaim.id == IdentityEvent.claim_id)
        .join(Issuer, Issuer.id == IdentityEvent.issuer_id)
        .join(Scheme, Scheme.id == Issuer.scheme_id)
        .where(
            IdentityEvent.change == IdentityChange.LISTED,
            IdentityClaim.kind == claim.kind,
            IdentityClaim.value == claim.value,
        )
    )
    return session.scalars(query.order_by(IdentityEvent.number)).all()


def _claim(session: Session, row: Proposal) -> IdentityClaim:
    return session.get_one(IdentityClaim, uuid.UUID(row.object_id))


def _changes(session: Session, row: Proposal) -> list[IdentityChange]:
    """Return what happened to a key at the issuer that a proposal names."""
    query = select(IdentityEvent.change).where(
        IdentityEvent.claim_id == uuid.UUID(row.object_id), IdentityEvent.issuer_id == row.issuer_id
    )
    return list(session.scalars(query.order_by(IdentityEvent.number)))


def _since(row: Proposal) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(row.content.get("from", "")))
    except ValueError:
        return None
    return found.replace(microsecond=0) if found.tzinfo is not None else None


def listings_of(session: Session, claim_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the issuer that lists each claim, for those that are listed."""
    query = select(IdentityEvent.claim_id, IdentityEvent.issuer_id).where(
        IdentityEvent.claim_id.in_(claim_ids), IdentityEvent.change == IdentityChange.LISTED
    )
    return {row[0]: row[1] for row in session.execute(query)}
