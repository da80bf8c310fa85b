"""Reading the audit trail: who may, which events, page by page or as a stream; nothing here changes anything.

The auditor of a body reads the events of that body, the operator those that belong to no body. The chain runs through all.
"""

import csv
import io
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session

from registry.domain.roles import CaseRole, Role
from registry.domain.trust_list import wire_instant
from registry.errors import NotAllowed
from registry.models.account import Account
from registry.models.application import Application
from registry.models.publication import AuditEvent
from registry.models.records import AuditPlace
from registry.services import access
from registry.services.accounts import fold_email, is_of_registry, roles_of
from registry.services.witness import RECORD

COLUMNS: Final = (
    *("number", "at", "actor", "role", "act", "object_type", "object_id"),
    *("before", "after", "detail", "chain"),
)
NOBODY: Final = "nobody"
"""An actor of no event."""
_CASE_READERS: Final = (CaseRole.CASE_OFFICER, CaseRole.REGISTRAR, CaseRole.SECOND_SIGNER)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose events a person reads: those of bodies, and those that belong to none."""

    bodies: frozenset[uuid.UUID]
    registry: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events are looked for; None: any. `since` is the first instant, `until` the first one left out."""

    object_type: str | None = None
    object_id: str | None = None
    application_id: uuid.UUID | None = None
    actor: str | None = None
    act: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def reach_of(session: Session, *, actor: uuid.UUID, at: datetime) -> Reach:
    """Return whose events a person reads.

    Raises:
        NotAllowed: nobody's.
    """
    held = roles_of(session, actor, at=at)
    bodies = frozenset(g.body_id for g in held if g.role is Role.AUDITOR and g.body_id is not None)
    registry = any(grant.role is Role.OPERATOR or is_of_registry(grant) for grant in held)
    if not bodies and not registry:
        raise NotAllowed("only the auditor of a body, or the operator, reads the audit trail")
    return Reach(bodies, registry)


def by_address(session: Session, asked: Asked) -> Asked:
    """Return the same question where an e-mail address stands for the number of the person who acted."""
    if asked.actor is None or "@" not in asked.actor:
        return asked
    account_id = session.scalar(select(Account.id).where(Account.email == fold_email(asked.actor)))
    return replace(asked, actor=str(account_id or NOBODY))


def find(
    session: Session, reach: Reach, asked: Asked, page: int, size: int
) -> tuple[Sequence[AuditEvent], int]:
    """Return one page (from 1) of events, the newest first, and how many there are."""
    query = _query(reach, asked)
    total = session.scalar(query.with_only_columns(func.count(AuditEvent.number))) or 0
    newest = query.order_by(AuditEvent.number.desc()).limit(size).offset((page - 1) * size)
    return session.scalars(newest).all(), total


def stream(session: Session, reach: Reach, asked: Asked) -> Iterator[AuditEvent]:
    """Yield events in the order of recording, in flat memory."""
    query = _query(reach, asked).order_by(AuditEvent.number).execution_options(yield_per=500)
    with closing(session.scalars(query)) as events:
        for event in events:
            yield event
            session.expunge(event)


def case_events(session: Session, application_id: uuid.UUID) -> Sequence[AuditEvent]:
    """Return the events of one case in the order of recording; `may_read_case` says to whom."""
    query = (
        select(AuditEvent)
        .join(AuditPlace, AuditPlace.number == AuditEvent.number)
        .where(AuditPlace.application_id == application_id)
    )
    return session.scalars(query.order_by(AuditEvent.number)).all()


def may_read_case(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person reads the trail of a case: the body's auditor, and its officer and registrars with an open file."""
    if access.audits(session, application, actor=actor, at=at):
        return True
    part = access.part_of(session, actor, application.id)
    return (
        part is not None
        and part.role in _CASE_READERS
        and access.may_read_file(session, application, actor=actor, at=at)
    )


def _query(reach: Reach, asked: Asked) -> Select[AuditEvent]:
    query = select(AuditEvent).join(AuditPlace, AuditPlace.number == AuditEvent.number).where(_within(reach))
    wanted: tuple[tuple[object, ColumnElement[bool]], ...] = (
        (asked.object_type, AuditPlace.object_type == asked.object_type),
        (asked.object_id, AuditPlace.object_id == asked.object_id),
        (asked.application_id, AuditPlace.application_id == asked.application_id),
        (asked.actor, AuditEvent.actor == asked.actor),
        (asked.act, AuditEvent.act == asked.act),
    )
    query = query.where(*(condition for given, condition in wanted if given))
    if asked.since is not None:
        query = query.where(AuditEvent.at >= asked.since)
    return query if asked.until is None else query.where(AuditEvent.at < asked.until)


def _within(reach: Reach) -> ColumnElement[bool]:
    here = AuditPlace.body_id.in_(reach.bodies) if reach.bodies else false()
    return or_(here, AuditPlace.body_id.is_(None)) if reach.registry else here


def wire(event: AuditEvent) -> dict[str, Any]:
    """Return an event as JSON has it; role and hashes beside the rest of the detail, None in events from before."""
    detail = dict(event.detail)
    told = detail.pop(RECORD, None) or {}
    return {
        "number": event.number,
        "at": wire_instant(event.at),
        "actor": event.actor,
        "role": told.get("role"),
        "act": event.act,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "before": told.get("before"),
        "after": told.get("after"),
        "detail": detail,
        "chain": event.chain,
    }


def as_ndjson(events: Iterator[AuditEvent]) -> Iterator[bytes]:
    """Yield one line of JSON per event."""
    for event in events:
        yield orjson.dumps(wire(event), option=orjson.OPT_APPEND_NEWLINE)


def as_csv(events: Iterator[AuditEvent]) -> Iterator[bytes]:
    """Yield the header and one line per event; a cell that a spreadsheet would calculate is shown as text."""
    yield _line(COLUMNS)
    for event in events:
        row = wire(event) | {"detail": orjson.dumps(wire(event)["detail"]).decode()}
        yield _line([_cell(row[name]) for name in COLUMNS])


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _line(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
