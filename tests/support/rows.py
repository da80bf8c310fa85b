"""Rows in every table, made from what the columns say, for tests that care for no meaning."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from registry.separation import drop_separation_triggers, separation_triggers


def fill_every_table(connection: sa.Connection) -> sa.MetaData:
    """Insert rows into each table, parents first, and return the tables as the database has them.

    The separation of duties asks what rows mean; it is taken away meanwhile.
    """
    metadata = sa.MetaData()
    metadata.reflect(connection)
    dialect = connection.dialect.name
    for statement in drop_separation_triggers(dialect):
        connection.exec_driver_sql(statement)
    for table in metadata.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert(), _rows(table))
    for statement in separation_triggers(dialect):
        connection.exec_driver_sql(statement)
    return metadata


_ROWS = 3
"""As many as one row may have to name different people."""


_NEEDED = {
    ("api_client", "body_id"),
    ("recognition_event", "decision_id"),
    ("visit_note", "text"),
}
"""Columns that may stay empty, but where a rule asks for one of two."""


def _row(table: sa.Table, number: int) -> dict[str, Any]:
    """What may stay empty does; two references to one parent name different rows: rules ask for two."""
    row: dict[str, Any] = {}
    parents: list[sa.Table] = []
    places: dict[Any, int] = {}
    for column in table.columns:
        if column.nullable and (table.name, column.name) not in _NEEDED:
            continue
        key = max(column.foreign_keys, key=lambda one: len(one.constraint.columns), default=None)
        if key is None:
            row[column.name] = _value(column, number)
            continue
        if key.constraint not in places:  # the columns of one reference name one row
            places[key.constraint] = (number + parents.count(key.column.table)) % _ROWS
            parents.append(key.column.table)
        row[column.name] = _value(key.column, places[key.constraint])
    return row


_FIXED = {("policy_draft_person", "part"): "editor"}
"""What a rule wants to be one word."""


def _rows(table: sa.Table) -> list[dict[str, Any]]:
    """Return the rows of a table; whoever approves a draft is another person than its editor."""
    rows = [_row(table, number) for number in range(_ROWS)]
    account = {"policy_draft_person": "account_id", "policy_adoption": "approved_by"}.get(table.name)
    if account is None:
        return rows
    turned = [*rows[1:], rows[0]]
    others = [
        {**row, account: next_[account], "part": "approver"} for row, next_ in zip(rows, turned, strict=True)
    ]
    return [*rows, *others] if table.name == "policy_draft_person" else others


def _value(column: sa.Column[Any], number: int) -> Any:
    fixed = _FIXED.get((column.table.name, column.name))
    if fixed is not None:
        return fixed
    for key in column.foreign_keys:
        return _value(key.column, number)
    kind = next(kind for kind in _MAKERS if isinstance(column.type, kind))
    return _MAKERS[kind](column, number)


_MAKERS: dict[type[Any], Callable[[sa.Column[Any], int], Any]] = {
    sa.Uuid: lambda column, number: uuid.uuid5(uuid.NAMESPACE_OID, f"{column.name}{number}"),
    sa.String: lambda column, number: f"{number}{column.name}"[: column.type.length or 40],  # type: ignore[attr-defined]
    sa.Boolean: lambda _, number: bool(number),
    sa.Numeric: lambda _, number: number + 1,
    sa.Integer: lambda _, number: number + 1,
    sa.DateTime: lambda _, number: datetime(2026, 1, 1 + number, tzinfo=UTC),
    sa.Date: lambda _, number: date(2026, 1, 1 + number),
    sa.JSON: lambda *_: {},
    sa.LargeBinary: lambda _, number: bytes([number]),
}
