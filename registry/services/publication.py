"""Publishing: drain the outbox, rebuild only what changed, sign, and swap one edition in.

Steps of one round, each of which may be killed and repeated:

1. take the lease in the database, so that one publisher works at a time;
2. note in the database what an earlier, killed round had already put into the edition store;
3. read what is to be done: messages that are due, and documents at half of their life;
4. build and sign: one statement per changed issuer, and each touched list from kept fragments;
5. put the edition into the store, in one transaction: from here on readers see it;
6. note the documents and finish the messages, in one database transaction.

The edition store is the authority for sequence numbers; a document that was signed but not stored was seen by nobody.
"""

import os
import socket
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.editions import (
    EditionStore,
    Head,
)
from registry.errors import Conflict
from registry.models.body import Scheme
from registry.models.issuer import Issuer
from registry.models.publication import Lease, OutboxMessage, PublishedDocument
from registry.publishers import STATEMENT
from registry.publishers.formats.native_json import NativeJson
from registry.services.edition_building import Publishing, Round, Shard, build_edition
from registry.services.outbox import DECISION, LISTS
from registry.services.outbox import STATEMENT as STATEMENT_TOPIC

LEASE = "publisher"
LEASE_LIFE = timedelta(minutes=2)
ROUND = 1_000
"""Most statements of one round, so that no round outlives the lease."""
ENTRIES_PER_SECOND_OF_DEBOUNCE = 100
"""A list of 5,000 entries is rebuilt at most every 50 seconds, one of 100 every second."""


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
            _announce_everything(session, at)
    while True:
        found = _one_round(publishing, at, at_once=at_once or everything)
        if found.is_empty:
            return done
        statements = sum(1 for d in found.documents if d.format_id == STATEMENT.format_id)
        size = sum(len(d.body) for d in found.documents)
        done += Summary(1, len(found.documents), statements, size)


def _one_round(publishing: Publishing, at: datetime, *, at_once: bool) -> Round:
    if _is_idle(publishing, at):
        return Round()
    with publishing.database.transaction() as session:
        _take_lease(session, at)
        _reconcile(session, publishing.store)
        work = _find_work(session, publishing, at, at_once=at_once)
        if work.is_empty:
            _give_lease_back(session, at)
            return work
        change = build_edition(session, publishing, work, at)
    publishing.store.apply(change)
    with publishing.database.transaction() as session:
        _note(session, work, at)
    return work


def _is_idle(publishing: Publishing, at: datetime) -> bool:
    """Whether nothing at all waits: looked at every second, so it takes no lock and writes nothing."""
    if publishing.store.due(at):
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
        session.add(
            PublishedDocument(
                scheme=head.scheme,
                format=head.format_id,
                unit=head.shard,
                sequence=head.sequence,
                edition=edition,
                sha256=head.sha256,
                issued_at=head.issued_at,
                next_update=head.next_update,
            )
        )
    session.flush()


def _find_work(session: Session, publishing: Publishing, at: datetime, *, at_once: bool) -> Round:
    work = Round()
    left: list[int] = []
    for message in _due_messages(session, STATEMENT_TOPIC, at, ROUND + 1):
        first_issue = _is_later(publishing.store.statement_head(message.payload["issuer"]), at)
        if first_issue and len(work.messages) < ROUND:
            work.issuers.add(uuid.UUID(message.payload["issuer"]))
            work.messages.add(message.number)
        else:
            left.append(message.number)
    waiting: dict[Shard, set[int]] = {}
    for message in _due_messages(session, LISTS, at, None):
        # A change is told as a statement first and then as a list: a list whose statement has to wait waits behind it,
        # or it would be issued without the change and not be touched again.
        if not left or message.number < left[0]:
            place = (message.payload["scheme"], message.payload["shard"])
            waiting.setdefault(place, set()).add(message.number)
    for message in _due_messages(session, DECISION, at, ROUND):
        work.decisions.add(uuid.UUID(message.payload["decision"]))
        work.messages.add(message.number)
    for shard, numbers in waiting.items():
        if _may_issue(session, publishing, shard, at, at_once=at_once):
            work.shards.add(shard)
            work.messages |= numbers
    for head in publishing.store.due(at):
        if head.format_id == STATEMENT.format_id:
            if len(work.issuers) < ROUND:
                work.issuers.add(uuid.UUID(head.shard))
        else:
            work.shards.add((head.scheme, int(head.shard)))
    return work


def _due_messages(session: Session, topic: str, at: datetime, limit: int | None) -> Sequence[OutboxMessage]:
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.topic == topic, OutboxMessage.done_at.is_(None), OutboxMessage.due_at <= at)
        .order_by(OutboxMessage.number)
    )
    return session.scalars(query.limit(limit) if limit else query).all()


def _is_later(head: Head | None, at: datetime) -> bool:
    """Whether a document issued at `at` would be younger than the one there: two issues never share a second."""
    return head is None or at > head.issued_at


def _may_issue(
    session: Session, publishing: Publishing, shard: Shard, at: datetime, *, at_once: bool
) -> bool:
    """Whether a list may be issued again: at once when it was quiet, later the larger the shard is."""
    head = publishing.store.head(shard[0], NativeJson.format_id, str(shard[1]))
    if head is None or at_once or at <= head.issued_at:
        return _is_later(head, at)
    entries = session.scalar(
        select(func.count())
        .select_from(Issuer)
        .join(Scheme, Scheme.id == Issuer.scheme_id)
        .where(Scheme.slug == shard[0], Issuer.shard == shard[1])
    )
    wait = min(publishing.debounce, timedelta(seconds=(entries or 0) / ENTRIES_PER_SECOND_OF_DEBOUNCE))
    return at >= head.issued_at + wait


def _announce_everything(session: Session, at: datetime) -> None:
    for issuer in session.scalars(select(Issuer.id)):
        session.add(
            OutboxMessage(topic=STATEMENT_TOPIC, payload={"issuer": str(issuer)}, created_at=at, due_at=at)
        )
    session.flush()  # statements get the lower numbers: a list comes after those that it is made from
    for scheme in session.scalars(select(Scheme)):
        shards = set(session.scalars(select(Issuer.shard).where(Issuer.scheme_id == scheme.id))) | {1}
        for shard in sorted(shards):
            session.add(
                OutboxMessage(
                    topic=LISTS, payload={"scheme": scheme.slug, "shard": shard}, created_at=at, due_at=at
                )
            )


def _note(session: Session, work: Round, at: datetime) -> None:
    session.add_all(
        PublishedDocument(
            scheme=document.scheme,
            format=document.format_id,
            unit=document.shard,
            sequence=document.sequence,
            edition=work.edition,
            sha256=document.sha256,
            issued_at=document.issued_at,
            next_update=document.next_update,
        )
        for document in work.documents
    )
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
