"""`/healthz`: are the lists out? `/readyz`: the state of this worker. Neither fails because of the database.

Alarms of the publisher stand in both: as lines after the first in one, as a list in the other.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime

from registry.domain.trust_list import canonical_json, wire_instant
from registry.editions.alarms import alarms
from registry.editions.answers import Headers, small_answer
from registry.editions.readers import EditionReaders

TIMEOUT_SECONDS = 1.0
MOST_ALARMS = 20
"""Alarms of each kind that one answer names."""
Probe = Callable[[], tuple[str, Headers, bytes]]


class Probes:
    """The probes by path. The database is asked in a thread of its own, so that it cannot hold up a reader."""

    def __init__(
        self, readers: EditionReaders, database_up: Callable[[], bool] | None, now: Callable[[], datetime]
    ) -> None:
        self._readers = readers
        self._now = now
        self._database_up = database_up
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database-probe")
        self._running: Future[bool] | None = None
        self._probes: dict[str, Probe] = {"/healthz": self._health, "/readyz": self._ready}

    def get(self, path: str) -> Probe | None:
        """Return the probe at `path`: it gives status line, headers and body."""
        return self._probes.get(path)

    def _health(self) -> tuple[str, Headers, bytes]:
        reader = self._readers.get()
        if reader is not None and reader.number() > 0:
            lines = ["ok", *(f"alarm: {alarm}" for alarm in alarms(reader, self._now(), MOST_ALARMS))]
            text = "".join(f"{line}\n" for line in lines).encode()
            return "200 OK", *small_answer("text/plain; charset=utf-8", text)
        waiting = b"no edition is published yet\n"
        return "503 Service Unavailable", *small_answer("text/plain; charset=utf-8", waiting)

    def _ready(self) -> tuple[str, Headers, bytes]:
        reader = self._readers.get()
        edition = reader.edition() if reader else None
        found = alarms(reader, self._now(), MOST_ALARMS) if reader else []
        state = {
            "status": "ok",
            "database": self._database(),
            "edition": edition.number if edition else 0,
            "published_at": wire_instant(edition.at) if edition else None,
            "alarms": [str(alarm) for alarm in found],
        }
        return "200 OK", *small_answer("application/json", canonical_json(state))

    def _database(self) -> str:
        if self._database_up is None:
            return "unknown"
        running = self._running
        if running is None or running.done():
            running = self._running = self._executor.submit(self._database_up)
        # A check that still hangs from an earlier question counts as down, and so does one that raised.
        wait((running,), TIMEOUT_SECONDS)
        up = running.done() and running.exception() is None and running.result()
        return "up" if up else "down"
