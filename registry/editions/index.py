"""`/lists/index.json`: every current list with its address, size, digest, sequence and times."""

from collections.abc import Iterable

import orjson

from registry.domain.trust_list import wire_instant
from registry.editions.values import Head, PlainFile

PATH = "/lists/index.json"
MEDIA_TYPE = "application/json"


def index_file(heads: Iterable[Head], base_url: str) -> PlainFile:
    """Return the index of `heads`; `base_url` has no trailing slash."""
    documents = [_document(head, base_url) for head in heads]
    return PlainFile(PATH, MEDIA_TYPE, orjson.dumps({"documents": documents}))


def _document(head: Head, base_url: str) -> dict[str, object]:
    return {
        "scheme": head.scheme,
        "format": head.format_id,
        "shard": int(head.shard),
        "url": base_url + head.path,
        "permanent_url": base_url + head.permanent_path,
        "media_type": head.media_type,
        "size": head.size,
        "sha256": head.sha256,
        "sequence": head.sequence,
        "issued_at": wire_instant(head.issued_at),
        "next_update": wire_instant(head.next_update),
    }
