"""Another committee after an appeal annulled a decision, and the exception for a body with too few people."""

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.proposals import OrderProposalSchema, proposal_wire
from registry.api.resource import Resource
from registry.api.schemas import Strict, prose
from registry.domain.roles import CaseRole
from registry.domain.two_people import ProposalKind
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting
from registry.services import committee_again as service
from registry.services import two_people
from registry.services.committees import stood_down
from registry.services.two_people import REASONS_LIMIT, NewProposal

committee_again = Resource("api-committee-again", __name__, description="Another committee after an appeal")


class StoodDownSchema(Strict):
    """Somebody who decided what the appeal annulled."""

    account_id = fields.UUID()
    name = fields.String()
    role = fields.Enum(CaseRole, by_value=True)


class BenchSchema(Strict):
    """Who stood down, and how many of them may sit again because the body has too few others."""

    stood_down = fields.List(fields.Nested(StoodDownSchema))
    places = fields.Integer()


class AgainSchema(Strict):
    """Who is to sit again, and why nobody else can."""

    people = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 30))
    reasons = prose(REASONS_LIMIT, required=True)


@committee_again.get("/applications/<uuid:application_id>/committee-again")
@allow(SIGNED_IN)
@committee_again.doc(security=TOKEN)
@committee_again.response(200, BenchSchema)
def show_bench(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show who stood down because an appeal annulled their decision, and how many of them may sit again"""
    with acting() as act:
        application = act.body_case(application_id)
        gone = stood_down(act.session, application)
        names = [{"account_id": a.account_id, "name": a.account.name, "role": a.role} for a in gone]
        places = service.places(act.session, application, act.at) if gone else 0
        return {"stood_down": names, "places": places}


@committee_again.post("/applications/<uuid:application_id>/committee-again")
@allow(SIGNED_IN)
@committee_again.doc(security=TOKEN)
@committee_again.arguments(AgainSchema)
@committee_again.response(201, OrderProposalSchema, headers=LOCATION)
def propose_again(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the case officer: propose that some of them decide again; another officer or a registrar confirms"""
    content = {"people": [str(one) for one in body["people"]]}
    with acting() as act:
        application = act.body_case(application_id)
        new = NewProposal(str(application.id), body["reasons"], content, application.id)
        row = two_people.propose(act.session, ProposalKind.COMMITTEE_AGAIN, new, **act.by)
        return created(proposal_wire(row), f"/proposals/{row.id}")
