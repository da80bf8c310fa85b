"""The tables of the edition store, and how its file is opened to write and to read.

Every address is one row of `address` that points to a row of `document`: a replaced head moves one pointer,
and the body that it named before stays where it was, at its permanent address. Instants are seconds since
1970.
"""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

FILE_NAME = "editions.sqlite"
VERSION = 1
MAPPED = 2**36
"""Most bytes of the file that a reader maps; the mapping is shared and costs no process memory of its own."""

_TABLES = """
CREATE TABLE edition (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, outbox_upto INTEGER NOT NULL, digest TEXT NOT NULL
);
CREATE TABLE document (
    number INTEGER PRIMARY KEY,
    scheme TEXT NOT NULL, format TEXT NOT NULL, shard TEXT NOT NULL, sequence INTEGER,
    edition INTEGER NOT NULL, permanent_path TEXT,
    media_type TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, gzip_size INTEGER,
    issued_at INTEGER NOT NULL, next_update INTEGER, snapshot_sha256 TEXT,
    body BLOB, gzip BLOB,
    UNIQUE (scheme, format, shard, sequence)
);
CREATE TABLE address (
    path TEXT PRIMARY KEY, document INTEGER NOT NULL REFERENCES document, immutable INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE head (
    scheme TEXT, format TEXT, shard TEXT, path TEXT NOT NULL, document INTEGER NOT NULL REFERENCES document,
    issued_at INTEGER NOT NULL, next_update INTEGER NOT NULL,
    PRIMARY KEY (scheme, format, shard)
) WITHOUT ROWID;
CREATE TABLE scheme (slug TEXT PRIMARY KEY, wire BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE fragment (
    format TEXT, issuer_id TEXT, digest TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (format, issuer_id)
) WITHOUT ROWID;
CREATE TABLE issuer (
    number INTEGER PRIMARY KEY, issuer_id TEXT NOT NULL UNIQUE, scheme TEXT NOT NULL, slug TEXT NOT NULL,
    institution_id TEXT NOT NULL, sort TEXT NOT NULL, fold TEXT NOT NULL, wire BLOB NOT NULL
);
CREATE INDEX issuer_by_slug ON issuer (slug);
CREATE INDEX issuer_by_sort ON issuer (sort, issuer_id);
CREATE TABLE former_slug (slug TEXT, issuer INTEGER, PRIMARY KEY (slug, issuer)) WITHOUT ROWID;
CREATE INDEX former_slug_by_issuer ON former_slug (issuer);
CREATE TABLE identifier (
    value TEXT, scheme TEXT, issuer INTEGER, PRIMARY KEY (value, scheme, issuer)
) WITHOUT ROWID;
CREATE INDEX identifier_by_issuer ON identifier (issuer);
CREATE TABLE facet (facet TEXT, value TEXT, issuer INTEGER, PRIMARY KEY (facet, value, issuer)) WITHOUT ROWID;
CREATE INDEX facet_by_issuer ON facet (issuer);
CREATE TABLE facet_total (
    facet TEXT, value TEXT, total INTEGER NOT NULL, PRIMARY KEY (facet, value)
) WITHOUT ROWID;
CREATE TRIGGER facet_added AFTER INSERT ON facet BEGIN
    INSERT INTO facet_total VALUES (new.facet, new.value, 1) ON CONFLICT DO UPDATE SET total = total + 1;
END;
CREATE TRIGGER facet_removed AFTER DELETE ON facet BEGIN
    UPDATE facet_total SET total = total - 1 WHERE facet = old.facet AND value = old.value;
END;
CREATE VIRTUAL TABLE issuer_text USING fts5 (
    fold, content='issuer', content_rowid='number', tokenize='unicode61 remove_diacritics 0', prefix='2 3',
    detail=none, columnsize=0
);
"""
_COLUMNS = (
    ("edition", "program", "TEXT NOT NULL DEFAULT ''"),
    ("head", "reissue_at", "INTEGER NOT NULL DEFAULT 0"),
    ("fragment", "edition", "INTEGER NOT NULL DEFAULT 0"),
)
"""Columns that came later: table, name, type."""
_LATER = """
CREATE TABLE IF NOT EXISTS companion (
    scheme TEXT, format TEXT, shard TEXT, path TEXT NOT NULL, document INTEGER NOT NULL REFERENCES document,
    PRIMARY KEY (scheme, format, shard)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS further_address (
    path TEXT PRIMARY KEY, scheme TEXT NOT NULL, format TEXT NOT NULL, shard TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rework (
    scheme TEXT, format TEXT, shard TEXT, due_at INTEGER NOT NULL, since INTEGER NOT NULL,
    attempts INTEGER NOT NULL, error TEXT NOT NULL, PRIMARY KEY (scheme, format, shard)
) WITHOUT ROWID;
"""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS canonical_by_edition ON fragment (edition) WHERE format = 'native_json'",
    "CREATE INDEX IF NOT EXISTS document_by_edition ON document (edition)",
    # Lists are few among the statements of all issuers; neither may cost a walk through all heads.
    "CREATE INDEX IF NOT EXISTS head_of_list ON head (scheme, format, shard) WHERE format <> 'statement'",
    "CREATE INDEX IF NOT EXISTS head_by_half_life ON head (issued_at + next_update)",
    "CREATE INDEX IF NOT EXISTS head_by_reissue ON head (reissue_at)",
)


def open_writer(directory: Path) -> sqlite3.Connection:
    """Open the store in `directory` to write, and create what is missing."""
    directory.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(directory / FILE_NAME, timeout=30, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "journal_size_limit=67108864"):
        connection.execute(f"PRAGMA {pragma}")
    _create(connection)
    return connection


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
        for statement in _statements(_TABLES):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
    for table, column, kind in _COLUMNS:
        if column not in {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
            if column == "reissue_at":
                connection.execute("UPDATE head SET reissue_at = (issued_at + next_update) / 2")
    for statement in (*_statements(_LATER), *_INDEXES):
        connection.execute(statement)
    connection.execute("COMMIT")


def _statements(script: str) -> list[str]:
    """Split a script into statements; `executescript` would commit the transaction around it."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements


def open_reader(directory: Path) -> sqlite3.Connection | None:
    """Open the store in `directory` to read, or return None when no edition store is there yet.

    The connection belongs to the thread that opened it.
    """
    path = directory / FILE_NAME
    if not path.is_file():
        return None
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5, isolation_level=None
    )
    if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        connection.close()
        return None
    connection.execute(f"PRAGMA mmap_size={MAPPED}")
    return connection


def to_seconds(instant: datetime) -> int:
    """Return seconds since 1970."""
    return int(instant.timestamp())


def to_instant(seconds: int) -> datetime:
    """Return the instant in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
