"""What the public may read while a decision is under appeal, and telling the publisher that it changed."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.trust_list import wire_instant
from registry.domain.workflow import State
from registry.models.appeal import Appeal
from registry.models.application import Application
from registry.models.decision import Decision
from registry.services.case_file import decision_of, policy_for
from registry.services.outbox import DECISION
from registry.services.public_decisions import named_when, public_decision
from registry.services.recording import enqueue


def announce_decision(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Tell the publisher that what is said of a decision, or of an appeal against a listed issuer's, has changed.

    Of what is published without a name nothing is told: neither the log nor a gap reveals it.
    """
    appealed = application.issuer_id is not None and _appeal_of(session, decision) is not None
    if appealed or public_decision(session, decision.id) is not None:
        enqueue(session, DECISION, {"decision": str(decision.id)}, at=at)


def pending_appeal(session: Session, application: Application) -> dict[str, Any] | None:
    """Return the public note that a decision about a listed issuer is under appeal, with what holds meanwhile; or None.

    Who was never listed has no note, and neither has a decision that the policy publishes without a name.
    """
    decision = decision_of(session, application.id)
    if decision is None or application.issuer_id is None or application.state is not State.APPEAL:
        return None
    appeal, policy = _appeal_of(session, decision), policy_for(application)
    when = named_when(policy, decision.outcome)
    if appeal is None or appeal.result is not None or when is None:
        return None
    waits = when == "when_final"
    during = getattr(policy.appeals.effect_during_appeal, decision.outcome, None)
    return {
        "since": wire_instant(appeal.at),
        "due": wire_instant(appeal.due),
        "decision": None if waits else str(decision.id),
        "standing_holds": waits,
        "during": None if waits or during is None else during.as_dict(),
    }


def pending_appeals(session: Session, issuer_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the notes of all appeals that are pending about a listed issuer, oldest first."""
    query = select(Application).where(Application.issuer_id == issuer_id, Application.state == State.APPEAL)
    found = (pending_appeal(session, application) for application in session.scalars(query))
    return sorted((note for note in found if note is not None), key=lambda note: str(note["since"]))


def _appeal_of(session: Session, decision: Decision) -> Appeal | None:
    return session.scalars(select(Appeal).where(Appeal.decision_id == decision.id)).one_or_none()
