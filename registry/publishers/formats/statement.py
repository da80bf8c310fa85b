"""Statement: one issuer with its whole timeline, signed. Our own contract, docs/formats/statement.md.

Compact JWS (RFC 7515) with ES256, media type `application/jose`, header `typ` `issuer-statement+jws`. It is
meant to travel inside a badge, so the signer is named by `kid` and `x5t#S256` and its certificate left out.
"""

from datetime import timedelta
from typing import Any

from registry.domain.trust_list import Entry, Header, canonical_json, entry_to_wire
from registry.publishers.base import (
    JOSE,
    Document,
    Loss,
    need_signer,
    signer_thumbprint,
    signing_time,
    times_to_wire,
)
from registry.publishers.checks import ENTRY_SHAPE, Shape, check_shape
from registry.publishers.facts import ListFacts, parse_instant
from registry.publishers.intervals import intervals_to_wire
from registry.signing.jws import sign_compact
from registry.signing.signers import Signer

TYPE = "issuer-statement+jws"
FORMAT = "issuer-registry/statement/1"
LOSSES: tuple[Loss, ...] = (
    Loss("other issuers", "a statement speaks of one issuer; that somebody is not listed is no statement"),
    Loss("certificates themselves", "they travel with the credential; named here by SHA-256"),
)


class Statement:
    """One document per issuer, with a sequence of its own."""

    format_id = "statement"
    standard = FORMAT
    file_name = "statement.jws"
    media_type = JOSE
    lifetime = timedelta(days=7)
    signed = True
    LOSSES = LOSSES

    def statement(self, entry: Entry, header: Header, signer: Signer | None) -> Document:
        """Return the statement about an issuer as it stands when it is issued."""
        signer = need_signer(signer, self.format_id)
        scheme = header.scheme
        payload = {
            "format": FORMAT,
            "authority": scheme.base_url,
            "scheme": {"id": scheme.id, "slug": scheme.slug, "name": scheme.name["en"]},
            "operator": {"legal_name": scheme.operator_legal_name, "territory": scheme.territory},
            **times_to_wire(header),
            "entry": _without_certificates(entry_to_wire(entry, header.issued_at)),
            "intervals": intervals_to_wire(entry, header.issued_at),
        }
        protected = {"kid": signer.key_id, "iat": signing_time(header), **signer_thumbprint(signer)}
        body = sign_compact(canonical_json(payload), signer, TYPE, protected)
        return Document(self.file_name, body, self.media_type)


def _without_certificates(wire: dict[str, Any]) -> dict[str, object]:
    identities = [{k: v for k, v in i.items() if k != "certificate"} for i in wire["identities"]]
    return {**wire, "identities": identities}


SHAPE: Shape = {
    "format": FORMAT,
    "authority": str,
    "scheme": {"id": str, "slug": str, "name": str},
    "operator": {"legal_name": str, "territory": str},
    "sequence": int,
    "issued_at": str,
    "next_update": str,
    "entry": ENTRY_SHAPE,
    "intervals": list,
}


def parse_statement(payload: Any) -> ListFacts:
    """Check the structure of a payload strictly; return what it says of itself.

    Raises:
        InvalidInput: naming the member that is missing, unknown or of the wrong kind.
    """
    check_shape(payload, SHAPE, "the statement")
    issuer = payload["entry"]["id"]
    return ListFacts(
        format_id=Statement.format_id,
        list_id=f"{payload['authority']} {payload['scheme']['id']} {Statement.format_id} {issuer}",
        scheme=payload["scheme"]["name"],
        operators=(payload["operator"]["legal_name"],),
        territory=payload["operator"]["territory"],
        sequence=payload["sequence"],
        issued_at=parse_instant(payload["issued_at"], "issued_at"),
        next_update=parse_instant(payload["next_update"], "next_update"),
        entries=1,
    )
