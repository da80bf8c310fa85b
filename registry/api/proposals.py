"""What two people stand behind: proposals about issuers, keys and institutions, and the second word: `/proposals`."""

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema, prose
from registry.api.stop_terms import BilingualSchema, StopTermsSchema, terms_from
from registry.domain.institution_events import EventKind, Fate
from registry.domain.recognition import Reason
from registry.domain.roles import BODY_ROLES
from registry.domain.terms import KEEPER_LIMIT
from registry.domain.two_people import ProposalKind
from registry.errors import NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.body import Body
from registry.models.issuer import IdentityClaim, Issuer
from registry.models.two_people import Proposal
from registry.services import desk, key_orders, two_people
from registry.services.institution_event_checks import EVIDENCE_LIMIT
from registry.services.two_people import REASONS_LIMIT, NewProposal

proposals = Resource("api-proposals", __name__, description="What one person proposes and another confirms")


class ReasonedOrderSchema(Strict):
    """An order that needs reasons alone; they are for the second person and the record."""

    reasons = prose(REASONS_LIMIT, required=True)


class NewWarningSchema(ReasonedOrderSchema):
    """A formal warning."""

    text = fields.Nested(BilingualSchema, required=True)


class NewUrgentSuspensionSchema(ReasonedOrderSchema):
    """An urgent suspension, on a ground that the policy names for it."""

    ground = fields.Enum(Reason, by_value=True, required=True)
    terms = fields.Nested(StopTermsSchema)


class NewRelinquishmentSchema(ReasonedOrderSchema):
    """A recognition given up; `from` defaults to when it is confirmed."""

    start = fields.AwareDateTime(data_key="from")
    terms = fields.Nested(StopTermsSchema, required=True)


class NewCompromiseSchema(ReasonedOrderSchema):
    """Since when a key is in other hands."""

    start = fields.AwareDateTime(data_key="from", required=True)


class FateSchema(Strict):
    """What becomes of one recognition; several rows of one issuer where parts go to several successors."""

    issuer = fields.UUID(required=True)
    fate = fields.Enum(Fate, by_value=True, required=True)
    to = fields.UUID(metadata={"description": "The institution that carries it on"})
    scope = fields.Dict(metadata={"description": "The part that is carried over, as in applications"})


class NewInstitutionEventSchema(ReasonedOrderSchema):
    """What happened to an institution, and what becomes of each of its recognitions under the body."""

    institution_id = fields.UUID(required=True)
    kind = fields.Enum(EventKind, by_value=True, required=True)
    occurred_on = fields.Date(required=True)
    evidence = prose(EVIDENCE_LIMIT, required=True)
    successors = fields.List(fields.UUID(), validate=validate.Length(max=20))
    names = fields.Dict(fields.String(validate=validate.Length(2, 8)), line(KEEPER_LIMIT))
    legal_name = line(KEEPER_LIMIT)
    effects = fields.List(fields.Nested(FateSchema), validate=validate.Length(max=100))
    terms = fields.Nested(StopTermsSchema)
    work = fields.UUID(metadata={"description": "Open work of an import that this event settles"})


class SecondWordSchema(Strict):
    """The second person's word; reasons are needed to turn down."""

    accepted = fields.Boolean(required=True)
    reasons = prose(REASONS_LIMIT, load_default="")


class GivenWordSchema(Strict):
    """What the second person said."""

    accepted = fields.Boolean()
    reasons = fields.String()
    at = fields.AwareDateTime()
    account_id = fields.UUID(attribute="second_by")


class OrderProposalSchema(Strict):
    """What one person proposed, and the answer of another."""

    id = fields.UUID()
    kind = fields.Enum(ProposalKind, by_value=True)
    body_id = fields.UUID(allow_none=True)
    application_id = fields.UUID(allow_none=True)
    issuer_id = fields.UUID(allow_none=True)
    object_id = fields.String()
    content = fields.Dict()
    reasons = fields.String()
    account_id = fields.UUID(attribute="first_by", metadata={"description": "Who proposed it"})
    at = fields.AwareDateTime()
    answer = fields.Nested(GivenWordSchema, allow_none=True)


OrderProposalPage = page_schema("OrderProposalPage", OrderProposalSchema)


@proposals.get("/proposals")
@allow(SIGNED_IN)
@proposals.doc(security=TOKEN)
@proposals.arguments(PageQuery, location="query")
@proposals.response(200, OrderProposalPage)
def waiting(query: dict[str, Any]) -> Answer:
    """List what waits for the caller's second word, oldest first"""
    with acting() as act:
        return cut([proposal_wire(row) for row in two_people.waiting_for(act.session, **act.by)], query)


@proposals.get("/proposals/<uuid:proposal_id>")
@allow(SIGNED_IN)
@proposals.doc(security=TOKEN)
@proposals.response(200, OrderProposalSchema)
def show_proposal(proposal_id: uuid.UUID) -> Mapping[str, Any]:
    """Show a proposal to who made it and to who may answer it"""
    with acting() as act:
        return proposal_wire(two_people.visible(act.session, proposal_id, **act.by))


@proposals.post("/proposals/<uuid:proposal_id>/answer")
@allow(SIGNED_IN)
@proposals.doc(security=TOKEN)
@proposals.arguments(SecondWordSchema)
@proposals.response(201, OrderProposalSchema, headers=LOCATION)
def answer(body: dict[str, Any], proposal_id: uuid.UUID) -> Answer:
    """As the second person: confirm, so that it happens now, or turn down with reasons"""
    with acting() as act:
        if body["accepted"]:
            two_people.confirm(act.session, proposal_id, reasons=body["reasons"], **act.by)
        else:
            two_people.turn_down(act.session, proposal_id, reasons=body["reasons"], **act.by)
        row = act.session.get_one(Proposal, proposal_id)
        return created(proposal_wire(row), f"/proposals/{proposal_id}")


@proposals.post("/issuers/<uuid:issuer_id>/warnings")
@allow(SIGNED_IN)
@proposals.doc(security=TOKEN)
@proposals.arguments(NewWarningSchema)
@proposals.response(201, OrderProposalSchema, headers=LOCATION)
def propose_warning(body: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """As an officer of the body: propose a formal warning, a published note that changes no status"""
    return _propose_on_issuer(ProposalKind.WARNING, issuer_id, body, {"text": dict(body["text"])})


@proposals.post("/issuers/<uuid:issuer_id>/urgent-suspensions")
@allow(SIGNED_IN)
@proposals.doc(security=TOKEN)
@proposals.arguments(NewUrgentSuspensionSchema)
@proposals.response(201, OrderProposalSchema, headers=LOCATION)
def propose_urgent_suspension(body: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """As an officer of the body: propose a suspension at once, which the committee confirms within days"""
    content = {"ground": body["ground"].value, **_terms(body)}
    return _propose_on_issuer(ProposalKind.URGENT_SUSPENSION, issuer_id, body, content)


@proposals.post("/issuers/<uuid:issuer_id>/liftings")
@allow(SIGNED_IN)
@proposals.doc(security=TOKEN)
@proposals.arguments(ReasonedOrderSchema)
@proposals.response(201, OrderProposalSchema, headers=LOCATION)
def propose_lifting(body: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """As an officer of the body: propose that a suspension ends"""
    return _propose_on_issuer(ProposalKind.SUSPENSION_LIFTED, issuer_id, body, {})


@proposals.post("/issuers/<uuid:issuer_id>/relinquishments")
@allow(SIGNED_IN)
@proposals.doc(security=TOKEN)
@proposals.arguments(NewRelinquishmentSchema)
@proposals.response(201, OrderProposalSchema, headers=LOCATION)
def propose_relinquishment(body: dict[str, Any], issuer_id: uuid.UUID) -> Answer:
    """As the issuer's signatory: give the recognition up; a registrar of the body confirms it"""
    start = {"from": body["start"].isoformat()} if "start" in body else {}
    return _propose_on_issuer(ProposalKind.RELINQUISHMENT, issuer_id, body, {**start, **_terms(body)})


@proposals.post("/identities/<uuid:identity_id>/endings")
@allow(SIGNED_IN)
@proposals.doc(security=TOKEN)
@proposals.arguments(ReasonedOrderSchema)
@proposals.response(201, OrderProposalSchema, headers=LOCATION)
def propose_ending(body: dict[str, Any], identity_id: uuid.UUID) -> Answer:
    """As the issuer's key custodian or a verifier of the body: propose that a listed key ends now"""
    return _propose_on_key(ProposalKind.KEY_ENDED, identity_id, body, {})


@proposals.post("/identities/<uuid:identity_id>/compromises")
@allow(SIGNED_IN)
@proposals.doc(security=TOKEN)
@proposals.arguments(NewCompromiseSchema)
@proposals.response(201, OrderProposalSchema, headers=LOCATION)
def propose_compromise(body: dict[str, Any], identity_id: uuid.UUID) -> Answer:
    """As the issuer's key custodian or a verifier of the body: say that a listed key is in other hands since an instant"""
    content = {"from": body["start"].isoformat()}
    return _propose_on_key(ProposalKind.KEY_COMPROMISED, identity_id, body, content)


@proposals.post("/bodies/<uuid:body_id>/institution-events")
@allow(SIGNED_IN)
@proposals.doc(security=TOKEN)
@proposals.arguments(NewInstitutionEventSchema)
@proposals.response(201, OrderProposalSchema, headers=LOCATION)
def propose_institution_event(body: dict[str, Any], body_id: uuid.UUID) -> Answer:
    """As an officer of the body: propose what becomes of recognitions after a merger, split, closure, new name or owner"""
    with acting() as act:
        _known_body(act, body_id)
        new = NewProposal(str(body["institution_id"]), body["reasons"], _event(body), body_id=body_id)
        row = two_people.propose(act.session, ProposalKind.INSTITUTION_EVENT, new, **act.by)
        return created(proposal_wire(row), f"/proposals/{row.id}")


def _event(body: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "kind": body["kind"].value,
        "occurred_on": body["occurred_on"].isoformat(),
        "evidence": body["evidence"],
        "successors": [str(one) for one in body.get("successors", ())],
        **_terms(body),
    }
    if "effects" in body:
        content["effects"] = [_effect(effect) for effect in body["effects"]]
    for name in ("names", "legal_name"):
        if body.get(name):
            content[name] = body[name]
    return content | ({"work": str(body["work"])} if "work" in body else {})


def _effect(effect: Mapping[str, Any]) -> dict[str, Any]:
    wire = {"issuer": str(effect["issuer"]), "fate": effect["fate"].value}
    optional = {"to": str(effect["to"]) if "to" in effect else None, "scope": effect.get("scope")}
    return wire | {name: value for name, value in optional.items() if value is not None}


def _terms(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"terms": terms_from(body["terms"])} if "terms" in body else {}


def _propose_on_issuer(
    kind: ProposalKind, issuer_id: uuid.UUID, body: Mapping[str, Any], content: Mapping[str, Any]
) -> Answer:
    with acting() as act:
        issuer = act.session.get(Issuer, issuer_id)
        if issuer is None or not _knows(act, issuer):
            raise NotFound(f"no issuer {issuer_id}")
        new = NewProposal(str(issuer_id), body["reasons"], content, issuer_id=issuer_id)
        row = two_people.propose(act.session, kind, new, **act.by)
        return created(proposal_wire(row), f"/proposals/{row.id}")


def _propose_on_key(
    kind: ProposalKind, identity_id: uuid.UUID, body: Mapping[str, Any], content: Mapping[str, Any]
) -> Answer:
    with acting() as act:
        claim = act.session.get(IdentityClaim, identity_id)
        listed = key_orders.listings_of(act.session, [identity_id]).get(identity_id)
        issuer = act.session.get(Issuer, listed) if listed is not None else None
        if claim is None or issuer is None or not _knows(act, issuer):
            raise NotFound(f"no identity {identity_id}")
        new = NewProposal(str(identity_id), body["reasons"], content, issuer_id=issuer.id)
        row = two_people.propose(act.session, kind, new, **act.by)
        return created(proposal_wire(row), f"/proposals/{row.id}")


def _knows(act: Acting, issuer: Issuer) -> bool:
    """Whether the caller acts for the issuer or holds any role for its body; to others its inner side is not there."""
    if act.acts_for(issuer.institution_id):
        return True
    return issuer.scheme.body_id in {one.id for one in _bodies(act)}


def _known_body(act: Acting, body_id: uuid.UUID) -> None:
    if body_id not in {one.id for one in _bodies(act)}:
        raise NotFound(f"no body {body_id}")


def _bodies(act: Acting) -> tuple[Body, ...]:
    return desk.bodies_of(act.session, *BODY_ROLES, **act.by)


_PLAIN = (
    *("id", "kind", "body_id", "application_id", "issuer_id", "object_id", "content", "reasons"),
    *("first_by", "at", "answer"),
)


def proposal_wire(row: Proposal) -> dict[str, Any]:
    """Return what is shown of a proposal, read while the transaction is open."""
    return {name: getattr(row, name) for name in _PLAIN}
