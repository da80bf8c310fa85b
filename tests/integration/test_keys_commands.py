"""`registry keys`: what rolls over at the command line, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from registry.cli import main
from registry.config import Settings
from registry.database import Database
from registry.models.publication import AuditEvent
from registry.signing.sealing import Seals


class Shell:
    """Runs `registry` on the test's database, in an initialized data directory."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.data = database, settings.data
        url = database.engine.url.render_as_string(hide_password=False)
        self.environment = {"REGISTRY_DATABASE_URL": url, "REGISTRY_DATA": str(settings.data)}
        assert self("init").exit_code == 0

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, words, env=self.environment)

    def done(self, *words: str) -> str:
        result = self(*words)
        assert result.exit_code == 0, result.output
        return result.output

    def audited(self, act: str) -> list[dict[str, Any]]:
        """Return the details of the audit events of an act, oldest first."""
        with self.database.transaction() as session:
            query = select(AuditEvent).where(AuditEvent.act == act).order_by(AuditEvent.number)
            return [dict(event.detail) for event in session.scalars(query)]


@pytest.fixture
def shell(database: Database, settings: Settings) -> Shell:
    """A shell on an initialized registry."""
    return Shell(database, settings)


def kept_keys(path: Path) -> int:
    return len(json.loads(path.read_text())["keys"])


def test_the_key_of_contacts_is_made_anew_and_stands_in_the_audit_trail(shell: Shell) -> None:
    seals = Seals(shell.data / "seals.json")
    sealed = seals.seal("zofia@learner.example", "row")
    assert "0 old keys dropped" in shell.done("keys", "seal-anew")
    assert "1 old keys dropped" in shell.done("keys", "seal-anew")
    assert kept_keys(seals.path) == 2
    assert not seals.is_fresh(sealed)
    first, second = (event["key"] for event in shell.audited("contacts.sealed_anew"))
    assert first != second
    assert seals.seal("x", "row").startswith(f"sealed:{second}:")


def test_a_damaged_key_file_of_contacts_is_said_and_left_alone(shell: Shell) -> None:
    (shell.data / "seals.json").write_text("{}")
    refused = shell("keys", "seal-anew")
    assert refused.exit_code == 1
    assert "put back a copy" in refused.output
    assert (shell.data / "seals.json").read_text() == "{}"
    assert shell.audited("contacts.sealed_anew") == []


def test_the_registry_key_rotates_once_it_was_announced_or_in_an_emergency(shell: Shell) -> None:
    refused = shell("keys", "rotate", "registry")
    assert refused.exit_code == 1
    assert "No next key is announced" in refused.output
    shell.done("keys", "announce", "registry")
    assert "signs the lists of registry" in shell.done("keys", "rotate", "registry"), "nothing was published"
    shell.done("keys", "announce", "registry")
    shell.done("keys", "rotate", "registry", "--emergency", "The disk was stolen.")
    plain, urgent = shell.audited("key.rotated")
    assert "emergency" not in plain
    assert (urgent["emergency"], urgent["unannounced_in"]) == ("The disk was stolen.", [])
