"""Numbers, audit and outbox: what every act leaves behind, in the transaction of the act itself."""

import hashlib
import uuid
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.errors import ChainBroken, ClockWentBack
from registry.models.publication import AuditEvent, Counter, OutboxMessage

RECOGNITION = "recognition"
FACT = "fact"
IDENTITY = "identity"
AUDIT = "audit"
REFERENCE = "reference"
TOLERANCE = timedelta(seconds=60)
"""How far one machine's clock may lie behind another's, or a request behind one that overtook it."""


class Stamp(NamedTuple):
    """The first number taken, and the instant that the record carries: never before an earlier number's."""

    number: int
    at: datetime


def next_number(session: Session, name: str, at: datetime, count: int = 1) -> int:
    """Take the next `count` numbers of a gapless counter and return the first of them; see `stamp`."""
    return stamp(session, name, at, count).number


def stamp(session: Session, name: str, at: datetime, count: int = 1) -> Stamp:
    """Take the next `count` numbers of a gapless counter, and the instant to record them at.

    The counter's row is locked until the transaction ends, so numbers follow the order of recording. Of two people who act
    at once, the later to get the lock may have read the clock first: within `TOLERANCE` its record carries the instant of
    the one before, so that instants follow the numbers and nobody is turned away.

    Raises:
        ClockWentBack: `at` lies further before the instant the counter last moved.
    """
    at = at.astimezone(UTC).replace(microsecond=0)
    if name != AUDIT:
        _locked(
            session, AUDIT, at
        )  # one lock orders all recording, and is always taken first: no two wait for each other
    counter = _locked(session, name, at)
    if at < counter.at - TOLERANCE:
        raise ClockWentBack(
            f"the clock says {at:%Y-%m-%dT%H:%M:%SZ}, the last record {counter.at:%Y-%m-%dT%H:%M:%SZ}"
        )
    first = counter.value + 1
    counter.value += count
    counter.at = max(at, counter.at)
    session.flush()
    return Stamp(first, counter.at)


def _locked(session: Session, name: str, at: datetime) -> Counter:
    query = select(Counter).where(Counter.name == name).with_for_update()
    counter = session.scalars(query).one_or_none()
    if counter is None:
        try:
            with session.begin_nested():
                session.add(Counter(name=name, value=0, at=at))
        except IntegrityError:  # another transaction made it first, and has ended
            session.expire_all()
        counter = session.scalars(query).one()
    return counter


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
    number, recorded = stamp(session, AUDIT, at)
    before = session.scalar(select(AuditEvent.chain).where(AuditEvent.number == number - 1)) or ""
    event = AuditEvent(
        number=number,
        at=recorded,
        actor=str(actor),
        act=act,
        object_type=of[0],
        object_id=str(of[1]),
        detail=dict(detail or {}),
    )
    event.chain = _link(before, event)
    session.add(event)
    session.flush()
    return event


def _link(before: str, event: AuditEvent) -> str:
    """Return the chain value of an event: hex SHA-256 over the value before it and the event in canonical form."""
    row = {name: getattr(event, name) for name in _CHAINED}
    return hashlib.sha256(before.encode() + orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).hexdigest()


_CHAINED = ("number", "at", "actor", "act", "object_type", "object_id", "detail")


def verify_chain(session: Session) -> int:
    """Check the audit trail from its first event to its last, and return how many there are.

    Raises:
        ChainBroken: an event was changed, taken out or put in; the message names the first that does not fit.
    """
    before, count = "", 0
    query = select(AuditEvent).order_by(AuditEvent.number).execution_options(yield_per=1_000)
    with closing(session.scalars(query)) as events:
        for count, event in enumerate(events, start=1):
            if event.number != count or event.chain != _link(before, event):
                raise ChainBroken(f"the audit trail does not fit together at event {count}")
            before = event.chain
    last = session.scalar(select(Counter.value).where(Counter.name == AUDIT)) or 0
    if last != count:
        raise ChainBroken(f"the audit trail ends at event {count}, and {last} were recorded")
    return count


def enqueue(
    session: Session, topic: str, payload: Mapping[str, Any], *, at: datetime, due: datetime | None = None
) -> None:
    """Leave a message for the publisher or the mailer, to be handled from `due` on; it exists exactly if the act commits."""
    session.add(OutboxMessage(topic=topic, payload=dict(payload), created_at=at, due_at=due or at))
