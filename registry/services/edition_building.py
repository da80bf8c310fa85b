"""Building one edition: statements and fragments of the changed issuers, and the lists that they touch, signed."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.database import Database
from registry.domain.trust_list import (
    Entry,
    Header,
    SchemeInfo,
    entry_digest,
    entry_to_wire,
)
from registry.editions import (
    EditionChange,
    EditionStore,
    Fragment,
    SchemeRecord,
    issuer_record,
)
from registry.editions import PublishedDocument as Published
from registry.models.body import Scheme
from registry.models.issuer import Issuer
from registry.publishers import PUBLISHERS, STATEMENT
from registry.publishers.formats.native_json import NativeJson
from registry.services.bodies import scheme_info
from registry.services.decision_files import decision_files
from registry.services.trust_lists import build_entries, load_issuers
from registry.signing.keys import KeyStore
from registry.signing.signers import Signer

Shard = tuple[str, int]
"""Scheme slug and shard number."""


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
    decisions: set[uuid.UUID] = field(default_factory=set)
    edition: int = 0
    documents: list[Published] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.issuers or self.shards or self.decisions)


def build_edition(session: Session, publishing: Publishing, work: Round, at: datetime) -> EditionChange:
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
        files=tuple(decision_files(session, publishing.store, entries, work.decisions, at)),
        outbox_upto=max(work.messages, default=0),
    )


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
