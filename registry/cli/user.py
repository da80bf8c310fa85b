"""`registry user`: people's accounts, roles and tokens. Whoever runs it acts as the operator."""

import secrets
import sys
import uuid
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from registry.cli import json_option, print_json
from registry.cli.edge import now, transaction
from registry.domain.roles import Role
from registry.errors import NotFound
from registry.models.account import Account, RoleGrant
from registry.models.body import Body
from registry.models.institution import Institution
from registry.services import accounts, sessions

_ROLE = click.Choice([role.value for role in Role])
_WORDS = 5


@click.group()
def user() -> None:
    """Create people's accounts, give and take roles."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--language",
    type=click.Choice(accounts.LANGUAGES),
    default="en",
    show_default=True,
    help="Language of pages and mail.",
)
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)
@click.option("--prompt", is_flag=True, help="Ask for the password. Without either, one is made and printed.")
@click.option("--operator", is_flag=True, help="Give the role of operator too.")
@json_option
def create(
    *, email: str, name: str, language: str, password_stdin: bool, prompt: bool, operator: bool, as_json: bool
) -> None:
    """Create an account for the person with the address EMAIL."""
    if password_stdin and prompt:
        raise click.UsageError("Use one of --password-stdin and --prompt.")
    made = not (password_stdin or prompt)
    password = _new_password() if made else _given_password(prompt)
    at = now()
    with transaction() as session:
        account = accounts.create_account(
            session, name=name, email=email, password=password, language=language, at=at
        )
        if operator:
            accounts.grant_role(session, account.id, Role.OPERATOR, actor=None, at=at)
        shown = _account_to_wire(session, account)
    if as_json:
        print_json(shown | ({"password": password} if made else {}))
        return
    click.echo(f"Created the account of {account.email} ({account.id}).")
    if made:
        click.echo(f"Password, shown this once: {password}")


def _given_password(prompt: bool) -> str:
    if prompt:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _new_password() -> str:
    """Return a random password of 100 bits, in groups that are easy to type."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(_WORDS))


@user.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List all accounts with their roles."""
    with transaction() as session:
        rows = [_account_to_wire(session, account) for account in accounts.all_accounts(session)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        roles = ", ".join(_role_text(role) for role in row["roles"])
        state = "" if row["active"] else " (closed)"
        click.echo(f"{row['email']}{state}: {row['name']}; {roles or 'no role'}")


def _account_to_wire(session: Session, account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "language": account.language,
        "active": account.active,
        "roles": [_grant_to_wire(grant) for grant in accounts.grants_of(session, account.id)],
    }


def _grant_to_wire(grant: RoleGrant) -> dict[str, object]:
    return {
        "id": grant.id,
        "role": grant.role.value,
        "body": grant.body_id,
        "institution": grant.institution_id,
        "granted_at": grant.granted_at.isoformat(),
    }


def _role_text(role: dict[str, object]) -> str:
    place = role["body"] or role["institution"]
    return f"{role['role']} of {place}" if place else str(role["role"])


@user.command()
@click.argument("email")
@click.argument("role", type=_ROLE)
@click.option("--body", help="Slug or id of the body, for a role of a body.")
@click.option("--institution", help="Slug or id of the institution, for a role of an institution.")
@json_option
def grant(*, email: str, role: str, body: str | None, institution: str | None, as_json: bool) -> None:
    """Give the person with the address EMAIL a ROLE."""
    with transaction() as session:
        account = accounts.account_by_email(session, email)
        given = accounts.grant_role(
            session,
            account.id,
            Role(role),
            body_id=_find(session, Body, body, "body"),
            institution_id=_find(session, Institution, institution, "institution"),
            actor=None,
            at=now(),
        )
        shown = _grant_to_wire(given)
    if as_json:
        print_json(shown)
    else:
        click.echo(f"{account.email} now holds the role {role}.")
        if accounts.waits_for_second(given):
            click.echo(
                "It can be used once an operator has confirmed it under Administration, People and roles."
            )


@user.command()
@click.argument("email")
@click.argument("role", type=_ROLE)
@click.option("--body", help="Slug or id of the body.")
@click.option("--institution", help="Slug or id of the institution.")
@json_option
def revoke(*, email: str, role: str, body: str | None, institution: str | None, as_json: bool) -> None:
    """Take a ROLE from the person with the address EMAIL; without a place, wherever it is held."""
    with transaction() as session:
        account = accounts.account_by_email(session, email)
        places = {
            "body_id": _find(session, Body, body, "body"),
            "institution_id": _find(session, Institution, institution, "institution"),
        }
        wanted = {name: place for name, place in places.items() if place}
        found = [
            held
            for held in accounts.grants_of(session, account.id)
            if held.role == role and all(getattr(held, name) == place for name, place in wanted.items())
        ]
        if not found:
            raise NotFound(f"{account.email} does not hold the role {role} there.")
        ended = [accounts.revoke_role(session, held.id, actor=None, at=now()) for held in found]
        shown = [_grant_to_wire(held) for held in ended]
    if as_json:
        print_json(shown)
    else:
        click.echo(f"{account.email} no longer holds the role {role}.")


def _find(
    session: Session, kind: type[Body] | type[Institution], given: str | None, word: str
) -> uuid.UUID | None:
    if not given:
        return None
    try:
        key = kind.id == uuid.UUID(given)
    except ValueError:
        key = kind.slug == given
    try:
        return session.scalars(select(kind.id).where(key)).one()
    except NoResultFound as error:
        raise NotFound(f"There is no {word} “{given}”; give its slug or its id.") from error


@user.command()
@click.argument("email")
@json_option
def disable(*, email: str, as_json: bool) -> None:
    """Close the account with the address EMAIL: it cannot sign in, and its sessions and tokens end."""
    with transaction() as session:
        account = accounts.account_by_email(session, email)
        accounts.disable_account(session, account.id, actor=None, at=now())
        shown = _account_to_wire(session, account)
    if as_json:
        print_json(shown)
    else:
        click.echo(f"Closed the account of {account.email}.")


@user.command()
@click.argument("email")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@click.option(
    "--days", type=click.IntRange(1, 365), default=90, show_default=True, help="Days until it ends."
)
@json_option
def token(*, email: str, name: str, days: int, as_json: bool) -> None:
    """Make a token for the API in the name of the person with the address EMAIL, and print it this once."""
    with transaction() as session:
        account = accounts.account_by_email(session, email)
        secret, row = sessions.create_token(
            session, account.id, name=name, at=now(), life=timedelta(days=days)
        )
    if as_json:
        print_json({"id": row.id, "token": secret, "expires_at": row.expires_at.isoformat()})
    else:
        click.echo(secret)
