"""`registry db export-case`, `verify-export`, `retention`, and `registry bodies deqar`."""

import functools
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from registry.cli import main
from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.files import FileStore
from registry.models.account import LoginAttempt
from registry.models.institution import InstitutionIdentifier
from registry.services import sign_in

from support.clock import START
from support.world import Registry, World


class Shell:
    """Runs `registry` on a registry of the test's own."""

    def __init__(self, registry: Registry) -> None:
        url = registry.database.engine.url.render_as_string(hide_password=False)
        data = str(registry.settings.data)
        self.environment = {
            "REGISTRY_DATABASE_URL": url,
            "REGISTRY_DATA": data,
            "REGISTRY_BASE_URL": registry.settings.base_url,
        }

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, words, env=self.environment)


@pytest.fixture
def shell(registry: Registry) -> Shell:
    return Shell(registry)


def test_a_case_is_taken_out_and_verified(registry: Registry, shell: Shell, tmp_path: Path) -> None:
    with registry.world() as world:
        case = world.submitted()
        reference = case.reference
    file = tmp_path / "case.zip"
    told = shell("db", "export-case", reference, "-o", str(file))
    assert (told.exit_code, told.output) == (0, f"Case {reference} is in {file}.\n")
    told = shell("db", "verify-export", str(file))
    assert told.exit_code == 0
    assert told.output.startswith(f"The archive of case {reference} is whole:")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(file.read_bytes()[:-100])
    told = shell("db", "verify-export", str(broken))
    assert (told.exit_code, told.output) == (
        1,
        "registry: this is no archive of a case, or it is damaged\n",
    )


def test_a_case_that_is_not_there_is_no_archive(shell: Shell, tmp_path: Path) -> None:
    told = shell("db", "export-case", "none", "-o", str(tmp_path / "case.zip"))
    assert (told.exit_code, told.output) == (1, "registry: there is no case none\n")
    assert not (tmp_path / "case.zip").exists()


def test_what_is_over_goes_only_when_told(registry: Registry, shell: Shell) -> None:
    with registry.world() as world:
        sign_in.open_sign_in(
            world.session, "nobody@example.org", address="192.0.2.1", at=world.clock.moment.replace(year=2020)
        )
    told = shell("db", "retention")
    assert "repeat with --apply" in told.output
    assert attempts(registry) == 1
    found: dict[str, Any] = json.loads(shell("db", "retention", "--apply", "--json").output)
    assert found["records"][0] == {"kind": "login_attempt", "records": 1, "kept": "1 day"}
    assert attempts(registry) == 0


def attempts(registry: Registry) -> int:
    with registry.database.reading() as session:
        return session.scalar(select(func.count()).select_from(LoginAttempt)) or 0


def test_reports_for_deqar_need_what_deqar_has_given_the_body(database: Database, tmp_path: Path) -> None:
    environment = {
        "REGISTRY_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "REGISTRY_DATA": str(tmp_path / "var"),
        "REGISTRY_BASE_URL": "https://registry.example",
    }
    run = functools.partial(CliRunner().invoke, main, env=environment)
    assert run(["init"]).exit_code == 0
    with database.transaction() as session:
        files = FileStore(tmp_path / "var" / "evidence")
        world = World(session, files, SteppingClock(START, timedelta(seconds=1))).build()
        case, _story = world.granted()
        owner = case.institution_id
        session.add(InstitutionIdentifier(scheme="eter", value="PL0001", institution_id=owner, source="test"))
    told = run(["bodies", "deqar", "agency"])
    assert told.exit_code == 1
    assert "none is assumed" in told.output
    told = run(["bodies", "deqar", "agency", "--agency", "INVENTED", "--activity", "8"])
    assert told.exit_code == 0, told.output
    [report] = json.loads(told.output)
    assert report["institutions"] == [{"eter_id": "PL0001"}]
    assert report["report_links"][0]["link"].startswith("https://registry.example/en/decisions/")
