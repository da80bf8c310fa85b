"""What changed between two numbers of somebody else's list, service by service."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from registry.domain.trust_list import canonical_json
from registry.importers.lists import ListedParty
from registry.models.foreign import ForeignList, ForeignListing
from registry.services.import_batches import RowResult
from registry.services.recording import FACT, next_number

_MOST_ROWS = 1_000
"""Rows of one statement."""


@dataclass(frozen=True, slots=True)
class ListingCounts:
    """How many listings are new, differ from before (or came back), and are on the list no more."""

    added: int
    changed: int
    ended: int


@dataclass(frozen=True, slots=True)
class _Known:
    institution: uuid.UUID
    listed: bool
    digest: str
    facts: dict[str, Any]


@dataclass(slots=True)
class Changes:
    """Collects what an import has to record; `write` records it, numbered as world facts are."""

    session: Session
    source: str
    edition: ForeignList
    at: datetime
    _before: dict[str, _Known] = field(init=False)
    _seen: set[str] = field(init=False, default_factory=set)
    _rows: list[dict[str, Any]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        row = ForeignListing
        newest = select(func.max(row.number)).where(row.source == self.source).group_by(row.key)
        columns = (row.key, row.institution_id, row.listed, row.digest, row.facts)
        found = self.session.execute(select(*columns).where(row.number.in_(newest)))
        self._before = {key: _Known(*rest) for key, *rest in found}

    def note(self, parties: Sequence[ListedParty], results: Sequence[RowResult]) -> None:
        """Compare the listings of parties with what is known; those of nobody certain wait for a person."""
        for party, result in zip(parties, results, strict=True):
            for listing in party.listings:
                self._seen.add(listing.key)
                if result.institution_id is not None:
                    self._compare(listing.key, listing.to_wire(), result.institution_id)

    def _compare(self, key: str, facts: dict[str, Any], institution: uuid.UUID) -> None:
        digest = hashlib.sha256(canonical_json(facts)).hexdigest()
        known = self._before.get(key)
        if known is None or (known.digest, known.listed, known.institution) != (digest, True, institution):
            self._rows.append(self._row(key, institution, facts, digest, listed=True))

    def write(self, *, complete: bool) -> ListingCounts:
        """Record everything; if the list was read whole, what it shows no more is recorded as ended."""
        added = sum(1 for row in self._rows if row["key"] not in self._before)
        changed = len(self._rows) - added
        gone = [key for key, known in self._before.items() if known.listed and key not in self._seen]
        ended = [self._ended(key) for key in gone] if complete else []
        rows = self._rows + ended
        if rows:
            first = next_number(self.session, FACT, self.at, len(rows))
            numbered = [{"number": first + place, **row} for place, row in enumerate(rows)]
            for start in range(0, len(numbered), _MOST_ROWS):
                self.session.execute(insert(ForeignListing), numbered[start : start + _MOST_ROWS])
        return ListingCounts(added, changed, len(ended))

    def _ended(self, key: str) -> dict[str, Any]:
        known = self._before[key]
        return self._row(key, known.institution, known.facts, known.digest, listed=False)

    def _row(
        self, key: str, institution: uuid.UUID, facts: dict[str, Any], digest: str, *, listed: bool
    ) -> dict[str, Any]:
        return {
            "list_id": self.edition.id,
            "institution_id": institution,
            "source": self.source,
            "key": key,
            "listed": listed,
            "facts": facts,
            "digest": digest,
            "recorded_at": self.at,
        }
