"""Rebuilding all JSON documents of a registry of 100,000 issuers, shard by shard, against the least that they can cost.

The family: every format whose body is JSON, bare, by lines or in a JWS: the native list, NDJSON, both LoTEs, CTE,
CTDL, ELM, JSON-LD, the DCC registry, the list of lists, the statements. Measured is the publisher's own
`build_edition` with the edition store, without the write database, in a process of its own. The least is taken of
the very documents that it published: orjson of the content, gzip, and a signature where there is one. That gzip is
the standard library's at its usual level; told apart is the least with the faster one that the product has.
"""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import orjson

from registry.domain.trust_list import SHARD_SIZE
from registry.editions import Head
from registry.editions.bodies import compress
from registry.editions.reader import EditionReader, StoredDocument
from registry.editions.schema import open_reader
from registry.publishers import STATEMENT
from registry.publishers.base import JOSE
from registry.publishers.formats.ndjson import Ndjson
from registry.publishers.traits import REGISTRY
from registry.signing.jws import peek_compact
from registry.signing.signers import EcSigner
from tests.bench.results import Result

from vectors import sample

ROOT = Path(__file__).parents[2]
ISSUERS = 100_000
MOST = 3.0
FLAT = 8.0
"""MiB by which the peak of memory may grow from the second shard to any later one."""
GZIP_LEVEL = 6
SAMPLES = 5
"""Shards of which the least is taken, since it is the same for each."""


@dataclass(frozen=True, slots=True)
class Least:
    """CPU seconds: of orjson and signatures; of gzip by zlib; of the same by the product's library."""

    content: float = 0.0
    gzip: float = 0.0
    ours: float = 0.0

    def __add__(self, other: "Least") -> "Least":
        return Least(self.content + other.content, self.gzip + other.gzip, self.ours + other.ours)

    def times(self, factor: float) -> "Least":
        """Return that of so many times as much."""
        return Least(self.content * factor, self.gzip * factor, self.ours * factor)

    @property
    def cpu(self) -> float:
        """Return the least that the bound is about."""
        return self.content + self.gzip


@dataclass(slots=True)
class Found:
    """CPU seconds and the least for them; `lists`: by shard, from 1; `peaks`: MiB while the lists of each were built."""

    anew: float = 0.0
    least_anew: Least = Least()
    lists: list[float] = field(default_factory=list)
    least: dict[int, Least] = field(default_factory=dict)
    peaks: list[float] = field(default_factory=list)
    whole: float = 0.0
    least_whole: Least = Least()


def measure(directory: Path, issuers: int = ISSUERS) -> Iterator[Result]:
    """Rebuild in a process of its own, and take the least of some shards right after each."""
    shards = max(3, -(-issuers // SHARD_SIZE))
    found = _rebuild(directory, shards, issuers // shards)
    name = f"JSON of {issuers:,}"
    ours = sum(found.lists) + found.whole
    least = sum(found.least.values(), Least()).times(shards / len(found.least)) + found.least_whole
    yield Result(f"{name}: lists from kept fragments", ours, "CPU s")
    yield Result(f"{name}: orjson, gzip and signatures of them", least.cpu, "CPU s")
    ratios = [round(found.lists[number - 1] / one.cpu, 2) for number, one in found.least.items()]
    yield Result(
        f"{name}: lists from kept fragments / least",
        ours / least.cpu,
        "x",
        MOST,
        "at most",
        {"ratios": ratios},
    )
    yield Result(f"{name}: the same with the product's gzip", ours / (least.content + least.ours), "x")
    anew = (found.anew + found.lists[0]) / (found.least_anew + found.least[1]).cpu
    yield Result(f"{name}: fragments and statements anew, too / least", anew, "x")
    yield Result(f"{name}: peak memory of a shard", max(found.peaks), "MiB")
    grown = max(found.peaks[2:]) - found.peaks[1]
    yield Result(f"{name}: peak memory, later shards less second", grown, "MiB", FLAT, "at most")


def _rebuild(directory: Path, shards: int, size: int) -> Found:
    command = [sys.executable, "-m", "tests.bench.json_rebuild", str(directory), str(shards), str(size)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    pipe, found = subprocess.PIPE, Found()
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        found.anew, _peak = _answer(process.stdout)
        found.least_anew = _least(directory, lambda head: head.format_id == STATEMENT.format_id)
        for number in range(1, shards + 1):
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
            cpu, peak = _answer(process.stdout)
            found.lists.append(cpu)
            found.peaks.append(peak)
            if (number - 1) % -(-shards // SAMPLES) == 0:
                found.least[number] = _least(directory, lambda head, shard=str(number): _is_list(head, shard))
        process.stdin.write("0\n")
        process.stdin.close()
        found.whole, _peak = _answer(process.stdout)
        found.least_whole = _least(directory, lambda head: head.scheme == REGISTRY)
    return found


def _answer(answers: IO[str]) -> tuple[float, float]:
    line = answers.readline()
    if not line:
        raise SystemExit("bench: the publisher of JSON ended early")
    told = json.loads(line)
    return told["cpu"], told["memory"]


def _is_list(head: Head, shard: str) -> bool:
    return head.scheme != REGISTRY and head.format_id != STATEMENT.format_id and head.shard == shard


def _least(directory: Path, wanted: Callable[[Head], bool]) -> Least:
    """Return the least for the JSON documents among the current ones that are `wanted`."""
    connection = open_reader(directory / "editions")
    assert connection is not None
    with closing(connection):
        reader = EditionReader(connection, directory / "editions")
        heads = [head for head in reader.heads(statements=True) if wanted(head)]
        found = (reader.document(head.path) for head in heads)
        return sum((_least_of(d) for d in found if d is not None and _is_json(d.media_type)), Least())


def _is_json(media_type: str) -> bool:
    return media_type == JOSE or "json" in media_type


def _least_of(document: StoredDocument) -> Least:
    signed = document.media_type == JOSE
    payload = peek_compact(document.body).payload if signed else document.body
    lines = payload.splitlines() if document.format_id == Ndjson.format_id else [payload]
    content = [orjson.loads(line) for line in lines]
    start = time.process_time()
    for one in content:
        orjson.dumps(one)
    if signed:
        _SIGNER.sign(payload)
    written = time.process_time()
    gzip.compress(document.body, GZIP_LEVEL, mtime=0)
    packed = time.process_time()
    compress(document.body)
    return Least(written - start, packed - written, time.process_time() - packed)


_SIGNER = EcSigner("least", sample.private_key(1))
