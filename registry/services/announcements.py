"""Whether the next certificate of a line of list keys was announced: it stands in every list of lists that points there.

Whoever follows the lists takes a new certificate from a list that the old key has signed. One that was never announced so
is a certificate that anybody could have made, and every client would have to be told by other means.
"""

import base64
from collections.abc import Iterator
from typing import Any

import orjson

from registry.editions import EditionReader
from registry.editions.bodies import load_snapshot
from registry.publishers import LISTS_OF_LISTS
from registry.publishers.traits import REGISTRY
from registry.services.list_building import ONE_SHARD
from registry.signing.key_records import Generation, Use
from registry.signing.keys import KeyStore


def silent_lists(store: EditionReader, keys: KeyStore, slug: str) -> list[str]:
    """Return the addresses of published lists of lists that point to lists of a line and do not name its next certificate.

    Empty too where nothing of the line was published, so that nobody trusts its key yet, and where no next key waits.
    """
    upcoming = next((r for r in keys.records(Use.LIST, slug) if r.generation is Generation.NEXT), None)
    if upcoming is None:
        return []
    wanted = base64.b64encode(upcoming.certificates[0]).decode()
    named = {(path, wanted in pointer["certificates"]) for path, pointer in _pointers(store, slug)}
    return sorted({path for path, names_it in named if not names_it})


def _pointers(store: EditionReader, slug: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the pointers to lists of a line as they stand published, each with the list of lists that holds it."""
    for format_id in LISTS_OF_LISTS:
        head = store.head(REGISTRY, format_id, ONE_SHARD)
        digest = store.snapshot_of(head) if head else None
        if head is None or digest is None:
            continue
        for pointer in orjson.loads(load_snapshot(store.directory, digest))["pointers"]:
            if pointer["scheme"]["slug"] == slug:
                yield head.path, pointer
