"""`registry import`: counts, report, exit codes; bad input is named and writes nothing."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from registry.cli import main
from registry.config import Settings
from registry.database import Database
from registry.models.institution import Institution
from registry.services import imports

from support.tables import invented, write_csv

DCC = Path(imports.__file__).parents[1] / "demo" / "data" / "dcc_issuer_registry.json"
COUNTS = ["created", "changed", "unchanged", "needs_human", "refused"]


class Shell:
    """Runs `registry import` on the test's database, in an initialized data directory."""

    def __init__(self, database: Database, settings: Settings) -> None:
        url = database.engine.url.render_as_string(hide_password=False)
        self.environment = {"REGISTRY_DATABASE_URL": url, "REGISTRY_DATA": str(settings.data)}
        assert CliRunner().invoke(main, ["init"], env=self.environment).exit_code == 0

    def __call__(self, what: str, file: Path, format_: str, *options: str) -> Result:
        words = ["import", what, str(file), "--format", format_, *options]
        return CliRunner().invoke(main, words, env=self.environment)

    def counts(self, what: str, file: Path, format_: str, *options: str) -> dict[str, int]:
        result = self(what, file, format_, "--json", *options)
        assert (result.exit_code, result.stderr) == (0, "")
        shown: dict[str, int] = json.loads(result.stdout)
        return shown


@pytest.fixture
def shell(database: Database, settings: Settings) -> Shell:
    """A shell on an initialized registry."""
    return Shell(database, settings)


def table(tmp_path: Path) -> Path:
    """Return a table with two good rows, one bad cell, and one key that comes twice."""
    rows = [invented(1), invented(2, legal_name="=cmd"), invented(3, country="Poland"), invented(1)]
    return write_csv(tmp_path / "table.csv", rows)


def test_json_holds_the_counts_and_nothing_else(shell: Shell, tmp_path: Path) -> None:
    first = shell.counts("institutions", table(tmp_path), "csv")
    assert list(first) == COUNTS
    assert first == {"created": 2, "changed": 0, "unchanged": 0, "needs_human": 0, "refused": 2}
    assert shell.counts("institutions", table(tmp_path), "csv") == first | {"created": 0, "unchanged": 2}
    assert shell.counts("identities", DCC, "dcc") == dict.fromkeys(COUNTS, 0) | {"created": 20, "refused": 2}


def test_a_dry_run_says_so_and_writes_nothing(shell: Shell, database: Database, tmp_path: Path) -> None:
    said = shell("institutions", table(tmp_path), "csv", "--dry-run")
    assert said.exit_code == 0
    assert "Nothing was written" in said.output
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Institution)) == 0
    assert shell.counts("institutions", table(tmp_path), "csv", "--dry-run")["created"] == 2


def test_the_summary_names_line_key_and_reason_of_what_was_refused(shell: Shell, tmp_path: Path) -> None:
    said = shell("institutions", table(tmp_path), "csv").output
    assert "line 4, K3: country: “Poland” is not a country code" in said
    assert "line 5, K1: This key came before, on line 2" in said
    assert "--report" in said


def test_the_report_has_a_row_per_record(shell: Shell, tmp_path: Path) -> None:
    lines, cells = tmp_path / "report.ndjson", tmp_path / "report.csv"
    shell.counts("institutions", table(tmp_path), "csv", "--report", str(lines))
    rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [(row["line"], row["key"], row["outcome"]) for row in rows] == [
        (2, "K1", "created"),
        (3, "K2", "created"),
        (4, "K3", "refused"),
        (5, "K1", "refused"),
    ]
    assert [bool(row["institution"]) for row in rows] == [True, True, False, False]
    changed = write_csv(tmp_path / "b.csv", [invented(1, city="Kraków"), invented(2, legal_name="=cmd()")])
    shell.counts("institutions", changed, "csv", "--report", str(cells))
    with cells.open(encoding="utf-8", newline="") as file:
        said = {row["key"]: row["detail"] for row in csv.DictReader(file)}
    assert said["K1"] == "city changed: Łódź -> Kraków"
    assert said["K2"].startswith("names.legal ")


@pytest.mark.parametrize("key", ["=1+1", "+1", "-1", "@x"])
def test_no_cell_of_the_report_is_a_formula(shell: Shell, tmp_path: Path, key: str) -> None:
    path = write_csv(tmp_path / "a.csv", [invented(1, source_key=key)])
    report = tmp_path / "report.csv"
    shell.counts("institutions", path, "csv", "--report", str(report))
    assert f"'{key}" in report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("missing.csv", None, "No such file"),
        ("empty.csv", b"", "empty"),
        ("other.csv", b"a,b\n1,2\n", "lacks the column source_key"),
        ("half.csv", b"source_key,legal_name,country\nK1,A,PL\n\xff" + b"x" * (4 * 2**20), "Line 3"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_one(
    shell: Shell, database: Database, tmp_path: Path, name: str, data: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    refused = shell("institutions", path, "csv")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("registry: ")
    assert name in refused.stderr
    assert said in refused.stderr
    with database.reading() as session:
        assert list(imports.runs(session)) == []


def test_a_format_of_the_other_kind_is_wrong_usage(shell: Shell) -> None:
    assert shell("institutions", DCC, "dcc").exit_code == 2
    assert shell("identities", DCC, "ror").exit_code == 2


def test_without_a_registry_the_way_out_is_named(tmp_path: Path) -> None:
    words = ["import", "identities", str(DCC), "--format", "dcc"]
    refused = CliRunner().invoke(main, words, env={"REGISTRY_DATA": str(tmp_path / "none")})
    assert (refused.exit_code, "registry init" in refused.stderr) == (1, True)
