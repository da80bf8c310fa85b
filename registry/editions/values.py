"""What enters and leaves the edition store: frozen values, no database.

A document is known by (scheme slug, format id, shard); `shard` is the number of the shard in decimal, or the
issuer's id for statements. Instants are UTC, whole seconds.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

import orjson

from registry.domain.text import fold
from registry.domain.web_names import website_host
from registry.editions.bodies import StoredBody
from registry.errors import Conflict

FACETS = ("country", "status", "scheme", "field", "level", "credential_type")
"""What issuers can be filtered by."""
ANY_LEVEL = "any"
"""The value of the facet `level` of a grant that is not limited to levels; it answers for every level."""
EXACT_FIELD = "field_exact"
"""Facet kept for filtering only: the fields as granted, so that a broad grant answers for a narrow one."""
_AT_ONCE = 256
"""Parts of an edition that are hashed together; none is large."""
Key = tuple[str, str, str]
"""What a document is known by: scheme slug, format id, shard."""


class EditionRefused(Conflict):
    """The edition does not follow from what is published; nothing was changed."""


@dataclass(frozen=True, slots=True)
class PublishedDocument:
    """One document that enters an edition: signed, numbered, final.

    `path` is its current address, `permanent_path` its address for ever; `further_paths` lead to the current document, too.
    `snapshot_sha256` names what it was built from (hex). A `companion` stands beside a document and has its number.
    Where `stored` is given, the store has the body already, and `body` is empty.
    """

    path: str
    permanent_path: str
    scheme: str
    format_id: str
    shard: str
    sequence: int
    media_type: str
    body: bytes
    issued_at: datetime
    next_update: datetime
    snapshot_sha256: str | None = None
    further_paths: tuple[str, ...] = ()
    companion: bool = False
    stored: StoredBody | None = None
    sha256: str = field(init=False)
    """Digest of the body, hex."""

    def __post_init__(self) -> None:
        digest = self.stored.sha256 if self.stored else hashlib.sha256(self.body).hexdigest()
        object.__setattr__(self, "sha256", digest)

    @property
    def size(self) -> int:
        """Return the number of bytes of the body."""
        return self.stored.size if self.stored else len(self.body)


@dataclass(frozen=True, slots=True)
class PlainFile:
    """A public file without a sequence, such as a certificate: replaced in place, unless it is `immutable`."""

    path: str
    media_type: str
    body: bytes
    immutable: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The current document of (scheme, format, shard), without its body; `size` in bytes."""

    scheme: str
    format_id: str
    shard: str
    path: str
    permanent_path: str
    sequence: int
    media_type: str
    sha256: str
    size: int
    issued_at: datetime
    next_update: datetime


class Fragment(NamedTuple):
    """What one format says of one issuer, kept until `digest` of the entry changes."""

    format_id: str
    issuer_id: str
    digest: str
    body: bytes


class KeptFragment(NamedTuple):
    """A fragment as the store keeps it, with the edition that it came with."""

    issuer_id: str
    digest: str
    body: bytes
    edition: int


@dataclass(frozen=True, slots=True)
class Rework:
    """A document, by (scheme, format, shard), that is to be built at `due_at`, whatever else happens.

    `error` says why it could not be built since `since`, after so many `attempts`; empty where it merely waits.
    """

    scheme: str
    format_id: str
    shard: str
    due_at: datetime
    since: datetime
    attempts: int = 0
    error: str = ""

    @property
    def key(self) -> "Key":
        """Return what the document is known by."""
        return self.scheme, self.format_id, self.shard


@dataclass(frozen=True, slots=True)
class SchemeRecord:
    """One scheme as public pages show it; `wire` is JSON-ready."""

    slug: str
    wire: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IssuerRecord:
    """One listed issuer as public pages read it; make it with `issuer_record`.

    `entry_wire` is what `entry_to_wire` returns. `identifiers` are (scheme, value) pairs, issuing identities
    among them ("did", "x509", "jwk", "domain", "platform"). `facets` are (facet, value) pairs. `fold` is the
    text that searches compare. `former_slugs` redirect to `slug`.
    """

    issuer_id: str
    scheme: str
    slug: str
    institution_id: str
    sort: str
    fold: str
    entry_wire: Mapping[str, Any]
    identifiers: tuple[tuple[str, str], ...]
    facets: tuple[tuple[str, str], ...]
    former_slugs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditionChange:
    """Everything that one edition changes; the store takes all of it or nothing.

    `number` grows from edition to edition. `outbox_upto` is the last outbox message that the edition accounts
    for. `snapshots` are the canonical trust list shards that the documents were built from. `program` is the version that
    built them. `rework` is put in the place of what was to be done again for the same documents; `worked` no longer is.
    """

    number: int
    at: datetime
    documents: tuple[PublishedDocument, ...] = ()
    issuers_put: tuple[IssuerRecord, ...] = ()
    issuers_gone: tuple[str, ...] = ()
    schemes: tuple[SchemeRecord, ...] = ()
    fragments_put: tuple[Fragment, ...] = ()
    files: tuple[PlainFile, ...] = ()
    snapshots: tuple[bytes, ...] = ()
    rework: tuple[Rework, ...] = ()
    worked: tuple[Key, ...] = ()
    outbox_upto: int = 0
    program: str = ""

    def digest(self) -> str:
        """Return a hex SHA-256 over all that the edition says; equal changes have equal digests."""
        digest, lengths = hashlib.sha256(), list[int]()
        parts = self._parts()
        while some := list(islice(parts, _AT_ONCE)):
            lengths += map(len, some)
            digest.update(b"".join(some))
        # Where each part ends is said once at the end: to say it part by part takes longer than the parts.
        digest.update(_json(lengths))
        return digest.hexdigest()

    def _parts(self) -> Iterator[bytes]:
        yield _json([self.number, self.at, self.outbox_upto, self.issuers_gone])
        for d in self.documents:
            yield _json([d.path, d.permanent_path, d.scheme, d.format_id, d.shard, d.sequence, d.media_type])
            yield _json(
                [d.sha256, d.issued_at, d.next_update, d.snapshot_sha256, d.further_paths, d.companion]
            )
        for record in self.issuers_put:
            yield _json(record)
        for scheme in self.schemes:
            yield _json(scheme)
        for fragment in self.fragments_put:
            yield " ".join(fragment[:3]).encode()
            yield fragment.body
        yield from (hashlib.sha256(snapshot).digest() for snapshot in self.snapshots)
        for file in self.files:
            yield _json([file.path, file.media_type, file.immutable])
            yield file.body
        yield _json([self.rework, self.worked])


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of issuers: `page` counts from 1, `total` is the number of all matches.

    `facets` says for each facet how many issuers each value would give under the text and the *other*
    filters.
    """

    records: tuple[IssuerRecord, ...]
    total: int
    page: int
    size: int
    facets: Mapping[str, Mapping[str, int]]

    @property
    def pages(self) -> int:
        """Return the number of pages, at least 1."""
        return max(1, -(-self.total // self.size))


def issuer_record(
    entry_wire: Mapping[str, Any], *, scheme: str, institution_id: str, former_slugs: tuple[str, ...] = ()
) -> IssuerRecord:
    """Return the record of an entry, ready to be searched, from the form that `entry_to_wire` gives it."""
    names = entry_wire["names"]
    identifiers = {(item["scheme"], item["value"]) for item in entry_wire["identifiers"]}
    identifiers |= {(item["kind"], item["value"]) for item in entry_wire["identities"]}
    words = [entry_wire["legal_name"], *names.values(), entry_wire["address"]["locality"]]
    words += [value for _, value in sorted(identifiers)]
    words += [website_host(entry_wire["website"])] if entry_wire["website"] else []
    return IssuerRecord(
        issuer_id=entry_wire["id"],
        scheme=scheme,
        slug=entry_wire["slug"],
        institution_id=institution_id,
        entry_wire=entry_wire,
        sort=fold(names.get("en") or entry_wire["legal_name"]),
        fold=" ".join(dict.fromkeys(fold(word) for word in words)),
        identifiers=tuple(sorted(identifiers)),
        facets=tuple(sorted(_facets(entry_wire, scheme))),
        former_slugs=former_slugs,
    )


def _facets(entry_wire: Mapping[str, Any], scheme: str) -> set[tuple[str, str]]:
    found = {
        ("country", entry_wire["address"]["country"]),
        ("status", entry_wire["status"]),
        ("scheme", scheme),
    }
    for grant in entry_wire["scope"]["grants"]:
        found |= {(EXACT_FIELD, code) for code in grant["fields"]}
        # A narrow field counts for every broader one it lies in: ISCED-F codes nest by prefix.
        found |= {("field", code[:end]) for code in grant["fields"] for end in range(2, len(code) + 1)}
        found |= {("level", str(level["value"])) for level in grant["levels"]} or {("level", ANY_LEVEL)}
        found |= {("credential_type", kind) for kind in grant["credential_types"]}
    return found


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
