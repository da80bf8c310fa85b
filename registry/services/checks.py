"""Automatic checks of a case: gather what the registry knows, let the policy's checks judge, keep answers as evidence.

A check never decides anything: its answer stands beside the criterion, and a person rates. What lies outside the registry
(other registers, catalogue pages, status services) is not asked here, so checks on it answer that a person must look.
"""

import hashlib
import json
import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.check_facts import CheckInput, DomainProof, KeyProof
from registry.domain.checks import CheckResult, run_check
from registry.domain.policy import Evidence
from registry.domain.trust_list import IdentityKind
from registry.models.application import Application, EvidenceVersion
from registry.models.decision import Decision, Release
from registry.models.issuer import IdentityClaim, IdentityEvent
from registry.services import duplicates
from registry.services.case_file import policy_for
from registry.services.institutions import current_facts
from registry.services.stated import supplied

_METHODS = {"platform_confirmation": "platform_confirmation"}
_ADVERSE = ("refuse", "withdraw", "void")


def run_machine_checks(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> None:
    """Run every check that the policy names as evidence, and keep the answers as evidence versions."""
    facts = gather(session, application, at)
    for _criterion, item in policy_for(application).evidence_items():
        if item.provided_by == "machine" and item.check is not None:
            result = run_check(item.check, _limits(facts, item), item.params)
            _keep(application, item, result, actor=actor, at=at)
    session.flush()


def _limits(facts: CheckInput, item: Evidence) -> CheckInput:
    return replace(facts, max_age_days=item.max_age_days, min_count=item.min_count)


def _keep(
    application: Application, item: Evidence, result: CheckResult, *, actor: uuid.UUID, at: datetime
) -> None:
    text = json.dumps(
        {"check": item.check, "passed": result.passed, "summary": result.summary.as_dict()},
        ensure_ascii=False,
    )
    number = 1 + max((v.number for v in application.evidence if v.evidence_id == item.id), default=0)
    application.evidence.append(
        EvidenceVersion(
            evidence_id=item.id,
            number=number,
            media_type="application/json",
            size=len(text.encode()),
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            text=text,
            uploaded_by=actor,
            uploaded_at=at,
        )
    )


def eligibility(
    session: Session, application: Application, at: datetime
) -> list[tuple[str, CheckResult | None]]:
    """Return the answer of each eligibility check of the policy by its id; None where a person answers."""
    facts = gather(session, application, at)
    return [
        (check.id, run_check(check.check, facts, check.params) if check.check else None)
        for check in policy_for(application).eligibility
    ]


def gather(session: Session, application: Application, at: datetime) -> CheckInput:
    """Return what the registry knows about a case, for the checks to judge."""
    policy = policy_for(application)
    facts = current_facts(session, application.institution_id)
    claims = application.identity_claims
    wanted = {
        e.id: e.min_count for _c, e in policy.evidence_items() if e.required and e.provided_by == "applicant"
    }
    present = {evidence: given.items for evidence, given in supplied(session, application).items()}
    return CheckInput(
        at=at,
        evidence_required=wanted,
        evidence_present=present,
        names=tuple(str(name["text"]) for name in facts["names"]),
        country=str(facts["country"]),
        own_values=duplicates.own_values(session, application.institution),
        others=duplicates.parties(duplicates.candidates(session, application.institution)),
        adverse_decisions=_adverse(session, application),
        identities=tuple(claim.value for claim in claims if claim.kind is not IdentityKind.DOMAIN),
        holders={claim.value: _holders(session, claim) for claim in claims},
        domains=tuple(claim.value for claim in claims if claim.kind is IdentityKind.DOMAIN),
        domain_proofs=tuple(
            DomainProof(c.value, "well_known", p.at, matched=True)
            for c in claims
            if c.kind is IdentityKind.DOMAIN
            for p in c.proofs
        ),
        key_proofs=tuple(
            KeyProof(c.value, _METHODS.get(p.method, "signed_challenge"), p.at, valid=True)
            for c in claims
            for p in c.proofs
        ),
    )


def _adverse(session: Session, application: Application) -> tuple[datetime, ...]:
    """Return when adverse decisions on other cases were released; of each case its last word, after any appeal."""
    query = (
        select(Application.id, Release.at, Decision.outcome)
        .join(Decision, Decision.id == Release.decision_id)
        .join(Application, Application.id == Decision.application_id)
        .where(
            Application.institution_id == application.institution_id,
            Application.scheme_id == application.scheme_id,
            Application.id != application.id,
        )
        .order_by(Release.at)
    )
    last = {case: (at, outcome) for case, at, outcome in session.execute(query)}
    return tuple(at for at, outcome in last.values() if outcome in _ADVERSE)


def _holders(session: Session, claim: IdentityClaim) -> tuple[str, ...]:
    query: Any = (
        select(IdentityEvent.issuer_id)
        .join(IdentityClaim, IdentityClaim.id == IdentityEvent.claim_id)
        .where(
            IdentityClaim.kind == claim.kind,
            IdentityClaim.value == claim.value,
            IdentityClaim.profile_id == claim.profile_id,
            IdentityClaim.institution_id != claim.institution_id,
        )
    )
    return tuple(sorted({str(issuer) for issuer in session.scalars(query)}))
