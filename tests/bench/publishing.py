"""Publishing after one decision, by the publisher itself, in registries of growing size.

A decision is announced in a transaction; then `publish` drains the outbox. While the list waits for its debounce the
statement is published alone; a minute later the monolithic lists of the one touched shard follow, measured apart.
"""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import event

from registry.database import Database
from registry.editions import EditionStore
from registry.models.issuer import Issuer
from registry.publishers import PUBLISHERS
from registry.services import publication
from registry.services.outbox import announce
from registry.signing.keys import KeyStore, Use
from registry.signing.signers import Signer
from tests.bench.growing import DATABASE, Template, clone_id, create, grow, make_template
from tests.bench.results import Result

from support.world import Registry, opened_registry

SIZES = (1_000, 10_000, 100_000)
DECISIONS = 15
LISTS = 3
MOST_GROWTH = 0.15
"""Greatest exponent with which the CPU time of one decision may grow with the registry."""
MOST_BESIDE_SIGNATURES = 0.005
"""CPU seconds that one decision may take beside 25 signatures, apart from the write database and monolithic lists."""
SIGNATURES_OF_LISTS = sum(publisher.signed for publisher in PUBLISHERS.values())


@dataclass(slots=True)
class Counts:
    """What one act took; `cpu` in seconds, `size` in bytes written to log files and new files.

    `building` is the part of `cpu` that is not the write database's: building, signing, and the edition store.
    """

    signatures: float = 0
    queries: float = 0
    files: float = 0
    size: float = 0
    cpu: float = 0
    building: float = 0


class CountingKeys(KeyStore):
    """A key store whose signers count their signatures."""

    counts: Counts

    def signer(self, name: str, use: Use = Use.LIST) -> Signer:
        """Return the signer, counting."""
        return _Counting(super().signer(name, use), self.counts)


class _Counting:
    def __init__(self, signer: Signer, counts: Counts) -> None:
        self._signer, self._counts = signer, counts
        self.key_id, self.algorithm, self.certificates = signer.key_id, signer.algorithm, signer.certificates

    def sign(self, data: bytes) -> bytes:
        self._counts.signatures += 1
        return self._signer.sign(data)


@dataclass(slots=True)
class Bench:
    """One registry of a size and what was counted in it so far."""

    registry: Registry
    database: Path
    template: Template
    start: datetime
    counts: Counts
    decided: int = 0
    statements: list[Counts] = field(default_factory=list)
    lists: list[Counts] = field(default_factory=list)

    def decide(self, at: datetime) -> None:
        """Publish one decision: the statement, for the list waits."""
        self.decided += 1
        with self.registry.database.transaction() as session:
            issuer = session.get_one(Issuer, clone_id(self.template.issuer, self.decided))
            issuer.institution.slug += "-changed"  # every format says something else from now on
            announce(session, issuer, at=at)
        self.statements.append(self._publish(at))

    def catch_up(self, at: datetime) -> None:
        """Publish the lists that waited."""
        self.lists.append(self._publish(at))

    def _publish(self, at: datetime) -> Counts:
        return self._counted(lambda: publication.publish(self.registry.publishing, at=at))[0]

    def everything(self, at: datetime) -> tuple[Counts, publication.Summary]:
        """Build every document again."""
        return self._counted(lambda: publication.publish(self.registry.publishing, at=at, everything=True))

    def _counted(self, act: Callable[[], publication.Summary]) -> tuple[Counts, publication.Summary]:
        before = self._now()
        with _timed(self.counts):
            done = act()
        after = self._now()
        taken = {f.name: getattr(after, f.name) - getattr(before, f.name) for f in fields(Counts)}
        return Counts(**taken), done

    def _now(self) -> Counts:
        editions = self.registry.settings.editions
        logs = [self.database.with_name(self.database.name + "-wal"), editions / "editions.sqlite-wal"]
        # No checkpoint cuts the logs while the bench runs: all that was written stands in them.
        files = [
            path
            for folder in ("bodies", "snapshots")
            for path in (editions / folder).rglob("*")
            if path.is_file()
        ]
        size = sum(path.stat().st_size for path in (*logs, *files) if path.exists())
        return replace(self.counts, files=len(files), size=size, cpu=time.process_time())


def measure(directory: Path, sizes: tuple[int, ...] = SIZES) -> Iterator[Result]:
    """Publish decisions turn by turn at every size, then lists; print what one took, and how it grows."""
    with ExitStack() as stack:
        folders = {size: directory / str(size) for size in sizes}
        benches = {size: opened(stack, folder, grown(folder, size)) for size, folder in folders.items()}
        allowed = 1000 * (25 * _one_signature(benches[sizes[0]]) + MOST_BESIDE_SIGNATURES)
        for _ in range(DECISIONS + 1):
            for bench in benches.values():
                bench.decide(bench.start + timedelta(seconds=2))
        # The first time, the lists of lists learn of the shards that the registry was grown by.
        for turn in range(LISTS + 1):
            for bench in benches.values():
                if (
                    turn
                ):  # something has to wait for the next list: a decision two seconds after the one before
                    bench.decide(bench.start + timedelta(minutes=turn, seconds=4))
                bench.catch_up(bench.start + timedelta(minutes=turn + 1, seconds=2))
        for size, bench in benches.items():
            yield from _report(f"one decision at {size:,}", bench.statements[1:], 1, allowed)
        yield _growth("one decision", {size: bench.statements[1:] for size, bench in benches.items()})
        yield _constant("one decision: queries, most less fewest", benches)
        for size, bench in benches.items():
            yield from _report(f"lists of its shard at {size:,}", bench.lists[1:], SIGNATURES_OF_LISTS)
        yield _growth("lists of a full shard", {size: benches[size].lists[1:] for size in sizes[1:]})


def grown(folder: Path, issuers: int) -> Template:
    """Make a registry of so many issuers."""
    with ExitStack() as stack:
        registry, path = create(stack, folder)
        template = make_template(registry)
        grow(registry, path, template, issuers)
    return template


def opened(stack: ExitStack, folder: Path, template: Template) -> Bench:
    """Open a registry that was grown from a template; everything is counted in it."""
    path = folder / DATABASE
    database = Database(f"sqlite:///{path}")
    stack.callback(database.dispose)
    registry = stack.enter_context(opened_registry(database, folder, template.at))
    counts = Counts()
    _count_queries(database, counts)
    keys = CountingKeys.open(folder / "keys.json")
    assert isinstance(keys, CountingKeys)
    keys.counts = counts
    registry.publishing = replace(registry.publishing, keys=keys)
    registry.publishing.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    registry.publishing.store.connection.execute("PRAGMA wal_autocheckpoint=0")
    return Bench(registry, path, template, registry.clock(), counts)


def _count_queries(database: Database, counts: Counts) -> None:
    """Count statements sent to the write database, and let its log grow: its size is what was written."""
    database.engine.dispose()

    def count(*_: object) -> None:
        counts.queries += 1

    event.listen(database.engine, "before_cursor_execute", count)
    event.listen(
        database.engine, "connect", lambda connection, _: connection.execute("PRAGMA wal_autocheckpoint=0")
    )


@contextmanager
def _timed(counts: Counts) -> Iterator[None]:
    """Count the CPU time of building an edition and of putting it into the edition store."""

    def timed(act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return act(*arguments, **named)
            finally:
                counts.building += time.process_time() - start

        return call

    build, apply = publication.build_edition, EditionStore.apply
    with (
        mock.patch.object(publication, "build_edition", timed(build)),
        mock.patch.object(EditionStore, "apply", timed(apply)),
    ):
        yield


def _report(
    name: str, found: list[Counts], signatures: int, allowed: float | None = None
) -> Iterator[Result]:
    def middle(what: str) -> float:
        return float(statistics.median(getattr(counts, what) for counts in found))

    wrong = [counts.signatures for counts in found if counts.signatures != signatures]
    yield Result(f"{name}: signatures", wrong[0] if wrong else signatures, "", signatures, "exactly")
    yield Result(f"{name}: queries", middle("queries"), "")
    yield Result(f"{name}: files", middle("files"), "")
    yield Result(f"{name}: written", middle("size") / 1024, "KiB")
    yield Result(f"{name}: CPU", middle("cpu") * 1000, "ms")
    yield Result(
        f"{name}: CPU without the write database", middle("building") * 1000, "ms", allowed, "at most"
    )


def _growth(name: str, found: Mapping[int, list[Counts]]) -> Result:
    """Return the exponent of growth of CPU time between the smallest and the largest registry, from the median ratio."""
    small, large = min(found), max(found)
    pairs = zip(found[small], found[large], strict=True)
    ratios = [after.building / before.building for before, after in pairs]
    exponent = math.log(statistics.median(ratios)) / math.log(large / small) if large > small else 0.0
    detail = {"ratios": [round(ratio, 2) for ratio in ratios]}
    return Result(
        f"{name}: growth exponent, {small:,} to {large:,}", exponent, "", MOST_GROWTH, "at most", detail
    )


def _one_signature(bench: Bench) -> float:
    """Return the CPU time of one ES256 signature, in seconds."""
    signer = KeyStore.signer(bench.registry.publishing.keys, bench.template.scheme)
    start = time.process_time()
    for _ in range(200):
        signer.sign(b"a decision")
    return (time.process_time() - start) / 200


def _constant(name: str, benches: Mapping[int, Bench]) -> Result:
    queries = [counts.queries for bench in benches.values() for counts in bench.statements[1:]]
    return Result(name, max(queries) - min(queries), "", 0, "exactly")
