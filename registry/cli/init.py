"""`registry init`: prepare an empty registry in the data directory."""

import click

from registry.cli import json_option, print_json
from registry.cli.edge import now, settings
from registry.services import installation


@click.command()
@json_option
def init(*, as_json: bool) -> None:
    """Prepare an empty registry in REGISTRY_DATA, for the public address REGISTRY_BASE_URL.

    Safe to repeat: what is there stays. The address is signed into documents and cannot be changed later.
    """
    current = settings()
    made = installation.initialize(current, at=now())
    if as_json:
        print_json({"data": current.data.resolve(), "base_url": made.base_url, "created_at": made.created_at})
        return
    click.echo(f"A registry for {made.base_url} is ready in {current.data.resolve()}.")
    click.echo("Next: `registry user create EMAIL --name NAME --operator`, then `registry serve`.")
