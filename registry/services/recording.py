"""Numbers, audit and outbox: what every act leaves behind, in the transaction of the act itself."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import ClockWentBack
from registry.models.publication import AuditEvent, Counter, OutboxMessage

RECOGNITION = "recognition"
FACT = "fact"
IDENTITY = "identity"
AUDIT = "audit"
REFERENCE = "reference"


def next_number(session: Session, name: str, at: datetime, count: int = 1) -> int:
    """Take the next `count` numbers of a gapless counter and return the first of them.

    The counter's row is locked until the transaction ends, so numbers follow the order of recording.

    Raises:
        ClockWentBack: `at` lies before the instant the counter last moved.
    """
    counter = session.scalars(select(Counter).where(Counter.name == name).with_for_update()).one_or_none()
    if counter is None:
        counter = Counter(name=name, value=0, at=at)
        session.add(counter)
    if at < counter.at:
        raise ClockWentBack(
            f"the clock says {at:%Y-%m-%dT%H:%M:%SZ}, the last record {counter.at:%Y-%m-%dT%H:%M:%SZ}"
        )
    first = counter.value + 1
    counter.value += count
    counter.at = at
    session.flush()
    return first


def wait_for(session: Session, name: str) -> None:
    """Hold a counter until the transaction ends; a clock read after this lies before no earlier record of its."""
    session.scalar(select(Counter.value).where(Counter.name == name).with_for_update())


def audit(
    session: Session,
    act: str,
    *,
    actor: uuid.UUID | str,
    at: datetime,
    of: tuple[str, uuid.UUID | str],
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Record an act in the audit trail, chained to the one before."""
    number = next_number(session, AUDIT, at)
    before = session.scalar(select(AuditEvent.chain).where(AuditEvent.number == number - 1)) or ""
    row: dict[str, Any] = {
        "number": number,
        "at": at,
        "actor": str(actor),
        "act": act,
        "object_type": of[0],
        "object_id": str(of[1]),
        "detail": dict(detail or {}),
    }
    chain = hashlib.sha256(before.encode() + orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).hexdigest()
    event = AuditEvent(**row, chain=chain)
    session.add(event)
    session.flush()
    return event


def enqueue(
    session: Session, topic: str, payload: Mapping[str, Any], *, at: datetime, due: datetime | None = None
) -> None:
    """Leave a message for the publisher or the mailer, to be handled from `due` on; it exists exactly if the act commits."""
    session.add(OutboxMessage(topic=topic, payload=dict(payload), created_at=at, due_at=due or at))
