"""The demo registry as a person starts it: `registry demo run` in a process of its own, on a free port."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo; `folder` holds `.venv` and `var`, as a checkout does after `make run`."""

    folder: Path
    base_url: str
    environment: dict[str, str]

    def registry(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command `registry` on the demo's data and return what it said."""
        command = [str(self.folder / ".venv/bin/registry"), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def facts(self) -> dict[str, Any]:
        """Return what `registry demo facts --json` prints."""
        done = self.registry("demo", "facts", "--json")
        assert done.returncode == 0, done.stderr
        facts: dict[str, Any] = json.loads(done.stdout)
        return facts


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Start the demo with its data in `folder`, wait until it answers, and stop it afterwards."""
    (folder / ".venv").symlink_to(sys.prefix)
    port = _free_port()
    base_url = f"http://127.0.0.1:{port}"
    own = {"REGISTRY_DATA": "var", "REGISTRY_BASE_URL": base_url, "XDG_STATE_HOME": str(folder / "state")}
    environment = {name: text for name, text in os.environ.items() if not name.startswith("REGISTRY_")} | own
    command = [str(folder / ".venv/bin/registry"), "demo", "run", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_it_answers(process, base_url, folder / "log")
        yield Demo(folder, base_url, environment)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: subprocess.Popen[bytes], base_url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{base_url}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the demo did not start:\n{log.read_text(errors='replace')}") from None
            time.sleep(0.2)
