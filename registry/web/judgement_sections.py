"""What the pages of a case show of its judgement: to the panel what waits, to the applicant whose move it is."""

from collections.abc import Mapping
from typing import Any

from registry.domain.clocks import is_over
from registry.domain.roles import PANEL, CaseRole
from registry.domain.workflow import State
from registry.http.acting import Acting
from registry.models.application import Application
from registry.services import (
    access,
    clarifications,
    desk,
    guards_judgement,
    inheritance,
    rating_rounds,
    reviews,
    visits,
)
from registry.services.report_drafts import READABLE_STATES, reports_of

_JUDGED = frozenset(
    {
        State.REVIEW,
        State.CLARIFICATION,
        State.VISIT,
        State.DRAFT_REPORT,
        State.FACTUAL_CHECK,
        State.FINAL_REPORT,
    }
)


def body_section(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Return what the panel's desk holds of a case in review: questions, visit, points; None to whom it is locked."""
    part = access.part_of(act.session, act.actor, application.id)
    if not (part and desk.is_unlocked(act.session, application, **act.by)) and not act.audits(application):
        return None
    every = rating_rounds.questions_of(act.session, application)
    plan = visits.open_plan(act.session, application)
    points = guards_judgement.points_of(act.session, application)
    takes_over = (
        part is not None
        and part.role is CaseRole.CASE_OFFICER
        and inheritance.may_take_over(act.session, application)
    )
    if application.state not in _JUDGED and not (every or points or takes_over):
        return None
    on_panel = part is not None and part.role in PANEL
    return {
        "takes_over": takes_over,
        "waiting": len([q for q in every if q.fate is None]) if on_panel else 0,
        "sent": len([q for q in every if q.sent]),
        "answered": len([q for q in every if q.sent and q.answer]),
        "plan": plan,
        "held": None if plan else visits.held(act.session, application),
        "points": len(points),
        "open_points": len([p for p in points if p.answer is None]),
        "overtaken": _overtaken(act, application) if on_panel else [],
        "inherited": len(rating_rounds.inherited(act.session, application)),
        "versions": len(reports_of(act.session, application)) if on_panel else 0,
        "on_panel": on_panel,
    }


def _overtaken(act: Acting, application: Application) -> list[str]:
    """Return the criteria that the person rated before newer evidence came in, while they can still rate them."""
    if application.state is not State.REVIEW:
        return []
    mine = reviews.ratings_alone(act.session, application, act.actor)
    newer = [c for c, rating in mine.items() if rating_rounds.newer_evidence(application, rating)]
    open_now = reviews.ratable(act.session, application) if newer else set()
    return [criterion for criterion in newer if criterion in open_now]


def applicant_section(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Return what concerns the applicant: open questions, the visit to come, the draft report; None where nothing does."""
    sent = clarifications.sent_questions(act.session, application)
    plan = visits.open_plan(act.session, application)
    has_draft = application.state in READABLE_STATES and bool(reports_of(act.session, application))
    if not sent and plan is None and not has_draft:
        return None
    return {
        "sent": sent,
        "answering": application.state is State.CLARIFICATION and not is_over(application.due_at, act.at),
        "plan": plan,
        "held": None if plan else visits.held(act.session, application),
        "has_draft": has_draft,
        "checking": application.state is State.FACTUAL_CHECK and not is_over(application.due_at, act.at),
    }
