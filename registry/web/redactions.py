"""Redacted files: the twin of a piece of evidence, and the report of a decision as the public reads it.

The case officer or a registrar hands in; another registrar looks at the very file and confirms.
"""

import uuid

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import FileField

from registry.domain.policy import Outcome
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.downloads import download_headers
from registry.http.transaction import settings
from registry.models.application import Application
from registry.services import redactions, report_publication, reviews
from registry.services.case_file import decision_of, policy_for, report_of
from registry.services.redactions import HandedIn
from registry.services.report_publication import EXTENSIONS, LANGUAGES
from registry.services.report_texts import texts_of
from registry.web.decision import decision
from registry.web.policies import outcome_label
from registry.web.proposals import proposals
from registry.web.standing_forms import ReasonsForm
from registry.web.work import put_errors


class RedactionForm(ReasonsForm):
    """The redacted twin of a file, and why."""

    file = FileField(lazy_gettext("Redacted file"))


class ReportTextForm(ReasonsForm):
    """The report as the public is to read it, in one language or both."""

    en = FileField(lazy_gettext("Redacted report in English"))
    pl = FileField(lazy_gettext("Redacted report in Polish"))


@decision.route("/cases/<uuid:application_id>/files/<uuid:version_id>/redact", methods=["GET", "POST"])
@allow(SIGNED_IN)
def redact(application_id: uuid.UUID, version_id: uuid.UUID) -> ResponseReturnValue:
    """Hand in the redacted twin of a file; once a registrar has confirmed it, the original's bytes go."""
    form = RedactionForm()
    if form.validate_on_submit():
        try:
            with acting() as act:
                application = redactions.redactable(act.session, application_id, **act.by)
                version = redactions.file_version(act.session, application, version_id)
                reasons, twin = form.reasons.data or "", _chosen(form.file)
                redactions.propose_twin(
                    act.session, files(), version, twin, reasons, limit=settings().upload_limit, **act.by
                )
            flash(
                gettext("The redacted file is proposed. It counts once another registrar has confirmed it.")
            )
            return redirect(url_for("reviewer.evidence", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error, {"sha256": "file", "size": "file", "media_type": "file"})
    with acting() as act:
        application = redactions.redactable(act.session, application_id, **act.by)
        version = redactions.file_version(act.session, application, version_id)
        page = render_template("decision/redact.html", application=application, version=version, form=form)
    return page, 422 if form.errors or form.form_errors else 200


def _handed_in(field: FileField) -> HandedIn | None:
    """Return the file that was chosen, or None."""
    upload = field.data
    if upload is None or not upload.filename:
        return None
    return HandedIn(upload.filename, upload.stream.read(settings().upload_limit + 1))


def _chosen(field: FileField) -> HandedIn:
    found = _handed_in(field)
    if found is None:
        raise InvalidInput("choose a file", [FieldError("file", "choose a file")])
    return found


@decision.route("/cases/<uuid:application_id>/report-text", methods=["GET", "POST"])
@allow(SIGNED_IN)
def report_text(application_id: uuid.UUID) -> ResponseReturnValue:
    """Hand in the report of the decision as the public is to read it, or take down what stands."""
    form = ReportTextForm()
    if form.validate_on_submit():
        try:
            with acting() as act:
                _propose_text(act, application_id, form)
            flash(gettext("The text is proposed. It is published once another registrar has confirmed it."))
            return redirect(url_for("decision.report_text", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        application = redactions.redactable(act.session, application_id, **act.by)
        found = decision_of(act.session, application.id)
        page = render_template(
            "decision/report_text.html",
            application=application,
            form=form,
            wanted=report_publication.is_wanted(act.session, application, found),
            standing=texts_of(act.session, found.id) if found else (),
            decided=found,
        )
    return page, 422 if form.errors or form.form_errors else 200


def _propose_text(act: Acting, application_id: uuid.UUID, form: ReportTextForm) -> None:
    application = redactions.redactable(act.session, application_id, **act.by)
    reasons = form.reasons.data or ""
    if request.form.get("do") == "take_down":
        redactions.propose_taking_down(act.session, application, reasons, **act.by)
        return
    texts = {name: one for name in LANGUAGES if (one := _handed_in(form[name])) is not None}
    redactions.propose_texts(
        act.session, files(), application, texts, reasons, limit=settings().upload_limit, **act.by
    )


@decision.get("/cases/<uuid:application_id>/report-text/draft.txt")
@allow(SIGNED_IN)
def report_draft(application_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the whole report as plain text in the page's language, for redaction."""
    with acting() as act:
        application = redactions.redactable(act.session, application_id, **act.by)
        report, found = report_of(act.session, application.id), decision_of(act.session, application.id)
        if report is None or found is None or not report.final:
            raise NotFound(f"no report in {application_id}")
        policy = policy_for(application)
        words = render_template(
            "decision/report_text.txt",
            application=application,
            report=report,
            policy=policy,
            decided=found,
            outcome=outcome_label(policy, Outcome(found.outcome)),
            conditions=reviews.conditions_for(act.session, application),
        )
    headers = download_headers(f"{application.reference}-report.txt")
    return Response(words, content_type="text/plain; charset=utf-8", headers=headers)


@proposals.get("/<uuid:proposal_id>/files/<sha256>")
@allow(SIGNED_IN)
def proposed_file(proposal_id: uuid.UUID, sha256: str) -> ResponseReturnValue:
    """Hand out a file that waits for the second word, or got it, to those who may see the proposal."""
    with acting() as act:
        media_type, data = redactions.proposed_file(act.session, files(), proposal_id, sha256, **act.by)
    headers = download_headers(f"{sha256[:12]}.{EXTENSIONS.get(media_type, 'bin')}")
    return Response(data, content_type=media_type, headers=headers)


def leads_to_text(act: Acting, application: Application) -> bool:
    """Whether the page of a case leads this person to the public text of its report."""
    found = decision_of(act.session, application.id)
    return report_publication.is_wanted(act.session, application, found) and redactions.may_redact(
        act.session, application, **act.by
    )
