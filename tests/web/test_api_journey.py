"""One institution's whole way through the API alone, as the software of all the people it takes."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from registry.config import Settings
from registry.database import Database
from registry.domain.trust_list import canonical_json
from registry.editions import EditionStore
from registry.models.body import Scheme
from registry.services import list_keys
from registry.services.edition_building import Publishing
from registry.services.publication import publish

from support.callers import COMMITTEE, PANEL, Callers
from support.clock import Clock
from support.town import Town, found
from support.world import key_store


@pytest.fixture
def town(app: Flask, database: Database, clock: Clock) -> Town:
    return found(app, database, clock)


@pytest.fixture
def callers(town: Town) -> Callers:
    return Callers(town)


@pytest.fixture
def publishing(town: Town, settings: Settings, tmp_path: Path) -> Iterator[Publishing]:
    keys = key_store(tmp_path / "keys")
    with town.database.transaction() as session:
        scheme = session.get_one(Scheme, town.scheme_id)
        list_keys.first(session, keys, scheme, actor="operator", at=town.clock())
    with EditionStore(settings.editions, settings.base_url) as store:
        yield Publishing(town.database, store, keys, settings.base_url)


def public(town: Town, path: str) -> Any:
    answer = town.app.test_client().get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_an_institution_goes_from_claim_to_list_entry_and_is_suspended_after_a_hearing(
    callers: Callers, publishing: Publishing
) -> None:
    town = callers.town
    receipt = callers.to_submission()
    assert hashlib.sha256(canonical_json(receipt["content"])).hexdigest() == receipt["sha256"]
    assert callers.get("ada", f"{callers.case}/submission") == receipt
    callers.open()
    look_at_the_file(callers)
    callers.identify()
    callers.compose_panel()
    review(callers)
    callers.refer()
    decision = consider(callers)
    town.clock.advance(minutes=1)
    publish(publishing, at=town.clock(), at_once=True)
    assert public(town, "/issuers")["items"] == [], "nothing is published before the release"
    callers.refuse(404, "ada", "GET", f"{callers.case}/decision")
    released = callers.release(decision)
    assert callers.get("ada", f"{callers.case}/decision") == released
    listed(callers, publishing, released["issuer_id"], "active")
    suspend(callers, released["issuer_id"])
    listed(callers, publishing, released["issuer_id"], "suspended")


def look_at_the_file(callers: Callers) -> None:
    rows = callers.items("officer", f"{callers.case}/evidence")
    assert {row["provided_by"] for row in rows} == {"applicant", "machine"}
    row = next(one for one in rows if one["file_name"])
    given = callers.call("officer", "GET", row["content"].removeprefix("/api/v1"))
    assert hashlib.sha256(given.data).hexdigest() == row["sha256"]
    assert given.headers["Content-Disposition"] == f"attachment; filename={row['file_name']}"
    checks = callers.get("officer", f"{callers.case}/checks")
    assert {one["evidence_id"] for one in checks["machine"]} == {
        one["evidence_id"] for one in rows if one["provided_by"] == "machine"
    }
    assert {one["id"] for one in checks["eligibility"]} == {c.id for c in callers.town.policy.eligibility}


def review(callers: Callers) -> None:
    case, wanted = callers.case, [c.id for c in callers.town.policy.criteria]
    callers.rate("reviewer1")
    assert [one["criterion"] for one in callers.items("reviewer1", f"{case}/ratings/mine")] == wanted
    progress = callers.get("reviewer2", f"{case}/ratings/progress")
    assert {one["rated"] for one in progress["members"]} == {0, len(wanted)}
    assert "hidden" in callers.refuse(403, "reviewer1", "GET", f"{case}/ratings")["detail"]
    callers.review()
    assert [one["criterion"] for one in callers.items("reviewer2", f"{case}/agreement")] == wanted
    table = callers.items("reviewer3", f"{case}/ratings")
    assert all(len(row["ratings"]) == len(PANEL) and not row["differs"] for row in table)
    report = callers.get("officer", f"{case}/report")
    assert (report["final"], len(report["content"]["ratings"])) == (True, len(wanted))


def consider(callers: Callers) -> dict[str, Any]:
    proposal = callers.get("member1", f"{callers.case}/proposal")
    assert proposal["outcome"] == "recognize"
    held = [step for step in proposal["explanation"] if step["held"]]
    assert [step["rule"] for step in held] == [proposal["rule"]]
    assert held[0]["because"]["pl"]
    return callers.decide()


def listed(callers: Callers, publishing: Publishing, issuer: str, status: str) -> None:
    town = callers.town
    town.clock.advance(minutes=1)
    publish(publishing, at=town.clock(), at_once=True)
    shown = public(town, f"/issuers/{issuer}")
    assert (shown["status"], shown["scheme"]) == (status, "invented")
    assert [one["id"] for one in public(town, f"/issuers?identifier={callers.did}")["items"]] == [issuer]
    assert {one["scheme"] for one in public(town, "/lists?scheme=invented")["items"]} == {"invented"}
    body = callers.items("officer", "/bodies")[0]["id"]
    assert [(o["id"], o["status"]) for o in callers.items("officer", f"/bodies/{body}/issuers")] == [
        (issuer, status)
    ]


def suspend(callers: Callers, issuer: str) -> None:
    notice = {"proposed": "suspend", "ground": "misleading_use_of_recognition", "notice": "You are not that."}
    opened = callers.make("officer", "POST", f"/issuers/{issuer}/hearings", notice)
    callers.case = f"/applications/{opened['application_id']}"
    callers.declare("officer")
    hidden = callers.get("ada", f"{callers.case}/hearing")
    assert (hidden["notice"], hidden["delivery"]) == (None, None)
    assert callers.make("ada", "POST", f"{callers.case}/hearing/opening")["notice"] == "You are not that."
    assert callers.get("officer", f"{callers.case}/hearing")["delivery"]["kind"] == "opened"
    callers.make("ada", "POST", f"{callers.case}/hearing/answer", {"answer": "It is gone."})
    callers.seat_committee()
    callers.step("officer", "close_hearing")
    assert callers.get("member1", f"{callers.case}/hearing")["answer"] == "It is gone."
    decision = callers.decide()
    motion = callers.get("member1", f"{callers.case}/motion")
    assert (motion["outcome"], motion["tally"]["in_favour"]) == ("suspend", len(COMMITTEE))
    assert (motion["settled"], motion["replaceable"]) == (True, False)
    callers.release(decision)
    steps = callers.items("officer", f"{callers.case}/timeline")
    assert [one["action"] for one in steps] == ["close_hearing", "decide", "release"]
    assert steps[-1]["name"] == "Registrar2 Person"
