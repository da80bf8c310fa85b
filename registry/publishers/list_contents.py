"""What any trusted list says, in one shape, whatever its format: for reading lists that others publish.

Nothing here is judged: a status is the URI that stands in the list, a certificate the bytes. What cannot be read in one
entity stands there as `Unreadable`, so that one slip does not hide all others; a reader of our own lists refuses it.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from registry.errors import InvalidInput
from registry.publishers.facts import ListFacts

Texts = tuple[tuple[str, str], ...]
"""Pairs of language (BCP 47, lower case, "" where the list does not say) and text, in the order of the list."""


@dataclass(frozen=True, slots=True)
class ListedAddress:
    """A postal address as it stands in a list; parts are "" where there are none, `country` any text."""

    street: str = ""
    locality: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class ServiceIdentity:
    """How a service is recognized: certificates (DER), key identifiers (raw bytes), subject names and other ids."""

    certificates: tuple[bytes, ...] = ()
    key_identifiers: tuple[bytes, ...] = ()
    subject_names: tuple[str, ...] = ()
    other_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What a list says of a service from an instant on. `status` and `since` are None in lists without status."""

    service_type: str
    names: Texts
    identity: ServiceIdentity
    status: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class ListedService:
    """One service: its state now and those before, newest first."""

    state: ServiceState
    history: tuple[ServiceState, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedEntity:
    """One entity; `place` counts from 1. `trade_names` hold official registration numbers too, such as `VATSE-…`."""

    place: int
    names: Texts
    trade_names: tuple[str, ...]
    address: ListedAddress
    websites: tuple[str, ...]
    services: tuple[ListedService, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entity or a pointer that cannot be taken: its place, its name as far as it can be told, and the reason."""

    place: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ListedPointer:
    """One list that a list of lists points to; `territory` is "" where it does not say one."""

    place: int
    location: str
    list_type: str
    operator_names: Texts
    territory: str
    media_type: str
    certificates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ListContents:
    """A whole list. `version` is that of the standard's own numbering; no `next_update` means that the list is closed."""

    version: int
    sequence: int
    list_type: str
    operator_names: Texts
    scheme_names: Texts
    territory: str
    issued_at: datetime
    next_update: datetime | None
    distribution_points: tuple[str, ...]
    entities: tuple[ListedEntity | Unreadable, ...]
    pointers: tuple[ListedPointer | Unreadable, ...]

    def unreadable(self) -> Iterator[Unreadable]:
        """Yield what could not be read, entities first."""
        yield from (one for one in (*self.entities, *self.pointers) if isinstance(one, Unreadable))


def in_language(texts: Texts, language: str = "en") -> str:
    """Return the text in a language, else the first one, else ""."""
    return dict(reversed(texts)).get(language) or (texts[0][1] if texts else "")


def decode_bytes(text: str, where: str) -> bytes:
    """Return the bytes of base64, in which white space may stand.

    Raises:
        InvalidInput: it is no base64, or nothing.
    """
    try:
        found = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(f"{where} is not base64") from error
    if not found:
        raise InvalidInput(f"{where} is empty")
    return found


def lenient_instant(text: str, where: str) -> datetime:
    """Return the instant of an xsd:dateTime with a time zone, in UTC and whole seconds; deployed lists write several forms.

    Raises:
        InvalidInput: it is no instant, or has no time zone.
    """
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise InvalidInput(f"{where} has no time zone: {text[:40]}")
        return instant.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{where} is no instant: {text[:40]}") from error


def contents_facts(contents: ListContents, format_id: str) -> ListFacts:
    """Return what one of our lists says of itself.

    Raises:
        InvalidInput: it is closed, or says no address of its own.
    """
    if contents.next_update is None:
        raise InvalidInput("NextUpdate is empty: the list is closed, and nothing in it holds any more")
    if not contents.distribution_points:
        raise InvalidInput("DistributionPoints is missing: the list does not say which one it is")
    return ListFacts(
        format_id=format_id,
        # A shard has its own address, so type and address together name the list.
        list_id=f"{contents.list_type} {contents.distribution_points[0]}",
        scheme=in_language(contents.scheme_names),
        operators=tuple(text for _, text in contents.operator_names),
        territory=contents.territory,
        sequence=contents.sequence,
        issued_at=contents.issued_at,
        next_update=contents.next_update,
        entries=len(contents.entities) or len(contents.pointers),
    )
