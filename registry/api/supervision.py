"""Hearings before a recognition is stopped, and the issuers that a body has listed: `/bodies`, `/issuers/<id>/hearings`."""

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.appeals import DeliverySchema, NewProofSchema, file_enclosed
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, page_schema, prose
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason, Status, status_at
from registry.domain.roles import BODY_ROLES, Role
from registry.errors import NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting
from registry.models.application import Application
from registry.models.issuer import Issuer
from registry.services import desk, hearing_deliveries
from registry.services import supervision as service
from registry.services.supervision import issuer_scope
from registry.services.trust_lists import status_events

supervision = Resource("api-supervision", __name__, description="Issuers of a body, and hearings")
_SUPERVISORS = (Role.CASE_OFFICER, Role.REGISTRAR, Role.IDENTITY_VERIFIER, Role.AUDITOR)


class BodySchema(Strict):
    """A body for which the caller holds a role."""

    id = fields.UUID()
    slug = fields.String()
    legal_name = fields.String()
    names = fields.Dict(fields.String(), fields.String())


class BodyIssuerSchema(Strict):
    """An issuer as its body sees it, now."""

    id = fields.UUID()
    scheme = fields.String()
    institution_id = fields.UUID()
    institution = fields.String()
    status = fields.Enum(Status, by_value=True, allow_none=True)
    scope = fields.Dict()


class NewHearingSchema(Strict):
    """The notice before a recognition is suspended or withdrawn."""

    proposed = fields.Enum(Outcome, by_value=True, required=True)
    ground = fields.Enum(Reason, by_value=True, required=True)
    notice = prose(20_000, required=True)


class HearingAnswerSchema(Strict):
    """What the issuer says to the notice."""

    answer = prose(20_000, required=True)


class HearingSchema(Strict):
    """A hearing: the notice, told to the institution once it was delivered, by when it may be answered, and the answer."""

    application_id = fields.UUID()
    proposed = fields.String()
    ground = fields.String()
    notice = fields.String(allow_none=True)
    opened_at = fields.AwareDateTime()
    due = fields.AwareDateTime()
    delivery = fields.Nested(DeliverySchema, allow_none=True)
    answer = fields.String(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)


BodyPage = page_schema("BodyPage", BodySchema)
BodyIssuerPage = page_schema("BodyIssuerPage", BodyIssuerSchema)


@supervision.get("/bodies")
@allow(SIGNED_IN)
@supervision.doc(security=TOKEN)
@supervision.arguments(PageQuery, location="query")
@supervision.response(200, BodyPage)
def my_bodies(query: dict[str, Any]) -> Answer:
    """List the bodies for which the caller holds a role"""
    with acting() as act:
        return cut(list(desk.bodies_of(act.session, *BODY_ROLES, **act.by)), query)


@supervision.get("/bodies/<uuid:body_id>/issuers")
@allow(SIGNED_IN)
@supervision.doc(security=TOKEN)
@supervision.arguments(PageQuery, location="query")
@supervision.response(200, BodyIssuerPage)
def issuers_of_body(query: dict[str, Any], body_id: uuid.UUID) -> Answer:
    """As an officer of the body: list the issuers that it has listed, by name, with their standing now"""
    with acting() as act:
        bodies = [b for b in desk.bodies_of(act.session, *_SUPERVISORS, **act.by) if b.id == body_id]
        if not bodies:
            raise NotFound(f"no body {body_id}")
        rows = desk.issuers_of(act.session, bodies)
        answer, status, headers = cut(rows, query)
        items = [
            {
                "id": issuer.id,
                "scheme": issuer.scheme.slug,
                "institution_id": issuer.institution_id,
                "institution": issuer.institution.name,
                "status": status_at(status_events(issuer), act.at),
                "scope": issuer_scope(issuer, act.at),
            }
            for issuer in answer["items"]
        ]
        return {**answer, "items": items}, status, headers


@supervision.post("/issuers/<uuid:issuer_id>/hearings")
@allow(SIGNED_IN)
@supervision.doc(security=TOKEN)
@supervision.arguments(NewHearingSchema)
@supervision.response(201, HearingSchema, headers=LOCATION)
def open_hearing(body: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """As a case officer: open a case against a listed issuer, with the notice that it may answer"""
    with acting() as act:
        issuer = act.session.get(Issuer, issuer_id)
        known = desk.bodies_of(act.session, *BODY_ROLES, **act.by)
        if issuer is None or issuer.scheme.body_id not in {b.id for b in known}:
            raise NotFound(f"no issuer {issuer_id}")
        made = service.open_hearing(act.session, issuer_id, **body, **act.by)
        return created(
            _to_wire(made, ours=False), f"/applications/{made.id}"
        )  # its file opens after the declaration


@supervision.get("/applications/<uuid:application_id>/hearing")
@allow(SIGNED_IN)
@supervision.doc(security=TOKEN)
@supervision.response(200, HearingSchema)
def show_hearing(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the notice and the answer, to the issuer and to whom the file is open"""
    with acting() as act:
        application = act.application(application_id)
        ours = act.acts_for(application.institution_id)
        if not ours:
            act.open_file(application_id)
        return _to_wire(application, ours=ours)


@supervision.post("/applications/<uuid:application_id>/hearing/opening")
@allow(SIGNED_IN)
@supervision.doc(security=TOKEN)
@supervision.response(201, HearingSchema, headers=LOCATION)
def open_notice(application_id: uuid.UUID) -> Answer:
    """As the institution's owner or signatory: open the notice; the time to answer runs from now"""
    with acting() as act:
        hearing_deliveries.open_notice(act.session, application_id, **act.by)
        found = _to_wire(act.application(application_id), ours=True)
        return created(found, f"/applications/{application_id}/hearing")


@supervision.post("/applications/<uuid:application_id>/hearing/proof")
@allow(SIGNED_IN)
@supervision.doc(security=TOKEN)
@supervision.arguments(NewProofSchema)
@supervision.response(201, DeliverySchema, headers=LOCATION)
def file_notice_proof(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the case officer or a registrar: file the proof that the notice was delivered"""
    with acting() as act:
        act.body_case(application_id)
        row = file_enclosed(act, application_id, body, hearing_deliveries.file_proof)
        names = DeliverySchema._declared_fields
        return created(
            {name: getattr(row, name) for name in names}, f"/applications/{application_id}/hearing"
        )


@supervision.post("/applications/<uuid:application_id>/hearing/answer")
@allow(SIGNED_IN)
@supervision.doc(security=TOKEN)
@supervision.arguments(HearingAnswerSchema)
@supervision.response(201, HearingSchema, headers=LOCATION)
def answer_hearing(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the issuer: answer the notice, once; the answer goes to the committee"""
    with acting() as act:
        service.answer_hearing(act.session, application_id, body["answer"], **act.by)
        found = _to_wire(act.application(application_id), ours=True)
        return created(found, f"/applications/{application_id}/hearing")


def _to_wire(application: Application, *, ours: bool) -> dict[str, Any]:
    hearing = application.hearing
    if hearing is None:
        raise NotFound("no hearing is open in this case")
    shown = {name: getattr(hearing, name) for name in HearingSchema._declared_fields}
    hidden = ours and not hearing_deliveries.is_told(hearing)
    shown["due"] = application.answer_due
    return shown | ({"notice": None} if hidden else {})
