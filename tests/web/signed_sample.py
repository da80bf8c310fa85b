"""A registry whose lists are really built and signed, in every format, at a base address and moment of one's choice."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from registry.domain.trust_list import Header, SchemeInfo, canonical_json, entry_to_wire
from registry.editions import (
    EditionChange,
    EditionStore,
    PlainFile,
    PublishedDocument,
    SchemeRecord,
    issuer_record,
)
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, STATEMENT, Document, build
from registry.publishers.base import ListPointer, Publisher
from registry.publishers.traits import REGISTRY, REGISTRY_WIRE
from registry.signing.certificates import to_pem
from web.published_sample import scheme_wire

from vectors import sample

SEQUENCE = 1
LIST_TYPES = {
    "tl_xml": "issuers",
    "lote_anchors": "anchors",
    "lote_register": "register",
    "lote_anchors_xml": "anchors",
    "lote_register_xml": "register",
}
"""Formats whose type of list is not named by the format."""


class SignedSample:
    """All documents of the sample scheme, and those of the whole registry."""

    def __init__(self, base_url: str, at: datetime) -> None:
        self.at = at
        self.scheme = replace(sample.SCHEME, base_url=base_url)
        self.office = replace(sample.REGISTRY, base_url=base_url)
        self.trust_list = replace(sample.sample_list(at=at), scheme=self.scheme)

    def publish(self, directory: Path, more: tuple[PlainFile, ...] = ()) -> None:
        """Publish everything as one edition, and further files with it."""
        with EditionStore(directory, self.scheme.base_url) as store:
            store.apply(
                EditionChange(
                    1,
                    self.at,
                    tuple(one for document, beside in self.documents() for one in (document, *beside)),
                    issuers_put=tuple(self._records()),
                    schemes=(SchemeRecord(self.scheme.slug, self._scheme_wire()),),
                    files=(self._registry(), *more),
                )
            )

    def documents(self) -> Iterator[tuple[PublishedDocument, tuple[PublishedDocument, ...]]]:
        """Yield every document with those beside it: lists, lists of lists, statements."""
        for publisher in PUBLISHERS.values():
            scheme = self.office if _is_registry_wide(publisher) else self.scheme
            header = self._header(scheme, publisher)
            made = build(publisher, self.trust_list, header, self._signer(scheme))
            yield self._published(scheme, publisher.format_id, made, header)
        for lists in LISTS_OF_LISTS.values():
            header = self._header(self.office, lists)
            made = lists.assemble(header, self._pointers(), (), self._signer(self.office))
            yield self._published(self.office, lists.format_id, made, header)
        for entry in self.trust_list.entries:
            header = self._header(self.scheme, STATEMENT)
            made = STATEMENT.statement(entry, header, self._signer(self.scheme))
            path = f"/issuers/{entry.id}/statement.jws"
            permanent = f"/issuers/{entry.id}/{SEQUENCE}/statement.jws"
            yield _document(self.scheme.slug, "statement", entry.id, made, header, path, permanent), ()

    def _header(self, scheme: SchemeInfo, made: object) -> Header:
        lifetime = made.lifetime  # type: ignore[attr-defined]  # every kind of publisher has one
        return Header(scheme, 1, 1, SEQUENCE, self.at, self.at + lifetime)

    def _signer(self, scheme: SchemeInfo):  # type: ignore[no-untyped-def]  # EcSigner
        return sample.registry_signer() if scheme is self.office else sample.signer()

    def _published(
        self, scheme: SchemeInfo, format_id: str, made: Document, header: Header
    ) -> tuple[PublishedDocument, tuple[PublishedDocument, ...]]:
        folder = f"/lists/{scheme.slug}/1"
        path, permanent = (f"{place}/{made.file_name}" for place in (folder, f"{folder}/{SEQUENCE}"))
        more = (f"/{made.file_name}",) if format_id == "dcc_registry" else ()
        document = _document(scheme.slug, format_id, "1", made, header, path, permanent, further_paths=more)
        beside = (
            _document(
                scheme.slug,
                f"{format_id}.{one.file_name.rpartition('.')[2]}",
                "1",
                one,
                header,
                f"{folder}/{one.file_name}",
                f"{folder}/{SEQUENCE}/{one.file_name}",
                companion=True,
            )
            for one in made.companions
        )
        return document, tuple(beside)

    def _pointers(self) -> tuple[ListPointer, ...]:
        return tuple(
            ListPointer(
                scheme=self.scheme,
                shard=1,
                shards=1,
                format_id=format_id,
                url=f"{self.scheme.base_url}/lists/{self.scheme.slug}/1/{PUBLISHERS[format_id].file_name}",
                media_type=PUBLISHERS[format_id].media_type,
                list_type=self.scheme.uri("list-type", list_type),
                certificates=(*sample.signer(1).certificates, *sample.signer(2).certificates),
            )
            for format_id, list_type in LIST_TYPES.items()
        )

    def _records(self) -> Iterable[object]:
        for entry in self.trust_list.entries:
            yield issuer_record(
                entry_to_wire(entry, self.at), scheme=self.scheme.slug, institution_id=entry.slug
            )

    def _scheme_wire(self) -> dict[str, object]:
        names = self.scheme.name
        wire = scheme_wire(self.scheme.slug, names["en"], names["pl"])
        return {
            **wire,
            "certificates": "".join(to_pem(sample.signer(n).certificates[0]) for n in (1, 2)),
        }

    def _registry(self) -> PlainFile:
        wire = {
            "slug": REGISTRY,
            "name": self.office.name.as_dict(),
            "operator_name": self.office.operator_name.as_dict(),
            "territory": self.office.territory,
            "certificates": to_pem(sample.registry_signer().certificates[0]),
        }
        return PlainFile(REGISTRY_WIRE, "application/json", canonical_json(wire))


def _is_registry_wide(publisher: Publisher) -> bool:
    return publisher.reach == REGISTRY


def _document(
    scheme: str,
    format_id: str,
    shard: str,
    made: Document,
    header: Header,
    path: str,
    permanent: str,
    **more: Any,
) -> PublishedDocument:
    return PublishedDocument(
        path=path,
        permanent_path=permanent,
        scheme=scheme,
        format_id=format_id,
        shard=shard,
        sequence=SEQUENCE,
        media_type=made.media_type,
        body=made.body,
        issued_at=header.issued_at,
        next_update=header.next_update,
        **more,
    )
