"""What the people of a body see and must not see: the locked file, the hidden ratings, other people's steps."""

import re
import uuid

import pytest
from sqlalchemy import select

from registry.database import Database
from registry.demo.walk import rating_for
from registry.domain.conflicts import Answer
from registry.domain.roles import Role
from registry.models.application import EvidenceVersion
from registry.models.body import Body
from registry.services import accounts, applications, cases, declarations, interests, reviews

from support.page_forms import forms_of
from support.town import Town

FILE_PAGES = ("evidence", "keys", "rating", "report", "committee")


def rate_everything(town: Town, case: uuid.UUID, name: str, value: str = "non_compliant") -> None:
    """Let a member rate all criteria, so badly that the word shows on any page that leaks it."""
    with town.database.transaction() as session:
        for criterion in town.policy.criteria:
            scale = town.policy.scale_of(criterion)
            rating = rating_for(town.policy, criterion, value if scale.value(value) else "not_met")
            reviews.rate_alone(session, case, rating, actor=town.people[name], at=town.clock())


@pytest.mark.parametrize("name", ["stranger", "reviewer4", "registrar1"])
def test_who_plays_no_part_opens_no_file(town: Town, name: str) -> None:
    case = town.walk(until="submitted")
    browser = town.browser(name)
    knows = name == "registrar1"
    browser.see(f"/cases/{case}", 200 if knows else 404)
    for page in FILE_PAGES:
        browser.see(f"/cases/{case}/{page}", 403 if knows else 404)


def test_an_auditor_reads_the_evidence_without_a_part_in_the_case(town: Town) -> None:
    case = town.walk(until="submitted")
    town.browser("auditor").see(f"/cases/{case}/evidence", 200)


def test_staff_of_another_body_do_not_learn_of_a_case(town: Town) -> None:
    case = town.walk(until="submitted")
    with town.database.transaction() as session:
        other = Body(
            slug="other", legal_name="Other Agency", names={"en": "Other"}, street="", locality="", postal_code="",
            country="PL", email="", website="", mandate={}, mandate_until=None, created_at=town.clock(),
        )  # fmt: skip
        session.add(other)
        session.flush()
        for role in (Role.INTAKE_OFFICER, Role.CASE_OFFICER, Role.REGISTRAR):
            accounts.record_grant(
                session, town.people["stranger"], role, body_id=other.id, actor=None, at=town.clock()
            )
    stranger = town.browser("stranger")
    stranger.see(f"/cases/{case}", 404)
    assert str(case) not in stranger.see("/cases")


def test_the_file_opens_after_a_clean_declaration_and_not_before(town: Town) -> None:
    case = town.walk(until="submitted")
    intake = town.browser("intake")
    intake.do(f"/cases/{case}", f"/cases/{case}/act", {"action": "open"})
    with town.database.transaction() as session:
        version = session.scalars(select(EvidenceVersion)).first()
    assert version is not None
    download = f"/cases/{case}/files/{version.id}"
    for page in (download, f"/cases/{case}/evidence", f"/cases/{case}/keys"):
        assert "Declare your interests first" in intake.see(page, 403)
    assert "/act" not in intake.see(f"/cases/{case}"), "no step before the declaration"
    declare(town, "intake", case)
    for page in (download, f"/cases/{case}/evidence", f"/cases/{case}/keys"):
        intake.see(page)


def declare(town: Town, name: str, case: uuid.UUID, **answers: str) -> str:
    browser, page = town.browser(name), f"/cases/{case}/declaration"
    rules = [n for n in browser.form(page).names if re.fullmatch(r"COI-\d+", n)]
    return browser.do(
        page, fields={**dict.fromkeys(rules, "no"), **{k.replace("_", "-"): v for k, v in answers.items()}}
    )


def test_a_declared_tie_keeps_the_file_locked(town: Town) -> None:
    case = town.walk(until="submitted")
    intake = town.browser("intake")
    intake.do(f"/cases/{case}", f"/cases/{case}/act", {"action": "open"})
    page = f"/cases/{case}/declaration"
    answer = intake.send(page, fields={"COI-1": "yes", "COI-2": "no"})
    assert answer.status_code == 422
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert {"#COI-1", "#COI-3"} <= set(re.findall(r'href="([^"]+)"', summary))
    assert re.search(r'id="COI-2" name="COI-2" value="no" checked', answer.text)
    declare(town, "intake", case, COI_1="yes", **{"COI-1-text": "I teach there."})
    assert "A declared conflict of interest locks this file for you." in intake.see(
        f"/cases/{case}/evidence", 403
    )
    assert "Excluded from the case" in intake.see(f"/cases/{case}")


def test_two_officers_who_act_at_once_do_not_both_succeed(town: Town) -> None:
    case = town.walk(until="submitted")
    with town.database.transaction() as session:
        accounts.record_grant(
            session,
            town.people["auditor"],
            Role.INTAKE_OFFICER,
            body_id=town.body_id,
            actor=None,
            at=town.clock(),
        )
    first, second = town.browser("intake"), town.browser("auditor")
    page = f"/cases/{case}"
    loaded_early = second.form(page, f"{page}/act")
    first.do(page, f"{page}/act", {"action": "open"})
    answer = second.send_form(loaded_early, page, {"action": "open"})
    assert answer.status_code == 409
    assert "Completeness check" in answer.text
    assert f"/en/cases/{case}" in answer.text


def test_a_step_says_what_it_still_lacks_in_the_language_of_the_page(town: Town) -> None:
    case = town.walk(until="submitted")
    intake = town.browser("intake")
    intake.do(f"/cases/{case}", f"/cases/{case}/act", {"action": "open"})
    declare(town, "intake", case)
    assert "Assign a case officer first." in intake.see(f"/cases/{case}")
    assert "Najpierw należy wyznaczyć osobę prowadzącą sprawę." in town.browser("intake", "pl").see(
        f"/cases/{case}"
    )


def test_nobody_sees_the_ratings_of_others_before_all_have_rated(town: Town) -> None:
    case = town.walk(until="review")
    for name in ("reviewer1", "reviewer2", "reviewer3"):
        rate_everything(town, case, name)
    last = town.browser("reviewer4")
    seen = last.see(f"/cases/{case}/rating")
    assert seen.count("15 of 15 criteria") == 3
    assert "Non-compliant" not in seen
    assert "Close the gap" not in last.see(f"/cases/{case}/rating/S3")
    assert "hidden until every member has rated" in last.see(f"/cases/{case}/agreement/S3", 403)
    for name in ("officer", "verifier1", "intake"):
        town.browser(name).see(f"/cases/{case}/rating", 403)
    rate_everything(town, case, "reviewer4")
    assert last.see(f"/cases/{case}/rating").count("Non-compliant") >= 10 * 4


def test_a_member_who_does_not_chair_writes_down_no_agreement(town: Town) -> None:
    case = town.walk(until="review")
    for name in ("reviewer1", "reviewer2", "reviewer3", "reviewer4"):
        rate_everything(town, case, name)
    page = f"/cases/{case}/agreement/S3"
    assert "/agreement/" not in town.browser("reviewer2").see(f"/cases/{case}/rating")
    answer = town.browser("reviewer2").send(page, value="non_compliant", reasons="No.", cited_evidence="S3-a")
    assert answer.status_code == 403
    town.browser("reviewer1").do(page, value="non_compliant", reasons="No.", cited_evidence="S3-a")


def test_a_rating_without_what_it_needs_is_refused_at_its_fields_and_keeps_what_was_typed(town: Town) -> None:
    case = town.walk(until="review")
    answer = town.browser("reviewer1").send(
        f"/cases/{case}/rating/S3", value="partially_compliant", reasons="Some outcomes are not assessed."
    )
    assert answer.status_code == 422
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert re.findall(r'href="#(\w+)"', summary) == ["cited_evidence", "condition"]
    assert "Some outcomes are not assessed." in answer.text
    assert re.search(r'value="partially_compliant" checked', answer.text)


def test_a_download_can_do_nothing_in_a_browser(town: Town, database: Database) -> None:
    case = town.walk(until="review")
    with database.transaction() as session:
        version = session.scalars(select(EvidenceVersion).where(EvidenceVersion.evidence_id == "A1-a")).one()
    answer = town.browser("reviewer1").client.get(f"/en/cases/{case}/files/{version.id}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=A1-a.txt"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "text/plain"


def test_only_people_who_may_take_a_part_are_offered_for_it(town: Town) -> None:
    case = town.walk(until="submitted")
    intake = town.browser("intake")
    intake.do(f"/cases/{case}", f"/cases/{case}/act", {"action": "open"})
    assert "Give parts" not in intake.see(f"/cases/{case}/people")
    declare(town, "intake", case)
    seen = intake.see(f"/cases/{case}/people")
    (form,) = (form for form in forms_of(seen) if form.values.get("group") == ["officers"])
    given = [form.values[f"role-{place}"][0] for place in range(3)]
    assert given == ["case_officer", "identity_verifier", "identity_verifier"]
    assert "Officer Person" in seen
    assert "Reviewer1 Person" not in seen
    wrong = {"person-0": str(town.people["officer"]), "person-1": str(town.people["officer"])}
    answer = intake.send_form(form, f"/cases/{case}/people", wrong)
    assert answer.status_code == 422
    assert "This person is no identity verifier of the body." in answer.text
    assert "Officer Person</dt>" not in intake.see(f"/cases/{case}/people"), "all of them, or nobody"


def test_a_verifier_confirms_a_key_once_and_a_second_one_is_needed(town: Town) -> None:
    case = town.walk(until="submitted")
    with town.database.transaction() as session:
        people, at = town.people, town.clock()
        application = applications.act(session, case, applications.Action.OPEN, actor=people["intake"], at=at)
        for name, role in (
            ("intake", None),
            ("officer", "case_officer"),
            ("verifier1", "identity_verifier"),
            ("verifier2", "identity_verifier"),
        ):
            if role:
                cases.assign(session, case, people[name], cases.CaseRole(role), actor=people["intake"], at=at)
            part = cases.CaseRole(role or "intake_officer")
            answers = {rule.id: Answer(yes=False) for rule in interests.rules_for(application, part)}
            declarations.declare(session, case, answers, actor=people[name], at=at)
        applications.act(session, case, applications.Action.CONFIRM_COMPLETE, actor=people["intake"], at=at)
    page = f"/cases/{case}/keys"
    first = town.browser("verifier1")
    confirm = re.search(rf"/en{page}/[0-9a-f-]+", first.see(page))
    assert confirm is not None
    first.do(page, confirm[0])
    assert confirm[0] not in first.see(page)
    assert "1 still open" in first.see(f"/cases/{case}")
    token = re.search(r'name="csrf_token" value="([^"]+)"', first.see(f"/cases/{case}/declaration"))
    assert token is not None
    assert first.client.post(confirm[0], data={"csrf_token": token[1]}).status_code == 403
    town.browser("verifier2").do(page, confirm[0])
    assert "still open" not in town.browser("verifier2").see(f"/cases/{case}")


def test_the_desk_shows_each_role_what_waits_for_it(town: Town) -> None:
    case = town.walk(until="submitted")
    assert str(case) in town.browser("intake").see("/cases")
    for name in ("officer", "verifier1", "reviewer1", "chair", "registrar1", "stranger"):
        assert str(case) not in town.browser(name).see("/cases")


def test_a_claim_is_not_judged_by_the_claimant_nor_by_people_without_the_role(town: Town) -> None:
    with town.database.transaction() as session:
        accounts.record_grant(
            session,
            town.people["ada"],
            Role.IDENTITY_VERIFIER,
            body_id=town.body_id,
            actor=None,
            at=town.clock(),
        )
    ada = town.browser("ada")
    ada.do(f"/apply/institutions/{town.institution_id}/claim", statement="I am the rector.")
    found = re.search(r"/cases/claims/[0-9a-f-]+", town.browser("verifier1").see("/cases"))
    assert found is not None
    assert "/cases/claims/" not in ada.see("/cases")
    assert "Record my word" not in ada.see(found[0])
    town.browser("officer").see(found[0], 403)
    answer = town.browser("verifier1").send(found[0], confirmed="yes")
    assert answer.status_code == 422
    assert 'value="yes" checked' in answer.text
