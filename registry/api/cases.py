"""Who works on a case, and what they declare: below `/applications/<id>`."""

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created, fields_below, refuse_unknown
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema, prose
from registry.domain.conflicts import Answer as Declared
from registry.domain.conflicts import DeclarationOutcome, Stage
from registry.domain.roles import CaseRole, PanelSeat
from registry.domain.workflow import Action, State
from registry.errors import NotAllowed
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.review import Assignment, Declaration
from registry.services import cases as service
from registry.services import declarations, desk, interests

cases = Resource("api-cases", __name__, description="Who works on a case, and their interests")


class NewAssignmentSchema(Strict):
    """A part in a case; raters of the panel fill a seat."""

    account_id = fields.UUID(required=True)
    role = fields.Enum(CaseRole, by_value=True, required=True)
    seat = fields.Enum(PanelSeat, by_value=True, load_default=None)
    also_seat = fields.Enum(PanelSeat, by_value=True, load_default=None)


class AssignmentSchema(Strict):
    """A person's part, and what their newest declaration of interests came to."""

    account_id = fields.UUID()
    name = fields.String()
    role = fields.Enum(CaseRole, by_value=True)
    seat = fields.Enum(PanelSeat, by_value=True, allow_none=True)
    also_seat = fields.Enum(PanelSeat, by_value=True, allow_none=True)
    assigned_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    declaration = fields.Enum(DeclarationOutcome, by_value=True, allow_none=True)


class CandidateQuery(PageQuery):
    """For which part people are looked for."""

    role = fields.Enum(CaseRole, by_value=True, required=True)


class CandidateSchema(Strict):
    """Somebody who could be given a part."""

    account_id = fields.UUID(attribute="id")
    name = fields.String()


class RuleSchema(Strict):
    """One tie to answer for."""

    id = fields.String()
    text = fields.Function(lambda rule: rule.text.as_dict())
    lookback_months = fields.Integer()
    effect = fields.String()


class FindingSchema(Strict):
    """A tie that the registry found: under which rule, by which hint of the policy, and what it saw."""

    rule = fields.String()
    hint = fields.String()
    detail = fields.String()


class GivenDeclarationSchema(Strict):
    """A declaration that was made."""

    outcome = fields.Enum(DeclarationOutcome, by_value=True)
    answers = fields.Dict()
    findings = fields.List(fields.Nested(FindingSchema))
    stage = fields.Enum(Stage, by_value=True)
    valid_until = fields.AwareDateTime()
    at = fields.AwareDateTime()


class DeclarationSchema(Strict):
    """The rules that the caller has to answer, the ties to explain, the newest declaration, and why the file is locked."""

    role = fields.Enum(CaseRole, by_value=True)
    rules = fields.List(fields.Nested(RuleSchema))
    findings = fields.List(fields.Nested(FindingSchema))
    latest = fields.Nested(GivenDeclarationSchema, allow_none=True)
    locked = fields.String(allow_none=True)


class AnswerSchema(Strict):
    """The answer to one rule; a yes is explained."""

    yes = fields.Boolean(required=True, truthy={True}, falsy={False})
    text = prose(2000, load_default="")


class NewDeclarationSchema(Strict):
    """An answer for every rule, by its id."""

    answers = fields.Dict(
        keys=line(60), values=fields.Nested(AnswerSchema), required=True, validate=validate.Length(0, 200)
    )


class TimelineEventSchema(Strict):
    """A step of the case and who took it."""

    sequence = fields.Integer()
    action = fields.Enum(Action, by_value=True)
    source = fields.Enum(State, by_value=True)
    target = fields.Enum(State, by_value=True)
    at = fields.AwareDateTime()
    account_id = fields.UUID()
    name = fields.String()


AssignmentPage = page_schema("AssignmentPage", AssignmentSchema)
CandidatePage = page_schema("CandidatePage", CandidateSchema)
TimelinePage = page_schema("TimelinePage", TimelineEventSchema)


@cases.get("/applications/<uuid:application_id>/assignments")
@allow(SIGNED_IN)
@cases.doc(security=TOKEN)
@cases.arguments(PageQuery, location="query")
@cases.response(200, AssignmentPage)
def find_assignments(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List who plays, or has played, a part in a case, to the people of the body"""
    with acting() as act:
        application = act.body_case(application_id)
        declared = desk.declarations_of(act.session, application)
        return cut([assignment_wire(a, declared.get(a.account_id)) for a in _parts(act, application)], query)


def _parts(act: Acting, application: Application) -> list[Assignment]:
    act.session.expire(application, ["assignments"])
    return application.assignments


@cases.post("/applications/<uuid:application_id>/assignments")
@allow(SIGNED_IN)
@cases.doc(security=TOKEN)
@cases.arguments(NewAssignmentSchema)
@cases.response(201, AssignmentSchema, headers=LOCATION)
def assign(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """Give a person a part in a case; one person plays one part in one case, for ever"""
    with acting() as act:
        act.body_case(application_id)
        seats = {"seat": body["seat"], "also_seat": body["also_seat"]}
        made = service.assign(
            act.session, application_id, body["account_id"], body["role"], **seats, **act.by
        )
        return created(assignment_wire(made, None), f"/applications/{application_id}/assignments")


@cases.delete("/applications/<uuid:application_id>/assignments/<uuid:account_id>")
@allow(SIGNED_IN)
@cases.doc(security=TOKEN)
@cases.response(204)
def end_assignment(application_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """End a person's part; what they did stays on record"""
    with acting() as act:
        act.body_case(application_id)
        service.release_from_part(act.session, application_id, account_id, **act.by)


@cases.get("/applications/<uuid:application_id>/candidates")
@allow(SIGNED_IN)
@cases.doc(security=TOKEN)
@cases.arguments(CandidateQuery, location="query")
@cases.response(200, CandidatePage)
def find_candidates(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List who could be given a part, to whom gives that part"""
    with acting() as act:
        application = act.body_case(application_id)
        if query["role"] not in desk.parts_to_give(act.session, application, **act.by):
            raise NotAllowed("you cannot give this part in this case now")
        return cut(list(service.candidates(act.session, application, query["role"], act.at)), query)


@cases.get("/applications/<uuid:application_id>/declaration")
@allow(SIGNED_IN)
@cases.doc(security=TOKEN)
@cases.response(200, DeclarationSchema)
def show_declaration(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the rules that the caller has to answer, and the caller's newest declaration"""
    with acting() as act:
        application = act.body_case(application_id)
        part, rules, found = declarations.asked(act.session, application, act.actor)
        latest = interests.latest_declaration(act.session, act.actor, application.id)
        return {
            "role": part.role,
            "rules": rules,
            "findings": [{"rule": one.rule, "hint": one.hint, "detail": one.detail} for one in found],
            "latest": _given(application, part, latest) if latest else None,
            "locked": interests.lock_of(act.session, act.actor, application, part.role, act.at),
        }


def _given(application: Application, part: Assignment, made: Declaration) -> dict[str, Any]:
    return {
        **{name: getattr(made, name) for name in ("outcome", "answers", "findings", "at")},
        "stage": interests.stage_of(application, part.role, made),
        "valid_until": interests.valid_until(application, made),
    }


@cases.post("/applications/<uuid:application_id>/declaration")
@allow(SIGNED_IN)
@cases.doc(security=TOKEN)
@cases.arguments(NewDeclarationSchema)
@cases.response(201, GivenDeclarationSchema, headers=LOCATION)
def declare(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """Declare one's interests; a clean declaration opens the file, any other locks it"""
    answers = {rule: Declared(one["yes"], one["text"].strip()) for rule, one in body["answers"].items()}
    with acting() as act:
        application = act.body_case(application_id)
        part, rules, _found = declarations.asked(act.session, application, act.actor)
        refuse_unknown("answers", answers, [rule.id for rule in rules])
        with fields_below("answers"):
            made = declarations.declare(act.session, application_id, answers, **act.by)
        return created(_given(application, part, made), f"/applications/{application_id}/declaration")


@cases.get("/applications/<uuid:application_id>/timeline")
@allow(SIGNED_IN)
@cases.doc(security=TOKEN)
@cases.arguments(PageQuery, location="query")
@cases.response(200, TimelinePage)
def show_timeline(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List every step of a case and who took it, to the people of the body, the oldest first"""
    with acting() as act:
        application = act.body_case(application_id)
        names = desk.names_of(act.session, [event.actor for event in application.events])
        rows = [
            {**{n: getattr(e, n) for n in _STEP}, "account_id": e.actor, "name": names.get(e.actor, "")}
            for e in application.events
        ]
        return cut(rows, query)


_STEP = ("sequence", "action", "source", "target", "at")


def assignment_wire(row: Assignment, declaration: Declaration | None) -> dict[str, Any]:
    """Return a part on the wire."""
    names = ("account_id", "role", "seat", "also_seat", "assigned_at", "ended_at")
    return {
        **{name: getattr(row, name) for name in names},
        "name": row.account.name,
        "declaration": declaration.outcome if declaration else None,
    }
