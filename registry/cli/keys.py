"""`registry keys`: the keys that lists are signed with; each scheme has one, announced before it is used."""

import click

from registry.cli import json_option, print_json
from registry.cli.edge import OPERATOR, now, settings, transaction
from registry.editions import EditionStore
from registry.errors import NotFound
from registry.jobs.certificates import ageing
from registry.services import authorities, complaint_contacts, installation, list_keys
from registry.signing.certificates import key_window
from registry.signing.keys import AuthorityLine, KeyStore, Use
from registry.signing.sealing import Seals


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
    """List all keys with their use, generation and scheme, and when their certificates end."""
    records = [
        {
            "key_id": record.key_id,
            "use": record.use.value,
            "generation": record.generation.value,
            "scheme": record.scheme,
            "created_at": record.created_at,
            "expires_at": key_window(record.certificates[0])[2] if record.certificates else None,
        }
        for record in _store().records()
    ]
    if as_json:
        print_json(records)
        return
    for record in records:
        click.echo("  ".join(str(value) for value in record.values() if value is not None))
    for old in ageing(_store().records(), now()):
        click.echo(
            f"Key {old.key_id} needs a successor: its certificate has lived 75 % of its time.", err=True
        )


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
    """Make the next signing key of SCHEME; it is published beside the active one before it signs anything.

    `registry` names the key that lists of lists are signed with.
    """
    operator = installation.fixed_operator(settings())
    with transaction() as session:
        record = list_keys.announce(session, _store(), scheme, actor=OPERATOR, at=now(), operator=operator)
    click.echo(
        f"Key {record.key_id} is announced. Publish, wait for verifiers, then `registry keys rotate {scheme}`."
    )


@keys.command()
@click.argument("scheme")
@click.option(
    "--emergency",
    metavar="WHY",
    default="",
    help="Rotate although published lists do not announce the next certificate yet; WHY stands in the audit trail.",
)
def rotate(*, scheme: str, emergency: str) -> None:
    """Let the announced key of SCHEME sign from now on; the old one is kept for verifying.

    It is refused until the lists of lists that stand published name the next certificate.
    """
    current = settings()
    keys = _store()
    with transaction() as session, EditionStore(current.editions, current.base_url) as store:
        record = list_keys.rotate(
            session, keys, scheme, store=store, emergency=emergency.strip(), actor=OPERATOR, at=now()
        )
    click.echo(f"Key {record.key_id} signs the lists of {scheme} from now on.")


@keys.command("seal-anew")
def seal_anew() -> None:
    """Make a new key for how to reach whoever complained, and seal all of it anew. Nothing needs a restart."""
    current = settings()
    installation.require(current)
    seals = Seals(current.seals)
    with transaction() as session:
        key_id, count = complaint_contacts.rotate(session, seals, actor=OPERATOR, at=now())
    gone = seals.drop_old_keys()
    click.echo(f"Key {key_id} seals from now on: {count} contacts sealed anew, {gone} old keys dropped.")
    click.echo(f"Keep a copy of {seals.path} apart from the backups of the database.")


@keys.group()
def authority() -> None:
    """The registry's own certificate authorities: `lists` for signers of lists, `issuers` for issuers with a bare key."""


_LINE = click.argument("line", type=click.Choice([line.value for line in AuthorityLine]))


@authority.command("make")
@_LINE
@click.option(
    "--operator", required=True, help="Legal name of who runs this registry; it stands in the certificate."
)
@click.option("--country", required=True, help="Its country, two letters (ISO 3166-1).")
def make_authority(*, line: str, operator: str, country: str) -> None:
    """Make an authority, or announce the next one. From then on list keys made anew get their certificates from `lists`."""
    with transaction() as session:
        record = authorities.make(
            session,
            _store(),
            AuthorityLine(line),
            operator=operator,
            country=country.upper(),
            actor=OPERATOR,
            at=now(),
        )
    click.echo(f"Authority {record.key_id} is {record.generation}.")


@authority.command("rotate")
@_LINE
def rotate_authority(*, line: str) -> None:
    """Let the announced authority issue from now on; what the one before issued stays valid."""
    with transaction() as session:
        record = authorities.rotate(session, _store(), AuthorityLine(line), actor=OPERATOR, at=now())
    click.echo(f"Authority {record.key_id} issues certificates from now on.")


@authority.command("certificate")
@_LINE
def authority_certificate(*, line: str) -> None:
    """Print the certificates of an authority as PEM, the active one first: what a verifier pins to trust all it issues."""
    found = _store().certificates(line, use=Use.AUTHORITY)
    if not found:
        raise NotFound(f"this registry has no authority for {line}; `registry keys authority make` makes one")
    click.echo(found, nl=False)
