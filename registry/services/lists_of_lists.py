"""Lists of lists: what they point to, and the pivots that lead from one signing key of the registry to the next.

A list of lists is built again when what it says changes: a scheme or shard appears, a certificate is announced or begins to
sign, or a pivot is added. Its snapshot says whether it did.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from registry.domain.trust_list import Header
from registry.editions import Head
from registry.editions import PublishedDocument as Published
from registry.editions.bodies import load_snapshot
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, Document
from registry.publishers.base import ListOfLists, ListPointer
from registry.publishers.traits import REGISTRY, list_type
from registry.services.list_building import ONE_SHARD, Workbench
from registry.services.snapshots import pointers_snapshot
from registry.signing.key_records import Generation, Use
from registry.signing.keys import KeyStore

FOLDER = f"/lists/{REGISTRY}/{ONE_SHARD}"


def publish_lists_of_lists(bench: Workbench, wanted: Iterable[str]) -> None:
    """Build those lists of lists that say something new, and those that are `wanted` in any case."""
    told = set(wanted)
    for publisher in LISTS_OF_LISTS.values():
        key = (REGISTRY, publisher.format_id, ONE_SHARD)
        # What it says is found out inside the attempt, too: keys may be missing, snapshots unreadable.
        content = bench.setbacks.attempt(key, lambda p=publisher: _Content(bench, p))  # type: ignore[misc]
        if content is None or not content.pointers:
            continue
        if publisher.format_id in told or content.is_new:
            bench.publish(
                key,
                publisher.lifetime,
                content.assemble,
                folder=FOLDER,
                snapshot=bench.keep(content.snapshot),
            )


class _Content:
    """What one list of lists says in this round."""

    def __init__(self, bench: Workbench, publisher: ListOfLists) -> None:
        self.bench, self.publisher = bench, publisher
        self.signer = bench.signer(REGISTRY)
        self.pointers = tuple(_pointers(bench, publisher))
        head = bench.store.head(REGISTRY, publisher.format_id, ONE_SHARD)
        before = _snapshot(bench, head)
        self.pivots = _pivots(bench.publishing.base_url, head, before, self.signer.key_id)
        self.snapshot = pointers_snapshot(bench.operator, self.pointers, self.pivots, self.signer.key_id)
        self.is_new = before is None or before[0] != hashlib.sha256(self.snapshot).hexdigest()

    def assemble(self, header: Header) -> Document:
        return self.publisher.assemble(header, self.pointers, self.pivots, self.signer)


def _snapshot(bench: Workbench, head: Head | None) -> tuple[str, dict[str, Any]] | None:
    """Return digest and content of what the current issue was built from."""
    digest = bench.store.snapshot_of(head) if head else None
    return (digest, orjson.loads(load_snapshot(bench.store.directory, digest))) if digest else None


def _pivots(
    base_url: str, head: Head | None, before: tuple[str, dict[str, Any]] | None, key_id: str
) -> Sequence[str]:
    """Return the pivots, newest first: the last issue under the key before, and the pivots that it names itself.

    That issue announced the present key beside its own, so whoever trusted it can go on, as with the pivots of the EU.
    """
    if head is None or before is None:
        return ()
    earlier = tuple(before[1]["pivots"])
    return earlier if before[1]["key"] == key_id else (base_url + head.permanent_path, *earlier)


def _pointers(bench: Workbench, publisher: ListOfLists) -> Iterator[ListPointer]:
    """Yield a pointer to every list of the family, first of all to itself, so that its own next key is announced."""
    documents = sorted(_family(bench, publisher), key=lambda d: (d[0], d[2], d[1]))
    if not documents:
        return
    path = f"{FOLDER}/{publisher.file_name}"
    yield _pointer(bench, publisher, (REGISTRY, publisher.format_id, 1, path, publisher.media_type), 1)
    last = {slug: max(d[2] for d in documents if d[0] == slug) for slug, *_rest in documents}
    for document in documents:
        yield _pointer(bench, PUBLISHERS[document[1]], document, last[document[0]])


def _family(bench: Workbench, publisher: ListOfLists) -> set[tuple[str, str, int, str, str]]:
    """Return scheme, format, shard, address and media type of every list of the family that is or becomes published."""
    found: list[Head | Published] = [*bench.store.heads(), *(d for d in bench.documents if not d.companion)]
    return {
        (d.scheme, d.format_id, int(d.shard), d.path, d.media_type)
        for d in found
        if d.format_id in publisher.points_to
    }


def _pointer(
    bench: Workbench, format_: Any, document: tuple[str, str, int, str, str], shards: int
) -> ListPointer:
    slug, format_id, shard, path, media_type = document
    scheme = bench.scheme(slug)
    return ListPointer(
        scheme=scheme,
        shard=shard,
        shards=shards,
        format_id=format_id,
        url=bench.publishing.base_url + path,
        media_type=media_type,
        list_type=list_type(format_, scheme),
        certificates=announced(bench.publishing.keys, slug),
    )


def announced(keys: KeyStore, slug: str) -> tuple[bytes, ...]:
    """Return the certificates of a line of list keys, DER: the one that signs, then the announced one."""
    records = keys.records(Use.LIST, slug)
    order = (Generation.ACTIVE, Generation.NEXT)
    return tuple(r.certificates[0] for generation in order for r in records if r.generation is generation)
