"""Migrations: one line of revisions, equal to the models, up and down with data, history that stays."""

import re
import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from registry import migrate
from registry.database import Database
from registry.models import Base
from registry.models.base import history_tables
from registry.models.institution import Institution
from registry.separation import SEPARATIONS, separation_triggers

from support.rows import fill_every_table


def _url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def _tables(database: Database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(migrate.alembic_config("sqlite://"))


def test_there_is_one_head() -> None:
    assert len(_scripts().get_heads()) == 1


def test_the_models_say_what_the_migrations_make(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_migrated_database_is_accepted_and_an_empty_one_is_refused(
    database: Database, empty_database: Database
) -> None:
    migrate.require_head(database.engine)
    with pytest.raises(migrate.NotConfigured, match="registry db upgrade"):
        migrate.require_head(empty_database.engine)


def test_migrations_go_down_step_by_step_with_data_and_up_again(database: Database) -> None:
    with database.engine.begin() as connection:
        fill_every_table(connection)
    for revision in _scripts().walk_revisions():
        migrate.downgrade(_url(database), revision.down_revision or "base")
    assert _tables(database) == {"alembic_version"}
    with database.engine.connect() as connection:
        assert migrate.existing_triggers(connection) == set()
    migrate.upgrade(_url(database))
    assert _tables(database) == {"alembic_version", *Base.metadata.tables}


def test_the_triggers_are_exactly_those_of_the_history_tables_and_of_the_separation_of_duties(
    database: Database,
) -> None:
    dialect = database.engine.dialect.name
    statements = migrate.history_triggers(dialect, history_tables()) + separation_triggers(dialect)
    expected = {match[1] for match in map(re.compile(r"CREATE TRIGGER (\w+)").match, statements) if match}
    assert expected
    with database.engine.connect() as connection:
        assert migrate.existing_triggers(connection) == expected


@pytest.fixture
def filled(database: Database) -> tuple[Database, sa.MetaData]:
    with database.engine.begin() as connection:
        return database, fill_every_table(connection)


def _refusals(database: Database, statements: dict[str, str]) -> dict[str, bool]:
    return {table: _is_refused(database, statement) for table, statement in statements.items()}


def _is_refused(database: Database, statement: str) -> bool:
    try:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    except sa.exc.IntegrityError as error:
        walls = (
            "is append-only",
            *(rule.says for rule in SEPARATIONS),
        )  # what replaces a row also inserts one
        return any(wall in str(error) for wall in walls)
    return False


WIPE = {"sqlite": "REPLACE INTO {table} SELECT * FROM {table}", "postgresql": "TRUNCATE {table} CASCADE"}


@pytest.mark.parametrize("verb", ["update", "delete", "wipe"])
def test_history_refuses_every_change(filled: tuple[Database, sa.MetaData], verb: str) -> None:
    database, metadata = filled
    template = {
        "update": "UPDATE {table} SET {column} = {column}",
        "delete": "DELETE FROM {table}",
        "wipe": WIPE[database.engine.dialect.name],
    }[verb]
    statements = {
        name: template.format(table=name, column=next(iter(metadata.tables[name].columns)).name)
        for name in history_tables()
    }
    assert _refusals(database, statements) == dict.fromkeys(history_tables(), True)


def test_other_tables_can_be_changed(filled: tuple[Database, sa.MetaData]) -> None:
    database, metadata = filled
    changeable = sorted(set(metadata.tables) - set(history_tables()) - {"alembic_version"})
    statements = {
        name: f"UPDATE {name} SET {column} = {column}"
        for name in changeable
        for column in [next(iter(metadata.tables[name].columns)).name]
    }
    assert statements
    assert not any(_refusals(database, statements).values())


def test_institutions_get_their_names_by_language_from_the_source_that_counts_most(
    database: Database,
) -> None:
    migrate.downgrade(_url(database), "0007")
    one, at = uuid.uuid4(), datetime(2026, 1, 1, tzinfo=UTC)
    told = {
        "eche": [("Uniwersytet wg karty", "pl", "display")],
        "ror": [("University", "en", "display"), ("Uniwersytet", "pl", "legal")],
    }
    with database.engine.begin() as connection:
        institution = {
            "id": one, "slug": "u", "name": "University", "country": "PL", "kind": "other_provider",
            "status": "active", "folded": "university", "owned": False, "created_at": at,
        }  # fmt: skip
        _insert(connection, "institution", institution)
        for number, (source, names) in enumerate(told.items(), 1):
            facts = {
                "country": "PL",
                "names": [{"text": t, "language": lang, "kind": k} for t, lang, k in names],
            }
            record = {
                "number": number, "institution_id": one, "source": source, "source_key": "1", "facts": facts,
                "digest": "0", "recorded_at": at, "actor": "operator",
            }  # fmt: skip
            _insert(connection, "institution_record", record)
    migrate.upgrade(_url(database))
    with database.reading() as session:
        names = session.get_one(Institution, one).names
    assert list(names.items()) == [("pl", "Uniwersytet"), ("en", "University")]


def _insert(connection: sa.Connection, table: str, row: dict[str, object]) -> None:
    """Insert a row into a table that may lack columns which the models have."""
    types = Base.metadata.tables[table].columns
    known = sa.table(table, *(sa.column(name, types[name].type) for name in row))
    connection.execute(known.insert(), row)
