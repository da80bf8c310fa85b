"""What the registry knows about the records of one batch, read in a few queries whatever the size of the batch."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from registry.domain.identifiers import Identifier, IdentifierScheme
from registry.domain.text import fold
from registry.importers.base import InstitutionFacts
from registry.importers.matching import Holder
from registry.models.institution import (
    ImportRow,
    ImportRun,
    ImportState,
    Institution,
    InstitutionIdentifier,
    InstitutionRecord,
)

NOT_KEPT = frozenset({IdentifierScheme.DOMAIN, IdentifierScheme.SCHAC, IdentifierScheme.WEB_ORIGIN})
"""Names of hosts serve several institutions, so they are facts of a record, never an identifier of one institution."""
_MOST_VALUES = 10_000
"""Values asked for in one query; SQLite takes 32,766, PostgreSQL 65,535."""


@dataclass(frozen=True, slots=True)
class Known:
    """The newest version that a source brought under a key; `number` is None for one of this very batch."""

    number: int | None
    institution: str
    digest: str
    facts: Mapping[str, Any]


@dataclass(slots=True)
class Picture:
    """What is known, kept up to date while the batch is applied.

    `seen`: key to the line that this run took it from. `outdated`: (key, digest) of versions known already, where these
    very bytes were imported before; a file that comes again never brings back what a newer one has replaced.
    """

    source: str
    records: dict[str, Known]
    holders: dict[Identifier, Holder]
    of_institution: dict[str, set[Identifier]]
    slugs: set[str]
    seen: dict[str, int]
    outdated: set[tuple[str, str]]

    def by_source(self, source: str, source_key: str) -> str | None:
        """Return the institution that this source brought under this key."""
        known = self.records.get(source_key) if source == self.source else None
        return known.institution if known else None

    def holder(self, identifier: Identifier) -> Holder | None:
        """Return who holds an identifier now."""
        return self.holders.get(identifier)

    def identifiers(self, institution: str) -> Iterable[Identifier]:
        """Return the current identifiers of an institution."""
        return self.of_institution.get(institution, set())

    def give(self, identifier: Identifier, institution: uuid.UUID) -> None:
        """Note that an institution holds an identifier from now on."""
        self.holders[identifier] = Holder(str(institution), self.source)
        self.of_institution.setdefault(str(institution), set()).add(identifier)

    def take_away(self, identifier: Identifier) -> None:
        """Note that nobody holds an identifier any more."""
        holder = self.holders.pop(identifier, None)
        if holder is not None:
            self.of_institution.get(holder.institution, set()).discard(identifier)


def look(session: Session, source: str, facts: Sequence[InstitutionFacts], run_id: uuid.UUID) -> Picture:
    """Read what there is about these records. The queries grow in number only with the schemes of identifiers."""
    keys = [one.source_key for one in facts]
    found = _held(session, {i for one in facts for i in one.identifiers if i.scheme not in NOT_KEPT})
    of_institution: dict[str, set[Identifier]] = {}
    holders_ids = {row.institution_id for row in found}
    for row in (
        _identifier_rows(session, InstitutionIdentifier.institution_id.in_(holders_ids)) if found else ()
    ):
        of_institution.setdefault(str(row.institution_id), set()).add(_identifier(row))
    stems = {slug_stem(one.display_name) for one in facts}
    return Picture(
        source=source,
        records=_newest(session, source, keys),
        holders={_identifier(row): Holder(str(row.institution_id), row.source) for row in found},
        of_institution=of_institution,
        slugs=set(session.scalars(select(Institution.slug).where(Institution.slug.in_(stems)))),
        seen=_taken(session, run_id, keys),
        outdated=_outdated(session, run_id, source, keys),
    )


def slug_stem(name: str) -> str:
    """Return what the slug of an institution of this name begins with."""
    return "-".join(fold(name).split())[:80].strip("-") or "institution"


def _newest(session: Session, source: str, keys: Sequence[str]) -> dict[str, Known]:
    record = InstitutionRecord
    newest = (
        select(func.max(record.number))
        .where(record.source == source, record.source_key.in_(keys))
        .group_by(record.source_key)
    )
    columns = (record.source_key, record.number, record.institution_id, record.digest, record.facts)
    rows = session.execute(select(*columns).where(record.number.in_(newest)))
    return {row.source_key: Known(row.number, str(row.institution_id), row.digest, row.facts) for row in rows}


def _taken(session: Session, run_id: uuid.UUID, keys: Sequence[str]) -> dict[str, int]:
    query = select(ImportRow.key, ImportRow.line).where(
        ImportRow.run_id == run_id, ImportRow.key.in_(keys), ImportRow.outcome != "refused"
    )
    return {row.key: row.line for row in session.execute(query)}


def _outdated(session: Session, run_id: uuid.UUID, source: str, keys: Sequence[str]) -> set[tuple[str, str]]:
    run = session.get_one(ImportRun, run_id)
    before = select(ImportRun.id).where(
        ImportRun.sha256 == run.sha256, ImportRun.format == run.format, ImportRun.state == ImportState.DONE
    )
    if session.scalar(before.limit(1)) is None:
        return set()
    record = InstitutionRecord
    query = select(record.source_key, record.digest).where(
        record.source == source, record.source_key.in_(keys)
    )
    return {(row.source_key, row.digest) for row in session.execute(query)}


def _held(session: Session, identifiers: Iterable[Identifier]) -> list[Any]:
    """Look identifiers up scheme by scheme, which is how they are indexed."""
    found: list[Any] = []
    stream = iter(sorted(identifiers))
    while part := list(islice(stream, _MOST_VALUES)):
        values: dict[str, list[str]] = {}
        for identifier in part:
            values.setdefault(identifier.scheme.value, []).append(identifier.value)
        row = InstitutionIdentifier
        asked = [and_(row.scheme == scheme, row.value.in_(those)) for scheme, those in values.items()]
        found += _identifier_rows(session, or_(*asked))
    return found


def _identifier_rows(session: Session, condition: ColumnElement[bool]) -> Iterator[Any]:
    row = InstitutionIdentifier
    yield from session.execute(select(row.scheme, row.value, row.institution_id, row.source).where(condition))


def _identifier(row: Any) -> Identifier:
    return Identifier(IdentifierScheme(row.scheme), row.value)
