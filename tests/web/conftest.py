"""Fixtures of the page tests.

Pages call services, which run on both databases in `tests/integration`. Of the page tests themselves, those that walk whole
journeys run on both as well, the others on SQLite; `REGISTRY_TEST_DATABASES=all` runs every one on both.
"""

import os

import pytest
from flask import Flask

from registry.database import Database

from support.clock import Clock
from support.town import Town, found


@pytest.fixture
def town(app: Flask, database: Database, clock: Clock) -> Town:
    """A body with everybody that the rules ask for, and an institution that nobody has claimed."""
    return found(app, database, clock)


ON_BOTH = frozenset(
    {"test_journey", "test_api_journey", "test_step_matrix", "test_work_pages", "test_kept_pages"}
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the second database to the journeys."""
    if os.environ.get("REGISTRY_TEST_DATABASES") == "all":
        return
    spared = [item for item in items if _is_spared(item)]
    items[:] = [item for item in items if not _is_spared(item)]
    config.hook.pytest_deselected(items=spared)


def _is_spared(item: pytest.Item) -> bool:
    here = item.path.parent.name == "web" and item.path.stem not in ON_BOTH
    return here and "[postgresql" in item.name
