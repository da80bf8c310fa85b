"""Pages of people in a case: the pool, an invitation, the applicant's word on a panel, waivers, a role confirmed."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.demo.walk import Walk
from registry.domain.roles import Role
from registry.domain.workflow import Action
from registry.files import FileStore
from registry.models.application import Application
from registry.services import accounts, identities, invitations, two_people

from support.page_forms import forms_of
from support.town import Town


class Letters:
    """Keeps letters in place of a mail server."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def send(self, name: str, letter: object) -> None:
        """Keep what a letter says."""
        self.texts.append(letter.get_content())  # type: ignore[attr-defined]


def mailed(town: Town) -> str:
    """Send what waits and return the path of the newest link."""
    letters = Letters()
    with town.database.transaction() as session:
        invitations.send_waiting(session, letters, "https://registry.example", at=town.clock())
    found = re.search(r"https://registry\.example/\w\w(/invitations/\S+)", letters.texts[-1])
    assert found
    return found[1]


def eligible(town: Town) -> uuid.UUID:
    """Return a case whose panel can be composed."""
    case, cast = town.walk(until="submitted"), town._cast()
    with town.database.transaction() as session:
        walk = Walk(session, FileStore(town.evidence), cast, SteppingClock(town.clock(), timedelta()))
        application = session.get_one(Application, case)
        walk.open(application)
        walk.answer_eligibility(application)
        walk.gather(application, cast.verifiers[0])
        for claim in application.identity_claims:
            for verifier in cast.verifiers:
                identities.confirm(session, claim.id, actor=verifier, at=town.clock())
        walk.act(application, Action.CONFIRM_IDENTITY, cast.verifiers[1])
    return case


def compose(town: Town, case: uuid.UUID) -> None:
    """Give the four parts of the panel in one form, and have everybody declare."""
    officer, page = town.browser("officer"), f"/cases/{case}/people"
    (form,) = (f for f in forms_of(officer.see(page)) if f.values.get("group") == ["panel"])
    fields = {f"person-{n}": str(town.people[f"reviewer{n + 1}"]) for n in range(4)}
    answer = officer.send_form(form, page, fields)
    assert answer.status_code == 303, answer.text[-2000:]
    for n in range(1, 5):
        browser, declaration = town.browser(f"reviewer{n}"), f"/cases/{case}/declaration"
        rules = [name for name in browser.form(declaration).names if re.fullmatch(r"COI-\d+", name)]
        browser.do(declaration, fields=dict.fromkeys(rules, "no"))


def step(town: Town, case: uuid.UUID, action: str) -> None:
    town.browser("officer").do(f"/cases/{case}", f"/cases/{case}/act", {"action": action})


def test_an_expert_is_invited_joins_and_keeps_their_own_words(town: Town) -> None:
    admin = town.browser("administrator")
    assert "Nobody in the pool fits" in admin.see("/experts")
    typed = {"name": "Nowa", "email": "nobody", "fields": "zz", "periods": "tomorrow"}
    wrong = admin.send("/experts/new", None, typed)
    assert wrong.status_code == 422
    assert "Line 1: write two days" in wrong.text
    where = admin.do(
        "/experts/new",
        fields={
            "name": "Nowa Osoba",
            "email": "nowa@experts.example",
            "language": "pl",
            "fields": "06, 0613",
            "seats": "subject",
            "trained_on": "2026-01-01",
            "profile_en": "Knows computing.",
        },
    )
    assert "invited" in admin.see("/experts")
    link = mailed(town)
    stranger = town.browser("stranger")
    assert "Invented Agency" in stranger.see(link)
    assert stranger.do(link) == where
    own = stranger.see(where)
    assert "Knows computing." in own
    assert 'name="trained_on"' not in own
    stranger.do(where, profile_en="Knows more.", periods="2020-01-01 2020-02-01")
    assert stranger.see("/experts/me", 302) is not None
    seen = admin.see("/experts?on=2026-09-01")
    assert "Nowa Osoba" not in seen
    assert "Nowa Osoba" in admin.see("/experts?q=nowa&seat=subject&field=061")
    stranger.see(link, 404)
    town.browser("registrar1").see(where, 404)
    town.browser("registrar1").see("/experts", 403)


def test_the_applicant_objects_on_its_page_and_the_officer_answers(town: Town) -> None:
    case = eligible(town)
    compose(town, case)
    step(town, case, "propose_panel")
    ada = town.browser("ada")
    assert "Proposed panel" in ada.see(f"/apply/{case}")
    page = f"/apply/{case}/panel"
    learner = str(town.people["reviewer3"])
    (form,) = (f for f in forms_of(ada.see(page)) if f.values.get("person") == [learner])
    empty = ada.send_form(form, page, {"reasons": " "})
    assert empty.status_code == 422
    assert "Give your reasons" in empty.text
    assert ada.send_form(form, page, {"reasons": "A <b>dispute</b>."}).status_code == 303
    ada.do(page, f"{page}/accept-panel")
    assert "wait for an answer" in town.browser("officer").see(f"/cases/{case}")
    people = f"/cases/{case}/people"
    officer = town.browser("officer")
    seen = officer.see(people)
    (form,) = (f for f in forms_of(seen) if f.action.endswith("/objection-answer"))
    half = officer.send_form(form, people, {"reasons": "We agree, but"})
    assert half.status_code == 422
    assert "Choose yes or no." in half.text
    assert "We agree, but</textarea>" in half.text
    assert "A &lt;b&gt;dispute&lt;/b&gt;." in seen
    town.browser("officer").do(
        people, f"{people}/objection-answer", {"upheld": "yes", "reasons": "We agree."}
    )
    assert "We agree." in ada.see(page)
    step(town, case, "recompose_panel")
    assert "Compose the panel" in town.browser("officer").see(people)
    ada.see(page)
    town.browser("reviewer1").see(page, 404)


def test_a_tie_is_waived_by_two_and_opens_the_file(town: Town) -> None:
    case = eligible(town)
    page, people = f"/cases/{case}/declaration", f"/cases/{case}/people"
    officer = town.browser("officer")
    (form,) = (f for f in forms_of(officer.see(people)) if f.values.get("group") == ["panel"])
    officer.send_form(form, people, {"person-0": str(town.people["reviewer1"])})
    member = town.browser("reviewer1")
    rules = [name for name in member.form(page).names if re.fullmatch(r"COI-\d+", name)]
    member.do(page, fields=dict.fromkeys(rules, "no") | {"COI-6": "yes", "COI-6-text": "A joint paper."})
    assert "A tie that you disclosed locks this file" in member.see(f"/cases/{case}/evidence", 403)
    assert "Two other people may waive it" in member.see(page)
    assert "Two other people may waive it" in member.see(f"/cases/{case}")
    assert "A joint paper." in officer.see(people)
    (form,) = (f for f in forms_of(officer.see(people)) if f.action.endswith("/waiver"))
    empty = officer.send_form(form, people, {"reasons": " "})
    assert empty.status_code == 422
    assert "Tie of Reviewer1 Person" in empty.text
    assert "Give your reasons." in empty.text
    officer.do(people, f"{people}/waiver", {"reasons": "One paper, long ago."})
    shown = officer.see(people)
    assert "A waiver of this was proposed." in shown
    assert "Propose to waive this" not in shown
    assert "Who may confirm it: case officer, committee chair, intake officer." in shown
    with town.database.transaction() as session:
        (waiting,) = two_people.waiting_for(session, actor=town.people["chair"], at=town.clock())
        proposal = f"/proposals/{waiting.id}"
    asked = town.browser("chair").see(proposal)
    assert "Reviewer1 Person, panel chair" in asked
    assert "A joint paper." in asked
    town.browser("chair").do(proposal, answer="confirm")
    member.see(f"/cases/{case}/evidence")
    assert "One paper, long ago." in officer.see(people)


def test_who_owes_a_declaration_is_led_to_it_and_a_step_to_where_its_lack_is_mended(town: Town) -> None:
    case = eligible(town)
    officer, people = town.browser("officer"), f"/cases/{case}/people"
    assert f'href="/en{people}">Who works on this case</a>' in officer.see(f"/cases/{case}")
    (form,) = (f for f in forms_of(officer.see(people)) if f.values.get("group") == ["panel"])
    officer.send_form(form, people, {"person-0": str(town.people["reviewer1"])})
    refused = town.browser("reviewer1").see(f"/cases/{case}/evidence", 403)
    assert f'href="/en/cases/{case}/declaration"' in refused
    assert "/declaration" not in town.browser("reviewer2").see(f"/cases/{case}/evidence", 404)


def test_a_form_for_several_people_gives_all_parts_or_none(town: Town) -> None:
    case = eligible(town)
    officer, page = town.browser("officer"), f"/cases/{case}/people"
    (form,) = (f for f in forms_of(officer.see(page)) if f.values.get("group") == ["panel"])
    fields = {f"person-{n}": str(town.people["reviewer1"]) for n in (0, 1)}
    answer = officer.send_form(form, page, fields)
    assert answer.status_code == 422
    assert "plays a part in this case already" in answer.text
    assert 'href="#panel-person-1"' in answer.text
    assert "Reviewer1 Person</dt>" not in officer.see(page)


@pytest.mark.parametrize("language", ["en", "pl"])
def test_pages_of_people_speak_one_language(town: Town, language: str) -> None:
    case = eligible(town)
    officer = town.browser("officer", language)
    for page in (f"/cases/{case}", f"/cases/{case}/people", "/experts", "/experts/new"):
        seen = officer.see(page)
        words = {
            "en": ("Baza ekspertów",),
            "pl": ("Expert pool", "Give these parts", "panel needs", "It has"),
        }[language]
        assert not [word for word in words if word in seen], page


def test_a_second_administrator_confirms_a_role_that_somebody_gave_to_themselves(
    town: Town, database: Database
) -> None:
    with database.transaction() as session:
        who, at = town.people, town.clock()
        accounts.record_grant(
            session, who["stranger"], Role.ADMINISTRATOR, body_id=town.body_id, actor=None, at=at
        )
    admin = town.browser("administrator")
    admin.do("/admin/people", email="administrator@agency.example", role="auditor", body=str(town.body_id))
    seen = admin.see("/admin/people")
    assert "given to themselves" in seen
    assert "Confirm this role" not in seen
    other = town.browser("stranger")
    (form,) = (f for f in forms_of(other.see("/admin/people")) if f.action.endswith("/confirm-role"))
    mine = forms_of(admin.see("/admin/people"))[-1].values["csrf_token"]
    own = replace(form, values={"csrf_token": mine})
    assert admin.send_form(own, "/admin/people", {}).status_code == 403
    assert other.send_form(form, "/admin/people", {}).status_code == 303
    assert "given to themselves" not in other.see("/admin/people")
