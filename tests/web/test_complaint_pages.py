"""Pages of complaints and of monitoring: the public form, the steps of the officer, what the issuer sees and what never."""

import io
import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from registry.domain.roles import Role
from registry.models.application import Application
from registry.models.complaint import Complaint
from registry.models.institution import Institution
from registry.models.issuer import Issuer
from registry.models.monitoring import Condition, MonitoringItem
from registry.services import accounts

from support.page_forms import Browser
from support.published import publish
from support.town import Town

WHO = "Zofia Ucząca, zofia@learner.example"
SAID = "The course that I paid for was never held."


@pytest.fixture
def issuer(town: Town) -> str:
    """A listed issuer, and somebody of the body who looks at complaints."""
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
        return str(session.scalars(select(Issuer.id)).one())


def slug_of(town: Town) -> str:
    with town.database.transaction() as session:
        return session.get_one(Institution, town.institution_id).slug


def anybody(town: Town, language: str = "en") -> Browser:
    return Browser(town.app.test_client(), language)


def brought(town: Town, **more: str) -> tuple[str, str]:
    """Bring a complaint as nobody in particular; return the officer's page and the link to follow it."""
    browser, slug = anybody(town), slug_of(town)
    page = browser.see(f"/complaints?issuer={slug}")
    form = re.search(r'href="/en(/complaints/new/[^"]+)"', page)
    assert form is not None
    given = {"who": "learner", "about": "issuer_compliance", "text": SAID, "contact": WHO, **more}
    answer = browser.send(form[1].replace("&amp;", "&"), **given)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    link = re.search(r'href="/en(/complaints/follow/[^"]+)"', answer.text)
    assert link is not None
    with town.database.transaction() as session:
        row = session.scalars(select(Complaint).order_by(Complaint.received_at.desc())).first()
        assert row is not None
        return f"/cases/complaints/{row.id}", link[1]


def step(town: Town, page: str, word: str, said: str) -> None:
    answer = town.browser("complaints").client.post(
        f"/en{page}", data={**_csrf(town, page), "step": word, f"text-{word}": said}
    )
    assert answer.status_code == 303, answer.text


def _csrf(town: Town, page: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', town.browser("complaints").see(page))
    assert found is not None
    return {"csrf_token": found[1]}


def test_a_complaint_goes_from_the_form_to_its_outcome_and_the_issuer_never_learns_from_whom(
    town: Town, issuer: str
) -> None:
    page, link = brought(town)
    assert WHO in town.browser("complaints").see(page)
    assert 'href="/en/cases/complaints">Complaints</a></span>' in town.browser("complaints").see("/cases")
    assert 'href="/en/cases/complaints">Complaints</a></span>' not in town.browser("officer").see("/cases")
    for word, said in (
        ("acknowledge", ""),
        ("admit", "It is about the policy."),
        ("ask_issuer", "A course is said not to have been held."),
    ):
        step(town, page, word, said)
    ada, duties = town.browser("ada"), f"/apply/issuers/{issuer}"
    address = f"{duties}/complaints/{page.rsplit('/', 1)[1]}"
    told = ada.see(duties) + ada.see(address)
    assert "A course is said not to have been held." in told
    for secret in (WHO, SAID, "zofia@", "Learner", link):
        assert secret not in told
    ada.do(address, text="It was moved to May.")
    assert "It was moved to May." in town.browser("complaints").see(page)
    answer = town.browser("complaints").client.post(
        f"/en{page}",
        data={
            **_csrf(town, page),
            "step": "resolve",
            "outcome": "recommendation",
            "reasons": "Tell in time.",
        },
    )
    assert answer.status_code == 303
    followed = anybody(town).see(link)
    assert "Tell in time." in followed
    assert "It was moved to May." not in followed
    assert "Tell in time." in ada.see(address)
    assert "Zalecenie" in anybody(town, "pl").see(link)


def test_the_secret_address_goes_nowhere_and_pages_with_forms_tell_browsers_to_name_theirs(
    town: Town, issuer: str
) -> None:
    page, link = brought(town)
    policies = {
        who: browser.client.get(f"/en{path}").headers["Referrer-Policy"]
        for who, browser, path in (
            ("officer", town.browser("complaints"), page),
            ("who complained", anybody(town), link),
        )
    }
    assert policies == {"officer": "same-origin", "who complained": "no-referrer"}
    assert "<form" not in anybody(town).see(link), "its origin would be null, which is refused"


def test_what_is_missing_is_named_at_its_field(town: Town, issuer: str) -> None:
    browser = anybody(town)
    with town.database.transaction() as session:
        scheme = session.get_one(Issuer, uuid.UUID(issuer)).scheme.slug
    answer = browser.send(f"/complaints/new/{scheme}", text="")
    assert answer.status_code == 422
    assert all(f'href="#{name}"' in answer.text for name in ("who", "about", "text"))
    browser.see("/complaints/new/nonsense", 404)
    browser.see("/complaints/follow/nonsense", 404)
    browser.see("/complaints?issuer=nobody", 404)


def test_only_the_complaints_officer_acts_and_the_auditor_reads_without_the_name(
    town: Town, issuer: str
) -> None:
    page, _link = brought(town)
    assert page in town.browser("complaints").see("/cases/complaints")
    read = town.browser("auditor").see(page)
    assert SAID in read
    assert WHO not in read
    assert 'value="acknowledge"' not in read
    for name in ("officer", "registrar1", "ada", "stranger", "administrator"):
        town.browser(name).see(page, 403)
        town.browser(name).see("/cases/complaints", 403)


def test_an_issuer_tells_a_change_and_the_officer_closes_the_item(town: Town, issuer: str) -> None:
    ada, officer = town.browser("ada"), town.browser("officer")
    assert f"/apply/issuers/{issuer}" in ada.see("/apply")
    answer = ada.send(f"/apply/issuers/{issuer}/change", text="")
    assert answer.status_code == 422
    ada.do(f"/apply/issuers/{issuer}/change", change="merger", text="We join another school.")
    assert "Merger" in officer.see("/cases/monitoring")
    with town.database.transaction() as session:
        item = session.scalars(select(MonitoringItem.id)).one()
    page = f"/cases/monitoring/{item}"
    assert "We join another school." in officer.see(page)
    assert officer.send(page, reasons="").status_code == 422
    officer.do(page, result="noted", reasons="Looked at.")
    assert "Nothing waits" in officer.see("/cases/monitoring")
    assert "Looked at." in officer.see(page)
    assert page in officer.see(f"/cases/issuers/{issuer}/monitoring")
    town.browser("ada").see(page, 403)
    town.browser("stranger").see(f"/apply/issuers/{issuer}", 404)


def test_an_officer_notes_a_signal_and_the_issuer_reports_a_year(town: Town, issuer: str) -> None:
    officer, ada = town.browser("officer"), town.browser("ada")
    officer.do(
        f"/cases/issuers/{issuer}/signal", signal="credential_outside_scope_seen", text="A badge in law."
    )
    assert "A badge in law." in officer.see(_newest(town))
    year = town.clock().year
    answer = ada.send(f"/apply/issuers/{issuer}/reports/{year}")
    assert answer.status_code == 422
    assert 'href="#a-revocations"' in answer.text
    ada.do(f"/apply/issuers/{issuer}", f"/apply/issuers/{issuer}/begin/targeted")
    begun = ada.see(f"/apply/issuers/{issuer}")
    assert "Begun already:" in begun
    assert "/begin/" not in begun
    early = ada.client.post(
        f"/en/apply/issuers/{issuer}/begin/renewal", data=_token(ada, f"/apply/issuers/{issuer}")
    )
    assert early.status_code == 409
    assert "may be asked for from" in early.text


def _token(browser: Browser, page: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.see(page))
    assert found is not None
    return {"csrf_token": found[1]}


def _newest(town: Town) -> str:
    with town.database.transaction() as session:
        return f"/cases/monitoring/{session.scalars(select(MonitoringItem.id)).one()}"


def test_an_issuer_shows_a_condition_and_an_officer_proposes_that_it_is_met(town: Town, issuer: str) -> None:
    with town.database.transaction() as session:
        case = session.scalars(select(Application.id)).one()
        row = Condition(
            issuer_id=uuid.UUID(issuer),
            application_id=case,
            criterion="S5",
            text="Write the handbook.",
            due=town.clock() + timedelta(days=90),
            at=town.clock(),
        )
        session.add(row)
        session.flush()
        page = f"/apply/issuers/{issuer}/conditions/{row.id}"
        met = f"/cases/issuers/{issuer}/conditions/{row.id}/met"
    ada, officer = town.browser("ada"), town.browser("officer")
    assert page in ada.see(f"/apply/issuers/{issuer}")
    file = FileStorage(io.BytesIO(b"How we assess."), "handbook.txt")
    ada.do(page, text="Here it is.", file=file)
    assert "handbook.txt" in ada.see(page)
    shown = officer.see(met)
    link = re.search(r'href="/en(/cases/issuers/[^"]+/files/[^"]+)"', shown)
    assert link is not None
    answer = officer.client.get(f"/en{link[1]}")
    assert (answer.data, answer.headers["X-Content-Type-Options"]) == (b"How we assess.", "nosniff")
    town.browser("stranger").see(link[1], 403)
    proposal = officer.do(met, reasons="The handbook closes the gap.")
    second = town.browser("reviewer1").see(proposal)
    assert "S5: Write the handbook." in second
    assert "Here it is." in second
    file_of = re.search(r'href="/en(/proposals/[^"]+/files/[^"]+)"', second)
    assert file_of is not None
    assert town.browser("reviewer1").client.get(f"/en{file_of[1]}").data == b"How we assess."
    town.browser("stranger").see(file_of[1], 404)
    town.browser("officer").see(f"/cases/issuers/{issuer}/conditions/files/{uuid.uuid4()}", 404)


def test_anybody_reads_the_figures_of_a_year_and_no_small_number(
    town: Town, issuer: str, tmp_path: Path
) -> None:
    brought(town)
    publish(town, tmp_path / "keys")
    town.clock.advance(days=366)
    publish(town, tmp_path / "keys")
    page = anybody(town, "pl").see("/statistics")
    assert re.search(r"Zalecenie</th><td class=\"num nowrap\">mniej niż 10", page)
    figures = anybody(town).client.get("/en/statistics", headers={"Accept": "application/json"}).get_json()
    assert figures["figures"]["complaints"]["invented"]["received"] is None
