"""What every mapped class shares: naming of constraints, types, opaque ids, and the mark of append-only history."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, Enum, MetaData, Uuid
from sqlalchemy.orm import DeclarativeBase

from registry.database import UTCDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    """Base of all mapped classes. `history = True` marks a table that refuses UPDATE and DELETE in the database."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UTCDateTime(),
        uuid.UUID: Uuid(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }
    history: ClassVar[bool] = False


def enum_column(kind: type[StrEnum], length: int = 40) -> Enum:
    """Return a column type that keeps the enum's text without a CHECK, so a new member needs no migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )


def new_id() -> uuid.UUID:
    """Return an opaque id; ours are never reused."""
    return uuid.uuid4()


def history_tables() -> tuple[str, ...]:
    """Return the names of the append-only tables, sorted; triggers must exist for exactly these."""
    return tuple(
        sorted(m.class_.__tablename__ for m in Base.registry.mappers if getattr(m.class_, "history", False))
    )
