"""Invented published things: issuers, documents and whole editions for tests and the bench."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.editions import EditionChange, IssuerRecord, PublishedDocument, issuer_record

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATEMENT = "statement"


def issuer_id(position: int) -> str:
    """Return the id of an invented issuer, the same each time."""
    return str(uuid.UUID(bytes=hashlib.sha256(b"issuer %d" % position).digest()[:16], version=4))


def entry_wire(position: int, **changes: Any) -> dict[str, Any]:
    """Return an invented entry as `entry_to_wire` gives it."""
    wire = {
        "id": issuer_id(position),
        "slug": f"invented-{position}",
        "legal_name": f"Invented University {position}",
        "names": {"en": f"Invented University {position}", "pl": f"Uczelnia Zmyślona {position}"},
        "identifiers": [{"scheme": "ror", "value": f"https://ror.org/{position:09d}"}],
        "address": {"street": "1 Main St", "locality": "Town", "postal_code": "00-001", "country": "PL"},
        "website": None,
        "status": "active",
        "status_since": "2026-03-01T12:00:00Z",
        "status_reason": "granted",
        "valid_until": None,
        "scope": {"grants": [grant()]},
        "conditions": [],
        "identities": [{"kind": "did", "value": f"did:web:{position}.example", "usable": True}],
        "events": [],
        "policy": {"id": "p", "version": "1", "sha256": "0" * 64},
        "decision": {"id": "d", "decided_at": "2026-03-01T12:00:00Z"},
    }
    return wire | changes


def grant(fields: tuple[str, ...] = ("0613",), levels: tuple[int, ...] = (5,)) -> dict[str, Any]:
    """Return one grant of a scope, as on the wire."""
    return {
        "fields": list(fields),
        "levels": [{"value": level, "mark": "claimed"} for level in levels],
        "credential_types": ["micro_credential"],
        "countries": ["PL"],
    }


def record(position: int, scheme: str = "alpha", **changes: Any) -> IssuerRecord:
    """Return an invented issuer as the store keeps it."""
    return issuer_record(
        entry_wire(position, **changes), scheme=scheme, institution_id=f"institution-{position}"
    )


def statement(position: int, sequence: int = 1, body: bytes | None = None) -> PublishedDocument:
    """Return the statement of an invented issuer; its body is about 1.2 kB of base64, as a signed one is."""
    identifier = issuer_id(position)
    return PublishedDocument(
        path=f"/issuers/{identifier}/statement.jws",
        permanent_path=f"/issuers/{identifier}/{sequence}/statement.jws",
        scheme="alpha",
        format_id=STATEMENT,
        shard=identifier,
        sequence=sequence,
        media_type="application/jose",
        body=noise(f"{identifier} {sequence}", 1200) if body is None else body,
        issued_at=START + timedelta(hours=sequence - 1),
        next_update=START + timedelta(hours=sequence + 23),
    )


def list_document(
    sequence: int = 1, body: bytes = b"{}", *, shard: int = 1, file: str = "list.jws"
) -> PublishedDocument:
    """Return one document of the list of the scheme `alpha`, issued an hour after the one before it."""
    return PublishedDocument(
        path=f"/lists/alpha/{shard}/{file}",
        permanent_path=f"/lists/alpha/{shard}/{sequence}/{file}",
        scheme="alpha",
        format_id=file.replace(".", "_"),
        shard=str(shard),
        sequence=sequence,
        media_type="application/jose",
        body=body,
        issued_at=START + timedelta(hours=sequence - 1),
        next_update=START + timedelta(hours=sequence + 23),
    )


def edition(number: int, *documents: PublishedDocument, **parts: Any) -> EditionChange:
    """Return an edition published `number` - 1 hours after the first."""
    at = START + timedelta(hours=number - 1)
    return EditionChange(number, at, documents, **parts)


def noise(seed: str, size: int) -> bytes:
    """Return `size` bytes that look like base64url, the same for the same seed."""
    digest = hashlib.shake_256(seed.encode()).digest(size)
    return digest.translate(_BASE64URL)


_BASE64URL = (b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") * 4
