"""What is public about a key, and how the key file writes it down."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Use(StrEnum):
    """What a key is for. Lists are signed under an X.509 certificate, one line of keys per scheme.

    An authority issues certificates; it has two lines of keys, `AuthorityLine`, that stand where others name a scheme.
    """

    LIST = "list"
    AUTHORITY = "authority"
    FEDERATION = "federation"
    DID = "did"
    LOG = "log"
    TUF = "tuf"
    SESSION = "session"
    ANSWER = "answer"


class AuthorityLine(StrEnum):
    """Whom an authority issues certificates to."""

    LISTS = "lists"
    ISSUERS = "issuers"


class Generation(StrEnum):
    """Where a key stands in its line."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is public about a key. `certificates` are DER, `public_key` is DER SubjectPublicKeyInfo."""

    key_id: str
    use: Use
    scheme: str
    generation: Generation
    created_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None
    certificates: tuple[bytes, ...]
    public_key: bytes


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key as the file keeps it: what is public, and the encrypted private half as PEM."""

    record: KeyRecord
    encrypted: str


def kept_to_wire(kept: KeptKey) -> dict[str, object]:
    """Return the JSON-ready form of a kept key."""
    record = kept.record
    return {
        "key_id": record.key_id,
        "use": record.use.value,
        "scheme": record.scheme,
        "generation": record.generation.value,
        "created_at": record.created_at.isoformat(),
        "activated_at": record.activated_at.isoformat() if record.activated_at else None,
        "retired_at": record.retired_at.isoformat() if record.retired_at else None,
        "certificates": [base64.b64encode(certificate).decode() for certificate in record.certificates],
        "public_key": base64.b64encode(record.public_key).decode(),
        "private_key": kept.encrypted,
    }


def parse_kept(wire: Mapping[str, Any]) -> KeptKey:
    """Read a kept key.

    Raises:
        KeyError, TypeError, ValueError: it was not written by `kept_to_wire`.
    """

    def instant(name: str) -> datetime | None:
        return datetime.fromisoformat(wire[name]) if wire[name] else None

    record = KeyRecord(
        key_id=wire["key_id"],
        use=Use(wire["use"]),
        scheme=wire["scheme"],
        generation=Generation(wire["generation"]),
        created_at=datetime.fromisoformat(wire["created_at"]),
        activated_at=instant("activated_at"),
        retired_at=instant("retired_at"),
        certificates=tuple(base64.b64decode(text) for text in wire["certificates"]),
        public_key=base64.b64decode(wire["public_key"]),
    )
    return KeptKey(record, wire["private_key"])
