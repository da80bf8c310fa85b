"""One step of a case: the table is asked, the guards are proven, the step is recorded, the clock is set."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.workflow import Action, Guard, State, Transition, step
from registry.errors import Conflict, TransitionRefused
from registry.models.application import Application, ApplicationEvent
from registry.services.deadlines import deadline
from registry.services.guards import GUARDS, GuardCheck
from registry.services.recording import audit, enqueue

PROVEN: Mapping[Guard, GuardCheck] = {}
"""Given as `guards` by a service that has proven the guards of its step itself."""


def require_version(application: Application, version: int) -> None:
    """Raise `Conflict` where somebody changed the case since `version` was read."""
    if application.version != version:
        state = application.state.value.replace("_", " ")
        raise Conflict(
            f"somebody else changed this application meanwhile; its state is now: {state}. "
            "Look at it again before you act."
        )


def missing_for(
    session: Session,
    application: Application,
    transition: Transition,
    at: datetime,
    guards: Mapping[Guard, GuardCheck] = GUARDS,
) -> list[str]:
    """Return what a step still lacks, as sentences."""
    found = (guards[g](session, application, at) for g in sorted(transition.guards) if g in guards)
    return [sentence for sentence in found if sentence]


def take_step(
    session: Session,
    application: Application,
    action: Action,
    *,
    actor: uuid.UUID,
    at: datetime,
    guards: Mapping[Guard, GuardCheck] = GUARDS,
    note: str | None = None,
    due: datetime | None = None,
) -> Application:
    """Move a case along the table and tell whoever is next; `due` sets a deadline that the policy does not count.

    Raises:
        TransitionRefused: no such step from here, or a guard does not hold; the message says which.
    """
    transition = step(application.state, action)
    missing = missing_for(session, application, transition, at, guards)
    if missing:
        raise TransitionRefused("; ".join(missing))
    target = transition.target or held_from(application)
    application.events.append(
        ApplicationEvent(
            sequence=len(application.events) + 1,
            action=action,
            source=transition.source,
            target=target,
            actor=actor,
            at=at,
            note=note,
        )
    )
    if target is not transition.source:
        application.state, application.entered_at = target, at
        application.clock_side, application.due_at = deadline(application, at)
    if due is not None:
        application.due_at = due
    session.flush()
    of, detail = ("application", application.id), {"to": target.value}
    audit(session, f"application.{action.value}", actor=actor, at=at, of=of, detail=detail)
    payload = {
        "kind": "case_moved",
        "application": str(application.id),
        "action": action.value,
        "state": target.value,
    }
    enqueue(session, "mail", payload, at=at)
    return application


def held_from(application: Application) -> State:
    """Return the state that a case was put on hold from."""
    return next(e.source for e in reversed(application.events) if e.action is Action.PUT_ON_HOLD)
