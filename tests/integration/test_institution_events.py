"""Events of institutions: two people decide what becomes of each recognition, and nothing more is carried over."""

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from registry.demo import detours_standing as detours
from registry.demo.walk import KEPT
from registry.domain.institution_events import EventKind, Fate
from registry.domain.recognition import Reason, Status, status_at
from registry.domain.roles import Role
from registry.domain.scope import parse_scope
from registry.domain.two_people import ProposalKind
from registry.errors import InvalidInput, NotAllowed
from registry.models.institution import Institution, WorkItem
from registry.models.issuer import Issuer
from registry.models.standing import InstitutionEvent, InstitutionRelation
from registry.services import accounts, institution_events, institutions, two_people
from registry.services.carrying import holding_of
from registry.services.trust_lists import build_entries, load_issuers, status_events
from registry.services.two_people import NewProposal

from support.world import SCOPE, World, list_issuers


def listed(world: World) -> Issuer:
    return world.session.get_one(Issuer, list_issuers(world, 1)[0])


def standing(world: World, issuer: Issuer) -> Status | None:
    return status_at(status_events(issuer), world.clock())


def at_school(world: World, institution: uuid.UUID) -> Issuer:
    """Return the listing of an institution in the scheme of quality."""
    query = select(Issuer).where(
        Issuer.institution_id == institution, Issuer.scheme_id == world.schemes["quality"]
    )
    return world.session.scalars(query).one()


def refused(world: World, issuer: Issuer, kind: EventKind, **content: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as error:
        detours.happened(world.walk, issuer.institution_id, world.body.id, kind, **content)
    return {problem.field: problem.message for problem in error.value.errors}


def narrowed(**changes: Any) -> dict[str, Any]:
    return {"grants": [{**SCOPE["grants"][0], **changes}]}


def test_a_merger_carries_the_recognition_over_to_a_successor_that_had_none(world: World) -> None:
    issuer, into = listed(world), world.institution()
    before = holding_of(issuer, world.clock())
    detours.merged(world.walk, issuer, into.id)
    taker = at_school(world, into.id)
    assert holding_of(taker, world.clock()) == before
    assert (standing(world, issuer), issuer.events[-1].reason) == (Status.SUPERSEDED, Reason.MERGED)
    assert issuer.events[-1].terms == {"successors": [str(taker.id)]}
    assert taker.events[-1].terms == {"predecessors": [str(issuer.id)]}
    (relation,) = world.session.scalars(select(InstitutionRelation))
    assert (relation.from_id, relation.to_id) == (issuer.institution_id, into.id)
    assert issuer.institution.status == "inactive"
    assert {e.proposal_id for e in (issuer.events[-1], taker.events[-1])} == {
        world.session.scalars(select(InstitutionEvent.proposal_id)).one()
    }
    (entry,) = build_entries(world.session, load_issuers(world.session, [taker.id]))
    assert entry.policy_sha256 == issuer.events[0].policy_sha256


def test_a_successor_that_holds_as_much_keeps_what_it_has(world: World) -> None:
    issuer, other = listed(world), listed(world)
    before = len(other.events)
    detours.merged(world.walk, issuer, other.institution_id)
    world.session.refresh(other, ["events"])
    assert len(other.events) == before
    assert issuer.events[-1].terms == {"successors": [str(other.id)]}


def test_a_split_carries_nothing_over_by_default_and_never_more_than_was_held(world: World) -> None:
    issuer, one, two = listed(world), world.institution(), world.institution()
    wide = narrowed(fields=["06", "09"])
    assert (
        "no more"
        in refused(
            world,
            issuer,
            EventKind.SPLIT,
            successors=[str(one.id)],
            effects=[
                {"issuer": str(issuer.id), "fate": Fate.CARRY_PART.value, "to": str(one.id), "scope": wide}
            ],
        )["effects.0"]
    )
    part = narrowed(fields=["0613"])
    detours.split(world.walk, issuer, {one.id: part, two.id: None})
    got = holding_of(at_school(world, one.id), world.clock())
    assert got is not None
    assert got.scope.equivalent(parse_scope(part))
    assert at_school(world, one.id).events[-1].reason is Reason.SPLIT
    assert (standing(world, issuer), issuer.events[-1].reason) == (Status.SUPERSEDED, Reason.SPLIT)
    assert world.session.scalar(select(Issuer.id).where(Issuer.institution_id == two.id)) is None
    silent = listed(world)
    detours.split(world.walk, silent, {one.id: None})
    assert standing(world, silent) is Status.SUPERSEDED
    assert silent.events[-1].terms in (None, {})


def test_a_closure_ends_every_recognition_and_says_who_keeps_what_learners_need(world: World) -> None:
    issuer = listed(world)
    assert set(refused(world, issuer, EventKind.CLOSURE)) == {"records_kept_by", "status_service_kept_by"}
    detours.happened(world.walk, issuer.institution_id, world.body.id, EventKind.CLOSURE, terms=dict(KEPT))
    last = issuer.events[-1]
    assert (last.status, last.reason, last.terms) == (Status.WITHDRAWN, Reason.ISSUER_CLOSED, dict(KEPT))


def test_a_new_name_leaves_the_recognition_as_it_is_and_keeps_the_old_name(world: World) -> None:
    issuer = listed(world)
    old, number = issuer.institution.name, len(issuer.events)
    detours.happened(
        world.walk,
        issuer.institution_id,
        world.body.id,
        EventKind.RENAME,
        names={"en": "Newly Named School", "pl": "Szkoła o Nowej Nazwie"},
        legal_name="Szkoła o Nowej Nazwie",
        effects=[{"issuer": str(issuer.id), "fate": Fate.CARRY_OVER.value}],
    )
    world.session.refresh(issuer, ["events"])
    assert len(issuer.events) == number
    assert issuer.institution.name == "Newly Named School"
    names = institutions.current_facts(world.session, issuer.institution_id)["names"]
    assert old in {name["text"] for name in names if name["kind"] == "former"}
    assert [found.id for found in institutions.search(world.session, old)] == [issuer.institution_id]
    (entry,) = build_entries(world.session, load_issuers(world.session, [issuer.id]))
    assert (entry.names["pl"], entry.legal_name) == ("Szkoła o Nowej Nazwie", "Szkoła o Nowej Nazwie")


def test_a_new_owner_may_lead_to_a_new_review_without_touching_the_standing(world: World) -> None:
    issuer = listed(world)
    effects = [{"issuer": str(issuer.id), "fate": Fate.RE_REVIEW.value}]
    detours.happened(world.walk, issuer.institution_id, world.body.id, EventKind.OWNERSHIP, effects=effects)
    assert standing(world, issuer) is Status.ACTIVE
    (item,) = world.session.scalars(select(WorkItem).where(WorkItem.kind == institution_events.RE_REVIEW))
    assert item.institution_id == issuer.institution_id


def test_what_a_proposal_lacks_is_said_at_its_field(world: World) -> None:
    issuer, into = listed(world), world.institution()
    carry = {"issuer": str(issuer.id), "fate": Fate.CARRY_OVER.value, "to": str(into.id)}
    merger = {"successors": [str(into.id)], "effects": [carry]}
    assert set(refused(world, issuer, EventKind.MERGER, **{**merger, "evidence": " "})) == {"evidence"}
    assert set(refused(world, issuer, EventKind.MERGER, **{**merger, "occurred_on": "2126-01-01"})) == {
        "occurred_on"
    }
    assert set(refused(world, issuer, EventKind.MERGER, successors=[])) == {"successors"}
    assert set(refused(world, issuer, EventKind.MERGER, successors=merger["successors"])) == {"effects"}
    strange = {**carry, "issuer": str(uuid.uuid4())}
    assert "effects.0" in refused(world, issuer, EventKind.MERGER, **{**merger, "effects": [strange]})
    assert set(refused(world, issuer, EventKind.RENAME)) == {"legal_name", "names"}
    assert set(refused(world, issuer, EventKind.OWNERSHIP, surprise=1)) == {"surprise"}
    whole = {**carry, "fate": Fate.CARRY_PART.value}
    assert "effects.0" in refused(world, issuer, EventKind.MERGER, **{**merger, "effects": [whole]})


def test_a_suspended_recognition_is_not_carried_over_nor_onto_a_suspended_one(world: World) -> None:
    issuer, other = listed(world), listed(world)
    effects = lambda one, to: [  # noqa: E731
        {"issuer": str(one.id), "fate": Fate.CARRY_OVER.value, "to": str(to.institution_id)}
    ]
    detours.urgently_suspended(world.walk, other.id)
    found = refused(
        world,
        issuer,
        EventKind.MERGER,
        successors=[str(other.institution_id)],
        effects=effects(issuer, other),
    )
    assert "suspended" in found["effects.0"]
    found = refused(
        world,
        other,
        EventKind.MERGER,
        successors=[str(issuer.institution_id)],
        effects=effects(other, issuer),
    )
    assert "suspended" in found["effects.0"]


def test_nothing_is_carried_over_beyond_the_mandate_of_the_body(world: World) -> None:
    issuer, into = listed(world), world.institution()
    world.body.mandate = narrowed(fields=["09"])
    effects = [{"issuer": str(issuer.id), "fate": Fate.CARRY_OVER.value, "to": str(into.id)}]
    found = refused(world, issuer, EventKind.MERGER, successors=[str(into.id)], effects=effects)
    assert "mandate" in found["effects.0"]


def test_whoever_acted_for_one_of_the_institutions_neither_proposes_nor_confirms(world: World) -> None:
    issuer, into = listed(world), world.institution()
    insider = world.owners[into.id]
    accounts.record_grant(
        world.session, insider, Role.REGISTRAR, body_id=world.body.id, actor=None, at=world.clock()
    )
    effects = [{"issuer": str(issuer.id), "fate": Fate.CARRY_OVER.value, "to": str(into.id)}]
    content = {
        "kind": "merger",
        "occurred_on": world.clock.moment.date().isoformat(),
        "evidence": "Act.",
        "successors": [str(into.id)],
        "effects": effects,
    }
    new = NewProposal(str(issuer.institution_id), "So.", content, body_id=world.body.id)
    kind = ProposalKind.INSTITUTION_EVENT
    with pytest.raises(NotAllowed, match="one of these institutions"):
        two_people.propose(world.session, kind, new, actor=insider, at=world.clock())
    row = two_people.propose(world.session, kind, new, actor=world.people["officer"], at=world.clock())
    with pytest.raises(NotAllowed, match="one of these institutions"):
        two_people.confirm(world.session, row.id, actor=insider, at=world.clock())


def test_an_event_closes_the_work_that_an_import_opened(world: World) -> None:
    issuer = listed(world)
    item = WorkItem(
        kind="succeeded_by",
        key="ror:1",
        institution_id=issuer.institution_id,
        detail={},
        opened_at=world.clock(),
    )
    world.session.add(item)
    world.session.flush()
    into: Institution = world.institution()
    detours.happened(
        world.walk,
        issuer.institution_id,
        world.body.id,
        EventKind.MERGER,
        successors=[str(into.id)],
        effects=[{"issuer": str(issuer.id), "fate": Fate.END.value}],
        work=str(item.id),
    )
    assert item.closed_at is not None
