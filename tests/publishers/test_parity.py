"""Parity: all formats of one edition agree on who is recognized, by which key, since when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.domain.recognition import Reason, Status
from registry.domain.trust_list import Entry, ListedIdentity
from registry.publishers import PUBLISHERS, STATEMENT, build
from registry.publishers.base import Document

from support.parity import READERS, Since, Told, truth
from vectors.sample import (
    DAY,
    DOMAIN,
    EC_JWK,
    ED25519_JWK,
    GRANTED_AT,
    ISSUED_AT,
    PLATFORM,
    did,
    entry,
    event,
    grant,
    header,
    sample_entries,
    sample_list,
    signer,
    x509,
)

FORMATS = [*PUBLISHERS, STATEMENT.format_id]
SIGNER = signer()


def published(format_id: str, entries: Sequence[Entry], at: datetime) -> list[Document]:
    """The documents of a format: one list, or a statement for each issuer."""
    if format_id == STATEMENT.format_id:
        return [STATEMENT.statement(one, header(at=at), SIGNER) for one in entries]
    return [build(PUBLISHERS[format_id], sample_list(entries, at), header(at=at), SIGNER)]


def told(format_id: str, entries: Sequence[Entry], at: datetime) -> Told:
    """What a format says, read back."""
    found = [READERS[format_id].read(document, at) for document in published(format_id, entries, at)]
    return Told(
        {subject: said for one in found for subject, said in one.recognized.items()},
        {issuer: status for one in found for issuer, status in one.statuses.items()},
    )


def test_every_format_is_read_back() -> None:
    assert set(READERS) == set(FORMATS), "give the format a reader in tests/support/parity.py"


@pytest.mark.parametrize("format_id", FORMATS)
def test_formats_agree_on_an_issuer_of_every_standing(format_id: str) -> None:
    assert told(format_id, sample_entries(), ISSUED_AT) == truth(
        sample_entries(), ISSUED_AT, READERS[format_id].view
    )


@pytest.mark.parametrize("format_id", FORMATS)
@pytest.mark.parametrize("days", [-1, 0, 1, 89, 90, 100, 120, 211, 242, 900, 2000])
def test_formats_agree_on_every_day(format_id: str, days: int) -> None:
    """Lists of the past are made from what was recorded by then."""
    at = GRANTED_AT + days * DAY
    entries = [
        replace(one, events=tuple(e for e in one.events if e.recorded_at <= at))
        for one in sample_entries()
        if one.events[0].recorded_at <= at
    ]
    assert told(format_id, entries, at) == truth(entries, at, READERS[format_id].view)


CHANGES = (
    (Status.SUSPENDED, Reason.FRAUD_SUSPECTED),
    (Status.ACTIVE, Reason.SUSPENSION_LIFTED),
    (Status.ACTIVE_WITH_CONDITIONS, Reason.SCOPE_CHANGED),
    (Status.ACTIVE, Reason.RENEWED),
    (Status.WITHDRAWN, Reason.SERIOUS_BREACH),
    (Status.RELINQUISHED, Reason.ISSUER_REQUEST),
    (Status.VOID, Reason.FALSE_EVIDENCE),
)
WINDOWS = st.sampled_from(
    [
        {},
        {"valid_to": GRANTED_AT + 50 * DAY},
        {"valid_to": ISSUED_AT + 10 * DAY},
        {"compromised_from": GRANTED_AT + 60 * DAY},
    ]
)


@st.composite
def identities(draw: st.DrawFn, number: int) -> list[ListedIdentity]:
    """Keys of every kind, some over, some not begun; a DID is that of one issuer."""
    made = [make(number, **draw(WINDOWS)) for make in (did, x509) if draw(st.booleans())]
    shared = [replace(DOMAIN, value=f"college-{number}.example"), PLATFORM, EC_JWK, ED25519_JWK]
    made += [one for one in shared if draw(st.booleans())]
    starts = st.sampled_from([GRANTED_AT, GRANTED_AT + 20 * DAY, ISSUED_AT + DAY])
    return [replace(one, valid_from=draw(starts)) for one in made]


@st.composite
def issuers(draw: st.DrawFn, number: int) -> Entry:
    """An issuer with a story of up to four changes, each recorded when it takes effect."""
    start = draw(st.sampled_from([GRANTED_AT, ISSUED_AT, ISSUED_AT + DAY]))
    first = grant(number, draw(st.sampled_from([Status.ACTIVE, Status.ACTIVE_WITH_CONDITIONS])), start)
    first = replace(
        first,
        recorded_at=GRANTED_AT,
        valid_until=draw(st.sampled_from([start + 80 * DAY, start + 900 * DAY])),
    )
    days = sorted(draw(st.sets(st.integers(1, 200), max_size=4)))
    story = [
        event(number * 100 + place, *draw(st.sampled_from(CHANGES)), GRANTED_AT + day * DAY)
        for place, day in enumerate(days)
        if start == GRANTED_AT
    ]
    return entry(number, [first, *story], draw(identities(number)))


@st.composite
def lists(draw: st.DrawFn) -> list[Entry]:
    """Up to four issuers."""
    return [draw(issuers(number)) for number in range(1, draw(st.integers(0, 4)) + 1)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(entries=lists())
def test_formats_agree_on_lists_made_at_random(entries: list[Entry]) -> None:
    for format_id in FORMATS:
        view = READERS[format_id].view
        assert told(format_id, entries, ISSUED_AT) == truth(entries, ISSUED_AT, view), format_id


@pytest.mark.parametrize("format_id", FORMATS)
def test_a_format_that_said_something_else_would_be_noticed(format_id: str) -> None:
    """The last key of the only issuer ends: what is told must change, in every format."""
    before = [entry(1, [grant(1)], [did(1), x509(1)])]
    after = [
        replace(before[0], identities=tuple(replace(i, valid_to=ISSUED_AT) for i in before[0].identities))
    ]
    assert told(format_id, before, ISSUED_AT) != told(format_id, after, ISSUED_AT)
    assert READERS[format_id].view.since in Since
