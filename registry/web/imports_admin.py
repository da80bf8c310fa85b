"""For operators: hand in files to import, let in or turn down what another operator handed in, see what came of it."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField
from wtforms.validators import InputRequired

from registry.domain.roles import Role
from registry.domain.trust_list import Text
from registry.errors import InvalidInput
from registry.http.access import allow
from registry.http.acting import Acting, acting
from registry.http.transaction import settings
from registry.jobs.importing import import_files
from registry.models.account import Account
from registry.models.institution import ImportRow, ImportRun, Institution
from registry.services import import_approvals, imports
from registry.services.import_batches import Outcome
from registry.web.i18n import text
from registry.web.sentences import sentence
from registry.web.work import put_errors, work_blueprint

imports_admin = work_blueprint("imports_admin", "/admin/imports")
ROWS_PER_PAGE: Final = 50


def _t(en: str, pl: str) -> Text:
    return Text((("en", en), ("pl", pl)))


FORMATS: Final[Mapping[str, Text]] = {
    "ror": _t("ROR, schema version 2 (JSON or JSON Lines)", "ROR, wersja 2 schematu (JSON lub JSON Lines)"),
    "eche": _t(
        "Erasmus Charter list of the European Commission (CSV)",
        "Lista posiadaczy Karty Erasmusa Komisji Europejskiej (CSV)",
    ),
    "csv": _t("This registry's own table of institutions (CSV)", "Tabela instytucji tego rejestru (CSV)"),
    "dcc": _t(
        "Issuers of the Digital Credentials Consortium (JSON)",
        "Wydawcy z listy Digital Credentials Consortium (JSON)",
    ),
}
LIST_FORMATS: Final[Mapping[str, Text]] = {
    "tl-xml": _t("Trusted list (ETSI TS 119 612, XML)", "Lista zaufania (ETSI TS 119 612, XML)"),
    "lote-json": _t(
        "List of trusted entities (ETSI TS 119 602, JSON)",
        "Lista podmiotów zaufanych (ETSI TS 119 602, JSON)",
    ),
    "lote-xml": _t(
        "List of trusted entities (ETSI TS 119 602, XML)", "Lista podmiotów zaufanych (ETSI TS 119 602, XML)"
    ),
    "vical": _t(
        "Authorities that issue mdocs (VICAL, ISO/IEC 18013-5)",
        "Organy wydające mdoc (VICAL, ISO/IEC 18013-5)",
    ),
}
"""Lists of others, which are imported on the command line: somebody there has to say whom they trust."""
OUTCOMES: Final[Mapping[str, Text]] = {
    "created": _t("Created", "Utworzone"),
    "changed": _t("Changed", "Zmienione"),
    "unchanged": _t("Unchanged", "Bez zmian"),
    "needs_human": _t("For a person to decide", "Do decyzji człowieka"),
    "refused": _t("Refused", "Odrzucone"),
}
TONES: Final = {"created": "good", "changed": "info", "needs_human": "warn", "refused": "stop"}
GROUNDS: Final[Mapping[str, Text]] = {
    "one_identifier": _t(
        "Only one identifier agrees with an institution here.",
        "Tylko jeden identyfikator zgadza się z instytucją w rejestrze.",
    ),
    "several_institutions": _t(
        "Its identifiers belong to several institutions here.",
        "Jego identyfikatory należą do kilku instytucji w rejestrze.",
    ),
    "contradiction": _t(
        "One identifier contradicts the institution with which others agree.",
        "Jeden identyfikator przeczy instytucji, z którą zgadzają się inne.",
    ),
}


class UploadForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """A file to import and what it is."""

    format = RadioField(
        lazy_gettext("What is in the file?"), validators=[InputRequired(lazy_gettext("Choose one."))]
    )
    file = FileField(lazy_gettext("File to import"))


@imports_admin.route("", methods=["GET", "POST"])
@allow(Role.OPERATOR)
def index() -> ResponseReturnValue:
    """List the imports; take in a file that another operator has to approve."""
    form = UploadForm()
    form.format.choices = [(code, text(name)) for code, name in FORMATS.items()]
    if form.validate_on_submit():
        made = _propose(form)
        if made is not None:
            flash(
                gettext("The file was read. Another operator has to approve it before anything is written.")
            )
            return redirect(url_for("imports_admin.run", run_id=made), 303)
    with acting() as act:
        runs = imports.runs(act.session)
        page = render_template(
            "admin/imports.html",
            form=form,
            runs=runs,
            names=_names(act, runs),
            formats=FORMATS,
            outcomes=OUTCOMES,
            limit=settings().upload_limit,
        )
    return page, 422 if form.errors or form.form_errors else 200


def _propose(form: UploadForm) -> uuid.UUID | None:
    """Hand in the uploaded file; put what is wrong with it at the fields."""
    upload, limit = form.file.data, settings().upload_limit
    data = b""
    if upload:
        with upload.stream as stream:
            data = stream.read(limit + 1)
    if not data:
        form.file.errors = [gettext("Choose a file that is not empty.")]
        return None
    if len(data) > limit:
        form.file.errors = [gettext("The file is too large; import it on the command line.")]
        return None
    try:
        with acting() as act:
            files = import_files(settings())
            name = _plain_name(upload.filename or "")
            return import_approvals.propose(
                act.session, files, name=name, data=data, format_=form.format.data, **act.by
            ).id
    except InvalidInput as error:
        put_errors(form, error)
        return None


def _plain_name(name: str) -> str:
    """Return the last part of a file name without control characters; it is shown, never opened."""
    plain = "".join(character for character in name if character.isprintable())
    return plain.replace("\\", "/").rsplit("/", 1)[-1][:200] or "file"


@imports_admin.get("/<uuid:run_id>")
@allow(Role.OPERATOR)
def run(run_id: uuid.UUID) -> ResponseReturnValue:
    """Show one import: where it stands, its counts, and what became of each record."""
    chosen = request.args.get("outcome", "")
    outcome = Outcome(chosen) if chosen in set(Outcome) else None
    page = max(1, request.args.get("page", 1, type=int))
    with acting() as act:
        found = imports.run_by_id(act.session, run_id)
        rows, total = imports.page_of_rows(act.session, run_id, outcome, page=page, size=ROWS_PER_PAGE)
        return render_template(
            "admin/import_run.html",
            run=found,
            rows=[(row, [_said(detail) for detail in row.detail]) for row in rows],
            institutions=_institutions(act, rows),
            names=_names(act, [found]),
            mine=found.started_by == str(act.actor),
            formats={**FORMATS, **LIST_FORMATS},
            outcomes=OUTCOMES,
            tones=TONES,
            outcome=outcome,
            total=total,
            page=page,
            pages=max(1, -(-total // ROWS_PER_PAGE)),
        )


def _names(act: Acting, runs: Sequence[ImportRun]) -> dict[str, str]:
    """Return the names of those who handed in or approved, by what the run keeps of them."""
    ids = {who for one in runs for who in (one.started_by, one.second) if who}
    known = {who: act.session.get(Account, uuid.UUID(who)) for who in ids if _is_id(who)}
    return {who: account.name if (account := known.get(who)) else gettext("command line") for who in ids}


def _is_id(text_: str) -> bool:
    try:
        uuid.UUID(text_)
    except ValueError:
        return False
    return True


def _institutions(act: Acting, rows: Sequence[ImportRow]) -> dict[uuid.UUID, str]:
    found = (act.session.get(Institution, row.institution_id) for row in rows if row.institution_id)
    return {one.id: one.name for one in found if one is not None}


def _said(detail: dict[str, Any]) -> str:
    """Return in words what a report row says."""
    return str(_words(detail))


def _words(detail: dict[str, Any]) -> object:
    if "reason" in detail:
        return sentence(str(detail["reason"]))
    if "ground" in detail:
        known = GROUNDS.get(detail["ground"])
        return text(known) if known else str(detail["ground"])
    if "finding" in detail:
        return gettext("opened work for a person")
    before, after = detail.get("before"), detail.get("after")
    if before is None:
        return gettext("%(field)s added: %(after)s", field=detail["field"], after=after)
    if after is None:
        return gettext("%(field)s removed: %(before)s", field=detail["field"], before=before)
    if detail.get("kind") == "spelling":
        return gettext(
            "%(field)s spelled anew: %(before)s → %(after)s",
            field=detail["field"],
            before=before,
            after=after,
        )
    return gettext("%(field)s: %(before)s → %(after)s", field=detail["field"], before=before, after=after)


@imports_admin.post("/<uuid:run_id>/approve")
@allow(Role.OPERATOR)
def approve(run_id: uuid.UUID) -> ResponseReturnValue:
    """Let an import in that somebody else handed in; the worker applies it."""
    with acting() as act:
        import_approvals.approve(act.session, run_id, **act.by)
    flash(gettext("The import is approved and will be applied shortly."))
    return redirect(url_for("imports_admin.run", run_id=run_id), 303)


@imports_admin.post("/<uuid:run_id>/turn-down")
@allow(Role.OPERATOR)
def turn_down(run_id: uuid.UUID) -> ResponseReturnValue:
    """Turn down an import that somebody else handed in."""
    with acting() as act:
        import_approvals.turn_down(act.session, run_id, **act.by)
    flash(gettext("The import is turned down; nothing was written."))
    return redirect(url_for("imports_admin.run", run_id=run_id), 303)
