"""What documents were built from, in canonical form: kept by its SHA-256, enough to build every document again.

| document | snapshot |
| --- | --- |
| of a shard | the scheme, shard and shards, and the entries |
| of the whole registry | the operator as a scheme, the snapshots of all shards, and the entries that are newer than those |
| list of lists | the operator as a scheme, the pointers, the pivots, the key that signs |
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from registry.domain.reading import scheme_from_wire, scheme_to_wire
from registry.domain.trust_list import SchemeInfo, canonical_json
from registry.publishers.base import ListPointer


def shard_snapshot(scheme: SchemeInfo, shard: int, shards: int, entries: Iterable[bytes]) -> bytes:
    """Return the snapshot of a shard; `entries` are in canonical form."""
    head = canonical_json({"scheme": scheme_to_wire(scheme), "shard": shard, "shards": shards})
    return b'%b,"entries":[%b]}' % (head[:-1], b",".join(entries))


def registry_snapshot(
    operator: SchemeInfo, lists: Mapping[tuple[str, int], str], newer: Iterable[tuple[SchemeInfo, bytes]]
) -> bytes:
    """Return the snapshot of a document of the whole registry; `lists` are the snapshots of shards, by SHA-256."""
    named = [
        {"scheme": slug, "shard": shard, "snapshot": sha256}
        for (slug, shard), sha256 in sorted(lists.items())
    ]
    schemes: dict[str, dict[str, Any]] = {}
    later = []
    for scheme, entry in newer:
        if scheme.id not in schemes:
            schemes[scheme.id] = scheme_to_wire(scheme)
        later.append({"scheme": schemes[scheme.id], "entry": orjson.loads(entry)})
    return canonical_json({"scheme": scheme_to_wire(operator), "lists": named, "newer": later})


def pointers_snapshot(
    operator: SchemeInfo, pointers: Sequence[ListPointer], pivots: Sequence[str], key_id: str
) -> bytes:
    """Return the snapshot of a list of lists."""
    return canonical_json(
        {
            "scheme": scheme_to_wire(operator),
            "pointers": [_pointer_to_wire(pointer) for pointer in pointers],
            "pivots": list(pivots),
            "key": key_id,
        }
    )


def _pointer_to_wire(pointer: ListPointer) -> dict[str, Any]:
    return {
        "scheme": scheme_to_wire(pointer.scheme),
        "shard": pointer.shard,
        "shards": pointer.shards,
        "format": pointer.format_id,
        "url": pointer.url,
        "media_type": pointer.media_type,
        "list_type": pointer.list_type,
        "certificates": [base64.b64encode(der).decode() for der in pointer.certificates],
    }


def parse_pointer(wire: Mapping[str, Any]) -> ListPointer:
    """Return a pointer of its form in a snapshot."""
    return ListPointer(
        scheme=scheme_from_wire(wire["scheme"]),
        shard=wire["shard"],
        shards=wire["shards"],
        format_id=wire["format"],
        url=wire["url"],
        media_type=wire["media_type"],
        list_type=wire["list_type"],
        certificates=tuple(base64.b64decode(text) for text in wire["certificates"]),
    )
