"""The loop in the background: look every second, publish what is due, stop when told."""

import logging
import sqlite3
import threading
import time
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from registry.config import Settings
from registry.errors import RegistryError
from registry.files import FileStore
from registry.jobs.certificates import issue_certificates, tell_ageing
from registry.jobs.importing import import_waiting
from registry.jobs.publishing import open_publishing, run_once
from registry.jobs.retention import EVERY as A_DAY
from registry.jobs.retention import keep_house
from registry.jobs.signals import watch
from registry.jobs.ticking import EVERY, tick_all
from registry.signing.sealing import Seals

log = logging.getLogger(__name__)
PAUSE = 1.0
"""Seconds from one look to the next."""
PAUSE_AFTER_TROUBLE = 5.0


def run_worker(settings: Settings, stop: threading.Event) -> None:
    """Work until `stop` is set. Trouble is logged and tried again; what stands published goes on standing."""
    next_tick = next_sweep = time.monotonic()
    if settings.looks_outside:
        threading.Thread(target=watch, args=(settings, stop), name="signals", daemon=True).start()
    with open_publishing(settings) as publishing:
        while not stop.is_set():
            pause, began = PAUSE, time.monotonic()
            try:
                done = run_once(publishing, settings, _now())
                if done.editions:
                    log.info("published", extra={"editions": done.editions, "documents": done.documents})
                if import_waiting(publishing.database, settings, _now):
                    pause = 0.0
                if time.monotonic() >= next_tick:
                    tick_all(publishing.database, _now())
                    issue_certificates(publishing.database, publishing.keys, _now())
                    next_tick = time.monotonic() + EVERY
                if time.monotonic() >= next_sweep:
                    keep_house(
                        publishing.database, FileStore(settings.evidence), Seals(settings.seals), _now()
                    )
                    tell_ageing(publishing.keys, _now())
                    next_sweep = time.monotonic() + A_DAY
            except (SQLAlchemyError, sqlite3.Error, OSError, RegistryError) as error:
                log.warning("publishing failed: %s", error)
                pause = PAUSE_AFTER_TROUBLE
            stop.wait(max(0.0, began + pause - time.monotonic()))


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
