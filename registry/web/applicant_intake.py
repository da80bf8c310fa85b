"""A returned application, point by point, and the decisions of others that an application cites."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from registry.domain.completeness import PointPlace
from registry.domain.reuse import ExternalKind
from registry.domain.uploads import accepted_extensions
from registry.errors import FieldError, InvalidInput
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.transaction import settings
from registry.models.application import Application
from registry.services import completeness, evidence, external_decisions, stated
from registry.services.case_file import current_evidence, policy_for
from registry.services.external_decisions import NewDecision
from registry.web import case_tasks, case_view, intake_view
from registry.web.applicant import applicant, own_application
from registry.web.i18n import text
from registry.web.labels import label
from registry.web.work import errors_at, leads_back, problems_of


def returned_page(act: Acting, application: Application, problems: list[FieldError]) -> str:
    """Return the page of an application that the body has returned: each point with where to mend it."""
    policy = policy_for(application)
    points = intake_view.points_of(policy, completeness.points_with_applicant(act.session, application.id))
    untouched = {p.number for p in completeness.untouched(act.session, application)}
    return render_template(
        "applicant/returned.html",
        **case_tasks.task_list(act, application),
        where=intake_view.where(act, application, tone="warn", applicant=True),
        points=[(point, point.number not in untouched, _href(application, point)) for point in points],
        timeline=case_view.timeline(application),
        errors=errors_at(problems),
        problems=[(p.field, p.message) for p in problems],
        given=request.form,
    )


def _href(application: Application, point: intake_view.Point) -> str:
    pages = {
        PointPlace.SCOPE: "applicant.scope",
        PointPlace.IDENTITIES: "applicant.keys",
        PointPlace.DECISIONS: "applicant.decisions",
    }
    if point.criterion is not None:
        address = url_for("applicant.criterion", application_id=application.id, criterion_id=point.criterion)
        return f"{address}#{point.evidence_id}" if point.evidence_id else address
    return url_for(pages.get(point.place, "applicant.evidence"), application_id=application.id)


@applicant.post("/<uuid:application_id>/points/<int:number>")
@allow(SIGNED_IN)
def answer_point(application_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """Answer a point of the list in words."""
    try:
        with acting() as act:
            own_application(act, application_id)
            words = request.form.get("text", "")
            completeness.answer_point(act.session, application_id, number, words, **act.by)
    except InvalidInput as error:
        found = [FieldError(f"text-{number}", p.message) for p in problems_of(error)]
        with acting() as act:
            return returned_page(act, own_application(act, application_id), found), 422
    flash(gettext("Your answer is kept; the officer reads it when you submit again."))
    return redirect(f"{url_for('applicant.show', application_id=application_id)}#point-{number}", 303)


@applicant.get("/<uuid:application_id>/decisions")
@allow(SIGNED_IN)
def decisions(application_id: uuid.UUID) -> ResponseReturnValue:
    """List the decisions of others that the application cites, and take another."""
    with acting() as act:
        return _decisions_page(act, own_application(act, application_id), {}, [])


def _decisions_page(
    act: Acting, application: Application, given: Mapping[str, Any], problems: list[FieldError]
) -> str:
    policy, held = policy_for(application), current_evidence(application)
    return render_template(
        "applicant/decisions.html",
        application=application,
        policy=policy,
        rows=[(row, held.get(row.evidence_id)) for row in stated.cited(act.session, application.id)],
        editable=completeness.may_change(act.session, application, PointPlace.DECISIONS),
        kinds=[("", gettext("Choose")), *((kind.value, label(kind)) for kind in ExternalKind)],
        given=given,
        criteria=[(one.id, f"{one.id} {text(one.title)}") for one in policy.criteria],
        chosen=request.form.getlist("criteria"),
        errors=errors_at(problems),
        problems=[(p.field, p.message) for p in problems],
        extensions=accepted_extensions(),
        limit=settings().upload_limit,
    )


@applicant.post("/<uuid:application_id>/decisions")
@allow(SIGNED_IN)
def cite(application_id: uuid.UUID) -> ResponseReturnValue:
    """Cite a decision of another body, with its file."""
    try:
        with acting() as act:
            own_application(act, application_id)
            row = external_decisions.cite(act.session, application_id, _new(), **act.by)
            upload = request.files.get("file")
            if upload is not None and upload.filename:
                _keep(act, application_id, row.evidence_id, upload)
    except InvalidInput as error:
        with acting() as act:
            application = own_application(act, application_id)
            return _decisions_page(act, application, request.form, problems_of(error)), 422
    flash(gettext("The decision is cited. The body judges for each criterion whether it can be reused."))
    return redirect(url_for("applicant.decisions", application_id=application_id), 303)


def _new() -> NewDecision:
    form = request.form
    kinds = {kind.value for kind in ExternalKind}
    problems = [] if form.get("kind") in kinds else [FieldError("kind", "choose who decided")]
    days: dict[str, date | None] = {}
    for name in ("decided_on", "valid_until"):
        try:
            days[name] = (
                date.fromisoformat(form.get(name, "").strip()) if form.get(name, "").strip() else None
            )
        except ValueError:
            problems.append(FieldError(name, "give a day, such as 2025-03-01"))
    decided_on = days.get("decided_on")
    if decided_on is None and all(p.field != "decided_on" for p in problems):
        problems.append(FieldError("decided_on", "give the day of the decision"))
    if problems or decided_on is None:
        raise InvalidInput("this decision cannot be cited", problems)
    return NewDecision(
        kind=ExternalKind(form["kind"]),
        issuer=form.get("issuer", ""),
        reference=form.get("reference", ""),
        decided_on=decided_on,
        valid_until=days.get("valid_until"),
        outcome=form.get("outcome", ""),
        criteria=tuple(form.getlist("criteria")),
        url=form.get("url", ""),
    )


def _keep(act: Acting, application_id: uuid.UUID, evidence_id: str, upload: FileStorage) -> None:
    limits = settings()
    evidence.add_file(
        act.session,
        files(),
        application_id,
        evidence_id,
        name=upload.filename or "",
        data=upload.stream.read(limits.upload_limit + 1),
        limit=limits.upload_limit,
        case_limit=limits.case_upload_limit,
        **act.by,
    )


@applicant.post("/<uuid:application_id>/decisions/<int:number>/take-back")
@allow(SIGNED_IN)
def take_back(application_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """Cite a decision no more."""
    with acting() as act:
        own_application(act, application_id)
        external_decisions.take_back(act.session, application_id, number, **act.by)
    flash(gettext("The decision is cited no more."))
    return redirect(url_for("applicant.decisions", application_id=application_id), 303)


leads_back(applicant, "/<uuid:application_id>/points/<int:number>", "applicant.show")
