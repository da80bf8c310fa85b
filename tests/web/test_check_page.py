"""The check page gives four-valued answers with reasons, and says nothing of what was never listed."""

import pytest
from flask.testing import FlaskClient

from web.test_public_pages import app, get

__all__ = ["app"]
SCOPE = "field=0613&type=micro_credential&country=PL&level=5&ects=5"


@pytest.fixture
def client(app) -> FlaskClient:
    return app.test_client()


def ask(client, who, awarded, scope=SCOPE, **more):
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    response = client.get(
        f"/en/check?who={who}&awarded={awarded}&{scope}{extra}", headers={"Accept": "application/json"}
    )
    return response.json["answers"]


@pytest.mark.parametrize(
    ("who", "awarded", "verdict", "why"),
    [
        ("invented-college-1", "2026-06-01", "covered", "recognized"),
        ("invented-college-3", "2026-06-01", "covered", "recognized_with_conditions"),
        ("invented-college-6", "2026-03-01", "covered", "recognized"),
        ("invented-college-6", "2026-06-01", "withdrawn", "withdrawn"),
        ("invented-college-4", "2026-06-01", "withdrawn", "suspended"),
        ("invented-college-8", "2026-08-01", "withdrawn", "expired"),
        ("invented-college-11", "2026-03-01", "withdrawn", "void"),
        ("invented-college-1", "2026-01-01", "not_covered", "before_grant"),
        ("nobody-at-all", "2026-06-01", "unknown", "never_listed"),
    ],
)
def test_the_answer_follows_from_the_day(client, who, awarded, verdict, why):
    (answer,) = ask(client, who, awarded)
    assert (answer["verdict"], answer["why"]) == (verdict, why)


def test_a_question_outside_the_scope_is_told_where(client):
    (answer,) = ask(client, "invented-college-1", "2026-06-01", SCOPE.replace("PL", "DE"))
    assert (answer["verdict"], answer["outside"]) == ("not_covered", ["country"])


@pytest.mark.parametrize(("country", "outside"), [("pl", []), ("EL", ["country"]), ("uk", ["country"])])
def test_a_country_may_be_spelled_as_eu_institutions_do(client, country, outside):
    (answer,) = ask(client, "invented-college-1", "2026-06-01", SCOPE.replace("PL", country))
    assert answer["outside"] == outside


def test_a_question_that_leaves_something_open_is_told_what(client):
    (answer,) = ask(client, "invented-college-1", "2026-06-01", "field=0613&type=micro_credential&country=PL")
    assert (answer["verdict"], answer["not_stated"]) == ("unknown", ["level", "ects"])


def test_a_key_that_was_compromised_covers_nothing_afterwards(client):
    listed = client.get("/en/issuers/invented-college-14.json").json["listings"][0]["entry"]["identities"]
    key = next(identity["value"] for identity in listed if "compromised_from" in identity)
    assert ask(client, "invented-college-14", "2026-06-01", key=key)[0]["why"] == "key_compromised"
    assert ask(client, "invented-college-14", "2026-04-01", key=key)[0]["verdict"] == "covered"


def test_each_listing_of_an_institution_answers_by_itself(client):
    answers = ask(client, "invented-college-2", "2026-06-01")
    assert len({answer["scheme"] for answer in answers}) == 2


@pytest.mark.parametrize("who", ["did:web:college-7.example", "invented-college-7", "Zmyślona Uczelnia 7"])
def test_an_issuer_is_found_by_what_one_has_at_hand(client, who):
    (answer,) = ask(client, who, "2026-03-01")
    assert answer["issuer"].endswith("7")


def test_several_that_fit_a_name_are_offered(client):
    page = get(client, "/en/check?who=College&awarded=2026-06-01")
    assert "Which of these do you mean?" in page.words()
    offered = [
        a["href"] for a in page.all("a") if "who=invented-college-" in a["href"] and a.get("hreflang") is None
    ]
    assert any("who=invented-college-10&awarded=2026-06-01" in address for address in offered)
    assert len(offered) == len(set(offered))


def test_a_listed_end_is_told_with_what_became_of_earlier_awards(client):
    words = get(client, f"/en/check?who=invented-college-6&awarded=2026-03-01&{SCOPE}").words()
    assert "The answer holds if the award date is proven" in words
    assert "Credentials issued before stay covered" in words


@pytest.mark.parametrize(
    ("query", "anchor"),
    [
        ("who=&awarded=2026-06-01", "#who"),
        ("who=x&awarded=", "#awarded"),
        ("who=x&awarded=soon", "#awarded"),
        ("who=x&awarded=2027-06-01", "#awarded"),
        ("who=x&awarded=2026-06-01&field=9", "#field"),
        ("who=x&awarded=2026-06-01&level=9", "#level"),
        ("who=x&awarded=2026-06-01&level=five", "#level"),
        ("who=x&awarded=2026-06-01&type=diploma", "#type"),
        ("who=x&awarded=2026-06-01&country=XX", "#country"),
        ("who=x&awarded=2026-06-01&language=english", "#language"),
        ("who=x&awarded=2026-06-01&ects=much", "#ects"),
    ],
)
def test_a_bad_question_links_to_the_field_and_keeps_what_was_typed(client, query, anchor):
    page = get(client, f"/en/check?{query}", status=422)
    assert anchor in {a["href"] for a in page.all("a")}
    assert "There is a problem" in page.words()
    assert anchor[1:] in page.ids()
    typed = query.split("&")[0].removeprefix("who=")
    assert next(a["value"] for a in page.all("input") if a.get("name") == "who") == typed
