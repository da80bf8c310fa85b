"""Trusted lists of others: who is listed becomes facts about institutions, and what is listed becomes observed standing.

Nothing of it is a recognition, an identity or a judgement of ours: that somebody else lists a service, under a status that
is theirs, is a fact about the world, and whoever is listed stays an unclaimed fact. Certificates are kept as digests.

Keys. A list is named by its type and territory where the type is ETSI's own, which one territory uses once, else by its
type and address. An entity is named by its official registration number (EN 319 412-1, 5.1.4), else by its name and
country. A service is named by its type and key, so that a new certificate for the same key is the same service.
A list without entities is a list of lists: it says who operates lists, so its pointers become listings of these
operators. Pointers of other lists only repeat where the list of lists is.
"""

import hashlib
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.utils import CryptographyDeprecationWarning

from registry.domain.countries import parse_country
from registry.domain.identifiers import Identifier, IdentifierScheme, parse_identifier
from registry.domain.text import clean, fold
from registry.domain.trust_list import canonical_json, wire_instant
from registry.errors import InvalidInput
from registry.importers.base import (
    LONGEST_TEXT,
    InstitutionFacts,
    InstitutionKind,
    Leniency,
    NameFact,
    NameKind,
    Row,
    read_text,
)
from registry.publishers.list_contents import (
    ListContents,
    ListedEntity,
    ListedPointer,
    ListedService,
    ServiceIdentity,
    Texts,
    Unreadable,
    in_language,
)
from registry.signing.certificates import key_window

ETSI = "http://uri.etsi.org/"
LONGEST_URI = 2_000
_REGISTRATION = re.compile(r"(?P<kind>VAT|NTR|PSD|LEI|[A-Z]{2}:)(?P<country>[A-Z]{2})-(?P<number>\S.*)")
_URI = re.compile(r"[a-z][a-z0-9+._-]*:\S")
"""How a trade name begins that is an address, a URN or a number with its scheme in front, and no name."""
_PREFIXED = re.compile(r"(?P<scheme>[a-z_0-9]+):(?P<value>\S.*)")


@dataclass(frozen=True, slots=True)
class ListingFact:
    """One service as somebody else's list shows it. Digests and key identifiers are hex; `location` is that of a list.

    `status` is the list's own URI; None in lists that say only who is listed.
    """

    key: str
    service_type: str
    name: str
    status: str | None
    since: datetime | None
    certificates: tuple[str, ...]
    key_identifiers: tuple[str, ...]
    other_ids: tuple[str, ...]
    location: str = ""

    def to_wire(self) -> dict[str, object]:
        """Return the JSON-ready form that is stored and digested; the key is kept beside it."""
        return {
            "service_type": self.service_type,
            "name": self.name,
            "status": self.status,
            "since": wire_instant(self.since) if self.since else None,
            "certificates": list(self.certificates),
            "key_identifiers": list(self.key_identifiers),
            "other_ids": list(self.other_ids),
            "location": self.location,
        }


@dataclass(frozen=True, slots=True)
class ListedParty:
    """One entity of a list: what it says of the institution (or why that cannot be taken), and its listings."""

    row: Row
    listings: tuple[ListingFact, ...]


def list_source(contents: ListContents) -> str:
    """Return the name under which facts of this list are recorded, the same for all its numbers."""
    where = contents.distribution_points[:1]
    official = contents.list_type.startswith(ETSI) or not where
    named = (contents.list_type, contents.territory, *(() if official else where))
    if not contents.territory:
        named = (*named, in_language(contents.operator_names))
    return f"list:{hashlib.sha256(' '.join(named).encode()).hexdigest()[:16]}"


def list_names(contents: ListContents) -> dict[str, str]:
    """Return what a list calls itself: `list_type`, `operator`, `scheme`, `territory`, in English where it says so.

    Raises:
        InvalidInput: a text is too long or holds characters that nobody sees.
    """
    return {
        "list_type": _plain(contents.list_type, "list type"),
        "operator": _plain(in_language(contents.operator_names), "operator"),
        "scheme": _plain(in_language(contents.scheme_names), "scheme"),
        "territory": _plain(contents.territory, "territory"),
    }


def parse_parties(contents: ListContents, source: str) -> Iterator[ListedParty]:
    """Yield the parties of a list in its order; two entities with one key are one party."""
    if contents.entities:
        yield from _joined(_entity(one, source) for one in contents.entities)
    else:
        yield from _joined(_operator(one, source) for one in contents.pointers)


def _joined(parties: Iterable[ListedParty]) -> Iterator[ListedParty]:
    by_key: dict[str, ListedParty] = {}
    for place, party in enumerate(parties):
        key = party.row.key if party.row.facts else f"refused {place}"
        first = by_key.get(key)
        by_key[key] = party if first is None else _one_party(first, party)
    for party in by_key.values():
        yield ListedParty(party.row, _distinct(party.listings))


def _one_party(first: ListedParty, other: ListedParty) -> ListedParty:
    """Return the first of two entities of one institution with the listings and the other names of the second."""
    facts, more = first.row.facts, other.row.facts
    if isinstance(facts, InstitutionFacts) and isinstance(more, InstitutionFacts):
        known = {name.text for name in facts.names}
        aliases = [NameFact(n.text, n.language, NameKind.ALIAS) for n in more.names if n.text not in known]
        facts = replace(facts, names=(*facts.names, *aliases))
    return ListedParty(replace(first.row, facts=facts), first.listings + other.listings)


def _distinct(listings: Sequence[ListingFact]) -> tuple[ListingFact, ...]:
    """Number services that nothing tells apart, in the order of the list."""
    seen: dict[str, int] = {}
    found: list[ListingFact] = []
    for one in listings:
        number = seen[one.key] = seen.get(one.key, 0) + 1
        found.append(one if number == 1 else replace(one, key=f"{one.key} #{number}"))
    return tuple(found)


def _entity(entity: ListedEntity | Unreadable, source: str) -> ListedParty:
    if isinstance(entity, Unreadable):
        return _refused(entity.place, entity.name, entity.reason)
    try:
        facts = _facts(entity, source)
        listings = tuple(_listing(service, facts.source_key) for service in entity.services)
    except InvalidInput as error:
        return _refused(entity.place, in_language(entity.names), str(error))
    return ListedParty(Row(entity.place, facts.source_key, facts), listings)


def _refused(place: int, name: str, reason: str) -> ListedParty:
    """Return a party that is not taken; what is shown of it is printable and short, whatever the list says."""
    shown = ["".join(c if c.isprintable() else " " for c in text)[:LONGEST_TEXT] for text in (name, reason)]
    return ListedParty(Row.refused(place, *shown), ())


def _facts(entity: ListedEntity, source: str) -> InstitutionFacts:
    country = parse_country(entity.address.country)
    lenient = Leniency()
    trade_names = [read_text(name, "trade name") for name in entity.trade_names]
    registrations = [name for name in trade_names if _REGISTRATION.fullmatch(name)]
    numbers = [name for name in trade_names if name in registrations or _URI.match(name)]
    identifiers = [found for name in numbers if (found := _identifier(name, lenient)) is not None]
    aliases = (NameFact(name, None, NameKind.ALIAS) for name in trade_names if name not in numbers)
    names = (*_names(entity.names), *aliases)
    key = registrations[0] if registrations else f"{fold(in_language(entity.names))} ({country})"
    return InstitutionFacts(
        source=source,
        source_key=read_text(key, "name"),
        names=tuple(dict.fromkeys(names)),
        identifiers=tuple(dict.fromkeys(identifiers)),
        country=country,
        city=read_text(entity.address.locality, "locality"),
        street=read_text(entity.address.street, "street"),
        postal_code=read_text(entity.address.postal_code, "postal code"),
        website=lenient.website(_plain(entity.websites[0], "website") if entity.websites else ""),
        kind=InstitutionKind.OTHER_PROVIDER,
        extra=lenient.extra | ({"registration": ", ".join(numbers)} if numbers else {}),
    )


def _names(texts: Texts) -> tuple[NameFact, ...]:
    """Return the names, English first, because the first is the one that is shown."""
    ordered = sorted(texts, key=lambda pair: pair[0] != "en")
    return tuple(NameFact(read_text(text, "name"), lang or None, NameKind.LEGAL) for lang, text in ordered)


def _identifier(trade_name: str, lenient: Leniency) -> Identifier | None:
    """Return the identifier that a number is: `VATSE-…`, `LEIXG-…`, `pic:…`, an address of ROR; None for any other."""
    official = _REGISTRATION.fullmatch(trade_name)
    if official is not None:
        texts = {
            "VAT": (IdentifierScheme.VAT, official["country"] + official["number"]),
            "LEI": (IdentifierScheme.LEI, official["number"]),
        }
        if official["kind"] not in texts:
            return None
        scheme, text = texts[official["kind"]]
        return next(iter(lenient.identifiers(scheme, (text,))), None)
    if trade_name.startswith("https://ror.org/"):
        return next(iter(lenient.identifiers(IdentifierScheme.ROR, (trade_name,))), None)
    prefixed = _PREFIXED.fullmatch(trade_name)
    if prefixed is None or prefixed["scheme"] not in IdentifierScheme.__members__.values():
        return None
    try:
        return parse_identifier(IdentifierScheme(prefixed["scheme"]), prefixed["value"])
    except InvalidInput:
        return None


def _listing(service: ListedService, entity: str) -> ListingFact:
    state, identity = service.state, service.state.identity
    name = read_text(in_language(state.names)[:LONGEST_TEXT], "service name")
    key_identifiers = _key_identifiers(identity)
    digests = tuple(dict.fromkeys(_digest(der) for der in identity.certificates))
    others = (*identity.subject_names, *identity.other_ids)
    return ListingFact(
        key=_key(entity, state.service_type, (*key_identifiers, *digests, *others, name)[0]),
        service_type=_plain(state.service_type, "service type"),
        name=name,
        status=_plain(state.status, "status") if state.status else None,
        since=state.since,
        certificates=digests,
        key_identifiers=key_identifiers,
        other_ids=tuple(dict.fromkeys(_plain(one, "identity") for one in others)),
    )


def _key(*parts: str) -> str:
    """Return a short name of a listing, whatever the length of its parts."""
    return hashlib.sha256(canonical_json(parts)).hexdigest()[:32]


def _plain(text: str, what: str) -> str:
    """Return a cleaned text of at most `LONGEST_URI` characters, such as a URI or a subject."""
    if len(text) > LONGEST_URI:
        raise InvalidInput(f"{what}: the text is longer than {LONGEST_URI} characters.")
    try:
        return clean(text)
    except InvalidInput as error:
        raise InvalidInput(f"{what}: {error}") from error


def _key_identifiers(identity: ServiceIdentity) -> tuple[str, ...]:
    """Return the key identifiers that a list states and those of its certificates, hex, the latter first."""
    found = [identifier for der in identity.certificates if (identifier := _key_identifier(der))]
    return tuple(dict.fromkeys([*found, *(raw.hex() for raw in identity.key_identifiers)]))


def _key_identifier(der: bytes) -> str:
    """Return that of a certificate, or "" where deployed lists carry one that cannot be read; its digest remains."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            return key_window(der)[0].hex()
    except InvalidInput:
        return ""


def _digest(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def _operator(pointer: ListedPointer | Unreadable, source: str) -> ListedParty:
    """Return the operator of a list, from the pointer of a list of lists."""
    if isinstance(pointer, Unreadable):
        return _refused(pointer.place, pointer.name, pointer.reason)
    try:
        facts = _operator_facts(pointer, source)
        listing = _pointed_to(pointer, facts.source_key)
    except InvalidInput as error:
        return _refused(pointer.place, in_language(pointer.operator_names) or pointer.location, str(error))
    return ListedParty(Row(pointer.place, facts.source_key, facts), (listing,))


def _operator_facts(pointer: ListedPointer, source: str) -> InstitutionFacts:
    if not pointer.operator_names:
        raise InvalidInput("The pointer does not say who operates the list.")
    country = parse_country(pointer.territory)
    return InstitutionFacts(
        source=source,
        source_key=read_text(f"{fold(in_language(pointer.operator_names))} ({country})", "operator"),
        names=tuple(dict.fromkeys(_names(pointer.operator_names))),
        identifiers=(),
        country=country,
        kind=InstitutionKind.PUBLIC_BODY,
    )


def _pointed_to(pointer: ListedPointer, operator: str) -> ListingFact:
    return ListingFact(
        key=_key(operator, "list", pointer.location),
        service_type=_plain(pointer.list_type, "list type"),
        name=_plain(pointer.media_type, "media type"),
        status=None,
        since=None,
        certificates=tuple(dict.fromkeys(_digest(der) for der in pointer.certificates)),
        key_identifiers=_key_identifiers(ServiceIdentity(certificates=pointer.certificates)),
        other_ids=(),
        location=_plain(pointer.location, "location"),
    )
