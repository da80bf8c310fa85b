"""Imports: files of other registers become world facts. Whoever is imported stays an unclaimed fact, on no list.

A file is read as a stream and applied in batches; each batch is one transaction that also notes how far the run has come, so
that a killed run goes on where it was, and a file imported twice changes nothing.
"""

import hashlib
import io
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.database import Database
from registry.domain.roles import Role
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.files import FileStore
from registry.importers import IMPORTERS
from registry.importers.base import Importer, Row
from registry.models.institution import ImportRow, ImportRun, ImportState
from registry.services import access
from registry.services.import_batches import Outcome, RowResult, apply_identities, apply_institutions
from registry.services.recording import audit

BATCH = 1_000
"""Records of one transaction."""
Progress = Callable[[int], None]
"""Called with the number of records of each batch that was applied."""


@dataclass(slots=True)
class Report:
    """What an import did: records per outcome, and the run that holds a row per record (None on a dry run)."""

    counts: Counter[str] = field(default_factory=Counter)
    run_id: uuid.UUID | None = None
    resumed_at: int = 0
    results: list[RowResult] = field(default_factory=list)

    def as_dict(self) -> dict[str, int]:
        """Return the number of records for every outcome, zeros too."""
        return {outcome.value: self.counts[outcome.value] for outcome in Outcome}


def import_file(
    database: Database,
    path: Path,
    format_: str,
    *,
    holds: str,
    actor: str,
    at: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import a file as the operator. `holds` is `institutions` or `identities`.

    A dry run reports row by row and writes nothing.

    Raises:
        InvalidInput: no such format, or the file is not of it.
    """
    importer = importer_for(format_, holds)
    if dry_run:
        return _dry_run(database, path, importer, actor, at, progress)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with database.transaction() as session:
        run = _running(session, digest, format_) or _start(session, path.name, digest, format_, actor, at)
        run_id, counts, resumed_at = run.id, dict(run.counts), run.next_line
    with path.open("rb") as file:
        return _apply(
            database, importer, file, Report(Counter(counts), run_id, resumed_at), actor, at, progress
        )


def import_institutions(database: Database, path: Path, format_: str, *, actor: str, at: datetime) -> Report:
    """Import institutions as the operator."""
    return import_file(database, path, format_, holds="institutions", actor=actor, at=at)


def import_identities(database: Database, path: Path, format_: str, *, actor: str, at: datetime) -> Report:
    """Import issuing identities as the operator."""
    return import_file(database, path, format_, holds="identities", actor=actor, at=at)


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


def _running(session: Session, digest: str, format_: str) -> ImportRun | None:
    return session.scalars(
        select(ImportRun).where(
            ImportRun.sha256 == digest, ImportRun.format == format_, ImportRun.state == ImportState.RUNNING
        )
    ).first()


def _start(session: Session, name: str, digest: str, format_: str, actor: str, at: datetime) -> ImportRun:
    run = ImportRun(
        format=format_,
        file_name=name,
        sha256=digest,
        state=ImportState.RUNNING,
        counts={},
        next_line=0,
        started_by=actor,
        started_at=at,
    )
    session.add(run)
    session.flush()
    audit(session, "import.started", actor=actor, at=at, of=("import_run", run.id), detail={"file": name})
    return run


def _apply(
    database: Database,
    importer: Importer,
    file: BinaryIO,
    report: Report,
    actor: str,
    at: datetime,
    progress: Progress | None,
) -> Report:
    rows = (row for row in importer.parse(file) if row.line > report.resumed_at)
    for batch in _batches(rows):
        with database.transaction() as session:
            results = _apply_batch(session, importer, batch, actor, at)
            report.counts.update(result.outcome.value for result in results)
            _keep(session, report, results, batch[-1].line)
        if progress:
            progress(len(batch))
    with database.transaction() as session:
        run = session.get_one(ImportRun, report.run_id)
        run.state, run.finished_at = ImportState.DONE, at
        audit(session, "import.done", actor=actor, at=at, of=("import_run", run.id), detail=report.as_dict())
    return report


def _apply_batch(
    session: Session, importer: Importer, batch: Sequence[Row], actor: str, at: datetime
) -> list[RowResult]:
    if importer.holds == "identities":
        return apply_identities(session, batch, source=importer.source, at=at)
    return apply_institutions(session, batch, source=importer.source, actor=actor, at=at)


def _keep(session: Session, report: Report, results: Sequence[RowResult], last_line: int) -> None:
    rows: list[dict[str, Any]] = [
        {
            "run_id": report.run_id,
            "line": result.line,
            "key": result.key,
            "outcome": result.outcome.value,
            "institution_id": result.institution_id,
            "detail": list(result.detail),
        }
        for result in results
    ]
    session.execute(insert(ImportRow), rows)
    run = session.get_one(ImportRun, report.run_id)
    run.next_line, run.counts = last_line, dict(report.counts)


def _dry_run(
    database: Database, path: Path, importer: Importer, actor: str, at: datetime, progress: Progress | None
) -> Report:
    report = Report()
    with path.open("rb") as file, Session(database.engine) as session:
        for batch in _batches(importer.parse(file)):
            results = _apply_batch(session, importer, batch, actor, at)
            report.results += results
            report.counts.update(result.outcome.value for result in results)
            if progress:
                progress(len(batch))
        session.rollback()
    return report


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    stream = iter(rows)
    while batch := list(islice(stream, BATCH)):
        yield batch


def rows_of(session: Session, run_id: uuid.UUID, *outcomes: Outcome) -> Iterator[ImportRow]:
    """Yield the report of a run, one row per record in file order; `outcomes` narrow it."""
    query = select(ImportRow).where(ImportRow.run_id == run_id).order_by(ImportRow.line)
    if outcomes:
        query = query.where(ImportRow.outcome.in_([outcome.value for outcome in outcomes]))
    yield from session.scalars(query.execution_options(yield_per=BATCH))


def propose(
    session: Session,
    files: FileStore,
    *,
    name: str,
    data: bytes,
    format_: str,
    actor: uuid.UUID,
    at: datetime,
) -> ImportRun:
    """As an operator on a page: hand in a file to import. Another operator has to approve it before anything is written.

    Raises:
        InvalidInput: no such format, or the file cannot be read as one.
    """
    access.require(session, actor, Role.OPERATOR, at=at)
    importer = IMPORTERS.get(format_)
    if importer is None:
        raise InvalidInput("choose a format", [FieldError("format", "choose one of the formats")])
    next(iter(importer.parse(io.BytesIO(data))), None)
    run = ImportRun(
        format=format_,
        file_name=name,
        sha256=files.put(data),
        state=ImportState.AWAITS_SECOND,
        counts={},
        next_line=0,
        started_by=str(actor),
        started_at=at,
    )
    session.add(run)
    session.flush()
    audit(session, "import.proposed", actor=actor, at=at, of=("import_run", run.id), detail={"file": name})
    return run


def approve(session: Session, run_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> ImportRun:
    """As a second operator: let a proposed import run.

    Raises:
        NotAllowed: the person who proposed it.
        Conflict: it runs or ran already.
    """
    access.require(session, actor, Role.OPERATOR, at=at)
    run = session.get(ImportRun, run_id, with_for_update=True)
    if run is None:
        raise NotFound(f"no import {run_id}")
    if run.started_by == str(actor):
        raise NotAllowed("a second person approves an import")
    if run.state is not ImportState.AWAITS_SECOND:
        raise Conflict("this import was approved already")
    run.state, run.second = ImportState.RUNNING, str(actor)
    session.flush()
    audit(session, "import.approved", actor=actor, at=at, of=("import_run", run.id))
    return run


def run_approved(database: Database, files: FileStore, run_id: uuid.UUID, *, at: datetime) -> Report:
    """Apply an approved import, or go on with one that was interrupted."""
    with database.transaction() as session:
        run = session.get_one(ImportRun, run_id)
        if run.state is not ImportState.RUNNING:
            raise Conflict("this import is not approved, or is done")
        report = Report(Counter(run.counts), run.id, run.next_line)
        importer, digest, actor = IMPORTERS[run.format], run.sha256, run.started_by
    return _apply(database, importer, io.BytesIO(files.get(digest)), report, actor, at, None)


def runs(session: Session, limit: int = 50) -> Sequence[ImportRun]:
    """Return the newest imports."""
    return session.scalars(select(ImportRun).order_by(ImportRun.started_at.desc()).limit(limit)).all()
