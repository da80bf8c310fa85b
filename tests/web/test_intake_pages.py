"""The intake on pages and through the API: returned and handed in again, eligibility, decisions of others, deadlines."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from registry.demo import detours_intake as detours
from registry.demo.clock import SteppingClock
from registry.demo.walk import Walk
from registry.domain.workflow import Action, State
from registry.files import FileStore
from registry.models.application import Application

from support.callers import Callers
from support.page_forms import Browser
from support.town import Town


def brought(town: Town, *steps: Callable[[Walk, Application], object], until: str = "submitted") -> uuid.UUID:
    """Bring a case to a step, then along a detour."""
    case = town.walk(until=until)
    with town.database.transaction() as session:
        walk = Walk(
            session, FileStore(town.evidence), town._cast(), SteppingClock(town.clock(), timedelta(seconds=1))
        )
        application = session.get_one(Application, case)
        for step in steps:
            step(walk, application)
    return case


def complete(walk: Walk, application: Application) -> None:
    walk.act(application, Action.CONFIRM_COMPLETE, walk.cast.intake_officer)


def state_of(town: Town, case: uuid.UUID) -> State:
    with town.database.reading() as session:
        return session.get_one(Application, case).state


def asked_about(town: Town, case: uuid.UUID) -> tuple[str, str]:
    with town.database.reading() as session:
        return detours.asked_about(session.get_one(Application, case))


def test_an_application_comes_back_is_completed_and_handed_in_again(town: Town) -> None:
    case = brought(town, detours.opened)
    criterion, item = asked_about(town, case)
    intake, ada = town.browser("intake"), town.browser("ada")
    page = f"/cases/{case}/completeness"
    assert "Nothing that the policy asks for is missing" in intake.see(page)
    refused = intake.send(page, place=f"e:{item}", text=" ")
    assert refused.status_code == 422
    assert "Say what is missing, so that the applicant can mend it" in refused.text
    intake.do(page, place=f"e:{item}", text="The last page is missing.")
    intake.do(page, f"{page}/return", note="Please hand in the whole document.")
    assert state_of(town, case) is State.RETURNED
    own = ada.see(f"/apply/{case}")
    assert "It is your move." in own
    assert "Until the end of" in own
    assert "The last page is missing." in own
    assert "Please hand in the whole document." in own
    assert "The last page is missing." in ada.see(f"/apply/{case}/evidence/{criterion}")
    assert "neither mended nor answered" in ada.see(f"/apply/{case}/check")
    hand_in(ada, case, criterion, item)
    assert "mended or answered" in ada.see(f"/apply/{case}")
    done = ada.do(f"/apply/{case}/check", f"/apply/{case}/submit", declared="y")
    assert done.endswith("/done")
    compared = intake.see(f"/cases/{case}/handed-in")
    assert "What changed from manifest 1 to manifest 2" in compared
    assert compared.count('<th scope="row">') == 1
    intake.do(page, f"{page}/1/reopen", reasons="The same page again.")
    assert "The same page again." in intake.see(page)


def hand_in(browser: Browser, case: uuid.UUID, criterion: str, item: str) -> None:
    address = f"/apply/{case}/evidence/{criterion}"
    browser.do(address, f"{address}/{item}", text="The whole document, in words.")


def test_what_no_point_names_has_no_form_and_is_refused(town: Town) -> None:
    case = brought(town, detours.opened, detours.returned)
    criterion, item = asked_about(town, case)
    other = next(
        (c.id, i.id)
        for c, i in town.policy.evidence_items()
        if c.id != criterion and i.provided_by == "applicant"
    )
    ada = town.browser("ada")
    form = ada.form(f"/apply/{case}/evidence/{criterion}", f"/apply/{case}/evidence/{criterion}/{item}")
    form.action = f"/en/apply/{case}/evidence/{other[0]}/{other[1]}"
    answer = ada.send_form(form, "", {"text": "https://example.org/new"})
    assert answer.status_code == 409
    assert "what was not asked for stays as it was handed in" in answer.text
    assert "<textarea" not in ada.see(f"/apply/{case}/evidence/{other[0]}")
    assert "Add a key" not in ada.see(f"/apply/{case}/keys")
    ada.see(f"/apply/{case}/scope", 409)
    check = ada.see(f"/apply/{case}/check")
    assert f"/apply/{case}/evidence/{criterion}" in check
    for closed in ("scope", "keys", "decisions", f"evidence/{other[0]}"):
        assert f"/apply/{case}/{closed}" not in check, "no way leads to what is closed"


def test_an_answer_in_words_stands_for_a_point_and_the_polish_page_has_no_english_left(town: Town) -> None:
    case = brought(town, detours.opened, detours.returned)
    ada = town.browser("ada", "pl")
    page = f"/apply/{case}"
    assert ada.send(page, f"{page}/points/1", text=" ").status_code == 422
    ada.do(page, f"{page}/points/1", text="To jest cały dokument.")
    shown = ada.see(page)
    for words in (
        "Kolejny krok",
        "Termin: do końca dnia",
        "To jest cały dokument.",
        "Wnioskodawca odpowiedział",
    ):
        assert words in shown or words == "Kolejny krok"
    for english in ("It is your move", "Until the end of", "Mend this", "Answer in words"):
        assert english not in shown


def test_after_the_deadline_nothing_is_taken_and_the_officer_lets_the_case_lapse(town: Town) -> None:
    case = brought(town, detours.opened, detours.returned)
    criterion, item = asked_about(town, case)
    assert "not over yet" in town.browser("intake").see(f"/cases/{case}")
    town.clock.advance(days=40)
    town.everybody_signs_in_again()
    ada, intake = town.browser("ada"), town.browser("intake")
    own = ada.see(f"/apply/{case}")
    assert "overdue" in own
    assert "It was due by the end of" in own
    address = f"/apply/{case}/evidence/{criterion}"
    late = ada.send(address, f"{address}/{item}", text="Late.")
    assert late.status_code == 409
    assert "The days to complete this application are over; it lapses" in late.text
    lapse(intake, case)
    assert state_of(town, case) is State.LAPSED
    assert "Nothing more happens in this case." in ada.see(f"/apply/{case}")


def lapse(browser: Browser, case: uuid.UUID) -> None:
    page = f"/cases/{case}"
    form = next(f for f in forms_to(browser, page, f"{page}/act") if "lapse" in {b[1] for b in f.buttons})
    assert browser.send_form(form, page, {"action": "lapse"}).status_code == 303


def forms_to(browser: Browser, page: str, action: str) -> list:  # type: ignore[type-arg]
    from support.page_forms import forms_of

    return [f for f in forms_of(browser.see(page)) if f.action == browser.address(action)]


def test_a_hold_needs_reasons_which_the_applicant_reads(town: Town) -> None:
    case = brought(town, detours.opened)
    intake, page = town.browser("intake"), f"/cases/{case}"
    hold = next(f for f in forms_to(intake, page, f"{page}/act") if "note" in f.names)
    assert intake.send_form(hold, page, {"action": "put_on_hold", "note": " "}).status_code == 422
    answer = intake.send_form(hold, page, {"action": "put_on_hold", "note": "A court looks at it."})
    assert answer.status_code == 303
    own = town.browser("ada").see(f"/apply/{case}")
    assert "A court looks at it." in own
    assert "No deadline runs." in own


@pytest.mark.parametrize("name", ["reviewer1", "registrar1", "stranger", "ada"])
@pytest.mark.parametrize("page", ["completeness", "eligibility", "reuse", "handed-in"])
def test_pages_of_the_intake_are_for_people_with_an_open_file(town: Town, name: str, page: str) -> None:
    case = brought(town, detours.opened)
    known = name == "registrar1"
    town.browser(name).see(f"/cases/{case}/{page}", 403 if known else 404)


def test_two_officers_find_an_application_not_eligible_and_the_applicant_reads_why(town: Town) -> None:
    case = brought(town, detours.opened, complete)
    officer, intake, page = town.browser("officer"), town.browser("intake"), f"/cases/{case}/eligibility"
    unsaid = officer.send(page, f"{page}/E2", reasons="No offer has run yet.")
    assert unsaid.status_code == 422
    assert "Choose yes or no" in unsaid.text
    officer.do(page, f"{page}/E2", passed="no", reasons="No offer has run yet.")
    assert "Confirm: not eligible" not in intake.see(page)
    officer.do(page, f"{page}/ineligible", checks=["E2"], why="The policy asks for an offer that ran.")
    assert "Confirm: not eligible" not in officer.see(page)
    assert "Another officer of the case has to confirm it." in officer.see(page)
    turned = intake.send(page, f"{page}/answer", do="turn_down")
    assert turned.status_code == 422
    intake.do(page, f"{page}/answer", do="confirm")
    assert state_of(town, case) is State.INELIGIBLE
    own = town.browser("ada").see(f"/apply/{case}")
    assert "The policy asks for an offer that ran." in own
    assert "Your right to appeal" in own
    assert "No offer has run yet." in own


def test_the_second_application_in_a_scheme_is_refused_at_its_field(town: Town) -> None:
    town.walk(until="draft")
    answer = town.browser("ada").send("/apply/new")
    assert answer.status_code == 422
    assert "This institution has an open application in this scheme already" in answer.text


def test_before_submitting_the_applicant_sees_what_each_outcome_publishes(town: Town) -> None:
    case = town.walk(until="draft")
    shown = town.browser("ada").see(f"/apply/{case}/check")
    outcomes = town.policy.publication.outcomes
    for terms in (outcomes.ineligible, outcomes.recognize, outcomes.refuse, outcomes.defer):
        assert terms.note["en"] in shown


def test_a_cited_decision_goes_from_the_draft_to_the_panel(town: Town) -> None:
    case = town.walk(until="draft")
    ada, page = town.browser("ada"), f"/apply/{case}/decisions"
    criterion = town.policy.criteria[0].id
    fields = {
        "kind": "deqar",
        "issuer": "Invented Agency",
        "reference": "41876",
        "outcome": "positive",
        "decided_on": "2025-03-01",
        "valid_until": "2026-01-01",
        "criteria": [criterion],
    }
    ended = ada.send(page, fields=fields)
    assert ended.status_code == 422
    assert "This decision ended on 2026-01-01 and cannot be reused" in ended.text
    assert 'value="Invented Agency"' in ended.text
    ada.do(page, fields={**fields, "valid_until": "2028-01-01"})
    assert "Invented Agency" in ada.see(f"/apply/{case}/check")
    ada.do(f"/apply/{case}/check", f"/apply/{case}/submit", declared="y")
    with town.database.transaction() as session:
        walk = Walk(
            session, FileStore(town.evidence), town._cast(), SteppingClock(town.clock(), timedelta(seconds=1))
        )
        detours.opened(walk, session.get_one(Application, case))
    officer, judged = town.browser("officer"), f"/cases/{case}/reuse"
    assert officer.send(judged, f"{judged}/1/{criterion}", accepted="yes").status_code == 422
    officer.do(judged, f"{judged}/1/{criterion}", accepted="yes", reasons="The same requirement.")
    # 1 of 15 criteria of 30 working days
    assert "Days saved in the review: 2 working days" in town.browser("ada").see(f"/apply/{case}")


def test_the_verifier_sees_registers_extracts_and_candidates(town: Town) -> None:
    case = brought(town, detours.opened, complete)
    shown = town.browser("verifier1").see(f"/cases/{case}/keys")
    for words in ("What the registers say", "ROR", "Who else could this be?", "No other institution"):
        assert words in shown


# through the API


@pytest.fixture
def callers(town: Town) -> Callers:
    return Callers(town)


def at_completeness(callers: Callers) -> str:
    callers.to_submission()
    callers.step("intake", "open")
    callers.declare("intake")
    return callers.case


def test_the_intake_runs_through_the_api(callers: Callers) -> None:
    case = at_completeness(callers)
    criterion, item = asked_about(callers.town, uuid.UUID(case.rsplit("/", 1)[1]))
    assert callers.get("intake", f"{case}/completeness") == {"missing": [], "points": []}
    point = {"place": "evidence", "criterion": criterion, "evidence_id": item, "text": "A page is missing."}
    made = callers.make("intake", "POST", f"{case}/completeness/points", point)
    assert (made["number"], made["mark"]) == (1, None)
    assert callers.get("ada", f"{case}/completeness")["points"] == []
    given = callers.change("intake", "POST", f"{case}/return", {"version": callers.version("intake")})
    assert (given["state"], given["clock_side"]) == ("returned", "applicant")
    assert given["due_at"] is not None
    assert callers.get("ada", f"{case}/completeness")["points"][0]["mark"] == "sent"
    again = {"version": callers.version("ada")}
    refused = callers.refuse(422, "ada", "POST", f"{case}/resubmission", again)
    assert [e["field"] for e in refused["errors"]] == ["points.1"]
    callers.change("ada", "PUT", f"{case}/completeness/points/1/answer", {"text": "It has no more pages."})
    callers.make("ada", "POST", f"{case}/resubmission", {"version": callers.version("ada")})
    found = callers.get("intake", f"{case}/submissions")
    assert (len(found["submissions"]), found["changes"]) == (2, [])
    callers.change("intake", "PUT", f"{case}/completeness/points/1/reopening", {"text": "It has."})
    assert callers.get("intake", f"{case}/completeness")["points"][0]["mark"] == "reopened"


def test_the_api_refuses_who_plays_another_part_and_what_comes_out_of_order(callers: Callers) -> None:
    case = at_completeness(callers)
    point = {"place": "scope", "text": "Name the levels."}
    callers.refuse(404, "stranger", "POST", f"{case}/completeness/points", point)
    callers.refuse(404, "ada", "POST", f"{case}/completeness/points", point)
    callers.refuse(403, "registrar1", "POST", f"{case}/completeness/points", point)
    callers.refuse(409, "intake", "POST", f"{case}/return", {"version": callers.version("intake")})
    callers.refuse(409, "ada", "POST", f"{case}/resubmission", {"version": callers.version("ada")})
    callers.refuse(403, "intake", "POST", f"{case}/ineligibility", {"checks": ["E2"], "reasons": "x"})
    callers.refuse(404, "stranger", "GET", f"{case}/eligibility")
    callers.refuse(403, "registrar1", "GET", f"{case}/external-decisions")


def test_eligibility_and_reuse_run_through_the_api(callers: Callers) -> None:
    callers.claim()
    callers.start()
    criterion = callers.town.policy.criteria[0].id
    decision = {
        "kind": "iso",
        "issuer": "Invented Certifier",
        "reference": "ISO 21001:2018, certificate 4711",
        "decided_on": "2025-03-01",
        "outcome": "certified",
        "criteria": [criterion],
    }
    made = callers.make("ada", "POST", f"{callers.case}/external-decisions", decision)
    assert made["evidence_id"] == "external-1"
    wrong = callers.refuse(
        422, "ada", "POST", f"{callers.case}/external-decisions", {**decision, "reference": "4711"}
    )
    assert [e["field"] for e in wrong["errors"]] == ["reference"]
    callers.hand_in()
    callers.name_key()
    callers.submit()
    callers.open()
    checks = {c["check"]: c for c in callers.get("officer", f"{callers.case}/eligibility")["checks"]}
    assert [c for c, one in checks.items() if one["asks_person"]] == ["E2", "E4"]
    assert checks["E3"]["machine"]["facts"] == {"adverse": []}
    word = {"passed": False, "reasons": "No offer has run yet."}
    callers.change("officer", "PUT", f"{callers.case}/eligibility/E2", word)
    callers.refuse(409, "officer", "PUT", f"{callers.case}/eligibility/E3", word)
    proposal = {"checks": ["E2"], "reasons": "The policy asks for it."}
    assert callers.make("officer", "POST", f"{callers.case}/ineligibility", proposal)["checks"] == ["E2"]
    callers.refuse(409, "officer", "POST", f"{callers.case}/ineligibility", proposal)
    judged = {"accepted": True, "reasons": "The same requirement."}
    callers.change("officer", "PUT", f"{callers.case}/external-decisions/1/{criterion}", judged)
    assert callers.get("ada", f"{callers.case}/external-decisions")["days_saved"] == 2
    assert callers.items("verifier1", f"{callers.case}/duplicates") == []
