"""What became of the records of an import: a report file with a row each, and the few that need somebody, on the screen."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click
import orjson

from registry.services.import_batches import Outcome, RowResult

FEW = 5
"""Records that the summary shows of those that need somebody."""
COLUMNS = ("line", "key", "outcome", "institution", "detail")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

report_option = click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write a row per record to this file: NDJSON, or CSV if it ends in .csv.",
)


def no_few() -> dict[Outcome, list[RowResult]]:
    """Return an empty choice of records for `keep_few`."""
    return {Outcome.REFUSED: [], Outcome.NEEDS_HUMAN: []}


def keep_few(few: dict[Outcome, list[RowResult]], results: Sequence[RowResult]) -> None:
    """Keep the first records of each outcome that needs somebody."""
    for result in results:
        kept = few.get(result.outcome)
        if kept is not None and len(kept) < FEW:
            kept.append(result)


@contextmanager
def report_writer(path: Path | None) -> Iterator[Callable[[Sequence[RowResult]], None]]:
    """Open the report file, if there is to be one, and give what writes rows into it."""
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


def print_few(
    few: Mapping[Outcome, Sequence[RowResult]], counts: Mapping[str, int], report_file: Path | None
) -> None:
    """Show the records that need somebody, and say where all of them are."""
    for outcome, rows in few.items():
        if not rows:
            continue
        click.echo(f"\n{_HEADINGS[outcome]} (the first {len(rows)} of {counts[outcome.value]:,}):")
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
