"""The committee and the release: reasons for a deviation, one vote each, a lost motion, two signatures."""

import re
import uuid

import pytest
from sqlalchemy import select

from registry.models.application import Application
from registry.models.decision import Decision

from support.town import Town

MEMBERS = ("chair", "member1", "member2", "member3", "member4")


def vote(town: Town, case: uuid.UUID, **ballots: str) -> None:
    page = f"/cases/{case}/committee"
    for name, ballot in ballots.items():
        town.browser(name).do(page, f"{page}/vote", ballot=ballot)


def test_a_registrar_reads_how_the_report_came_about(town: Town) -> None:
    case = town.walk(until="decided")
    registrar = town.browser("registrar1")
    assert f"/cases/{case}/report/versions" in registrar.see(f"/cases/{case}/report")
    for page in ("versions", "facts"):
        registrar.see(f"/cases/{case}/report/{page}")
    town.browser("editor").see(f"/cases/{case}/report/versions", 404)


def test_a_deviation_from_the_proposal_needs_reasons(town: Town) -> None:
    case = town.walk(until="committee")
    page, chair = f"/cases/{case}/committee", town.browser("chair")
    answer = chair.send(page, f"{page}/motion", outcome="refuse")
    assert answer.status_code == 422
    assert 'href="#reasons"' in answer.text
    assert 'value="refuse" checked' in answer.text
    chair.do(page, f"{page}/motion", outcome="refuse", reasons="The evidence is older than it says.")
    assert "differs from the proposal" in town.browser("member1").see(page)


def test_the_explanation_of_the_proposal_stands_beside_the_motion(town: Town) -> None:
    case = town.walk(until="committee")
    seen = town.browser("chair", "pl").see(f"/cases/{case}/committee")
    assert "liczba kryteriów z oceną" in seen
    assert "Oceny, które zdecydowały:" in seen


def test_only_the_chair_puts_a_motion_and_nobody_votes_twice(town: Town) -> None:
    case = town.walk(until="committee")
    page = f"/cases/{case}/committee"
    assert "Put a motion" not in town.browser("member1").see(page)
    loaded_early = town.browser("chair").form(page, f"{page}/motion")
    assert town.browser("member1").send_form(loaded_early, page, {}).status_code in {400, 403}
    town.browser("chair").do(page, f"{page}/motion")
    member = town.browser("member1")
    ballot = member.form(page, f"{page}/vote")
    assert member.send_form(ballot, page, {"ballot": "for"}).status_code == 303
    assert member.send_form(ballot, page, {"ballot": "against"}).status_code == 409


def test_how_others_voted_is_seen_only_after_voting(town: Town) -> None:
    case = town.walk(until="committee")
    page = f"/cases/{case}/committee"
    town.browser("chair").do(page, f"{page}/motion")
    vote(town, case, member1="against")
    seen = town.browser("member2").see(page)
    assert "Member1 Person: has voted" in seen
    vote(town, case, member2="for")
    assert "Member1 Person: Against" in town.browser("member2").see(page)


def test_a_motion_that_was_lost_makes_room_for_another(town: Town) -> None:
    case = town.walk(until="committee")
    page, chair = f"/cases/{case}/committee", town.browser("chair")
    chair.do(page, f"{page}/motion")
    vote(town, case, **dict.fromkeys(MEMBERS, "against"))
    assert "Declare the result" not in chair.see(page)
    chair.do(page, f"{page}/motion", outcome="defer", reasons="The members are not convinced.")
    vote(town, case, **dict.fromkeys(MEMBERS, "for"))
    chair.do(page, f"{page}/decide")
    with town.database.transaction() as session:
        assert session.scalars(select(Decision.outcome)).all() == ["defer"]


def test_a_vote_on_a_motion_that_was_replaced_is_a_conflict(town: Town) -> None:
    case = town.walk(until="committee")
    page, chair = f"/cases/{case}/committee", town.browser("chair")
    chair.do(page, f"{page}/motion")
    early = town.browser("member1").form(page, f"{page}/vote")
    chair.do(page, f"{page}/motion", outcome="refuse", reasons="Second thoughts.")
    answer = town.browser("member1").send_form(early, page, {"ballot": "for"})
    assert answer.status_code == 409
    assert "Another motion has taken the place of this one." in answer.text


def test_one_person_does_not_sign_twice(town: Town) -> None:
    case = town.walk(until="decided")
    page, first = f"/cases/{case}/release", town.browser("registrar1")
    early = town.browser("registrar2").form(page, f"{page}/first")
    first.do(page, f"{page}/first")
    token = re.search(r'name="csrf_token" value="([^"]+)"', first.see(f"/cases/{case}"))
    assert token is not None
    again = {"csrf_token": token[1], "decision": early.values["decision"][0]}
    assert first.client.post(f"/en{page}/second", data=again).status_code == 403
    assert town.browser("registrar2").send_form(early, page, {}).status_code == 409
    with town.database.transaction() as session:
        assert session.get_one(Application, case).state.value == "decided"


@pytest.mark.parametrize("name", ["officer", "chair", "member1", "auditor", "reviewer1"])
def test_who_is_no_registrar_releases_nothing(town: Town, name: str) -> None:
    case = town.walk(until="decided")
    town.browser(name).see(f"/cases/{case}/release", 403)


def test_a_refusal_is_told_to_the_applicant_with_reasons_and_lists_nothing(town: Town) -> None:
    case = town.walk(until="committee")
    page, chair = f"/cases/{case}/committee", town.browser("chair")
    ada, officer = town.browser("ada"), town.browser("officer")
    chair.do(page, f"{page}/motion", outcome="refuse", reasons="The evidence is older than it says.")
    vote(town, case, **dict.fromkeys(MEMBERS, "for"))
    chair.do(page, f"{page}/notice", text="The committee means to refuse.")
    ada.do(f"/apply/{case}/hearing", f"/apply/{case}/hearing/open")
    ada.do(f"/apply/{case}/hearing", text="We disagree.")
    officer.do(f"/cases/{case}", f"/cases/{case}/act", {"action": "close_hearing"})
    chair.do(page, f"{page}/motion", outcome="refuse", reasons="The evidence is older than it says.")
    vote(town, case, **dict.fromkeys(MEMBERS, "for"))
    chair.do(page, f"{page}/decide")
    assert "older than it says" not in ada.see(f"/apply/{case}")
    release = f"/cases/{case}/release"
    town.browser("registrar1").do(release, f"{release}/first")
    assert "older than it says" not in ada.see(f"/apply/{case}")
    town.browser("registrar2").do(release, f"{release}/second")
    seen = ada.see(f"/apply/{case}")
    assert "older than it says" in seen
    assert "/en/issuers/" not in seen.split("<main", 1)[1].split("</main>", 1)[0]
