"""Importing somebody else's trusted list: who is listed becomes unclaimed facts, what is listed observed standing.

Nothing here makes, changes or ends a recognition or an identity of ours, and nothing here is published. A list is taken in
one transaction, whole or not at all. The same bytes again change nothing; a number that went back, or one number on two
different lists, is refused, as a verifier would.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from registry.database import Database
from registry.importers.lists import list_names, list_source, parse_parties
from registry.models.foreign import ForeignList, ForeignListing
from registry.models.institution import ImportRun, ImportState
from registry.publishers.facts import VerificationFailed
from registry.publishers.foreign_lists import OpenedList
from registry.services.foreign_listings import Changes, ListingCounts
from registry.services.import_batches import Outcome, RowResult, apply_institutions
from registry.services.imports import keep_rows
from registry.services.recording import FACT, audit, wait_for

BATCH = 1_000
"""Parties that are looked up and written at once."""
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class ListReport:
    """What an import of a list did: a report per party, and counts of listings. `run_id` is None after a dry run."""

    run_id: uuid.UUID | None
    rows: tuple[RowResult, ...]
    listings: ListingCounts

    def as_dict(self) -> dict[str, int]:
        """Return the number of parties for every outcome, zeros too, and of listings."""
        outcomes = [row.outcome for row in self.rows]
        return {
            **{outcome.value: outcomes.count(outcome) for outcome in Outcome},
            "listings_added": self.listings.added,
            "listings_changed": self.listings.changed,
            "listings_ended": self.listings.ended,
        }


@dataclass(frozen=True, slots=True)
class ListImport:
    """One import of an opened list. `address`: where it came from; `judged_at`: when it was judged to hold."""

    opened: OpenedList
    format: str
    address: str
    actor: str
    judged_at: datetime


def import_list(database: Database, wanted: ListImport, *, clock: Clock, dry_run: bool = False) -> ListReport:
    """Take in a list as the operator; a dry run does the same and takes it back.

    Raises:
        VerificationFailed: its number went back, or stands on two different lists.
        InvalidInput: a name of the list cannot be kept.
    """
    if not dry_run:
        with database.transaction() as session:
            return _take(session, wanted, clock)
    with Session(database.engine) as session:
        report = _take(session, wanted, clock)
        session.rollback()
    return replace(report, run_id=None)


def listings_of(session: Session, institution_id: uuid.UUID) -> Sequence[ForeignListing]:
    """Return the newest version of each listing of an institution on lists of others, ended ones too, list by list."""
    row = ForeignListing
    newest = select(func.max(row.number)).where(row.institution_id == institution_id)
    query = select(row).where(row.number.in_(newest.group_by(row.source, row.key)))
    return session.scalars(query.options(joinedload(row.list)).order_by(row.source, row.number)).all()


def newest_of(session: Session, source: str) -> ForeignList | None:
    """Return the newest number of a list that was imported, or None."""
    query = select(ForeignList).where(ForeignList.source == source)
    newest_first = (ForeignList.sequence.desc(), ForeignList.issued_at.desc(), ForeignList.recorded_at.desc())
    return session.scalars(query.order_by(*newest_first)).first()


def _take(session: Session, wanted: ListImport, clock: Clock) -> ListReport:
    wait_for(session, FACT)
    at = clock()
    contents = wanted.opened.contents
    source = list_source(contents)
    before = newest_of(session, source)
    _check_sequence(wanted.opened, before)
    run = _start(session, wanted, at)
    changes = Changes(session, source, _edition(session, wanted, source, before, run, at), at)
    rows: list[RowResult] = []
    stream = iter(parse_parties(contents, source))
    while batch := list(islice(stream, BATCH)):
        mine = [party.row for party in batch]
        results = apply_institutions(session, mine, source=source, run_id=run.id, actor=wanted.actor, at=at)
        keep_rows(session, run.id, len(rows), results)
        changes.note(batch, results)
        rows += results
    # A party that could not be read may list what is there already, so nothing is taken for ended then.
    counts = changes.write(complete=all(row.outcome is not Outcome.REFUSED for row in rows))
    report = ListReport(run.id, tuple(rows), counts)
    _finish(session, run, report, wanted, at)
    return report


def _check_sequence(opened: OpenedList, before: ForeignList | None) -> None:
    contents = opened.contents
    if before is None:
        return
    if contents.sequence < before.sequence or contents.issued_at < before.issued_at:
        raise VerificationFailed(
            "sequence", f"number {contents.sequence} is older than number {before.sequence}, imported before"
        )
    if contents.sequence == before.sequence and opened.sha256 != before.sha256:
        raise VerificationFailed(
            "sequence", f"number {contents.sequence} was imported before with other content"
        )


def _start(session: Session, wanted: ListImport, at: datetime) -> ImportRun:
    run = ImportRun(
        format=wanted.format,
        file_name=wanted.address,
        sha256=wanted.opened.sha256,
        state=ImportState.RUNNING,
        counts={},
        done=0,
        started_by=wanted.actor,
        started_at=at,
    )
    session.add(run)
    session.flush()
    return run


def _edition(
    session: Session,
    wanted: ListImport,
    source: str,
    before: ForeignList | None,
    run: ImportRun,
    at: datetime,
) -> ForeignList:
    """Return the number of the list that is imported; the same bytes under the same trust are the one that is there."""
    opened, contents = wanted.opened, wanted.opened.contents
    known = (before.sha256, before.signer, before.anchor) if before else None
    if before is not None and known == (opened.sha256, opened.signer, opened.anchor):
        return before
    row = ForeignList(
        source=source,
        format=wanted.format,
        address=wanted.address,
        sequence=contents.sequence,
        issued_at=contents.issued_at,
        next_update=contents.next_update,
        sha256=opened.sha256,
        signer=opened.signer,
        anchor=opened.anchor,
        judged_at=wanted.judged_at,
        run_id=run.id,
        recorded_at=at,
        actor=wanted.actor,
        **list_names(contents),
    )
    session.add(row)
    session.flush()
    return row


def _finish(session: Session, run: ImportRun, report: ListReport, wanted: ListImport, at: datetime) -> None:
    run.counts = {key: count for key, count in report.as_dict().items() if key in set(Outcome)}
    run.done, run.state, run.finished_at = len(report.rows), ImportState.DONE, at
    session.flush()
    opened = wanted.opened
    detail = {
        "list": wanted.address,
        "number": opened.contents.sequence,
        "sha256": opened.sha256,
        "anchor": opened.anchor,
        **report.as_dict(),
    }
    audit(session, "import.list", actor=wanted.actor, at=at, of=("import_run", run.id), detail=detail)
