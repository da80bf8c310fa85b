"""Review: each member rates alone, then the panel agrees, then its report is drafted, checked for facts and locked."""

import hashlib
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.evaluation import Recommendation, evaluate, rating_problems
from registry.domain.policy import Policy, Standing
from registry.domain.prose import LONG, prose
from registry.domain.roles import PANEL, RATERS, CaseRole
from registry.domain.trust_list import canonical_json
from registry.domain.workflow import AGREEING_STATES, RATING_STATES, Action, State, step
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, TransitionRefused
from registry.models.application import Application
from registry.models.judgement import Reopening
from registry.models.review import Rating, RatingLayer, Report
from registry.services import access, rating_rounds, report_drafts
from registry.services.case_file import current_evidence, policy_for, report_of
from registry.services.guards import final_report_is_filed
from registry.services.guards_judgement import accepted_criteria
from registry.services.rating_rounds import agreed_ratings, all_have_rated
from registry.services.recording import audit
from registry.services.steps import require_version, take_step

DESK = (CaseRole.PANEL_CHAIR, CaseRole.PANEL_SECRETARY)
MOST_SUMMARY = 50_000


@dataclass(frozen=True, slots=True)
class NewRating:
    """One rating as handed in. `cited` are evidence ids; `condition` is a text, due after `condition_days`.

    `seen` pairs evidence with the version that lay beside the form: a rating made from an older one is refused.
    """

    criterion: str
    value: str
    reasons: str = ""
    cited: tuple[str, ...] = ()
    recommendation: str = ""
    condition: str = ""
    condition_days: int | None = None
    seen: tuple[tuple[str, int], ...] = ()


def rate_alone(
    session: Session, application_id: uuid.UUID, new: NewRating, *, actor: uuid.UUID, at: datetime
) -> Rating:
    """Rate one criterion alone; nobody else sees it before every member has rated everything.

    Afterwards only what was reopened is rated again: what the applicant answered questions on, what was inherited and taken
    back, and everything while a case that came back waits for a new agreement.

    Raises:
        NotAllowed: not a rating member of the panel, or the file is locked.
        InvalidInput: the value is not on the scale, or lacks what it requires.
        Conflict: a newer version of the evidence came in than the one that was looked at.
        TransitionRefused: the case is not under review, or all members are done and the panel is agreeing.
    """
    return rate_all_alone(session, application_id, [new], actor=actor, at=at)[0]


def rate_all_alone(
    session: Session, application_id: uuid.UUID, news: Sequence[NewRating], *, actor: uuid.UUID, at: datetime
) -> list[Rating]:
    """Rate several criteria alone at once, all or none of them; see `rate_alone`."""
    application = _rated(session, application_id, actor, at, RATING_STATES, *RATERS)
    _require_open_to_rate(session, application, [new.criterion for new in news])
    return _add(session, application, news, RatingLayer.ALONE, actor, at)


def ratable(session: Session, application: Application) -> set[str]:
    """Return the criteria that members rate alone now."""
    if application.state not in RATING_STATES:
        return set()
    own = {c.id for c in policy_for(application).criteria} - set(
        rating_rounds.inherited(session, application)
    )
    if not rating_rounds.first_round_is_over(session, application):
        return own
    again = rating_rounds.to_look_at_again(session, application)
    return own & (again | set(rating_rounds.open_criteria(session, application)))


def may_rate(session: Session, application: Application, criterion: str) -> bool:
    """Whether members rate this criterion alone now; one that the policy does not know is refused later, by its name."""
    known = policy_for(application).criterion(criterion) is not None
    return criterion in ratable(session, application) if known else application.state in RATING_STATES


def _require_open_to_rate(session: Session, application: Application, criteria: Collection[str]) -> None:
    _refuse_inherited(session, application, criteria)
    policy, ready = policy_for(application), ratable(session, application)
    if any(policy.criterion(c) is not None and c not in ready for c in criteria):
        raise TransitionRefused("every member has rated; from here on the panel agrees together")


def _refuse_inherited(session: Session, application: Application, criteria: Collection[str]) -> None:
    if not rating_rounds.inherited(session, application).keys().isdisjoint(criteria):
        raise TransitionRefused(
            "this rating is taken over from the case before; reopen it with reasons first"
        )


def agree(
    session: Session, application_id: uuid.UUID, new: NewRating, *, actor: uuid.UUID, at: datetime
) -> Rating:
    """Record what the panel agreed on one criterion; the chair or the secretary writes it down.

    Raises:
        Conflict: a newer version of the evidence came in than the one that was looked at.
        TransitionRefused: a member has not rated everything alone yet; or the facts were checked, and no point on this
            criterion was accepted.
    """
    return agree_on_all(session, application_id, [new], actor=actor, at=at)[0]


def agree_on_all(
    session: Session, application_id: uuid.UUID, news: Sequence[NewRating], *, actor: uuid.UUID, at: datetime
) -> list[Rating]:
    """Record what the panel agreed on several criteria at once, all or none of them; see `agree`."""
    application = _rated(session, application_id, actor, at, AGREEING_STATES, *DESK)
    if not all_have_rated(session, application):
        raise TransitionRefused("every member rates alone first; not all have finished")
    criteria = [new.criterion for new in news]
    _refuse_inherited(session, application, criteria)
    if application.state is State.FINAL_REPORT:
        _require_changeable(session, application, criteria)
    return _add(session, application, news, RatingLayer.AGREED, actor, at)


def _require_changeable(session: Session, application: Application, criteria: Collection[str]) -> None:
    if final_report_is_filed(session, application):
        raise TransitionRefused("the final report is filed and locked")
    if not set(criteria) <= set(accepted_criteria(session, application)):
        raise TransitionRefused(
            "after the factual check a rating changes only where a point on it was accepted"
        )


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
    news: Sequence[NewRating],
    layer: RatingLayer,
    actor: uuid.UUID,
    at: datetime,
) -> list[Rating]:
    first = _next_sequence(session, application.id)
    rows = [
        _checked(application, new, layer, sequence, actor, at)
        for sequence, new in enumerate(news, start=first)
    ]
    session.add_all(rows)
    session.flush()
    detail: dict[str, Any] = {"criteria": [row.criterion for row in rows], "layer": layer.value}
    audit(session, "rating.given", actor=actor, at=at, of=("application", application.id), detail=detail)
    return rows


def _checked(
    application: Application,
    new: NewRating,
    layer: RatingLayer,
    sequence: int,
    actor: uuid.UUID,
    at: datetime,
) -> Rating:
    """Return the row of a rating that has all its value requires.

    Raises:
        InvalidInput: it lacks something, or its value is not on the scale.
        Conflict: it was made from evidence that is no longer the newest.
    """
    policy = policy_for(application)
    reasons, advice = prose("reasons", new.reasons, LONG), prose("recommendation", new.recommendation, LONG)
    condition = prose("condition", new.condition, LONG)
    problems = list(
        rating_problems(
            policy,
            new.criterion,
            new.value,
            reasons,
            new.cited,
            recommendation=advice,
            condition=condition,
        )
    )
    versions = current_evidence(application)
    unknown = [cited for cited in new.cited if cited not in versions]
    if unknown:
        problems.append(FieldError("cited_evidence", f"not handed in: {', '.join(unknown)}"))
    days = new.condition_days or policy.decision.conditions.default_days
    if condition and not 0 < days <= policy.decision.conditions.max_days:
        problems.append(
            FieldError(
                "condition_days", f"at most {policy.decision.conditions.max_days} days under this policy"
            )
        )
    if problems:
        raise InvalidInput("this rating cannot be recorded", problems)
    _require_newest(application, new)
    return Rating(
        application_id=application.id,
        criterion=new.criterion,
        layer=layer,
        sequence=sequence,
        value=new.value,
        reasons=reasons,
        cited=[{"id": c, "number": versions[c].number, "sha256": versions[c].sha256} for c in new.cited],
        recommendation=advice,
        condition={"text": condition, "days": days} if condition else None,
        author=actor,
        at=at,
    )


def _require_newest(application: Application, new: NewRating) -> None:
    """Raise `Conflict` where somebody rates from a version of the evidence that is no longer the newest."""
    versions, seen = current_evidence(application), dict(new.seen)
    older = [name for name, number in seen.items() if name in versions and versions[name].number != number]
    if older:
        names = ", ".join(sorted(older))
        raise Conflict(f"newer evidence came in meanwhile: {names}. Look at it, then rate.")


def _next_sequence(session: Session, application_id: uuid.UUID) -> int:
    last = session.scalar(select(func.max(Rating.sequence)).where(Rating.application_id == application_id))
    return (last or 0) + 1


def has_ratings(session: Session, application: Application) -> bool:
    """Whether any rating was given or taken over in a case."""
    return _next_sequence(session, application.id) > 1


def ratings_alone(session: Session, application: Application, author: uuid.UUID) -> dict[str, Rating]:
    """Return one member's ratings, the newest per criterion."""
    query = select(Rating).where(
        Rating.application_id == application.id,
        Rating.layer == RatingLayer.ALONE,
        Rating.author == author,
    )
    return {r.criterion: r for r in session.scalars(query.order_by(Rating.sequence))}


def spread(
    session: Session, application: Application, *, actor: uuid.UUID, at: datetime
) -> dict[str, list[Rating]]:
    """Return all members' ratings side by side, by criterion; what is being rated anew is left out until all have done so.

    Raises:
        NotAllowed: neither on the panel nor the auditor, or a member is still rating alone.
    """
    if not access.audits(session, application, actor=actor, at=at):
        access.require_part(session, actor, application, *PANEL, at=at)
    if not rating_rounds.first_round_is_over(session, application):
        raise NotAllowed("the others' ratings are hidden until every member has rated")
    hidden = set(rating_rounds.open_criteria(session, application))
    shown = [c for c in rating_rounds.to_rate(session, application) if c not in hidden]
    table: dict[str, list[Rating]] = {criterion: [] for criterion in shown}
    for member in rating_rounds.members(application):
        for criterion, rating in ratings_alone(session, application, member.account_id).items():
            if criterion in table:
                table[criterion].append(rating)
    return table


def inherit(
    session: Session,
    application: Application,
    at_risk: Collection[str],
    actor: uuid.UUID,
    at: datetime,
) -> list[Rating]:
    """Take over what the case before agreed, for every criterion that is not at risk and that the policy lets inherit.

    Somebody with a part in the case does this before anybody rates (`inheritance.take_over`); where ratings exist already,
    nothing is taken over. Criteria with a rating that the present policy no longer knows are rated anew. Returns what was
    taken over.
    """
    prior = session.get(Application, application.prior_id) if application.prior_id else None
    if prior is None or has_ratings(session, application):
        return []
    policy, before = policy_for(application), agreed_ratings(session, prior)
    found = []
    for criterion in policy.criteria:
        rating = before.get(criterion.id)
        if rating is None or not criterion.inheritable or criterion.id in at_risk:
            continue
        if policy.scale_of(criterion).value(rating.value) is None:
            continue
        found.append(_taken_over(session, application, prior, rating, actor, at))
    detail = {"from": prior.reference, "criteria": [r.criterion for r in found]}
    audit(session, "rating.inherited", actor=actor, at=at, of=("application", application.id), detail=detail)
    return found


def _taken_over(
    session: Session,
    application: Application,
    prior: Application,
    rating: Rating,
    actor: uuid.UUID,
    at: datetime,
) -> Rating:
    """Return a copy of a rating that names its origin; what it cites are versions in the file of that case."""
    taken = Rating(
        application_id=application.id,
        criterion=rating.criterion,
        layer=RatingLayer.AGREED,
        sequence=_next_sequence(session, application.id),
        value=rating.value,
        reasons=rating.reasons,
        cited=[{"case": prior.reference, **cited} for cited in rating.cited],
        recommendation=rating.recommendation,
        condition=rating.condition,
        inherited_from=rating.id,
        author=actor,
        at=at,
    )
    session.add(taken)
    session.flush()
    return taken


def reopen(
    session: Session,
    application_id: uuid.UUID,
    criterion: str,
    reasons: str,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> Reopening:
    """As chair or secretary: take an inherited rating back, with reasons; every member then rates the criterion alone.

    Raises:
        TransitionRefused: the case is not under review, or this criterion has no inherited rating.
        InvalidInput: no reasons.
    """
    application = _rated(session, application_id, actor, at, RATING_STATES, *DESK)
    if criterion not in rating_rounds.inherited(session, application):
        raise TransitionRefused("this criterion has no rating that was taken over")
    words = prose("reasons", reasons, LONG, missing="give your reasons")
    made = Reopening(application_id=application.id, criterion=criterion, reasons=words, by=actor, at=at)
    session.add(made)
    session.flush()
    detail = {"criterion": criterion}
    audit(session, "rating.reopened", actor=actor, at=at, of=("application", application.id), detail=detail)
    return made


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
    """File the draft report, which the applicant will check for facts; sections as saved, else from the agreed ratings.

    Raises:
        InvalidInput: no summary, neither here nor saved.
        TransitionRefused: the panel has not agreed on every criterion.
    """
    return _file(session, application_id, Action.FILE_DRAFT_REPORT, summary, version, actor, at)


def revise_draft_report(
    session: Session, application_id: uuid.UUID, summary: str, *, version: int, actor: uuid.UUID, at: datetime
) -> Report:
    """File the draft anew before it goes to the applicant; the version before stays.

    Raises:
        TransitionRefused: the draft has gone to the applicant.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *DESK, at=at)
    require_version(application, version)
    if application.state is not State.DRAFT_REPORT:
        raise TransitionRefused("a draft is filed anew only before it goes to the applicant")
    words = _summary(session, application, summary)
    report = _report(session, application, words, final=False, actor=actor, at=at)
    audit(session, "report.revised", actor=actor, at=at, of=("application", application.id))
    return report


def file_report(
    session: Session, application_id: uuid.UUID, summary: str, *, version: int, actor: uuid.UUID, at: datetime
) -> Report:
    """File the final report, locked with a hash; it goes to the committee as it is.

    Raises:
        InvalidInput: no summary, or a section that still reads as in the draft though a point on it was accepted.
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
    final = action is Action.FILE_REPORT
    if final and final_report_is_filed(session, application):
        raise TransitionRefused("the final report is filed and locked")
    words = _summary(session, application, summary)
    if final:
        report_drafts.require_changes(session, application)
    take_step(session, application, action, actor=actor, at=at)
    return _report(session, application, words, final=final, actor=actor, at=at)


def _summary(session: Session, application: Application, summary: str) -> str:
    piece = report_drafts.pieces_of(session, application).get(report_drafts.SUMMARY)
    words = prose("summary", summary, MOST_SUMMARY) or (piece.findings if piece else "")
    if not words:
        raise InvalidInput("write a summary", [FieldError("summary", "write a summary of the report")])
    return words


def _report(
    session: Session, application: Application, words: str, *, final: bool, actor: uuid.UUID, at: datetime
) -> Report:
    before = report_of(session, application.id)
    content = report_drafts.content_of(session, application, final=final)
    report = Report(
        application_id=application.id,
        number=before.number + 1 if before else 1,
        summary=words,
        content=content,
        sha256=hashlib.sha256(canonical_json({"summary": words, **content})).hexdigest(),
        final=final,
        author=actor,
        at=at,
    )
    session.add(report)
    session.flush()
    return report
