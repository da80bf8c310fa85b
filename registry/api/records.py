"""Records: the audit trail, whole cases as archives, what is kept how long, reports in DEQAR's form."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.proposals import OrderProposalSchema, proposal_wire
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_of, page_schema, prose
from registry.domain.retention import RULES, RecordKind
from registry.domain.roles import Role
from registry.errors import NotAllowed
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting
from registry.http.archives import archive_of
from registry.http.transaction import settings
from registry.services import access, accounts, audit_trail, deqar, recording, two_people
from registry.services.audit_trail import Asked
from registry.services.two_people import REASONS_LIMIT

records = Resource("api-records", __name__, description="Audit trail, archives of cases, retention, DEQAR")


class AuditQuery(PageQuery):
    """Which events; the days are UTC, both included."""

    object_type = line(60, load_default=None)
    object_id = line(60, load_default=None)
    application_id = fields.UUID(load_default=None)
    actor = line(
        254, load_default=None, metadata={"description": "Number of an account, or its e-mail address"}
    )
    act = line(60, load_default=None)
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)


class AuditEventSchema(Strict):
    """One act. The hashes are SHA-256 (hex) of the object's row; null: there was, or is, none."""

    number = fields.Integer()
    at = fields.String(metadata={"format": "date-time"})
    actor = fields.String()
    role = fields.String(allow_none=True)
    act = fields.String()
    object_type = fields.String()
    object_id = fields.String()
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)
    detail = fields.Dict()
    chain = fields.String()


class ChainSchema(Strict):
    """Whether the audit trail of the registry is whole, and up to which event it fits together."""

    whole = fields.Boolean(attribute="is_whole")
    holds_until = fields.Integer()
    recorded = fields.Integer()
    head = fields.String()


class RetentionSchema(Strict):
    """How long a kind of record is kept, from when, why, and what remains; texts by language."""

    kind = fields.Enum(RecordKind, by_value=True)
    days = fields.Integer(allow_none=True)
    length = fields.Function(lambda rule: rule.length.as_dict())
    counted_from = fields.Function(lambda rule: rule.counted_from.as_dict())
    why = fields.Function(lambda rule: rule.why.as_dict())
    remains = fields.Function(lambda rule: rule.remains.as_dict())


class DepartureSchema(Strict):
    """Who leaves."""

    email = line(254, required=True)


class NewErasureSchema(DepartureSchema):
    """Whose personal data is to go, and why; the reasons name nobody."""

    reasons = prose(REASONS_LIMIT, required=True)


class DeqarProfileSchema(Strict):
    """The identifiers that DEQAR has given a body."""

    agency = line(50, required=True)
    activity = fields.String(required=True, validate=validate.Length(1, 5))


AuditPage = page_schema("AuditPage", AuditEventSchema)
RetentionPage = page_schema("RetentionPage", RetentionSchema)


@records.get("/audit-events")
@allow(Role.AUDITOR, Role.OPERATOR)
@records.doc(security=TOKEN)
@records.arguments(AuditQuery, location="query")
@records.response(200, AuditPage)
def find_events(query: dict[str, Any]) -> Answer:
    """List audit events, the newest first: an auditor those of the body, an operator those of no body"""
    page, size = query.pop("page"), query.pop("page_size")
    with acting() as act:
        reach = audit_trail.reach_of(act.session, **act.by)
        asked = audit_trail.by_address(act.session, Asked(**query))
        found, total = audit_trail.find(act.session, reach, asked, page, size)
        return page_of([audit_trail.wire(e) for e in found], page=page, page_size=size, total=total)


@records.get("/audit-events/chain")
@allow(Role.AUDITOR, Role.OPERATOR)
@records.doc(security=TOKEN)
@records.response(200, ChainSchema)
def check_chain() -> recording.ChainCheck:
    """Check that nobody has changed the audit trail of the registry, from the first event on"""
    with acting() as act:
        audit_trail.reach_of(act.session, **act.by)
        return recording.check_chain(act.session)


@records.get("/applications/<uuid:application_id>/audit-events")
@allow(SIGNED_IN)
@records.doc(security=TOKEN)
@records.arguments(PageQuery, location="query")
@records.response(200, AuditPage)
def find_case_events(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List the audit events of a case in the order of recording, to its auditor, officer and registrars"""
    with acting() as act:
        application = act.body_case(application_id)
        if not audit_trail.may_read_case(act.session, application, **act.by):
            raise NotAllowed("only the auditor, the case officer and the registrars read the trail of a case")
        events = audit_trail.case_events(act.session, application.id)
        return cut([audit_trail.wire(event) for event in events], query)


@records.get("/applications/<uuid:application_id>/archive")
@allow(SIGNED_IN)
@records.doc(security=TOKEN)
@records.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
def download_archive(application_id: uuid.UUID) -> Response:
    """Download a whole case as one archive with a manifest of hashes"""
    with acting() as act:
        return archive_of(act, act.body_case(application_id))


@records.get("/retention")
@allow(SIGNED_IN)
@records.doc(security=TOKEN)
@records.arguments(PageQuery, location="query")
@records.response(200, RetentionPage)
def find_rules(query: dict[str, Any]) -> Answer:
    """List what is kept how long, and why"""
    return cut(RULES, query)


@records.post("/account-closures")
@allow(Role.OPERATOR)
@records.doc(security=TOKEN)
@records.arguments(DepartureSchema)
@records.response(204)
def close_account(body: Mapping[str, Any]) -> tuple[str, int]:
    """As an operator: close the account of somebody who leaves; its sessions and tokens end"""
    with acting() as act:
        account = accounts.account_by_email(act.session, body["email"])
        accounts.disable_account(act.session, account.id, **act.by)
    return "", 204


@records.post("/erasures")
@allow(Role.OPERATOR)
@records.doc(security=TOKEN)
@records.arguments(NewErasureSchema)
@records.response(201, OrderProposalSchema, headers=LOCATION)
def propose_erasure(body: Mapping[str, Any]) -> Answer:
    """As an operator: propose to erase a person whose account is closed; another operator confirms"""
    with acting() as act:
        account = accounts.account_by_email(act.session, body["email"])
        row = two_people.propose_erasure(act.session, account.id, body["reasons"], **act.by)
        return created(proposal_wire(row), f"/proposals/{row.id}")


@records.put("/bodies/<uuid:body_id>/deqar-profile")
@allow(Role.REGISTRAR)
@records.doc(security=TOKEN)
@records.arguments(DeqarProfileSchema)
@records.response(200, DeqarProfileSchema)
def set_deqar_profile(body: Mapping[str, Any], body_id: uuid.UUID) -> Mapping[str, Any]:
    """Keep the agency and activity that DEQAR has given a body"""
    with acting() as act:
        row = deqar.set_profile(act.session, body_id, body["agency"], body["activity"], **act.by)
        return {"agency": row.agency, "activity": row.activity}


@records.get("/bodies/<uuid:body_id>/deqar/<any('reports.json', 'reports.csv'):name>")
@allow(Role.REGISTRAR)
@records.doc(security=TOKEN)
@records.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def download_reports(body_id: uuid.UUID, name: str) -> Response:
    """Download the published reports of a body as DEQAR takes them"""
    with acting() as act:
        access.require(act.session, act.actor, Role.REGISTRAR, at=act.at, body=body_id)
        data, media_type = deqar.document(act.session, body_id, name, settings().base_url)
    return Response(data, content_type=media_type)
