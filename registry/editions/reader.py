"""Reading the edition store: documents, issuers, schemes, search. Needs neither the write database nor a key.

A reader belongs to one thread. `snapshot()` holds several reads on one edition.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from registry.editions import search
from registry.editions.bodies import body_path
from registry.editions.freshness import LATE
from registry.editions.schema import to_instant, to_seconds
from registry.editions.values import Head, IssuerRecord, KeptFragment, Rework, SchemeRecord, SearchPage

_HEADS = """
SELECT h.scheme, h.format, h.shard, h.path, d.permanent_path, d.sequence, d.media_type, d.sha256, d.size,
    d.issued_at, d.next_update FROM head h JOIN document d ON d.number = h.document
"""
# The key of a head begins with the scheme, which a path does not say; the address leads to the document that does.
_BY_ADDRESS = """
JOIN address a ON a.document = d.number
WHERE a.path = ? AND h.scheme = d.scheme AND h.format = d.format AND h.shard = d.shard
"""
_DOCUMENT = """
SELECT a.path, d.permanent_path, a.immutable, d.media_type, d.sha256, d.size, d.scheme, d.format, d.shard,
    d.sequence, d.issued_at, d.next_update, d.body
FROM address a JOIN document d ON d.number = a.document WHERE a.path = ?
"""
_DOCUMENT_AT = """
SELECT permanent_path FROM document WHERE scheme = ? AND format = ? AND shard = ? AND issued_at <= ?
ORDER BY sequence DESC LIMIT 1
"""
_REWORK = """
SELECT scheme, format, shard, due_at, since, attempts, error FROM rework WHERE ? IS NULL OR due_at <= ?
ORDER BY scheme, format, shard
"""
_NUMBERED = """
SELECT d.permanent_path, d.scheme, d.format, d.shard, d.sequence, d.issued_at, d.next_update, d.snapshot_sha256,
    e.program FROM head h JOIN document d ON d.scheme = h.scheme AND d.format = h.format AND d.shard = h.shard
JOIN edition e ON e.number = d.edition
WHERE h.format <> 'statement' AND d.sequence = ? AND d.snapshot_sha256 IS NOT NULL
ORDER BY d.scheme, d.format, d.number
"""
_NUMBERED_COLUMNS = (
    "path",
    "scheme",
    "format_id",
    "shard",
    "sequence",
    "issued_at",
    "next_update",
    "snapshot",
    "program",
)
_CURRENT_SLUG = """
SELECT i.slug FROM former_slug f JOIN issuer i ON i.number = f.issuer WHERE f.slug = ? ORDER BY i.slug
"""
_ISSUER = """
SELECT i.issuer_id, i.scheme, i.slug, i.institution_id, i.sort, i.fold, i.wire, i.number FROM issuer i
"""
_IDENTIFIERS = "SELECT scheme, value FROM identifier WHERE issuer = ? ORDER BY scheme, value"
_FACETS = "SELECT facet, value FROM facet WHERE issuer = ? ORDER BY facet, value"
_FORMER_SLUGS = "SELECT slug FROM former_slug WHERE issuer = ? ORDER BY slug"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition: its number, when it was published, and the last outbox message that it accounts for."""

    number: int
    at: datetime
    outbox_upto: int


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One published document with its body.

    A file without a sequence has None for `sequence`, `permanent_path` and `next_update`.
    """

    path: str
    permanent_path: str | None
    immutable: bool
    media_type: str
    sha256: str
    size: int
    scheme: str
    format_id: str
    shard: str
    sequence: int | None
    issued_at: datetime
    next_update: datetime | None
    body: bytes


class EditionReader:
    """What is published, read through one connection of the present thread."""

    def __init__(self, connection: sqlite3.Connection, directory: Path) -> None:
        self.connection = connection
        self.directory = directory
        self.held: dict[str, Any] = {}
        """What was looked up by path since `renew`; it holds as long as the edition does."""

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def renew(self) -> None:
        """Leave the edition that reads were held on, and hold those that follow on the newest one."""
        self.held.clear()
        if self.connection.in_transaction:
            self.connection.execute("COMMIT")
        self.connection.execute("BEGIN")

    @contextmanager
    def snapshot(self) -> Iterator["EditionReader"]:
        """Make all reads inside see one and the same edition; may be nested."""
        if self.connection.in_transaction:
            yield self
            return
        self.connection.execute("BEGIN")
        try:
            yield self
        finally:
            self.connection.execute("ROLLBACK")

    def edition(self) -> Edition | None:
        """Return the last edition, or None before the first."""
        query = "SELECT number, at, outbox_upto FROM edition ORDER BY number DESC LIMIT 1"
        row = self.connection.execute(query).fetchone()
        return Edition(row[0], to_instant(row[1]), row[2]) if row else None

    def edition_at(self, number: int) -> datetime | None:
        """Return when an edition was published, or None if there is none of this number."""
        row = self.connection.execute("SELECT at FROM edition WHERE number = ?", (number,)).fetchone()
        return to_instant(row[0]) if row else None

    def number(self) -> int:
        """Return the number of the last edition, 0 before the first."""
        edition = self.edition()
        return edition.number if edition else 0

    def head(self, scheme: str, format_id: str, shard: str) -> Head | None:
        """Return the current document of (scheme, format, shard), or None before its first sequence."""
        where = "WHERE h.scheme = ? AND h.format = ? AND h.shard = ?"
        row = self.connection.execute(_HEADS + where, (scheme, format_id, shard)).fetchone()
        return _head(row) if row else None

    def statement_head(self, issuer_id: str) -> Head | None:
        """Return the current statement of an issuer, or None."""
        path = f"/issuers/{issuer_id}/statement.jws"
        row = self.connection.execute(_HEADS + _BY_ADDRESS, (path,)).fetchone()
        return _head(row) if row else None

    def heads(self, *, statements: bool = False) -> Iterator[Head]:
        """Yield the current documents by scheme, format and shard; statements only when asked for."""
        where = "" if statements else "WHERE h.format <> 'statement' "
        order = "ORDER BY h.scheme, h.format, length(h.shard), h.shard"
        return map(_head, self.connection.execute(_HEADS + where + order))

    def documents_after(self, edition: int) -> Iterator[tuple[int, Head]]:
        """Yield (edition, document) for every numbered document of later editions, replaced ones too, in order."""
        query = (
            "SELECT d.edition, d.scheme, d.format, d.shard, d.permanent_path, d.permanent_path, d.sequence, d.media_type, "
            "d.sha256, d.size, d.issued_at, d.next_update FROM document d "
            "WHERE d.edition > ? AND d.sequence IS NOT NULL ORDER BY d.edition, d.number"
        )
        for row in self.connection.execute(query, (edition,)):
            yield row[0], _head(row[1:])

    def companions(self) -> list[Head]:
        """Return the current companions of documents: their format is that of the document, a dot and an ending."""
        query = _HEADS.replace("FROM head", "FROM companion") + "ORDER BY h.scheme, h.format, h.shard"
        return [_head(row) for row in self.connection.execute(query)]

    def due(self, at: datetime) -> list[Head]:
        """Return the documents that are to be issued again at `at`, urgent first."""
        where = "WHERE h.reissue_at <= ? ORDER BY h.next_update, h.path"
        return [_head(row) for row in self.connection.execute(_HEADS + where, (to_seconds(at),))]

    def late(self, at: datetime, most: int = -1) -> list[Head]:
        """Return the documents of which at `at` so much of the life is over that they should long be replaced.

        `most` bounds their number; -1 means all.
        """
        now = to_seconds(at)
        where = "WHERE ? - h.issued_at >= ? * (h.next_update - h.issued_at)"
        # Says nothing new, but an index knows it: the middle of the life is over.
        where += " AND h.issued_at + h.next_update <= ? ORDER BY h.issued_at + h.next_update, h.path LIMIT ?"
        rows = self.connection.execute(_HEADS + where, (now, LATE, 2 * now, most))
        return [_head(row) for row in rows]

    def rework(self, at: datetime | None = None) -> list[Rework]:
        """Return what is to be built again, of all or of what is due at `at`, failures and what waits alike."""
        try:
            rows = self.connection.execute(_REWORK, (None if at is None else to_seconds(at),) * 2).fetchall()
        except sqlite3.OperationalError:  # an older program made this store, and no writer has opened it yet
            return []
        return [_rework(row) for row in rows]

    def published_in(self, head: Head) -> int:
        """Return the number of the edition that the current document came with."""
        query = "SELECT edition FROM document WHERE scheme = ? AND format = ? AND shard = ? AND sequence = ?"
        key = (head.scheme, head.format_id, head.shard, head.sequence)
        return int(self.connection.execute(query, key).fetchone()[0])

    def fragments(self, format_id: str, issuer_ids: Sequence[str]) -> dict[str, KeptFragment]:
        """Return those fragments that are kept, by issuer id."""
        return {kept.issuer_id: kept for kept in self.fragments_of(format_id, issuer_ids)}

    def fragments_of(self, format_id: str, issuer_ids: Sequence[str]) -> Iterator[KeptFragment]:
        """Yield the fragments that are kept of these issuers, in the order of their ids if those are in order."""
        query = "SELECT issuer_id, digest, body, edition FROM fragment WHERE format = ? AND issuer_id IN "
        for start in range(0, len(issuer_ids), _CHUNK):
            chunk = issuer_ids[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            rows = self.connection.execute(f"{query}({marks}) ORDER BY issuer_id", (format_id, *chunk))
            yield from map(KeptFragment._make, rows.fetchall())

    def changed_after(self, edition: int) -> set[str]:
        """Return the issuers whose canonical form came with a later edition."""
        query = (
            "SELECT issuer_id FROM fragment INDEXED BY canonical_by_edition "
            "WHERE format = 'native_json' AND edition > ?"
        )
        return {issuer for (issuer,) in self.connection.execute(query, (edition,))}

    def issuer_ids(self) -> Iterator[str]:
        """Yield the ids of all issuers in order; `EditionStore` alone may ask, a reader's snapshot would grow old."""
        query, last = "SELECT issuer_id FROM issuer WHERE issuer_id > ? ORDER BY issuer_id LIMIT ?", ""
        while rows := self.connection.execute(query, (last, _CHUNK)).fetchall():
            yield from (issuer for (issuer,) in rows)
            last = rows[-1][0]

    def snapshots(self, format_id: str) -> Iterator[tuple[str, str, str, int]]:
        """Yield scheme, shard, SHA-256 of the snapshot, and edition of the current documents of a format."""
        query = (
            "SELECT h.scheme, h.shard, d.snapshot_sha256, d.edition FROM head h JOIN document d ON d.number = h.document "
            "WHERE h.format = ? AND d.snapshot_sha256 IS NOT NULL AND h.format <> 'statement'"
        )
        yield from self.connection.execute(query, (format_id,)).fetchall()

    def snapshot_of(self, head: Head) -> str | None:
        """Return the SHA-256 of what a document was built from."""
        query = "SELECT snapshot_sha256 FROM document WHERE scheme = ? AND format = ? AND shard = ? AND sequence = ?"
        key = (head.scheme, head.format_id, head.shard, head.sequence)
        row = self.connection.execute(query, key).fetchone()
        return row[0] if row else None

    def lists_numbered(self, sequence: int) -> list[dict[str, Any]]:
        """Return what is kept about every list of a sequence number, current or not; companions are left out."""
        rows = self.connection.execute(_NUMBERED, (sequence,)).fetchall()
        found = [dict(zip(_NUMBERED_COLUMNS, row, strict=True)) for row in rows]
        instants = ("issued_at", "next_update")
        return [{**row, **{name: to_instant(row[name]) for name in instants}} for row in found]

    def counts(self) -> dict[str, int]:
        """Return how many current documents there are of each format but statements."""
        query = "SELECT format, count(*) FROM head WHERE format <> 'statement' GROUP BY format"
        return dict(self.connection.execute(query).fetchall())

    def listed(self) -> int:
        """Return how many issuers are listed in all schemes."""
        query = "SELECT COALESCE(SUM(total), 0) FROM facet_total WHERE facet = 'scheme'"
        return int(self.connection.execute(query).fetchone()[0])

    def schemes_of(self, issuer_ids: Sequence[str]) -> dict[str, str]:
        """Return the scheme of each of these issuers, by id."""
        found: dict[str, str] = {}
        for start in range(0, len(issuer_ids), _CHUNK):
            chunk = issuer_ids[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            query = f"SELECT issuer_id, scheme FROM issuer WHERE issuer_id IN ({marks})"  # noqa: S608
            found.update(self.connection.execute(query, chunk).fetchall())
        return found

    def document(self, path: str) -> StoredDocument | None:
        """Return the document at a current or permanent address, with its body, or None."""
        row: Any = self.connection.execute(_DOCUMENT, (path,)).fetchone()
        if row is None:
            return None
        body = row[12] if row[12] is not None else body_path(self.directory, row[4]).read_bytes()
        ends = None if row[11] is None else to_instant(row[11])
        values: list[Any] = [*row[:2], bool(row[2]), *row[3:10], to_instant(row[10]), ends, body]
        return StoredDocument(*values)

    def addresses(self, paths: Sequence[str]) -> set[str]:
        """Return those of these addresses that lead to a document."""
        found: set[str] = set()
        for start in range(0, len(paths), _CHUNK):
            chunk = paths[start : start + _CHUNK]
            query = f"SELECT path FROM address WHERE path IN ({','.join('?' * len(chunk))})"  # noqa: S608
            found.update(path for (path,) in self.connection.execute(query, chunk))
        return found

    def document_at(self, scheme: str, format_id: str, shard: str, known: datetime) -> str | None:
        """Return the permanent address of the document current at `known`, or None before the first."""
        key = (scheme, format_id, shard, to_seconds(known))
        row = self.connection.execute(_DOCUMENT_AT, key).fetchone()
        return row[0] if row else None

    def schemes(self) -> list[SchemeRecord]:
        """Return all schemes by slug."""
        rows = self.connection.execute("SELECT slug, wire FROM scheme ORDER BY slug")
        return [SchemeRecord(slug, orjson.loads(wire)) for slug, wire in rows]

    def scheme(self, slug: str) -> SchemeRecord | None:
        """Return one scheme, or None."""
        row = self.connection.execute("SELECT slug, wire FROM scheme WHERE slug = ?", (slug,)).fetchone()
        return SchemeRecord(row[0], orjson.loads(row[1])) if row else None

    def issuer(self, issuer_id: str) -> IssuerRecord | None:
        """Return one listed issuer, or None."""
        found = self._issuers("WHERE i.issuer_id = ?", (issuer_id,))
        return found[0] if found else None

    def issuers_by_slug(self, slug: str) -> list[IssuerRecord]:
        """Return all listings of the institution with this slug, by scheme."""
        return self._issuers("WHERE i.slug = ? ORDER BY i.scheme, i.issuer_id", (slug,))

    def current_slug(self, former: str) -> str | None:
        """Return the slug that took the place of a former one, or None."""
        row = self.connection.execute(_CURRENT_SLUG, (former,)).fetchone()
        return row[0] if row else None

    def issuers_by_identifier(self, value: str, scheme: str | None = None) -> list[IssuerRecord]:
        """Return the issuers with an identifier or issuing identity (DID, ROR …) spelled exactly so."""
        numbers = "SELECT issuer FROM identifier WHERE value = ? AND (? IS NULL OR scheme = ?)"
        where = f"WHERE i.number IN ({numbers}) ORDER BY i.scheme, i.issuer_id"
        return self._issuers(where, (value, scheme, scheme))

    def search(
        self,
        text: str = "",
        filters: Mapping[str, Iterable[str]] | None = None,
        *,
        page: int = 1,
        size: int = 20,
    ) -> SearchPage:
        """Return one page of issuers in whose names or identifiers every word of `text` begins a word.

        `filters` maps a facet to the values of which one must hold. Names that begin with `text` come first,
        then by name; the order is total, so pages neither overlap nor leave gaps.

        Raises:
            InvalidInput: a filter is no facet, or `page` or `size` is out of range.
        """
        asked = search.build_search(text, filters or {}, page, size)
        with self.snapshot():
            numbers = asked.numbers(self.connection)
            records = tuple(self._issuers("WHERE i.number = ?", (number,))[0] for number in numbers)
            total, facets = asked.total(self.connection), asked.facets(self.connection)
        return SearchPage(records, total, page, size, facets)

    def facets(self) -> dict[str, dict[str, int]]:
        """Return for each facet how many issuers carry each value."""
        return search.build_search("", {}, 1, 1).facets(self.connection)

    def _issuers(self, where: str, parameters: tuple[object, ...]) -> list[IssuerRecord]:
        return [self._issuer(row) for row in self.connection.execute(_ISSUER + where, parameters)]

    def _issuer(self, row: Any) -> IssuerRecord:
        number = (row[7],)
        values: list[Any] = [
            *row[:6],
            orjson.loads(row[6]),
            tuple(self.connection.execute(_IDENTIFIERS, number)),
            tuple(self.connection.execute(_FACETS, number)),
            tuple(slug for (slug,) in self.connection.execute(_FORMER_SLUGS, number)),
        ]
        return IssuerRecord(*values)


def _head(row: Any) -> Head:
    values: list[Any] = [*row[:9], to_instant(row[9]), to_instant(row[10])]
    return Head(*values)


def _rework(row: Any) -> Rework:
    values: list[Any] = [*row[:3], to_instant(row[3]), to_instant(row[4]), *row[5:]]
    return Rework(*values)
