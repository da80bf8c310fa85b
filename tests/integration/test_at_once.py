"""Two people act at the same moment, on connections of their own: one wins, the other is told, nothing is doubled."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.domain.policy import Outcome
from registry.domain.roles import Role
from registry.domain.voting import Ballot
from registry.domain.workflow import Action
from registry.errors import ClockWentBack, RegistryError
from registry.files import FileStore
from registry.models.application import Application, ApplicationEvent
from registry.models.decision import Release
from registry.models.institution import ClaimConfirmation, Institution, InstitutionClaim
from registry.models.issuer import RecognitionEvent
from registry.models.publication import AuditEvent
from registry.models.publication import Counter as Numbers
from registry.models.review import Assignment
from registry.services import applications, decisions, institutions, recording, releases
from registry.services.institutions import NewInstitution

from support.clock import START
from support.world import World

Act = Callable[[Session], object]


def at_once(database: Database, *acts: Act) -> list[str]:
    """Do each act in a transaction of its own, all at one moment; return what became of each."""
    ready = threading.Barrier(len(acts))
    outcomes = ["" for _ in acts]

    def work(place: int, act: Act) -> None:
        ready.wait()
        try:
            with database.transaction() as session:
                act(session)
        except (RegistryError, StaleDataError) as error:
            outcomes[place] = type(error).__name__
        else:
            outcomes[place] = "done"

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def build(database: Database, folder: Path, act: Callable[[World], object] = lambda world: None) -> World:
    """Return a world in which something has been done and committed."""
    with database.transaction() as session:
        clock = SteppingClock(START, timedelta(seconds=1))
        world = World(session, FileStore(folder), clock).build()
        act(world)
        return world


def count(database: Database, kind: type) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_two_intake_officers_open_one_case_once(database: Database, tmp_path: Path) -> None:
    cases: list[uuid.UUID] = []
    others: list[uuid.UUID] = []

    def prepare(world: World) -> None:
        cases.append(world.submitted().id)
        others.extend(world.person("intake-more", Role.INTAKE_OFFICER, body=world.body.id) for _ in range(3))

    world = build(database, tmp_path, prepare)
    at = world.clock()

    def opens(who: uuid.UUID) -> Act:
        return lambda session: applications.act(session, cases[0], Action.OPEN, actor=who, at=at)

    outcomes = at_once(database, *(opens(who) for who in [world.people["intake"], *others]))
    assert outcomes.count("done") == 1
    assert count(database, Assignment) == 1


def test_two_registrars_release_one_decision_once(database: Database, tmp_path: Path) -> None:
    found: list[uuid.UUID] = []

    def prepare(world: World) -> None:
        walk, story = world.walk, world.story()
        application = walk.submit(walk.apply(story), story.applicant)
        walk.open(application)
        walk.identify(application)
        walk.judge(application, {})
        decision = walk.decide(application)
        releases.propose(world.session, decision.id, actor=world.cast.registrars[0], at=world.clock())
        found.append(decision.id)
        found.append(world.person("registrar-3", Role.REGISTRAR, body=world.body.id))

    world = build(database, tmp_path, prepare)
    at, (decision, third) = world.clock(), found
    seconds = [world.cast.registrars[1], third, world.cast.registrars[0]]

    def signs(who: uuid.UUID) -> Act:
        return lambda session: releases.release(session, decision, actor=who, at=at)

    outcomes = at_once(database, *(signs(who) for who in seconds))
    assert outcomes.count("done") == 1
    assert outcomes[2] in {"NotAllowed", "Conflict"}
    assert (count(database, Release), count(database, RecognitionEvent)) == (1, 1)


def test_one_person_votes_once_from_two_windows(database: Database, tmp_path: Path) -> None:
    motions: list[uuid.UUID] = []

    def prepare(world: World) -> None:
        walk, story = world.walk, world.story()
        application = walk.submit(walk.apply(story), story.applicant)
        walk.open(application)
        walk.identify(application)
        walk.judge(application, {})
        new = decisions.NewMotion(Outcome.RECOGNIZE)
        chair = world.people["chair"]
        put = decisions.put_motion(world.session, application.id, new, actor=chair, at=world.clock())
        motions.append(put.id)

    world = build(database, tmp_path, prepare)
    at, who = world.clock(), world.people["chair"]
    outcomes = at_once(
        database,
        lambda s: decisions.cast_vote(s, motions[0], Ballot.FOR, actor=who, at=at),
        lambda s: decisions.cast_vote(s, motions[0], Ballot.AGAINST, actor=who, at=at),
    )
    assert sorted(outcomes) == ["Conflict", "done"]


def test_a_draft_is_submitted_once(database: Database, tmp_path: Path) -> None:
    drafts: list[Application] = []
    world = build(database, tmp_path, lambda w: drafts.append(w.walk.apply(w.story())))
    (draft,), at = drafts, world.clock()
    who = world.owners[draft.institution_id]

    def submits(session: Session) -> object:
        return applications.submit(session, draft.id, version=draft.version, actor=who, at=at)

    assert sorted(at_once(database, submits, submits)) == ["Conflict", "done"]
    with database.transaction() as session:
        moves = session.scalars(select(ApplicationEvent)).all()
    assert [move.action for move in moves] == [Action.SUBMIT]


def test_a_claim_is_confirmed_by_two_people_even_at_once(database: Database, tmp_path: Path) -> None:
    claims: list[uuid.UUID] = []

    def prepare(world: World) -> None:
        who = world.person("applicant")
        new = NewInstitution({"en": "School"}, "School", "PL", "N", "ul. Z 1", "00-000", "other_provider")
        made = institutions.register(world.session, new, actor=who, at=world.clock())
        claim = institutions.claim(world.session, made.id, statement="So.", actor=who, at=world.clock())
        claims.append(claim.id)

    world = build(database, tmp_path, prepare)
    at, (one, two) = world.clock(), world.cast.verifiers

    def confirms(who: uuid.UUID) -> Act:
        return lambda session: institutions.judge_claim(
            session, claims[0], confirmed=True, basis="Seen.", actor=who, at=at
        )

    outcomes = at_once(database, confirms(one), confirms(two), confirms(one))
    assert Counter(outcomes)["done"] == 2
    with database.transaction() as session:
        assert session.scalars(select(Institution.owned)).one()
        assert session.scalars(select(InstitutionClaim)).one().state == "confirmed"
        people = session.scalars(select(ClaimConfirmation.account_id)).all()
    assert sorted(people) == sorted({one, two})


def test_numbers_are_gapless_and_instants_follow_them_whatever_the_clocks_say(database: Database) -> None:
    def records(at: datetime) -> Act:
        return lambda session: recording.audit(session, "test", actor="operator", at=at, of=("test", "1"))

    clocks = [START + timedelta(seconds=offset) for offset in (3, 0, 2, 1, 4, 0)]
    assert set(at_once(database, *(records(at) for at in clocks))) == {"done"}
    with database.transaction() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.number)).all()
        assert [event.number for event in events] == [1, 2, 3, 4, 5, 6]
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert recording.verify_chain(session) == 6


def test_a_clock_that_went_far_back_records_nothing(database: Database) -> None:
    with database.transaction() as session:
        recording.audit(session, "test", actor="operator", at=START, of=("test", "1"))
    late = START - recording.TOLERANCE - timedelta(seconds=1)
    with pytest.raises(ClockWentBack, match="the clock says"), database.transaction() as session:
        recording.audit(session, "test", actor="operator", at=late, of=("test", "1"))
    with database.transaction() as session:
        assert session.scalars(select(Numbers.value)).one() == 1
