"""Deciding: the chair puts a motion beside what the policy proposes, members vote, the chair declares the result."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.evaluation import Recommendation
from registry.domain.hearings import MEASURES, ORDER
from registry.domain.policy import Outcome
from registry.domain.roles import COMMITTEE, CaseRole
from registry.domain.scope import parse_scope
from registry.domain.stops import STOPPING, STOPS
from registry.domain.terms import check_terms
from registry.domain.voting import Ballot
from registry.domain.workflow import Action
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.application import Application, Procedure
from registry.models.decision import Decision, Motion, Vote
from registry.models.meeting import Attendance, Meeting, MeetingItem, MeetingMotion
from registry.services import committees, reviews
from registry.services.case_file import policy_for
from registry.services.hearings import before_committee, carried, give_notice, notice_of, unheard
from registry.services.motions import (
    current_motion,
    is_replaceable,
    newest_motion,
    next_number,
    recused,
    tally_of,
)
from registry.services.recording import audit
from registry.services.scope_rules import mandate_problems, scope_problems
from registry.services.steps import PROVEN, require_version, take_step

__all__ = [
    "current_motion",
    "give_notice",
    "is_replaceable",
    "newest_motion",
    "notice_of",
    "tally_of",
    "unheard",
]

GRANTING = frozenset({Outcome.RECOGNIZE, Outcome.RECOGNIZE_WITH_CONDITIONS})
"""Outcomes that give a recognition."""


@dataclass(frozen=True, slots=True)
class NewMotion:
    """What the chair puts to the vote. `scope` (wire form) may narrow what was asked for; None keeps it.

    `meeting_id` names the meeting at which it is put; None: the open meeting that has the case on its agenda, if any.
    `ending` says what a stop means for learners (`domain.terms`, wire form).
    """

    outcome: Outcome
    reasons: str = ""
    scope: dict[str, Any] | None = None
    meeting_id: uuid.UUID | None = None
    ending: dict[str, Any] | None = None


REASONS_LIMIT = 20_000
"""Most characters of the reasons of a motion."""


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
        TransitionRefused: the case is not before the committee, or came back from an appeal to one that is not complete.
    """
    application = before_committee(session, application_id, actor, at, CaseRole.COMMITTEE_CHAIR)
    missing = committees.too_few(session, application)
    if missing:
        raise TransitionRefused(missing)
    meeting = _meeting_of(session, application, new.meeting_id)
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
        number=next_number(session, application.id),
        outcome=new.outcome.value,
        proposed_outcome=proposal.outcome.value,
        rule=proposal.rule,
        explanation=proposal.explanation,
        reasons=new.reasons.strip(),
        terms={
            "scope": application.scope if new.scope is None else new.scope,
            "conditions": conditions,
            **({"ending": new.ending} if new.ending else {}),
        },
        put_by=actor,
        at=at,
        votes=[],
    )
    session.add(motion)
    session.flush()
    if meeting is not None:
        session.add(MeetingMotion(motion_id=motion.id, meeting_id=meeting.id))
    detail = {"outcome": new.outcome.value, "proposed": proposal.outcome.value}
    audit(session, "motion.put", actor=actor, at=at, of=("application", application.id), detail=detail)
    return motion


def outcomes_open(application: Application) -> tuple[Outcome, ...]:
    """Return the outcomes that the committee may choose from, the best for the institution first.

    In a case against a listed issuer, what it was not heard about cannot be decided: the measure in the notice, a milder
    one, or none.
    """
    terms = policy_for(application).decision.outcomes
    offered = {t.id for t in terms if application.procedure.value in t.procedures}
    if application.procedure is not Procedure.EXTRAORDINARY or application.hearing is None:
        return tuple(outcome for outcome in ORDER if outcome in offered)
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
    problems = outcome_problems(application, new, conditions, at)
    deviates = new.outcome is not proposal.outcome
    if deviates and policy.decision.committee.deviation_needs_reasons and not new.reasons.strip():
        problems.append(FieldError("reasons", "say why the committee differs from what the policy proposes"))
    elif new.outcome is Outcome.DEFER and not new.reasons.strip():
        problems.append(FieldError("reasons", "say which evidence the applicant is to hand in"))
    return problems + _ending_problems(new, at)


def _ending_problems(new: NewMotion, at: datetime) -> list[FieldError]:
    """Return what a motion that stops a recognition does not say to learners, or says without stopping anything."""
    if new.outcome not in STOPPING:
        message = "only what stops a recognition says what the stop means"
        return [FieldError("ending", message)] if new.ending else []
    found = check_terms(new.ending or {}, STOPS[STOPPING[new.outcome]], not_before=at.date())
    return [FieldError(f"ending.{problem.field}", problem.message) for problem in found]


def outcome_problems(
    application: Application, new: NewMotion, conditions: list[dict[str, Any]], at: datetime
) -> list[FieldError]:
    """Return why an outcome cannot be put to the vote in this case, whoever votes."""
    policy = policy_for(application)
    problems = []
    if len(new.reasons) > REASONS_LIMIT:
        problems.append(FieldError("reasons", f"at most {REASONS_LIMIT} characters"))
    if new.outcome not in outcomes_open(application):
        problems.append(FieldError("outcome", "this outcome is not open in this procedure"))
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
    application = before_committee(session, motion.application_id, actor, at, *COMMITTEE)
    if current_motion(session, application) is not motion:
        raise Conflict("another motion has taken the place of this one")
    if actor in recused(application):
        raise NotAllowed("you stand back from this case, and do not vote on it")
    if any(vote.account_id == actor for vote in motion.votes):
        raise Conflict("you have voted on this motion already")
    vote = Vote(motion_id=motion.id, account_id=actor, ballot=ballot, at=at)
    try:
        with session.begin_nested():
            session.add(vote)
            session.flush()
    except IntegrityError as error:
        raise Conflict("you have voted on this motion already") from error
    session.expire(motion, ["votes"])
    _note_attendance(session, motion, actor, at)
    audit(session, "vote.cast", actor=actor, at=at, of=("motion", motion.id))
    return vote


def decide(
    session: Session, application_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> Decision:
    """Declare the result of the vote: the decision, not yet released.

    Raises:
        TransitionRefused: no quorum, or the motion found no majority; the message gives the count.
    """
    application = before_committee(session, application_id, actor, at, CaseRole.COMMITTEE_CHAIR)
    require_version(application, version)
    motion = carried(session, application)
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
    take_step(session, application, Action.DECIDE, actor=actor, at=at, guards=PROVEN)
    return decision


def _meeting_of(session: Session, application: Application, meeting_id: uuid.UUID | None) -> Meeting | None:
    """Return the meeting at which a motion is put: the one named, else the open one with the case on its agenda."""
    query = (
        select(Meeting)
        .join(MeetingItem)
        .where(MeetingItem.application_id == application.id, Meeting.closed_at.is_(None))
        .order_by(Meeting.starts_at)
    )
    found = session.scalars(query).all()
    if meeting_id is None:
        return found[0] if found else None
    meeting = next((one for one in found if one.id == meeting_id), None)
    if meeting is None:
        raise TransitionRefused("this case is not on the agenda of an open meeting of that number")
    return meeting


def _note_attendance(session: Session, motion: Motion, actor: uuid.UUID, at: datetime) -> None:
    """Who votes at a meeting is there."""
    place = session.get(MeetingMotion, motion.id)
    if place is not None and session.get(Attendance, (place.meeting_id, actor)) is None:
        session.add(Attendance(meeting_id=place.meeting_id, account_id=actor, noted_by=actor, at=at))
        session.flush()
        session.expire(session.get_one(Meeting, place.meeting_id), ["attendance"])
