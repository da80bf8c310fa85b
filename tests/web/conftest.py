"""Fixtures of the page tests."""

import pytest
from flask import Flask

from registry.database import Database

from support.clock import Clock
from support.town import Town, found


@pytest.fixture
def town(app: Flask, database: Database, clock: Clock) -> Town:
    """A body with everybody that the rules ask for, and an institution that nobody has claimed."""
    return found(app, database, clock)
