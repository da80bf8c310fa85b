"""Numbers, audit and outbox: what every act leaves behind, in the transaction of the act itself."""

import hashlib
import uuid
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import event as orm_event
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, SessionTransaction

from registry.errors import ChainBroken, ClockWentBack
from registry.models.publication import AuditEvent, Counter, OutboxMessage
from registry.models.records import AuditPlace
from registry.services.remembering import forget, remember_alone
from registry.services.witness import RECORD, Place, object_of, place_of, testify

RECOGNITION = "recognition"
FACT = "fact"
IDENTITY = "identity"
AUDIT = "audit"
REFERENCE = "reference"
_LOCKED, _CHAIN = "locked counters", "end of the chain"
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
    if name != AUDIT:
        # One lock orders all recording, and is always taken first: no two wait for each other.
        _locked(session, AUDIT, at)
    taken = _take(session, name, at, count)
    session.flush()
    return taken


def _take(session: Session, name: str, at: datetime, count: int = 1) -> Stamp:
    """Do what `stamp` does and leave the counter to the flush of what is numbered."""
    at = at.astimezone(UTC).replace(microsecond=0)
    counter = _locked(session, name, at)
    if at < counter.at - TOLERANCE:
        raise ClockWentBack(
            f"the clock says {at:%Y-%m-%dT%H:%M:%SZ}, the last record {counter.at:%Y-%m-%dT%H:%M:%SZ}"
        )
    first = counter.value + 1
    counter.value += count
    counter.at = max(at, counter.at)
    return Stamp(first, counter.at)


def _locked(session: Session, name: str, at: datetime) -> Counter:
    """Return a counter whose row this transaction holds; it is asked for once, since nobody else can move it meanwhile."""
    mine: dict[str, Counter] = session.info.setdefault(_LOCKED, {})
    if name not in mine:
        mine[name] = _lock(session, name, at)
        remember_alone(session)
    return mine[name]


def _lock(session: Session, name: str, at: datetime) -> Counter:
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


@orm_event.listens_for(Session, "after_soft_rollback")
def _let_go(session: Session, _ended: SessionTransaction) -> None:
    """Forget what was held: a rollback, also to a savepoint, gives locks back."""
    session.info.pop(_LOCKED, None)
    session.info.pop(_CHAIN, None)
    forget(session)


@orm_event.listens_for(Session, "after_transaction_end")
def _end(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        _let_go(session, ended)


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
    """Record an act in the audit trail, chained to the one before, after what it has changed is in the session.

    The role acted in and the object's hash before and after join `detail` under `RECORD`. What is recorded is written with
    the next flush.
    """
    told = dict(detail or {})
    testimony = testify(session, actor, of, told)
    number, recorded = _take(session, AUDIT, at)
    entry = AuditEvent(
        number=number,
        at=recorded,
        actor=str(actor),
        act=act,
        object_type=of[0],
        object_id=str(of[1]),
        detail=told | {RECORD: testimony.wire()},
    )
    entry.chain = _link(_chain_before(session, number), entry)
    session.add(entry)
    session.add(_placed(entry, testimony.place))
    session.info[_CHAIN] = (number, entry.chain)
    return entry


def _chain_before(session: Session, number: int) -> str:
    """Return the chain value of the event before; this transaction knows it if it recorded that one itself."""
    last, chain = session.info.get(_CHAIN, (0, ""))
    if last == number - 1 and last:
        return str(chain)
    return session.scalar(select(AuditEvent.chain).where(AuditEvent.number == number - 1)) or ""


def _placed(event: AuditEvent, place: Place) -> AuditPlace:
    return AuditPlace(
        number=event.number,
        object_type=event.object_type,
        object_id=event.object_id,
        application_id=place.application_id,
        body_id=place.body_id,
        institution_id=place.institution_id,
    )


def place_events(session: Session) -> int:
    """Say where events belong that were recorded before that was kept; return how many there were."""
    query = (
        select(AuditEvent)
        .outerjoin(AuditPlace, AuditPlace.number == AuditEvent.number)
        .where(AuditPlace.number.is_(None))
        .order_by(AuditEvent.number)
    )
    unplaced = session.scalars(query).all()
    for event in unplaced:
        row = object_of(session, event.object_type, event.object_id)
        session.add(_placed(event, place_of(session, row) if row is not None else Place()))
    session.flush()
    return len(unplaced)


def _link(before: str, event: AuditEvent) -> str:
    return link(before, {name: getattr(event, name) for name in CHAINED})


def link(before: str, row: Mapping[str, Any]) -> str:
    """Return the chain value of an event: hex SHA-256 over the value before it and the event in canonical form.

    `row` holds what `CHAINED` names; `at` as an instant, or as it stands in JSON.
    """
    chained = {name: row[name] for name in CHAINED}
    return hashlib.sha256(before.encode() + orjson.dumps(chained, option=orjson.OPT_SORT_KEYS)).hexdigest()


CHAINED = ("number", "at", "actor", "act", "object_type", "object_id", "detail")


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What checking the audit trail found: events that fit together from the first on, and how many were recorded.

    `head` is the chain value of the last that fits.
    """

    holds_until: int
    recorded: int
    head: str

    @property
    def is_whole(self) -> bool:
        """Whether every event recorded is there and fits."""
        return self.holds_until == self.recorded


def check_chain(session: Session) -> ChainCheck:
    """Check the audit trail from its first event on; nothing is raised."""
    head, count = "", 0
    query = select(AuditEvent).order_by(AuditEvent.number).execution_options(yield_per=1_000)
    last = session.scalar(select(Counter.value).where(Counter.name == AUDIT)) or 0
    with closing(session.scalars(query)) as events:
        for event in events:
            if event.number != count + 1 or event.chain != _link(head, event):
                return ChainCheck(count, max(last, count + 1), head)
            head, count = event.chain, event.number
    return ChainCheck(count, last, head)


def verify_chain(session: Session) -> int:
    """Check the audit trail from its first event to its last, and return how many there are.

    Raises:
        ChainBroken: an event was changed, taken out or put in; the message names the first that does not fit.
    """
    found = check_chain(session)
    if not found.is_whole:
        raise ChainBroken(
            f"the audit trail does not fit together at event {found.holds_until + 1} of {found.recorded}"
        )
    return found.holds_until


def enqueue(
    session: Session, topic: str, payload: Mapping[str, Any], *, at: datetime, due: datetime | None = None
) -> None:
    """Leave a message for the publisher or the mailer, to be handled from `due` on; it exists exactly if the act commits."""
    session.add(OutboxMessage(topic=topic, payload=dict(payload), created_at=at, due_at=due or at))
