"""The guards of the workflow table: each says what is missing, or nothing. One function a guard, one dictionary."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.clocks import CLOCKS, is_over
from registry.domain.policy import Outcome
from registry.domain.roles import COMMITTEE, PANEL, RATERS, CaseRole
from registry.domain.workflow import Action, Guard
from registry.models.application import Application
from registry.models.review import Assignment
from registry.services import guards_intake, guards_judgement, guards_standing, interests, objections, panels
from registry.services.case_file import decision_of, last_step, missing_evidence, policy_for, report_of
from registry.services.guards_decision import appeal_days_over, appeal_open, appeal_panel_seated

GuardCheck = Callable[[Session, Application, datetime], str | None]
"""Returns None when the guard holds, else the sentence that says what is missing."""

CONFIRMATIONS_NEEDED = 2
"""How many verifiers confirm each issuing identity."""
NO_DEFERRAL, NO_LAPSE = "this decision was no deferral", "the policy lets no case lapse here"
NEVER = frozenset({NO_DEFERRAL, NO_LAPSE})
"""What is missing for good: nobody can do anything about it, so the step is not for this case."""


def seated(application: Application, *roles: CaseRole) -> list[Assignment]:
    """Return who plays one of these parts now."""
    return [a for a in application.assignments if a.ended_at is None and a.role in roles]


def _evidence_complete(_session: Session, application: Application, _at: datetime) -> str | None:
    missing = missing_evidence(application)
    return f"{len(missing)} pieces of required evidence are missing" if missing else None


def _case_officer_assigned(_session: Session, application: Application, _at: datetime) -> str | None:
    return None if seated(application, CaseRole.CASE_OFFICER) else "assign a case officer first"


def _identities_confirmed(session: Session, application: Application, at: datetime) -> str | None:
    # a verifier who declares a conflict later takes their word back with it
    clean = {
        a.account_id
        for a in seated(application, CaseRole.IDENTITY_VERIFIER)
        if interests.is_open(session, application, a, at)
    }
    open_claims = [
        c
        for c in application.identity_claims
        if not c.proofs or len({w.account_id for w in c.confirmations} & clean) < CONFIRMATIONS_NEEDED
    ]
    if not application.identity_claims or open_claims:
        return f"two verifiers must confirm each issuing identity; {len(open_claims)} still open"
    return None


def _panel_complete(session: Session, application: Application, _at: datetime) -> str | None:
    return "; ".join(panels.problems_of(session, application)) or None


def _declarations_clean(session: Session, application: Application, at: datetime) -> str | None:
    locked = [a for a in seated(application, *PANEL) if not interests.is_open(session, application, a, at)]
    return f"{len(locked)} on the panel have not declared, or declared a conflict" if locked else None


def _committee_seated(session: Session, application: Application, at: datetime) -> str | None:
    members = [a for a in seated(application, *COMMITTEE) if interests.is_open(session, application, a, at)]
    wanted = policy_for(application).decision.committee.min_members
    if not any(a.role is CaseRole.COMMITTEE_CHAIR for a in members):
        return "the committee needs a chair without a conflict"
    if len(members) < wanted:
        return f"the committee needs {wanted} members without a conflict; there are {len(members)}"
    return None


def _report_filed(session: Session, application: Application, _at: datetime) -> str | None:
    return (
        None
        if final_report_is_filed(session, application)
        else "the panel has not filed its final report yet"
    )


def final_report_is_filed(session: Session, application: Application) -> bool:
    """Whether the panel has filed its final report since the facts were checked last."""
    report, checked = (
        report_of(session, application.id),
        last_step(application, Action.END_FACTUAL_CHECK, Action.CLOSE_FACTUAL_CHECK),
    )
    return report is not None and report.final and checked is not None and report.at >= checked.at


def _applicants_days_over(_session: Session, application: Application, at: datetime) -> str | None:
    return None if is_over(application.due_at, at) else "the applicant's days are not over yet"


def _decision_deferred(session: Session, application: Application, _at: datetime) -> str | None:
    decision = decision_of(session, application.id)
    deferred = decision is not None and decision.outcome == Outcome.DEFER
    return None if deferred else NO_DEFERRAL


def _overdue_and_lapsing(_session: Session, application: Application, at: datetime) -> str | None:
    clock = CLOCKS.get(application.state)
    steps = {s.step: s for s in policy_for(application).sla.steps}
    if clock is None or clock.step not in steps or steps[clock.step].on_overdue != "lapse":
        return NO_LAPSE
    return _applicants_days_over(_session, application, at)


def _heard(_session: Session, application: Application, at: datetime) -> str | None:
    hearing = application.hearing
    if hearing is None:
        return "open the hearing first"
    return (
        None
        if hearing.answered_at or is_over(application.due_at, at)
        else "the institution has not answered yet, and its days are not over"
    )


GUARDS: Mapping[Guard, GuardCheck] = {
    Guard.CASE_OFFICER_ASSIGNED: _case_officer_assigned,
    Guard.IDENTITIES_CONFIRMED_BY_TWO: _identities_confirmed,
    Guard.SOMETHING_MISSING: guards_intake.something_missing,
    Guard.ELIGIBILITY_ANSWERED: guards_intake.eligibility_answered,
    Guard.PANEL_COMPLETE: _panel_complete,
    Guard.DECLARATIONS_CLEAN: _declarations_clean,
    Guard.OBJECTIONS_SETTLED: objections.objections_settled,
    Guard.QUESTIONS_ASKED: guards_judgement.questions_asked,
    Guard.QUESTIONS_ANSWERED: guards_judgement.questions_answered,
    Guard.VISIT_PLANNED: guards_judgement.visit_planned,
    Guard.RATINGS_AGREED: guards_judgement.ratings_agreed,
    Guard.FACTS_SETTLED: guards_judgement.facts_settled,
    Guard.COMMITTEE_SEATED: _committee_seated,
    Guard.HEARD: _heard,
    Guard.EVIDENCE_COMPLETE: _evidence_complete,
    Guard.REPORT_FILED: _report_filed,
    Guard.DECISION_DEFERRED: _decision_deferred,
    Guard.APPEAL_OPEN: appeal_open,
    Guard.APPEAL_DAYS_OVER: appeal_days_over,
    Guard.APPEAL_PANEL_SEATED: appeal_panel_seated,
    Guard.OVERDUE_AND_LAPSING: _overdue_and_lapsing,
    Guard.APPLICANTS_DAYS_OVER: _applicants_days_over,
    Guard.ORDER_LAPSED: guards_standing.order_lapsed,
}
"""Guards proven here; the others are proven by the service that takes their step (submit, decide, release)."""


def raters(application: Application) -> list[Assignment]:
    """Return the people who rate."""
    return seated(application, *RATERS)
