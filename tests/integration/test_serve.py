"""`registry serve` as an operator runs it: a process of its own, stopped by a signal."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.cli.serve import GIVING_WAY, BackgroundWorker, check_port_is_free
from registry.editions import EditionStore
from registry.errors import NotConfigured

from support.editions import edition, list_document, noise

ROOT = Path(__file__).parents[2]
LIST = "/lists/alpha/1/list.jws"
BODY = noise("list", 300_000)


@contextmanager
def served(data: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "registry", "serve", "--no-worker", "--port", str(port)]
    # A database that refuses every connection: nothing published may depend on it.
    environ = {
        **os.environ,
        "REGISTRY_DATA": str(data),
        "REGISTRY_DATABASE_URL": "postgresql://127.0.0.1:1/x",
    }
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    try:
        wait_until_answered(f"http://127.0.0.1:{port}/readyz")
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def wait_until_answered(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("registry serve did not answer within a minute")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    data = tmp_path_factory.mktemp("data")
    with EditionStore(data / "editions") as store:
        store.apply(edition(1, list_document(1, BODY)))
    with served(data) as running:
        yield running


def test_documents_are_served_while_the_database_is_down(running) -> None:
    _, base = running
    with urllib.request.urlopen(base + LIST) as answer:
        assert answer.read() == BODY
    with urllib.request.urlopen(base + "/readyz") as answer:
        state = json.load(answer)
    assert (state["status"], state["database"], state["edition"]) == ("ok", "down", 1)
    with urllib.request.urlopen(base + "/healthz") as answer:
        assert answer.status == 200


def test_a_known_document_and_a_head_have_no_body_on_the_wire(running) -> None:
    _, base = running
    request = urllib.request.Request(base + LIST, method="HEAD")
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Length"] == str(len(BODY))
        tag = answer.headers["ETag"]
    again = urllib.request.Request(base + LIST, headers={"If-None-Match": tag})
    with pytest.raises(urllib.error.HTTPError) as unchanged:
        urllib.request.urlopen(again)
    assert unchanged.value.code == 304
    unchanged.value.close()


def test_a_port_that_is_taken_is_refused_with_the_way_out(running) -> None:
    _, base = running
    with pytest.raises(NotConfigured, match="Choose another --port"):
        check_port_is_free("127.0.0.1", int(base.rpartition(":")[2]))


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_its_children(tmp_path: Path, stop: signal.Signals) -> None:
    with served(tmp_path) as (process, _):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert children
        process.send_signal(stop)
        assert process.wait(30) == 0
        assert [child for child in children if Path(f"/proc/{child}").exists()] == []


def test_a_background_worker_is_started_again_and_ended_with_the_server(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("registry.cli.serve.RESTART_SECONDS", 0.01)
    log = tmp_path / "log"
    script = f"import os, time; open({str(log)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    worker = BackgroundWorker([sys.executable, "-c", script])
    worker.start()
    first = started(log, 1)[0]
    os.kill(first, signal.SIGKILL)
    second = started(log, 2)[1]
    worker.stop()
    assert not Path(f"/proc/{second}").exists()


def test_a_background_worker_gives_way_to_the_server(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"import os, time; open({str(log)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    worker = BackgroundWorker([sys.executable, "-c", script])
    worker.start()
    (pid,) = started(log, 1)
    expected = max(GIVING_WAY, os.getpriority(os.PRIO_PROCESS, 0))
    deadline = time.monotonic() + 30
    while os.getpriority(os.PRIO_PROCESS, pid) != expected and time.monotonic() < deadline:
        time.sleep(0.01)
    assert os.getpriority(os.PRIO_PROCESS, pid) == expected
    worker.stop()


def started(log: Path, count: int) -> list[int]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [int(line) for line in log.read_text().split()] if log.exists() else []
        if len(found) >= count:
            return found
        time.sleep(0.05)
    pytest.fail(f"the worker did not start {count} times")
