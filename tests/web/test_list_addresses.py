"""Every address of ours that stands in any published document opens: a page for people, or what it promises."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from registry.app import create_app
from registry.config import Settings
from registry.editions.wsgi import EditionMiddleware
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS
from registry.publishers.formats.jsonld import build_context
from registry.web.terms import REGISTRY_TERMS, SCHEME_TERMS
from registry.web.vocabulary import CLASSES, PROPERTIES
from web.signed_sample import SignedSample

from support.clock import Clock
from vectors.sample import ISSUED_AT, SCHEME

BASE = SCHEME.base_url
ADDRESS = re.compile(rb"https://registry\.example[^\s\"<>,'\\)|\x00-\x1f\x7f-\xff]*")
FRAGMENTS_OF_DATA = re.compile(r"(accreditation|AccreditAction|RevokeAction)-\d+")
"""Nodes of a graph that are told on the page of their issuer as a whole."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> SignedSample:
    return SignedSample(BASE, ISSUED_AT)


@pytest.fixture(scope="module")
def client(published: SignedSample, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The registry as it is served, with a write database that does not exist."""
    data = tmp_path_factory.mktemp("registry")
    settings = Settings(data=data, base_url=BASE, database_url=f"sqlite:///{data}/missing/never.sqlite")
    published.publish(settings.editions)
    app = create_app(settings, clock=Clock())
    return Client(EditionMiddleware(app.wsgi_app, settings.editions))


def get(client: Client, address: str) -> TestResponse:
    return client.get(address.removeprefix(BASE) or "/", base_url=BASE, follow_redirects=True)


def readable(body: bytes, media_type: str) -> Iterator[bytes]:
    """What a document says, without the armour of its signature."""
    if media_type.startswith("application/jose"):
        for part in body.split(b".")[:2]:
            yield base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    elif media_type == "application/cbor":
        import cbor2

        yield from texts(cbor2.loads(cbor2.loads(body)[2]))
    else:
        yield body


def texts(value: Any) -> Iterator[bytes]:
    if isinstance(value, str):
        yield value.encode()
    elif isinstance(value, dict):
        for pair in value.items():
            yield from texts(list(pair))
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def addresses(published: SignedSample) -> dict[str, set[str]]:
    """Return every address of ours in any document, with the formats that name it."""
    found: dict[str, set[str]] = {}
    for document, beside in published.documents():
        for body, media_type in [(document.body, document.media_type)] + [
            (f.body, f.media_type) for f in beside
        ]:
            for said in readable(body, media_type):
                for address in ADDRESS.findall(said):
                    found.setdefault(address.decode(), set()).add(document.format_id)
    return found


def test_every_address_of_ours_in_any_document_opens(published: SignedSample, client: Client) -> None:
    found = addresses(published)
    told = {format_id for formats in found.values() for format_id in formats}
    assert told >= (PUBLISHERS.keys() - {"dcc_registry"}) | LISTS_OF_LISTS.keys() | {"statement"}
    promised = {BASE + d.path: d.media_type for d, _ in published.documents()}
    promised |= {BASE + f.path: f.media_type for _, beside in published.documents() for f in beside}
    wrong = {}
    for address, formats in sorted(found.items()):
        answer = get(client, address.partition("#")[0])
        expected = promised.get(
            address.replace(f"/1/{document_number(address)}/", "/1/"), "text/html; charset=utf-8"
        )
        if (answer.status_code, answer.headers["Content-Type"]) != (200, expected):
            wrong[address] = (formats, answer.status, answer.headers["Content-Type"])
    assert not wrong


def document_number(address: str) -> str:
    """The sequence number in a permanent address; one that no address has where there is none."""
    match = re.search(r"/1/(\d+)/[^/]+$", address)
    return match[1] if match else "none"


def test_every_fragment_of_ours_has_its_place_on_the_page(published: SignedSample, client: Client) -> None:
    named = [address for address in addresses(published) if "#" in address]
    assert f"{BASE}/vocabulary#" in named
    for address in named:
        page, _, fragment = address.partition("#")
        if fragment and not FRAGMENTS_OF_DATA.fullmatch(fragment):
            assert f'id="{fragment}"' in get(client, page).text, address


def test_every_word_of_our_linked_data_is_explained(client: Client) -> None:
    context = build_context(BASE)
    iris = {value["@id"] if isinstance(value, dict) else value for value in context.values()}
    words = {iri.partition(":")[2] for iri in iris if str(iri).startswith("reg:")}
    assert words == CLASSES.keys() | PROPERTIES.keys()
    page = get(client, f"{BASE}/vocabulary").text
    assert all(f'id="{word}"' in page for word in words)


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("path", [*SCHEME_TERMS, "credential-type/micro-credential", "participants/2"])
def test_every_term_of_a_scheme_has_a_page_of_its_own(client: Client, path: str, language: str) -> None:
    answer = get(client, f"{BASE}/{language}/schemes/{SCHEME.slug}/{path}")
    assert answer.status_code == 200
    assert f"{BASE}/schemes/{SCHEME.slug}/{path}" in answer.text


@pytest.mark.parametrize("path", REGISTRY_TERMS)
def test_every_term_of_the_registry_has_a_page_of_its_own(client: Client, path: str) -> None:
    assert get(client, f"{BASE}/schemes/registry/{path}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"{SCHEME.slug}/svc-type/qualified",
        f"{SCHEME.slug}/list-type/nothing",
        f"{SCHEME.slug}/credential-type/diploma",
        f"{SCHEME.slug}/participants/x",
        "registry/svc-type/microcredential-issuance",
        "nobody/policy",
    ],
)
def test_a_term_that_no_list_can_name_is_not_found(client: Client, path: str) -> None:
    assert get(client, f"{BASE}/en/schemes/{path}").status_code == 404


def test_the_certificates_of_the_whole_registry_can_be_pinned(client: Client) -> None:
    answer = get(client, f"{BASE}/schemes/registry/certificates.pem")
    assert answer.text.startswith("-----BEGIN CERTIFICATE-----")
    page = get(client, f"{BASE}/en/schemes/registry").text
    assert "Invented Registry Office" in page
    assert "/schemes/registry/certificates.pem" in page


def test_the_page_of_the_registry_says_so_before_it_has_lists(tmp_path: Any) -> None:
    from web.published_sample import publish_sample

    settings = Settings(data=tmp_path)
    publish_sample(settings.editions)
    bare = create_app(settings, clock=Clock()).test_client()
    assert "No list of the whole registry has been published yet." in bare.get("/en/schemes/registry").text
    assert bare.get("/schemes/registry/certificates.pem").status_code == 404


def test_an_issuer_named_by_its_id_leads_to_its_page(client: Client) -> None:
    issuer = "00000000-0000-4000-8000-000000000001"
    answer = client.get(f"/en/issuers/{issuer}", base_url=BASE)
    assert answer.headers["Location"] == "/en/issuers/invented-college-1"


def test_the_page_of_lists_leads_to_the_files_beside_a_document(client: Client) -> None:
    page = get(client, f"{BASE}/en/lists").text
    for path in ("registry/1/lotl.sha2", f"{SCHEME.slug}/1/tl.sha2", f"{SCHEME.slug}/1/context.jsonld"):
        assert f'<a href="/lists/{path}">' in page
        assert get(client, f"{BASE}/lists/{path}").status_code == 200
    assert get(client, f"{BASE}/registry.json").status_code == 200
