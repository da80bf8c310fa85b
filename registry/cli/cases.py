"""`registry cases`: the cases under way, as the operator sees them: where they stand, never what is in them."""

from typing import Any

import click
from sqlalchemy import select

from registry.cli import json_option, print_json
from registry.cli.edge import transaction
from registry.domain.workflow import State, movers
from registry.models.application import Application


@click.group()
def cases() -> None:
    """See the cases under way and what they wait for."""


@cases.command("list")
@click.option(
    "--state", type=click.Choice([state.value for state in State]), help="Only cases in this state."
)
@json_option
def list_(*, state: str | None, as_json: bool) -> None:
    """List cases: reference, scheme, state, since when, and whose move it is."""
    query = select(Application).order_by(Application.entered_at)
    if state:
        query = query.where(Application.state == State(state))
    with transaction() as session:
        rows: list[dict[str, Any]] = [
            {
                "reference": case.reference,
                "scheme": case.scheme.slug,
                "state": case.state.value,
                "since": case.entered_at,
                "waits_for": sorted(role.value for role in movers(case.state)),
            }
            for case in session.scalars(query)
        ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        waits = ", ".join(row["waits_for"]) or "nobody"
        click.echo(f"{row['reference']}  {row['scheme']}  {row['state']}  waits for {waits}")
