"""The guards of the review itself: questions, visit, agreed ratings, facts."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from registry.domain.clocks import is_over
from registry.domain.visits import AgendaItem, VisitGroup, agenda_problems
from registry.models.application import Application
from registry.models.judgement import FactualPoint, VisitPlan
from registry.models.review import Report
from registry.services import rating_rounds
from registry.services.case_file import policy_for


def questions_asked(session: Session, application: Application, _at: datetime) -> str | None:
    """There is a question that was neither sent nor left out."""
    waiting = [q for q in rating_rounds.questions_of(session, application) if q.fate is None]
    return None if waiting else "write a question first"


def questions_answered(session: Session, application: Application, at: datetime) -> str | None:
    """The applicant answered all questions of the round, or its days are over."""
    if is_over(application.due_at, at):
        return None
    sent = [q for q in rating_rounds.questions_of(session, application) if q.sent]
    latest = max((q.fate.round or 0 for q in sent if q.fate), default=0)
    unanswered = [q for q in sent if q.fate and q.fate.round == latest and q.answer is None]
    return (
        f"{len(unanswered)} questions wait for an answer, and the days are not over" if unanswered else None
    )


def visit_planned(session: Session, application: Application, _at: datetime) -> str | None:
    """There is a plan with an agenda, made for this visit and not for one that was held."""
    plan = plan_of(session, application)
    if plan is None or plan_is_used(application, plan):
        return "plan the visit first: its day, its place and its agenda"
    problems = agenda_problems(agenda_of(plan))
    return "; ".join(p.message for p in problems) or None


_NEWEST_PLAN = (
    select(VisitPlan)
    .where(VisitPlan.application_id == bindparam("application_id"))
    .order_by(VisitPlan.number.desc())
    .limit(1)
)


def plan_of(session: Session, application: Application) -> VisitPlan | None:
    """Return the newest plan of a visit, or None."""
    return session.scalars(_NEWEST_PLAN, {"application_id": application.id}).one_or_none()


def plan_is_used(application: Application, plan: VisitPlan) -> bool:
    """Whether the visit of a plan has begun already."""
    return any(event.action == "begin_visit" and event.at >= plan.at for event in application.events)


def agenda_of(plan: VisitPlan) -> list[AgendaItem]:
    """Return the agenda of a plan."""
    return [AgendaItem(one["starts"], VisitGroup(one["group"]), one["subject"]) for one in plan.agenda]


def ratings_agreed(session: Session, application: Application, _at: datetime) -> str | None:
    """The panel agreed on every criterion, and nothing was reopened since."""
    total = len(policy_for(application).criteria)
    missing = total - len(rating_rounds.agreed_ratings(session, application))
    return f"the panel has not agreed on {missing} of {total} criteria" if missing else None


def facts_settled(session: Session, application: Application, _at: datetime) -> str | None:
    """Every point of the factual check has its answer."""
    waiting = [p for p in points_of(session, application) if p.answer is None]
    return f"{len(waiting)} points on the facts wait for an answer of the panel" if waiting else None


def draft_of(session: Session, application: Application) -> Report | None:
    """Return the newest draft report, or None."""
    query = select(Report).where(Report.application_id == application.id, Report.final.is_(False))
    return session.scalars(query.order_by(Report.number.desc()).limit(1)).one_or_none()


def points_of(session: Session, application: Application) -> list[FactualPoint]:
    """Return the points on the newest draft report, in their order."""
    draft = draft_of(session, application)
    if draft is None:
        return []
    query = select(FactualPoint).where(
        FactualPoint.application_id == application.id, FactualPoint.report == draft.number
    )
    query = query.options(joinedload(FactualPoint.answer))
    return list(session.scalars(query.order_by(FactualPoint.number)))


def accepted_criteria(session: Session, application: Application) -> set[str]:
    """Return the criteria on which the panel accepted a point: only these change after the factual check."""
    return {p.criterion for p in points_of(session, application) if p.answer and p.answer.accepted}
