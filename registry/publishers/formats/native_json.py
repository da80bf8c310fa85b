"""Native trust list: JSON as compact JWS (RFC 7515), ES256. Our contract: docs/formats/native_json.md.

Media type `application/jose`, header `typ` `trust-list+jws`. Read by any JOSE library; tested with node
jose. The payload is what `header_to_wire` and `entry_to_wire` give, joined as bytes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from registry.domain.trust_list import Entry, Header, SchemeInfo, canonical_json, entry_to_wire
from registry.publishers.base import JOSE, Document, Loss, Reach, header_to_wire, need_signer
from registry.publishers.certified import sign_list
from registry.publishers.checks import ENTRY_SHAPE, Shape, check_shape
from registry.publishers.facts import ListFacts, parse_instant
from registry.signing.signers import Signer

TYPE = "trust-list+jws"
FORMAT = "issuer-registry/trust-list/1"
LOSSES: tuple[Loss, ...] = ()


class NativeJson:
    """The complete list; every other format says at most as much."""

    format_id = "native_json"
    standard = FORMAT
    file_name = "list.jws"
    media_type = JOSE
    lifetime = timedelta(days=1)
    signed = True
    reach = Reach.SCHEME
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the canonical form of the entry."""
        return canonical_json(entry_to_wire(entry, at))

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the signed list."""
        head = canonical_json(list_head(header))
        payload = b'%b,"entries":[%b]}' % (head[:-1], b",".join(fragments))
        body = sign_list(payload, header, need_signer(signer, self.format_id), TYPE)
        return Document(self.file_name, body, self.media_type)


def list_head(header: Header) -> dict[str, object]:
    """Return all members of the payload but the entries, which come last."""
    return {"format": FORMAT, **header_to_wire(header)}


SHAPE: Shape = {
    "format": FORMAT,
    "scheme": {"id": str, "slug": str, "name": dict, "uri": str, "territory": str, "policy": dict},
    "operator": {"legal_name": str, "name": dict, "email": str, "website": str},
    "authority": str,
    "shard": int,
    "shards": int,
    "sequence": int,
    "issued_at": str,
    "next_update": str,
    "entries": list,
}


def parse_native_json(payload: Any) -> ListFacts:
    """Check the structure of a payload strictly; return what it says of itself.

    Raises:
        InvalidInput: naming the member that is missing, unknown or of the wrong kind.
    """
    check_shape(payload, SHAPE, "the list")
    for position, entry in enumerate(payload["entries"]):
        check_shape(entry, ENTRY_SHAPE, f"entries.{position}")
    return ListFacts(
        format_id=NativeJson.format_id,
        list_id=f"{payload['authority']} {payload['scheme']['id']} {NativeJson.format_id} {payload['shard']}",
        scheme=payload["scheme"]["name"].get("en", payload["scheme"]["slug"]),
        operators=(payload["operator"]["legal_name"],),
        territory=payload["scheme"]["territory"],
        sequence=payload["sequence"],
        issued_at=parse_instant(payload["issued_at"], "issued_at"),
        next_update=parse_instant(payload["next_update"], "next_update"),
        entries=len(payload["entries"]),
    )
