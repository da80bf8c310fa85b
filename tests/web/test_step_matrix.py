"""Steps over HTTP: any two of who, how tied, which step, which state and how fresh a version meet in some request.

The status is expected from the table of steps as data (`support.matrix`); what is refused leaves no trace.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.domain.roles import CaseRole, Role
from registry.domain.workflow import TRANSITIONS, Action, Guard, State
from registry.files import FileStore
from registry.models.account import AccessToken
from registry.models.application import Application, ApplicationEvent
from registry.models.publication import AuditEvent, OutboxMessage
from registry.models.review import Assignment
from registry.services import sessions
from registry.services.applications import PLAIN_ACTIONS

from support.clock import START, Clock
from support.databases import Backend
from support.matrix import HOLDERS, Holder, Places, Tie, knows, may_step
from support.pairwise import Row, all_pairs
from support.world import World

KNOWN = frozenset(HOLDERS)
TABLE = {(row.source, row.action): row for row in TRANSITIONS}
PARAMETERS = {
    "state": tuple(State),
    "who": (*Role, *CaseRole),
    "action": tuple(sorted(PLAIN_ACTIONS)),
    "tie": tuple(Tie),
    "fresh": (True, False),
}
TRACES = (Application, ApplicationEvent, Assignment, AuditEvent, OutboxMessage)


@dataclass(frozen=True, slots=True)
class Try:
    """One request: who asks for which step of which case, and what has to come of it."""

    holder: Holder
    token: str
    case: uuid.UUID
    state: State
    action: Action
    version: int
    fresh: bool

    @property
    def expected(self) -> frozenset[int]:
        """The statuses that the table and the rules allow; no reasons are given, and other guards may refuse too."""
        if not knows(self.holder, submitted=self.state is not State.DRAFT):
            return frozenset({404})
        row = TABLE.get((self.state, self.action))
        if not self.fresh or row is None:
            return frozenset({409})
        if not may_step(self.holder, row):
            return frozenset({403})
        return frozenset({422} if Guard.REASONS_GIVEN in row.guards else {200, 409})


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Each step of the table for everybody whom it names, which pairs seldom hold; then all pairs."""
    pairs = all_pairs(PARAMETERS, lambda row: Holder(row["who"], row["tie"]) in KNOWN)  # type: ignore[arg-type]
    named: list[Row] = [
        {
            "state": row.source,
            "who": who,
            "action": row.action,
            "tie": Tie.OWN if isinstance(who, Role) else Tie.CLEAN,
            "fresh": True,
        }
        for row in TRANSITIONS
        if row.action in PLAIN_ACTIONS
        for who in sorted(row.roles)
    ]
    return named + pairs


@pytest.fixture
def tries(rows: list[Row], backend: Backend, database: Database, clock: Clock, tmp_path: Path) -> list[Try]:
    """A case for each row, with the one who asks; on the second database every third row."""
    with database.transaction() as session:
        stepping = SteppingClock(START, timedelta(seconds=1))
        world = World(session, FileStore(tmp_path / "evidence"), stepping).build()
        other = World(session, world.files, stepping, slug="other").build()
        base, elsewhere = (world.application(world.story()) for _ in range(2))
        abroad = other.application(other.story())
        clock.set(stepping())
        chosen = rows if backend.name == "sqlite" else rows[::3]
        places = Places(session, base, elsewhere, abroad, clock())
        made = [_try(places, base.institution_id, number, row) for number, row in enumerate(chosen)]
        places.finish()
    return made


def _try(places: Places, institution_id: uuid.UUID, number: int, row: Row) -> Try:
    state: Any = row["state"]
    places.case = _copy(places, institution_id, number)
    places.put_into(state)
    holder = Holder(row["who"], row["tie"])  # type: ignore[arg-type]
    account, secret = places.enter(holder, f"{number}-"), sessions.new_secret()
    ends = places.at + timedelta(hours=1)
    places.rest.append(
        AccessToken(
            account_id=account,
            hash=sessions.digest(secret),
            name="test",
            created_at=places.at,
            expires_at=ends,
        )
    )
    version = 1 if row["fresh"] else 2
    return Try(holder, secret, places.case.id, state, Action(row["action"]), version, bool(row["fresh"]))


def _copy(places: Places, institution_id: uuid.UUID, number: int) -> Application:
    """Return a new case of the institution; it was put on hold from its review, should it be on hold."""
    like = ("scheme_id", "policy_row_id", "scope", "created_by", "created_at", "procedure")
    case = Application(
        **{name: getattr(places.elsewhere, name) for name in like},
        id=uuid.uuid4(),
        institution_id=institution_id,
        reference=f"matrix-{number}",
        entered_at=places.at,
    )
    held = {"action": Action.PUT_ON_HOLD, "source": State.REVIEW, "target": State.ON_HOLD}
    places.session.add(case)
    places.rest.append(
        ApplicationEvent(application_id=case.id, sequence=1, actor=case.created_by, at=places.at, **held)
    )
    return case


def test_requests_are_answered_as_the_table_says_and_a_refusal_leaves_no_trace(
    app: Flask, database: Database, tries: list[Try]
) -> None:
    wrong, seen = [], Counter[int]()
    traces = _traces(database)
    client = app.test_client()
    for one in tries:
        body: dict[str, Any] = {"action": one.action.value, "version": one.version}
        headers = {"Authorization": f"Bearer {one.token}"}
        answer = client.post(f"/api/v1/applications/{one.case}/steps", json=body, headers=headers)
        seen[answer.status_code] += 1
        found = f"{one.holder} {one.state} {one.action} fresh={one.fresh}: {answer.status_code} {answer.text[:200]}"
        if answer.status_code not in one.expected:
            wrong.append(found)
        before, traces = traces, _traces(database)
        if answer.status_code != 200 and traces != before:
            wrong.append(f"left a trace: {found}")
    assert wrong == []
    assert set(seen) == {200, 403, 404, 409, 422}


def _traces(database: Database) -> tuple[Any, ...]:
    """Return how many rows there are of everything that a step writes, and the sum of all versions."""
    with database.reading() as session:
        counts = (session.scalar(select(func.count()).select_from(kind)) for kind in TRACES)
        return (*counts, session.scalar(select(func.sum(Application.version))))
