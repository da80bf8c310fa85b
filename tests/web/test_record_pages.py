"""The auditor's pages: the trail with filters, its proof, the record of a case; read by few, and changing nothing."""

import csv
import io
import json
import re
import zipfile

import pytest

from registry.domain.roles import Role
from registry.models.account import Account
from registry.services import accounts, case_export, erasure

from support.town import Town


@pytest.fixture
def case(town: Town) -> str:
    return str(town.walk(until="review"))


FILTERS = [
    ("act=application.submit", "application.submit", "conflict.declared"),
    ("actor=officer@agency.example", "Officer Person", "identity.proven"),
    ("object_type=application", "application.submit", "identity.proven"),
    ("until=2020-01-01", "0 events", "application.submit"),
    ("actor=nobody@example.org", "0 events", "application.submit"),
]


def test_the_auditor_browses_the_trail_of_the_body(town: Town, case: str) -> None:
    browser = town.browser("auditor")
    page = browser.see("/admin/audit")
    assert "application.open_review" in page
    assert case in page
    for query, there, gone in FILTERS:
        page = browser.see(f"/admin/audit?{query}")
        assert there in page
        assert f"<code>{gone}</code>" not in page


READ = (
    *("evidence", "handed-in", "completeness", "eligibility", "reuse", "keys", "rating", "report"),
    *("committee", "questions", "visit", "people", "record"),
)


def test_the_auditor_finds_the_whole_file_on_the_page_of_the_case(town: Town) -> None:
    case, browser = town.walk(until="released"), town.browser("auditor")
    page = browser.see(f"/cases/{case}")
    assert "You read this case as the auditor of the body" in page
    for part in READ:
        browser.see(f"/cases/{case}/{part}")
        assert f"/cases/{case}/{part}" in page or part in {"questions", "visit"}
    assert "Most disputed first" in browser.see(f"/cases/{case}/rating")
    votes = browser.see(f"/cases/{case}/committee")
    assert "has voted" not in votes, "how each voted is on record"
    assert "carried" in votes
    assert "<form" not in votes.partition("<main")[2]


def test_the_auditor_sees_no_rating_and_no_vote_before_those_who_gave_them(town: Town) -> None:
    case, browser = town.walk(until="review"), town.browser("auditor")
    assert "Most disputed first" not in browser.see(f"/cases/{case}/rating")
    browser.see(f"/cases/{case}/rating/A1", 403)


def test_a_day_that_is_none_is_refused_with_the_way_to_write_it(town: Town) -> None:
    assert "2026-03-31" in town.browser("auditor").see("/admin/audit?since=tomorrow", 422)
    assert "2026-03-31" in town.browser("auditor", "pl").see("/admin/audit?since=2026-02-30", 422)


def test_the_chain_is_checked_on_demand(town: Town, case: str) -> None:
    assert "The chain holds" in town.browser("auditor").see("/admin/audit?check=1")
    assert "Łańcuch jest nienaruszony" in town.browser("auditor", "pl").see("/admin/audit?check=1")


def test_the_trail_is_taken_out_as_a_table_and_as_lines(town: Town, case: str) -> None:
    client = town.browser("auditor").client
    table = list(csv.DictReader(io.StringIO(client.get("/en/admin/audit.csv").text)))
    lines = [json.loads(line) for line in client.get("/en/admin/audit.ndjson").text.splitlines()]
    assert [row["number"] for row in table] == [str(line["number"]) for line in lines]
    assert len(table) > 50
    assert all(line["chain"] for line in lines)


def test_the_record_of_a_case_leads_to_an_archive_that_verifies(town: Town, case: str) -> None:
    browser = town.browser("auditor")
    assert f"/cases/{case}/record" in browser.see(f"/cases/{case}")
    assert "application.submit" in browser.see(f"/cases/{case}/record")
    answer = browser.client.get(f"/en/cases/{case}/record.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert case_export.verify(io.BytesIO(answer.data)).members > 10
    assert zipfile.is_zipfile(io.BytesIO(answer.data))


def test_the_auditor_reads_the_file_without_a_part(town: Town, case: str) -> None:
    browser = town.browser("auditor")
    for page in ("keys", "report", "evidence"):
        browser.see(f"/cases/{case}/{page}")
    link = browser.see(f"/cases/{case}/evidence").split(f"/cases/{case}/files/")[1].split('"')[0]
    assert browser.client.get(f"/en/cases/{case}/files/{link}").status_code == 200


def test_others_read_neither_the_trail_nor_the_record_of_a_case(town: Town, case: str) -> None:
    for name in ("officer", "reviewer1", "administrator", "ada"):
        town.browser(name).see("/admin/audit", 403)
    for name, status in (("reviewer1", 403), ("administrator", 404), ("ada", 404)):
        town.browser(name).see(f"/cases/{case}/record", status)
        town.browser(name).see(f"/cases/{case}/record.zip", status)


def test_the_officer_reads_the_trail_and_takes_the_case_out_only_when_it_is_over(
    town: Town, case: str
) -> None:
    browser = town.browser("officer")
    assert "once the case has been decided" in browser.see(f"/cases/{case}/record")
    browser.see(f"/cases/{case}/record.zip", 403)


@pytest.mark.parametrize("language", ["en", "pl"])
def test_what_is_kept_how_long_is_told(town: Town, language: str) -> None:
    page = town.browser("auditor", language).see("/admin/retention")
    assert {"en": "24 months", "pl": "24 miesiące"}[language] in page


def test_the_administration_leads_to_the_records(town: Town) -> None:
    page = town.browser("auditor").see("/admin")
    assert "/en/admin/audit" in page
    assert "/en/admin/deqar" not in page


def test_two_operators_let_a_person_leave_without_a_trace_of_who_it_was(town: Town) -> None:
    with town.database.transaction() as session:
        for name in ("stranger", "editor"):
            accounts.record_grant(session, town.people[name], Role.OPERATOR, actor=None, at=town.clock())
    first, second, page = town.browser("stranger"), town.browser("editor"), "/admin/departures"
    leaver = "reviewer4@agency.example"
    asked = {"email": leaver, "reasons": "Asked for on 1 September."}
    early = first.send(page, fields=asked | {"do": "erase"})
    assert early.status_code == 422
    assert "lose the account first" in early.text
    assert "Asked for on 1 September." in early.text
    assert first.send(page, email="stranger@agency.example", do="close").status_code == 409
    assert first.send(page, email="nobody@agency.example", do="close").status_code == 422
    first.do(page, email=leaver, do="close")
    first.do(page, fields=asked | {"do": "erase"})
    assert first.send(page, fields=asked | {"do": "erase"}).status_code == 409
    [proposal] = re.findall(r"/en(/proposals/[0-9a-f-]{36})", second.see("/proposals"))
    assert leaver in second.see(proposal)
    second.do(proposal, answer="confirm", reasons="")
    assert leaver not in second.see(proposal)
    with town.database.transaction() as session:
        assert erasure.is_erased(session.get_one(Account, town.people["reviewer4"]))
    town.browser("administrator").see(page, 403)
