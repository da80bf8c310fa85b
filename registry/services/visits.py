"""Visits of the panel: the plan, and the private notes of those who were there.

A policy with days for a visit offers one; without them the panel says in a note why it visits nevertheless. No policy
makes a visit a condition of the report: the report says whether one took place. Beginning and ending one are steps of the
workflow.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.prose import LONG, SHORT, prose
from registry.domain.roles import PANEL, CaseRole
from registry.domain.visits import AgendaItem, VisitMode, agenda_problems, offers_visit
from registry.domain.workflow import Action, State
from registry.errors import FieldError, InvalidInput, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.judgement import VisitNote, VisitPlan
from registry.services import access
from registry.services.case_file import last_step, policy_for
from registry.services.guards_judgement import plan_is_used, plan_of
from registry.services.recording import audit, enqueue

DESK = (CaseRole.PANEL_CHAIR, CaseRole.PANEL_SECRETARY)
NOTES_KEPT: Final = timedelta(days=365)
"""How long the private notes of a visit are kept: through the decision and the time to appeal."""
MOST_NOTES: Final = 200
NOTING_STATES = frozenset(
    {State.VISIT, State.REVIEW, State.DRAFT_REPORT, State.FACTUAL_CHECK, State.FINAL_REPORT}
)
"""States in which the panel keeps notes of a visit that has begun."""
_PLACE: Final = 500


def plan(
    session: Session,
    application_id: uuid.UUID,
    mode: VisitMode,
    place: str,
    day: date,
    agenda: Sequence[AgendaItem],
    *,
    note: str = "",
    actor: uuid.UUID,
    at: datetime,
) -> VisitPlan:
    """As chair or secretary: plan the visit, or plan it anew until it begins; the applicant is told.

    `place` is an address, or the https address of the meeting for a remote visit.

    Raises:
        TransitionRefused: the case is not under review.
        InvalidInput: a day gone by, an agenda without learners, no place, or no note where the policy has no visit.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *DESK, at=at)
    if application.state is not State.REVIEW:
        raise TransitionRefused("a visit is planned while the case is under review")
    items = [AgendaItem(i.starts, i.group, prose("agenda", i.subject, _PLACE)) for i in agenda]
    where = prose("place", place, _PLACE)
    why = prose("note", note, SHORT)
    problems = agenda_problems(items) + _problems(application, mode, where, day, why, at)
    if problems:
        raise InvalidInput("this visit cannot be planned", problems)
    before = plan_of(session, application)
    made = VisitPlan(
        application_id=application.id,
        number=before.number + 1 if before else 1,
        mode=mode,
        place=where,
        day=day,
        agenda=[{"starts": i.starts, "group": i.group.value, "subject": i.subject} for i in items],
        note=why,
        by=actor,
        at=at,
    )
    session.add(made)
    session.flush()
    audit(session, "visit.planned", actor=actor, at=at, of=("application", application.id))
    enqueue(session, "mail", {"kind": "visit_planned", "application": str(application.id)}, at=at)
    return made


def _problems(
    application: Application, mode: VisitMode, place: str, day: date, note: str, at: datetime
) -> list[FieldError]:
    problems = []
    if not place:
        problems.append(FieldError("place", "say where: an address, or the link of the meeting"))
    elif mode is VisitMode.REMOTE and not place.startswith("https://"):
        problems.append(FieldError("place", "give the link of the meeting, starting with https://"))
    if day < at.date():
        problems.append(FieldError("day", "this day has gone by"))
    if not offers_visit(policy_for(application)) and not note:
        problems.append(FieldError("note", "this policy has no visit; say why the panel makes one"))
    return problems


def open_plan(session: Session, application: Application) -> VisitPlan | None:
    """Return the plan of the visit that is to come or going on, or None."""
    found = plan_of(session, application)
    if found is None or (plan_is_used(application, found) and application.state is not State.VISIT):
        return None
    return found


def held(session: Session, application: Application) -> VisitPlan | None:
    """Return the plan of the last visit that was begun, or None where no visit took place."""
    begun = last_step(application, Action.BEGIN_VISIT)
    if begun is None:
        return None
    query = select(VisitPlan).where(VisitPlan.application_id == application.id, VisitPlan.at <= begun.at)
    return session.scalars(query.order_by(VisitPlan.number.desc()).limit(1)).one_or_none()


def write_note(
    session: Session, application_id: uuid.UUID, text: str, *, actor: uuid.UUID, at: datetime
) -> VisitNote:
    """As anybody on the panel: keep a private note of the visit; it is erased after `NOTES_KEPT`.

    Raises:
        TransitionRefused: no visit has begun, or the report is with the committee.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *PANEL, at=at)
    if last_step(application, Action.BEGIN_VISIT) is None or application.state not in NOTING_STATES:
        raise TransitionRefused("notes are taken from the beginning of a visit until the final report")
    words = prose("text", text, LONG, missing="write the note")
    if len(_all_notes(session, application)) >= MOST_NOTES:
        raise InvalidInput("too many notes in one case; write the rest into the report")
    note = VisitNote(
        application_id=application.id, author=actor, text=words, at=at, keep_until=at + NOTES_KEPT
    )
    session.add(note)
    session.flush()
    # Of a private note the trail says that there is one, never what it says.
    audit(session, "visit.noted", actor=actor, at=at, of=("application", application.id))
    return note


def notes_of(
    session: Session, application: Application, *, actor: uuid.UUID, at: datetime
) -> Sequence[VisitNote]:
    """Return the notes of a visit to somebody on the panel, oldest first; erased ones are left out.

    Raises:
        NotAllowed: not on the panel, or the file is locked.
    """
    access.require_part(session, actor, application, *PANEL, at=at)
    return [
        note for note in _all_notes(session, application) if note.text is not None and note.keep_until > at
    ]


def _all_notes(session: Session, application: Application) -> Sequence[VisitNote]:
    query = select(VisitNote).where(VisitNote.application_id == application.id)
    return session.scalars(query.order_by(VisitNote.at)).all()


def erase_note(session: Session, note_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> VisitNote:
    """As its author: erase a note before its time."""
    note = session.get(VisitNote, note_id, with_for_update=True)
    if note is None or note.author != actor:
        raise NotFound(f"no note {note_id}")
    application = access.visible_application(session, note.application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *PANEL, at=at)
    if note.text is not None:
        note.text, note.erased_at = None, at
        session.flush()
        audit(session, "visit.note_erased", actor=actor, at=at, of=("application", application.id))
    return note


def erase_notes(session: Session, *, at: datetime, most: int = 500) -> int:
    """Erase up to `most` notes whose time is over and return how many; for the retention job."""
    query = select(VisitNote).where(VisitNote.keep_until <= at, VisitNote.text.is_not(None))
    over = session.scalars(query.order_by(VisitNote.keep_until).limit(most)).all()
    for note in over:
        note.text, note.erased_at = None, at
    session.flush()
    return len(over)
