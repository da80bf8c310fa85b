"""A private PostgreSQL server on loopback, in a directory of its own, gone at the end of the run."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

START_SECONDS = 60
_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}
"""Fast and forgetful: the data is worth nothing after the run."""


def find_binaries() -> Path | None:
    """Return the folder with `initdb` and `postgres`: the one on PATH, else the newest in Debian's folder."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: _version(p.parent.name), reverse=True
    )
    return next((folder for folder in candidates if (folder / "postgres").exists()), None)


def _version(name: str) -> int:
    return int(name) if name.isdigit() else 0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `url("name")` addresses one of its databases."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database of this server."""
        # by a Unix socket: every statement and every row goes through it, and TCP costs a fifth more
        return f"postgresql+psycopg://registry@/{database}?host={self.directory}&port={self.port}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Open a connection to a database, each statement its own transaction."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="registry", dbname=database, autocommit=True
        )

    def execute(self, statement: str) -> None:
        """Run one administrative statement outside a transaction."""
        with self.connect() as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """End the server, whoever is still connected, and remove its directory."""
        self.process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        self.process.wait(timeout=60)
        shutil.rmtree(self.directory, ignore_errors=True)


def start(binaries: Path) -> Server:
    """Make a cluster and start a server on it; as `nobody` when run by root, whom PostgreSQL refuses."""
    directory = Path(tempfile.mkdtemp(prefix="registry-pg-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        os.chown(directory, pwd.getpwnam(user).pw_uid, -1)
    data, port = directory / "data", _free_port()
    initdb = [binaries / "initdb", "-D", data, "-U", "registry", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        [*initdb, "--locale=C", "--no-sync"], user=user, cwd=directory, check=True, capture_output=True
    )
    options = {**_OPTIONS, "listen_addresses": "127.0.0.1", "unix_socket_directories": str(directory)}
    arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [*_die_with_us(), binaries / "postgres", "-D", data, "-p", str(port), *arguments],
            user=user,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    server = Server(directory, port, process)
    _wait_until_it_answers(server)
    return server


def _die_with_us() -> list[str]:
    """Return what makes Linux stop the server (SIGINT: fast shutdown) when the test run is killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT"] if setpriv else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.execute("select 1")
        except psycopg.OperationalError:
            if server.process.poll() is not None or time.monotonic() > deadline:
                log = (server.directory / "log").read_text(errors="replace")
                server.stop()
                raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
            time.sleep(0.05)
        else:
            return
