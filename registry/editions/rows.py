"""How each part of an edition becomes rows; every function runs inside the transaction of the edition."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime

import orjson

from registry.editions.bodies import StoredBody
from registry.editions.freshness import reissue_at
from registry.editions.schema import to_seconds
from registry.editions.values import (
    EditionRefused,
    Fragment,
    IssuerRecord,
    Key,
    PlainFile,
    PublishedDocument,
    Rework,
    SchemeRecord,
)

_INSERT_DOCUMENT = """
INSERT INTO document (scheme, format, shard, sequence, edition, permanent_path, media_type, sha256, size,
    gzip_size, issued_at, next_update, snapshot_sha256, body, gzip)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LAST_SEQUENCE = """
SELECT d.sequence, h.path FROM head h JOIN document d ON d.number = h.document
WHERE h.scheme = ? AND h.format = ? AND h.shard = ?
"""
_REPLACE_HEAD = """
REPLACE INTO head (scheme, format, shard, path, document, issued_at, next_update, reissue_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_FILE = """
SELECT d.number, d.sequence, a.immutable, d.sha256, d.media_type FROM address a
JOIN document d ON d.number = a.document WHERE a.path = ?
"""
_REPLACE_FILE = """
UPDATE document SET edition = ?, media_type = ?, sha256 = ?, size = ?, gzip_size = ?, body = ?, gzip = ?,
    issued_at = ? WHERE number = ?
"""
_ISSUER = "SELECT number, fold FROM issuer WHERE issuer_id = ?"
_INSERT_ISSUER = """
INSERT INTO issuer (scheme, slug, institution_id, sort, fold, wire, issuer_id) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_UPDATE_ISSUER = """
UPDATE issuer SET scheme = ?, slug = ?, institution_id = ?, sort = ?, fold = ?, wire = ? WHERE issuer_id = ?
"""


def put_document(
    connection: sqlite3.Connection, document: PublishedDocument, body: StoredBody, edition: int
) -> None:
    """Publish `document` at its permanent address and move its current addresses to it.

    Raises:
        EditionRefused: its sequence is not the next one, or an address belongs to another document.
    """
    key = (document.scheme, document.format_id, document.shard)
    if document.companion:
        last_path = _put_companion_away(connection, key)
    else:
        last, last_path = connection.execute(_LAST_SEQUENCE, key).fetchone() or (0, None)
        _check_sequence(document, last)
    times = (to_seconds(document.issued_at), to_seconds(document.next_update))
    identity = (*key, document.sequence, edition, document.permanent_path, document.media_type)
    number = _insert(connection, identity, body, (*times, document.snapshot_sha256))
    if last_path is not None:
        connection.execute("DELETE FROM address WHERE path = ?", (last_path,))
    _take_address(connection, document.permanent_path, number, immutable=True)
    _take_address(connection, document.path, number, immutable=False)
    if document.companion:
        connection.execute("INSERT INTO companion VALUES (?, ?, ?, ?, ?)", (*key, document.path, number))
        return
    _take_further(connection, key, document.further_paths, number)
    again = to_seconds(reissue_at(key, document.issued_at, document.next_update))
    connection.execute(_REPLACE_HEAD, (*key, document.path, number, *times, again))


def _put_companion_away(connection: sqlite3.Connection, key: Key) -> str | None:
    query = "DELETE FROM companion WHERE scheme = ? AND format = ? AND shard = ? RETURNING path"
    row = connection.execute(query, key).fetchone()
    return row[0] if row else None


def _take_further(connection: sqlite3.Connection, key: Key, paths: Iterable[str], number: int) -> None:
    """Let every further address lead to this document; those that it no longer has lead nowhere."""
    query = "DELETE FROM further_address WHERE scheme = ? AND format = ? AND shard = ? RETURNING path"
    for (path,) in connection.execute(query, key).fetchall():
        connection.execute("DELETE FROM address WHERE path = ?", (path,))
    for path in paths:
        _take_address(connection, path, number, immutable=False)
        connection.execute("INSERT INTO further_address VALUES (?, ?, ?, ?)", (path, *key))


def _check_sequence(document: PublishedDocument, last: int) -> None:
    if document.sequence != last + 1:
        raise EditionRefused(
            f"{document.path} cannot be published with sequence {document.sequence}; {last + 1} is the next."
        )


def _insert(
    connection: sqlite3.Connection, identity: tuple[object, ...], body: StoredBody, rest: tuple[object, ...]
) -> int:
    sizes = (body.sha256, body.size, body.gzip_size)
    values = (*identity, *sizes, *rest, body.inline, body.inline_gzip)
    return int(connection.execute(_INSERT_DOCUMENT, values).lastrowid or 0)


def _take_address(connection: sqlite3.Connection, path: str, number: int, *, immutable: bool) -> None:
    try:
        connection.execute("INSERT INTO address VALUES (?, ?, ?)", (path, number, int(immutable)))
    except sqlite3.IntegrityError as error:
        raise EditionRefused(
            f"{path} cannot be published: the address belongs to another document."
        ) from error


def put_file(
    connection: sqlite3.Connection, file: PlainFile, body: StoredBody, edition: int, at: datetime
) -> None:
    """Publish a file without a sequence in place of the one before it; one that is immutable has none before it.

    Raises:
        EditionRefused: the address belongs to a numbered document, or for ever to other bytes.
    """
    row = connection.execute(_FILE, (file.path,)).fetchone()
    if row and row[2:] == (int(file.immutable), body.sha256, file.media_type):
        return
    if row and row[1:3] == (None, 0) and not file.immutable:
        sizes = (body.sha256, body.size, body.gzip_size, body.inline, body.inline_gzip)
        connection.execute(_REPLACE_FILE, (edition, file.media_type, *sizes, to_seconds(at), row[0]))
        return
    identity = ("", "", "", None, edition, None, file.media_type)
    number = _insert(connection, identity, body, (to_seconds(at), None, None))
    _take_address(connection, file.path, number, immutable=file.immutable)


def put_issuer(connection: sqlite3.Connection, record: IssuerRecord) -> None:
    """Add an issuer, or put this record in the place of the one before it: what stays the same is not written again."""
    row = connection.execute(_ISSUER, (record.issuer_id,)).fetchone()
    named = (record.scheme, record.slug, record.institution_id, record.sort, record.fold)
    values = (*named, orjson.dumps(record.entry_wire), record.issuer_id)
    if row is None:
        number, fold = int(connection.execute(_INSERT_ISSUER, values).lastrowid or 0), None
    else:
        number, fold = row
        connection.execute(_UPDATE_ISSUER, values)
    if fold != record.fold:
        _forget_text(connection, number, fold)
        connection.execute("INSERT INTO issuer_text (rowid, fold) VALUES (?, ?)", (number, record.fold))
    _replace(connection, "identifier", number, {(value, scheme) for scheme, value in record.identifiers})
    _replace(connection, "facet", number, set(record.facets))
    _replace(connection, "former_slug", number, {(slug,) for slug in record.former_slugs})


def remove_issuer(connection: sqlite3.Connection, issuer_id: str) -> None:
    """Take an issuer out of search and look-up; its documents stay published."""
    row = connection.execute(_ISSUER, (issuer_id,)).fetchone()
    if row is None:
        return
    number, fold = row
    _forget_text(connection, number, fold)
    for table in _OF_ISSUER:
        _replace(connection, table, number, set())
    connection.execute("DELETE FROM issuer WHERE number = ?", (number,))


def _forget_text(connection: sqlite3.Connection, number: int, fold: str | None) -> None:
    """Take an issuer out of the index of text; one with external content must be told the text that it forgets."""
    if fold is not None:
        query = "INSERT INTO issuer_text (issuer_text, rowid, fold) VALUES ('delete', ?, ?)"
        connection.execute(query, (number, fold))


_OF_ISSUER: Mapping[str, tuple[str, ...]] = {
    "identifier": ("value", "scheme"),
    "facet": ("facet", "value"),
    "former_slug": ("slug",),
}
"""Tables of values that an issuer has many of, with their columns."""


def _replace(connection: sqlite3.Connection, table: str, number: int, wanted: set[tuple[str, ...]]) -> None:
    columns = _OF_ISSUER[table]
    held = connection.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE issuer = ?", (number,))  # noqa: S608
    known = set(held)
    if known == wanted:
        return
    these = " AND ".join(f"{column} = ?" for column in (*columns, "issuer"))
    gone = [(*one, number) for one in known - wanted]
    connection.executemany(f"DELETE FROM {table} WHERE {these}", gone)  # noqa: S608
    marks = ", ".join("?" * (len(columns) + 1))
    new = [(*one, number) for one in wanted - known]
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}, issuer) VALUES ({marks})", new)  # noqa: S608


def put_schemes(connection: sqlite3.Connection, schemes: Iterable[SchemeRecord]) -> None:
    """Add or replace schemes."""
    values = [(scheme.slug, orjson.dumps(scheme.wire)) for scheme in schemes]
    connection.executemany("REPLACE INTO scheme VALUES (?, ?)", values)


def put_fragments(connection: sqlite3.Connection, fragments: Iterable[Fragment], edition: int) -> None:
    """Add or replace fragments; each remembers the edition that it came with."""
    query = (
        f"REPLACE INTO fragment (format, issuer_id, digest, body, edition) VALUES (?, ?, ?, ?, {edition:d})"  # noqa: S608
    )
    # In the order of the table, which writes each of its pages once.
    connection.executemany(query, sorted(fragments))


def put_rework(connection: sqlite3.Connection, rework: Iterable[Rework], worked: Iterable[Key]) -> None:
    """Note what is to be built again, and forget what was."""
    connection.executemany("DELETE FROM rework WHERE scheme = ? AND format = ? AND shard = ?", worked)
    values = (
        (*one.key, to_seconds(one.due_at), to_seconds(one.since), one.attempts, one.error) for one in rework
    )
    connection.executemany("REPLACE INTO rework VALUES (?, ?, ?, ?, ?, ?, ?)", values)
