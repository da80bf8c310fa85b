"""Redacted files, and a committee that sits again, through the programming interface: one proposes, another confirms."""

import base64
import uuid
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.demo.clock import SteppingClock
from registry.demo.detours_decision import AppealCast, appealed_and_returned
from registry.demo.walk import Walk
from registry.domain.roles import Role
from registry.domain.workflow import Action
from registry.files import FileStore
from registry.models.account import Account
from registry.models.application import Application, EvidenceVersion
from registry.models.records import EvidenceRedaction, ReportText
from registry.services import accounts

from support.callers import COMMITTEE, Callers
from support.town import Town

SAID = b"The panel found what the policy asks for."
WHY = "Names of two teachers."


@pytest.fixture
def callers(town: Town) -> Callers:
    """Programs of the town's people, with a case that is decided and released."""
    return Callers(town, case=f"/applications/{town.walk(until='released')}")


def enclosed(data: bytes, name: str = "report.txt") -> dict[str, str]:
    return {"name": name, "file": base64.b64encode(data).decode()}


def refused_fields(answer: Any) -> set[str]:
    return {problem["field"] for problem in answer["errors"]}


def a_file(callers: Callers) -> uuid.UUID:
    with callers.town.database.transaction() as session:
        query = select(EvidenceVersion.id).where(EvidenceVersion.file_name.is_not(None))
        found = session.scalars(query.order_by(EvidenceVersion.id)).first()
        assert found is not None
        return found


def test_a_report_is_published_and_taken_down_by_two(callers: Callers) -> None:
    path = f"{callers.case}/report-text"
    assert callers.get("officer", path) == {"wanted": True, "texts": []}
    assert refused_fields(callers.refuse(422, "officer", "POST", f"{path}/removal", {"reasons": WHY})) == {
        "en"
    }
    body = {"reasons": WHY, "texts": {"pl": enclosed(SAID)}}
    made = callers.make("officer", "POST", path, body)
    assert (made["kind"], made["answer"]) == ("report_text", None)
    callers.refuse(409, "registrar1", "POST", path, body)
    address = f"/proposals/{made['id']}"
    [text] = made["content"]["texts"]
    download = callers.call("registrar1", "GET", f"{address}/files/{text['sha256']}")
    assert (download.status_code, download.data) == (200, SAID)
    assert download.headers["Content-Disposition"].startswith("attachment")
    callers.refuse(404, "registrar1", "GET", f"{address}/files/{'0' * 64}")
    callers.refuse(404, "chair", "GET", f"{address}/files/{text['sha256']}")
    callers.refuse(403, "officer", "POST", f"{address}/answer", {"accepted": True})
    callers.make("registrar1", "POST", f"{address}/answer", {"accepted": True})
    [standing] = callers.get("registrar2", path)["texts"]
    assert standing == {key: text[key] for key in ("language", "media_type", "size", "sha256")}
    made = callers.make("registrar1", "POST", f"{path}/removal", {"reasons": "A name was left in it."})
    callers.make("registrar2", "POST", f"/proposals/{made['id']}/answer", {"accepted": True})
    assert callers.get("officer", path)["texts"] == []


def test_a_file_of_the_evidence_gets_its_redacted_twin_by_two(callers: Callers) -> None:
    version = a_file(callers)
    path = f"{callers.case}/evidence/{version}/redaction"
    made = callers.make("officer", "POST", path, {"reasons": WHY, **enclosed(b"Without names.", "twin.txt")})
    callers.make("registrar1", "POST", f"/proposals/{made['id']}/answer", {"accepted": True})
    with callers.town.database.transaction() as session:
        assert session.scalars(select(EvidenceRedaction.version_id)).all() == [version]
    handed_out = callers.call("ada", "GET", f"{callers.case}/evidence/{version}/content")
    assert handed_out.data == b"Without names."
    original = FileStore(callers.town.evidence)
    again = f"{callers.case}/evidence/{uuid.uuid4()}/redaction"
    callers.refuse(404, "officer", "POST", again, {"reasons": WHY, **enclosed(SAID)})
    assert original.get(made["content"]["sha256"]) == b"Without names."


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("report-text", {"reasons": WHY, "texts": {}}, {"texts"}),
        ("report-text", {"reasons": "", "texts": {"en": enclosed(SAID)}}, {"reasons"}),
        ("report-text", {"reasons": " ", "texts": {"en": enclosed(SAID)}}, {"reasons"}),
        ("report-text", {"reasons": WHY, "texts": {"en": {"name": "a.txt", "file": "?"}}}, {"texts.en.file"}),
        ("report-text", {"reasons": WHY, "texts": {"en": enclosed(SAID, "report.png")}}, {"texts"}),
        ("report-text", {"reasons": WHY, "texts": {"en": enclosed(SAID, "report.csv")}}, {"texts"}),
        ("evidence/{version}/redaction", {"reasons": WHY, **enclosed(b"x", "x.png")}, {"file"}),
        ("evidence/{version}/redaction", {"reasons": WHY, "name": "x.txt", "file": "?"}, {"file"}),
        ("evidence/{version}/redaction", {"reasons": WHY, **enclosed(b"x"), "surprise": 1}, {"surprise"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    callers: Callers, path: str, body: dict[str, Any], fields: set[str]
) -> None:
    path = f"{callers.case}/{path.format(version=a_file(callers))}"
    assert refused_fields(callers.refuse(422, "officer", "POST", path, body)) == fields
    with callers.town.database.transaction() as session:
        assert not session.scalars(select(ReportText)).all()
    assert callers.items("registrar1", "/proposals") == []


@pytest.mark.parametrize(
    ("name", "status"), [("chair", 403), ("reviewer1", 403), ("ada", 404), ("stranger", 404)]
)
def test_others_hand_nothing_in(callers: Callers, name: str, status: int) -> None:
    twin = f"{callers.case}/evidence/{a_file(callers)}/redaction"
    text = f"{callers.case}/report-text"
    callers.refuse(status, name, "GET", text)
    callers.refuse(status, name, "POST", text, {"reasons": WHY, "texts": {"en": enclosed(SAID)}})
    callers.refuse(status, name, "POST", f"{text}/removal", {"reasons": WHY})
    callers.refuse(status, name, "POST", twin, {"reasons": WHY, **enclosed(b"Without names.")})


def sent_back(callers: Callers) -> None:
    """The institution appeals, and the appeals panel sends the case back to its committee."""
    town = callers.town
    with town.database.transaction() as session:
        judges = [appeals_member(town, session, f"judge{n}") for n in range(1, 4)]
        walk = Walk(session, FileStore(town.evidence), town._cast(), SteppingClock(town.clock()))
        case = session.get_one(Application, uuid.UUID(callers.case.rpartition("/")[2]))
        people = AppealCast(town.people["administrator"], tuple(judges))
        appealed_and_returned(walk, case, town.people["ada"], people, Action.RETURN_TO_COMMITTEE)
        town.clock.set(walk.clock())


def appeals_member(town: Town, session: Session, name: str) -> uuid.UUID:
    account = Account(
        name=name, email=f"{name}@agency.example", password_hash="nobody", language="pl", active=True,
        created_at=town.clock(),
    )  # fmt: skip
    session.add(account)
    session.flush()
    accounts.record_grant(
        session, account.id, Role.APPEALS_MEMBER, body_id=town.body_id, actor=None, at=town.clock()
    )
    return account.id


def test_those_whose_decision_was_annulled_sit_again_where_two_say_so(callers: Callers) -> None:
    path = f"{callers.case}/committee-again"
    assert callers.get("officer", path) == {"stood_down": [], "places": 0}
    sent_back(callers)
    bench = callers.get("officer", path)
    stood_down = {one["account_id"]: one["role"] for one in bench["stood_down"]}
    assert stood_down == {
        str(callers.town.people[name]): "committee_chair" if name == "chair" else "committee_member"
        for name in COMMITTEE
    }
    assert bench["places"] == len(COMMITTEE)
    everybody = {"people": list(stood_down), "reasons": "The body has nobody else."}
    callers.refuse(404, "ada", "GET", path)
    callers.refuse(404, "ada", "POST", path, everybody)
    callers.refuse(403, "registrar1", "POST", path, everybody)
    stranger = {**everybody, "people": [str(callers.town.people["stranger"])]}
    assert refused_fields(callers.refuse(422, "officer", "POST", path, stranger)) == {"people"}
    assert refused_fields(callers.refuse(422, "officer", "POST", path, {**everybody, "people": []})) == {
        "people"
    }
    made = callers.make("officer", "POST", path, everybody)
    callers.refuse(409, "officer", "POST", path, everybody)
    callers.refuse(403, "officer", "POST", f"/proposals/{made['id']}/answer", {"accepted": True})
    callers.make("registrar1", "POST", f"/proposals/{made['id']}/answer", {"accepted": True})
    assert callers.get("officer", path)["stood_down"] == []
    seated = {
        one["account_id"]
        for one in callers.items("officer", f"{callers.case}/assignments")
        if not one["ended_at"]
    }
    assert set(stood_down) <= seated


def test_a_registrar_files_the_bodys_own_signed_letter(callers: Callers) -> None:
    path = f"{callers.case}/letter/files"
    signed = enclosed(b"%PDF-1.4\n%%EOF\n", "letter.pdf")
    callers.refuse(403, "officer", "POST", path, signed)
    callers.refuse(404, "ada", "POST", path, signed)
    assert refused_fields(callers.refuse(422, "registrar1", "POST", path, enclosed(SAID))) == {"file"}
    made = callers.make("registrar1", "POST", path, signed)
    assert FileStore(callers.town.evidence).get(made["sha256"]).startswith(b"%PDF")
