"""Isolated databases, cheap: migrations run once per kind of database, each test gets a copy."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import psycopg
from sqlalchemy import make_url

from registry.database import Database
from registry.migrate import upgrade

from support.postgresql import Server

_TEMPLATE = "migrated"
_T = TypeVar("_T")


class Backend(Protocol):
    """One kind of database: where its empty and its migrated databases come from."""

    name: str

    def empty(self) -> str:
        """Return the URL of a new database without any table."""
        ...

    def copy(self) -> str:
        """Return the URL of a new database at the newest migration."""
        ...

    def drop(self, url: str) -> None:
        """Remove a database that `empty` or `copy` made."""
        ...


@dataclass
class SqliteBackend:
    """Database files in one directory; the template is a migrated file."""

    directory: Path
    name: str = "sqlite"
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def empty(self) -> str:
        """Return the URL of a file that does not exist yet."""
        return f"sqlite:///{self.directory / f'{next(self._numbers)}.sqlite'}"

    def copy(self) -> str:
        """Return the URL of a copy of the migrated file."""
        template = self.directory / f"{_TEMPLATE}.sqlite"
        if not template.exists():
            upgrade(f"sqlite:///{template}")
        url = self.empty()
        shutil.copyfile(template, url.removeprefix("sqlite:///"))
        return url

    def drop(self, url: str) -> None:
        """Remove the file and its companions."""
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)


@dataclass
class PostgresqlBackend:
    """Databases of one private server; the template is a migrated database.

    Making a database costs a hundred times more than emptying one, so those that tests gave back are emptied and lent
    again. One whose tables or triggers a test changed is dropped; so are all once a migration brings rows of its own.
    """

    server: Server
    name: str = "postgresql"
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _free: list[str] = field(default_factory=list)
    _shape: str = ""
    _seeded: bool = False

    def empty(self) -> str:
        """Return the URL of a new, empty database."""
        return self._create(f"test_{next(self._numbers)}", "template0")

    def copy(self) -> str:
        """Return the URL of a migrated database without any row."""
        if not self._shape:
            template = self._create(_TEMPLATE, "template0")
            upgrade(template)
            self._shape = self._on(template, _shape)
            self._seeded = self._on(template, _has_rows)
        return self._free.pop() if self._free else self._create(f"test_{next(self._numbers)}", _TEMPLATE)

    def drop(self, url: str) -> None:
        """Take a database back: emptied for the next test if it is as migrated, else dropped."""
        try:
            reusable = self._on(url, self._is_reusable)
        except psycopg.OperationalError:  # the test dropped it, or left a transaction open
            reusable = False
        if reusable:
            self._free.append(url)
        else:
            self.server.execute(f'drop database if exists "{_name(url)}" with (force)')

    def _is_reusable(self, connection: psycopg.Connection) -> bool:
        if self._seeded or _shape(connection) != self._shape:
            return False
        delete_all_rows(connection)
        return True

    def _on(self, url: str, act: Callable[[psycopg.Connection], _T]) -> _T:
        with self.server.connect(_name(url)) as connection:
            return act(connection)

    def _create(self, name: str, template: str) -> str:
        # copying files beats copying through the log here: nothing has to survive a crash
        self.server.execute(f'create database "{name}" template "{template}" strategy file_copy')
        return self.server.url(name)


def _name(url: str) -> str:
    return str(make_url(url).database)


def _shape(connection: psycopg.Connection) -> str:
    """Return what tells a changed schema: relations with their number of columns, and triggers."""
    row = connection.execute(
        """select (select string_agg(relname || relnatts, ',' order by relname) from pg_class
                   where relnamespace = 'public'::regnamespace),
                  (select string_agg(tgname || tgenabled::text, ',' order by tgname) from pg_trigger
                   where not tgisinternal)"""
    ).fetchone()
    return str(row)


def tables(connection: psycopg.Connection) -> list[str]:
    """Return the names of all tables but that of the migrations."""
    query = "select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'"
    return [name for (name,) in connection.execute(query)]


def _has_rows(connection: psycopg.Connection) -> bool:
    query = " union all ".join(f'(select 1 from "{name}" limit 1)' for name in tables(connection))
    return connection.execute(query.encode()).fetchone() is not None


def delete_all_rows(connection: psycopg.Connection) -> None:
    """Empty every table as a replica would: neither foreign keys nor the triggers of the history object."""
    connection.execute("set session_replication_role = replica; set lock_timeout = '2s'")
    sequences = connection.execute("select sequencename from pg_sequences where schemaname = 'public'")
    statements = [f'delete from "{name}"' for name in tables(connection)]
    statements += [f'alter sequence "{name}" restart' for (name,) in sequences]
    connection.execute("; ".join(statements).encode())


@contextmanager
def opened(backend: Backend, url: str) -> Iterator[Database]:
    """Open a database of a backend and drop it afterwards."""
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()
        backend.drop(url)
