"""People around a panel, as the tests of its parts know them: who declares, who reads, what a refusal says."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from registry.domain.conflicts import Answer, DeclarationOutcome
from registry.domain.roles import CaseRole, PanelSeat
from registry.errors import InvalidInput, NotAllowed, RegistryError
from registry.models.application import Application
from registry.models.people import Expert
from registry.services import (
    access,
    cases,
    declarations,
    experts,
    interests,
)
from registry.services.experts import ExpertDetails

from support.world import World

SEATED = (
    (CaseRole.PANEL_CHAIR, PanelSeat.CHAIR),
    (CaseRole.PANEL_MEMBER, PanelSeat.LEARNER),
    (CaseRole.PANEL_MEMBER, PanelSeat.SUBJECT),
    (CaseRole.PANEL_MEMBER, PanelSeat.CREDENTIAL_TECHNOLOGY),
)


def refusal(world: World, act: Callable[[], object], kind: type[RegistryError]) -> str:
    """Return the sentence of a refusal; what was tried leaves nothing behind."""
    with pytest.raises(kind) as caught, world.session.begin_nested():
        act()
    return str(caught.value)


def fields(world: World, act: Callable[[], object]) -> dict[str, str]:
    """Return what an `InvalidInput` names, by field."""
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        act()
    return {one.field: one.message for one in caught.value.errors}


def owner(world: World, application: Application) -> uuid.UUID:
    return world.owners[application.institution_id]


def answers(application: Application, role: CaseRole, **texts: str) -> dict[str, Answer]:
    """Return no to every rule; `COI_5="why"` is a yes with that explanation, `COI_5="no: why"` a no with one."""
    found = {rule.id: Answer(False) for rule in interests.rules_for(application, role)}
    for name, text in texts.items():
        no = text.startswith("no: ")
        found[name.replace("_", "-")] = Answer(not no, text.removeprefix("no: "))
    return found


def declare(world: World, application: Application, who: uuid.UUID, **texts: str) -> DeclarationOutcome:
    part = access.part_of(world.session, who, application.id)
    assert part is not None
    given = answers(application, part.role, **texts)
    return declarations.declare(world.session, application.id, given, actor=who, at=world.clock()).outcome


def reads(world: World, application: Application, who: uuid.UUID) -> bool:
    return access.may_read_file(world.session, application, actor=who, at=world.clock())


def locked(world: World, application: Application, who: uuid.UUID) -> str:
    return refusal(
        world,
        lambda: access.require_unlocked(world.session, who, application, at=world.clock()),
        NotAllowed,
    )


def seat_first(world: World, application: Application, who: uuid.UUID) -> None:
    cases.assign(
        world.session,
        application.id,
        who,
        CaseRole.PANEL_CHAIR,
        seat=PanelSeat.CHAIR,
        actor=world.cast.case_officer,
        at=world.clock(),
    )


def enlist(world: World, who: uuid.UUID, details: ExpertDetails | None = None, **changes: Any) -> Expert:
    plain: dict[str, Any] = {
        "fields": ("06",),
        "seats": tuple(PanelSeat),
        "trained_on": world.clock().date() - timedelta(days=30),
    }
    return experts.enlist(
        world.session,
        world.body.id,
        who,
        details or ExpertDetails(**(plain | changes)),
        actor=None,
        at=world.clock(),
    )
