"""Readers while one decision a second is published: the real server and worker, readers in a process of their own.

Turns without and with decisions alternate under the same load. Lists follow as their debounce lets them, so every turn with
decisions holds the building of all lists of the shard, as often as the product does it.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from registry.models.issuer import Issuer
from registry.services import installation, publication
from registry.services.outbox import announce
from tests.bench.growing import Template, clone_id, create, grow, make_template
from tests.bench.results import Result
from tests.bench.servers import Server, python, running

from support.world import Registry

ROOT = Path(__file__).parents[2]
ISSUERS = 1_000
"""Lists of so many issuers are built every ten seconds, larger ones as much less often as they take longer."""
TURNS = 7
SECONDS = 6
MOST = 1.5
FEWEST = 0.5
SHOWN = 20
PATIENCE = 120
_NAME = "reading while publishing"


@dataclass(slots=True)
class Turn:
    """One turn of load: latencies in ms, and what went wrong."""

    latencies: dict[str, list[float]]
    failed: list[str]
    mixed: list[str]
    editions: int = 0

    @property
    def p99(self) -> float:
        """Return the latency that one of a hundred requests exceeds, in ms."""
        return statistics.quantiles((ms for found in self.latencies.values() for ms in found), n=100)[98]


@dataclass(slots=True)
class Scene:
    """A registry that a server and its worker run on."""

    registry: Registry
    template: Template
    server: Server
    issuers: list[str]
    decided: int = 0
    turns: int = 0
    idle: list[Turn] = field(default_factory=list)
    busy: list[Turn] = field(default_factory=list)

    def turn(self, seconds: int, *, deciding: bool) -> Turn:
        """Read for some seconds, while a decision a second is announced or nothing happens."""
        self.turns += 1
        before = self.edition()
        wanted = {"port": self.server.port, "issuers": self.issuers, "seconds": seconds, "seed": self.turns}
        command = [sys.executable, "-m", "tests.bench.readers"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as readers:
            assert readers.stdin is not None
            assert readers.stdout is not None
            readers.stdin.write(json.dumps(wanted) + "\n")
            readers.stdin.close()
            start = time.monotonic()
            for second in range(seconds if deciding else 0):
                time.sleep(max(0.0, start + second - time.monotonic()))
                self.decide()
            found = json.loads(readers.stdout.read())
        return Turn(**found, editions=self.edition() - before)

    def decide(self) -> None:
        """Announce one decision; every format says something else of its issuer from then on."""
        self.decided += 1
        with self.registry.database.transaction() as session:
            issuer = session.get_one(
                Issuer, clone_id(self.template.issuer, 1 + self.decided % (len(self.issuers) - 1))
            )
            issuer.institution.slug += "-x"
            announce(session, issuer, at=_now())

    def edition(self) -> int:
        """Return the number of the last edition."""
        return self.registry.publishing.store.number()

    def settle(self) -> None:
        """Wait until the worker has published all that waits."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with self.registry.database.reading() as session:
                waits = publication.pending(session, _now())
            if not waits and not self.registry.publishing.store.rework():
                break
            time.sleep(0.2)
        else:
            raise SystemExit("bench: the worker does not publish what waits")
        time.sleep(1)


def measure(
    directory: Path, *, issuers: int = ISSUERS, turns: int = TURNS, seconds: int = SECONDS
) -> Iterator[Result]:
    """Compare latencies of turns without and with decisions; say what failed and what was mixed."""
    with ExitStack() as stack:
        registry, template = _opened(stack, directory, issuers)
        environment = {
            "REGISTRY_DATA": str(directory),
            "REGISTRY_BASE_URL": registry.settings.base_url,
            "REGISTRY_SIGNALS": "no",
            "REGISTRY_TRUSTED_HOSTS": "127.0.0.1",
        }
        server = stack.enter_context(
            running(python("-m", "registry", "serve", "--port", "{port}"), environment)
        )
        ids = [str(template.issuer), *(str(clone_id(template.issuer, n)) for n in range(1, issuers))]
        scene = Scene(registry, template, server, ids)
        scene.decide()
        scene.settle()
        scene.turn(3, deciding=False)  # readers and server warm up
        for turn in range(turns):
            # Which comes first changes, so that a machine that grows busier favours neither.
            for deciding in (False, True) if turn % 2 else (True, False):
                (scene.busy if deciding else scene.idle).append(scene.turn(seconds, deciding=deciding))
                if deciding:
                    scene.settle()
        yield from _report(scene, turns * seconds)


def _report(scene: Scene, seconds: int) -> Iterator[Result]:
    idle, busy = ([turn.p99 for turn in turns] for turns in (scene.idle, scene.busy))
    # Medians before the ratio: a turn that somebody else on this machine spoils shall not count, on either side.
    without, with_ = statistics.median(idle), statistics.median(busy)
    both = [*scene.idle, *scene.busy]
    failed, mixed = ([said for turn in both for said in getattr(turn, what)] for what in ("failed", "mixed"))
    ratios = [after / before for before, after in zip(idle, busy, strict=True)]
    yield Result(f"{_NAME}: requests", sum(len(f) for turn in both for f in turn.latencies.values()), "")
    editions = sum(turn.editions for turn in scene.busy) / seconds
    # A round that builds lists takes more than a second; what is decided meanwhile is the next one's.
    yield Result(f"{_NAME}: editions a second", editions, "", FEWEST, "at least")
    yield Result(f"{_NAME}: failed requests", len(failed), "", 0, "exactly", {"first": failed[:SHOWN]})
    yield Result(f"{_NAME}: mixed editions", len(mixed), "", 0, "exactly", {"first": mixed[:SHOWN]})
    yield Result(f"{_NAME}: p99 without", without, "ms", detail={"turns": idle})
    yield Result(f"{_NAME}: p99 with", with_, "ms", detail={"turns": busy})
    detail = {"ratios": [round(ratio, 2) for ratio in ratios]}
    yield Result(f"{_NAME}: p99 with / without", with_ / without, "x", MOST, "at most", detail)


def _opened(stack: ExitStack, folder: Path, issuers: int) -> tuple[Registry, Template]:
    """Open a registry of so many issuers, as `registry init` leaves it, at the present time."""
    at = _now() - timedelta(minutes=5)  # what makes the issuers moves the clock on
    registry, path = create(stack, folder, at)
    settings = registry.settings
    installation.initialize(settings, at=at)
    registry.publishing.keys.reload()
    registry.publishing = replace(registry.publishing, operator=installation.fixed_operator(settings))
    template = make_template(registry)
    grow(registry, path, template, issuers)
    return registry, template


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
