"""Disputed points of a case: where the members of the panel lay furthest apart, and which facts were not accepted."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.policy import Standing
from registry.models.application import Application
from registry.models.judgement import FactualAnswer, FactualPoint
from registry.models.review import Rating, RatingLayer
from registry.services.case_file import policy_for


@dataclass(frozen=True, slots=True)
class Dispute:
    """One criterion: how many grades lay between the lowest and the highest rating, and how many facts were rejected."""

    criterion: str
    spread: int
    rejected: int
    agreed: str | None
    is_met: bool


def of(session: Session, application: Application) -> list[Dispute]:
    """Return the criteria with anything in dispute, the most disputed first; then those that are not fully met."""
    policy = policy_for(application)
    ranks, agreed = _ratings(session, application)
    rejected = _rejected(session, application.id)
    found = []
    for criterion in policy.criteria:
        value = policy.scale_of(criterion).value(agreed.get(criterion.id, ""))
        there = ranks.get(criterion.id, {}).values()
        one = Dispute(
            criterion.id,
            max(there, default=0) - min(there, default=0),
            rejected.get(criterion.id, 0),
            value.id if value else None,
            value is None or value.standing is Standing.MET,
        )
        if one.spread or one.rejected or not one.is_met:
            found.append(one)
    return sorted(found, key=lambda d: (-d.rejected, -d.spread, d.is_met))


def _ratings(
    session: Session, application: Application
) -> tuple[dict[str, dict[uuid.UUID, int]], dict[str, str]]:
    """Return the newest rank per criterion and member, and the newest agreed rating per criterion."""
    policy = policy_for(application)
    ranks: dict[str, dict[uuid.UUID, int]] = {}
    agreed: dict[str, str] = {}
    query = select(Rating).where(Rating.application_id == application.id).order_by(Rating.sequence)
    for row in session.scalars(query):
        criterion = policy.criterion(row.criterion)
        value = policy.scale_of(criterion).value(row.value) if criterion else None
        if value is None:
            continue
        if row.layer is RatingLayer.AGREED:
            agreed[row.criterion] = row.value
        else:
            ranks.setdefault(row.criterion, {})[row.author] = value.rank
    return ranks, agreed


def _rejected(session: Session, application_id: uuid.UUID) -> dict[str, int]:
    query = (
        select(FactualPoint.criterion)
        .join(FactualAnswer, FactualAnswer.point_id == FactualPoint.id)
        .where(FactualPoint.application_id == application_id, ~FactualAnswer.accepted)
    )
    found: dict[str, int] = {}
    for criterion in session.scalars(query):
        found[criterion] = found.get(criterion, 0) + 1
    return found
