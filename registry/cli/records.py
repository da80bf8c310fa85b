"""`registry db …`: whole cases as archives, and what is over and goes; `registry bodies deqar`."""

from pathlib import Path
from typing import Any, BinaryIO

import click

from registry.cli import json_option, print_json
from registry.cli.edge import now, settings, transaction
from registry.domain.retention import RULE
from registry.files import FileStore
from registry.services import bodies, case_export, deqar, evidence_files, retention


@click.command("export-case")
@click.argument("reference")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write.",
)
def export_case(*, reference: str, output: Path) -> None:
    """Write the whole case REFERENCE as one archive, with a manifest of hashes."""
    files = FileStore(settings().evidence)
    with transaction() as session:
        application = case_export.by_reference(session, reference)
        with output.open("wb") as target:
            case_export.write(session, files, application, target, at=now())
    click.echo(f"Case {reference} is in {output}.")


@click.command("verify-export")
@click.argument("file", type=click.File("rb"))
def verify_export(*, file: BinaryIO) -> None:
    """Check an archive of a case: every member against the manifest, every audit row against the chain."""
    found = case_export.verify(file)
    click.echo(
        f"The archive of case {found.reference} is whole: {found.members} members, "
        f"{found.audit_events} audit events, {found.missing} files erased or missing."
    )
    click.echo(f"Head of the audit trail when it was written: {found.head or 'none'}")


@click.command("retention")
@click.option(
    "--dry-run", "act", flag_value=False, default=False, help="Say what is over; change nothing (default)."
)
@click.option("--apply", "act", flag_value=True, help="Let it go.")
@json_option
def retain(*, act: bool, as_json: bool) -> None:
    """Find the records whose time is over, by kind; with --apply let them go."""
    at = now()
    with transaction() as session:
        found = retention.apply(session, at=at) if act else retention.due(session, at=at)
    files = _erase_files() if act else 0
    rows: list[dict[str, Any]] = [
        {"kind": kind.value, "records": count, "kept": RULE[kind].length["en"]}
        for kind, count in found.items()
    ]
    if as_json:
        print_json({"applied": act, "records": rows, "files_erased": files})
        return
    for row in rows:
        click.echo(f"{row['kind']:<20} {row['records']:>6}  kept {row['kept']}")
    click.echo(f"{files} files erased." if act else "Nothing was changed; repeat with --apply.")


def _erase_files() -> int:
    with transaction() as session:
        return evidence_files.erase_files(session, FileStore(settings().evidence), at=now())


@click.command("deqar")
@click.argument("body")
@click.option("--agency", help="What DEQAR calls the body: acronym or number; kept for the next time.")
@click.option("--activity", help="The number of the activity in DEQAR; kept for the next time.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "csv"]),
    default="json",
    show_default=True,
    help="Which of DEQAR's two forms.",
)
@click.option("-o", "--output", type=click.File("wb"), default="-", help="The file to write; default: print.")
def deqar_reports(
    *, body: str, agency: str | None, activity: str | None, form: str, output: BinaryIO
) -> None:
    """Write the published reports of BODY as DEQAR takes them; nothing is sent."""
    with transaction() as session:
        found = bodies.body_by_slug(session, body)
        if agency or activity:
            deqar.set_profile(session, found.id, agency or "", activity or "", actor=None, at=now())
        data, _media_type = deqar.document(session, found.id, f"reports.{form}", settings().base_url)
        left_out = deqar.reports_of(session, found.id, settings().base_url).left_out
    output.write(data)
    for reference, reason in left_out:
        click.echo(f"{reference} is left out: {reason}", err=True)


COMMANDS = (export_case, verify_export, retain)
