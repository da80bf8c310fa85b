"""Towns that were founded once, and stories told in them once: copies of SQLite files, put where a test has its own.

A test's town is put into a copy only as long as nothing has been written into it since it was founded; on PostgreSQL, where
copying a database costs as much as the story, everything is told anew.
"""

import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event

from registry.database import Database

_FOLDER = tempfile.TemporaryDirectory(prefix="registry-towns-")
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


@dataclass
class Copy:
    """A database file, the evidence that goes with it, and what the story left: values, never rows."""

    file: Path
    evidence: Path
    value: Any


@dataclass
class Copies:
    """What this process has kept, by name."""

    _kept: dict[str, Copy] = field(default_factory=dict)

    def restore(self, name: str, database: Database, evidence: Path) -> Copy | None:
        """Put a copy in place of a database and its evidence and return it; None where there is none."""
        copy, path = self._kept.get(name), _file(database)
        if copy is None or path is None:
            return None
        database.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(copy.file, path)
        if copy.evidence.is_dir():
            shutil.copytree(copy.evidence, evidence, dirs_exist_ok=True)
        return copy

    def keep(self, name: str, database: Database, evidence: Path, value: Any) -> None:
        """Keep how a database and its evidence are now."""
        path = _file(database)
        if path is None:
            return
        place = Path(_FOLDER.name) / str(len(self._kept))
        place.mkdir()
        connection = sqlite3.connect(path)
        connection.execute("VACUUM INTO ?", (str(place / "town.sqlite"),))
        connection.close()
        if evidence.is_dir():
            shutil.copytree(evidence, place / "evidence")
        self._kept[name] = Copy(place / "town.sqlite", place / "evidence", value)


def _file(database: Database) -> str | None:
    url = database.engine.url
    return url.database if url.get_backend_name() == "sqlite" else None
