"""What applicants see, what they must not see, and what they are told when something is wrong."""

import dataclasses
import io
import re
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from registry.database import Database
from registry.domain.roles import Role
from registry.models.application import Application, EvidenceVersion
from registry.models.institution import Institution
from registry.outbound import outbound
from registry.services import accounts, applications

from support.town import Town


def links_of_summary(html: str) -> list[str]:
    """Return the anchors that the error summary names."""
    return re.findall(
        r'href="#([^"]+)"', html.split('class="error-summary"')[1].split("</div>", maxsplit=1)[0]
    )


def upload(name: str, data: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(data), name)


def evidence_count(database: Database) -> int:
    with database.transaction() as session:
        return len(session.scalars(select(EvidenceVersion)).all())


def draft(town: Town) -> uuid.UUID:
    town.make_owner("ada")
    with town.database.transaction() as session:
        ada = town.people["ada"]
        return applications.start(session, town.institution_id, town.scheme_id, actor=ada, at=town.clock()).id


def test_applying_is_explained_to_everybody_and_done_by_who_is_signed_in(
    client: FlaskClient, town: Town
) -> None:
    assert "Create an account" in client.get("/en/apply").text
    answer = client.get("/en/apply/institutions")
    assert (answer.status_code, "/en/sign-in" in str(answer.location)) == (302, True)


def test_no_stranger_learns_of_an_application(town: Town) -> None:
    case = town.walk(until="submitted")
    stranger = town.browser("stranger")
    for page in (
        "",
        "/scope",
        "/evidence",
        "/evidence/A1",
        "/keys",
        "/check",
        "/done",
        "/withdraw",
        "/hearing",
        "/manifest.json",
    ):
        stranger.see(f"/apply/{case}{page}", 404)
    with town.database.transaction() as session:
        version = session.scalars(select(EvidenceVersion)).first()
    assert version is not None
    stranger.see(f"/cases/{case}/files/{version.id}", 404)
    town.browser("ada").see(f"/apply/{case}", 200)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("report.exe", b"MZ"),
        ("report.pdf", b"no PDF inside"),
        ("report.pdf.txt", b"words"),
        ("empty.txt", b""),
        ("../../etc/passwd.txt", b"words"),
        ("a\u202etxt.txt", b"words"),
    ],
)
def test_an_upload_that_is_refused_says_why_at_its_field_and_keeps_nothing(
    town: Town, name: str, data: bytes
) -> None:
    case = draft(town)
    page = f"/apply/{case}/evidence/A1"
    answer = town.browser("ada").send(page, f"{page}/A1-a", file=upload(name, data))
    assert answer.status_code == 422
    assert links_of_summary(answer.text) == ["A1-a-file"]
    assert evidence_count(town.database) == 0


def test_a_file_above_the_limit_is_refused_with_the_limit(town: Town) -> None:
    case = draft(town)
    small = dataclasses.replace(town.app.extensions["registry.settings"], upload_limit=10)
    town.app.extensions["registry.settings"] = small
    page = f"/apply/{case}/evidence/A1"
    answer = town.browser("ada", "pl").send(page, f"{page}/A1-a", file=upload("long.txt", b"eleven byte"))
    assert answer.status_code == 422
    assert "dozwolone jest najwyżej" in answer.text


def test_each_version_of_evidence_stays_with_its_hash(town: Town) -> None:
    case = draft(town)
    page, ada = f"/apply/{case}/evidence/A1", town.browser("ada")
    for words in (b"first", b"second"):
        ada.do(page, f"{page}/A1-a", file=upload("extract.txt", words))
    seen = ada.see(page)
    assert seen.count("SHA-256") == 2
    assert seen.index("version 2") < seen.index("counts now") < seen.index("version 1")


def test_a_scope_with_gaps_names_the_fields_and_keeps_what_was_chosen(town: Town) -> None:
    case = draft(town)
    answer = town.browser("ada").send(
        f"/apply/{case}/scope",
        fields={"grants.0.fields_new": "0613", "grants.0.max_ects": "many", "do": "save"},
    )
    assert answer.status_code == 422
    assert links_of_summary(answer.text) == [
        "grants.0.credential_types",
        "grants.0.countries",
        "grants.0.max_ects",
    ]
    assert re.search(r'name="grants.0.fields" value="0613" checked', answer.text)
    assert 'value="many"' in answer.text


def test_parts_of_a_scope_come_and_go_without_scripts_and_nothing_is_saved_meanwhile(town: Town) -> None:
    case = draft(town)
    ada, page = town.browser("ada"), f"/apply/{case}/scope"
    answer = ada.send(page, fields={"grants.0.fields_new": "06", "do": "add"})
    assert answer.status_code == 200
    assert 'id="part-1"' in answer.text
    assert re.search(r'name="grants.0.fields" value="06" checked', answer.text)
    answer = ada.client.post(
        f"/en{page}",
        data={**csrf(answer.text), "grants.0.fields": "06", "grants.1.fields": "07", "do": "remove:0"},
    )
    assert 'value="07" checked' in answer.text
    assert 'value="06" checked' not in answer.text
    with town.database.transaction() as session:
        assert session.get_one(Application, case).scope == {"grants": []}


def csrf(html: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found is not None
    return {"csrf_token": found[1]}


def test_a_stale_scope_is_not_saved_and_the_answer_says_what_the_case_looks_like(town: Town) -> None:
    case = draft(town)
    ada, page = town.browser("ada"), f"/apply/{case}/scope"
    fields = {
        "grants.0.fields_new": "06",
        "grants.0.countries_new": "PL",
        "grants.0.credential_types": "micro_credential",
        "grants.0.modes": "online",
        "do": "save",
    }
    loaded_early = ada.form(page)
    ada.do(page, fields=fields)
    answer = ada.send_form(loaded_early, page, {**fields, "grants.0.fields_new": "07"})
    assert answer.status_code == 409
    assert "Somebody else changed this case meanwhile" in answer.text
    assert f"/en/apply/{case}" in answer.text
    with town.database.transaction() as session:
        assert session.get_one(Application, case).scope["grants"][0]["fields"] == ["06"]


def test_a_draft_says_what_is_missing_and_offers_no_submission(town: Town) -> None:
    case = draft(town)
    seen = town.browser("ada", "pl").see(f"/apply/{case}/check")
    assert "Brakuje dowodu A1-a." in seen
    assert "/submit" not in seen
    assert "Jeszcze niedostępne" in town.browser("ada", "pl").see(f"/apply/{case}")


def test_an_application_is_not_submitted_without_the_declaration(town: Town) -> None:
    case = town.walk(until="draft")
    answer = town.browser("ada").send(f"/apply/{case}/check", f"/apply/{case}/submit")
    assert answer.status_code == 422
    assert links_of_summary(answer.text) == ["declared"]


def test_a_contributor_helps_but_does_not_submit(town: Town) -> None:
    case = town.walk(until="draft")
    with town.database.transaction() as session:
        accounts.record_grant(
            session,
            town.people["stranger"],
            Role.CONTRIBUTOR,
            institution_id=town.institution_id,
            actor=None,
            at=town.clock(),
        )
    helper = town.browser("stranger")
    seen = helper.see(f"/apply/{case}/check")
    assert "Only a signatory" in seen
    token = csrf(helper.see(f"/apply/{case}/keys"))
    answer = helper.client.post(f"/en/apply/{case}/submit", data={**token, "declared": "y", "version": "1"})
    assert answer.status_code in {403, 409}
    page = f"/apply/{case}/evidence/A1"
    helper.do(page, f"{page}/A1-a", file=upload("extract.txt", b"newer"))


def test_a_proof_by_another_key_is_refused_and_what_was_pasted_is_kept(town: Town) -> None:
    case = draft(town)
    ada = town.browser("ada")
    address = ada.do(
        f"/apply/{case}/keys", kind="did", text="did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    )
    answer = ada.send(address, proof="bm90IGEgc2lnbmF0dXJl")
    assert answer.status_code == 422
    assert "The signature does not fit this key and this challenge." in answer.text
    assert "bm90IGEgc2lnbmF0dXJl" in answer.text
    ada.do(address, f"{address}/remove")
    assert "No key yet." in ada.see(f"/apply/{case}/keys")


def test_a_private_key_pasted_by_mistake_is_refused(town: Town) -> None:
    case = draft(town)
    answer = town.browser("ada").send(
        f"/apply/{case}/keys", kind="jwk", text='{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}'
    )
    assert answer.status_code == 422
    assert "never hand it to anybody" in answer.text


def test_a_domain_that_leads_inside_is_not_asked(town: Town) -> None:
    case = draft(town)
    inside = dataclasses.replace(outbound(), lookup=lambda _host, _port: ["127.0.0.1"])
    town.app.extensions["registry.outbound"] = inside
    ada = town.browser("ada")
    address = ada.do(f"/apply/{case}/keys", kind="domain", text="college.example")
    assert "https://college.example/.well-known/" in ada.see(address)
    answer = ada.send(address, f"{address}/look")
    assert answer.status_code == 422
    assert "could not be read" in answer.text


def test_a_platform_confirms_the_profile_of_an_applicant(town: Town, app: Flask) -> None:
    case = draft(town)
    with town.database.transaction() as session:
        platform = Institution(
            slug="platform", name="Invented Platform", country="PL", kind="platform", folded="invented platform",
            owned=True, created_at=town.clock(),
        )  # fmt: skip
        session.add(platform)
        session.flush()
        accounts.record_grant(
            session,
            town.people["stranger"],
            Role.KEY_CUSTODIAN,
            institution_id=platform.id,
            actor=None,
            at=town.clock(),
        )
    did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    ada, custodian = town.browser("ada"), town.browser("stranger")
    fields = {"kind": "platform", "text": did, "platform": str(platform.id), "profile": "college-7"}
    address = ada.do(f"/apply/{case}/keys", fields=fields)
    assert "college-7" in custodian.see("/apply/profiles")
    custodian.do("/apply/profiles", address.replace("/en/apply/keys/", "/apply/profiles/") + "/confirm")
    assert "confirmed by the platform" in ada.see(address)


def test_an_institution_is_registered_once(town: Town) -> None:
    ada = town.browser("ada")
    fields = {
        "legal_name": "Zmyślona Szkoła",
        "name_pl": "Zmyślona Szkoła",
        "kind": "other_provider",
        "country": "PL",
        "street": "Prosta 1",
        "postal_code": "00-001",
        "locality": "Warszawa",
        "scheme": "nip",
        "identifier": "123",
    }
    answer = ada.send("/apply/institutions/new", fields=fields)
    assert answer.status_code == 422
    assert links_of_summary(answer.text) == ["identifier"]
    assert 'value="Zmyślona Szkoła"' in answer.text
    address = ada.do("/apply/institutions/new", fields={**fields, "identifier": "5260250274"})
    assert "Zmyślona Szkoła" in ada.see(address)
    answer = ada.send("/apply/institutions/new", fields={**fields, "identifier": "526-025-02-74"})
    assert answer.status_code == 409
    assert "claim that one" in answer.text


def test_an_applicant_withdraws_after_being_asked_again(town: Town) -> None:
    case = town.walk(until="submitted")
    ada = town.browser("ada")
    assert ada.do(f"/apply/{case}/withdraw") == f"/en/apply/{case}"
    assert "Withdrawn by the applicant" in ada.see(f"/apply/{case}")


def test_an_applicant_reads_neither_the_case_page_of_the_body_nor_what_the_body_gathered(town: Town) -> None:
    case = town.walk(until="review")
    ada = town.browser("ada")
    for page in ("", "/people", "/evidence", "/rating", "/report", "/committee", "/release", "/declaration"):
        ada.see(f"/cases/{case}{page}", 404)
    with town.database.transaction() as session:
        versions = session.scalars(select(EvidenceVersion)).all()
    by_id = {version.evidence_id: version.id for version in versions}
    ada.see(f"/cases/{case}/files/{by_id['A1-a']}")
    ada.see(f"/cases/{case}/files/{by_id['A2-b']}", 404)
    ada.see(f"/cases/{case}/files/{by_id['A1-b']}", 404)


def test_a_refused_form_can_be_read_in_the_other_language(town: Town) -> None:
    case = town.walk(until="draft")
    ada = town.browser("ada")
    answer = ada.send(f"/apply/{case}/check", f"/apply/{case}/submit")
    other = re.search(r'href="(/pl/[^"]+)" lang="pl"', answer.text)
    assert other is not None
    led = ada.client.get(other[1])
    assert (led.status_code, led.location) == (302, f"/pl/apply/{case}/check")
    page = f"/en/apply/{case}/evidence/A1"
    assert ada.client.get(f"{page}/A1-a").location == page
