"""A daily follower of 100,000 issuers in 20 shards, 100 of which changed: bytes of deltas against those of whole lists."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from joserfc.jwk import ECKey

from registry.domain.trust_list import SHARD_SIZE, Header, canonical_json, entry_to_wire
from registry.editions.bodies import compress
from registry.publishers.deltas import apply_delta, build_delta, merge_deltas
from registry.publishers.formats.native_json import NativeJson, list_head
from registry.signing.jws import JwsInvalid, verify_compact
from tests.bench.results import Result

from support.editions import START
from vectors import sample

ISSUERS, CHANGES, ISSUES = 100_000, 100, 4
"""`ISSUES`: numbers of each shard in a day, two of them for freshness alone."""
MOST = 1.0
"""Percent of the bytes of the whole lists."""


@dataclass(slots=True)
class Shard:
    """One shard: canonical entries by id, its current document, and the deltas of the day."""

    number: int
    entries: dict[str, bytes]
    document: bytes = b""
    sequence: int = 0

    def issue(self, shards: int, changed: dict[str, bytes]) -> bytes | None:
        """Issue the list again; return the delta from the issue before, if there was one."""
        before = (self.sequence, hashlib.sha256(self.document).hexdigest())
        self.entries |= changed
        self.sequence += 1
        at = START + timedelta(hours=6 * self.sequence)
        header = Header(sample.SCHEME, self.number, shards, self.sequence, at, at + timedelta(days=1))
        bodies = [self.entries[issuer] for issuer in sorted(self.entries)]
        self.document = NativeJson().assemble(header, bodies, sample.signer()).body
        if before[0] == 0:
            return None
        return build_delta(self.document, list_head(header), before, [changed[i] for i in sorted(changed)])


def measure(_directory: Path, issuers: int = ISSUERS) -> Iterator[Result]:
    """Follow every shard over one day and compare bytes, compressed alike; every result has to be the published one."""
    chance = random.Random(1)  # the same invented issuers each time
    shards = -(-issuers // SHARD_SIZE)
    whole = fetched = wrong = 0
    left = CHANGES
    for number in range(1, shards + 1):
        shard = Shard(number, dict(_entry(chance) for _ in range(min(SHARD_SIZE, issuers))))
        shard.issue(shards, {})
        old, deltas = shard.document, []
        share = round(left / (shards - number + 1))
        left -= share
        for issue in range(ISSUES):
            count = share // 2 + issue * (share % 2) if issue < 2 else 0
            chosen = chance.sample(sorted(shard.entries), count)
            delta = shard.issue(shards, {issuer: _changed(shard.entries[issuer]) for issuer in chosen})
            deltas.append(delta or b"")
        merged = merge_deltas(deltas)
        wrong += not _is_published(apply_delta(old, merged), shard.document)
        fetched += _packed(merged)
        whole += _packed(shard.document)
    yield Result(
        "followed lists that do not verify or differ from the published ones", wrong, "", 0, "exactly"
    )
    yield Result("whole lists, compressed", whole / 2**20, "MiB")
    yield Result("deltas of a day, compressed", fetched / 2**10, "KiB")
    yield Result("deltas of a day / whole lists", 100 * fetched / whole, "%", MOST, "at most")


def _is_published(followed: bytes, published: bytes) -> bool:
    """Whether the signature of what a follower arrived at verifies, and it is the published list byte for byte."""
    try:
        verify_compact(followed, _KEY)
    except JwsInvalid:
        return False
    return followed == published


_KEY = ECKey.import_key(sample.signer().private_key.public_key())


def _entry(chance: random.Random) -> tuple[str, bytes]:
    """Return an issuer with an id, keys and numbers of its own, which compress no better than real ones."""
    number = chance.getrandbits(32)
    issuer = f"{number:08x}-{chance.getrandbits(96):024x}"
    body = _TEMPLATE.replace(b"<id>", issuer.encode()).replace(b"<slug>", b"university-%d" % number)
    for mark, bits in ((b"<decision>", 128), (b"<value>", 256), (b"<certificate>", 8 * 450)):
        body = body.replace(mark, b"%0*x" % (bits // 4, chance.getrandbits(bits)))
    return issuer, body


def _template() -> bytes:
    """Return an issuer with marks in the places of what every issuer has of its own."""
    wire = entry_to_wire(sample.entry(1, [sample.grant(1)], [sample.x509(1)]), sample.ISSUED_AT)
    marked: Any = orjson.loads(canonical_json(wire)) | {"id": "<id>", "slug": "<slug>"}
    marked["decision"]["id"] = "<decision>"
    marked["identities"][0] |= {"value": "<value>", "certificate": "<certificate>"}
    return canonical_json(marked)


_TEMPLATE = _template()


def _changed(entry: bytes) -> bytes:
    return canonical_json(orjson.loads(entry) | {"status": "suspended"})


def _packed(body: bytes) -> int:
    return len(compress(body))
