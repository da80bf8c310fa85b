"""How to reach whoever complained, sealed in the database: a copy of it tells nobody who they are.

Rows from before they were sealed are read as they are, and sealed in the worker's next round.
"""

import logging
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.models.complaint import ComplaintContact
from registry.services.recording import audit
from registry.signing.sealing import Seals, Unreadable

log = logging.getLogger(__name__)


def keep(session: Session, seals: Seals, complaint_id: uuid.UUID, contact: str) -> None:
    """Keep how to reach whoever brought a complaint."""
    sealed = seals.seal(contact, str(complaint_id))
    session.add(ComplaintContact(complaint_id=complaint_id, contact=sealed))


def read(session: Session, seals: Seals, complaint_id: uuid.UUID) -> str | None:
    """Return how to reach whoever brought a complaint, or None.

    Raises:
        Unreadable: the key that sealed it is gone, or the row was changed.
    """
    found = session.get(ComplaintContact, complaint_id)
    return seals.open(found.contact, str(complaint_id)) if found else None


def seal_all(session: Session, seals: Seals) -> int:
    """Seal with the newest key what is not, and return how many rows that were; what does not open stays as it is."""
    rows = session.scalars(select(ComplaintContact)).all()
    return sum(_seal_anew(seals, row) for row in rows if not seals.is_fresh(row.contact))


def _seal_anew(seals: Seals, row: ComplaintContact) -> bool:
    about = str(row.complaint_id)
    try:
        row.contact = seals.seal(seals.open(row.contact, about), about)
    except Unreadable as error:
        log.warning("contact not sealed anew", extra={"complaint": about, "error": str(error)})
        return False
    return True


def rotate(session: Session, seals: Seals, *, actor: str, at: datetime) -> tuple[str, int]:
    """Make a new key, seal everything with it, and return its id and how many rows that were.

    `Seals.drop_old_keys` comes after this has been committed.
    """
    key_id = seals.add_key()
    count = seal_all(session, seals)
    session.flush()
    audit(
        session,
        "contacts.sealed_anew",
        actor=actor,
        at=at,
        of=("registry", "contacts"),
        detail={"key": key_id},
    )
    return key_id, count
