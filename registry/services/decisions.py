"""Deciding: the chair puts a motion beside what the policy proposes, members vote, the chair declares the result."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session

from registry.domain.conflicts import DeclarationOutcome
from registry.domain.evaluation import Recommendation
from registry.domain.hearings import APPLIED_FOR, MEASURES, Intended, is_worse_than_asked, was_told
from registry.domain.policy import Outcome
from registry.domain.roles import COMMITTEE, CaseRole
from registry.domain.scope import parse_scope
from registry.domain.voting import Ballot, Tally, count_votes
from registry.domain.workflow import VOTING_STATES, Action
from registry.errors import Conflict, FieldError, InvalidInput, NotFound, TransitionRefused
from registry.models.application import Application, Hearing, Procedure
from registry.models.decision import Decision, Motion, Vote
from registry.models.review import Declaration
from registry.services import access, reviews
from registry.services.scope_rules import mandate_problems, scope_problems
from registry.services.case_file import last_step, policy_for
from registry.services.guards import seated
from registry.services.recording import audit
from registry.services.steps import require_version, take_step

GRANTING = frozenset({Outcome.RECOGNIZE, Outcome.RECOGNIZE_WITH_CONDITIONS})
"""Outcomes that give a recognition."""


@dataclass(frozen=True, slots=True)
class NewMotion:
    """What the chair puts to the vote. `scope` (wire form) may narrow what was asked for; None keeps it."""

    outcome: Outcome
    reasons: str = ""
    scope: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What stands beside the motion: the outcome that follows from the rules, the rule, and its explanation."""

    outcome: Outcome
    rule: str
    explanation: list[dict[str, Any]]


def proposal_for(session: Session, application: Application) -> Proposal:
    """Return what the policy proposes for the agreed ratings, or what the hearing notice proposed."""
    if application.procedure is Procedure.EXTRAORDINARY and application.hearing is not None:
        hearing = application.hearing
        return Proposal(Outcome(hearing.proposed), hearing.ground, [])
    found = reviews.recommendation(session, application)
    return Proposal(found.outcome, found.rule_id or "default", explanation_to_wire(found))


def explanation_to_wire(found: Recommendation) -> list[dict[str, Any]]:
    """Return every rule that was tried, whether it held, what it measured, and the ratings behind that."""
    return [
        {
            "rule": step.rule_id,
            "outcome": step.outcome.value,
            "held": step.held,
            "because": step.because.as_dict(),
            "measured": [
                {
                    "metric": m.measure.metric.value,
                    "op": m.measure.op,
                    "bound": m.measure.value,
                    "value": float(m.measured),
                    "held": m.held,
                    "counted": [list(pair) for pair in m.counted],
                }
                for m in step.measured
            ],
        }
        for step in found.explanation
    ]


def put_motion(
    session: Session, application_id: uuid.UUID, new: NewMotion, *, actor: uuid.UUID, at: datetime
) -> Motion:
    """Put an outcome to the vote. A motion takes the place of one that nobody has voted on, or that was lost.

    Raises:
        InvalidInput: the outcome is not open in this procedure, deviates without reasons, names too many conditions, or
            widens the scope beyond what was asked.
        TransitionRefused: the case is not before the committee.
    """
    application = _before_committee(session, application_id, actor, at, CaseRole.COMMITTEE_CHAIR)
    current = current_motion(session, application)
    if current is not None and not is_replaceable(application, current):
        raise Conflict("members have voted on the motion already; declare its result first")
    proposal = proposal_for(session, application)
    conditional = new.outcome is Outcome.RECOGNIZE_WITH_CONDITIONS
    conditions = reviews.conditions_for(session, application) if conditional else []
    problems = _motion_problems(application, new, proposal, conditions, at)
    if problems:
        raise InvalidInput("this motion cannot be put", problems)
    motion = Motion(
        application_id=application.id,
        number=1 + _last_number(session, application.id),
        outcome=new.outcome.value,
        proposed_outcome=proposal.outcome.value,
        rule=proposal.rule,
        explanation=proposal.explanation,
        reasons=new.reasons.strip(),
        terms={"scope": application.scope if new.scope is None else new.scope, "conditions": conditions},
        put_by=actor,
        at=at,
        votes=[],
    )
    session.add(motion)
    session.flush()
    detail = {"outcome": new.outcome.value, "proposed": proposal.outcome.value}
    audit(session, "motion.put", actor=actor, at=at, of=("application", application.id), detail=detail)
    return motion


def is_replaceable(application: Application, motion: Motion) -> bool:
    """Whether another motion may take this one's place: nobody has voted, or all have and it was not carried."""
    tally = tally_of(application, motion)
    return not motion.votes or (tally.present >= tally.members and not tally.carried)


def outcomes_open(application: Application) -> tuple[Outcome, ...]:
    """Return the outcomes that the committee may choose from, the best for the institution first.

    In a case against a listed issuer, what it was not heard about cannot be decided: the measure in the notice, a milder
    one, or none.
    """
    terms = policy_for(application).decision.outcomes
    offered = {t.id for t in terms if application.procedure.value in t.procedures}
    if application.procedure is not Procedure.EXTRAORDINARY or application.hearing is None:
        return tuple(outcome for outcome in APPLIED_FOR if outcome in offered)
    proposed = MEASURES.index(Outcome(application.hearing.proposed))
    return tuple(m for m in MEASURES[: proposed + 1] if m in offered | {Outcome.VOID})


def _motion_problems(
    application: Application,
    new: NewMotion,
    proposal: Proposal,
    conditions: list[dict[str, Any]],
    at: datetime,
) -> list[FieldError]:
    policy = policy_for(application)
    problems = []
    if new.outcome not in outcomes_open(application):
        problems.append(FieldError("outcome", "this outcome is not open in this procedure"))
    deviates = new.outcome is not proposal.outcome
    if deviates and policy.decision.committee.deviation_needs_reasons and not new.reasons.strip():
        problems.append(FieldError("reasons", "say why the committee differs from what the policy proposes"))
    if new.outcome is Outcome.RECOGNIZE_WITH_CONDITIONS and not conditions:
        problems.append(FieldError("outcome", "the panel found no gap that a condition could close"))
    if len(conditions) > policy.decision.conditions.max_conditions:
        problems.append(
            FieldError(
                "outcome", f"at most {policy.decision.conditions.max_conditions} conditions under this policy"
            )
        )
    if new.scope is not None:
        asked, given = parse_scope(application.scope), parse_scope(new.scope)
        if not asked.covers(given):
            problems.append(FieldError("scope", "a recognition cannot be wider than what was asked for"))
        problems += [FieldError("scope", p.message) for p in scope_problems(policy, given)]
    if new.outcome is Outcome.REDUCE_SCOPE and (
        new.scope is None or parse_scope(new.scope).covers(parse_scope(application.scope))
    ):
        problems.append(FieldError("scope", "say which part of the scope is left"))
    if new.outcome in GRANTING:
        scope = application.scope if new.scope is None else new.scope
        problems += mandate_problems(application.scheme.body, scope, at)
    return problems


def cast_vote(
    session: Session, motion_id: uuid.UUID, ballot: Ballot, *, actor: uuid.UUID, at: datetime
) -> Vote:
    """Vote on the current motion, once.

    Raises:
        Conflict: the person has voted, or another motion has taken this one's place.
    """
    motion = session.get(Motion, motion_id)
    if motion is None:
        raise NotFound(f"no motion {motion_id}")
    application = _before_committee(session, motion.application_id, actor, at, *COMMITTEE)
    if current_motion(session, application) is not motion:
        raise Conflict("another motion has taken the place of this one")
    vote = Vote(motion_id=motion.id, account_id=actor, ballot=ballot, at=at)
    try:
        with session.begin_nested():
            session.add(vote)
            session.flush()
    except IntegrityError as error:
        raise Conflict("you have voted on this motion already") from error
    session.expire(motion, ["votes"])
    audit(session, "vote.cast", actor=actor, at=at, of=("motion", motion.id))
    return vote


def decide(
    session: Session, application_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> Decision:
    """Declare the result of the vote: the decision, not yet released.

    Raises:
        TransitionRefused: no quorum, or the motion found no majority; the message gives the count.
    """
    application = _before_committee(session, application_id, actor, at, CaseRole.COMMITTEE_CHAIR)
    require_version(application, version)
    motion = _carried(session, application)
    problem = unheard(application, motion)
    if problem:
        raise TransitionRefused(problem)
    tally = tally_of(application, motion)
    decision = Decision(
        application_id=application.id,
        motion=motion,
        outcome=motion.outcome,
        tally=asdict(tally),
        present=tally.present,
        decided_by=actor,
        decided_at=at,
    )
    session.add(decision)
    take_step(session, application, Action.DECIDE, actor=actor, at=at)
    return decision


def _carried(session: Session, application: Application) -> Motion:
    """Return the motion before the committee if it is carried."""
    motion = current_motion(session, application)
    if motion is None:
        raise TransitionRefused("put a motion first")
    tally = tally_of(application, motion)
    if not tally.carried:
        raise TransitionRefused(_not_carried(tally))
    return motion


def give_notice(
    session: Session, application_id: uuid.UUID, notice: str, *, version: int, actor: uuid.UUID, at: datetime
) -> Hearing:
    """As the chair: tell the applicant what the committee means to decide, since it is worse than what was asked.

    Raises:
        TransitionRefused: the vote is not carried, or the applicant was heard about this already, or need not be.
        InvalidInput: the notice is empty.
    """
    application = _before_committee(session, application_id, actor, at, CaseRole.COMMITTEE_CHAIR)
    require_version(application, version)
    motion = _carried(session, application)
    if unheard(application, motion) is None:
        raise TransitionRefused("no hearing is needed for this outcome; declare the result")
    if not notice.strip():
        raise InvalidInput(
            "write a notice", [FieldError("notice", "tell the applicant what is intended, and why")]
        )
    take_step(session, application, Action.GIVE_NOTICE, actor=actor, at=at)
    hearing = Hearing(
        number=len(application.hearings) + 1,
        motion_id=motion.id,
        proposed=motion.outcome,
        ground=motion.rule,
        notice=notice.strip(),
        opened_by=actor,
        opened_at=at,
        due=application.due_at or at,
    )
    application.hearings.append(hearing)
    session.flush()
    return hearing


def unheard(application: Application, motion: Motion) -> str | None:
    """Return why a motion cannot be decided yet: worse than asked, and the applicant was not heard about it."""
    if application.procedure is Procedure.EXTRAORDINARY:
        return None  # such a case begins with its notice, and only what that told can be put to the vote
    intended = _intended(motion)
    asked = parse_scope(application.scope)
    if not is_worse_than_asked(policy_for(application), intended, asked):
        return None
    told = notice_of(application)
    if told is not None and was_told(_intended(told), intended):
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


def _intended(motion: Motion) -> Intended:
    return Intended(Outcome(motion.outcome), parse_scope(motion.terms["scope"]))


def tally_of(application: Application, motion: Motion) -> Tally:
    """Return how the vote on a motion stands. Who has declared a conflict does not count, nor does their vote."""
    members = {a.account_id for a in seated(application, *COMMITTEE)} - _recused(application)
    ballots = [vote.ballot for vote in motion.votes if vote.account_id in members]
    return count_votes(ballots, len(members), policy_for(application).decision.committee)


def _recused(application: Application) -> set[uuid.UUID]:
    session = object_session(application)
    if session is None:
        return set()
    query = select(Declaration.account_id).where(
        Declaration.application_id == application.id, Declaration.outcome != DeclarationOutcome.CLEAN
    )
    return set(session.scalars(query))


def _not_carried(tally: Tally) -> str:
    if not tally.quorate:
        return f"no quorum: {tally.present} of {tally.members} members have voted"
    return f"no majority: {tally.in_favour} for, {tally.against} against"


def current_motion(session: Session, application: Application) -> Motion | None:
    """Return the motion before the committee, or None: one that a notice or a decision rests on is behind it."""
    query = select(Motion).where(Motion.application_id == application.id).order_by(Motion.number.desc())
    motion = session.scalars(query.limit(1)).one_or_none()
    if motion is None or motion.id in {hearing.motion_id for hearing in application.hearings}:
        return None
    decided = select(Decision.id).where(Decision.motion_id == motion.id)
    return motion if session.scalar(decided) is None else None


def newest_motion(session: Session, application_id: uuid.UUID) -> Motion | None:
    """Return the motion that was put last, settled or not, or None."""
    query = select(Motion).where(Motion.application_id == application_id)
    return session.scalars(query.order_by(Motion.number.desc()).limit(1)).one_or_none()


def _last_number(session: Session, application_id: uuid.UUID) -> int:
    last = newest_motion(session, application_id)
    return last.number if last else 0


def _before_committee(
    session: Session, application_id: uuid.UUID, actor: uuid.UUID, at: datetime, *roles: CaseRole
) -> Application:
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *roles)
    if application.state not in VOTING_STATES:
        raise TransitionRefused("this case is not before the committee")
    return application
