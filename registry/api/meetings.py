"""Meetings of a committee with agenda, attendance, those who stand back, and minutes; and the body's precedents."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.application_schemas import VersionSchema
from registry.api.resource import Resource
from registry.api.schemas import Strict, prose
from registry.domain.roles import COMMITTEE, CaseRole
from registry.errors import NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.meeting import Meeting
from registry.services import disputes, precedents
from registry.services import meetings as service
from registry.services.case_file import policy_for
from registry.services.motions import recused

meetings = Resource("api-meetings", __name__, description="Meetings of committees, and precedents")


class NewMeetingSchema(Strict):
    """When and where the committee of a body meets; `chair` defaults to who calls it."""

    body_id = fields.UUID(required=True)
    starts_at = fields.AwareDateTime(required=True)
    place = fields.String(required=True, validate=validate.Length(1, service.PLACE_LIMIT))
    chair = fields.UUID(load_default=None)


class ItemSchema(Strict):
    """A case on the agenda, with its quorum."""

    application_id = fields.UUID()
    reference = fields.String()
    position = fields.Integer()
    members = fields.Integer()
    present = fields.Integer()
    needed = fields.Integer()
    quorate = fields.Boolean()
    recused = fields.List(fields.UUID())


class MeetingSchema(Strict):
    """A meeting; `minutes_sha256` once it is over."""

    id = fields.UUID()
    body_id = fields.UUID()
    starts_at = fields.AwareDateTime()
    place = fields.String()
    chair_id = fields.UUID()
    closed_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
    items = fields.List(fields.Nested(ItemSchema))
    attendance = fields.List(fields.UUID())
    minutes_sha256 = fields.String(allow_none=True)


class NewItemSchema(Strict):
    """A case for the agenda."""

    application_id = fields.UUID(required=True)


class OrderSchema(Strict):
    """The cases of the agenda in their new order."""

    order = fields.List(fields.UUID(), required=True)


class AttendanceSchema(Strict):
    """Who is there."""

    account_id = fields.UUID(required=True)


class RecusalSchema(Strict):
    """Why a member stands back from a case."""

    application_id = fields.UUID(required=True)
    reason = prose(service.REASON_LIMIT, required=True)


class DisputeSchema(Strict):
    """A criterion in dispute: grades between the members, facts not accepted."""

    criterion = fields.String()
    spread = fields.Integer()
    rejected = fields.Integer()
    agreed = fields.String(allow_none=True)


class PrecedentQuerySchema(Strict):
    """What to look for; all of it may be left out."""

    criterion = fields.String(load_default=None, validate=validate.Length(max=100))
    rating = fields.String(load_default=None, validate=validate.Length(max=100))
    outcome = fields.String(load_default=None, validate=validate.Length(max=100))


class PrecedentSchema(Strict):
    """What an earlier decision of the body made of a criterion that was not fully met."""

    decision_id = fields.UUID()
    criterion = fields.String()
    rating = fields.String()
    standing = fields.String()
    condition = fields.Boolean()
    outcome = fields.String()
    rule = fields.String()
    deviates = fields.Boolean()
    reasons = fields.String()
    policy_version = fields.String()
    at = fields.AwareDateTime()


@meetings.get("/meetings")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.response(200, MeetingSchema(many=True))
def list_meetings() -> Sequence[Mapping[str, Any]]:
    """List the meetings of the person's bodies, newest first"""
    with acting() as act:
        return [_meeting(act, one) for one in service.meetings_of(act.session, **act.by)]


@meetings.post("/meetings")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.arguments(NewMeetingSchema)
@meetings.response(201, MeetingSchema, headers=LOCATION)
def call_meeting(body: dict[str, Any]) -> Answer:
    """As a committee chair or case officer of a body: call a meeting"""
    new = service.NewMeeting(body["starts_at"], body["place"], body["chair"])
    with acting() as act:
        made = service.call(act.session, body["body_id"], new, **act.by)
        return created(_meeting(act, made), f"/meetings/{made.id}")


@meetings.get("/meetings/<uuid:meeting_id>")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.response(200, MeetingSchema)
def show_meeting(meeting_id: uuid.UUID) -> Mapping[str, Any]:
    """Show a meeting with its agenda and the quorum of each item"""
    with acting() as act:
        return _meeting(act, service.visible(act.session, meeting_id, **act.by))


@meetings.post("/meetings/<uuid:meeting_id>/items")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.arguments(NewItemSchema)
@meetings.response(201, MeetingSchema, headers=LOCATION)
def add_item(body: dict[str, Any], meeting_id: uuid.UUID) -> Answer:
    """Put a case on the agenda"""
    with acting() as act:
        service.add_item(act.session, meeting_id, body["application_id"], **act.by)
        return _changed(act, meeting_id)


@meetings.put("/meetings/<uuid:meeting_id>/order")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.arguments(OrderSchema)
@meetings.response(200, MeetingSchema)
def reorder(body: dict[str, Any], meeting_id: uuid.UUID) -> Mapping[str, Any]:
    """Put the agenda in another order"""
    with acting() as act:
        return _meeting(act, service.reorder(act.session, meeting_id, body["order"], **act.by))


@meetings.post("/meetings/<uuid:meeting_id>/attendance")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.arguments(AttendanceSchema)
@meetings.response(201, MeetingSchema, headers=LOCATION)
def attend(body: dict[str, Any], meeting_id: uuid.UUID) -> Answer:
    """Note that somebody is there: oneself, or, as the chair of the meeting, anybody of the committees"""
    with acting() as act:
        service.attend(act.session, meeting_id, body["account_id"], **act.by)
        return _changed(act, meeting_id)


@meetings.post("/meetings/<uuid:meeting_id>/recusals")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.arguments(RecusalSchema)
@meetings.response(201, MeetingSchema, headers=LOCATION)
def recuse(body: dict[str, Any], meeting_id: uuid.UUID) -> Answer:
    """As a member of the committee of a case: stand back from it, for good"""
    with acting() as act:
        service.recuse(act.session, meeting_id, body["application_id"], body["reason"], **act.by)
        return _changed(act, meeting_id)


@meetings.post("/meetings/<uuid:meeting_id>/minutes")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.arguments(VersionSchema)
@meetings.response(201, MeetingSchema, headers=LOCATION)
def close_meeting(body: dict[str, Any], meeting_id: uuid.UUID) -> Answer:
    """As its chair: end the meeting and freeze its minutes"""
    with acting() as act:
        service.close(act.session, meeting_id, version=body["version"], **act.by)
        return _changed(act, meeting_id)


@meetings.get("/meetings/<uuid:meeting_id>/minutes")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.response(200)
def show_minutes(meeting_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the frozen minutes of a meeting"""
    with acting() as act:
        found = service.visible(act.session, meeting_id, **act.by)
        if found.minutes is None:
            raise NotFound("this meeting is not over; it has no minutes yet")
        return found.minutes.content


@meetings.get("/applications/<uuid:application_id>/disputes")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.response(200, DisputeSchema(many=True))
def show_disputes(application_id: uuid.UUID) -> Sequence[Any]:
    """Show the disputed points of a case to its committee, the most disputed first"""
    with acting() as act:
        return disputes.of(act.session, _judged(act, application_id))


@meetings.get("/applications/<uuid:application_id>/precedents")
@allow(SIGNED_IN)
@meetings.doc(security=TOKEN)
@meetings.arguments(PrecedentQuerySchema, location="query")
@meetings.response(200, PrecedentSchema(many=True))
def show_precedents(query: dict[str, Any], application_id: uuid.UUID) -> Sequence[Mapping[str, Any]]:
    """Show what the body decided before on criteria that were not fully met, newest first"""
    search = precedents.Search(query["criterion"], query["rating"], query["outcome"])
    with acting() as act:
        application = _judged(act, application_id)
        policy = policy_for(application)
        rows = precedents.find(act.session, application.scheme.body_id, policy.id, search, None)
        names = [name for name in PrecedentSchema._declared_fields if name != "reasons"]
        return [
            {name: getattr(row, name) for name in names} | {"reasons": row.decision.motion.reasons}
            for row in rows
        ]


def _judged(act: Acting, application_id: uuid.UUID) -> Any:
    application = act.open_file(application_id)
    part = act.part(application)
    if part is None or part.role not in COMMITTEE | {CaseRole.CASE_OFFICER, CaseRole.APPEALS_MEMBER}:
        raise NotAllowed("only the committee chair or committee member of this case may do this")
    return application


def _changed(act: Acting, meeting_id: uuid.UUID) -> Answer:
    found = service.visible(act.session, meeting_id, **act.by)
    return created(_meeting(act, found), f"/meetings/{meeting_id}")


def _meeting(act: Acting, found: Meeting) -> dict[str, Any]:
    names = ("id", "body_id", "starts_at", "place", "chair_id", "closed_at", "version")
    return {name: getattr(found, name) for name in names} | {
        "items": [_item(act, found, item) for item in found.items],
        "attendance": [row.account_id for row in found.attendance],
        "minutes_sha256": found.minutes.sha256 if found.minutes else None,
    }


def _item(act: Acting, found: Meeting, item: Any) -> dict[str, Any]:
    quorum = service.quorum_of(act.session, found, item.application)
    return {
        "application_id": item.application_id,
        "reference": item.application.reference,
        "position": item.position,
        "members": quorum.members,
        "present": quorum.present,
        "needed": quorum.needed,
        "quorate": quorum.is_met,
        "recused": sorted(recused(item.application), key=str),
    }
