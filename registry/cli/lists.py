"""`registry lists`: what is published, in which sequence, and until when."""

import click

from registry.cli import json_option, print_json
from registry.cli.edge import now, settings
from registry.editions import EditionStore
from registry.services import installation


@click.group()
def lists() -> None:
    """See what is published and until when."""


@lists.command("status")
@json_option
def status(*, as_json: bool) -> None:
    """List every published list with its sequence and times; exit code 1 if one is past 75 % of its life."""
    current = settings()
    installation.require(current)
    with EditionStore(current.editions, current.base_url) as store:
        heads = list(store.heads())
        late = {head.path for head in store.due(now(), 0.75)}
    rows = [
        {
            "url": current.base_url + head.path,
            "sequence": head.sequence,
            "issued_at": head.issued_at,
            "next_update": head.next_update,
            "size": head.size,
            "sha256": head.sha256,
            "late": head.path in late,
        }
        for head in heads
    ]
    if as_json:
        print_json(rows)
    for row in [] if as_json else rows:
        mark = "  LATE" if row["late"] else ""
        click.echo(f"{row['url']}  #{row['sequence']}  until {row['next_update']:%Y-%m-%d %H:%M}{mark}")
    if late:
        raise SystemExit(1)
