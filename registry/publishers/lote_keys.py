"""The keys of an issuer as services of a LoTE see them: grouped by their identifier, with windows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import pybase64

from registry.domain.latest import latest
from registry.domain.trust_list import Entry, IdentityKind, ListedIdentity
from registry.publishers.lote_states import Window
from registry.signing.certificates import key_window

JWK_THUMBPRINT = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
"""RFC 9278, 3."""
_JWK_MEMBERS = ("kty", "crv", "x", "y", "n", "e", "kid", "alg", "use")
_JWK_TYPES = ("EC", "RSA")
"""The official schema knows EC, RSA and oct; an Ed25519 key is named by its thumbprint alone."""


class KeyGroup(NamedTuple):
    """Identities that a reader cannot tell apart: one key identifier, one DID, and so on.

    `key_identifier` is raw and goes with certificates; `other_id` names everything else. `certificates` and
    `jwks` are those usable now.
    """

    window: Window
    key_identifier: bytes | None
    other_id: str | None
    certificates: tuple[bytes, ...]
    jwks: tuple[dict[str, str], ...]

    @property
    def ended(self) -> bool:
        """Whether none of the identities is usable any more."""
        return self.window.end is not None


@latest
def key_groups(entry: Entry, at: datetime) -> tuple[KeyGroup, ...]:
    """Return the issuer's identities that have begun at `at`, grouped, in the order of the entry."""
    groups: dict[bytes | str, list[_Held]] = {}
    for identity in entry.identities:
        held = _hold(identity)
        if held.start <= at:
            groups.setdefault(held.name, []).append(held)
    return tuple(_group(name, members, at) for name, members in groups.items())


def usable_certificates(entry: Entry, at: datetime) -> tuple[bytes, ...]:
    """Return the DER certificates with which the issuer can sign at `at`."""
    return tuple(der for group in key_groups(entry, at) for der in group.certificates)


class _Held(NamedTuple):
    """An identity with its window and that of its certificate; `taken_back` is an end that somebody set."""

    name: bytes | str
    start: datetime
    end: datetime | None
    taken_back: datetime | None
    identity: ListedIdentity

    def usable_at(self, at: datetime) -> bool:
        return self.identity.usable_at(at) and self.start <= at and (self.end is None or at < self.end)


def _hold(identity: ListedIdentity) -> _Held:
    start, end = identity.valid_from, identity.valid_to
    if identity.certificate is None:
        return _Held(other_id(identity), start, end, end, identity)
    key_identifier, not_before, not_after = key_window(identity.certificate)
    taken_back = end if end and end < not_after else None
    return _Held(key_identifier, max(start, not_before), taken_back or not_after, taken_back, identity)


def other_id(identity: ListedIdentity) -> str:
    """Return how an identity without certificate stands in OtherIds."""
    if identity.kind is IdentityKind.JWK:
        return JWK_THUMBPRINT + identity.value
    if identity.kind is IdentityKind.DOMAIN:
        return f"dns:{identity.value}"
    if identity.kind is IdentityKind.PLATFORM:
        # The profile comes first, because the key alone covers nobody.
        return f"platform-profile:{identity.profile_id};key={identity.value}"
    return identity.value


def _group(name: bytes | str, members: Sequence[_Held], at: datetime) -> KeyGroup:
    usable = [held for held in members if held.usable_at(at)]
    return KeyGroup(
        window=Window(min(held.start for held in members)) if usable else _ended(members, at),
        key_identifier=name if isinstance(name, bytes) else None,
        other_id=name if isinstance(name, str) else None,
        certificates=tuple(held.identity.certificate for held in usable if held.identity.certificate),
        jwks=tuple(_public_jwks(held.identity for held in usable)),
    )


def _ended(members: Iterable[_Held], at: datetime) -> Window:
    """Return the window of a key that is over; the one of its identities that ended last decides."""
    held = max(members, key=lambda member: (_over(member, at), member.start))
    over, compromised_from = _over(held, at), held.identity.compromised_from
    if compromised_from is None or compromised_from > at:
        return Window(min(held.start, over), over, over)
    # A compromise is recorded after it happened; where the key's end was set too, lists showed it until then.
    said_until = held.taken_back if held.taken_back and held.taken_back <= at else over
    return Window(min(held.start, said_until), compromised_from, said_until, compromised=True)


def _over(held: _Held, at: datetime) -> datetime:
    return min(end for end in (held.end, held.identity.compromised_from) if end is not None and end <= at)


def _public_jwks(identities: Iterable[ListedIdentity]) -> Iterable[dict[str, str]]:
    for identity in identities:
        jwk = dict(identity.jwk or ())
        if jwk.get("kty") in _JWK_TYPES:
            yield {member: jwk[member] for member in _JWK_MEMBERS if member in jwk}


def encode_certificate(der: bytes) -> dict[str, str]:
    """Return a certificate as it stands in X509Certificates."""
    return {"val": pybase64.b64encode_as_string(der)}


def encode_key_identifier(key_identifier: bytes) -> str:
    """Return a key identifier as it stands in X509SKIs."""
    return pybase64.b64encode_as_string(key_identifier)
