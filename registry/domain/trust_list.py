"""The immutable picture that gets published: a scheme, its listed issuers, and one edition of its list.

Publishers see these values and nothing else. Only world facts, decisions and recognition events enter here; nothing about
cases under way, refusals or people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import orjson
import pybase64

from registry.domain.latest import latest
from registry.domain.recognition import Interval, Status, StatusEvent, next_change, timeline
from registry.domain.scope import Scope, kept_scope_wire
from registry.domain.terms import terms_to_wire

SHARD_SIZE = 5_000
"""Most entries one shard of a list carries; also what keeps an XML list below the 16 MiB that clients accept."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the languages of the registry, BCP 47 tag to string; English is always there."""

    by_language: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, **by_language: str) -> "Text":
        """Return the text from keyword arguments such as `en=…, pl=…`."""
        return cls(tuple(sorted(by_language.items())))

    def __getitem__(self, language: str) -> str:
        texts = {tag: text for tag, text in self.by_language if tag in (language, "en")}
        return texts.get(language) or texts["en"]

    def as_dict(self) -> dict[str, str]:
        """Return language tag to string."""
        return dict(self.by_language)


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    street: str
    locality: str
    postal_code: str
    country: str


class IdentityKind(StrEnum):
    """How an issuer signs: what a verifier will see in a credential."""

    DID = "did"
    X509 = "x509"
    JWK = "jwk"
    DOMAIN = "domain"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class ListedIdentity:
    """One issuing identity with its validity window; ended ones stay, so that old credentials can be judged.

    `value` is the DID, the domain, the hex SHA-256 of the certificate, the RFC 7638 thumbprint of the JWK, or the DID of the
    platform. `certificate` is DER. `jwk` is a public key. `profile_id` goes with `platform`: such a key alone covers
    nobody.
    """

    kind: IdentityKind
    value: str
    valid_from: datetime
    valid_to: datetime | None = None
    compromised_from: datetime | None = None
    certificate: bytes | None = None
    jwk: tuple[tuple[str, str], ...] | None = None
    profile_id: str | None = None

    def usable_at(self, at: datetime) -> bool:
        """Whether a credential signed with this identity at `at` can be covered."""
        ended = self.valid_to is not None and at >= self.valid_to
        compromised = self.compromised_from is not None and at >= self.compromised_from
        return self.valid_from <= at and not ended and not compromised


@dataclass(frozen=True, slots=True)
class ListedCondition:
    """A condition of a recognition that is still to be met; `due` is an instant."""

    text: Text
    due: datetime


class NoteKind(StrEnum):
    """What a note beside an entry is about; a note never changes a standing."""

    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class ListedNote:
    """A note beside an entry, from when it was ordered until it runs out; `ground` is what two people ordered it by."""

    kind: NoteKind
    text: Text
    since: datetime
    until: datetime
    ground: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One recognized issuer in one scheme, with everything that may be published about it.

    `id` is opaque and never reused; it names the issuer *in this scheme*. `identifiers` are (scheme, value) pairs such as
    ("ror", "https://ror.org/…"). `as_of` is the instant for which `status` and the fragments of every format hold.
    """

    id: str
    slug: str
    names: Text
    legal_name: str
    identifiers: tuple[tuple[str, str], ...]
    address: PostalAddress
    website: str | None
    identities: tuple[ListedIdentity, ...]
    events: tuple[StatusEvent, ...]
    policy_id: str
    policy_version: str
    policy_sha256: str
    decision_id: str
    decided_at: datetime
    conditions: tuple[ListedCondition, ...] = ()
    notes: tuple[ListedNote, ...] = ()
    _intervals: tuple[Interval, ...] | None = field(default=None, init=False, repr=False, compare=False)
    _held: tuple[datetime, Interval | None] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def intervals(self) -> tuple[Interval, ...]:
        """Return the whole timeline, oldest first; every format asks for it, so an entry keeps it."""
        if self._intervals is None:
            object.__setattr__(self, "_intervals", timeline(self.events))
        return self._intervals or ()

    def interval(self, at: datetime) -> Interval | None:
        """Return the stretch that holds at `at`, or None before the grant takes effect; kept as the timeline is."""
        held = self._held
        if held is None or held[0] is not at:
            held = at, next((interval for interval in self.intervals() if interval.holds_at(at)), None)
            object.__setattr__(self, "_held", held)
        return held[1]

    def status(self, at: datetime) -> Status:
        """Return the standing at `at`."""
        interval = self.interval(at)
        return interval.status if interval else Status.PENDING_EFFECTIVE

    def changes_after(self, at: datetime) -> datetime | None:
        """Return the next instant at which the calendar alone changes what lists say of this issuer, or None."""
        windows = (
            instant
            for identity in self.identities
            for instant in (identity.valid_from, identity.valid_to, identity.compromised_from)
            if instant is not None and instant > at
        )
        notes = (note.until for note in self.notes if note.until > at)
        return min(
            (i for i in (next_change(self.events, at), *windows, *notes) if i is not None), default=None
        )


@dataclass(frozen=True, slots=True)
class SchemeInfo:
    """One scheme: one body applying one policy; what stays the same from list to list.

    `slug` never changes. `territory` is the ISO 3166-1 alpha-2 country that the operator is seated in, equal to C of the
    signing certificate; `operator_legal_name` equals its O. All addresses are absolute and lie
    under `base_url`, which has no trailing slash.
    """

    id: str
    slug: str
    name: Text
    operator_name: Text
    operator_legal_name: str
    operator_address: PostalAddress
    operator_email: str
    operator_website: str
    territory: str
    policy_id: str
    base_url: str

    def uri(self, *parts: str) -> str:
        """Return an address of this scheme's vocabulary, such as its list type or a status."""
        return "/".join((self.base_url, "schemes", self.slug, *parts))

    def status_uri(self, status: Status) -> str:
        """Return the URI of a status; it opens a page that explains the status."""
        return f"{self.base_url}/status/{status.value.replace('_', '-')}"

    def page(self, entry: Entry, language: str) -> str:
        """Return the page of an issuer."""
        return f"{self.base_url}/{language}/issuers/{entry.slug}"


@dataclass(frozen=True, slots=True)
class Header:
    """What changes with every document of a list: its number and its times (UTC, whole seconds)."""

    scheme: SchemeInfo
    shard: int
    shards: int
    sequence: int
    issued_at: datetime
    next_update: datetime


@dataclass(frozen=True, slots=True)
class TrustList:
    """All entries of one shard of one scheme at one instant, sorted by id."""

    scheme: SchemeInfo
    shard: int
    shards: int
    as_of: datetime
    entries: tuple[Entry, ...]


@latest
def entry_to_wire(entry: Entry, at: datetime) -> dict[str, object]:
    """Return the canonical JSON-ready form of an entry as it stands at `at`.

    The native formats publish exactly this; its digest says whether anything about the entry changed. Kept for the next
    format that asks about the same entry, so nobody changes it.
    """
    interval = entry.interval(at)
    status = entry.status(at)
    notes = [_note_to_wire(note) for note in entry.notes if note.until > at]
    return {
        "id": entry.id,
        "slug": entry.slug,
        "legal_name": entry.legal_name,
        "names": entry.names.as_dict(),
        "identifiers": [{"scheme": scheme, "value": value} for scheme, value in entry.identifiers],
        "address": _address_to_wire(entry.address),
        "website": entry.website,
        "status": status.value,
        "status_since": wire_instant(interval.start if interval else entry.events[0].effective_from),
        "status_reason": (interval.reason if interval else entry.events[0].reason).value,
        "valid_until": wire_instant(interval.valid_until) if interval and interval.valid_until else None,
        "scope": kept_scope_wire(interval.scope if interval else entry.events[0].scope or Scope(())),
        "conditions": [{"text": c.text.as_dict(), "due": wire_instant(c.due)} for c in entry.conditions],
        "identities": [_identity_to_wire(identity, at) for identity in entry.identities],
        "events": [_event_to_wire(event) for event in entry.events],
        "policy": {"id": entry.policy_id, "version": entry.policy_version, "sha256": entry.policy_sha256},
        "decision": {"id": entry.decision_id, "decided_at": wire_instant(entry.decided_at)},
        **({"notes": notes} if notes else {}),
    }


@lru_cache(maxsize=64)
def wire_instant(instant: datetime) -> str:
    """Return `YYYY-MM-DDThh:mm:ssZ` (ETSI TS 119 602, 6.1.3): UTC, no fraction."""
    return instant.isoformat()[:19] + "Z"


def canonical_json(value: object) -> bytes:
    """Return compact UTF-8 JSON with sorted keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _address_to_wire(address: PostalAddress) -> dict[str, object]:
    return {
        "street": address.street,
        "locality": address.locality,
        "postal_code": address.postal_code,
        "country": address.country,
    }


def _note_to_wire(note: ListedNote) -> dict[str, object]:
    return {
        "kind": note.kind.value,
        "text": note.text.as_dict(),
        "since": wire_instant(note.since),
        "until": wire_instant(note.until),
        "ground": note.ground,
    }


def _identity_to_wire(identity: ListedIdentity, at: datetime) -> dict[str, object]:
    optional: Mapping[str, object] = {
        "valid_to": wire_instant(identity.valid_to) if identity.valid_to else None,
        "compromised_from": wire_instant(identity.compromised_from) if identity.compromised_from else None,
        "certificate": pybase64.b64encode_as_string(identity.certificate) if identity.certificate else None,
        "jwk": dict(identity.jwk) if identity.jwk else None,
        "profile_id": identity.profile_id,
    }
    return {
        "kind": identity.kind.value,
        "value": identity.value,
        "usable": identity.usable_at(at),
        "valid_from": wire_instant(identity.valid_from),
        **{key: value for key, value in optional.items() if value is not None},
    }


def _event_to_wire(event: StatusEvent) -> dict[str, object]:
    optional: Mapping[str, object] = {
        "effect_from": wire_instant(event.effect_from) if event.effect_from else None,
        "scope": kept_scope_wire(event.scope) if event.scope is not None else None,
        "valid_until": wire_instant(event.valid_until) if event.valid_until else None,
        "supersedes": event.supersedes,
        "terms": terms_to_wire(event.terms) if event.terms is not None else None,
    }
    return {
        "number": event.number,
        "recorded_at": wire_instant(event.recorded_at),
        "effective_from": wire_instant(event.effective_from),
        "status": event.status.value,
        "reason": event.reason.value,
        "effect": event.effect.value,
        "decision_id": event.decision_id,
        **{key: value for key, value in optional.items() if value is not None},
    }
