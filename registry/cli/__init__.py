"""`registry …`: one module per command group, imported only when its command runs, so that help is quick.

Exit codes: 0 done, 1 refused or failed (one sentence on standard error), 2 wrong usage.
"""

import json
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn

import click

from registry.errors import InvalidInput, NotConfigured, RegistryError

COMMANDS = {
    "bodies": ("registry.cli.bodies:bodies", "Set up accreditation bodies, schemes and policies."),
    "cases": ("registry.cli.cases:cases", "See the cases under way and what they wait for."),
    "completion": ("registry.cli.completion:completion", "Print the completion script of a shell."),
    "db": ("registry.cli.db:db", "Create and migrate the database."),
    "demo": ("registry.cli.demo:demo", "Fill a registry with invented cases, and act on them."),
    "import": ("registry.cli.importing:import_", "Import institutions, identities and lists of others."),
    "init": ("registry.cli.init:init", "Prepare an empty registry in the data directory."),
    "keys": ("registry.cli.keys:keys", "See, make and roll over signing keys."),
    "lists": ("registry.cli.lists:lists", "See what is published and until when."),
    "policies": ("registry.cli.policies:policies", "Check, show and adopt review policies."),
    "publish": ("registry.cli.publish:publish", "Publish what has been decided, and what is due."),
    "serve": ("registry.cli.serve:serve", "Serve pages, API and published documents."),
    "user": ("registry.cli.user:user", "Create people's accounts, give and take roles."),
    "verify": ("registry.cli.verify:verify", "Check a published list as a verifier would."),
    "worker": ("registry.cli.worker:worker", "Publish and re-issue in the background."),
}
"""Command to (module:object, one line of help). A command whose module is not there is not offered."""


class _Registry(click.Group):
    """Commands from the table; errors of the registry become one sentence and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that exist."""
        return [name for name, (target, _) in COMMANDS.items() if _exists(target)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command when it is needed."""
        if name not in COMMANDS or not _exists(COMMANDS[name][0]):
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say in one sentence what a person can understand."""
        try:
            return super().invoke(ctx)
        except RegistryError as error:
            fail(error)
        except Exception as error:
            if not _is_database_error(error):
                raise
            fail(NotConfigured(_NO_DATABASE))


def _exists(target: str) -> bool:
    from importlib.util import find_spec

    return find_spec(target.partition(":")[0]) is not None


def _is_database_error(error: Exception) -> bool:
    # Asked of what is loaded: importing SQLAlchemy here would make every command slow.
    library = sys.modules.get("sqlalchemy.exc")
    return library is not None and isinstance(error, library.OperationalError | library.ProgrammingError)


_NO_DATABASE = (
    "The database cannot be reached or is not prepared. Check REGISTRY_DATA and REGISTRY_DATABASE_URL, "
    "and run `registry init` for a new registry or `registry db upgrade` for an older one."
)


def fail(error: RegistryError) -> NoReturn:
    """Print the error, and a line per field of it, on standard error; exit with 1."""
    click.echo(f"registry: {error}", err=True)
    for problem in error.errors if isinstance(error, InvalidInput) else ():
        click.echo(f"  {problem.field}: {problem.message}", err=True)
    sys.exit(1)


def print_json(value: object) -> None:
    """Print a value as JSON, indented; ids and instants as text."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def _version() -> str:
    try:
        return version("issuer-registry")
    except PackageNotFoundError:
        return "from a checkout"


@click.command(cls=_Registry, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="registry")
def main() -> None:
    """A registry of recognized issuers of micro-credentials.

    Settings come from the environment: REGISTRY_DATA, REGISTRY_DATABASE_URL, REGISTRY_BASE_URL and others.
    """
