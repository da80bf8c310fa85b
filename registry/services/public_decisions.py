"""What the public may read of decisions: the ratings and what the rules made of them; never free text, never people.

Decisions are read many at a time, in a fixed number of queries: a register that is published anew has thousands of them.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, joinedload

from registry.domain.policy import Outcome, Policy
from registry.domain.trust_list import wire_instant
from registry.domain.workflow import Action, State
from registry.models.appeal import Appeal, AppealResult
from registry.models.application import Application
from registry.models.body import AdoptedPolicy, Scheme
from registry.models.decision import Decision, Motion, Release
from registry.models.institution import Institution
from registry.models.review import Report
from registry.services.bodies import policy_of
from registry.services.declarations import public_summaries
from registry.services.report_texts import public_texts

REPORT: Final = "report"
NAMED: Final = frozenset({"register_entry", "decision_summary"})
"""What the policy publishes of an outcome with the name of the institution."""
_CHUNK: Final = 500
_RELEASED: Final = (
    select(
        Decision.id,
        Decision.application_id,
        Decision.outcome,
        Decision.tally,
        Decision.decided_at,
        Release.at.label("released_at"),
        Application.issuer_id,
        Application.procedure,
        Application.state,
        Application.policy_row_id,
        Institution.name.label("institution"),
        Scheme.slug.label("scheme"),
        Motion.proposed_outcome,
        Motion.rule,
        Motion.terms,
    )
    .join(Release, Release.decision_id == Decision.id)
    .join(Motion, Motion.id == Decision.motion_id)
    .join(Application, Application.id == Decision.application_id)
    .join(Institution, Institution.id == Application.institution_id)
    .join(Scheme, Scheme.id == Application.scheme_id)
)


def public_decision(session: Session, decision_id: uuid.UUID) -> dict[str, Any] | None:
    """Return the public part of a decision, or None where `public_decisions` has none."""
    return dict(public_decisions(session, [decision_id])).get(decision_id)


def public_decisions(
    session: Session, decisions: Iterable[uuid.UUID]
) -> Iterator[tuple[uuid.UUID, dict[str, Any]]]:
    """Yield (id, public part) of the released decisions among `decisions`, without those that the policy publishes not by
    name, or not yet.

    Ratings, and the hashes of the report's texts, go in where the policy publishes the report for this outcome.
    """
    waiting = iter(decisions)
    while chunk := list(islice(waiting, _CHUNK)):
        rows = session.execute(_RELEASED.where(Decision.id.in_(chunk))).all()
        if not rows:
            continue
        around = _around(session, rows)
        policies = {row.policy_row_id: _policy(session, row.policy_row_id) for row in rows}
        yield from (
            (row.id, _public(row, *policies[row.policy_row_id], around))
            for row in rows
            if _is_public(row, policies[row.policy_row_id][1], around)
        )


def named_when(policy: Policy, outcome: str) -> str | None:
    """Return when a policy publishes an outcome by name (`at_once`, `when_final`), or None where it does not."""
    terms = getattr(policy.publication.outcomes, outcome)
    return str(terms.when) if NAMED & set(terms.what) else None


def published_terms(policy: Policy, outcome: Outcome) -> tuple[str, ...]:
    """Return what a policy publishes for an outcome."""
    return tuple(getattr(policy.publication.outcomes, outcome.value).what)


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around the decisions of a chunk: appeals and texts by decision, what a decision replaced, and by case
    the newest decision, the reports in order, and what is told of conflicts."""

    appeals: Mapping[uuid.UUID | None, Appeal]
    replaced: Mapping[uuid.UUID | None, uuid.UUID | None]
    texts: Mapping[uuid.UUID, list[dict[str, Any]]]
    newest: Mapping[uuid.UUID, uuid.UUID]
    reports: Mapping[uuid.UUID, Sequence[tuple[datetime, dict[str, Any]]]]
    conflicts: Mapping[uuid.UUID, dict[str, object]]


def _around(session: Session, rows: Sequence[Row[Any]]) -> _Around:
    ids, cases = [row.id for row in rows], {row.application_id for row in rows}
    appeals = select(Appeal).where(Appeal.decision_id.in_(ids)).options(joinedload(Appeal.result))
    replaced = (
        select(AppealResult.replacement_id, Appeal.decision_id)
        .join(Appeal, Appeal.id == AppealResult.appeal_id)
        .where(AppealResult.replacement_id.in_(ids))
    )
    newest = (
        select(Decision.application_id, Decision.id)
        .where(Decision.application_id.in_(cases))
        .order_by(Decision.decided_at)
    )
    return _Around(
        appeals={appeal.decision_id: appeal for appeal in session.scalars(appeals)},
        replaced={row[0]: row[1] for row in session.execute(replaced)},
        texts=public_texts(session, ids),
        newest={row[0]: row[1] for row in session.execute(newest)},
        reports=_reports(session, cases),
        conflicts=public_summaries(session, cases),
    )


def _reports(
    session: Session, cases: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[tuple[datetime, dict[str, Any]]]]:
    query = select(Report.application_id, Report.at, Report.content).where(Report.application_id.in_(cases))
    found: dict[uuid.UUID, list[tuple[datetime, dict[str, Any]]]] = {}
    for case, at, content in session.execute(query.order_by(Report.number)):
        found.setdefault(case, []).append((at, content))
    return found


def _policy(session: Session, policy_row_id: uuid.UUID) -> tuple[AdoptedPolicy, Policy]:
    row = session.get_one(AdoptedPolicy, policy_row_id)
    return row, policy_of(row).policy


def _is_public(row: Row[Any], policy: Policy, around: _Around) -> bool:
    """Whether a released decision is published by name now: as the policy says, at once or when it is final."""
    when = named_when(policy, row.outcome)
    return when == "at_once" or (when == "when_final" and _is_final(row, around))


def _is_final(row: Row[Any], around: _Around) -> bool:
    """Whether nothing can change a decision any more: its case is closed, and no appeal has annulled or replaced it."""
    appeal = around.appeals.get(row.id)
    if appeal is not None:
        return appeal.result is not None and appeal.result.action is Action.UPHOLD
    return row.state is State.CLOSED and around.newest[row.application_id] == row.id


def _public(row: Row[Any], adopted: AdoptedPolicy, policy: Policy, around: _Around) -> dict[str, Any]:
    reported = REPORT in published_terms(policy, Outcome(row.outcome))
    extra: dict[str, Any] = {} if row.issuer_id else {"institution": row.institution}
    if row.terms.get("ending"):
        extra["ending"] = row.terms["ending"]
    return extra | {
        "id": str(row.id),
        "scheme": row.scheme,
        "issuer": str(row.issuer_id) if row.issuer_id else None,
        "procedure": row.procedure.value,
        "outcome": row.outcome,
        "proposed_outcome": row.proposed_outcome,
        "rule": row.rule,
        "deviates": row.outcome != row.proposed_outcome,
        "votes": {name: row.tally[name] for name in ("in_favour", "against", "abstained")},
        "decided_at": wire_instant(row.decided_at),
        "released_at": wire_instant(row.released_at),
        "conflicts": around.conflicts[row.application_id],
        "policy": {"id": adopted.policy_id, "version": adopted.version, "sha256": adopted.sha256},
        "ratings": _ratings(row, policy, around) if reported else [],
        "report": around.texts.get(row.id, []) if reported else [],
        "appeal": _appeal(row, around),
    }


def _appeal(row: Row[Any], around: _Around) -> dict[str, Any] | None:
    """Return what is public of the appeal against a decision: that it is pending, or how it ended."""
    appeal = around.appeals.get(row.id)
    if appeal is None:
        if row.id not in around.replaced:
            return None
        of = around.replaced[row.id]
        return {"state": "decided_on_appeal", "of": str(of) if of else None}
    if appeal.result is None:
        return {"state": "pending", "since": wire_instant(appeal.at)}
    return {
        "state": appeal.result.verdict,
        "since": wire_instant(appeal.at),
        "decided_at": wire_instant(appeal.result.at),
    }


def _ratings(row: Row[Any], policy: Policy, around: _Around) -> list[dict[str, Any]]:
    """Return the ratings of the report that a decision rests on, the last one before its release."""
    reports = around.reports.get(row.application_id, ())
    content = next((content for at, content in reversed(reports) if at <= row.released_at), None)
    if content is None:
        return []
    conditions = {one["criterion"] for one in row.terms["conditions"]}
    found = ((policy.criterion(rating["criterion"]), rating) for rating in content["ratings"])
    rows = []
    for criterion, rating in found:
        if criterion is None:
            continue
        value = policy.scale_of(criterion).value(rating["value"])
        rows.append(
            {
                "criterion": criterion.id,
                "title": criterion.title.as_dict(),
                "rating": rating["value"],
                "label": value.label.as_dict() if value else {},
                "standing": value.standing.value if value else "",
                "condition": rating["criterion"] in conditions,
                "inherited": bool(rating.get("inherited")),
            }
        )
    return rows
