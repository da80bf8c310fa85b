"""`registry bodies`: set up accreditation bodies, their schemes and the policies they adopt; the operator does this."""

from typing import Any

import click
from sqlalchemy.orm import Session

from registry.cli import json_option, print_json
from registry.cli.edge import OPERATOR, now, settings, transaction
from registry.cli.records import deqar_reports
from registry.domain.roles import Role
from registry.domain.trust_list import PostalAddress
from registry.errors import NotAllowed, NotFound
from registry.models.body import Body
from registry.policy_files import LoadedPolicy, available
from registry.services import access, accounts, desk, installation, list_keys, policy_transition
from registry.services import bodies as service
from registry.signing.keys import KeyStore


@click.group()
def bodies() -> None:
    """Set up accreditation bodies, their schemes and the policies they adopt."""
    installation.require_ready(settings())


bodies.add_command(deqar_reports)


@bodies.command()
@click.argument("slug")
@click.option("--legal-name", required=True, help="As registered; it stands in lists and certificates.")
@click.option("--name-en", required=True, help="The name to show in English.")
@click.option("--name-pl", required=True, help="The name to show in Polish.")
@click.option("--street", required=True, help="Street and number.")
@click.option("--locality", required=True, help="Town or city.")
@click.option("--postal-code", required=True, help="Postal code.")
@click.option("--country", required=True, help="Two letters; the territory of its lists.")
@click.option("--email", required=True, help="The public address of the office.")
@click.option("--website", required=True, help="Address that starts with https://.")
@json_option
def create(*, slug: str, as_json: bool, **given: str) -> None:
    """Create the accreditation body SLUG."""
    new = service.NewBody(
        slug=slug,
        legal_name=given["legal_name"],
        names={"en": given["name_en"], "pl": given["name_pl"]},
        address=PostalAddress(given["street"], given["locality"], given["postal_code"], given["country"]),
        email=given["email"],
        website=given["website"],
    )
    with transaction() as session:
        shown = _to_wire(session, service.create_body(session, new, actor=OPERATOR, at=now()))
    if as_json:
        print_json(shown)
        return
    click.echo(f"Created {shown['legal_name']} ({shown['slug']}, {shown['id']}).")
    click.echo(
        f"Next: `registry user create` and `registry user grant EMAIL policy_editor --body {slug}`, "
        f"the same for policy_approver, then `registry bodies adopt` and `registry bodies scheme`."
    )


@bodies.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List bodies with their schemes and adopted policies."""
    with transaction() as session:
        rows = [_to_wire(session, body) for body in desk.all_bodies(session)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['slug']}: {row['legal_name']}, {row['country']}")
        for scheme in row["schemes"]:
            click.echo(f"  scheme {scheme['slug']} under {scheme['policy']}")
        for adopted in row["policies"]:
            click.echo(f"  adopted {adopted['policy']} {adopted['version']} at {adopted['adopted_at']}")


@bodies.command()
@click.argument("body")
@click.argument("policy_id")
@click.argument("version")
@click.option("--proposed-by", required=True, help="E-mail address of a policy editor of the body.")
@click.option("--approved-by", required=True, help="E-mail address of a policy approver, another person.")
@json_option
def adopt(
    *, body: str, policy_id: str, version: str, proposed_by: str, approved_by: str, as_json: bool
) -> None:
    """Let BODY adopt a VERSION of the policy POLICY_ID, byte for byte; see `registry policies list`."""
    loaded = _policy(policy_id, version)
    at = now()
    with transaction() as session:
        found = service.body_by_slug(session, body)
        people = []
        for email, role in ((proposed_by, Role.POLICY_EDITOR), (approved_by, Role.POLICY_APPROVER)):
            account = accounts.account_by_email(session, email)
            if not access.holds(session, account.id, role, at=at, body=found.id):
                raise NotAllowed(f"{account.email} is no {role.value.replace('_', ' ')} of {body}")
            people.append(str(account.id))
        row = service.adopt_policy(
            session, found.id, loaded, proposed_by=people[0], approved_by=people[1], at=at
        )
        policy_transition.apply_due(session, at=at)
        shown = {"body": body, "policy": row.policy_id, "version": row.version, "sha256": row.sha256}
    if as_json:
        print_json(shown)
    else:
        click.echo(f"{body} has adopted {policy_id} {version} (sha256 {shown['sha256']}).")


def _policy(policy_id: str, version: str) -> LoadedPolicy:
    loaded = available(settings().policies).get((policy_id, version))
    if loaded is None:
        raise NotFound(f"There is no policy {policy_id} {version}; see `registry policies list`.")
    return loaded


@bodies.command()
@click.argument("body")
@click.argument("policy_id")
@click.argument("slug")
@click.option("--name-en", required=True, help="The name in English; it stands in lists and certificates.")
@click.option("--name-pl", required=True, help="The name in Polish.")
@json_option
def scheme(*, body: str, policy_id: str, slug: str, name_en: str, name_pl: str, as_json: bool) -> None:
    """Open the scheme SLUG, in which BODY applies the policy POLICY_ID, and make its first signing key."""
    current, at = settings(), now()
    keys = KeyStore.open(current.keys, current.key_passphrase)
    with transaction() as session:
        found = service.body_by_slug(session, body)
        if policy_id not in {one.policy_id for one in service.adopted_by(session, found.id)}:
            raise NotFound(
                f"{body} has adopted no version of {policy_id}; run `registry bodies adopt` first."
            )
        made = service.create_scheme(
            session,
            found,
            slug=slug,
            policy_id=policy_id,
            names={"en": name_en, "pl": name_pl},
            actor=OPERATOR,
            at=at,
        )
        key = list_keys.first(session, keys, made, actor=OPERATOR, at=at)
        shown = {"id": made.id, "slug": slug, "body": body, "policy": policy_id, "key": key.key_id}
    if as_json:
        print_json(shown)
    else:
        click.echo(f"Opened the scheme {slug} of {body}; its lists are signed with {shown['key']}.")


def _to_wire(session: Session, body: Body) -> dict[str, Any]:
    return {
        "id": body.id,
        "slug": body.slug,
        "legal_name": body.legal_name,
        "names": body.names,
        "country": body.country,
        "schemes": [{"slug": one.slug, "policy": one.policy_id} for one in body.schemes],
        "policies": [
            {"policy": one.policy_id, "version": one.version, "adopted_at": one.adopted_at.isoformat()}
            for one in service.adopted_by(session, body.id)
        ],
    }
