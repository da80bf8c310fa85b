"""What commands share: the settings, a transaction, and the clock. Only edges read the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from registry.config import Settings
from registry.database import Database
from registry.services.installation import settings_in_use

OPERATOR = "operator"
"""The actor that the audit trail names for acts on the command line."""


def settings() -> Settings:
    """Return the settings from the environment, with the address of the registry that is there."""
    return settings_in_use()


def now() -> datetime:
    """Return this instant in UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


@contextmanager
def transaction() -> Iterator[Session]:
    """Open one transaction on the database of the settings."""
    database = Database(settings().sqlalchemy_url)
    try:
        with database.transaction() as session:
            yield session
    finally:
        database.dispose()
