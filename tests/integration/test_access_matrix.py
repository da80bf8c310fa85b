"""Who may do what, all of it: every role and part, however tied to a case, against every step of every state.

What is expected comes from the table of steps as data and from the rules as they are told to people (`support.matrix`).
"""

import uuid
from collections import Counter
from itertools import product

import pytest

from registry.domain.workflow import TRANSITIONS, Action, State, Transition, step
from registry.errors import NotAllowed, NotFound, TransitionRefused
from registry.services import access, desk

from support.databases import Backend
from support.matrix import HOLDERS, Holder, Places, Tie, concerns, knows, may_step, reads, roles_used
from support.world import World

PLAIN = (Tie.OWN, Tie.FOREIGN, Tie.CLEAN, Tie.ABROAD)
BY_STATE = {state: [row for row in TRANSITIONS if row.source is state] for state in State}


@pytest.fixture
def places(world: World) -> Places:
    """Three cases handed in: two of one body, one of another."""
    other = World(world.session, world.files, world.clock, slug="other").build()
    case, elsewhere = (world.submitted() for _ in range(2))
    abroad = other.application(other.story())
    return Places(world.session, case, elsewhere, abroad, world.clock())


@pytest.fixture
def people(places: Places) -> dict[Holder, uuid.UUID]:
    entered = {holder: places.enter(holder) for holder in HOLDERS}
    places.finish()
    return entered


def test_the_table_leads_nowhere_but_where_it_says() -> None:
    rows = {(row.source, row.action): row for row in TRANSITIONS}
    assert Counter(rows.keys()).total() == len(TRANSITIONS), "two rows for one step"
    for state, action in product(State, Action):
        if (state, action) in rows:
            assert step(state, action) is rows[state, action]
        else:
            with pytest.raises(TransitionRefused):
                step(state, action)


def test_a_step_is_open_to_those_whom_the_table_names_and_to_nobody_else(
    places: Places, people: dict[Holder, uuid.UUID], backend: Backend
) -> None:
    """Every role and part, here and of others, against all steps; whoever is barred, against the steps they would take."""
    wrong, asked = [], 0
    for state, rows in BY_STATE.items():
        places.put_into(state)
        for (holder, person), row in product(people.items(), rows):
            whole = holder.tie in PLAIN and backend.name == "sqlite"
            if not whole and not concerns(holder, row):
                continue
            asked += 1
            if is_let_through(places, person, row) != may_step(holder, row):
                wrong.append(f"{holder} {state} {row.action}")
    assert wrong == []
    assert asked > len(TRANSITIONS)


def is_let_through(places: Places, person: uuid.UUID, row: Transition) -> bool:
    try:
        access.require_step(places.session, person, places.case, row, places.at)
    except NotAllowed:
        return False
    return True


def test_the_buttons_follow_the_same_roles(places: Places, people: dict[Holder, uuid.UUID]) -> None:
    for holder, person in people.items():
        found = desk.roles_in(places.session, places.case, actor=person, at=places.at)
        assert {(type(one), one.value) for one in found} == {
            (type(one), one.value) for one in roles_used(holder)
        }, str(holder)


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.REVIEW, State.DECIDED, State.CLOSED])
def test_a_case_and_its_file_are_there_for_whom_they_concern(
    places: Places, people: dict[Holder, uuid.UUID], state: State
) -> None:
    places.put_into(state)
    submitted = state is not State.DRAFT
    wrong = []
    for holder, person in people.items():
        asked = {"actor": person, "at": places.at}
        known = access.may_know(places.session, places.case, person, places.at)
        if known != knows(holder, submitted=submitted):
            wrong.append(f"{holder} knows: {known}")
        read = access.may_read_file(places.session, places.case, **asked)
        if known and read != reads(holder, submitted=submitted):
            wrong.append(f"{holder} reads: {read}")
        if not known:
            with pytest.raises(NotFound):
                access.visible_application(places.session, places.case.id, **asked)
    assert wrong == []
