"""The request's way to the write database and to the clock; the only readers of both below the edge."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import cast

from flask import current_app
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.database import Database


def database() -> Database:
    """Return the application's write database."""
    return cast(Database, current_app.extensions["registry.database"])


def settings() -> Settings:
    """Return the settings the application was made with."""
    return cast(Settings, current_app.extensions["registry.settings"])


def transaction() -> AbstractContextManager[Session]:
    """Open a session in one transaction; see `Database.transaction`."""
    return database().transaction()


def now() -> datetime:
    """Return the edge's clock: a UTC instant with whole seconds."""
    instant: datetime = current_app.config["CLOCK"]()
    return instant.astimezone(UTC).replace(microsecond=0)


def utc_now() -> datetime:
    """Return the machine's clock; what `CLOCK` is unless `create_app` was given another."""
    return datetime.now(UTC)


def absolute_url(path: str) -> str:
    """Return the public address of a local path, from the configured base, never from the request's host."""
    return settings().base_url + path
