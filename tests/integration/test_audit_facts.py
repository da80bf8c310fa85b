"""What an audit event says of itself: in which role, what the object was before and after, and whose event it is."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from registry.domain.roles import CaseRole, Role
from registry.models.account import Account
from registry.models.application import Application
from registry.models.publication import AuditEvent
from registry.models.records import AuditPlace
from registry.services import accounts, recording, witness

from support.world import Registry, World


def last(session: Session, act: str) -> AuditEvent:
    query = select(AuditEvent).where(AuditEvent.act == act).order_by(AuditEvent.number.desc()).limit(1)
    return session.scalars(query).one()


def record(session: Session, act: str) -> dict[str, str | None]:
    told: dict[str, str | None] = last(session, act).detail[witness.RECORD]
    return told


def place(session: Session, act: str) -> AuditPlace:
    return session.get_one(AuditPlace, last(session, act).number)


@pytest.fixture
def case(world: World) -> Application:
    return world.submitted()


def test_a_step_names_the_role_it_was_taken_in_and_the_case_before_and_after(
    world: World, case: Application
) -> None:
    told = record(world.session, "application.submit")
    assert told["role"] == "signatory", (
        "the applicant is owner, signatory and custodian: the step asks for one"
    )
    assert told["before"] != told["after"] == witness.digest(case)


def test_the_hash_before_is_the_one_after_the_act_before(world: World, case: Application) -> None:
    cases_before = witness.digest(case)
    world.walk.open(case)
    events = world.session.scalars(
        select(AuditEvent)
        .join(AuditPlace, AuditPlace.number == AuditEvent.number)
        .where(AuditPlace.object_type == "application", AuditPlace.object_id == str(case.id))
        .order_by(AuditEvent.number)
    ).all()
    told = [event.detail[witness.RECORD] for event in events]
    submitted = next(n for n, event in enumerate(events) if event.act == "application.submit")
    for earlier, later in zip(told[submitted:], told[submitted + 1 :], strict=False):
        assert earlier["after"] == later["before"]
    assert told[submitted]["after"] == cases_before


def test_a_part_in_the_case_is_the_role(world: World, case: Application) -> None:
    world.walk.open(case)
    declared = last(world.session, "conflict.declared")
    assert declared.detail[witness.RECORD]["role"] in set(CaseRole)


def test_what_is_new_has_no_hash_before(world: World) -> None:
    made = world.institution()
    event = world.session.scalars(
        select(AuditEvent).where(AuditEvent.object_id == str(made.id)).order_by(AuditEvent.number)
    ).first()
    assert event is not None
    assert event.detail[witness.RECORD]["before"] is None
    assert event.detail[witness.RECORD]["after"] is not None


def test_an_event_is_found_by_case_and_body(world: World, case: Application) -> None:
    found = place(world.session, "application.submit")
    assert (found.application_id, found.body_id) == (case.id, world.body.id)


def test_a_role_given_for_a_body_stands_in_the_trail_of_the_body(world: World) -> None:
    person = world.person("newcomer")
    accounts.grant_role(
        world.session,
        person,
        Role.REVIEWER,
        body_id=world.body.id,
        actor=world.people["administrator"],
        at=world.clock(),
    )
    assert place(world.session, "grant_role").body_id == world.body.id
    assert record(world.session, "grant_role")["role"] == "administrator"


def test_the_operator_at_the_command_line_is_named_as_such(world: World) -> None:
    person = world.person("leaver")
    accounts.disable_account(world.session, person, actor=None, at=world.clock())
    told = record(world.session, "disable_account")
    assert told["role"] == "operator"
    assert told["after"] == witness.digest(world.session.get_one(Account, person))


def test_what_a_person_holds_elsewhere_is_not_their_role_here(world: World, case: Application) -> None:
    officer = world.people["officer"]
    witness.note_role(world.session, officer, Role.OPERATOR)
    recording.audit(world.session, "test", actor=officer, at=world.clock(), of=("application", case.id))
    assert record(world.session, "test")["role"] == "case_officer"


def test_the_hash_is_the_same_after_the_object_is_loaded_again(registry: Registry) -> None:
    with registry.world() as world:
        person = world.person("leaver")
        accounts.disable_account(world.session, person, actor=None, at=world.clock())
        told = record(world.session, "disable_account")
    with registry.database.reading() as session:
        assert witness.digest(session.get_one(Account, person)) == told["after"] != told["before"]


def test_events_from_before_places_were_kept_get_theirs(world: World, case: Application) -> None:
    session = world.session
    event = AuditEvent(
        number=recording.next_number(session, recording.AUDIT, world.clock()),
        at=world.clock(),
        actor="operator",
        act="old",
        object_type="application",
        object_id=str(case.id),
        detail={},
    )
    previous = session.scalars(select(AuditEvent.chain).where(AuditEvent.number == event.number - 1)).one()
    event.chain = recording._link(previous, event)
    session.add(event)
    session.flush()
    assert recording.place_events(session) == 1
    assert place(session, "old").application_id == case.id
    assert recording.verify_chain(session) == event.number
    assert recording.place_events(session) == 0


def test_the_role_is_chained(registry: Registry) -> None:
    with registry.world() as world:
        world.institution()
        first = world.session.scalars(select(AuditEvent).order_by(AuditEvent.number)).first()
        assert first is not None
        row = {name: getattr(first, name) for name in recording.CHAINED}
        assert recording.link("", row) == first.chain
        row["detail"] = {**first.detail, witness.RECORD: {"role": "somebody else"}}
        assert recording.link("", row) != first.chain


def test_an_audit_event_takes_a_fixed_number_of_queries(world: World, case: Application) -> None:
    world.walk.open(case)
    session = world.session
    counts = []
    for _ in range(4):
        with counted(session) as seen:
            who = world.people["officer"]
            recording.audit(session, "test", actor=who, at=world.clock(), of=("application", case.id))
        counts.append(len(seen))
    assert len(set(counts[1:])) == 1
    assert max(counts) <= 9


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Collect the statements that the session sends."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
