"""Looking outside for signals, in a thread of its own: what is slow is fetched while nobody waits for the database."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from registry.config import Settings
from registry.database import Database
from registry.errors import RegistryError
from registry.outbound import FetchRefused, outbound
from registry.services import signals

log = logging.getLogger(__name__)
AT_ONCE = 4
"""Looks outside at one time."""
PAUSE = 20.0
"""Seconds between two batches."""
Fetch = Callable[[str], bytes]


def look_outside(database: Database, at: datetime, fetch: Fetch) -> int:
    """Look at the next batch of issuers of today's round and return how many items it opened.

    First what is to be fetched is read, then it is fetched with no transaction open, then what was found is written.
    """
    with database.reading() as session:
        urls = signals.addresses_ahead(session, at)
    if urls is None:
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        seen = dict(zip(urls, pool.map(lambda url: _fetched(fetch, url), urls), strict=True))

    def shown(url: str) -> bytes:
        found = seen.get(url)
        if isinstance(found, bytes):
            return found
        raise found or FetchRefused(f"{url} was not looked at")

    with database.transaction() as session:
        return signals.tick_signals(session, at, shown, ahead=urls)


def _fetched(fetch: Fetch, url: str) -> bytes | FetchRefused:
    try:
        return fetch(url)
    except FetchRefused as error:
        return error


def watch(settings: Settings, stop: threading.Event) -> None:
    """Look outside batch by batch until `stop` is set. Trouble is logged and tried again."""
    database = Database(settings.sqlalchemy_url)
    try:
        while not stop.wait(PAUSE):
            try:
                look_outside(database, datetime.now(UTC).replace(microsecond=0), outbound().fetch)
            except (SQLAlchemyError, sqlite3.Error, OSError, RegistryError) as error:
                log.warning("looking for signals failed: %s", error)
    finally:
        database.dispose()
