"""Building every document of a registry anew: all formats, fragments and statements too, in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.bench import memory
from tests.bench.results import Result

ROOT = Path(__file__).parents[2]
ISSUERS = 10_000
CPU_SECONDS = 10.0
MEGABYTES = 600.0


def measure(_directory: Path, issuers: int = ISSUERS) -> Iterator[Result]:
    """Rebuild once; say what it took apart from the write database, and the peak of memory of the whole process."""
    command = [sys.executable, "-m", "tests.bench.rebuilding", str(issuers)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
    yield Result(f"rebuild of {issuers:,}: documents", found["documents"], "")
    yield Result(f"rebuild of {issuers:,}: signatures", found["signatures"], "")
    yield Result(f"rebuild of {issuers:,}: written", found["size"], "MiB")
    yield Result(f"rebuild of {issuers:,}: CPU with the write database", found["cpu"], "s")
    yield Result(f"rebuild of {issuers:,}: CPU", found["building"], "s", CPU_SECONDS, "at most")
    yield Result(f"rebuild of {issuers:,}: peak memory", found["memory"], "MiB", MEGABYTES, "at most")


def rebuild(issuers: int) -> dict[str, Any]:
    """Grow a registry, build everything again, and return what it took."""
    from tests.bench import publishing

    with tempfile.TemporaryDirectory(prefix="registry-bench-") as name, ExitStack() as stack:
        folder = Path(name) / "registry"
        # Growing takes memory of its own, which a process never gives back.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
            template = elsewhere.submit(publishing.grown, folder, issuers).result()
        bench = publishing.opened(stack, folder, template)
        counts, done = bench.everything(bench.start + timedelta(minutes=1))
        return {
            "documents": done.documents,
            "signatures": counts.signatures,
            "size": done.size / 2**20,
            "cpu": counts.cpu,
            "building": counts.building,
            "memory": memory.peak(),
        }


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    sys.stdout.write(json.dumps(rebuild(int(sys.argv[1]))))
