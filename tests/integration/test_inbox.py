"""The inbox: what a person has to do, by deadline, in the same few queries however many cases there are."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from registry.domain.roles import CaseRole
from registry.domain.workflow import Action, State
from registry.models.application import Application
from registry.services import cases, inbox
from registry.services.inbox import Task

from support.world import World


@pytest.fixture(autouse=True, params=["few", "many"])
def parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Find the cases of a person both ways: from their parts, and from the deadlines of a state."""
    if request.param == "many":
        monkeypatch.setattr(inbox, "FEW_PARTS", -1)


def tasks(world: World, word: str, **more: bool) -> dict[uuid.UUID, Task]:
    found = inbox.inbox(world.session, actor=world.people[word], at=world.clock(), **more)
    return {task.application_id: task for task in found.tasks}


def submitted(world: World) -> Application:
    return world.submitted()


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """Collect the statements that run inside."""
    seen: list[str] = []
    connection = world.session.connection()

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


def test_a_submitted_case_lies_on_the_desk_of_intake_alone(world: World) -> None:
    case = submitted(world)
    assert tasks(world, "intake")[case.id].next_steps == (Action.OPEN,)
    for word in ("officer", "reviewer-1", "chair", "registrar-1", "auditor", "administrator"):
        assert case.id not in tasks(world, word)


def test_whoever_is_given_a_part_is_asked_to_declare_first(world: World) -> None:
    case = submitted(world)
    world.walk.act(case, Action.OPEN, world.people["intake"])
    assert tasks(world, "intake")[case.id].declares
    world.walk.declare(case, world.people["intake"], CaseRole.INTAKE_OFFICER)
    task = tasks(world, "intake")[case.id]
    assert not task.declares
    assert Action.CONFIRM_COMPLETE in task.next_steps
    assert task.holders == ("Zenobia Intake",)
    cases.assign(
        world.session,
        case.id,
        world.people["officer"],
        CaseRole.CASE_OFFICER,
        actor=world.people["intake"],
        at=world.clock(),
    )
    assert case.id not in tasks(world, "officer")
    assert tasks(world, "officer", waiting=True)[case.id].holders == ("Zenobia Intake",)


def test_members_who_rate_have_the_case_on_their_desk(world: World) -> None:
    case = submitted(world)
    world.walk.open(case)
    world.walk.identify(case)
    assert case.state is State.REVIEW
    for word in ("reviewer-1", "reviewer-2"):
        assert case.id in tasks(world, word)
    assert case.id in tasks(world, "officer", waiting=True)


def test_what_is_due_first_comes_first_and_what_is_late_says_so(world: World) -> None:
    first = submitted(world)
    world.clock.skip(days=30)
    second = submitted(world)
    found = tasks(world, "intake")
    assert list(found) == [first.id, second.id]
    assert (found[first.id].overdue, found[second.id].overdue) == (True, False)


@pytest.mark.parametrize("waiting", [False, True])
def test_the_number_of_queries_does_not_grow(world: World, waiting: bool) -> None:
    def queries() -> int:
        world.session.expunge_all()
        with counted(world) as seen:
            inbox.inbox(world.session, actor=world.people["intake"], at=world.clock(), waiting=waiting)
        return len(seen)

    submitted(world)
    one = queries()
    for _ in range(4):
        submitted(world)
    assert queries() == one <= 6
