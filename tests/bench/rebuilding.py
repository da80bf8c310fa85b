"""Building every document of a registry anew, by the publisher itself, in a process of its own.

Told apart are the formats (what each says of every issuer, and its lists, signed), the statements of the issuers, and the
edition store with its compressed copies. The bound is that of all formats built and signed; the others have none.
Everything is rebuilt some times, and the least time counts: what disturbs a run on a shared machine only adds to it.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

from registry.editions import EditionStore
from registry.services import edition_building
from registry.services.fragments import Fragments
from registry.services.list_building import Workbench
from tests.bench import memory
from tests.bench.results import Result

ROOT = Path(__file__).parents[2]
ISSUERS = 10_000
CPU_SECONDS = 10.0
MEGABYTES = 600.0
RUNS = 3
PARTS: Mapping[str, tuple[tuple[Any, str], ...]] = {
    "formats": (
        (Fragments, "canonical"),
        (Fragments, "refresh"),
        (Workbench, "lists"),
        (Workbench, "registry_wide"),
        (edition_building, "publish_lists_of_lists"),
    ),
    "statements": ((Workbench, "statement"),),
    "edition store": ((EditionStore, "fragments"), (EditionStore, "put_away"), (EditionStore, "apply")),
}
"""The functions that each part of the work is done in; one that is called inside another counts for its own part alone."""


def measure(_directory: Path, issuers: int = ISSUERS) -> Iterator[Result]:
    """Rebuild some times; say what each part took in the best run, and the peak of memory of the whole process."""
    command = [sys.executable, "-m", "tests.bench.rebuilding", str(issuers)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
    name = f"rebuild of {issuers:,}"
    yield Result(f"{name}: documents", found["documents"], "")
    yield Result(f"{name}: signatures", found["signatures"], "")
    yield Result(f"{name}: written", found["size"], "MiB")
    yield Result(f"{name}: CPU of all formats", found["formats"], "s", CPU_SECONDS, "at most")
    yield Result(f"{name}: CPU of statements", found["statements"], "s")
    yield Result(f"{name}: CPU of the edition store", found["edition store"], "s")
    yield Result(f"{name}: CPU of all, with the write database", found["cpu"], "s")
    yield Result(f"{name}: peak memory", found["memory"], "MiB", MEGABYTES, "at most")


@contextmanager
def timed_parts() -> Iterator[dict[str, float]]:
    """Yield the CPU seconds that each part has taken so far."""
    taken = dict.fromkeys(PARTS, 0.0)
    running: list[str] = []
    since = 0.0

    def timed(part: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            turn_to([*running, part])
            try:
                return act(*arguments, **named)
            finally:
                turn_to(running[:-1])

        return call

    def turn_to(parts: list[str]) -> None:
        nonlocal since
        now = time.process_time()
        if running:
            taken[running[-1]] += now - since
        since, running[:] = now, parts

    with ExitStack() as stack:
        for part, functions in PARTS.items():
            for owner, name in functions:
                stack.enter_context(mock.patch.object(owner, name, timed(part, getattr(owner, name))))
        yield taken


def rebuild(issuers: int) -> dict[str, Any]:
    """Grow a registry, build everything again some times, and return what the best run took."""
    from tests.bench import publishing

    with tempfile.TemporaryDirectory(prefix="registry-bench-") as name, ExitStack() as stack:
        folder = Path(name) / "registry"
        # Growing takes memory of its own, which a process never gives back.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
            template = elsewhere.submit(publishing.grown, folder, issuers).result()
        bench = publishing.opened(stack, folder, template)
        runs = [_run(bench, bench.start + timedelta(minutes=n)) for n in range(1, RUNS + 1)]
        return {**min(runs, key=lambda run: run["formats"]), "memory": memory.peak()}


def _run(bench: Any, at: datetime) -> dict[str, float]:
    with timed_parts() as taken:
        counts, done = bench.everything(at)
    return {
        **taken,
        "documents": done.documents,
        "signatures": counts.signatures,
        "size": done.size / 2**20,
        "cpu": counts.cpu,
    }


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    sys.stdout.write(json.dumps(rebuild(int(sys.argv[1]))))
