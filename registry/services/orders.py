"""Orders on a standing that two people give without a decision: urgent suspension, its lifting, a recognition given up.

Each `check_` says what a proposal lacks, each `apply_` does what was confirmed; `two_people` calls both. An urgent
suspension lasts only until the committee has had its say: confirmed in time, lifted by its decision, or ended by the clock.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.clocks import Side
from registry.domain.policy import Outcome
from registry.domain.policy_terms import Sanctions
from registry.domain.recognition import Reason, Status, interval_at, status_at
from registry.domain.roles import Role
from registry.domain.stops import STOPS
from registry.domain.terms import check_terms
from registry.domain.workflow import Action, State
from registry.errors import Conflict, FieldError
from registry.models.application import Application
from registry.models.decision import Decision
from registry.models.issuer import Issuer, RecognitionEvent
from registry.models.standing import UrgentOrder
from registry.models.two_people import Proposal
from registry.services import access
from registry.services.bodies import current_policy, policy_of
from registry.services.clock import clock_account
from registry.services.deadlines import calendar_of
from registry.services.recording import audit, enqueue
from registry.services.standing import Change, Ground, lift, record, stopping
from registry.services.steps import PROVEN, take_step
from registry.services.supervision import Told, open_case
from registry.services.trust_lists import status_events

NO_OFFICER = "one of the two has to be a case officer, who takes the case before the committee"


def sanctions_of(session: Session, issuer: Issuer) -> Sanctions:
    """Return what the policy in force lets the body do about an issuer."""
    return policy_of(current_policy(session, issuer.scheme)).policy.sanctions


def ground_for(session: Session, issuer: Issuer, row: Proposal) -> Ground:
    """Return what an event rests on that two people ordered."""
    return Ground(current_policy(session, issuer.scheme), proposal=row)


def issuer_of(session: Session, row: Proposal) -> Issuer:
    """Return the issuer that a proposal is about, held until the transaction ends."""
    return session.get_one(Issuer, row.issuer_id, with_for_update=True)


def standing_problem(session: Session, row: Proposal, at: datetime, *wanted: Status) -> list[FieldError]:
    """Return why an order cannot be given now, where the standing must be one of `wanted`."""
    standing = status_at(status_events(issuer_of(session, row)), at)
    if standing in wanted:
        return []
    return [FieldError("issuer", "the standing of this issuer does not allow this order")]


def unknown(content: Mapping[str, Any], *known: str) -> list[FieldError]:
    """Return a problem for everything that an order does not know."""
    return [FieldError(name, "this order knows no such thing") for name in content if name not in known]


_RECOGNIZED = (Status.ACTIVE, Status.ACTIVE_WITH_CONDITIONS)


def check_urgent(session: Session, row: Proposal, at: datetime) -> list[FieldError]:
    """Check an urgent suspension: content `ground`, one that the policy allows it for; optional `terms`."""
    problems = standing_problem(session, row, at, *_RECOGNIZED) + unknown(row.content, "ground", "terms")
    allowed = sanctions_of(session, issuer_of(session, row)).suspend.urgent.allowed_for
    if row.content.get("ground") not in {ground.id.value for ground in allowed}:
        problems.append(FieldError("ground", "the policy does not allow an urgent suspension on this ground"))
    return problems + _terms_problems(row, Status.SUSPENDED, at)


def apply_urgent(session: Session, row: Proposal, second: uuid.UUID, at: datetime) -> None:
    """Suspend at once, and open the case in which the committee has to confirm it within the policy's working days."""
    issuer = issuer_of(session, row)
    reason, policy = Reason(row.content["ground"]), policy_of(current_policy(session, issuer.scheme)).policy
    change = stopping(policy, Status.SUSPENDED, reason, at, row.content.get("terms"))
    event = record(session, issuer, change, ground_for(session, issuer, row), at)
    days = policy.sanctions.suspend.urgent.confirm_by_committee_days
    confirm_by = calendar_of(issuer.scheme.body).plus(at, days)
    told = Told(Outcome.SUSPEND, reason, row.reasons, confirm_by)
    officer = _officer(session, row, second, at)
    case = open_case(
        session, issuer, State.FIRST_CONSIDERATION, told, officer=officer, actor=row.first_by, at=at
    )
    case.clock_side, case.due_at = Side.BODY, confirm_by
    order = UrgentOrder(
        proposal_id=row.id,
        issuer_id=issuer.id,
        application_id=case.id,
        event_number=event.number,
        ground=reason,
        confirm_by=confirm_by,
    )
    session.add(order)
    session.flush()
    enqueue(session, "mail", {"kind": "hearing_opened", "application": str(case.id)}, at=at)


def _officer(session: Session, row: Proposal, second: uuid.UUID, at: datetime) -> uuid.UUID:
    """Return which of the two takes the case: whoever is a case officer, the first before the second."""
    officer = next((one for one in (row.first_by, second) if is_officer(session, row, one, at)), None)
    if officer is None:
        raise Conflict(NO_OFFICER)
    return officer


def is_officer(session: Session, row: Proposal, person: uuid.UUID, at: datetime) -> bool:
    """Whether a person is a case officer of the body that a proposal belongs to."""
    return access.holds(session, person, Role.CASE_OFFICER, at=at, body=row.body_id)


def check_lifting(session: Session, row: Proposal, at: datetime) -> list[FieldError]:
    """Check that a suspension is lifted which the committee does not have before it already."""
    issuer = issuer_of(session, row)
    problems = standing_problem(session, row, at, Status.SUSPENDED) + unknown(row.content)
    if awaiting_committee(session, issuer, at) is not None:
        problems.append(
            FieldError("issuer", "the committee has this urgent suspension before it and decides")
        )
    return problems


def apply_lifting(session: Session, row: Proposal, _second: uuid.UUID, at: datetime) -> None:
    """End the suspension."""
    issuer = issuer_of(session, row)
    lift(session, issuer, ground_for(session, issuer, row), at)


def check_relinquishment(session: Session, row: Proposal, at: datetime) -> list[FieldError]:
    """Check that a recognition is given up, not for the past; content `from` (instant, default now) and `terms`."""
    problems = standing_problem(session, row, at, *_RECOGNIZED, Status.SUSPENDED)
    problems += unknown(row.content, "from", "terms")
    start = _instant(row.content.get("from"))
    if row.content.get("from") and start is None:
        problems.append(FieldError("from", "write a day as 2026-03-01"))
    if start is not None and row.id is None and start < at:
        problems.append(FieldError("from", "a recognition is not given up for the past"))
    return problems + _terms_problems(row, Status.RELINQUISHED, start or at)


def apply_relinquishment(session: Session, row: Proposal, _second: uuid.UUID, at: datetime) -> None:
    """Let the recognition end at the chosen instant, or now where that has passed while the second word was awaited."""
    issuer = issuer_of(session, row)
    start = max(_instant(row.content.get("from")) or at, at)
    policy = policy_of(current_policy(session, issuer.scheme)).policy
    change = stopping(policy, Status.RELINQUISHED, Reason.ISSUER_REQUEST, start, row.content["terms"])
    later = start if start > at else None
    record(session, issuer, _from(change, later), ground_for(session, issuer, row), at)


def _from(change: Change, later: datetime | None) -> Change:
    return Change(
        status=change.status,
        reason=change.reason,
        effect=change.effect,
        effect_from=change.effect_from,
        effective_from=later,
        terms=change.terms,
    )


def _terms_problems(row: Proposal, status: Status, at: datetime) -> list[FieldError]:
    wire = row.content.get("terms") or {}
    # what was checked when it was proposed is not turned down for a day that passed while the second word was awaited
    not_before = at.date() if row.id is None else None
    return check_terms(wire, STOPS[status], not_before=not_before)


def _instant(text: object) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.replace(microsecond=0) if found.tzinfo is not None else None


def awaiting_committee(session: Session, issuer: Issuer, at: datetime) -> UrgentOrder | None:
    """Return the urgent suspension of an issuer on which the committee still has to decide, or None."""
    query = _unconfirmed().where(UrgentOrder.issuer_id == issuer.id, UrgentOrder.confirm_by >= at)
    return session.scalars(query.limit(1)).one_or_none()


def _unconfirmed() -> Any:
    """Orders whose case has no decision that was taken in time, and that the calendar has not ended yet."""
    decided = select(Decision.id).where(
        Decision.application_id == UrgentOrder.application_id, Decision.decided_at <= UrgentOrder.confirm_by
    )
    lifted = select(RecognitionEvent.number).where(
        RecognitionEvent.issuer_id == UrgentOrder.issuer_id,
        RecognitionEvent.number > UrgentOrder.event_number,
        RecognitionEvent.proposal_id == UrgentOrder.proposal_id,
    )
    return select(UrgentOrder).where(~decided.exists(), ~lifted.exists())


def lapse_unconfirmed(session: Session, at: datetime) -> int:
    """End the urgent suspensions that no committee confirmed in time, and their cases; return how many.

    The event rests on the same order: that it was given for so many days, and no longer.
    """
    found = session.scalars(_unconfirmed().where(UrgentOrder.confirm_by < at)).all()
    clock = clock_account(session, at=at).id if found else uuid.UUID(int=0)
    return sum(_lapse(session, order, clock, at) for order in found)


def _lapse(session: Session, order: UrgentOrder, clock: uuid.UUID, at: datetime) -> bool:
    issuer = session.get_one(Issuer, order.issuer_id, with_for_update=True)
    case = session.get_one(Application, order.application_id)
    if case.state is State.FIRST_CONSIDERATION:
        take_step(session, case, Action.LAPSE, actor=clock, at=at, guards=PROVEN)
    held = interval_at(status_events(issuer), at)
    if held is None or held.event != order.event_number:  # another act has settled the standing meanwhile
        return False
    row = session.get_one(Proposal, order.proposal_id)
    lift(session, issuer, ground_for(session, issuer, row), at)
    audit(session, "suspension.lapsed", actor=clock, at=at, of=("issuer", issuer.id))
    return True
