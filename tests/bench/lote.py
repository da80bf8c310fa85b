"""Building and signing an ETSI LoTE list of 10,000 services, in a process of its own for its memory."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from registry.publishers import PUBLISHERS, build
from registry.signing.jws import peek_compact
from registry.signing.signers import EcSigner
from tests.bench import memory
from tests.bench.results import Result

ROOT = Path(__file__).parents[2]
SERVICES = 10_000
CPU_SECONDS = 3.0
MEGABYTES = 300.0
ISSUERS = {"lote_register": 5_000, "lote_anchors": 10_000}
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
        "services": _count(document.body),
        "signatures": CountingSigner.count,
        "size": len(document.body) / 2**20,
        "cpu": cpu,
        "memory": most,
    }


def _count(body: bytes) -> int:
    entities = json.loads(peek_compact(body).payload)["LoTE"]["TrustedEntitiesList"]
    return sum(len(entity["TrustedEntityServices"]) for entity in entities)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    sys.stdout.write(json.dumps(build_one(sys.argv[1])))
