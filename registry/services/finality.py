"""Finality: a decision is final when nobody can appeal any more, gave the appeal up, or the appeal was decided.

One rule for adverse outcomes under appeal: what the policy publishes "when final" (withdrawal, void, reduced scope) changes
nothing before; the old standing holds, unless a suspension was decided on its own. What an appeals panel decides is final.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.clocks import is_over
from registry.domain.policy import Outcome
from registry.domain.workflow import Action, step
from registry.errors import TransitionRefused
from registry.models.application import Application
from registry.models.decision import Decision
from registry.services import access
from registry.services.case_file import decision_of
from registry.services.guards_decision import appeal_open, is_on_appeal
from registry.services.public_appeals import announce_decision
from registry.services.standing import is_final_first, take_effect
from registry.services.steps import PROVEN, require_version, take_step


def waive_appeal(
    session: Session, application_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> Application:
    """As the institution: give the appeal up, so that the decision is final now."""
    application = _appealable(session, application_id, Action.WAIVE_APPEAL, actor, at)
    require_version(application, version)
    problem = appeal_open(session, application, at)
    if problem:
        raise TransitionRefused(problem)
    return _end(session, application, Action.WAIVE_APPEAL, actor, at)


def close(session: Session, application_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> Application:
    """Close a case whose time for appeal is over.

    Raises:
        TransitionRefused: the time is not over.
    """
    application = _appealable(session, application_id, Action.CLOSE, actor, at)
    return close_due(session, application, actor=actor, at=at)


def close_due(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> Application:
    """Close a case whose time for appeal is over; the clock calls this by itself."""
    if not is_over(application.due_at, at):
        raise TransitionRefused("the time for appeal is not over")
    return _end(session, application, Action.CLOSE, actor, at)


def _appealable(
    session: Session, application_id: uuid.UUID, action: Action, actor: uuid.UUID, at: datetime
) -> Application:
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_step(session, actor, application, step(application.state, action), at)
    return application


def _end(
    session: Session, application: Application, action: Action, actor: uuid.UUID, at: datetime
) -> Application:
    closed = take_step(session, application, action, actor=actor, at=at, guards=PROVEN)
    make_final(session, application, at)
    return closed


def make_final(session: Session, application: Application, at: datetime) -> None:
    """Let a decision that waited for its finality take effect, and publish what waited with it."""
    decision = decision_of(session, application.id)
    if decision is None:
        return
    if waits_for_finality(session, application, decision):
        take_effect(session, application, decision, at)
    announce_decision(session, application, decision, at)


def waits_for_finality(session: Session, application: Application, decision: Decision) -> bool:
    """Whether a decision changes nothing before it is final."""
    return is_final_first(application, Outcome(decision.outcome)) and not is_on_appeal(session, decision)
