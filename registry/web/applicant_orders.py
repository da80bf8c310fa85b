"""What an issuer itself proposes about its recognition and its keys; somebody of the body confirms it."""

import uuid
from collections.abc import Mapping

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.roles import Role
from registry.domain.two_people import ProposalKind
from registry.errors import InvalidInput, NotFound
from registry.http.access import allow
from registry.http.acting import acting
from registry.services import desk, key_orders, two_people
from registry.services.two_people import NewProposal
from registry.web.applicant import applicant
from registry.web.orders import KEY_ORDERS, typed_instant
from registry.web.standing_forms import ReasonsForm, RelinquishForm, stated_terms
from registry.web.work import put_errors


@applicant.route("/issuers/<uuid:issuer_id>/relinquish", methods=["GET", "POST"])
@allow(Role.SIGNATORY)
def relinquish(issuer_id: uuid.UUID) -> ResponseReturnValue:
    """As the signatory: give the recognition up, from a day on."""
    form = RelinquishForm()
    content: dict[str, object] = {"terms": stated_terms(form)}
    if (form.day.data or "").strip():
        content["from"] = typed_instant(form.day.data)
    return _propose(issuer_id, ProposalKind.RELINQUISHMENT, form, str(issuer_id), content, {"from": "day"})


@applicant.route("/issuers/<uuid:issuer_id>/keys/<uuid:claim_id>/<word>", methods=["GET", "POST"])
@allow(Role.OWNER, Role.KEY_CUSTODIAN)
def report_key(issuer_id: uuid.UUID, claim_id: uuid.UUID, word: str) -> ResponseReturnValue:
    """As the custodian: say that a key is to end, or that it is in other hands since an instant."""
    asked = KEY_ORDERS.get(word)
    if asked is None:
        raise NotFound(f"no order {word}")
    with acting() as act:
        desk.issuer_for_institution(act.session, issuer_id, **act.by)
        if key_orders.listings_of(act.session, [claim_id]).get(claim_id) != issuer_id:
            raise NotFound(f"no identity {claim_id}")
    form = asked.form()
    return _propose(issuer_id, asked.kind, form, str(claim_id), asked.content(form), asked.fields)


def _propose(
    issuer_id: uuid.UUID,
    kind: ProposalKind,
    form: ReasonsForm,
    object_id: str,
    content: dict[str, object],
    fields: Mapping[str, str],
) -> ResponseReturnValue:
    if form.validate_on_submit():
        new = NewProposal(object_id, form.reasons.data or "", content, issuer_id=issuer_id)
        try:
            with acting() as act:
                desk.issuer_for_institution(act.session, issuer_id, **act.by)
                two_people.propose(act.session, kind, new, **act.by)
            flash(
                gettext(
                    "The accreditation body has been told; it takes effect once somebody there confirms it."
                )
            )
            return redirect(url_for("applicant.issuer_keys", issuer_id=issuer_id), 303)
        except InvalidInput as error:
            put_errors(form, error, fields)
    with acting() as act:
        issuer = desk.issuer_for_institution(act.session, issuer_id, **act.by)
        page = render_template("applicant/order.html", issuer=issuer, form=form, kind=kind)
    return page, 422 if form.errors or form.form_errors else 200
