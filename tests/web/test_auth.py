"""Signing up, in and out; sessions; a person's own account."""

import re
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.database import Database
from registry.models.account import Account, WebSession
from registry.services import sessions, sign_in

from support.browser import PASSWORD, create_person, signed_in, submit
from support.clock import Clock


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def test_a_person_signs_up_and_signs_in(app: Flask, client: FlaskClient, database: Database) -> None:
    answer = submit(
        client, "/pl/sign-up", name="Ada Lovelace", email="Ada@Example.org", password=PASSWORD, language="pl"
    )
    assert (answer.status_code, answer.location) == (303, "/pl/signed-up")
    with database.transaction() as session:
        assert session.scalars(select(Account.email)).all() == ["ada@example.org"]
    answer = submit(client, "/en/sign-in", email="ADA@example.org", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/pl/account")
    assert "Ada Lovelace" in client.get("/pl/account").text


def test_signing_up_with_a_known_address_answers_the_same_and_changes_nothing(
    client: FlaskClient, database: Database, at: datetime
) -> None:
    create_person(database, at=at)
    form = {"email": "ada@example.org", "password": "another long phrase", "language": "en"}
    answer = submit(client, "/en/sign-up", name="Somebody Else", **form)
    assert (answer.status_code, answer.location) == (303, "/en/signed-up")
    with database.transaction() as session:
        assert session.scalars(select(Account.name)).all() == ["Ada Lovelace"]


def test_a_refused_form_names_the_fields_and_keeps_what_was_typed_but_the_password(
    client: FlaskClient,
) -> None:
    answer = submit(
        client, "/en/sign-up", name="Ada", email="not an address", password="short", language="pl"
    )
    assert answer.status_code == 422
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert re.findall(r'href="#(\w+)"', summary) == ["email", "password"]
    assert 'value="not an address"' in answer.text
    assert "short" not in answer.text.replace("shortly", "")
    assert re.search(r'value="pl" checked', answer.text)


@pytest.mark.parametrize(
    ("email", "password"), [("ada@example.org", "wrong"), ("nobody@example.org", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    client: FlaskClient, database: Database, at: datetime, email: str, password: str
) -> None:
    create_person(database, at=at)
    answer = submit(client, "/en/sign-in", email=email, password=password)
    assert answer.status_code == 422
    assert "The e-mail address or the password is not right." in answer.text
    assert f'value="{email}"' in answer.text


def test_too_many_tries_get_429_with_the_time_to_wait(
    client: FlaskClient, database: Database, at: datetime
) -> None:
    create_person(database, at=at)
    for _ in range(sign_in.ATTEMPTS_PER_ACCOUNT):
        submit(client, "/en/sign-in", email="ada@example.org", password="wrong")
    answer = submit(client, "/en/sign-in", email="ada@example.org", password=PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"


def test_signing_in_changes_the_session_id_and_the_old_one_is_dead(
    app: Flask, client: FlaskClient, database: Database, at: datetime
) -> None:
    ada = create_person(database, at=at)
    client.get("/en/sign-in")
    before = cookie_of(client)
    submit(client, "/en/sign-in", email=ada.email, password=PASSWORD)
    assert cookie_of(client) != before
    thief = app.test_client()
    thief.set_cookie("session", before)
    assert thief.get("/en/account").status_code == 302


def test_the_cookie_holds_a_random_id_alone(app: Flask, database: Database, at: datetime) -> None:
    client = signed_in(app, create_person(database, at=at))
    with database.transaction() as session:
        kept = session.scalars(select(WebSession.id_hash).where(WebSession.account_id.is_not(None))).all()
    assert kept == [sessions.digest(cookie_of(client))]
    assert re.fullmatch(r"[\w-]{43}", cookie_of(client))


def test_signing_out_ends_the_session_on_the_server(app: Flask, database: Database, at: datetime) -> None:
    client = signed_in(app, create_person(database, at=at))
    secret = cookie_of(client)
    assert submit(client, "/en/account", "/en/sign-out").location == "/en/signed-out"
    assert client.get_cookie("session") is None
    client.set_cookie("session", secret)
    assert client.get("/en/account").status_code == 302


def test_a_session_ends_when_idle(app: Flask, database: Database, at: datetime, clock: Clock) -> None:
    client = signed_in(app, create_person(database, at=at))
    clock.advance(minutes=59)
    assert client.get("/en/account").status_code == 200
    clock.advance(minutes=60)
    assert client.get("/en/account").status_code == 302


def test_a_person_ends_another_session_of_theirs(app: Flask, database: Database, at: datetime) -> None:
    ada = create_person(database, at=at)
    here, there = signed_in(app, ada), signed_in(app, ada)
    other = sessions.digest(cookie_of(there))
    assert submit(here, "/en/account", f"/en/account/sessions/{other}/end").status_code == 303
    assert there.get("/en/account").status_code == 302
    assert here.get("/en/account").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(app: Flask, database: Database, at: datetime) -> None:
    ada = signed_in(app, create_person(database, at=at))
    eve = signed_in(app, create_person(database, "Eve", at=at))
    target = sessions.digest(cookie_of(ada))
    assert submit(eve, "/en/account", f"/en/account/sessions/{target}/end").status_code == 404
    assert ada.get("/en/account").status_code == 200


def test_signing_out_everywhere_ends_all_sessions_and_tokens(
    app: Flask, database: Database, at: datetime
) -> None:
    ada = create_person(database, at=at)
    here, there = signed_in(app, ada), signed_in(app, ada)
    token = re.findall(
        r"rgt_[\w-]+", submit(here, "/en/account", "/en/account/tokens", name="t", days="3").text
    )[0]
    header = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/v1/me", headers=header).status_code == 200
    submit(here, "/en/account", "/en/account/sessions/end")
    assert there.get("/en/account").status_code == 302
    assert app.test_client().get("/api/v1/me", headers=header).status_code == 401


def test_changing_the_password_keeps_this_session_and_ends_the_others(
    app: Flask, database: Database, at: datetime
) -> None:
    ada = create_person(database, at=at)
    here, there = signed_in(app, ada), signed_in(app, ada)
    answer = submit(here, "/en/account", "/en/account/password", current="wrong", new="another long phrase")
    assert answer.status_code == 422
    assert 'href="#current"' in answer.text
    answer = submit(here, "/en/account", "/en/account/password", current=PASSWORD, new="another long phrase")
    assert answer.status_code == 303
    assert here.get("/en/account").status_code == 200
    assert there.get("/en/account").status_code == 302
    signed_in(app, ada, "another long phrase")


def test_the_language_of_the_account_is_the_one_of_the_entrance(
    app: Flask, database: Database, at: datetime
) -> None:
    client = signed_in(app, create_person(database, at=at))
    answer = submit(client, "/en/account", "/en/account/language", language="pl")
    assert answer.location == "/pl/account"
    assert client.get("/", headers={"Accept-Language": "en"}).location == "/pl/"


def test_who_is_not_signed_in_comes_back_to_the_page_asked_for(
    client: FlaskClient, database: Database, at: datetime
) -> None:
    ada = create_person(database, at=at)
    answer = client.get("/en/account?a=b%20c")
    assert answer.status_code == 302
    assert answer.location == "/en/sign-in?next=/en/account?a%3Db%2520c"
    page = client.get(answer.location).text
    kept = re.search(r'name="next" value="([^"]*)"', page)
    assert kept
    answer = submit(client, "/en/sign-in", email=ada.email, password=PASSWORD, next=kept[1])
    assert answer.location == "/en/account?a=b%20c"


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"]
)
def test_nobody_is_sent_to_another_site(
    client: FlaskClient, database: Database, at: datetime, target: str
) -> None:
    ada = create_person(database, at=at)
    answer = submit(client, "/en/sign-in", email=ada.email, password=PASSWORD, next=target)
    assert answer.location == "/en/account"


def test_a_form_without_its_token_is_refused_and_changes_nothing(
    app: Flask, database: Database, at: datetime
) -> None:
    client = signed_in(app, create_person(database, at=at))
    answer = client.post("/en/account/language", data={"language": "pl"})
    assert answer.status_code == 400
    with database.transaction() as session:
        assert session.scalars(select(Account.language)).all() == ["en"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_another_site_is_refused_even_with_its_token(
    app: Flask, database: Database, at: datetime, headers: dict[str, str]
) -> None:
    client = signed_in(app, create_person(database, at=at))
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/en/account").text)[0]
    form = {"csrf_token": token, "language": "pl"}
    assert client.post("/en/account/language", data=form, headers=headers).status_code == 403
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/en/account/language", data=form, headers=own).status_code == 303


def test_a_session_is_made_only_when_there_is_something_to_keep(
    client: FlaskClient, database: Database
) -> None:
    for path in ("/", "/en/signed-out", "/en/nowhere", "/api/v1/issuers"):
        assert "Set-Cookie" not in client.get(path).headers
    with database.transaction() as session:
        assert session.scalars(select(WebSession)).all() == []


def test_strange_input_is_refused_and_never_an_error_of_ours(client: FlaskClient) -> None:
    for email in ("a\0b@example.org", "'; drop table account --", "x" * 5000, "😀@example.org"):
        assert submit(client, "/en/sign-in", email=email, password="a\0b" * 2000).status_code in {422, 429}
    client.set_cookie("session", "x" * 90)
    assert client.get("/en/account").status_code == 302


def test_the_account_pages_speak_polish(app: Flask, database: Database, at: datetime) -> None:
    client = signed_in(app, create_person(database, at=at, language="pl"))
    page = client.get("/pl/account").text
    for word in ("Zmień hasło", "Wyloguj się wszędzie", "ta przeglądarka", "Tokeny do interfejsu"):
        assert word in page
    refused = submit(client, "/pl/account", "/pl/account/password", current=PASSWORD, new="krótkie").text
    assert "Proszę użyć co najmniej 12 znaków" in refused
