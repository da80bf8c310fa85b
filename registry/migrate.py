"""Run migrations from code, in a checkout and in an installed wheel; and the triggers that keep history append-only."""

from collections.abc import Iterable

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from registry.errors import NotConfigured
from registry.resources import data_dir


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for a database; a percent sign in the URL is doubled for its parser."""
    config = Config()
    config.set_main_option("script_location", str(data_dir("migrations")).replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision."""
    command.upgrade(alembic_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take a database down to a revision; `base` empties it."""
    command.downgrade(alembic_config(url), revision)


def check(url: str) -> None:
    """Raise if the models say something else than a migrated database (`alembic check`)."""
    command.check(alembic_config(url))


def require_head(engine: Engine) -> None:
    """Refuse to go on with a database that is not at the newest revision.

    Raises:
        NotConfigured: names both revisions and the command that mends it.
    """
    head = ScriptDirectory.from_config(alembic_config("")).get_current_head()
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        raise NotConfigured(
            f"the database is at revision {current or 'none'}, the program at {head}: run `registry db upgrade`"
        )


def history_triggers(dialect: str, tables: Iterable[str]) -> list[str]:
    """Return the statements that make tables refuse UPDATE and DELETE (and TRUNCATE on PostgreSQL).

    On SQLite, REPLACE deletes too, and fires the trigger because `recursive_triggers` is on for every connection.
    """
    make = _postgresql_triggers if dialect == "postgresql" else _sqlite_triggers
    return [statement for table in tables for statement in make(table)]


def drop_history_triggers(dialect: str, tables: Iterable[str]) -> list[str]:
    """Return the statements that take the triggers away again."""
    if dialect == "postgresql":
        return [
            f"DROP TRIGGER {table}_{kind} ON {table}"
            for table in tables
            for kind in ("append_only", "no_truncate")
        ]
    return [f"DROP TRIGGER {table}_no_{verb}" for table in tables for verb in ("update", "delete")]


POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def _postgresql_triggers(table: str) -> tuple[str, str]:
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    )


def _sqlite_triggers(table: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("update", "delete")
    )


def existing_triggers(connection: Connection) -> set[str]:
    """Return the names of the triggers a database has."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.dialect.name == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    return {row[0] for row in connection.exec_driver_sql(query)}
