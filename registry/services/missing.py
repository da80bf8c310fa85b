"""The generated list of what an application lacks: scope, evidence, identities, cited decisions, checks that failed."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.completeness import Finding, PointPlace, PointReason, evidence_findings
from registry.domain.policy import Policy
from registry.domain.scope import parse_scope
from registry.models.application import Application
from registry.services import checks
from registry.services.case_file import policy_for
from registry.services.scope_rules import mandate_problems, scope_problems
from registry.services.stated import cited, supplied

_COVERED = frozenset({"all_required_evidence_present"})
"""Checks that say nothing beyond what the list says itself."""


def findings(session: Session, application: Application, at: datetime) -> list[Finding]:
    """Return what a machine finds missing in an application at `at`, in the order of the task list."""
    policy = policy_for(application)
    scope = application.scope
    problems = [
        *scope_problems(policy, parse_scope(scope)),
        *mandate_problems(application.scheme.body, scope, at),
    ]
    found = [Finding(PointReason.SCOPE, PointPlace.SCOPE, detail={"says": p.message}) for p in problems]
    found += evidence_findings(policy, supplied(session, application), at)
    found += _identity_findings(application)
    found += expired_decisions(session, application, at)
    return found + _check_findings(session, application, policy, at)


def _identity_findings(application: Application) -> list[Finding]:
    claims = application.identity_claims
    if not claims:
        return [Finding(PointReason.NO_IDENTITY, PointPlace.IDENTITIES)]
    return [
        Finding(PointReason.UNPROVEN, PointPlace.IDENTITIES, claim_id=str(c.id), detail={"value": c.value})
        for c in claims
        if not c.proofs
    ]


def expired_decisions(session: Session, application: Application, at: datetime) -> list[Finding]:
    """Return the external decisions that are cited and have ended by `at`."""
    return [
        Finding(
            PointReason.DECISION_EXPIRED,
            PointPlace.DECISIONS,
            detail={"number": row.number, "issuer": row.issuer, "ended": row.valid_until.isoformat()},
        )
        for row in cited(session, application.id)
        if row.valid_until is not None and row.valid_until < at.date()
    ]


def _check_findings(
    session: Session, application: Application, policy: Policy, at: datetime
) -> list[Finding]:
    wanted = [
        c
        for c in policy.eligibility
        if c.on_fail == "return_to_applicant" and c.check not in _COVERED and c.check
    ]
    answers = dict(checks.eligibility(session, application, at)) if wanted else {}
    return [
        Finding(
            PointReason.CHECK_FAILED,
            PointPlace.CASE,
            detail={"check": check.id, "title": check.title.as_dict(), "says": result.summary.as_dict()},
        )
        for check in wanted
        if (result := answers[check.id]) is not None and result.passed is False
    ]
