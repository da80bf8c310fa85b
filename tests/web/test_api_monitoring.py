"""Monitoring and complaints through the API: the same rules as on pages, and no name where none belongs."""

import uuid

import pytest
from sqlalchemy import select

from registry.domain.roles import Role
from registry.models.issuer import Issuer
from registry.services import accounts

from support.callers import ROOT, Callers
from support.town import Town

WHO = "Zofia, zofia@learner.example"


@pytest.fixture
def callers(town: Town) -> Callers:
    """Programs of the town's people, with one listed issuer and a complaints officer."""
    town.walk(until="released")
    with town.database.transaction() as session:
        row = accounts.create_account(
            session,
            name="Carla Complaints",
            email="carla@town.example",
            password="never-used-here-at-all",
            language="en",
            at=town.clock(),
        )
        accounts.grant_role(
            session, row.id, Role.COMPLAINTS_OFFICER, body_id=town.body_id, actor=None, at=town.clock()
        )
        town.people["complaints"] = row.id
    return Callers(town)


def listed(callers: Callers) -> tuple[uuid.UUID, str, str]:
    with callers.town.database.transaction() as session:
        issuer = session.scalars(select(Issuer)).one()
        return issuer.id, issuer.institution.slug, issuer.scheme.slug


def test_a_change_is_told_taken_on_and_closed(callers: Callers) -> None:
    issuer, _slug, _scheme = listed(callers)
    path = f"/issuers/{issuer}/changes"
    body = {"change": "merger", "text": "We join another school."}
    assert callers.call("stranger", "POST", path, json=body).status_code == 404
    assert callers.call("ada", "POST", path, json={**body, "change": "rain"}).status_code == 422
    assert callers.call("ada", "POST", path, json=body).status_code == 204
    (item,) = callers.items("officer", "/monitoring")
    assert (item["kind"], item["subject"], item["owner"]) == ("change_report", "merger", None)
    address = f"/monitoring/{item['id']}"
    assert callers.items("chair", "/monitoring") == []
    assert callers.call("chair", "GET", address).status_code == 404
    assert callers.call("officer", "POST", f"{address}/owner").status_code == 200
    ended = {"result": "noted", "reasons": "Looked at."}
    assert callers.call("registrar1", "POST", f"{address}/result", json=ended).status_code == 404
    assert callers.call("officer", "POST", f"{address}/result", json=ended).get_json()["result"] == "noted"
    assert callers.call("officer", "POST", f"{address}/result", json=ended).status_code == 409


def test_signals_reports_and_renewals_keep_their_rules(callers: Callers) -> None:
    issuer, _slug, _scheme = listed(callers)
    base = f"/issuers/{issuer}"
    signal = {"signal": "credential_outside_scope_seen", "text": "A badge in law."}
    assert callers.call("officer", "POST", f"{base}/signals", json=signal).status_code == 201
    assert callers.call("ada", "POST", f"{base}/signals", json=signal).status_code == 404
    report = {"year": callers.town.clock().year, "answers": {}}
    assert callers.call("ada", "POST", f"{base}/reports", json=report).status_code == 422
    assert callers.items("ada", f"{base}/reports") == callers.items("officer", f"{base}/conditions") == []
    assert callers.call("stranger", "GET", f"{base}/reports").status_code == 404
    early = callers.call("ada", "POST", f"{base}/procedures", json={"procedure": "renewal"})
    assert early.status_code == 409
    made = callers.call("ada", "POST", f"{base}/procedures", json={"procedure": "scope_extension"})
    assert made.status_code == 201
    assert callers.get("ada", f"/applications/{made.get_json()['application_id']}")


def test_a_complaint_needs_no_token_and_its_way_tells_the_issuer_no_name(callers: Callers) -> None:
    issuer, slug, scheme = listed(callers)
    body = {
        "scheme": scheme,
        "issuer": slug,
        "who": "learner",
        "about": "issuer_compliance",
        "text": "The course was not held.",
        "contact": WHO,
    }
    client = callers.town.app.test_client()
    assert client.post(f"{ROOT}/complaints", json={**body, "who": "x"}).status_code == 422
    lodged = client.post(f"{ROOT}/complaints", json=body)
    assert lodged.status_code == 201
    secret = lodged.get_json()["secret"]
    (row,) = callers.items("complaints", "/complaints")
    address = f"/complaints/{row['id']}"
    assert callers.items("officer", "/complaints") == []
    assert callers.call("officer", "GET", address).status_code == 404
    assert WHO not in callers.call("auditor", "GET", address).text
    steps = (("acknowledge", ""), ("admit", "Of the policy."), ("ask_issuer", "Was a course not held?"))
    for step, text in steps:
        taken = callers.call("complaints", "POST", f"{address}/steps", json={"step": step, "text": text})
        assert taken.status_code == 200, taken.text
    told = callers.call("ada", "GET", f"/issuers/{issuer}/complaints").text
    assert "Was a course not held?" in told
    for hidden in (WHO, "learner", "The course was not held.", secret):
        assert hidden not in told
    assert callers.call("ada", "POST", f"{address}/reply", json={"text": "It moved."}).status_code == 204
    end = {"outcome": "recommendation", "reasons": "Tell in time."}
    resolved = callers.call("complaints", "POST", f"{address}/resolution", json=end)
    assert resolved.get_json()["outcome"] == "recommendation"
    followed = client.get(f"{ROOT}/complaints/follow/{secret}").get_json()
    assert (followed["state"], followed["reasons"]) == ("resolved", "Tell in time.")
    assert callers.call("complaints", "DELETE", f"{address}/contact").status_code == 204
    assert client.get(f"{ROOT}/complaints/follow/nonsense").status_code == 404
