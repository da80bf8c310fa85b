"""A registry of any size from one issuer: its rows, made by the services, are cloned in SQL.

What is cloned is what the publisher reads or what lies in its way: the issuer and its case, messages done and messages
for years ahead, the statement, the record and the lists of the other shards. Fragments are cloned for the first shard
alone: only that one is rebuilt.
"""

import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from registry import migrate
from registry.database import Database
from registry.domain.trust_list import SHARD_SIZE
from registry.editions.schema import FILE_NAME
from registry.models.issuer import Issuer
from registry.models.publication import OutboxMessage
from registry.services import publication
from registry.services.outbox import announce

from support.clock import START
from support.world import Registry, list_issuers, opened_registry

DATABASE = "registry.sqlite"
# Ids are spread like random ones: an odd factor turns n into another number of 32 bits, each once.
_PREFIX = "printf('%08x', (n * 2654435761) & 4294967295)"
_OF_CASE: Mapping[str, tuple[str, ...]] = {
    "institution": ("id",),
    "institution_record": ("institution_id",),
    "institution_identifier": ("institution_id",),
    "application": ("id", "institution_id"),
    "motion": ("id", "application_id"),
    "decision": ("id", "application_id", "motion_id"),
    "release": ("decision_id",),
    "issuer": ("id", "institution_id"),
    "recognition_event": ("issuer_id", "decision_id"),
    "identity_claim": ("id", "institution_id", "issuer_id"),
    "identity_event": ("issuer_id", "claim_id"),
}
"""Tables of which the template is the only row, with the ids that every clone has of its own."""
_NUMBERED = ("institution_record", "recognition_event", "identity_event")
_NAMED = {
    "institution": ("slug", "name"),
    "institution_record": ("source_key",),
    "institution_identifier": ("value",),
    "application": ("reference",),
}


@dataclass(frozen=True, slots=True)
class Template:
    """The issuer that the services made, the last outbox message about it, and when all this was done."""

    issuer: uuid.UUID
    scheme: str
    messages: int
    at: datetime


def clone_id(template: uuid.UUID, position: int) -> uuid.UUID:
    """Return the id of the clone at `position`, from 1."""
    return uuid.UUID(f"{position * 2654435761 & 0xFFFFFFFF:08x}{template.hex[8:]}")


def create(stack: ExitStack, folder: Path, start: datetime = START) -> tuple[Registry, Path]:
    """Open a new registry in a folder; return it and the file of its database."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / DATABASE
    migrate.upgrade(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    stack.callback(database.dispose)
    return stack.enter_context(opened_registry(database, folder, start)), path


def make_template(registry: Registry) -> Template:
    """List one issuer with a certificate and publish it; its recognition ends in a year, which is announced, too."""
    with registry.world() as world:
        (issuer_id,) = list_issuers(world, 1, certified=True)
    with registry.database.transaction() as session:
        issuer, at = session.get_one(Issuer, issuer_id), registry.clock()
        announce(session, issuer, at=at, due=at + timedelta(days=365))
        slug = issuer.scheme.slug
        session.flush()
        messages = session.scalars(select(func.max(OutboxMessage.number))).one()
    publication.publish(registry.publishing, at=registry.clock(), at_once=True)
    return Template(issuer_id, slug, messages, registry.clock())


def grow(registry: Registry, database: Path, template: Template, issuers: int) -> None:
    """Clone the template until the registry has `issuers` of them."""
    with _opened(database) as connection:
        _grow_database(connection, template, issuers)
    with _opened(registry.settings.editions / FILE_NAME) as connection:
        _grow_editions(connection, template, issuers)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file to grow it; its triggers rest meanwhile, since they prove acts and a clone is none."""
    connection = sqlite3.connect(path)
    # The rows fit together as a whole; none of this is measured.
    for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-200000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    resting = [(name, sql) for name, sql in triggers if not name.startswith("facet")]
    for name, _sql in resting:
        connection.execute(f"DROP TRIGGER {name}")
    yield connection
    for _name, sql in resting:
        connection.execute(sql)
    connection.commit()
    connection.close()


def _grow_database(connection: sqlite3.Connection, template: Template, issuers: int) -> None:
    for table, ids in _OF_CASE.items():
        changes = {column: f"{_PREFIX} || substr({column}, 9)" for column in ids}
        changes |= {column: f"{column} || '-' || n" for column in _NAMED.get(table, ())}
        if table in _NUMBERED:
            changes["number"] = "number + n"
        if table == "issuer":
            changes["shard"] = f"n / {SHARD_SIZE} + 1"
        _clone(connection, table, "1", changes, issuers)
    text = str(template.issuer)
    payload = f"replace(replace(payload, '{text}', {_dashed(text)}), '\"shard\":1', '\"shard\":' || (n / {SHARD_SIZE} + 1))"
    changes = {"number": f"number + n * {template.messages}", "payload": payload}
    _clone(connection, "outbox_message", f"number <= {template.messages}", changes, issuers)
    _clone(connection, "published_document", f"unit = '{text}'", {"unit": _dashed(text)}, issuers)


def _grow_editions(connection: sqlite3.Connection, template: Template, issuers: int) -> None:
    text = str(template.issuer)
    last = connection.execute("SELECT max(number) FROM document").fetchone()[0]
    other = {column: f"replace({column}, '{text}', {_dashed(text)})" for column in ("path", "permanent_path")}
    own = f"shard = '{text}'"
    key = {"shard": _dashed(text), "document": f"{last} + n", "number": f"{last} + n", **other}
    addresses = f"path LIKE '/issuers/{text}/%'"
    _clone(connection, "document", own, key, issuers)
    _clone(connection, "address", addresses, key, issuers)
    _clone(connection, "head", own, key, issuers)
    wire = {"wire": f"CAST(replace(CAST(wire AS TEXT), '{text}', {_dashed(text)}) AS BLOB)"}
    record = {"number": "number + n", "issuer_id": _dashed(text), "slug": "slug || '-' || n", **wire}
    _clone(connection, "issuer", "1", record, issuers)
    for table in ("identifier", "facet"):
        _clone(connection, table, "1", {"issuer": "issuer + n"}, issuers)
    connection.execute(
        "INSERT INTO issuer_text (rowid, fold) SELECT number, fold FROM issuer WHERE issuer_id <> ?", (text,)
    )
    body = f"CAST(replace(CAST(body AS TEXT), '{text}', {_dashed(text)}) AS BLOB)"
    fragment = {"issuer_id": _dashed(text), "body": body}
    _clone(connection, "fragment", "1", fragment, min(issuers, SHARD_SIZE))
    _grow_lists(connection, template.scheme, issuers)


def _grow_lists(connection: sqlite3.Connection, scheme: str, issuers: int) -> None:
    """Clone the lists of the first shard for the other shards; here `n` is the number of a shard less one."""
    first = f"/lists/{scheme}/1/"
    paths = {
        c: f"replace({c}, '{first}', '/lists/{scheme}/' || (n + 1) || '/')"
        for c in ("path", "permanent_path")
    }
    # Some ten documents lie between two shards' clones: no two get one number.
    base = connection.execute("SELECT max(number) FROM document").fetchone()[0]
    moved = {
        "shard": "n + 1",
        "number": f"{base} + number * 1000 + n",
        "document": f"{base} + document * 1000 + n",
    }
    shards = -(-issuers // SHARD_SIZE)
    _clone(connection, "document", f"scheme = '{scheme}' AND shard = '1'", moved | paths, shards)
    _clone(connection, "address", f"path LIKE '{first}%'", moved | paths, shards)
    for table in ("head", "companion"):
        _clone(connection, table, f"scheme = '{scheme}' AND shard = '1'", moved | paths, shards)


def _dashed(text: str) -> str:
    return f"({_PREFIX} || '{text[8:]}')"


def _clone(
    connection: sqlite3.Connection, table: str, where: str, changes: Mapping[str, str], count: int
) -> None:
    """Insert clones 1 to `count` - 1 of the rows of `table` that meet `where`; columns not named stay as they are."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(changes.get(column, column) for column in columns)
    connection.execute(
        f"WITH RECURSIVE clone(n) AS (SELECT 1 WHERE {count} > 1 UNION ALL SELECT n + 1 FROM clone WHERE n + 1 < {count}) "
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"SELECT {values} FROM clone CROSS JOIN (SELECT * FROM {table} WHERE {where})"
    )
