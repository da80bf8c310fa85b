"""`registry import`: files of other registers become facts; whoever runs it acts as the operator.

Exit code 0: the whole file was processed, refused records included; see the report. 1: the file cannot be read, is not of
the format, or breaks off, and nothing was written. An import that was killed goes on where it was when the same file is
imported again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from registry.cli import json_option, print_json
from registry.cli.edge import OPERATOR, now, settings
from registry.cli.import_lists import list_
from registry.cli.import_reports import keep_few, no_few, print_few, report_option, report_writer
from registry.database import Database
from registry.errors import InvalidInput, RegistryError
from registry.services import imports, installation
from registry.services.import_batches import Outcome, RowResult

_dry_run = click.option("--dry-run", is_flag=True, help="Report what would happen; write nothing.")
_file = click.argument("file", type=click.Path(path_type=Path))


@click.group("import")
def import_() -> None:
    """Import institutions, identities and lists of others, as unclaimed facts: they appear on no list of ours."""


@import_.command()
@_file
@click.option(
    "--format", "format_", type=click.Choice(["ror", "eche", "csv"]), required=True, help="What is in FILE."
)
@_dry_run
@report_option
@json_option
def institutions(file: Path, format_: str, dry_run: bool, report_file: Path | None, as_json: bool) -> None:
    """Import the institutions in FILE; repeat the command to go on with an import that was interrupted.

    Exit code 0 if the whole file was processed, also when records were refused; 1 if it cannot be read.
    """
    _import(file, format_, "institutions", dry_run, report_file, as_json)


@import_.command()
@_file
@click.option("--format", "format_", type=click.Choice(["dcc"]), required=True, help="What is in FILE.")
@_dry_run
@report_option
@json_option
def identities(file: Path, format_: str, dry_run: bool, report_file: Path | None, as_json: bool) -> None:
    """Import the issuing identities that FILE names; they are bound to no institution.

    Exit code 0 if the whole file was processed, also when records were refused; 1 if it cannot be read.
    """
    _import(file, format_, "identities", dry_run, report_file, as_json)


class Unreadable(RegistryError):
    """A file on this machine that cannot be read or written."""


def _import(
    file: Path, format_: str, holds: str, dry_run: bool, report_file: Path | None, as_json: bool
) -> None:
    current = settings()
    installation.require_ready(current)
    database = Database(current.sqlalchemy_url)
    few = no_few()
    try:
        with report_writer(report_file) as write, _progress_bar(file.name) as show:

            def watch(report: imports.Report, results: Sequence[RowResult]) -> None:
                write(results)
                show(report)
                keep_few(few, results)

            report = imports.import_file(
                database,
                file,
                format_,
                holds=holds,
                actor=OPERATOR,
                clock=now,
                dry_run=dry_run,
                watch=watch,
            )
    except InvalidInput as error:
        raise InvalidInput(f"{file}: {error}", error.errors) from error
    except OSError as error:
        raise Unreadable(f"{error.filename or file}: {error.strerror or error}") from error
    finally:
        database.dispose()
    if as_json:
        print_json(report.as_dict())
        return
    _print_summary(report, few, dry_run, report_file)


@contextmanager
def _progress_bar(name: str) -> Iterator[Callable[[imports.Report], None]]:
    """Show a bar on standard error if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=None)
        yield lambda report: progress.update(task, total=report.total, completed=report.done)


def _print_summary(
    report: imports.Report,
    few: dict[Outcome, list[RowResult]],
    dry_run: bool,
    report_file: Path | None,
) -> None:
    click.echo("Nothing was written (dry run). It would have been:" if dry_run else "Imported:")
    for outcome, count in report.as_dict().items():
        click.echo(f"  {count:>9,} {outcome.replace('_', ' ')}")
    print_few(few, report.counts, report_file)


import_.add_command(list_)
