"""Published reports in the form of DEQAR: what the policy publishes, of institutions known there, nothing claimed."""

import csv
import io
import json
import re

import pytest
from sqlalchemy.orm import Session

from registry.domain import deqar as form
from registry.domain.policy import Outcome
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models.application import Application
from registry.models.institution import InstitutionIdentifier
from registry.services import deqar

from support.world import World

BASE = "https://registry.example"
TAKEN = {  # the columns of DEQAR's CSV upload that we use, as its reader knows them
    r"agency",
    r"local_identifier",
    r"activities\[\d+\]\.id",
    r"status",
    r"decision",
    r"valid_from",
    r"valid_to",
    r"date_format",
    r"link\[\d+\]",
    r"institution\[\d+\]\.(deqar_id|eter_id|identifier|resource)",
}


def identify(session: Session, case: Application, scheme: str, value: str) -> None:
    session.add(
        InstitutionIdentifier(scheme=scheme, value=value, institution_id=case.institution_id, source="test")
    )
    session.flush()


@pytest.fixture
def case(world: World) -> Application:
    granted, _story = world.granted()
    return granted


@pytest.fixture
def profile(world: World) -> None:
    deqar.set_profile(
        world.session, world.body.id, "AGENCY", "8", actor=world.people["registrar-1"], at=world.clock()
    )


def wire(world: World) -> list[dict[str, object]]:
    data, media_type = deqar.document(world.session, world.body.id, "reports.json", BASE)
    assert media_type == "application/json"
    found: list[dict[str, object]] = json.loads(data)
    return found


@pytest.mark.usefixtures("profile")
def test_a_published_report_is_a_submission_object(world: World, case: Application) -> None:
    identify(world.session, case, "deqarinst", "DEQARINST0034")
    [report] = wire(world)
    assert report["agency"] == "AGENCY"
    assert report["activities"] == [{"id": "8"}]
    assert (report["status"], report["decision"]) == ("voluntary", "positive")
    assert report["institutions"] == [{"deqar_id": "DEQARINST0034"}]
    assert report["date_format"] == "%Y-%m-%d"
    assert str(report["valid_from"]) < str(report["valid_to"])
    [link] = report["report_links"]  # type: ignore[misc]
    assert str(link["link"]).startswith(f"{BASE}/en/decisions/{report['local_identifier']}")  # type: ignore[index]


@pytest.mark.usefixtures("profile")
def test_the_table_has_the_columns_that_the_upload_takes(world: World, case: Application) -> None:
    identify(world.session, case, "erasmus_code", "PL TOWN01")
    data, _media_type = deqar.document(world.session, world.body.id, "reports.csv", BASE)
    [row] = csv.DictReader(io.StringIO(data.decode()))
    assert all(any(re.fullmatch(taken, column) for taken in TAKEN) for column in row)
    assert (row["institution[1].identifier"], row["institution[1].resource"]) == ("PL TOWN01", "Erasmus")
    assert row["activities[1].id"] == "8"


@pytest.mark.usefixtures("profile")
def test_an_institution_without_an_identifier_known_there_is_left_out_with_the_reason(
    world: World, case: Application
) -> None:
    found = deqar.reports_of(world.session, world.body.id, BASE)
    assert found.ready == ()
    assert found.left_out == ((case.reference, deqar.NO_IDENTIFIER),)


@pytest.mark.usefixtures("profile")
def test_a_refusal_is_not_published_and_leaves_no_trace(world: World) -> None:
    case, _story = world.granted(outcome=Outcome.REFUSE)
    identify(world.session, case, "deqarinst", "DEQARINST0034")
    assert deqar.reports_of(world.session, world.body.id, BASE) == deqar.Reports((), ())


@pytest.mark.usefixtures("profile")
def test_a_case_that_is_not_decided_is_not_reported(world: World) -> None:
    case = world.submitted()
    identify(world.session, case, "deqarinst", "DEQARINST0034")
    assert wire(world) == []


def test_nothing_is_assumed_of_a_body_that_has_named_no_agency(world: World) -> None:
    with pytest.raises(Conflict, match="none is assumed"):
        deqar.document(world.session, world.body.id, "reports.json", BASE)


def test_the_reports_of_another_body_are_not_among_them(world: World, case: Application) -> None:
    identify(world.session, case, "deqarinst", "DEQARINST0034")
    other = World(world.session, world.files, world.clock, slug="other").build()
    assert deqar.reports_of(world.session, other.body.id, BASE) == deqar.Reports((), ())


@pytest.mark.parametrize(
    ("agency", "activity", "field"), [("", "8", "agency"), ("AGENCY", "eight", "activity")]
)
def test_what_is_no_identifier_of_deqar_is_refused(
    world: World, agency: str, activity: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        deqar.set_profile(
            world.session,
            world.body.id,
            agency,
            activity,
            actor=world.people["registrar-1"],
            at=world.clock(),
        )
    assert [problem.field for problem in refused.value.errors] == [field]


def test_only_a_registrar_names_them(world: World) -> None:
    with pytest.raises(NotAllowed):
        deqar.set_profile(
            world.session, world.body.id, "AGENCY", "8", actor=world.people["officer"], at=world.clock()
        )


def test_every_loss_is_told_in_both_languages() -> None:
    assert all(set(text.as_dict()) == {"en", "pl"} for _name, text in form.LOSSES)
