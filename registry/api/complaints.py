"""Complaints: anybody brings one without a token; a complaints officer handles it; the issuer answers: `/complaints`."""

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema, prose
from registry.domain.complaints import ComplaintOutcome, ComplaintState, ComplaintStep
from registry.domain.terms import REMEDY_LIMIT
from registry.http.access import PUBLIC, SIGNED_IN, allow
from registry.http.acting import acting, seals
from registry.http.transaction import now, reading, transaction
from registry.models.complaint import Complaint
from registry.services import complaint_handling
from registry.services import complaints as service
from registry.services.complaint_handling import Resolution
from registry.services.complaints import CONTACT_LIMIT, TEXT_LIMIT, NewComplaint

complaints = Resource("api-complaints", __name__, description="Complaints, and what comes of them")
_STEPS = ("acknowledge", "admit", "dismiss", "ask_issuer")


class NewComplaintSchema(Strict):
    """What somebody brings forward; neither an account nor a name is needed, and no network address is kept."""

    scheme = line(100, required=True)
    issuer = line(
        200, load_default="", metadata={"description": "Slug; empty: about the body or the register"}
    )
    who = line(100, required=True)
    about = line(100, required=True)
    text = prose(TEXT_LIMIT, required=True)
    contact = prose(CONTACT_LIMIT, load_default="")


class LodgedSchema(Strict):
    """The secret opens `/complaints/follow/<secret>`; it is told once."""

    reference = fields.String()
    secret = fields.String()
    due_at = fields.AwareDateTime(allow_none=True)


class FollowedSchema(Strict):
    """Where a complaint stands, for whoever brought it."""

    reference = fields.String()
    state = fields.Enum(ComplaintState, by_value=True)
    outcome = fields.Enum(ComplaintOutcome, by_value=True, allow_none=True)
    reasons = fields.String(allow_none=True)
    resolve_until = fields.AwareDateTime()


class ComplaintEventSchema(Strict):
    """One step."""

    number = fields.Integer()
    step = fields.Enum(ComplaintStep, by_value=True)
    text = fields.String()
    actor = fields.UUID(allow_none=True)
    at = fields.AwareDateTime()


class ComplaintSchema(Strict):
    """A complaint as the officer reads it; how to reach whoever complained is not in it."""

    id = fields.UUID()
    reference = fields.String()
    issuer_id = fields.UUID(allow_none=True)
    about = fields.String()
    text = fields.String()
    state = fields.Enum(ComplaintState, by_value=True)
    outcome = fields.Enum(ComplaintOutcome, by_value=True, allow_none=True)
    received_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    events = fields.List(fields.Nested(ComplaintEventSchema))


class ComplaintStepSchema(Strict):
    """A step of the officer, with its words; those of `ask_issuer` go to the issuer and name nobody."""

    step = fields.String(required=True, validate=validate.OneOf(_STEPS))
    text = prose(TEXT_LIMIT, load_default="")


class WarningTextSchema(Strict):
    """The text of a warning, published in both languages."""

    en = prose(REMEDY_LIMIT, required=True)
    pl = prose(REMEDY_LIMIT, required=True)


class ResolutionSchema(Strict):
    """What comes of a complaint."""

    outcome = fields.Enum(ComplaintOutcome, by_value=True, required=True)
    reasons = prose(TEXT_LIMIT, required=True)
    text = fields.Nested(WarningTextSchema, load_default=dict)
    ground = line(100, load_default="")


class AskedSchema(Strict):
    """A complaint as the issuer sees it: what it was asked; nothing tells who complained."""

    id = fields.UUID()
    reference = fields.String()
    text = fields.String()
    asked_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    reply = fields.String(allow_none=True)
    outcome = fields.Enum(ComplaintOutcome, by_value=True, allow_none=True)
    reasons = fields.String(allow_none=True)


class ReplySchema(Strict):
    """The issuer's answer."""

    text = prose(TEXT_LIMIT, required=True)


ComplaintPage = page_schema("ComplaintPage", ComplaintSchema)
AskedPage = page_schema("AskedComplaintPage", AskedSchema)


@complaints.post("/complaints")
@allow(PUBLIC)
@complaints.arguments(NewComplaintSchema)
@complaints.response(201, LodgedSchema, headers=LOCATION)
def lodge(body: dict[str, Any]) -> Answer:
    """As anybody: bring a complaint forward"""
    with transaction() as session:
        made = service.lodge(session, seals(), NewComplaint(**body), at=now())
        row = made.complaint
        told = {"reference": row.reference, "secret": made.secret, "due_at": row.due_at}
        return created(told, f"/complaints/follow/{made.secret}")


@complaints.get("/complaints/follow/<string:secret>")
@allow(PUBLIC)
@complaints.response(200, FollowedSchema)
def follow(secret: str) -> Mapping[str, Any]:
    """As whoever complained: see where it stands"""
    with reading() as session:
        row = service.follow(session, secret)
        return {
            "reference": row.reference,
            "state": row.state,
            "outcome": row.outcome,
            "reasons": row.events[-1].text if row.outcome else None,
            "resolve_until": service.resolve_until(row),
        }


@complaints.get("/complaints")
@allow(SIGNED_IN)
@complaints.doc(security=TOKEN)
@complaints.arguments(PageQuery, location="query")
@complaints.response(200, ComplaintPage)
def open_complaints(query: dict[str, Any]) -> Answer:
    """As a complaints officer or auditor: list the open complaints, those due first"""
    with acting() as act:
        return cut([_wire(row) for row in service.complaints_of(act.session, **act.by)], query)


@complaints.get("/complaints/<uuid:complaint_id>")
@allow(SIGNED_IN)
@complaints.doc(security=TOKEN)
@complaints.response(200, ComplaintSchema)
def show_complaint(complaint_id: uuid.UUID) -> Mapping[str, Any]:
    """As a complaints officer or auditor: show a complaint"""
    with acting() as act:
        return _wire(service.visible(act.session, complaint_id, *service.READERS, **act.by))


@complaints.post("/complaints/<uuid:complaint_id>/steps")
@allow(SIGNED_IN)
@complaints.doc(security=TOKEN)
@complaints.arguments(ComplaintStepSchema)
@complaints.response(200, ComplaintSchema)
def take_complaint_step(body: dict[str, Any], complaint_id: uuid.UUID) -> Mapping[str, Any]:
    """As the officer: acknowledge, admit, dismiss, or ask the issuer"""
    with acting() as act:
        step = ComplaintStep(body["step"])
        return _wire(complaint_handling.act(act.session, complaint_id, step, body["text"], **act.by))


@complaints.post("/complaints/<uuid:complaint_id>/resolution")
@allow(SIGNED_IN)
@complaints.doc(security=TOKEN)
@complaints.arguments(ResolutionSchema)
@complaints.response(200, ComplaintSchema)
def resolve_complaint(body: dict[str, Any], complaint_id: uuid.UUID) -> Mapping[str, Any]:
    """As the officer: end a complaint; a warning and an urgent suspension wait for a second person"""
    with acting() as act:
        return _wire(complaint_handling.resolve(act.session, complaint_id, Resolution(**body), **act.by))


@complaints.delete("/complaints/<uuid:complaint_id>/contact")
@allow(SIGNED_IN)
@complaints.doc(security=TOKEN)
@complaints.response(204)
def erase_contact(complaint_id: uuid.UUID) -> None:
    """As the officer: let go of how to reach whoever complained"""
    with acting() as act:
        service.erase_contact(act.session, complaint_id, **act.by)


@complaints.get("/issuers/<uuid:issuer_id>/complaints")
@allow(SIGNED_IN)
@complaints.doc(security=TOKEN)
@complaints.arguments(PageQuery, location="query")
@complaints.response(200, AskedPage)
def asked(query: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """As the issuer: list the complaints on which it was asked"""
    with acting() as act:
        found = service.asked_of(act.session, issuer_id, **act.by)
        return cut(
            [{name: getattr(one, name) for name in AskedSchema._declared_fields} for one in found], query
        )


@complaints.post("/complaints/<uuid:complaint_id>/reply")
@allow(SIGNED_IN)
@complaints.doc(security=TOKEN)
@complaints.arguments(ReplySchema)
@complaints.response(204)
def reply(body: dict[str, Any], complaint_id: uuid.UUID) -> None:
    """As the issuer: answer, once"""
    with acting() as act:
        complaint_handling.reply(act.session, complaint_id, body["text"], **act.by)


def _wire(row: Complaint) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ComplaintSchema._declared_fields if name != "events"}
    names = ComplaintEventSchema._declared_fields
    return {**told, "events": [{name: getattr(e, name) for name in names} for e in row.events]}
