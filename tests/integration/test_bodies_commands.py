"""`registry bodies`: from an empty registry to a body with an adopted policy and a scheme that can sign its lists."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.config import Settings
from registry.database import Database

POLICY, VERSION = "eu-microcredential-recommendation-2022", "1.0.0"
BODY = {
    "--legal-name": "Agencja Przykładowa",
    "--name-en": "Example Agency",
    "--name-pl": "Agencja Przykładowa",
    "--street": "ul. Prosta 1",
    "--locality": "Warszawa",
    "--postal-code": "00-001",
    "--country": "PL",
    "--email": "office@example.org",
    "--website": "https://agency.example",
}


class Shell:
    """Runs `registry` on the test's database, in an initialized data directory."""

    def __init__(self, database: Database, settings: Settings) -> None:
        url = database.engine.url.render_as_string(hide_password=False)
        self.environment = {"REGISTRY_DATABASE_URL": url, "REGISTRY_DATA": str(settings.data)}
        assert self("init").exit_code == 0

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, words, env=self.environment)

    def json(self, *words: str) -> Any:
        result = self(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    def create(self, slug: str = "agency", **changed: str) -> Result:
        return self("bodies", "create", slug, *(word for pair in (BODY | changed).items() for word in pair))

    def person(self, name: str, *roles: str) -> str:
        email = f"{name}@example.org"
        self.json("user", "create", email, "--name", name.title())
        for role in roles:
            self.json("user", "grant", email, role, "--body", "agency")
        return email


@pytest.fixture
def shell(database: Database, settings: Settings) -> Shell:
    """A shell on an initialized registry."""
    return Shell(database, settings)


def adopt(shell: Shell, editor: str, approver: str) -> Result:
    people = ("--proposed-by", editor, "--approved-by", approver)
    return shell("bodies", "adopt", "agency", POLICY, VERSION, *people)


def test_an_operator_sets_up_a_body_without_the_demo(shell: Shell) -> None:
    assert shell.create().exit_code == 0
    editor, approver = shell.person("eda", "policy_editor"), shell.person("ada", "policy_approver")
    assert adopt(shell, editor, approver).exit_code == 0
    names = ("--name-en", "Example scheme", "--name-pl", "Program przykładowy")
    made = shell.json("bodies", "scheme", "agency", POLICY, "example", *names)
    assert made["key"] == "example-1"
    [row] = shell.json("bodies", "list")
    assert row["schemes"] == [{"slug": "example", "policy": POLICY}]
    assert [(one["policy"], one["version"]) for one in row["policies"]] == [(POLICY, VERSION)]
    assert "scheme example under" in shell("bodies", "list").output
    published = shell("publish")
    assert published.exit_code == 0, published.output
    listed = {row["url"].split("/lists/")[1].split("/")[0] for row in shell.json("lists", "status")}
    assert listed == {"example", "registry"}


def test_one_person_alone_adopts_nothing(shell: Shell) -> None:
    shell.create()
    editor = shell.person("eda", "policy_editor")
    other = shell.person("ada", "reviewer")
    for second in (editor, other):
        refused = adopt(shell, editor, second)
        assert (refused.exit_code, "no policy approver" in refused.output) == (1, True)
    assert shell.json("bodies", "list")[0]["policies"] == []


def test_a_scheme_needs_an_adopted_policy(shell: Shell) -> None:
    shell.create()
    refused = shell("bodies", "scheme", "agency", POLICY, "example", "--name-en", "A", "--name-pl", "B")
    assert (refused.exit_code, "registry bodies adopt" in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("option", "value", "field"),
    [
        ("--country", "Poland", "country"),
        ("--email", "office", "email"),
        ("--website", "http://agency.example", "website"),
        ("--street", " ", "street"),
        ("--name-pl", "", "names.pl"),
    ],
)
def test_what_cannot_be_read_is_named(shell: Shell, option: str, value: str, field: str) -> None:
    refused = shell.create(**{option: value})
    assert (refused.exit_code, f"  {field}: " in refused.output) == (1, True)
    assert shell.json("bodies", "list") == []


def test_a_slug_is_taken_once_and_fits_into_an_address(shell: Shell) -> None:
    assert shell.create("Agency One").exit_code == 1
    assert shell.create().exit_code == 0
    again = shell.create()
    assert (again.exit_code, "already" in again.output) == (1, True)


def test_what_is_not_there_is_said(shell: Shell) -> None:
    missing = shell("bodies", "adopt", "agency", POLICY, "9.9.9", "--proposed-by", "a", "--approved-by", "b")
    assert (missing.exit_code, "no policy" in missing.output) == (1, True)
    missing = shell("bodies", "scheme", "nobody", POLICY, "x", "--name-en", "A", "--name-pl", "B")
    assert (missing.exit_code, "no body nobody" in missing.output) == (1, True)


def test_without_a_registry_the_way_out_is_named(database: Database, tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["bodies", "list"], env={"REGISTRY_DATA": str(tmp_path / "none")})
    assert (refused.exit_code, "registry init" in refused.output) == (1, True)
