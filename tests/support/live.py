"""A registry as its operator runs it: set up by the command line, served by `registry serve`, worker included."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import yaml
from click.testing import CliRunner

from registry.cli import main
from registry.config import Settings
from registry.database import Database
from registry.domain.roles import Role
from registry.policy_files import available
from registry.services import accounts, bodies

from support.browser import PASSWORD

_T = TypeVar("_T")
ROOT = Path(__file__).parents[2]
BODY, SCHEME = "agency", "invented"
_FACTS = {
    "--legal-name": "Invented Agency",
    "--name-en": "Invented Agency",
    "--name-pl": "Agencja Zmyślona",
    "--street": "1 Main Street",
    "--locality": "Town",
    "--postal-code": "00-001",
    "--country": "PL",
    "--email": "office@agency.example",
    "--website": "https://agency.example",
}


SHORT_POLICY = "short-issuer"
_KEPT = ("A1", "A2", "S1")


def write_short_policy(folder: Path) -> None:
    """Write a policy with three criteria of a real one, and all of its other terms: browsers take their time."""
    source = available(None)["esg-part1-microcredential-issuer", "1.0.0"].source
    policy = yaml.safe_load(source)
    policy["policy"]["id"] = SHORT_POLICY
    policy["criteria"] = [criterion for criterion in policy["criteria"] if criterion["id"] in _KEPT]
    policy["tests"] = policy["tests"][:1]
    for rule in policy["decision"]["rules"]:
        if rule["when"].get("value") == 10:  # all standards met: of ten, one is left
            rule["when"]["value"] = 1
    policy["rating_tests"] = [test for test in policy["rating_tests"] if test["criterion"] in _KEPT]
    target = folder / SHORT_POLICY / "1.0.0.yaml"
    target.parent.mkdir(parents=True)
    target.write_text(yaml.safe_dump(policy, allow_unicode=True, sort_keys=False))


@dataclass(frozen=True, slots=True)
class Live:
    """A data directory, the address it is served at, and its command line."""

    data: Path
    base: str

    @property
    def policies(self) -> Path:
        """Where policies of the registry's own lie."""
        return self.data / "policies"

    @property
    def environment(self) -> dict[str, str]:
        """The settings."""
        return {
            "REGISTRY_DATA": str(self.data),
            "REGISTRY_BASE_URL": self.base,
            "REGISTRY_KEY_PASSPHRASE": "for tests",
            "REGISTRY_POLICIES": str(self.policies),
            "XDG_STATE_HOME": str(self.data / "state"),
        }

    def run(self, *words: str, typed: str = "") -> str:
        """Run a command that has to succeed and return what it prints."""
        result = CliRunner().invoke(main, words, env=self.environment, input=typed)
        assert result.exit_code == 0, (words, result.output)
        return result.stdout

    def set_up(self, staff: Mapping[str, Role]) -> None:
        """Make an empty registry with one body, its staff, and one scheme under the short policy."""
        write_short_policy(self.policies)
        self.run("init")
        self.run("bodies", "create", BODY, *(word for pair in _FACTS.items() for word in pair))
        self._engage({**staff, "editor": Role.POLICY_EDITOR, "approver": Role.POLICY_APPROVER})
        words = ("--proposed-by", address("editor"), "--approved-by", address("approver"))
        self.run("bodies", "adopt", BODY, SHORT_POLICY, "1.0.0", *words)
        names = ("--name-en", "Invented Scheme", "--name-pl", "Program zmyślony")
        self.run("bodies", "scheme", BODY, SHORT_POLICY, SCHEME, *names)

    def _engage(self, staff: Mapping[str, Role]) -> None:
        """Give everybody an account with `PASSWORD` and their role for the body; twenty commands would take longer."""
        database, at = (
            Database(Settings(data=self.data).sqlalchemy_url),
            datetime.now(UTC).replace(microsecond=0),
        )
        with database.transaction() as session:
            body = bodies.body_by_slug(session, BODY)
            for name, role in staff.items():
                account = accounts.create_account(
                    session,
                    name=f"{name.capitalize()} Person",
                    email=address(name),
                    password=PASSWORD,
                    language="en",
                    at=at,
                )
                accounts.grant_role(session, account.id, role, body_id=body.id, actor=None, at=at)
        database.dispose()

    @contextmanager
    def served(self) -> Iterator[None]:
        """Serve until left; what the server says on its standard error is kept in `serve.log`."""
        command = [sys.executable, "-m", "registry", "serve", "--port", self.base.rpartition(":")[2]]
        with (self.data / "serve.log").open("wb") as log:
            environ = {**os.environ, **self.environment}
            process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
            try:
                until(lambda: fetched(f"{self.base}/readyz"), seconds=60)
                yield
            finally:
                process.terminate()
                process.wait(30)

    def document(self, path: str, *, seconds: float) -> bytes:
        """Return what is published at an address, waiting for it if need be."""
        return until(lambda: fetched(self.base + path), seconds=seconds)

    def verify(self, path: str) -> dict[str, object]:
        """Return what `registry verify` says of a list served here, trusting the certificate that the scheme names."""
        pem = self.data / "trusted.pem"
        pem.write_bytes(self.document(f"/schemes/{SCHEME}/certificates.pem", seconds=10))
        found: dict[str, object] = json.loads(
            self.run("verify", self.base + path, "--trust", str(pem), "--json")
        )
        return found


def live(directory: Path) -> Live:
    """Return a registry to be set up in a directory, at a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    directory.mkdir(parents=True, exist_ok=True)
    return Live(directory, f"http://127.0.0.1:{port}")


def address(name: str) -> str:
    """Return the e-mail address of somebody of the staff."""
    return f"{name}@agency.example"


def fetched(url: str) -> bytes | None:
    """Return the body at an address, or None while it answers with an error or not at all."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bytes(answer.read())
    except OSError:
        return None


def until(ask: Callable[[], _T | None], *, seconds: float) -> _T:
    """Ask again until there is an answer; fail after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = ask()
        if found is not None:
            return found
        time.sleep(0.2)
    raise AssertionError(f"no answer within {seconds} seconds")
