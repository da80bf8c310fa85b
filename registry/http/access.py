"""Who may call what. Every view says it with `allow`; a test fails on a view that does not.

Pages know their actor by the session, the API by a bearer token alone: a cookie never counts there, so the
API needs no protection against forged forms.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, g, request
from flask import session as browser
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy.orm import Session

from registry.domain.api_scopes import PROGRAM_ROLES, in_order, roles_in, scope_of
from registry.domain.roles import Role
from registry.errors import NotAllowed
from registry.http.bearer import InsufficientScope, NotSignedIn, shown_bearer
from registry.http.sessions import API_PREFIX, ServerSession
from registry.http.transaction import SAFE, limit_sessions, now, reading, transaction
from registry.models.account import Account
from registry.services import accounts, bearers, sign_in

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])


class Audience(StrEnum):
    """Who may call a view, where it is not a role."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"


PUBLIC = Audience.PUBLIC
SIGNED_IN = Audience.SIGNED_IN


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that may be used now, and where it holds."""

    role: Role
    body_id: uuid.UUID | None = None
    institution_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who calls, a person or a program, with the roles that may be used now."""

    account_id: uuid.UUID
    name: str
    email: str
    language: str
    roles: tuple[HeldRole, ...]
    scopes: frozenset[str] | None = None
    """What a program's token names; None: no token of a program."""

    def holds(
        self, *roles: Role, body: uuid.UUID | None = None, institution: uuid.UUID | None = None
    ) -> bool:
        """Whether the person holds one of `roles`: for the body or institution given, else for any."""
        return any(
            held.role in roles
            and (body is None or held.body_id == body)
            and (institution is None or held.institution_id == institution)
            for held in self.roles
        )


class Person(UserMixin):  # type: ignore[misc]  # flask_login carries no types
    """What Flask-Login keeps as `current_user`."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.id = str(actor.account_id)


def allow(*who: Role | Audience) -> Callable[[View], View]:
    """Say who may call a view: `PUBLIC`, `SIGNED_IN`, or the roles of which one is needed. Put it outermost.

    Which object the person may see or change is asked in the services.
    """
    if not who:
        raise ValueError("a view must say who may call it")
    allowed = frozenset(who)

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            _check(allowed)
            return view(*args, **kwargs)

        checked.__allowed__ = allowed  # type: ignore[attr-defined]  # read by the route test and the API document
        return cast(View, checked)

    return decorate


def _check(allowed: frozenset[Role | Audience]) -> None:
    if PUBLIC in allowed:
        return
    actor = signed_in_actor()
    roles = allowed & frozenset(Role)
    if actor.scopes is not None:
        _check_scope(actor, cast("frozenset[Role]", roles))
    if SIGNED_IN not in allowed and not actor.holds(*cast("frozenset[Role]", roles)):
        log.info("access_refused", extra={"account": str(actor.account_id), "endpoint": request.endpoint})
        with reading() as session:
            waiting = accounts.refusal_of(session, actor.account_id, cast("frozenset[Role]", roles), at=now())
        raise NotAllowed(waiting or "Your roles do not include this work.")


def _check_scope(actor: Actor, roles: frozenset[Role]) -> None:
    """Refuse what a program's token does not open: changes with `read` alone, and work in a role that it does not name."""
    named = roles_in(actor.scopes or (), reading=_reads())
    wanted = roles & PROGRAM_ROLES if roles else PROGRAM_ROLES
    if wanted and not wanted & named:
        log.info("scope_refused", extra={"account": str(actor.account_id), "endpoint": request.endpoint})
        raise InsufficientScope(in_order([scope_of(role) for role in wanted]))


def _reads() -> bool:
    return request.method in SAFE


def current_actor() -> Actor | None:
    """Return who calls, or None: by bearer token in the API, by session on pages.

    Raises:
        NotSignedIn: a token is shown that does not work.
    """
    if request.path.startswith(API_PREFIX):
        if "api_actor" not in g:
            g.api_actor = _actor_by_token()
        return cast("Actor | None", g.api_actor)
    return current_user.actor if current_user.is_authenticated else None


def signed_in_actor() -> Actor:
    """Return who calls a view that is not public.

    Raises:
        NotSignedIn: nobody.
        OperationalError: there is a session, and the database that holds it cannot be reached.
    """
    actor = current_actor()
    if actor is not None:
        return actor
    failure = _session().failure
    if failure is not None:
        raise failure
    raise NotSignedIn


def _session() -> ServerSession:
    return cast(ServerSession, browser._get_current_object())  # type: ignore[attr-defined]  # a werkzeug proxy


def _actor_by_token() -> Actor | None:
    bearer = shown_bearer()
    if bearer is None:
        return None
    limit_sessions(bearer.reach(reading=_reads()))
    with reading() as session:
        account = bearers.live_account(session, bearer)
        if account is None:
            raise NotSignedIn("This account is closed.", "invalid_token")
        return replace(_actor(session, account), scopes=bearer.scopes)


def _actor(session: Session, account: Account) -> Actor:
    grants = accounts.roles_of(session, account.id, at=now())
    roles = tuple(HeldRole(grant.role, grant.body_id, grant.institution_id) for grant in grants)
    return Actor(account.id, account.name, account.email, account.language, roles)


def _load_person(account_id: str) -> Person | None:
    visit = _session().visit
    if visit is not None and visit.person is not None and str(visit.person.id) == account_id:
        who, at = visit.person, now()
        held = (grant for grant in visit.grants if accounts.is_usable(grant, at))
        roles = tuple(HeldRole(grant.role, grant.body_id, grant.institution_id) for grant in held)
        return Person(Actor(who.id, who.name, who.email, who.language, roles))
    with transaction() as session:
        account = session.get(Account, uuid.UUID(account_id))
        return Person(_actor(session, account)) if account is not None and account.active else None


def check_password(email: str, password: str) -> Account | None:
    """Return the account if the password is right; the try is counted before the password is looked at.

    The slow comparison runs between two short transactions, so that it blocks nobody.

    Raises:
        TooManyAttempts: the account or the network address has used up its tries.
    """
    with transaction() as session:
        attempt = sign_in.open_sign_in(session, email, address=request.remote_addr or "", at=now())
    if not attempt.matches(password):
        log.info("sign_in_failed", extra={"account": str(attempt.account_id)})
        return None
    log.info("sign_in", extra={"account": str(attempt.account_id)})
    with transaction() as session:
        return sign_in.finish_sign_in(session, attempt, password)


def open_session(account: Account) -> None:
    """Sign the browser in under a new session id; what the session held before is forgotten."""
    held = _session()
    held.clear()
    held.renew()
    with transaction() as session:
        login_user(Person(_actor(session, account)))


def close_session() -> None:
    """Sign the browser out: its session is revoked and the cookie removed."""
    browser.clear()
    g.pop("_login_user", None)


def init_access(app: Flask) -> None:
    """Connect Flask-Login to the accounts."""
    manager = LoginManager()
    manager.session_protection = (
        None  # sessions are kept on the server; networks and browsers change in an hour
    )
    manager.user_loader(_load_person)
    manager.init_app(app)
    app.jinja_env.globals["current_actor"] = current_actor
