"""Published wire forms back into values, the inverse of `trust_list`: what a kept snapshot says can be built again.

Everything here was written by this registry, so nothing is checked a second time.
"""

import base64
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from registry.domain.standing import parse_event
from registry.domain.trust_list import (
    Entry,
    IdentityKind,
    ListedCondition,
    ListedIdentity,
    ListedNote,
    NoteKind,
    PostalAddress,
    SchemeInfo,
    Text,
    entry_to_wire,
)


def entry_from_wire(wire: Mapping[str, Any]) -> Entry:
    """Return the entry that `entry_to_wire` wrote down; only notes that had run out by then are lost."""
    return Entry(
        id=wire["id"],
        slug=wire["slug"],
        names=Text.of(**wire["names"]),
        legal_name=wire["legal_name"],
        identifiers=tuple((item["scheme"], item["value"]) for item in wire["identifiers"]),
        address=PostalAddress(**wire["address"]),
        website=wire["website"],
        identities=tuple(_identity(item) for item in wire["identities"]),
        events=tuple(parse_event(item) for item in wire["events"]),
        policy_id=wire["policy"]["id"],
        policy_version=wire["policy"]["version"],
        policy_sha256=wire["policy"]["sha256"],
        decision_id=wire["decision"]["id"],
        decided_at=_instant(wire["decision"]["decided_at"]),
        conditions=tuple(
            ListedCondition(Text.of(**c["text"]), _instant(c["due"])) for c in wire["conditions"]
        ),
        notes=tuple(_note(item) for item in wire.get("notes", ())),
    )


def _identity(wire: Mapping[str, Any]) -> ListedIdentity:
    certificate, jwk = wire.get("certificate"), wire.get("jwk")
    return ListedIdentity(
        kind=IdentityKind(wire["kind"]),
        value=wire["value"],
        valid_from=_instant(wire["valid_from"]),
        valid_to=_instant(wire["valid_to"]) if "valid_to" in wire else None,
        compromised_from=_instant(wire["compromised_from"]) if "compromised_from" in wire else None,
        certificate=base64.b64decode(certificate) if certificate else None,
        jwk=tuple(sorted(jwk.items())) if jwk else None,
        profile_id=wire.get("profile_id"),
    )


def _note(wire: Mapping[str, Any]) -> ListedNote:
    return ListedNote(
        kind=NoteKind(wire["kind"]),
        text=Text.of(**wire["text"]),
        since=_instant(wire["since"]),
        until=_instant(wire["until"]),
        ground=wire["ground"],
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def written_at(wire: Mapping[str, Any], entry: Entry, latest: datetime) -> datetime:
    """Return the last instant, not after `latest`, at which `entry` has exactly this wire form.

    A list holds fragments that were made before it was issued; between the two the calendar may have changed what holds.

    Raises:
        ValueError: there is no such instant.
    """
    turns = {interval.start for interval in entry.intervals()}
    turns |= {interval.end for interval in entry.intervals() if interval.end}
    for identity in entry.identities:
        turns |= {identity.valid_from, identity.valid_to or latest, identity.compromised_from or latest}
    turns |= {note.until for note in entry.notes}
    before = [turn - timedelta(seconds=1) for turn in turns]
    for at in (latest, *sorted((t for t in (*before, *turns) if t < latest), reverse=True)):
        if entry_to_wire(entry, at) == wire:
            return at
    raise ValueError(f"entry {entry.id} never stood as it is written down")


def scheme_to_wire(scheme: SchemeInfo) -> dict[str, Any]:
    """Return the JSON-ready form of all that publishers see of a scheme."""
    texts = {"name": scheme.name.as_dict(), "operator_name": scheme.operator_name.as_dict()}
    return {**{key: value for key, value in asdict(scheme).items() if key not in texts}, **texts}


def scheme_from_wire(wire: Mapping[str, Any]) -> SchemeInfo:
    """Return the scheme that `scheme_to_wire` wrote down."""
    parts = dict(wire)
    for name in ("name", "operator_name"):
        parts[name] = Text.of(**wire[name])
    return SchemeInfo(**{**parts, "operator_address": PostalAddress(**wire["operator_address"])})
