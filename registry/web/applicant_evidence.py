"""Evidence of an application, criterion by criterion, with every version that was handed in."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from registry.domain.policy import Evidence
from registry.domain.uploads import accepted_extensions
from registry.domain.workflow import EDITABLE_STATES
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.transaction import settings
from registry.models.application import Application
from registry.services import evidence as gathering
from registry.services.case_file import policy_for
from registry.web import case_tasks
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
        return _page(own_application(act, application_id), criterion_id, {})


def _page(application: Application, criterion_id: str, forms: dict[str, EvidenceForm]) -> str:
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
        items=[_item(application, item, forms) for item in case_tasks.asked_of_applicant(found)],
        problems=[pair for item_id, form in forms.items() for pair in _summary(item_id, form)],
        next_id=ids[place + 1] if 0 <= place < len(ids) - 1 else None,
        editable=application.state in EDITABLE_STATES,
        extensions=accepted_extensions(),
        limit=settings().upload_limit,
    )


def _item(application: Application, item: Evidence, forms: dict[str, EvidenceForm]) -> dict[str, Any]:
    versions = [v for v in application.evidence if v.evidence_id == item.id]
    form = forms.get(item.id) or EvidenceForm(formdata=None, prefix="")
    for field in (form.file, form.text):
        field.id = f"{item.id}-{field.name}"
    if form.text.data is None and versions and item.kind in TEXT_KINDS:
        form.text.data = versions[-1].text
    return {"item": item, "versions": versions, "form": form, "written": item.kind in TEXT_KINDS}


def _summary(item_id: str, form: EvidenceForm) -> list[tuple[str, str]]:
    found = [(f"{item_id}-{field.name}", str(m)) for field in (form.file, form.text) for m in field.errors]
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
            return _page(application, criterion_id, {evidence_id: form}), 422
    flash(gettext("What you handed in is kept as a new version."))
    here = url_for("applicant.criterion", application_id=application_id, criterion_id=criterion_id)
    return redirect(f"{here}#{evidence_id}", 303)


def _add(act: Acting, application_id: uuid.UUID, evidence_id: str, form: EvidenceForm) -> None:
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        _add_file(act, application_id, evidence_id, upload)
    elif "text" in request.form and (form.text.data or "").strip():
        gathering.add_text(act.session, application_id, evidence_id, form.text.data or "", **act.by)
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
        **act.by,
    )


leads_back(applicant, "/<uuid:application_id>/evidence/<criterion_id>/<evidence_id>", "applicant.criterion")
