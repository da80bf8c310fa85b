"""Which documents are due by themselves: those that grow old, that are tried again or had to wait, that never were built."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from registry.editions import EditionStore, Head, Key
from registry.editions.freshness import is_late
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, STATEMENT
from registry.publishers.formats.native_json import NativeJson
from registry.publishers.traits import REGISTRY, is_registry_wide


@dataclass(frozen=True, slots=True)
class Due:
    """A document that is due; `late`: far too long; `failed`: it could not be built before."""

    key: Key
    late: bool = False
    failed: bool = False


def formats_of(scheme: str) -> frozenset[str]:
    """Return the formats of the lists of a scheme, or of the documents of the whole registry."""
    wide = {format_id for format_id, publisher in PUBLISHERS.items() if is_registry_wide(publisher)}
    return frozenset(wide | LISTS_OF_LISTS.keys() if scheme == REGISTRY else PUBLISHERS.keys() - wide)


def due_documents(store: EditionStore, at: datetime) -> list[Due]:
    """Return what is to be built at `at`, urgent first. What failed is left alone until its pause is over.

    Formats that this program does not know are left out: what is there stays until somebody runs a program that does.
    """
    rework = {one.key: one for one in store.rework()}
    found: dict[Key, Due] = {}
    for head in store.due(at):
        one = rework.get(_key(head))
        if one is None or one.due_at <= at:
            found[_key(head)] = Due(_key(head), late=is_late(head, at), failed=bool(one and one.error))
    for key, one in rework.items():
        if one.due_at <= at:
            found.setdefault(key, Due(key, failed=bool(one.error)))
    for key in _missing(store):
        if key not in rework:
            found.setdefault(key, Due(key))
    return [
        due for key, due in found.items() if key[1] == STATEMENT.format_id or key[1] in formats_of(key[0])
    ]


def _key(head: Head) -> Key:
    return head.scheme, head.format_id, head.shard


def _missing(store: EditionStore) -> Iterator[Key]:
    """Yield lists of a format that came with a newer program, for shards that are published already."""
    counts = store.counts()
    lists = counts.get(NativeJson.format_id, 0)
    lacking = {f for f in formats_of("") if counts.get(f, 0) < lists}
    if lacking:
        known = {_key(head) for head in store.heads()}
        shards = [
            (head.scheme, head.shard) for head in store.heads() if head.format_id == NativeJson.format_id
        ]
        yield from ((s, f, n) for s, n in shards for f in sorted(lacking) if (s, f, n) not in known)
    for format_id in formats_of(REGISTRY):
        family = (
            LISTS_OF_LISTS[format_id].points_to if format_id in LISTS_OF_LISTS else (NativeJson.format_id,)
        )
        if not counts.get(format_id) and any(counts.get(one) for one in family):
            yield REGISTRY, format_id, "1"
