"""`registry db`: the database's revision, and bringing it to the program's."""

from collections.abc import Callable

import click
from sqlalchemy.exc import OperationalError

from registry import migrate
from registry.cli import records
from registry.cli.edge import settings
from registry.database import Database
from registry.errors import NotConfigured
from registry.services.recording import place_events, verify_chain


@click.group()
def db() -> None:
    """Create and migrate the database; check, take out and let go of what it keeps."""


for _command in records.COMMANDS:
    db.add_command(_command)


@db.command()
@click.argument("revision", default="head")
def upgrade(*, revision: str) -> None:
    """Bring the database up to REVISION (default: the newest)."""
    _run(lambda url: migrate.upgrade(url, revision))
    if revision == "head":
        _run(_place_events)
    click.echo(f"The database is at revision {revision}.")


@db.command()
@click.argument("revision")
@click.confirmation_option(prompt="Going down may drop tables with what is in them. Go on?")
def downgrade(*, revision: str) -> None:
    """Take the database down to REVISION; `base` empties it."""
    _run(lambda url: migrate.downgrade(url, revision))
    click.echo(f"The database is at revision {revision}.")


@db.command()
def check() -> None:
    """Say whether the database is at the program's revision; exit code 1 if not."""
    database = Database(settings().sqlalchemy_url)
    try:
        migrate.require_head(database.engine)
    except OperationalError as error:
        raise NotConfigured("the database does not answer; look at REGISTRY_DATABASE_URL") from error
    finally:
        database.dispose()
    click.echo("The database is at the newest revision.")


@db.command()
def audit() -> None:
    """Check that nobody has changed the audit trail; exit code 1 if somebody has."""
    database = Database(settings().sqlalchemy_url)
    try:
        with database.reading() as session:
            count = verify_chain(session)
    except OperationalError as error:
        raise NotConfigured("the database does not answer; look at REGISTRY_DATABASE_URL") from error
    finally:
        database.dispose()
    click.echo(f"The audit trail is whole: {count} events.")


def _run(work: Callable[[str], None]) -> None:
    try:
        work(settings().sqlalchemy_url)
    except OperationalError as error:
        raise NotConfigured("the database does not answer; look at REGISTRY_DATABASE_URL") from error


def _place_events(url: str) -> None:
    """Say of audit events from earlier versions where they belong."""
    database = Database(url)
    try:
        with database.transaction() as session:
            place_events(session)
    finally:
        database.dispose()
