"""One batch of an import: a few queries to see what is known, the resolution rule per record, a few bulk writes.

The number of queries does not depend on the number of records in a batch.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from registry.domain.identifiers import Identifier, IdentifierScheme
from registry.domain.text import fold
from registry.importers.base import IdentityFacts, InstitutionFacts, Row, facts_from_wire, facts_to_wire
from registry.importers.comparing import ChangeKind, changes, findings
from registry.importers.matching import Holder, match_candidates
from registry.importers.matching import Outcome as Match
from registry.models.institution import (
    IdentityFact,
    Institution,
    InstitutionIdentifier,
    InstitutionRecord,
    WorkItem,
)
from registry.services.institutions import display_name, facts_digest, facts_of, search_text
from registry.services.recording import FACT, next_number

NOT_KEPT = frozenset({IdentifierScheme.DOMAIN, IdentifierScheme.SCHAC, IdentifierScheme.WEB_ORIGIN})
"""Names of hosts serve several institutions, so they are facts of a record, never an identifier of one institution."""


class Outcome(StrEnum):
    """What became of one record."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NEEDS_HUMAN = "needs_human"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowResult:
    """The report of one record: its line, key, outcome, and what is to be said about it."""

    line: int
    key: str
    outcome: Outcome
    institution_id: uuid.UUID | None = None
    detail: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The newest version that a source brought under a key."""

    institution: str
    digest: str
    facts: dict[str, Any]


@dataclass(slots=True)
class _Picture:
    """What the registry knows about the records of one batch; kept up to date while the batch is applied."""

    source: str
    records: dict[str, Known]
    holders: dict[Identifier, Holder]
    of_institution: dict[str, set[Identifier]]
    slugs: set[str]
    items: set[tuple[str, str]]

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


@dataclass(slots=True)
class _Writes:
    """Rows to write, collected over a batch."""

    institutions: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[Identifier] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    touched: set[uuid.UUID] = field(default_factory=set)


def apply_institutions(
    session: Session, rows: Sequence[Row], *, source: str, actor: str, at: datetime
) -> list[RowResult]:
    """Apply one batch of institution records and return what became of each."""
    facts = [row.facts for row in rows if isinstance(row.facts, InstitutionFacts)]
    picture = _look(session, source, facts)
    batch = _Batch(picture, _Writes(), actor, at)
    results = [batch.take(row) for row in rows]
    _write(session, batch.writes, at)
    return results


def _look(session: Session, source: str, facts: Sequence[InstitutionFacts]) -> _Picture:
    records = {
        key: Known(str(institution), digest, known)
        for key, institution, digest, known in session.execute(
            select(
                InstitutionRecord.source_key,
                InstitutionRecord.institution_id,
                InstitutionRecord.digest,
                InstitutionRecord.facts,
            )
            .where(
                InstitutionRecord.source == source,
                InstitutionRecord.source_key.in_([f.source_key for f in facts]),
            )
            .order_by(InstitutionRecord.number)
        )
    }
    values = {i.value for f in facts for i in f.identifiers if i.scheme not in NOT_KEPT}
    found = _identifier_rows(session, InstitutionIdentifier.value.in_(values))
    institutions = {row.institution_id for row in found}
    every = (
        _identifier_rows(session, InstitutionIdentifier.institution_id.in_(institutions))
        if institutions
        else []
    )
    of_institution: dict[str, set[Identifier]] = {}
    for row in every:
        of_institution.setdefault(str(row.institution_id), set()).add(_identifier(row))
    stems = {_stem(f.display_name) for f in facts}
    keys = [f"{source}:{f.source_key}" for f in facts]
    open_items = select(WorkItem.kind, WorkItem.key).where(WorkItem.key.in_(keys))
    return _Picture(
        source=source,
        records=records,
        holders={_identifier(row): Holder(str(row.institution_id), row.source) for row in found},
        of_institution=of_institution,
        slugs=set(session.scalars(select(Institution.slug).where(Institution.slug.in_(stems)))),
        items=set(session.execute(open_items).tuples()),
    )


def _identifier_rows(session: Session, condition: Any) -> Sequence[Any]:
    columns = (
        InstitutionIdentifier.scheme,
        InstitutionIdentifier.value,
        InstitutionIdentifier.institution_id,
        InstitutionIdentifier.source,
    )
    return session.execute(select(*columns).where(condition)).all()


def _identifier(row: Any) -> Identifier:
    return Identifier(IdentifierScheme(row.scheme), row.value)


def _stem(name: str) -> str:
    return "-".join(fold(name).split())[:80].strip("-") or "institution"


class _Batch:
    def __init__(self, picture: _Picture, writes: _Writes, actor: str, at: datetime) -> None:
        self.picture, self.writes, self.actor, self.at = picture, writes, actor, at

    def take(self, row: Row) -> RowResult:
        """Decide what one record is, and collect what has to be written."""
        if row.refusal is not None:
            return RowResult(row.line, row.key, Outcome.REFUSED, None, ({"reason": row.refusal.reason},))
        if not isinstance(row.facts, InstitutionFacts):
            return RowResult(row.line, row.key, Outcome.REFUSED, None, ({"reason": "not an institution"},))
        facts = row.facts
        found = match_candidates(facts, self.picture)
        if found.outcome is Match.NEEDS_HUMAN:
            detail = {"ground": found.ground.value, "candidates": list(found.candidates)}
            self._open_item("match", facts, found.institution, detail)
            return RowResult(row.line, row.key, Outcome.NEEDS_HUMAN, None, (detail,))
        if found.outcome is Match.NEW or found.institution is None:
            return self._create(row, facts)
        return self._update(row, facts, found.institution)

    def _create(self, row: Row, facts: InstitutionFacts) -> RowResult:
        institution, wire = uuid.uuid4(), facts_to_wire(facts)
        name = display_name(wire)
        self.writes.institutions.append(
            {
                "id": institution,
                "slug": self._slug(name, institution),
                "name": name,
                "country": facts.country,
                "kind": facts.kind.value,
                "status": facts.status.value,
                "folded": search_text(wire),
                "owned": False,
                "created_at": self.at,
            }
        )
        self._record(facts, wire, facts_digest(wire), institution)
        self._identify(facts, institution)
        detail = self._findings(facts, institution)
        return RowResult(row.line, row.key, Outcome.CREATED, institution, detail)

    def _update(self, row: Row, facts: InstitutionFacts, institution: str) -> RowResult:
        wire, owner = facts_to_wire(facts), uuid.UUID(institution)
        digest, known = facts_digest(wire), self.picture.records.get(facts.source_key)
        if known is not None and known.digest == digest:
            return RowResult(row.line, row.key, Outcome.UNCHANGED, owner)
        detail: tuple[dict[str, Any], ...] = (
            {"field": "source", "before": None, "after": facts.source, "kind": "added"},
        )
        if known is not None:
            before = facts_from_wire(known.facts, source=facts.source, source_key=facts.source_key)
            found = changes(before, facts)
            detail = tuple({**asdict(change), "kind": change.kind.value} for change in found)
            renamed = [change for change in found if change.kind is ChangeKind.RENAMED]
            if renamed:
                self._open_item("rename", facts, institution, {"names": [asdict(c) for c in renamed]})
            gone = set(before.identifiers) - set(facts.identifiers)
            self.writes.dropped += [i for i in gone if self._holds(i, institution)]
        self._record(facts, wire, digest, owner)
        self._identify(facts, owner)
        self.writes.touched.add(owner)
        return RowResult(row.line, row.key, Outcome.CHANGED, owner, detail + self._findings(facts, owner))

    def _holds(self, identifier: Identifier, institution: str) -> bool:
        holder = self.picture.holders.get(identifier)
        return identifier.scheme not in NOT_KEPT and (holder is None or holder.institution == institution)

    def _record(
        self, facts: InstitutionFacts, wire: dict[str, Any], digest: str, institution: uuid.UUID
    ) -> None:
        self.picture.records[facts.source_key] = Known(str(institution), digest, wire)
        self.writes.records.append(
            {
                "institution_id": institution,
                "source": facts.source,
                "source_key": facts.source_key,
                "facts": wire,
                "digest": digest,
                "recorded_at": self.at,
                "actor": self.actor,
            }
        )

    def _identify(self, facts: InstitutionFacts, institution: uuid.UUID) -> None:
        for identifier in facts.identifiers:
            if identifier.scheme in NOT_KEPT or identifier in self.picture.holders:
                continue
            self.picture.holders[identifier] = Holder(str(institution), facts.source)
            self.picture.of_institution.setdefault(str(institution), set()).add(identifier)
            self.writes.identifiers.append(
                {
                    "scheme": identifier.scheme.value,
                    "value": identifier.value,
                    "institution_id": institution,
                    "source": facts.source,
                }
            )

    def _findings(self, facts: InstitutionFacts, institution: uuid.UUID) -> tuple[dict[str, Any], ...]:
        found = findings(facts)
        for finding in found:
            relations = [
                {"kind": r.kind.value, "target": str(r.target), "label": r.label} for r in facts.relations
            ]
            self._open_item(finding.value, facts, str(institution), {"relations": relations})
        return tuple({"finding": finding.value} for finding in found)

    def _open_item(
        self, kind: str, facts: InstitutionFacts, institution: str | None, detail: dict[str, Any]
    ) -> None:
        key = f"{facts.source}:{facts.source_key}"
        if kind == "rename":
            key += f":{facts_digest({'names': detail})[:16]}"
        if (kind, key) in self.picture.items:
            return
        self.picture.items.add((kind, key))
        self.writes.items.append(
            {
                "id": uuid.uuid4(),
                "kind": kind,
                "key": key,
                "institution_id": uuid.UUID(institution) if institution else None,
                "detail": {"name": facts.display_name, **detail},
                "opened_at": self.at,
            }
        )

    def _slug(self, name: str, institution: uuid.UUID) -> str:
        stem = _stem(name)
        slug = stem if stem not in self.picture.slugs else f"{stem}-{institution.hex[:8]}"
        self.picture.slugs.add(slug)
        return slug


def _write(session: Session, writes: _Writes, at: datetime) -> None:
    for identifier in writes.dropped:
        session.execute(
            delete(InstitutionIdentifier).where(
                InstitutionIdentifier.scheme == identifier.scheme.value,
                InstitutionIdentifier.value == identifier.value,
            )
        )
    if writes.institutions:
        session.execute(insert(Institution), writes.institutions)
    if writes.records:
        first = next_number(session, FACT, at, len(writes.records))
        numbered = [{"number": first + place, **row} for place, row in enumerate(writes.records)]
        session.execute(insert(InstitutionRecord), numbered)
    if writes.identifiers:
        session.execute(insert(InstitutionIdentifier), writes.identifiers)
    if writes.items:
        session.execute(insert(WorkItem), writes.items)
    _refresh(session, writes.touched)


def _refresh(session: Session, institutions: set[uuid.UUID]) -> None:
    """Bring the head rows of changed institutions up to what all their sources say now; their slugs stay."""
    heads = [
        {
            "id": institution,
            "name": display_name(facts),
            "country": facts["country"],
            "kind": facts["kind"],
            "status": facts["status"],
            "folded": search_text(facts),
        }
        for institution, facts in facts_of(session, institutions).items()
    ]
    if heads:
        session.execute(update(Institution), heads)


def apply_identities(session: Session, rows: Sequence[Row], *, source: str, at: datetime) -> list[RowResult]:
    """Apply one batch of issuing identities that another list names; they are bound to no institution of ours."""
    dids = [row.facts.did.value for row in rows if isinstance(row.facts, IdentityFacts)]
    known = {
        fact.did: fact
        for fact in session.scalars(
            select(IdentityFact).where(IdentityFact.source == source, IdentityFact.did.in_(dids))
        )
    }
    return [_take_identity(session, row, known, at) for row in rows]


def _take_identity(session: Session, row: Row, known: dict[str, IdentityFact], at: datetime) -> RowResult:
    if row.refusal is not None or not isinstance(row.facts, IdentityFacts):
        reason = row.refusal.reason if row.refusal else "not an issuing identity"
        return RowResult(row.line, row.key, Outcome.REFUSED, None, ({"reason": reason},))
    facts = row.facts
    said = {
        "name": facts.name,
        "location": facts.location,
        "url": facts.url,
        "environment": facts.environment.value,
    }
    digest = facts_digest(said)
    before = known.get(facts.did.value)
    if before is None:
        fact = IdentityFact(source=facts.source, did=facts.did.value, digest=digest, recorded_at=at, **said)
        session.add(fact)
        known[fact.did] = fact
        return RowResult(row.line, row.key, Outcome.CREATED)
    if before.digest == digest:
        return RowResult(row.line, row.key, Outcome.UNCHANGED)
    detail = tuple(
        {"field": name, "before": getattr(before, name), "after": value}
        for name, value in said.items()
        if getattr(before, name) != value
    )
    for name, value in said.items():
        setattr(before, name, value)
    before.digest, before.recorded_at = digest, at
    return RowResult(row.line, row.key, Outcome.CHANGED, None, detail)
