"""Formats made for tests of the publisher: with a companion, of the whole registry, pointing to lists, failing on demand."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unittest import mock

from registry.domain.trust_list import Entry, Header, SchemeInfo, canonical_json, wire_instant
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS
from registry.publishers.base import Document, ListOfLists, ListPointer, Loss, Publisher, Reach
from registry.signing.jws import sign_compact
from registry.signing.signers import Signer


class Broken(Exception):
    """What the formats below raise on demand."""


@dataclass
class Plain:
    """A signed list of names with a digest beside it. It fails for the ids in `refused`, or as a whole where `broken`."""

    format_id: str = "plain"
    file_name: str = "plain.jws"
    media_type: str = "application/jose"
    lifetime: timedelta = timedelta(days=2)
    signed: bool = True
    LOSSES: tuple[Loss, ...] = ()
    list_type: str = "names"
    standard: str = "our own"
    reach: Reach = Reach.SCHEME
    refused: set[str] = field(default_factory=set)
    broken: bool = False
    made: int = 0

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return id and status."""
        if entry.id in self.refused:
            raise Broken(f"cannot say {entry.id}")
        self.made += 1
        return canonical_json({"id": entry.id, "scheme": scheme.slug, "status": entry.status(at).value})

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the list and its digest."""
        if self.broken:
            raise Broken("cannot assemble")
        assert signer is not None
        head = {"scheme": header.scheme.slug, "sequence": header.sequence, "shards": header.shards}
        head["next_update"] = wire_instant(header.next_update)
        body = sign_compact(canonical_json(head) + b"," + b",".join(fragments), signer, None, {})
        digest = hashlib.sha256(body).digest()
        name = self.file_name.partition(".")[0]
        beside = Document(f"{name}.sha2", digest, "application/octet-stream")
        return Document(self.file_name, body, self.media_type, (beside,))


@dataclass
class Wide(Plain):
    """The same of all issuers of the registry, unsigned, at a further address."""

    format_id: str = "wide"
    file_name: str = "wide.json"
    media_type: str = "application/json"
    signed: bool = False
    reach: Reach = Reach.REGISTRY
    addresses: tuple[str, ...] = ("/wide.json",)

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return all names."""
        if self.broken:
            raise Broken("cannot assemble")
        joined = b'{"sequence":%d,"entries":[%b]}' % (header.sequence, b",".join(fragments))
        return Document(self.file_name, joined, self.media_type)


@dataclass
class Pointing:
    """A list that points to the lists of `Plain`."""

    format_id: str = "pointing"
    file_name: str = "pointing.jws"
    media_type: str = "application/jose"
    lifetime: timedelta = timedelta(days=20)
    signed: bool = True
    LOSSES: tuple[Loss, ...] = ()
    points_to: tuple[str, ...] = ("plain",)
    standard: str = "our own"
    list_type: str = "lists"

    def assemble(
        self, header: Header, pointers: Sequence[ListPointer], pivots: Sequence[str], signer: Signer
    ) -> Document:
        """Return addresses and pivots."""
        rows = [
            {
                "url": one.url,
                "shards": one.shards,
                "type": one.list_type,
                "certificates": [hashlib.sha256(der).hexdigest() for der in one.certificates],
            }
            for one in pointers
        ]
        head = {"sequence": header.sequence, "operator": header.scheme.operator_legal_name}
        payload = json.dumps({**head, "pointers": rows, "pivots": list(pivots)}).encode()
        return Document(self.file_name, sign_compact(payload, signer, None, {}), self.media_type)


@contextmanager
def formats(*publishers: Publisher, of_lists: Sequence[ListOfLists] = ()) -> Iterator[None]:
    """Let the publisher know further formats."""
    added = {publisher.format_id: publisher for publisher in publishers}
    with (
        mock.patch.dict(PUBLISHERS, added),  # type: ignore[arg-type]  # a mapping to readers, a dict in fact
        mock.patch.dict(LISTS_OF_LISTS, {one.format_id: one for one in of_lists}),  # type: ignore[arg-type]
    ):
        yield
