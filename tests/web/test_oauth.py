"""Programs at the API: client credentials, what their tokens open, and what is left to people."""

import re
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from sqlalchemy import func, select

from registry.config import Settings
from registry.database import Database
from registry.domain.api_scopes import PROGRAM_ROLES, SCOPES
from registry.domain.roles import CaseRole, Role
from registry.errors import NotAllowed
from registry.models.account import Account
from registry.models.application import Application
from registry.models.issuer import Issuer
from registry.models.oauth import ApiSecret, OAuthToken
from registry.models.review import Assignment
from registry.services import access, accounts, api_clients, bodies, sign_in, two_people

from support.callers import Callers
from support.live import BODY, Live, address, live
from support.programs import TOKEN, Program, register
from support.town import Town

REVOKE, INTROSPECT = "/api/v1/oauth/revoke", "/api/v1/oauth/introspect"
GRANT = {"grant_type": "client_credentials"}
OFFICER = "role:case_officer"


@pytest.fixture
def program(town: Town) -> Program:
    return register(town, Role.INTAKE_OFFICER, Role.CASE_OFFICER)


def tokens(town: Town) -> int:
    with town.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(OAuthToken)) or 0


# Getting a token


def test_a_token_carries_what_was_asked_for_and_no_more(program: Program) -> None:
    answer = program.post(TOKEN, **GRANT, scope=OFFICER)
    body = answer.get_json()
    assert (answer.status_code, body["token_type"], body["scope"]) == (200, "Bearer", OFFICER)
    assert body["expires_in"] == 3600
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    me = program.call(body["access_token"], "GET", "/me").get_json()
    assert [held["role"] for held in me["roles"]] == ["case_officer"]
    assert me["scopes"] == [OFFICER]


def test_without_a_scope_a_token_only_reads(program: Program) -> None:
    body = program.post(TOKEN, **GRANT).get_json()
    assert body["scope"] == "read"
    reads = program.call(body["access_token"], "GET", "/me").get_json()
    assert {held["role"] for held in reads["roles"]} == {"intake_officer", "case_officer"}
    claimed = program.call(body["access_token"], "POST", "/institutions", json={})
    assert (claimed.status_code, claimed.content_type) == (403, "application/problem+json")
    assert 'error="insufficient_scope"' in claimed.headers["WWW-Authenticate"]
    assert OFFICER in claimed.headers["WWW-Authenticate"]


def test_secret_and_token_are_kept_as_hashes_alone(program: Program, town: Town) -> None:
    token = program.token("read")
    with town.database.transaction() as session:
        kept = [session.scalars(select(ApiSecret.hash)).one(), session.scalars(select(OAuthToken.hash)).one()]
        account = session.get_one(Account, program.account)
        assert not {token, program.secret} & {*kept, account.password_hash}
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in kept)


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "client_credentials", "scope": "role:registrar"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "role:auditor"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": f"{OFFICER} everything"}, 400, "invalid_scope"),
        ({"grant_type": "password", "username": "ada", "password": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": 'Ω\x00"'}, 400, "unsupported_grant_type"),
        ({}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_secret": "again"}, 400, "invalid_request"),
    ],
)
def test_what_is_not_offered_is_refused_in_the_standards_words(
    program: Program, town: Town, form: dict[str, str], status: int, error: str
) -> None:
    answer = program.post(TOKEN, **form)
    assert (answer.status_code, answer.get_json()["error"]) == (status, error)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/json", "no-store")
    assert tokens(town) == 0


def test_parameters_in_the_address_or_given_twice_are_refused(program: Program, town: Town) -> None:
    client, auth = town.app.test_client(), (str(program.id), program.secret)
    for answer in (
        client.post(f"{TOKEN}?grant_type=client_credentials", auth=auth),
        client.post(TOKEN, data={"grant_type": ["client_credentials"] * 2}, auth=auth),
    ):
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_an_unknown_program_and_a_wrong_secret_are_refused_alike(program: Program, town: Town) -> None:
    client, answers = town.app.test_client(), []
    for auth in ((str(program.id), "wrong"), (str(uuid.uuid4()), "wrong"), ("no id", "wrong")):
        answers.append(client.post(TOKEN, data=GRANT, auth=auth))
        answers.append(client.post(TOKEN, data={**GRANT, "client_id": auth[0], "client_secret": auth[1]}))
    answers.append(client.post(TOKEN, data=GRANT))
    answers.append(client.post(TOKEN, data=GRANT, headers={"Authorization": "Basic ÿÿ"}))
    assert {(answer.status_code, answer.get_json()["error"]) for answer in answers} == {
        (401, "invalid_client")
    }
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'Basic realm="registry"'}
    assert len({answer.text for answer in answers[:-1]}) == 1


def test_the_secret_may_stand_in_the_body(program: Program, town: Town) -> None:
    form = {**GRANT, "client_id": str(program.id), "client_secret": program.secret}
    assert town.app.test_client().post(TOKEN, data=form).status_code == 200


def test_wrong_secrets_are_limited_and_a_right_one_forgives(program: Program, town: Town) -> None:
    wrong = Program(town, program.id, "rgs_wrong", program.account)
    for _ in range(sign_in.ATTEMPTS_PER_ACCOUNT - 1):
        assert wrong.post(TOKEN, **GRANT).status_code == 401
    town.clock.advance(seconds=1)
    for _ in range(2 * sign_in.ATTEMPTS_PER_ACCOUNT):
        assert program.post(TOKEN, **GRANT).status_code == 200
    for _ in range(sign_in.ATTEMPTS_PER_ACCOUNT):
        town.clock.advance(seconds=1)
        assert wrong.post(REVOKE, token="x").status_code == 401
    refused = program.post(TOKEN, **GRANT)
    assert (refused.status_code, refused.get_json()["error"]) == (429, "temporarily_unavailable")
    assert int(refused.headers["Retry-After"]) == 900
    town.clock.advance(minutes=15)
    assert program.post(TOKEN, **GRANT).status_code == 200


def test_a_new_program_waits_an_hour(town: Town) -> None:
    program = register(town, Role.AUDITOR)
    town.clock.advance(seconds=-1)
    refused = program.post(TOKEN, **GRANT)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "unauthorized_client")
    town.clock.advance(seconds=1)
    assert program.post(TOKEN, **GRANT).status_code == 200


# Using and ending it


def test_a_token_ends_with_its_hour(program: Program, town: Town) -> None:
    token = program.token("read")
    town.clock.advance(minutes=59, seconds=59)
    assert program.call(token, "GET", "/me").status_code == 200
    town.clock.advance(seconds=1)
    refused = program.call(token, "GET", "/me")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="registry", error="invalid_token"'


def test_a_revoked_token_opens_nothing_when_it_is_shown_again(program: Program) -> None:
    token, other = program.token("read"), program.token("read")
    assert program.call(token, "GET", "/applications").status_code == 200
    for _ in range(2):
        assert program.post(REVOKE, token=token).status_code == 200
        assert program.call(token, "GET", "/applications").status_code == 401
    assert program.call(other, "GET", "/me").status_code == 200
    assert program.post(REVOKE, token="rgo_never").status_code == 200
    assert program.post(REVOKE).get_json()["error"] == "invalid_request"


def test_a_token_may_end_itself(program: Program) -> None:
    token = program.token(OFFICER)
    assert program.call(token, "DELETE", "/tokens").status_code == 204
    assert program.call(token, "GET", "/me").status_code == 401


def test_nobody_ends_or_reads_the_token_of_another(program: Program, town: Town) -> None:
    other = register(town, Role.AUDITOR, name="Other")
    token = program.token("read")
    refused = other.post(REVOKE, token=token)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")
    assert program.call(token, "GET", "/me").status_code == 200
    caller = Callers(town)
    personal = caller.headers("officer")["Authorization"].split()[1]
    assert program.post(REVOKE, token=personal).status_code == 200
    assert caller.call("officer", "GET", "/me").status_code == 200
    assert program.post(INTROSPECT, token=personal).get_json() == {"active": False}


def test_introspection_tells_what_a_token_opens_now(program: Program, town: Town) -> None:
    token = program.token(f"{OFFICER} read")
    told = program.post(INTROSPECT, token=token).get_json()
    assert told["active"] is True
    assert (told["scope"], told["client_id"], told["sub"]) == (
        f"read {OFFICER}",
        str(program.id),
        str(program.account),
    )
    assert told["exp"] - told["iat"] == 3600
    with town.database.transaction() as session:
        grants = accounts.grants_of(session, program.account)
        mine = next(grant for grant in grants if grant.role is Role.CASE_OFFICER)
        accounts.revoke_role(session, mine.id, actor=town.people["administrator"], at=town.clock())
    assert program.post(INTROSPECT, token=token).get_json()["scope"] == "read"
    program.post(REVOKE, token=token)
    assert program.post(INTROSPECT, token=token).get_json() == {"active": False}
    assert program.post(INTROSPECT, token="rgo_never").get_json() == {"active": False}


def test_a_new_secret_ends_the_old_one_and_its_tokens(program: Program, town: Town) -> None:
    token = program.token("read")
    with town.database.transaction() as session:
        who = town.people["administrator"]
        secret = api_clients.rotate_secret(session, program.id, actor=who, at=town.clock())
    assert program.call(token, "GET", "/me").status_code == 401
    assert program.post(TOKEN, **GRANT).status_code == 401
    assert Program(town, program.id, secret, program.account).post(TOKEN, **GRANT).status_code == 200


def test_a_program_that_is_shut_out_is_out_at_once(program: Program, town: Town) -> None:
    token = program.token("read")
    with town.database.transaction() as session:
        api_clients.revoke(session, program.id, actor=town.people["administrator"], at=town.clock())
    assert program.call(token, "GET", "/me").status_code == 401
    assert program.post(TOKEN, **GRANT).status_code == 401
    with town.database.transaction() as session:
        assert accounts.grants_of(session, program.account) == ()


def test_a_token_asked_for_while_the_secret_changes_is_not_issued(program: Program, town: Town) -> None:
    with town.database.transaction() as session:
        known = api_clients.known_client(session, program.id, at=town.clock())
        assert known is not None
        api_clients.rotate_secret(session, program.id, actor=town.people["administrator"], at=town.clock())
        life = timedelta(hours=1)
        late = api_clients.save_token(session, known, "rgo_x", ["read"], life=life, at=town.clock())
    assert late is None


# What programs do, and what they do not


def submitted(town: Town) -> str:
    return str(town.walk(until="submitted"))


def state(town: Town, case: str) -> str:
    with town.database.transaction() as session:
        return session.get_one(Application, uuid.UUID(case)).state.value


def open_case(program: Program, case: str, token: str) -> int:
    version = program.call(token, "GET", f"/applications/{case}").get_json()["version"]
    body = {"action": "open", "version": version}
    return program.call(token, "POST", f"/applications/{case}/steps", json=body).status_code


def test_a_program_opens_a_case_with_the_role_named_and_with_no_other(program: Program, town: Town) -> None:
    case = submitted(town)
    assert open_case(program, case, program.token(OFFICER)) == 403
    assert open_case(program, case, program.token("read")) == 403
    assert state(town, case) == "submitted"
    assert open_case(program, case, program.token("role:intake_officer")) == 200
    assert state(town, case) == "completeness_check"
    with town.database.transaction() as session:
        part = session.scalars(select(Assignment).where(Assignment.ended_at.is_(None))).one()
        assert (part.account_id, part.role) == (program.account, CaseRole.INTAKE_OFFICER)


def test_a_part_is_played_only_with_the_scope_of_its_role(program: Program, town: Town) -> None:
    case = submitted(town)
    intake, officer = program.token("role:intake_officer"), program.token(OFFICER)
    assert open_case(program, case, intake) == 200
    assert (
        program.call(officer, "POST", f"/applications/{case}/declaration", json={"answers": {}}).status_code
        == 403
    )
    assert declare(program, case, intake) == 201
    body = {"account_id": str(town.people["officer"]), "role": "case_officer", "seat": None}
    assert program.call(officer, "POST", f"/applications/{case}/assignments", json=body).status_code == 403
    assert program.call(intake, "POST", f"/applications/{case}/assignments", json=body).status_code == 201


def test_programs_in_one_persons_hands_are_one_party(town: Town) -> None:
    first = register(town, Role.INTAKE_OFFICER)
    second = register(town, Role.CASE_OFFICER, name="Second")
    case = submitted(town)
    token = first.token("role:intake_officer")
    assert open_case(first, case, token) == 200
    with town.database.transaction() as session:
        administrator = town.people["administrator"]
        parties = (first.account, second.account, administrator, town.people["officer"])
        played = [access.has_played(session, one, uuid.UUID(case)) for one in parties]
    assert played == [True, True, True, False]
    declare(first, case, token)
    body = {"account_id": str(second.account), "role": "case_officer", "seat": None}
    refused = first.call(token, "POST", f"/applications/{case}/assignments", json=body)
    assert (refused.status_code, "one person plays one part" in refused.text) == (409, True)


def declare(program: Program, case: str, token: str) -> int:
    path = f"/applications/{case}/declaration"
    rules = program.call(token, "GET", path).get_json()["rules"]
    answers = {rule["id"]: {"yes": False} for rule in rules}
    return program.call(token, "POST", path, json={"answers": answers}).status_code


def test_a_program_of_a_person_who_acted_for_the_applicant_has_no_part(town: Town) -> None:
    program = register(town, Role.INTAKE_OFFICER)
    town.make_owner("administrator")
    case = submitted(town)
    assert open_case_blind(program, case) in {403, 404}
    assert state(town, case) == "submitted"


def open_case_blind(program: Program, case: str) -> int:
    body = {"action": "open", "version": 1}
    token = program.token("role:intake_officer")
    return program.call(token, "POST", f"/applications/{case}/steps", json=body).status_code


@pytest.mark.parametrize("role", sorted(frozenset(Role) - PROGRAM_ROLES - {Role.CLOCK}))
def test_no_road_gives_a_program_a_role_of_people(town: Town, program: Program, role: Role) -> None:
    place = (
        {"institution_id": town.institution_id}
        if role.value in {"owner", "signatory", "key_custodian"}
        else {}
    )
    if role is not Role.OPERATOR and not place:
        place = {"body_id": town.body_id}
    with (
        pytest.raises(NotAllowed, match="a program cannot hold this role"),
        town.database.transaction() as session,
    ):
        accounts.record_grant(session, program.account, role, **place, actor=None, at=town.clock())


def test_a_program_claims_no_institution_and_is_none_of_two_people(town: Town, program: Program) -> None:
    path = f"/institutions/{town.institution_id}/claims"
    refused = program.call(program.token(OFFICER), "POST", path, json={"statement": "We are it."})
    assert (refused.status_code, "only a person" in refused.text) == (403, True)
    with town.database.transaction() as session:
        for kind in two_people.ACTS:
            new = two_people.NewProposal("x", "Because.", body_id=town.body_id)
            actor = {"actor": program.account, "at": town.clock()}
            assert not two_people.may_propose(session, kind, new, **actor)
            with pytest.raises(NotAllowed):
                two_people.propose(session, kind, new, **actor)


def test_a_program_never_signs_in(town: Town, program: Program) -> None:
    with town.database.transaction() as session:
        email = session.get_one(Account, program.account).email
        assert sign_in.open_sign_in(session, email, address="127.0.0.1", at=town.clock()).account_id is None


def test_bodies_and_institutions_register_within_their_reach(town: Town) -> None:
    caller, path = Callers(town), "/clients"
    body = {"name": "System", "roles": ["case_officer"], "body_id": str(town.body_id)}
    made = caller.make("administrator", "POST", path, body)
    assert made["client_secret"].startswith("rgs_")
    assert "client_secret" not in caller.get("administrator", f"{path}/{made['id']}")
    caller.refuse(422, "administrator", "POST", path, {**body, "roles": ["registrar"]})
    caller.refuse(422, "administrator", "POST", path, {**body, "roles": ["contributor"]})
    caller.refuse(422, "administrator", "POST", path, {**body, "institution_id": str(town.institution_id)})
    caller.refuse(403, "administrator", "POST", path, {**body, "body_id": str(uuid.uuid4())})
    caller.refuse(403, "officer", "POST", path, body)
    town.make_owner("ada")
    own = {"name": "Campus", "roles": ["contributor"], "institution_id": str(town.institution_id)}
    campus = caller.make("ada", "POST", path, own)
    assert [one["id"] for one in caller.items("ada", path)] == [campus["id"]]
    caller.refuse(403, "ada", "POST", path, body)
    caller.refuse(404, "ada", "POST", f"{path}/{made['id']}/secret")
    caller.refuse(404, "administrator", "DELETE", f"{path}/{campus['id']}")
    assert caller.call("ada", "DELETE", f"{path}/{campus['id']}").status_code == 204
    caller.refuse(422, "ada", "POST", f"{path}/{campus['id']}/secret")


# Pages


@pytest.mark.parametrize("language", ["en", "pl"])
def test_an_administrator_registers_renews_and_shuts_out_a_program(town: Town, language: str) -> None:
    browser = town.browser("administrator", language)
    fields = {"holder": f"body:{town.body_id}", "name": "Case system", "roles": ["intake_officer", "auditor"]}
    answer = browser.send("/admin/clients", None, fields)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    secret = re.search(r"rgs_[\w-]+", answer.text)
    assert secret is not None
    seen = browser.see("/admin/clients")
    assert secret[0] not in seen
    actions = re.findall(r'action="(/\w\w/admin/clients/[0-9a-f-]+/(?:secret|revoke))"', seen)
    renewed = re.search(r"rgs_[\w-]+", browser.send("/admin/clients", actions[0]).text)
    assert renewed is not None
    assert renewed[0] != secret[0]
    browser.do("/admin/clients", actions[1])
    assert {"en": "shut out", "pl": "wyłączony"}[language] in browser.see("/admin/clients")


def test_a_role_of_the_other_kind_is_refused_at_its_field(town: Town) -> None:
    browser = town.browser("administrator", "pl")
    fields = {"holder": f"body:{town.body_id}", "name": "X", "roles": ["contributor"]}
    answer = browser.send("/admin/clients", None, fields)
    assert answer.status_code == 422
    assert 'href="#roles"' in answer.text
    assert "Program nie może pełnić tej roli" in answer.text
    for name in ("officer", "stranger"):
        town.browser(name).see("/admin/clients", 403)


# What programs read first


def test_the_metadata_name_the_endpoints_and_scopes(town: Town) -> None:
    told = town.app.test_client().get("/.well-known/oauth-authorization-server").get_json()
    base = town.app.extensions["registry.settings"].base_url
    assert (told["issuer"], told["token_endpoint"]) == (base, f"{base}{TOKEN}")
    assert told["scopes_supported"] == list(SCOPES)
    for name in ("revocation_endpoint", "introspection_endpoint"):
        path = told[name].removeprefix(base)
        assert town.app.test_client().post(path).get_json()["error"] == "invalid_client"
    flow = town.app.test_client().get("/api/openapi.json").get_json()["components"]["securitySchemes"]
    assert flow["oauth2"]["flows"]["clientCredentials"]["scopes"] == SCOPES


# With a client that we did not write, at a server as operators run it


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, str, str]]:
    """A registry of its own with one program, registered two hours ago."""
    found = live(tmp_path_factory.mktemp("oauth"))
    found.set_up({"administrator": Role.ADMINISTRATOR})
    ago = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    client_id, secret = _enrol(found.data, ago)
    with found.served():
        yield found, client_id, secret


def _enrol(data: Path, at: datetime) -> tuple[str, str]:
    database = Database(Settings(data=data).sqlalchemy_url)
    with database.transaction() as session:
        who = accounts.account_by_email(session, address("administrator"))
        body = bodies.body_by_slug(session, BODY)
        new = api_clients.NewClient("Case system", frozenset({Role.CASE_OFFICER}), body_id=body.id)
        secret, client = api_clients.register(
            session, new, actor=who.id, at=datetime.now(UTC).replace(microsecond=0)
        )
        client.registered_at = at
        client_id = str(client.id)
    database.dispose()
    return client_id, secret


def test_a_foreign_client_gets_uses_and_ends_a_token(served: tuple[Live, str, str]) -> None:
    found, client_id, secret = served
    with OAuth2Session(client_id, secret, scope=OFFICER) as client:
        token = client.fetch_token(f"{found.base}{TOKEN}", grant_type="client_credentials")
        assert token["scope"] == OFFICER
        assert time.time() < token["expires_at"] <= time.time() + 3600
        me = client.get(f"{found.base}/api/v1/me")
        assert (me.status_code, me.json()["scopes"]) == (200, [OFFICER])
        told = client.introspect_token(f"{found.base}{INTROSPECT}", token["access_token"])
        assert told.json()["active"] is True
        assert client.revoke_token(f"{found.base}{REVOKE}", token["access_token"]).status_code == 200
        assert client.get(f"{found.base}/api/v1/me").status_code == 401


def test_a_foreign_client_understands_why_it_is_refused(served: tuple[Live, str, str]) -> None:
    found, client_id, secret = served
    url = f"{found.base}{TOKEN}"
    with OAuth2Session(client_id, "rgs_wrong") as wrong, pytest.raises(OAuthError, match="invalid_client"):
        wrong.fetch_token(url, grant_type="client_credentials")
    wide = OAuth2Session(client_id, secret, scope="role:auditor")
    with wide, pytest.raises(OAuthError, match="invalid_scope"):
        wide.fetch_token(url, grant_type="client_credentials")


def test_a_program_opens_no_hearing(program: Program, town: Town) -> None:
    town.walk(until="released")
    with town.database.transaction() as session:
        issuer = session.scalars(select(Issuer.id)).one()
    notice = {"proposed": "suspend", "ground": "misleading_use_of_recognition", "notice": "You are not that."}
    path = f"/issuers/{issuer}/hearings"
    refused = program.call(program.token(OFFICER), "POST", path, json=notice)
    assert refused.status_code == 403
    assert "only a person" in refused.text
    assert Callers(town).make("officer", "POST", path, notice)["notice"] == "You are not that."
