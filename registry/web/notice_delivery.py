"""The delivery of a hearing notice, for the body: how it reached the institution, and the proof of post or e-delivery."""

import uuid

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.clocks import DEEMED_DELIVERED
from registry.errors import InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.downloads import download_headers
from registry.models.application import Application
from registry.services import access, deliveries, hearing_deliveries
from registry.web.decision import decision
from registry.web.letters import file_posted, proof_form
from registry.web.reviewer import body_case
from registry.web.work import put_errors


@decision.route("/cases/<uuid:application_id>/hearing/delivery", methods=["GET", "POST"])
@allow(SIGNED_IN)
def notice_delivery(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show whether the newest notice was delivered; file the proof that it was."""
    form = proof_form()
    if form.validate_on_submit():
        try:
            with acting() as act:
                file_posted(act, _case(act, application_id), form, hearing_deliveries.file_proof)
            flash(gettext("The proof is filed."))
            return redirect(url_for("decision.notice_delivery", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        application = _case(act, application_id)
        page = render_template(
            "decision/notice_delivery.html",
            application=application,
            hearing=hearing_deliveries.notice_of(application),
            may_prove=deliveries.may_prove(act.session, application, **act.by),
            deemed_days=DEEMED_DELIVERED.days,
            form=form,
        )
    return page, 422 if form.errors or form.form_errors else 200


def _case(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case whose deliveries a person may look at: its officer, a registrar, or the auditor of the body."""
    application = body_case(act, application_id)
    if not deliveries.may_prove(act.session, application, **act.by) and not access.audits(
        act.session, application, **act.by
    ):
        raise NotAllowed("only the case officer or a registrar may do this")
    return application


@decision.get("/cases/<uuid:application_id>/hearing/delivery/proof")
@allow(SIGNED_IN)
def notice_proof(application_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the proof that was filed."""
    with acting() as act:
        delivery = hearing_deliveries.notice_of(_case(act, application_id)).delivery
        if delivery is None or delivery.proof_sha256 is None:
            raise NotFound(f"no proof in {application_id}")
        data, name = files().get(delivery.proof_sha256), delivery.proof_name or "proof"
    return Response(data, content_type="application/octet-stream", headers=download_headers(name))
