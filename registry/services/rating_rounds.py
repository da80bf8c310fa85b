"""Who has to rate what, and what stands: the facts that ratings, reports and guards ask of the rows.

A criterion is rated alone by every member, then agreed. It is rated alone *again* where something happened since: the
applicant answered questions on it, the panel reopened what it had inherited, or another panel took over. Until all have done
so, what was agreed on it before no longer stands, and nobody sees the others' new ratings.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from registry.domain.roles import RATERS
from registry.domain.workflow import Action
from registry.models.application import Application
from registry.models.judgement import Question, Reopening
from registry.models.review import Assignment, Rating, RatingLayer
from registry.services.case_file import current_evidence, policy_for
from registry.services.remembering import once

ANSWERED = frozenset({Action.ANSWER_QUESTIONS, Action.RESUME_REVIEW})
ANOTHER_PANEL = frozenset({Action.RETURN_TO_PANEL, Action.RETURN_TO_IDENTITY})
ANOTHER_LOOK = frozenset({Action.RETURN_TO_REVIEW, Action.RESUME_DEFERRED})


def members(application: Application) -> list[Assignment]:
    """Return the people who rate now; a secretary does not."""
    return [a for a in application.assignments if a.ended_at is None and a.role in RATERS]


_RATINGS = (
    select(Rating)
    .where(Rating.application_id == bindparam("application_id"), Rating.layer == bindparam("layer"))
    .order_by(Rating.sequence)
)


def ratings_of(
    session: Session, application: Application, layer: RatingLayer, author: uuid.UUID | None = None
) -> list[Rating]:
    """Return the ratings of one layer in the order they were given."""
    query = _RATINGS if author is None else _RATINGS.where(Rating.author == author)
    given = {"application_id": application.id, "layer": layer}
    asked = ("ratings", application.id, layer, author)
    return list(once(session, asked, lambda: session.scalars(query, given).all(), of=Rating))


_QUESTIONS = (
    select(Question)
    .where(Question.application_id == bindparam("application_id"))
    .options(joinedload(Question.fate), selectinload(Question.answers))
    .order_by(Question.number)
)


def questions_of(session: Session, application: Application) -> list[Question]:
    """Return every question of a case, in the order they were put."""
    return list(session.scalars(_QUESTIONS, {"application_id": application.id}))


def renewed_since(session: Session, application: Application) -> dict[str, datetime]:
    """Return from when on a criterion has to be rated anew; criteria that were never reopened are missing."""
    since: dict[str, datetime] = {}
    for event in application.events:
        if event.action in ANOTHER_PANEL:
            _note(since, (c.id for c in policy_for(application).criteria), event.at)
    answered = [event.at for event in application.events if event.action in ANSWERED]
    asked = [q for q in questions_of(session, application) if q.sent] if answered else []
    for question in asked:
        after = [at for at in answered if question.fate and at >= question.fate.at]
        if after:
            _note(since, [question.criterion], min(after))
    for reopened in reopenings(session, application):
        _note(since, [reopened.criterion], reopened.at)
    return since


def _note(since: dict[str, datetime], criteria: Iterable[str], at: datetime) -> None:
    for criterion in criteria:
        since[criterion] = max(at, since.get(criterion, at))


_REOPENINGS = (
    select(Reopening).where(Reopening.application_id == bindparam("application_id")).order_by(Reopening.at)
)


def reopenings(session: Session, application: Application) -> list[Reopening]:
    """Return where the panel took back what it had inherited, oldest first."""
    given, asked = {"application_id": application.id}, ("reopenings", application.id)
    return list(once(session, asked, lambda: session.scalars(_REOPENINGS, given).all(), of=Reopening))


def agreed_ratings(session: Session, application: Application) -> dict[str, Rating]:
    """Return what the panel agreed and what still stands, the newest per criterion."""
    since = renewed_since(session, application)
    newest = {r.criterion: r for r in ratings_of(session, application, RatingLayer.AGREED)}
    return {
        criterion: rating
        for criterion, rating in newest.items()
        if criterion not in since or rating.at >= since[criterion]
    }


def inherited(session: Session, application: Application) -> dict[str, Rating]:
    """Return what a targeted review takes over from the case before, by criterion; nobody rates that alone."""
    agreed = agreed_ratings(session, application)
    return {criterion: rating for criterion, rating in agreed.items() if rating.inherited_from is not None}


def to_rate(session: Session, application: Application) -> list[str]:
    """Return the criteria that members rate alone, in the order of the policy."""
    taken_over = {
        r.criterion
        for r in ratings_of(session, application, RatingLayer.AGREED)
        if r.inherited_from is not None
    }
    renewed = renewed_since(session, application)
    return [c.id for c in policy_for(application).criteria if c.id not in taken_over or c.id in renewed]


def given_alone(session: Session, application: Application) -> dict[tuple[uuid.UUID, str], Rating]:
    """Return the newest rating of every member on every criterion."""
    return {(r.author, r.criterion): r for r in ratings_of(session, application, RatingLayer.ALONE)}


def open_criteria(session: Session, application: Application) -> list[str]:
    """Return the criteria that a member still has to rate alone, in the order of the policy."""
    given, since = given_alone(session, application), renewed_since(session, application)
    who = [m.account_id for m in members(application)]
    return [c for c in to_rate(session, application) if not _all_gave(given, who, c, since.get(c))]


def due_from(session: Session, application: Application, who: uuid.UUID) -> set[str]:
    """Return the criteria that one member still has to rate alone."""
    given, since = given_alone(session, application), renewed_since(session, application)
    return {c for c in to_rate(session, application) if not _all_gave(given, [who], c, since.get(c))}


def _all_gave(
    given: Mapping[tuple[uuid.UUID, str], Rating],
    who: Collection[uuid.UUID],
    criterion: str,
    since: datetime | None,
) -> bool:
    found = [given.get((member, criterion)) for member in who]
    return bool(who) and all(r is not None and (since is None or r.at >= since) for r in found)


def all_have_rated(session: Session, application: Application) -> bool:
    """Whether every rating member has rated alone every criterion that is theirs to rate."""
    return bool(members(application)) and not open_criteria(session, application)


def first_round_is_over(session: Session, application: Application) -> bool:
    """Whether every member has rated once everything that was not reopened later: then the first ratings are shown."""
    given = given_alone(session, application)
    reopened = {r.criterion for r in reopenings(session, application)}
    who = [m.account_id for m in members(application)]
    first = [c for c in to_rate(session, application) if c not in reopened]
    return bool(who) and all(_all_gave(given, who, c, _new_panel(application)) for c in first)


def _new_panel(application: Application) -> datetime | None:
    return max((e.at for e in application.events if e.action in ANOTHER_PANEL), default=None)


def to_look_at_again(session: Session, application: Application) -> set[str]:
    """Return the criteria that a case which came back lets members rate anew: until the panel agrees on them again."""
    back = max((e.at for e in application.events if e.action in ANOTHER_LOOK), default=None)
    if back is None:
        return set()
    agreed = agreed_ratings(session, application)
    return {c.id for c in policy_for(application).criteria if c.id not in agreed or agreed[c.id].at <= back}


def newer_evidence(application: Application, rating: Rating) -> list[str]:
    """Return the evidence of a criterion that came in after a rating of it was given, by evidence id.

    A rating that was taken over rests on the file of the case before, so nothing here is newer than it.
    """
    criterion = policy_for(application).criterion(rating.criterion)
    if criterion is None or rating.inherited_from is not None:
        return []
    versions = current_evidence(application)
    found = (versions[item.id] for item in criterion.evidence if item.id in versions)
    return [version.evidence_id for version in found if version.uploaded_at > rating.at]
