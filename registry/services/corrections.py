"""Corrections: what an annulled decision had changed is as if it had never been; what was said before stays on record."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.policy import Outcome
from registry.domain.recognition import Reason, known_events
from registry.models.application import Application
from registry.models.decision import Decision
from registry.models.issuer import Issuer, RecognitionEvent
from registry.services.standing import Change, Ground, record
from registry.services.trust_lists import status_events

GRANTING = frozenset({Outcome.RECOGNIZE, Outcome.RECOGNIZE_WITH_CONDITIONS})


def undo(
    session: Session, application: Application, decision: Decision, at: datetime
) -> Sequence[RecognitionEvent]:
    """Record for each change that a decision made a correction that takes its place; return the corrections.

    A recognition that the decision gave stands until the new decision: nobody who appeals is left with less meanwhile.
    """
    if application.issuer_id is None or Outcome(decision.outcome) in GRANTING:
        return ()
    issuer = session.get_one(Issuer, application.issuer_id)
    corrected = {event.supersedes for event in issuer.events}
    made = [e for e in issuer.events if e.decision_id == decision.id and e.number not in corrected]
    return [_correct(session, application, decision, issuer, event, at) for event in made]


def _correct(
    session: Session,
    application: Application,
    decision: Decision,
    issuer: Issuer,
    event: RecognitionEvent,
    at: datetime,
) -> RecognitionEvent:
    counted = known_events(status_events(issuer))
    earlier = [
        e.number for e in counted if (e.effective_from, e.number) < (event.effective_from, event.number)
    ]
    rows = {row.number: row for row in issuer.events}
    before = rows[earlier[-1]]
    granted = next(rows[number] for number in reversed(earlier) if rows[number].scope is not None)
    change = Change(
        status=before.status,
        reason=Reason.CORRECTION,
        effect=before.effect,
        effect_from=before.effect_from,
        scope=granted.scope if event.scope is not None else None,
        conditions=granted.conditions if event.scope is not None else None,
        effective_from=event.effective_from,
        supersedes=event.number,
    )
    return record(session, issuer, change, Ground(application.policy, decision), at)
