"""One batch of an import: look what is known, apply the resolution rule to each record, write everything at once.

The number of queries does not depend on the number of records in a batch.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.trust_list import canonical_json
from registry.importers.base import (
    InstitutionFacts,
    RelationFact,
    RelationKind,
    Row,
    facts_from_wire,
    facts_to_wire,
)
from registry.importers.comparing import Change, ChangeKind, changes, findings
from registry.importers.matching import Outcome as Match
from registry.importers.matching import Resolution, match_candidates
from registry.services.import_picture import NOT_KEPT, Known, Picture, look, slug_stem
from registry.services.import_writes import Writes, write
from registry.services.institution_names import names_by_language
from registry.services.institutions import display_name, facts_digest, search_text


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


def refused(row: Row, reason: str) -> RowResult:
    """Return the report of a record that was not taken."""
    return RowResult(row.line, row.key, Outcome.REFUSED, None, ({"reason": reason},))


def apply_institutions(
    session: Session, rows: Sequence[Row], *, source: str, run_id: uuid.UUID, actor: str, at: datetime
) -> list[RowResult]:
    """Apply one batch of institution records of a run and return what became of each."""
    facts = [row.facts for row in rows if isinstance(row.facts, InstitutionFacts)]
    batch = _Batch(look(session, source, facts, run_id), Writes(source), actor, at)
    results = [batch.take(row) for row in rows]
    write(session, batch.writes, at)
    return results


class _Batch:
    def __init__(self, picture: Picture, writes: Writes, actor: str, at: datetime) -> None:
        self.picture, self.writes, self.actor, self.at = picture, writes, actor, at

    def take(self, row: Row) -> RowResult:
        """Decide what one record is, and collect what has to be written."""
        if row.refusal is not None or not isinstance(row.facts, InstitutionFacts):
            return refused(row, row.refusal.reason if row.refusal else "not an institution")
        facts = row.facts
        if facts.source_key in self.picture.seen:
            line = self.picture.seen[facts.source_key]
            return refused(row, f"This key came before, on line {line}; only that record was taken.")
        self.picture.seen[facts.source_key] = row.line
        found = match_candidates(facts, self.picture)
        if found.outcome is Match.NEEDS_HUMAN:
            return self._ask(row, facts, found)
        if found.institution is None:
            return self._create(row, facts)
        return self._update(row, facts, uuid.UUID(found.institution))

    def _ask(self, row: Row, facts: InstitutionFacts, found: Resolution) -> RowResult:
        detail = {
            "ground": found.ground.value,
            "candidates": list(found.candidates),
            "agreeing": [str(identifier) for identifier in found.agreeing],
            "contradicting": [str(identifier) for identifier in found.contradicting],
        }
        likeliest = uuid.UUID(found.institution) if found.institution else None
        self._open_item("match", _key(facts), facts, likeliest, detail)
        return RowResult(row.line, facts.source_key, Outcome.NEEDS_HUMAN, None, (detail,))

    def _create(self, row: Row, facts: InstitutionFacts) -> RowResult:
        institution, wire = uuid.uuid4(), facts_to_wire(facts)
        name = display_name(wire)
        self.writes.institutions.append(
            {
                "id": institution,
                "slug": self._slug(name, facts),
                "name": name,
                "names": names_by_language(wire),
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
        return RowResult(row.line, facts.source_key, Outcome.CREATED, institution, detail)

    def _update(self, row: Row, facts: InstitutionFacts, institution: uuid.UUID) -> RowResult:
        wire = facts_to_wire(facts)
        digest, known = facts_digest(wire), self.picture.records.get(facts.source_key)
        detail: tuple[dict[str, Any], ...] = ({"field": "source", "after": facts.source, "kind": "added"},)
        if known is not None:
            before = facts_from_wire(known.facts, source=facts.source, source_key=facts.source_key)
            # Another order of the same names is another digest, but no change.
            found = () if known.digest == digest else changes(before, facts)
            if not found or (facts.source_key, digest) in self.picture.outdated:
                return RowResult(row.line, facts.source_key, Outcome.UNCHANGED, institution)
            detail = tuple({**asdict(change), "kind": change.kind.value} for change in found)
            self._renames(facts, institution, known, found)
            self._drop(before, facts, institution)
        self._record(facts, wire, digest, institution)
        self._identify(facts, institution)
        self.writes.touched.add(institution)
        detail += self._findings(facts, institution)
        return RowResult(row.line, facts.source_key, Outcome.CHANGED, institution, detail)

    def _renames(
        self, facts: InstitutionFacts, institution: uuid.UUID, known: Known, found: Sequence[Change]
    ) -> None:
        names = [asdict(change) for change in found if change.kind is ChangeKind.RENAMED]
        if names:
            # Keyed by the version that had the old name: the same rename again, later, is news again.
            self._open_item("rename", f"{_key(facts)}:{known.number}", facts, institution, {"names": names})

    def _drop(self, before: InstitutionFacts, facts: InstitutionFacts, institution: uuid.UUID) -> None:
        for identifier in set(before.identifiers) - set(facts.identifiers):
            holder = self.picture.holders.get(identifier)
            if identifier.scheme in NOT_KEPT or (holder and holder.institution != str(institution)):
                continue
            self.picture.take_away(identifier)
            self.writes.dropped.append((identifier, institution))

    def _record(
        self, facts: InstitutionFacts, wire: dict[str, Any], digest: str, institution: uuid.UUID
    ) -> None:
        self.picture.records[facts.source_key] = Known(None, str(institution), digest, wire)
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
            self.picture.give(identifier, institution)
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
        if not found:
            return ()
        relations = [_relation_to_wire(r) for r in facts.relations if r.kind in _NEWS]
        # Keyed by who is involved: another successor is another thing to look at, another spelling is not.
        parties = sorted(f"{relation['kind']} {relation['target']}" for relation in relations)
        key = f"{_key(facts)}:{hashlib.sha256(canonical_json(parties)).hexdigest()[:16]}"
        for finding in found:
            self._open_item(finding.value, key, facts, institution, {"relations": relations})
        return tuple({"finding": finding.value} for finding in found)

    def _open_item(
        self,
        kind: str,
        key: str,
        facts: InstitutionFacts,
        institution: uuid.UUID | None,
        detail: dict[str, Any],
    ) -> None:
        self.writes.open_item(kind, key, institution, {"name": facts.display_name, **detail}, self.at)

    def _slug(self, name: str, facts: InstitutionFacts) -> str:
        stem = slug_stem(name)
        if stem in self.picture.slugs:
            return f"{stem}-{hashlib.sha256(_key(facts).encode()).hexdigest()[:10]}"
        self.picture.slugs.add(stem)
        return stem


_NEWS = frozenset({RelationKind.SUCCESSOR, RelationKind.PREDECESSOR})


def _key(facts: InstitutionFacts) -> str:
    return f"{facts.source}:{facts.source_key}"


def _relation_to_wire(relation: RelationFact) -> dict[str, str]:
    return {"kind": relation.kind.value, "target": str(relation.target), "label": relation.label}
