"""`registry import`: files of other registers become facts; whoever runs it acts as the operator.

Exit code 0: the whole file was processed, refused records included; see the report. 1: the file cannot be read, is not of
the format, or breaks off, and nothing was written. An import that was killed goes on where it was when the same file is
imported again.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from registry.cli import json_option, print_json
from registry.cli.edge import OPERATOR, now, settings
from registry.database import Database
from registry.errors import InvalidInput, RegistryError
from registry.services import imports, installation
from registry.services.import_batches import Outcome, RowResult

FEW = 5
"""Records that the summary shows of those that need somebody."""
COLUMNS = ("line", "key", "outcome", "institution", "detail")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

_dry_run = click.option("--dry-run", is_flag=True, help="Report what would happen; write nothing.")
_report = click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write a row per record to this file: NDJSON, or CSV if it ends in .csv.",
)
_file = click.argument("file", type=click.Path(path_type=Path))


@click.group("import")
def import_() -> None:
    """Import institutions and identities from files, as unclaimed facts: they appear on no list."""


@import_.command()
@_file
@click.option(
    "--format", "format_", type=click.Choice(["ror", "eche", "csv"]), required=True, help="What is in FILE."
)
@_dry_run
@_report
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
@_report
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
    few: dict[Outcome, list[RowResult]] = {Outcome.REFUSED: [], Outcome.NEEDS_HUMAN: []}
    try:
        with _report_writer(report_file) as write, _progress_bar(file.name) as show:

            def watch(report: imports.Report, results: Sequence[RowResult]) -> None:
                write(results)
                show(report)
                _keep_few(few, results)

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


def _keep_few(few: dict[Outcome, list[RowResult]], results: Sequence[RowResult]) -> None:
    for result in results:
        kept = few.get(result.outcome)
        if kept is not None and len(kept) < FEW:
            kept.append(result)


@contextmanager
def _report_writer(path: Path | None) -> Iterator[Callable[[Sequence[RowResult]], None]]:
    if path is None:
        yield lambda results: None
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        yield _csv_writer(file) if path.suffix.lower() == ".csv" else _ndjson_writer(file)


def _ndjson_writer(file: TextIO) -> Callable[[Sequence[RowResult]], None]:
    def write(results: Sequence[RowResult]) -> None:
        for result in results:
            file.write(orjson.dumps(row_to_wire(result)).decode() + "\n")

    return write


def _csv_writer(file: TextIO) -> Callable[[Sequence[RowResult]], None]:
    table = csv.writer(file)
    table.writerow(COLUMNS)

    def write(results: Sequence[RowResult]) -> None:
        for result in results:
            wire = row_to_wire(result)
            wire["detail"] = "; ".join(describe(detail) for detail in result.detail)
            table.writerow([_harmless(wire[column]) for column in COLUMNS])

    return write


def _harmless(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_DANGEROUS) else value


def row_to_wire(result: RowResult) -> dict[str, Any]:
    """Return a report row for programs."""
    return {
        "line": result.line,
        "key": result.key,
        "outcome": result.outcome.value,
        "institution": str(result.institution_id) if result.institution_id else None,
        "detail": list(result.detail),
    }


def describe(detail: dict[str, Any]) -> str:
    """Return in words what a report row says: why it was refused, what a person has to decide, what changed."""
    if "reason" in detail:
        return str(detail["reason"])
    if "ground" in detail:
        return f"{_GROUNDS.get(detail['ground'], detail['ground'])}: {', '.join(detail['candidates'])}"
    if "finding" in detail:
        return f"open work: {detail['finding'].replace('_', ' ')}"
    if detail.get("before") is None:
        return f"{detail['field']} added: {detail['after']}"
    if detail.get("after") is None:
        return f"{detail['field']} removed: {detail['before']}"
    return f"{detail['field']} {detail['kind']}: {detail['before']} -> {detail['after']}"


_GROUNDS = {
    "one_identifier": "only one identifier agrees with the institution",
    "several_institutions": "its identifiers belong to several institutions",
    "contradiction": "an identifier contradicts the institution that others agree with",
}


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
    for outcome, rows in few.items():
        if not rows:
            continue
        click.echo(f"\n{_HEADINGS[outcome]} (the first {len(rows)} of {report.counts[outcome.value]:,}):")
        for row in rows:
            said = "; ".join(describe(detail) for detail in row.detail)
            click.echo(f"  line {row.line}, {row.key or 'no key'}: {said}")
    if report_file is not None:
        click.echo(f"\nThe report, a row per record: {report_file}")
    elif any(few.values()):
        click.echo(
            "\nTo see every record: repeat the command with --report FILE.csv; the import changes nothing twice."
        )


_HEADINGS = {Outcome.REFUSED: "Refused", Outcome.NEEDS_HUMAN: "For a person to decide"}
