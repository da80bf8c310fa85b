"""Reading under load: a statement of one issuer, and a list that did not change."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.bench.results import Result, median_ratio
from tests.bench.seed import LIST, MEGABYTE, seed_store, write_lookups
from tests.bench.servers import Load, Server, python, require_wrk, running

ISSUERS = 100_000


def measure(
    directory: Path, *, issuers: int = ISSUERS, rounds: int = 7, seconds: int = 2
) -> Iterator[Result]:
    """Measure look-ups against a Flask hello world, and 304 against the whole list, turn by turn."""
    require_wrk()
    seed_store(directory / "editions", issuers)
    script = directory / "lookups.lua"
    write_lookups(script, issuers)
    serve = python("-m", "registry", "serve", "--no-worker", "--port", "{port}")
    with running(serve, {"REGISTRY_DATA": str(directory)}) as ours:
        with running(python("-m", "tests.bench.hello", "{port}")) as hello:
            yield from _lookups(ours, hello, script, rounds, seconds)
        yield from _unchanged(ours, rounds, seconds)


def _lookups(ours: Server, hello: Server, script: Path, rounds: int, seconds: int) -> Iterator[Result]:
    turns: list[tuple[Load, Load]] = []
    for _ in range(rounds + 1):
        turns.append((ours.load("/", seconds, script), hello.load("/", seconds)))
    yield _no_errors("failed look-ups", [load for turn in turns for load in turn])
    ours_rate, hello_rate = ([turn[side].per_cpu for turn in turns[1:]] for side in (0, 1))
    yield median_ratio("look-up of a statement / Flask hello", ours_rate, hello_rate, bound=2.0)


def _unchanged(ours: Server, rounds: int, seconds: int) -> Iterator[Result]:
    with urllib.request.urlopen(ours.url(LIST)) as answer:
        tag, size = answer.headers["ETag"], len(answer.read())
    yield Result("size of the list", size, "bytes", MEGABYTE, "exactly")
    turns: list[tuple[Load, Load]] = []
    for _ in range(rounds + 1):
        turns.append((ours.load(LIST, seconds, headers={"If-None-Match": tag}), ours.load(LIST, seconds)))
    yield _no_errors("failed list answers", [load for turn in turns for load in turn])
    unchanged, whole = ([turn[side].per_cpu for turn in turns[1:]] for side in (0, 1))
    yield median_ratio("unchanged list / whole list", unchanged, whole, bound=15.0)


def _no_errors(name: str, loads: list[Load]) -> Result:
    return Result(name, sum(load.errors for load in loads), "", 0, "exactly")
