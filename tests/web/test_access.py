"""Who gets through: roles, places, and the line between pages and the API."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask, jsonify

from registry.database import Database
from registry.domain.roles import Role
from registry.http.access import Actor, HeldRole, allow, signed_in_actor
from registry.services import accounts, sessions, sign_in

from support.browser import PASSWORD, create_person, signed_in
from support.clock import Clock


@pytest.fixture
def guarded(own_app: Flask) -> Flask:
    """The application with one page and one resource for operators alone."""

    @allow(Role.OPERATOR)
    def only_operators() -> object:
        return jsonify(name=signed_in_actor().name)

    own_app.add_url_rule("/<any(en,pl):lang>/only", "only_page", only_operators)
    own_app.add_url_rule("/api/v1/only", "only_api", only_operators)
    return own_app


def bearer(database: Database, account_id: uuid.UUID, at: datetime) -> dict[str, str]:
    with database.transaction() as session:
        secret, _ = sessions.create_token(session, account_id, name="test", at=at)
    return {"Authorization": f"Bearer {secret}"}


def grant_operator(database: Database, account_id: uuid.UUID, actor: uuid.UUID | None, at: datetime) -> None:
    with database.transaction() as session:
        accounts.record_grant(session, account_id, Role.OPERATOR, actor=actor, at=at)


def test_without_the_role_a_page_answers_403_and_with_it_200(
    guarded: Flask, database: Database, at: datetime
) -> None:
    ada = create_person(database, at=at)
    client = signed_in(guarded, ada)
    refused = client.get("/en/only")
    assert (refused.status_code, refused.mimetype) == (403, "text/html")
    grant_operator(database, ada.id, None, at)
    assert client.get("/en/only").json == {"name": "Ada Lovelace"}


def test_a_self_granted_role_opens_nothing_within_the_hour(
    guarded: Flask, database: Database, at: datetime, clock: Clock
) -> None:
    ada = create_person(database, at=at)
    grant_operator(database, ada.id, ada.id, at)
    header = bearer(database, ada.id, at)
    assert guarded.test_client().get("/api/v1/only", headers=header).status_code == 403
    clock.advance(hours=1)
    assert guarded.test_client().get("/api/v1/only", headers=header).status_code == 200


def test_a_cookie_opens_nothing_in_the_api_and_a_token_no_page(
    guarded: Flask, database: Database, at: datetime
) -> None:
    ada = create_person(database, at=at)
    grant_operator(database, ada.id, None, at)
    by_cookie = signed_in(guarded, ada).get("/api/v1/only")
    assert (by_cookie.status_code, by_cookie.headers["WWW-Authenticate"]) == (401, 'Bearer realm="registry"')
    header = bearer(database, ada.id, at)
    assert guarded.test_client().get("/en/only", headers=header).status_code == 302
    assert guarded.test_client().get("/api/v1/only", headers=header).status_code == 200


def test_a_closed_account_is_out_at_once(guarded: Flask, database: Database, at: datetime) -> None:
    ada = create_person(database, at=at)
    grant_operator(database, ada.id, None, at)
    client, header = signed_in(guarded, ada), bearer(database, ada.id, at)
    with database.transaction() as session:
        accounts.disable_account(session, ada.id, actor=None, at=at + timedelta(seconds=1))
    assert client.get("/en/only").status_code == 302
    assert guarded.test_client().get("/api/v1/only", headers=header).status_code == 401


def test_an_actor_holds_a_role_for_its_body_alone() -> None:
    agency, other = uuid.uuid4(), uuid.uuid4()
    actor = Actor(uuid.uuid4(), "Ada", "ada@example.org", "en", (HeldRole(Role.REGISTRAR, body_id=agency),))
    assert actor.holds(Role.REGISTRAR)
    assert actor.holds(Role.REVIEWER, Role.REGISTRAR, body=agency)
    assert not actor.holds(Role.REGISTRAR, body=other)
    assert not actor.holds(Role.REGISTRAR, institution=agency)
    assert not actor.holds(Role.OPERATOR)


def test_many_tries_at_once_stay_within_the_limit(app: Flask, database: Database, at: datetime) -> None:
    ada = create_person(database, at=at)

    def guess(n: int) -> int:
        body = {"email": ada.email, "password": f"wrong {n}"}
        return app.test_client().post("/api/v1/tokens", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(3 * sign_in.ATTEMPTS_PER_ACCOUNT)))
    assert answers.count(401) == sign_in.ATTEMPTS_PER_ACCOUNT
    assert answers.count(429) == 2 * sign_in.ATTEMPTS_PER_ACCOUNT
    assert (
        app.test_client().post("/api/v1/tokens", json={"email": ada.email, "password": PASSWORD}).status_code
        == 429
    )
