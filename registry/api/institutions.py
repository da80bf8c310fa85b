"""Institutions and claims to act for them: `/institutions`, `/claims`, `/me/claims`, `/me/institutions`."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema, prose
from registry.domain.identifiers import IdentifierScheme, parse_identifier
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.importers.base import InstitutionKind
from registry.models.institution import ClaimState, Institution, InstitutionClaim
from registry.services import institutions as service

institutions = Resource("api-institutions", __name__, description="Institutions, and who acts for them")
MOST_FOUND = 100
"""Most institutions that a search finds; more words narrow it."""
_LANGUAGE = validate.Regexp(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", error="Give a language tag such as en.")


class InstitutionQuery(PageQuery):
    """What to look for: words of the name and the place, or an identifier with its scheme."""

    q = line(200, load_default="")
    identifier = line(2000, load_default="")
    identifier_scheme = fields.Enum(IdentifierScheme, by_value=True, load_default=None)


class IdentifierSchema(Strict):
    """An identifier of an institution."""

    scheme = line(40, required=True)
    value = line(2000, required=True)


class NewInstitutionSchema(Strict):
    """An institution that no source has brought yet."""

    names = fields.Dict(
        keys=fields.String(validate=_LANGUAGE),
        values=line(500, required=True),
        required=True,
        validate=validate.Length(1, 30),
        metadata={"description": "Language tag to name"},
    )
    legal_name = line(500, required=True)
    country = line(2, required=True)
    locality = line(200, required=True)
    street = line(300, required=True)
    postal_code = line(20, required=True)
    kind = fields.Enum(InstitutionKind, by_value=True, required=True)
    website = line(2000, load_default="")
    identifiers = fields.List(
        fields.Nested(IdentifierSchema), load_default=list, validate=validate.Length(0, 30)
    )


class InstitutionSchema(Strict):
    """An institution in a collection; `owned` says that somebody has been confirmed to act for it."""

    id = fields.UUID()
    slug = fields.String()
    name = fields.String()
    country = fields.String()
    kind = fields.String()
    status = fields.String()
    owned = fields.Boolean()


class InstitutionFactsSchema(InstitutionSchema):
    """An institution with what its sources say, merged."""

    facts = fields.Dict()


class NewClaimSchema(Strict):
    """A claim to act for an institution."""

    statement = prose(5000, required=True, metadata={"description": "On what grounds you act for it"})


class JudgementSchema(Strict):
    """One person's word on a claim."""

    confirmed = fields.Boolean(required=True, truthy={True}, falsy={False})
    basis = prose(5000, required=True, metadata={"description": "What you saw, such as a register extract"})


class ConfirmationSchema(Strict):
    """A word that was given on a claim."""

    account_id = fields.UUID()
    confirmed = fields.Boolean()
    basis = fields.String()
    at = fields.AwareDateTime()


class ClaimSchema(Strict):
    """A claim; who gave their word is told to those who judge claims, and `confirmations` counts them."""

    id = fields.UUID()
    institution_id = fields.UUID()
    institution = fields.String()
    account_id = fields.UUID()
    statement = fields.String()
    state = fields.Enum(ClaimState, by_value=True)
    created_at = fields.AwareDateTime()
    confirmations = fields.Integer()
    words = fields.List(fields.Nested(ConfirmationSchema))


InstitutionPage = page_schema("InstitutionPage", InstitutionSchema)
ClaimPage = page_schema("ClaimPage", ClaimSchema)


@institutions.get("/institutions")
@allow(SIGNED_IN)
@institutions.doc(security=TOKEN)
@institutions.arguments(InstitutionQuery, location="query")
@institutions.response(200, InstitutionPage)
def find_institutions(query: dict[str, Any]) -> Answer:
    """Search the institutions that the registry knows, to claim one

    At most 100 are found; give more words to narrow the search.
    """
    text = _identifier(query) if query["identifier"] else query["q"]
    with acting() as act:
        found = service.search(act.session, text, limit=MOST_FOUND) if text.strip() else ()
        return cut([_summary(one) for one in found], query)


def _identifier(query: Mapping[str, Any]) -> str:
    scheme = query["identifier_scheme"]
    if scheme is None:
        return str(query["identifier"])
    try:
        return parse_identifier(scheme, query["identifier"]).value
    except InvalidInput as error:
        raise InvalidInput(str(error), [FieldError("query.identifier", str(error))]) from error


@institutions.post("/institutions")
@allow(SIGNED_IN)
@institutions.doc(security=TOKEN)
@institutions.arguments(NewInstitutionSchema)
@institutions.response(201, InstitutionFactsSchema, headers=LOCATION)
def register_institution(body: dict[str, Any]) -> Answer:
    """Register an institution that is not here yet; claiming it is the next step"""
    pairs = tuple((one["scheme"], one["value"]) for one in body.pop("identifiers"))
    kind = body.pop("kind").value
    new = service.NewInstitution(**body, kind=kind, identifiers=pairs)
    with acting() as act:
        made = service.register(act.session, new, **act.by)
        return created(_facts(act, made), f"/institutions/{made.id}")


@institutions.get("/institutions/<uuid:institution_id>")
@allow(SIGNED_IN)
@institutions.doc(security=TOKEN)
@institutions.response(200, InstitutionFactsSchema)
def show_institution(institution_id: uuid.UUID) -> Mapping[str, Any]:
    """Show what is known of one institution"""
    with acting() as act:
        found = act.session.get(Institution, institution_id)
        if found is None:
            raise NotFound(f"no institution {institution_id}")
        return _facts(act, found)


@institutions.post("/institutions/<uuid:institution_id>/claims")
@allow(SIGNED_IN)
@institutions.doc(security=TOKEN)
@institutions.arguments(NewClaimSchema)
@institutions.response(201, ClaimSchema, headers=LOCATION)
def claim_institution(body: dict[str, Any], institution_id: uuid.UUID) -> Answer:
    """Claim to act for an institution; two other people have to confirm it"""
    with acting() as act:
        made = service.claim(act.session, institution_id, statement=body["statement"], **act.by)
        return created(_claim(act, made), f"/claims/{made.id}")


@institutions.get("/me/institutions")
@allow(SIGNED_IN)
@institutions.doc(security=TOKEN)
@institutions.arguments(PageQuery, location="query")
@institutions.response(200, InstitutionPage)
def my_institutions(query: dict[str, Any]) -> Answer:
    """List the institutions that the caller acts for"""
    with acting() as act:
        return cut([_summary(one) for one in service.institutions_of(act.session, act.actor)], query)


@institutions.get("/me/claims")
@allow(SIGNED_IN)
@institutions.doc(security=TOKEN)
@institutions.arguments(PageQuery, location="query")
@institutions.response(200, ClaimPage)
def my_claims(query: dict[str, Any]) -> Answer:
    """List the caller's own claims, the newest first"""
    with acting() as act:
        return cut(_claims(act, service.claims_of(act.session, act.actor)), query)


@institutions.get("/claims")
@allow(SIGNED_IN)
@institutions.doc(security=TOKEN)
@institutions.arguments(PageQuery, location="query")
@institutions.response(200, ClaimPage)
def open_claims(query: dict[str, Any]) -> Answer:
    """As an identity verifier or the operator: list the claims that wait for confirmation, the oldest first"""
    with acting() as act:
        if not service.may_judge_claims(act.session, act.actor, act.at):
            raise NotAllowed("only an identity verifier or the operator may do this")
        return cut(_claims(act, service.open_claims(act.session)), query)


@institutions.get("/claims/<uuid:claim_id>")
@allow(SIGNED_IN)
@institutions.doc(security=TOKEN)
@institutions.response(200, ClaimSchema)
def show_claim(claim_id: uuid.UUID) -> Mapping[str, Any]:
    """Show one claim to the claimant and to those who judge claims"""
    with acting() as act:
        return _claim(act, _known_claim(act, claim_id))


@institutions.post("/claims/<uuid:claim_id>/words")
@allow(SIGNED_IN)
@institutions.doc(security=TOKEN)
@institutions.arguments(JudgementSchema)
@institutions.response(201, ClaimSchema, headers=LOCATION)
def judge_claim(body: dict[str, Any], claim_id: uuid.UUID) -> Answer:
    """Confirm or refuse a claim, naming what one saw; the second confirmation lets the claimant act"""
    with acting() as act:
        _known_claim(act, claim_id)
        judged = service.judge_claim(act.session, claim_id, **body, **act.by)
        return created(_claim(act, judged), f"/claims/{judged.id}")


def _known_claim(act: Acting, claim_id: uuid.UUID) -> InstitutionClaim:
    found = act.session.get(InstitutionClaim, claim_id)
    judges = service.may_judge_claims(act.session, act.actor, act.at)
    if found is None or not (judges or found.account_id == act.actor):
        raise NotFound(f"no claim {claim_id}")
    return found


def _summary(institution: Institution) -> dict[str, Any]:
    return {name: getattr(institution, name) for name in InstitutionSchema._declared_fields}


def _facts(act: Acting, institution: Institution) -> dict[str, Any]:
    act.session.flush()
    return {**_summary(institution), "facts": service.current_facts(act.session, institution.id)}


def _claims(act: Acting, rows: Iterable[InstitutionClaim]) -> Sequence[dict[str, Any]]:
    return [_claim(act, row) for row in rows]


def _claim(act: Acting, row: InstitutionClaim) -> dict[str, Any]:
    judges = service.may_judge_claims(act.session, act.actor, act.at)
    names = ("id", "institution_id", "account_id", "statement", "state", "created_at")
    return {
        **{name: getattr(row, name) for name in names},
        "institution": row.institution.name,
        "confirmations": sum(1 for word in row.confirmations if word.confirmed),
        "words": list(row.confirmations) if judges and row.account_id != act.actor else [],
    }
