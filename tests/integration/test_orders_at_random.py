"""Whatever order follows upon whatever other: nothing without a ground, nothing rewritten, nothing wider than it was."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from registry.demo import detours_standing as detours
from registry.demo.walk import KEPT
from registry.domain.institution_events import EventKind
from registry.domain.policy import Outcome
from registry.domain.recognition import Effect, Reason, Status, status_at
from registry.domain.scope import parse_scope
from registry.domain.stops import REACHING_BACK
from registry.errors import RegistryError
from registry.models.decision import Release
from registry.models.issuer import IdentityChange, Issuer, RecognitionEvent
from registry.models.standing import UrgentOrder
from registry.models.two_people import ProposalAnswer
from registry.services import orders
from registry.services.trust_lists import status_events

from support.world import SCOPE, World, list_issuers


def urgent(world: World, issuer: Issuer, _other: Issuer) -> None:
    detours.urgently_suspended(world.walk, issuer.id)


def spared(world: World, issuer: Issuer, _other: Issuer) -> None:
    case = detours.urgently_suspended(world.walk, issuer.id)
    world.walk.seat_committee(case)
    world.walk.release(world.walk.decide(case, Outcome.NO_CHANGE))


def lapsed(world: World, _issuer: Issuer, _other: Issuer) -> None:
    found = world.session.scalars(select(UrgentOrder.confirm_by)).all()
    world.clock.moment = max([*found, world.clock.moment]) + timedelta(seconds=1)
    orders.lapse_unconfirmed(world.session, world.clock())


def lifted(world: World, issuer: Issuer, _other: Issuer) -> None:
    detours.lifted(world.walk, issuer.id)


def given_up(world: World, issuer: Issuer, _other: Issuer) -> None:
    later = world.clock.moment + timedelta(days=10)
    detours.relinquished(world.walk, issuer.id, world.owners[issuer.institution_id], start=later)


def merged(world: World, issuer: Issuer, other: Issuer) -> None:
    detours.merged(world.walk, issuer, other.institution_id)


def split(world: World, issuer: Issuer, other: Issuer) -> None:
    part = {"grants": [{**SCOPE["grants"][0], "fields": ["0613"]}]}
    detours.split(world.walk, issuer, {other.institution_id: part})


def closed(world: World, issuer: Issuer, _other: Issuer) -> None:
    detours.happened(world.walk, issuer.institution_id, world.body.id, EventKind.CLOSURE, terms=dict(KEPT))


def void(world: World, issuer: Issuer, _other: Issuer) -> None:
    owner = world.owners[issuer.institution_id]
    world.walk.stop(issuer.id, owner, Outcome.VOID, Reason.FALSE_EVIDENCE)


def fallen(world: World, issuer: Issuer, _other: Issuer) -> None:
    listed = issuer.identities[0]
    detours.compromised_key(world.walk, listed.claim_id, listed.effective_from)


Act = Callable[[World, Issuer, Issuer], None]
ACTS: tuple[Act, ...] = (urgent, spared, lapsed, lifted, given_up, merged, split, closed, void, fallen)
Seen = Mapping[tuple[int, datetime], Status | None]
"""What was answered at an instant, as known at an event number."""


def look(world: World, issuer: Issuer) -> Seen:
    """Ask for the standing now, on the first day, and in a month."""
    events = status_events(issuer)
    known, first = events[-1].number, events[0].effective_from
    instants = (first, world.clock.moment, world.clock.moment + timedelta(days=30))
    return {(known, at): status_at(events, at, known) for at in instants}


def check_events(world: World, issuer: Issuer) -> None:
    for event in issuer.events:
        assert has_ground(world, event)
        if event.status not in REACHING_BACK:
            assert event.effective_from >= event.recorded_at
            assert event.effect is Effect.STAY_COVERED
        if event.scope is not None:
            assert parse_scope(SCOPE).covers(parse_scope(event.scope))
    for change in issuer.identities:
        if change.change is IdentityChange.ENDED:
            assert change.effective_from >= change.recorded_at


def has_ground(world: World, event: RecognitionEvent) -> bool:
    if event.decision_id is not None:
        return world.session.get(Release, event.decision_id) is not None
    answer = world.session.get(ProposalAnswer, event.proposal_id)
    return answer is not None and answer.accepted and answer.first_by != answer.second_by


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.booleans()), min_size=2, max_size=5))
def test_any_sequence_of_orders_keeps_the_record_straight(world: World, acts: list[tuple[Act, bool]]) -> None:
    pair = [world.session.get_one(Issuer, one) for one in list_issuers(world, 2)]
    seen: dict[Issuer, dict[tuple[int, datetime], Status | None]] = {one: {} for one in pair}
    for act, first in acts:
        one, other = pair if first else reversed(pair)
        try:
            with world.session.begin_nested():
                act(world, one, other)
        except RegistryError:
            world.session.expire_all()  # refused, and nothing is left of it
        for issuer in pair:
            seen[issuer] |= look(world, issuer)
            check_events(world, issuer)
    for issuer in pair:
        events = status_events(issuer)
        assert {(k, at): status_at(events, at, k) for k, at in seen[issuer]} == seen[issuer]
