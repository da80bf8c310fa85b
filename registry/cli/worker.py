"""`registry worker`: publish and re-issue in the background until stopped."""

import signal
import threading
from dataclasses import replace

import click

from registry.cli.edge import settings
from registry.jobs import run_worker
from registry.services import installation


@click.command()
def worker() -> None:
    """Publish what is decided and due, and hand out mail, until stopped. One publisher works at a time."""
    current = settings()
    installation.require_ready(current)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    there = installation.find(current)
    if there is not None and there.demo:  # its institutions are invented: there is nothing outside to look at
        current = replace(current, signals=False)
    run_worker(current, stop)
