"""What the public may read of a report: the ratings and what the rules made of them; never free text, never people."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.policy import Outcome
from registry.domain.trust_list import wire_instant
from registry.domain.workflow import Action, State
from registry.models.appeal import Appeal, AppealResult
from registry.models.application import Application
from registry.models.decision import Decision, Release
from registry.models.review import Report
from registry.services import declarations
from registry.services.bodies import policy_of
from registry.services.case_file import decision_of, policy_for
from registry.services.outbox import DECISION
from registry.services.recording import enqueue
from registry.services.report_texts import public_texts

REPORT = "report"


def public_decision(session: Session, decision_id: uuid.UUID) -> dict[str, Any] | None:
    """Return the public part of a released decision, or None where its policy publishes nothing by name, or not yet.

    Ratings, and the hashes of the report's texts, go in where the policy publishes the report for this outcome.
    """
    decision = session.get(Decision, decision_id)
    release = session.get(Release, decision_id)
    if decision is None or release is None:
        return None
    application = session.get_one(Application, decision.application_id)
    if not is_public(session, application, decision):
        return None
    terms = published_terms(application, Outcome(decision.outcome))
    policy = application.policy
    extra: dict[str, Any] = {} if application.issuer_id else {"institution": application.institution.name}
    if decision.motion.terms.get("ending"):
        extra["ending"] = decision.motion.terms["ending"]
    return extra | {
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
        "conflicts": declarations.public_summary(session, application),
        "policy": {"id": policy.policy_id, "version": policy.version, "sha256": policy.sha256},
        "ratings": _ratings(session, application, decision, release.at) if REPORT in terms else [],
        "report": public_texts(session, decision.id) if REPORT in terms else [],
        "appeal": _appeal(session, application, decision),
    }


NAMED = frozenset({"register_entry", "decision_summary"})
"""What the policy publishes of an outcome with the name of the institution."""


def is_public(session: Session, application: Application, decision: Decision) -> bool:
    """Whether a released decision is published by name now: as the policy says, at once or when it is final."""
    terms = getattr(policy_for(application).publication.outcomes, decision.outcome)
    if not NAMED & set(terms.what):
        return False
    if terms.when == "at_once":
        return True
    return terms.when == "when_final" and is_final(session, application, decision)


def is_final(session: Session, application: Application, decision: Decision) -> bool:
    """Whether nothing can change a decision any more: its case is closed, and no appeal has annulled or replaced it."""
    appeal = _appeal_of(session, decision)
    if appeal is not None:
        return appeal.result is not None and appeal.result.action is Action.UPHOLD
    return application.state is State.CLOSED and decision_of(session, application.id) is decision


def announce_decision(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Tell the publisher that what is said of a decision, or of an appeal against a listed issuer's, has changed.

    Of what is published without a name nothing is told: neither the log nor a gap reveals it.
    """
    public = is_public(session, application, decision)
    listed = application.issuer_id is not None
    if public or (listed and _appeal_of(session, decision) is not None):
        enqueue(session, DECISION, {"decision": str(decision.id)}, at=at)


def pending_appeal(session: Session, application: Application) -> dict[str, Any] | None:
    """Return the public note that a decision about a listed issuer is under appeal, with what holds meanwhile; or None.

    Who was never listed has no note, and neither has a decision that the policy publishes without a name.
    """
    decision = decision_of(session, application.id)
    if decision is None or application.issuer_id is None or application.state is not State.APPEAL:
        return None
    appeal, policy = _appeal_of(session, decision), policy_for(application)
    terms = getattr(policy.publication.outcomes, decision.outcome)
    if appeal is None or appeal.result is not None or not NAMED & set(terms.what):
        return None
    waits = terms.when == "when_final"
    during = getattr(policy.appeals.effect_during_appeal, decision.outcome, None)
    return {
        "since": wire_instant(appeal.at),
        "due": wire_instant(appeal.due),
        "decision": None if waits else str(decision.id),
        "standing_holds": waits,
        "during": None if waits or during is None else during.as_dict(),
    }


def pending_appeals(session: Session, issuer_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the notes of all appeals that are pending about a listed issuer, oldest first."""
    query = select(Application).where(Application.issuer_id == issuer_id, Application.state == State.APPEAL)
    found = (pending_appeal(session, application) for application in session.scalars(query))
    return sorted((note for note in found if note is not None), key=lambda note: str(note["since"]))


def _appeal_of(session: Session, decision: Decision) -> Appeal | None:
    return session.scalars(select(Appeal).where(Appeal.decision_id == decision.id)).one_or_none()


def _appeal(session: Session, application: Application, decision: Decision) -> dict[str, Any] | None:
    """Return what is public of the appeal against a decision: that it is pending, or how it ended."""
    appeal = _appeal_of(session, decision)
    if appeal is None:
        replaced = session.scalars(
            select(AppealResult).where(AppealResult.replacement_id == decision.id)
        ).one_or_none()
        of = replaced.appeal.decision_id if replaced else None
        return {"state": "decided_on_appeal", "of": str(of) if of else None} if replaced else None
    if appeal.result is None:
        return {"state": "pending", "since": wire_instant(appeal.at)}
    return {
        "state": appeal.result.verdict,
        "since": wire_instant(appeal.at),
        "decided_at": wire_instant(appeal.result.at),
    }


def published_terms(application: Application, outcome: Outcome) -> tuple[str, ...]:
    """Return what the frozen policy of a case publishes for an outcome."""
    outcomes = policy_of(application.policy).policy.publication.outcomes
    return tuple(getattr(outcomes, outcome.value).what)


def _ratings(
    session: Session, application: Application, decision: Decision, until: datetime
) -> list[dict[str, Any]]:
    """Return the ratings of the report that a decision released at `until` rests on."""
    query = select(Report).where(Report.application_id == application.id, Report.at <= until)
    report = session.scalars(query.order_by(Report.number.desc()).limit(1)).one_or_none()
    if report is None:
        return []
    policy = policy_for(application)
    conditions = {one["criterion"] for one in decision.motion.terms["conditions"]}
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
                "standing": value.standing.value if value else "",
                "condition": rating["criterion"] in conditions,
                "inherited": bool(rating.get("inherited")),
            }
        )
    return rows
