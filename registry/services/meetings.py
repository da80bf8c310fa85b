"""Meetings of a committee: called by its chair or an officer, with cases on the agenda, disputed points first.

Voting is what it is on paper: a motion put while a case is on the agenda of an open meeting belongs to that meeting. Who
declared a conflict stands back by itself; anybody may stand back at the meeting, too. Minutes come from the records alone.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.roles import COMMITTEE, Role
from registry.domain.trust_list import canonical_json, wire_instant
from registry.domain.workflow import VOTING_STATES, State
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.body import Scheme
from registry.models.decision import Decision, Motion
from registry.models.meeting import Attendance, Meeting, MeetingItem, MeetingMotion, Minutes, Recusal
from registry.services import access
from registry.services.case_file import policy_for
from registry.services.guards import seated
from registry.services.motions import current_motion, recused, tally_of
from registry.services.recording import audit

CALLERS = (Role.COMMITTEE_CHAIR, Role.CASE_OFFICER)
"""Who calls a meeting of a body and sets its agenda."""
ATTENDING = (Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER, Role.CASE_OFFICER)
"""Who sees the meetings of a body."""
AGENDA_STATES = VOTING_STATES | {State.FINAL_REPORT, State.REPRESENTATION}
"""States in which a case may be put on an agenda: before the committee, or on its way there."""
PLACE_LIMIT = 300
REASON_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class NewMeeting:
    """When and where a committee meets; `place` is a room or a link. `chair` None: the person who calls it."""

    starts_at: datetime
    place: str
    chair: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many may vote on one item, how many of them are there, and how many it takes."""

    members: int
    present: int
    needed: int

    @property
    def is_met(self) -> bool:
        """Whether enough are there."""
        return self.present >= self.needed


def call(session: Session, body_id: uuid.UUID, new: NewMeeting, *, actor: uuid.UUID, at: datetime) -> Meeting:
    """As the committee chair or a case officer of a body: call a meeting.

    Raises:
        InvalidInput: it lies in the past, or has no place; the chair named chairs no committee.
    """
    access.require(session, actor, *CALLERS, at=at, body=body_id)
    chair = new.chair or actor
    problems = []
    if new.starts_at < at:
        problems.append(FieldError("starts_at", "a meeting is called for a time to come"))
    if not new.place.strip() or len(new.place) > PLACE_LIMIT:
        problems.append(FieldError("place", "say where the committee meets, or give the link"))
    if not access.holds(session, chair, Role.COMMITTEE_CHAIR, at=at, body=body_id):
        problems.append(FieldError("chair", "a committee chair of the body has to chair the meeting"))
    if problems:
        raise InvalidInput("this meeting cannot be called", problems)
    meeting = Meeting(
        body_id=body_id,
        starts_at=new.starts_at,
        place=new.place.strip(),
        chair_id=chair,
        created_by=actor,
        created_at=at,
        items=[],
        attendance=[],
        recusals=[],
    )
    session.add(meeting)
    session.flush()
    audit(session, "meeting.called", actor=actor, at=at, of=("meeting", meeting.id))
    return meeting


def meetings_of(session: Session, *, actor: uuid.UUID, at: datetime) -> Sequence[Meeting]:
    """Return the meetings of the bodies for which a person sits on a committee or works on cases, newest first."""
    query = select(Meeting).order_by(Meeting.starts_at.desc())
    return [
        one
        for one in session.scalars(query)
        if access.holds(session, actor, *ATTENDING, at=at, body=one.body_id)
    ]


def visible(
    session: Session, meeting_id: uuid.UUID, *, actor: uuid.UUID, at: datetime, lock: bool = False
) -> Meeting:
    """Return a meeting to the people of its body who attend or prepare it; nobody else knows of it."""
    meeting = session.get(Meeting, meeting_id, with_for_update=lock or None)
    if meeting is None or not access.holds(session, actor, *ATTENDING, at=at, body=meeting.body_id):
        raise NotFound(f"no meeting {meeting_id}")
    return meeting


def add_item(
    session: Session, meeting_id: uuid.UUID, application_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> MeetingItem:
    """Put a case on the agenda, at its end.

    Raises:
        TransitionRefused: the meeting is over, or the case is not before the committee.
        Conflict: it is on the agenda already.
    """
    meeting = _open_meeting(session, meeting_id, actor, at)
    application = access.visible_application(session, application_id, actor=actor, at=at)
    if application.scheme.body_id != meeting.body_id:
        raise NotFound(f"no application {application_id}")
    if application.state not in AGENDA_STATES:
        raise TransitionRefused("this case is not before the committee")
    if any(item.application_id == application.id for item in meeting.items):
        raise Conflict("this case is on the agenda already")
    row = MeetingItem(
        meeting_id=meeting.id,
        application_id=application.id,
        position=len(meeting.items) + 1,
        added_by=actor,
    )
    session.add(row)
    session.flush()
    session.expire(meeting, ["items"])
    detail = {"application": str(application.id)}
    audit(session, "meeting.item_added", actor=actor, at=at, of=("meeting", meeting.id), detail=detail)
    return row


def reorder(
    session: Session, meeting_id: uuid.UUID, order: Sequence[uuid.UUID], *, actor: uuid.UUID, at: datetime
) -> Meeting:
    """Put the agenda in another order.

    Raises:
        InvalidInput: the cases named are not those of the agenda.
    """
    meeting = _open_meeting(session, meeting_id, actor, at)
    items = {item.application_id: item for item in meeting.items}
    if len(order) != len(items) or set(order) != set(items):
        raise InvalidInput(
            "this is not the agenda", [FieldError("order", "name each case of the agenda once")]
        )
    for position, application_id in enumerate(order, 1):
        items[application_id].position = position
    session.flush()
    session.expire(meeting, ["items"])
    return meeting


def attend(
    session: Session, meeting_id: uuid.UUID, account_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> Attendance:
    """Note that somebody is there: oneself, or, as the chair of the meeting, anybody of the committees."""
    meeting = visible(session, meeting_id, actor=actor, at=at, lock=True)
    _require_open(meeting)
    if actor not in {account_id, meeting.chair_id}:
        raise NotAllowed("only the chair of the meeting notes who else is there")
    known = session.get(Attendance, (meeting.id, account_id))
    if known is not None:
        return known
    if not access.holds(session, account_id, *ATTENDING, at=at, body=meeting.body_id):
        raise NotAllowed("this person is no member of a committee of the body")
    row = Attendance(meeting_id=meeting.id, account_id=account_id, noted_by=actor, at=at)
    session.add(row)
    session.flush()
    session.expire(meeting, ["attendance"])
    return row


def recuse(
    session: Session,
    meeting_id: uuid.UUID,
    application_id: uuid.UUID,
    reason: str,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> Recusal:
    """As a member of the committee of a case: stand back from it, for good.

    Raises:
        Conflict: one has voted on the case, or stands back already.
    """
    meeting = visible(session, meeting_id, actor=actor, at=at, lock=True)
    _require_open(meeting)
    application = _on_agenda(meeting, application_id)
    access.require_part(session, actor, application, *COMMITTEE, at=at)
    motion = current_motion(session, application)
    if motion is not None and any(vote.account_id == actor for vote in motion.votes):
        raise Conflict("you have voted on this case; stand back before you vote")
    if not reason.strip() or len(reason) > REASON_LIMIT:
        raise InvalidInput("say why you stand back", [FieldError("reason", "say why you stand back")])
    if session.get(Recusal, (application.id, actor)) is not None:
        raise Conflict("you stand back from this case already")
    row = Recusal(
        application_id=application.id,
        account_id=actor,
        meeting_id=meeting.id,
        reason=reason.strip(),
        at=at,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise Conflict("you stand back from this case already") from error
    session.expire(meeting, ["recusals"])
    audit(session, "meeting.recused", actor=actor, at=at, of=("application", application.id))
    return row


def cases_for(session: Session, meeting: Meeting, *, actor: uuid.UUID, at: datetime) -> Sequence[Application]:
    """Return the cases of the body that can be put on the agenda of a meeting, the most urgent first."""
    if not access.holds(session, actor, *CALLERS, at=at, body=meeting.body_id):
        return ()
    query = (
        select(Application)
        .join(Scheme, Scheme.id == Application.scheme_id)
        .where(Scheme.body_id == meeting.body_id, Application.state.in_(AGENDA_STATES))
        .order_by(Application.due_at, Application.reference)
    )
    found = session.scalars(query).all()
    return [one for one in found if not access.is_of_applicant(session, actor, one)]


def quorum_of(session: Session, meeting: Meeting, application: Application) -> Quorum:
    """Return whether enough members are there for one item; who stands back does not count."""
    committee = policy_for(application).decision.committee
    voting = {a.account_id for a in seated(application, *COMMITTEE)} - recused(application)
    there = {row.account_id for row in meeting.attendance}
    share = Fraction(str(committee.quorum))
    needed = max(committee.min_members * share, len(voting) * share)
    return Quorum(len(voting), len(voting & there), -(-needed.numerator // needed.denominator))


def close(
    session: Session, meeting_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> Minutes:
    """As its chair: end a meeting; its minutes are made and frozen."""
    meeting = visible(session, meeting_id, actor=actor, at=at, lock=True)
    if meeting.chair_id != actor:
        raise NotAllowed("only the chair of the meeting ends it")
    _require_open(meeting)
    if meeting.version != version:
        raise Conflict("somebody else changed this meeting meanwhile; look at it again before you act")
    content = minutes_content(session, meeting, at)
    meeting.closed_at = at
    row = Minutes(
        meeting_id=meeting.id,
        content=content,
        sha256=hashlib.sha256(canonical_json(content)).hexdigest(),
        by=actor,
        at=at,
    )
    session.add(row)
    session.flush()
    session.expire(meeting, ["minutes"])
    detail = {"sha256": row.sha256}
    audit(session, "meeting.closed", actor=actor, at=at, of=("meeting", meeting.id), detail=detail)
    return row


def minutes_content(session: Session, meeting: Meeting, at: datetime) -> dict[str, Any]:
    """Return the minutes of a meeting as they stand: agenda, present, stood back, votes, outcome; no free text."""
    names = {row.account_id: row.account.name for row in meeting.attendance}
    return {
        "meeting": str(meeting.id),
        "body": dict(meeting.body.names),
        "starts_at": wire_instant(meeting.starts_at),
        "ended_at": wire_instant(at),
        "chair": meeting.chair.name,
        "present": sorted(names.values()),
        "items": [_item_content(session, meeting, item) for item in meeting.items],
    }


def _item_content(session: Session, meeting: Meeting, item: MeetingItem) -> dict[str, Any]:
    application = item.application
    members = {a.account_id: a.account.name for a in seated(application, *COMMITTEE)}
    back = recused(application)
    return {
        "position": item.position,
        "reference": application.reference,
        "institution": application.institution.name,
        "institution_names": dict(application.institution.names),
        "policy": {"id": application.policy.policy_id, "version": application.policy.version},
        "recused": sorted(name for who, name in members.items() if who in back),
        "motions": [
            _motion_content(session, application, motion)
            for motion in motions_at(session, meeting.id, application.id)
        ],
    }


def _motion_content(session: Session, application: Application, motion: Motion) -> dict[str, Any]:
    tally = tally_of(application, motion)
    decided = select(Decision.id).where(Decision.motion_id == motion.id)
    noticed = any(hearing.motion_id == motion.id for hearing in application.hearings)
    return {
        "number": motion.number,
        "outcome": motion.outcome,
        "proposed_outcome": motion.proposed_outcome,
        "rule": motion.rule,
        "in_favour": tally.in_favour,
        "against": tally.against,
        "abstained": tally.abstained,
        "quorate": tally.quorate,
        "carried": tally.carried,
        "followed_by": "decision" if session.scalar(decided) else "notice" if noticed else None,
    }


def motions_at(session: Session, meeting_id: uuid.UUID, application_id: uuid.UUID) -> Sequence[Motion]:
    """Return the motions on one case that were put at a meeting, in their order."""
    query = (
        select(Motion)
        .join(MeetingMotion, MeetingMotion.motion_id == Motion.id)
        .where(MeetingMotion.meeting_id == meeting_id, Motion.application_id == application_id)
    )
    return session.scalars(query.order_by(Motion.number)).all()


def meeting_of_motion(session: Session, motion: Motion) -> Meeting | None:
    """Return the meeting at which a motion was put, or None."""
    place = session.get(MeetingMotion, motion.id)
    return session.get(Meeting, place.meeting_id) if place else None


def _on_agenda(meeting: Meeting, application_id: uuid.UUID) -> Application:
    found = next((i.application for i in meeting.items if i.application_id == application_id), None)
    if found is None:
        raise NotFound(f"no application {application_id} on the agenda")
    return found


def _open_meeting(session: Session, meeting_id: uuid.UUID, actor: uuid.UUID, at: datetime) -> Meeting:
    meeting = visible(session, meeting_id, actor=actor, at=at, lock=True)
    access.require(session, actor, *CALLERS, at=at, body=meeting.body_id)
    _require_open(meeting)
    return meeting


def _require_open(meeting: Meeting) -> None:
    if meeting.closed_at is not None:
        raise TransitionRefused("this meeting is over")
