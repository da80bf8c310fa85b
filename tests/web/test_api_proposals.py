"""Two people through the programming interface: what one proposes, another confirms or turns down."""

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from registry.domain.recognition import Status, status_at
from registry.models.issuer import Issuer
from registry.services.trust_lists import status_events

from support.callers import Callers
from support.town import Town

KEPT = {"records_kept_by": "State Archive", "status_service_kept_by": "State Archive"}


@pytest.fixture
def callers(town: Town) -> Callers:
    """Programs of the town's people, with one listed issuer."""
    town.walk(until="released")
    return Callers(town)


def listed(callers: Callers) -> Issuer:
    with callers.town.database.transaction() as session:
        issuer = session.scalars(select(Issuer)).one()
        _ = issuer.identities[0].claim_id, issuer.institution, issuer.scheme, issuer.events
        session.expunge_all()
        return issuer


def standing(callers: Callers) -> Status | None:
    with callers.town.database.transaction() as session:
        return status_at(status_events(session.scalars(select(Issuer)).one()), callers.town.clock())


def post(callers: Callers, name: str, path: str, body: Any, status: int = 201) -> Any:
    answer = callers.call(name, "POST", path, json=body)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def test_an_urgent_suspension_is_proposed_listed_and_confirmed(callers: Callers) -> None:
    issuer = listed(callers)
    path = f"/issuers/{issuer.id}/urgent-suspensions"
    body = {"ground": "fraud_suspected", "reasons": "Badges were sold."}
    post(callers, "stranger", path, body, 404)
    post(callers, "chair", path, body, 403)
    refused = post(callers, "officer", path, {**body, "ground": "serious_breach"}, 422)
    assert [problem["field"] for problem in refused["errors"]] == ["ground"]
    made = post(callers, "officer", path, body)
    assert (made["kind"], made["answer"]) == ("urgent_suspension", None)
    assert [one["id"] for one in callers.items("registrar1", "/proposals")] == [made["id"]]
    assert callers.items("officer", "/proposals") == []
    address = f"/proposals/{made['id']}"
    assert callers.get("registrar1", address)["content"] == {"ground": "fraud_suspected"}
    post(callers, "officer", f"{address}/answer", {"accepted": True}, 403)
    post(callers, "ada", f"{address}/answer", {"accepted": True}, 404)
    post(callers, "registrar1", f"{address}/answer", {"accepted": False}, 422)
    done = post(callers, "registrar1", f"{address}/answer", {"accepted": True})
    assert done["answer"]["account_id"] == str(callers.town.people["registrar1"])
    post(callers, "registrar2", f"{address}/answer", {"accepted": True}, 409)
    assert standing(callers) is Status.SUSPENDED


def test_warnings_liftings_and_unknown_fields(callers: Callers) -> None:
    issuer = listed(callers)
    warning = {"reasons": "So.", "text": {"en": "Mend it.", "pl": "Proszę poprawić."}}
    made = post(callers, "officer", f"/issuers/{issuer.id}/warnings", warning)
    post(callers, "registrar1", f"/proposals/{made['id']}/answer", {"accepted": False, "reasons": "No."})
    post(callers, "officer", f"/issuers/{issuer.id}/warnings", {**warning, "surprise": 1}, 422)
    post(callers, "officer", f"/issuers/{issuer.id}/liftings", {"reasons": "So."}, 422)


def test_an_issuer_gives_up_and_reports_a_key_by_its_own_program(callers: Callers) -> None:
    issuer = listed(callers)
    identity = issuer.identities[0].claim_id
    since = issuer.identities[0].effective_from.isoformat()
    made = post(
        callers,
        "ada",
        f"/identities/{identity}/compromises",
        {"from": since, "reasons": "A laptop was stolen."},
    )
    post(callers, "verifier1", f"/proposals/{made['id']}/answer", {"accepted": True})
    post(callers, "ada", f"/identities/{identity}/endings", {"reasons": "Gone."}, 422)
    post(callers, "ada", f"/identities/{uuid.uuid4()}/endings", {"reasons": "Gone."}, 404)
    path = f"/issuers/{issuer.id}/relinquishments"
    lacking = post(callers, "ada", path, {"reasons": "We stop.", "terms": {}}, 422)
    assert {problem["field"] for problem in lacking["errors"]} == set(KEPT)
    made = post(
        callers, "ada", path, {"reasons": "We stop.", "terms": {**KEPT, "teach_out_until": "2126-01-01"}}
    )
    post(callers, "registrar1", f"/proposals/{made['id']}/answer", {"accepted": True})
    assert standing(callers) is Status.RELINQUISHED


def test_what_follows_from_a_closure_is_proposed_for_a_body(callers: Callers) -> None:
    issuer = listed(callers)
    path = f"/bodies/{issuer.scheme.body_id}/institution-events"
    body = {
        "institution_id": str(issuer.institution_id),
        "kind": "closure",
        "occurred_on": "2026-01-01",
        "evidence": "Register.",
        "reasons": "So.",
        "terms": KEPT,
    }
    post(callers, "stranger", path, body, 404)
    post(callers, "ada", path, body, 404)
    made = post(callers, "officer", path, body)
    post(callers, "registrar1", f"/proposals/{made['id']}/answer", {"accepted": True})
    assert standing(callers) is Status.WITHDRAWN
