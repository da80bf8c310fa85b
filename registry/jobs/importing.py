"""Apply the imports that two people have let in, a few batches a round, so that publishing never waits long."""

import logging
from collections.abc import Callable
from datetime import datetime

from registry.config import Settings
from registry.database import Database
from registry.errors import RegistryError
from registry.files import FileStore
from registry.services import import_approvals

log = logging.getLogger(__name__)
BATCHES = 5
"""Batches of each import in one round."""


def import_files(settings: Settings) -> FileStore:
    """Return the store of files handed in for import, outside everything that is served."""
    return FileStore(settings.data / "imports")


def import_waiting(database: Database, settings: Settings, clock: Callable[[], datetime]) -> int:
    """Go on with every approved import and return how many records were applied. One that fails does not stop the others."""
    with database.reading() as session:
        waiting = import_approvals.approved(session)
    applied = 0
    for run_id in waiting:
        try:
            files = import_files(settings)
            report = import_approvals.run_approved(database, files, run_id, clock=clock, batches=BATCHES)
            applied += report.applied
        except RegistryError as error:
            log.warning("import_failed", extra={"run": str(run_id), "error": str(error)})
    return applied
