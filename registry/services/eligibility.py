"""Eligibility: each check of the policy answered, by machine with what it judged, or by an officer with reasons.

A machine's yes or no stands; where it could not tell, and where the policy asks a person, an officer of the case answers. A
failed check that blocks keeps the case from the review; two people then find the application ineligible, which is a formal
decision that can be appealed.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.check_facts import CheckInput
from registry.domain.checks import run_check
from registry.domain.policy import EligibilityCheck
from registry.domain.prose import SHORT, prose
from registry.domain.roles import CaseRole
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import Action, State
from registry.errors import FieldError, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.intake import EligibilityAnswer
from registry.models.two_people import Proposal, ProposalAnswer
from registry.services import access, checks, letters
from registry.services.case_file import last_step, policy_for
from registry.services.eligibility_standing import Standing, standings
from registry.services.recording import audit
from registry.services.steps import PROVEN, take_step

OFFICERS = (CaseRole.INTAKE_OFFICER, CaseRole.CASE_OFFICER)
ANSWERING_STATES = frozenset({State.COMPLETENESS_CHECK, State.IDENTITY_CHECK})
"""States in which eligibility is judged."""


def run_checks(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> None:
    """Run the automatic eligibility checks, and keep each answer with the facts that it judged."""
    facts = checks.gather(session, application, at)
    for check in policy_for(application).eligibility:
        if check.check is not None:
            result = run_check(check.check, facts, check.params)
            row = _row(session, application, check, actor, at)
            row.machine, row.passed = True, result.passed
            row.summary, row.facts = result.summary.as_dict(), FACTS.get(check.check, _nothing)(facts)
            session.add(row)
            session.flush()


def _row(
    session: Session, application: Application, check: EligibilityCheck, actor: uuid.UUID, at: datetime
) -> EligibilityAnswer:
    query = select(func.max(EligibilityAnswer.number)).where(
        EligibilityAnswer.application_id == application.id
    )
    return EligibilityAnswer(
        application_id=application.id,
        number=(session.scalar(query) or 0) + 1,
        check_id=check.id,
        summary={},
        facts={},
        reasons="",
        author=actor,
        at=at,
    )


def _nothing(_facts: CheckInput) -> dict[str, Any]:
    return {}


def _missing(facts: CheckInput) -> dict[str, Any]:
    present = facts.evidence_present
    return {"missing": sorted(e for e, n in facts.evidence_required.items() if present.get(e, 0) < n)}


def _adverse(facts: CheckInput) -> dict[str, Any]:
    return {"adverse": sorted(f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in facts.adverse_decisions)}


def _others(facts: CheckInput) -> dict[str, Any]:
    return {
        "others": [
            {
                "institution": other.id,
                "agrees": {scheme: sorted(held) for scheme, held in other.values.items()},
            }
            for other in facts.others
        ]
    }


FACTS: Mapping[str, Callable[[CheckInput], dict[str, Any]]] = {
    "all_required_evidence_present": _missing,
    "no_recent_adverse_decision": _adverse,
    "duplicate_candidate": _others,
}
"""What is kept of the facts that a check judged."""


def run_again(
    session: Session, application_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> list[Standing]:
    """As an officer of the case: run the automatic checks again, on what the registry knows now."""
    application = _judged(session, application_id, actor, at)
    run_checks(session, application, actor=actor, at=at)
    audit(session, "eligibility.run", actor=actor, at=at, of=("application", application.id))
    return standings(session, application)


def answer(
    session: Session,
    application_id: uuid.UUID,
    check_id: str,
    *,
    passed: bool,
    reasons: str,
    actor: uuid.UUID,
    at: datetime,
) -> EligibilityAnswer:
    """As an officer of the case: answer a check that a person has to answer; an earlier answer stays on record.

    Raises:
        NotAllowed: not an officer of this case, or the file is locked.
        TransitionRefused: the case is past its eligibility, or the machine's answer stands.
        InvalidInput: no reasons.
    """
    application = _judged(session, application_id, actor, at)
    standing = next((s for s in standings(session, application) if s.check.id == check_id), None)
    if standing is None:
        raise NotFound(f"this policy has no eligibility check {check_id}")
    if not standing.asks_person:
        raise TransitionRefused("the automatic check answers this; its answer stands")
    row = _row(session, application, standing.check, actor, at)
    row.machine, row.passed = False, passed
    row.reasons = prose("reasons", reasons, SHORT, missing="give your reasons")
    session.add(row)
    session.flush()
    audit(
        session,
        "eligibility.answered",
        actor=actor,
        at=at,
        of=("application", application.id),
        detail={"check": check_id, "passed": passed},
    )
    return row


def _judged(session: Session, application_id: uuid.UUID, actor: uuid.UUID, at: datetime) -> Application:
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *OFFICERS, at=at)
    if application.state not in ANSWERING_STATES:
        raise TransitionRefused("eligibility is judged from the completeness check to the identity check")
    return application


def check_ineligible(session: Session, row: Proposal, _at: datetime) -> list[FieldError]:
    """Return what speaks against finding an application ineligible: no failed check named, or one that did not fail."""
    application = session.get(Application, row.application_id) if row.application_id else None
    if application is None or row.object_id != str(application.id):
        return [FieldError("application_id", "name the application")]
    if application.state is not State.IDENTITY_CHECK:
        return [FieldError("application_id", "eligibility is decided during the identity check")]
    named = row.content.get("checks") or []
    if not isinstance(named, list) or not named:
        return [FieldError("checks", "name the check that failed")]
    blocking = {s.check.id for s in standings(session, application) if s.blocks}
    return [
        FieldError("checks", f"check {one} has not failed, or does not block")
        for one in named
        if one not in blocking
    ]


def declare_ineligible(session: Session, row: Proposal, actor: uuid.UUID, at: datetime) -> None:
    """Take the step that two officers stand behind; the reasons are those of the proposal."""
    application = session.get_one(Application, row.application_id, with_for_update=True)
    take_step(
        session, application, Action.DECLARE_INELIGIBLE, actor=actor, at=at, guards=PROVEN, note=row.reasons
    )
    letters.write_ineligible(session, application, at)


def finding_of(session: Session, application: Application) -> Proposal | None:
    """Return the confirmed finding of ineligibility behind the newest such step of a case, or None."""
    if last_step(application, Action.DECLARE_INELIGIBLE) is None:
        return None
    query = (
        select(Proposal)
        .join(ProposalAnswer)
        .where(
            Proposal.kind == ProposalKind.INELIGIBLE,
            Proposal.application_id == application.id,
            ProposalAnswer.accepted,
        )
        .order_by(ProposalAnswer.at.desc())
    )
    return session.scalars(query.limit(1)).one_or_none()


def waiting_finding(session: Session, application: Application) -> Proposal | None:
    """Return the proposal to find an application not eligible that waits for a second officer, or None."""
    query = select(Proposal).where(
        Proposal.kind == ProposalKind.INELIGIBLE,
        Proposal.application_id == application.id,
        ~Proposal.answer.has(),
    )
    return session.scalars(query.order_by(Proposal.at.desc()).limit(1)).one_or_none()
