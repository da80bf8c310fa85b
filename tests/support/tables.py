"""Tables of institutions as files, and the whole contents of database tables, for tests of imports."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from registry.database import Database
from registry.models.base import Base

FACTS = ("institution", "institution_record", "institution_identifier", "identity_fact", "work_item")
"""The tables that hold what imports bring."""


def write_csv(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write rows as a table of institutions in the project's own format; what a row leaves out is empty."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, restval="")
        table.writeheader()
        table.writerows(rows)
    return path


def invented(number: int, **more: str) -> dict[str, str]:
    """Return one row: an invented institution with a number of its own."""
    row = {"source_key": f"K{number}", "legal_name": f"Uczelnia wymyślona {number}", "country": "PL"}
    return row | {"city": "Łódź", "pic": str(100_000_000 + number)} | more


def contents(database: Database, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of tables, sorted."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with database.transaction() as session:
        for name in tables or FACTS:
            rows = session.execute(select(Base.metadata.tables[name])).all()
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found
