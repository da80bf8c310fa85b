"""Review: each member rates alone, then the panel agrees, then the chair files the report."""

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.evaluation import Recommendation, evaluate, rating_problems
from registry.domain.policy import Policy, Standing
from registry.domain.roles import PANEL, RATERS, CaseRole
from registry.domain.trust_list import canonical_json
from registry.domain.workflow import AGREEING_STATES, RATING_STATES, Action, State, step
from registry.errors import FieldError, InvalidInput, NotAllowed, TransitionRefused
from registry.models.application import Application
from registry.models.review import Rating, RatingLayer, Report
from registry.services import access
from registry.services.case_file import current_evidence, policy_for, report_of
from registry.services.guards import final_report_is_filed, raters
from registry.services.recording import audit
from registry.services.steps import require_version, take_step


@dataclass(frozen=True, slots=True)
class NewRating:
    """One rating as handed in. `cited` are evidence ids; `condition` is a text, due after `condition_days`."""

    criterion: str
    value: str
    reasons: str = ""
    cited: tuple[str, ...] = ()
    recommendation: str = ""
    condition: str = ""
    condition_days: int | None = None


def rate_alone(
    session: Session, application_id: uuid.UUID, new: NewRating, *, actor: uuid.UUID, at: datetime
) -> Rating:
    """Rate one criterion alone; nobody else sees it before every member has rated everything.

    Raises:
        NotAllowed: not a rating member of the panel, or the file is locked.
        InvalidInput: the value is not on the scale, or lacks what it requires.
        TransitionRefused: the case is not under review, or all members are done and the panel is agreeing.
    """
    application = _rated(session, application_id, actor, at, RATING_STATES, *RATERS)
    if all_have_rated(session, application):
        raise TransitionRefused("every member has rated; from here on the panel agrees together")
    return _add(session, application, new, RatingLayer.ALONE, actor, at)


def agree(
    session: Session, application_id: uuid.UUID, new: NewRating, *, actor: uuid.UUID, at: datetime
) -> Rating:
    """Record what the panel agreed on one criterion; the chair or the secretary writes it down.

    Raises:
        TransitionRefused: a member has not rated everything alone yet.
    """
    desk = (CaseRole.PANEL_CHAIR, CaseRole.PANEL_SECRETARY)
    application = _rated(session, application_id, actor, at, AGREEING_STATES, *desk)
    if not all_have_rated(session, application):
        raise TransitionRefused("every member rates alone first; not all have finished")
    return _add(session, application, new, RatingLayer.AGREED, actor, at)


def _rated(
    session: Session,
    application_id: uuid.UUID,
    actor: uuid.UUID,
    at: datetime,
    states: Collection[State],
    *roles: CaseRole,
) -> Application:
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *roles, at=at)
    if application.state not in states:
        raise TransitionRefused("criteria are rated while the case is under review")
    return application


def _add(
    session: Session,
    application: Application,
    new: NewRating,
    layer: RatingLayer,
    actor: uuid.UUID,
    at: datetime,
) -> Rating:
    policy = policy_for(application)
    problems = list(
        rating_problems(
            policy,
            new.criterion,
            new.value,
            new.reasons,
            new.cited,
            recommendation=new.recommendation,
            condition=new.condition,
        )
    )
    versions = current_evidence(application)
    unknown = [cited for cited in new.cited if cited not in versions]
    if unknown:
        problems.append(FieldError("cited_evidence", f"not handed in: {', '.join(unknown)}"))
    days = new.condition_days or policy.decision.conditions.default_days
    if new.condition and not 0 < days <= policy.decision.conditions.max_days:
        problems.append(
            FieldError(
                "condition_days", f"at most {policy.decision.conditions.max_days} days under this policy"
            )
        )
    if problems:
        raise InvalidInput("this rating cannot be recorded", problems)
    rating = Rating(
        application_id=application.id,
        criterion=new.criterion,
        layer=layer,
        sequence=_next_sequence(session, application.id),
        value=new.value,
        reasons=new.reasons.strip(),
        cited=[{"id": c, "number": versions[c].number, "sha256": versions[c].sha256} for c in new.cited],
        recommendation=new.recommendation.strip(),
        condition={"text": new.condition.strip(), "days": days} if new.condition.strip() else None,
        author=actor,
        at=at,
    )
    session.add(rating)
    session.flush()
    detail = {"criterion": new.criterion, "layer": layer.value}
    audit(session, "rating.given", actor=actor, at=at, of=("application", application.id), detail=detail)
    return rating


def _next_sequence(session: Session, application_id: uuid.UUID) -> int:
    last = session.scalar(select(func.max(Rating.sequence)).where(Rating.application_id == application_id))
    return (last or 0) + 1


def ratings_alone(session: Session, application: Application, author: uuid.UUID) -> dict[str, Rating]:
    """Return one member's ratings, the newest per criterion."""
    query = select(Rating).where(
        Rating.application_id == application.id,
        Rating.layer == RatingLayer.ALONE,
        Rating.author == author,
    )
    return {r.criterion: r for r in session.scalars(query.order_by(Rating.sequence))}


def all_have_rated(session: Session, application: Application) -> bool:
    """Whether every rating member has rated every criterion alone."""
    query = select(Rating.author, Rating.criterion).where(
        Rating.application_id == application.id, Rating.layer == RatingLayer.ALONE
    )
    given = {(author, criterion) for author, criterion in session.execute(query)}
    wanted = [c.id for c in policy_for(application).criteria]
    members = [m.account_id for m in raters(application)]
    return bool(members) and all((who, criterion) in given for who in members for criterion in wanted)


def spread(
    session: Session, application: Application, *, actor: uuid.UUID, at: datetime
) -> dict[str, list[Rating]]:
    """Return all members' ratings side by side, by criterion.

    Raises:
        NotAllowed: not on the panel, or a member is still rating alone.
    """
    access.require_part(session, actor, application, *PANEL, at=at)
    if not all_have_rated(session, application):
        raise NotAllowed("the others' ratings are hidden until every member has rated")
    table: dict[str, list[Rating]] = {c.id: [] for c in policy_for(application).criteria}
    for member in raters(application):
        for criterion, rating in ratings_alone(session, application, member.account_id).items():
            table[criterion].append(rating)
    return table


def agreed_ratings(session: Session, application: Application) -> dict[str, Rating]:
    """Return what the panel agreed, the newest per criterion."""
    query = select(Rating).where(Rating.application_id == application.id, Rating.layer == RatingLayer.AGREED)
    return {r.criterion: r for r in session.scalars(query.order_by(Rating.sequence))}


def recommendation(session: Session, application: Application) -> Recommendation:
    """Return what the policy proposes for the agreed ratings, with its explanation."""
    ratings = {criterion: rating.value for criterion, rating in agreed_ratings(session, application).items()}
    return evaluate(policy_for(application), ratings)


def conditions_for(session: Session, application: Application) -> list[dict[str, Any]]:
    """Return the conditions a recognition would carry: those the panel named, and one for every other gap."""
    policy = policy_for(application)
    found = []
    for rating in agreed_ratings(session, application).values():
        if rating.condition:
            found.append({"criterion": rating.criterion, **rating.condition})
        elif _is_gap(policy, rating):
            days = policy.decision.conditions.default_days
            found.append({"criterion": rating.criterion, "text": rating.recommendation, "days": days})
    return found


def _is_gap(policy: Policy, rating: Rating) -> bool:
    criterion = policy.criterion(rating.criterion)
    if criterion is None or policy.group(criterion.group).kind == "supplementary":
        return False
    value = policy.scale_of(criterion).value(rating.value)
    return value is not None and value.standing in {Standing.PARTLY, Standing.UNMET}


def file_draft_report(
    session: Session, application_id: uuid.UUID, summary: str, *, version: int, actor: uuid.UUID, at: datetime
) -> Report:
    """File the draft report, which the applicant will check for facts.

    Raises:
        InvalidInput: no summary.
        TransitionRefused: the panel has not agreed on every criterion.
    """
    return _file(session, application_id, Action.FILE_DRAFT_REPORT, summary, version, actor, at)


def file_report(
    session: Session, application_id: uuid.UUID, summary: str, *, version: int, actor: uuid.UUID, at: datetime
) -> Report:
    """File the final report, locked with a hash; it goes to the committee as it is.

    Raises:
        InvalidInput: no summary.
        TransitionRefused: the final report is filed, or a point of the factual check waits for its answer.
    """
    return _file(session, application_id, Action.FILE_REPORT, summary, version, actor, at)


def _file(
    session: Session,
    application_id: uuid.UUID,
    action: Action,
    summary: str,
    version: int,
    actor: uuid.UUID,
    at: datetime,
) -> Report:
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_step(session, actor, application, step(application.state, action), at)
    require_version(application, version)
    if not all_have_rated(session, application):
        raise TransitionRefused("every member rates alone first; not all have finished")
    if not summary.strip():
        raise InvalidInput("write a summary", [FieldError("summary", "write a summary of the report")])
    before, final = report_of(session, application.id), action is Action.FILE_REPORT
    if final and final_report_is_filed(session, application):
        raise TransitionRefused("the final report is filed and locked")
    content = {"ratings": [_in_report(r) for r in agreed_ratings(session, application).values()]}
    take_step(session, application, action, actor=actor, at=at)
    report = Report(
        application_id=application.id,
        number=before.number + 1 if before else 1,
        summary=summary.strip(),
        content=content,
        sha256=hashlib.sha256(canonical_json({"summary": summary.strip(), **content})).hexdigest(),
        final=final,
        author=actor,
        at=at,
    )
    session.add(report)
    session.flush()
    return report


def _in_report(rating: Rating) -> dict[str, Any]:
    return {
        "criterion": rating.criterion,
        "value": rating.value,
        "reasons": rating.reasons,
        "recommendation": rating.recommendation,
        "condition": rating.condition,
        "cited": rating.cited,
    }
