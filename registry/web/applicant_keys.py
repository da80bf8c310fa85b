"""Issuing identities of an application and, later, of a listed issuer: naming them and proving control."""

import uuid
from typing import Any, Final

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.completeness import PointPlace
from registry.domain.roles import Role
from registry.domain.trust_list import IdentityKind
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import EDITABLE_STATES
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http import lookups
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.issuer import IdentityChange, IdentityClaim, Issuer
from registry.services import (
    access,
    authorities,
    certificate_issuing,
    completeness,
    desk,
    identities,
    two_people,
)
from registry.services.standing import is_standing
from registry.signing.certificates import to_pem
from registry.signing.key_records import AuthorityLine
from registry.signing.requests import is_request
from registry.web.applicant import applicant, own_application
from registry.web.forms import KeyForm, ProofForm
from registry.web.labels import label
from registry.web.work import leads_back, put_errors

FIELDS: Final = {
    "certificate": "text",
    "jwk": "text",
    "request": "text",
    "did": "text",
    "domain": "text",
    "value": "text",
    "platform_id": "platform",
    "profile_id": "profile",
}
REQUEST: Final = "request"
"""Choice of the form: a request for a certificate, which names the bare key in it."""
SIGNED_KINDS: Final = frozenset({IdentityKind.DID, IdentityKind.X509, IdentityKind.JWK})
MOST_CERTIFICATE: Final = 64 * 1024


@applicant.route("/<uuid:application_id>/keys", methods=["GET", "POST"])
@allow(SIGNED_IN)
def keys(application_id: uuid.UUID) -> ResponseReturnValue:
    """List the identities of a draft and name another."""
    form = _form(application_id)
    if form.validate_on_submit():
        try:
            with acting() as act:
                own_application(act, application_id)
                row = identities.add(act.session, application_id, _new(form), **act.by)
            return redirect(_address(row), 303)
        except InvalidInput as error:
            put_errors(form, error, FIELDS)
    with acting() as act:
        application = own_application(act, application_id)
        page = render_template(
            "applicant/keys.html",
            application=application,
            form=form,
            claims=[_row(act, claim) for claim in application.identity_claims],
            editable=completeness.may_change(act.session, application, PointPlace.IDENTITIES),
        )
    return page, 422 if form.errors or form.form_errors else 200


def _form(_of: uuid.UUID) -> KeyForm:
    form = KeyForm()
    with acting() as act:
        found = [(str(one.id), one.name) for one in desk.platforms(act.session)]
        issues = bool(authorities.certificates(act.session, AuthorityLine.ISSUERS))
    kinds = [kind for kind in IdentityKind if found or kind is not IdentityKind.PLATFORM]
    form.kind.choices = [(kind.value, label(kind)) for kind in kinds]
    if issues:
        form.kind.choices.append(
            (REQUEST, gettext("Key, with a request for a certificate from this registry"))
        )
    form.platform.choices = [("", gettext("Choose")), *found]
    return form


def _new(form: KeyForm) -> identities.NewIdentity:
    asked = form.kind.data == REQUEST
    kind = IdentityKind.JWK if asked else IdentityKind(form.kind.data)
    upload = request.files.get("file")
    text = form.text.data or ""
    if (asked or kind is IdentityKind.X509) and upload is not None and upload.filename:
        text = _pem(
            upload.stream.read(MOST_CERTIFICATE + 1), "CERTIFICATE REQUEST" if asked else "CERTIFICATE"
        )
    if asked and text.strip() and not is_request(text):
        problem = gettext("Paste a certificate signing request: PEM, with its first and last line.")
        raise InvalidInput(problem, [FieldError("text", problem)])
    if not text.strip():
        raise InvalidInput("fill this in", [FieldError("text", "fill this in")])
    return identities.NewIdentity(
        kind=kind,
        text=text.strip(),
        platform_id=uuid.UUID(form.platform.data) if form.platform.data else None,
        profile_id=form.profile.data or "",
    )


def _pem(data: bytes, kind: str) -> str:
    """Return a file with a certificate or a request as text; the service reads PEM, so a DER file is written as PEM."""
    if b"-----BEGIN" in data:
        return data.decode("ascii", "replace")
    import base64

    body = base64.encodebytes(data).decode()
    return f"-----BEGIN {kind}-----\n{body}-----END {kind}-----\n"


def _row(act: Acting, claim: IdentityClaim) -> dict[str, Any]:
    return {
        "claim": claim,
        "proven": bool(claim.proofs),
        "expired": act.at >= claim.challenge_expires_at,
        "href": _address(claim),
    }


def _address(claim: IdentityClaim) -> str:
    return url_for("applicant.key", claim_id=claim.id)


def _own_claim(act: Acting, claim_id: uuid.UUID) -> IdentityClaim:
    claim = act.session.get(IdentityClaim, claim_id)
    if claim is None or not desk.acts_for(act.session, claim.institution_id, **act.by):
        raise NotFound(f"no identity {claim_id}")
    return claim


@applicant.route("/keys/<uuid:claim_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
def key(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Show the challenge of an identity with the commands that answer it, and take the proof."""
    form = ProofForm()
    if form.validate_on_submit():
        try:
            with acting() as act:
                did = _own_claim(act, claim_id).value
            keys_of_did = lookups.keys_of(did)
            with acting() as act:
                claim = _own_claim(act, claim_id)
                identities.prove(act.session, claim_id, form.proof.data or "", resolve=keys_of_did, **act.by)
                back = _list_address(claim)
            flash(gettext("The proof holds."))
            return redirect(back, 303)
        except InvalidInput as error:
            put_errors(form, error)
    return _key_page(claim_id, form, 422 if form.errors or form.form_errors else 200)


def _key_page(claim_id: uuid.UUID, form: ProofForm, status: int) -> ResponseReturnValue:
    with acting() as act:
        claim = _own_claim(act, claim_id)
        page = render_template(
            "applicant/key.html",
            claim=claim,
            form=form,
            signed=claim.kind in SIGNED_KINDS,
            expired=act.at >= claim.challenge_expires_at,
            back=_list_address(claim),
            well_known=lookups.challenge_address(claim.value) if claim.kind is IdentityKind.DOMAIN else None,
            removable=_is_removable(act, claim),
        )
    return page, status


@applicant.get("/keys/<uuid:claim_id>/certificate.pem")
@allow(SIGNED_IN)
def certificate(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Give a certificate of the institution as PEM; one that this registry issued comes with its authority's."""
    with acting() as act:
        claim = _own_claim(act, claim_id)
        chain = certificate_issuing.chain_of(act.session, claim)
    if not chain:
        raise NotFound(f"identity {claim_id} is no certificate")
    headers = {"Content-Disposition": f'attachment; filename="certificate-{claim.value[:16]}.pem"'}
    return Response("".join(map(to_pem, chain)), mimetype="application/x-pem-file", headers=headers)


def _is_removable(act: Acting, claim: IdentityClaim) -> bool:
    application = act.session.get(Application, claim.application_id) if claim.application_id else None
    return not claim.proofs and application is not None and application.state in EDITABLE_STATES


def _list_address(claim: IdentityClaim) -> str:
    if claim.application_id is not None:
        return url_for("applicant.keys", application_id=claim.application_id)
    return url_for("applicant.issuer_keys", issuer_id=claim.issuer_id)


@applicant.post("/keys/<uuid:claim_id>/renew")
@allow(Role.OWNER, Role.SIGNATORY, Role.KEY_CUSTODIAN)
def renew_key(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Give a fresh challenge."""
    with acting() as act:
        identities.renew_challenge(act.session, claim_id, **act.by)
    flash(gettext("Here is a new challenge; the old one no longer counts."))
    return redirect(url_for("applicant.key", claim_id=claim_id), 303)


@applicant.post("/keys/<uuid:claim_id>/remove")
@allow(Role.OWNER, Role.SIGNATORY, Role.KEY_CUSTODIAN)
def remove_key(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Take an identity that is not proven yet out of a draft."""
    with acting() as act:
        back = _list_address(_own_claim(act, claim_id))
        identities.remove(act.session, claim_id, **act.by)
    flash(gettext("The key has been taken out of the application."))
    return redirect(back, 303)


@applicant.post("/keys/<uuid:claim_id>/look")
@allow(Role.OWNER, Role.SIGNATORY, Role.KEY_CUSTODIAN)
def look_at_domain(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Look for the challenge at the domain; the look is taken outside the transaction, since it may be slow."""
    with acting() as act:
        domain = _own_claim(act, claim_id).value
    form = ProofForm(formdata=None)
    try:
        observed = lookups.read_challenge(domain)
        with acting() as act:
            identities.record_domain_proof(act.session, claim_id, observed, **act.by)
            back = _list_address(_own_claim(act, claim_id))
    except InvalidInput as error:
        put_errors(form, error, {"proof": ""})
        return _key_page(claim_id, form, 422)
    flash(gettext("The proof holds."))
    return redirect(back, 303)


@applicant.route("/issuers/<uuid:issuer_id>/keys", methods=["GET", "POST"])
@allow(SIGNED_IN)
def issuer_keys(issuer_id: uuid.UUID) -> ResponseReturnValue:
    """List what a listed issuer signs with, and name another identity; two verifiers of the body confirm it."""
    form = _form(issuer_id)
    if form.validate_on_submit():
        try:
            with acting() as act:
                row = identities.add_to_issuer(act.session, issuer_id, _new(form), **act.by)
            return redirect(_address(row), 303)
        except InvalidInput as error:
            put_errors(form, error, FIELDS)
    with acting() as act:
        issuer: Issuer = desk.issuer_for_institution(act.session, issuer_id, **act.by)
        page = render_template(
            "applicant/issuer_keys.html",
            issuer=issuer,
            form=form,
            claims=[_row(act, claim) for claim in desk.later_claims(act.session, issuer_id)],
            **_orders(act, issuer),
        )
    return page, 422 if form.errors or form.form_errors else 200


def _orders(act: Acting, issuer: Issuer) -> dict[str, Any]:
    """Return what the issuer's people can propose about keys and recognition, and what they have proposed."""

    def holds(*roles: Role) -> bool:
        return access.holds(act.session, act.actor, *roles, at=act.at, institution=issuer.institution_id)

    ended = {e.claim_id for e in issuer.identities if e.change is not IdentityChange.LISTED}
    return {
        "reportable": {e.claim_id for e in issuer.identities} - ended
        if holds(Role.OWNER, Role.KEY_CUSTODIAN)
        else set(),
        "reported": two_people.waiting_about(act.session, issuer.id, _REPORTED),
        "may_relinquish": holds(Role.SIGNATORY) and is_standing(issuer, act.at),
    }


_REPORTED = (ProposalKind.KEY_ENDED, ProposalKind.KEY_COMPROMISED, ProposalKind.RELINQUISHMENT)
leads_back(applicant, "/keys/<uuid:claim_id>/look", "applicant.key")
