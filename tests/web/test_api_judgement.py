"""The judgement through the API: questions, visit, sections and facts, for a body's own system and the applicant's."""

import uuid
from datetime import timedelta

import pytest

from registry.demo import detours_judgement as detours
from registry.models.application import Application
from web.test_judgement_pages import walking

from support.callers import PANEL, Callers
from support.town import Town


@pytest.fixture
def callers(town: Town) -> Callers:
    found = Callers(town)
    found.case = f"/applications/{town.walk(until='review')}"
    return found


def case_id(callers: Callers) -> uuid.UUID:
    return uuid.UUID(callers.case.rpartition("/")[2])


def done(callers: Callers, name: str, method: str, path: str, body: object) -> object:
    answer = callers.call(name, method, path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_questions_are_put_sent_answered_and_handed_over(callers: Callers) -> None:
    questions, first = f"{callers.case}/questions", callers.town.policy.criteria[0].id
    put = {"criterion": first, "text": "How many answered?"}
    made = callers.make("reviewer2", "POST", questions, put)
    dropped = callers.make("reviewer2", "POST", questions, put | {"text": "Never mind."})
    assert callers.call("reviewer2", "DELETE", f"{questions}/{dropped['id']}").status_code == 204
    assert callers.items("ada", questions) == []
    assert callers.items("officer", questions) == []
    callers.refuse(403, "officer", "POST", questions, put)
    callers.refuse(404, "ada", "POST", questions, put)
    callers.refuse(422, "reviewer2", "POST", questions, put | {"criterion": "Z99"})
    callers.refuse(409, "reviewer1", "POST", f"{questions}/send", {"version": 1})
    done(callers, "reviewer1", "POST", f"{questions}/send", {"version": callers.version("reviewer1")})
    [seen] = callers.items("ada", questions)
    assert (seen["text"], seen["round"], seen["answer"]) == ("How many answered?", 1, None)
    answer, over = f"{questions}/{made['id']}/answer", f"{callers.case}/answers/send"
    callers.refuse(409, "ada", "POST", over, {"version": callers.version("ada")})
    callers.refuse(403, "reviewer1", "PUT", answer, {"text": "From the panel."})
    done(callers, "ada", "PUT", answer, {"text": "231 of 412."})
    done(callers, "ada", "POST", over, {"version": callers.version("ada")})
    assert callers.state("reviewer1") == "review"
    assert [q["answer"] for q in callers.items("officer", questions)] == ["231 of 412."]
    callers.refuse(409, "ada", "PUT", answer, {"text": "Too late."})


def test_a_visit_is_planned_and_its_notes_stay_with_the_panel(callers: Callers) -> None:
    visit = f"{callers.case}/visit"
    callers.refuse(404, "officer", "GET", visit)
    plan = {
        "mode": "remote",
        "place": "https://meet.example.org/1",
        "day": (callers.town.clock() + timedelta(days=5)).date().isoformat(),
        "agenda": [{"starts": "09:30", "group": "leadership", "subject": "Strategy"}],
    }
    refused = callers.refuse(422, "reviewer1", "PUT", visit, plan)
    assert [one["field"] for one in refused["errors"]] == ["agenda"]
    plan["agenda"].append({"starts": "11:00", "group": "learners", "subject": "Workload"})  # type: ignore[attr-defined]
    callers.refuse(403, "reviewer2", "PUT", visit, plan)
    callers.make("reviewer1", "PUT", visit, plan)
    assert callers.get("ada", visit)["agenda"] == plan["agenda"]
    callers.refuse(409, "reviewer2", "POST", f"{visit}/notes", {"text": "Before it began."})
    callers.refuse(403, "officer", "GET", f"{visit}/notes")
    callers.refuse(404, "ada", "GET", f"{visit}/notes")
    for name in PANEL:
        callers.declare(name)
    callers.step("reviewer1", "begin_visit")
    note = callers.make("reviewer2", "POST", f"{visit}/notes", {"text": "They were open."})
    callers.refuse(404, "reviewer1", "DELETE", f"{visit}/notes/{note['id']}")
    assert callers.call("reviewer2", "DELETE", f"{visit}/notes/{note['id']}").status_code == 204
    assert callers.items("reviewer1", f"{visit}/notes") == []


def test_facts_are_disputed_and_answered(callers: Callers) -> None:
    town, case = callers.town, case_id(callers)
    with walking(town, case) as (walk, application):
        detours.rate(walk, application, {})
    one, sections = town.policy.criteria[0].id, f"{callers.case}/report/sections"
    section = {"number": 0, "findings": "It is taught in Polish only."}
    callers.make("reviewer1", "PUT", f"{sections}/{one}", section)
    callers.refuse(409, "reviewer1", "PUT", f"{sections}/{one}", section)
    callers.refuse(403, "reviewer2", "PUT", f"{sections}/{one}", section | {"number": 1})
    callers.refuse(403, "officer", "GET", sections)
    callers.report()
    callers.refuse(404, "ada", "GET", f"{callers.case}/report")
    callers.step("reviewer1", "send_for_factual_check")
    points, point = (
        f"{callers.case}/report/points",
        {"criterion": one, "quote": "Polish only", "wrong": "English too."},
    )
    assert callers.get("ada", f"{callers.case}/report")["content"]["ratings"][0]["findings"]
    made = callers.make("ada", "POST", points, point)
    callers.refuse(422, "ada", "POST", points, point | {"quote": "Something else"})
    done(callers, "ada", "PUT", f"{callers.case}/report/statement", {"text": "Thank you."})
    answer = f"{points}/{made['id']}/answer"
    callers.refuse(409, "reviewer1", "PUT", answer, {"accepted": True})
    town.clock.advance(minutes=1)
    callers.step("ada", "end_factual_check")
    callers.refuse(422, "reviewer1", "PUT", answer, {"accepted": False})
    callers.refuse(403, "reviewer2", "PUT", answer, {"accepted": True})
    done(callers, "reviewer1", "PUT", answer, {"accepted": True})
    assert callers.items("ada", points)[0]["accepted"] is None, "answers come with the final report"
    callers.make("reviewer1", "PUT", f"{sections}/{one}", {"number": 1, "findings": "In two languages."})
    callers.report()
    versions = callers.items("reviewer1", f"{callers.case}/report/versions")
    assert [v["final"] for v in versions] == [False, True]
    content = versions[-1]["content"]
    assert (content["statement"], content["points"][0]["accepted"]) == ("Thank you.", True)
    assert [c["criterion"] for c in content["changed"]] == [one]


def test_what_is_at_risk_is_named_by_the_case_officer_of_a_case_that_continues_another(
    callers: Callers,
) -> None:
    one = callers.town.policy.criteria[0].id
    callers.refuse(403, "reviewer1", "PUT", f"{callers.case}/at-risk", {"at_risk": [one]})
    refused = callers.refuse(409, "officer", "PUT", f"{callers.case}/at-risk", {"at_risk": [one]})
    assert "from an earlier case" in refused["detail"]
    with walking(callers.town, case_id(callers)) as (walk, _application):
        assert walk.session.get_one(Application, case_id(callers)).prior_id is None
    callers.refuse(
        409, "reviewer1", "POST", f"{callers.case}/ratings/{one}/reopen", {"reasons": "Nothing is inherited."}
    )
