"""Letters: the institution takes its letter in, and its time to appeal begins; the body files its own, and proofs."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateTimeLocalField, RadioField
from wtforms.validators import InputRequired

from registry.domain.roles import CaseRole, Role
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.downloads import download_headers
from registry.http.transaction import settings
from registry.models.application import Application
from registry.models.letter import DeliveryKind, Letter, LetterFile
from registry.services import access, deliveries, letter_pdf, letters
from registry.web import letter_page
from registry.web.applicant import applicant, own_application
from registry.web.decision import decision
from registry.web.labels import label
from registry.web.reviewer import body_case
from registry.web.work import leads_back, put_errors


class ProofForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """The proof that a letter was delivered."""

    kind = RadioField(lazy_gettext("Delivered by"), validators=[InputRequired(lazy_gettext("Choose one."))])
    delivered_at = DateTimeLocalField(
        lazy_gettext("Delivered on (local time)"),
        format="%Y-%m-%dT%H:%M",
        validators=[InputRequired(lazy_gettext("Enter the day and the time."))],
    )
    file = FileField(lazy_gettext("Proof (file)"))


class LetterForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """The body's own signed letter."""

    file = FileField(lazy_gettext("Signed letter (PDF)"))


@applicant.get("/<uuid:application_id>/letters/<uuid:letter_id>")
@allow(SIGNED_IN)
def letter(application_id: uuid.UUID, letter_id: uuid.UUID) -> ResponseReturnValue:
    """Show a letter; until it was taken in, ask whether to take it in."""
    with acting() as act:
        application = own_application(act, application_id)
        found = letters.letter_of(act.session, application, letter_id)
        return render_template(
            "applicant/letter.html",
            application=application,
            letter=found,
            parts=letter_page.shown(found) if found.delivery else (),
            may_open=signs_for(act, application),
            pdf=letter_pdf.is_available(),
        )


def signs_for(act: Acting, application: Application) -> bool:
    """Whether a person is an owner or signatory of the institution of a case."""
    institution = application.institution_id
    return access.holds(
        act.session, act.actor, Role.OWNER, Role.SIGNATORY, at=act.at, institution=institution
    )


@applicant.post("/<uuid:application_id>/letters/<uuid:letter_id>/open")
@allow(SIGNED_IN)
def open_letter(application_id: uuid.UUID, letter_id: uuid.UUID) -> ResponseReturnValue:
    """Take a letter in: the time to appeal runs from now."""
    with acting() as act:
        own_application(act, application_id)
        deliveries.open_letter(act.session, application_id, letter_id, **act.by)
    return redirect(url_for("applicant.letter", application_id=application_id, letter_id=letter_id), 303)


@applicant.get("/<uuid:application_id>/letters/<uuid:letter_id>/letter.pdf")
@allow(SIGNED_IN)
def letter_as_pdf(application_id: uuid.UUID, letter_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out a letter that was taken in as PDF."""
    with acting() as act:
        application = own_application(act, application_id)
        found = letters.letter_of(act.session, application, letter_id)
        if found.delivery is None:
            raise NotAllowed("take the letter in first")
        page, name = letter_page.by_itself(found), f"{application.reference}-{found.number}.pdf"
    return _pdf(page, name)


def _pdf(page: str, name: str) -> Response:
    return Response(letter_pdf.render(page), mimetype="application/pdf", headers=download_headers(name))


@applicant.get("/<uuid:application_id>/letters/<uuid:letter_id>/files/<uuid:file_id>")
@allow(SIGNED_IN)
def letter_file(application_id: uuid.UUID, letter_id: uuid.UUID, file_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the body's own signed letter, once the letter was taken in."""
    with acting() as act:
        application = own_application(act, application_id)
        found = letters.letter_of(act.session, application, letter_id)
        if found.delivery is None:
            raise NotAllowed("take the letter in first")
        return _file_of(act, found, file_id)


def _file_of(act: Acting, found: Letter, file_id: uuid.UUID) -> Response:
    row = act.session.get(LetterFile, file_id)
    if row is None or row.letter_id != found.id:
        raise NotFound(f"no file {file_id}")
    data = files().get(row.sha256)
    return Response(data, content_type=row.media_type, headers=download_headers(row.file_name))


@decision.get("/cases/<uuid:application_id>/letter")
@allow(SIGNED_IN)
def case_letter(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the newest letter of a case, whether it was delivered, and the files that belong to it."""
    with acting() as act:
        return _letter_page(
            act, _letter_case(act, application_id), proof_form(fresh=True), LetterForm(formdata=None)
        )


def _letter_case(act: Acting, application_id: uuid.UUID) -> Application:
    application = body_case(act, application_id)
    part = access.part_of(act.session, act.actor, application.id)
    body = application.scheme.body_id
    registrar = access.holds(act.session, act.actor, Role.REGISTRAR, Role.AUDITOR, at=act.at, body=body)
    if not registrar and (part is None or part.role is not CaseRole.CASE_OFFICER):
        raise NotAllowed("only the case officer or a registrar may do this")
    return application


def proof_form(*, fresh: bool = False) -> ProofForm:
    """Return the form for a proof; a `fresh` one reads nothing from the request."""
    form = ProofForm(formdata=None) if fresh else ProofForm()
    form.kind.choices = [(k.value, label(k)) for k in DeliveryKind if k is not DeliveryKind.OPENED]
    return form


def _letter_page(act: Acting, application: Application, proof: ProofForm, own: LetterForm) -> str:
    found = letters.current_letter(act.session, application)
    if found is None:
        raise NotFound(f"no letter in {application.id}")
    body = application.scheme.body_id
    return render_template(
        "decision/case_letter.html",
        application=application,
        letter=found,
        parts=letter_page.shown(found),
        proof_form=proof,
        letter_form=own,
        may_file=access.holds(act.session, act.actor, Role.REGISTRAR, at=act.at, body=body),
        may_prove=found.delivery is None,
        pdf=letter_pdf.is_available(),
    )


@decision.get("/cases/<uuid:application_id>/letter.pdf")
@allow(SIGNED_IN)
def case_letter_pdf(application_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the newest letter of a case as PDF, for signing and for post."""
    with acting() as act:
        application = _letter_case(act, application_id)
        found = letters.current_letter(act.session, application)
        if found is None:
            raise NotFound(f"no letter in {application_id}")
        page, name = letter_page.by_itself(found), f"{application.reference}-{found.number}.pdf"
    return _pdf(page, name)


@decision.get("/cases/<uuid:application_id>/letter/files/<uuid:file_id>")
@allow(SIGNED_IN)
def case_letter_file(application_id: uuid.UUID, file_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out a signed letter that was filed."""
    with acting() as act:
        application = _letter_case(act, application_id)
        found = letters.current_letter(act.session, application)
        if found is None:
            raise NotFound(f"no letter in {application_id}")
        return _file_of(act, found, file_id)


@decision.post("/cases/<uuid:application_id>/letter/signed")
@allow(SIGNED_IN)
def file_letter(application_id: uuid.UUID) -> ResponseReturnValue:
    """As a registrar: file the body's own signed letter."""
    form = LetterForm()
    try:
        with acting() as act:
            _letter_case(act, application_id)
            name, data = _posted(form)
            letters.file_signed(
                act.session,
                files(),
                application_id,
                name=name,
                data=data,
                limit=settings().upload_limit,
                **act.by,
            )
        flash(gettext("The signed letter is filed with its hash."))
        return redirect(url_for("decision.case_letter", application_id=application_id), 303)
    except InvalidInput as error:
        put_errors(form, error)
    with acting() as act:
        return _letter_page(act, _letter_case(act, application_id), proof_form(fresh=True), form), 422


@decision.post("/cases/<uuid:application_id>/letter/proof")
@allow(SIGNED_IN)
def file_proof(application_id: uuid.UUID) -> ResponseReturnValue:
    """File the proof that the letter was delivered."""
    form = proof_form()
    if form.validate():
        try:
            with acting() as act:
                file_posted(act, _letter_case(act, application_id), form, deliveries.file_proof)
            flash(gettext("The proof is filed. The time to appeal runs from that day."))
            return redirect(url_for("decision.case_letter", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        return _letter_page(act, _letter_case(act, application_id), form, LetterForm(formdata=None)), 422


def file_posted(
    act: Acting, application: Application, form: ProofForm, file_it: Callable[..., object]
) -> None:
    """File the proof of a delivery that a form brings, by the service of what was delivered."""
    name, data = _posted(form)
    file_it(
        act.session,
        files(),
        application.id,
        DeliveryKind(form.kind.data),
        _as_utc(application, form.delivered_at.data or act.at),
        name=name,
        data=data,
        limit=settings().upload_limit,
        **act.by,
    )


def _as_utc(application: Application, local: datetime) -> datetime:
    """Return the instant of what a clock on the wall of the body shows."""
    return local.replace(tzinfo=ZoneInfo(application.scheme.body.time_zone)).astimezone(UTC)


def _posted(form: ProofForm | LetterForm) -> tuple[str, bytes]:
    upload = form.file.data
    if upload is None or not upload.filename:
        raise InvalidInput("choose a file", [FieldError("file", "choose a file")])
    return upload.filename, upload.stream.read(settings().upload_limit + 1)


leads_back(applicant, "/<uuid:application_id>/letters/<uuid:letter_id>/open", "applicant.letter")
leads_back(decision, "/cases/<uuid:application_id>/letter/signed", "decision.case_letter")
leads_back(decision, "/cases/<uuid:application_id>/letter/proof", "decision.case_letter")
