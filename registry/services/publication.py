"""Publishing: drain the outbox, rebuild only what changed, sign, and swap one edition in.

Steps of one round, each of which may be killed and repeated:

1. take the lease in the database, so that one publisher works at a time;
2. note in the database what an earlier, killed round had already put into the edition store;
3. find what is to be done, and read all that it takes from the database; steps 1 to 3 are one transaction;
4. build and sign: one statement per changed issuer, and each touched list from kept fragments;
5. put the edition into the store, in one transaction: from here on readers see it;
6. note the documents and finish the messages, in one database transaction.

The edition store is the authority for sequence numbers; a document that was signed but not stored was seen by nobody.
"""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.editions import EditionStore, Head
from registry.editions import PublishedDocument as Published
from registry.errors import Conflict
from registry.models.body import Scheme
from registry.models.issuer import Issuer
from registry.models.publication import Lease, OutboxMessage, PublishedDocument
from registry.publishers import STATEMENT
from registry.publishers.traits import REGISTRY
from registry.services.cycles import rare_collection
from registry.services.due_documents import due_documents
from registry.services.edition_building import Round, build_edition
from registry.services.list_keys import ensure_registry_key
from registry.services.outbox import DECISION, LISTS
from registry.services.outbox import STATEMENT as STATEMENT_TOPIC
from registry.services.publication_work import find_work
from registry.services.publishing import Publishing
from registry.services.publishing_material import gather

LEASE = "publisher"
LEASE_LIFE = timedelta(minutes=2)


class PublisherBusy(Conflict):
    """Another publisher holds the lease."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What publishing did: editions swapped in, documents signed or written, their bytes."""

    editions: int = 0
    documents: int = 0
    statements: int = 0
    size: int = 0

    def __add__(self, other: "Summary") -> "Summary":
        return Summary(
            self.editions + other.editions,
            self.documents + other.documents,
            self.statements + other.statements,
            self.size + other.size,
        )


def publish(
    publishing: Publishing, *, at: datetime, everything: bool = False, at_once: bool = False
) -> Summary:
    """Publish all that is due at `at` and say what was done.

    `everything` rebuilds every document; `at_once` does not wait for the debounce of lists.

    Raises:
        PublisherBusy: another publisher is at work.
    """
    done = Summary()
    if everything:
        with publishing.database.transaction() as session:
            announce_everything(session, at)
    while True:
        with rare_collection():
            found = _one_round(publishing, at, at_once=at_once or everything)
        if not found.achieved:
            return done
        statements = sum(1 for d in found.documents if d.format_id == STATEMENT.format_id)
        size = sum(d.size for d in found.documents)
        done += Summary(1, len(found.documents), statements, size)


def _one_round(publishing: Publishing, at: datetime, *, at_once: bool) -> Round:
    if _is_idle(publishing, at):
        return Round()
    with publishing.database.transaction() as session:
        _take_lease(session, at)
        _reconcile(session, publishing.store)
        work = find_work(session, publishing, at, at_once=at_once)
        if work.is_empty:
            _give_lease_back(session, at)
            return work
        ensure_registry_key(session, publishing.keys, publishing.operator, at=at)
        material = gather(
            session,
            publishing.store,
            publishing.base_url,
            issuers=work.issuers,
            shards=work.shards,
            decisions=work.decisions,
            at=at,
        )
    publishing.store.apply(build_edition(publishing, material, work, at))
    with publishing.database.transaction() as session:
        _note(session, work, at)
    return work


def _is_idle(publishing: Publishing, at: datetime) -> bool:
    """Whether nothing at all waits: looked at every second, so it takes no lock and writes nothing."""
    if due_documents(publishing.store, at):
        return False
    with publishing.database.reading() as session:
        noted = session.scalar(select(func.max(PublishedDocument.edition))) or 0
        return not pending(session, at) and next(publishing.store.documents_after(noted), None) is None


def _take_lease(session: Session, at: datetime) -> None:
    lease = session.get(Lease, LEASE, with_for_update=True)
    if lease is None:
        lease = Lease(name=LEASE, holder=_holder(), expires_at=at)
        try:
            with session.begin_nested():
                session.add(lease)
        except IntegrityError as error:  # another publisher's very first round came first
            raise PublisherBusy("another publisher has just begun") from error
    elif lease.holder != _holder() and lease.expires_at > at and not _is_gone(lease.holder):
        raise PublisherBusy(f"publisher {lease.holder} is at work until {lease.expires_at:%H:%M:%S}")
    lease.holder, lease.expires_at = _holder(), at + LEASE_LIFE
    session.flush()


def _holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _is_gone(holder: str) -> bool:
    """Whether a holder was a process on this machine that is no longer there."""
    host, _, process = holder.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _reconcile(session: Session, store: EditionStore) -> None:
    """Take over from the store what a killed round published and did not note."""
    noted = session.scalar(select(func.max(PublishedDocument.edition))) or 0
    for edition, head in store.documents_after(noted):
        session.add(PublishedDocument(**_noted(head, edition)))
    session.flush()


def _noted(document: Head | Published, edition: int) -> dict[str, Any]:
    """Return the row of a document that was published with an edition."""
    return {
        "scheme": document.scheme,
        "format": document.format_id,
        "unit": document.shard,
        "sequence": document.sequence,
        "edition": edition,
        "sha256": document.sha256,
        "issued_at": document.issued_at,
        "next_update": document.next_update,
    }


def announce_everything(session: Session, at: datetime) -> None:
    """Tell the publisher to build every statement and every list again, fragments and all."""
    told = [
        {
            "topic": STATEMENT_TOPIC,
            "payload": {"issuer": str(issuer), "anew": True},
            "created_at": at,
            "due_at": at,
        }
        for issuer in session.scalars(select(Issuer.id).order_by(Issuer.id))
    ]
    # Statements get the lower numbers: a list comes after those that it is made from.
    if told:
        session.execute(insert(OutboxMessage), told)
    session.add(
        OutboxMessage(topic=LISTS, payload={"scheme": REGISTRY, "shard": 1}, created_at=at, due_at=at)
    )
    for scheme in session.scalars(select(Scheme)):
        shards = set(session.scalars(select(Issuer.shard).where(Issuer.scheme_id == scheme.id))) | {1}
        for shard in sorted(shards):
            session.add(
                OutboxMessage(
                    topic=LISTS, payload={"scheme": scheme.slug, "shard": shard}, created_at=at, due_at=at
                )
            )


def _note(session: Session, work: Round, at: datetime) -> None:
    noted = [_noted(document, work.edition) for document in work.documents]
    if noted:
        session.execute(insert(PublishedDocument), noted)
    session.execute(update(OutboxMessage).where(OutboxMessage.number.in_(work.messages)).values(done_at=at))
    _give_lease_back(session, at)


def _give_lease_back(session: Session, at: datetime) -> None:
    session.execute(update(Lease).where(Lease.name == LEASE).values(expires_at=at))


def pending(session: Session, at: datetime) -> int:
    """Return how many messages wait for the publisher."""
    query = select(func.count()).select_from(OutboxMessage)
    return (
        session.scalar(
            query.where(
                OutboxMessage.done_at.is_(None),
                OutboxMessage.due_at <= at,
                OutboxMessage.topic.in_((STATEMENT_TOPIC, LISTS, DECISION)),
            )
        )
        or 0
    )
