"""Finding issuers by text and facets, in SQL over the edition store."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.domain.text import fold
from registry.editions.values import ANY_LEVEL, EXACT_FIELD, FACETS
from registry.errors import FieldError, InvalidInput

MOST_PER_PAGE = 100
LONGEST_TEXT = 200
MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Search:
    """A checked search. `words` are folded; `filters` are (facet, values) with at least one value each."""

    words: tuple[str, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    page: int
    size: int

    def numbers(self, connection: sqlite3.Connection) -> list[int]:
        """Return the row numbers of this page's issuers, in order."""
        where, parameters = self._where()
        start = " ".join(self.words)
        order = (
            "substr(i.sort, 1, length(?)) = ? DESC, i.sort, i.issuer_id" if start else "i.sort, i.issuer_id"
        )
        query = f"SELECT i.number FROM issuer i WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
        begins = [start, start] if start else []
        rows = connection.execute(query, (*parameters, *begins, self.size, (self.page - 1) * self.size))
        return [number for (number,) in rows]

    def total(self, connection: sqlite3.Connection) -> int:
        """Return the number of all matches."""
        where, parameters = self._where()
        query = f"SELECT count(*) FROM issuer i WHERE {where}"  # noqa: S608
        return int(connection.execute(query, parameters).fetchone()[0])

    def facets(self, connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
        """Return the counts of every facet under the text and the filters on the other facets."""
        return {facet: self._counts(connection, facet) for facet in FACETS}

    def _counts(self, connection: sqlite3.Connection, facet: str) -> dict[str, int]:
        if not self.words and all(name == facet for name, _ in self.filters):
            query = "SELECT value, total FROM facet_total WHERE facet = ? AND total > 0 ORDER BY value"
            return dict(connection.execute(query, (facet,)))
        where, parameters = self._where(besides=facet)
        counted = "SELECT f.value, count(*) FROM issuer i JOIN facet f ON f.issuer = i.number AND f.facet = ?"
        query = f"{counted} WHERE {where} GROUP BY f.value ORDER BY f.value"
        return dict(connection.execute(query, (facet, *parameters)))

    def _where(self, besides: str = "") -> tuple[str, list[str]]:
        """Return the condition on `issuer i` and its parameters; user text only ever is a parameter."""
        clauses, parameters = ["1"], []
        if self.words:
            clauses.append("i.number IN (SELECT rowid FROM issuer_text WHERE issuer_text MATCH ?)")
            parameters.append(" AND ".join(f'"{word}"*' for word in self.words))
        for facet, values in self.filters:
            if facet == besides:
                continue
            pairs = [pair for value in values for pair in accepted(facet, value)]
            either = " OR ".join("facet = ? AND value = ?" for _ in pairs)
            clauses.append(f"i.number IN (SELECT issuer FROM facet WHERE {either})")  # noqa: S608
            parameters += [text for pair in pairs for text in pair]
        return " AND ".join(clauses), parameters


def accepted(facet: str, value: str) -> list[tuple[str, str]]:
    """Return the (facet, value) pairs that satisfy a filter: a broad grant answers for what lies in it."""
    if facet == "level":
        return [(facet, value), (facet, ANY_LEVEL)]
    if facet == "field":
        return [(facet, value), *((EXACT_FIELD, value[:end]) for end in range(2, len(value)))]
    return [(facet, value)]


def build_search(text: str, filters: Mapping[str, Iterable[str]], page: int, size: int) -> Search:
    """Check what was asked.

    Raises:
        InvalidInput: a filter is no facet, or `page` or `size` is out of range; the error names the field.
    """
    errors = [
        FieldError(name, f"Issuers cannot be filtered by “{name}”; choose from {', '.join(FACETS)}.")
        for name in filters
        if name not in FACETS
    ]
    # SQLite counts rows in 64 bits.
    if not 1 <= page <= 10**9:
        errors.append(FieldError("page", "The page is a whole number from 1."))
    if not 1 <= size <= MOST_PER_PAGE:
        errors.append(FieldError("size", f"A page holds 1 to {MOST_PER_PAGE} issuers."))
    if errors:
        raise InvalidInput(errors[0].message, errors)
    chosen: Sequence[tuple[str, tuple[str, ...]]] = [
        (name, tuple(dict.fromkeys(values))) for name, values in sorted(filters.items())
    ]
    words = tuple(fold(text[:LONGEST_TEXT]).split()[:MOST_WORDS])
    return Search(words, tuple((name, values) for name, values in chosen if values), page, size)
