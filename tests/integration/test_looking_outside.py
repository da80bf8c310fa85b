"""The worker looks outside with no transaction open, and writes afterwards what it found."""

import threading
from dataclasses import replace

from sqlalchemy import func, select, text

from registry.config import Settings
from registry.database import Database
from registry.jobs.signals import look_outside
from registry.models.issuer import IdentityClaim
from registry.models.monitoring import MonitoringItem
from registry.outbound import FetchRefused

from support.clock import Clock
from support.town import found


def test_a_look_outside_holds_no_lock_and_opens_one_item(app, database: Database, clock: Clock) -> None:  # type: ignore[no-untyped-def]
    town = found(app, database, clock)
    town.walk(until="released")
    with database.transaction() as session:
        claim = session.scalars(select(IdentityClaim)).one()
        claim.value = "did:web:school.example"
    asked: list[str] = []
    lock = threading.Lock()

    def fetch(url: str) -> bytes:
        with lock, database.transaction() as session:  # somebody else writes meanwhile
            session.execute(text("update account set language = 'en'"))
        asked.append(url)
        raise FetchRefused(f"{url} did not answer")

    opened = look_outside(database, clock(), fetch)
    assert "https://school.example/.well-known/did.json" in asked
    assert look_outside(database, clock(), fetch) == 0
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(MonitoringItem)) == opened >= 1


def test_a_registry_on_this_machine_alone_looks_at_nothing_outside(settings: Settings) -> None:
    assert not settings.looks_outside
    public = replace(settings, base_url="https://registry.example.org")
    assert public.looks_outside
    assert not replace(public, signals=False).looks_outside
    assert not Settings.from_environment({"REGISTRY_SIGNALS": "off"}).signals
