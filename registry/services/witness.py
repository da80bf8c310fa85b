"""What an audit event says beyond its act: the role acted in, the object's hash before and after, and whose event it is.

Everything here is found from the object that the event names and from what the session knows of it; no caller states it
(ADR 0010).
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final
from weakref import WeakSet

import orjson
from sqlalchemy import bindparam, event, inspect, or_, select
from sqlalchemy.orm import Mapper, Session

from registry.domain.roles import CaseRole, Role
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.base import Base
from registry.models.body import Body
from registry.models.institution import Institution
from registry.models.issuer import Issuer
from registry.models.review import Assignment
from registry.services.remembering import once

RECORD: Final = "record"
"""The reserved key of an audit event's `detail`: `role`, `before` and `after` stand under it."""
CLOCK_EMAIL: Final = "clock@registry.invalid"
_ROLES, _CHANGED, _MADE = "witness.roles", "witness.changed", "witness.made"
_FOLLOWED: Final = ("decision_id", "motion_id", "version_id", "claim_id", "proposal_id")


@dataclass(frozen=True, slots=True)
class Place:
    """The case, the body and the institution that an object belongs to; None where it belongs to none."""

    application_id: uuid.UUID | None = None
    body_id: uuid.UUID | None = None
    institution_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Testimony:
    """What is known of an act beyond its name. Hashes: hex, 64 characters; None: there was, or is, no such object."""

    place: Place
    role: str | None
    before: str | None
    after: str | None

    def wire(self) -> dict[str, str | None]:
        """Return what joins the detail of the event, and is chained with it."""
        return {"role": self.role, "before": self.before, "after": self.after}


def note_role(session: Session, actor: uuid.UUID, role: Role | CaseRole) -> None:
    """Remember by which role a check has just let a person through."""
    session.info.setdefault(_ROLES, {})[actor] = role.value


def testify(
    session: Session, actor: uuid.UUID | str, of: tuple[str, uuid.UUID | str], detail: Mapping[str, Any]
) -> Testimony:
    """Return what is known of an act that has just been done to an object.

    A fixed number of queries, whatever the object; what the act has changed must be in the session.
    """
    session.flush()
    row = object_of(session, *of)
    place = place_of(session, row) if row is not None else Place()
    if place == Place():
        place = _named(detail)
    return Testimony(place, _role(session, actor, place), *_hashes(session, row))


def object_of(session: Session, kind: str, key: uuid.UUID | str) -> Base | None:
    """Return the mapped object that an audit event names, or None where it names something else."""
    mapper = _mappers().get(kind)
    if mapper is None or len(mapper.primary_key) != 1:
        return None
    try:
        return session.get(mapper.class_, mapper.primary_key[0].type.python_type(str(key)))
    except ValueError:
        return None


@cache
def _mappers() -> dict[str, Mapper[Any]]:
    return {mapper.class_.__tablename__: mapper for mapper in Base.registry.mappers}


def place_of(session: Session, row: Base) -> Place:
    """Return the case, body and institution of an object, by its own columns or those of what it points to."""
    match row:
        case Application():
            return Place(row.id, row.scheme.body_id, row.institution_id)
        case Issuer():
            return Place(None, row.scheme.body_id, row.institution_id)
        case Body():
            return Place(body_id=row.id)
        case Institution():
            return Place(institution_id=row.id)
    for column, kind in (("application_id", "application"), ("issuer_id", "issuer")):
        found = _follow(session, row, column, kind)
        if found is not None:
            return place_of(session, found)
    own = Place(None, getattr(row, "body_id", None), getattr(row, "institution_id", None))
    if own != Place():
        return own
    for column in ("scheme_id", *_FOLLOWED):
        found = _follow(session, row, column)
        if found is not None:
            return place_of(session, found)
    return Place()


def _follow(session: Session, row: Base, column: str, kind: str = "") -> Base | None:
    key = getattr(row, column, None)
    if key is None:
        return None
    kinds = (kind,) if kind else tuple(fk.column.table.name for fk in row.__table__.c[column].foreign_keys)
    return next((found for one in kinds if (found := object_of(session, one, key)) is not None), None)


def _named(detail: Mapping[str, Any]) -> Place:
    """Return the place that the detail of an event names, such as the body for which a role was given."""
    found = {name: detail.get(name) for name in ("application", "body", "institution")}
    keys = {f"{name}_id": uuid.UUID(key) for name, key in found.items() if _is_id(key)}
    return Place(**keys)


def _is_id(text: object) -> bool:
    try:
        uuid.UUID(str(text))
    except ValueError:
        return False
    return True


def _role(session: Session, actor: uuid.UUID | str, place: Place) -> str | None:
    """Return the role acted in: the one that the checks went by, if the person holds it here, else what they hold here."""
    if not _is_id(actor):
        return str(actor)
    who = uuid.UUID(str(actor))
    held = _part(session, who, place) or _grants(session, who, place)
    noted = session.info.get(_ROLES, {}).get(who)
    if noted in held:
        return str(noted)
    if not held:
        account = session.get(Account, who)
        return "clock" if account is not None and account.email == CLOCK_EMAIL else None
    return ", ".join(sorted(held))


_PART = select(Assignment).where(
    Assignment.application_id == bindparam("application_id"),
    Assignment.account_id == bindparam("account_id"),
    Assignment.ended_at.is_(None),
)


def given_part(session: Session, who: uuid.UUID, application_id: uuid.UUID) -> Assignment | None:
    """Return the part that a person was given in a case and still plays, or None."""
    given = {"application_id": application_id, "account_id": who}
    asked = ("part", who, application_id)
    return once(session, asked, lambda: session.scalars(_PART, given).one_or_none(), of=Assignment)


def _part(session: Session, who: uuid.UUID, place: Place) -> set[str]:
    part = given_part(session, who, place.application_id) if place.application_id else None
    return {part.role.value} if part is not None else set()


_GRANTS = select(RoleGrant.role).where(
    RoleGrant.account_id == bindparam("account_id"),
    RoleGrant.revoked_at.is_(None),
    or_(
        RoleGrant.body_id.is_(None) & RoleGrant.institution_id.is_(None),
        RoleGrant.body_id == bindparam("body_id"),
        RoleGrant.institution_id == bindparam("institution_id"),
    ),
)


def _grants(session: Session, who: uuid.UUID, place: Place) -> set[str]:
    given = {"account_id": who, "body_id": place.body_id, "institution_id": place.institution_id}
    asked = ("roles for", who, place.body_id, place.institution_id)
    return once(
        session, asked, lambda: {role.value for role in session.scalars(_GRANTS, given)}, of=RoleGrant
    )


def _hashes(session: Session, row: Base | None) -> tuple[str | None, str | None]:
    if row is None:
        return None, None
    after = digest(row)
    key = inspect(row).key
    made: WeakSet[Base] = session.info.get(_MADE, WeakSet())
    changed = session.info.get(_CHANGED, {})
    before = None if row in made else digest(row, changed.get(key, {}))
    made.discard(row)
    changed.pop(key, None)
    return before, after


def digest(row: Base, instead: Mapping[str, Any] | None = None) -> str:
    """Return the hash of an object's columns in canonical form; `instead` are values that they had before."""
    instead = instead or {}
    columns = inspect(row).mapper.column_attrs.keys()
    values = {name: instead[name] if name in instead else getattr(row, name) for name in columns}
    text = orjson.dumps([row.__tablename__, values], default=_plain, option=_CANONICAL)
    return hashlib.sha256(text).hexdigest()


_CANONICAL: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def _plain(value: Any) -> str:
    if isinstance(value, datetime):  # as the database keeps it
        return value.astimezone(UTC).replace(microsecond=0).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return str(value)


@event.listens_for(Session, "before_flush")
def _remember(session: Session, _context: object, _instances: object) -> None:
    """Keep what changed columns held when they were loaded; a flush forgets it."""
    made = session.info.setdefault(_MADE, WeakSet())
    changed = session.info.setdefault(_CHANGED, {})
    for row in session.new:
        made.add(row)
    for row in session.dirty:
        state = inspect(row)
        known = changed.setdefault(state.key, {})
        for name in state.mapper.column_attrs.keys() & state.committed_state.keys():
            known.setdefault(name, state.committed_state[name])
        if state.mapper.version_id_col is not None:  # the flush itself raises it
            known.setdefault(state.mapper.version_id_col.key, state.dict.get(state.mapper.version_id_col.key))
