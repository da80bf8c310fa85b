"""The exception for a body with too few people: two let as many as are missing decide again what an appeal annulled.

The proposal with its reasons, and the audit event, are the record of it.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.committees import Bench
from registry.domain.roles import COMMITTEE, CaseRole
from registry.errors import FieldError
from registry.models.application import Application
from registry.models.two_people import Proposal
from registry.services import cases
from registry.services.case_file import policy_for
from registry.services.committees import stood_down
from registry.services.guards import seated
from registry.services.recording import audit


def bench(session: Session, application: Application, at: datetime) -> Bench:
    """Return who could decide anew: those seated now, and those who could be."""
    found = {part.account_id: part.role for part in seated(application, *COMMITTEE)}
    for role in sorted(COMMITTEE):
        for account in cases.candidates(session, application, role, at):
            found.setdefault(account.id, role)
    chairs = [role for role in found.values() if role is CaseRole.COMMITTEE_CHAIR]
    return Bench(len(found), bool(chairs))


def places(session: Session, application: Application, at: datetime) -> int:
    """Return how many of those who stood down may sit again."""
    wanted = policy_for(application).decision.committee.min_members
    return bench(session, application, at).may_come_back(wanted)


def check_again(session: Session, proposal: Proposal, at: datetime) -> list[FieldError]:
    """Return why those named cannot sit again: they did not stand down, or the body has others."""
    application = session.get(Application, proposal.application_id) if proposal.application_id else None
    if application is None or proposal.object_id != str(application.id):
        return [FieldError("object_id", "name the case")]
    named = set(proposal.content.get("people") or [])
    known = {str(part.account_id) for part in stood_down(session, application)}
    if not named or not named <= known:
        return [FieldError("people", "choose among those who decided before")]
    free = places(session, application, at)
    if len(named) > free:
        message = f"the body has others for this committee; of those who decided before, at most {free} may sit again"
        return [FieldError("people", message)]
    return []


def apply_again(session: Session, proposal: Proposal, actor: uuid.UUID, at: datetime) -> None:
    """Let those named sit again; they declare their interests anew like everybody."""
    application = session.get_one(Application, proposal.application_id)
    for part in stood_down(session, application):
        if str(part.account_id) in proposal.content["people"]:
            part.ended_at = None
    session.flush()
    session.expire(application, ["assignments"])
    detail = {"people": sorted(proposal.content["people"]), "proposal": str(proposal.id)}
    audit(
        session,
        "committee.sits_again",
        actor=actor,
        at=at,
        of=("application", application.id),
        detail=detail,
    )
