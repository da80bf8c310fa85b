"""The straight path through the services: every guard says what is missing, and only whose turn it is may act."""

import uuid

import pytest
from sqlalchemy import select

from registry.domain.policy import Outcome
from registry.domain.recognition import Reason, Status, status_at
from registry.domain.roles import CaseRole, PanelSeat, Role
from registry.domain.workflow import TRANSITIONS, Action, State
from registry.errors import NotAllowed, NotFound, RegistryError, TransitionRefused
from registry.models.application import Application
from registry.models.issuer import Issuer
from registry.models.review import Assignment
from registry.services import applications, cases, identities, releases, reviews
from registry.services.trust_lists import status_events

from support.world import World, did_key


def issuer_of(world: World, application: Application) -> Issuer:
    assert application.issuer_id is not None
    return world.session.get_one(Issuer, application.issuer_id)


@pytest.mark.parametrize("scheme", ["quality", "european"])
def test_a_case_goes_from_draft_to_a_recognition(world: World, scheme: str) -> None:
    application, _story = world.granted(scheme=scheme)
    assert application.state is State.APPEAL_WINDOW
    issuer = issuer_of(world, application)
    assert status_at(status_events(issuer), world.clock()) is Status.ACTIVE
    assert [e.sequence for e in application.events] == list(range(1, len(application.events) + 1))
    assert [e.source for e in application.events][1:] == [e.target for e in application.events][:-1]
