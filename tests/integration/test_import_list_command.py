"""`registry import list`: what it says, what it needs to be told, and what it never does."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from registry.cli import main
from registry.config import Settings
from registry.database import Database
from registry.models.foreign import ForeignList
from registry.models.institution import Institution

from support.foreign import AAMVA, LOTL, SWEDEN, RealList

COUNTS = ["created", "changed", "unchanged", "needs_human", "refused"]
LISTINGS = ["listings_added", "listings_changed", "listings_ended"]


class Shell:
    """Runs `registry import list` on the test's database, in an initialized data directory."""

    def __init__(self, database: Database, settings: Settings) -> None:
        url = database.engine.url.render_as_string(hide_password=False)
        self.environment = {"REGISTRY_DATABASE_URL": url, "REGISTRY_DATA": str(settings.data)}
        assert CliRunner().invoke(main, ["init"], env=self.environment).exit_code == 0

    def __call__(self, source: str, *options: str) -> Result:
        return CliRunner().invoke(main, ["import", "list", source, *options], env=self.environment)

    def real(self, real: RealList, *options: str) -> Result:
        words = ("--format", real.format, "--trust", str(real.trust), "--at", real.at.isoformat())
        return self(str(real.path), *words, *options)


@pytest.fixture
def shell(database: Database, settings: Settings) -> Shell:
    """A shell on an initialized registry."""
    return Shell(database, settings)


def institutions(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Institution)) or 0


@pytest.mark.parametrize(
    ("real", "parties", "listings"),
    [(SWEDEN, 4, 12), (LOTL, 31, 42), (AAMVA, 10, 14)],
    ids=["se", "eu", "aamva"],
)
def test_a_real_list_is_imported_and_the_second_time_nothing_changes(
    shell: Shell, real: RealList, parties: int, listings: int
) -> None:
    first = json.loads(shell.real(real, "--json").stdout)
    assert list(first) == [*COUNTS, *LISTINGS]
    assert (first["created"], first["listings_added"]) == (parties, listings)
    second = json.loads(shell.real(real, "--json").stdout)
    assert second == dict.fromkeys(first, 0) | {"unchanged": parties, "refused": first["refused"]}


def test_the_summary_says_whose_list_it_is_and_what_vouched_for_it(shell: Shell) -> None:
    said = shell.real(SWEDEN).stdout
    assert "List number 55 of Swedish Post and Telecom Agency (PTS)" in said
    assert "signed under 4e65f70398c8d2ee" in said
    assert "12 listings added" in said


def test_a_dry_run_says_so_and_writes_nothing(shell: Shell, database: Database) -> None:
    said = shell.real(SWEDEN, "--dry-run")
    assert "Nothing was written" in said.stdout
    assert institutions(database) == 0


def test_a_list_is_not_taken_without_a_word_on_its_signature(shell: Shell, database: Database) -> None:
    words = (str(SWEDEN.path), "--format", "tl-xml", "--at", SWEDEN.at.isoformat())
    neither = shell(*words)
    assert neither.exit_code == 2
    assert "--trust" in neither.stderr
    assert "--unverified" in neither.stderr
    assert shell(*words, "--unverified", "--trust", str(SWEDEN.trust)).exit_code == 2
    assert institutions(database) == 0
    taken = shell(*words, "--unverified")
    assert taken.exit_code == 0
    assert "SIGNATURE NOT VERIFIED" in taken.stdout


def test_a_list_that_has_run_out_needs_an_instant(shell: Shell, database: Database) -> None:
    refused = shell(str(SWEDEN.path), "--format", "tl-xml", "--trust", str(SWEDEN.trust))
    assert refused.exit_code == 1
    assert "freshness: it is out of date" in refused.stderr
    assert "--at" in refused.stderr
    assert institutions(database) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda words: [*words[:-3], str(LOTL.trust), *words[-2:]],
            "trust: the signer's certificate is not the trusted",
        ),
        (lambda words: [*words[:-3], str(SWEDEN.path), *words[-2:]], "no readable X.509 certificate"),
        (lambda words: [*words[:-3], "/nowhere.pem", *words[-2:]], "No such file"),
        (lambda words: ["/nowhere.xml", *words[1:]], "No such file"),
        (lambda words: [str(AAMVA.path), *words[1:]], "format: "),
        (lambda words: ["http://list.example/tl.xml", *words[1:]], "give an https address"),
    ],
    ids=["other pin", "no pin", "missing pin", "missing list", "other format", "plain http"],
)
def test_what_is_not_taken_ends_with_one_and_a_sentence(
    shell: Shell, database: Database, change: object, said: str
) -> None:
    words = [
        str(SWEDEN.path),
        "--format",
        "tl-xml",
        "--trust",
        str(SWEDEN.trust),
        "--at",
        SWEDEN.at.isoformat(),
    ]
    refused = shell(*change(words))  # type: ignore[operator]
    assert refused.exit_code == 1
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert institutions(database) == 0


def test_the_report_names_every_entry_and_the_refused_one_with_its_reason(
    shell: Shell, tmp_path: Path
) -> None:
    report = tmp_path / "report.ndjson"
    said = shell.real(LOTL, "--report", str(report)).stdout
    rows = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 32
    assert "line 1, European Commission: “EU” is not a country code" in said
    assert {row["outcome"] for row in rows} == {"created", "refused"}


@pytest.fixture
def address() -> Iterator[str]:
    """Where a server on this machine gives the Swedish list."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SWEDEN.body)

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/tl.xml"
        server.shutdown()
        thread.join()


def test_a_list_is_fetched_from_an_address_that_is_kept(
    shell: Shell, database: Database, address: str
) -> None:
    words = ("--format", "tl-xml", "--trust", str(SWEDEN.trust), "--at", SWEDEN.at.isoformat())
    assert shell(address, *words).exit_code == 0
    with database.reading() as session:
        assert session.scalars(select(ForeignList.address)).all() == [address]
