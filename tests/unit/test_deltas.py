"""Deltas: whoever follows a list reaches the very bytes that were published, or is told to fetch the whole list."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from registry.cli.lists_follow import follow
from registry.domain.trust_list import Header, canonical_json
from registry.editions import EditionStore, PlainFile, PublishedDocument
from registry.editions.deltas import LONGEST, delta_path
from registry.editions.wsgi import EditionMiddleware
from registry.publishers.deltas import DeltaRefused, apply_delta, build_delta, merge_deltas
from registry.publishers.facts import VerificationFailed
from registry.publishers.formats.native_json import NativeJson, list_head

from support.editions import START, edition
from vectors import sample

ADDRESS = "/lists/sample/1/list.jws"


def entry(number: int, state: int) -> bytes:
    """Return a canonical entry that says `state`."""
    return canonical_json({"id": f"{number:04d}", "name": f"Zmyślona „{state}” \u2028 \\ \t", "state": state})


def header(sequence: int) -> Header:
    whole = sample.header()
    at = START + timedelta(hours=sequence)
    return Header(whole.scheme, 1, 1, sequence, at, at + timedelta(days=1))


def document(sequence: int, entries: dict[int, int]) -> bytes:
    bodies = [entry(number, entries[number]) for number in sorted(entries)]
    return NativeJson().assemble(header(sequence), bodies, sample.signer()).body


def delta(before: bytes, sequence: int, entries: dict[int, int], changed: set[int]) -> bytes:
    newer = document(sequence, entries)
    base = (sequence - 1, hashlib.sha256(before).hexdigest())
    return build_delta(
        newer, list_head(header(sequence)), base, [entry(n, entries[n]) for n in sorted(changed)]
    )


changes = st.lists(st.dictionaries(st.integers(0, 30), st.integers(0, 3), max_size=6), min_size=1, max_size=6)


@given(first=st.dictionaries(st.integers(0, 30), st.integers(0, 3), max_size=12), steps=changes)
def test_any_follower_reaches_the_very_bytes_by_any_range(
    first: dict[int, int], steps: list[dict[int, int]]
) -> None:
    states = [first]
    for step in steps:
        states.append(states[-1] | step)
    documents = [document(n, state) for n, state in enumerate(states, 1)]
    deltas = [delta(documents[n - 1], n + 1, states[n], set(steps[n - 1])) for n in range(1, len(states))]
    followed = documents[0]
    for step_delta in deltas:
        followed = apply_delta(followed, step_delta)
    assert followed == documents[-1]
    for start in range(len(deltas)):
        assert apply_delta(documents[start], merge_deltas(deltas[start:])) == documents[-1]


def test_a_delta_of_one_step_is_its_own_merger() -> None:
    one = delta(document(1, {1: 1}), 2, {1: 2}, {1})
    assert merge_deltas([one]) == one


@pytest.mark.parametrize("spoil", ["entry", "head", "signature", "base", "junk", "member"])
def test_what_does_not_lead_to_the_published_bytes_is_refused(spoil: str) -> None:
    old = document(1, {1: 1, 2: 1})
    wire: dict[str, Any] = json.loads(delta(old, 2, {1: 2, 2: 1}, {1}))
    match spoil:
        case "entry":
            wire["entries"][0]["state"] = 3
        case "head":
            wire["head"]["sequence"] = 3
        case "signature":
            wire["signature"] = "A" * 86
        case "base":
            old = document(1, {1: 1, 2: 2})
        case "member":
            wire["more"] = 1
    spoiled = b"{" if spoil == "junk" else json.dumps(wire).encode()
    with pytest.raises(DeltaRefused):
        apply_delta(old, spoiled)


STATES = [dict.fromkeys(range(200), 0)]
for _step in range(5):
    STATES.append(STATES[-1] | {_step: 1, 300 + _step: 0})
DOCUMENTS = [document(n, state) for n, state in enumerate(STATES, 1)]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Six numbers of a list with five deltas between them, of which that from 4 to 5 was never made."""
    directory = tmp_path_factory.mktemp("editions")
    with EditionStore(directory, "https://registry.example") as store:
        for number, body in enumerate(DOCUMENTS, 1):
            files = []
            if number not in {1, 5}:
                made = delta(DOCUMENTS[number - 2], number, STATES[number - 1], {number - 2, 298 + number})
                path = delta_path("sample", "1", number - 1, number)
                files.append(PlainFile(path, "application/json", made, immutable=True))
            store.apply(edition(number, published(number, body), files=tuple(files)))
        yield Client(EditionMiddleware(no_application, directory))


def no_application(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"the application"]


def published(number: int, body: bytes) -> PublishedDocument:
    times = header(number)
    return PublishedDocument(
        path=ADDRESS,
        permanent_path=f"/lists/sample/1/{number}/list.jws",
        scheme="sample",
        format_id="native_json",
        shard="1",
        sequence=number,
        media_type="application/jose",
        body=body,
        issued_at=times.issued_at,
        next_update=times.next_update,
    )


@pytest.mark.parametrize("path", ["/lists/sample/1/delta/1..2", "/lists/sample/delta/1..2"])
def test_a_delta_between_two_numbers_is_immutable(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert apply_delta(DOCUMENTS[0], answer.data) == DOCUMENTS[1]
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_delta_over_several_numbers_is_put_together(client: Client) -> None:
    plain, packed = (
        client.get("/lists/sample/delta/1..4", headers=h) for h in ({}, {"Accept-Encoding": "gzip"})
    )
    assert apply_delta(DOCUMENTS[0], plain.data) == DOCUMENTS[3]
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert client.head("/lists/sample/delta/1..4").data == b""


def test_an_open_range_leads_to_the_newest_number(client: Client) -> None:
    answer = client.get("/lists/sample/1/delta/5..")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/lists/sample/1/delta/5..6")
    assert client.get("/lists/sample/1/delta/6..").status_code == 204


@pytest.mark.parametrize(
    ("asked", "status", "word"),
    [
        ("sample/delta/2..2", 400, "lower"),
        ("sample/delta/3..2", 400, "lower"),
        ("sample/delta/0..2", 404, "from 1 to 6"),
        ("sample/delta/5..7", 404, "from 1 to 6"),
        ("sample/delta/99..", 404, "from 1 to 6"),
        ("sample/delta/3..6", 404, "whole list"),
        ("sample/2/delta/1..2", 404, "no list"),
        ("other/delta/1..2", 404, "no list"),
        ("sample/delta/one..two", 400, "two sequence numbers"),
        ("sample/delta/", 400, "two sequence numbers"),
        ("sample/delta/-1..2", 400, "two sequence numbers"),
        ("sample/delta/1..3?known=2026-03-01T12:00:00Z", 400, "no parameters"),
    ],
)
def test_what_cannot_be_had_is_refused_with_the_way_out(
    client: Client, asked: str, status: int, word: str
) -> None:
    answer = client.get(f"/lists/{asked}")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert word in answer.json["detail"]


def test_a_range_is_bounded(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.editions.deltas.LONGEST", 2)
    assert "too far apart" in client.get("/lists/sample/delta/1..4").json["detail"]
    monkeypatch.setattr("registry.editions.deltas.LONGEST", LONGEST)
    monkeypatch.setattr("registry.editions.deltas.LARGEST", 3_000)
    assert "Too much" in client.get("/lists/sample/delta/1..4").json["detail"]


def test_a_delta_is_only_read(client: Client) -> None:
    assert client.post("/lists/sample/delta/1..4").status_code == 405
    assert client.options("/lists/sample/delta/1..4").status_code == 204


@pytest.mark.parametrize(
    ("kept", "how"), [(None, "whole list"), (1, "delta"), (4, "whole list"), (6, "unchanged")]
)
def test_a_follower_falls_back_to_the_whole_list(client: Client, kept: int | None, how: str) -> None:
    def fetch(path: str) -> bytes:
        answer = client.get(path, follow_redirects=True)
        if answer.status_code >= 400:
            raise VerificationFailed("fetch", answer.status)
        return answer.data

    if kept == 1:  # from 1 the whole way is barred by the missing delta; what leads up to 4 is there
        assert apply_delta(DOCUMENTS[0], fetch("/lists/sample/1/delta/1..4")) == DOCUMENTS[3]
        assert follow(ADDRESS, DOCUMENTS[4], fetch)[:2] == (DOCUMENTS[5], "delta")
        return
    body, done, size = follow(ADDRESS, DOCUMENTS[kept - 1] if kept else None, fetch)
    assert (body, done) == (DOCUMENTS[5], how)
    assert (size > 0) is (how != "unchanged")


def test_an_immutable_file_never_changes(tmp_path: Path) -> None:
    with EditionStore(tmp_path) as store:
        file = PlainFile("/lists/sample/1/delta/1..2", "application/json", b"{}", immutable=True)
        store.apply(edition(1, files=(file,)))
        store.apply(edition(2, files=(file,)))
        changed = PlainFile(file.path, file.media_type, b"[]", immutable=True)
        with pytest.raises(Exception, match="belongs to another"):
            store.apply(edition(3, files=(changed,)))
