"""What an issuer owes and may ask for between two reviews: conditions, reports, changes, renewal, answers to complaints."""

import uuid
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.policy import Policy
from registry.domain.policy_terms import Item
from registry.domain.roles import Role
from registry.errors import Conflict, FieldError, InvalidInput, NotFound, TransitionRefused
from registry.files import FileStore
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.http.transaction import settings
from registry.models.application import Application, Procedure
from registry.models.issuer import Issuer
from registry.services import (
    applications,
    complaint_handling,
    complaints,
    conditions,
    desk,
    monitoring,
    renewals,
)
from registry.services.conditions import ConditionState
from registry.web.applicant import applicant
from registry.web.forms import TextForm
from registry.web.i18n import text
from registry.web.monitoring_forms import ReportChangeForm, ShowConditionForm
from registry.web.sentences import sentence
from registry.web.work import errors_at, leads_back, problems_of, put_errors

WRITERS = (Role.OWNER, Role.SIGNATORY, Role.CONTRIBUTOR)


@applicant.get("/issuers/<uuid:issuer_id>")
@allow(SIGNED_IN)
def issuer_duties(issuer_id: uuid.UUID) -> ResponseReturnValue:
    """Show what an issuer has to do, by when, and what it may ask for."""
    with acting() as act:
        return _duties_page(act, issuer_id, [])


def _duties_page(act: Acting, issuer_id: uuid.UUID, problems: list[FieldError]) -> str:
    issuer = desk.issuer_for_institution(act.session, issuer_id, **act.by)
    policy = monitoring.terms_of(act.session, issuer)
    reports = monitoring.reports_of(act.session, issuer.id)
    given = {row.year for row in reports}
    terms = policy.monitoring.annual_report
    years = {
        year: monitoring.report_due(issuer, terms, year)
        for year in range(issuer.created_at.year, act.at.year)
        if year not in given
    }
    return render_template(
        "applicant/duties.html",
        issuer=issuer,
        policy=policy,
        begun=_begun(act, issuer),
        problems=problems,
        conditions=conditions.conditions_of(act.session, issuer.id, act.at),
        met=ConditionState.MET,
        reports=reports,
        years=years,
        asked=complaints.asked_of(act.session, issuer.id, **act.by),
        procedures=_procedures(act, policy, issuer),
        opens=renewals.window_opens(policy, issuer, act.at),
        now=renewals.running(issuer, act.at),
        at=act.at,
    )


def _begun(act: Acting, issuer: Issuer) -> Application | None:
    """Return the case that the institution has open in the scheme already, for beginning another is refused; or None."""
    return applications.open_case(act.session, issuer.institution_id, issuer.scheme_id)


def _procedures(act: Acting, policy: Policy, issuer: Issuer) -> list[tuple[Procedure, bool]]:
    """Return what an issuer may begin by its policy, and whether it may now."""
    now, opens = renewals.running(issuer, act.at), renewals.window_opens(policy, issuer, act.at)
    stands = now is not None and now.status.is_recognized
    in_window: datetime | None = opens if opens is not None and act.at >= opens else None
    return [
        (one, stands and (one is not Procedure.RENEWAL or in_window is not None))
        for one in sorted(renewals.CONTINUES)
        if one.value in policy.applies_to.procedures
    ]


@applicant.post("/issuers/<uuid:issuer_id>/begin/<procedure>")
@allow(*WRITERS)
def begin_procedure(issuer_id: uuid.UUID, procedure: str) -> ResponseReturnValue:
    """Begin a renewal, an extension of the scope, or a targeted review."""
    try:
        asked = Procedure(procedure)
    except ValueError as error:
        raise NotFound(f"no procedure {procedure}") from error
    try:
        with acting() as act:
            made = renewals.begin(act.session, issuer_id, asked, **act.by)
    except (TransitionRefused, Conflict) as error:
        with acting() as act:
            return _duties_page(act, issuer_id, [FieldError("", sentence(str(error)))]), 409
    flash(gettext("The draft is open. It holds what you are recognized for now."))
    return redirect(url_for("applicant.show", application_id=made.id), 303)


@applicant.route("/issuers/<uuid:issuer_id>/conditions/<uuid:condition_id>", methods=["GET", "POST"])
@allow(*WRITERS)
def show_condition(issuer_id: uuid.UUID, condition_id: uuid.UUID) -> ResponseReturnValue:
    """Show that a condition is met, with a statement and a file."""
    form = ShowConditionForm()
    with acting() as act:
        _condition(act, issuer_id, condition_id)
    if form.validate_on_submit():
        try:
            with acting() as act:
                conditions.show(
                    act.session,
                    FileStore(settings().evidence),
                    condition_id,
                    form.text.data or "",
                    file=_uploaded(),
                    limit=settings().upload_limit,
                    **act.by,
                )
            flash(gettext("Handed in. The body looks at it; two people have to find the condition met."))
            return redirect(url_for("applicant.issuer_duties", issuer_id=issuer_id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        standing = _condition(act, issuer_id, condition_id)
        issuer = desk.issuer_for_institution(act.session, issuer_id, **act.by)
        page = render_template(
            "applicant/condition.html",
            issuer=issuer,
            standing=standing,
            form=form,
            policy=monitoring.terms_of(act.session, issuer),
        )
    return page, 422 if form.errors or form.form_errors else 200


def _uploaded() -> tuple[str, bytes] | None:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return None
    return upload.filename, upload.stream.read(settings().upload_limit + 1)


def _condition(act: Acting, issuer_id: uuid.UUID, condition_id: uuid.UUID) -> conditions.Standing:
    issuer = desk.issuer_for_institution(act.session, issuer_id, **act.by)
    for one in conditions.conditions_of(act.session, issuer.id, act.at):
        if one.condition.id == condition_id:
            return one
    raise NotFound(f"no condition {condition_id}")


@applicant.route("/issuers/<uuid:issuer_id>/reports/<int:year>", methods=["GET", "POST"])
@allow(*WRITERS)
def yearly_report(issuer_id: uuid.UUID, year: int) -> ResponseReturnValue:
    """Write the report of a year, field by field of the policy."""
    problems: list[FieldError] = []
    given = {name[2:]: text for name, text in request.form.items() if name.startswith("a-")}
    if request.method == "POST":
        try:
            with acting() as act:
                monitoring.file_report(act.session, issuer_id, year, given, **act.by)
            flash(gettext("The report is handed in."))
            return redirect(url_for("applicant.issuer_duties", issuer_id=issuer_id), 303)
        except InvalidInput as error:
            problems = problems_of(error)
    with acting() as act:
        issuer = desk.issuer_for_institution(act.session, issuer_id, **act.by)
        wanted = monitoring.terms_of(act.session, issuer).monitoring.annual_report.fields
        before = next((r for r in monitoring.reports_of(act.session, issuer.id) if r.year == year), None)
        page = render_template(
            "applicant/yearly_report.html",
            issuer=issuer,
            year=year,
            fields=_fields(wanted, given or dict(before.answers if before else {}), problems),
            problems=[FieldError(f"a-{p.field}" if p.field else "", p.message) for p in problems],
            again=before is not None,
        )
    return page, 422 if problems else 200


def _fields(
    wanted: tuple[Item, ...], given: dict[str, str], problems: list[FieldError]
) -> list[dict[str, Any]]:
    errors = errors_at(problems)
    return [
        {
            "name": f"a-{item.id}",
            "label": text(item.title),
            "data": given.get(item.id, ""),
            "errors": errors.get(item.id, []),
        }
        for item in wanted
    ]


@applicant.route("/issuers/<uuid:issuer_id>/change", methods=["GET", "POST"])
@allow(*WRITERS)
def report_change(issuer_id: uuid.UUID) -> ResponseReturnValue:
    """Tell a change that the policy wants to know of."""
    form = ReportChangeForm()
    with acting() as act:
        issuer = desk.issuer_for_institution(act.session, issuer_id, **act.by)
        told = monitoring.terms_of(act.session, issuer).monitoring.change_reporting
    groups = (
        (gettext("Urgent: within %(hours)s hours", hours=told.urgent_hours), told.urgent),
        (gettext("Within %(days)s days", days=told.notify_days), told.substantive),
        (gettext("Minor"), told.minor),
    )
    form.change.choices = {name: [(one.id, text(one.title)) for one in group] for name, group in groups}
    if form.validate_on_submit():
        try:
            with acting() as act:
                monitoring.report_change(
                    act.session, issuer_id, form.change.data, form.text.data or "", **act.by
                )
            flash(gettext("The accreditation body has been told of the change."))
            return redirect(url_for("applicant.issuer_duties", issuer_id=issuer_id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        issuer = desk.issuer_for_institution(act.session, issuer_id, **act.by)
        page = render_template(
            "applicant/change.html",
            issuer=issuer,
            form=form,
            groups=[(name, [(one.id, text(one.title)) for one in group]) for name, group in groups],
        )
    return page, 422 if form.errors or form.form_errors else 200


@applicant.route("/issuers/<uuid:issuer_id>/complaints/<uuid:complaint_id>", methods=["GET", "POST"])
@allow(*WRITERS)
def answer_complaint(issuer_id: uuid.UUID, complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Show what the body asks the issuer on a complaint, and answer; who complained is never told."""
    form = TextForm()
    with acting() as act:
        _asked(act, issuer_id, complaint_id)
    if form.validate_on_submit():
        try:
            with acting() as act:
                complaint_handling.reply(act.session, complaint_id, form.text.data or "", **act.by)
            flash(gettext("Your answer has been sent."))
            return redirect(url_for("applicant.issuer_duties", issuer_id=issuer_id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    form.text.label.text = gettext("Your answer")
    with acting() as act:
        asked = _asked(act, issuer_id, complaint_id)
        issuer = desk.issuer_for_institution(act.session, issuer_id, **act.by)
        page = render_template("applicant/complaint.html", issuer=issuer, asked=asked, form=form)
    return page, 422 if form.errors or form.form_errors else 200


def _asked(act: Acting, issuer_id: uuid.UUID, complaint_id: uuid.UUID) -> complaints.Asked:
    for one in complaints.asked_of(act.session, issuer_id, **act.by):
        if one.id == complaint_id:
            return one
    raise NotFound(f"no complaint {complaint_id}")


leads_back(applicant, "/issuers/<uuid:issuer_id>/begin/<procedure>", "applicant.issuer_duties")
