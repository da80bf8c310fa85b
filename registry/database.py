"""The write database: engine, session, transaction. SQLite and PostgreSQL behave alike through this module."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Connection, DateTime, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection, IsolationLevel
from sqlalchemy.exc import DataError, DisconnectionError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from registry.errors import Conflict, InvalidInput


class UTCDateTime(TypeDecorator[datetime]):
    """An instant in UTC with whole seconds; SQLite keeps no time zone, so this type puts it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants, turn the others to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"instant without time zone: {value}")
        return value.astimezone(UTC).replace(microsecond=0)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware instant in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


IDLE_SECONDS = 5.0
"""A connection that lay idle for longer is asked whether it still stands before it is used."""


class Database:
    """One engine and the transactions on it."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._glances = _glancing_engine(url) if self.engine.dialect.name == "postgresql" else self.engine

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session in one transaction: committed at the end, rolled back on any error.

        On SQLite it is `BEGIN IMMEDIATE`, so two writers wait for each other instead of failing in the middle.

        Raises:
            Conflict: somebody else wrote the same thing at the same moment.
            InvalidInput: a text holds a sign that no database keeps.
        """
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
        except IntegrityError as error:
            if not _is_twice(error):
                raise
            raise Conflict("somebody else did this at the same moment; look at it again") from error
        except DataError as error:
            raise InvalidInput("a text holds a sign that cannot be kept; type it again") from error

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads, from one moment of the database; on SQLite it waits for no writer."""
        with self.looking() as connection, Session(connection) as session:
            yield session

    @contextmanager
    def glancing(self) -> Iterator[Connection]:
        """Open a connection for one statement that reads.

        On PostgreSQL it is one of its own: without a transaction around the statement, which would cost two more journeys,
        and with a plan that is made once, since what is asked here is asked again and again.
        """
        with self._glances.connect() as connection:
            yield connection.execution_options(**_ONE_STATEMENT)

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """Open a transaction as `reading` does, without a session on it."""
        with self.engine.connect() as connection:
            yield connection.execution_options(**_READ_ONLY[self.engine.dialect.name])

    def is_up(self) -> bool:
        """Whether the database answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("select 1"))
        except OperationalError:
            return False
        return True

    def dispose(self) -> None:
        """Close all connections."""
        self._glances.dispose()
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 10}, **_JSON)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    return _postgresql(url)


def _glancing_engine(url: str) -> Engine:
    options = {"options": "-c plan_cache_mode=force_generic_plan", "prepare_threshold": 1}
    return _postgresql(url, isolation_level="AUTOCOMMIT", **options)


def _postgresql(url: str, *, isolation_level: IsolationLevel = "READ COMMITTED", **options: Any) -> Engine:
    engine = create_engine(
        url, isolation_level=isolation_level, connect_args={"connect_timeout": 3, **options}, **_JSON
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ask_if_idle, engine.dialect))
    return engine


def _note_use(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _ask_if_idle(
    dialect: Dialect, connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object
) -> None:
    """Ask whether the server is still there, unless it has just answered: asking each time costs as much as a short read.

    A refusal makes the pool connect anew.
    """
    if time.monotonic() - record.info.get("used", -IDLE_SECONDS) < IDLE_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


_JSON: Mapping[str, Any] = {"json_serializer": _to_json, "json_deserializer": orjson.loads}


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must leave BEGIN to us
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "recursive_triggers=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


_ONE_STATEMENT: Mapping[str, Any] = {"reads_only": True}
_READ_ONLY: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {"reads_only": True},
    # Without the level, every statement would see what others have committed since the one before.
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def _begin_immediate(connection: Any) -> None:
    reads = connection.get_execution_options().get("reads_only")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _is_twice(error: IntegrityError) -> bool:
    """Whether a row with the same key was there already (SQLSTATE 23505)."""
    return getattr(error.orig, "sqlstate", None) == "23505" or "UNIQUE constraint failed" in str(error.orig)
