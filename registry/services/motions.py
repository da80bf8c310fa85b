"""Motions before the committee: which one is current, how its vote stands, who does not vote on it."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from registry.domain.roles import COMMITTEE
from registry.domain.voting import Tally, count_votes
from registry.models.appeal import AppealMotion
from registry.models.application import Application
from registry.models.decision import Decision, Motion
from registry.models.meeting import Recusal
from registry.models.review import Assignment
from registry.services import interests
from registry.services.case_file import policy_for
from registry.services.guards import seated


def tally_of(application: Application, motion: Motion) -> Tally:
    """Return how the vote on a motion stands. Who has declared a conflict does not count, nor does their vote."""
    members = voting_members(application)
    ballots = [vote.ballot for vote in motion.votes if vote.account_id in members]
    return count_votes(ballots, len(members), policy_for(application).decision.committee)


def voting_members(application: Application) -> set[uuid.UUID]:
    """Return who on the committee of a case votes: everybody but those who are recused."""
    return {member.account_id for member in seated(application, *COMMITTEE)} - recused(application)


def recused(application: Application) -> set[uuid.UUID]:
    """Return who stands back from a case: by a conflict that they declared and nobody waived, or at a meeting."""
    session = object_session(application)
    if session is None:
        return set()
    at_meetings = select(Recusal.account_id).where(Recusal.application_id == application.id)
    return interests.conflicted_people(session, application) | set(session.scalars(at_meetings))


def absent(application: Application, motion: Motion) -> list[Assignment]:
    """Return the members who have not voted yet."""
    voted = {vote.account_id for vote in motion.votes}
    return [m for m in seated(application, *COMMITTEE) if m.account_id in voting_members(application) - voted]


def not_carried(tally: Tally) -> str:
    """Return why a vote does not carry, as a sentence."""
    if not tally.quorate:
        return f"no quorum: {tally.present} of {tally.members} members have voted"
    return f"no majority: {tally.in_favour} for, {tally.against} against"


def is_replaceable(application: Application, motion: Motion) -> bool:
    """Whether another motion may take this one's place: nobody has voted, or all have and it was not carried."""
    tally = tally_of(application, motion)
    return not motion.votes or (tally.present >= tally.members and not tally.carried)


def current_motion(session: Session, application: Application) -> Motion | None:
    """Return the motion before the committee, or None: one that a notice or a decision rests on is behind it.

    Motions of an appeals panel are before other people.
    """
    motion = newest_motion(session, application.id, of_appeals=False)
    if motion is None or motion.id in {hearing.motion_id for hearing in application.hearings}:
        return None
    decided = select(Decision.id).where(Decision.motion_id == motion.id)
    return motion if session.scalar(decided) is None else None


def newest_motion(
    session: Session, application_id: uuid.UUID, *, of_appeals: bool | None = None
) -> Motion | None:
    """Return the motion that was put last, settled or not, or None; of the committee's or the appeals panel's alone."""
    query = select(Motion).where(Motion.application_id == application_id)
    if of_appeals is not None:
        theirs = Motion.id.in_(select(AppealMotion.motion_id))
        query = query.where(theirs if of_appeals else ~theirs)
    return session.scalars(query.order_by(Motion.number.desc()).limit(1)).one_or_none()


def next_number(session: Session, application_id: uuid.UUID) -> int:
    """Return the number that the next motion of a case gets."""
    last = newest_motion(session, application_id)
    return 1 + (last.number if last else 0)
