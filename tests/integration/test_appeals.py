"""Appeals: within the time that a proven delivery starts, heard by other people, and followed by what they decide."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from registry.demo import detours_decision as detours
from registry.demo.detours_decision import AppealCast
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason, Status, status_at
from registry.domain.roles import CaseRole, Role
from registry.domain.two_people import ProposalKind
from registry.domain.voting import Ballot
from registry.domain.workflow import Action, State
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound, RegistryError, TransitionRefused
from registry.models.application import Application
from registry.models.decision import Decision
from registry.models.issuer import Issuer
from registry.models.letter import DeliveryKind
from registry.models.two_people import Proposal
from registry.services import (
    accounts,
    appeals,
    audit_trail,
    cases,
    decisions,
    deliveries,
    finality,
    letters,
    releases,
    supervision,
    two_people,
)
from registry.services.appeals import NewAppeal, NewAppealMotion
from registry.services.case_file import decision_of, policy_for
from registry.services.deadlines import appeal_until
from registry.services.trust_lists import status_events
from registry.services.two_people import NewProposal

from support.world import World

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def panel(world: World) -> AppealCast:
    people = tuple(world.person(f"appeals-{n}", Role.APPEALS_MEMBER, body=world.body.id) for n in range(1, 4))
    return AppealCast(world.people["administrator"], people)


def refused(world: World, scheme: str = "european") -> Application:
    def tell(world: World) -> uuid.UUID:
        application = world.in_review(scheme=scheme)
        world.walk.judge(application, {})
        detours.refused_after_hearing(world.walk, application)
        return application.id

    return world.told_case(f"refused {scheme}", tell)


def owner(world: World, application: Application) -> uuid.UUID:
    return world.owners[application.institution_id]


def appeal(world: World, application: Application) -> appeals.Appeal:
    return detours.appealed(world.walk, application, owner(world, application))


def refusal(world: World, act: Callable[[], object], kind: type[RegistryError]) -> str:
    with pytest.raises(kind) as caught, world.session.begin_nested():
        act()
    return str(caught.value)


def issuer_of(world: World, application: Application) -> Issuer:
    assert application.issuer_id is not None
    return world.session.get_one(Issuer, application.issuer_id)


def standing(world: World, issuer: Issuer) -> Status | None:
    return status_at(status_events(issuer), world.clock())


def test_the_time_to_appeal_runs_from_when_the_letter_was_opened(world: World) -> None:
    application = refused(world)
    told = application.due_at
    delivery = detours.delivered(world.walk, application, owner(world, application))
    assert told is not None
    assert application.due_at is not None
    assert delivery.kind is DeliveryKind.OPENED
    assert application.due_at == appeal_until(application, delivery.delivered_at) < told
    again = detours.delivered(world.walk, application, owner(world, application))
    assert again is delivery


def test_a_letter_nobody_opens_counts_as_delivered_after_fourteen_days(world: World) -> None:
    application = refused(world)
    release = next(e for e in application.events if e.action is Action.RELEASE)
    assert application.due_at == appeal_until(application, release.at + timedelta(days=14))


def test_a_proof_of_post_sets_the_day_but_never_takes_told_time_away(world: World) -> None:
    application = refused(world)
    officer, letter = world.people["officer"], letters.current_letter(world.session, application)
    assert letter is not None
    world.clock.skip(days=5)

    def file(days: int, kind: DeliveryKind = DeliveryKind.REGISTERED_POST) -> Callable[[], object]:
        when = letter.at + timedelta(days=days)
        return lambda: deliveries.file_proof(
            world.session,
            world.files,
            application.id,
            kind,
            when,
            name="proof.pdf",
            data=PDF,
            limit=2**20,
            actor=officer,
            at=world.clock(),
        )

    assert "only the institution itself" in _field(world, file(1, DeliveryKind.OPENED))
    assert "not written yet" in _field(world, file(-1))
    assert "in the future" in _field(world, file(30))
    file(3)()
    assert application.due_at == appeal_until(application, letter.at + timedelta(days=3))
    assert letter.delivery is not None
    assert letter.delivery.proof_sha256
    assert world.files.get(letter.delivery.proof_sha256) == PDF
    assert "counts as delivered already" in refusal(world, file(4), Conflict)


def _field(world: World, act: Callable[[], object]) -> str:
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        act()
    return caught.value.errors[0].message


def test_a_proof_from_so_long_ago_that_the_time_would_be_over_is_refused(world: World) -> None:
    application = refused(world)
    letter = letters.current_letter(world.session, application)
    assert letter is not None
    world.clock.skip(days=65)
    told = application.due_at
    message = _field(
        world,
        lambda: deliveries.file_proof(
            world.session,
            world.files,
            application.id,
            DeliveryKind.E_DELIVERY,
            letter.at,
            name="proof.pdf",
            data=PDF,
            limit=2**20,
            actor=world.people["officer"],
            at=world.clock(),
        ),
    )
    assert "the later end that was told holds" in message
    assert application.due_at == told


def test_the_letter_says_why_how_to_appeal_and_under_which_policy_and_is_frozen(world: World) -> None:
    application = refused(world)
    letter = letters.current_letter(world.session, application)
    decision = decision_of(world.session, application.id)
    assert letter is not None
    assert decision is not None
    content = letter.content
    assert content["outcome"]["label"]["pl"] == "Odmowa uznania"
    assert content["reasons"] == decision.motion.reasons != ""
    assert content["policy"]["sha256"] == application.policy.sha256
    assert content["appeal"]["days"] == policy_for(application).appeals.window_days
    assert content["language"] == "pl"
    assert content["votes"]["in_favour"] == decision.tally["in_favour"]
    people = {str(who) for who in world.people.values()}
    assert not people & set(str(content).split("'"))
    assert "Zenobia" not in str(content)


def test_the_bodys_own_signed_letter_is_filed_by_a_registrar_with_its_hash(world: World) -> None:
    application = refused(world)

    def file(who: str, name: str, data: bytes) -> Callable[[], object]:
        return lambda: letters.file_signed(
            world.session,
            world.files,
            application.id,
            name=name,
            data=data,
            limit=2**20,
            actor=world.people[who],
            at=world.clock(),
        )

    refusal(world, file("officer", "letter.pdf", PDF), NotAllowed)
    refusal(world, file("registrar-1", "letter.txt", b"words"), InvalidInput)
    file("registrar-1", "letter.pdf", PDF)()
    letter = letters.current_letter(world.session, application)
    assert letter is not None
    assert [world.files.get(one.sha256) for one in letter.files] == [PDF]


def test_an_appeal_names_a_ground_of_the_policy_and_comes_in_time(world: World) -> None:
    application = refused(world)
    who = owner(world, application)

    def file(new: NewAppeal) -> Callable[[], object]:
        return lambda: appeals.file(
            world.session, application.id, new, version=application.version, actor=who, at=world.clock()
        )

    refusal(world, file(NewAppeal((), "Wrong.")), InvalidInput)
    refusal(world, file(NewAppeal(("bad_mood",), "Wrong.")), InvalidInput)
    refusal(world, file(NewAppeal(("procedural_error",), " ")), InvalidInput)
    world.clock.skip(days=80)
    late = refusal(world, file(NewAppeal(("procedural_error",), "Wrong.")), TransitionRefused)
    assert late == "the time for appeal is over"


def test_only_the_institution_appeals(world: World) -> None:
    application = refused(world)
    new = NewAppeal(("procedural_error",), "Wrong.")
    for word in ("officer", "chair", "registrar-1"):
        refusal(
            world,
            lambda who=word: appeals.file(
                world.session,
                application.id,
                new,
                version=application.version,
                actor=world.people[who],
                at=world.clock(),
            ),
            NotAllowed,
        )


def test_an_appeal_is_to_be_decided_within_the_policys_days(world: World) -> None:
    application = refused(world)
    made = appeal(world, application)
    assert application.state is State.APPEAL
    assert application.due_at == made.due
    assert timedelta(days=89) < made.due - made.at < timedelta(days=92)


def test_nobody_with_a_part_chooses_the_panel_and_nobody_with_a_part_sits_on_it(world: World) -> None:
    application = refused(world)
    people = panel(world)

    def seat(by: uuid.UUID, who: uuid.UUID) -> Callable[[], object]:
        return lambda: appeals.seat(world.session, application.id, who, actor=by, at=world.clock())

    admin, first = people.chooser, people.panel[0]
    assert "no appeal runs" in refusal(world, seat(admin, first), TransitionRefused)
    appeal(world, application)
    for word in ("officer", "chair", "registrar-1", "intake"):
        refusal(world, seat(world.people[word], first), NotFound)
    for word in ("chair", "reviewer-1", "officer"):
        accounts.record_grant(
            world.session,
            world.people[word],
            Role.APPEALS_MEMBER,
            body_id=world.body.id,
            actor=None,
            at=world.clock(),
        )
        refusal(world, seat(admin, world.people[word]), Conflict)
    refusal(world, seat(admin, world.people["auditor"]), NotAllowed)
    seat(admin, first)()
    assert [a.account_id for a in application.assignments if a.role is CaseRole.APPEALS_MEMBER] == [first]
    assert [one.id for one in appeals.to_seat(world.session, actor=admin, at=world.clock())] == [
        application.id
    ]


def test_a_panel_of_two_decides_nothing(world: World) -> None:
    application = refused(world)
    people = panel(world)
    appeal(world, application)
    small = AppealCast(people.chooser, people.panel[:2])
    detours.appeal_seated(world.walk, application, small)
    new = NewAppealMotion(Action.UPHOLD, "Nothing was overlooked.")
    message = refusal(
        world, lambda: detours.appeal_decided(world.walk, application, small, new), TransitionRefused
    )
    assert "no quorum" in message or "needs 3 members" in message


def test_all_of_the_panel_vote_and_the_majority_decides(world: World) -> None:
    application = refused(world)
    people, walk = panel(world), world.walk
    appeal(world, application)
    detours.appeal_seated(walk, application, people)
    first, second, third = people.panel
    put = appeals.put_motion(
        world.session,
        application.id,
        NewAppealMotion(Action.UPHOLD, "Nothing was overlooked."),
        actor=first,
        at=world.clock(),
    )

    def conclude() -> object:
        return appeals.conclude(
            world.session, application.id, version=application.version, actor=first, at=world.clock()
        )

    def vote(who: uuid.UUID, ballot: Ballot) -> object:
        return appeals.cast_vote(world.session, put.motion_id, ballot, actor=who, at=world.clock())

    vote(first, Ballot.FOR)
    vote(second, Ballot.FOR)
    assert "no quorum" in refusal(world, conclude, TransitionRefused)
    refusal(world, lambda: vote(second, Ballot.AGAINST), Conflict)
    vote(third, Ballot.AGAINST)
    conclude()
    assert application.state.value == State.CLOSED.value


def test_an_appeal_that_is_upheld_ends_the_case(world: World) -> None:
    application = refused(world)
    people = panel(world)
    appeal(world, application)
    detours.appeal_seated(world.walk, application, people)
    result = detours.appeal_decided(
        world.walk, application, people, NewAppealMotion(Action.UPHOLD, "Nothing was overlooked.")
    )
    assert (application.state, result.verdict) == (State.CLOSED, "upheld_decision")
    assert application.issuer_id is None


def test_a_case_sent_back_to_the_review_ends_in_a_new_decision_that_two_release(world: World) -> None:
    application = refused(world)
    walk, people = world.walk, panel(world)
    refused_decision = decision_of(world.session, application.id)
    detours.appealed_and_returned(walk, application, owner(world, application), people)
    assert application.state is State.REVIEW
    detours.reconsidered(walk, application, {})
    decision = walk.decide(application)
    assert decision is not refused_decision
    assert decision.outcome == Outcome.RECOGNIZE
    walk.release(decision)
    assert standing(world, issuer_of(world, application)) is Status.ACTIVE
    assert len(letters.letters_of(world.session, application.id)) == 2


def test_the_new_decision_after_an_appeal_can_be_appealed_again(world: World) -> None:
    application = refused(world)
    walk, people = world.walk, panel(world)
    who = owner(world, application)
    detours.appealed_and_returned(walk, application, who, people, Action.RETURN_TO_COMMITTEE)
    assert application.state is State.FIRST_CONSIDERATION
    detours.redeclared(walk, application)
    decision = walk.decide(application, Outcome.REFUSE)
    walk.release(decision)
    again = detours.appealed(walk, application, who, "procedural_error")
    assert again.decision is decision
    assert len(appeals.appeals_of(world.session, application.id)) == 2


def test_a_hearing_of_before_the_appeal_does_not_count_for_the_decision_after_it(world: World) -> None:
    application = refused(world)
    walk, people = world.walk, panel(world)
    detours.appealed_and_returned(
        walk, application, owner(world, application), people, Action.RETURN_TO_COMMITTEE
    )
    detours.redeclared(walk, application)
    motion = walk.vote(application, Outcome.REFUSE)
    assert decisions.unheard(application, motion)


def test_a_panel_sent_home_by_the_appeal_does_not_come_back(world: World) -> None:
    application = refused(world)
    people = panel(world)
    detours.appealed_and_returned(
        world.walk, application, owner(world, application), people, Action.RETURN_TO_PANEL
    )
    assert application.state is State.ELIGIBLE
    seated = {a.role for a in application.assignments if a.ended_at is None}
    assert CaseRole.PANEL_CHAIR not in seated


def test_the_panel_replaces_a_refusal_by_a_recognition_that_two_release_and_that_is_final(
    world: World,
) -> None:
    application = refused(world)
    walk, people = world.walk, panel(world)
    appeal(world, application)
    detours.appeal_seated(walk, application, people)
    new = NewAppealMotion(Action.REPLACE, "The evidence shows it.", Outcome.RECOGNIZE)
    result = detours.appeal_decided(walk, application, people, new)
    assert (application.state, result.verdict) == (State.DECIDED, "replaced")
    decision = world.session.get_one(Decision, result.replacement_id)
    walk.release(decision)
    assert application.state.value == State.CLOSED.value
    assert standing(world, issuer_of(world, application)) is Status.ACTIVE
    letter = letters.current_letter(world.session, application)
    assert letter is not None
    assert letter.content["appeal"] is None
    assert letter.content["decided_by"] == "appeals_panel"


def test_the_panel_replaces_nothing_by_something_worse(world: World) -> None:
    application, story = world.granted(ratings={})
    del story
    people = panel(world)
    made = appeal(world, application)
    detours.appeal_seated(world.walk, application, people)
    assert Outcome.REFUSE not in appeals.outcomes_open(application, made)
    refusal(
        world,
        lambda: detours.appeal_decided(
            world.walk, application, people, NewAppealMotion(Action.REPLACE, "Worse.", Outcome.REFUSE)
        ),
        InvalidInput,
    )


def suspended(world: World) -> tuple[Application, Issuer]:
    granted, _story = world.granted()
    issuer = issuer_of(world, granted)
    world.clock.skip(days=30)
    case = world.walk.stop(issuer.id, owner(world, granted), Outcome.SUSPEND, Reason.ANNUAL_REPORT_OVERDUE)
    return case, issuer


def test_an_annulled_suspension_leaves_the_standing_as_it_was_and_the_record_of_it(world: World) -> None:
    case, issuer = suspended(world)
    assert standing(world, issuer) is Status.SUSPENDED
    during, before_appeal = world.clock(), world.clock()
    people = panel(world)
    detours.appealed_and_returned(world.walk, case, owner(world, case), people, Action.RETURN_TO_COMMITTEE)
    assert standing(world, issuer) is Status.ACTIVE
    assert issuer.events[-1].reason is Reason.CORRECTION
    assert status_at(status_events(issuer), during) is Status.ACTIVE
    assert status_at(status_events(issuer), during, before_appeal) is Status.SUSPENDED


def test_a_suspension_stays_while_its_appeal_runs(world: World) -> None:
    case, issuer = suspended(world)
    appeal(world, case)
    assert standing(world, issuer) is Status.SUSPENDED


def test_a_withdrawal_under_appeal_changes_nothing_until_it_is_upheld(world: World) -> None:
    granted, _story = world.granted()
    issuer, walk = issuer_of(world, granted), world.walk
    case = _withdrawal(world, issuer, owner(world, granted))
    assert standing(world, issuer) is Status.ACTIVE
    people = panel(world)
    detours.appealed(walk, case, owner(world, granted))
    assert standing(world, issuer) is Status.ACTIVE
    detours.appeal_seated(walk, case, people)
    detours.appeal_decided(walk, case, people, NewAppealMotion(Action.UPHOLD, "It was serious."))
    assert standing(world, issuer) is Status.WITHDRAWN


def test_a_withdrawal_replaced_by_a_suspension_suspends(world: World) -> None:
    granted, _story = world.granted()
    issuer, walk = issuer_of(world, granted), world.walk
    case = _withdrawal(world, issuer, owner(world, granted))
    people = panel(world)
    detours.appealed(walk, case, owner(world, granted))
    detours.appeal_seated(walk, case, people)
    new = NewAppealMotion(Action.REPLACE, "Too much.", Outcome.NO_CHANGE)
    result = detours.appeal_decided(walk, case, people, new)
    walk.release(world.session.get_one(Decision, result.replacement_id))
    assert standing(world, issuer) is Status.ACTIVE
    assert case.state is State.CLOSED


def _withdrawal(world: World, issuer: Issuer, who: uuid.UUID) -> Application:
    """Withdraw without giving the appeal up."""
    walk, officer = world.walk, world.people["officer"]
    case = supervision.open_hearing(
        world.session,
        issuer.id,
        proposed=Outcome.WITHDRAW,
        ground=Reason.SERIOUS_BREACH,
        notice="What was reported is serious.",
        actor=officer,
        at=world.clock(),
    )
    walk.declare(case, officer, CaseRole.CASE_OFFICER)
    supervision.answer_hearing(world.session, case.id, "No.", actor=who, at=world.clock())
    walk.seat_committee(case)
    walk.act(case, Action.CLOSE_HEARING, officer)
    walk.release(walk.decide(case))
    return case


def test_one_who_signed_the_first_release_may_sign_the_second_and_still_two_are_needed(
    world: World,
) -> None:
    application = refused(world)
    walk, people = world.walk, panel(world)
    detours.appealed_and_returned(
        walk, application, owner(world, application), people, Action.RETURN_TO_COMMITTEE
    )
    detours.redeclared(walk, application)
    decision = walk.decide(application)
    first, _second = world.cast.registrars
    releases.propose(world.session, decision.id, actor=first, at=world.clock())
    refusal(
        world,
        lambda: releases.release(world.session, decision.id, actor=first, at=world.clock()),
        NotAllowed,
    )


def test_a_decision_on_appeal_cannot_be_waived_or_appealed(world: World) -> None:
    application = refused(world)
    walk, people = world.walk, panel(world)
    appeal(world, application)
    detours.appeal_seated(walk, application, people)
    new = NewAppealMotion(Action.REPLACE, "The evidence shows it.", Outcome.RECOGNIZE)
    walk.release(
        world.session.get_one(Decision, detours.appeal_decided(walk, application, people, new).replacement_id)
    )
    refusal(
        world,
        lambda: finality.waive_appeal(
            world.session,
            application.id,
            version=application.version,
            actor=owner(world, application),
            at=world.clock(),
        ),
        TransitionRefused,
    )


def test_two_who_appeal_at_once_one_is_told(world: World) -> None:
    application = refused(world)
    version = application.version
    appeal(world, application)
    new = NewAppeal(("procedural_error",), "Wrong.")
    refusal(
        world,
        lambda: appeals.file(
            world.session,
            application.id,
            new,
            version=version,
            actor=owner(world, application),
            at=world.clock(),
        ),
        TransitionRefused,
    )


def sent_back(world: World) -> Application:
    """A refusal that an appeal annulled and sent back to the committee."""
    application = refused(world, "quality")
    people = panel(world)
    detours.appealed_and_returned(
        world.walk, application, owner(world, application), people, Action.RETURN_TO_COMMITTEE
    )
    return application


def others(world: World, members: int) -> tuple[uuid.UUID, ...]:
    """Engage another chair and so many members."""
    roles = [Role.COMMITTEE_CHAIR, *[Role.COMMITTEE_MEMBER] * members]
    return tuple(world.person(f"other-{n}", role, body=world.body.id) for n, role in enumerate(roles))


def again(world: World, application: Application, people: Sequence[uuid.UUID]) -> Proposal:
    new = NewProposal(
        str(application.id), "Nobody else can.", {"people": [str(p) for p in people]}, application.id
    )
    return two_people.propose(
        world.session,
        ProposalKind.COMMITTEE_AGAIN,
        new,
        actor=world.people["officer"],
        at=world.clock(),
    )


def test_other_people_decide_what_an_appeal_annulled(world: World) -> None:
    application = sent_back(world)
    before, officer = world.cast.committee, world.people["officer"]
    assert not [a for a in application.assignments if a.account_id in before and a.ended_at is None]
    refusal(
        world,
        lambda: cases.assign(
            world.session,
            application.id,
            before[0],
            CaseRole.COMMITTEE_CHAIR,
            seat=None,
            actor=officer,
            at=world.clock(),
        ),
        Conflict,
    )
    walk = world.walk
    walk.cast = replace(walk.cast, committee=others(world, 4))
    for position, who in enumerate(walk.cast.committee[:-1]):
        role = CaseRole.COMMITTEE_MEMBER if position else CaseRole.COMMITTEE_CHAIR
        walk.seat(application, who, role, by=officer)
    said = refusal(world, lambda: walk.vote(application, Outcome.REFUSE), TransitionRefused)
    assert "5 members who have not decided this case before; there are 4" in said
    walk.seat(application, walk.cast.committee[-1], CaseRole.COMMITTEE_MEMBER, by=officer)
    decision = walk.decide(application)
    assert set(before).isdisjoint(vote.account_id for vote in decision.motion.votes)


def test_the_same_people_sit_again_only_where_the_body_has_too_few_and_two_stand_behind_it(
    world: World,
) -> None:
    application = sent_back(world)
    before = world.cast.committee
    new = others(world, 4)
    refusal(world, lambda: again(world, application, before[1:2]), InvalidInput)
    accounts.disable_account(world.session, new[-1], actor=None, at=world.clock())
    refusal(world, lambda: again(world, application, before[1:3]), InvalidInput)
    refusal(world, lambda: again(world, application, new[:1]), InvalidInput)
    asked = again(world, application, before[1:2])
    refusal(
        world,
        lambda: two_people.confirm(world.session, asked.id, actor=world.people["officer"], at=world.clock()),
        NotAllowed,
    )
    two_people.confirm(world.session, asked.id, actor=world.people["registrar-1"], at=world.clock())
    seated = {a.account_id for a in application.assignments if a.ended_at is None}
    assert seated & set(before) == {before[1]}
    acts = [event.act for event in audit_trail.case_events(world.session, application.id)]
    assert "committee.sits_again" in acts
