"""Precedents: how earlier decisions of the same body, under the same policy, treated a criterion that was not fully met."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from registry.domain.policy import Standing
from registry.models.application import Application
from registry.models.decision import Decision
from registry.models.precedent import Precedent
from registry.services.case_file import policy_for, report_of

SHOWN = 5
"""Most precedents beside one criterion."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; None and empty leave a thing open. `words` must all be found in a criterion's title or id."""

    criterion: str | None = None
    rating: str | None = None
    outcome: str | None = None
    words: str = ""


def note(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Keep what a released decision made of every criterion that the panel did not find fully met."""
    report = report_of(session, application.id)
    if report is None:
        return
    policy = policy_for(application)
    conditions = {one["criterion"] for one in decision.motion.terms["conditions"]}
    for rating in report.content["ratings"]:
        criterion = policy.criterion(rating["criterion"])
        value = policy.scale_of(criterion).value(rating["value"]) if criterion else None
        if criterion is None or value is None or value.standing is Standing.MET:
            continue
        session.add(
            Precedent(
                decision_id=decision.id,
                criterion=criterion.id,
                body_id=application.scheme.body_id,
                scheme_id=application.scheme_id,
                policy_id=policy.id,
                policy_version=policy.version,
                rating=value.id,
                standing=value.standing.value,
                condition=criterion.id in conditions,
                outcome=decision.outcome,
                rule=decision.motion.rule,
                deviates=decision.outcome != decision.motion.proposed_outcome,
                at=at,
            )
        )
    session.flush()


def beside(
    session: Session, application: Application, criteria: Collection[str]
) -> Mapping[str, Sequence[Precedent]]:
    """Return the newest precedents of these criteria, at most `SHOWN` each, with their decisions; one query."""
    place = func.row_number().over(partition_by=Precedent.criterion, order_by=Precedent.at.desc())
    ranked = (
        select(Precedent.decision_id, Precedent.criterion, place.label("place"))
        .join(Decision, Decision.id == Precedent.decision_id)
        .where(
            Precedent.body_id == application.scheme.body_id,
            Precedent.policy_id == application.policy.policy_id,
            Precedent.criterion.in_(criteria),
            Decision.application_id != application.id,
        )
        .subquery()
    )
    query = (
        select(Precedent)
        .join(
            ranked,
            (ranked.c.decision_id == Precedent.decision_id) & (ranked.c.criterion == Precedent.criterion),
        )
        .where(ranked.c.place <= SHOWN)
        .options(joinedload(Precedent.decision).joinedload(Decision.motion))
        .order_by(Precedent.criterion, Precedent.at.desc())
    )
    found: dict[str, list[Precedent]] = {}
    for row in session.scalars(query):
        found.setdefault(row.criterion, []).append(row)
    return found


def find(
    session: Session, body_id: uuid.UUID, policy_id: str, search: Search, criteria: Collection[str] | None
) -> Sequence[Precedent]:
    """Return a body's precedents, newest first, at most `PAGE`; `criteria` are those whose words were found."""
    query = select(Precedent).where(Precedent.body_id == body_id, Precedent.policy_id == policy_id)
    for column, value in (
        (Precedent.criterion, search.criterion),
        (Precedent.rating, search.rating),
        (Precedent.outcome, search.outcome),
    ):
        if value:
            query = query.where(column == value)
    if criteria is not None:
        query = query.where(Precedent.criterion.in_(criteria))
    query = query.options(joinedload(Precedent.decision).joinedload(Decision.motion))
    return session.scalars(query.order_by(Precedent.at.desc()).limit(PAGE)).all()
