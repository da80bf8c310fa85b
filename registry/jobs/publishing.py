"""Publish what is due; one round of the background work."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from registry.config import Settings
from registry.database import Database
from registry.editions import EditionStore
from registry.mail import Mailer, mailer
from registry.services import installation, invitations, mailing
from registry.services.publication import PublisherBusy, Summary, pending, publish
from registry.services.publishing import Publishing
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
                database,
                store,
                keys,
                settings.base_url,
                timedelta(seconds=settings.debounce_seconds),
                installation.fixed_operator(settings),
            )
    finally:
        database.dispose()


def publish_now(
    publishing: Publishing, clock: Callable[[], datetime], *, patience: timedelta = timedelta(seconds=60)
) -> Summary:
    """Publish all that waits, without the pause that spares large lists, and return when nothing waits any more.

    Another publisher may be at work, or have issued a list in this very second; then this waits for it.

    Raises:
        PublisherBusy: something still waits when patience is over.
    """
    begun, done = clock(), Summary()
    while True:
        at = clock()
        with suppress(PublisherBusy):
            done += publish(publishing, at=at, at_once=True)
        with publishing.database.reading() as session:
            if not pending(session, at):
                return done
        if at - begun > patience:
            raise PublisherBusy(
                "another publisher is at work; what was decided is published as soon as it is done"
            )
        time.sleep(0.25)


def run_once(publishing: Publishing, settings: Settings, at: datetime) -> Summary:
    """Publish everything that is due and hand out the mail that waits."""
    publishing.keys.reload()
    summary = publish(publishing, at=at)
    post = mailer(settings.smtp_url, settings.data / "mail", settings.base_url)
    send_mail(publishing.database, post, settings.base_url, at)
    with publishing.database.reading() as session:
        if not invitations.are_waiting(session):
            return summary
    with publishing.database.transaction() as session:
        invitations.send_waiting(session, post, settings.base_url, at=at)
    return summary


def send_mail(database: Database, post: Mailer, base_url: str, at: datetime) -> None:
    """Send the mail that waits; what went out before a mail server failed is noted, the rest is tried again."""
    while True:
        with database.reading() as session:
            batch = mailing.waiting(session, base_url=base_url, at=at)
        if not batch:
            return
        sent = []
        try:
            for mail in batch:
                for name, letter in mail.letters:
                    post.send(name, letter)
                sent.append(mail.number)
        finally:
            with database.transaction() as session:
                mailing.note_sent(session, sent, at)
