"""`registry keys`: the keys that lists are signed with; each scheme has one, announced before it is used."""

import click

from registry.cli import json_option, print_json
from registry.cli.edge import OPERATOR, now, settings, transaction
from registry.errors import NotFound
from registry.services import installation, list_keys
from registry.signing.keys import KeyStore


@click.group()
def keys() -> None:
    """See, make and roll over signing keys."""


def _store() -> KeyStore:
    current = settings()
    installation.require(current)
    return KeyStore.open(current.keys, current.key_passphrase)


@keys.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List all keys with their use, generation and scheme."""
    records = [
        {
            "key_id": record.key_id,
            "use": record.use.value,
            "generation": record.generation.value,
            "scheme": record.scheme,
            "created_at": record.created_at,
        }
        for record in _store().records()
    ]
    if as_json:
        print_json(records)
        return
    for record in records:
        click.echo("  ".join(str(value) for value in record.values()))


@keys.command()
@click.argument("scheme")
def certificate(*, scheme: str) -> None:
    """Print the certificates that the lists of SCHEME are signed under, as PEM: what a verifier pins."""
    found = _store().certificates(scheme)
    if not found:
        raise NotFound(f"scheme {scheme} has no signing key")
    click.echo(found, nl=False)


@keys.command()
@click.argument("scheme")
def announce(*, scheme: str) -> None:
    """Make the next signing key of SCHEME; it is published beside the active one before it signs anything."""
    with transaction() as session:
        record = list_keys.announce(session, _store(), scheme, actor=OPERATOR, at=now())
    click.echo(
        f"Key {record.key_id} is announced. Publish, wait for verifiers, then `registry keys rotate {scheme}`."
    )


@keys.command()
@click.argument("scheme")
def rotate(*, scheme: str) -> None:
    """Let the announced key of SCHEME sign from now on; the old one is kept for verifying."""
    with transaction() as session:
        record = list_keys.rotate(session, _store(), scheme, actor=OPERATOR, at=now())
    click.echo(f"Key {record.key_id} signs the lists of {scheme} from now on.")
