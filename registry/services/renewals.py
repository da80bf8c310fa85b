"""Renewal, extension of the scope, and targeted review: a new case that continues a recognition."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from registry.domain.periods import plus_months
from registry.domain.policy import Policy
from registry.domain.recognition import Interval, Reason, interval_at
from registry.domain.scope import scope_to_wire
from registry.domain.workflow import SETTLED, State
from registry.errors import TransitionRefused
from registry.models.application import Application, Procedure
from registry.models.decision import Decision
from registry.models.issuer import Issuer
from registry.models.monitoring import MonitoringKind
from registry.services import applications, monitoring
from registry.services.clock import clock_account
from registry.services.recording import audit
from registry.services.standing import Change, Ground, record
from registry.services.trust_lists import status_events

CONTINUES = frozenset({Procedure.RENEWAL, Procedure.SCOPE_EXTENSION, Procedure.TARGETED})
"""Procedures that an issuer may begin."""


def running(issuer: Issuer, at: datetime) -> Interval | None:
    """Return the stretch of the recognition that holds now, or None."""
    return interval_at(status_events(issuer), at)


def window_opens(policy: Policy, issuer: Issuer, at: datetime) -> datetime | None:
    """Return from when a renewal may be asked for, or None for an issuer without an end ahead."""
    now = running(issuer, at)
    if now is None or now.valid_until is None or not now.status.is_recognized:
        return None
    return plus_months(now.valid_until, -policy.validity.renewal_window_months)


def begin(
    session: Session, issuer_id: uuid.UUID, procedure: Procedure, *, actor: uuid.UUID, at: datetime
) -> Application:
    """As the issuer: open a draft that continues its recognition, filled in with what it is recognized for now.

    Raises:
        TransitionRefused: the recognition has ended, or the window for renewal is not open yet.
        Conflict: a case in this scheme is open already.
    """
    issuer = monitoring.own_issuer(session, issuer_id, actor=actor, at=at)
    policy = monitoring.terms_of(session, issuer)
    now = running(issuer, at)
    if procedure not in CONTINUES or procedure.value not in policy.applies_to.procedures:
        raise TransitionRefused("the policy knows no such procedure for an issuer")
    if now is None or not now.status.is_recognized:
        raise TransitionRefused("this recognition does not stand now; apply anew, or ask the body")
    opens = window_opens(policy, issuer, at)
    if procedure is Procedure.RENEWAL and (opens is None or at < opens):
        day = f"{opens:%Y-%m-%d}" if opens else "the end of the term is known"
        raise TransitionRefused(f"a renewal may be asked for from {day} on")
    application = applications.start(
        session,
        issuer.institution_id,
        issuer.scheme_id,
        procedure=procedure,
        issuer_id=issuer.id,
        prior_id=_prior(session, issuer),
        actor=actor,
        at=at,
    )
    application.scope = scope_to_wire(now.scope)
    session.flush()
    return application


def _prior(session: Session, issuer: Issuer) -> uuid.UUID | None:
    """Return the case whose decision granted what holds now."""
    granted = next(
        (e.decision_id for e in reversed(issuer.events) if e.scope is not None and e.decision_id), None
    )
    decision = session.get(Decision, granted) if granted else None
    return decision.application_id if decision else None


def pending(session: Session, issuer_id: uuid.UUID) -> Application | None:
    """Return the renewal of an issuer that was submitted and is not decided yet, or None."""
    query = select(Application).where(
        Application.issuer_id == issuer_id,
        Application.procedure == Procedure.RENEWAL,
        Application.submitted_at.is_not(None),
        Application.state.not_in(SETTLED - {State.APPEAL}),
    )
    return session.scalars(query.limit(1)).one_or_none()


def tick_prolong(session: Session, at: datetime, limit: int = 200) -> int:
    """Prolong the recognitions that end within a day while their renewal is pending, once, by the days of the policy.

    The ground is the decision that granted the term: its policy promises the prolongation.
    """
    due = select(Application).where(
        Application.procedure == Procedure.RENEWAL,
        Application.submitted_at.is_not(None),
        Application.state.not_in(SETTLED),
    )
    count = 0
    for application in session.scalars(due.order_by(Application.id).limit(limit)):
        issuer = session.get(Issuer, application.issuer_id)
        if issuer is not None and _ends_soon(issuer, at) and not _is_prolonged(issuer, application):
            _prolong(session, issuer, application, at)
            count += 1
    return count


def _ends_soon(issuer: Issuer, at: datetime) -> bool:
    now = running(issuer, at)
    if now is None or now.valid_until is None or not now.status.is_recognized:
        return False
    return now.valid_until - at <= timedelta(days=1)


def _is_prolonged(issuer: Issuer, application: Application) -> bool:
    asked = application.submitted_at
    return any(e.reason is Reason.RENEWAL_PENDING and asked and e.recorded_at >= asked for e in issuer.events)


def _prolong(session: Session, issuer: Issuer, application: Application, at: datetime) -> None:
    now = running(issuer, at)
    granted = next(e for e in reversed(issuer.events) if e.decision_id is not None)
    days = monitoring.terms_of(session, issuer).validity.extension_while_renewal_pending_days
    if now is None or now.valid_until is None or not days:
        return
    change = Change(
        status=now.status, reason=Reason.RENEWAL_PENDING, valid_until=now.valid_until + timedelta(days=days)
    )
    ground = Ground(application.policy, session.get_one(Decision, granted.decision_id))
    record(session, issuer, change, ground, at)
    actor = clock_account(session, at=at).id
    audit(session, "recognition.prolonged", actor=actor, at=at, of=("issuer", issuer.id))


def end_prolonged(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Let a term end that only ran on while its renewal was pending; a renewal that was refused calls this."""
    issuer = session.get(Issuer, application.issuer_id) if application.issuer_id else None
    if issuer is None or not _is_prolonged(issuer, application):
        return
    now = running(issuer, at)
    if now is not None and now.status.is_recognized and now.valid_until and now.valid_until > at:
        change = Change(status=now.status, reason=Reason.END_OF_TERM, valid_until=at)
        record(session, issuer, change, Ground(application.policy, decision), at)


def tick_windows(session: Session, at: datetime, issuers: list[Issuer]) -> int:
    """Open an item for each of these issuers whose window for renewal is open and that has not asked."""
    count = 0
    for issuer in issuers:
        now, policy = running(issuer, at), monitoring.terms_of(session, issuer)
        opens = window_opens(policy, issuer, at)
        if now is None or now.valid_until is None or opens is None or at < opens:
            continue
        asked = exists().where(
            Application.issuer_id == issuer.id,
            Application.procedure == Procedure.RENEWAL,
            Application.created_at >= opens,
        )
        if session.scalar(select(asked)):
            continue
        new = monitoring.NewItem(
            MonitoringKind.RENEWAL, f"{now.valid_until:%Y-%m-%d}", f"{now.valid_until:%Y-%m-%d}"
        )
        actor = clock_account(session, at=at).id
        if monitoring.open_item(session, issuer, new, due=now.valid_until, at=at, actor=actor):
            count += 1
    return count
