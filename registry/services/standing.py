"""Standing: how what was decided, or ordered by two people, changes a recognition. Events are only ever added here."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.granting import end_of_term, joined
from registry.domain.policy import Outcome, Policy
from registry.domain.recognition import Effect, Reason, Status, interval_at, status_at, timeline
from registry.domain.scope import Scope, parse_scope, scope_to_wire
from registry.domain.stops import STOPPING
from registry.domain.trust_list import SHARD_SIZE
from registry.errors import TransitionRefused
from registry.models.application import Application, Procedure
from registry.models.body import AdoptedPolicy, Scheme
from registry.models.decision import Decision, Motion
from registry.models.institution import Institution
from registry.models.issuer import Issuer, RecognitionEvent
from registry.models.standing import UrgentOrder
from registry.models.two_people import Proposal
from registry.services.case_file import policy_for
from registry.services.identities import list_identity
from registry.services.outbox import announce
from registry.services.recording import RECOGNITION, next_number, stamp
from registry.services.scope_rules import mandate_problems
from registry.services.trust_lists import status_events

_STANDING = frozenset({Status.ACTIVE, Status.ACTIVE_WITH_CONDITIONS, Status.SUSPENDED})
"""Standings that a measure can still change."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a change of standing rests on: a decision, or what two people ordered; and the policy it was taken under."""

    policy: AdoptedPolicy
    decision: Decision | None = None
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of standing. What is None stays as it was; `effective_from` None means from when it is recorded."""

    status: Status
    reason: Reason
    effect: Effect = Effect.STAY_COVERED
    effect_from: datetime | None = None
    scope: dict[str, Any] | None = None
    conditions: list[dict[str, Any]] | None = None
    valid_until: datetime | None = None
    effective_from: datetime | None = None
    supersedes: int | None = None
    terms: dict[str, Any] | None = None


def record(
    session: Session, issuer: Issuer, change: Change, ground: Ground, at: datetime
) -> RecognitionEvent:
    """Add an event to a recognition, and tell the publisher, also of the day on which a term ends."""
    number, recorded = stamp(session, RECOGNITION, at)
    event = RecognitionEvent(
        number=number,
        issuer_id=issuer.id,
        decision_id=ground.decision.id if ground.decision else None,
        proposal_id=ground.proposal.id if ground.proposal else None,
        recorded_at=recorded,
        effective_from=change.effective_from or max(at, recorded),
        status=change.status,
        reason=change.reason,
        effect=change.effect,
        effect_from=change.effect_from,
        scope=change.scope,
        conditions=change.conditions,
        valid_until=change.valid_until,
        supersedes=change.supersedes,
        policy_id=ground.policy.policy_id,
        policy_version=ground.policy.version,
        policy_sha256=ground.policy.sha256,
        terms=change.terms,
    )
    session.add(event)
    session.flush()
    session.expire(issuer, ["events"])
    announce(session, issuer, at=at)
    for later in (change.effective_from, change.valid_until):
        if later is not None and later > at:
            announce(session, issuer, at=at, due=later)
    return event


def take_effect(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Let a decision change the standing; an outcome that changes none, such as a refusal, leaves no trace."""
    effect = _EFFECTS.get(Outcome(decision.outcome))
    if effect is not None:
        effect(session, application, decision, at)


def is_final_first(application: Application, outcome: Outcome) -> bool:
    """Whether the policy lets an outcome take effect only once it is final: the old standing holds until then."""
    terms = getattr(policy_for(application).publication.outcomes, outcome.value)
    return bool(terms.when == "when_final")


def _grant(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Give the recognition: the issuer's listing, its event, its identities, and what the calendar will bring."""
    policy = policy_for(application)
    if mandate_problems(application.scheme.body, decision.motion.terms["scope"], at):
        raise TransitionRefused("the mandate of the accreditation body has ended, or does not reach so far")
    issuer = _issuer(session, application, at)
    before = interval_at(status_events(issuer), at)
    first, extends = not issuer.events, application.procedure is Procedure.SCOPE_EXTENSION
    conditional = decision.outcome == Outcome.RECOGNIZE_WITH_CONDITIONS
    granted = parse_scope(decision.motion.terms["scope"])
    change = Change(
        status=Status.ACTIVE_WITH_CONDITIONS if conditional else Status.ACTIVE,
        reason=Reason.GRANTED if first else Reason.SCOPE_CHANGED if extends else Reason.RENEWED,
        scope=scope_to_wire(joined(before.scope, granted) if extends and before else granted),
        conditions=[_due(condition, at) for condition in decision.motion.terms["conditions"]],
        valid_until=end_of_term(policy, before, at, renews=not extends, conditional=conditional),
    )
    record(session, issuer, change, Ground(application.policy, decision), at)
    listed = {event.claim_id for event in issuer.identities}
    for claim in application.identity_claims:
        if claim.id not in listed:
            list_identity(session, issuer.id, claim, effective_from=at, at=at)


def _due(condition: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    due = at + timedelta(days=int(condition["days"]))
    return {"criterion": condition["criterion"], "due": due.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _issuer(session: Session, application: Application, at: datetime) -> Issuer:
    found = listing_of(session, application.institution, application.scheme, at)
    application.issuer_id = found.id
    return found


def listing_of(session: Session, institution: Institution, scheme: Scheme, at: datetime) -> Issuer:
    """Return the listing of an institution in a scheme; it is made when it is needed first."""
    found = session.scalars(
        select(Issuer).where(Issuer.institution_id == institution.id, Issuer.scheme_id == scheme.id)
    ).one_or_none()
    if found is None:
        place = next_number(session, f"issuer:{scheme.slug}", at)
        found = Issuer(
            institution=institution,
            scheme=scheme,
            shard=(place - 1) // SHARD_SIZE + 1,
            created_at=at,
            events=[],
            identities=[],
        )
        session.add(found)
        session.flush()
    return found


def _reduce(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Leave a part of the scope; the standing is what it was, and what it was before an urgent suspension."""
    issuer = session.get_one(Issuer, application.issuer_id)
    if not is_standing(issuer, at):
        return
    urgent = urgent_order(session, application.id) is not None
    change = Change(
        status=before_suspension(issuer, at) if urgent else standing_of(issuer, at),
        reason=Reason.SCOPE_CHANGED,
        scope=decision.motion.terms["scope"],
    )
    record(session, issuer, change, Ground(application.policy, decision), at)


def _stop(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Suspend, withdraw or void: what the policy says becomes of credentials already issued is part of the event.

    What has ended meanwhile cannot be stopped any more; that it never held can still be found.
    """
    issuer = session.get_one(Issuer, application.issuer_id)
    status = STOPPING[Outcome(decision.outcome)]
    if not is_standing(issuer, at) and status is not Status.VOID:
        return
    reason, terms = _ground_of(decision), ending_of(session, application)
    change = stopping(policy_for(application), status, reason, at, terms)
    record(session, issuer, change, Ground(application.policy, decision), at)


def _ground_of(decision: Decision) -> Reason:
    """Return why a recognition stops: the ground of the notice; in a targeted review, that its criteria are not met."""
    known = {reason.value for reason in Reason}
    return Reason(decision.motion.rule) if decision.motion.rule in known else Reason.CRITERIA_NOT_MET


def ending_of(session: Session, application: Application) -> dict[str, Any] | None:
    """Return what the newest motion of a case that says it means for learners, in wire form; an appeal keeps what stood."""
    query = select(Motion).where(Motion.application_id == application.id).order_by(Motion.number.desc())
    return next((dict(m.terms["ending"]) for m in session.scalars(query) if m.terms.get("ending")), None)


def stopping(
    policy: Policy, status: Status, reason: Reason, at: datetime, terms: dict[str, Any] | None = None
) -> Change:
    """Return the change that stops a recognition, with the effect on issued credentials that the policy names for it."""
    effect = getattr(policy.sanctions.effect_on_issued_credentials, status.value).effect
    return Change(
        status=status,
        reason=reason,
        effect=effect,
        effect_from=at if effect is Effect.NOT_FROM_INSTANT else None,
        terms=terms or None,
    )


def _spare(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Leave all as it was; an urgent suspension that the committee does not confirm ends with its word."""
    if urgent_order(session, application.id) is None:
        return
    issuer = session.get_one(Issuer, application.issuer_id)
    if status_at(status_events(issuer), at) is Status.SUSPENDED:
        lift(session, issuer, Ground(application.policy, decision), at)


def lift(session: Session, issuer: Issuer, ground: Ground, at: datetime) -> RecognitionEvent:
    """End a suspension: the standing is what it was before; what was issued meanwhile is not covered by that."""
    change = Change(status=before_suspension(issuer, at), reason=Reason.SUSPENSION_LIFTED)
    return record(session, issuer, change, ground, at)


def urgent_order(session: Session, application_id: uuid.UUID) -> UrgentOrder | None:
    """Return the urgent suspension that a case has to confirm, or None."""
    query = select(UrgentOrder).where(UrgentOrder.application_id == application_id)
    return session.scalars(query).one_or_none()


def before_suspension(issuer: Issuer, at: datetime) -> Status:
    """Return the standing an issuer had when it was recognized last."""
    past = [i.status for i in timeline(status_events(issuer)) if i.start <= at and i.status.is_recognized]
    return past[-1] if past else Status.ACTIVE


def is_standing(issuer: Issuer, at: datetime) -> bool:
    """Whether an issuer has a standing that a measure can still change."""
    return status_at(status_events(issuer), at) in _STANDING


def scope_of(issuer: Issuer, at: datetime) -> Scope:
    """Return what an issuer is recognized for at an instant; nothing before its grant."""
    interval = interval_at(status_events(issuer), at)
    return interval.scope if interval else Scope(())


def policy_row(session: Session, issuer: Issuer) -> AdoptedPolicy:
    """Return the policy version that the recognition of an issuer rests on, as its body adopted it."""
    granted = next(event for event in reversed(issuer.events) if event.scope is not None)
    query = select(AdoptedPolicy).where(
        AdoptedPolicy.sha256 == granted.policy_sha256, AdoptedPolicy.body_id == issuer.scheme.body_id
    )
    return session.scalars(query.limit(1)).one()


def standing_of(issuer: Issuer, at: datetime) -> Status:
    """Return the standing of an issuer that has one.

    Raises:
        TransitionRefused: its recognition has ended.
    """
    status = status_at(status_events(issuer), at)
    if status not in _STANDING or status is None:
        raise TransitionRefused("this recognition has ended meanwhile; there is nothing left to change")
    return status


_EFFECTS: Mapping[Outcome, Callable[[Session, Application, Decision, datetime], None]] = {
    Outcome.NO_CHANGE: _spare,
    Outcome.RECOGNIZE: _grant,
    Outcome.RECOGNIZE_WITH_CONDITIONS: _grant,
    Outcome.REDUCE_SCOPE: _reduce,
    Outcome.SUSPEND: _stop,
    Outcome.WITHDRAW: _stop,
    Outcome.VOID: _stop,
}
"""What an outcome does to a recognition when it takes effect."""
