"""The standing that readers are told, from the events of a published entry."""

from datetime import timedelta

import pytest

from registry.domain.recognition import Status
from registry.domain.standing import parse_event, standing_at
from registry.domain.trust_list import entry_to_wire

from vectors import sample

ENTRIES = {entry.slug: entry for entry in sample.sample_entries()}


@pytest.mark.parametrize("slug", ENTRIES)
def test_events_survive_publication(slug: str) -> None:
    entry = ENTRIES[slug]
    wire = entry_to_wire(entry, sample.ISSUED_AT)
    assert tuple(parse_event(event) for event in wire["events"]) == entry.events  # type: ignore[attr-defined]


@pytest.mark.parametrize("slug", ENTRIES)
def test_the_standing_agrees_with_the_published_entry_at_the_instant_of_publication(slug: str) -> None:
    entry = ENTRIES[slug]
    wire = entry_to_wire(entry, sample.ISSUED_AT)
    standing = standing_at(entry.events, sample.ISSUED_AT)
    assert (standing.status, standing.reason) == (wire["status"], wire["status_reason"])


def test_nothing_is_said_of_what_was_not_known() -> None:
    entry = next(iter(ENTRIES.values()))
    before = standing_at(entry.events, sample.ISSUED_AT, sample.GRANTED_AT - timedelta(seconds=1))
    assert (before.status, before.since, before.decision_id, before.events) == (None, None, None, ())


def test_a_grant_that_is_still_to_come_is_pending_since_its_first_day() -> None:
    entry = next(e for e in ENTRIES.values() if e.status(sample.ISSUED_AT) is Status.PENDING_EFFECTIVE)
    standing = standing_at(entry.events, sample.ISSUED_AT)
    assert standing.status is Status.PENDING_EFFECTIVE
    assert standing.since == entry.events[0].effective_from
