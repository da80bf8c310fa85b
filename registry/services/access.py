"""Who may do what to whom: the questions every service asks before it acts.

Roles for a body or institution are grants (`RoleGrant`); parts in a case are assignments. What somebody may not know
about is `NotFound`, what they may not do is `NotAllowed`.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.domain.roles import CaseRole, Role
from registry.domain.workflow import Transition
from registry.errors import NotAllowed, NotFound
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.review import Assignment
from registry.services import interests, programs
from registry.services.accounts import refusal_of, roles_of
from registry.services.remembering import locked, once
from registry.services.witness import given_part, note_role


def holds(
    session: Session,
    actor: uuid.UUID,
    *roles: Role,
    at: datetime,
    body: uuid.UUID | None = None,
    institution: uuid.UUID | None = None,
) -> bool:
    """Whether a person holds one of `roles`: for the body, for the institution, or (neither given) for the registry."""
    return _held(session, actor, roles, at, body, institution) is not None


def _held(
    session: Session,
    actor: uuid.UUID,
    roles: Collection[Role],
    at: datetime,
    body: uuid.UUID | None = None,
    institution: uuid.UUID | None = None,
) -> Role | None:
    return next(
        (
            grant.role
            for grant in roles_of(session, actor, at=at)
            if grant.role in roles and grant.body_id == body and grant.institution_id == institution
        ),
        None,
    )


def require(
    session: Session,
    actor: uuid.UUID,
    *roles: Role,
    at: datetime,
    body: uuid.UUID | None = None,
    institution: uuid.UUID | None = None,
) -> None:
    """Raise `NotAllowed` unless the person holds one of the roles there."""
    held = _held(session, actor, roles, at, body, institution)
    if held is None:
        names = " or ".join(role.value.replace("_", " ") for role in roles)
        raise NotAllowed(refusal_of(session, actor, roles, at=at) or f"only the {names} may do this")
    note_role(session, actor, held)


def part_of(session: Session, actor: uuid.UUID, application_id: uuid.UUID) -> Assignment | None:
    """Return the part a person plays in a case now, or None; None too where a program's token does not name its role."""
    part = given_part(session, actor, application_id)
    return part if part is not None and programs.reaches_part(session, actor, part.role) else None


def require_part(
    session: Session, actor: uuid.UUID, application: Application, *roles: CaseRole, at: datetime
) -> Assignment:
    """Return the person's part if it is one of `roles` and their declaration opens the file at `at`.

    Raises:
        NotAllowed: another part or none, no declaration, or a conflict that locks the file.
    """
    part = part_of(session, actor, application.id)
    if part is None or part.role not in roles:
        names = " or ".join(role.value.replace("_", " ") for role in roles)
        raise NotAllowed(f"only the {names} of this case may do this")
    require_unlocked(session, actor, application, at=at)
    note_role(session, actor, part.role)
    return part


def require_unlocked(session: Session, actor: uuid.UUID, application: Application, *, at: datetime) -> None:
    """Raise `NotAllowed` unless the newest declaration opens the file and the person never acted for the applicant."""
    if is_of_applicant(session, actor, application):
        raise NotAllowed("you have acted for the applicant, and play no part in its case")
    part = part_of(session, actor, application.id)
    lock = interests.lock_of(session, actor, application, part.role if part else None, at)
    if lock is not None:
        raise NotAllowed(lock)


def require_step(
    session: Session, actor: uuid.UUID, application: Application, transition: Transition, at: datetime
) -> None:
    """Raise `NotAllowed` unless the person may take a workflow step, by part in the case or by role.

    Whoever plays, or has played, another part takes no step by a role for the body.
    """
    programs.require_step(session, actor, transition)
    part = part_of(session, actor, application.id)
    if part is not None and part.role in transition.roles:
        require_unlocked(session, actor, application, at=at)
        note_role(session, actor, part.role)
        return
    roles = [role for role in transition.roles if isinstance(role, Role)]
    held = _held(session, actor, roles, at, institution=application.institution_id)
    if held is None and not (
        is_of_applicant(session, actor, application) or has_played(session, actor, application.id)
    ):
        held = _held(session, actor, roles, at, body=application.scheme.body_id)
    if held is not None:
        note_role(session, actor, held)
        return
    names = " or ".join(sorted(role.value.replace("_", " ") for role in transition.roles))
    raise NotAllowed(refusal_of(session, actor, roles, at=at) or f"only the {names} may take this step")


_PLAYED = (
    select(Assignment.id)
    .where(
        Assignment.application_id == bindparam("application_id"),
        Assignment.account_id.in_(bindparam("hands", expanding=True)),
    )
    .limit(1)
)


def has_played(session: Session, actor: uuid.UUID, application_id: uuid.UUID) -> bool:
    """Whether a person, or a program in their hands, plays a part in a case, or has played one that was ended."""
    hands = programs.hands_of(session, actor)
    given = {"application_id": application_id, "hands": hands}
    asked = ("played", application_id, hands)
    return once(session, asked, lambda: session.scalar(_PLAYED, given), of=Assignment) is not None


def is_of_applicant(session: Session, actor: uuid.UUID, application: Application) -> bool:
    """Whether a person has ever held a role for the institution of the case."""
    return has_acted_for(session, actor, application.institution_id)


_ACTED = (
    select(RoleGrant.id)
    .where(
        RoleGrant.account_id.in_(bindparam("hands", expanding=True)),
        RoleGrant.institution_id == bindparam("institution_id"),
    )
    .limit(1)
)


def has_acted_for(session: Session, actor: uuid.UUID, institution_id: uuid.UUID) -> bool:
    """Whether a person, or a program in their hands, has ever held a role for an institution."""
    hands = programs.hands_of(session, actor)
    given = {"institution_id": institution_id, "hands": hands}
    asked = ("acted", institution_id, hands)
    return once(session, asked, lambda: session.scalar(_ACTED, given), of=RoleGrant) is not None


def visible_application(
    session: Session, application_id: uuid.UUID, *, actor: uuid.UUID, at: datetime, lock: bool = False
) -> Application:
    """Return a case that the person may know of.

    The applicant's people, whoever plays a part, and the officers and registrars of the body may; everybody else gets
    `NotFound`. Whoever is going to change it asks for the `lock`: two who act at once then act one after the other.
    """
    find = locked if lock else Session.get
    application = find(session, Application, application_id)
    if application is None or not may_know(session, application, actor, at):
        raise NotFound(f"no application {application_id}")
    return application


def may_read_file(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person may read the evidence: the applicant's people, parts with a clean declaration, the body's auditor."""
    if holds(session, actor, *_APPLICANT_ROLES, at=at, institution=application.institution_id):
        return True
    if audits(session, application, actor=actor, at=at):
        return True
    part = part_of(session, actor, application.id)
    if part is None or is_of_applicant(session, actor, application):
        return False
    return interests.is_open(session, application, part, at)


def audits(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person reads a whole submitted case as the auditor of its body, without a part or an interest in it."""
    return (
        application.submitted_at is not None
        and holds(session, actor, Role.AUDITOR, at=at, body=application.scheme.body_id)
        and not is_of_applicant(session, actor, application)
        and not has_played(session, actor, application.id)
    )


_APPLICANT_ROLES = (Role.OWNER, Role.CONTRIBUTOR, Role.SIGNATORY, Role.KEY_CUSTODIAN)
_BODY_READERS = (Role.INTAKE_OFFICER, Role.CASE_OFFICER, Role.COMMITTEE_CHAIR, Role.REGISTRAR, Role.AUDITOR)


def may_know(session: Session, application: Application, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a case exists for a person: the applicant, whoever plays a part, the officers of the body."""
    if holds(session, actor, *_APPLICANT_ROLES, at=at, institution=application.institution_id):
        return True
    if application.submitted_at is None:  # a draft, or one that was withdrawn before anybody had seen it
        return False
    if part_of(session, actor, application.id) is not None:
        return True
    return holds(
        session, actor, *_BODY_READERS, at=at, body=application.scheme.body_id
    ) and not is_of_applicant(session, actor, application)


def account(session: Session, account_id: uuid.UUID) -> Account:
    """Return an active account or raise `NotFound`."""
    found = session.get(Account, account_id)
    if found is None or not found.active:
        raise NotFound("no such account")
    return found
