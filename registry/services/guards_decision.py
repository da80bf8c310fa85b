"""Guards of decisions and appeals: whether one can be appealed now, and whether an appeals panel may decide."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.clocks import is_over
from registry.domain.roles import CaseRole
from registry.domain.workflow import State
from registry.models.appeal import AppealMotion
from registry.models.application import Application
from registry.models.decision import Decision
from registry.models.review import Assignment
from registry.services import interests
from registry.services.case_file import decision_of, policy_for

INELIGIBLE = "ineligible"
"""What an appeal is against where there is no decision of the committee."""


def appeal_open(session: Session, application: Application, at: datetime) -> str | None:
    """Return why an appeal cannot be filed now, or None."""
    if is_over(application.due_at, at):
        return "the time for appeal is over"
    if application.state is State.INELIGIBLE:
        against = INELIGIBLE
    else:
        decision = decision_of(session, application.id)
        if decision is None:
            return "there is no decision to appeal against"
        if is_on_appeal(session, decision):
            return "a decision of an appeals panel is final"
        against = decision.outcome
    if against not in policy_for(application).appeals.against:
        return "the policy opens no appeal against this outcome"
    return None


def appeal_days_over(_session: Session, application: Application, at: datetime) -> str | None:
    """Return that the time for appeal still runs, or None."""
    return None if is_over(application.due_at, at) else "the time for appeal is not over"


def appeal_panel_seated(session: Session, application: Application, at: datetime) -> str | None:
    """Return what the appeals panel lacks, or None."""
    members = [a for a in appeal_members(application) if interests.is_open(session, application, a, at)]
    wanted = policy_for(application).appeals.body.min_members
    if len(members) < wanted:
        return f"the appeals panel needs {wanted} members without a conflict; there are {len(members)}"
    return None


def appeal_members(application: Application) -> list[Assignment]:
    """Return who sits on the appeals panel of a case."""
    return [a for a in application.assignments if a.ended_at is None and a.role is CaseRole.APPEALS_MEMBER]


def is_on_appeal(session: Session, decision: Decision) -> bool:
    """Whether a decision was taken by an appeals panel."""
    found = select(AppealMotion.motion_id).where(AppealMotion.motion_id == decision.motion_id)
    return session.scalar(found) is not None
