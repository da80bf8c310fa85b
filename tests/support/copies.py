"""Stories told once: copies of a database and of the folder that goes with it, put where a test has its own.

A test's database is put into a copy only as long as nothing has been written into it. Of SQLite the file is copied, of
PostgreSQL the rows: making a database from a template costs as much as many a story.
"""

import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import event

from registry.database import Database

from support.databases import delete_all_rows, tables

_FOLDER = tempfile.TemporaryDirectory(prefix="registry-copies-")
_READS = ("SELECT", "PRAGMA", "BEGIN", "WITH")


@dataclass
class Writes:
    """Whether anything was written into a database since somebody began to watch."""

    seen: bool = False

    @classmethod
    def into(cls, database: Database) -> "Writes":
        """Watch a database."""
        watch = cls()

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            watch.seen = watch.seen or not statement.lstrip().upper().startswith(_READS)

        event.listen(database.engine, "before_cursor_execute", note)
        return watch


class Content(Protocol):
    """What a database holds."""

    def put_into(self, database: Database) -> None:
        """Make this all that a migrated database of the same kind holds."""
        ...


@dataclass(frozen=True, slots=True)
class _SqliteFile:
    file: Path

    @classmethod
    def of(cls, database: Database, place: Path) -> "_SqliteFile":
        kept = cls(place / "database.sqlite")
        connection = sqlite3.connect(str(database.engine.url.database))
        connection.execute("VACUUM INTO ?", (str(kept.file),))
        connection.close()
        return kept

    def put_into(self, database: Database) -> None:
        path = str(database.engine.url.database)
        for suffix in ("-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)
        shutil.copyfile(self.file, path)


@dataclass(frozen=True, slots=True)
class _PostgresqlRows:
    rows: dict[str, bytes]
    sequences: list[tuple[str, int]]

    @classmethod
    def of(cls, database: Database) -> "_PostgresqlRows":
        with _connected(database) as connection:
            filled = [name for name in tables(connection) if _has_row(connection, name)]
            query = "select sequencename, last_value from pg_sequences where last_value is not null"
            return cls({name: _rows_of(connection, name) for name in filled}, list(connection.execute(query)))

    def put_into(self, database: Database) -> None:
        with _connected(database) as connection:
            delete_all_rows(
                connection
            )  # and is from here on taken for a replica: nothing is checked or triggered
            for name, rows in self.rows.items():
                with connection.cursor().copy(f'copy "{name}" from stdin (format binary)'.encode()) as into:
                    into.write(rows)
            for name, value in self.sequences:
                connection.execute("select setval(%s::regclass, %s)", (f'"{name}"', value))


def _connected(database: Database) -> psycopg.Connection:
    url = database.engine.url.set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _has_row(connection: psycopg.Connection, name: str) -> bool:
    return connection.execute(f'select 1 from "{name}" limit 1'.encode()).fetchone() is not None


def _rows_of(connection: psycopg.Connection, name: str) -> bytes:
    with connection.cursor().copy(f'copy "{name}" to stdout (format binary)'.encode()) as out:
        return b"".join(out)


@dataclass(frozen=True, slots=True)
class Copy:
    """What a database holds, the folder that goes with it, and what the story left: values, never rows."""

    content: Content
    folder: Path
    value: Any


@dataclass
class Copies:
    """What this process has kept, by kind of database and name."""

    _kept: dict[tuple[str, str], Copy] = field(default_factory=dict)

    def find(self, name: str, database: Database) -> Copy | None:
        """Return what was kept under a name on this kind of database, if anything was."""
        return self._kept.get((database.engine.dialect.name, name))

    def restore(self, name: str, database: Database, folder: Path) -> Copy | None:
        """Put a copy in place of a database and of a folder, and return it; None where there is none."""
        copy = self.find(name, database)
        if copy is None:
            return None
        database.dispose()
        copy.content.put_into(database)
        if copy.folder.is_dir():
            shutil.copytree(copy.folder, folder, dirs_exist_ok=True)
        return copy

    def keep(self, name: str, database: Database, folder: Path, value: Any) -> None:
        """Keep how a database and a folder are now."""
        place, kind = Path(tempfile.mkdtemp(dir=_FOLDER.name)), database.engine.dialect.name
        if folder.is_dir():
            shutil.copytree(folder, place / "folder")
        content = _SqliteFile.of(database, place) if kind == "sqlite" else _PostgresqlRows.of(database)
        self._kept[kind, name] = Copy(content, place / "folder", value)
