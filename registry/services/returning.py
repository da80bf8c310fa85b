"""Returning an application to the applicant, with the list of what is missing."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.prose import SHORT, prose
from registry.domain.workflow import Action, step
from registry.errors import TransitionRefused
from registry.models.application import Application
from registry.services import access, completeness
from registry.services.steps import PROVEN, missing_for, require_version, take_step


def return_for_completion(
    session: Session,
    application_id: uuid.UUID,
    *,
    version: int,
    note: str = "",
    actor: uuid.UUID,
    at: datetime,
) -> Application:
    """As the officer of this step: write down what is missing, send it, and let the applicant's days begin.

    Raises:
        NotAllowed: not the officer of this step, or the file is locked.
        TransitionRefused: nothing is missing, or the case cannot be returned from where it stands.
        Conflict: somebody changed the case since `version` was read.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    require_version(application, version)
    transition = step(application.state, Action.RETURN_FOR_COMPLETION)
    access.require_step(session, actor, application, transition, at)
    missing = missing_for(session, application, transition, at)
    if missing:
        raise TransitionRefused("; ".join(missing))
    words = prose("note", note, SHORT)
    completeness.write_list(session, application, actor=actor, at=at)
    action = Action.RETURN_FOR_COMPLETION
    return take_step(session, application, action, actor=actor, at=at, guards=PROVEN, note=words or None)
