"""Text that somebody has typed and not sent yet: kept for them alone, one per form, until it is sent or forgotten."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from registry.errors import FieldError, InvalidInput
from registry.models.work import SavedText

KEPT = timedelta(days=60)
"""How long text is kept after it was saved last."""
MOST = 200_000
"""Most characters of one form."""
KEY_MOST = 300


def save(
    session: Session, key: str, content: Mapping[str, Sequence[str]], *, actor: uuid.UUID, at: datetime
) -> SavedText:
    """Keep what was typed into a form, in place of what was kept before.

    Raises:
        InvalidInput: it is longer than any of our forms takes.
    """
    size = sum(len(name) + sum(map(len, values)) for name, values in content.items())
    if size > MOST or len(key) > KEY_MOST:
        message = "this is too long to be kept"
        raise InvalidInput(message, [FieldError("", message)])
    session.execute(delete(SavedText).where(SavedText.account_id == actor, SavedText.at < at - KEPT))
    row = session.get(SavedText, (actor, key)) or SavedText(account_id=actor, key=key)
    row.content, row.at = {name: list(values) for name, values in content.items()}, at
    session.add(row)
    session.flush()
    return row


def saved(session: Session, key: str, *, actor: uuid.UUID, at: datetime) -> SavedText | None:
    """Return what a person has kept of a form, or None."""
    row = session.get(SavedText, (actor, key))
    return row if row is not None and row.at >= at - KEPT else None


def forget(session: Session, key: str, *, actor: uuid.UUID) -> None:
    """Let go what was kept of a form, since it was sent or is not wanted."""
    session.execute(delete(SavedText).where(SavedText.account_id == actor, SavedText.key == key))
