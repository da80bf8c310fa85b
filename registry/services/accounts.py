"""Accounts and the roles people hold: sign up, change the password, give and take roles."""

import re
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.domain.roles import BODY_ROLES, INSTITUTION_ROLES, Role, excluded_by
from registry.domain.text import clean
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.models.account import Account, RoleGrant
from registry.models.body import Body
from registry.services import passwords, programs, sessions
from registry.services.recording import audit
from registry.services.remembering import kept, once

LANGUAGES = ("en", "pl")
SELF_GRANT_DELAY = timedelta(hours=1)
"""A role that a person gave to themselves cannot be used this long, so that others can notice."""
OPERATOR_AT_COMMAND_LINE = "operator"
REGISTRY_WIDE = frozenset({Role.AUDITOR})
"""Roles of a body that may be held for the whole registry, by two operators: they read and change nothing."""
_EMAIL = re.compile(r"[^@\s\"<>(),;:\\]{1,64}@[^@\s\"<>(),;:\\]{1,253}\.[^@\s\"<>(),;:\\.]{2,63}")


def fold_email(email: str) -> str:
    """Return the address as it is stored and compared."""
    # PostgreSQL keeps no NUL; no address has one.
    return email.replace("\0", "").strip().casefold()


def create_account(
    session: Session, *, name: str, email: str, password: str, language: str, at: datetime
) -> Account:
    """Create an active account without any role.

    Raises:
        InvalidInput: `errors` names the fields `name`, `email`, `password`, `language`.
        Conflict: the address has an account already.
    """
    name, email = clean(name), fold_email(email)
    _check_new_account(name, email, password, language)
    password_hash = passwords.hash_password(password)
    if session.scalar(select(Account.id).where(Account.email == email)) is not None:
        raise Conflict("There is an account with this e-mail address already.")
    account = Account(
        name=name, email=email, password_hash=password_hash, language=language, active=True, created_at=at
    )
    session.add(account)
    session.flush()
    return account


def is_address(email: str) -> bool:
    """Whether a text is written like an e-mail address."""
    return len(email) <= 254 and _EMAIL.fullmatch(email) is not None


def _check_new_account(name: str, email: str, password: str, language: str) -> None:
    problem = passwords.check_password(password, name, email)
    wrong = (
        ("name", not 0 < len(name) <= 200, "Enter your name, at most 200 characters."),
        (
            "email",
            not is_address(email),
            "Enter an e-mail address such as name@example.org.",
        ),
        ("password", problem is not None, problem or ""),
        ("language", language not in LANGUAGES, "Choose English or Polish."),
    )
    errors = [FieldError(field, message) for field, is_wrong, message in wrong if is_wrong]
    if errors:
        raise InvalidInput("The account cannot be created: check the fields named.", errors)


def find_account(session: Session, account_id: uuid.UUID | None) -> Account:
    """Return the account.

    Raises:
        NotFound: no such account.
    """
    account = session.get(Account, account_id) if account_id else None
    if account is None:
        raise NotFound("There is no such account.")
    return account


def account_by_email(session: Session, email: str) -> Account:
    """Return the account of an e-mail address.

    Raises:
        NotFound: no such account.
    """
    account = session.scalar(select(Account).where(Account.email == fold_email(email)))
    if account is None:
        raise NotFound(f"There is no account with the address {email}.")
    return account


def change_password(
    session: Session, account_id: uuid.UUID, *, current: str, new: str, at: datetime
) -> Account:
    """Set a new password and end all sessions and tokens of the account; the edge opens a new session.

    Raises:
        InvalidInput: the current password is wrong (`current`) or the new one is not acceptable (`new`).
    """
    account = find_account(session, account_id)
    if not passwords.matches(account.password_hash, current):
        raise InvalidInput(
            "The password was not changed.", [FieldError("current", "This is not your current password.")]
        )
    problem = passwords.check_password(new, account.name, account.email)
    if problem:
        raise InvalidInput("The password was not changed.", [FieldError("new", problem)])
    account.password_hash = passwords.hash_password(new)
    sessions.revoke_all(session, account_id, at=at)
    return account


def set_language(session: Session, account_id: uuid.UUID, language: str) -> Account:
    """Set the language of an account's pages and messages.

    Raises:
        InvalidInput: not one of the registry's languages.
    """
    if language not in LANGUAGES:
        raise InvalidInput("Choose English or Polish.", [FieldError("language", "Choose English or Polish.")])
    account = find_account(session, account_id)
    account.language = language
    return account


def disable_account(
    session: Session, account_id: uuid.UUID, *, actor: uuid.UUID | None, at: datetime
) -> Account:
    """Close an account: it cannot sign in, and its sessions and tokens end. What it did stays on record.

    Raises:
        NotFound: no such account.
        NotAllowed: the actor is no operator.
        Conflict: it is the actor's own: somebody has to be left who can open the registry.
    """
    if actor == account_id:
        raise Conflict("another operator closes your account")
    if actor is not None and all(held.role is not Role.OPERATOR for held in roles_of(session, actor, at=at)):
        raise NotAllowed("Only an operator may close an account.")
    account = find_account(session, account_id)
    account.active = False
    sessions.revoke_all(session, account_id, at=at)
    by = actor or OPERATOR_AT_COMMAND_LINE
    audit(session, "disable_account", actor=by, at=at, of=("account", account_id))
    return account


def grant_role(
    session: Session,
    account_id: uuid.UUID,
    role: Role,
    *,
    body_id: uuid.UUID | None = None,
    institution_id: uuid.UUID | None = None,
    actor: uuid.UUID | None,
    at: datetime,
) -> RoleGrant:
    """Give a person a role after checking that `actor` may; None is the operator at the command line.

    A body's administrator gives that body's roles, an institution's owner that institution's,
    an operator all.

    Raises:
        NotFound: no such account.
        InvalidInput: the role needs a body, an institution, or neither.
        NotAllowed: the actor may not give this role.
        Conflict: the person holds it already, or one that excludes it.
    """
    if actor is not None:
        _check_may_grant(session, actor, role, body_id=body_id, institution_id=institution_id, at=at)
    return record_grant(
        session, account_id, role, body_id=body_id, institution_id=institution_id, actor=actor, at=at
    )


def record_grant(
    session: Session,
    account_id: uuid.UUID,
    role: Role,
    *,
    body_id: uuid.UUID | None = None,
    institution_id: uuid.UUID | None = None,
    actor: uuid.UUID | None,
    at: datetime,
) -> RoleGrant:
    """Record a grant that another service's own rules allow, such as ownership after a confirmed claim.

    Raises as `grant_role` does, but for NotAllowed.
    """
    find_account(session, account_id)
    programs.require_role(session, account_id, role)
    _check_place(role, body_id, institution_id)
    for held in grants_of(session, account_id):
        if (held.role, held.body_id, held.institution_id) == (role, body_id, institution_id):
            raise Conflict(f"This person holds the role {role} already.")
        if body_id is not None and held.body_id == body_id and held.role in excluded_by(role):
            names = [one.value.replace("_", " ") for one in (held.role, role)]
            raise Conflict(f"Whoever is {names[0]} of a body is never its {names[1]} too.")
    grant = RoleGrant(
        account_id=account_id,
        role=role,
        body_id=body_id,
        institution_id=institution_id,
        granted_by=actor,
        granted_at=at,
    )
    session.add(grant)
    session.flush()
    audit(
        session,
        "grant_role",
        actor=actor or OPERATOR_AT_COMMAND_LINE,
        at=at,
        of=("account", account_id),
        detail=_grant_detail(grant),
    )
    return grant


def _check_place(role: Role, body_id: uuid.UUID | None, institution_id: uuid.UUID | None) -> None:
    if role in REGISTRY_WIDE and body_id is None and institution_id is None:
        return
    wanted = (role in BODY_ROLES, role in INSTITUTION_ROLES)
    if wanted != (body_id is not None, institution_id is not None):
        place = (
            "one body" if wanted[0] else "one institution" if wanted[1] else "the operator, without a body"
        )
        raise InvalidInput(f"The role {role} is held for {place}.", [FieldError("role", f"held for {place}")])


def _check_may_grant(
    session: Session,
    actor: uuid.UUID,
    role: Role,
    *,
    body_id: uuid.UUID | None,
    institution_id: uuid.UUID | None,
    at: datetime,
) -> None:
    for held in roles_of(session, actor, at=at):
        if held.role is Role.OPERATOR:
            return
        if held.role is Role.ADMINISTRATOR and body_id is not None and held.body_id == body_id:
            return
        if held.role is Role.OWNER and institution_id is not None and held.institution_id == institution_id:
            return
    raise NotAllowed(f"You may not give or take the role {role} here.")


def revoke_role(session: Session, grant_id: uuid.UUID, *, actor: uuid.UUID | None, at: datetime) -> RoleGrant:
    """End a role; the grant stays on record with who ended it and when. Ending one twice changes nothing.

    Raises:
        NotFound: no such grant.
        NotAllowed: the actor may not take this role.
    """
    grant = session.get(RoleGrant, grant_id)
    if grant is None:
        raise NotFound("There is no such role grant.")
    if actor is not None:
        _check_may_grant(
            session, actor, grant.role, body_id=grant.body_id, institution_id=grant.institution_id, at=at
        )
    if grant.revoked_at is None:
        grant.revoked_at, grant.revoked_by = at, actor
        audit(
            session,
            "revoke_role",
            actor=actor or OPERATOR_AT_COMMAND_LINE,
            at=at,
            of=("account", grant.account_id),
            detail=_grant_detail(grant),
        )
    return grant


def _grant_detail(grant: RoleGrant) -> dict[str, str]:
    place = {"body": grant.body_id, "institution": grant.institution_id}
    return {"role": grant.role.value} | {name: str(value) for name, value in place.items() if value}


_STANDING = (
    select(RoleGrant)
    .where(RoleGrant.account_id == bindparam("account_id"), RoleGrant.revoked_at.is_(None))
    .order_by(RoleGrant.granted_at, RoleGrant.id)
)


def grants_of(session: Session, account_id: uuid.UUID) -> tuple[RoleGrant, ...]:
    """Return the grants a person holds, oldest first, also those not usable yet."""
    given = {"account_id": account_id}
    return once(
        session, ("grants", account_id), lambda: tuple(session.scalars(_STANDING, given)), of=RoleGrant
    )


def confirm_grant(session: Session, grant_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> RoleGrant:
    """As a second person who gives such roles: confirm one that somebody gave to themselves, so that it counts at once.

    Raises:
        NotFound: no such grant, or it has ended.
        NotAllowed: the actor holds it, gave it, or may not give this role.
        Conflict: it needs no confirmation.
    """
    grant = session.get(RoleGrant, grant_id)
    if grant is None or grant.revoked_at is not None:
        raise NotFound("There is no such role grant.")
    if actor in {grant.account_id, grant.granted_by}:
        raise NotAllowed("Another person has to confirm this role.")
    _check_may_grant(
        session, actor, grant.role, body_id=grant.body_id, institution_id=grant.institution_id, at=at
    )
    if is_usable(grant, at):
        raise Conflict("This role can be used already.")
    grant.confirmed_by = actor
    of, detail = ("account", grant.account_id), _grant_detail(grant)
    audit(session, "confirm_role", actor=actor, at=at, of=of, detail=detail)
    return grant


def is_of_registry(grant: RoleGrant) -> bool:
    """Whether a role of a body is held for the whole registry, and so for every body on it."""
    return grant.role in REGISTRY_WIDE and grant.body_id is None


def waits_for_second(grant: RoleGrant) -> bool:
    """Whether a role counts only once another operator has confirmed it, however much time passes."""
    return is_of_registry(grant) and grant.confirmed_by is None


def is_usable(grant: RoleGrant, at: datetime) -> bool:
    """Whether the role may be used at `at`: not revoked, nor self-granted within the hour without a second person."""
    if grant.revoked_at is not None and grant.revoked_at <= at:
        return False
    return at >= usable_from(grant) and not waits_for_second(grant)


def usable_from(grant: RoleGrant) -> datetime:
    """Return when a role can be used first: an hour later where a person gave it to themselves and nobody confirmed it."""
    alone = grant.granted_by == grant.account_id and grant.confirmed_by is None
    return grant.granted_at + SELF_GRANT_DELAY if alone else grant.granted_at


def waiting_role(
    session: Session, account_id: uuid.UUID, roles: Collection[Role], *, at: datetime
) -> RoleGrant | None:
    """Return a grant of one of `roles` that cannot be used before time or a second person allows it; else None."""
    waiting = (g for g in grants_of(session, account_id) if g.role in roles and not is_usable(g, at))
    return next(waiting, None)


def refusal_of(
    session: Session, account_id: uuid.UUID, roles: Collection[Role], *, at: datetime
) -> str | None:
    """Return the sentence that tells somebody why a role that they hold cannot be used yet, or None."""
    grant = waiting_role(session, account_id, roles, at=at)
    if grant is None:
        return None
    if waits_for_second(grant):
        return "This role for the whole registry can be used once another operator has confirmed it."
    return (
        "You gave this role to yourself: it can be used once another administrator has confirmed it, "
        f"or from {usable_from(grant):%Y-%m-%d %H:%M} UTC on."
    )


def roles_of(session: Session, account_id: uuid.UUID, *, at: datetime) -> tuple[RoleGrant, ...]:
    """Return the roles that may be used at `at`: none if the account is closed, of a program those that its token names.

    A role for the whole registry is returned for each body as well.
    """
    account = kept(session, Account, account_id)
    if account is None or not account.active:
        return ()
    return tuple(
        one
        for grant in grants_of(session, account_id)
        if is_usable(grant, at) and programs.reaches(session, account_id, grant.role)
        for one in (grant, *_for_each_body(session, grant))
    )


def _for_each_body(session: Session, grant: RoleGrant) -> list[RoleGrant]:
    """Return what a role for the whole registry means for every body; rows that nobody stores."""
    if not is_of_registry(grant):
        return []
    same = {name: getattr(grant, name) for name in ("id", "account_id", "role", "granted_by", "granted_at")}
    bodies = once(
        session, ("bodies",), lambda: tuple(session.scalars(select(Body.id).order_by(Body.id))), of=Body
    )
    return [RoleGrant(body_id=body, confirmed_by=grant.confirmed_by, **same) for body in bodies]


def all_accounts(session: Session) -> Sequence[Account]:
    """Return all accounts by address."""
    return session.scalars(select(Account).order_by(Account.email)).all()
