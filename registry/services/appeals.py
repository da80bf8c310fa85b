"""Appeals: the institution appeals on the policy's grounds; other people than before hear it and decide by vote.

Nobody with a part in the case chooses the panel: an administrator of the body does, who works on no case, or a registrar
who has signed nothing in this one. The panel upholds the decision, annuls it and sends the case back to a step, or replaces
it, never by something worse. What it decides is final, except that a case sent back ends in a new decision.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.hearings import is_no_worse
from registry.domain.policy import Outcome
from registry.domain.roles import PANEL, CaseRole, Role
from registry.domain.stops import STOPPING
from registry.domain.voting import Ballot, Tally, count_votes
from registry.domain.workflow import Action, State, step
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.appeal import Appeal, AppealMotion, AppealResult
from registry.models.application import Application, Procedure
from registry.models.decision import Decision, Motion, Vote
from registry.models.review import Assignment
from registry.services import access, cases, committees, finality, interests, reviews
from registry.services.case_file import decision_of, policy_for
from registry.services.corrections import undo
from registry.services.decisions import NewMotion, outcome_problems
from registry.services.guards_decision import INELIGIBLE, appeal_members
from registry.services.hearings import intended_by
from registry.services.motions import next_number, not_carried
from registry.services.public_appeals import announce_decision
from registry.services.recording import audit, enqueue
from registry.services.steps import require_version, take_step

TEXT_LIMIT = 20_000
"""Most characters of an appeal, and of the panel's reasons."""

VERDICTS: Mapping[Action, str] = {
    Action.UPHOLD: "upheld_decision",
    Action.REPLACE: "replaced",
    Action.RETURN_TO_COMMITTEE: "annulled_and_returned",
    Action.RETURN_TO_REVIEW: "annulled_and_returned",
    Action.RETURN_TO_PANEL: "annulled_and_returned",
    Action.RETURN_TO_IDENTITY: "annulled_and_returned",
}
"""What each step means in the policy's words."""


@dataclass(frozen=True, slots=True)
class NewAppeal:
    """Grounds (ids of the policy's list) and what the institution says to them."""

    grounds: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class NewAppealMotion:
    """What is put to the panel: the step that follows, and for `replace` the outcome and, if narrower, the scope."""

    action: Action
    reasons: str
    outcome: Outcome | None = None
    scope: dict[str, Any] | None = None
    admissible: bool = True


def file(
    session: Session,
    application_id: uuid.UUID,
    new: NewAppeal,
    *,
    version: int,
    actor: uuid.UUID,
    at: datetime,
) -> Appeal:
    """As the institution: appeal against the decision, free of charge.

    Raises:
        TransitionRefused: the time is over, or no appeal is open against this outcome.
        InvalidInput: no ground of the policy, or no text.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_step(session, actor, application, step(application.state, Action.FILE_APPEAL), at)
    require_version(application, version)
    problems = _appeal_problems(application, new)
    if problems:
        raise InvalidInput("this appeal cannot be filed", problems)
    ineligible = application.state is State.INELIGIBLE
    decision = None if ineligible else decision_of(session, application.id)
    take_step(session, application, Action.FILE_APPEAL, actor=actor, at=at)
    appeal = Appeal(
        application=application,
        decision=decision,
        against=decision.outcome if decision else INELIGIBLE,
        grounds=list(new.grounds),
        text=new.text.strip(),
        filed_by=actor,
        at=at,
        due=application.due_at or at,
    )
    session.add(appeal)
    session.flush()
    if decision is not None:
        announce_decision(session, application, decision, at)
    detail = {"against": appeal.against, "grounds": appeal.grounds}
    audit(session, "appeal.filed", actor=actor, at=at, of=("application", application.id), detail=detail)
    return appeal


def _appeal_problems(application: Application, new: NewAppeal) -> list[FieldError]:
    known = {ground.id for ground in policy_for(application).appeals.grounds}
    problems = []
    if not new.grounds:
        problems.append(FieldError("grounds", "choose at least one ground"))
    if not set(new.grounds) <= known:
        problems.append(FieldError("grounds", "the policy knows no such ground of appeal"))
    if not new.text.strip():
        problems.append(FieldError("text", "say what is wrong with the decision"))
    if len(new.text) > TEXT_LIMIT:
        problems.append(FieldError("text", f"at most {TEXT_LIMIT} characters"))
    return problems


def current(session: Session, application_id: uuid.UUID) -> Appeal | None:
    """Return the newest appeal of a case, decided or not, or None."""
    query = select(Appeal).where(Appeal.application_id == application_id)
    return session.scalars(query.order_by(Appeal.at.desc()).limit(1)).one_or_none()


def appeals_of(session: Session, application_id: uuid.UUID) -> Sequence[Appeal]:
    """Return the appeals of a case, oldest first."""
    query = select(Appeal).where(Appeal.application_id == application_id).order_by(Appeal.at)
    return session.scalars(query).all()


def may_seat(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person may choose the appeals panel: no part in the case, no tie to its institution."""
    chooses = access.holds(
        session, actor, Role.ADMINISTRATOR, Role.REGISTRAR, at=at, body=application.scheme.body_id
    )
    return (
        chooses
        and not access.has_played(session, actor, application.id)
        and not access.is_of_applicant(session, actor, application)
    )


def to_seat(session: Session, *, actor: uuid.UUID, at: datetime) -> list[Application]:
    """Return the cases under appeal whose panel a person may choose, the most urgent first."""
    query = select(Application).where(Application.state == State.APPEAL).order_by(Application.due_at)
    return [one for one in session.scalars(query) if may_seat(session, one, actor=actor, at=at)]


def seat(
    session: Session, application_id: uuid.UUID, account_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> Assignment:
    """As somebody without a part in the case: put a person on the appeals panel, who then declares interests.

    Raises:
        NotFound: no case, or the person may not choose its panel.
        TransitionRefused: no appeal runs, or its panel has begun to vote.
        NotAllowed: no appeals member of the body, or of the institution.
        Conflict: the person plays, or played, a part in this case.
    """
    application = session.get(Application, application_id, with_for_update=True)
    if application is None or not may_seat(session, application, actor=actor, at=at):
        raise NotFound(f"no application {application_id}")
    if application.state is not State.APPEAL:
        raise TransitionRefused("no appeal runs in this case")
    motion = current_motion(session, application)
    if motion is not None and motion.votes:
        raise TransitionRefused("the appeals panel has begun to vote, and is fixed")
    if not access.holds(session, account_id, Role.APPEALS_MEMBER, at=at, body=application.scheme.body_id):
        raise NotAllowed("this person is no appeals member of the body")
    if application.created_by == account_id:
        raise Conflict("this person opened the case")
    return cases.add_part(session, application, account_id, CaseRole.APPEALS_MEMBER, None, actor=actor, at=at)


def ways(application: Application, appeal: Appeal) -> tuple[Action, ...]:
    """Return the steps that the panel may choose from: those of the case that the policy's verdicts allow."""
    verdicts = {item.id for item in policy_for(application).appeals.body.decides}
    if appeal.decision_id is None:
        offered: tuple[Action, ...] = (Action.UPHOLD, Action.RETURN_TO_IDENTITY)
    elif application.procedure is Procedure.EXTRAORDINARY:
        offered = (Action.UPHOLD, Action.RETURN_TO_COMMITTEE, Action.REPLACE)
    else:
        offered = tuple(VERDICTS)
    return tuple(action for action in offered if VERDICTS[action] in verdicts)


def outcomes_open(application: Application, appeal: Appeal) -> tuple[Outcome, ...]:
    """Return by what the panel may replace the decision: nothing worse, and no deferral."""
    from registry.services import decisions

    if appeal.decision is None:
        return ()
    than = intended_by(appeal.decision.motion)
    return tuple(
        outcome
        for outcome in decisions.outcomes_open(application)
        if outcome is not Outcome.DEFER and is_no_worse(replace(than, outcome=outcome), than)
    )


def put_motion(
    session: Session, application_id: uuid.UUID, new: NewAppealMotion, *, actor: uuid.UUID, at: datetime
) -> AppealMotion:
    """As a member of the appeals panel: put to the vote what becomes of the decision, with reasons.

    Raises:
        InvalidInput: the step is not open, no reasons, or the outcome is worse than what was appealed.
        Conflict: members have voted on another motion.
    """
    application, appeal = _before_panel(session, application_id, actor, at)
    motion = current_motion(session, application)
    if motion is not None and not _is_replaceable(session, application, motion):
        raise Conflict("members have voted on the motion already; declare its result first")
    conditional = new.outcome is Outcome.RECOGNIZE_WITH_CONDITIONS
    conditions = reviews.conditions_for(session, application) if conditional else []
    problems = _motion_problems(application, appeal, new, conditions, at)
    if problems:
        raise InvalidInput("this motion cannot be put", problems)
    replaces = new.action is Action.REPLACE and new.outcome is not None
    row = Motion(
        application_id=application.id,
        number=next_number(session, application.id),
        outcome=new.outcome.value if replaces and new.outcome else appeal.against,
        proposed_outcome=appeal.against,
        rule=appeal.decision.motion.rule if appeal.decision else INELIGIBLE,
        explanation=[],
        reasons=new.reasons.strip(),
        terms=_terms(application, appeal, new, conditions),
        put_by=actor,
        at=at,
        votes=[],
    )
    session.add(row)
    session.flush()
    found = AppealMotion(
        motion_id=row.id, appeal_id=appeal.id, action=new.action, admissible=new.admissible, motion=row
    )
    session.add(found)
    session.flush()
    detail = {"action": new.action.value, "appeal": str(appeal.id)}
    audit(session, "appeal.motion_put", actor=actor, at=at, of=("application", application.id), detail=detail)
    return found


def _terms(
    application: Application, appeal: Appeal, new: NewAppealMotion, conditions: list[dict[str, Any]]
) -> dict[str, Any]:
    ending = _ending(appeal, new.outcome) if new.action is Action.REPLACE else None
    scope = application.scope if new.scope is None else new.scope
    return {"scope": scope, "conditions": conditions} | ({"ending": ending} if ending else {})


def _ending(appeal: Appeal, outcome: Outcome | None) -> dict[str, Any] | None:
    """Return what the decision appealed said a stop means for learners, where what takes its place is a stop too."""
    if outcome not in STOPPING or appeal.decision is None:
        return None
    found: dict[str, Any] | None = appeal.decision.motion.terms.get("ending")
    return found


def _motion_problems(
    application: Application,
    appeal: Appeal,
    new: NewAppealMotion,
    conditions: list[dict[str, Any]],
    at: datetime,
) -> list[FieldError]:
    problems = []
    if new.action not in ways(application, appeal):
        problems.append(FieldError("action", "this is not open to the panel in this case"))
    if not new.reasons.strip():
        problems.append(FieldError("reasons", "give your reasons"))
    if len(new.reasons) > TEXT_LIMIT:
        problems.append(FieldError("reasons", f"at most {TEXT_LIMIT} characters"))
    if not new.admissible and new.action is not Action.UPHOLD:
        problems.append(
            FieldError("admissible", "an appeal that is not admissible leaves the decision as it is")
        )
    if new.action is Action.REPLACE:
        problems += _replacement_problems(application, appeal, new, conditions, at)
    return problems


def _replacement_problems(
    application: Application,
    appeal: Appeal,
    new: NewAppealMotion,
    conditions: list[dict[str, Any]],
    at: datetime,
) -> list[FieldError]:
    if new.outcome is None:
        return [FieldError("outcome", "choose the outcome that takes its place")]
    if new.outcome not in outcomes_open(application, appeal):
        return [
            FieldError("outcome", "the panel may not replace a decision by something worse, or put it off")
        ]
    put = NewMotion(new.outcome, new.reasons, new.scope, ending=_ending(appeal, new.outcome))
    return outcome_problems(application, put, conditions, at)


def cast_vote(
    session: Session, motion_id: uuid.UUID, ballot: Ballot, *, actor: uuid.UUID, at: datetime
) -> Vote:
    """As a member of the appeals panel: vote on the current motion, once."""
    motion = session.get(Motion, motion_id)
    if motion is None:
        raise NotFound(f"no motion {motion_id}")
    application, _appeal = _before_panel(session, motion.application_id, actor, at)
    if current_motion(session, application) is not motion:
        raise Conflict("another motion has taken the place of this one")
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
    audit(session, "vote.cast", actor=actor, at=at, of=("motion", motion.id))
    return vote


def current_motion(session: Session, application: Application) -> Motion | None:
    """Return the motion before the appeals panel, or None."""
    query = (
        select(Motion)
        .join(AppealMotion, AppealMotion.motion_id == Motion.id)
        .join(Appeal, Appeal.id == AppealMotion.appeal_id)
        .where(Motion.application_id == application.id, ~Appeal.result.has())
        .order_by(Motion.number.desc())
    )
    return session.scalars(query.limit(1)).one_or_none()


def tally_of(session: Session, application: Application, motion: Motion) -> Tally:
    """Return how the vote of the panel stands: all members without a conflict have to vote, the majority decides."""
    recused = interests.conflicted_people(session, application)
    members = {a.account_id for a in appeal_members(application)} - recused
    ballots = [vote.ballot for vote in motion.votes if vote.account_id in members]
    policy = policy_for(application)
    rules = replace(
        policy.decision.committee, min_members=policy.appeals.body.min_members, quorum=1.0, majority="simple"
    )
    return count_votes(ballots, len(members), rules)


def _is_replaceable(session: Session, application: Application, motion: Motion) -> bool:
    tally = tally_of(session, application, motion)
    return not motion.votes or (tally.present >= tally.members and not tally.carried)


def conclude(
    session: Session, application_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> AppealResult:
    """As a member of the appeals panel: declare the result of its vote.

    Raises:
        TransitionRefused: not all members have voted, the motion found no majority, or the panel is too small.
    """
    application, appeal = _before_panel(session, application_id, actor, at)
    require_version(application, version)
    motion = current_motion(session, application)
    if motion is None:
        raise TransitionRefused("put a motion first")
    tally = tally_of(session, application, motion)
    if not tally.carried:
        raise TransitionRefused(not_carried(tally))
    put = session.get_one(AppealMotion, motion.id)
    take_step(session, application, put.action, actor=actor, at=at)
    replacement = (
        _replacement(session, application, motion, tally, actor, at) if put.action is Action.REPLACE else None
    )
    result = AppealResult(
        appeal=appeal,
        motion_id=motion.id,
        replacement_id=replacement.id if replacement else None,
        action=put.action,
        verdict=VERDICTS[put.action],
        tally=asdict(tally),
        decided_by=actor,
        at=at,
    )
    session.add(result)
    session.flush()
    session.expire(appeal, ["result"])
    _follow(session, application, appeal, put.action, actor, at)
    detail = {"action": put.action.value, "verdict": result.verdict}
    audit(session, "appeal.decided", actor=actor, at=at, of=("application", application.id), detail=detail)
    return result


def _replacement(
    session: Session, application: Application, motion: Motion, tally: Tally, actor: uuid.UUID, at: datetime
) -> Decision:
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
    session.flush()
    return decision


def _follow(
    session: Session, application: Application, appeal: Appeal, action: Action, actor: uuid.UUID, at: datetime
) -> None:
    """Do what follows from a verdict: make the decision final, or undo what it changed; tell the institution."""
    if action is Action.UPHOLD:
        finality.make_final(session, application, at)
    elif action is not Action.REPLACE and appeal.decision is not None:
        undo(session, application, appeal.decision, at)
        announce_decision(session, application, appeal.decision, at)
        committees.stand_down(session, application, appeal.decision, at)
    if action is Action.RETURN_TO_PANEL:
        for part in application.assignments:
            if part.role in PANEL and part.ended_at is None:
                part.ended_at = at
        session.flush()
    enqueue(session, "mail", {"kind": "appeal_decided", "application": str(application.id)}, at=at)


def _before_panel(
    session: Session, application_id: uuid.UUID, actor: uuid.UUID, at: datetime
) -> tuple[Application, Appeal]:
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, CaseRole.APPEALS_MEMBER, at=at)
    appeal = current(session, application.id)
    if application.state is not State.APPEAL or appeal is None:
        raise TransitionRefused("no appeal runs in this case")
    return application, appeal
