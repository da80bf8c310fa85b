"""Fixtures of all tests. Database tests run on SQLite and on PostgreSQL; nothing leaves the machine."""

import dataclasses
import gc
import os
import sqlite3
from collections import Counter
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.database import Database

from support import postgresql
from support.clock import START, Clock
from support.components import NOT_RUN, require
from support.databases import Backend, PostgresqlBackend, SqliteBackend, opened
from support.loopback import allow_only_loopback
from support.sharing_out import WholeFiles, turn_of

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


# A slow machine is no bug: examples have no deadline, and the same ones run everywhere.
hypothesis.settings.register_profile("registry", deadline=None, derandomize=True)
hypothesis.settings.load_profile("registry")


@pytest.fixture(autouse=True, scope="session")
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Write without waiting until it is on the disk: nothing here has to survive the loss of power."""

    def hurry(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=OFF")

    event.listen(Engine, "connect", hurry)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)
        yield
    event.remove(Engine, "connect", hurry)


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        allow_only_loopback(patch)
        yield


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings of whoever runs the tests out, and what `verify` remembers in the test's folder."""
    for name in [name for name in os.environ if name.startswith("REGISTRY_")]:
        if name != "REGISTRY_TEST_REQUIRE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def at() -> datetime:
    """The instant at which the test happens: UTC, whole seconds."""
    return START


@pytest.fixture
def clock() -> Clock:
    """The clock of the edges; it stands at `at` until the test moves it."""
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data directory of their own; the database is the test's `database`, if it has one."""
    return Settings(data=tmp_path / "var")


@pytest.fixture(scope="session")
def sqlite_backend(tmp_path_factory: pytest.TempPathFactory) -> SqliteBackend:
    """SQLite files in a directory of this run."""
    return SqliteBackend(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_backend() -> Iterator[PostgresqlBackend]:
    """A private PostgreSQL server, started when the first test needs it and stopped at the end."""
    binaries = postgresql.find_binaries()
    require("postgresql", binaries is not None, "install the package postgresql")
    assert binaries is not None
    server = postgresql.start(binaries)
    yield PostgresqlBackend(server)
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each kind of database in turn: a test that asks for it, or for what builds on it, runs once on each."""
    found: Backend = request.getfixturevalue(f"{request.param}_backend")
    return found


@pytest.fixture
def database(backend: Backend) -> Iterator[Database]:
    """A migrated database of this test's own; what is committed stays until the test ends."""
    with opened(backend, backend.copy()) as database:
        yield database


@pytest.fixture
def empty_database(backend: Backend) -> Iterator[Database]:
    """A database without any table, for tests of the migrations."""
    with opened(backend, backend.empty()) as database:
        yield database


@pytest.fixture(scope="session")
def _shared_databases() -> Iterator[dict[str, Database]]:
    databases: dict[str, Database] = {}
    yield databases
    for database in databases.values():
        database.dispose()


@pytest.fixture
def session(backend: Backend, _shared_databases: dict[str, Database]) -> Iterator[Session]:
    """A session in a transaction that is rolled back; quicker than `database`, and apart from it.

    `session.commit()` and `session.begin_nested()` work inside that transaction, unseen elsewhere.
    """
    shared = _shared_databases.get(backend.name)
    if shared is None:
        shared = _shared_databases[backend.name] = Database(backend.copy())
    with shared.engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        transaction.rollback()


@pytest.fixture(scope="session")
def _kept_app(tmp_path_factory: pytest.TempPathFactory) -> "Flask":
    from registry.app import create_app

    return create_app(Settings(data=tmp_path_factory.mktemp("app")))


@pytest.fixture
def app(settings: Settings, database: Database, clock: Clock, _kept_app: "Flask") -> "Iterator[Flask]":
    """The web application on this test's own database and clock.

    One application serves all tests of a process, each on its own registry; a test that adds routes takes `own_app`.
    """
    from registry.app import furnish

    kept = [(place, dict(place)) for place in (_kept_app.config, _kept_app.extensions)]
    furnish(_kept_app, _on(settings, database), clock=clock, database=database)
    yield _kept_app
    for place, before in kept:
        place.clear()
        place.update(before)


@pytest.fixture
def own_app(settings: Settings, database: Database, clock: Clock) -> "Flask":
    """The web application as `app` is, made anew, for tests that change its routes."""
    from registry.app import create_app

    return create_app(_on(settings, database), clock=clock, database=database)


def _on(settings: Settings, database: Database) -> Settings:
    url = database.engine.url.render_as_string(hide_password=False)
    return dataclasses.replace(settings, database_url=url)


@pytest.fixture
def client(app: "Flask") -> "FlaskClient":
    """A browser that nobody has signed in with."""
    return app.test_client()


def pytest_sessionstart() -> None:
    """Look for garbage seldom: what was imported stays, and each look at it all costs a fifth of the run."""
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """Never look again at what was imported."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no process is left with it at the end."""
    items.sort(key=lambda item: turn_of(item.path))


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Run half as many processes again as there are processors: a third of the time, tests wait for other programs."""
    processors = yield
    return processors + processors // 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole files, in our order."""
    config.option.loadscopereorder = False
    return WholeFiles(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what did not run because this machine lacks a component."""
    reasons = Counter(
        report.longrepr[2].split(NOT_RUN, 1)[1]
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and NOT_RUN in report.longrepr[2]
    )
    if reasons:
        terminalreporter.section("COMPONENTS MISSING: these tests did NOT run", sep="!", red=True, bold=True)
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} tests not run for want of {reason}", red=True)
