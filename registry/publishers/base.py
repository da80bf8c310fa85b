"""What every format is: pure functions from the trust list value to the bytes of one document.

A format turns each entry into a fragment, and fragments into a document. Fragments hold as long as the
digest of the entry and the scheme stay the same, so they are kept and joined; nothing is parsed again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from registry.domain.trust_list import Entry, Header, SchemeInfo, TrustList, wire_instant
from registry.signing.certificates import thumbprint
from registry.signing.signers import Signer

JOSE = "application/jose"
"""Media type of a compact JWS (RFC 7515, 9.2.1)."""


class Reach(StrEnum):
    """How far one document of a format goes: one shard of one scheme, or all schemes of the registry together."""

    SCHEME = "scheme"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Document:
    """One file to publish. `media_type` is the whole Content-Type.

    `companions` are published beside it under the same number, such as the `.sha2` of an XML list.
    """

    file_name: str
    body: bytes
    media_type: str
    companions: tuple["Document", ...] = ()


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that a format cannot say, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class ListPointer:
    """One document that a list of lists points to.

    `list_type` is the type URI that stands in the list itself. `certificates` are DER: the one that signs now, then
    the announced one, so that a reader knows the next key before it is used.
    """

    scheme: SchemeInfo
    shard: int
    shards: int
    format_id: str
    url: str
    media_type: str
    list_type: str
    certificates: tuple[bytes, ...]


class ListOfLists(Protocol):
    """A list that points to lists: one for the whole registry, signed by its operator. Pure, as a `Publisher` is.

    `points_to` are the formats whose documents it names.
    """

    format_id: str
    standard: str
    points_to: tuple[str, ...]
    file_name: str
    media_type: str
    lifetime: timedelta
    signed: bool
    LOSSES: tuple[Loss, ...]

    def assemble(
        self, header: Header, pointers: Sequence[ListPointer], pivots: Sequence[str], signer: Signer
    ) -> Document:
        """Return the signed list. `pivots`: addresses of earlier issues that announced a change of the signing key,
        newest first; empty while the first key signs."""


class Publisher(Protocol):
    """A list format. Pure: no clock, no network, no database; the same input gives the same bytes to sign.

    `standard` names what the format follows, with its version; for one of our own, its name. `file_name` is the
    last part of the address, `media_type` the whole Content-Type, `lifetime` the longest time from issue to next
    update, `signed` whether documents carry a signature. `reach` says whose fragments `assemble` gets: those of one
    shard, or those of all schemes in any order. `LOSSES`: what the format cannot say.
    """

    format_id: str
    standard: str
    file_name: str
    media_type: str
    lifetime: timedelta
    signed: bool
    reach: Reach
    LOSSES: tuple[Loss, ...]

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the fragment of one issuer as it stands at `at`; None where this format leaves it out."""

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the document of a whole list; `signer` is needed by signed formats alone."""


def build(publisher: Publisher, trust_list: TrustList, header: Header, signer: Signer | None) -> Document:
    """Return the document of a trust list: `entry` over all entries, then `assemble`."""
    made = (publisher.entry(entry, trust_list.scheme, trust_list.as_of) for entry in trust_list.entries)
    return publisher.assemble(header, (fragment for fragment in made if fragment is not None), signer)


def need_signer(signer: Signer | None, format_id: str) -> Signer:
    """Return the signer of a signed format.

    Raises:
        ValueError: there is none.
    """
    if signer is None:
        raise ValueError(f"documents of the format {format_id} are signed; give a signer")
    return signer


def list_url(header: Header, file_name: str) -> str:
    """Return the stable address of a document of a list."""
    return f"{header.scheme.base_url}/lists/{header.scheme.slug}/{header.shard}/{file_name}"


def header_to_wire(header: Header) -> dict[str, object]:
    """Return what the native formats say about the scheme, the number and the times of a list."""
    scheme = header.scheme
    return {
        "scheme": {
            "id": scheme.id,
            "slug": scheme.slug,
            "name": scheme.name.as_dict(),
            "uri": scheme.uri(),
            "territory": scheme.territory,
            "policy": {"id": scheme.policy_id, "uri": scheme.uri("policy")},
        },
        "operator": {
            "legal_name": scheme.operator_legal_name,
            "name": scheme.operator_name.as_dict(),
            "email": scheme.operator_email,
            "website": scheme.operator_website,
        },
        "authority": scheme.base_url,
        "shard": header.shard,
        "shards": header.shards,
        **times_to_wire(header),
    }


def times_to_wire(header: Header) -> dict[str, object]:
    """Return number and times of a document."""
    return {
        "sequence": header.sequence,
        "issued_at": wire_instant(header.issued_at),
        "next_update": wire_instant(header.next_update),
    }


def signing_time(header: Header) -> int:
    """Return the value of `iat`: seconds since 1970 (ETSI TS 119 182-1 v1.2.1, 5.1.12)."""
    return int(header.issued_at.timestamp())


def signer_thumbprint(signer: Signer) -> Mapping[str, object]:
    """Return `x5t#S256` of the signer's certificate (RFC 7515, 4.1.8).

    Raises:
        ValueError: the signer has no certificate.
    """
    if not signer.certificates:
        raise ValueError(f"key {signer.key_id} has no certificate to sign lists under")
    return {"x5t#S256": thumbprint(signer.certificates[0])}
