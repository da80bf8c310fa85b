"""Applications through the API: start, fill in, stale versions, strangers."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.database import Database
from registry.domain.roles import Role
from registry.models.body import Body
from registry.models.institution import Institution
from registry.policy_files import available
from registry.services import accounts, bodies, sessions

from support.browser import PASSWORD, create_person

POLICY = "eu-microcredential-recommendation-2022"


@dataclass(frozen=True)
class World:
    """One body with a scheme, one institution with an owner, and a stranger."""

    institution_id: uuid.UUID
    owner: dict[str, str]
    stranger: dict[str, str]


@pytest.fixture
def world(database: Database, at: datetime) -> World:
    ada, eve = create_person(database, at=at), create_person(database, "Eve", at=at)
    policy = next(loaded for (name, _), loaded in available(None).items() if name == POLICY)
    with database.transaction() as session:
        body = Body(
            slug="agency", legal_name="Invented Agency", names={"en": "Invented Agency"}, street="", locality="",
            postal_code="", country="PL", email="", website="", mandate={}, mandate_until=None, created_at=at,
        )  # fmt: skip
        institution = Institution(
            slug="college", name="Invented College", country="PL", kind="higher_education", folded="invented college",
            created_at=at,
        )  # fmt: skip
        session.add_all((body, institution))
        session.flush()
        two = []
        for name, role in (("Edna", Role.POLICY_EDITOR), ("April", Role.POLICY_APPROVER)):
            person = accounts.create_account(
                session, name=name, email=f"{name}@agency.example", password=PASSWORD, language="en", at=at
            )
            accounts.record_grant(session, person.id, role, body_id=body.id, actor=None, at=at)
            two.append(str(person.id))
        bodies.adopt_policy(session, body.id, policy, proposed_by=two[0], approved_by=two[1], at=at)
        bodies.create_scheme(
            session, body, slug="scheme", policy_id=POLICY, names={"en": "DEMO"}, actor="operator", at=at
        )
        for role in (Role.OWNER, Role.SIGNATORY):
            accounts.record_grant(session, ada.id, role, institution_id=institution.id, actor=None, at=at)
        tokens = [sessions.create_token(session, who.id, name="t", at=at)[0] for who in (ada, eve)]
    owner, stranger = ({"Authorization": f"Bearer {token}"} for token in tokens)
    return World(institution.id, owner, stranger)


def started(client: FlaskClient, world: World) -> dict[str, Any]:
    body = {"institution_id": str(world.institution_id), "scheme": "scheme"}
    answer = client.post("/api/v1/applications", json=body, headers=world.owner)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    assert answer.headers["Location"].endswith(f"/api/v1/applications/{made['id']}")
    return made


def test_the_owner_starts_an_application_and_finds_it_again(client: FlaskClient, world: World) -> None:
    made = started(client, world)
    assert (made["state"], made["policy"]["id"], made["evidence"]) == ("draft", POLICY, [])
    assert client.get(f"/api/v1/applications/{made['id']}", headers=world.owner).json == made
    page = client.get("/api/v1/applications", headers=world.owner).get_json()
    assert [(item["id"], item["scheme"]) for item in page["items"]] == [(made["id"], "scheme")]


def test_a_second_open_application_in_the_scheme_is_a_conflict(client: FlaskClient, world: World) -> None:
    started(client, world)
    body = {"institution_id": str(world.institution_id), "scheme": "scheme"}
    assert client.post("/api/v1/applications", json=body, headers=world.owner).status_code == 409


def test_a_stranger_learns_nothing_and_changes_nothing(client: FlaskClient, world: World) -> None:
    path = f"/api/v1/applications/{started(client, world)['id']}"
    assert client.get("/api/v1/applications", headers=world.stranger).get_json()["total"] == 0
    never = f"/api/v1/applications/{uuid.uuid4()}"
    for address in (path, never):
        assert client.get(address, headers=world.stranger).status_code == 404
        answer = client.put(f"{address}/scope", json={"grants": [{}]}, headers=world.stranger)
        assert answer.status_code == 404
        step = {"action": "withdraw_application", "version": 1}
        assert client.post(f"{address}/steps", json=step, headers=world.stranger).status_code == 404
    body = {"institution_id": str(world.institution_id), "scheme": "scheme"}
    assert client.post("/api/v1/applications", json=body, headers=world.stranger).status_code == 403


def test_nobody_without_a_token_gets_anywhere(client: FlaskClient, world: World) -> None:
    assert client.get("/api/v1/applications").status_code == 401
    assert client.post("/api/v1/applications", json={}).status_code == 401


def test_a_scope_that_cannot_be_read_names_each_field(client: FlaskClient, world: World) -> None:
    path = f"/api/v1/applications/{started(client, world)['id']}/scope"
    answer = client.put(path, json={"grants": [{"fields": ["99999"], "nonsense": 1}]}, headers=world.owner)
    assert answer.status_code == 422
    fields = {error["field"] for error in answer.get_json(force=True)["errors"]}
    assert any(field.startswith("grants.0.fields") for field in fields), fields


def test_submitting_what_is_not_complete_lists_what_is_missing(client: FlaskClient, world: World) -> None:
    made = started(client, world)
    path = f"/api/v1/applications/{made['id']}"
    answer = client.post(f"{path}/submission", json={"version": made["version"]}, headers=world.owner)
    assert answer.status_code == 422
    fields = {error["field"].split(".")[0] for error in answer.get_json(force=True)["errors"]}
    assert {"evidence", "identities"} <= fields
    assert client.get(path, headers=world.owner).get_json()["state"] == "draft"


def test_a_version_that_is_gone_is_a_conflict(client: FlaskClient, world: World) -> None:
    made = started(client, world)
    stale = {"version": made["version"] + 1}
    path = f"/api/v1/applications/{made['id']}/submission"
    assert client.post(path, json=stale, headers=world.owner).status_code == 409


def test_a_step_that_the_workflow_lacks_is_a_conflict_and_an_unknown_one_bad_input(
    client: FlaskClient, world: World
) -> None:
    made = started(client, world)
    path = f"/api/v1/applications/{made['id']}/steps"
    step = {"action": "open_review", "version": made["version"]}
    answer = client.post(path, json=step, headers=world.owner)
    assert answer.status_code == 409
    assert "draft" in answer.get_json(force=True)["detail"]
    assert client.post(path, json=step | {"action": "decide"}, headers=world.owner).status_code == 422


def test_a_file_is_kept_by_its_hash_and_a_wrong_one_is_refused(client: FlaskClient, world: World) -> None:
    policy = next(loaded for (name, _), loaded in available(None).items() if name == POLICY)
    evidence = next(e for c in policy.policy.criteria for e in c.evidence)
    made = started(client, world)
    path = f"/api/v1/applications/{made['id']}/evidence/{evidence.id}/file"
    pdf = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    refused = client.put(f"{path}?name=report.pdf.exe", data=b"MZ", headers=world.owner)
    assert refused.status_code == 422
    given = client.put(f"{path}?name=report.pdf", data=pdf, headers=world.owner)
    assert given.status_code == 201, given.text
    shown = client.get(f"/api/v1/applications/{made['id']}", headers=world.owner).get_json()
    assert [item["sha256"] for item in shown["evidence"]] == [given.get_json()["sha256"]]
