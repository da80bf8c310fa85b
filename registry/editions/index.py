"""`/lists/index.json`: every current list with its address, size, digest, sequence and times."""

from collections.abc import Iterable

import orjson

from registry.domain.trust_list import wire_instant
from registry.editions.values import Head, PlainFile

PATH = "/lists/index.json"
MEDIA_TYPE = "application/json"


def index_file(heads: Iterable[Head], companions: Iterable[Head], base_url: str) -> PlainFile:
    """Return the index of `heads`, each with the files beside it; `base_url` has no trailing slash."""
    beside: dict[tuple[str, str, str, int], list[Head]] = {}
    for one in companions:
        format_id = one.format_id.partition(".")[0]
        beside.setdefault((one.scheme, format_id, one.shard, one.sequence), []).append(one)
    documents = []
    for head in heads:
        found = beside.get((head.scheme, head.format_id, head.shard, head.sequence), ())
        files = {"companions": [_file(one, base_url) for one in found]} if found else {}
        documents.append({**_document(head, base_url), **files})
    return PlainFile(PATH, MEDIA_TYPE, orjson.dumps({"documents": documents}))


def _document(head: Head, base_url: str) -> dict[str, object]:
    return {
        "scheme": head.scheme,
        "format": head.format_id,
        "shard": int(head.shard),
        **_file(head, base_url),
        "sequence": head.sequence,
        "issued_at": wire_instant(head.issued_at),
        "next_update": wire_instant(head.next_update),
    }


def _file(head: Head, base_url: str) -> dict[str, object]:
    return {
        "url": base_url + head.path,
        "permanent_url": base_url + head.permanent_path,
        "media_type": head.media_type,
        "size": head.size,
        "sha256": head.sha256,
    }
