"""Publish what is due; one round of the background work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from registry.config import Settings
from registry.database import Database
from registry.editions import EditionStore
from registry.services import mailing
from registry.services.publication import Publishing, Summary, publish
from registry.signing.keys import KeyStore


@contextmanager
def open_publishing(settings: Settings) -> Iterator[Publishing]:
    """Open database, edition store and keys for publishing, and close them afterwards.

    Raises:
        NotConfigured: there is no registry in the data directory, or the passphrase is wrong.
    """
    keys = KeyStore.open(settings.keys, settings.key_passphrase)
    database = Database(settings.sqlalchemy_url)
    try:
        with EditionStore(settings.editions, settings.base_url) as store:
            yield Publishing(
                database, store, keys, settings.base_url, timedelta(seconds=settings.debounce_seconds)
            )
    finally:
        database.dispose()


def run_once(publishing: Publishing, settings: Settings, at: datetime) -> Summary:
    """Publish everything that is due and hand out the mail that waits."""
    publishing.keys.reload()
    summary = publish(publishing, at=at)
    with publishing.database.transaction() as session:
        mailing.send_waiting(session, settings.data / "mail", at=at)
    return summary
