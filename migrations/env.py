"""Alembic's environment: online migrations only, plain types in revisions, batch mode on SQLite."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, create_engine, pool

from registry.database import UTCDateTime
from registry.models import Base


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Write our own column types as the plain types they stand on, so that a revision imports no model."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "Enum":
        return f"sa.String(length={item.length})"
    return False


def run() -> None:
    """Migrate over one connection, in one transaction."""
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("no database URL: use `registry db upgrade`")
    engine = create_engine(url, poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            _migrate(connection)
    finally:
        engine.dispose()


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


run()
