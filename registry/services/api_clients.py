"""Programs of a body or an institution: registering them, their secrets, and the tokens they are issued (RFC 6749, 4.4)."""

import hmac
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from registry.domain.api_scopes import PROGRAM_ROLES, in_order, scopes_for
from registry.domain.roles import BODY_ROLES, Role
from registry.domain.text import clean
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound
from registry.models.account import Account
from registry.models.oauth import ApiClient, ApiSecret, OAuthToken
from registry.services import accounts, passwords, programs
from registry.services.recording import audit
from registry.services.sessions import KEPT_AFTER_END, digest, new_secret

TOKEN_LIFE: Final = timedelta(hours=1)
TOKEN_PREFIX: Final = "rgo_"  # noqa: S105  (a mark by which scanners find leaked tokens, not a secret)
SECRET_PREFIX: Final = "rgs_"  # noqa: S105  (as above)
USABLE_AFTER: Final = accounts.SELF_GRANT_DELAY
"""Whoever registers a program holds its secret, and so its roles: it waits as a role does that people give themselves."""
NAME_MAX: Final = 100
ADDRESS_HOST: Final = "programs.invalid"
"""Where the addresses of programs' accounts lie: nobody gets mail there (RFC 2606)."""


@dataclass(frozen=True, slots=True)
class NewClient:
    """A program to be registered: for one body, or for one institution."""

    name: str
    roles: frozenset[Role]
    body_id: uuid.UUID | None = None
    institution_id: uuid.UUID | None = None


def register(session: Session, new: NewClient, *, actor: uuid.UUID, at: datetime) -> tuple[str, ApiClient]:
    """Register a program and return its secret, shown this once, and its row.

    Raises:
        InvalidInput: `errors` names the fields `name`, `roles`.
        NotAllowed: the person is no administrator of the body, or no owner of the institution.
    """
    name = clean(new.name)
    _check(name, new)
    if not is_in_charge(session, new.body_id, new.institution_id, actor=actor, at=at):
        raise NotAllowed(
            "only the administrator of the body, or the owner of the institution, has charge of its programs"
        )
    client_id = uuid.uuid4()
    account = Account(
        name=name,
        email=f"{client_id}@{ADDRESS_HOST}",
        password_hash=passwords.hash_password(new_secret()),  # nobody's: a program never signs in
        language="en",
        active=True,
        program=True,
        created_at=at,
    )
    session.add(account)
    session.flush()
    client = ApiClient(
        id=client_id,
        account=account,
        name=name,
        body_id=new.body_id,
        institution_id=new.institution_id,
        registered_by=actor,
        registered_at=at,
        secrets=[],
    )
    session.add(client)
    session.flush()
    for role in sorted(new.roles):
        accounts.grant_role(
            session,
            account.id,
            role,
            body_id=new.body_id,
            institution_id=new.institution_id,
            actor=actor,
            at=at,
        )
    detail = {"roles": sorted(role.value for role in new.roles)}
    audit(session, "api_client.registered", actor=actor, at=at, of=("api_client", client.id), detail=detail)
    return _new_secret(session, client, actor, at), client


def _check(name: str, new: NewClient) -> None:
    place = BODY_ROLES if new.body_id is not None else PROGRAM_ROLES - BODY_ROLES
    problems = []
    if not 0 < len(name) <= NAME_MAX:
        problems.append(FieldError("name", "give the program a name of 1 to 100 characters"))
    if (new.body_id is None) == (new.institution_id is None):
        problems.append(FieldError("holder", "a program belongs to one body or to one institution"))
    if not new.roles:
        problems.append(FieldError("roles", "choose at least one role"))
    elif not new.roles <= PROGRAM_ROLES & place:
        problems.append(FieldError("roles", "a program cannot hold this role; it is for people"))
    if problems:
        raise InvalidInput("the program cannot be registered: check the fields named", problems)


def is_in_charge(
    session: Session,
    body_id: uuid.UUID | None,
    institution_id: uuid.UUID | None,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> bool:
    """Whether a person has charge of the programs of a body (its administrator) or an institution (its owner)."""
    role = Role.ADMINISTRATOR if body_id is not None else Role.OWNER
    return any(
        held.role is role and (held.body_id, held.institution_id) == (body_id, institution_id)
        for held in accounts.roles_of(session, actor, at=at)
    )


def _new_secret(session: Session, client: ApiClient, actor: uuid.UUID, at: datetime) -> str:
    secret = SECRET_PREFIX + new_secret()
    session.add(ApiSecret(client=client, hash=digest(secret), issued_by=actor, issued_at=at))
    session.flush()
    programs.forget_hands(session)
    return secret


def in_charge_of(
    session: Session, client_id: uuid.UUID, *, actor: uuid.UUID, at: datetime, lock: bool = False
) -> ApiClient:
    """Return a program that the person has charge of, or raise `NotFound`; whoever changes it asks for the `lock`."""
    client = session.get(ApiClient, client_id, with_for_update=lock or None)
    if client is None or not is_in_charge(session, client.body_id, client.institution_id, actor=actor, at=at):
        raise NotFound("There is no such program.")
    return client


def clients_of(session: Session, *, actor: uuid.UUID, at: datetime) -> Sequence[ApiClient]:
    """Return the programs that a person has charge of, those that still work first, by name."""
    held = accounts.roles_of(session, actor, at=at)
    bodies = [grant.body_id for grant in held if grant.role is Role.ADMINISTRATOR]
    institutions = [grant.institution_id for grant in held if grant.role is Role.OWNER]
    query = select(ApiClient).where(
        or_(ApiClient.body_id.in_(bodies), ApiClient.institution_id.in_(institutions))
    )
    return session.scalars(
        query.order_by(ApiClient.revoked_at.is_not(None), ApiClient.name, ApiClient.id)
    ).all()


def roles_of_client(session: Session, client: ApiClient) -> tuple[Role, ...]:
    """Return the roles that a program holds, sorted."""
    return tuple(sorted(grant.role for grant in accounts.grants_of(session, client.account_id)))


def rotate_secret(session: Session, client_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> str:
    """Return a new secret, shown this once; the old one and every token end at once.

    Raises:
        NotFound: no such program in the person's charge.
        InvalidInput: the program was shut out.
    """
    client = in_charge_of(session, client_id, actor=actor, at=at, lock=True)
    if client.revoked_at is not None:
        raise InvalidInput("this program has been shut out; register a new one")
    _end_secrets_and_tokens(session, client, at)
    audit(session, "api_client.secret_rotated", actor=actor, at=at, of=("api_client", client.id))
    return _new_secret(session, client, actor, at)


def revoke(session: Session, client_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> ApiClient:
    """Shut a program out for good: its secret, tokens and roles end. What it did stays on record. Twice changes nothing.

    Raises:
        NotFound: no such program in the person's charge.
    """
    client = in_charge_of(session, client_id, actor=actor, at=at, lock=True)
    if client.revoked_at is not None:
        return client
    client.revoked_at, client.revoked_by = at, actor
    client.account.active = False
    for grant in accounts.grants_of(session, client.account_id):
        accounts.revoke_role(session, grant.id, actor=actor, at=at)
    _end_secrets_and_tokens(session, client, at)
    audit(session, "api_client.revoked", actor=actor, at=at, of=("api_client", client.id))
    return client


def _end_secrets_and_tokens(session: Session, client: ApiClient, at: datetime) -> None:
    session.execute(
        update(ApiSecret)
        .where(ApiSecret.client_id == client.id, ApiSecret.ended_at.is_(None))
        .values(ended_at=at)
    )
    session.execute(
        update(OAuthToken)
        .where(OAuthToken.client_id == client.id, OAuthToken.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    session.flush()


@dataclass(frozen=True, slots=True)
class KnownClient:
    """What checking a program's secret and scopes needs. `secret_hash` is hex; `scopes` what it may ask for."""

    id: uuid.UUID
    secret_hash: str
    scopes: frozenset[str]
    usable_from: datetime

    def has_secret(self, secret: str) -> bool:
        """Whether `secret` is the program's; takes as long whatever is given."""
        return hmac.compare_digest(self.secret_hash, digest(secret))


NOBODY: Final = KnownClient(uuid.UUID(int=0), "", frozenset(), datetime.max.replace(tzinfo=UTC))
"""Whom no secret opens: an unknown program is refused in the same way and words as a wrong secret."""


def known_client(session: Session, client_id: uuid.UUID, *, at: datetime) -> KnownClient | None:
    """Return a program that has not been shut out, or None."""
    found = session.execute(
        select(ApiClient, ApiSecret.hash)
        .join(ApiSecret)
        .join(Account, Account.id == ApiClient.account_id)
        .where(
            ApiClient.id == client_id,
            ApiClient.revoked_at.is_(None),
            ApiSecret.ended_at.is_(None),
            Account.active,
        )
    ).one_or_none()
    if found is None:
        return None
    client, secret_hash = found
    roles = {grant.role for grant in accounts.roles_of(session, client.account_id, at=at)}
    return KnownClient(client.id, secret_hash, scopes_for(roles), client.registered_at + USABLE_AFTER)


def new_token() -> str:
    """Return a random bearer token, not yet anybody's."""
    return TOKEN_PREFIX + new_secret()


def save_token(
    session: Session,
    client: KnownClient,
    secret: str,
    scopes: Collection[str],
    *,
    life: timedelta,
    at: datetime,
) -> OAuthToken | None:
    """Keep a token that a program was issued, by its hash, and forget those that ended long ago.

    None if the program's secret has ended since it was checked: nobody gets a token past a rotation.
    """
    session.get(ApiClient, client.id, with_for_update=True)
    known = known_client(session, client.id, at=at)
    if known is None or known.secret_hash != client.secret_hash:
        return None
    session.execute(delete(OAuthToken).where(OAuthToken.expires_at < at - KEPT_AFTER_END))
    token = OAuthToken(
        client_id=client.id, hash=digest(secret), scope=in_order(scopes), issued_at=at, expires_at=at + life
    )
    session.add(token)
    session.flush()
    return token


def find_token(session: Session, secret: str) -> OAuthToken | None:
    """Return the token with this secret, ended or not, or None."""
    return session.scalar(select(OAuthToken).where(OAuthToken.hash == digest(secret)))


def end_token(session: Session, secret: str, *, at: datetime) -> None:
    """End a token, if it lives (RFC 7009)."""
    token = find_token(session, secret)
    if token is not None and token.revoked_at is None:
        token.revoked_at = at


def may_inspect(session: Session, client_id: uuid.UUID, token: OAuthToken) -> bool:
    """Whether a program may ask about a token (RFC 7662, 4): its own, or one of the same body or institution."""
    asking = session.get(ApiClient, client_id)
    about = token.client
    return asking is not None and (asking.body_id, asking.institution_id) == (
        about.body_id,
        about.institution_id,
    )


def scopes_now(session: Session, token: OAuthToken, *, at: datetime) -> frozenset[str]:
    """Return the scopes of a token that its program may still use: those whose role it still holds."""
    held = {grant.role for grant in accounts.roles_of(session, token.client.account_id, at=at)}
    return frozenset(token.scope.split()) & scopes_for(held)
