"""Records: the audit trail for auditors, the trail and the archive of a case, what is kept how long, reports for DEQAR."""

import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.retention import RULES
from registry.domain.roles import CaseRole, Role
from registry.errors import FieldError, InvalidInput, NotAllowed
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.http.archives import archive_of
from registry.http.transaction import database, settings
from registry.models.application import Application
from registry.models.publication import AuditEvent
from registry.services import accounts, audit_trail, case_export, deqar, desk, recording, retention
from registry.services.audit_trail import Asked
from registry.web.i18n import current_language
from registry.web.labels import LABELS
from registry.web.work import work_blueprint

records = work_blueprint("records")
PAGE: Final = 50
"""Audit events on one page."""
READERS: Final = (Role.AUDITOR, Role.OPERATOR)


@records.get("/admin/audit")
@allow(*READERS)
def audit() -> ResponseReturnValue:
    """Show the audit trail, the newest event first, and on demand whether its chain holds."""
    asked = asked_of(request.args)
    number = max(1, request.args.get("page", 1, type=int))
    given: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    with acting() as act:
        reach = audit_trail.reach_of(act.session, **act.by)
        found, total = audit_trail.find(
            act.session, reach, audit_trail.by_address(act.session, asked), number, PAGE
        )
        return render_template(
            "records/audit.html",
            rows=_rows(act, found),
            total=total,
            given=given,
            page_number=number,
            pages=max(1, -(-total // PAGE)),
            page_url=lambda to: url_for("records.audit", **(given | {"page": to})),
            chain=recording.check_chain(act.session) if "check" in request.args else None,
        )


FILTERS: Final = ("object_type", "object_id", "actor", "act", "since", "until")


def asked_of(given: Mapping[str, str]) -> Asked:
    """Return what a form or a query asks for.

    Raises:
        InvalidInput: a day cannot be read.
    """
    text = {name: given.get(name, "").strip() or None for name in FILTERS}
    until = _day(text["until"], "until")
    return Asked(
        object_type=text["object_type"],
        object_id=text["object_id"],
        actor=text["actor"],
        act=text["act"],
        since=_day(text["since"], "since"),
        until=until + timedelta(days=1) if until else None,
    )


def _day(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    message = "write the day as year, month and day, such as 2026-03-31"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise InvalidInput(message, [FieldError(name, message)])
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError as error:
        raise InvalidInput(message, [FieldError(name, message)]) from error


def _rows(act: Acting, events: Any) -> list[dict[str, Any]]:
    ids = [uuid.UUID(event.actor) for event in events if _is_id(event.actor)]
    names = {str(key): name for key, name in desk.names_of(act.session, ids).items()}
    return [_row(event, names) for event in events]


def _row(event: AuditEvent, names: Mapping[str, str]) -> dict[str, Any]:
    wire = audit_trail.wire(event)
    return wire | {"at": event.at, "name": names.get(event.actor), "roles": _roles(wire["role"])}


def _roles(text: str | None) -> str:
    return ", ".join(_word(role) for role in text.split(", ")) if text else ""


def _word(role: str) -> str:
    words = LABELS[CaseRole].get(role) or LABELS[Role].get(role)
    return words[current_language()] if words else role


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


@records.get("/admin/audit.csv")
@allow(*READERS)
def audit_csv() -> ResponseReturnValue:
    """Hand out the events asked for as a table, in the order of recording."""
    return _streamed(audit_trail.as_csv, "text/csv; charset=utf-8", "audit.csv")


@records.get("/admin/audit.ndjson")
@allow(*READERS)
def audit_ndjson() -> ResponseReturnValue:
    """Hand out the events asked for as lines of JSON, in the order of recording."""
    return _streamed(audit_trail.as_ndjson, "application/x-ndjson", "audit.ndjson")


def _streamed(form: Any, media_type: str, name: str) -> Response:
    with acting() as act:
        reach = audit_trail.reach_of(act.session, **act.by)
        asked = audit_trail.by_address(act.session, asked_of(request.args))
    source = database()

    def lines() -> Iterator[bytes]:
        with source.reading() as session:
            yield from form(audit_trail.stream(session, reach, asked))

    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(lines(), content_type=media_type, headers=headers)


@records.get("/cases/<uuid:application_id>/record")
@allow(SIGNED_IN)
def case_record(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the audit trail of a case, and the way to take the whole of it out."""
    with acting() as act:
        application = _readable(act, application_id)
        return render_template(
            "records/case.html",
            application=application,
            rows=_rows(act, audit_trail.case_events(act.session, application.id)),
            may_export=_may_export(act, application),
        )


def _readable(act: Acting, application_id: uuid.UUID) -> Application:
    application = act.body_case(application_id)
    if not audit_trail.may_read_case(act.session, application, **act.by):
        raise NotAllowed("only the auditor, the case officer and the registrars read the trail of a case")
    return application


def _may_export(act: Acting, application: Application) -> bool:
    try:
        case_export.require_export(act.session, application, **act.by)
    except NotAllowed:
        return False
    return True


@records.get("/cases/<uuid:application_id>/record.zip")
@allow(SIGNED_IN)
def case_archive(application_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out a whole case as one archive."""
    with acting() as act:
        return archive_of(act, act.body_case(application_id))


@records.get("/admin/retention")
@allow(Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR)
def kept() -> ResponseReturnValue:
    """Show what is kept how long and why; to the operator also how much of it is over."""
    with acting() as act:
        operates = any(
            grant.role is Role.OPERATOR for grant in accounts.roles_of(act.session, act.actor, at=act.at)
        )
        due = retention.due(act.session, at=act.at) if operates else {}
    return render_template("records/retention.html", rules=RULES, due=due)


@records.route("/admin/deqar", methods=["GET", "POST"])
@allow(Role.REGISTRAR)
def deqar_reports() -> ResponseReturnValue:
    """Show what can be reported to DEQAR and what cannot, and keep the body's identifiers there."""
    if request.method == "POST":
        with acting() as act:
            body = _own_body(act, request.form.get("body", ""))
            deqar.set_profile(
                act.session, body, request.form.get("agency", ""), request.form.get("activity", ""), **act.by
            )
        flash(gettext("The identifiers have been kept."))
        return redirect(url_for("records.deqar_reports"), 303)
    with acting() as act:
        rows = [
            (
                body,
                deqar.profile_of(act.session, body.id),
                deqar.reports_of(act.session, body.id, settings().base_url),
            )
            for body in desk.bodies_of(act.session, Role.REGISTRAR, **act.by)
        ]
        return render_template("records/deqar.html", rows=rows, losses=deqar.LOSSES)


def _own_body(act: Acting, given: str) -> uuid.UUID:
    mine = {str(body.id): body.id for body in desk.bodies_of(act.session, Role.REGISTRAR, **act.by)}
    if given not in mine:
        raise NotAllowed("only the registrar of this body may do this")
    return mine[given]


@records.get("/admin/deqar/<uuid:body_id>/<any('reports.json', 'reports.csv'):name>")
@allow(Role.REGISTRAR)
def deqar_file(body_id: uuid.UUID, name: str) -> ResponseReturnValue:
    """Hand out the reports of a body as DEQAR takes them."""
    with acting() as act:
        data, media_type = deqar.document(
            act.session, _own_body(act, str(body_id)), name, settings().base_url
        )
    headers = {"Content-Disposition": f'attachment; filename="deqar-{name}"', "Cache-Control": "no-store"}
    return Response(data, content_type=media_type, headers=headers)


def section(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Return what the case page shows to those who read the trail of the case, or None."""
    if not audit_trail.may_read_case(act.session, application, **act.by):
        return None
    return {}
