"""A whole case as one archive: all that belongs to it, nothing of others, and every change is found."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable

import pytest

from registry.errors import NotAllowed
from registry.models.application import Application
from registry.models.base import Base
from registry.services import case_export
from registry.services.case_export import ExportBroken

from support.world import World


@pytest.fixture
def case(world: World) -> Application:
    application, _story = world.granted()
    return application


def exported(world: World, case: Application) -> bytes:
    target = io.BytesIO()
    case_export.write(world.session, world.files, case, target, at=world.clock.moment)
    return target.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def remade(data: bytes, change: Callable[[dict[str, bytes]], None]) -> io.BytesIO:
    """Return the archive with members changed, and the manifest as it was."""
    held = members(data)
    change(held)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    return io.BytesIO(target.getvalue())


def test_every_table_that_names_a_case_is_a_part_of_the_archive() -> None:
    """When this fails, say in LEFT_OUT why the new table is no part, or name its column `application_id`."""
    named = {t.name for t in Base.metadata.sorted_tables if "application_id" in t.columns}
    parts = {part.table.name for part in case_export.parts()}
    assert named - parts - set(case_export.LEFT_OUT) == set()
    assert not parts & set(case_export.LEFT_OUT)


def test_the_archive_holds_steps_ratings_votes_files_and_trail(world: World, case: Application) -> None:
    held = members(exported(world, case))
    for table in (
        "application_event",
        "rating",
        "report",
        "declaration",
        "motion",
        "vote",
        "decision",
        "release",
    ):
        assert json.loads(held[f"rows/{table}.json"]), table
    assert len(json.loads(held["rows/evidence_version.json"])) == len(case.evidence)
    assert sum(name.startswith("evidence/") for name in held) == len(case.evidence)
    acts = [event["act"] for event in json.loads(held["audit.json"])]
    assert "application.submit" in acts
    assert "application.release" in acts
    assert held[f"policy/{case.policy.policy_id}-{case.policy.version}.yaml"] == case.policy.source


def test_the_same_case_gives_the_same_bytes(world: World, case: Application) -> None:
    assert exported(world, case) == exported(world, case)


def test_nothing_of_another_case_is_in_it(world: World, case: Application) -> None:
    other = world.submitted()
    data = exported(world, case)
    for secret in (other.reference, str(other.id), other.institution.name):
        assert secret.encode() not in data


def test_names_stand_in_it_and_addresses_do_not(world: World, case: Application) -> None:
    data = exported(world, case)
    assert b"Zenobia" in data
    assert b"people.example" not in data


def test_what_was_written_verifies(world: World, case: Application) -> None:
    found = case_export.verify(io.BytesIO(exported(world, case)))
    assert found.reference == case.reference
    assert found.audit_events > 20


def change_evidence(held: dict[str, bytes]) -> None:
    held[next(name for name in held if name.startswith("evidence/"))] += b"x"


def take_out(held: dict[str, bytes]) -> None:
    del held["rows/vote.json"]


def put_in(held: dict[str, bytes]) -> None:
    held["rows/more.json"] = b"[]"


def rewrite_trail(held: dict[str, bytes]) -> None:
    """Change an audit row, and the manifest so that it fits: only the chain is left to tell."""
    events = json.loads(held["audit.json"])
    events[3]["actor"] = "somebody else"
    held["audit.json"] = json.dumps(events).encode()
    manifest = json.loads(held["MANIFEST.json"])
    entry = next(member for member in manifest["members"] if member["path"] == "audit.json")
    entry["sha256"] = hashlib.sha256(held["audit.json"]).hexdigest()
    entry["size"] = len(held["audit.json"])
    held["MANIFEST.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize("change", [change_evidence, take_out, put_in, rewrite_trail])
def test_every_change_of_the_archive_is_found(
    world: World, case: Application, change: Callable[[dict[str, bytes]], None]
) -> None:
    with pytest.raises(ExportBroken):
        case_export.verify(remade(exported(world, case), change))


def test_something_else_is_no_archive() -> None:
    with pytest.raises(ExportBroken, match="no archive"):
        case_export.verify(io.BytesIO(b"not a zip"))


def test_the_auditor_takes_a_case_out_at_any_time_and_its_officer_when_it_is_decided(
    world: World,
) -> None:
    case = world.submitted()
    world.walk.open(case)
    who, at = world.people, world.clock()
    case_export.require_export(world.session, case, actor=who["auditor"], at=at)
    with pytest.raises(NotAllowed, match="once it has been decided"):
        case_export.require_export(world.session, case, actor=who["officer"], at=at)
    for other in ("reviewer-1", "administrator", "operator", "registrar-1"):
        with pytest.raises(NotAllowed):
            case_export.require_export(world.session, case, actor=who[other], at=at)


def test_the_officer_takes_out_a_case_that_is_over(world: World, case: Application) -> None:
    case_export.require_export(world.session, case, actor=world.people["officer"], at=world.clock())


def test_the_auditor_of_another_body_takes_out_nothing(world: World, case: Application) -> None:
    other = World(world.session, world.files, world.clock, slug="other").build()
    with pytest.raises(NotAllowed):
        case_export.require_export(world.session, case, actor=other.people["auditor"], at=world.clock())
