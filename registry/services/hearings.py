"""Hearings before an outcome worse than asked: whether one is owed, the notice, and what it told."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session, object_session

from registry.domain.hearings import Intended, is_worse_than_asked, was_told
from registry.domain.policy import Outcome
from registry.domain.prose import LONG, prose
from registry.domain.roles import CaseRole
from registry.domain.scope import parse_scope
from registry.domain.workflow import VOTING_STATES, Action
from registry.errors import TransitionRefused
from registry.models.application import Application, Hearing, Procedure
from registry.models.decision import Motion
from registry.services import access
from registry.services.case_file import last_step, policy_for
from registry.services.motions import current_motion, not_carried, tally_of
from registry.services.recording import audit
from registry.services.steps import PROVEN, require_version, take_step


def give_notice(
    session: Session, application_id: uuid.UUID, notice: str, *, version: int, actor: uuid.UUID, at: datetime
) -> Hearing:
    """As the chair: tell the applicant what the committee means to decide, since it is worse than what was asked.

    Raises:
        TransitionRefused: the vote is not carried, or the applicant was heard about this already, or need not be.
        InvalidInput: the notice is empty or too long.
    """
    application = before_committee(session, application_id, actor, at, CaseRole.COMMITTEE_CHAIR)
    require_version(application, version)
    motion = carried(session, application)
    if unheard(application, motion) is None:
        raise TransitionRefused("no hearing is needed for this outcome; declare the result")
    notice = prose("notice", notice, LONG, missing="tell the applicant what is intended, and why")
    take_step(session, application, Action.GIVE_NOTICE, actor=actor, at=at, guards=PROVEN)
    hearing = Hearing(
        number=len(application.hearings) + 1,
        motion_id=motion.id,
        proposed=motion.outcome,
        ground=motion.rule,
        notice=notice,
        opened_by=actor,
        opened_at=at,
        due=application.due_at or at,
    )
    application.hearings.append(hearing)
    session.flush()
    detail = {"proposed": motion.outcome, "motion": str(motion.id)}
    audit(session, "hearing.opened", actor=actor, at=at, of=("application", application.id), detail=detail)
    return hearing


def unheard(application: Application, motion: Motion) -> str | None:
    """Return why a motion cannot be decided yet: worse than asked, and the applicant was not heard about it."""
    if application.procedure is Procedure.EXTRAORDINARY:
        return None  # such a case begins with its notice, and only what that told can be put to the vote
    intended = intended_by(motion)
    asked = parse_scope(application.scope)
    if not is_worse_than_asked(policy_for(application), intended, asked):
        return None
    told = notice_of(application)
    if told is not None and was_told(intended_by(told), intended):
        return None
    return "this outcome is worse than what was asked for: give notice and hear the applicant first"


def notice_of(application: Application) -> Motion | None:
    """Return the motion that the newest hearing told, if it belongs to this consideration of the case; else None."""
    session, hearing = object_session(application), application.hearing
    last = last_step(application, Action.REFER_TO_COMMITTEE, Action.RETURN_TO_COMMITTEE)
    if session is None or hearing is None or hearing.motion_id is None:
        return None
    if last is not None and hearing.opened_at < last.at:
        return None
    return session.get(Motion, hearing.motion_id)


def intended_by(motion: Motion) -> Intended:
    """Return the outcome and the scope that a motion means."""
    return Intended(Outcome(motion.outcome), parse_scope(motion.terms["scope"]))


def carried(session: Session, application: Application) -> Motion:
    """Return the motion before the committee if it is carried.

    Raises:
        TransitionRefused: none was put, no quorum, or no majority; the message gives the count.
    """
    motion = current_motion(session, application)
    if motion is None:
        raise TransitionRefused("put a motion first")
    tally = tally_of(application, motion)
    if not tally.carried:
        raise TransitionRefused(not_carried(tally))
    return motion


def before_committee(
    session: Session, application_id: uuid.UUID, actor: uuid.UUID, at: datetime, *roles: CaseRole
) -> Application:
    """Return a case that is before the committee to somebody in one of these parts, and hold it."""
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *roles, at=at)
    if application.state not in VOTING_STATES:
        raise TransitionRefused("this case is not before the committee")
    return application
