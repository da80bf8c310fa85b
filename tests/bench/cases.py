"""Work in a body with 50,000 cases: the inbox and a case against a Flask hello world, and a tick of the clock.

One case is walked to its review by the services; its row is cloned in bulk, spread over states and deadlines, with the parts
of the officers in each. Pages are fetched one after the other over one connection, turn by turn with the hello world's.
"""

import http.client
import statistics
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert, select

from registry.config import Settings
from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.domain.clocks import Side
from registry.domain.workflow import State
from registry.files import FileStore
from registry.jobs import ticking as ticking_job
from registry.models.application import Application
from registry.models.review import Assignment
from registry.services import inbox, installation, sessions, ticking
from tests.bench.memory import peak
from tests.bench.results import Result
from tests.bench.servers import Server, python, running

from support import postgresql
from support.world import World

CASES = 50_000
ROUNDS, REQUESTS = 7, 30
MOST_TIMES_HELLO = 10.0
MOST_GROWTH_MIB = 60.0
"""How much the peak of memory may grow while a tick streams over all cases; a batch of 500 is held at once."""
STATES = (State.SUBMITTED, State.COMPLETENESS_CHECK, State.REVIEW, State.FACTUAL_CHECK, State.APPEAL_WINDOW)
_BATCH = 5_000


def measure(directory: Path, *, cases: int = CASES) -> Iterator[Result]:
    """Measure on SQLite, and on PostgreSQL where its programs are there."""
    yield from _measured("SQLite", directory / "sqlite", None, cases)
    binaries = postgresql.find_binaries()
    if binaries is None:
        return
    server = postgresql.start(binaries)
    try:
        server.execute("CREATE DATABASE bench")
        yield from _measured("PostgreSQL", directory / "postgresql", server.url("bench"), cases)
    finally:
        server.stop()


def _measured(name: str, directory: Path, url: str | None, cases: int) -> Iterator[Result]:
    settings = Settings(
        data=directory, base_url="http://127.0.0.1:8000", **({"database_url": url} if url else {})
    )
    now = datetime.now(UTC).replace(microsecond=0)
    installation.initialize(settings, at=now)
    database = Database(settings.sqlalchemy_url)
    try:
        cookie, case, few, many = _seeded(database, settings, now, cases)
        yield Result(f"{name}: queries of the inbox, {cases:,} cases / 5", many / few, "x", 1.0, "exactly")
        environ = {"REGISTRY_DATA": str(directory), **({"REGISTRY_DATABASE_URL": url} if url else {})}
        serve = python("-m", "registry", "serve", "--no-worker", "--port", "{port}")
        with (
            running(serve, environ) as ours,
            running(python("-m", "tests.bench.hello", "{port}")) as hello,
        ):
            for page, path in (("inbox", "/en/cases"), ("case", f"/en/cases/{case}")):
                yield _against_hello(f"{name}: {page} / Flask hello", ours, hello, path, cookie)
        yield from _ticked(name, database, now)
    finally:
        database.dispose()


def _seeded(
    database: Database, settings: Settings, now: datetime, cases: int
) -> tuple[str, uuid.UUID, int, int]:
    """Return a cookie of the intake officer, a case, and the queries of the inbox with five cases and with all."""
    clock = SteppingClock(now - timedelta(days=40), timedelta(seconds=1))
    with database.transaction() as session:
        world = World(session, FileStore(settings.evidence), clock).build()
        case = world.application(world.story())
        world.walk.open(case)
        world.walk.identify(case)
        _clone(session, case, 5, now, 0)
        who, template = world.people["intake"], case.id
    few = _queries(database, who, now)
    for start in range(5, cases, _BATCH):
        with database.transaction() as session:
            _clone(session, session.get_one(Application, template), min(_BATCH, cases - start), now, start)
    secret = sessions.new_secret()
    with database.transaction() as session:
        data = {"_user_id": str(who), "_fresh": True}
        sessions.save_session(
            session, secret, data, account_id=who, at=datetime.now(UTC).replace(microsecond=0)
        )
        if database.engine.dialect.name == "postgresql":
            session.connection().exec_driver_sql("ANALYZE")
    return secret, template, few, _queries(database, who, now)


def _clone(session: Any, case: Application, count: int, now: datetime, start: int) -> None:
    """Add copies of a case, in different states and with deadlines before and after now."""
    columns = {c.key: getattr(case, c.key) for c in Application.__table__.columns}
    parts = session.execute(
        select(Assignment.account_id, Assignment.role).where(Assignment.application_id == case.id)
    ).all()
    rows, assignments = [], []
    for number in range(start, start + count):
        made = uuid.uuid5(case.id, str(number))
        state = STATES[number % len(STATES)]
        due = now + timedelta(hours=number % 2_000 - 200)
        rows.append(
            {
                **columns,
                "id": made,
                "reference": f"B-{number:06d}",
                "state": state,
                "due_at": due,
                "clock_side": Side.BODY,
                "version": 1,
            }
        )
        assignments += [
            {
                "id": uuid.uuid5(made, str(who)),
                "application_id": made,
                "account_id": who,
                "role": role,
                "assigned_by": who,
                "assigned_at": now,
            }
            for who, role in parts
            if state is not State.SUBMITTED
        ]
    session.execute(insert(Application), rows)
    session.execute(insert(Assignment), assignments)


def _queries(database: Database, who: uuid.UUID, now: datetime) -> int:
    count = 0

    def note(*_args: object) -> None:
        nonlocal count
        count += 1

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with database.reading() as session:
            inbox.inbox(session, actor=who, at=now)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return count


def _against_hello(name: str, ours: Server, hello: Server, path: str, cookie: str) -> Result:
    """Return how many times a page's median takes that of the hello world, turn by turn."""
    headers = {"Cookie": f"session={cookie}", "Host": "127.0.0.1:8000"}
    turns = [(_median(ours, path, headers), _median(hello, "/", {})) for _ in range(ROUNDS + 1)][1:]
    ratios = [a / b for a, b in turns]
    detail = {
        "ratios": [round(r, 2) for r in ratios],
        "milliseconds": [round(a * 1000, 2) for a, _b in turns],
    }
    return Result(name, statistics.median(ratios), "x", MOST_TIMES_HELLO, "at most", detail)


def _median(server: Server, path: str, headers: dict[str, str]) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    times = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - start)
        if answer.status != http.client.OK:
            raise SystemExit(f"bench: {path} answered {answer.status}")
    connection.close()
    return statistics.median(times)


def _ticked(name: str, database: Database, now: datetime) -> Iterator[Result]:
    """Let the clock go over everything once; the second time nothing is left."""
    before, start = peak(), time.process_time()
    done = ticking_job.tick_all(database, now)
    yield Result(f"{name}: cases that one tick moved or reminded of", done, "", None)
    yield Result(f"{name}: CPU of that tick", time.process_time() - start, "s", None)
    yield Result(f"{name}: growth of memory in that tick", peak() - before, "MiB", MOST_GROWTH_MIB, "at most")
    with database.transaction() as session:
        again = ticking.tick(session, now)
    yield Result(f"{name}: left for the next tick", again.moved + again.reminded, "", 0, "exactly")
