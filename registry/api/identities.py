"""What an issuer signs with: naming it, proving control, confirming it: `/identities` and below cases and issuers."""

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from registry.api.acting import LOCATION, TOKEN, Answer, created, fields_named
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema, prose
from registry.domain.roles import Role
from registry.domain.trust_list import IdentityKind
from registry.errors import NotFound
from registry.http import lookups
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.issuer import Environment, IdentityClaim, Issuer
from registry.services import access, certificate_issuing, desk
from registry.services import identities as service
from registry.services.identities import DidResolver
from registry.signing.certificates import to_pem

identities = Resource("api-identities", __name__, description="Keys, certificates, DIDs and their proofs")


class NewIdentitySchema(Strict):
    """A DID, a certificate (PEM), a JWK (JSON text), a domain, or a platform's DID with the profile on it.

    In place of a JWK goes a certificate signing request (PKCS#10, PEM) with C the country and O the legal name of the
    institution: its key is named, and once it is listed this registry issues a certificate over it.
    """

    kind = fields.Enum(IdentityKind, by_value=True, required=True)
    value = prose(65_536, required=True, metadata={"description": "What `kind` names, as text"})
    environment = fields.Enum(Environment, by_value=True, load_default=Environment.PRODUCTION)
    platform_id = fields.UUID(
        load_default=None, metadata={"description": "The platform's institution; for `platform` alone"}
    )
    profile_id = line(300, load_default="", metadata={"description": "The profile; for `platform` alone"})


class ProofSchema(Strict):
    """The challenge, signed: a compact JWS, or the bare signature in base64."""

    proof = prose(65_536, required=True)


class GivenProofSchema(Strict):
    """A proof that held."""

    method = fields.String()
    at = fields.AwareDateTime()


class WordSchema(Strict):
    """A verifier's word; who gave it is told inside the body alone."""

    account_id = fields.UUID()
    at = fields.AwareDateTime()


class IdentitySchema(Strict):
    """An issuing identity with the challenge that its key has to sign."""

    id = fields.UUID()
    institution_id = fields.UUID()
    application_id = fields.UUID(allow_none=True)
    issuer_id = fields.UUID(allow_none=True)
    kind = fields.Enum(IdentityKind, by_value=True)
    value = fields.String(metadata={"description": "Canonical form: DID, SHA-256 of the certificate, …"})
    platform_id = fields.UUID(allow_none=True)
    profile_id = fields.String()
    challenge = fields.String()
    challenge_expires_at = fields.AwareDateTime()
    challenge_address = fields.URL(metadata={"description": "Where a domain shows its challenge"})
    created_at = fields.AwareDateTime()
    certificate = fields.String(
        allow_none=True, metadata={"description": "PEM; with the authority's where this registry issued it"}
    )
    certificate_requested = fields.Boolean(
        metadata={"description": "Whether a certificate over this key was asked of this registry"}
    )
    proofs = fields.List(fields.Nested(GivenProofSchema))
    confirmations = fields.Integer()
    words = fields.List(fields.Nested(WordSchema))


IdentityPage = page_schema("IdentityPage", IdentitySchema)


@identities.get("/applications/<uuid:application_id>/identities")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.arguments(PageQuery, location="query")
@identities.response(200, IdentityPage)
def identities_of_application(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List the identities of an application, to the applicant and to whom its file is open"""
    with acting() as act:
        application = act.application(application_id)
        if not act.acts_for(application.institution_id):
            act.open_file(application_id)
        return cut([_to_wire(act, claim) for claim in application.identity_claims], query)


@identities.post("/applications/<uuid:application_id>/identities")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.arguments(NewIdentitySchema)
@identities.response(201, IdentitySchema, headers=LOCATION)
def add_identity(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """Name an identity in a draft; the answer holds the challenge to sign"""
    with acting() as act, fields_named(NewIdentitySchema._declared_fields, "value"):
        made = service.add(act.session, application_id, _new(body), **act.by)
        return created(_to_wire(act, made), f"/identities/{made.id}")


@identities.get("/issuers/<uuid:issuer_id>/identities")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.arguments(PageQuery, location="query")
@identities.response(200, IdentityPage)
def identities_of_issuer(query: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """List the identities that were named for an issuer after it had been listed"""
    with acting() as act:
        issuer = act.session.get(Issuer, issuer_id)
        if issuer is None or not (act.acts_for(issuer.institution_id) or _verifies(act, issuer)):
            raise NotFound(f"no issuer {issuer_id}")
        return cut([_to_wire(act, claim) for claim in desk.later_claims(act.session, issuer_id)], query)


@identities.post("/issuers/<uuid:issuer_id>/identities")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.arguments(NewIdentitySchema)
@identities.response(201, IdentitySchema, headers=LOCATION)
def add_issuer_identity(body: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """Name a further identity of a listed issuer; it is listed once proven and confirmed by two verifiers"""
    with acting() as act, fields_named(NewIdentitySchema._declared_fields, "value"):
        made = service.add_to_issuer(act.session, issuer_id, _new(body), **act.by)
        return created(_to_wire(act, made), f"/identities/{made.id}")


@identities.get("/institutions/<uuid:institution_id>/profiles")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.arguments(PageQuery, location="query")
@identities.response(200, IdentityPage)
def profiles_to_confirm(query: dict[str, Any], institution_id: uuid.UUID) -> Answer:
    """As a platform: list the profiles that wait for its word"""
    with acting() as act:
        if not act.acts_for(institution_id):
            raise NotFound(f"no institution {institution_id}")
        rows = service.profiles_to_confirm(act.session, institution_id)
        return cut([_to_wire(act, claim) for claim in rows], query)


@identities.get("/identities/<uuid:identity_id>")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.response(200, IdentitySchema)
def show_identity(identity_id: uuid.UUID) -> Mapping[str, Any]:
    """Show one identity with its challenge, its proofs and how many verifiers have confirmed it"""
    with acting() as act:
        return _to_wire(act, _visible(act, identity_id))


@identities.delete("/identities/<uuid:identity_id>")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.response(204)
def remove_identity(identity_id: uuid.UUID) -> None:
    """Take out an identity that is not proven yet; a proven one stays on record"""
    with acting() as act:
        _visible(act, identity_id)
        service.remove(act.session, identity_id, **act.by)


@identities.post("/identities/<uuid:identity_id>/challenge")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.response(200, IdentitySchema)
def renew_challenge(identity_id: uuid.UUID) -> Mapping[str, Any]:
    """Give a fresh challenge; the one before no longer counts"""
    with acting() as act:
        _visible(act, identity_id)
        return _to_wire(act, service.renew_challenge(act.session, identity_id, **act.by))


@identities.post("/identities/<uuid:identity_id>/proof")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.arguments(ProofSchema)
@identities.response(201, IdentitySchema, headers=LOCATION)
def prove_identity(body: dict[str, Any], identity_id: uuid.UUID) -> Answer:
    """Prove control with the challenge signed by the key of the DID, the certificate or the JWK"""
    resolve = _resolver(identity_id)
    with acting() as act, fields_named((), "proof"):
        _visible(act, identity_id)
        service.prove(act.session, identity_id, body["proof"], resolve=resolve, **act.by)
        return created(_shown(act, identity_id), f"/identities/{identity_id}")


@identities.post("/identities/<uuid:identity_id>/domain-proof")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.response(201, IdentitySchema, headers=LOCATION)
def prove_domain(identity_id: uuid.UUID) -> Answer:
    """Look for the challenge at the domain, at `challenge_address`"""
    with acting() as act:
        domain = _own(act, identity_id).value
    observed = lookups.read_challenge(domain)
    with acting() as act:
        service.record_domain_proof(act.session, identity_id, observed, **act.by)
        return created(_shown(act, identity_id), f"/identities/{identity_id}")


@identities.post("/identities/<uuid:identity_id>/profile-confirmation")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.response(201, IdentitySchema, headers=LOCATION)
def confirm_profile(identity_id: uuid.UUID) -> Answer:
    """As the platform: confirm that the profile on it is the institution's"""
    with acting() as act:
        _visible(act, identity_id)
        service.confirm_profile(act.session, identity_id, **act.by)
        return created(_shown(act, identity_id), f"/identities/{identity_id}")


@identities.post("/identities/<uuid:identity_id>/confirmations")
@allow(SIGNED_IN)
@identities.doc(security=TOKEN)
@identities.response(201, IdentitySchema, headers=LOCATION)
def confirm_identity(identity_id: uuid.UUID) -> Answer:
    """As a verifier: confirm that a proven identity is the institution's; two different people are needed"""
    with acting() as act:
        _visible(act, identity_id)
        service.confirm(act.session, identity_id, **act.by)
        return created(_shown(act, identity_id), f"/identities/{identity_id}")


def _new(body: Mapping[str, Any]) -> service.NewIdentity:
    return service.NewIdentity(
        kind=body["kind"],
        text=body["value"].strip(),
        environment=body["environment"],
        platform_id=body["platform_id"],
        profile_id=body["profile_id"],
    )


def _visible(act: Acting, identity_id: uuid.UUID) -> IdentityClaim:
    """Return an identity that the person may know of: its institution's people, its platform's, the body's."""
    claim = act.session.get(IdentityClaim, identity_id)
    if claim is None or not (_is_own(act, claim) or _is_looked_at(act, claim)):
        raise NotFound(f"no identity {identity_id}")
    return claim


def _is_own(act: Acting, claim: IdentityClaim) -> bool:
    platform = claim.platform_id
    return act.acts_for(claim.institution_id) or (platform is not None and act.acts_for(platform))


def _is_looked_at(act: Acting, claim: IdentityClaim) -> bool:
    """Whether the person looks at it for the body; raises `NotAllowed` where the file is locked for them."""
    if claim.application_id is not None:
        act.open_file(claim.application_id)
        return True
    issuer = act.session.get(Issuer, claim.issuer_id)
    return issuer is not None and _verifies(act, issuer)


def _verifies(act: Acting, issuer: Issuer) -> bool:
    body = issuer.scheme.body_id
    roles = (Role.IDENTITY_VERIFIER, Role.REGISTRAR)
    return access.holds(act.session, act.actor, *roles, at=act.at, body=body)


def _own(act: Acting, identity_id: uuid.UUID) -> IdentityClaim:
    claim = act.session.get(IdentityClaim, identity_id)
    if claim is None or not act.acts_for(claim.institution_id):
        raise NotFound(f"no identity {identity_id}")
    return claim


def _resolver(identity_id: uuid.UUID) -> DidResolver | None:
    """Return what knows the keys of a did:web. It is fetched before the transaction, since that may be slow."""
    with acting() as act:
        claim = act.session.get(IdentityClaim, identity_id)
        if claim is None or not act.acts_for(claim.institution_id):
            return None
        did = claim.value
    return lookups.keys_of(did)


def _shown(act: Acting, identity_id: uuid.UUID) -> dict[str, Any]:
    return _to_wire(act, act.session.get_one(IdentityClaim, identity_id))


_PLAIN = (
    "id", "institution_id", "application_id", "issuer_id", "kind", "value", "platform_id", "profile_id",
    "challenge", "challenge_expires_at", "created_at",
)  # fmt: skip


def _to_wire(act: Acting, claim: IdentityClaim) -> dict[str, Any]:
    wire = {name: getattr(claim, name) for name in _PLAIN}
    if not act.acts_for(claim.institution_id):  # a challenge is for the one who has to sign it
        del wire["challenge"], wire["challenge_expires_at"]
    elif claim.kind is IdentityKind.DOMAIN:
        wire["challenge_address"] = lookups.challenge_address(claim.value)
    chain = certificate_issuing.chain_of(act.session, claim)
    return {
        **wire,
        "certificate": "".join(map(to_pem, chain)) or None,
        "certificate_requested": claim.certificate_request is not None,
        "proofs": list(claim.proofs),
        "confirmations": len(claim.confirmations),
        "words": [] if _is_own(act, claim) else list(claim.confirmations),
    }
