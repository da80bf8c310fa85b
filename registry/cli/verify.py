"""`registry verify`: check a published document as a verifier would, and say in one line why not."""

import json
import os
from datetime import UTC, datetime

import click
from joserfc.jwk import ECKey

from registry.cli.instants import Instant
from registry.cli.verify_fetch import load
from registry.cli.verify_memory import Memory, state_directory
from registry.domain.trust_list import wire_instant
from registry.errors import InvalidInput
from registry.publishers.verify import Trust, VerificationFailed, Verified, parse_trust, verify_document


@click.command()
@click.argument("source", metavar="FILE|URL")
@click.option(
    "--trust",
    "trusted",
    metavar="CERT|JWK",
    multiple=True,
    required=True,
    help="File or address of what you trust: the signer's certificate, the authority that issued it, or a public JWK.",
)
@click.option("--at", type=Instant(), help="Judge as of this instant; what was seen last is then left aside.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON object.")
def verify(source: str, trusted: tuple[str, ...], at: datetime | None, as_json: bool) -> None:
    """Check a published list or statement: signature, schema, freshness, and that its number never goes back.

    What was seen last of each list and signer is kept under XDG_STATE_HOME. Exit code 0: it verifies; 1: it
    does not, and the line says which check failed; 2: wrong usage.
    """
    now = at or datetime.now(UTC)
    try:
        verified = _verify(source, trusted, now, None if at else Memory(state_directory(os.environ)))
    except VerificationFailed as failure:
        click.echo(
            _failed_json(failure) if as_json else _one_line(f"FAILED {failure.check}: {failure}"),
            err=not as_json,
        )
        raise SystemExit(1) from failure
    described = json.dumps({"ok": True, **_described(verified)}, ensure_ascii=False)
    click.echo(described if as_json else _one_line(_line(verified)))


def _verify(source: str, trusted: tuple[str, ...], now: datetime, memory: Memory | None) -> Verified:
    trust = load_trust(trusted)
    verified = verify_document(load(source), trust, now, memory.seen if memory else None)
    if memory:
        memory.remember(verified, now)
    return verified


def load_trust(sources: tuple[str, ...]) -> Trust:
    """Return what files or addresses of certificates and keys say is trusted.

    Raises:
        VerificationFailed: with check `trust`; one cannot be read.
    """
    certificates: list[bytes] = []
    keys: list[ECKey] = []
    for source in sources:
        try:
            trust = parse_trust(load(source))
        except (VerificationFailed, InvalidInput) as error:
            raise VerificationFailed("trust", f"what you trust, {source}, cannot be used: {error}") from error
        certificates += trust.certificates
        keys += trust.keys
    return Trust(tuple(certificates), tuple(keys))


def _described(verified: Verified) -> dict[str, object]:
    facts = verified.facts
    return {
        "format": facts.format_id,
        "scheme": facts.scheme,
        "issuer": facts.operators[0],
        "sequence": facts.sequence,
        "issued_at": wire_instant(facts.issued_at),
        "next_update": wire_instant(facts.next_update),
        "entries": facts.entries,
        "signer": verified.signer,
        "sha256": verified.sha256,
    }


def _line(verified: Verified) -> str:
    facts = verified.facts
    return (
        f"OK {facts.format_id} of {facts.operators[0]} ({facts.scheme}): sequence {facts.sequence}, "
        f"issued {wire_instant(facts.issued_at)}, next update {wire_instant(facts.next_update)}, "
        f"{facts.entries} {'entry' if facts.entries == 1 else 'entries'}"
    )


def _failed_json(failure: VerificationFailed) -> str:
    return json.dumps({"ok": False, "check": failure.check, "message": str(failure)}, ensure_ascii=False)


def _one_line(text: str) -> str:
    """Return the text on one line and without control characters: a list or a server must not steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
