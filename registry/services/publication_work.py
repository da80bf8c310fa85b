"""What is to be published in one round: what the outbox tells, what grows old, what is tried again or had to wait.

A round is bounded, so that it neither outlives its lease nor holds more than one large shard in memory; what is left over is
the next round's.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.trust_list import SHARD_SIZE
from registry.editions import EditionStore
from registry.models.body import Scheme
from registry.models.issuer import Issuer
from registry.models.publication import OutboxMessage
from registry.publishers import STATEMENT
from registry.publishers.formats.native_json import NativeJson
from registry.publishers.traits import REGISTRY
from registry.services.due_documents import due_documents, formats_of
from registry.services.edition_building import Round
from registry.services.outbox import DECISION, LISTS
from registry.services.outbox import STATEMENT as STATEMENT_TOPIC
from registry.services.publishing import Publishing
from registry.services.publishing_material import Shard
from registry.services.waiting_lists import issue_after

ROUND = 1_000
"""Most statements of one round."""
ENTRIES = SHARD_SIZE
"""A round takes up no further shard when those that it has hold so many entries."""


def find_work(session: Session, publishing: Publishing, at: datetime, *, at_once: bool) -> Round:
    """Return what one round does."""
    work = Round(at_once=at_once)
    left = _statements(session, publishing.store, work, at)
    for message in due_messages(session, DECISION, at, ROUND):
        work.decisions.add(uuid.UUID(message.payload["decision"]))
        work.messages.add(message.number)
    waiting: dict[Shard, set[int]] = {}
    behind: set[Shard] = set()
    for message in due_messages(session, LISTS, at, None):
        shard = (message.payload["scheme"], message.payload["shard"])
        # A change is told as a statement first and then as a list: a list whose statement has to wait waits behind it,
        # or it would be issued without the change and not be touched again.
        if left is not None and message.number >= left:
            behind.add(shard)
        else:
            waiting.setdefault(shard, set()).add(message.number)
    ready = {s for s in waiting if _may_issue(session, publishing, s, at, at_once=at_once)}
    wanted = _wanted(session, publishing, ready, (behind | waiting.keys()) - ready, work, at)
    taken = _bounded(session, wanted)
    work.more = left is not None or len(taken) < len(wanted)
    for shard in taken:
        work.wanted[shard] = wanted[shard]
        work.messages |= waiting.get(shard, set()) if shard in ready else set()
    return work


def _statements(session: Session, store: EditionStore, work: Round, at: datetime) -> int | None:
    """Take up the statements that are told of; return the number of the first message that has to wait."""
    left = None
    for message in due_messages(session, STATEMENT_TOPIC, at, ROUND + 1):
        issuer = message.payload["issuer"]
        head = store.statement_head(issuer)
        if len(work.messages) < ROUND and (head is None or at > head.issued_at):
            work.issuers.add(uuid.UUID(issuer))
            work.messages.add(message.number)
            work.anew |= {issuer} if message.payload.get("anew") else set()
        elif left is None:
            left = message.number
    return left


def _wanted(
    session: Session,
    publishing: Publishing,
    ready: set[Shard],
    changing: set[Shard],
    work: Round,
    at: datetime,
) -> dict[Shard, set[str]]:
    """Return the formats to build by shard, urgent shards first, the whole registry last; take up old statements.

    Of a shard with changes that have to wait, single lists are not issued again: they would be ahead of the others.
    """
    wanted: dict[Shard, set[str]] = {}
    again: set[uuid.UUID] = set()
    for due in due_documents(publishing.store, at):
        scheme, format_id, unit = due.key
        if format_id == STATEMENT.format_id:
            if len(work.issuers) < ROUND:
                work.issuers.add(uuid.UUID(unit))
                again |= {uuid.UUID(unit)} if due.failed else set()
        elif due.late or (scheme, int(unit)) not in changing:
            wanted.setdefault((scheme, int(unit)), set()).add(format_id)
    for shard in sorted(ready | _shards_of(session, again)):
        wanted.setdefault(shard, set()).update(formats_of(shard[0]))
    return dict(sorted(wanted.items(), key=lambda item: item[0][0] == REGISTRY))


def _shards_of(session: Session, issuers: set[uuid.UUID]) -> set[Shard]:
    """Return the shards of issuers that could not be published before: their lists lack them."""
    query = select(Scheme.slug, Issuer.shard).join(Issuer, Issuer.scheme_id == Scheme.id)
    if not issuers:
        return set()
    return {(slug, shard) for slug, shard in session.execute(query.where(Issuer.id.in_(issuers)))}


def _bounded(session: Session, wanted: Iterable[Shard]) -> list[Shard]:
    """Return the first shards that together hold no more than `ENTRIES`, at least one; the whole registry comes last."""
    taken: list[Shard] = []
    entries = 0
    for shard in wanted:
        entries += _entries(session, shard)
        if taken and entries > ENTRIES:
            break
        taken.append(shard)
    return taken


def _entries(session: Session, shard: Shard) -> int:
    if shard[0] == REGISTRY:
        return 0
    query = select(func.count()).select_from(Issuer).join(Scheme, Scheme.id == Issuer.scheme_id)
    return session.scalar(query.where(Scheme.slug == shard[0], Issuer.shard == shard[1])) or 0


def due_messages(session: Session, topic: str, at: datetime, limit: int | None) -> Sequence[OutboxMessage]:
    """Return what the outbox holds of a topic that is due, in its order."""
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.topic == topic, OutboxMessage.done_at.is_(None), OutboxMessage.due_at <= at)
        .order_by(OutboxMessage.number)
    )
    return session.scalars(query.limit(limit) if limit else query).all()


def _may_issue(
    session: Session, publishing: Publishing, shard: Shard, at: datetime, *, at_once: bool
) -> bool:
    """Whether a list may be issued again: at once when it was quiet, later the larger the shard is."""
    head = publishing.store.head(shard[0], NativeJson.format_id, str(shard[1]))
    if head is None:
        return True
    if at_once or at <= head.issued_at:
        return at > head.issued_at
    after = issue_after(head, _entries(session, shard), publishing.debounce)
    return after is None or at >= after
