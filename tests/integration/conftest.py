"""Worlds for service tests: one on a session that is rolled back, one with everything that publishing takes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.database import Database

from support.beginnings import Beginnings
from support.databases import Backend
from support.world import Registry, World, opened_registry


@pytest.fixture(scope="session")
def _beginnings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beginnings]:
    kept = Beginnings(tmp_path_factory.mktemp("beginnings"))
    yield kept
    kept.close()


@pytest.fixture
def world(backend: Backend, _beginnings: Beginnings, tmp_path: Path) -> Iterator[World]:
    """A body with its people and two schemes, on a session that is rolled back."""
    with _beginnings.world(backend, tmp_path / "evidence") as opened:
        yield opened


@pytest.fixture
def registry(database: Database, tmp_path: Path) -> Iterator[Registry]:
    """A registry of its own, with an edition store and keys."""
    with opened_registry(database, tmp_path / "var", copied=True) as opened:
        yield opened
