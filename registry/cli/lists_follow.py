"""Following the native list from number to number: the whole list once, then deltas, each result verified as a whole."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from registry.cli.verify import load_trust
from registry.cli.verify_fetch import load
from registry.publishers.deltas import DeltaRefused, apply_delta
from registry.publishers.verify import VerificationFailed, verify_document
from registry.signing.jws import peek_compact

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Followed:
    """What one run did: `how` it reached the number, and the bytes that it fetched, uncompressed."""

    path: Path
    sequence: int
    how: str
    size: int


def follow(url: str, kept: bytes | None, fetch: Fetch) -> tuple[bytes, str, int]:
    """Return the current list, how it was reached, and how many bytes were fetched; nothing is verified yet.

    `kept` is the list as it was fetched last, None at first. Where no delta leads on, the whole list is fetched.
    """
    fetched = 0
    if kept is not None:
        with contextlib.suppress(VerificationFailed, DeltaRefused):
            delta = fetch(f"{url.rpartition('/')[0]}/delta/{sequence_of(kept)}..")
            fetched = len(delta)
            return (apply_delta(kept, delta), "delta", fetched) if delta else (kept, "unchanged", 0)
    whole = fetch(url)
    return whole, "whole list", fetched + len(whole)


def sequence_of(document: bytes) -> int:
    """Return the sequence number that a native list names; it is trusted no more than the list is."""
    return int(orjson.loads(peek_compact(document).payload)["sequence"])


def follow_into(
    directory: Path, url: str, trusted: tuple[str, ...], at: datetime, fetch: Fetch = load
) -> Followed:
    """Bring the copy in `directory` to the current number, if that verifies and is not older.

    Raises:
        VerificationFailed: `check` names what failed; the copy stays as it was.
    """
    path = directory / (url.rpartition("/")[2] or "list.jws")
    kept = path.read_bytes() if path.is_file() else None
    body, how, size = follow(url, kept, fetch)
    verified = verify_document(body, load_trust(trusted), at, None)
    if kept is not None and verified.facts.sequence < sequence_of(kept):
        raise VerificationFailed(
            "sequence",
            f"number {verified.facts.sequence} is older than {sequence_of(kept)}, which was there already",
        )
    if body != kept:
        _replace(path, body)
    return Followed(path, verified.facts.sequence, how, size)


def _replace(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}")
    with temporary.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
