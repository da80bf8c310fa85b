"""Imports from a page: one operator hands in a file, another lets it in or turns it down, the worker applies it."""

import io
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.database import Database
from registry.domain.roles import Role
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed
from registry.files import FileStore
from registry.importers import IMPORTERS
from registry.models.institution import ImportRun, ImportState
from registry.services import access
from registry.services.imports import Clock, Report, apply, count_records, new_run, report_of, run_by_id
from registry.services.recording import audit


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
    """As an operator: hand in a file to import. Another operator has to approve it before anything is written.

    Raises:
        InvalidInput: no such format, or the file cannot be read as one.
    """
    access.require(session, actor, Role.OPERATOR, at=at)
    importer = IMPORTERS.get(format_)
    if importer is None:
        raise InvalidInput("choose a format", [FieldError("format", "choose one of the formats")])
    try:
        records = count_records(importer, io.BytesIO(data))
    except InvalidInput as error:
        raise InvalidInput(str(error), [FieldError("file", str(error))]) from error
    if not records:
        raise InvalidInput("the file has no records", [FieldError("file", "the file has no records")])
    run = new_run(session, importer, name, files.put(data), ImportState.AWAITS_SECOND, str(actor), at)
    detail = {"file": name, "records": records}
    audit(session, "import.proposed", actor=actor, at=at, of=("import_run", run.id), detail=detail)
    return run


def approve(session: Session, run_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> ImportRun:
    """As a second operator: let a proposed import run.

    Raises:
        NotAllowed: the person who proposed it.
        Conflict: it is settled already.
    """
    run = _waiting(session, run_id, actor, at)
    run.state, run.second = ImportState.RUNNING, str(actor)
    session.flush()
    audit(session, "import.approved", actor=actor, at=at, of=("import_run", run.id))
    return run


def turn_down(session: Session, run_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> ImportRun:
    """As a second operator: refuse a proposed import; nothing of it is ever written.

    Raises:
        NotAllowed: the person who proposed it.
        Conflict: it is settled already.
    """
    run = _waiting(session, run_id, actor, at)
    run.state, run.second, run.finished_at = ImportState.TURNED_DOWN, str(actor), at
    session.flush()
    audit(session, "import.turned_down", actor=actor, at=at, of=("import_run", run.id))
    return run


def _waiting(session: Session, run_id: uuid.UUID, actor: uuid.UUID, at: datetime) -> ImportRun:
    access.require(session, actor, Role.OPERATOR, at=at)
    run = run_by_id(session, run_id, lock=True)
    if run.started_by == str(actor):
        raise NotAllowed("a second person approves an import")
    if run.state is not ImportState.AWAITS_SECOND:
        raise Conflict("this import was approved or turned down already")
    return run


def approved(session: Session) -> list[uuid.UUID]:
    """Return the imports that two people have let in and that are not done, oldest first."""
    query = select(ImportRun.id).where(ImportRun.state == ImportState.RUNNING, ImportRun.second.is_not(None))
    return list(session.scalars(query.order_by(ImportRun.started_at)))


def run_approved(
    database: Database, files: FileStore, run_id: uuid.UUID, *, clock: Clock, batches: int | None = None
) -> Report:
    """Apply an approved import, or go on with one that was interrupted; at most so many batches of it."""
    with database.transaction() as session:
        run = run_by_id(session, run_id)
        if run.state is not ImportState.RUNNING or run.second is None:
            raise Conflict("this import is not approved, or is done")
        report, importer, digest, actor = report_of(run), IMPORTERS[run.format], run.sha256, run.started_by
    file = io.BytesIO(files.get(digest))
    return apply(database, importer, file, report, actor=actor, clock=clock, batches=batches)
