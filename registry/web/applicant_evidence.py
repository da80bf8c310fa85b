"""Evidence of an application, criterion by criterion, with every version that was handed in."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from registry.domain.completeness import PointPlace
from registry.domain.policy import Evidence
from registry.domain.uploads import accepted_extensions
from registry.domain.workflow import EDITABLE_STATES, SUPPLYING_STATES
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.transaction import settings
from registry.models.application import Application
from registry.models.intake import CompletenessPoint
from registry.services import completeness, stated
from registry.services import evidence as gathering
from registry.services.case_file import policy_for
from registry.web import case_tasks, intake_view
from registry.web.applicant import applicant, own_application
from registry.web.forms import EvidenceForm
from registry.web.work import leads_back, put_errors

TEXT_KINDS = frozenset({"public_url", "declaration"})
"""Kinds of evidence that are written, not uploaded."""


@applicant.get("/<uuid:application_id>/evidence")
@allow(SIGNED_IN)
def evidence(application_id: uuid.UUID) -> ResponseReturnValue:
    """List the criteria with what each still lacks."""
    with acting() as act:
        application = own_application(act, application_id)
        return render_template(
            "applicant/evidence.html",
            application=application,
            groups=case_tasks.evidence_groups(application),
        )


@applicant.get("/<uuid:application_id>/evidence/<criterion_id>")
@allow(SIGNED_IN)
def criterion(application_id: uuid.UUID, criterion_id: str) -> ResponseReturnValue:
    """Show one criterion: what it requires, what was handed in, and a form for each piece of evidence."""
    with acting() as act:
        return _page(act, own_application(act, application_id), criterion_id, {})


def _page(act: Acting, application: Application, criterion_id: str, forms: dict[str, EvidenceForm]) -> str:
    policy = policy_for(application)
    found = policy.criterion(criterion_id)
    if found is None:
        raise NotFound(f"this policy has no criterion {criterion_id}")
    ids = [one.id for one in policy.criteria if case_tasks.asked_of_applicant(one)]
    place = ids.index(criterion_id) if criterion_id in ids else -1
    return render_template(
        "applicant/criterion.html",
        application=application,
        policy=policy,
        criterion=found,
        items=[_item(act, application, item, forms) for item in case_tasks.asked_of_applicant(found)],
        asked=intake_view.points_of(policy, _points(act, application, criterion_id)),
        problems=[pair for item_id, form in forms.items() for pair in _summary(item_id, form)],
        next_id=ids[place + 1] if 0 <= place < len(ids) - 1 else None,
        extensions=accepted_extensions(),
        limit=settings().upload_limit,
    )


def _points(act: Acting, application: Application, criterion_id: str) -> list[CompletenessPoint]:
    """Return the points that wait for the applicant and are about a criterion or its evidence."""
    waiting = completeness.points_with_applicant(act.session, application.id)
    return [point for point in waiting if point.criterion == criterion_id]


def _may_supply(act: Acting, application: Application, item: Evidence) -> bool:
    """Whether the form is shown: in a draft everywhere, later where somebody asked; the service proves it again."""
    if application.state in EDITABLE_STATES:
        return completeness.may_change(act.session, application, PointPlace.EVIDENCE, item.id)
    if application.state not in SUPPLYING_STATES:
        return False
    return gathering.supply_problem(act.session, application, item.id, act.at) is None


def _item(
    act: Acting, application: Application, item: Evidence, forms: dict[str, EvidenceForm]
) -> dict[str, Any]:
    versions = [v for v in application.evidence if v.evidence_id == item.id]
    form = forms.get(item.id) or EvidenceForm(formdata=None, prefix="")
    for field in (form.file, form.text, form.issued_on, form.items):
        field.id = f"{item.id}-{field.name}"
    if form.text.data is None and versions and item.kind in TEXT_KINDS:
        form.text.data = versions[-1].text
    return {
        "item": item,
        "versions": versions,
        "form": form,
        "written": item.kind in TEXT_KINDS,
        "editable": _may_supply(act, application, item),
        "stated": stated.statements_of(act.session, application) if versions else {},
    }


def _summary(item_id: str, form: EvidenceForm) -> list[tuple[str, str]]:
    fields = (form.file, form.text, form.issued_on, form.items)
    found = [(f"{item_id}-{field.name}", str(m)) for field in fields for m in field.errors]
    return found + [("", str(message)) for message in form.form_errors]


@applicant.post("/<uuid:application_id>/evidence/<criterion_id>/<evidence_id>")
@allow(SIGNED_IN)
def add_evidence(application_id: uuid.UUID, criterion_id: str, evidence_id: str) -> ResponseReturnValue:
    """Hand in a file or a text as the next version of one piece of evidence."""
    form = EvidenceForm()
    try:
        with acting() as act:
            own_application(act, application_id)
            _add(act, application_id, evidence_id, form)
    except InvalidInput as error:
        put_errors(form, error)
        with acting() as act:
            application = own_application(act, application_id)
            return _page(act, application, criterion_id, {evidence_id: form}), 422
    flash(gettext("What you handed in is kept as a new version."))
    here = url_for("applicant.criterion", application_id=application_id, criterion_id=criterion_id)
    return redirect(f"{here}#{evidence_id}", 303)


def _add(act: Acting, application_id: uuid.UUID, evidence_id: str, form: EvidenceForm) -> None:
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        _add_file(act, application_id, evidence_id, upload)
    elif "text" in request.form and (form.text.data or "").strip():
        words = form.text.data or ""
        gathering.add_text(act.session, application_id, evidence_id, words, **_stated(), **act.by)
    else:
        message = "choose a file, or write a text"
        raise InvalidInput(message, [FieldError("text" if "written" in request.form else "file", message)])


def _add_file(act: Acting, application_id: uuid.UUID, evidence_id: str, upload: FileStorage) -> None:
    limits = settings()
    gathering.add_file(
        act.session,
        files(),
        application_id,
        evidence_id,
        name=upload.filename or "",
        data=upload.stream.read(limits.upload_limit + 1),
        limit=limits.upload_limit,
        case_limit=limits.case_upload_limit,
        **_stated(),
        **act.by,
    )


def _stated() -> dict[str, Any]:
    """Return the day and the number of pieces that the form states; nothing where it states none.

    Raises:
        InvalidInput: what stands there is no day, or no number.
    """
    found: dict[str, Any] = {}
    readers: dict[str, tuple[Callable[[str], Any], str]] = {
        "issued_on": (date.fromisoformat, "give a day, such as 2025-03-01"),
        "items": (int, "give a number"),
    }
    for name, (read, message) in readers.items():
        words = request.form.get(name, "").strip()
        if words:
            try:
                found[name] = read(words)
            except ValueError as error:
                raise InvalidInput(message, [FieldError(name, message)]) from error
    return found


leads_back(applicant, "/<uuid:application_id>/evidence/<criterion_id>/<evidence_id>", "applicant.criterion")
