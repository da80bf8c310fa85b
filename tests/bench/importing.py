"""Importing a table of institutions against SQLAlchemy Core inserting the same resulting rows, and its memory."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, create_engine, insert, select

from registry import migrate
from registry.database import Database
from registry.models.base import Base
from registry.services import imports
from tests.bench import memory
from tests.bench.results import Result

ROWS = 100_000
FEW = 10_000
ROUNDS = 3
BOUND = 0.25
MORE_MEMORY = 30.0
"""MiB that ten times as many records may take more; caches of statements and names fill up on the way."""
AT = datetime(2026, 9, 1, 9, tzinfo=UTC)
TABLES = (
    "institution",
    "institution_record",
    "institution_identifier",
    "work_item",
    "import_run",
    "import_row",
)
_COLUMNS = "source_key,legal_name,name_en,name_pl,country,city,street,postal_code,website,kind,founded,pic"


def write_table(path: Path, rows: int) -> None:
    """Write a table of `rows` invented institutions with names in two languages, an address and a number."""
    with path.open("w", encoding="utf-8") as file:
        file.write(_COLUMNS + "\n")
        file.writelines(_line(number) for number in range(rows))


def _line(number: int) -> str:
    return (
        f"K{number:07d},UNIWERSYTET WYMYŚLONY NR {number},Invented University No {number},"
        f"Uniwersytet wymyślony nr {number},PL,Łódź,ul. Długa {number % 400},90-{number % 1000:03d},"
        f"https://www.u{number}.example.org/,higher_education_institution,{1800 + number % 200},{100000000 + number}\n"
    )


def measure(directory: Path, *, rows: int = ROWS, few: int = FEW, rounds: int = ROUNDS) -> Iterator[Result]:
    """Measure CPU time turn by turn, then the peak of memory at two sizes, each in a process of its own."""
    many = directory / "many.csv"
    write_table(many, rows)
    write_table(directory / "few.csv", few)
    turns = [_turn(directory / f"{number}", many) for number in range(rounds)]
    yield Result("records imported", turns[0][2], "", rows, "exactly")
    ratios = [core / ours for ours, core, _ in turns]
    detail = {
        "ratios": [round(ratio, 2) for ratio in ratios],
        "import_cpu_seconds": [round(ours, 1) for ours, _, _ in turns],
        "core_cpu_seconds": [round(core, 1) for _, core, _ in turns],
    }
    yield Result("import / SQLAlchemy Core inserts", statistics.median(ratios), "x", BOUND, detail=detail)
    small, large = (_peak(directory, name) for name in ("few.csv", "many.csv"))
    yield Result(f"memory of {few:,} records", small, "MiB")
    yield Result(f"memory more for {rows:,}", large - small, "MiB", MORE_MEMORY, "at most")


def _turn(directory: Path, table: Path) -> tuple[float, float, int]:
    """Return CPU seconds of the import, of Core inserting the same rows, and the number of records."""
    directory.mkdir()
    database = _new(directory / "import.sqlite")
    spent = _cpu(lambda: imports.import_institutions(database, table, "csv", actor="bench", at=AT))
    rows = _rows(database.engine)
    database.dispose()
    # Plain Core on the same schema with SQLAlchemy's defaults, as large batches as ours.
    plain = _new(directory / "core.sqlite")
    core = _cpu(lambda: _insert(plain.engine, rows))
    plain.dispose()
    return spent, core, len(rows[0][1])


def _new(path: Path) -> Database:
    url = f"sqlite:///{path}"
    migrate.upgrade(url)
    return Database(url)


def _cpu(act: Callable[[], object]) -> float:
    before = time.process_time()
    act()
    return time.process_time() - before


def _rows(engine: Engine) -> list[tuple[Table, Sequence[dict[str, Any]]]]:
    with create_engine(engine.url).connect() as connection:
        tables = [Base.metadata.tables[name] for name in TABLES]
        return [(t, [dict(row) for row in connection.execute(select(t)).mappings()]) for t in tables]


def _insert(engine: Engine, rows: Sequence[tuple[Table, Sequence[dict[str, Any]]]]) -> None:
    for table, values in rows:
        for start in range(0, len(values), imports.BATCH):
            with engine.begin() as connection:
                connection.execute(insert(table), values[start : start + imports.BATCH])


def _peak(directory: Path, table: str) -> float:
    """Return the peak of memory (MiB) of a process that imports a table."""
    code = f"from tests.bench.importing import alone; alone({str(directory)!r}, {table!r})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def alone(directory: str, table: str) -> None:
    """Import one table into a new database and print the peak of this process's memory in MiB."""
    database = _new(Path(directory) / f"{table}.sqlite")
    imports.import_institutions(database, Path(directory) / table, "csv", actor="bench", at=AT)
    sys.stdout.write(f"{memory.peak()}\n")
