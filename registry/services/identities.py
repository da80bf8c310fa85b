"""What an issuer signs with: naming it, proving control of it, two people confirming it, and what becomes of it later."""

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.completeness import PointPlace
from registry.domain.dids import didkey_public_key
from registry.domain.roles import CaseRole, Role
from registry.domain.trust_list import IdentityKind
from registry.domain.workflow import EDITABLE_STATES, State
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.issuer import (
    IdentityChange,
    IdentityClaim,
    IdentityConfirmation,
    IdentityEvent,
    IdentityProof,
    Issuer,
)
from registry.services import access, completeness
from registry.services.guards import CONFIRMATIONS_NEEDED
from registry.services.identity_reading import CHALLENGE_LIFE, read_claim, refuse_foreign
from registry.services.identity_reading import NewIdentity as NewIdentity  # noqa: PLC0414  named here by all who make one
from registry.services.outbox import announce
from registry.services.recording import IDENTITY, audit, stamp
from registry.signing.certificates import key_window
from registry.signing.possession import (
    PublicKey,
    key_from_raw,
    new_challenge,
    read_certificate,
    read_jwk,
    verify_possession,
)

_APPLICANT = (Role.OWNER, Role.SIGNATORY, Role.KEY_CUSTODIAN)

DidResolver = Callable[[str], Sequence[PublicKey]]
"""Returns the verification keys that a DID document names; the edge fetches, services only ask."""


def add(
    session: Session, application_id: uuid.UUID, new: NewIdentity, *, actor: uuid.UUID, at: datetime
) -> IdentityClaim:
    """Name an identity in a draft, and get the challenge that its key has to sign.

    Raises:
        InvalidInput: it cannot be read, is weak or expired, or is a test identity.
        Conflict: another institution names the same identity.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at)
    access.require(session, actor, *_APPLICANT, at=at, institution=application.institution_id)
    if application.state not in EDITABLE_STATES:
        raise TransitionRefused("this application has been submitted; keys are changed after the decision")
    completeness.require_asked(session, application, PointPlace.IDENTITIES)
    row = read_claim(session, new, application.institution_id, actor=actor, at=at)
    if any(c.kind is row.kind and c.value == row.value for c in application.identity_claims):
        raise Conflict("this application names that identity already")
    application.identity_claims.append(row)
    return _named(session, row, actor=actor, at=at)


def add_to_issuer(
    session: Session, issuer_id: uuid.UUID, new: NewIdentity, *, actor: uuid.UUID, at: datetime
) -> IdentityClaim:
    """Name a further identity of a listed issuer; it is listed once proven and confirmed by two verifiers."""
    issuer = session.get(Issuer, issuer_id)
    if issuer is None:
        raise NotFound(f"no issuer {issuer_id}")
    access.require(session, actor, *_APPLICANT, at=at, institution=issuer.institution_id)
    row = read_claim(session, new, issuer.institution_id, actor=actor, at=at)
    row.issuer_id = issuer.id
    session.add(row)
    return _named(session, row, actor=actor, at=at)


def _named(session: Session, row: IdentityClaim, *, actor: uuid.UUID, at: datetime) -> IdentityClaim:
    session.flush()
    of, detail = ("identity_claim", row.id), {"value": row.value}
    if row.certificate_request is not None:
        detail["request"] = hashlib.sha256(row.certificate_request.request).hexdigest()
    audit(session, "identity.named", actor=actor, at=at, of=of, detail=detail)
    return row


def prove(
    session: Session,
    claim_id: uuid.UUID,
    proof: str,
    *,
    resolve: DidResolver | None = None,
    actor: uuid.UUID,
    at: datetime,
) -> IdentityProof:
    """Prove control: the challenge signed by the DID's key, the certificate's key or the JWK.

    Raises:
        InvalidInput: the signature does not fit, or the challenge is too old.
        NotAllowed: a platform's identity is confirmed by the platform, not signed by the applicant.
    """
    row = _visible(session, claim_id)
    access.require(session, actor, *_APPLICANT, at=at, institution=row.institution_id)
    if row.kind in {IdentityKind.PLATFORM, IdentityKind.DOMAIN}:
        raise NotAllowed("this kind of identity is not proven by a signature")
    _require_fresh(row, at)
    keys = keys_of(row, resolve, at)
    failure: InvalidInput | None = None
    for key in keys:
        try:
            method = verify_possession(key, row.challenge, proof)
        except InvalidInput as error:
            failure = error
        else:
            return _proven(session, row, method, proof, actor, at)
    raise failure or InvalidInput(
        "the DID document names no key that signs", [FieldError("proof", "no key to check with")]
    )


def _require_fresh(row: IdentityClaim, at: datetime) -> None:
    if at >= row.challenge_expires_at:
        raise InvalidInput(
            "this challenge is too old; ask for a new one", [FieldError("proof", "ask for a new challenge")]
        )


def keys_of(row: IdentityClaim, resolve: DidResolver | None, at: datetime) -> Sequence[PublicKey]:
    """Return the public keys that may sign for an identity."""
    if row.certificate is not None:
        return [read_certificate(row.certificate, at=at).key]
    if row.jwk is not None:
        return [read_jwk(json.dumps(row.jwk))[1]]
    if row.value.startswith("did:key:"):
        key = didkey_public_key(row.value)
        return [key_from_raw(key.curve, key.raw)]
    if resolve is None:
        raise InvalidInput(
            "this DID cannot be resolved here", [FieldError("proof", "use a did:key, did:web or certificate")]
        )
    return resolve(row.value)


def confirm_profile(
    session: Session, claim_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> IdentityProof:
    """As the platform: confirm that the profile on it is the institution's. That is the proof of a shared key."""
    row = _visible(session, claim_id)
    if row.kind is not IdentityKind.PLATFORM or row.platform_id is None:
        raise NotFound("no such profile")
    access.require(session, actor, Role.OWNER, Role.KEY_CUSTODIAN, at=at, institution=row.platform_id)
    if access.has_acted_for(session, actor, row.institution_id):
        raise NotAllowed("you act for the institution too; somebody else at the platform has to confirm this")
    if row.proofs:
        raise Conflict("the platform has confirmed this profile already")
    return _proven(session, row, "platform_confirmation", row.profile_id, actor, at)


def record_domain_proof(
    session: Session, claim_id: uuid.UUID, observed: str, *, actor: uuid.UUID, at: datetime
) -> IdentityProof:
    """Record that the challenge was found at the domain; the edge has looked, `observed` is what it read there."""
    row = _visible(session, claim_id)
    access.require(session, actor, *_APPLICANT, at=at, institution=row.institution_id)
    _require_fresh(row, at)
    if row.kind is not IdentityKind.DOMAIN or observed.strip() != row.challenge:
        raise InvalidInput(
            "the challenge was not found at the domain", [FieldError("proof", "publish the challenge first")]
        )
    return _proven(session, row, "well_known_file", observed.strip(), actor, at)


def _proven(
    session: Session, row: IdentityClaim, method: str, proof: str, actor: uuid.UUID, at: datetime
) -> IdentityProof:
    refuse_foreign(session, row)
    found = IdentityProof(method=method, challenge=row.challenge, proof=proof.strip(), given_by=actor, at=at)
    row.proofs.append(found)
    session.flush()
    audit(
        session,
        "identity.proven",
        actor=actor,
        at=at,
        of=("identity_claim", row.id),
        detail={"method": method},
    )
    return found


def renew_challenge(
    session: Session, claim_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> IdentityClaim:
    """Give a fresh challenge in place of the old one."""
    row = _visible(session, claim_id)
    access.require(session, actor, *_APPLICANT, at=at, institution=row.institution_id)
    row.challenge, row.challenge_expires_at = new_challenge(str(row.institution_id)), at + CHALLENGE_LIFE
    session.flush()
    return row


def remove(session: Session, claim_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> None:
    """Take an identity that was not proven yet out of a draft, or off the waiting list of an issuer.

    Raises:
        Conflict: it has been proven, and what was proven stays on record; or it was submitted.
    """
    row = _visible(session, claim_id)
    access.require(session, actor, *_APPLICANT, at=at, institution=row.institution_id)
    application = session.get(Application, row.application_id) if row.application_id else None
    if row.proofs:
        raise Conflict("a proven identity stays on record")
    if application is not None and application.state not in EDITABLE_STATES:
        raise Conflict("this application has been submitted; what it names is frozen")
    if application is not None:
        completeness.require_asked(session, application, PointPlace.IDENTITIES)
    session.delete(row)
    session.flush()
    if application is not None:
        session.expire(application, ["identity_claims"])
    of, detail = ("identity_claim", row.id), {"value": row.value}
    audit(session, "identity.removed", actor=actor, at=at, of=of, detail=detail)


def confirm(session: Session, claim_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> IdentityConfirmation:
    """As a verifier: confirm that a proven identity is the institution's. Two different people are needed.

    Raises:
        NotAllowed: not a verifier of this case, or the person has confirmed it already.
        TransitionRefused: control is not proven, or the case is not at its identity check.
    """
    row = _visible(session, claim_id)
    _may_confirm(session, row, actor, at)
    if not row.proofs:
        raise TransitionRefused("control of this identity is not proven yet")
    if any(c.account_id == actor for c in row.confirmations):
        raise NotAllowed("you have confirmed this identity; a second verifier has to look too")
    found = IdentityConfirmation(claim_id=row.id, account_id=actor, at=at)
    row.confirmations.append(found)
    session.flush()
    audit(session, "identity.confirmed", actor=actor, at=at, of=("identity_claim", row.id))
    if row.issuer_id is not None and len(row.confirmations) == CONFIRMATIONS_NEEDED:
        issuer = session.get_one(Issuer, row.issuer_id)
        if not _is_listed(issuer, row):
            list_identity(session, issuer.id, row, effective_from=at, at=at)
            announce(session, issuer, at=at)
    return found


def _is_listed(issuer: Issuer, row: IdentityClaim) -> bool:
    """Whether the issuer lists the same key already: one that is named again, to have a certificate over it renewed."""
    same = [e for e in issuer.identities if (e.claim.kind, e.claim.value) == (row.kind, row.value)]
    again = row.certificate_request is not None and bool(same)
    return again and all(event.change is IdentityChange.LISTED for event in same)


def _may_confirm(session: Session, row: IdentityClaim, actor: uuid.UUID, at: datetime) -> None:
    if row.application_id is not None:
        application = session.get_one(Application, row.application_id)
        access.require_part(session, actor, application, CaseRole.IDENTITY_VERIFIER, at=at)
        if application.state is not State.IDENTITY_CHECK:
            raise TransitionRefused("identities are confirmed during the identity check")
        return
    issuer = session.get_one(Issuer, row.issuer_id)
    access.require(session, actor, Role.IDENTITY_VERIFIER, at=at, body=issuer.scheme.body_id)
    refuse_own(session, actor, row)


def refuse_own(session: Session, actor: uuid.UUID, row: IdentityClaim) -> None:
    """Raise `NotAllowed` where a person has acted for the institution whose key it is."""
    if access.has_acted_for(session, actor, row.institution_id):
        raise NotAllowed("you have acted for this institution; other people look at its keys")


def list_identity(
    session: Session, issuer_id: uuid.UUID, row: IdentityClaim, *, effective_from: datetime, at: datetime
) -> IdentityEvent:
    """Record that an identity counts for an issuer from an instant on; a certificate's own end will be published too."""
    if row.certificate is not None:
        _ski, _not_before, not_after = key_window(row.certificate)
        announce(session, session.get_one(Issuer, issuer_id), at=at, due=not_after)
    return record_change(session, issuer_id, row, IdentityChange.LISTED, effective_from, at)


def record_change(
    session: Session,
    issuer_id: uuid.UUID,
    row: IdentityClaim,
    change: IdentityChange,
    effective_from: datetime,
    at: datetime,
) -> IdentityEvent:
    """Record a change of what an issuer signs with."""
    number, recorded = stamp(session, IDENTITY, at)
    event = IdentityEvent(
        number=number,
        issuer_id=issuer_id,
        claim=row,
        change=change,
        effective_from=effective_from,
        recorded_at=recorded,
    )
    session.add(event)
    session.flush()
    issuer = session.get(Issuer, issuer_id)
    if issuer is not None:
        session.expire(issuer, ["identities"])
    return event


def _visible(session: Session, claim_id: uuid.UUID) -> IdentityClaim:
    row = session.get(IdentityClaim, claim_id)
    if row is None:
        raise NotFound(f"no identity {claim_id}")
    return row


def profiles_to_confirm(session: Session, platform_id: uuid.UUID) -> Sequence[IdentityClaim]:
    """Return the profiles that wait for a platform's word."""
    query = select(IdentityClaim).where(IdentityClaim.platform_id == platform_id, ~IdentityClaim.proofs.any())
    return session.scalars(query.order_by(IdentityClaim.created_at)).all()
