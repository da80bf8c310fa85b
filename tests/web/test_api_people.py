"""People in a case through the API: the pool, parts given together, the applicant's word, waivers, confirmed roles."""

import uuid

import pytest

from registry.demo.clock import SteppingClock
from registry.demo.walk import Walk
from registry.domain.roles import Role
from registry.domain.workflow import Action
from registry.files import FileStore
from registry.models.application import Application
from registry.models.people import Expert
from registry.services import accounts, identities, two_people

from support.callers import PANEL, Callers
from support.town import Town


@pytest.fixture
def callers(town: Town) -> Callers:
    """Programs of the town's people, with a case whose panel can be composed."""
    case, cast = town.walk(until="submitted"), town._cast()
    with town.database.transaction() as session:
        walk = Walk(session, FileStore(town.evidence), cast, SteppingClock(town.clock()))
        application = session.get_one(Application, case)
        walk.open(application)
        walk.answer_eligibility(application)
        walk.gather(application, cast.verifiers[0])
        for claim in application.identity_claims:
            for verifier in cast.verifiers:
                identities.confirm(session, claim.id, actor=verifier, at=walk.clock())
        walk.act(application, Action.CONFIRM_IDENTITY, cast.verifiers[1])
    town.clock.advance(hours=2)
    return Callers(town, case=f"/applications/{case}")


def account(callers: Callers, name: str) -> str:
    return str(callers.town.people[name])


def parts(callers: Callers) -> list[dict[str, str]]:
    return [
        {
            "account_id": account(callers, name),
            "role": "panel_chair" if seat == "chair" else "panel_member",
            "seat": seat,
        }
        for name, seat in PANEL.items()
    ]


def proposed(callers: Callers) -> None:
    """Compose the panel and propose it."""
    callers.make("officer", "POST", f"{callers.case}/parts", {"parts": parts(callers)})
    for name in PANEL:
        callers.declare(name)
    callers.step("officer", "propose_panel")


NEW = {
    "name": "Nowa Osoba",
    "email": "nowa@experts.example",
    "fields": ["0613"],
    "seats": ["subject"],
    "profile": {"en": "Knows computing."},
    "periods": [{"starts": "2027-01-01", "ends": "2027-06-30"}],
}


def test_a_pool_is_kept_by_its_keepers_alone(callers: Callers) -> None:
    pool = f"/bodies/{callers.town.body_id}/experts"
    made = callers.make("administrator", "POST", pool, NEW)
    assert made["account_id"] is None
    assert callers.items("officer", f"{pool}?field=06&seat=subject") == [made]
    assert callers.items("officer", f"{pool}?on=2026-12-01") == []
    callers.refuse(403, "registrar1", "GET", pool)
    callers.refuse(404, "registrar1", "GET", f"/experts/{made['id']}")
    callers.refuse(409, "administrator", "POST", pool, NEW)
    wrong = callers.refuse(
        422, "administrator", "POST", pool, NEW | {"fields": ["zz"], "email": "a@b.example"}
    )
    assert {one["field"] for one in wrong["errors"]} == {"fields"}
    details = {key: made[key] for key in ("profile", "fields", "seats", "languages", "periods")}
    stale = details | {"version": made["version"] + 1}
    callers.refuse(409, "officer", "PUT", f"/experts/{made['id']}", stale)
    tie = {"institution_id": str(callers.town.institution_id), "reason": "A lawsuit."}
    noted = callers.make("officer", "POST", f"/experts/{made['id']}/ties", tie)
    assert callers.call("officer", "DELETE", f"/experts/{made['id']}/ties/{noted['id']}").status_code == 204
    assert callers.call("officer", "DELETE", f"/experts/{made['id']}").status_code == 204
    assert callers.get("officer", f"/experts/{made['id']}")["left_at"]
    callers.refuse(403, "registrar1", "POST", f"/experts/{made['id']}/return")
    back = callers.call("officer", "POST", f"/experts/{made['id']}/return")
    assert (back.status_code, back.get_json()["left_at"]) == (200, None)


def test_an_invitation_is_sent_again_until_somebody_has_joined(callers: Callers) -> None:
    made = callers.make("officer", "POST", f"/bodies/{callers.town.body_id}/experts", NEW)
    again = f"/experts/{made['id']}/invitations"
    callers.refuse(403, "registrar1", "POST", again)
    callers.refuse(404, "officer", "POST", f"/experts/{uuid.uuid4()}/invitations")
    assert callers.make("officer", "POST", again)["account_id"] is None
    with callers.town.database.transaction() as session:
        old, new = session.get_one(Expert, uuid.UUID(made["id"])).invitations
        assert old.withdrawn_at is not None
        assert new.withdrawn_at is None
        session.get_one(Expert, uuid.UUID(made["id"])).account_id = callers.town.people["stranger"]
    callers.refuse(409, "officer", "POST", again)


def test_parts_are_given_together_and_the_applicant_has_its_word(callers: Callers) -> None:
    twice = [*parts(callers), parts(callers)[0]]
    problem = callers.refuse(422, "officer", "POST", f"{callers.case}/parts", {"parts": twice})
    assert [one["field"] for one in problem["errors"]] == ["parts.4"]
    assert callers.get("ada", f"{callers.case}/panel")["members"] == []
    proposed(callers)
    panel = callers.get("ada", f"{callers.case}/panel")
    assert [one["seats"] for one in panel["members"]] == [[seat] for seat in PANEL.values()]
    assert panel["due"]
    learner = {"account_id": account(callers, "reviewer3"), "reasons": "A dispute."}
    callers.refuse(403, "officer", "POST", f"{callers.case}/objections", learner)
    filed = callers.make("ada", "POST", f"{callers.case}/objections", learner)
    answer = {"upheld": False, "reasons": "It ended long ago."}
    callers.refuse(404, "stranger", "PUT", f"/objections/{filed['id']}/answer", answer)
    told = callers.call("officer", "PUT", f"/objections/{filed['id']}/answer", json=answer)
    assert told.get_json()["upheld"] is False
    assert callers.call("ada", "POST", f"{callers.case}/panel/acceptance").status_code == 204
    assert callers.items("ada", f"{callers.case}/objections")[0]["answer"] == "It ended long ago."
    callers.step("officer", "appoint_panel")


def test_a_tie_is_waived_by_two(callers: Callers) -> None:
    callers.make("officer", "POST", f"{callers.case}/parts", {"parts": parts(callers)})
    asked = callers.get("reviewer1", f"{callers.case}/declaration")
    answers = {rule["id"]: {"yes": rule["id"] == "COI-6", "text": "A paper."} for rule in asked["rules"]}
    made = callers.make("reviewer1", "POST", f"{callers.case}/declaration", {"answers": answers})
    assert (made["outcome"], made["stage"]) == ("disclosed", "before_assignment")
    assert "two others waive it" in callers.get("reviewer1", f"{callers.case}/declaration")["locked"]
    waiver = {"account_id": account(callers, "reviewer1"), "reasons": "Long ago."}
    callers.refuse(403, "reviewer2", "POST", f"{callers.case}/waivers", waiver)
    waiting = callers.make("officer", "POST", f"{callers.case}/waivers", waiver)
    with callers.town.database.transaction() as session:
        chair = callers.town.people["chair"]
        proposal = uuid.UUID(waiting["proposal_id"])
        two_people.confirm(session, proposal, actor=chair, at=callers.town.clock())
    assert callers.get("reviewer1", f"{callers.case}/declaration")["locked"] is None
    assert [one["rules"] for one in callers.items("officer", f"{callers.case}/waivers")] == [["COI-6"]]


def test_a_second_administrator_confirms_a_role(callers: Callers) -> None:
    town = callers.town
    with town.database.transaction() as session:
        admin, second, at = town.people["administrator"], town.people["stranger"], town.clock()
        accounts.record_grant(session, second, Role.ADMINISTRATOR, body_id=town.body_id, actor=None, at=at)
        grant = accounts.grant_role(session, admin, Role.AUDITOR, body_id=town.body_id, actor=admin, at=at).id
    callers.refuse(403, "administrator", "POST", f"/role-grants/{grant}/confirmation")
    told = callers.call("stranger", "POST", f"/role-grants/{grant}/confirmation")
    assert told.get_json()["confirmed_by"] == account(callers, "stranger")
    callers.refuse(409, "stranger", "POST", f"/role-grants/{grant}/confirmation")
