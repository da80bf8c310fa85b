"""Submitting an application and what follows for the applicant: receipt, hearing, withdrawal."""

import uuid

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.clocks import DEEMED_DELIVERED
from registry.domain.roles import Role
from registry.domain.trust_list import canonical_json
from registry.domain.workflow import EDITABLE_STATES, Action, State
from registry.errors import InvalidInput, NotFound, TransitionRefused
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting
from registry.services import access, applications, hearing_deliveries, supervision
from registry.services.case_file import latest_manifest
from registry.services.hearing_deliveries import is_told
from registry.web import case_tasks, case_view
from registry.web.applicant import applicant, own_application
from registry.web.forms import SubmitForm, TextForm
from registry.web.saved import filled, keeps_text
from registry.web.work import leads_back, posted_version, put_errors, require_fresh


@applicant.get("/<uuid:application_id>/check")
@allow(SIGNED_IN)
def check(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show every answer before it is submitted."""
    return _check_page(application_id, SubmitForm(formdata=None))


def _check_page(application_id: uuid.UUID, form: SubmitForm) -> str:
    with acting() as act:
        application = own_application(act, application_id)
        if application.state not in EDITABLE_STATES:
            raise TransitionRefused("this application has been submitted; what was handed in is frozen")
        return render_template("applicant/check.html", form=form, **case_tasks.answers(act, application))


@applicant.post("/<uuid:application_id>/submit")
@allow(SIGNED_IN)
def submit(application_id: uuid.UUID) -> ResponseReturnValue:
    """Submit: freeze what was handed in."""
    form = SubmitForm()
    if not form.validate():
        return _check_page(application_id, form), 422
    try:
        with acting() as act:
            again = own_application(act, application_id).state is State.RETURNED
            hand_in = applications.resubmit if again else applications.submit
            hand_in(act.session, application_id, version=posted_version(), **act.by)
    except InvalidInput as error:
        put_errors(form, error)
        return _check_page(application_id, form), 422
    return redirect(url_for("applicant.done", application_id=application_id), 303)


@applicant.get("/<uuid:application_id>/done")
@allow(SIGNED_IN)
def done(application_id: uuid.UUID) -> ResponseReturnValue:
    """Confirm the submission, with reference and receipt."""
    with acting() as act:
        application = own_application(act, application_id)
        manifest = latest_manifest(act.session, application.id)
        if manifest is None:
            raise NotFound(f"no manifest of {application_id}")
        return render_template("applicant/done.html", application=application, manifest=manifest)


@applicant.get("/<uuid:application_id>/manifest.json")
@allow(SIGNED_IN)
def manifest(application_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the manifest in the very bytes whose hash is the receipt."""
    with acting() as act:
        application = act.application(application_id)
        found = latest_manifest(act.session, application.id)
        if found is None:
            raise NotFound(f"no manifest of {application_id}")
        body, name = canonical_json(found.content), f"manifest-{application.reference}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype="application/json", headers=headers)


@applicant.get("/<uuid:application_id>/withdraw")
@allow(SIGNED_IN)
def withdraw(application_id: uuid.UUID) -> ResponseReturnValue:
    """Ask whether the application is really to be withdrawn."""
    with acting() as act:
        application = own_application(act, application_id)
        if not case_view.may_withdraw(act, application):
            raise TransitionRefused("this application cannot be withdrawn, or not by you")
        return render_template("applicant/withdraw.html", application=application)


@applicant.post("/<uuid:application_id>/withdraw")
@allow(SIGNED_IN)
def withdraw_now(application_id: uuid.UUID) -> ResponseReturnValue:
    """Withdraw the application."""
    with acting() as act:
        require_fresh(own_application(act, application_id))
        applications.act(act.session, application_id, Action.WITHDRAW_APPLICATION, **act.by)
    flash(gettext("The application has been withdrawn."))
    return redirect(url_for("applicant.show", application_id=application_id), 303)


@applicant.route("/<uuid:application_id>/hearing", methods=["GET", "POST"])
@allow(SIGNED_IN)
@keeps_text
def hearing(application_id: uuid.UUID) -> ResponseReturnValue:
    """Read the notice of a hearing and answer it, once."""
    form = TextForm(**filled())
    form.text.label.text = gettext("Your answer")
    if form.validate_on_submit():
        try:
            with acting() as act:
                own_application(act, application_id)
                supervision.answer_hearing(act.session, application_id, form.text.data or "", **act.by)
            flash(gettext("Your answer is recorded and goes to the committee."))
            return redirect(url_for("applicant.show", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error, {"answer": "text"})
    with acting() as act:
        application = own_application(act, application_id)
        if application.hearing is None:
            raise NotFound(f"no hearing of {application_id}")
        page = render_template(
            "applicant/hearing.html",
            application=application,
            hearing=application.hearing,
            told=is_told(application.hearing),
            deemed_days=DEEMED_DELIVERED.days,
            may_open=access.holds(
                act.session,
                act.actor,
                Role.OWNER,
                Role.SIGNATORY,
                institution=application.institution_id,
                at=act.at,
            ),
            form=form,
            open=supervision.takes_answer(act.session, application),
            ground=case_view.ground_title(application),
        )
    return page, 422 if form.errors or form.form_errors else 200


@applicant.post("/<uuid:application_id>/hearing/open")
@allow(SIGNED_IN)
def open_notice(application_id: uuid.UUID) -> ResponseReturnValue:
    """Take the notice of a hearing in; that it was delivered is on record from now on."""
    with acting() as act:
        own_application(act, application_id)
        hearing_deliveries.open_notice(act.session, application_id, **act.by)
    return redirect(url_for("applicant.hearing", application_id=application_id), 303)


leads_back(applicant, "/<uuid:application_id>/submit", "applicant.check")
leads_back(applicant, "/<uuid:application_id>/hearing/open", "applicant.hearing")
