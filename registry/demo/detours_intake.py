"""Detours of the intake: returned for completion, handed in again, found not eligible, decisions of others reused.

Each takes a case from where its docstring says, and brings it on through the services.
"""

from datetime import date

from registry.demo.walk import Walk
from registry.domain.completeness import PointPlace
from registry.domain.reuse import ExternalKind
from registry.domain.roles import CaseRole
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import Action
from registry.models.application import Application, Manifest
from registry.models.intake import CompletenessPoint, ExternalDecision
from registry.models.two_people import Proposal
from registry.services import (
    applications,
    completeness,
    eligibility,
    eligibility_standing,
    evidence,
    external_decisions,
    returning,
    two_people,
)
from registry.services.case_file import policy_for
from registry.services.completeness import NewPoint
from registry.services.external_decisions import NewDecision


def opened(walk: Walk, application: Application) -> None:
    """Submitted: the officers get their parts; completeness is still to be confirmed."""
    cast, intake = walk.cast, walk.cast.intake_officer
    walk.act(application, Action.OPEN, intake)
    walk.declare(application, intake, CaseRole.INTAKE_OFFICER)
    walk.seat(application, cast.case_officer, CaseRole.CASE_OFFICER, by=intake)
    for verifier in cast.verifiers:
        walk.seat(application, verifier, CaseRole.IDENTITY_VERIFIER, by=intake)


def asked_about(application: Application) -> tuple[str, str]:
    """Return the first criterion with a document that the applicant hands in, and the id of that evidence."""
    return next(
        (criterion.id, item.id)
        for criterion, item in policy_for(application).evidence_items()
        if item.provided_by == "applicant" and item.required and item.kind == "document"
    )


def returned(walk: Walk, application: Application) -> CompletenessPoint:
    """Completeness check: the intake officer asks for a better document, and returns the application."""
    intake, (criterion, item) = walk.cast.intake_officer, asked_about(application)
    point = completeness.add_point(
        walk.session,
        application.id,
        NewPoint(
            PointPlace.EVIDENCE, "The last page is missing; hand in the whole document.", criterion, item
        ),
        actor=intake,
        at=walk.clock(),
    )
    returning.return_for_completion(
        walk.session, application.id, version=application.version, actor=intake, at=walk.clock()
    )
    return point


def resubmitted(walk: Walk, application: Application) -> Manifest:
    """Returned: the applicant hands in a new version of what was asked for, and submits again."""
    who, (_criterion, item) = application.created_by, asked_about(application)
    evidence.add_file(
        walk.session,
        walk.files,
        application.id,
        item,
        name=f"{item}-whole.txt",
        data=f"The whole document of {application.reference}\n".encode(),
        limit=2**20,
        case_limit=2**26,
        actor=who,
        at=walk.clock(),
    )
    return applications.resubmit(
        walk.session, application.id, version=application.version, actor=who, at=walk.clock()
    )


def failed(walk: Walk, application: Application) -> str:
    """Identity check: the case officer answers a check that blocks with no; return its id."""
    wanted = next(
        s.check.id
        for s in eligibility_standing.standings(walk.session, application)
        if s.asks_person and s.check.on_fail == "block"
    )
    eligibility.answer(
        walk.session,
        application.id,
        wanted,
        passed=False,
        reasons="The applicant has not run any such offer yet.",
        actor=walk.cast.case_officer,
        at=walk.clock(),
    )
    return wanted


def proposed_ineligible(walk: Walk, application: Application) -> Proposal:
    """Identity check: a check that blocks has failed, and the case officer proposes to find the case not eligible."""
    return two_people.propose(
        walk.session,
        ProposalKind.INELIGIBLE,
        two_people.NewProposal(
            str(application.id),
            "No short learning offer has run to completion; the policy asks for one.",
            {"checks": [failed(walk, application)]},
            application_id=application.id,
        ),
        actor=walk.cast.case_officer,
        at=walk.clock(),
    )


def ineligible(walk: Walk, application: Application) -> Proposal:
    """Identity check: two officers find the application not eligible; the applicant can appeal."""
    proposal = proposed_ineligible(walk, application)
    two_people.confirm(walk.session, proposal.id, actor=walk.cast.intake_officer, at=walk.clock())
    return proposal


def cited(walk: Walk, application: Application, *criteria: str) -> ExternalDecision:
    """Draft: the applicant cites a decision of a national agency."""
    at = walk.clock()
    wanted = criteria or (policy_for(application).criteria[0].id,)
    new = NewDecision(
        kind=ExternalKind.NATIONAL_AGENCY,
        issuer="Invented National Agency",
        reference="Resolution 12/2025",
        decided_on=date(at.year - 1, 3, 1),
        valid_until=date(at.year + 3, 3, 1),
        outcome="positive, without conditions",
        criteria=tuple(wanted),
    )
    return external_decisions.cite(walk.session, application.id, new, actor=application.created_by, at=at)


def reuse(walk: Walk, application: Application, *, accepted: bool = True) -> None:
    """From the completeness check on: the case officer accepts, or refuses, the reuse of everything cited."""
    for one in external_decisions.reuses(walk.session, application):
        external_decisions.answer(
            walk.session,
            application.id,
            one.decision.number,
            one.criterion.id,
            accepted=accepted,
            reasons="The same requirement was looked at."
            if accepted
            else "Another requirement was looked at.",
            actor=walk.cast.case_officer,
            at=walk.clock(),
        )
