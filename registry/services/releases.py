"""Release: two people sign a decision, and only then does it take effect and reach the publisher."""

import uuid
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.roles import CaseRole, Role
from registry.domain.workflow import Action, State
from registry.errors import Conflict, NotAllowed, NotFound, TransitionRefused
from registry.models.appeal import Appeal, AppealMotion
from registry.models.application import Application
from registry.models.decision import Decision, Release, ReleaseProposal
from registry.models.review import Assignment
from registry.services import access, aftermath, letters, precedents
from registry.services.clock import clock_account
from registry.services.corrections import undo
from registry.services.finality import waits_for_finality
from registry.services.public_appeals import announce_decision
from registry.services.recording import audit
from registry.services.standing import take_effect
from registry.services.steps import PROVEN, take_step


def propose(session: Session, decision_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> ReleaseProposal:
    """As a registrar: give the first signature under a decision.

    Raises:
        NotAllowed: no registrar of the body, or the person plays another part in this case.
        Conflict: the first signature is there already.
    """
    decision, application = _decided(session, decision_id, actor, at)
    if session.get(ReleaseProposal, decision.id) is not None:
        raise Conflict("the first signature is there already; another registrar gives the second")
    _seat(session, application, CaseRole.REGISTRAR, actor, at)
    row = ReleaseProposal(decision_id=decision.id, first_by=actor, at=at)
    session.add(row)
    session.flush()
    audit(session, "release.proposed", actor=actor, at=at, of=("decision", decision.id))
    return row


def release(session: Session, decision_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> Release:
    """As another registrar: give the second signature. Recognition, audit and outbox are written in this transaction.

    An outcome that the policy publishes only when it is final takes effect then; see `finality`. What an appeals panel
    decided is final: it takes the place of the decision before, and the case is closed.

    Raises:
        NotAllowed: the same person as the first, no registrar, or somebody with another part in this case.
        TransitionRefused: the first signature is missing.
    """
    decision, application = _decided(session, decision_id, actor, at)
    proposal = session.get(ReleaseProposal, decision.id)
    if proposal is None:
        raise TransitionRefused("a registrar has to give the first signature before the second")
    if proposal.first_by == actor:
        raise NotAllowed("the second signature is given by another person than the first")
    _seat(session, application, CaseRole.SECOND_SIGNER, actor, at)
    row = Release(decision_id=decision.id, first_by=proposal.first_by, second_by=actor, at=at)
    session.add(row)
    session.flush()
    letters.write(session, application, decision, at)
    precedents.note(session, application, decision, at)
    appealed = _appealed(session, decision)
    if appealed is not None:
        undo(session, application, appealed, at)
    if not waits_for_finality(session, application, decision):
        take_effect(session, application, decision, at)
    aftermath.begin(session, application, decision, at)
    take_step(session, application, Action.RELEASE, actor=actor, at=at, guards=PROVEN)
    if appealed is not None:
        clock = clock_account(session, at=at).id
        take_step(session, application, Action.CLOSE, actor=clock, at=at, guards=PROVEN)
        announce_decision(session, application, appealed, at)
    announce_decision(session, application, decision, at)
    audit(session, "decision.released", actor=actor, at=at, of=("decision", decision.id))
    return row


def _appealed(session: Session, decision: Decision) -> Decision | None:
    """Return the decision that this one, of an appeals panel, takes the place of; None for one of the committee."""
    put = session.get(AppealMotion, decision.motion_id)
    return session.get_one(Appeal, put.appeal_id).decision if put else None


def _decided(
    session: Session, decision_id: uuid.UUID, actor: uuid.UUID, at: datetime
) -> tuple[Decision, Application]:
    decision = session.get(Decision, decision_id)
    if decision is None:
        raise NotFound(f"no decision {decision_id}")
    application = access.visible_application(session, decision.application_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.REGISTRAR, at=at, body=application.scheme.body_id)
    if application.state is not State.DECIDED:
        raise Conflict("this decision has been released already")
    return decision, application


def _seat(session: Session, application: Application, role: CaseRole, actor: uuid.UUID, at: datetime) -> None:
    """Note the signer's part in the case; the database keeps that one person plays one part.

    Who signed an earlier decision of the case may sign a later one.
    """
    if access.is_of_applicant(session, actor, application):
        raise NotAllowed("you have acted for the applicant; other people sign what concerns it")
    part = access.part_of(session, actor, application.id)
    if part is not None and part.role in {CaseRole.REGISTRAR, CaseRole.SECOND_SIGNER}:
        return
    row = Assignment(
        application_id=application.id, account_id=actor, role=role, assigned_by=actor, assigned_at=at
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise NotAllowed(
            "you play a part in this case already; its release is signed by other people"
        ) from error
    session.expire(application, ["assignments"])


def release_state(session: Session, decision: Decision) -> tuple[ReleaseProposal | None, Release | None]:
    """Return the first and the second signature of a decision, as far as they are there."""
    return session.get(ReleaseProposal, decision.id), session.get(Release, decision.id)
