"""Who works on a case: assigning parts, and declarations of interests that open or lock the file."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.conflicts import Answer, DeclarationOutcome, judge_declaration, mail_domain_finding
from registry.domain.panels import panel_problems
from registry.domain.policy_terms import ConflictRule
from registry.domain.roles import COMMITTEE, PANEL, CaseRole, PanelSeat, Role
from registry.domain.workflow import State
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.decision import Motion, Vote
from registry.models.review import Assignment, Declaration, Rating
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
REVIEW_STATES = frozenset({State.PANEL_APPOINTED, State.REVIEW})
"""States in which somebody who had to leave the panel is replaced."""
COMMITTEE_STATES = frozenset(
    {
        State.REVIEW,
        State.FINAL_REPORT,
        State.REPRESENTATION,
        State.FIRST_CONSIDERATION,
        State.SECOND_CONSIDERATION,
    }
)
"""States in which the committee may be composed, as long as nobody has voted."""


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
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    _may_assign(session, application, role, actor, at)
    if role in COMMITTEE and not takes(session, application, role):
        raise TransitionRefused(
            "the committee is fixed once it has begun to vote, or the case is not ready for it"
        )
    if role in PANEL:
        if not takes(session, application, role):
            raise TransitionRefused("the panel is composed between eligibility and its appointment")
        if seat is None and role is not CaseRole.PANEL_SECRETARY:
            raise InvalidInput("say which seat the person fills", [FieldError("seat", "choose a seat")])
    held = HELD_ROLE[role]
    if not access.holds(session, account_id, held, at=at, body=application.scheme.body_id):
        raise NotAllowed(f"this person is no {held.value.replace('_', ' ')} of the body")
    return add_part(session, application, account_id, role, seat, actor=actor, at=at)


def takes(session: Session, application: Application, role: CaseRole) -> bool:
    """Whether a part may be given at this point of the case; who may give it is another question."""
    if role in COMMITTEE:
        return _committee_is_open(session, application)
    return role not in PANEL or _panel_is_open(application)


def _panel_is_open(application: Application) -> bool:
    """Whether the panel may be composed: before its appointment, and later where somebody had to leave it."""
    if application.state in PANEL_STATES:
        return True
    seats = [(a.role, a.seat) for a in application.assignments if a.ended_at is None and a.role in PANEL]
    return application.state in REVIEW_STATES and bool(panel_problems(policy_for(application).panel, seats))


def _committee_is_open(session: Session, application: Application) -> bool:
    """Whether the committee may be composed: nobody is added once a vote was cast, so that no vote is turned."""
    return application.state in COMMITTEE_STATES and not _has_votes(session, application.id)


def _has_votes(session: Session, application_id: uuid.UUID, account_id: uuid.UUID | None = None) -> bool:
    query = select(Vote.motion_id).join(Motion).where(Motion.application_id == application_id)
    if account_id is not None:
        query = query.where(Vote.account_id == account_id)
    return session.scalar(query.limit(1)) is not None


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
    """End a person's part, for example after a declared conflict; what they did stays on record.

    Raises:
        Conflict: the person has rated or voted. Only a conflict that they declare themselves ends such a part: nobody is
            taken off a case for how they judged it.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    part = access.part_of(session, account_id, application.id)
    if part is None:
        raise NotFound("this person plays no part in this case")
    _may_assign(session, application, part.role, actor, at)
    if _has_judged(session, application.id, account_id) and not _is_conflicted(
        session, account_id, application.id
    ):
        raise Conflict("this person has rated or voted; the part ends only if they declare a conflict")
    part.ended_at = at
    session.flush()
    session.expire(application, ["assignments"])
    detail = {"account": str(account_id), "role": part.role.value}
    audit(session, "case.part_ended", actor=actor, at=at, of=("application", application.id), detail=detail)


def _has_judged(session: Session, application_id: uuid.UUID, account_id: uuid.UUID) -> bool:
    rated = select(Rating.id).where(Rating.application_id == application_id, Rating.author == account_id)
    return session.scalar(rated.limit(1)) is not None or _has_votes(session, application_id, account_id)


def _is_conflicted(session: Session, account_id: uuid.UUID, application_id: uuid.UUID) -> bool:
    declaration = access.latest_declaration(session, account_id, application_id)
    return declaration is not None and declaration.outcome is not DeclarationOutcome.CLEAN


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
    """Declare one's interests, rule by rule. A clean declaration opens the file; any other locks it for good.

    Raises:
        NotAllowed: the person plays no part in the case.
        Conflict: the person has declared a conflict; saying something else now does not undo it.
        InvalidInput: a rule is not answered, or a yes is not explained.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    part = access.part_of(session, actor, application.id)
    if part is None:
        raise NotAllowed("only people with a part in the case declare interests in it")
    if _is_conflicted(session, actor, application.id):
        raise Conflict("you have declared a conflict of interest; somebody else takes over your part")
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


def cases_with_part(session: Session, account_id: uuid.UUID) -> Sequence[Application]:
    """Return the cases in which a person plays a part, the longest waiting first."""
    query = (
        select(Application)
        .join(Assignment, Assignment.application_id == Application.id)
        .where(Assignment.account_id == account_id, Assignment.ended_at.is_(None))
        .order_by(Application.entered_at)
    )
    return session.scalars(query).all()
