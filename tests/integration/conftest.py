"""Worlds for service tests: one on a session that is rolled back, one with everything that publishing takes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.files import FileStore

from support.clock import START
from support.world import Registry, World, opened_registry


@pytest.fixture
def world(session: Session, tmp_path: Path) -> World:
    """A body with its people and two schemes, on a session that is rolled back."""
    return World(
        session, FileStore(tmp_path / "evidence"), SteppingClock(START, timedelta(seconds=1))
    ).build()


@pytest.fixture
def registry(database: Database, tmp_path: Path) -> Iterator[Registry]:
    """A registry of its own, with an edition store and keys."""
    with opened_registry(database, tmp_path / "var") as opened:
        yield opened
