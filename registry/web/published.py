"""What public pages know: the current edition, and each listing as it stood at an instant, as known at an instant.

Nothing here touches the write database, so public pages work without it and cannot leak a case under way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, cast

import orjson
from flask import current_app, request
from flask_babel import gettext

from registry.domain.recognition import (
    Interval,
    Status,
    StatusEvent,
    known_events,
    status_at,
    timeline,
)
from registry.domain.scope import Scope
from registry.domain.standing import parse_event
from registry.domain.terms import Terms
from registry.domain.trust_list import IdentityKind, ListedIdentity
from registry.domain.web_names import parse_host
from registry.editions import EditionReader, EditionReaders, IssuerRecord, SearchPage
from registry.errors import InvalidInput, NotConfigured
from registry.http.transaction import settings
from registry.publishers.traits import REGISTRY, REGISTRY_WIRE
from registry.web.i18n import parse_instant


def reader() -> EditionReader:
    """Return this thread's reader of the current edition.

    Raises:
        NotConfigured: there is no edition store yet.
    """
    readers = current_app.extensions.setdefault("registry.editions", EditionReaders(settings().editions))
    found = cast(EditionReaders, readers).get()
    if found is None:
        raise NotConfigured(gettext("Nothing has been published here yet."))
    return found


@dataclass(frozen=True, slots=True)
class Moment:
    """What a page was asked for: how it stood `at`, of what was known at `known` (None: now, everything)."""

    at: datetime
    known: datetime | None
    asked_at: str
    asked_known: str

    @property
    def is_past(self) -> bool:
        """Whether the page was asked for anything but the present."""
        return bool(self.asked_at or self.asked_known)


def asked_moment(now: datetime) -> Moment:
    """Return the moment of `?at=` and `?known=`.

    Raises:
        InvalidInput: a value is neither a date nor an instant.
    """
    at, known = request.args.get("at", "").strip(), request.args.get("known", "").strip()
    known_instant = parse_moment(known) if known else None
    return Moment(parse_moment(at) if at else known_instant or now, known_instant, at, known)


def parse_moment(text: str) -> datetime:
    """Return the instant of `2026-03-01T12:00:00Z`, or the last second of the day of `2026-03-01` (UTC).

    Raises:
        InvalidInput: neither.
    """
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise InvalidInput(
            gettext(
                "“%(text)s” is not a date. Write it as 2026-03-01, or as 2026-03-01T12:00:00Z.", text=text
            )
        ) from None
    if len(text) <= 10:
        return datetime.combine(moment.date(), time(23, 59, 59), UTC)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Listing:
    """One issuer in one scheme at a moment; `status` is None when nothing was published about it yet."""

    record: IssuerRecord
    scheme: Mapping[str, Any]
    status: Status | None
    interval: Interval | None
    events: tuple[StatusEvent, ...]
    intervals: tuple[Interval, ...]

    @property
    def wire(self) -> Mapping[str, Any]:
        """The entry as published now."""
        return self.record.entry_wire

    @property
    def since(self) -> datetime | None:
        """When the present status began; when it will begin where it is pending."""
        if self.interval is None:
            return self.events[0].effective_from if self.events else None
        start = self.interval.start
        for earlier in reversed(self.intervals):
            if earlier.start < start and earlier.status is self.interval.status and earlier.end == start:
                start = earlier.start
        return start

    @property
    def scope(self) -> Scope:
        """The scope at that moment."""
        if self.interval is not None:
            return self.interval.scope
        return next((event.scope for event in self.events if event.scope is not None), Scope(()))

    @property
    def terms(self) -> Terms | None:
        """What the event that the standing rests on says for learners."""
        number = self.interval.event if self.interval else None
        return next((event.terms for event in self.events if event.number == number), None)

    @property
    def decision_id(self) -> str | None:
        """The decision that the standing rests on."""
        number = self.interval.event if self.interval else None
        return next((event.decision_id for event in self.events if event.number == number), None)


def listing_at(record: IssuerRecord, schemes: Mapping[str, Mapping[str, Any]], moment: Moment) -> Listing:
    """Return a listing as it stood at a moment, derived from the published events."""
    events = tuple(map(parse_event, record.entry_wire["events"]))
    counted = known_events(events, moment.known)
    intervals = timeline(counted)
    held = next((interval for interval in intervals if interval.holds_at(moment.at)), None)
    scheme = schemes.get(record.scheme, {"slug": record.scheme, "name": {"en": record.scheme}})
    return Listing(record, scheme, status_at(counted, moment.at), held, counted, intervals)


@dataclass(frozen=True, slots=True)
class IdentityThen:
    """An issuing identity as published, and whether it could be used at the moment asked for."""

    wire: Mapping[str, Any]
    usable: bool
    compromised: bool


def identities_at(listing: Listing, moment: Moment) -> tuple[IdentityThen, ...]:
    """Return what an issuer signs with, as it stood at a moment."""
    made = [(wire, identity_from_wire(wire)) for wire in listing.wire["identities"]]
    return tuple(
        IdentityThen(
            wire,
            identity.usable_at(moment.at),
            identity.compromised_from is not None and identity.compromised_from <= moment.at,
        )
        for wire, identity in made
    )


def notes_at(listing: Listing, moment: Moment) -> list[Mapping[str, Any]]:
    """Return the notes beside an entry that were shown at a moment, of those still kept."""
    notes: Sequence[Mapping[str, Any]] = listing.wire.get("notes", ())
    known = moment.known or moment.at
    return [
        note
        for note in notes
        if parse_instant(note["since"]) <= min(moment.at, known) < parse_instant(note["until"])
    ]


def search_issuers(query: str, filters: Mapping[str, Sequence[str]], *, page: int, size: int) -> SearchPage:
    """Return a page of issuers for what a person typed: an identifier, a web address, or words.

    Who carries exactly that identifier, or the host of that address, is the whole answer, without facets. Otherwise
    words decide; an address is taken without its scheme, and by its host alone where the whole finds nobody.
    """
    match = _ADDRESS.fullmatch(query)
    host = _host(match["host"]) if match else ""
    exact = issuers_by_identifier(query, host) if query and not filters else ()
    if exact:
        return SearchPage(exact, len(exact), 1, max(size, len(exact)), {})
    if match is None:
        return reader().search(query, filters, page=page, size=size)
    found = reader().search(host + (match["rest"] or ""), filters, page=page, size=size)
    return found if found.total else reader().search(host, filters, page=page, size=size)


def _host(text: str) -> str:
    """Return a host name as it is published, in ASCII; what is none, as it is."""
    try:
        return parse_host(text)
    except InvalidInput:
        return text


def issuers_by_identifier(*values: str) -> tuple[IssuerRecord, ...]:
    """Return the issuers that carry the first of these identifiers that anybody carries."""
    for value in values:
        found = reader().issuers_by_identifier(value) if value else []
        if found:
            return tuple(found)
    return ()


_ADDRESS = re.compile(r"(?:https?://(?:www\.)?|www\.)(?P<host>[^/\s?#]+)(?P<rest>[/?#]\S*)?", re.IGNORECASE)


def identity_from_wire(wire: Mapping[str, Any]) -> ListedIdentity:
    """Return an issuing identity of its published form, as far as answers need it."""
    return ListedIdentity(
        kind=IdentityKind(wire["kind"]),
        value=wire["value"],
        valid_from=parse_instant(wire["valid_from"]),
        valid_to=_optional(wire.get("valid_to")),
        compromised_from=_optional(wire.get("compromised_from")),
        profile_id=wire.get("profile_id"),
    )


def _optional(value: str | None) -> datetime | None:
    return parse_instant(value) if value else None


def schemes_by_slug() -> dict[str, Mapping[str, Any]]:
    """Return the wire form of every scheme, by slug."""
    return {scheme.slug: scheme.wire for scheme in reader().schemes()}


def scheme_wire(slug: str) -> Mapping[str, Any]:
    """Return the wire form of a scheme, or of the whole registry, whose lists point to those of the schemes.

    Empty where there is none.
    """
    if slug != REGISTRY:
        return schemes_by_slug().get(slug, {})
    document = reader().document(REGISTRY_WIRE)
    return orjson.loads(document.body) if document else {}


def listing_json(listing: Listing, moment: Moment) -> dict[str, Any]:
    """Return the JSON twin of a listing: its standing at the moment, and what is published now."""
    numbers: Iterable[int] = {event.number for event in listing.events}
    wire = dict(listing.wire)
    wire["events"] = [event for event in wire["events"] if event["number"] in numbers]
    return {
        "scheme": listing.record.scheme,
        "at": _wire(moment.at),
        "known": _wire(moment.known),
        "status": listing.status.value if listing.status else None,
        "since": _wire(listing.since),
        "valid_until": _wire(listing.interval.valid_until) if listing.interval else None,
        "reason": listing.interval.reason.value if listing.interval else None,
        "decision_id": listing.decision_id,
        "statement": f"/issuers/{listing.record.issuer_id}/statement.jws",
        "entry": wire,
    }


def _wire(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
