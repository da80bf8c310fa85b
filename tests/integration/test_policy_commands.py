"""`registry policies draft`: a file comes in as a draft, comes again as its next text, and goes out byte for byte."""

import json
from pathlib import Path

from click.testing import CliRunner

from registry.cli import main
from registry.config import Settings
from registry.database import Database
from registry.domain.roles import Role
from registry.domain.trust_list import PostalAddress
from registry.policy_files import available
from registry.services import accounts, bodies
from registry.services.bodies import NewBody

from support.clock import START


def test_a_file_becomes_a_draft_and_a_draft_a_file(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    environment = {"REGISTRY_DATABASE_URL": url, "REGISTRY_DATA": str(settings.data)}

    def run(*words: str) -> str:
        result = CliRunner().invoke(main, words, env=environment)
        assert result.exit_code == 0, result.output
        return result.output

    run("init")
    new = NewBody(
        slug="agency",
        legal_name="Invented Agency",
        names={"en": "Agency", "pl": "Agencja"},
        address=PostalAddress("1 Main Street", "Town", "00-001", "PL"),
        email="office@agency.example",
        website="https://agency.example",
    )
    with database.transaction() as session:
        body = bodies.create_body(session, new, actor="operator", at=START)
        editor = accounts.create_account(
            session,
            name="Edna",
            email="edna@agency.example",
            password="violin under the bridge",
            language="pl",
            at=START,
        )
        accounts.record_grant(session, editor.id, Role.POLICY_EDITOR, body_id=body.id, actor=None, at=START)
    source = next(iter(available(None).values())).source
    file, out = tmp_path / "policy.yaml", tmp_path / "out.yaml"
    file.write_bytes(source)
    bring_in = ("policies", "draft", "import", str(file), "--body", "agency", "--as", "edna@agency.example")
    first = json.loads(run(*bring_in, "--json"))
    assert first["problems"] == []
    file.write_bytes(source.replace(b"criteria_groups:", b"criteria_group:", 1))
    second = json.loads(run(*bring_in, "--json"))
    assert second["id"] == first["id"]
    assert any("criteria_group" in problem for problem in second["problems"])
    assert first["id"] in run("policies", "draft", "list")
    run("policies", "draft", "export", first["id"], str(out))
    assert out.read_bytes() == file.read_bytes()
