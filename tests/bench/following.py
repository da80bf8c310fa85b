"""A daily follower of 100,000 issuers in 20 shards, 100 of which changed: bytes of deltas against those of whole lists."""

import gzip
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson

from registry.domain.trust_list import SHARD_SIZE, Header, canonical_json, entry_to_wire
from registry.editions.bodies import GZIP_LEVEL
from registry.publishers.deltas import apply_delta, build_delta, merge_deltas
from registry.publishers.formats.native_json import NativeJson, list_head
from tests.bench.results import Result

from support.editions import START
from vectors import sample

ISSUERS, CHANGES, ISSUES = 100_000, 100, 4
"""`ISSUES`: numbers of each shard in a day, two of them for freshness alone."""
MOST = 0.01


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
        wrong += apply_delta(old, merged) != shard.document
        fetched += _packed(merged)
        whole += _packed(shard.document)
    yield Result("followed lists that differ from the published ones", wrong, "", 0, "exactly")
    yield Result("whole lists, compressed", whole / 2**20, "MiB")
    yield Result("deltas of a day, compressed", fetched / 2**10, "KiB")
    yield Result("deltas of a day / whole lists", fetched / whole, "x", MOST, "at most")


def _entry(chance: random.Random) -> tuple[str, bytes]:
    """Return an issuer with an id, keys and numbers of its own, which compress no better than real ones."""
    number = chance.getrandbits(32)
    wire = orjson.loads(canonical_json(entry_to_wire(_TEMPLATE, sample.ISSUED_AT)))
    wire["id"] = f"{number:08x}-{chance.getrandbits(96):024x}"
    wire["slug"] = f"university-{number}"
    wire["decision"]["id"] = f"{chance.getrandbits(128):032x}"
    for identity in wire["identities"]:
        identity["value"] = f"{chance.getrandbits(256):064x}"
        identity["certificate"] = chance.randbytes(450).hex()
    return wire["id"], canonical_json(wire)


_TEMPLATE = sample.entry(1, [sample.grant(1)], [sample.x509(1)])


def _changed(entry: bytes) -> bytes:
    return canonical_json(orjson.loads(entry) | {"status": "suspended"})


def _packed(body: bytes) -> int:
    return len(gzip.compress(body, GZIP_LEVEL, mtime=0))
