"""The request's way to the write database and to the clock; the only readers of both below the edge."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, cast

from flask import current_app, g
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.database import Database
from registry.services import programs
from registry.services.programs import Reach
from registry.services.remembering import remember

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing, and so need no writer's lock."""


def database() -> Database:
    """Return the application's write database."""
    return cast(Database, current_app.extensions["registry.database"])


def settings() -> Settings:
    """Return the settings the application was made with."""
    return cast(Settings, current_app.extensions["registry.settings"])


def limit_sessions(reach: Reach | None) -> None:
    """Let the sessions of this request know which roles the caller's token opens; None: all."""
    g.reach = reach


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a session in one transaction; see `Database.transaction`."""
    with database().transaction() as session:
        programs.limit(session, g.get("reach"))
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """Open a session that only reads; see `Database.reading`."""
    with database().reading() as session:
        programs.limit(session, g.get("reach"))
        remember(session)
        yield session


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
