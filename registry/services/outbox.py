"""What the publisher is told: that an issuer's statement, and the lists of its shard, no longer say what holds."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry.models.issuer import Issuer
from registry.services.recording import enqueue

STATEMENT = "statement"
LISTS = "lists"
DECISION = "decision"
MAIL = "mail"


def announce(session: Session, issuer: Issuer, *, at: datetime, due: datetime | None = None) -> None:
    """Tell the publisher that what is published of an issuer changes at `due` (default: now)."""
    enqueue(session, STATEMENT, {"issuer": str(issuer.id)}, at=at, due=due)
    enqueue(session, LISTS, {"scheme": issuer.scheme.slug, "shard": issuer.shard}, at=at, due=due)
