"""One batch of issuing identities that another list names: unvetted facts, bound to no institution of ours."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.importers.base import IdentityFacts, Row
from registry.models.institution import IdentityFact
from registry.services.import_batches import Outcome, RowResult, refused
from registry.services.institutions import facts_digest


def apply_identities(session: Session, rows: Sequence[Row], *, source: str, at: datetime) -> list[RowResult]:
    """Apply one batch and return what became of each record."""
    dids = [row.facts.did.value for row in rows if isinstance(row.facts, IdentityFacts)]
    query = select(IdentityFact).where(IdentityFact.source == source, IdentityFact.did.in_(dids))
    known = {fact.did: fact for fact in session.scalars(query)}
    return [_take(session, row, known, at) for row in rows]


def _take(session: Session, row: Row, known: dict[str, IdentityFact], at: datetime) -> RowResult:
    if row.refusal is not None or not isinstance(row.facts, IdentityFacts):
        return refused(row, row.refusal.reason if row.refusal else "not an issuing identity")
    facts, said = row.facts, _said(row.facts)
    digest, before = facts_digest(said), known.get(row.facts.did.value)
    if before is None:
        fact = IdentityFact(source=facts.source, did=facts.did.value, digest=digest, recorded_at=at, **said)
        session.add(fact)
        known[fact.did] = fact
        return RowResult(row.line, row.key, Outcome.CREATED)
    if before.digest == digest:
        return RowResult(row.line, row.key, Outcome.UNCHANGED)
    detail = tuple(_change(name, getattr(before, name), value) for name, value in said.items())
    for name, value in said.items():
        setattr(before, name, value)
    before.digest, before.recorded_at = digest, at
    return RowResult(row.line, row.key, Outcome.CHANGED, None, tuple(change for change in detail if change))


def _said(facts: IdentityFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "location": facts.location,
        "url": facts.url,
        "environment": facts.environment.value,
    }


def _change(name: str, before: Any, after: Any) -> dict[str, Any]:
    return {} if before == after else {"field": name, "before": before, "after": after, "kind": "changed"}
