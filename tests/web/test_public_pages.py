"""Public pages: readable by everybody in both languages, from the edition alone, without a foreign host."""

import json
from datetime import timedelta
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from registry.app import create_app
from registry.config import Settings
from registry.editions import EditionChange, EditionStore, SchemeRecord
from registry.policy_files import available
from registry.publishers.losses import loss_report
from registry.web.formats import format_text
from registry.web.i18n import CATALOGUES
from registry.web.verifiers import SETTINGS, SNIPPETS
from web.published_sample import FILES, OTHER_SLUG, document, publish_sample, scheme_wire

from support.clock import Clock
from vectors import sample

ESG = "esg-part1-microcredential-issuer"
SCHEME = "invented-board-short-courses"
PAGES = (
    "/",
    "/issuers",
    "/issuers?q=lodz",
    "/issuers?q=nobody-at-all",
    "/issuers?status=withdrawn&page=1",
    "/issuers/invented-college-1",
    "/issuers/invented-college-2",
    "/issuers/invented-college-14",
    "/issuers/invented-college-22",
    "/issuers/invented-college-6?at=2026-03-01",
    "/issuers/invented-college-21?known=2026-04-01",
    "/decisions/decision-1",
    "/decisions/decision-56",
    "/lists",
    f"/lists?scheme={SCHEME}",
    "/lists/losses",
    "/lists/formats/tl_xml",
    "/lists/formats/csv",
    "/lists/formats/statement",
    "/vocabulary",
    "/status",
    "/schemes/registry",
    "/schemes/registry/rules",
    f"/schemes/{SCHEME}/svc-type/microcredential-issuance",
    f"/schemes/{SCHEME}/list-type/anchors",
    f"/verifiers?scheme={SCHEME}",
    "/policies",
    f"/policies/{ESG}",
    f"/policies/{ESG}/self-check",
    f"/policies/{ESG}/self-check?A1=met&A2=not_met",
    "/status/active-with-conditions",
    f"/schemes/{SCHEME}",
    f"/schemes/{SCHEME}/policy",
    "/check",
    "/check?who=invented-college-6&awarded=2026-03-01&field=0613&type=micro_credential&country=PL&level=5&ects=5",
    "/check?who=College&awarded=2026-03-01",
    "/check?who=nobody&awarded=2026-03-01",
    "/about",
    "/accessibility",
    "/verifiers",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application over a published edition, with a write database that does not exist."""
    data = tmp_path_factory.mktemp("registry")
    settings = Settings(data=data, database_url=f"sqlite:///{data}/missing/never.sqlite")
    publish_sample(settings.editions)
    return create_app(settings, clock=Clock())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


class Page(HTMLParser):
    """What a page holds, as far as these tests ask."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data):
        self.text.append(data)

    def all(self, *tags):
        return [attrs for tag, attrs in self.elements if tag in tags]

    def ids(self):
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]

    def words(self):
        return " ".join(" ".join(self.text).replace("\N{NO-BREAK SPACE}", " ").split())


def get(client, path, status=200, **more):
    response = client.get(path, **more)
    assert response.status_code == status, response.text[:2000]
    return Page(response.text)


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_in_its_language_without_a_database(client, path, language):
    response = client.get(f"/{language}{path}")
    assert response.status_code == 200
    assert response.headers["Content-Language"] == language
    page = Page(response.text)
    assert page.all("html")[0]["lang"] == language
    assert len(page.all("h1")) == 1
    assert page.all("title")
    assert page.all("main")[0]["id"] == "main"


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_loads_anything_from_another_host(client, path, language):
    page = get(client, f"/{language}{path}")
    loaded = [
        attrs[name]
        for _, attrs in page.elements
        for name in ("src", "srcset", "action", "data")
        if name in attrs
    ]
    loaded += [attrs["href"] for attrs in page.all("link")]
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded), loaded
    assert not [attrs for _, attrs in page.elements if "style" in attrs]
    assert all("src" in attrs for attrs in page.all("script"))


@pytest.mark.parametrize("path", PAGES)
def test_no_english_sentence_is_left_on_a_polish_page(client, path):
    page = client.get(f"/pl{path}").text
    for catalogue in sorted((CATALOGUES / "pl").glob("*.po")):
        with catalogue.open("rb") as file:
            for message in read_po(file, locale="pl"):
                sentence = message.id if isinstance(message.id, str) else ""
                if len(sentence) > 14 and "%" not in sentence and sentence != message.string:
                    assert str(escape(sentence, quote=False)) not in page, sentence


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("path", PAGES)
def test_every_field_has_a_label_and_every_reference_a_target(client, path, language):
    page = get(client, f"/{language}{path}")
    ids = page.ids()
    assert len(ids) == len(set(ids))
    labelled = {attrs["for"] for attrs in page.all("label")}
    fields = [a for a in page.all("input", "select", "textarea") if a.get("type") not in {"hidden", "submit"}]
    assert all(attrs["id"] in labelled for attrs in fields)
    for name in ("aria-describedby", "aria-labelledby"):
        for _, attrs in page.elements:
            assert set(attrs.get(name, "").split()) <= set(ids)


@pytest.mark.parametrize("path", PAGES)
def test_the_language_switch_leads_to_the_same_page(client, path):
    page = get(client, f"/en{path}")
    switch = next(a["href"] for a in page.all("a") if a.get("hreflang") == "pl")
    assert switch == f"/pl{path}"
    get(client, switch)


@pytest.mark.parametrize("query", ["lodz", "ŁÓDŹ", "zmyslona uczelnia miar", "did:web:college-2.example"])
def test_search_does_not_mind_accents_and_takes_identifiers(client, query):
    assert "found" in get(client, f"/en/issuers?q={quote(query)}").words()
    assert "No issuer matches" not in get(client, f"/en/issuers?q={quote(query)}").words()


@pytest.mark.parametrize(
    "address",
    [
        "https://college-7.example",
        "http://www.college-7.example/",
        "https://college-7.example/courses?id=1#top",
    ],
)
def test_a_web_address_finds_the_issuer_at_that_host(client, address):
    page = get(client, f"/en/issuers?q={quote(address)}")
    assert "1 issuer found" in page.words()
    assert "/en/issuers/invented-college-7" in {a["href"] for a in page.all("a")}


@pytest.mark.parametrize(
    "address",
    ["https://żółw.example/about", "www.żółw.example", "http://www.ŻÓŁW.example", "xn--w-uga1v8h.example"],
)
def test_the_address_of_a_website_finds_its_issuer(client, address):
    page = get(client, f"/en/issuers?q={quote(address)}")
    assert "1 issuer found" in page.words()
    assert "/en/issuers/invented-college-4" in {a["href"] for a in page.all("a")}


def test_keys_are_shown_as_they_stood_on_the_day_asked_for(client):
    before = get(client, "/en/issuers/invented-college-14?at=2026-04-01").words()
    after = get(client, "/en/issuers/invented-college-14").words()
    assert "Compromised" not in before
    assert "Compromised from 2 May 2026" in after
    assert "Not in use in use from 2 May 2026" in before


def test_filters_are_counted_and_kept_in_the_address(client):
    page = get(client, "/en/issuers?status=withdrawn&q=invented")
    assert "2 issuers found" in page.words()
    assert [a["value"] for a in page.all("input") if "checked" in a] == ["withdrawn"]
    assert any(a["href"] == "/en/issuers?q=invented" for a in page.all("a") if a.get("class") == "tag")


@pytest.mark.parametrize(
    "query", ["_scheme=javascript&_external=1", "lang=xx", "slug=x&endpoint=y", "field=99&level=x"]
)
def test_strange_arguments_change_no_address(client, query):
    page = get(client, f"/en/issuers?{query}")
    assert all(a["href"].startswith("/") for a in page.all("a") if a["href"] != "#main")


def test_what_was_typed_comes_back_as_text(client):
    response = client.get("/en/issuers?q=" + quote('"><script>alert(1)</script>'))
    assert "<script>alert" not in response.text


def test_nothing_found_says_why_and_what_next(client):
    words = get(client, "/en/issuers?q=did:web:nobody.example").words()
    assert "No listed issuer has exactly this identifier" in words
    assert "Some issuers may match your words" in get(client, "/en/issuers?q=college&country=DE").words()


def test_status_since_and_meaning_stand_on_the_issuer_page(client):
    words = get(client, "/en/issuers/invented-college-6").words()
    assert "Withdrawn since 12 May 2026" in words
    assert "Reason: Serious breach" in words
    assert "Uznanie cofnięte od 12 maja 2026" in get(client, "/pl/issuers/invented-college-6").words()


def test_what_the_registry_verified_stands_apart_from_what_the_issuer_says(client):
    html = client.get("/en/issuers/invented-college-1").text
    verified, stated = (
        html.index("Verified by the registry"),
        html.index("Stated by the issuer, not verified"),
    )
    assert verified < html.index("PL1234563218") < stated < html.index("https://college-1.example/")


def test_an_issuer_page_shows_another_day(client):
    assert (
        "Recognized since 1 February 2026"
        in get(client, "/en/issuers/invented-college-6?at=2026-03-01").words()
    )
    pending = get(client, "/en/issuers/invented-college-6?at=2026-01-01").words()
    assert "Recognized from a later date" in pending


def test_an_issuer_page_shows_what_was_known_on_another_day(client):
    corrected = "/en/issuers/invented-college-21?at=2026-06-01"
    assert "Recognized since" in get(client, corrected).words()
    before = get(client, "/en/issuers/invented-college-21?known=2026-01-01").words()
    assert "nothing had been published about this issuer" in before


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01", "99999-01-01"])
def test_a_moment_that_is_no_date_is_refused_with_the_way_out(client, value):
    words = get(client, f"/en/issuers/invented-college-1?at={value}", status=422).words()
    assert f"“{value}” is not a date" in words


def test_all_listings_of_an_institution_stand_on_one_page(client):
    page = get(client, "/en/issuers/invented-college-2")
    assert {f"/en/schemes/{SCHEME}", f"/en/schemes/{OTHER_SLUG}"} <= {a["href"] for a in page.all("a")}


def test_a_former_address_leads_to_the_present_one(client):
    response = client.get("/pl/issuers/weights-and-measures?at=2026-03-01")
    assert response.status_code == 301
    assert response.location == "/pl/issuers/invented-college-1?at=2026-03-01"


@pytest.mark.parametrize(
    "path",
    ["/issuers/nobody", "/decisions/decision-2", "/status/granted", "/schemes/nobody", "/policies/nobody"],
)
def test_what_is_not_there_is_not_found_in_both_languages(client, path):
    assert "Page not found" in get(client, f"/en{path}", status=404).words()
    assert "Nie znaleziono strony" in get(client, f"/pl{path}", status=404).words()


def test_the_report_stands_on_the_issuer_page(client):
    page = get(client, "/en/issuers/invented-college-1")
    words, addresses = page.words(), {a["href"] for a in page.all("a")}
    assert "Did the committee follow the proposal? No" in words
    assert "in favour: 4, against: 1, abstained: 0" in words
    assert "Fully there" in words
    assert "W całości" in get(client, "/pl/issuers/invented-college-1").words()
    assert {"/en/decisions/decision-1", "/decisions/decision-1.json"} <= addresses
    assert "Report" not in get(client, "/en/issuers/invented-college-14").words()


def test_a_decision_has_a_page_with_its_grounds_and_leads_to_the_issuer(client):
    page = get(client, "/en/decisions/decision-56")
    assert "Proposed in the hearing Withdraw Serious breach" in page.words()
    assert "Did the committee follow the proposal? Yes" in page.words()
    assert "No ratings are published" in page.words()
    assert "/en/issuers/invented-college-6" in {a["href"] for a in page.all("a")}
    assert "/en/decisions/decision-56" in client.get("/en/issuers/invented-college-6").text


def test_a_decision_names_the_rule_and_links_each_criterion_to_its_policy(client):
    page = get(client, "/en/decisions/decision-1")
    policy = available()["eu-microcredential-recommendation-2022", "1.0.0"].policy
    assert policy.decision.rules[0].because["en"] in page.words()
    first = policy.criteria[0].id
    links = [a["href"] for a in page.all("a") if a["href"].endswith(f"#{first}")]
    assert len(links) == 1
    assert first in get(client, links[0].partition("#")[0]).ids()


def test_a_decision_is_not_known_before_it_was_released(client):
    get(client, "/en/decisions/decision-1?known=2026-01-31", status=404)
    get(client, "/en/decisions/decision-1?known=2026-02-02")


def test_a_decision_is_json_for_programs(client):
    answer = client.get("/en/decisions/decision-1", headers={"Accept": "application/json"})
    assert answer.json["votes"]["in_favour"] == 4


@pytest.mark.parametrize("how", [{"path": ".json"}, {"accept": "application/json"}])
def test_an_issuer_page_has_a_twin_in_json(client, how):
    path = "/en/issuers/invented-college-6" + how.get("path", "") + "?at=2026-03-01"
    response = client.get(path, headers={"Accept": how["accept"]} if "accept" in how else {})
    (listing,) = json.loads(response.data)["listings"]
    assert (listing["status"], listing["since"]) == ("active", "2026-02-01T12:00:00Z")
    assert listing["statement"] == "/issuers/00000000-0000-4000-8000-000000000006/statement.jws"


def test_the_json_twin_keeps_to_what_was_known(client):
    listings = client.get("/en/issuers/invented-college-6.json?known=2026-03-01").json["listings"]
    assert listings[0]["status"] == "active"
    assert [event["number"] for event in listings[0]["entry"]["events"]] == [6]


def test_the_lists_page_names_every_list_with_what_verifies_it(client):
    page = get(client, "/en/lists")
    addresses = {a["href"] for a in page.all("a")}
    for file in ("list.jws", "list.csv", "list.ndjson", "lote-anchors.json", "lote-register.json"):
        assert f"/lists/{SCHEME}/1/{file}" in addresses
        assert f"/lists/{SCHEME}/1/1/{file}" in addresses
    words = page.words()
    assert f"registry verify http://127.0.0.1:8000/lists/{SCHEME}/1/list.jws --trust" in words
    assert f"curl -s http://127.0.0.1:8000/lists/{SCHEME}/1/1/list.csv | sha256sum" in words


def test_the_signing_certificates_of_a_scheme_can_be_pinned(client):
    response = client.get(f"/schemes/{SCHEME}/certificates.pem")
    assert response.text.startswith("-----BEGIN CERTIFICATE-----")
    assert response.headers["Content-Disposition"].endswith(f'"{SCHEME}.pem"')
    assert client.get("/schemes/nobody/certificates.pem").status_code == 404
    assert f"/schemes/{SCHEME}/certificates.pem" in client.get(f"/en/schemes/{SCHEME}").text


@pytest.mark.parametrize(
    "path", ["/status/active", f"/schemes/{SCHEME}", f"/schemes/{SCHEME}/policy", "/issuers", "/check?who=x"]
)
def test_addresses_without_a_language_lead_to_the_readers(client, path):
    response = client.get(path, headers={"Accept-Language": "pl"})
    assert response.status_code == 302
    assert response.location == f"/pl{path}"
    assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize(
    "status",
    [
        "pending-effective",
        "active",
        "active-with-conditions",
        "suspended",
        "withdrawn",
        "expired",
        "relinquished",
        "superseded",
        "void",
    ],
)
def test_every_status_uri_opens_a_page(client, status):
    assert get(client, f"/en/status/{status}").all("h1")


def test_the_demo_says_so_on_every_page(app, client):
    assert "Demonstration." not in get(client, "/en/").words()
    app.config["DEMO"] = True
    try:
        assert "Demonstration." in get(client, "/en/about").words()
        assert "Wersja pokazowa." in get(client, "/pl/nowhere", status=404).words()
    finally:
        app.config["DEMO"] = False


def test_before_anything_is_published_pages_say_so(tmp_path):
    empty = create_app(Settings(data=tmp_path), clock=Clock()).test_client()
    assert "Nothing has been published here yet." in get(empty, "/en/issuers", status=503).words()


def test_the_lists_page_leads_to_each_format_and_its_losses(client):
    page = get(client, "/en/lists")
    addresses = {a["href"] for a in page.all("a")}
    for format_id in ("native_json", "lote_anchors", "lote_register", "csv", "ndjson"):
        assert f"/en/lists/formats/{format_id}" in addresses
        assert f"/en/lists/losses#{format_id}" in addresses
    alternates = {a["href"] for a in page.all("link") if a.get("type") == "application/json"}
    assert alternates == {"/lists/index.json"}


def test_the_lists_page_narrows_to_one_scheme(client):
    page = get(client, f"/en/lists?scheme={OTHER_SLUG}")
    addresses = {a["href"] for a in page.all("a")}
    assert f"/lists/{OTHER_SLUG}/1/list.jws" in addresses
    assert f"/lists/{SCHEME}/1/list.jws" not in addresses
    get(client, "/en/lists?scheme=nobody", status=404)


def test_with_many_schemes_the_lists_page_asks_for_one(tmp_path):
    schemes = tuple(
        SchemeRecord(f"scheme-{n}", scheme_wire(f"scheme-{n}", f"Scheme {n}", f"Program {n}"))
        for n in range(1, 41)
    )
    documents = tuple(document(scheme.slug, *file) for scheme in schemes for file in FILES)
    settings = Settings(data=tmp_path)
    with EditionStore(settings.editions, settings.base_url) as store:
        store.apply(EditionChange(1, sample.ISSUED_AT, documents, schemes=schemes))
    many = create_app(settings, clock=Clock()).test_client()
    page = get(many, "/en/lists")
    assert "Choose one above to see its lists" in page.words()
    assert not page.all("details")
    assert "/en/lists?scheme=scheme-40" in {a["href"] for a in page.all("a")}
    chosen = get(many, "/en/lists?scheme=scheme-40")
    assert len(chosen.all("details")) == len(FILES)


def test_the_parts_of_a_long_list_stand_under_its_format(tmp_path):
    scheme = SchemeRecord(SCHEME, scheme_wire(SCHEME, "Scheme", "Program"))
    documents = tuple(document(SCHEME, *FILES[0], shard=shard) for shard in range(1, 12))
    settings = Settings(data=tmp_path)
    with EditionStore(settings.editions, settings.base_url) as store:
        store.apply(EditionChange(1, sample.ISSUED_AT, documents, schemes=(scheme,)))
    page = get(create_app(settings, clock=Clock()).test_client(), "/en/lists")
    assert len(page.all("details")) == 1
    assert "11 parts" in page.words()
    places = [page.words().index(f"/lists/{SCHEME}/{shard}/list.jws Copy") for shard in range(1, 12)]
    assert places == sorted(places)


def test_a_list_that_was_not_renewed_in_time_is_said_to_be_overdue(tmp_path):
    settings = Settings(data=tmp_path)
    publish_sample(settings.editions)
    late = Clock(sample.ISSUED_AT + timedelta(days=2))
    words = get(create_app(settings, clock=late).test_client(), "/en/lists").words()
    assert (
        words.count("overdue") == 4
    )  # in head and facts of the anchors, which live one day, of both schemes


@pytest.mark.parametrize("language", ["en", "pl"])
def test_the_page_of_losses_says_what_the_report_says(client, language):
    page = get(client, f"/{language}/lists/losses")
    words = page.words()
    for one in loss_report():
        assert one.format_id in page.ids()
        for loss in one.losses:
            assert loss.what[language] in words
            assert loss.why[language] in words
    assert "/lists/losses.json" in {a["href"] for a in page.all("link")}


def test_the_losses_are_json_for_programs(client):
    answer = client.get("/lists/losses.json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    told = {one["format"]: one for one in answer.json["formats"]}
    assert told.keys() == {one.format_id for one in loss_report()}
    assert told["native_json"]["losses"] == []
    assert set(told["csv"]["losses"][0]["what"]) == {"en", "pl"}
    assert (
        client.get("/", headers={"Accept": "application/json"}).json["losses"].endswith("/lists/losses.json")
    )


@pytest.mark.parametrize("format_id", [one.format_id for one in loss_report()])
def test_every_format_has_a_page(client, format_id):
    page = get(client, f"/en/lists/formats/{format_id}")
    assert f"docs/formats/{format_id}.md" in page.words()
    assert page.all("pre")
    assert format_text(format_id).purpose["en"] in page.words()
    assert format_text(format_id).purpose["pl"] in get(client, f"/pl/lists/formats/{format_id}").words()


def test_a_format_that_nobody_publishes_has_no_page(client):
    get(client, "/en/lists/formats/pdf", status=404)


def test_the_settings_are_those_of_the_scheme_asked_for(client):
    base = "http://127.0.0.1:8000"
    for slug in (SCHEME, OTHER_SLUG):
        words = get(client, f"/en/verifiers?scheme={slug}").words()
        assert words.count(f'"{base}/schemes/{slug}/svc-type/microcredential-issuance"') == len(SETTINGS)
        assert f"{base}/lists/{slug}/1/tl.xml" in words
        assert f'"{base}/status/active-with-conditions"' in words
    get(client, "/en/verifiers?scheme=nobody", status=404)


def test_snippets_come_as_plain_text(client):
    for one in (*SNIPPETS, *SETTINGS):
        answer = client.get(f"/clients/{SCHEME}/{one.file}")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert "{{" not in answer.text
        assert "{%" not in answer.text
    assert client.get(f"/clients/{SCHEME}/nothing.py").status_code == 404
    assert client.get("/clients/nobody/verify_list.py").status_code == 404
    assert client.get("/clients/registry/verify_list.py").status_code == 200
    assert client.get("/clients/registry/openvc_anchors.py").status_code == 404


@pytest.mark.parametrize("path", ["/lists/losses", "/lists/formats/csv", "/status", "/vocabulary"])
def test_new_addresses_without_a_language_lead_to_the_readers(client, path):
    response = client.get(path, headers={"Accept-Language": "pl"})
    assert (response.status_code, response.location) == (302, f"/pl{path}")


@pytest.mark.parametrize("path", ["/", "/about", "/issuers"])
def test_the_lists_are_one_step_away_from_every_page(client, path):
    assert "/en/lists" in {a["href"] for a in get(client, f"/en{path}").all("a")}
