"""What the public may read of a report: the ratings and what the rules made of them; never free text, never people."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.policy import Outcome
from registry.domain.trust_list import wire_instant
from registry.models.application import Application
from registry.models.decision import Decision, Release
from registry.services.bodies import policy_of
from registry.services.case_file import policy_for, report_of

REPORT = "report"


def public_decision(session: Session, decision_id: uuid.UUID) -> dict[str, Any] | None:
    """Return the public part of a released decision, or None where its policy publishes nothing by name.

    Ratings go in where the policy publishes the report for this outcome.
    """
    decision = session.get(Decision, decision_id)
    release = session.get(Release, decision_id)
    if decision is None or release is None:
        return None
    application = session.get_one(Application, decision.application_id)
    terms = published_terms(application, Outcome(decision.outcome))
    if "register_entry" not in terms and "decision_summary" not in terms:
        return None
    policy = application.policy
    return {
        "id": str(decision.id),
        "scheme": application.scheme.slug,
        "issuer": str(application.issuer_id) if application.issuer_id else None,
        "procedure": application.procedure.value,
        "outcome": decision.outcome,
        "proposed_outcome": decision.motion.proposed_outcome,
        "rule": decision.motion.rule,
        "deviates": decision.outcome != decision.motion.proposed_outcome,
        "votes": {name: decision.tally[name] for name in ("in_favour", "against", "abstained")},
        "decided_at": wire_instant(decision.decided_at),
        "released_at": wire_instant(release.at),
        "policy": {"id": policy.policy_id, "version": policy.version, "sha256": policy.sha256},
        "ratings": _ratings(session, application) if REPORT in terms else [],
    }


def published_terms(application: Application, outcome: Outcome) -> tuple[str, ...]:
    """Return what the frozen policy of a case publishes for an outcome."""
    outcomes = policy_of(application.policy).policy.publication.outcomes
    return tuple(getattr(outcomes, outcome.value).what)


def _ratings(session: Session, application: Application) -> list[dict[str, Any]]:
    report = report_of(session, application.id)
    if report is None:
        return []
    policy = policy_for(application)
    rows = []
    for rating in report.content["ratings"]:
        criterion = policy.criterion(rating["criterion"])
        if criterion is None:
            continue
        value = policy.scale_of(criterion).value(rating["value"])
        rows.append(
            {
                "criterion": criterion.id,
                "title": criterion.title.as_dict(),
                "rating": rating["value"],
                "label": value.label.as_dict() if value else {},
            }
        )
    return rows
