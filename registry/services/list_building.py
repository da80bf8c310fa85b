"""Building and signing the documents of one round: statements, the lists of shards, documents of the whole registry."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from registry.domain.operator import operator_scheme
from registry.domain.trust_list import Header, SchemeInfo
from registry.editions import Head, Key, PlainFile
from registry.editions import PublishedDocument as Published
from registry.editions.deltas import delta_path
from registry.publishers import PUBLISHERS, STATEMENT, Document, Publisher
from registry.publishers.deltas import MEDIA_TYPE, build_delta
from registry.publishers.formats.native_json import NativeJson, list_head
from registry.publishers.traits import REGISTRY, further_addresses, is_registry_wide
from registry.services.fragments import NATIVE, Canon, Fragments
from registry.services.publishing import Publishing
from registry.services.publishing_material import Listed, Material, Shard
from registry.services.setbacks import Setbacks
from registry.services.snapshots import registry_snapshot, shard_snapshot
from registry.signing.signers import Signer

ONE_SHARD = "1"
LARGEST_DELTA = 4
"""A delta is made when at most a part of this size of the list changed; else the whole list is as good."""
SMALL = 20
"""Changes of which a delta is made however small the list."""


class Workbench:
    """Signs the documents of one round; knows schemes, signers, sequence numbers, and what failed."""

    def __init__(self, publishing: Publishing, material: Material, at: datetime) -> None:
        self.publishing, self.material, self.at = publishing, material, at
        self.store = publishing.store
        self.setbacks = Setbacks(publishing.store, at)
        self.fragments = Fragments(publishing.store, material.schemes, at)
        self.operator = operator_scheme(publishing.operator, REGISTRY, publishing.base_url)
        self.documents: list[Published] = []
        self.snapshots: dict[str, bytes] = {}
        self.deltas: list[PlainFile] = []
        self._signers: dict[str, Signer] = {}

    def scheme(self, slug: str) -> SchemeInfo:
        """Return what publishers see of a scheme, or of the whole registry."""
        return self.operator if slug == REGISTRY else self.material.schemes[slug].info

    def signer(self, slug: str) -> Signer:
        """Return the active list key of a scheme, or of the registry."""
        if slug not in self._signers:
            self._signers[slug] = self.publishing.keys.signer(slug)
        return self._signers[slug]

    def publish(
        self, key: Key, life: timedelta, build: Callable[[Header], Document], *, shards: int = 1, **more: Any
    ) -> Published | None:
        """Build one document with the next number of its name, keep it with its companions, and return it if that worked.

        Two issues of one document never share a second: where the last one is of this very second, it waits for the next.
        """
        head = self.store.head(*key)
        if head is not None and self.at <= head.issued_at:
            self.setbacks.wait(key, head.issued_at + timedelta(seconds=1))
            return None

        def made() -> list[Published]:
            header = self._header(key, head, life, shards)
            return list(_published(key, header, build(header), **more))

        found = self.setbacks.attempt(key, made)
        if found is None:
            return None
        self.documents += map(self.store.put_away, found)
        self.setbacks.done(key)
        return found[0]

    def _header(self, key: Key, head: Head | None, life: timedelta, shards: int) -> Header:
        slug, format_id, shard = key
        return Header(
            scheme=self.scheme(slug),
            shard=int(shard) if format_id != STATEMENT.format_id else 1,
            shards=shards,
            sequence=1 + (head.sequence if head else 0),
            issued_at=self.at,
            next_update=self.at + life,
        )

    def keep(self, snapshot: bytes) -> str:
        """Keep what documents are built from; return its SHA-256, hex."""
        digest = hashlib.sha256(snapshot).hexdigest()
        self.snapshots[digest] = snapshot
        return digest

    def statement(self, one: Listed) -> None:
        """Sign the statement of one issuer."""
        folder = f"/issuers/{one.entry.id}"
        self.publish(
            one.key,
            STATEMENT.lifetime,
            lambda header: STATEMENT.statement(one.entry, header, self.signer(one.scheme)),
            folder=folder,
        )

    def lists(self, shard: Shard, formats: Iterable[str]) -> None:
        """Build and sign lists of one shard from fragments."""
        slug, number = shard
        if shard not in self.material.members:
            return
        canon = self.fragments.canon(self.material.members[shard])
        shards = self.material.shards[slug]
        bodies = (fragment.body for fragment in canon.values())
        snapshot = self.keep(shard_snapshot(self.scheme(slug), number, shards, bodies))
        wanted = set(formats)
        for publisher in (
            p for p in PUBLISHERS.values() if p.format_id in wanted and not is_registry_wide(p)
        ):
            before = self.store.head(slug, publisher.format_id, str(number))
            done = self.publish(
                (slug, publisher.format_id, str(number)),
                publisher.lifetime,
                self._assembler(
                    publisher, slug, lambda p: self.fragments.bodies(p, canon, self.scheme(slug))
                ),
                shards=shards,
                folder=f"/lists/{slug}/{number}",
                snapshot=snapshot,
                further=further_addresses(publisher),
            )
            if done and before is not None and publisher.format_id == NATIVE:
                self._delta(before, done, canon, shards)

    def _assembler(
        self, publisher: Publisher, slug: str, bodies: Callable[[Publisher], Iterator[bytes]]
    ) -> Callable[[Header], Document]:
        def build(header: Header) -> Document:
            signer = self.signer(slug) if publisher.signed else None
            return publisher.assemble(header, bodies(publisher), signer)

        return build

    def _delta(self, before: Head, document: Published, canon: Canon, shards: int) -> None:
        """Make the delta that leads from the native list before to the one just built, unless too much changed."""
        edition = self.store.published_in(before)
        changed = [
            kept.body
            for issuer, kept in canon.items()
            if (NATIVE, issuer) in self.fragments.changed or getattr(kept, "edition", 0) > edition
        ]
        if len(changed) > max(SMALL, len(canon) // LARGEST_DELTA):
            return
        header = self._header((before.scheme, NATIVE, before.shard), before, NativeJson.lifetime, shards)
        body = build_delta(document.body, list_head(header), (before.sequence, before.sha256), changed)
        path = delta_path(before.scheme, before.shard, before.sequence, document.sequence)
        self.deltas.append(PlainFile(path, MEDIA_TYPE, body, immutable=True))

    def registry_wide(self, formats: Iterable[str]) -> None:
        """Build and sign documents that gather the issuers of all schemes."""
        snapshot = ""
        for publisher in (PUBLISHERS[format_id] for format_id in sorted(formats)):
            snapshot = snapshot or self.keep(self._registry_snapshot())
            self.publish(
                (REGISTRY, publisher.format_id, ONE_SHARD),
                publisher.lifetime,
                self._assembler(publisher, REGISTRY, self.fragments.all_bodies),
                folder=f"/lists/{REGISTRY}/{ONE_SHARD}",
                snapshot=snapshot,
                further=further_addresses(publisher),
            )

    def _registry_snapshot(self) -> bytes:
        """Return the snapshots of all shards as they stand after this round, and what came later than those."""
        lists = {
            (slug, int(shard)): (sha256, edition)
            for slug, shard, sha256, edition in self.store.snapshots(NATIVE)
        }
        for document in self.documents:
            if document.format_id == NATIVE and document.snapshot_sha256:
                lists[document.scheme, int(document.shard)] = (
                    document.snapshot_sha256,
                    self.store.number() + 1,
                )
        newer = self.fragments.newer_than(min((edition for _sha256, edition in lists.values()), default=0))
        return registry_snapshot(self.operator, {shard: found[0] for shard, found in lists.items()}, newer)


def _published(
    key: Key,
    header: Header,
    document: Document,
    *,
    folder: str,
    snapshot: str | None = None,
    further: Sequence[str] = (),
) -> Iterator[Published]:
    """Yield a document and its companions as they stand in an edition."""
    for position, one in enumerate((document, *document.companions)):
        ending = f".{one.file_name.rpartition('.')[2]}" if position else ""
        yield Published(
            path=f"{folder}/{one.file_name}",
            permanent_path=f"{folder}/{header.sequence}/{one.file_name}",
            scheme=key[0],
            format_id=key[1] + ending,
            shard=key[2],
            sequence=header.sequence,
            media_type=one.media_type,
            body=one.body,
            issued_at=header.issued_at,
            next_update=header.next_update,
            snapshot_sha256=snapshot,
            further_paths=() if position else tuple(further),
            companion=bool(position),
        )
