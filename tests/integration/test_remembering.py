"""What a session keeps of its answers, and when it asks again."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import Session

from registry.domain.roles import CaseRole, Role
from registry.models.application import Application
from registry.services import accounts, recording
from registry.services.access import part_of
from registry.services.remembering import locked, remember

from support.world import World


@contextmanager
def asked(session: Session) -> Iterator[list[str]]:
    """Collect the statements that are sent while this is open."""
    connection, sent = session.connection(), []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    yield sent
    event.remove(connection, "before_cursor_execute", note)


def grants(world: World) -> list[Role]:
    return [grant.role for grant in accounts.grants_of(world.session, world.people["officer"])]


def hold(world: World) -> None:
    recording.stamp(world.session, recording.AUDIT, world.clock())


def test_before_it_holds_the_lock_a_session_that_writes_asks_every_time(world: World) -> None:
    session = world.session
    session.rollback()
    with asked(session) as sent:
        assert grants(world) == grants(world) == [Role.CASE_OFFICER]
    assert len(sent) == 2


def test_with_the_lock_it_asks_once(world: World) -> None:
    hold(world)
    with asked(world.session) as sent:
        assert grants(world) == grants(world) == [Role.CASE_OFFICER]
    assert len(sent) == 1


def test_what_is_written_meanwhile_counts_at_once(world: World) -> None:
    session, officer = world.session, world.people["officer"]
    hold(world)
    assert grants(world) == [Role.CASE_OFFICER]
    accounts.record_grant(
        session, officer, Role.INTAKE_OFFICER, body_id=world.body.id, actor=None, at=world.clock()
    )
    assert grants(world) == [Role.CASE_OFFICER, Role.INTAKE_OFFICER]
    accounts.grants_of(session, officer)[0].revoked_at = world.clock()
    assert grants(world) == [Role.INTAKE_OFFICER]


def test_what_was_undone_no_longer_counts(world: World) -> None:
    session, officer = world.session, world.people["officer"]
    hold(world)
    tried = session.begin_nested()
    accounts.record_grant(
        session, officer, Role.INTAKE_OFFICER, body_id=world.body.id, actor=None, at=world.clock()
    )
    assert Role.INTAKE_OFFICER in grants(world)
    tried.rollback()
    assert grants(world) == [Role.CASE_OFFICER]
    with asked(session) as sent:
        grants(world)
    assert len(sent) == 1  # a rollback gives the lock back, and with it what was kept


def test_a_row_is_read_when_it_is_locked_and_again_after_a_rollback(world: World) -> None:
    case = world.draft()
    session, tried = world.session, world.session.begin_nested()
    with asked(session) as sent:
        assert locked(session, Application, case.id) is locked(session, Application, case.id) is case
    assert len(sent) == 1
    tried.rollback()
    with asked(session) as sent:
        locked(session, Application, case.id)
    assert len(sent) >= 1


def test_a_part_is_known_from_when_it_was_given_until_it_ends(world: World) -> None:
    case = world.submitted()
    session, officer = world.session, world.people["officer"]
    assert part_of(session, officer, case.id) is None
    world.walk.open(case)
    part = part_of(session, officer, case.id)
    assert part is not None
    assert part.role is CaseRole.CASE_OFFICER
    part.ended_at = world.clock()
    assert part_of(session, officer, case.id) is None


def test_a_session_that_only_reads_asks_once(world: World) -> None:
    session = world.session
    session.rollback()
    remember(session)
    with asked(session) as sent:
        assert grants(world) == grants(world)
    assert len(sent) == 1
