"""Import from a page: one operator hands in, another lets in, the worker applies; nobody does it alone."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from registry.config import Settings
from registry.database import Database
from registry.domain.roles import Role
from registry.jobs.importing import BATCHES, import_waiting
from registry.models.institution import ImportRun, ImportState, Institution, WorkItem
from registry.services import accounts, import_approvals, imports

from support.browser import create_person, signed_in
from support.tables import invented, write_csv

DATA = Path(imports.__file__).parents[1] / "demo" / "data"
ECHE = DATA / "eche_2026-04-08.csv"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
Operator = Callable[[str], FlaskClient]


@pytest.fixture
def operator(app: Flask, database: Database, at: datetime) -> Operator:
    """Return the browser of an operator, by name."""

    def enter(name: str) -> FlaskClient:
        person = create_person(database, name, at=at)
        with database.transaction() as session:
            accounts.grant_role(session, person.id, Role.OPERATOR, actor=None, at=at)
        return signed_in(app, person)

    return enter


def hand_in(client: FlaskClient, data: bytes, format_: str = "csv", name: str = "table.csv") -> TestResponse:
    token = TOKEN.search(client.get("/en/admin/imports").text)
    assert token
    fields = {"csrf_token": token[1], "format": format_, "file": (io.BytesIO(data), name)}
    answer = client.post("/en/admin/imports", data=fields, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # the client keeps a large form in a file
    return answer


def press(client: FlaskClient, page: str, action: str) -> TestResponse:
    token = TOKEN.search(client.get("/en/admin/imports").text)
    assert token
    return client.post(f"{page}/{action}", data={"csrf_token": token[1]})


def institutions(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Institution)) or 0


def work(database: Database, app: Flask, at: datetime) -> int:
    settings: Settings = app.extensions["registry.settings"]
    return import_waiting(database, settings, lambda: at)


def test_a_file_is_written_only_when_a_second_operator_lets_it_in(
    app: Flask, database: Database, operator: Operator, at: datetime
) -> None:
    ada, eve = operator("Ada"), operator("Eve")
    answer = hand_in(ada, ECHE.read_bytes(), "eche", "eche.csv")
    assert answer.status_code == 303, answer.text
    page = answer.location
    assert work(database, app, at) == institutions(database) == 0
    assert "another operator has to approve" in ada.get(page).text
    assert press(ada, page, "approve").status_code == 403
    assert press(ada, page, "turn-down").status_code == 403
    assert work(database, app, at) == 0
    assert "Approve the import" in eve.get(page).text
    assert press(eve, page, "approve").status_code == 303
    assert work(database, app, at) == institutions(database) == 1143
    assert work(database, app, at) == 0
    shown = eve.get(page).text
    assert "Done" in shown
    assert "1,143" in shown
    assert press(eve, page, "approve").status_code == 409


def test_a_file_that_is_turned_down_is_never_written(
    app: Flask, database: Database, operator: Operator, at: datetime
) -> None:
    page = hand_in(operator("Ada"), ECHE.read_bytes(), "eche").location
    eve = operator("Eve")
    assert press(eve, page, "turn-down").status_code == 303
    assert "Turned down" in eve.get(page).text
    assert press(eve, page, "approve").status_code == 409
    assert work(database, app, at) == institutions(database) == 0


def test_only_operators_may(app: Flask, database: Database, operator: Operator, at: datetime) -> None:
    page = hand_in(operator("Ada"), ECHE.read_bytes(), "eche").location
    somebody = signed_in(app, create_person(database, "Bob", at=at))
    for address in ("/en/admin/imports", page):
        assert somebody.get(address).status_code == 403
    token = TOKEN.search(somebody.get("/en/account").text)
    assert token
    for action in ("approve", "turn-down"):
        assert somebody.post(f"{page}/{action}", data={"csrf_token": token[1]}).status_code == 403
    assert app.test_client().get(page).status_code in {302, 303, 401}


@pytest.mark.parametrize(
    ("format_", "data", "said"),
    [
        ("csv", b"", "Choose a file that is not empty."),
        ("csv", b"source_key,legal_name\nK1,A\n", "lacks the column country"),
        ("csv", b"source_key,legal_name,country\n", "The file has no records."),
        ("eche", b"source_key,legal_name,country\nK1,A,PL\n", "Proposal number"),
        ("", b"source_key,legal_name,country\nK1,A,PL\n", "Choose one."),
        ("xml", b"<a/>", "Not a valid choice"),
        ("dcc", b"{}", "exactly one “registry” object"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_field(
    database: Database, operator: Operator, format_: str, data: bytes, said: str
) -> None:
    answer = hand_in(operator("Ada"), data, format_)
    assert answer.status_code == 422
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert said in summary
    with database.reading() as session:
        assert list(imports.runs(session)) == []


def test_a_file_that_is_too_large_is_refused(app: Flask, database: Database, operator: Operator) -> None:
    settings: Settings = app.extensions["registry.settings"]
    answer = hand_in(operator("Ada"), b"x" * (settings.upload_limit + 1))
    assert answer.status_code == 422
    assert "too large" in answer.text


def test_the_report_can_be_narrowed_and_leafed_through(
    app: Flask, database: Database, operator: Operator, at: datetime, tmp_path: Path
) -> None:
    rows = [invented(number) for number in range(60)]
    table = write_csv(tmp_path / "t.csv", [*rows, invented(61, country="Poland"), invented(3)])
    ada, eve = operator("Ada"), operator("Eve")
    page = hand_in(ada, table.read_bytes(), name="..\\weird\u0007/name.csv").location
    press(eve, page, "approve")
    work(database, app, at)
    first, second = ada.get(page).text, ada.get(f"{page}?page=2").text
    assert first.count("<tr>") == 51
    assert second.count("<tr>") == 13
    refused = ada.get(f"{page}?outcome=refused").text
    assert refused.count("<tr>") == 3
    assert "only that record was taken" in refused
    assert "przyjęto tylko tamten rekord" in ada.get(page.replace("/en/", "/pl/") + "?outcome=refused").text
    assert "name.csv" in first
    assert "weird" not in first
    for odd in ("?page=0", "?page=99", "?page=x", "?outcome=nothing"):
        assert ada.get(page + odd).status_code == 200


def test_a_large_import_leaves_room_for_publishing(
    app: Flask, database: Database, operator: Operator, at: datetime, tmp_path: Path
) -> None:
    count = BATCHES * imports.BATCH + 1
    table = write_csv(tmp_path / "t.csv", [invented(number) for number in range(count)])
    page = hand_in(operator("Ada"), table.read_bytes()).location
    press(operator("Eve"), page, "approve")
    assert [work(database, app, at) for _ in range(3)] == [count - 1, 1, 0]
    assert institutions(database) == count


def test_an_import_whose_file_is_gone_stops_no_other(
    app: Flask, database: Database, operator: Operator, at: datetime, tmp_path: Path
) -> None:
    ada, eve = operator("Ada"), operator("Eve")
    lost = hand_in(ada, b"source_key,legal_name,country\nK1,A,PL\n").location
    kept = hand_in(ada, b"source_key,legal_name,country\nK2,B,PL\n").location
    for page in (lost, kept):
        press(eve, page, "approve")
    with database.reading() as session:
        digest = session.scalars(select(ImportRun.sha256).order_by(ImportRun.id)).all()
    settings: Settings = app.extensions["registry.settings"]
    (settings.data / "imports" / digest[0][:2] / digest[0]).unlink()
    assert work(database, app, at) == 1
    with database.reading() as session:
        states = sorted(run.state.value for run in imports.runs(session))
    assert states == ["done", "running"]


def test_the_command_line_does_not_take_over_what_waits_for_approval(
    app: Flask, database: Database, operator: Operator, at: datetime
) -> None:
    page = hand_in(operator("Ada"), ECHE.read_bytes(), "eche").location
    report = imports.import_institutions(database, ECHE, "eche", actor="operator", at=at)
    assert report.as_dict()["created"] == 1143
    with database.reading() as session:
        assert {run.state for run in imports.runs(session)} == {ImportState.DONE, ImportState.AWAITS_SECOND}
        assert import_approvals.approved(session) == []
    press(operator("Eve"), page, "approve")
    assert work(database, app, at) == institutions(database) == 1143


def test_open_work_is_closed_once_and_with_an_outcome(
    app: Flask, database: Database, operator: Operator, at: datetime, tmp_path: Path
) -> None:
    for name in ("Old", "New"):
        table = write_csv(tmp_path / name, [invented(1, legal_name=name)])
        imports.import_institutions(database, table, "csv", actor="operator", at=at)
    ada = operator("Ada")
    listed = ada.get("/en/admin/work").text
    assert "csv:K1" in listed
    with database.reading() as session:
        item = session.scalars(select(WorkItem)).one()
    token = TOKEN.search(listed)
    assert token
    address = f"/en/admin/work/{item.id}"
    assert ada.post(address, data={"csrf_token": token[1], "text": " "}).status_code == 422
    done = {"csrf_token": token[1], "text": "Checked with the register."}
    assert ada.post(address, data=done).status_code == 303
    assert ada.post(address, data=done).status_code == 409
    assert "csv:K1" not in ada.get("/en/admin/work").text
    with database.reading() as session:
        assert session.get_one(WorkItem, item.id).outcome == "Checked with the register."
