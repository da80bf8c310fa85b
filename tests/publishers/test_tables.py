"""CSV and NDJSON: what data tools read, and what a spreadsheet must not run."""

import csv
import hashlib
import io
import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from registry.domain.trust_list import Entry, Text, canonical_json, entry_to_wire
from registry.publishers import PUBLISHERS, build

from vectors.sample import DAY, ISSUED_AT, SCHEME, header, sample_entries, sample_list, signer


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def table(**changes: object) -> dict[str, str]:
    entry = replace(sample_entries()[0], **changes)
    [row] = rows(build(PUBLISHERS["csv"], sample_list([entry]), header(), None).body)
    return row


def test_a_table_has_one_row_per_issuer_with_its_present_standing() -> None:
    found = rows(build(PUBLISHERS["csv"], sample_list(), header(), None).body)
    assert {row["id"]: row["status"] for row in found} == {
        entry.id: entry.status(ISSUED_AT).value for entry in sample_entries()
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe(start: str) -> None:
    assert table(legal_name=f"{start}1+1")["legal_name"] == f"'{start}1+1"


def test_quotes_commas_and_line_breaks_stay_inside_their_cell() -> None:
    name = 'College "of", all\r\nthings; łąka'
    assert table(names=Text.of(en=name, pl=name))["name_pl"] == name


def test_each_line_after_the_header_is_an_issuer_as_in_the_native_list() -> None:
    head, *lines = build(PUBLISHERS["ndjson"], sample_list(), header(), None).body.splitlines()
    assert json.loads(head)["sequence"] == 7
    assert [
        canonical_json({k: v for k, v in json.loads(line).items() if k != "record"}) for line in lines
    ] == [canonical_json(entry_to_wire(entry, ISSUED_AT)) for entry in sample_list().entries]


def test_the_table_points_to_the_statement_of_each_issuer() -> None:
    assert table()["statement"] == f"{SCHEME.base_url}/issuers/{sample_entries()[0].id}/statement.jws"


@pytest.mark.parametrize("format_id", PUBLISHERS)
def test_a_document_built_from_kept_fragments_is_the_same_as_a_fresh_one(format_id: str) -> None:
    publisher = PUBLISHERS[format_id]
    listed = sample_list()
    kept = [publisher.entry(entry, SCHEME, ISSUED_AT) for entry in listed.entries]
    assembled = publisher.assemble(header(), (f for f in kept if f is not None), signer())
    assert assembled == build(publisher, listed, header(), signer())


@pytest.mark.parametrize("format_id", [name for name, publisher in PUBLISHERS.items() if publisher.signed])
def test_a_signed_format_refuses_to_go_out_unsigned(format_id: str) -> None:
    with pytest.raises(ValueError, match="give a signer"):
        build(PUBLISHERS[format_id], sample_list([]), header(), None)


def test_a_fragment_stays_the_same_while_the_digest_of_its_entry_does() -> None:
    """Kept fragments are used again from one build to the next while the digest stays, whatever the time."""
    for entry in sample_entries():
        built = [
            (
                hashlib.sha256(canonical_json(entry_to_wire(entry, at))).hexdigest(),
                [publisher.entry(entry, SCHEME, at) for publisher in PUBLISHERS.values()],
            )
            for at in _instants(entry)
        ]
        for (digest, fragments), (next_digest, next_fragments) in pairwise(built):
            assert digest != next_digest or fragments == next_fragments


def _instants(entry: Entry) -> list[datetime]:
    """Instants on both sides of everything that the calendar changes about an entry, and some between."""
    recorded = max(event.recorded_at for event in entry.events)
    instants, change = [recorded + days * DAY for days in range(0, 400, 40)], entry.changes_after(recorded)
    while change is not None:
        instants += [change - timedelta(seconds=1), change, change + timedelta(seconds=1)]
        change = entry.changes_after(change)
    return sorted(instants)
