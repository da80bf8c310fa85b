"""`registry serve`: granian in WSGI mode, with the publisher beside it as a process of its own."""

import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import click

from registry.errors import NotConfigured

if TYPE_CHECKING:
    from granian.server.mp import MPServer

MOST_THREADS = 8
"""Requests that one process answers at a time; slow ones (an upload over a thin line) must not hold up the
rest.
"""
RESTART_SECONDS = 3.0
STOP_SECONDS = 20.0
GIVING_WAY = 10
"""Niceness of the worker beside a server: readers do not wait for a core while lists are built."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on."
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Serving processes."
)
@click.option("--worker/--no-worker", default=True, show_default=True, help="Publish in the background, too.")
def serve(host: str, port: int, workers: int, worker: bool) -> None:
    """Serve pages, API and published documents until SIGTERM or SIGINT.

    Published documents are served even while the database is down.
    """
    check_port_is_free(host, port)
    server = build_server("registry.app:create_wsgi", host, port, workers)
    if worker:
        background = BackgroundWorker([sys.executable, "-m", "registry", "worker"])
        server.on_startup(background.start)
        server.on_shutdown(background.stop)
    server.on_startup(lambda: click.echo(f"Serving on http://{_in_url(host)}:{port}"))
    server.serve()


def check_port_is_free(host: str, port: int) -> None:
    """Refuse a port that somebody listens on; the server itself would share it, and each get half the
    requests.

    Raises:
        NotConfigured: the address is taken or is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or error
        raise NotConfigured(
            f"Cannot listen on {host}:{port}: {reason}. Choose another --port or --host."
        ) from error


def build_server(target: str, host: str, port: int, workers: int = 1) -> "MPServer":
    """Return the server that `serve` runs; `target` names a factory of a WSGI application, `module:function`."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    return MPServer(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        # Beyond this number the server warns about the cores of the machine.
        blocking_threads=min(MOST_THREADS, 2 * multiprocessing.cpu_count() + 1),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=int(STOP_SECONDS),
        log_level=LogLevels.warning,
    )


class BackgroundWorker:
    """A child process that is started again when it ends by itself, and ended with us."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="background-worker", daemon=True)

    def start(self) -> None:
        """Start the process and what watches it."""
        self._thread.start()

    def stop(self) -> None:
        """End the process, at the latest after `STOP_SECONDS`."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join(STOP_SECONDS)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._process = subprocess.Popen(self._command)  # noqa: S603  # our own command
            _give_way(self._process.pid)
            if self._stopping.is_set():
                self._process.terminate()
            code = self._process.wait()
            if not self._stopping.is_set():
                click.echo(f"registry: the worker ended with {code}; starting it again", err=True)
                self._stopping.wait(RESTART_SECONDS)


def _give_way(pid: int) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)  # to stand before ourselves would take a permission
    os.setpriority(os.PRIO_PROCESS, pid, max(ours, GIVING_WAY))


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
