"""Security headers, cookies, hosts, sizes, and pages without a database."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from registry.app import create_app, create_wsgi
from registry.config import Settings
from registry.database import Database

from support.browser import PASSWORD, create_person, signed_in

PATHS = (
    "/",
    "/en/sign-in",
    "/pl/nowhere",
    "/api/v1/issuers",
    "/api/openapi.json",
    "/static/registry.css",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert part in policy
    assert "unsafe" not in policy
    assert "Strict-Transport-Security" not in headers


def test_the_nonce_is_new_in_every_answer(client: FlaskClient) -> None:
    policies = [client.get("/").headers["Content-Security-Policy"] for _ in range(3)]
    assert len({re.findall(r"'nonce-([\w-]{20,})'", policy)[0] for policy in policies}) == 3


def test_pages_of_the_signed_in_are_not_kept_by_any_cache(
    app: Flask, database: Database, at: datetime
) -> None:
    client = signed_in(app, create_person(database, at=at))
    assert client.get("/en/account").headers["Cache-Control"] == "no-store"
    assert client.get("/en/nowhere").headers["Cache-Control"] == "no-store"


def test_cookies_are_closed_to_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/en/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_behind_https_cookies_are_secure_and_bound_to_the_host(
    settings: Settings, database: Database
) -> None:
    app = create_app(replace(settings, base_url="https://registry.example"), database=database)
    answer = app.test_client().get("/en/sign-in", base_url="https://registry.example")
    assert answer.headers["Set-Cookie"].startswith("__Host-session=")
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize("path", ["/", "/en/sign-in", "/en/nowhere", "/api/v1/issuers"])
def test_an_unknown_host_name_is_refused(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 400


def test_forwarded_headers_count_only_behind_a_known_number_of_proxies(
    settings: Settings, database: Database
) -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Host": "evil.example"}
    direct = create_app(settings, database=database).test_client()
    assert direct.get("/en/signed-out", headers=forwarded).status_code == 200
    proxied = create_app(replace(settings, proxies=1), database=database).test_client()
    assert proxied.get("/en/signed-out", headers=forwarded).status_code == 400


def test_a_body_that_is_too_large_is_refused(settings: Settings, database: Database) -> None:
    client = create_app(replace(settings, upload_limit=1000), database=database).test_client()
    answer = client.post("/en/sign-in", data={"email": "x" * 2_000_000})
    assert answer.status_code == 413


def test_the_entrance_speaks_the_readers_language_and_gives_programs_an_index(client: FlaskClient) -> None:
    polish = client.get("/", headers={"Accept-Language": "pl-PL,pl;q=0.9,en;q=0.5"})
    assert (polish.status_code, polish.location) == (302, "/pl/")
    assert {"accept", "accept-language", "cookie"} <= {name.lower() for name in polish.vary}
    index = client.get("/", headers={"Accept": "application/json"})
    assert index.json is not None
    assert index.json["openapi"].endswith("/api/openapi.json")


@pytest.fixture
def without_database(settings: Settings) -> FlaskClient:
    """A browser before an application whose database cannot be reached."""
    url = "postgresql://nobody@127.0.0.1:9/nothing"
    return create_app(replace(settings, database_url=url)).test_client()


def test_without_the_database_what_is_public_still_answers(without_database: FlaskClient) -> None:
    without_database.set_cookie("session", "x" * 43)
    for path in ("/en/signed-out", "/api/v1/issuers", "/api/v1/lists", "/api/openapi.json"):
        assert without_database.get(path).status_code == 200, path


def test_without_the_database_the_signed_in_are_told_so_and_not_sent_to_sign_in(
    without_database: FlaskClient,
) -> None:
    without_database.set_cookie("session", "x" * 43)
    answer = without_database.get("/en/account")
    assert answer.status_code == 503
    assert "Set-Cookie" not in answer.headers


def test_without_the_database_signing_in_says_that_it_is_down(without_database: FlaskClient) -> None:
    answer = without_database.post("/api/v1/tokens", json={"email": "ada@example.org", "password": PASSWORD})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "cannot be reached" in answer.get_json(force=True)["detail"]


def test_the_server_is_ready_while_the_database_is_down(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_DATA", str(settings.data))
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    server = Client(create_wsgi())
    ready = server.get("/readyz")
    assert ready.status_code == 200
    assert ready.json is not None
    assert ready.json["database"] == "down"
    assert server.get("/en/signed-out").status_code == 200


def test_the_secret_is_made_once_and_only_its_owner_reads_it(settings: Settings, database: Database) -> None:
    first, second = (create_app(settings, database=database).secret_key for _ in range(2))
    assert first == second
    path = settings.data / "session.secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in settings.data.iterdir() if "session.secret" in p.name] == ["session.secret"]
