"""The file of a case: evidence with its versions, answers of automatic checks, and what the body gathers itself."""

import uuid
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.policy import Evidence
from registry.domain.workflow import GATHERING_STATES
from registry.errors import InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.downloads import download_headers
from registry.models.application import Application, EvidenceVersion
from registry.services import access, desk, eligibility_standing
from registry.services import evidence as gathering
from registry.services.case_file import latest_manifest, policy_for
from registry.services.evidence_files import content_of
from registry.services.redactions import may_redact
from registry.web import case_view
from registry.web.forms import TextForm
from registry.web.reviewer import open_file, reviewer
from registry.web.work import leads_back, put_errors


@reviewer.get("/cases/<uuid:application_id>/evidence")
@allow(SIGNED_IN)
def evidence(application_id: uuid.UUID) -> ResponseReturnValue:
    """List all evidence, criterion by criterion."""
    with acting() as act:
        return _page(act, open_file(act, application_id), {})


def _page(act: Acting, application: Application, forms: dict[str, TextForm]) -> str:
    policy = policy_for(application)
    return render_template(
        "reviewer/evidence.html",
        application=application,
        policy=policy,
        rows={c.id: [_row(application, item, forms) for item in c.evidence] for c in policy.criteria},
        eligibility=eligibility_standing.standings(act.session, application),
        manifest=latest_manifest(act.session, application.id),
        gathering=application.state in GATHERING_STATES,
        redacts=may_redact(act.session, application, **act.by),
        problems=[(f"{item_id}-text", form.text.errors[0]) for item_id, form in forms.items()],
    )


def _row(application: Application, item: Evidence, forms: dict[str, TextForm]) -> dict[str, Any]:
    versions = [v for v in application.evidence if v.evidence_id == item.id]
    form = forms.get(item.id) or TextForm(formdata=None)
    form.text.id = f"{item.id}-text"
    form.text.label.text = gettext("What you found")
    return {"item": item, "versions": versions, "form": form, "answers": _answers(item, versions)}


def _answers(item: Evidence, versions: list[EvidenceVersion]) -> list[Any]:
    """Return what automatic checks answered; only their own evidence is read so, never what somebody uploaded."""
    return [case_view.check_answer(v) for v in versions] if item.provided_by == "machine" else []


@reviewer.post("/cases/<uuid:application_id>/evidence/<evidence_id>")
@allow(SIGNED_IN)
def gather(application_id: uuid.UUID, evidence_id: str) -> ResponseReturnValue:
    """Record evidence that the body gathers itself, such as a call-back."""
    form = TextForm()
    try:
        with acting() as act:
            open_file(act, application_id)
            gathering.add_body_text(act.session, application_id, evidence_id, form.text.data or "", **act.by)
    except InvalidInput as error:
        put_errors(form, error)
        with acting() as act:
            return _page(act, open_file(act, application_id), {evidence_id: form}), 422
    flash(gettext("What you found is kept as a new version."))
    address = url_for("reviewer.evidence", application_id=application_id)
    return redirect(f"{address}#{evidence_id}", 303)


@reviewer.get("/cases/<uuid:application_id>/files/<uuid:version_id>")
@allow(SIGNED_IN)
def file(application_id: uuid.UUID, version_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out one version of a piece of evidence, as a download that no browser runs or shows."""
    with acting() as act:
        application = act.application(application_id)
        version = act.session.get(EvidenceVersion, version_id)
        if version is None or version.application_id != application.id:
            raise NotFound(f"no file {version_id}")
        _require_readable(act, application, version)
        name, media_type, data = content_of(act.session, files(), version)
    return Response(data, content_type=media_type, headers=download_headers(name))


def _require_readable(act: Acting, application: Application, version: EvidenceVersion) -> None:
    if not access.may_read_file(act.session, application, **act.by):
        raise NotAllowed("declare your interests first; the file opens after that")
    if desk.acts_for(act.session, application.institution_id, **act.by):
        own = {i.id for _c, i in policy_for(application).evidence_items() if i.provided_by == "applicant"}
        if version.evidence_id not in own:
            raise NotFound(f"no file {version.id}")


leads_back(reviewer, "/cases/<uuid:application_id>/evidence/<evidence_id>", "reviewer.evidence")
