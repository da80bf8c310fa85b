"""Imports: files of other registers become world facts. Whoever is imported stays an unclaimed fact, on no list.

A file is read through by its form before anything is written, so that one that is broken anywhere changes nothing. Then it
is applied in batches; each batch is one transaction that also notes how far the run has come, so that a killed run goes on
where it was. A file imported twice changes nothing, even if a newer one was imported in between.
"""

import gc
import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from registry.database import Database
from registry.errors import Conflict, FieldError, InvalidInput, NotFound
from registry.importers import IMPORTERS
from registry.importers.base import Importer, Row
from registry.models.institution import ImportRow, ImportRun, ImportState
from registry.services.cycles import rare_collection
from registry.services.import_batches import Outcome, RowResult, apply_institutions
from registry.services.import_identities import apply_identities
from registry.services.recording import FACT, audit, wait_for

BATCH = 1_000
"""Records of one transaction."""
Clock = Callable[[], datetime]
"""Tells the instant; read anew for each batch, since others record too while a long file is imported."""


@dataclass(slots=True)
class Report:
    """What an import did: records per outcome, of `total` in the file; a dry run has no run to look up."""

    run_id: uuid.UUID
    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    applied: int = 0
    """Records that this process has applied."""

    @property
    def done(self) -> int:
        """Records applied so far, by this process or by one that was killed."""
        return self.counts.total()

    def as_dict(self) -> dict[str, int]:
        """Return the number of records for every outcome, zeros too."""
        return {outcome.value: self.counts[outcome.value] for outcome in Outcome}


Watch = Callable[[Report, Sequence[RowResult]], None]
"""Called after each batch with what became of its records; over all calls it sees each record of the file once."""


def import_file(
    database: Database,
    path: Path,
    format_: str,
    *,
    holds: str,
    actor: str,
    clock: Clock,
    dry_run: bool = False,
    watch: Watch | None = None,
) -> Report:
    """Import a file as the operator, or go on with the same file where a killed import was. `holds`: see `Importer`.

    A dry run does the same in one transaction and takes it back; other writers wait for it.

    Raises:
        InvalidInput: no such format, or the file is not of it; nothing is written then.
        Conflict: another process imports this file.
    """
    importer = importer_for(format_, holds)
    with path.open("rb") as file:
        total = count_records(importer, file)
        if dry_run:
            return _dry_run(database, importer, file, total, _Act(actor, clock, watch))
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        with database.transaction() as session:
            run = _interrupted(session, digest, format_, actor)
            run = run or _start(session, importer, path.name, digest, actor, clock())
            report = report_of(run, total)
        return apply(database, importer, file, report, actor=actor, clock=clock, watch=watch)


def import_institutions(database: Database, path: Path, format_: str, *, actor: str, at: datetime) -> Report:
    """Import institutions as the operator, at one instant."""
    return import_file(database, path, format_, holds="institutions", actor=actor, clock=lambda: at)


def import_identities(database: Database, path: Path, format_: str, *, actor: str, at: datetime) -> Report:
    """Import issuing identities as the operator, at one instant."""
    return import_file(database, path, format_, holds="identities", actor=actor, clock=lambda: at)


def importer_for(format_: str, holds: str) -> Importer:
    """Return the importer of a format.

    Raises:
        InvalidInput: there is none that holds this; names those there are.
    """
    importer = IMPORTERS.get(format_)
    if importer is None or importer.holds != holds:
        known = ", ".join(sorted(i.format for i in IMPORTERS.values() if i.holds == holds))
        message = f"no format {format_} for {holds}; there is {known}"
        raise InvalidInput(message, [FieldError("format", message)])
    return importer


def count_records(importer: Importer, file: BinaryIO) -> int:
    """Read a file through and return how many records it has, refused ones included.

    Raises:
        InvalidInput: it is not of the format, or breaks off, at the line that the message names.
    """
    return importer.count(_from_start(file))


def _from_start(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


def _interrupted(session: Session, digest: str, format_: str, actor: str) -> ImportRun | None:
    """Return the unfinished run of the same bytes by the same actor; approved ones belong to the worker."""
    query = select(ImportRun).where(
        ImportRun.sha256 == digest,
        ImportRun.format == format_,
        ImportRun.state == ImportState.RUNNING,
        ImportRun.started_by == actor,
        ImportRun.second.is_(None),
    )
    return session.scalars(query.order_by(ImportRun.started_at)).first()


def _start(
    session: Session, importer: Importer, name: str, digest: str, actor: str, at: datetime
) -> ImportRun:
    run = new_run(session, importer, name, digest, ImportState.RUNNING, actor, at)
    audit(session, "import.started", actor=actor, at=at, of=("import_run", run.id), detail={"file": name})
    return run


def new_run(
    session: Session, importer: Importer, name: str, digest: str, state: ImportState, actor: str, at: datetime
) -> ImportRun:
    """Add a run that has applied nothing yet."""
    run = ImportRun(
        format=importer.format,
        file_name=name,
        sha256=digest,
        state=state,
        counts={},
        done=0,
        started_by=actor,
        started_at=at,
    )
    session.add(run)
    session.flush()
    return run


def report_of(run: ImportRun, total: int = 0) -> Report:
    """Return how far a run has come."""
    return Report(run.id, total, Counter(run.counts))


@dataclass(frozen=True, slots=True)
class _Act:
    """Who imports, when, and who watches."""

    actor: str
    clock: Clock
    watch: Watch | None

    def tell(self, report: Report, results: Sequence[RowResult]) -> None:
        if self.watch is not None:
            self.watch(report, results)


def apply(
    database: Database,
    importer: Importer,
    file: BinaryIO,
    report: Report,
    *,
    actor: str,
    clock: Clock,
    watch: Watch | None = None,
    batches: int | None = None,
) -> Report:
    """Apply the records that a run has not applied yet, at most so many batches of them; then the run is done."""
    act = _Act(actor, clock, watch)
    _tell_earlier(database, report, act)
    rows = islice(importer.parse(_from_start(file)), report.done, None)
    with rare_collection():
        for batch in islice(_batches(rows), batches):
            with database.transaction() as session:
                results = _take(session, importer, batch, report, act)
            act.tell(report, results)
            gc.collect(1)
    if next(rows, None) is None:
        _finish(database, report, act)
    return report


def _tell_earlier(database: Database, report: Report, act: _Act) -> None:
    if not act.watch:
        return
    with database.reading() as session:
        for earlier in rows_of(session, report.run_id):
            act.tell(report, [result_of(earlier)])


def _take(
    session: Session, importer: Importer, batch: Sequence[Row], report: Report, act: _Act
) -> list[RowResult]:
    """Apply one batch and keep its report, in one transaction."""
    wait_for(session, FACT)
    at = act.clock()
    run = session.get_one(ImportRun, report.run_id, with_for_update=True)
    if run.done != report.done:
        raise Conflict("another process imports this file; let it finish")
    if importer.holds == "identities":
        results = apply_identities(session, batch, source=importer.source, at=at)
    else:
        results = apply_institutions(
            session, batch, source=importer.source, run_id=run.id, actor=act.actor, at=at
        )
    keep_rows(session, report.run_id, report.done, results)
    report.counts.update(result.outcome.value for result in results)
    report.applied += len(results)
    run.done, run.counts = report.done, dict(report.counts)
    return results


def keep_rows(session: Session, run_id: uuid.UUID, done: int, results: Sequence[RowResult]) -> None:
    """Keep what became of the records of a run that come after the first `done`."""
    rows = [
        {
            "run_id": run_id,
            "place": place,
            "line": result.line,
            "key": result.key,
            "outcome": result.outcome.value,
            "institution_id": result.institution_id,
            "detail": list(result.detail),
        }
        for place, result in enumerate(results, done + 1)
    ]
    if rows:
        session.connection().execute(insert(ImportRow), rows)


def _finish(database: Database, report: Report, act: _Act) -> None:
    with database.transaction() as session:
        run = session.get_one(ImportRun, report.run_id, with_for_update=True)
        if run.state is ImportState.DONE:
            return
        at = act.clock()
        run.state, run.finished_at = ImportState.DONE, at
        of = ("import_run", run.id)
        audit(session, "import.done", actor=act.actor, at=at, of=of, detail=report.as_dict())


def _dry_run(database: Database, importer: Importer, file: BinaryIO, total: int, act: _Act) -> Report:
    with Session(database.engine) as session:
        run = new_run(session, importer, "dry run", "", ImportState.RUNNING, act.actor, act.clock())
        report = report_of(run, total)
        for batch in _batches(importer.parse(_from_start(file))):
            results = _take(session, importer, batch, report, act)
            session.flush()
            session.expunge_all()
            act.tell(report, results)
        session.rollback()
    return report


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    stream = iter(rows)
    while batch := list(islice(stream, BATCH)):
        yield batch


def result_of(row: ImportRow) -> RowResult:
    """Return a kept report row as what it was made from."""
    return RowResult(row.line, row.key, Outcome(row.outcome), row.institution_id, tuple(row.detail))


def rows_of(session: Session, run_id: uuid.UUID, *outcomes: Outcome) -> Iterator[ImportRow]:
    """Yield the report of a run, one row per record in file order; `outcomes` narrow it."""
    query = select(ImportRow).where(ImportRow.run_id == run_id, *_only(outcomes)).order_by(ImportRow.place)
    yield from session.scalars(query.execution_options(yield_per=BATCH))


def page_of_rows(
    session: Session, run_id: uuid.UUID, outcome: Outcome | None, *, page: int, size: int
) -> tuple[Sequence[ImportRow], int]:
    """Return one page (from 1) of a run's report, and how many rows there are in all."""
    where = (ImportRow.run_id == run_id, *_only((outcome,) if outcome else ()))
    total = session.scalar(select(func.count()).select_from(ImportRow).where(*where)) or 0
    query = select(ImportRow).where(*where).order_by(ImportRow.place)
    return session.scalars(query.limit(size).offset((page - 1) * size)).all(), total


def _only(outcomes: Sequence[Outcome]) -> tuple[Any, ...]:
    return (ImportRow.outcome.in_([outcome.value for outcome in outcomes]),) if outcomes else ()


def run_by_id(session: Session, run_id: uuid.UUID, *, lock: bool = False) -> ImportRun:
    """Return a run or raise `NotFound`."""
    run = session.get(ImportRun, run_id, with_for_update=lock)
    if run is None:
        raise NotFound(f"no import {run_id}")
    return run


def runs(session: Session, limit: int = 50) -> Sequence[ImportRun]:
    """Return the newest imports."""
    return session.scalars(select(ImportRun).order_by(ImportRun.started_at.desc()).limit(limit)).all()
