"""What many tests begin with is told once: a world, and in it a case at some point of its story.

Each beginning has a database of its own on each kind of database, in which it is told and committed by the first test of the
process that wants it. Tests work in transactions that are rolled back. A test whose first act is `world.told(...)`, or what
is built on it such as `world.granted()`, finds itself in the world in which that has happened; one that has done something
before tells it where it is, at length.
"""

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.files import FileStore
from registry.models.body import Body

from support.clock import START
from support.databases import Backend
from support.world import World

_NOTHING = ""


@dataclass
class _Told:
    database: Database
    files: Path
    world: World
    value: object


@dataclass
class Beginnings:
    """The beginnings that a process has told, by kind of database and name."""

    folder: Path
    _told: dict[tuple[str, str], _Told] = field(default_factory=dict)
    _databases: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def world(self, backend: Backend, folder: Path) -> Iterator[World]:
        """Open a world in which nothing has happened yet; its evidence lies in `folder`. What happens is undone."""
        with ExitStack() as stack:
            stage = Stage(self, backend, folder, stack)
            told = self.find(backend, _NOTHING, lambda _world: None)
            world = copy.copy(told.world)
            stage.enter(world, told)
            yield world

    def find(self, backend: Backend, name: str, tell: Callable[[World], object]) -> _Told:
        """Return a beginning, telling it if nobody has."""
        return self._told.get((backend.name, name)) or self._tell(backend, name, tell)

    def close(self) -> None:
        """Let go of the databases, which go with the run."""
        self._databases.close()

    def _tell(self, backend: Backend, name: str, tell: Callable[[World], object]) -> _Told:
        database = Database(backend.copy())
        self._databases.callback(database.dispose)
        files = self.folder / f"{len(self._told)}"
        with database.transaction() as session:
            world = World(session, FileStore(files), SteppingClock(START, timedelta(seconds=1))).build()
            value = tell(world)
        told = self._told[backend.name, name] = _Told(database, files, world, value)
        return told


@dataclass
class Stage:
    """Where one test's world stands: it can be put into another beginning as long as nothing has happened in it."""

    beginnings: Beginnings
    backend: Backend
    folder: Path
    stack: ExitStack
    untouched: datetime | None = None

    def told(self, world: World, name: str, tell: Callable[[World], Any]) -> Any:
        """Return what `tell` returns: from the beginning of that name, or told here and now."""
        if world.clock.moment != self.untouched:
            return tell(world)
        told = self.beginnings.find(self.backend, name, tell)
        self.stack.close()
        self.enter(world, told)
        self.untouched = None
        return told.value

    def enter(self, world: World, told: _Told) -> None:
        """Put a world where the beginning ended."""
        if told.files.is_dir():
            shutil.copytree(told.files, self.folder)
        connection = self.stack.enter_context(told.database.engine.connect())
        self.stack.callback(connection.begin().rollback)
        session = Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        world.session = self.stack.enter_context(session)
        world.files, world.stage = FileStore(self.folder), self
        for part in ("clock", "people", "owners", "schemes", "numbers"):
            setattr(world, part, copy.copy(getattr(told.world, part)))
        world.body = world.session.get_one(Body, told.world.body.id)
        self.untouched = world.clock.moment
