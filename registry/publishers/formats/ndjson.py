"""NDJSON: one JSON object per line, for data work. Media type `application/x-ndjson`; unsigned.

The first line is the header of the list, with `"record": "header"`; each further line is one issuer exactly
as in the native list, with `"record": "issuer"`. Read by pandas and every line-wise JSON reader.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import orjson

from registry.domain.trust_list import Entry, Header, SchemeInfo, canonical_json, entry_to_wire
from registry.publishers.base import Document, Loss, Reach, header_to_wire
from registry.signing.signers import Signer

FORMAT = "issuer-registry/ndjson/1"
LOSSES: tuple[Loss, ...] = (
    Loss("a signature", "lines of text carry none; the SHA-256 stands in /lists/index.json"),
)


class Ndjson:
    """The native list without its signature, a line per issuer."""

    format_id = "ndjson"
    standard = FORMAT
    file_name = "list.ndjson"
    media_type = "application/x-ndjson"
    lifetime = timedelta(days=1)
    signed = False
    reach = Reach.SCHEME
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the line of an issuer, without its line end."""
        return canonical_json({"record": "issuer", **entry_to_wire(entry, at)})

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return header line and issuer lines."""
        head = canonical_json({"record": "header", "format": FORMAT, **header_to_wire(header)})
        return Document(self.file_name, b"\n".join([head, *fragments, b""]), self.media_type)


def is_ndjson(body: bytes) -> bool:
    """Whether the first line is the header of our line-wise list."""
    try:
        head = orjson.loads(body.partition(b"\n")[0])
    except ValueError:
        return False
    return isinstance(head, dict) and head.get("format") == FORMAT
