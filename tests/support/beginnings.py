"""What many tests begin with, told once: a world, and in it a case at some point of its story.

Each beginning has a database of its own on each kind of database, in which it is told and committed by the first test of the
process that wants it. Tests then work in transactions that are rolled back. A module names its beginning by overriding the
fixture `beginning`; what the beginning returned is `world.begun`.
"""

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.files import FileStore
from registry.models.application import Application
from registry.models.body import Body

from support.clock import START
from support.databases import Backend, opened
from support.world import World

Beginning = Callable[[World], object]
"""Tells a story in a new world and returns what tests need of it: values such as ids, never rows."""


def nothing(_world: World) -> None:
    """Begin with the body, its people and its schemes alone."""


def submitted(world: World) -> object:
    """Begin with a case handed in; return its id."""
    return world.application(world.story()).id


def in_review(world: World) -> object:
    """Begin with a case whose panel has just begun; return its id."""
    return _reviewed(world).id


def _reviewed(world: World) -> Application:
    application = world.application(world.story())
    world.walk.open(application)
    world.walk.identify(application)
    return application


def granted(world: World) -> object:
    """Begin with a case that ended in a recognition; return its id."""
    application, _story = world.granted()
    return application.id


@dataclass
class _Told:
    database: Database
    files: Path
    world: World


@dataclass
class Beginnings:
    """The beginnings that a process has told, by kind of database and story."""

    folder: Path
    _told: dict[tuple[str, Beginning], _Told] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def world(self, backend: Backend, beginning: Beginning, folder: Path) -> Iterator[World]:
        """Open a world at its beginning; what happens in it is undone. Its evidence lies in `folder`."""
        told = self._told.get((backend.name, beginning)) or self._tell(backend, beginning)
        if told.files.is_dir():
            shutil.copytree(told.files, folder)
        with told.database.engine.connect() as connection:
            transaction = connection.begin()
            with Session(
                connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            ) as session:
                yield _again(told.world, session, FileStore(folder))
            transaction.rollback()

    def close(self) -> None:
        """Give the databases back."""
        self._open.close()

    def _tell(self, backend: Backend, beginning: Beginning) -> _Told:
        database = self._open.enter_context(opened(backend, backend.copy()))
        files = self.folder / f"{len(self._told)}"
        with database.transaction() as session:
            world = World(session, FileStore(files), SteppingClock(START, timedelta(seconds=1))).build()
            world.begun = beginning(world)
        told = self._told[backend.name, beginning] = _Told(database, files, world)
        return told


def _again(told: World, session: Session, files: FileStore) -> World:
    world = replace(
        told,
        session=session,
        files=files,
        clock=copy.copy(told.clock),
        people=dict(told.people),
        owners=dict(told.owners),
        schemes=dict(told.schemes),
        numbers=copy.copy(told.numbers),
    )
    world.body = session.get_one(Body, told.body.id)
    return world
