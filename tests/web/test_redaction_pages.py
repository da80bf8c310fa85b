"""Redacted files: handed in on a page, read and confirmed by another, published apart from the lists, and taken down."""

import io
import re
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from registry.config import Settings
from registry.files import FileStore
from registry.models.application import EvidenceVersion
from registry.models.records import EvidenceRedaction, ReportText
from registry.models.two_people import Proposal
from registry.services import evidence_files

from support.published import publish
from support.town import Town

SAID = "The panel found what the policy asks for. Somebody is not named here."
SECRET = "Why: names of two teachers."


@pytest.fixture
def case(town: Town) -> uuid.UUID:
    return town.walk(until="released")


def upload(text: str, name: str = "report.txt") -> FileStorage:
    return FileStorage(io.BytesIO(text.encode()), name)


def waiting(town: Town, name: str) -> str:
    """Return the page of the one proposal that waits for a person."""
    found = re.findall(r'href="/en(/proposals/[0-9a-f-]+)"', town.browser(name).see("/proposals"))
    assert len(found) == 1, found
    return str(found[0])


def erase(town: Town) -> int:
    """Let the worker remove what was ordered to go."""
    found: Settings = town.app.extensions["registry.settings"]
    with town.database.transaction() as session:
        return evidence_files.erase_files(session, FileStore(found.evidence), at=town.clock())


def test_a_report_is_redacted_confirmed_published_and_taken_down(
    town: Town, case: uuid.UUID, tmp_path: Path
) -> None:
    officer, registrar = town.browser("officer"), town.browser("registrar1")
    page = f"/cases/{case}/report-text"
    assert f"/en{page}" in officer.see(f"/cases/{case}")
    draft = town.browser("officer", "pl").see(f"{page}/draft.txt")
    for words in ("Podsumowanie", "The panel has looked at the evidence", "Invented College"):
        assert words in draft
    officer.do(page, reasons=SECRET, pl=upload(SAID), do="publish")
    wait = waiting(town, "registrar1")
    shown = registrar.see(wait)
    file = re.search(r'href="/en(/proposals/[^"]+/files/[0-9a-f]{64})"', shown)
    assert file is not None
    assert registrar.see(file[1]) == SAID
    town.browser("member1").see(file[1], 404)
    publish(town, tmp_path / "keys")
    decision, stranger = decision_page(town), town.browser("stranger", "pl")
    assert "/report/pl" not in stranger.see(decision), "one person publishes nothing"
    registrar.do(wait, answer="confirm")
    publish(town, tmp_path / "keys")
    assert f"/pl{decision}/report/pl" in stranger.see(decision)
    assert SAID in stranger.see(f"{decision}/report/pl")
    as_json = {"Accept": "application/json"}
    wire = town.app.test_client().get(f"/en{decision}", headers=as_json).get_json()
    assert [text["language"] for text in wire["report"]] == ["pl"]
    assert SECRET not in stranger.see(decision) + str(wire)
    stranger.see(f"{decision}/report/en", 404)

    officer.do(page, reasons="A name was left in it.", do="take_down")
    town.browser("registrar2").do(waiting(town, "registrar2"), answer="confirm")
    assert erase(town) == 1
    assert "usunięto" in stranger.see(f"{decision}/report/pl", 404), "gone before the page is published anew"
    publish(town, tmp_path / "keys")
    assert "/report/pl" not in stranger.see(decision)


def decision_page(town: Town) -> str:
    with town.database.transaction() as session:
        return f"/decisions/{session.scalars(select(Proposal.object_id).where(Proposal.kind == 'report_text')).first()}"


def test_a_text_that_was_turned_down_goes_and_nothing_is_published(town: Town, case: uuid.UUID) -> None:
    page = f"/cases/{case}/report-text"
    town.browser("officer").do(page, reasons=SECRET, en=upload(SAID), do="publish")
    town.browser("registrar1").do(waiting(town, "registrar1"), answer="turn_down", reasons="A name is left.")
    assert erase(town) == 1
    with town.database.transaction() as session:
        assert session.scalars(select(ReportText)).all() == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"reasons": SECRET, "do": "publish"}, "Hand in the redacted report"),
        ({"reasons": "", "do": "publish", "en": True}, "Give your reasons."),
        ({"reasons": SECRET, "do": "take_down"}, "Hand in the redacted report"),
        ({"reasons": SECRET, "do": "publish", "en": "report.png"}, "is not a PNG file"),
        ({"reasons": SECRET, "do": "publish", "en": "report.csv"}, "plain text"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    town: Town, case: uuid.UUID, fields: dict[str, str | bool], says: str
) -> None:
    fields = dict(fields)
    name = fields.pop("en", None)
    more = {"en": upload(SAID, name if isinstance(name, str) else "report.txt")} if name else {}
    answer = town.browser("officer").send(
        f"/cases/{case}/report-text", fields={**{k: str(v) for k, v in fields.items()}, **more}
    )
    assert answer.status_code == 422
    assert says in answer.text


@pytest.mark.parametrize("name", ["chair", "reviewer1", "auditor", "ada", "stranger"])
def test_others_neither_read_the_draft_nor_hand_anything_in(town: Town, case: uuid.UUID, name: str) -> None:
    for page in ("report-text", "report-text/draft.txt"):
        answer = town.browser(name).client.get(f"/en/cases/{case}/{page}")
        assert answer.status_code in {403, 404}, page


def test_a_piece_of_evidence_is_redacted_on_its_page_by_two(town: Town, case: uuid.UUID) -> None:
    officer = town.browser("officer")
    with town.database.transaction() as session:
        version = session.scalars(
            select(EvidenceVersion).where(
                EvidenceVersion.application_id == case, EvidenceVersion.file_name.is_not(None)
            )
        ).first()
        assert version is not None
        page = f"/cases/{case}/files/{version.id}/redact"
        handed_out = f"/cases/{case}/files/{version.id}"
    assert f"/en{page}" in officer.see(f"/cases/{case}/evidence")
    assert officer.send(page, reasons=SECRET).status_code == 422
    officer.do(page, reasons=SECRET, file=upload("Without names.", "twin.txt"))
    wait = waiting(town, "registrar1")
    assert "twin" not in officer.see(handed_out)
    town.browser("registrar1").do(wait, answer="confirm")
    assert officer.see(handed_out) == "Without names."
    with town.database.transaction() as session:
        assert session.scalars(select(EvidenceRedaction.version_id)).all() == [version.id]
    assert erase(town) == 1
    town.browser("reviewer1").see(page, 403)
