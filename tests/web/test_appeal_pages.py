"""Letters, appeals and meetings as people see them; and what the public reads of decisions."""

import uuid
from dataclasses import dataclass
from io import BytesIO

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from registry.domain.roles import Role
from registry.domain.workflow import State
from registry.models.account import Account
from registry.models.application import Application
from registry.models.letter import Letter
from registry.services import accounts
from registry.services.case_file import policy_for

from support.town import Town

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
MEMBERS = ("chair", "member1", "member2", "member3", "member4")


@dataclass
class Hearing:
    """A released case with its newest letter, and three who can hear an appeal."""

    town: Town
    case: uuid.UUID
    letter: uuid.UUID

    def state(self) -> State:
        with self.town.database.transaction() as session:
            return session.get_one(Application, self.case).state


@pytest.fixture
def released(town: Town) -> Hearing:
    case = town.walk(until="released")
    with town.database.transaction() as session:
        for n in range(1, 4):
            name = f"judge{n}"
            account = Account(
                name=f"Judge{n} Person",
                email=f"{name}@agency.example",
                password_hash="nobody",
                language="pl",
                active=True,
                created_at=town.clock(),
            )
            session.add(account)
            session.flush()
            accounts.record_grant(
                session, account.id, Role.APPEALS_MEMBER, body_id=town.body_id, actor=None, at=town.clock()
            )
            town.people[name] = account.id
        letter = session.scalars(select(Letter.id).where(Letter.application_id == case)).one()
    return Hearing(town, case, letter)


def declare(town: Town, name: str, case: uuid.UUID) -> None:
    page = f"/cases/{case}/declaration"
    form = town.browser(name).form(page)
    rules = [field for field in form.names if field not in {"csrf_token", "version"} and "text" not in field]
    town.browser(name).do(page, **dict.fromkeys(rules, "no"))


def test_a_letter_is_read_only_after_it_was_taken_in_and_then_the_days_run(released: Hearing) -> None:
    ada, case = released.town.browser("ada"), released.case
    page = f"/apply/{case}/letters/{released.letter}"
    assert "not opened yet" in ada.see(f"/apply/{case}")
    assert "How to appeal" not in ada.see(page)
    ada.do(page, f"{page}/open")
    seen = ada.see(page)
    assert seen.index("How to appeal") < seen.index("Pouczenie o odwołaniu")
    assert "You can appeal until" in seen
    assert released.town.policy.version in seen


def test_the_letter_as_pdf_is_a_pdf(released: Hearing) -> None:
    pytest.importorskip("weasyprint")
    ada, page = released.town.browser("ada"), f"/apply/{released.case}/letters/{released.letter}"
    assert ada.client.get(f"/en{page}/letter.pdf").status_code == 403
    ada.do(page, f"{page}/open")
    answer = ada.client.get(f"/en{page}/letter.pdf")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")


def test_an_appeal_is_filed_heard_by_others_and_sent_back(released: Hearing) -> None:
    town, case = released.town, released.case
    ada, page = town.browser("ada"), f"/apply/{case}/appeal"
    refused = ada.send(page, text="Wrong.")
    assert refused.status_code == 422
    ada.do(page, grounds="procedural_error", text="The panel had no learner.")
    assert released.state() is State.APPEAL
    assert "The panel had no learner." in ada.see(page)
    admin = town.browser("administrator")
    assert "Choose" not in town.browser("officer").see(f"/cases/{case}").split("Letter and appeals")[1][:200]
    for n in range(1, 4):
        admin.do("/appeals", f"/appeals/{case}/seat", person=str(town.people[f"judge{n}"]))
    for n in range(1, 4):
        declare(town, f"judge{n}", case)
    hear = f"/cases/{case}/appeal"
    judge = town.browser("judge1")
    assert "The panel had no learner." in judge.see(hear)
    assert judge.send(hear, f"{hear}/motion", {"action": "replace"}, reasons="Why.").status_code == 422
    judge.do(hear, f"{hear}/motion", {"action": "return_to_review"}, reasons="They are right.")
    for n in range(1, 4):
        town.browser(f"judge{n}").do(hear, f"{hear}/vote", ballot="for")
    judge.do(hear, f"{hear}/conclude")
    assert released.state() is State.REVIEW
    assert "annulled" in ada.see(page)


@pytest.mark.parametrize("name", ["officer", "chair", "registrar1", "reviewer1", "auditor", "stranger"])
def test_who_is_not_on_the_appeals_panel_does_not_hear_the_appeal(released: Hearing, name: str) -> None:
    released.town.browser("ada").do(
        f"/apply/{released.case}/appeal", grounds="procedural_error", text="Wrong."
    )
    status = 404 if name == "stranger" else 403
    released.town.browser(name).see(f"/cases/{released.case}/appeal", status)


def test_an_administrator_sees_of_an_appeal_the_reference_alone(released: Hearing) -> None:
    released.town.browser("ada").do(
        f"/apply/{released.case}/appeal", grounds="procedural_error", text="A secret sentence."
    )
    seen = released.town.browser("administrator").see("/appeals")
    assert "A secret sentence." not in seen
    assert "Invented College" not in seen
    released.town.browser("officer").see("/appeals", 403)


def test_the_appeal_is_given_up_after_being_asked(released: Hearing) -> None:
    page = f"/apply/{released.case}/waive-appeal"
    released.town.browser("ada").do(page)
    assert released.state() is State.CLOSED


def test_a_registrar_files_the_signed_letter_and_the_officer_the_proof(released: Hearing) -> None:
    town, page = released.town, f"/cases/{released.case}/letter"
    registrar, officer = town.browser("registrar1"), town.browser("officer")
    registrar.do(
        page, f"{page}/signed", file=FileStorage(BytesIO(PDF), "letter.pdf", content_type="application/pdf")
    )
    assert "letter.pdf" in registrar.see(page)
    early = officer.send(
        page,
        f"{page}/proof",
        kind="registered_post",
        delivered_at="2001-01-01T10:00",
        file=FileStorage(BytesIO(PDF), "proof.pdf", content_type="application/pdf"),
    )
    assert early.status_code == 422
    assert "was not written yet" in early.text
    town.browser("member1").see(page, 403)


def test_a_case_before_the_committee_is_put_on_an_agenda_and_the_minutes_are_frozen(town: Town) -> None:
    case = town.walk(until="committee")
    chair = town.browser("chair")
    answer = chair.send("/meetings", starts_at="2030-01-01T10:00", place="Room 1")
    assert answer.status_code == 303
    page = answer.headers["Location"].removeprefix("/en")
    chair.do(page, f"{page}/items", application=str(case))
    assert "Quorum: 0 of 5 are there" in chair.see(page)
    member = town.browser("member4")
    member.do(page, f"{page}/stand-back", reason="My sister studies there.")
    committee = f"/cases/{case}/committee"
    chair.do(committee, f"{committee}/motion")
    assert "Vote</button>" not in member.see(committee)
    for name in MEMBERS[:4]:
        town.browser(name).do(committee, f"{committee}/vote", ballot="for")
    assert "Quorum: 4 of 4 are there" in chair.see(page)
    chair.do(committee, f"{committee}/decide")
    chair.do(page, f"{page}/close")
    seen = town.browser("member1").see(page)
    assert "SHA-256" in seen
    assert "My sister" not in seen
    assert "Member4 Person" in seen
    town.browser("ada").see(page, 403)


def test_a_refusal_is_noticed_heard_and_decided_on_pages(town: Town) -> None:
    case = town.walk(until="committee")
    page, chair = f"/cases/{case}/committee", town.browser("chair")
    chair.do(page, f"{page}/motion", outcome="refuse", reasons="The evidence is older than it says.")
    for name in MEMBERS:
        town.browser(name).do(page, f"{page}/vote", ballot="for")
    assert f"{page}/decide" not in chair.see(page)
    assert chair.send(page, f"{page}/notice", text="").status_code == 422
    chair.do(page, f"{page}/notice", text="The committee means to refuse.")
    ada = town.browser("ada")
    ada.do(f"/apply/{case}/hearing", f"/apply/{case}/hearing/open")
    assert "The committee means to refuse." in ada.see(f"/apply/{case}/hearing")
    ada.do(f"/apply/{case}/hearing", text="We disagree.")
    with town.database.transaction() as session:
        assert session.get_one(Application, case).state is State.REPRESENTATION
        assert policy_for(session.get_one(Application, case)).id == town.policy.id
