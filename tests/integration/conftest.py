"""Worlds for service tests: one on a session that is rolled back, one with everything that publishing takes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.database import Database
from registry.domain.workflow import Action
from registry.models.application import Application
from registry.services import identities

from support.beginnings import Beginnings
from support.databases import Backend
from support.panel_people import SEATED
from support.world import Registry, World, opened_registry


@pytest.fixture(scope="session")
def _beginnings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beginnings]:
    kept = Beginnings(tmp_path_factory.mktemp("beginnings"))
    yield kept
    kept.close()


@pytest.fixture
def world(backend: Backend, _beginnings: Beginnings, tmp_path: Path) -> Iterator[World]:
    """A body with its people and two schemes, on a session that is rolled back."""
    with _beginnings.world(backend, tmp_path / "evidence") as opened:
        yield opened


@pytest.fixture
def registry(database: Database, tmp_path: Path) -> Iterator[Registry]:
    """A registry of its own, with an edition store and keys."""
    with opened_registry(database, tmp_path / "var", copied=True) as opened:
        yield opened


@pytest.fixture
def eligible(world: World) -> Application:
    """A case whose panel can be composed."""
    application = world.submitted()
    walk, verifiers = world.walk, world.cast.verifiers
    walk.open(application)
    walk.answer_eligibility(application)
    walk.gather(application, verifiers[0])
    for claim in application.identity_claims:
        for verifier in verifiers:
            identities.confirm(world.session, claim.id, actor=verifier, at=world.clock())
    walk.act(application, Action.CONFIRM_IDENTITY, verifiers[1])
    return application


@pytest.fixture
def proposed(world: World, eligible: Application) -> Application:
    """A case whose panel waits for the applicant's word."""
    for who, (role, seat) in zip(world.cast.reviewers, SEATED, strict=False):
        world.walk.seat(eligible, who, role, by=world.cast.case_officer, seat=seat)
    world.walk.act(eligible, Action.PROPOSE_PANEL, world.cast.case_officer)
    return eligible


@pytest.fixture
def case(world: World) -> Application:
    """A case whose panel has just begun."""
    return world.in_review()
