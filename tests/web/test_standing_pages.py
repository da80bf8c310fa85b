"""Pages by which two people act on a standing: one proposes, another confirms, and readers see what came of it."""

import re
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.domain.recognition import Status, status_at
from registry.models.institution import Institution, WorkItem
from registry.models.issuer import Issuer
from registry.models.two_people import Proposal
from registry.services import institutions
from registry.services.trust_lists import status_events

from support.published import publish
from support.town import FACTS, Town


@pytest.fixture
def issuer(town: Town) -> str:
    """A listed issuer."""
    town.walk(until="released")
    with town.database.transaction() as session:
        return str(session.scalars(select(Issuer.id)).one())


def standing(town: Town, issuer: str) -> Status | None:
    with town.database.transaction() as session:
        row = session.get_one(Issuer, uuid.UUID(issuer))
        return status_at(status_events(row), town.clock())


def newest(town: Town) -> str:
    """Return the page of the proposal that waits."""
    with town.database.transaction() as session:
        row = session.scalars(select(Proposal).where(~Proposal.answer.has())).one()
        return f"/proposals/{row.id}"


def test_an_urgent_suspension_takes_two_people_on_their_pages(town: Town, issuer: str) -> None:
    officer, page = town.browser("officer"), f"/cases/issuers/{issuer}/orders/urgent-suspension"
    answer = officer.send(page)
    assert (answer.status_code, 'href="#ground"' in answer.text) == (422, True)
    address = officer.do(page, ground="fraud_suspected", reasons="Badges were sold.")
    assert "Somebody else has to confirm" in officer.see(address)
    assert standing(town, issuer) is Status.ACTIVE
    registrar = town.browser("registrar1")
    assert address in registrar.see("/proposals")
    assert "Badges were sold." in registrar.see(address)
    empty = registrar.send(address, answer="turn_down")
    assert (empty.status_code, 'href="#reasons"' in empty.text) == (422, True)
    registrar.do(address, answer="confirm")
    assert standing(town, issuer) is Status.SUSPENDED
    assert "confirmed" in officer.see("/proposals")
    town.browser("chair").see(address, 404)
    town.browser("ada").see(address, 404)


def test_two_registrars_cannot_suspend_urgently_and_the_officer_is_led_to_the_committee(
    town: Town, issuer: str
) -> None:
    page = f"/cases/issuers/{issuer}/orders/urgent-suspension"
    address = town.browser("registrar1").do(page, ground="fraud_suspected", reasons="Badges were sold.")
    assert "Who may confirm it: case officer." in town.browser("registrar1").see(address)
    assert "You can only turn this down" in town.browser("registrar2").see(address)
    officer = town.browser("officer")
    assert "You can only turn this down" not in officer.see(address)
    officer.do(address, answer="confirm")
    assert "Seat the committee: 2026-00002" in officer.see("/cases")
    case = re.search(r'href="/en(/cases/[^"]+)/people"', officer.see("/cases"))
    assert case is not None
    declaration = f"{case[1]}/declaration"
    rules = [name for name in officer.form(declaration).names if re.fullmatch(r"COI-\d+", name)]
    officer.do(declaration, fields=dict.fromkeys(rules, "no"))
    opened = officer.see(case[1])
    assert "<h2>The file</h2>" in opened
    assert "<h2>Intake</h2>" not in opened, "nobody has applied"
    notice = f"/apply/{case[1].split('/')[2]}/hearing"
    town.browser("ada").do(notice, f"{notice}/open")
    told = town.browser("ada").see(notice)
    assert "fraud_suspected" not in told
    assert "Suspicion of fraud" in told


def test_a_warning_is_proposed_in_both_languages(town: Town, issuer: str) -> None:
    officer, page = town.browser("officer", "pl"), f"/cases/issuers/{issuer}/orders/warning"
    answer = officer.send(page, reasons="Tak.")
    assert (answer.status_code, 'href="#text_pl"' in answer.text) == (422, True)
    officer.do(page, reasons="Tak.", text_en="Mend the catalogue.", text_pl="Proszę poprawić katalog.")
    assert "Proszę poprawić katalog." in town.browser("registrar2", "pl").see(newest(town))
    town.browser("registrar2", "pl").do(newest(town), answer="confirm")
    assert "Proszę poprawić katalog." in officer.see(f"/cases/issuers/{issuer}")


def test_the_custodian_reports_a_key_and_a_verifier_confirms(town: Town, issuer: str) -> None:
    ada = town.browser("ada")
    keys = f"/apply/issuers/{issuer}/keys"
    with town.database.transaction() as session:
        claim = str(session.get_one(Issuer, uuid.UUID(issuer)).identities[0].claim_id)
    page = f"{keys}/{claim}/compromise"
    assert page in ada.see(keys)
    tomorrow = ada.send(page, since="2126-01-01T10:00", reasons="Stolen.")
    assert (tomorrow.status_code, "has not come" in tomorrow.text) == (422, True)
    with town.database.transaction() as session:
        since = session.get_one(Issuer, uuid.UUID(issuer)).identities[0].effective_from
    ada.do(page, since=f"{since:%Y-%m-%dT%H:%M}", reasons="A laptop was stolen.")
    assert "waits for somebody of the accreditation body" in ada.see(keys)
    town.browser("officer").see(newest(town), 404)
    town.browser("verifier1").do(newest(town), answer="confirm")
    assert "Compromised" in town.browser("verifier2").see(f"/cases/issuers/{issuer}")
    assert page not in ada.see(keys)


def test_the_signatory_gives_the_recognition_up(town: Town, issuer: str) -> None:
    ada, page = town.browser("ada"), f"/apply/issuers/{issuer}/relinquish"
    answer = ada.send(page, reasons="We stop.")
    assert (answer.status_code, 'href="#records_kept_by"' in answer.text) == (422, True)
    kept = {"records_kept_by": "State Archive", "status_service_kept_by": "State Archive"}
    ada.do(page, reasons="We stop.", fields=kept)
    town.browser("officer").see(newest(town), 404)
    assert "State Archive" in town.browser("registrar1").see(newest(town))
    town.browser("registrar1").do(newest(town), answer="confirm")
    assert standing(town, issuer) is Status.RELINQUISHED
    assert "State Archive" in town.browser("officer").see(f"/cases/issuers/{issuer}")


def test_only_those_whose_work_it_is_see_the_forms(town: Town, issuer: str) -> None:
    for word in ("warning", "urgent-suspension", "lifting"):
        page = f"/cases/issuers/{issuer}/orders/{word}"
        for name in ("stranger", "ada", "reviewer1", "auditor"):
            town.browser(name).see(page, 403)
    town.browser("officer").see(f"/cases/issuers/{issuer}/orders/nonsense", 404)
    town.browser("stranger").see(f"/apply/issuers/{issuer}/relinquish", 403)


def successor(town: Town) -> tuple[str, str]:
    """Enter another institution; return its id and slug."""
    facts = {**FACTS, "names": [{"text": "Joined College", "language": "en", "kind": "display"}]}
    with town.database.transaction() as session:
        made = institutions.add_institution(
            session, facts, source="ror", source_key="https://ror.org/0001", actor="x", at=town.clock()
        )
        return str(made.id), made.slug


def test_a_merger_that_an_import_noticed_leads_to_a_form_that_is_filled_in(town: Town, issuer: str) -> None:
    to, slug = successor(town)
    with town.database.transaction() as session:
        row = session.get_one(Issuer, uuid.UUID(issuer))
        relations = [{"kind": "successor", "target": slug, "label": "Joined College"}]
        item = WorkItem(
            kind="succeeded_by",
            key="ror:x",
            institution_id=row.institution_id,
            detail={"name": "x", "relations": relations},
            opened_at=town.clock(),
        )
        session.add(item)
        session.flush()
        work = f"/cases/work/{item.id}/event"
    officer = town.browser("officer")
    assert work in officer.see(f"/cases/issuers/{issuer}")
    found = officer.client.get(officer.address(work))
    assert found.status_code == 302
    page = found.location
    assert "Joined College" in officer.see(page)
    answer = officer.send(page, occurred_on="2026-01-01", evidence="Act.", reasons="So.")
    assert (answer.status_code, "say what becomes of each recognition" in answer.text.lower()) == (422, True)
    fields = {f"fate_{issuer}": "carry_over"}
    officer.do(page, occurred_on="2026-01-01", evidence="Act.", reasons="So.", fields=fields)
    assert "Joined College" in town.browser("registrar1").see(newest(town))
    town.browser("registrar1").do(newest(town), answer="confirm")
    assert standing(town, issuer) is Status.SUPERSEDED
    with town.database.transaction() as session:
        taker = session.scalars(select(Issuer.id).where(Issuer.institution_id == uuid.UUID(to))).one()
        assert all(one.closed_at for one in session.scalars(select(WorkItem)))
    assert standing(town, str(taker)) is Status.ACTIVE


def test_a_part_goes_to_a_successor_by_its_fields(town: Town, issuer: str) -> None:
    to, slug = successor(town)
    with town.database.transaction() as session:
        row = session.get_one(Issuer, uuid.UUID(issuer))
        institution, body = row.institution_id, row.scheme.body_id
        first = row.events[0].scope or {}
        code = first["grants"][0]["fields"][0]
    page = f"/cases/institutions/{institution}/event?body={body}&kind=split&to={slug}"
    officer = town.browser("officer")
    fields = {f"fate_{issuer}": "carry_part", f"fields_{issuer}_{to}": [code]}
    officer.do(page, occurred_on="2026-01-01", evidence="Act.", reasons="So.", fields=fields)
    town.browser("registrar1").do(newest(town), answer="confirm")
    with town.database.transaction() as session:
        taker = session.scalars(select(Issuer).where(Issuer.institution_id == uuid.UUID(to))).one()
        assert (taker.events[-1].scope or {})["grants"][0]["fields"] == [code]


def test_a_rename_needs_the_new_name(town: Town, issuer: str) -> None:
    with town.database.transaction() as session:
        row = session.get_one(Issuer, uuid.UUID(issuer))
        institution, body = row.institution_id, row.scheme.body_id
    page = f"/cases/institutions/{institution}/event?body={body}&kind=rename"
    officer, fields = town.browser("officer"), {f"fate_{issuer}": "carry_over"}
    given = {"occurred_on": "2026-01-01", "evidence": "Act.", "reasons": "So."}
    answer = officer.send(page, fields={**fields, **given})
    assert (answer.status_code, 'href="#legal_name"' in answer.text) == (422, True)
    officer.do(page, fields={**fields, **given}, legal_name="Uczelnia Nowa", name_en="New College")
    town.browser("registrar1").do(newest(town), answer="confirm")
    with town.database.transaction() as session:
        assert session.get_one(Institution, institution).name == "New College"


def test_readers_see_the_warning_the_order_and_what_it_means_for_learners(
    town: Town, issuer: str, tmp_path: Path
) -> None:
    officer, ada, registrar = town.browser("officer"), town.browser("ada"), town.browser("registrar1")
    texts = {"text_en": "Mend the catalogue.", "text_pl": "Proszę poprawić katalog."}
    officer.do(f"/cases/issuers/{issuer}/orders/warning", reasons="Secret reasons.", fields=texts)
    registrar.do(newest(town), answer="confirm")
    kept = {"records_kept_by": "State Archive", "status_service_kept_by": "State Archive"}
    ada.do(f"/apply/issuers/{issuer}/relinquish", reasons="Secret reasons.", fields=kept)
    order = newest(town).rsplit("/", 1)[1]
    registrar.do(newest(town), answer="confirm")
    publish(town, tmp_path / "keys")
    with town.database.transaction() as session:
        slug = session.get_one(Issuer, uuid.UUID(issuer)).institution.slug
    page = town.browser("stranger", "pl").see(f"/issuers/{slug}")
    assert "Proszę poprawić katalog." in page
    assert "State Archive" in page
    assert "Zarządzenie dwóch osób" in page
    assert "Secret reasons" not in page
    told = town.browser("stranger").see(f"/decisions/{order}")
    assert "Recognition given up" in told
    assert "Secret reasons" not in told
    wire = town.app.test_client().get(f"/en/issuers/{slug}.json").get_json()["listings"][0]["entry"]
    assert [note["text"]["en"] for note in wire["notes"]] == ["Mend the catalogue."]
    assert wire["events"][-1]["terms"] == kept
