"""The layer in front of Flask: what a client of published documents gets, byte by byte."""

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from registry.editions import EditionStore, PlainFile, Rework
from registry.editions.wsgi import EditionMiddleware

from support.editions import START, edition, issuer_id, list_document, statement

LIST = "/lists/alpha/1/list.jws"
SMALL = b'{"small":"' + b"a" * 3000 + b'"}'
LARGE = b'{"large":"' + b"b" * 200_000 + b'"}'
HUGE = bytes(3_000_000)
NOW = START + timedelta(days=30)


def behind(environ, start_response):
    start_response("418 I'm a teapot", [("Content-Type", "text/plain")])
    return [b"the application"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EditionStore]:
    with EditionStore(tmp_path / "editions", "http://registry.example") as store:
        yield store


@pytest.fixture
def client(store: EditionStore) -> Client:
    return Client(EditionMiddleware(behind, store.directory, lambda: True, now=lambda: NOW))


@pytest.fixture
def published(store: EditionStore, client: Client) -> Client:
    """A client of a registry that published the list twice: first SMALL, then LARGE."""
    store.apply(edition(1, list_document(1, SMALL), statement(1)))
    store.apply(edition(2, list_document(2, LARGE)))
    return client


def problem(answer: TestResponse) -> dict[str, object]:
    assert answer.mimetype == "application/problem+json"
    told = json.loads(answer.data)
    assert told["status"] == answer.status_code
    return told


def test_a_current_document_is_served_whole_and_for_a_minute(published: Client) -> None:
    answer = published.get(LIST)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, LARGE, "application/jose")
    assert answer.headers["Content-Length"] == str(len(LARGE))
    assert answer.headers["ETag"] == f'"{hashlib.sha256(LARGE).hexdigest()}"'
    assert answer.headers["Cache-Control"].startswith("public, max-age=60, stale-while-revalidate=")
    assert answer.headers["Last-Modified"] == "Sun, 01 Mar 2026 13:00:00 GMT"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(("sequence", "body"), [(1, SMALL), (2, LARGE)])
def test_every_sequence_has_an_address_that_never_changes(
    published: Client, sequence: int, body: bytes
) -> None:
    answer = published.get(f"/lists/alpha/1/{sequence}/list.jws")
    assert answer.data == body
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path", ["/lists/alpha/1/3/list.jws", "/lists/alpha/2/list.jws", "/issuers/x/statement.jws", "/"]
)
def test_other_addresses_fall_through_to_the_application(published: Client, path: str) -> None:
    assert published.get(path).status_code == 418


@pytest.mark.parametrize("body", [SMALL, LARGE, HUGE])
def test_ready_gzip_is_sent_to_those_who_accept_it_under_a_tag_of_its_own(
    store: EditionStore, client: Client, body: bytes
) -> None:
    store.apply(edition(1, list_document(1, body)))
    packed = client.get(LIST, headers={"Accept-Encoding": "br, gzip;q=0.8"})
    plain = client.get(LIST)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == body
    assert int(packed.headers["Content-Length"]) == len(packed.data) < int(plain.headers["Content-Length"])
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["ETag"].startswith('"'), "a strong tag"


@pytest.mark.parametrize("accept", ["", "br", "gzip;q=0", "identity", "gzip;q=x", "*;q=0"])
def test_those_who_do_not_accept_gzip_get_the_plain_body(published: Client, accept: str) -> None:
    answer = published.get(LIST, headers={"Accept-Encoding": accept})
    assert "Content-Encoding" not in answer.headers
    assert answer.data == LARGE


def test_a_body_that_does_not_shrink_is_sent_plain(store: EditionStore, client: Client) -> None:
    store.apply(edition(1, list_document(1, b"ok")))
    answer = client.get(LIST, headers={"Accept-Encoding": "gzip"})
    assert (answer.data, answer.headers.get("Content-Encoding")) == (b"ok", None)


@pytest.mark.parametrize("accept", ["", "gzip"])
@pytest.mark.parametrize("named", ["{tag}", "W/{tag}", '"x", {tag}', "*"])
def test_a_known_document_is_not_sent_again(published: Client, accept: str, named: str) -> None:
    first = published.get(LIST, headers={"Accept-Encoding": accept})
    condition = named.format(tag=first.headers["ETag"])
    again = published.get(LIST, headers={"Accept-Encoding": accept, "If-None-Match": condition})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Length" not in again.headers


def test_a_tag_of_the_compressed_form_is_no_use_to_those_who_cannot_read_it(published: Client) -> None:
    packed = published.get(LIST, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert published.get(LIST, headers={"If-None-Match": packed}).status_code == 200


@pytest.mark.parametrize("named", ['"x"', "", '"', LIST, "W/*"])
def test_any_other_condition_gets_the_document(published: Client, named: str) -> None:
    answer = published.get(LIST, headers={"If-None-Match": named})
    assert (answer.status_code, answer.data) == (200, LARGE)


def test_a_replaced_document_is_sent_to_those_who_know_the_one_before(
    store: EditionStore, published: Client
) -> None:
    tag = published.get(LIST).headers["ETag"]
    store.apply(edition(3, list_document(3, b"third")))
    assert published.get(LIST, headers={"If-None-Match": tag}).data == b"third"


@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip"}])
def test_head_gives_the_headers_of_get_and_no_body(published: Client, headers: dict[str, str]) -> None:
    head, get = published.head(LIST, headers=headers), published.get(LIST, headers=headers)
    assert head.status_code == 200
    assert head.data == b""
    assert dict(head.headers) == dict(get.headers)


def test_any_page_may_ask_before_it_reads(published: Client) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    answer = published.options(LIST, headers=asked)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_published_documents_can_only_be_read(published: Client, method: str) -> None:
    answer = published.open(LIST, method=method)
    assert problem(answer)["status"] == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def wire(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(("minutes", "sequence"), [(0, 1), (59, 1), (60, 2), (6000, 2)])
def test_a_known_instant_leads_to_the_document_of_that_moment(
    published: Client, minutes: int, sequence: int
) -> None:
    known = wire(START + timedelta(minutes=minutes))
    answer = published.get(f"{LIST}?known={known}")
    assert answer.status_code == 307
    assert answer.headers["Location"] == f"/lists/alpha/1/{sequence}/list.jws"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_nothing_was_published_before_the_first_sequence(published: Client) -> None:
    problem_told = problem(published.get(f"{LIST}?known={wire(START - timedelta(seconds=1))}"))
    assert problem_told["status"] == 404


@pytest.mark.parametrize(
    "query",
    [
        "known=",
        "known=yesterday",
        "known=2026-03-01",
        "known=2026-02-30T00:00:00Z",
        "known=2026-03-01T12:00:00%2B01:00",
        "known=2026-03-01T12:00:00Z&known=2026-03-01T13:00:00Z",
        "known=2126-03-01T12:00:00Z",
        "at=2026-03-01T12:00:00Z",
        "at=2026-03-01T12:00:00Z&known=2026-03-01T12:00:00Z",
        "at",
    ],
)
def test_an_instant_that_cannot_be_answered_is_refused_with_a_reason(published: Client, query: str) -> None:
    told = problem(published.get(f"{LIST}?{query}"))
    assert told["status"] == 400
    assert told["instance"] == LIST
    assert len(str(told["detail"])) > 20


def test_a_permanent_address_has_no_other_moments(published: Client) -> None:
    assert problem(published.get(f"/lists/alpha/1/1/list.jws?known={wire(START)}"))["status"] == 400


def test_other_parameters_are_ignored(published: Client) -> None:
    assert published.get(f"{LIST}?cache-buster=1").data == LARGE


def test_statements_are_served_like_lists(published: Client) -> None:
    expected = statement(1)
    assert published.get(expected.path).data == published.get(expected.permanent_path).data == expected.body
    assert published.get(f"/issuers/{issuer_id(1)}/2/statement.jws").status_code == 418


def test_files_without_a_sequence_are_replaced_in_place(store: EditionStore, published: Client) -> None:
    path = "/schemes/alpha/certificate.pem"
    for number, body in ((3, b"old"), (4, b"new")):
        store.apply(edition(number, files=(PlainFile(path, "application/x-pem-file", body),)))
    assert published.get(path).data == b"new"
    assert problem(published.get(f"{path}?known={wire(START)}"))["status"] == 400


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for a new store, and give up on a database, at once."""
    monkeypatch.setattr("registry.editions.readers.HOLD_SECONDS", 0)
    monkeypatch.setattr("registry.editions.probes.TIMEOUT_SECONDS", 0.01)


@pytest.mark.usefixtures("impatient")
def test_without_a_store_everything_falls_through_until_one_appears(tmp_path: Path) -> None:
    client = Client(EditionMiddleware(behind, tmp_path / "later", lambda: True))
    assert client.get(LIST).status_code == 418
    assert client.get("/healthz").status_code == 503
    with EditionStore(tmp_path / "later") as store:
        store.apply(edition(1, list_document(1, SMALL)))
        assert client.get(LIST).data == SMALL


@pytest.mark.usefixtures("impatient")
def test_a_store_put_in_the_place_of_another_is_noticed(tmp_path: Path) -> None:
    client = Client(EditionMiddleware(behind, tmp_path / "served", lambda: True))
    for name, body in (("served", b"old"), ("restored", b"new")):
        with EditionStore(tmp_path / name) as store:
            store.apply(edition(1, list_document(1, body)))
    assert client.get(LIST).data == b"old"
    (tmp_path / "restored" / "editions.sqlite").rename(tmp_path / "served" / "editions.sqlite")
    assert client.get(LIST).data == b"new"


def test_each_thread_reads_for_itself(published: Client) -> None:
    bodies: list[bytes] = []
    threads = [threading.Thread(target=lambda: bodies.append(published.get(LIST).data)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [LARGE] * 8


def test_health_is_good_as_soon_as_the_lists_are_out(store: EditionStore, client: Client) -> None:
    assert client.get("/healthz").status_code == 503
    store.apply(edition(1, list_document(1)))
    assert client.get("/healthz").status_code == 200


def raising() -> bool:
    raise RuntimeError("no database driver")


@pytest.mark.parametrize(
    ("database_up", "state"),
    [(lambda: True, "up"), (lambda: False, "down"), (raising, "down"), (None, "unknown")],
)
def test_readiness_tells_of_the_database_and_does_not_depend_on_it(
    published: Client, store, database_up, state
) -> None:
    client = Client(
        EditionMiddleware(behind, store.directory, database_up, now=lambda: START + timedelta(hours=2))
    )
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "database": state,
        "edition": 2,
        "published_at": "2026-03-01T13:00:00Z",
        "alarms": [],
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_alarms_stand_in_both_probes_and_fail_neither(store: EditionStore) -> None:
    setback = Rework("alpha", "tl_xml", "1", START, START, 2, "ValueError: no name")
    store.apply(edition(1, list_document(1), rework=(setback,)))
    client = Client(EditionMiddleware(behind, store.directory, now=lambda: START + timedelta(hours=18)))
    health, ready = client.get("/healthz"), client.get("/readyz")
    assert (health.status_code, ready.status_code) == (200, 200)
    assert health.text.splitlines() == [
        "ok",
        "alarm: alpha list_jws 1 since 2026-03-01T12:00:00Z: was not issued again in time",
        "alarm: alpha tl_xml 1 since 2026-03-01T12:00:00Z: cannot be built",
    ]
    assert len(ready.json["alarms"]) == 2


@pytest.mark.usefixtures("impatient")
def test_a_database_that_hangs_counts_as_down(published: Client, store: EditionStore) -> None:
    release = threading.Event()
    client = Client(EditionMiddleware(behind, store.directory, release.wait))
    try:
        assert client.get("/readyz").json["database"] == "down"
        assert published.get(LIST).status_code == 200
    finally:
        release.set()
