"""Isolated databases, cheap: migrations run once per kind of database, each test gets a copy."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from registry.database import Database
from registry.migrate import upgrade

from support.postgresql import Server

_TEMPLATE = "migrated"


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
    """Databases of one private server; the template is a migrated database."""

    server: Server
    name: str = "postgresql"
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _template: str = ""

    def empty(self) -> str:
        """Return the URL of a new, empty database."""
        return self._create(f"test_{next(self._numbers)}", "template0")

    def copy(self) -> str:
        """Return the URL of a copy of the migrated database."""
        if not self._template:
            upgrade(self._create(_TEMPLATE, "template0"))
            self._template = _TEMPLATE
        return self._create(f"test_{next(self._numbers)}", self._template)

    def drop(self, url: str) -> None:
        """Drop the database, whoever is still connected."""
        self.server.execute(f'drop database if exists "{url.rsplit("/", 1)[1]}" with (force)')

    def _create(self, name: str, template: str) -> str:
        # copying files beats copying through the log here: nothing has to survive a crash
        self.server.execute(f'create database "{name}" template "{template}" strategy file_copy')
        return self.server.url(name)


@contextmanager
def opened(backend: Backend, url: str) -> Iterator[Database]:
    """Open a database of a backend and drop it afterwards."""
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()
        backend.drop(url)
