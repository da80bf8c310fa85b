"""`registry import list`: somebody else's trusted list becomes unvetted facts; nothing of it is recognized or published.

Exit code 0: the whole list was processed, refused entries included. 1: it cannot be fetched or read, does not verify or is
out of date, and nothing was written. 2: wrong usage.
"""

from datetime import datetime
from pathlib import Path

import click

from registry.cli import json_option, print_json
from registry.cli.edge import OPERATOR, now, settings
from registry.cli.import_reports import keep_few, no_few, print_few, report_option, report_writer
from registry.cli.instants import Instant
from registry.cli.verify_fetch import load
from registry.database import Database
from registry.errors import InvalidInput, RegistryError
from registry.publishers.facts import VerificationFailed
from registry.publishers.foreign_lists import OPENERS, OpenedList, open_list
from registry.publishers.list_contents import in_language
from registry.services import installation
from registry.services.foreign_lists import ListImport, ListReport, import_list
from registry.signing.certificates import parse_certificates


class ListRefused(RegistryError):
    """A list of others that is not taken in."""


@click.command("list")
@click.argument("source", metavar="FILE|URL")
@click.option(
    "--format", "format_", type=click.Choice(list(OPENERS)), required=True, help="What the list is."
)
@click.option(
    "--trust",
    "trusted",
    metavar="CERT",
    multiple=True,
    help="File or address of the certificate that signs the list, or of the authority that issued it.",
)
@click.option("--unverified", is_flag=True, help="Take the list although nobody checked its signature.")
@click.option("--at", type=Instant(), help="Judge the list as of this instant, for one that has run out.")
@click.option("--dry-run", is_flag=True, help="Report what would happen; write nothing.")
@report_option
@json_option
def list_(
    source: str,
    format_: str,
    trusted: tuple[str, ...],
    unverified: bool,
    at: datetime | None,
    dry_run: bool,
    report_file: Path | None,
    as_json: bool,
) -> None:
    """Import a trusted list of somebody else: whom it lists, and as what, as unvetted facts.

    Exit code 0 if the whole list was processed, also when entries were refused; 1 if it was not taken.
    """
    if unverified == bool(trusted):
        raise click.UsageError("give --trust with the certificate that you trust, or else --unverified")
    current = settings()
    installation.require_ready(current)
    judged_at = at or now()
    opened = _open(source, format_, trusted, judged_at)
    wanted = ListImport(opened, format_, _address(source), OPERATOR, judged_at)
    database = Database(current.sqlalchemy_url)
    try:
        report = import_list(database, wanted, clock=now, dry_run=dry_run)
    except (VerificationFailed, InvalidInput) as error:
        raise ListRefused(f"{source}: {error}") from error
    finally:
        database.dispose()
    with report_writer(report_file) as write:
        write(report.rows)
    if as_json:
        print_json(report.as_dict())
    else:
        _print(opened, report, dry_run)
        few = no_few()
        keep_few(few, report.rows)
        print_few(few, report.as_dict(), report_file)


def _open(source: str, format_: str, trusted: tuple[str, ...], at: datetime) -> OpenedList:
    try:
        pins = tuple(der for one in trusted for der in parse_certificates(load(one))) if trusted else None
        return open_list(load(source), format_, pins, at)
    except VerificationFailed as error:
        how = " (--at INSTANT)" if error.check == "freshness" else ""
        raise ListRefused(f"{source}: {error.check}: {error}{how}") from error
    except InvalidInput as error:
        raise ListRefused(f"what you trust cannot be used: {error}") from error


def _address(source: str) -> str:
    """Return where a list came from: its address, or the name of the file alone."""
    return source if "://" in source else Path(source).name


def _print(opened: OpenedList, report: ListReport, dry_run: bool) -> None:
    contents = opened.contents
    said = (
        f"List number {contents.sequence} of {in_language(contents.operator_names)}, "
        f"issued {contents.issued_at:%Y-%m-%d}, "
        + (f"signed under {opened.anchor[:16]}…" if opened.anchor else "SIGNATURE NOT VERIFIED")
    )
    click.echo("".join(character if character.isprintable() else " " for character in said))
    click.echo("Nothing was written (dry run). It would have been:" if dry_run else "Imported:")
    for outcome, count in report.as_dict().items():
        click.echo(f"  {count:>9,} {outcome.replace('_', ' ')}")
