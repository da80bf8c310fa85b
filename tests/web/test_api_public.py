"""Public resources: issuers, lists and schemes, read without a key and without the write database."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.app import create_app
from registry.config import Settings
from web.published_sample import publish_sample

from support.clock import Clock
from vectors import sample


@pytest.fixture
def public(settings: Settings, clock: Clock) -> FlaskClient:
    """A reader of a published edition; the write database is out of reach."""
    publish_sample(settings.editions)
    down = replace(settings, database_url="postgresql://nobody@127.0.0.1:9/nothing")
    return create_app(down, clock=clock).test_client()


def get(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def test_pages_of_issuers_neither_overlap_nor_leave_gaps(public: FlaskClient) -> None:
    total = get(public, "/api/v1/issuers")["total"]
    seen: list[str] = []
    path: str | None = "/api/v1/issuers?page_size=7"
    while path:
        answer = public.get(path)
        seen += [item["id"] for item in answer.get_json()["items"]]
        links = re.findall(r'<https?://[^/]+([^>]+)>; rel="(\w+)"', answer.headers["Link"])
        path = next((address for address, rel in links if rel == "next"), None)
    assert len(seen) == total
    assert max(Counter(seen).values()) == 1


def test_links_name_the_public_address_and_keep_the_query(public: FlaskClient) -> None:
    link = public.get("/api/v1/issuers?q=a%20b&country=PL&page_size=1").headers["Link"]
    assert '<http://127.0.0.1:8000/api/v1/issuers?q=a+b&country=PL&page_size=1&page=1>; rel="first"' in link


def test_an_identifier_finds_its_issuer_in_this_very_spelling(public: FlaskClient) -> None:
    did = next(i for i in get(public, "/api/v1/issuers")["items"] if i["identities"])["identities"][0][
        "value"
    ]
    found = get(public, f"/api/v1/issuers?identifier={did}")
    assert found["total"] >= 1
    for item in found["items"]:
        assert did in {identity["value"] for identity in item["identities"]}
    assert get(public, "/api/v1/issuers?identifier=did:web:nobody.example")["total"] == 0


def test_filters_narrow_and_their_values_widen(public: FlaskClient) -> None:
    counts = {
        status: get(public, f"/api/v1/issuers?status={status}")["total"]
        for status in ("suspended", "withdrawn")
    }
    assert all(counts.values())
    both = get(public, "/api/v1/issuers?status=suspended,withdrawn")["total"]
    assert both == sum(counts.values())
    none = get(public, "/api/v1/issuers?status=suspended&scheme=nowhere")
    assert (none["total"], none["items"]) == (0, [])


def test_an_issuer_is_shown_with_its_statement_and_its_page(public: FlaskClient) -> None:
    item = get(public, "/api/v1/issuers?page_size=1")["items"][0]
    shown = get(public, f"/api/v1/issuers/{item['id']}")
    assert shown == item
    assert shown["statement"] == f"http://127.0.0.1:8000/issuers/{item['id']}/statement.jws"
    assert shown["page"] == f"http://127.0.0.1:8000/en/issuers/{item['slug']}"


def test_a_standing_is_answered_for_any_day_and_as_known_on_any_day(public: FlaskClient) -> None:
    withdrawn = get(public, "/api/v1/issuers?status=withdrawn")["items"][0]
    path = f"/api/v1/issuers/{withdrawn['id']}"
    granted = sample.GRANTED_AT.strftime("%Y-%m-%dT%H:%M:%SZ")
    then = get(public, f"{path}?at={granted}")
    assert then["status"] == "active"
    assert len(then["events"]) == len(withdrawn["events"])
    as_said = get(public, f"{path}?known={granted}")
    assert len(as_said["events"]) < len(withdrawn["events"])
    before = get(public, f"{path}?known=2020-01-01T00:00:00Z")
    assert (before["status"], before["events"]) == (None, [])


def test_the_calendar_ends_a_recognition_without_a_new_edition(public: FlaskClient, clock: Clock) -> None:
    running = next(
        item for item in get(public, "/api/v1/issuers?status=active")["items"] if item["valid_until"]
    )
    later = get(public, f"/api/v1/issuers/{running['id']}?at=2099-01-01T00:00:00Z")
    assert (later["status"], later["status_reason"]) == ("expired", "end_of_term")


@pytest.mark.parametrize("moment", ["yesterday", "2026-03-01", "2026-03-01T00:00:00"])
def test_an_instant_without_a_zone_is_refused(public: FlaskClient, moment: str) -> None:
    answer = public.get(f"/api/v1/issuers?at={moment}")
    assert answer.status_code == 422
    assert answer.get_json(force=True)["errors"][0]["field"] == "at"


def test_documents_are_listed_with_their_hash_and_both_addresses(public: FlaskClient) -> None:
    page = get(public, f"/api/v1/lists?format=csv&scheme={sample.SCHEME.slug}")
    [document] = page["items"]
    assert document["url"].endswith(f"/lists/{sample.SCHEME.slug}/1/list.csv")
    assert document["permanent_url"].endswith(f"/lists/{sample.SCHEME.slug}/1/1/list.csv")
    assert re.fullmatch("[0-9a-f]{64}", document["sha256"])
    assert document["issued_at"] < document["next_update"]


def test_schemes_are_listed(public: FlaskClient) -> None:
    slugs = {item["slug"] for item in get(public, "/api/v1/schemes")["items"]}
    assert sample.SCHEME.slug in slugs
