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

import hashlib
import os
import socket
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.database import Database
from registry.domain.trust_list import (
    Entry,
    Header,
    SchemeInfo,
    canonical_json,
    entry_digest,
    entry_to_wire,
)
from registry.editions import (
    EditionChange,
    EditionStore,
    Fragment,
    Head,
    PlainFile,
    SchemeRecord,
    issuer_record,
)
from registry.editions import PublishedDocument as Published
from registry.errors import Conflict
from registry.models.body import Scheme
from registry.models.issuer import Issuer
from registry.models.publication import Lease, OutboxMessage, PublishedDocument
from registry.publishers import PUBLISHERS, STATEMENT
from registry.publishers.formats.native_json import NativeJson
from registry.services.bodies import scheme_info
from registry.services.outbox import LISTS
from registry.services.outbox import STATEMENT as STATEMENT_TOPIC
from registry.services.reports import public_decision
from registry.services.trust_lists import build_entries, load_issuers
from registry.signing.keys import KeyStore
from registry.signing.signers import Signer

LEASE = "publisher"
LEASE_LIFE = timedelta(minutes=2)
ROUND = 1_000
"""Most statements of one round, so that no round outlives the lease."""
ENTRIES_PER_SECOND_OF_DEBOUNCE = 100
"""A list of 5,000 entries is rebuilt at most every 50 seconds, one of 100 every second."""

Shard = tuple[str, int]
"""Scheme slug and shard number."""


class PublisherBusy(Conflict):
    """Another publisher holds the lease."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """What a publisher works with. `debounce` is the longest time between two issues of one list under load."""

    database: Database
    store: EditionStore
    keys: KeyStore
    base_url: str
    debounce: timedelta = timedelta(seconds=60)


@dataclass(slots=True)
class Round:
    """What one round found to do and did."""

    messages: set[int] = field(default_factory=set)
    issuers: set[uuid.UUID] = field(default_factory=set)
    shards: set[Shard] = field(default_factory=set)
    edition: int = 0
    documents: list[Published] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.issuers or self.shards)


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
        change = _build(session, publishing, work, at)
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


def _build(session: Session, publishing: Publishing, work: Round, at: datetime) -> EditionChange:
    """Return the edition: statements and fragments of the changed issuers, and the touched lists."""
    desk = _Desk(session, publishing, at)
    issuers = load_issuers(session, work.issuers)
    entries = build_entries(session, issuers)
    institutions = {str(issuer.id): str(issuer.institution_id) for issuer in issuers}
    slugs = {str(issuer.id): issuer.scheme.slug for issuer in issuers}
    fragments = {
        (publisher.format_id, entry.id): _fragment(publisher, entry, desk.scheme(slugs[entry.id]), at)
        for entry in entries
        for publisher in PUBLISHERS.values()
    }
    documents = [desk.statement(entry, slugs[entry.id]) for entry in entries]
    snapshots: list[bytes] = []
    for shard in sorted(work.shards):
        made, snapshot = desk.lists(shard, fragments)
        documents += made
        snapshots.append(snapshot)
    work.documents, work.edition = documents, publishing.store.number() + 1
    return EditionChange(
        number=work.edition,
        at=at,
        documents=tuple(documents),
        issuers_put=tuple(
            issuer_record(
                entry_to_wire(entry, at), scheme=slugs[entry.id], institution_id=institutions[entry.id]
            )
            for entry in entries
        ),
        schemes=desk.scheme_records(),
        fragments_put=tuple(fragments.values()),
        snapshots=tuple(snapshots),
        files=tuple(_decisions(session, publishing.store, entries)),
        outbox_upto=max(work.messages, default=0),
    )


def _decisions(session: Session, store: EditionStore, entries: Sequence[Entry]) -> Iterator[PlainFile]:
    """Yield the public part of each decision that readers cannot read yet."""
    for decision in dict.fromkeys(event.decision_id for entry in entries for event in entry.events):
        path = f"/decisions/{decision}.json"
        public = None if store.document(path) else public_decision(session, uuid.UUID(decision))
        if public is not None:
            yield PlainFile(path, "application/json", canonical_json(public))


def _fragment(publisher: Any, entry: Entry, scheme: SchemeInfo, at: datetime) -> Fragment:
    """Return one format's fragment; an empty body means that the format leaves the entry out."""
    body = publisher.entry(entry, scheme, at)
    return Fragment(publisher.format_id, entry.id, entry_digest(entry, at), body or b"")


class _Desk:
    """Signs the documents of one round; knows schemes, signers and sequence numbers."""

    def __init__(self, session: Session, publishing: Publishing, at: datetime) -> None:
        self.session, self.publishing, self.at = session, publishing, at
        self.schemes = {scheme.slug: scheme for scheme in session.scalars(select(Scheme))}
        self.infos: dict[str, SchemeInfo] = {}
        self.signers: dict[str, Signer] = {}

    def scheme(self, slug: str) -> SchemeInfo:
        """Return what publishers see of a scheme."""
        if slug not in self.infos:
            self.infos[slug] = scheme_info(self.schemes[slug], self.publishing.base_url)
        return self.infos[slug]

    def signer(self, slug: str) -> Signer:
        """Return the active list key of a scheme."""
        if slug not in self.signers:
            self.signers[slug] = self.publishing.keys.signer(slug)
        return self.signers[slug]

    def header(
        self, slug: str, format_id: str, unit: str, life: timedelta, *, shard: int, shards: int
    ) -> Header:
        """Return the next header of a document: its sequence is one above what the store has."""
        head = self.publishing.store.head(slug, format_id, unit)
        return Header(
            scheme=self.scheme(slug),
            shard=shard,
            shards=shards,
            sequence=1 + (head.sequence if head else 0),
            issued_at=self.at,
            next_update=self.at + life,
        )

    def statement(self, entry: Entry, slug: str) -> Published:
        """Sign the statement of one issuer."""
        header = self.header(slug, STATEMENT.format_id, entry.id, STATEMENT.lifetime, shard=1, shards=1)
        document = STATEMENT.statement(entry, header, self.signer(slug))
        return Published(
            path=f"/issuers/{entry.id}/{document.file_name}",
            permanent_path=f"/issuers/{entry.id}/{header.sequence}/{document.file_name}",
            scheme=slug,
            format_id=STATEMENT.format_id,
            shard=entry.id,
            sequence=header.sequence,
            media_type=document.media_type,
            body=document.body,
            issued_at=header.issued_at,
            next_update=header.next_update,
        )

    def lists(self, shard: Shard, fresh: Mapping[tuple[str, str], Fragment]) -> tuple[list[Published], bytes]:
        """Build and sign every list format of one shard from fragments; also return the canonical snapshot."""
        slug, number = shard
        scheme = self.schemes[slug]
        ids = self._listed(scheme, number, fresh)
        last = self.session.scalar(select(func.max(Issuer.shard)).where(Issuer.scheme_id == scheme.id))
        snapshot = b"[" + b",".join(self._fragments(NativeJson.format_id, ids, fresh)) + b"]"
        digest = hashlib.sha256(snapshot).hexdigest()
        documents = []
        for publisher in PUBLISHERS.values():
            header = self.header(
                slug, publisher.format_id, str(number), publisher.lifetime, shard=number, shards=last or 1
            )
            fragments = (f for f in self._fragments(publisher.format_id, ids, fresh) if f)
            document = publisher.assemble(header, fragments, self.signer(slug) if publisher.signed else None)
            folder = f"/lists/{slug}/{number}"
            documents.append(
                Published(
                    path=f"{folder}/{document.file_name}",
                    permanent_path=f"{folder}/{header.sequence}/{document.file_name}",
                    scheme=slug,
                    format_id=publisher.format_id,
                    shard=str(number),
                    sequence=header.sequence,
                    media_type=document.media_type,
                    body=document.body,
                    issued_at=header.issued_at,
                    next_update=header.next_update,
                    snapshot_sha256=digest,
                )
            )
        return documents, snapshot

    def _listed(
        self, scheme: Scheme, number: int, fresh: Mapping[tuple[str, str], Fragment]
    ) -> Sequence[str]:
        """Return the ids of a shard whose fragments are at hand, sorted."""
        ids = sorted(
            str(i)
            for i in self.session.scalars(
                select(Issuer.id).where(Issuer.scheme_id == scheme.id, Issuer.shard == number)
            )
        )
        kept = self.publishing.store.fragments(NativeJson.format_id, ids)
        return [i for i in ids if i in kept or (NativeJson.format_id, i) in fresh]

    def _fragments(
        self, format_id: str, ids: Sequence[str], fresh: Mapping[tuple[str, str], Fragment]
    ) -> Iterable[bytes]:
        kept = self.publishing.store.fragments(format_id, ids)
        return [fresh[format_id, i].body if (format_id, i) in fresh else kept[i][1] for i in ids]

    def scheme_records(self) -> tuple[SchemeRecord, ...]:
        """Return every scheme as public pages show it, with the certificates that its lists are signed under."""
        return tuple(SchemeRecord(slug, self._scheme_wire(slug)) for slug in sorted(self.schemes))

    def _scheme_wire(self, slug: str) -> dict[str, Any]:
        info, scheme = self.scheme(slug), self.schemes[slug]
        return {
            "id": info.id,
            "slug": slug,
            "name": info.name.as_dict(),
            "operator_name": info.operator_name.as_dict(),
            "operator_legal_name": info.operator_legal_name,
            "operator_email": info.operator_email,
            "operator_website": info.operator_website,
            "territory": info.territory,
            "policy_id": info.policy_id,
            "body": scheme.body.slug,
            "certificates": self.publishing.keys.certificates(slug),
        }


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
                OutboxMessage.topic.in_((STATEMENT_TOPIC, LISTS)),
            )
        )
        or 0
    )
