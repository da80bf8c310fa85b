"""Pages of the desk: what else waits, cases given together, calendar, figures of a body."""

import re
import uuid

from sqlalchemy import event, select

from registry.demo.walk import best_value, rating_for
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import Action, State
from registry.models.application import Application, ApplicationEvent
from registry.models.body import Body
from registry.models.two_people import Proposal
from registry.services import calendar_feeds, saved_texts

from support.callers import Callers
from support.clock import Clock
from support.page_forms import forms_of
from support.town import Town


def test_several_cases_are_given_to_a_case_officer_in_one_form(town: Town) -> None:
    case = town.walk(until="submitted")
    intake = town.browser("intake")
    nobody = intake.send("/cases", "/cases/assign", cases=str(case), officer="")
    assert nobody.status_code == 422
    assert "There is a problem" in nobody.text
    assert f'value="{case}"' in nobody.text
    none = intake.send("/cases", "/cases/assign", officer=str(town.people["officer"]))
    assert none.status_code == 422
    assert "hoose 1 to 100 cases" in none.text
    wrong = intake.send(
        "/cases", "/cases/assign", cases=str(uuid.uuid4()), officer=str(town.people["officer"])
    )
    assert wrong.status_code == 422
    intake.do("/cases", "/cases/assign", cases=str(case), officer=str(town.people["officer"]))
    seen = intake.see("/cases")
    assert "1 case is given." in seen
    assert not any(form.action.endswith("/cases/assign") for form in forms_of(seen))
    assert town.browser("officer").see(f"/cases/{case}")


def test_the_calendar_is_a_file_and_a_private_address_that_ends(town: Town) -> None:
    town.walk(until="submitted")
    ada = town.browser("ada")
    answer = ada.client.get("/en/cases/calendar.ics")
    assert answer.mimetype == "text/calendar"
    assert answer.text.startswith("BEGIN:VCALENDAR\r\n")
    assert "BEGIN:VEVENT" in answer.text
    made = ada.send("/calendar", "/calendar/address")
    (path,) = re.findall(r"https?://[^/]+/en(/calendar/[^<\s]+\.ics)", made.text)
    stranger = town.app.test_client()
    seen = stranger.get(f"/pl{path}")
    assert seen.status_code == 200
    assert "no-store" in seen.headers["Cache-Control"]
    assert "Termin" in seen.text.replace("\r\n ", "")
    assert 'href="/en/calendar"' in ada.see("/account")
    ada.do("/calendar", "/calendar/address/end")
    assert stranger.get(f"/pl{path}").status_code == 404
    assert stranger.get("/en/calendar/nothing.ics").status_code == 404


def test_an_entry_names_the_case_by_its_reference_alone(town: Town) -> None:
    town.walk(until="review")
    with town.database.transaction() as session:
        secret = calendar_feeds.make_feed(session, town.people["reviewer1"], at=town.clock())
    text = town.app.test_client().get(f"/en/calendar/{secret}.ics").text.replace("\r\n ", "")
    assert "SUMMARY:Deadline of the body: " in text
    assert "Invented" not in text


def test_figures_of_a_body_are_drawn_with_their_table(town: Town) -> None:
    town.walk(until="review")
    officer = town.browser("officer")
    (path,) = set(re.findall(r'href="/en(/body/[^"]+/dashboard)"', officer.see("/cases")))
    page = officer.see(path)
    assert page.count('<svg class="chart tall"') == page.count("<caption") == 2
    assert "<title id=" in page
    assert "Overdue longest" in page
    assert "Overdue longest" not in town.browser("administrator").see(path)
    assert "dashboard" not in town.browser("intake").see("/cases")
    town.browser("intake").see(path, 404)
    assert "Dane liczbowe" in town.browser("officer", "pl").see(path)


def test_programs_read_the_inbox_and_the_figures(town: Town, clock: Clock) -> None:
    case = town.walk(until="submitted")
    inbox = Callers(town).get("intake", "/inbox")
    assert [item["application_id"] for item in inbox["items"]] == [str(case)]
    assert inbox["items"][0]["next_steps"] == ["open"]
    assert set(inbox["waiting"]) == {
        *("proposals", "monitoring_items", "appeals_to_seat", "meetings", "complaints")
    }
    with town.database.reading() as session:
        path = f"/bodies/{session.scalars(select(Body.slug)).one()}/dashboard"
    figures = Callers(town).get("officer", path)
    assert {stage["state"]: stage["cases"] for stage in figures["stages"]} == {"submitted": 1}
    clock.advance(days=60)
    later = Callers(town)
    assert later.get("officer", path)["late"]
    counts = later.get("administrator", path)
    assert (counts["overdue"], counts["late"]) == (1, [])
    later.refuse(404, "intake", "GET", path)


def statements(town: Town, name: str, path: str) -> int:
    """Return how many statements a page takes that is made anew."""
    browser, seen = town.browser(name), 0
    browser.see(path)  # what is read once and kept, such as a policy, counts for nobody
    town.app.extensions["registry.kept_pages"].forget()

    def note(*_args: object) -> None:
        nonlocal seen
        seen += 1

    event.listen(town.database.engine, "before_cursor_execute", note)
    try:
        browser.see(path)
    finally:
        event.remove(town.database.engine, "before_cursor_execute", note)
    return seen


def lengthen(town: Town, case: uuid.UUID, numbers: range) -> None:
    """Add steps and proposals to a case."""
    with town.database.transaction() as session:
        application = session.get_one(Application, case)
        last, who = application.events[-1], town.people["officer"]
        for number in numbers:
            session.add(
                ApplicationEvent(
                    application_id=case,
                    sequence=last.sequence + number,
                    action=Action.RESUME_REVIEW,
                    source=State.REVIEW,
                    target=State.REVIEW,
                    actor=who,
                    at=last.at,
                )
            )
            session.add(
                Proposal(
                    kind=ProposalKind.CONFLICT_WAIVER,
                    body_id=application.scheme.body_id,
                    application_id=case,
                    object_id=f"{uuid.uuid4()}",
                    content={},
                    reasons="Because.",
                    first_by=who,
                    at=last.at,
                )
            )


def test_a_case_page_takes_the_same_queries_with_five_events_and_with_fifty(town: Town) -> None:
    case = town.walk(until="review")
    lengthen(town, case, range(1, 6))
    first = {name: statements(town, name, f"/cases/{case}") for name in ("officer", "reviewer1", "auditor")}
    lengthen(town, case, range(1, 51))
    for name, count in first.items():
        assert statements(town, name, f"/cases/{case}") == count <= 60, name


def test_the_course_of_a_case_names_steps_reports_and_letters_but_nothing_they_say(town: Town) -> None:
    case = town.walk(until="released")
    page = town.browser("officer").see(f"/cases/{case}")
    course = page[page.index('<ol class="timeline">') :]
    assert "Draft report" in course
    assert "Final report" in course
    assert "Letter to the institution" in course
    assert "The panel has" not in course


def test_a_rating_can_be_kept_for_later_and_is_forgotten_once_recorded(town: Town) -> None:
    case = town.walk(until="review")
    criterion = town.policy.criteria[0]
    page, reviewer = f"/cases/{case}/rating/{criterion.id}", town.browser("reviewer1")
    assert reviewer.do(page, save_for_later="1", reasons="Half a thought") == f"/en{page}"
    seen = reviewer.see(page)
    assert "Half a thought" in seen
    assert "not sent yet" in seen
    assert "Half a thought" not in town.browser("reviewer2").see(page)
    assert "Half a thought" in town.browser("reviewer1", "pl").see(page)
    best = rating_for(town.policy, criterion, best_value(town.policy.scale_of(criterion).values).id)
    reviewer.do(page, value=best.value, reasons="A whole one.", cited_evidence=list(best.cited))
    seen = reviewer.see(page)
    assert "Half a thought" not in seen
    assert "not sent yet" not in seen


def test_what_is_refused_stays_kept_and_what_is_too_long_is_not_kept(town: Town) -> None:
    case = town.walk(until="review")
    page = f"/cases/{case}/rating/{town.policy.criteria[0].id}"
    reviewer = town.browser("reviewer1")
    reviewer.do(page, save_for_later="1", reasons="Half a thought")
    assert reviewer.send(page, value="no such value", reasons="Half a thought").status_code == 422
    assert "not sent yet" in reviewer.see(page)
    reviewer.do(page, save_for_later="1", reasons="x" * (saved_texts.MOST + 1))
    seen = reviewer.see(page)
    assert "too long to be kept" in seen
    assert "Half a thought" in seen


def test_an_appeal_can_be_kept_for_later(town: Town) -> None:
    case = town.walk(until="released")
    ada, page = town.browser("ada"), f"/apply/{case}/appeal"
    ada.do(page, save_for_later="1", text="Not finished")
    assert "Not finished" in ada.see(page)
    assert "Your appeal" not in ada.see(page)
