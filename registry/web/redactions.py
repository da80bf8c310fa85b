"""Redacted files: the twin of a piece of evidence, and the report of a decision as the public reads it.

The case officer or a registrar hands in; another registrar looks at the very file and confirms.
"""

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import FileField

from registry.domain.policy import Outcome
from registry.domain.two_people import ProposalKind
from registry.domain.uploads import check_upload
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.downloads import download_headers
from registry.http.transaction import settings
from registry.models.application import Application, EvidenceVersion
from registry.models.two_people import Proposal
from registry.services import report_publication, reviews, two_people
from registry.services.case_file import decision_of, policy_for, report_of
from registry.services.report_publication import EXTENSIONS, LANGUAGES
from registry.services.report_texts import texts_of
from registry.services.two_people import NewProposal
from registry.web.decision import decision
from registry.web.policies import outcome_label
from registry.web.proposals import proposals
from registry.web.reviewer import body_case
from registry.web.reviewer_file import may_redact
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
                _redaction_of(act, application_id, version_id)
                content, data = _twin(form)
                new = NewProposal(str(version_id), form.reasons.data or "", content, application_id)
                two_people.propose(act.session, ProposalKind.REDACTION, new, **act.by)
                files().put(data)
            flash(
                gettext("The redacted file is proposed. It counts once another registrar has confirmed it.")
            )
            return redirect(url_for("reviewer.evidence", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error, {"sha256": "file", "size": "file", "media_type": "file"})
    with acting() as act:
        application, version = _redaction_of(act, application_id, version_id)
        page = render_template("decision/redact.html", application=application, version=version, form=form)
    return page, 422 if form.errors or form.form_errors else 200


def _redaction_of(
    act: Acting, application_id: uuid.UUID, version_id: uuid.UUID
) -> tuple[Application, EvidenceVersion]:
    application = _redactable(act, application_id)
    version = act.session.get(EvidenceVersion, version_id)
    if version is None or version.application_id != application.id or version.file_name is None:
        raise NotFound(f"no file {version_id}")
    return application, version


def _redactable(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case whose files the person may redact: its officer, or a registrar of the body."""
    application = body_case(act, application_id)
    if not may_redact(act, application):
        raise NotAllowed("only the case officer or a registrar may do this")
    return application


def _twin(form: RedactionForm) -> tuple[dict[str, Any], bytes]:
    upload = form.file.data
    if upload is None or not upload.filename:
        raise InvalidInput("choose a file", [FieldError("file", "choose a file")])
    data = upload.stream.read(settings().upload_limit + 1)
    accepted = check_upload(upload.filename, data, limit=settings().upload_limit)
    digest = hashlib.sha256(data).hexdigest()
    return {"sha256": digest, "media_type": accepted.media_type, "size": len(data)}, data


@decision.route("/cases/<uuid:application_id>/report-text", methods=["GET", "POST"])
@allow(SIGNED_IN)
def report_text(application_id: uuid.UUID) -> ResponseReturnValue:
    """Hand in the report of the decision as the public is to read it, or take down what stands."""
    form = ReportTextForm()
    if form.validate_on_submit():
        try:
            with acting() as act:
                _propose_text(act, _redactable(act, application_id), form)
            flash(gettext("The text is proposed. It is published once another registrar has confirmed it."))
            return redirect(url_for("decision.report_text", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        application = _redactable(act, application_id)
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


def _propose_text(act: Acting, application: Application, form: ReportTextForm) -> None:
    found = decision_of(act.session, application.id)
    if found is None:
        raise NotFound(f"no decision in {application.id}")
    taken = {} if request.form.get("do") == "take_down" else dict(_texts(form))
    if not taken and request.form.get("do") != "take_down":
        raise InvalidInput("hand in the redacted report", [FieldError("en", "hand in the redacted report")])
    content = {"texts": [content for content, _data in taken.values()]}
    new = NewProposal(str(found.id), form.reasons.data or "", content, application.id)
    two_people.propose(act.session, ProposalKind.REPORT_TEXT, new, **act.by)
    for _content, data in taken.values():
        files().put(data)


def _texts(form: ReportTextForm) -> Iterator[tuple[str, tuple[dict[str, object], bytes]]]:
    """Yield by language what a proposal says of each text that was chosen, with its bytes."""
    limit = settings().upload_limit
    for language in LANGUAGES:
        upload = form[language].data
        if upload is not None and upload.filename:
            data = upload.stream.read(limit + 1)
            yield (
                language,
                (report_publication.read_text(language, upload.filename, data, limit=limit), data),
            )


@decision.get("/cases/<uuid:application_id>/report-text/draft.txt")
@allow(SIGNED_IN)
def report_draft(application_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the whole report as plain text in the page's language, for redaction."""
    with acting() as act:
        application = _redactable(act, application_id)
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
        row = two_people.visible(act.session, proposal_id, **act.by)
        found = next((one for one in files_of(row) if one["sha256"] == sha256), None)
        if found is None:
            raise NotFound(f"no file {sha256}")
        data = files().get(sha256)
    extension = EXTENSIONS.get(found["media_type"], "bin")
    headers = download_headers(f"{sha256[:12]}.{extension}")
    return Response(data, content_type=found["media_type"], headers=headers)


def files_of(row: Proposal) -> list[dict[str, Any]]:
    """Return the files that a proposal is about: the twin of a redaction, the texts of a report."""
    if row.kind is ProposalKind.REDACTION:
        return [dict(row.content)]
    return list(row.content.get("texts") or []) if row.kind is ProposalKind.REPORT_TEXT else []


def leads_to_text(act: Acting, application: Application) -> bool:
    """Whether the page of a case leads this person to the public text of its report."""
    found = decision_of(act.session, application.id)
    return report_publication.is_wanted(act.session, application, found) and may_redact(act, application)
