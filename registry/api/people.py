"""People in cases: the expert pool of a body, parts given together, waivers, and the applicant's word on a panel."""

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.cases import AssignmentSchema, assignment_wire
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema, prose
from registry.domain.roles import CaseRole, PanelSeat
from registry.domain.two_people import ProposalKind
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting
from registry.models.people import ConflictWaiver, Expert, Objection
from registry.services import (
    access,
    accounts,
    cases,
    declarations,
    experts,
    interests,
    invitations,
    objections,
    two_people,
)
from registry.services.cases import NewPart
from registry.services.experts import ExpertDetails, PoolFilter
from registry.services.two_people import NewProposal

people = Resource("api-people", __name__, description="Experts, parts, waivers, objections")


class PeriodSchema(Strict):
    """A time of availability, both days included."""

    starts = fields.Date(required=True)
    ends = fields.Date(required=True)


class DetailsSchema(Strict):
    """What an expert brings; the expert changes profile, languages, employer and availability, the body the rest."""

    profile = fields.Dict(
        keys=fields.String(validate=validate.OneOf(accounts.LANGUAGES)), values=prose(600), load_default=dict
    )
    fields_ = fields.List(line(20), data_key="fields", load_default=list, validate=validate.Length(0, 100))
    seats = fields.List(fields.Enum(PanelSeat, by_value=True), load_default=list)
    languages = fields.List(line(3), load_default=list, validate=validate.Length(0, 50))
    employer_name = line(200, load_default="")
    employer_id = line(200, load_default="")
    trained_on = fields.Date(load_default=None, allow_none=True)
    periods = fields.List(fields.Nested(PeriodSchema), load_default=list, validate=validate.Length(0, 50))


class NewExpertSchema(DetailsSchema):
    """Somebody for the pool of a body."""

    name = line(200, required=True)
    email = line(254, required=True)
    language = fields.String(load_default="en", validate=validate.OneOf(accounts.LANGUAGES))


class EditedExpertSchema(DetailsSchema):
    """An entry as it should be; `version` is the one that was read."""

    version = fields.Integer(required=True, strict=True)


class TieSchema(Strict):
    """A known conflict with an institution."""

    id = fields.UUID()
    institution_id = fields.UUID()
    reason = fields.String()
    noted_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)


class NewTieSchema(Strict):
    """A conflict that is known beforehand."""

    institution_id = fields.UUID(required=True)
    reason = prose(2000, required=True)


class ExpertSchema(Strict):
    """An entry of a pool; without an account as long as the invitation is open."""

    id = fields.UUID()
    body_id = fields.UUID()
    account_id = fields.UUID(allow_none=True)
    name = fields.String()
    email = fields.String()
    profile = fields.Dict()
    fields_ = fields.List(fields.String(), data_key="fields")
    seats = fields.List(fields.String())
    languages = fields.List(fields.String())
    employer_name = fields.String()
    employer_id = fields.String()
    trained_on = fields.Date(allow_none=True)
    periods = fields.List(fields.Nested(PeriodSchema))
    ties = fields.List(fields.Nested(TieSchema))
    left_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class PoolQuery(PageQuery):
    """What is looked for in a pool; `on` asks for people available, and trained by the strictest policy, on that day."""

    q = line(200, load_default="")
    field = line(20, load_default="")
    seat = fields.Enum(PanelSeat, by_value=True, load_default=None)
    on = fields.Date(load_default=None)


class NewPartSchema(Strict):
    """A part in a case; raters of the panel fill a seat, or two."""

    account_id = fields.UUID(required=True)
    role = fields.Enum(CaseRole, by_value=True, required=True)
    seat = fields.Enum(PanelSeat, by_value=True, load_default=None)
    also_seat = fields.Enum(PanelSeat, by_value=True, load_default=None)


class NewPartsSchema(Strict):
    """Parts that are given together: all of them, or none."""

    parts = fields.List(fields.Nested(NewPartSchema), required=True, validate=validate.Length(1, 30))


class PartsSchema(Strict):
    """The parts that were given."""

    items = fields.List(fields.Nested(AssignmentSchema))


class ProposedSchema(Strict):
    """Somebody on a proposed panel, as the applicant sees them."""

    account_id = fields.UUID()
    name = fields.String()
    role = fields.Enum(CaseRole, by_value=True)
    seats = fields.List(fields.Enum(PanelSeat, by_value=True))
    profile = fields.Dict()


class PanelSchema(Strict):
    """The panel that waits for the applicant's word; `members` is empty in any other state."""

    members = fields.List(fields.Nested(ProposedSchema))
    due = fields.AwareDateTime(allow_none=True)
    accepted = fields.Boolean()


class NewObjectionSchema(Strict):
    """An objection to somebody on the proposed panel."""

    account_id = fields.UUID(required=True)
    reasons = prose(4000, required=True)


class NewObjectionAnswerSchema(Strict):
    """The case officer's answer to an objection."""

    upheld = fields.Boolean(required=True, truthy={True}, falsy={False})
    reasons = prose(4000, required=True)


class ObjectionSchema(Strict):
    """An objection with its answer, if it has one; `round` is the number of the step that proposed the panel."""

    id = fields.UUID()
    account_id = fields.UUID()
    round = fields.Integer()
    reasons = fields.String()
    at = fields.AwareDateTime()
    upheld = fields.Boolean(allow_none=True)
    answer = fields.String(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)


class NewWaiverSchema(Strict):
    """Whose conflict is to be waived, and why; a second person confirms it as a proposal."""

    account_id = fields.UUID(required=True)
    reasons = prose(4000, required=True)


class ProposedWaiverSchema(Strict):
    """The proposal that a second person answers."""

    proposal_id = fields.UUID()


class WaiverSchema(Strict):
    """A conflict that two people have waived."""

    account_id = fields.UUID()
    rules = fields.List(fields.String())
    reasons = fields.String()
    first_by = fields.UUID()
    second_by = fields.UUID()
    at = fields.AwareDateTime()


class ConfirmedRoleSchema(Strict):
    """A role that somebody gave to themselves, now confirmed."""

    grant_id = fields.UUID()
    account_id = fields.UUID()
    role = fields.String()
    confirmed_by = fields.UUID()


ExpertPage = page_schema("ExpertPage", ExpertSchema)
ObjectionPage = page_schema("ObjectionPage", ObjectionSchema)
WaiverPage = page_schema("WaiverPage", WaiverSchema)


@people.get("/bodies/<uuid:body_id>/experts")
@allow(*experts.MANAGERS)
@people.doc(security=TOKEN)
@people.arguments(PoolQuery, location="query")
@people.response(200, ExpertPage)
def find_experts(query: dict[str, Any], body_id: uuid.UUID) -> Answer:
    """List the experts of a body that fit what is looked for, to whoever keeps its pool"""
    with acting() as act:
        experts.require_manager(act.session, body_id, act.actor, act.at)
        wanted = PoolFilter(query["q"], query["field"], query["seat"], query["on"])
        return cut([_expert(row) for row in experts.pool(act.session, body_id, wanted)], query)


@people.post("/bodies/<uuid:body_id>/experts")
@allow(*experts.MANAGERS)
@people.doc(security=TOKEN)
@people.arguments(NewExpertSchema)
@people.response(201, ExpertSchema, headers=LOCATION)
def invite_expert(body: dict[str, Any], body_id: uuid.UUID) -> Answer:
    """Put somebody into the pool of a body; who does not review for it yet gets an invitation by mail"""
    with acting() as act:
        who = (body["name"], body["email"], body["language"])
        row = invitations.invite(act.session, body_id, *who, _details(body), **act.by)
        return created(_expert(row), f"/experts/{row.id}")


@people.get("/experts/<uuid:expert_id>")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.response(200, ExpertSchema)
def show_expert(expert_id: uuid.UUID) -> Mapping[str, Any]:
    """Show an entry of a pool, to the expert and to whoever keeps the pool"""
    with acting() as act:
        return _expert(experts.visible(act.session, expert_id, **act.by))


@people.put("/experts/<uuid:expert_id>")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.arguments(EditedExpertSchema)
@people.response(200, ExpertSchema)
def change_expert(body: dict[str, Any], expert_id: uuid.UUID) -> Mapping[str, Any]:
    """Change an entry of a pool; of their own, experts change profile, languages, employer and availability"""
    with acting() as act:
        row = experts.edit(act.session, expert_id, _details(body), version=body["version"], **act.by)
        return _expert(row)


@people.delete("/experts/<uuid:expert_id>")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.response(204)
def leave_pool(expert_id: uuid.UUID) -> None:
    """Take an expert out of the pool; the entry stays on record"""
    with acting() as act:
        experts.leave(act.session, expert_id, **act.by)


@people.post("/experts/<uuid:expert_id>/return")
@allow(*experts.MANAGERS)
@people.doc(security=TOKEN)
@people.response(200, ExpertSchema)
def return_to_pool(expert_id: uuid.UUID) -> Mapping[str, Any]:
    """Take an expert who had left into the pool again"""
    with acting() as act:
        return _expert(experts.come_back(act.session, expert_id, **act.by))


@people.post("/experts/<uuid:expert_id>/invitations")
@allow(*experts.MANAGERS)
@people.doc(security=TOKEN)
@people.response(201, ExpertSchema, headers=LOCATION)
def invite_again(expert_id: uuid.UUID) -> Answer:
    """Send another invitation to somebody who has not joined; the earlier link no longer works"""
    with acting() as act:
        row = invitations.invite_again(act.session, expert_id, **act.by)
        return created(_expert(row), f"/experts/{expert_id}")


@people.post("/experts/<uuid:expert_id>/ties")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.arguments(NewTieSchema)
@people.response(201, TieSchema, headers=LOCATION)
def note_tie(body: dict[str, Any], expert_id: uuid.UUID) -> Answer:
    """Note a known conflict of an expert with an institution"""
    with acting() as act:
        tie = experts.note_tie(act.session, expert_id, body["institution_id"], body["reason"], **act.by)
        return created(_tie(tie), f"/experts/{expert_id}")


@people.delete("/experts/<uuid:expert_id>/ties/<uuid:tie_id>")
@allow(*experts.MANAGERS)
@people.doc(security=TOKEN)
@people.response(204)
def end_tie(expert_id: uuid.UUID, tie_id: uuid.UUID) -> None:
    """Note that a known conflict has ended"""
    with acting() as act:
        experts.visible(act.session, expert_id, **act.by)
        experts.end_tie(act.session, tie_id, **act.by)


@people.post("/applications/<uuid:application_id>/parts")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.arguments(NewPartsSchema)
@people.response(201, PartsSchema, headers=LOCATION)
def give_parts(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """Give several people parts in a case: all of them, or nobody"""
    with acting() as act:
        act.body_case(application_id)
        parts = [NewPart(**one) for one in body["parts"]]
        given = cases.assign_all(act.session, application_id, parts, **act.by)
        items = [assignment_wire(row, None) for row in given]
        return created({"items": items}, f"/applications/{application_id}/assignments")


@people.get("/applications/<uuid:application_id>/panel")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.response(200, PanelSchema)
def show_panel(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the panel that is proposed to the applicant, with short profiles, as long as it waits for its word"""
    with acting() as act:
        application = act.application(application_id)
        members = objections.proposed_panel(act.session, application)
        names = ("account_id", "name", "role", "seats", "profile")
        return {
            "members": [{name: getattr(one, name) for name in names} for one in members],
            "due": objections.due(application) if members else None,
            "accepted": objections.is_accepted(act.session, application),
        }


@people.post("/applications/<uuid:application_id>/panel/acceptance")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.response(204)
def accept_panel(application_id: uuid.UUID) -> None:
    """As the applicant: say that there is no (further) objection to the proposed panel"""
    with acting() as act:
        objections.accept_panel(act.session, application_id, **act.by)


@people.get("/applications/<uuid:application_id>/objections")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.arguments(PageQuery, location="query")
@people.response(200, ObjectionPage)
def find_objections(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List the applicant's objections to panels of a case, to the applicant and to people of the body with an open file"""
    with acting() as act:
        application = act.application(application_id)
        if not act.acts_for(application.institution_id):
            access.require_unlocked(act.session, act.actor, application, at=act.at)
        return cut([_objection(row) for row in objections.of_case(act.session, application)], query)


@people.post("/applications/<uuid:application_id>/objections")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.arguments(NewObjectionSchema)
@people.response(201, ObjectionSchema, headers=LOCATION)
def file_objection(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the applicant: object to somebody on the proposed panel, with reasons"""
    with acting() as act:
        row = objections.object_to(act.session, application_id, body["account_id"], body["reasons"], **act.by)
        return created(_objection(row), f"/applications/{application_id}/objections")


@people.put("/objections/<uuid:objection_id>/answer")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.arguments(NewObjectionAnswerSchema)
@people.response(200, ObjectionSchema)
def answer_objection(body: dict[str, Any], objection_id: uuid.UUID) -> Mapping[str, Any]:
    """As the case officer: uphold an objection, so that the person leaves the panel, or reject it, with reasons"""
    with acting() as act:
        made = objections.answer(act.session, objection_id, **body, **act.by)
        return _objection(made.objection)


@people.get("/applications/<uuid:application_id>/waivers")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.arguments(PageQuery, location="query")
@people.response(200, WaiverPage)
def find_waivers(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List the conflicts that were waived in a case, to the people of the body"""
    with acting() as act:
        act.body_case(application_id)
        return cut([_waiver(row) for row in interests.waivers_of(act.session, application_id)], query)


@people.post("/applications/<uuid:application_id>/waivers")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.arguments(NewWaiverSchema)
@people.response(201, ProposedWaiverSchema, headers=LOCATION)
def propose_waiver(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """Propose to waive somebody's conflict of interest; it counts once a second person has confirmed the proposal"""
    with acting() as act:
        application = act.body_case(application_id)
        about = declarations.waiver_object(application, body["account_id"])
        new = NewProposal(object_id=about, reasons=body["reasons"], application_id=application.id)
        row = two_people.propose(act.session, ProposalKind.CONFLICT_WAIVER, new, **act.by)
        return created({"proposal_id": row.id}, f"/applications/{application_id}/waivers")


@people.post("/role-grants/<uuid:grant_id>/confirmation")
@allow(SIGNED_IN)
@people.doc(security=TOKEN)
@people.response(200, ConfirmedRoleSchema)
def confirm_role(grant_id: uuid.UUID) -> Mapping[str, Any]:
    """As a second administrator: confirm a role that somebody gave to themselves, so that it counts at once"""
    with acting() as act:
        grant = accounts.confirm_grant(act.session, grant_id, **act.by)
        return {
            "grant_id": grant.id,
            "account_id": grant.account_id,
            "role": grant.role.value,
            "confirmed_by": grant.confirmed_by,
        }


def _details(body: Mapping[str, Any]) -> ExpertDetails:
    return ExpertDetails(
        profile=body["profile"],
        fields=tuple(body["fields_"]),
        seats=tuple(body["seats"]),
        languages=tuple(body["languages"]),
        employer_name=body["employer_name"],
        employer_id=body["employer_id"],
        trained_on=body["trained_on"],
        periods=tuple((one["starts"], one["ends"]) for one in body["periods"]),
    )


def _expert(row: Expert) -> dict[str, Any]:
    plain = ("id", "body_id", "account_id", "name", "email", "profile", "seats", "languages", "left_at")
    rest = ("employer_name", "employer_id", "trained_on", "version")
    return {
        **{name: getattr(row, name) for name in (*plain, *rest)},
        "fields_": row.fields,
        "periods": [{"starts": one.starts, "ends": one.ends} for one in row.periods],
        "ties": [_tie(one) for one in row.ties],
    }


def _tie(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "institution_id", "reason", "noted_at", "ended_at")}


def _objection(row: Objection) -> dict[str, Any]:
    answer = row.answer
    return {
        **{name: getattr(row, name) for name in ("id", "account_id", "round", "reasons", "at")},
        "upheld": answer.upheld if answer else None,
        "answer": answer.reasons if answer else None,
        "answered_at": answer.at if answer else None,
    }


def _waiver(row: ConflictWaiver) -> dict[str, Any]:
    return {
        name: getattr(row, name) for name in ("account_id", "rules", "reasons", "first_by", "second_by", "at")
    }
