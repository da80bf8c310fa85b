"""Building a published document again from its kept snapshot, to show that it says what was decided and nothing else.

A signature over the same bytes is another one each time, so two builds are made with signatures that share no character:
where they differ stands the signature, and everything else has to be what was published.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson

from registry.domain.reading import entry_from_wire, scheme_from_wire, written_at
from registry.domain.trust_list import Header, SchemeInfo
from registry.editions import EditionReader
from registry.editions.bodies import load_snapshot
from registry.errors import NotFound
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, Document, Publisher
from registry.services.snapshots import parse_pointer
from registry.signing.key_records import KeyRecord, Use
from registry.signing.keys import KeyStore
from registry.signing.signers import ES256_HALF

CONTEXT = 60
"""Bytes shown of a difference."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One published document as the store keeps it. `program` is the version that built it."""

    path: str
    scheme: str
    format_id: str
    shard: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    snapshot: str
    program: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A document beside the one built again; `difference` is empty where they are identical apart from the signature."""

    kept: Kept
    difference: str


@dataclass(frozen=True, slots=True)
class _Marker:
    """Signs with one byte over and over, under the certificates of a real key."""

    record: KeyRecord
    byte: int
    algorithm: Literal["ES256"] = "ES256"

    @property
    def key_id(self) -> str:
        return self.record.key_id

    @property
    def certificates(self) -> tuple[bytes, ...]:
        return self.record.certificates

    def sign(self, data: bytes) -> bytes:
        return bytes([self.byte]) * 2 * ES256_HALF


def rebuild(reader: EditionReader, keys: KeyStore, kept: Kept) -> Comparison:
    """Build a document again and compare it with the one that was published.

    Raises:
        NotFound: the document, its snapshot, its format or its signing key is not there.
    """
    document = reader.document(kept.path)
    if document is None:
        raise NotFound(f"{kept.path} is not in the edition store")
    build = _builder(reader, kept)
    difference = "no key of its scheme was in use then"
    for record in _keys_in_use(keys, kept):
        difference = _difference(document.body, *(build(_Marker(record, byte)).body for byte in (0x00, 0xFF)))
        if not difference:
            break
    return Comparison(kept, difference)


def _keys_in_use(keys: KeyStore, kept: Kept) -> list[KeyRecord]:
    """Return the keys that may have signed, likely ones first."""
    records = [r for r in keys.records(Use.LIST, kept.scheme) if r.activated_at is not None]
    return sorted(records, key=lambda r: (r.activated_at or r.created_at) > kept.issued_at)


def _builder(reader: EditionReader, kept: Kept) -> Callable[[_Marker], Document]:
    content = _content(reader, kept.snapshot)
    scheme = scheme_from_wire(content["scheme"])
    header = Header(
        scheme=scheme,
        shard=int(kept.shard),
        shards=content.get("shards", 1),
        sequence=kept.sequence,
        issued_at=kept.issued_at,
        next_update=kept.next_update,
    )
    if kept.format_id in LISTS_OF_LISTS:
        pointers = [parse_pointer(wire) for wire in content["pointers"]]
        of_lists = LISTS_OF_LISTS[kept.format_id]
        return lambda signer: of_lists.assemble(header, pointers, content["pivots"], signer)
    publisher = PUBLISHERS.get(kept.format_id)
    if publisher is None:
        raise NotFound(f"this program does not know the format {kept.format_id}")
    return lambda signer: publisher.assemble(
        header,
        _fragments(publisher, _entries(reader, content), kept.issued_at),
        signer if publisher.signed else None,
    )


def _content(reader: EditionReader, sha256: str) -> Mapping[str, Any]:
    try:
        content = orjson.loads(load_snapshot(reader.directory, sha256))
    except FileNotFoundError as error:
        raise NotFound(f"the snapshot {sha256} is gone; put back a copy of the edition store") from error
    if not isinstance(content, dict):
        raise NotFound(
            f"the snapshot {sha256} is of an older program and lacks what a document is headed with"
        )
    return content


def _entries(
    reader: EditionReader, content: Mapping[str, Any]
) -> Iterator[tuple[SchemeInfo, Mapping[str, Any]]]:
    """Yield scheme and canonical entry, by id, of one shard or of the whole registry."""
    if "entries" in content:
        scheme = scheme_from_wire(content["scheme"])
        yield from ((scheme, entry) for entry in content["entries"])
        return
    found: dict[str, tuple[SchemeInfo, Mapping[str, Any]]] = {}
    for listed in content["lists"]:
        found |= {
            entry["id"]: (scheme, entry)
            for scheme, entry in _entries(reader, _content(reader, listed["snapshot"]))
        }
    for one in content["newer"]:
        found[one["entry"]["id"]] = (scheme_from_wire(one["scheme"]), one["entry"])
    yield from (found[issuer] for issuer in sorted(found))


def _fragments(
    publisher: Publisher, entries: Iterator[tuple[SchemeInfo, Mapping[str, Any]]], issued_at: datetime
) -> Iterator[bytes]:
    for scheme, wire in entries:
        entry = entry_from_wire(wire)
        fragment = publisher.entry(entry, scheme, written_at(wire, entry, issued_at))
        if fragment:
            yield fragment


def _difference(published: bytes, one: bytes, other: bytes) -> str:
    """Return where a document differs from two builds of it, or nothing where only the signature does."""
    if len(one) == len(other) == len(published):
        patched = bytearray(one)
        for position in _differing(one, other):
            patched[position] = published[position]
        if patched == published:
            return ""
    start = _common(published, one)
    return (
        f"from byte {start} on, published {published[start : start + CONTEXT]!r}, "
        f"rebuilt {one[start : start + CONTEXT]!r}"
    )


def _differing(one: bytes, other: bytes, block: int = 4096) -> Iterator[int]:
    """Yield the positions at which two texts of one length differ; equal blocks are passed over whole."""
    for start in range(0, len(one), block):
        here, there = one[start : start + block], other[start : start + block]
        if here != there:
            yield from (start + i for i, (a, b) in enumerate(zip(here, there, strict=True)) if a != b)


def _common(one: bytes, other: bytes) -> int:
    """Return how many bytes two texts share at their beginning, found by halving."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


def kept_documents(reader: EditionReader, sequence: int, **names: str | None) -> list[Kept]:
    """Return the lists of a sequence number; `names` choose among `scheme`, `format`, `shard`."""
    return [
        Kept(**row)
        for row in reader.lists_numbered(sequence)
        if all(wanted in (None, row[_COLUMN[name]]) for name, wanted in names.items())
    ]


_COLUMN = {"scheme": "scheme", "format": "format_id", "shard": "shard"}
