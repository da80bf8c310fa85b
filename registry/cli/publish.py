"""`registry publish`: publish what has been decided and what is due, once."""

import click

from registry.cli import json_option, print_json
from registry.cli.edge import now, settings
from registry.jobs import open_publishing, publish_now
from registry.services import installation
from registry.services.publication import publish as publish_all


@click.command()
@click.option(
    "--due", is_flag=True, help="Only what is due: messages that wait, and lists at half of their life."
)
@click.option("--all", "everything", is_flag=True, help="Build and sign every document again.")
@json_option
def publish(*, due: bool, everything: bool, as_json: bool) -> None:
    """Publish what has been decided, and re-issue lists that have reached half of their life.

    Without an option, lists do not wait for the pause that spares large ones under load.
    """
    if due and everything:
        raise click.UsageError("--due and --all exclude each other")
    current = settings()
    installation.require_ready(current)
    with open_publishing(current) as publishing:
        if due or everything:
            done = publish_all(publishing, at=now(), everything=everything)
        else:
            done = publish_now(publishing, now)
    if as_json:
        print_json(
            {
                "editions": done.editions,
                "documents": done.documents,
                "statements": done.statements,
                "bytes": done.size,
            }
        )
        return
    if not done.editions:
        click.echo("Nothing was due.")
        return
    click.echo(
        f"Published {done.documents} documents, {done.statements} of them statements, {done.size:,} bytes."
    )
