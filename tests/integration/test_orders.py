"""Orders of two people on a standing: at once where it is urgent, never alone, and never for longer than allowed."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from registry.demo import detours_standing as detours
from registry.demo.walk import KEPT, ending_for
from registry.domain.clocks import Side
from registry.domain.policy import Outcome
from registry.domain.recognition import Effect, Reason, Status, status_at
from registry.domain.roles import Role
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import State
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound
from registry.models.issuer import IdentityChange, Issuer
from registry.models.standing import IssuerWarning, UrgentOrder
from registry.models.two_people import Proposal, ProposalAnswer
from registry.services import (
    accounts,
    decisions,
    finality,
    identities,
    orders,
    supervision,
    two_people,
)
from registry.services.trust_lists import build_entries, load_issuers, status_events
from registry.services.two_people import NewProposal
from registry.services.waiting import without_committee

from support.world import World, did_key, list_issuers


@pytest.fixture
def issuer(world: World) -> Issuer:
    """A recognized issuer."""
    return world.session.get_one(Issuer, list_issuers(world, 1)[0])


def standing(world: World, issuer: Issuer) -> Status | None:
    return status_at(status_events(issuer), world.clock())


def propose(world: World, issuer: Issuer, kind: ProposalKind, who: uuid.UUID, **content: Any) -> Proposal:
    new = NewProposal(str(issuer.id), "So it is.", content, issuer_id=issuer.id)
    return two_people.propose(world.session, kind, new, actor=who, at=world.clock())


def confirm(world: World, row: Proposal, who: uuid.UUID) -> ProposalAnswer:
    return two_people.confirm(world.session, row.id, actor=who, at=world.clock())


def problems(error: pytest.ExceptionInfo[InvalidInput]) -> dict[str, str]:
    return {problem.field: problem.message for problem in error.value.errors}


def test_one_proposes_and_another_confirms_or_turns_down(world: World, issuer: Issuer) -> None:
    p, urgent = world.people, ProposalKind.URGENT_SUSPENSION
    for stranger in (p["chair"], p["reviewer-1"], p["auditor"], world.owners[issuer.institution_id]):
        with pytest.raises(NotAllowed):
            propose(world, issuer, urgent, stranger, ground="fraud_suspected")
    row = propose(world, issuer, urgent, p["officer"], ground="fraud_suspected")
    assert standing(world, issuer) is Status.ACTIVE
    with pytest.raises(Conflict, match="proposed already"):
        propose(world, issuer, urgent, p["registrar-1"], ground="fraud_suspected")
    with pytest.raises(NotAllowed, match="another person"):
        confirm(world, row, p["officer"])
    with pytest.raises(NotFound):
        confirm(world, row, p["chair"])
    assert [one.id for one in waiting(world, "registrar-1")] == [row.id]
    assert waiting(world, "officer") == waiting(world, "chair") == []
    with pytest.raises(InvalidInput, match="reasons"):
        two_people.turn_down(world.session, row.id, reasons=" ", actor=p["registrar-1"], at=world.clock())
    two_people.turn_down(world.session, row.id, reasons="No.", actor=p["registrar-1"], at=world.clock())
    with pytest.raises(Conflict, match="answered already"):
        confirm(world, row, p["registrar-2"])
    assert standing(world, issuer) is Status.ACTIVE
    again = propose(world, issuer, urgent, p["officer"], ground="fraud_suspected")
    confirm(world, again, p["registrar-1"])
    assert standing(world, issuer) is Status.SUSPENDED


def waiting(world: World, word: str) -> list[Proposal]:
    return list(two_people.waiting_for(world.session, actor=world.people[word], at=world.clock()))


def test_the_database_keeps_that_the_two_are_two(world: World, issuer: Issuer) -> None:
    row = propose(
        world, issuer, ProposalKind.URGENT_SUSPENSION, world.people["officer"], ground="fraud_suspected"
    )
    same = {"proposal_id": row.id, "first_by": row.first_by, "second_by": row.first_by}
    said = {"accepted": True, "reasons": "", "at": world.clock()}
    with pytest.raises(IntegrityError), world.session.begin_nested():
        world.session.execute(insert(ProposalAnswer), [same | said])


def test_whoever_acted_for_the_institution_neither_proposes_nor_confirms_for_the_body(
    world: World, issuer: Issuer
) -> None:
    insider = world.owners[issuer.institution_id]

    for role in (Role.CASE_OFFICER, Role.REGISTRAR):
        accounts.record_grant(
            world.session, insider, role, body_id=world.body.id, actor=None, at=world.clock()
        )
    with pytest.raises(NotAllowed):
        propose(world, issuer, ProposalKind.URGENT_SUSPENSION, insider, ground="fraud_suspected")
    row = propose(
        world, issuer, ProposalKind.URGENT_SUSPENSION, world.people["officer"], ground="fraud_suspected"
    )
    with pytest.raises((NotAllowed, NotFound)):
        confirm(world, row, insider)


@pytest.mark.parametrize("ground", ["serious_breach", "nonsense", ""])
def test_an_urgent_suspension_needs_a_ground_that_the_policy_names_for_it(
    world: World, issuer: Issuer, ground: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        propose(world, issuer, ProposalKind.URGENT_SUSPENSION, world.people["officer"], ground=ground)
    assert set(problems(error)) == {"ground"}


def test_an_urgent_suspension_holds_at_once_and_goes_before_the_committee(
    world: World, issuer: Issuer
) -> None:
    case = detours.urgently_suspended(world.walk, issuer.id)
    (order,) = world.session.scalars(select(UrgentOrder))
    assert standing(world, issuer) is Status.SUSPENDED
    assert case.state is State.FIRST_CONSIDERATION
    assert (case.due_at, case.clock_side) == (order.confirm_by, Side.BODY)
    assert timedelta(days=5) <= order.confirm_by - issuer.events[-1].effective_from <= timedelta(days=11)
    owner = world.owners[issuer.institution_id]
    supervision.answer_hearing(
        world.session, case.id, "It was nobody of ours.", actor=owner, at=world.clock()
    )
    officer = world.people["officer"]
    assert [row.id for row in without_committee(world.session, officer)] == [case.id]
    assert not without_committee(world.session, world.people["chair"])
    world.walk.seat_committee(case)
    assert not without_committee(world.session, officer)
    world.walk.release(world.walk.decide(case))
    world.clock.skip(days=30)
    assert orders.lapse_unconfirmed(world.session, world.clock()) == 0
    assert standing(world, issuer) is Status.SUSPENDED
    assert [e.decision_id is None for e in issuer.events] == [False, True, False]


def test_an_urgent_suspension_that_the_committee_does_not_share_ends_with_its_word(
    world: World, issuer: Issuer
) -> None:
    case = detours.urgently_suspended(world.walk, issuer.id)
    world.walk.seat_committee(case)
    world.walk.release(world.walk.decide(case, Outcome.NO_CHANGE))
    assert standing(world, issuer) is Status.ACTIVE
    assert issuer.events[-1].reason is Reason.SUSPENSION_LIFTED
    during = issuer.events[-2].effective_from
    assert status_at(status_events(issuer), during) is Status.SUSPENDED


def test_an_urgent_suspension_that_nobody_confirms_in_time_ends_by_itself(
    world: World, issuer: Issuer
) -> None:
    case = detours.urgently_suspended(world.walk, issuer.id)
    (order,) = world.session.scalars(select(UrgentOrder))
    assert orders.lapse_unconfirmed(world.session, order.confirm_by) == 0
    world.clock.moment = order.confirm_by + timedelta(seconds=1)
    assert orders.lapse_unconfirmed(world.session, world.clock()) == 1
    assert orders.lapse_unconfirmed(world.session, world.clock()) == 0
    last = issuer.events[-1]
    assert (last.status, last.reason, last.proposal_id) == (
        Status.ACTIVE,
        Reason.SUSPENSION_LIFTED,
        order.proposal_id,
    )
    assert case.state is State.LAPSED


def test_a_suspension_before_the_committee_is_not_lifted_beside_it(world: World, issuer: Issuer) -> None:
    detours.urgently_suspended(world.walk, issuer.id)
    with pytest.raises(InvalidInput) as error:
        detours.lifted(world.walk, issuer.id)
    assert "committee" in problems(error)["issuer"]


def test_a_suspension_is_lifted_by_two_people(world: World, issuer: Issuer) -> None:
    with pytest.raises(InvalidInput):
        detours.lifted(world.walk, issuer.id)
    case = detours.urgently_suspended(world.walk, issuer.id)
    world.walk.seat_committee(case)
    world.walk.release(world.walk.decide(case))
    detours.lifted(world.walk, issuer.id)
    assert standing(world, issuer) is Status.ACTIVE


def test_a_recognition_is_given_up_by_the_signatory_with_terms_and_a_registrar_confirms(
    world: World, issuer: Issuer
) -> None:
    owner, kind = world.owners[issuer.institution_id], ProposalKind.RELINQUISHMENT
    with pytest.raises(InvalidInput) as error:
        propose(world, issuer, kind, owner)
    assert set(problems(error)) == {"records_kept_by", "status_service_kept_by"}
    past = (world.clock.moment - timedelta(days=1)).isoformat()
    with pytest.raises(InvalidInput) as error:
        propose(world, issuer, kind, owner, terms=dict(KEPT), **{"from": past})
    assert set(problems(error)) == {"from"}
    with pytest.raises(NotAllowed):
        propose(world, issuer, kind, world.people["registrar-1"], terms=dict(KEPT))
    start = world.clock.moment + timedelta(days=30)
    detours.relinquished(world.walk, issuer.id, owner, start=start)
    assert standing(world, issuer) is Status.ACTIVE
    assert status_at(status_events(issuer), start) is Status.RELINQUISHED
    last = issuer.events[-1]
    assert last.effect is Effect.STAY_COVERED
    assert last.terms == dict(KEPT)


def test_a_warning_is_a_note_that_runs_out_and_changes_no_status(world: World, issuer: Issuer) -> None:
    with pytest.raises(InvalidInput) as error:
        propose(world, issuer, ProposalKind.WARNING, world.people["officer"], text={"en": "Only English."})
    assert set(problems(error)) == {"text"}
    detours.warned(world.walk, issuer.id, "Descriptors are missing.", "Brakuje deskryptorów.")
    assert standing(world, issuer) is Status.ACTIVE
    (warning,) = world.session.scalars(select(IssuerWarning))
    (entry,) = build_entries(world.session, load_issuers(world.session, [issuer.id]))
    assert [note.text["pl"] for note in entry.notes] == ["Brakuje deskryptorów."]
    assert entry.changes_after(warning.until - timedelta(seconds=1)) == warning.until


def test_a_key_falls_from_an_instant_on_the_word_of_its_custodian_and_a_verifier(
    world: World, issuer: Issuer
) -> None:
    (listed,) = issuer.identities
    since = listed.effective_from
    owner, p = world.owners[issuer.institution_id], world.people
    new = NewProposal(
        str(listed.claim_id), "A laptop was stolen.", {"from": since.isoformat()}, issuer_id=issuer.id
    )
    kind = ProposalKind.KEY_COMPROMISED
    with pytest.raises(NotAllowed):
        two_people.propose(world.session, kind, new, actor=p["officer"], at=world.clock())
    row = two_people.propose(world.session, kind, new, actor=owner, at=world.clock())
    with pytest.raises(NotFound):
        confirm(world, row, world.person("stranger"))
    confirm(world, row, p["verifier-1"])
    changes = [event.change for event in issuer.identities]
    assert changes == [IdentityChange.LISTED, IdentityChange.COMPROMISED, IdentityChange.ENDED]
    (entry,) = build_entries(world.session, load_issuers(world.session, [issuer.id]))
    assert entry.identities[0].compromised_from == since
    with pytest.raises(InvalidInput, match="never listed again"):
        identities.add_to_issuer(
            world.session,
            issuer.id,
            identities.NewIdentity(listed.claim.kind, listed.claim.value),
            actor=owner,
            at=world.clock(),
        )


def test_a_key_is_not_compromised_from_a_day_that_has_not_come(world: World, issuer: Issuer) -> None:
    claim = issuer.identities[0].claim_id
    with pytest.raises(InvalidInput) as error:
        detours.compromised_key(world.walk, claim, world.clock() + timedelta(days=1))
    assert "has not come" in problems(error)["from"]


def test_an_ended_key_ends_once_and_can_still_be_found_compromised(world: World, issuer: Issuer) -> None:
    listed = issuer.identities[0]
    detours.ended_key(world.walk, listed.claim_id)
    with pytest.raises(InvalidInput) as error:
        detours.ended_key(world.walk, listed.claim_id)
    assert "ended already" in problems(error)["key"]
    detours.compromised_key(world.walk, listed.claim_id, listed.effective_from)
    assert [e.change for e in issuer.identities][1:] == [IdentityChange.ENDED, IdentityChange.COMPROMISED]


def test_a_key_that_was_never_listed_cannot_be_ended(world: World, issuer: Issuer) -> None:
    owner = world.owners[issuer.institution_id]
    named = identities.add_to_issuer(world.session, issuer.id, did_key().new, actor=owner, at=world.clock())
    new = NewProposal(str(named.id), "Gone.", {}, issuer_id=issuer.id)
    with pytest.raises(InvalidInput):
        two_people.propose(
            world.session,
            ProposalKind.KEY_ENDED,
            new,
            actor=world.people["verifier-1"],
            at=world.clock(),
        )


def test_a_withdrawal_says_who_keeps_what_learners_need(world: World, issuer: Issuer) -> None:
    owner = world.owners[issuer.institution_id]
    case = world.walk.accuse(issuer.id, owner, Outcome.WITHDRAW, Reason.SERIOUS_BREACH)
    chair = world.people["chair"]
    put = lambda ending: decisions.put_motion(  # noqa: E731
        world.session,
        case.id,
        decisions.NewMotion(Outcome.WITHDRAW, ending=ending),
        actor=chair,
        at=world.clock(),
    )
    with pytest.raises(InvalidInput) as error:
        put(None)
    assert set(problems(error)) == {"ending.records_kept_by", "ending.status_service_kept_by"}
    with pytest.raises(InvalidInput) as error:
        put({**KEPT, "teach_out_until": "2020-01-01"})
    assert set(problems(error)) == {"ending.teach_out_until"}
    assert put({**KEPT, "teach_out_until": "2126-01-01"}).terms["ending"]["records_kept_by"]


def test_a_void_names_the_remedy_and_covers_nothing_from_the_first_day(world: World, issuer: Issuer) -> None:
    owner, first = world.owners[issuer.institution_id], issuer.events[0].effective_from
    detours.relinquished(world.walk, issuer.id, owner)
    assert standing(world, issuer) is Status.RELINQUISHED
    world.walk.stop(issuer.id, owner, Outcome.VOID, Reason.FALSE_EVIDENCE)
    assert status_at(status_events(issuer), first) is Status.VOID
    assert issuer.events[-1].terms == ending_for(Outcome.VOID)
    assert issuer.events[-1].effect is Effect.NEVER_COVERED


def test_what_was_given_up_in_the_time_for_appeal_is_not_withdrawn_as_well(
    world: World, issuer: Issuer
) -> None:
    owner = world.owners[issuer.institution_id]
    case = world.walk.accuse(issuer.id, owner, Outcome.WITHDRAW, Reason.SERIOUS_BREACH)
    world.walk.release(world.walk.decide(case))
    detours.relinquished(world.walk, issuer.id, owner)
    number = len(issuer.events)
    finality.waive_appeal(world.session, case.id, version=case.version, actor=owner, at=world.clock())
    assert (case.state, len(issuer.events)) == (State.CLOSED, number)
    assert standing(world, issuer) is Status.RELINQUISHED
