"""`registry lists`: what is published, in which sequence, until when; follow a list; build one again."""

from datetime import datetime
from pathlib import Path

import click

from registry.cli import json_option, print_json
from registry.cli.edge import now, settings
from registry.cli.lists_follow import follow_into
from registry.editions import EditionReader, EditionStore, Head
from registry.editions.freshness import is_late
from registry.errors import NotFound
from registry.publishers.verify import VerificationFailed
from registry.services import installation
from registry.services.edition_building import PROGRAM
from registry.services.rebuilding import Kept, kept_documents, rebuild
from registry.signing.keys import KeyStore


@click.group()
def lists() -> None:
    """See what is published and until when, follow a list, build one again."""


@lists.command("status")
@json_option
def status(*, as_json: bool) -> None:
    """List every published list with its sequence, times and alarms; exit code 1 if there is an alarm.

    An alarm is a list past 75 % of its life, or one that could not be built.
    """
    current = settings()
    installation.require(current)
    at = now()
    with EditionStore(current.editions, current.base_url) as store:
        rows = [*_documents(store, current.base_url, at), *_setbacks(store)]
    if as_json:
        print_json(rows)
    for row in [] if as_json else rows:
        click.echo(_line(row))
    if any(row["alarm"] for row in rows):
        raise SystemExit(1)


def _documents(store: EditionReader, base_url: str, at: datetime) -> list[dict[str, object]]:
    failed = {one.key: one.error for one in store.rework() if one.error}
    return [
        _row(head, base_url, at, failed.get((head.scheme, head.format_id, head.shard)))
        for head in store.heads()
    ]


def _row(head: Head, base_url: str, at: datetime, error: str | None) -> dict[str, object]:
    late = is_late(head, at)
    return {
        "url": base_url + head.path,
        "scheme": head.scheme,
        "format": head.format_id,
        "shard": head.shard,
        "sequence": head.sequence,
        "issued_at": head.issued_at,
        "next_update": head.next_update,
        "life_used": round((at - head.issued_at) / (head.next_update - head.issued_at), 3),
        "size": head.size,
        "sha256": head.sha256,
        "late": late,
        "error": error,
        "alarm": late or error is not None,
    }


def _setbacks(store: EditionReader) -> list[dict[str, object]]:
    """Return what could not be built and has no document in the list above: statements, and lists never published."""
    return [
        {
            "scheme": one.scheme,
            "format": one.format_id,
            "shard": one.shard,
            "since": one.since,
            "attempts": one.attempts,
            "again_at": one.due_at,
            "error": one.error,
            "alarm": True,
        }
        for one in store.rework()
        if one.error and (one.format_id == "statement" or store.head(*one.key) is None)
    ]


def _line(row: dict[str, object]) -> str:
    alarm = f"  FAILED {row['error']}" if row["error"] else "  LATE" if row.get("late") else ""
    if "url" not in row:
        return f"{row['scheme']} {row['format']} {row['shard']}  never published{alarm}"
    used = f"{row['life_used']:.0%} of its life over"
    return f"{row['url']}  #{row['sequence']}  until {row['next_update']:%Y-%m-%d %H:%M}  {used}{alarm}"


@lists.command("follow")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.argument("url", metavar="URL")
@click.option(
    "--trust",
    "trusted",
    metavar="CERT",
    multiple=True,
    required=True,
    help="The signer's certificate, or who issued it.",
)
def follow(directory: Path, url: str, trusted: tuple[str, ...]) -> None:
    """Keep a verified copy of the native list at URL in DIR; later runs fetch only what changed.

    What changed is put together to the very bytes that were published, and verified like a whole list.
    """
    try:
        done = follow_into(directory, url, trusted, now())
    except VerificationFailed as failure:
        click.echo(f"FAILED {failure.check}: {failure}", err=True)
        raise SystemExit(1) from failure
    click.echo(f"{done.path}  #{done.sequence}  {done.how}, {done.size:,} bytes fetched")


@lists.command("rebuild")
@click.option("--sequence", required=True, type=click.IntRange(min=1), help="Sequence number of the lists.")
@click.option("--scheme", help="Only lists of this scheme; `registry` for those of the whole registry.")
@click.option("--format", "format_id", help="Only this format, such as native_json.")
@click.option("--shard", help="Only this shard.")
def rebuild_(sequence: int, scheme: str | None, format_id: str | None, shard: str | None) -> None:
    """Build lists again from what was kept of their making, and compare; exit code 1 if one differs."""
    current = settings()
    installation.require(current)
    keys = KeyStore.open(current.keys, current.key_passphrase)
    with EditionStore(current.editions, current.base_url) as store:
        found = kept_documents(store, sequence, scheme=scheme, format=format_id, shard=shard)
        if not found:
            raise NotFound(f"no list was published with the sequence number {sequence}")
        differing = [_compared(store, keys, kept) for kept in found]
    if any(differing):
        raise SystemExit(1)


def _compared(store: EditionReader, keys: KeyStore, kept: Kept) -> bool:
    """Say how a list compares; return whether it differs."""
    difference = rebuild(store, keys, kept).difference
    click.echo(f"{kept.path}  {difference or 'identical apart from the signature'}")
    if difference and kept.program != PROGRAM:
        click.echo(f"  it was built by version {kept.program or 'unknown'}, this is {PROGRAM}")
    return bool(difference)
