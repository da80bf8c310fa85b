"""Completeness as the body works on it: the list of what is missing, returning it, and what was handed in again."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.completeness import PointMark, PointPlace
from registry.domain.handed_in import Difference, compare_manifests
from registry.domain.scope import parse_scope
from registry.domain.workflow import Action
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.services import completeness, desk, missing, returning, stated
from registry.services.case_file import policy_for
from registry.services.completeness import NewPoint
from registry.web import intake_view
from registry.web.i18n import text
from registry.web.labels import label
from registry.web.reviewer import open_file, reviewer
from registry.web.work import errors_at, leads_back, posted_version, problems_of

_MANY = "e"
"""Marks the value of a place that names evidence; `c` one that names a criterion, the rest are places themselves."""


@reviewer.get("/cases/<uuid:application_id>/completeness")
@allow(SIGNED_IN)
def completeness_list(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show what is missing: found by machine, added by officers, sent, settled; and return the application."""
    with acting() as act:
        return _list_page(act, open_file(act, application_id), {}, [])


def _list_page(
    act: Acting, application: Application, given: Mapping[str, str], problems: list[FieldError]
) -> str:
    policy = policy_for(application)
    points = completeness.points_of(act.session, application.id)
    may_return = any(
        s.transition.action is Action.RETURN_FOR_COMPLETION
        for s in desk.open_steps(act.session, application, **act.by)
    )
    return render_template(
        "reviewer/completeness.html",
        application=application,
        found=intake_view.findings_of(policy, missing.findings(act.session, application, act.at)),
        points=intake_view.points_of(policy, points),
        sending=[p.number for p in completeness.points_to_send(act.session, application.id)],
        may_return=may_return,
        places=_places(application),
        given=given,
        errors=errors_at(problems),
        problems=[(p.field, p.message) for p in problems],
        PointMark=PointMark,
    )


def _places(application: Application) -> list[tuple[str, Any]]:
    """Return what a point can be about, in groups: parts of the application, then each criterion with its evidence."""
    policy = policy_for(application)
    whole = (PointPlace.SCOPE, PointPlace.IDENTITIES, PointPlace.DECISIONS)
    found: list[tuple[str, Any]] = [
        (gettext("The application"), [(place.value, label(place)) for place in whole])
    ]
    for criterion in policy.criteria:
        asked = [item for item in criterion.evidence if item.provided_by == "applicant"]
        if asked:
            rows = [(f"c:{criterion.id}", gettext("All evidence of %(criterion)s", criterion=criterion.id))]
            rows += [(f"{_MANY}:{item.id}", f"{item.id} {text(item.title)}") for item in asked]
            found.append((f"{criterion.id} {text(criterion.title)}", rows))
    return found


@reviewer.post("/cases/<uuid:application_id>/completeness")
@allow(SIGNED_IN)
def add_point(application_id: uuid.UUID) -> ResponseReturnValue:
    """Add a point of one's own to the list."""
    try:
        with acting() as act:
            application = open_file(act, application_id)
            completeness.add_point(act.session, application_id, _new_point(application), **act.by)
    except InvalidInput as error:
        with acting() as act:
            application = open_file(act, application_id)
            return _list_page(act, application, request.form, problems_of(error)), 422
    flash(gettext("The point stands on the list; it is sent when you return the application."))
    return redirect(url_for("reviewer.completeness_list", application_id=application_id), 303)


def _new_point(application: Application) -> NewPoint:
    kind, _, name = request.form.get("place", "").partition(":")
    words = request.form.get("text", "")
    if kind == "c":
        return NewPoint(PointPlace.CRITERION, words, criterion=name)
    if kind == _MANY:
        owners = {i.id: c.id for c, i in policy_for(application).evidence_items()}
        return NewPoint(PointPlace.EVIDENCE, words, owners.get(name), name)
    try:
        return NewPoint(PointPlace(kind), words)
    except ValueError as error:
        message = "choose what the point is about"
        raise InvalidInput(message, [FieldError("place", message)]) from error


@reviewer.post("/cases/<uuid:application_id>/completeness/<int:number>/drop")
@allow(SIGNED_IN)
def drop_point(application_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """Take a point off the list before it is sent."""
    with acting() as act:
        open_file(act, application_id)
        completeness.drop_point(act.session, application_id, number, **act.by)
    flash(gettext("The point has been taken off the list."))
    return redirect(url_for("reviewer.completeness_list", application_id=application_id), 303)


@reviewer.post("/cases/<uuid:application_id>/completeness/<int:number>/reopen")
@allow(SIGNED_IN)
def reopen_point(application_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """Say that a point is not settled after all."""
    try:
        with acting() as act:
            open_file(act, application_id)
            reasons = request.form.get("reasons", "")
            completeness.reopen_point(act.session, application_id, number, reasons, **act.by)
    except InvalidInput as error:
        found = [FieldError(f"reasons-{number}", p.message) for p in problems_of(error)]
        with acting() as act:
            return _list_page(act, open_file(act, application_id), {}, found), 422
    flash(gettext("The point is open again; it is sent when you return the application."))
    return redirect(url_for("reviewer.completeness_list", application_id=application_id), 303)


@reviewer.post("/cases/<uuid:application_id>/completeness/return")
@allow(SIGNED_IN)
def return_for_completion(application_id: uuid.UUID) -> ResponseReturnValue:
    """Send the list, and let the applicant's days begin."""
    try:
        with acting() as act:
            open_file(act, application_id)
            note = request.form.get("note", "")
            version = posted_version()
            returning.return_for_completion(act.session, application_id, version=version, note=note, **act.by)
    except InvalidInput as error:
        with acting() as act:
            application = open_file(act, application_id)
            return _list_page(act, application, request.form, problems_of(error)), 422
    flash(gettext("The application is with the applicant, who has the list and the deadline."))
    return redirect(url_for("reviewer.case", application_id=application_id), 303)


@reviewer.get("/cases/<uuid:application_id>/handed-in")
@allow(SIGNED_IN)
def handed_in(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show what was handed in, the newest beside the one before."""
    with acting() as act:
        application = open_file(act, application_id)
        found = stated.manifests(act.session, application.id)
        if not found:
            raise NotFound(f"no manifest of {application_id}")
        before, after = found[-2] if len(found) > 1 else None, found[-1]
        rows = compare_manifests(before.content, after.content) if before else []
        return render_template(
            "reviewer/handed_in.html",
            application=application,
            policy=policy_for(application),
            manifests=found,
            before=before,
            after=after,
            rows=[row for row in rows if row.difference is not Difference.SAME],
            unchanged=sum(1 for row in rows if row.difference is Difference.SAME),
            versions={(v.evidence_id, v.number): v for v in application.evidence},
            scope_of=parse_scope,
        )


leads_back(reviewer, "/cases/<uuid:application_id>/completeness/return", "reviewer.completeness_list")
leads_back(
    reviewer, "/cases/<uuid:application_id>/completeness/<int:number>/reopen", "reviewer.completeness_list"
)
