"""Supervision: before a recognition is suspended or withdrawn, the issuer is told why and is heard."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.clocks import DEEMED_DELIVERED, Side
from registry.domain.policy import Outcome, Policy
from registry.domain.prose import LONG, prose
from registry.domain.recognition import Reason, Status, interval_at, status_at
from registry.domain.roles import CaseRole, Role
from registry.domain.scope import Scope, scope_to_wire
from registry.domain.workflow import SETTLED, VOTING_STATES, State
from registry.errors import Conflict, FieldError, InvalidInput, NotFound, TransitionRefused
from registry.models.application import Application, Hearing, Procedure
from registry.models.issuer import Issuer
from registry.services import access, hearing_deliveries, programs
from registry.services.bodies import current_policy, policy_of
from registry.services.cases import add_part
from registry.services.deadlines import calendar_of
from registry.services.recording import REFERENCE, audit, enqueue, next_number
from registry.services.standing import urgent_order
from registry.services.trust_lists import status_events


def open_hearing(
    session: Session,
    issuer_id: uuid.UUID,
    *,
    proposed: Outcome,
    ground: Reason,
    notice: str,
    actor: uuid.UUID,
    at: datetime,
) -> Application:
    """Open an extraordinary case against a listed issuer, with the notice it may answer.

    The person who opens it becomes its case officer, and declares interests like everybody.

    Raises:
        NotAllowed: no case officer of the body, or a program: a person stands behind a notice.
        InvalidInput: the policy knows no such measure on this ground, or the notice is empty.
        Conflict: the recognition has ended already.
    """
    issuer = session.get(Issuer, issuer_id)
    if issuer is None:
        raise NotFound(f"no issuer {issuer_id}")
    access.require(session, actor, Role.CASE_OFFICER, at=at, body=issuer.scheme.body_id)
    programs.require_person(session, actor)
    standing = status_at(status_events(issuer), at)
    if not _can_change(standing, proposed):
        raise Conflict("this recognition has ended already")
    if standing is Status.SUSPENDED and proposed is Outcome.SUSPEND:
        raise Conflict("this recognition is suspended already")
    _refuse_second(session, issuer)
    adopted = current_policy(session, issuer.scheme)
    days = _hearing_days(policy_of(adopted).policy, proposed, ground, notice)
    notice = prose("notice", notice, LONG)
    due = calendar_of(issuer.scheme.body).plus(at + DEEMED_DELIVERED, days)
    told = Told(proposed, ground, notice, due)
    application = open_case(session, issuer, State.REPRESENTATION, told, officer=actor, actor=actor, at=at)
    application.clock_side, application.due_at = Side.APPLICANT, due
    session.flush()
    enqueue(session, "mail", {"kind": "hearing_opened", "application": str(application.id)}, at=at)
    return application


@dataclass(frozen=True, slots=True)
class Told:
    """What an issuer is told when a case against it is opened, and until when it may answer."""

    proposed: Outcome
    ground: Reason
    notice: str
    due: datetime


def open_case(
    session: Session,
    issuer: Issuer,
    state: State,
    told: Told,
    *,
    officer: uuid.UUID,
    actor: uuid.UUID,
    at: datetime,
) -> Application:
    """Open an extraordinary case against an issuer with its notice; `officer` becomes its case officer."""
    application = Application(
        reference=f"{at:%Y}-{next_number(session, REFERENCE, at):05d}",
        institution=issuer.institution,
        scheme=issuer.scheme,
        policy=current_policy(session, issuer.scheme),
        procedure=Procedure.EXTRAORDINARY,
        issuer_id=issuer.id,
        scope=issuer_scope(issuer, at),
        state=state,
        created_by=actor,
        created_at=at,
        submitted_at=at,
        entered_at=at,
        events=[],
        evidence=[],
        identity_claims=[],
        assignments=[],
        hearings=[],
    )
    session.add(application)
    session.flush()
    hearing = Hearing(
        number=1,
        proposed=told.proposed.value,
        ground=told.ground.value,
        notice=told.notice.strip(),
        opened_by=actor,
        opened_at=at,
        due=told.due,
    )
    application.hearings.append(hearing)
    session.flush()
    add_part(session, application, officer, CaseRole.CASE_OFFICER, None, actor=actor, at=at)
    detail = {"proposed": told.proposed.value, "ground": told.ground.value}
    audit(session, "hearing.opened", actor=actor, at=at, of=("application", application.id), detail=detail)
    return application


def _can_change(standing: Status | None, proposed: Outcome) -> bool:
    """Whether a measure can change a standing; that a recognition never held can be found after its end too."""
    if proposed is Outcome.VOID:
        return standing not in {None, Status.PENDING_EFFECTIVE, Status.VOID}
    return standing is not None and (standing.is_recognized or standing is Status.SUSPENDED)


def _refuse_second(session: Session, issuer: Issuer) -> None:
    """One case at a time against one issuer: two would decide over each other."""
    session.get(Issuer, issuer.id, with_for_update=True)
    running = select(Application.id).where(
        Application.issuer_id == issuer.id,
        Application.procedure == Procedure.EXTRAORDINARY,
        Application.state.not_in(SETTLED),
    )
    if session.scalar(running.limit(1)) is not None:
        raise Conflict("a case against this issuer is under way already")


def issuer_scope(issuer: Issuer, at: datetime) -> dict[str, Any]:
    """Return what an issuer is recognized for at an instant, in wire form."""
    interval = interval_at(status_events(issuer), at)
    return scope_to_wire(interval.scope if interval else Scope(()))


def _hearing_days(policy: Policy, proposed: Outcome, ground: Reason, notice: str) -> int:
    measure = policy.sanctions.measure(proposed)
    problems = []
    if measure is None:
        problems.append(FieldError("proposed", "propose one of the measures of the policy"))
    elif ground not in {known.id for known in measure.grounds}:
        problems.append(FieldError("ground", "the policy does not allow this measure on this ground"))
    if not notice.strip():
        problems.append(FieldError("notice", "tell the issuer what happened and what may follow"))
    if problems or measure is None:
        raise InvalidInput("this hearing cannot be opened", problems)
    return measure.hearing_days


def answer_hearing(
    session: Session, application_id: uuid.UUID, answer: str, *, actor: uuid.UUID, at: datetime
) -> Hearing:
    """As the issuer: answer the notice, once. What is said is recorded and goes to the committee.

    Raises:
        TransitionRefused: no hearing is open, or it was answered.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.OWNER, Role.SIGNATORY, at=at, institution=application.institution_id)
    hearing = application.hearing
    if hearing is None or not takes_answer(session, application):
        raise TransitionRefused("no hearing is open for an answer")
    said = prose("answer", answer, LONG, missing="write an answer, or say that you have nothing to add")
    hearing_deliveries.take_in(session, hearing, actor=actor, at=at)  # whoever answers has it
    hearing.answer, hearing.answered_by, hearing.answered_at = said, actor, at
    session.flush()
    audit(session, "hearing.answered", actor=actor, at=at, of=("application", application.id))
    return hearing


def takes_answer(session: Session, application: Application) -> bool:
    """Whether a notice waits for its answer; with an urgent suspension, as long as the committee has not decided."""
    if application.hearing is None or application.hearing.answered_at is not None:
        return False
    if application.state is State.REPRESENTATION:
        return True
    return application.state in VOTING_STATES and urgent_order(session, application.id) is not None
