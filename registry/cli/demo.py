"""`registry demo`: a registry with real institutions as facts and invented ones with cases; and acts on it."""

import json
import logging
from typing import cast

import click

from registry.cli import json_option, print_json
from registry.cli.edge import now, settings
from registry.demo import acts, build, facts
from registry.errors import NotConfigured
from registry.services import installation


@click.group()
def demo() -> None:
    """Fill a registry with invented cases, and act on them."""


@demo.command("build")
def build_() -> None:
    """Build the demo in REGISTRY_DATA if it is not there yet. It takes about a minute."""
    _ensure_built()
    _print_accounts()


@demo.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, help="Port to listen on; the public address must name it."
)
@click.pass_context
def run(ctx: click.Context, *, host: str, port: int) -> None:
    """Build the demo if needed, print its accounts, and serve it."""
    from registry.cli.serve import serve

    _ensure_built()
    _print_accounts()
    click.echo(f"\nServing the demo on {settings().base_url} (stop with Ctrl-C).")
    ctx.invoke(serve, host=host, port=port)


@demo.command("facts")
@json_option
def facts_(*, as_json: bool) -> None:
    """Print addresses, the certificate to pin, issuers by standing, and accounts."""
    current = settings()
    _require_demo()
    found = facts.facts(current, at=now())
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        click.echo(f"{name}: {json.dumps(value, ensure_ascii=False, default=str)}")


@demo.command()
@click.argument("what", type=click.Choice(["withdraw", "suspend", "rollover"]))
@json_option
def act(*, what: str, as_json: bool) -> None:
    """Withdraw or suspend one demo issuer, or roll one issuer's certificate over, and publish at once."""
    _require_demo()
    done = acts.act(settings(), cast(acts.DemoAct, what), clock=now)
    if as_json:
        print_json({"act": done.act, "issuer": done.issuer, "name": done.name, "at": done.at})
        return
    click.echo(f"{done.act}: {done.name} ({done.issuer}) at {done.at:%Y-%m-%dT%H:%M:%SZ}")


def _ensure_built() -> None:
    current = settings()
    there = installation.find(current)
    if there is not None:
        installation.require(current)
        if not there.demo:
            raise NotConfigured(
                f"{current.data} holds a registry that is no demo; choose another REGISTRY_DATA"
            )
    if build.is_built(current):
        installation.require_ready(current)
        return
    if there is not None:
        raise NotConfigured(
            f"the demo in {current.data} was not finished; remove that directory and start again"
        )
    click.echo("Building the demo registry: real institutions as facts, invented ones with cases …")
    logging.basicConfig(level=logging.WARNING)
    build.build(current, now=now())


def _require_demo() -> None:
    installation.require_ready(settings())
    if not build.is_built(settings()):
        raise NotConfigured(f"{settings().data} holds no demo: run `make run` or `registry demo build`")


def _print_accounts() -> None:
    found = json.loads((settings().data / build.ACCOUNTS).read_text())
    click.echo("\nDemo accounts (role, address, password):")
    for person in (one for one in found if one["role"] != build.PROGRAM):
        click.echo(f"  {person['role']:<18} {person['email']:<32} {person['password']}")
    click.echo("\nDemo programs for the API, OAuth 2.0 client credentials (name, client id, secret):")
    for program in (one for one in found if one["role"] == build.PROGRAM):
        click.echo(f"  {program['name']:<26} {program['email']} {program['password']}")
