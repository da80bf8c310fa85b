"""What cannot be built is set aside: its last edition stands, an alarm is raised, everything else goes on.

The reason is kept in the edition store beside the documents, so that whoever can read what is published can read what is
wrong with it, the write database up or down. It is tried again after a pause that doubles with every failure.
"""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from registry.editions import EditionStore, Key, Rework

log = logging.getLogger(__name__)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_REASON = 300
Built = TypeVar("Built")


class Setbacks:
    """What one round could not build, and what it built that could not be built before."""

    def __init__(self, store: EditionStore, at: datetime) -> None:
        self.at = at
        self.known = {one.key: one for one in store.rework()}
        self.found: dict[Key, Rework] = {}
        self.worked: set[Key] = set()

    def attempt(self, key: Key, build: Callable[[], Built]) -> Built | None:
        """Return what `build` makes for a document, or None when it fails; the failure is kept.

        A database that fails is no fault of the document, so that is raised.
        """
        try:
            return build()
        except (SQLAlchemyError, sqlite3.Error):
            raise
        except Exception as error:  # a format may fail in any way; no other may suffer from it
            self.set_aside(key, error)
            return None

    def done(self, key: Key) -> None:
        """Note that a document was built: whatever was wrong with it, or made it wait, is over."""
        if key in self.known:
            self.worked.add(key)

    def set_aside(self, key: Key, error: Exception) -> None:
        """Keep why a document could not be built, and raise the alarm."""
        before = self.known.get(key)
        attempts = 1 + (before.attempts if before else 0)
        reason = f"{type(error).__name__}: {error}"[:LONGEST_REASON]
        since = before.since if before and before.error else self.at
        self.found[key] = Rework(*key, self.at + pause_after(attempts), since, attempts, reason)
        scheme, format_id, shard = key
        facts = {
            "scheme": scheme,
            "format": format_id,
            "shard": shard,
            "attempts": attempts,
            "reason": reason,
        }
        log.error("document set aside", extra=facts, exc_info=error)

    def wait(self, key: Key, due_at: datetime) -> None:
        """Let a document be built later; that is no failure."""
        before = self.found.get(key) or self.known.get(key)
        self.found[key] = replace(before, due_at=due_at) if before else Rework(*key, due_at, self.at)


def pause_after(attempts: int) -> timedelta:
    """Return how long a document is left alone after so many failures, at least one."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 10)
    return min(LONGEST_PAUSE, doubled)
