"""Building one edition: fragments and statements of the changed issuers, and the lists that they touch, signed."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import Any

import orjson

from registry.domain.trust_list import canonical_json
from registry.editions import EditionChange, IssuerRecord, PlainFile, SchemeRecord, issuer_record
from registry.editions import PublishedDocument as Published
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS
from registry.publishers.traits import REGISTRY, REGISTRY_WIRE, is_registry_wide
from registry.services import authorities
from registry.services.list_building import ONE_SHARD, Workbench
from registry.services.lists_of_lists import publish_lists_of_lists
from registry.services.publishing import Publishing
from registry.services.publishing_material import Material, Shard
from registry.services.waiting_lists import issue_after
from registry.signing.key_records import AuthorityLine, Use

__all__ = ["Publishing", "Round", "build_edition"]
PROGRAM = version("issuer-registry")
PEM = "application/x-pem-file"


@dataclass(slots=True)
class Round:
    """What one round found to do, and did.

    `wanted`: formats to build, by shard; `anew`: issuers to build from nothing; `more`: statements or shards wait for the
    next round.
    """

    messages: set[int] = field(default_factory=set)
    issuers: set[uuid.UUID] = field(default_factory=set)
    anew: set[str] = field(default_factory=set)
    wanted: dict[Shard, set[str]] = field(default_factory=dict)
    decisions: set[uuid.UUID] = field(default_factory=set)
    at_once: bool = False
    more: bool = False
    edition: int = 0
    documents: list[Published] = field(default_factory=list)
    setbacks: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.issuers or self.wanted or self.decisions)

    @property
    def achieved(self) -> bool:
        """Whether anything came of it: a round without consequences is not tried again at once."""
        return bool(self.documents or self.messages or self.setbacks)

    @property
    def shards(self) -> list[Shard]:
        """Return the shards of schemes of which lists are to be built."""
        return sorted(shard for shard in self.wanted if shard[0] != REGISTRY)


def build_edition(publishing: Publishing, material: Material, work: Round, at: datetime) -> EditionChange:
    """Return the edition: fragments and statements of the changed issuers, and the wanted lists."""
    bench = Workbench(publishing, material, at)
    for key, error in material.broken.items():
        bench.setbacks.set_aside(key, error)
    records = tuple(_issuers(bench, work))
    for shard in work.shards:
        bench.lists(shard, work.wanted[shard])
    bench.registry_wide(_registry_wide(bench, work))
    wanted = work.wanted.get((REGISTRY, 1), set())
    if not work.more and (wanted or work.shards):
        publish_lists_of_lists(bench, wanted & LISTS_OF_LISTS.keys())
    work.documents, work.edition = bench.documents, publishing.store.number() + 1
    work.setbacks = len(bench.setbacks.found)
    return EditionChange(
        number=work.edition,
        at=at,
        documents=tuple(bench.documents),
        issuers_put=records,
        schemes=_changed_schemes(bench),
        fragments_put=tuple(bench.fragments.fresh.values()),
        snapshots=tuple(bench.snapshots[digest] for digest in _used(bench.documents)),
        files=(*material.files, *bench.deltas, *_registry_file(bench), *_authority_files(bench)),
        rework=tuple(bench.setbacks.found.values()),
        worked=tuple(sorted(bench.setbacks.worked - bench.setbacks.found.keys())),
        outbox_upto=max(work.messages, default=0),
        program=PROGRAM,
    )


def _used(documents: Iterable[Published]) -> Iterable[str]:
    return dict.fromkeys(d.snapshot_sha256 for d in documents if d.snapshot_sha256)


def _issuers(bench: Workbench, work: Round) -> Iterator[IssuerRecord]:
    """Make fragments and statements; yield the records of those issuers that changed.

    One issuer after the other, since formats share what is worked out of an entry. An issuer of which no canonical form can
    be made is set aside as a whole.
    """
    bench.fragments.look_up(bench.material.listed)
    for one in bench.material.listed:
        canonical = bench.setbacks.attempt(one.key, partial(bench.fragments.canonical, one))
        if canonical is None:
            continue
        moved = bench.fragments.refresh(one, canonical, anew=one.entry.id in work.anew)
        bench.statement(one)
        if moved:
            wire = orjson.loads(canonical.body)
            yield issuer_record(wire, scheme=one.scheme, institution_id=one.institution)


def _registry_wide(bench: Workbench, work: Round) -> list[str]:
    """Return the documents of the whole registry that are to be built now; those that have to wait are noted."""
    due = []
    wanted = work.wanted.get((REGISTRY, 1), set())
    touched = {format_id for format_id, _issuer in bench.fragments.changed}
    for publisher in (p for p in PUBLISHERS.values() if is_registry_wide(p)):
        key = (REGISTRY, publisher.format_id, ONE_SHARD)
        head = bench.store.head(*key)
        missing = head is None and bool(work.shards) and key not in bench.setbacks.known
        if publisher.format_id in wanted:
            due.append(publisher.format_id)
        elif publisher.format_id in touched or missing:
            after = issue_after(head, bench.store.listed(), bench.publishing.debounce)
            after = bench.at if work.at_once or after is None else max(after, bench.at)
            if after == bench.at and not work.more:
                due.append(publisher.format_id)
            else:
                bench.setbacks.wait(key, after)
    return due


def _changed_schemes(bench: Workbench) -> tuple[SchemeRecord, ...]:
    """Return the schemes of which public pages know something else, with the certificates that lists are signed under."""
    known = {record.slug: record.wire for record in bench.store.schemes()}
    now = {slug: _scheme_wire(bench, slug) for slug in sorted(bench.material.schemes)}
    return tuple(SchemeRecord(slug, wire) for slug, wire in now.items() if known.get(slug) != wire)


def _registry_file(bench: Workbench) -> tuple[PlainFile, ...]:
    """Return who signs the lists of the whole registry, if that is not what public pages know."""
    return _if_new(bench, REGISTRY_WIRE, "application/json", canonical_json(_signer_wire(bench, REGISTRY)))


def _authority_files(bench: Workbench) -> Iterator[PlainFile]:
    """Yield the certificates of the registry's own authorities, which verifiers pin, where others stand published."""
    for line in AuthorityLine:
        pem = bench.publishing.keys.certificates(line, retired=True, use=Use.AUTHORITY)
        if pem:
            yield from _if_new(bench, authorities.address(line), PEM, pem.encode())


def _if_new(bench: Workbench, path: str, media_type: str, body: bytes) -> tuple[PlainFile, ...]:
    known = bench.store.document(path)
    same = known is not None and known.body == body
    return () if same else (PlainFile(path, media_type, body),)


def _scheme_wire(bench: Workbench, slug: str) -> dict[str, Any]:
    scheme = bench.material.schemes[slug]
    return {**_signer_wire(bench, slug), "policy_id": scheme.info.policy_id, "body": scheme.body}


def _signer_wire(bench: Workbench, slug: str) -> dict[str, Any]:
    """Return who signs the lists of a scheme, or of the whole registry, and under which certificates."""
    info = bench.scheme(slug)
    return {
        "id": info.id,
        "slug": slug,
        "name": info.name.as_dict(),
        "operator_name": info.operator_name.as_dict(),
        "operator_legal_name": info.operator_legal_name,
        "operator_email": info.operator_email,
        "operator_website": info.operator_website,
        "territory": info.territory,
        "certificates": bench.publishing.keys.certificates(slug),
    }
