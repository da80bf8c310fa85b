"""Building and signing an ETSI list of 10,000 services, in a process of its own for its memory."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from registry.domain.trust_list import TrustList
from registry.publishers import PUBLISHERS, Document, Publisher, build
from registry.publishers.base import JOSE
from registry.signing.jws import peek_compact
from registry.signing.signers import EcSigner
from tests.bench import memory
from tests.bench.results import Result

ROOT = Path(__file__).parents[2]
SERVICES = 10_000
CPU_SECONDS = 3.0
MEGABYTES = 300.0
JOINED = 0.3
"""Most of the CPU time of a build from scratch that joining and signing kept fragments may take."""
ISSUERS = {"lote_register": 5_000, "lote_anchors": 10_000, "tl_xml": 5_000}
"""Issuers with one certificate each with which the list of a format has 10,000 services."""


class CountingSigner(EcSigner):
    """A signer that counts its signatures."""

    count = 0

    def sign(self, data: bytes) -> bytes:
        """Sign and count."""
        type(self).count += 1
        return super().sign(data)


def measure(_directory: Path) -> Iterator[Result]:
    """Build each list once; say its size, signatures, CPU time and the peak memory of the whole process."""
    for format_id in ISSUERS:
        command = [sys.executable, "-m", "tests.bench.lote", format_id]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
        yield Result(f"{format_id}: services", found["services"], "", SERVICES, "exactly")
        yield Result(f"{format_id}: signatures", found["signatures"], "", 1, "exactly")
        yield Result(f"{format_id}: size", found["size"], "MiB")
        yield Result(f"{format_id}: build and sign", found["cpu"], "CPU s", CPU_SECONDS, "at most")
        yield Result(f"{format_id}: from kept fragments", found["joined"], "x", JOINED, "at most")
        yield Result(f"{format_id}: peak memory", found["memory"], "MiB", MEGABYTES, "at most")


def build_one(format_id: str) -> dict[str, Any]:
    """Build the list of one format and return what it took; making the issuers is not counted, but for memory."""
    from vectors import sample

    issuers = range(ISSUERS[format_id])
    entries = [sample.entry(n, [sample.grant(n)], [sample.x509(n)]) for n in issuers]
    plain, trust_list = sample.signer(), sample.sample_list(entries)
    signer = CountingSigner(plain.key_id, sample.private_key(1), plain.certificates)
    before = time.process_time()
    document = build(PUBLISHERS[format_id], trust_list, sample.header(), signer)
    cpu = time.process_time() - before
    most = memory.peak()  # before the services are counted: reading the list takes more than making it
    return {
        "services": _count(document),
        "signatures": CountingSigner.count,
        "size": len(document.body) / 2**20,
        "cpu": cpu,
        "joined": _joining(PUBLISHERS[format_id], trust_list, plain) / cpu,
        "memory": most,
    }


def _joining(publisher: Publisher, trust_list: TrustList, signer: EcSigner) -> float:
    """Return the CPU seconds that a list takes when its fragments are there already."""
    from vectors import sample

    kept = [
        publisher.entry(entry, trust_list.scheme, trust_list.as_of) or b"" for entry in trust_list.entries
    ]
    before = time.process_time()
    publisher.assemble(sample.header(), kept, signer)
    return time.process_time() - before


def _count(document: Document) -> int:
    if document.media_type != JOSE:
        return document.body.count(b"<TSPService>")
    entities = json.loads(peek_compact(document.body).payload)["LoTE"]["TrustedEntitiesList"]
    return sum(len(entity["TrustedEntityServices"]) for entity in entities)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    sys.stdout.write(json.dumps(build_one(sys.argv[1])))
