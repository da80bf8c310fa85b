"""Release: two people sign a decision, and only then does it take effect and reach the publisher."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.periods import plus_months
from registry.domain.policy import Outcome, Policy
from registry.domain.recognition import Effect, Reason, Status
from registry.domain.roles import CaseRole, Role
from registry.domain.trust_list import SHARD_SIZE
from registry.domain.workflow import Action, State
from registry.errors import Conflict, NotAllowed, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.decision import Decision, Release, ReleaseProposal
from registry.models.issuer import Issuer, RecognitionEvent
from registry.models.review import Assignment
from registry.services import access
from registry.services.applications import PROVEN, mandate_problems, take_step
from registry.services.case_file import policy_for
from registry.services.identities import list_identity
from registry.services.outbox import announce
from registry.services.recording import RECOGNITION, audit, next_number, stamp


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
    effect = _EFFECTS.get(Outcome(decision.outcome))
    if effect is not None:
        effect(session, application, decision, at)
    take_step(session, application, Action.RELEASE, actor=actor, at=at, guards=PROVEN)
    audit(session, "decision.released", actor=actor, at=at, of=("decision", decision.id))
    return row


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
    """Note the signer's part in the case; the database keeps that one person plays one part."""
    if access.is_of_applicant(session, actor, application):
        raise NotAllowed("you have acted for the applicant; other people sign what concerns it")
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


def _grant(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Give the recognition: the issuer's listing, its event, its identities, and what the calendar will bring."""
    policy = policy_for(application)
    if mandate_problems(application.scheme.body, decision.motion.terms["scope"], at):
        raise TransitionRefused("the mandate of the accreditation body has ended, or does not reach so far")
    issuer = _issuer(session, application, at)
    first = not issuer.events
    conditional = decision.outcome == Outcome.RECOGNIZE_WITH_CONDITIONS
    until = plus_months(at, _months(policy, conditional=conditional, first=first))
    _record(
        session,
        application,
        decision,
        issuer,
        at,
        status=Status.ACTIVE_WITH_CONDITIONS if conditional else Status.ACTIVE,
        reason=Reason.GRANTED if first else Reason.RENEWED,
        scope=decision.motion.terms["scope"],
        conditions=[_due(condition, at) for condition in decision.motion.terms["conditions"]],
        valid_until=until,
    )
    listed = {event.claim_id for event in issuer.identities}
    for claim in application.identity_claims:
        if claim.id not in listed:
            list_identity(session, issuer.id, claim, effective_from=at, at=at)
    announce(session, issuer, at=at)
    announce(session, issuer, at=at, due=until)


def _months(policy: Policy, *, conditional: bool, first: bool) -> int:
    validity = policy.validity
    if conditional:
        return validity.conditional_months
    return (
        validity.first_recognition_months
        if first and validity.first_recognition_months
        else validity.full_months
    )


def _due(condition: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    due = at + timedelta(days=int(condition["days"]))
    return {"criterion": condition["criterion"], "due": due.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _issuer(session: Session, application: Application, at: datetime) -> Issuer:
    found = session.scalars(
        select(Issuer).where(
            Issuer.institution_id == application.institution_id, Issuer.scheme_id == application.scheme_id
        )
    ).one_or_none()
    if found is not None:
        application.issuer_id = found.id
        return found
    place = next_number(session, f"issuer:{application.scheme.slug}", at)
    issuer = Issuer(
        institution=application.institution,
        scheme=application.scheme,
        shard=(place - 1) // SHARD_SIZE + 1,
        created_at=at,
        events=[],
        identities=[],
    )
    session.add(issuer)
    session.flush()
    application.issuer_id = issuer.id
    return issuer


def _suspend(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    _stop(session, application, decision, at, Status.SUSPENDED)


def _withdraw(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    _stop(session, application, decision, at, Status.WITHDRAWN)


def _stop(
    session: Session, application: Application, decision: Decision, at: datetime, status: Status
) -> None:
    """Suspend or withdraw: what the policy says becomes of credentials already issued is part of the event."""
    issuer = session.get_one(Issuer, application.issuer_id)
    if issuer.events[-1].status not in _STANDING:
        raise TransitionRefused(
            "this recognition has ended meanwhile; there is nothing left to suspend or withdraw"
        )
    terms = policy_for(application).sanctions.effect_on_issued_credentials
    effect = (terms.suspended if status is Status.SUSPENDED else terms.withdrawn).effect
    _record(
        session,
        application,
        decision,
        issuer,
        at,
        status=status,
        reason=Reason(decision.motion.rule),
        effect=effect,
        effect_from=at if effect is Effect.NOT_FROM_INSTANT else None,
    )
    announce(session, issuer, at=at)


_STANDING = frozenset({Status.ACTIVE, Status.ACTIVE_WITH_CONDITIONS, Status.SUSPENDED})


def _record(
    session: Session,
    application: Application,
    decision: Decision,
    issuer: Issuer,
    at: datetime,
    *,
    status: Status,
    reason: Reason,
    effect: Effect = Effect.STAY_COVERED,
    effect_from: datetime | None = None,
    scope: dict[str, Any] | None = None,
    conditions: list[dict[str, Any]] | None = None,
    valid_until: datetime | None = None,
) -> RecognitionEvent:
    policy = application.policy
    number, recorded = stamp(session, RECOGNITION, at)
    event = RecognitionEvent(
        number=number,
        issuer_id=issuer.id,
        decision_id=decision.id,
        recorded_at=recorded,
        effective_from=max(at, recorded),
        status=status,
        reason=reason,
        effect=effect,
        effect_from=effect_from,
        scope=scope,
        conditions=conditions,
        valid_until=valid_until,
        policy_id=policy.policy_id,
        policy_version=policy.version,
        policy_sha256=policy.sha256,
    )
    session.add(event)
    session.flush()
    session.expire(issuer, ["events"])
    return event


_EFFECTS: Mapping[Outcome, Callable[[Session, Application, Decision, datetime], None]] = {
    Outcome.RECOGNIZE: _grant,
    Outcome.RECOGNIZE_WITH_CONDITIONS: _grant,
    Outcome.SUSPEND: _suspend,
    Outcome.WITHDRAW: _withdraw,
}
"""What an outcome does to a recognition when it is released; a refusal does nothing and leaves no trace."""


def release_state(session: Session, decision: Decision) -> tuple[ReleaseProposal | None, Release | None]:
    """Return the first and the second signature of a decision, as far as they are there."""
    return session.get(ReleaseProposal, decision.id), session.get(Release, decision.id)
