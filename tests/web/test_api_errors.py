"""The API answers every error with a problem document that names the fields (RFC 9457)."""

import json
import re
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from registry.database import Database
from registry.errors import Conflict, FieldError, InvalidInput, NotConfigured, TransitionRefused
from registry.http.access import PUBLIC, allow
from registry.services import sign_in

from support.browser import PASSWORD, create_person
from support.clock import Clock


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.text)
    assert body["status"] == status
    assert {"type", "title", "detail", "instance"} <= body.keys()
    return body


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nowhere", "/api/v1", "/api/v2/issuers", "/api/v1/issuers/x"]
)
def test_an_unknown_address_is_a_problem(client: FlaskClient, path: str) -> None:
    assert problem(client.get(path), 404)["instance"] == path


def test_another_method_is_a_problem_that_names_the_allowed_ones(client: FlaskClient) -> None:
    answer = client.put("/api/v1/issuers")
    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_a_body_that_is_not_json_is_415(client: FlaskClient) -> None:
    problem(client.post("/api/v1/tokens", data="email=a", content_type="text/plain"), 415)
    problem(client.post("/api/v1/tokens", data={"email": "a"}), 415)


def test_a_body_that_is_too_large_is_413(client: FlaskClient) -> None:
    large = b" " * (2**20 + 1)
    problem(client.post("/api/v1/tokens", data=large, content_type="application/json"), 413)
    chunked = {
        "wsgi.input": BytesIO(large),
        "wsgi.input_terminated": True,
        "CONTENT_TYPE": "application/json",
    }
    problem(client.post("/api/v1/tokens", environ_overrides=chunked), 413)


@pytest.mark.parametrize(
    "body", ["{", '{"email": NaN}', "[" * 5000, "[" * 500_000, '{"email": "\\ud800"}', "\xff"]
)
def test_a_body_that_cannot_be_read_is_400(client: FlaskClient, body: str) -> None:
    answer = client.post("/api/v1/tokens", data=body.encode("latin-1"), content_type="application/json")
    assert problem(answer, 400)["errors"][0]["field"] == "json"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email", "password"}),
        ([], {"json"}),
        ({"email": "a@example.org", "password": "x", "role": "operator"}, {"role"}),
        ({"email": "a\0@example.org", "password": 5, "hours": "3"}, {"email", "password", "hours"}),
        ({"email": "a@example.org", "password": "x", "hours": 10**9, "name": "\r\n"}, {"hours", "name"}),
    ],
)
def test_each_wrong_field_is_named(client: FlaskClient, body: object, fields: set[str]) -> None:
    errors = problem(client.post("/api/v1/tokens", json=body), 422)["errors"]
    assert {error["field"] for error in errors} == fields
    assert all(error["detail"] for error in errors)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page_size=101", "page_size"),
        ("page=x", "page"),
        ("nonsense=1", "nonsense"),
        ("status=active,lost", "status.1"),
    ],
)
def test_each_wrong_parameter_is_named(client: FlaskClient, query: str, field: str) -> None:
    errors = problem(client.get(f"/api/v1/issuers?{query}"), 422)["errors"]
    assert [error["field"] for error in errors] == [field]


@pytest.fixture
def failing(own_app: Flask) -> Flask:
    """The application with a resource that raises what the test put into `app.config["FAILURE"]`."""

    @allow(PUBLIC)
    def fail() -> str:
        raise own_app.config["FAILURE"]

    own_app.add_url_rule("/api/v1/fail", "fail_api", fail)
    own_app.add_url_rule("/en/fail", "fail_page", fail)
    return own_app


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TransitionRefused("cannot recognize an application that is draft"), 409),
        (Conflict("Somebody else decided."), 409),
        (InvalidInput("Wrong.", [FieldError("grants.0.fields", "No such field.")]), 422),
        (NotConfigured("Run registry init."), 503),
        (OperationalError("select 1", {}, Exception("password=secret")), 503),
        (ZeroDivisionError("a secret detail"), 500),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/fail", "/en/fail"])
def test_an_error_has_one_status_in_the_api_and_on_pages(
    failing: Flask, error: Exception, status: int, path: str
) -> None:
    failing.config["FAILURE"] = error
    answer = failing.test_client().get(path)
    assert answer.status_code == status
    assert "secret" not in answer.text
    if path.startswith("/api"):
        problem(answer, status)
    else:
        assert answer.mimetype == "text/html"


def test_problems_speak_the_language_asked_for(client: FlaskClient) -> None:
    detail = problem(client.get("/api/v1/nowhere", headers={"Accept-Language": "pl"}), 404)["detail"]
    assert detail == "Pod tym adresem niczego nie ma."


def test_a_token_is_given_for_the_right_password_and_can_be_given_back(
    client: FlaskClient, database: Database, at: datetime, clock: Clock
) -> None:
    ada = create_person(database, at=at)
    problem(client.post("/api/v1/tokens", json={"email": ada.email, "password": "wrong"}), 401)
    given = client.post("/api/v1/tokens", json={"email": ada.email, "password": PASSWORD, "hours": 2})
    assert given.status_code == 201
    assert given.headers["Cache-Control"] == "no-store"
    assert given.json
    assert datetime.fromisoformat(given.json["expires_at"]) == at + timedelta(hours=2)
    header = {"Authorization": f"Bearer {given.json['token']}"}
    me = client.get("/api/v1/me", headers=header).json
    assert me
    assert (me["id"], me["email"], me["roles"]) == (str(ada.id), ada.email, [])
    assert client.delete("/api/v1/tokens", headers=header).status_code == 204
    problem(client.get("/api/v1/me", headers=header), 401)


def test_a_token_ends_on_its_day(client: FlaskClient, database: Database, at: datetime, clock: Clock) -> None:
    ada = create_person(database, at=at)
    given = client.post("/api/v1/tokens", json={"email": ada.email, "password": PASSWORD, "hours": 1}).json
    assert given
    clock.advance(hours=1)
    problem(client.get("/api/v1/me", headers={"Authorization": f"Bearer {given['token']}"}), 401)


def test_tries_for_a_token_are_limited_as_signing_in_is(
    client: FlaskClient, database: Database, at: datetime
) -> None:
    ada = create_person(database, at=at)
    for _ in range(sign_in.ATTEMPTS_PER_ACCOUNT):
        client.post("/api/v1/tokens", json={"email": ada.email, "password": "wrong"})
    answer = client.post("/api/v1/tokens", json={"email": ada.email, "password": PASSWORD})
    problem(answer, 429)
    assert answer.headers["Retry-After"] == "900"


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer x", "Bearer a b c", "Basic YTpi", "Bearer \x7f", "bearer rgt_x"]
)
def test_a_header_that_is_no_token_of_ours_is_401(client: FlaskClient, header: str) -> None:
    problem(client.get("/api/v1/me", headers={"Authorization": header}), 401)


def test_the_openapi_document_names_every_resource(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json
    assert document
    assert document["openapi"] == "3.1.0"
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}
    assert len(document["paths"]) == len(rules)
    named = set(re.findall(r"#/components/(\w+/\w+)", json.dumps(document)))
    assert named == {
        f"{kind}/{name}" for kind in ("schemas", "responses") for name in document["components"][kind]
    }
    for response in document["components"]["responses"].values():
        assert set(response["content"]) == {"application/problem+json"}


def test_scripts_of_any_site_may_read_and_none_may_send(client: FlaskClient) -> None:
    assert client.get("/api/v1/issuers").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.post("/api/v1/tokens", json={}).headers
