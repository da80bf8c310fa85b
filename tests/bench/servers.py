"""Servers under load: their processes, the CPU time they took, and `wrk`."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16
START_SECONDS = 120
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """One turn of load: answers, those that were no success, and CPU seconds of the server's processes."""

    requests: int
    errors: int
    cpu: float
    wall: float

    @property
    def per_cpu(self) -> float:
        """Return answers per CPU second."""
        return self.requests / self.cpu


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers on `port` of this machine; `pid` is the first of its processes."""

    pid: int
    port: int

    def url(self, path: str) -> str:
        """Return an address on this server."""
        return f"http://127.0.0.1:{self.port}{path}"

    def cpu_seconds(self) -> float:
        """Return user and system time of the process and all below it, in seconds."""
        return sum(_ticks(pid) for pid in _tree(self.pid)) / _TICKS

    def load(
        self, path: str, seconds: int, script: Path | None = None, headers: Mapping[str, str] | None = None
    ) -> Load:
        """Put load on the server from `wrk`: one thread, keep-alive, 16 connections."""
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        command += [part for name, value in (headers or {}).items() for part in ("-H", f"{name}: {value}")]
        command += ["-s", str(script)] if script else []
        before, started = self.cpu_seconds(), time.monotonic()
        output = subprocess.run([*command, self.url(path)], check=True, capture_output=True, text=True).stdout
        wall, cpu = time.monotonic() - started, self.cpu_seconds() - before
        return Load(_number(r"(\d+) requests in", output), _errors(output), cpu, wall)


def require_wrk() -> None:
    """Stop with a sentence when `wrk` is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("bench: install the package wrk")


@contextmanager
def running(command: list[str], environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run `command`, in which `{port}` stands for a free port, until the block ends."""
    port = _free_port()
    process = subprocess.Popen(
        [part.format(port=port) for part in command],
        env={**os.environ, **(environ or {})},
        stdout=subprocess.DEVNULL,
    )
    try:
        server = Server(process.pid, port)
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def python(*arguments: str) -> list[str]:
    """Return the command that runs this interpreter."""
    return [sys.executable, *arguments]


def _wait_for(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=1):
                break
        except OSError:
            time.sleep(0.05)
    else:
        raise SystemExit("bench: the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in _tree(int(child)))]


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def _errors(output: str) -> int:
    socket_errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    failed = sum(map(int, socket_errors.groups())) if socket_errors else 0
    return failed + _number(r"Non-2xx or 3xx responses: (\d+)", output)
