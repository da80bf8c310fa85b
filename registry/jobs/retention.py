"""Keeping house once a day: what is over goes from the database, then the files that were ordered to go."""

import logging
from datetime import datetime

from registry.database import Database
from registry.files import FileStore
from registry.services import complaint_contacts, evidence_files, retention, visits
from registry.signing.sealing import Seals

log = logging.getLogger(__name__)
EVERY = 24 * 3600.0
"""Seconds between two rounds."""


def keep_house(database: Database, files: FileStore, seals: Seals, at: datetime) -> int:
    """Let go of every record whose time is over at `at`; return how many records and files went. Repeating it is safe."""
    with database.transaction() as session:
        gone = {kind.value: count for kind, count in retention.apply(session, at=at).items() if count}
    with database.transaction() as session:
        erased = evidence_files.erase_files(session, files, at=at)
    with database.transaction() as session:
        notes = visits.erase_notes(session, at=at)
    with database.transaction() as session:
        sealed = complaint_contacts.seal_all(session, seals)
    if sealed:
        log.info("contacts sealed", extra={"records": sealed})
    if gone or erased or notes:
        log.info("retention", extra={"records": gone, "files": erased, "notes": notes})
    return sum(gone.values()) + erased + notes
