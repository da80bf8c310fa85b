"""Between two reviews: `/monitoring`, and below `/issuers/<id>` conditions, yearly reports, changes, signals, renewals."""

import base64
import binascii
import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema, prose
from registry.domain.two_people import ProposalKind
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.transaction import settings
from registry.models.application import Procedure
from registry.models.issuer import Issuer
from registry.models.monitoring import MonitoringItem, MonitoringKind, MonitoringResult
from registry.services import conditions, desk, renewals, two_people
from registry.services import monitoring as service
from registry.services.conditions import TEXT_LIMIT, ConditionState
from registry.services.monitoring import ANSWER_LIMIT
from registry.services.two_people import NewProposal

monitoring = Resource("api-monitoring", __name__, description="What is looked at between two reviews")


class MonitoringItemSchema(Strict):
    """Something that a person of the body has to look at; it changes no standing."""

    id = fields.UUID()
    issuer_id = fields.UUID()
    kind = fields.Enum(MonitoringKind, by_value=True)
    subject = fields.String(metadata={"description": "The policy's word: which signal, which change; a year"})
    detail = fields.Dict()
    condition_id = fields.UUID(allow_none=True)
    opened_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime()
    owner = fields.UUID(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    result = fields.Enum(MonitoringResult, by_value=True, allow_none=True)
    reasons = fields.String(allow_none=True)


class ItemClosingSchema(Strict):
    """What came of an item."""

    result = fields.Enum(MonitoringResult, by_value=True, required=True)
    reasons = prose(ANSWER_LIMIT, required=True)


class NewSignalSchema(Strict):
    """A signal that no machine sees."""

    signal = line(100, required=True)
    text = prose(ANSWER_LIMIT, required=True)


class NewChangeSchema(Strict):
    """A change that an issuer tells."""

    change = line(100, required=True)
    text = prose(ANSWER_LIMIT, required=True)


class ShownSchema(Strict):
    """What was handed in for a condition."""

    id = fields.UUID()
    text = fields.String()
    file_name = fields.String(allow_none=True)
    media_type = fields.String(allow_none=True)
    size = fields.Integer()
    sha256 = fields.String(allow_none=True)
    at = fields.AwareDateTime()


class RecognitionConditionSchema(Strict):
    """A condition of a recognition and how it stands."""

    id = fields.UUID()
    criterion = fields.String()
    text = fields.String()
    due = fields.AwareDateTime()
    state = fields.Enum(ConditionState, by_value=True)
    evidence = fields.List(fields.Nested(ShownSchema))


class NewShownSchema(Strict):
    """A statement, and a file where there is one."""

    text = prose(TEXT_LIMIT, required=True)
    file_name = line(200, load_default="")
    file = fields.String(load_default="", metadata={"description": "The file, base64"})


class ConditionMetSchema(Strict):
    """Why a condition is met."""

    reasons = prose(ANSWER_LIMIT, required=True)


class MetProposalSchema(Strict):
    """A proposal that waits for a second person, at `/proposals/<id>`."""

    id = fields.UUID()


class NewIssuerReportSchema(Strict):
    """The report of a year: an answer to each field of the policy."""

    year = fields.Integer(strict=True, required=True, validate=validate.Range(2000, 3000))
    answers = fields.Dict(fields.String(validate=validate.Length(1, 100)), prose(ANSWER_LIMIT), required=True)


class IssuerReportSchema(Strict):
    """A yearly report that was handed in."""

    year = fields.Integer()
    number = fields.Integer()
    answers = fields.Dict()
    at = fields.AwareDateTime()


class NewProcedureSchema(Strict):
    """What an issuer begins."""

    procedure = fields.Enum(Procedure, by_value=True, required=True)


class BegunSchema(Strict):
    """The draft that was opened, at `/applications/<id>`."""

    application_id = fields.UUID()


ItemPage = page_schema("MonitoringItemPage", MonitoringItemSchema)
ConditionPage = page_schema("RecognitionConditionPage", RecognitionConditionSchema)
ReportPage = page_schema("IssuerReportPage", IssuerReportSchema)


@monitoring.get("/monitoring")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.arguments(PageQuery, location="query")
@monitoring.response(200, ItemPage)
def open_items(query: dict[str, Any]) -> Answer:
    """List the open items of the caller's bodies, those due first"""
    with acting() as act:
        bodies = [body.id for body in desk.bodies_of(act.session, *service.READERS, **act.by)]
        return cut([_item(row) for row in service.open_items(act.session, bodies)], query)


@monitoring.get("/monitoring/<uuid:item_id>")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.response(200, MonitoringItemSchema)
def show_item(item_id: uuid.UUID) -> Mapping[str, Any]:
    """Show one item"""
    with acting() as act:
        return _item(service.item_for(act.session, item_id, *service.READERS, **act.by))


@monitoring.post("/monitoring/<uuid:item_id>/owner")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.response(200, MonitoringItemSchema)
def take_item(item_id: uuid.UUID) -> Mapping[str, Any]:
    """As a case officer: take an item on"""
    with acting() as act:
        return _item(service.take(act.session, item_id, **act.by))


@monitoring.post("/monitoring/<uuid:item_id>/result")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.arguments(ItemClosingSchema)
@monitoring.response(200, MonitoringItemSchema)
def close_item(body: dict[str, Any], item_id: uuid.UUID) -> Mapping[str, Any]:
    """As a case officer: say what came of an item; a hearing or a review is opened in its own right"""
    with acting() as act:
        return _item(service.close(act.session, item_id, body["result"], body["reasons"], **act.by))


@monitoring.post("/issuers/<uuid:issuer_id>/signals")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.arguments(NewSignalSchema)
@monitoring.response(201, MonitoringItemSchema, headers=LOCATION)
def note_signal(body: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """As a person of the body: note a signal that no machine sees"""
    with acting() as act:
        row = service.note_signal(act.session, issuer_id, body["signal"], body["text"], **act.by)
        return created(_item(row), f"/monitoring/{row.id}")


@monitoring.post("/issuers/<uuid:issuer_id>/changes")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.arguments(NewChangeSchema)
@monitoring.response(204)
def report_change(body: dict[str, Any], issuer_id: uuid.UUID) -> None:
    """As the issuer: tell a change"""
    with acting() as act:
        service.report_change(act.session, issuer_id, body["change"], body["text"], **act.by)


@monitoring.get("/issuers/<uuid:issuer_id>/conditions")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.arguments(PageQuery, location="query")
@monitoring.response(200, ConditionPage)
def list_conditions(query: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """List the conditions of a recognition, to the issuer and to its body"""
    with acting() as act:
        issuer = _issuer(act, issuer_id)
        found = conditions.conditions_of(act.session, issuer.id, act.at)
        return cut([_condition(one) for one in found], query)


@monitoring.post("/issuers/<uuid:issuer_id>/conditions/<uuid:condition_id>/evidence")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.arguments(NewShownSchema)
@monitoring.response(201, ShownSchema, headers=LOCATION)
def show_condition(body: dict[str, Any], issuer_id: uuid.UUID, condition_id: uuid.UUID) -> Answer:
    """As the issuer: show that a condition is met"""
    with acting() as act:
        _require_condition(act, issuer_id, condition_id)
        row = conditions.show(
            act.session,
            files(),
            condition_id,
            body["text"],
            file=_file(body),
            limit=settings().upload_limit,
            **act.by,
        )
        return created(_shown(row), f"/issuers/{issuer_id}/conditions")


@monitoring.post("/issuers/<uuid:issuer_id>/conditions/<uuid:condition_id>/met")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.arguments(ConditionMetSchema)
@monitoring.response(201, MetProposalSchema, headers=LOCATION)
def propose_met(body: dict[str, Any], issuer_id: uuid.UUID, condition_id: uuid.UUID) -> Answer:
    """As a case officer: propose that a condition is met; a reviewer confirms it"""
    with acting() as act:
        _require_condition(act, issuer_id, condition_id)
        new = NewProposal(str(condition_id), body["reasons"], issuer_id=issuer_id)
        row = two_people.propose(act.session, ProposalKind.CONDITION_MET, new, **act.by)
        return created({"id": row.id}, f"/proposals/{row.id}")


@monitoring.get("/issuers/<uuid:issuer_id>/reports")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.arguments(PageQuery, location="query")
@monitoring.response(200, ReportPage)
def list_reports(query: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """List the yearly reports of an issuer, to it and to its body, newest first"""
    with acting() as act:
        issuer = _issuer(act, issuer_id)
        return cut([_report(row) for row in service.reports_of(act.session, issuer.id)], query)


@monitoring.post("/issuers/<uuid:issuer_id>/reports")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.arguments(NewIssuerReportSchema)
@monitoring.response(201, IssuerReportSchema, headers=LOCATION)
def file_report(body: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """As the issuer: hand in the report of a year that is over"""
    with acting() as act:
        row = service.file_report(act.session, issuer_id, body["year"], body["answers"], **act.by)
        return created(_report(row), f"/issuers/{issuer_id}/reports")


@monitoring.post("/issuers/<uuid:issuer_id>/procedures")
@allow(SIGNED_IN)
@monitoring.doc(security=TOKEN)
@monitoring.arguments(NewProcedureSchema)
@monitoring.response(201, BegunSchema, headers=LOCATION)
def begin(body: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """As the issuer: begin a renewal, an extension of the scope, or a targeted review"""
    with acting() as act:
        made = renewals.begin(act.session, issuer_id, body["procedure"], **act.by)
        return created({"application_id": made.id}, f"/applications/{made.id}")


def _issuer(act: Acting, issuer_id: uuid.UUID) -> Issuer:
    issuer = act.session.get(Issuer, issuer_id)
    if issuer is not None and act.acts_for(issuer.institution_id):
        return issuer
    return desk.issuer_for_body(act.session, issuer_id, *service.READERS, **act.by)


def _require_condition(act: Acting, issuer_id: uuid.UUID, condition_id: uuid.UUID) -> None:
    issuer = _issuer(act, issuer_id)
    known = conditions.conditions_of(act.session, issuer.id, act.at)
    if all(one.condition.id != condition_id for one in known):
        raise NotFound(f"no condition {condition_id}")


def _file(body: Mapping[str, Any]) -> tuple[str, bytes] | None:
    if not body["file"]:
        return None
    try:
        return body["file_name"] or "file", base64.b64decode(body["file"], validate=True)
    except binascii.Error as error:
        message = "send the file in base64"
        raise InvalidInput(message, [FieldError("file", message)]) from error


def _item(row: MonitoringItem) -> dict[str, Any]:
    return {name: getattr(row, name) for name in MonitoringItemSchema._declared_fields}


def _report(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in IssuerReportSchema._declared_fields}


def _shown(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ShownSchema._declared_fields}


def _condition(one: conditions.Standing) -> dict[str, Any]:
    row = one.condition
    return {
        "id": row.id,
        "criterion": row.criterion,
        "text": row.text,
        "due": row.due,
        "state": one.state,
        "evidence": [_shown(shown) for shown in one.evidence],
    }
