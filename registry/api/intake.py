"""The intake of a case: what is missing, handing in again, eligibility, decisions of others: below `/applications/<id>`."""

import uuid
from collections.abc import Mapping
from typing import Any

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.application_schemas import ApplicationSchema, ReceiptSchema, VersionSchema
from registry.api.applications import application_wire
from registry.api.intake_schemas import (
    CandidateInstitutionPage,
    CompletenessPointSchema,
    CompletenessSchema,
    EligibilityChecksSchema,
    EligibilityWordSchema,
    ExternalDecisionSchema,
    GiveBackSchema,
    IneligibilitySchema,
    NewCompletenessPointSchema,
    NewEligibilityWordSchema,
    NewExternalDecisionSchema,
    NewIneligibilitySchema,
    NewReuseWordSchema,
    PointWordsSchema,
    ReuseSchema,
    ReuseWordSchema,
    SubmissionsSchema,
)
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, cut
from registry.domain.completeness import PointMark
from registry.domain.handed_in import Difference, compare_manifests
from registry.domain.two_people import ProposalKind
from registry.errors import NotAllowed
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.intake import CompletenessPoint, ExternalDecision
from registry.services import (
    access,
    applications,
    completeness,
    duplicates,
    eligibility,
    eligibility_standing,
    external_decisions,
    missing,
    returning,
    stated,
    two_people,
)
from registry.services.completeness import NewPoint
from registry.services.external_decisions import NewDecision

intake = Resource("api-intake", __name__, description="Completeness, eligibility, and decisions of others")


_CASE = "/applications/<uuid:application_id>"


def _readable(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case whose file the caller may read.

    Raises:
        NotAllowed: the file is locked, or the caller plays no part in the case.
    """
    application = act.application(application_id)
    if not access.may_read_file(act.session, application, **act.by):
        access.require_unlocked(act.session, act.actor, application, at=act.at)
        raise NotAllowed("only people with a part in this case read its file")
    return application


@intake.get(f"{_CASE}/completeness")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.response(200, CompletenessSchema)
def show_completeness(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show what is missing, and what became of each point"""
    with acting() as act:
        application = _readable(act, application_id)
        points = completeness.points_of(act.session, application.id)
        if act.acts_for(application.institution_id):
            points = [p for p in points if any(m.mark is PointMark.SENT for m in p.marks)]
        found = missing.findings(act.session, application, act.at)
        return {"missing": found, "points": [_point(p) for p in points]}


_POINT = ("number", "reason", "place", "criterion", "evidence_id", "detail", "text", "mark")


def _point(point: CompletenessPoint) -> dict[str, Any]:
    return {**{name: getattr(point, name) for name in _POINT}, "marks": list(point.marks)}


@intake.post(f"{_CASE}/completeness/points")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.arguments(NewCompletenessPointSchema)
@intake.response(201, CompletenessPointSchema, headers=LOCATION)
def add_point(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """Add a point to the list that the next return sends"""
    with acting() as act:
        act.body_case(application_id)
        new = NewPoint(body["place"], body["text"], body["criterion"], body["evidence_id"])
        made = completeness.add_point(act.session, application_id, new, **act.by)
        return created(_point(made), f"/applications/{application_id}/completeness")


@intake.delete(f"{_CASE}/completeness/points/<int:number>")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.response(204)
def drop_point(application_id: uuid.UUID, number: int) -> None:
    """Take a point off the list before it is sent; it stays on record"""
    with acting() as act:
        act.body_case(application_id)
        completeness.drop_point(act.session, application_id, number, **act.by)


@intake.put(f"{_CASE}/completeness/points/<int:number>/answer")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.arguments(PointWordsSchema)
@intake.response(200, CompletenessPointSchema)
def answer_point(body: dict[str, Any], application_id: uuid.UUID, number: int) -> Mapping[str, Any]:
    """As the applicant: answer a point in words, beside or in place of new evidence"""
    with acting() as act:
        point = completeness.answer_point(act.session, application_id, number, body["text"], **act.by)
        return _point(point)


@intake.put(f"{_CASE}/completeness/points/<int:number>/reopening")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.arguments(PointWordsSchema)
@intake.response(200, CompletenessPointSchema)
def reopen_point(body: dict[str, Any], application_id: uuid.UUID, number: int) -> Mapping[str, Any]:
    """Say that a point is not settled after all"""
    with acting() as act:
        act.body_case(application_id)
        point = completeness.reopen_point(act.session, application_id, number, body["text"], **act.by)
        return _point(point)


@intake.post(f"{_CASE}/return")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.arguments(GiveBackSchema)
@intake.response(200, ApplicationSchema)
def give_back(body: dict[str, Any], application_id: uuid.UUID) -> Mapping[str, Any]:
    """Return the application with the list of what is missing; the applicant's days begin"""
    with acting() as act:
        act.body_case(application_id)
        given = returning.return_for_completion(act.session, application_id, **body, **act.by)
        return application_wire(act.session, given)


@intake.post(f"{_CASE}/resubmission")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.arguments(VersionSchema)
@intake.response(201, ReceiptSchema, headers=LOCATION)
def hand_in_again(body: dict[str, Any], application_id: uuid.UUID) -> tuple[object, int, dict[str, str]]:
    """Hand a returned application in again: a new manifest, and every point counts as settled"""
    with acting() as act:
        made = applications.resubmit(act.session, application_id, version=body["version"], **act.by)
        return made, 201, created({}, f"/applications/{application_id}/submissions")[2]


@intake.get(f"{_CASE}/submissions")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.response(200, SubmissionsSchema)
def show_submissions(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show every time the application was handed in, and what the newest changed"""
    with acting() as act:
        found = stated.manifests(act.session, _readable(act, application_id).id)
        rows = compare_manifests(found[-2].content, found[-1].content) if len(found) > 1 else []
        changes = [row for row in rows if row.difference is not Difference.SAME]
        return {"submissions": list(found), "changes": changes}


@intake.get(f"{_CASE}/eligibility")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.response(200, EligibilityChecksSchema)
def show_eligibility(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show where each eligibility check stands, to whom the file is open"""
    with acting() as act:
        application = act.open_file(application_id)
        return {"checks": eligibility_standing.standings(act.session, application)}


@intake.post(f"{_CASE}/eligibility/run")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.response(200, EligibilityChecksSchema)
def run_eligibility(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Run the automatic checks again"""
    with acting() as act:
        act.body_case(application_id)
        return {"checks": eligibility.run_again(act.session, application_id, **act.by)}


@intake.put(f"{_CASE}/eligibility/<check_id>")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.arguments(NewEligibilityWordSchema)
@intake.response(200, EligibilityWordSchema)
def answer_eligibility(body: dict[str, Any], application_id: uuid.UUID, check_id: str) -> object:
    """Answer a check that a person has to answer; earlier answers stay on record"""
    with acting() as act:
        act.body_case(application_id)
        return eligibility.answer(act.session, application_id, check_id, **body, **act.by)


@intake.post(f"{_CASE}/ineligibility")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.arguments(NewIneligibilitySchema)
@intake.response(201, IneligibilitySchema, headers=LOCATION)
def propose_ineligible(body: dict[str, Any], application_id: uuid.UUID) -> tuple[object, int, dict[str, str]]:
    """As the case officer: propose to find the application not eligible; another officer confirms it"""
    with acting() as act:
        act.body_case(application_id)
        new = two_people.NewProposal(
            str(application_id), body["reasons"], {"checks": body["checks"]}, application_id=application_id
        )
        made = two_people.propose(act.session, ProposalKind.INELIGIBLE, new, **act.by)
        return made, 201, created({}, f"/proposals/{made.id}")[2]


@intake.get(f"{_CASE}/duplicates")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.arguments(PageQuery, location="query")
@intake.response(200, CandidateInstitutionPage)
def find_duplicates(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List other institutions that share an identifier, a domain or a name with the applicant"""
    with acting() as act:
        application = act.open_file(application_id)
        return cut(duplicates.candidates(act.session, application.institution), query)


@intake.get(f"{_CASE}/external-decisions")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.response(200, ReuseSchema)
def show_reuse(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the decisions of others that an application cites, and what reusing them saves"""
    with acting() as act:
        application = _readable(act, application_id)
        saved = external_decisions.saved(act.session, application)
        rows = stated.cited(act.session, application.id)
        return {
            "decisions": [_decision(row) for row in rows],
            "criteria_reused": saved.reused,
            "days_saved": saved.days,
        }


_DECISION = (
    *("number", "kind", "issuer", "reference", "url", "decided_on", "valid_until", "outcome", "criteria"),
    "evidence_id",
)


def _decision(row: ExternalDecision) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in _DECISION}, "answers": list(row.answers)}


@intake.post(f"{_CASE}/external-decisions")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.arguments(NewExternalDecisionSchema)
@intake.response(201, ExternalDecisionSchema, headers=LOCATION)
def cite(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the applicant: cite a decision of another body; its file is handed in as the evidence named in the answer"""
    with acting() as act:
        new = NewDecision(**{**body, "criteria": tuple(body["criteria"])})
        row = external_decisions.cite(act.session, application_id, new, **act.by)
        return created(_decision(row), f"/applications/{application_id}/external-decisions")


@intake.delete(f"{_CASE}/external-decisions/<int:number>")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.response(204)
def take_back(application_id: uuid.UUID, number: int) -> None:
    """As the applicant: cite a decision no more, before the application is handed in"""
    with acting() as act:
        external_decisions.take_back(act.session, application_id, number, **act.by)


@intake.put(f"{_CASE}/external-decisions/<int:number>/<criterion>")
@allow(SIGNED_IN)
@intake.doc(security=TOKEN)
@intake.arguments(NewReuseWordSchema)
@intake.response(200, ReuseWordSchema)
def judge_reuse(body: dict[str, Any], application_id: uuid.UUID, number: int, criterion: str) -> object:
    """Accept or refuse the reuse for one criterion; earlier words stay on record"""
    with acting() as act:
        act.body_case(application_id)
        return external_decisions.answer(act.session, application_id, number, criterion, **body, **act.by)
