"""What is published can be read back: an entry, and a scheme, are the same after a round through their wire form."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.reading import entry_from_wire, scheme_from_wire, scheme_to_wire, written_at
from registry.domain.recognition import DERIVED_STATUSES, Effect, Reason, Status, StatusEvent
from registry.domain.scope import parse_scope
from registry.domain.terms import Terms
from registry.domain.trust_list import (
    Entry,
    IdentityKind,
    ListedCondition,
    ListedIdentity,
    ListedNote,
    NoteKind,
    PostalAddress,
    Text,
    canonical_json,
    entry_to_wire,
)
from registry.publishers import PUBLISHERS

from vectors import sample

START = datetime(2026, 1, 1, tzinfo=UTC)
GRANT = {
    "levels": [{"value": 5, "mark": "claimed"}],
    "credential_types": ["micro_credential"],
    "countries": ["PL"],
    "modes": ["online"],
    "languages": ["pl"],
    "max_ects": 7.5,
}
instants = st.integers(0, 4 * 365 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
texts = st.builds(lambda en, pl: Text.of(en=en, pl=pl), words, words)
scopes = st.lists(st.sampled_from(["06", "0613", "0611"]), max_size=2, unique=True).map(
    lambda fields: parse_scope({"grants": [GRANT | {"fields": [field]} for field in fields]})
)
terms = st.builds(
    Terms,
    teach_out_until=st.none() | st.dates(START.date()),
    records_kept_by=st.sampled_from(["", "Archive of Exampleland"]),
    remedy=st.sampled_from([(), (("en", "Write to us."), ("pl", "Napisz do nas."))]),
    successors=st.lists(st.uuids().map(str), max_size=2).map(tuple),
)


@st.composite
def events(draw: st.DrawFn) -> tuple[StatusEvent, ...]:
    """Draw a history that begins with a scope."""
    made = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        effect = draw(st.sampled_from(Effect))
        made.append(
            StatusEvent(
                number=number,
                recorded_at=draw(instants),
                effective_from=draw(instants),
                status=draw(st.sampled_from([s for s in Status if s not in DERIVED_STATUSES])),
                reason=draw(st.sampled_from(Reason)),
                decision_id=str(draw(st.uuids())),
                effect=effect,
                effect_from=draw(instants) if effect is Effect.NOT_FROM_INSTANT else None,
                scope=draw(scopes if number == 1 else st.none() | scopes),
                valid_until=draw(st.none() | instants),
                supersedes=draw(st.none() | st.integers(1, number - 1)) if number > 1 else None,
                terms=draw(st.none() | terms),
            )
        )
    return tuple(made)


identities = st.builds(
    ListedIdentity,
    kind=st.sampled_from(IdentityKind),
    value=words,
    valid_from=instants,
    valid_to=st.none() | instants,
    compromised_from=st.none() | instants,
    certificate=st.none() | st.binary(min_size=1, max_size=20),
    jwk=st.none()
    | st.dictionaries(words, words, min_size=1, max_size=3).map(lambda jwk: tuple(sorted(jwk.items()))),
    profile_id=st.none() | words,
)
entries = st.builds(
    Entry,
    id=st.uuids().map(str),
    slug=words,
    names=texts,
    legal_name=words,
    identifiers=st.lists(st.tuples(words, words), max_size=3).map(tuple),
    address=st.builds(PostalAddress, words, words, words, words),
    website=st.none() | words,
    identities=st.lists(identities, max_size=3).map(tuple),
    events=events(),
    policy_id=words,
    policy_version=words,
    policy_sha256=words,
    decision_id=words,
    decided_at=instants,
    conditions=st.lists(st.builds(ListedCondition, texts, instants), max_size=2).map(tuple),
    notes=st.lists(
        st.builds(ListedNote, st.just(NoteKind.WARNING), texts, instants, instants, words), max_size=2
    ).map(tuple),
)


@given(entries, instants)
def test_an_entry_is_the_same_after_a_round_through_its_wire_form(entry: Entry, at: datetime) -> None:
    wire = orjson.loads(canonical_json(entry_to_wire(entry, at)))
    read = entry_from_wire(wire)
    assert read == replace(entry, notes=tuple(note for note in entry.notes if note.until > at))
    assert canonical_json(entry_to_wire(read, at)) == canonical_json(wire)


@st.composite
def listed(draw: st.DrawFn) -> Entry:
    """Draw an entry that every format can read: with real keys, and names that fit into all of them."""
    whole = sample.x509(1)  # as everywhere, no window reaches beyond that of the certificate
    first, last = sorted(draw(st.tuples(instants, instants)))
    end = min(last, whole.valid_to or last)
    did = replace(sample.did(2), valid_from=first, valid_to=draw(st.none() | st.just(last)))
    keys = (replace(whole, valid_from=first, valid_to=end), did)
    plain = sample.entry(1, [sample.grant(1)], [])
    conditions = draw(
        st.just(()) | st.builds(lambda at: (ListedCondition(Text.of(en="a", pl="b"), at),), instants)
    )
    return replace(plain, events=draw(events()), identities=keys, conditions=conditions)


@settings(max_examples=40)
@given(listed(), instants, st.integers(0, 900))
def test_the_instant_of_a_fragment_is_found_from_any_later_one(entry: Entry, at: datetime, days: int) -> None:
    at = max(
        [at, *(event.recorded_at for event in entry.events)]
    )  # nothing is published before it is recorded
    wire = orjson.loads(canonical_json(entry_to_wire(entry, at)))
    found = written_at(wire, entry_from_wire(wire), at + timedelta(days=days))
    assert entry_to_wire(entry_from_wire(wire), found) == wire
    turn = entry.changes_after(at)
    if turn is not None and turn <= at + timedelta(days=days):
        return  # the publisher makes fragments anew at every turn
    for publisher in PUBLISHERS.values():
        # Whatever a format says depends on the instant only through what holds then.
        here, there = (publisher.entry(entry_from_wire(wire), sample.SCHEME, t) for t in (at, found))
        assert here == there, publisher.format_id


def test_an_entry_that_never_stood_so_is_refused() -> None:
    entry = sample.entry(1, [sample.grant(1)], [])
    wire: dict[str, Any] = dict(orjson.loads(canonical_json(entry_to_wire(entry, START))))
    with pytest.raises(ValueError, match="never stood"):
        written_at(wire | {"status": "void"}, entry, START)


def test_a_scheme_is_the_same_after_a_round_through_its_wire_form() -> None:
    assert scheme_from_wire(orjson.loads(canonical_json(scheme_to_wire(sample.SCHEME)))) == sample.SCHEME
