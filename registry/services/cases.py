"""Who works on a case: assigning parts, and declarations of interests that open or lock the file."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.conflicts import Answer, judge_declaration, mail_domain_finding
from registry.domain.policy_terms import ConflictRule
from registry.domain.roles import COMMITTEE, CaseRole, PanelSeat, Role
from registry.domain.workflow import State
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.review import Assignment, Declaration
from registry.services import access, institutions
from registry.services.case_file import policy_for
from registry.services.recording import audit, enqueue

HELD_ROLE: Mapping[CaseRole, Role] = {
    CaseRole.INTAKE_OFFICER: Role.INTAKE_OFFICER,
    CaseRole.CASE_OFFICER: Role.CASE_OFFICER,
    CaseRole.IDENTITY_VERIFIER: Role.IDENTITY_VERIFIER,
    CaseRole.PANEL_CHAIR: Role.REVIEWER,
    CaseRole.PANEL_MEMBER: Role.REVIEWER,
    CaseRole.PANEL_SECRETARY: Role.REVIEWER,
    CaseRole.COMMITTEE_CHAIR: Role.COMMITTEE_CHAIR,
    CaseRole.COMMITTEE_MEMBER: Role.COMMITTEE_MEMBER,
    CaseRole.APPEALS_MEMBER: Role.APPEALS_MEMBER,
    CaseRole.COMPLAINTS_OFFICER: Role.COMPLAINTS_OFFICER,
}
"""The role a person must hold for the body to be given a part."""

ASSIGNED_BY: Mapping[CaseRole, frozenset[CaseRole | Role]] = {
    CaseRole.CASE_OFFICER: frozenset({CaseRole.INTAKE_OFFICER, Role.INTAKE_OFFICER}),
    CaseRole.IDENTITY_VERIFIER: frozenset({CaseRole.INTAKE_OFFICER}),
    CaseRole.PANEL_CHAIR: frozenset({CaseRole.CASE_OFFICER}),
    CaseRole.PANEL_MEMBER: frozenset({CaseRole.CASE_OFFICER}),
    CaseRole.PANEL_SECRETARY: frozenset({CaseRole.CASE_OFFICER}),
    CaseRole.COMMITTEE_CHAIR: frozenset({CaseRole.CASE_OFFICER}),
    CaseRole.COMMITTEE_MEMBER: frozenset({CaseRole.CASE_OFFICER}),
}
"""Who gives which part: the intake officer the officers of the case, the case officer the panel and the committee."""

PANEL_STATES = frozenset({State.ELIGIBLE, State.PANEL_PROPOSED})
"""States in which the panel may be composed."""


def take_intake(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> Assignment:
    """Become the intake officer of a case by opening it."""
    return add_part(session, application, actor, CaseRole.INTAKE_OFFICER, None, actor=actor, at=at)


def assign(
    session: Session,
    application_id: uuid.UUID,
    account_id: uuid.UUID,
    role: CaseRole,
    *,
    seat: PanelSeat | None = None,
    actor: uuid.UUID,
    at: datetime,
) -> Assignment:
    """Give a person a part in a case. One person plays one part in one case, for ever.

    Raises:
        NotAllowed: the actor may not give this part; the person does not hold the role for the body, or has acted for
            the applicant.
        Conflict: the person plays, or played, a part in this case.
        TransitionRefused: the panel is fixed already.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at)
    _may_assign(session, application, role, actor, at)
    if role in {CaseRole.PANEL_CHAIR, CaseRole.PANEL_MEMBER, CaseRole.PANEL_SECRETARY}:
        if application.state not in PANEL_STATES:
            raise TransitionRefused("the panel is composed between eligibility and its appointment")
        if seat is None and role is not CaseRole.PANEL_SECRETARY:
            raise InvalidInput("say which seat the person fills", [FieldError("seat", "choose a seat")])
    held = HELD_ROLE[role]
    if not access.holds(session, account_id, held, at=at, body=application.scheme.body_id):
        raise NotAllowed(f"this person is no {held.value.replace('_', ' ')} of the body")
    return add_part(session, application, account_id, role, seat, actor=actor, at=at)


def _may_assign(
    session: Session, application: Application, role: CaseRole, actor: uuid.UUID, at: datetime
) -> None:
    allowed = ASSIGNED_BY.get(role, frozenset())
    part = access.part_of(session, actor, application.id)
    if part is not None and part.role in allowed:
        access.require_unlocked(session, actor, application)
        return
    roles = [r for r in allowed if isinstance(r, Role)]
    if part is None and access.holds(session, actor, *roles, at=at, body=application.scheme.body_id):
        return
    names = " or ".join(sorted(r.value.replace("_", " ") for r in allowed))
    raise NotAllowed(f"only the {names} may give this part")


def add_part(
    session: Session,
    application: Application,
    account_id: uuid.UUID,
    role: CaseRole,
    seat: PanelSeat | None,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> Assignment:
    """Note a part in a case, after the caller has checked that it may be given."""
    if access.is_of_applicant(session, account_id, application):
        raise NotAllowed("this person has acted for the applicant and plays no part in its case")
    row = Assignment(
        application_id=application.id,
        account_id=account_id,
        role=role,
        seat=seat,
        assigned_by=actor,
        assigned_at=at,
        account=access.account(session, account_id),
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise Conflict(
            "this person plays a part in this case already, and one person plays one part"
        ) from error
    session.expire(application, ["assignments"])
    detail = {"account": str(account_id), "role": role.value}
    audit(session, "case.assigned", actor=actor, at=at, of=("application", application.id), detail=detail)
    if account_id != actor:
        enqueue(session, "mail", {"kind": "part_given", "account": str(account_id)}, at=at)
    return row


def release_from_part(
    session: Session, application_id: uuid.UUID, account_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> None:
    """End a person's part, for example after a declared conflict; what they did stays on record."""
    application = access.visible_application(session, application_id, actor=actor, at=at)
    part = access.part_of(session, account_id, application.id)
    if part is None:
        raise NotFound("this person plays no part in this case")
    _may_assign(session, application, part.role, actor, at)
    part.ended_at = at
    session.flush()
    session.expire(application, ["assignments"])
    detail = {"account": str(account_id), "role": part.role.value}
    audit(session, "case.part_ended", actor=actor, at=at, of=("application", application.id), detail=detail)


def rules_for(application: Application, role: CaseRole) -> tuple[ConflictRule, ...]:
    """Return the conflict rules that somebody in this part has to answer."""
    rules = policy_for(application).conflict_rules.rules
    return tuple(rule for rule in rules if not rule.applies_to or role in rule.applies_to)


def declare(
    session: Session,
    application_id: uuid.UUID,
    answers: Mapping[str, Answer],
    *,
    actor: uuid.UUID,
    at: datetime,
) -> Declaration:
    """Declare one's interests, rule by rule. A clean declaration opens the file; any other keeps it locked.

    Raises:
        NotAllowed: the person plays no part in the case.
        InvalidInput: a rule is not answered, or a yes is not explained.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at)
    part = access.part_of(session, actor, application.id)
    if part is None:
        raise NotAllowed("only people with a part in the case declare interests in it")
    rules = rules_for(application, part.role)
    facts = institutions.current_facts(session, application.institution_id)
    finding = mail_domain_finding(part.account.email, facts.get("website"))
    outcome = judge_declaration(rules, answers, finding)
    row = Declaration(
        application_id=application.id,
        account_id=actor,
        answers={rule.id: {"yes": answers[rule.id].yes, "text": answers[rule.id].text} for rule in rules},
        findings=[finding] if finding else [],
        outcome=outcome,
        at=at,
    )
    session.add(row)
    session.flush()
    detail = {"outcome": outcome.value}
    audit(session, "conflict.declared", actor=actor, at=at, of=("application", application.id), detail=detail)
    return row


def candidates(session: Session, application: Application, role: CaseRole, at: datetime) -> Sequence[Account]:
    """Return who could be given a part: holds the role for the body, plays no part yet, never acted for the applicant."""
    held = HELD_ROLE[role]
    query = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role == held,
            RoleGrant.body_id == application.scheme.body_id,
            RoleGrant.revoked_at.is_(None),
            Account.active,
            Account.id.not_in(
                select(Assignment.account_id).where(Assignment.application_id == application.id)
            ),
        )
        .order_by(Account.name)
    )
    return [a for a in session.scalars(query) if not access.is_of_applicant(session, a.id, application)]


def committee_of(application: Application) -> list[Assignment]:
    """Return the committee of a case."""
    return [a for a in application.assignments if a.ended_at is None and a.role in COMMITTEE]


def cases_with_part(session: Session, account_id: uuid.UUID) -> Sequence[Application]:
    """Return the cases in which a person plays a part, the longest waiting first."""
    query = (
        select(Application)
        .join(Assignment, Assignment.application_id == Application.id)
        .where(Assignment.account_id == account_id, Assignment.ended_at.is_(None))
        .order_by(Application.entered_at)
    )
    return session.scalars(query).all()
