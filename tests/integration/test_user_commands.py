"""`registry user`: accounts, roles and tokens at the command line."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from registry.cli import COMMANDS, main
from registry.config import Settings
from registry.database import Database
from registry.domain.roles import Role
from registry.models.body import Body
from registry.services import accounts, bearers, sign_in

PASSWORD = "violin under the bridge"


class Shell:
    """Runs `registry` on one database."""

    def __init__(self, database: Database, settings: Settings) -> None:
        url = database.engine.url.render_as_string(hide_password=False)
        self.environment = {"REGISTRY_DATABASE_URL": url, "REGISTRY_DATA": str(settings.data)}

    def __call__(self, *words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, ["user", *words], input=typed, env=self.environment)

    def json(self, *words: str, typed: str | None = None) -> dict[str, object]:
        result = self(*words, "--json", typed=typed)
        assert result.exit_code == 0, result.output
        shown: dict[str, object] = json.loads(result.output)
        return shown


@pytest.fixture
def shell(database: Database, settings: Settings) -> Shell:
    """A shell whose registry is the test's database."""
    return Shell(database, settings)


def may_sign_in(database: Database, email: str, password: str) -> bool:
    with database.transaction() as session:
        return sign_in.open_sign_in(session, email, address="", at=datetime.now(UTC)).matches(password)


def test_a_made_password_is_printed_once_and_opens_the_account(shell: Shell, database: Database) -> None:
    shown = shell.json("create", "ada@example.org", "--name", "Ada", "--operator")
    assert may_sign_in(database, "ada@example.org", str(shown["password"]))
    assert [role["role"] for role in shown["roles"]] == ["operator"]  # type: ignore[attr-defined]
    assert str(shown["password"]) not in shell("list").output


def test_a_password_comes_from_standard_input_or_from_a_prompt(shell: Shell, database: Database) -> None:
    shown = shell.json(
        "create", "ada@example.org", "--name", "Ada", "--password-stdin", typed=PASSWORD + "\n"
    )
    assert "password" not in shown
    asked = shell("create", "eve@example.org", "--name", "Eve", "--prompt", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert asked.exit_code == 0, asked.output
    assert PASSWORD not in asked.output
    assert may_sign_in(database, "ada@example.org", PASSWORD)
    assert may_sign_in(database, "eve@example.org", PASSWORD)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["create", "ada@example.org", "--name", "Ada", "--password-stdin"], 1, "at least 12 characters"),
        (["create", "nobody", "--name", " "], 1, "email: Enter an e-mail address"),
        (["create", "ada@example.org"], 2, "--name"),
        (["create", "a@example.org", "--name", "A", "--prompt", "--password-stdin"], 2, "one of"),
        (["grant", "nobody@example.org", "operator"], 1, "There is no account"),
        (["grant", "nobody@example.org", "emperor"], 2, "emperor"),
        (["token", "nobody@example.org", "--days", "400"], 2, "400"),
    ],
)
def test_wrong_input_is_one_sentence_and_changes_nothing(
    shell: Shell, database: Database, words: list[str], code: int, sentence: str
) -> None:
    result = shell(*words, typed="short\n")
    assert result.exit_code == code
    assert sentence in result.stderr
    assert "Traceback" not in result.output
    with database.transaction() as session:
        assert accounts.all_accounts(session) == []


def test_a_role_of_a_body_is_given_by_its_slug_and_taken_again(
    shell: Shell, database: Database, at: datetime
) -> None:
    with database.transaction() as session:
        body = Body(
            slug="agency", legal_name="Agency", names={}, street="", locality="", postal_code="", country="PL",
            email="", website="", mandate=[], mandate_until=None, created_at=at,
        )  # fmt: skip
        session.add(body)
    shell.json("create", "ada@example.org", "--name", "Ada")
    assert "one body" in shell("grant", "ada@example.org", "registrar").stderr
    assert "no body “nowhere”" in shell("grant", "ada@example.org", "registrar", "--body", "nowhere").stderr
    shown = shell.json("grant", "ada@example.org", "registrar", "--body", "agency")
    assert shown["body"] == str(body.id)
    with database.transaction() as session:
        ada = accounts.account_by_email(session, "ada@example.org")
        held = accounts.roles_of(session, ada.id, at=datetime.now(UTC))
        assert [(grant.role, grant.granted_by) for grant in held] == [(Role.REGISTRAR, None)]
    assert shell("revoke", "ada@example.org", "registrar", "--body", "agency").exit_code == 0
    again = shell("revoke", "ada@example.org", "registrar")
    assert (again.exit_code, "does not hold" in again.stderr) == (1, True)


def test_a_token_opens_the_api_until_the_account_is_closed(shell: Shell, database: Database) -> None:
    shell.json("create", "ada@example.org", "--name", "Ada")
    secret = shell("token", "ada@example.org").output.strip()
    now = datetime.now(UTC)
    with database.transaction() as session:
        assert bearers.account_of(session, secret, at=now)
    assert shell("disable", "ada@example.org").exit_code == 0
    with database.transaction() as session:
        assert bearers.account_of(session, secret, at=now) is None
    assert "(closed)" in shell("list").output


def test_a_database_that_is_not_prepared_is_one_sentence(settings: Settings) -> None:
    result = CliRunner().invoke(main, ["user", "list"], env={"REGISTRY_DATA": str(settings.data)})
    assert result.exit_code == 1
    assert "registry init" in result.stderr


def test_help_imports_no_command() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "Create people's accounts" in result.output
    assert set(COMMANDS) >= {"init", "serve", "worker", "demo", "db", "user", "import", "policies", "publish"}


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell_name: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell_name])
    assert result.exit_code == 0
    assert "_REGISTRY_COMPLETE" in result.output
