"""Writing one batch of an import: a fixed number of statements, each with many rows."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from registry.domain.identifiers import Identifier
from registry.models.institution import Institution, InstitutionIdentifier, InstitutionRecord, WorkItem
from registry.models.issuer import Issuer
from registry.services.institution_names import names_by_language
from registry.services.institutions import display_name, merge_facts, newest_by_source, search_text
from registry.services.outbox import announce
from registry.services.recording import FACT, next_number


@dataclass(slots=True)
class Writes:
    """Rows to write, collected over a batch. `dropped`: identifiers that the source no longer gives an institution."""

    source: str
    institutions: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[tuple[Identifier, uuid.UUID]] = field(default_factory=list)
    items: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    touched: set[uuid.UUID] = field(default_factory=set)

    def open_item(
        self, kind: str, key: str, institution: uuid.UUID | None, detail: Mapping[str, Any], at: datetime
    ) -> None:
        """Ask for a work item; one thing opens one item, however often it is seen."""
        row = {"id": uuid.uuid4(), "kind": kind, "key": key, "institution_id": institution}
        self.items.setdefault((kind, key), row | {"detail": dict(detail), "opened_at": at})


def write(session: Session, writes: Writes, at: datetime) -> None:
    """Write everything that a batch collected."""
    connection = session.connection()
    if writes.institutions:
        connection.execute(insert(Institution), writes.institutions)
    if writes.records:
        first = next_number(session, FACT, at, len(writes.records))
        numbered = [{"number": first + place, **row} for place, row in enumerate(writes.records)]
        connection.execute(insert(InstitutionRecord), numbered)
    if writes.touched:
        versions = newest_by_source(session, writes.touched)
        _drop(session, writes, versions)
        _refresh(session, versions)
        _tell(session, writes.touched, at)
    if writes.identifiers:
        connection.execute(insert(InstitutionIdentifier), writes.identifiers)
    _open_items(session, writes.items)


Versions = Mapping[uuid.UUID, Mapping[str, dict[str, Any]]]
_ROW = InstitutionIdentifier.__table__.c
_OF_THE_SOURCE = and_(
    _ROW.scheme == bindparam("its_scheme"),
    _ROW.value == bindparam("its_value"),
    _ROW.institution_id == bindparam("its_institution"),
    _ROW.source == bindparam("its_source"),
)


def _drop(session: Session, writes: Writes, versions: Versions) -> None:
    """Take identifiers away, unless another source gives the institution the same one: then it is that source's."""
    gone: list[dict[str, Any]] = []
    handed_on: list[dict[str, Any]] = []
    for identifier, institution in writes.dropped:
        row = {
            "its_scheme": identifier.scheme.value,
            "its_value": identifier.value,
            "its_institution": institution,
            "its_source": writes.source,
        }
        others = [
            s
            for s, facts in versions[institution].items()
            if s != writes.source and _gives(facts, identifier)
        ]
        (handed_on if others else gone).append(row | ({"new_source": others[0]} if others else {}))
    if gone:
        session.connection().execute(delete(InstitutionIdentifier).where(_OF_THE_SOURCE), gone)
    if handed_on:
        statement = update(InstitutionIdentifier).where(_OF_THE_SOURCE).values(source=bindparam("new_source"))
        session.connection().execute(statement, handed_on)


def _gives(facts: Mapping[str, Any], identifier: Identifier) -> bool:
    wire = {"scheme": identifier.scheme.value, "value": identifier.value}
    return wire in facts.get("identifiers", ())


def _refresh(session: Session, versions: Versions) -> None:
    """Bring the head rows of changed institutions up to what all their sources say now; their slugs stay."""
    merged = {institution: merge_facts(by_source) for institution, by_source in versions.items()}
    heads = [
        {
            "id": institution,
            "name": display_name(facts),
            "names": names_by_language(facts),
            "country": facts["country"],
            "kind": facts["kind"],
            "status": facts["status"],
            "folded": search_text(facts),
        }
        for institution, facts in merged.items()
    ]
    session.execute(update(Institution), heads)


def _tell(session: Session, institutions: set[uuid.UUID], at: datetime) -> None:
    """Have what is published of listed institutions follow their facts."""
    for issuer in session.scalars(select(Issuer).where(Issuer.institution_id.in_(institutions))):
        announce(session, issuer, at=at)


def _open_items(session: Session, items: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    if not items:
        return
    query = select(WorkItem.kind, WorkItem.key).where(or_(*_by_kind(items)))
    there = {(kind, key) for kind, key in session.execute(query)}
    new = [row for name, row in items.items() if name not in there]
    if new:
        session.connection().execute(insert(WorkItem), new)


def _by_kind(names: Iterable[tuple[str, str]]) -> Sequence[Any]:
    keys: dict[str, list[str]] = {}
    for kind, key in names:
        keys.setdefault(kind, []).append(key)
    return [and_(WorkItem.kind == kind, WorkItem.key.in_(those)) for kind, those in keys.items()]
