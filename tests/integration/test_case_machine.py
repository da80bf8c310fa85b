"""Random people take random steps in one case; whatever they do, the promises of the design hold.

The machine walks a case along with the right people, and between those steps lets anybody try anything, time pass, and ties
come up. After every step it asks: did anybody act twice, does a tie read the file, was the applicant heard before anything
worse than asked, does every change of standing rest on something, and is the standing what a replay of its events says?
"""

import uuid
from collections.abc import Callable
from datetime import datetime

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from registry.demo import detours_decision as deciding
from registry.demo import detours_judgement as judging
from registry.demo.walk import rating_for
from registry.domain.conflicts import Answer
from registry.domain.hearings import Intended, is_worse_than_asked, was_told
from registry.domain.policy import Outcome
from registry.domain.recognition import status_at, timeline
from registry.domain.roles import COMMITTEE, PANEL, CaseRole
from registry.domain.scope import parse_scope
from registry.domain.voting import Ballot
from registry.domain.workflow import Action, State
from registry.errors import RegistryError
from registry.models.decision import Decision, Motion, Release, Vote
from registry.models.issuer import Issuer
from registry.models.review import Assignment, Rating
from registry.models.two_people import ProposalAnswer
from registry.services import (
    access,
    applications,
    cases,
    decisions,
    declarations,
    finality,
    releases,
    reviews,
    supervision,
    ticking,
)
from registry.services.case_file import decision_of, policy_for
from registry.services.guards import seated
from registry.services.trust_lists import status_events

from support.world import World

OUTCOMES = (Outcome.RECOGNIZE, Outcome.RECOGNIZE_WITH_CONDITIONS, Outcome.REFUSE, Outcome.DEFER)
GAPS = ({}, {"S5": "partially_compliant"}, {"A1": "not_met"})


class CaseMachine(RuleBasedStateMachine):
    """One case of one world, inside a savepoint that is rolled back when the example ends."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.start = world.clock.moment
        self.savepoint = world.session.begin_nested()
        self.people = sorted(world.people)

    def teardown(self) -> None:
        self.savepoint.rollback()
        self.world.session.expire_all()
        self.world.clock.moment = self.start

    @initialize(gaps=st.sampled_from(GAPS))
    def hand_in(self, gaps: dict[str, str]) -> None:
        self.gaps, self.story = gaps, self.world.story()
        self.case = self.world.walk.apply(self.story)
        self.stood: list[tuple[int, datetime, object]] = []

    def attempt(self, act: Callable[[], object]) -> bool:
        """Try something; a refusal leaves everything as it was."""
        try:
            with self.world.session.begin_nested():
                act()
        except RegistryError:
            self.world.session.expire_all()
            return False
        return True

    @rule(outcome=st.sampled_from(OUTCOMES))
    def go_on(self, outcome: Outcome) -> None:
        """The right people take the next step."""
        self.attempt(lambda: NEXT[self.case.state](self, outcome))

    @rule(word=st.data(), action=st.sampled_from(Action))
    def meddle(self, word: st.DataObject, action: Action) -> None:
        """Anybody tries any step."""
        who = self.anybody(word)
        self.attempt(
            lambda: applications.act(
                self.world.session, self.case.id, action, note="So.", actor=who, at=self.world.clock()
            )
        )

    @rule(word=st.data(), outcome=st.sampled_from(OUTCOMES))
    def meddle_with_judgement(self, word: st.DataObject, outcome: Outcome) -> None:
        """Anybody tries to rate, to move, to vote, to decide and to sign."""
        world, who = self.world, self.anybody(word)
        s, case, at = world.session, self.case, world.clock
        policy = policy_for(case)
        rating = rating_for(policy, policy.criteria[0], None)
        motion = s.scalars(select(Motion).where(Motion.application_id == case.id)).first()
        decision = decision_of(s, case.id)
        tries: list[Callable[[], object]] = [
            lambda: reviews.rate_alone(s, case.id, rating, actor=who, at=at()),
            lambda: reviews.agree(s, case.id, rating, actor=who, at=at()),
            lambda: decisions.put_motion(s, case.id, decisions.NewMotion(outcome, "So."), actor=who, at=at()),
            lambda: decisions.decide(s, case.id, version=case.version, actor=who, at=at()),
            lambda: cases.assign(s, case.id, who, CaseRole.COMMITTEE_MEMBER, actor=who, at=at()),
        ]
        if motion is not None:
            tries.append(lambda: decisions.cast_vote(s, motion.id, Ballot.AGAINST, actor=who, at=at()))
        if decision is not None:
            tries.append(lambda: releases.propose(s, decision.id, actor=who, at=at()))
            tries.append(lambda: releases.release(s, decision.id, actor=who, at=at()))
        for one in tries:
            self.attempt(one)

    @rule(word=st.data())
    def a_tie_comes_up(self, word: st.DataObject) -> None:
        """Somebody with a part declares a tie that excludes."""
        parts = [a for a in self.case.assignments if a.ended_at is None]
        if not parts or self.case.state in {State.DRAFT, State.CLOSED}:
            return
        part = word.draw(st.sampled_from(parts))
        rules = declarations.rules_for(self.case, part.role)
        answers = {one.id: Answer(one.effect == "exclude", "A tie.") for one in rules}
        self.attempt(
            lambda: declarations.declare(
                self.world.session, self.case.id, answers, actor=part.account_id, at=self.world.clock()
            )
        )

    @rule(days=st.sampled_from([1, 9, 40, 90]))
    def time_passes(self, days: int) -> None:
        """Days pass, and the clock acts."""
        self.world.clock.skip(days=days)
        ticking.tick(self.world.session, self.world.clock())
        self.world.session.expire_all()

    def anybody(self, word: st.DataObject) -> uuid.UUID:
        known = {**self.world.people, "applicant": self.story.applicant}
        return known[word.draw(st.sampled_from(sorted(known)))]

    @invariant()
    def nobody_acts_in_two_parts(self) -> None:
        s, case = self.world.session, getattr(self, "case", None)
        if case is None:
            return
        parts: dict[uuid.UUID, CaseRole] = {}
        for part in s.scalars(select(Assignment).where(Assignment.application_id == case.id)):
            assert part.account_id not in parts
            parts[part.account_id] = part.role
        authors = set(s.scalars(select(Rating.author).where(Rating.application_id == case.id)))
        voters = set(s.scalars(select(Vote.account_id).join(Motion).where(Motion.application_id == case.id)))
        assert all(parts.get(who) in PANEL for who in authors)
        assert all(parts.get(who) in COMMITTEE | {CaseRole.APPEALS_MEMBER} for who in voters)
        signed = select(Release).join(Decision, Decision.id == Release.decision_id)
        for release in s.scalars(signed.where(Decision.application_id == case.id)):
            signers = {release.first_by, release.second_by}
            assert len(signers) == 2
            assert not signers & (authors | voters | {self.story.applicant})

    @invariant()
    def no_tie_reads_the_file(self) -> None:
        if not hasattr(self, "case"):
            return
        s, at = self.world.session, self.world.clock.moment
        for word, who in self.world.people.items():
            if access.may_read_file(s, self.case, actor=who, at=at):
                part = access.part_of(s, who, self.case.id)
                assert part is not None or word == "auditor"
                if part is not None:
                    access.require_unlocked(s, who, self.case, at=at)

    @invariant()
    def nothing_worse_than_asked_is_decided_unheard(self) -> None:
        if not hasattr(self, "case"):
            return
        s, asked, policy = self.world.session, parse_scope(self.case.scope), policy_for(self.case)
        told = [s.get(Motion, h.motion_id) for h in self.case.hearings if h.answered_at or h.due]
        for decision in s.scalars(select(Decision).where(Decision.application_id == self.case.id)):
            meant = _intended(decision.motion)
            if is_worse_than_asked(policy, meant, asked) and decision.motion.put_by != self.appealer():
                assert any(m is not None and was_told(_intended(m), meant) for m in told)

    def appealer(self) -> uuid.UUID | None:
        panel = [a for a in self.case.assignments if a.role is CaseRole.APPEALS_MEMBER]
        return panel[0].account_id if panel else None

    @invariant()
    def every_change_of_standing_rests_on_something_and_replays(self) -> None:
        if getattr(self, "case", None) is None or self.case.issuer_id is None:
            return
        s = self.world.session
        issuer = s.get_one(Issuer, self.case.issuer_id)
        s.refresh(issuer, ["events"])
        for event in issuer.events:
            if event.decision_id is not None:
                assert s.get(Release, event.decision_id) is not None
            else:
                answer = s.get(ProposalAnswer, event.proposal_id)
                assert answer is not None
                assert answer.accepted
        events = status_events(issuer)
        for number, at, status in self.stood:
            assert status_at(events, at, known=number) == status
        if events:
            now = self.world.clock.moment
            last = events[-1].number
            held = [i.status for i in timeline(events) if i.holds_at(now)]
            assert status_at(events, now) == (held[0] if held else status_at(events, now))
            self.stood.append((last, now, status_at(events, now, known=last)))


def _intended(motion: Motion) -> Intended:
    return Intended(Outcome(motion.outcome), parse_scope(motion.terms["scope"]))


Step = Callable[[CaseMachine, Outcome], object]


def _rate(machine: CaseMachine, _outcome: Outcome) -> None:
    walk, case = machine.world.walk, machine.case
    judging.rate(walk, case, machine.gaps)
    reviews.file_draft_report(
        walk.session, case.id, "Seen.", version=case.version, actor=walk.cast.reviewers[0], at=walk.clock()
    )


def _finish(machine: CaseMachine, _outcome: Outcome) -> None:
    walk, case = machine.world.walk, machine.case
    chair = walk.cast.reviewers[0]
    machine.attempt(
        lambda: reviews.file_report(
            walk.session, case.id, "Seen.", version=case.version, actor=chair, at=walk.clock()
        )
    )
    if not seated(case, *COMMITTEE):
        walk.seat_committee(case)
    deciding.redeclared(walk, case)
    walk.act(case, Action.REFER_TO_COMMITTEE, walk.cast.case_officer)
    deciding.redeclared(walk, case)


def _consider(machine: CaseMachine, outcome: Outcome) -> None:
    walk, case = machine.world.walk, machine.case
    motion = decisions.current_motion(walk.session, case) or walk.vote(case, outcome)
    chair = walk.cast.committee[0]
    if decisions.unheard(case, motion):
        decisions.give_notice(
            walk.session, case.id, "Told.", version=case.version, actor=chair, at=walk.clock()
        )
    else:
        decisions.decide(walk.session, case.id, version=case.version, actor=chair, at=walk.clock())


def _hear(machine: CaseMachine, _outcome: Outcome) -> None:
    walk, case = machine.world.walk, machine.case
    machine.attempt(
        lambda: supervision.answer_hearing(
            walk.session, case.id, "No.", actor=machine.story.applicant, at=walk.clock()
        )
    )
    walk.act(case, Action.CLOSE_HEARING, walk.cast.case_officer)
    deciding.redeclared(walk, case)


def _end(machine: CaseMachine, outcome: Outcome) -> None:
    walk, case, who = machine.world.walk, machine.case, machine.story.applicant
    if outcome is Outcome.DEFER:
        walk.act(case, Action.RESUME_DEFERRED, walk.cast.case_officer)
    elif outcome is Outcome.REFUSE:
        deciding.appealed(walk, case, who)
    else:
        finality.waive_appeal(walk.session, case.id, version=case.version, actor=who, at=walk.clock())


def _release(machine: CaseMachine, _outcome: Outcome) -> None:
    decision = decision_of(machine.world.session, machine.case.id)
    assert decision is not None
    machine.world.walk.release(decision)


def _nothing(_machine: CaseMachine, _outcome: Outcome) -> None:
    """Nobody has the move, or only by meddling and time."""


def _act(action: Action, who: Callable[[CaseMachine], uuid.UUID]) -> Step:
    return lambda machine, _outcome: machine.world.walk.act(machine.case, action, who(machine))


def _propose(machine: CaseMachine, _outcome: Outcome) -> None:
    machine.world.walk.propose_panel(machine.case)


def _appoint(machine: CaseMachine, _outcome: Outcome) -> None:
    walk = machine.world.walk
    machine.attempt(lambda: walk.accept_panel(machine.case))
    walk.act(machine.case, Action.APPOINT_PANEL, walk.cast.case_officer)


NEXT: dict[State, Step] = {
    **dict.fromkeys(State, _nothing),
    State.DRAFT: lambda m, _o: m.world.walk.submit(m.case, m.story.applicant),
    State.SUBMITTED: lambda m, _o: m.world.walk.open(m.case),
    State.IDENTITY_CHECK: lambda m, _o: m.world.walk.confirm_identity(m.case),
    State.ELIGIBLE: _propose,
    State.PANEL_PROPOSED: _appoint,
    State.PANEL_APPOINTED: _act(Action.OPEN_REVIEW, lambda m: m.world.people["officer"]),
    State.REVIEW: _rate,
    State.DRAFT_REPORT: _act(Action.SEND_FOR_FACTUAL_CHECK, lambda m: m.world.people["reviewer-1"]),
    State.FACTUAL_CHECK: _act(Action.END_FACTUAL_CHECK, lambda m: m.story.applicant),
    State.FINAL_REPORT: _finish,
    State.FIRST_CONSIDERATION: _consider,
    State.SECOND_CONSIDERATION: _consider,
    State.REPRESENTATION: _hear,
    State.DECIDED: _release,
    State.APPEAL_WINDOW: _end,
    State.ON_HOLD: _act(Action.TAKE_UP, lambda m: m.world.people["officer"]),
}


def test_the_promises_hold_whatever_people_do(world: World) -> None:
    run_state_machine_as_test(
        lambda: CaseMachine(world),
        settings=settings(
            max_examples=6,
            stateful_step_count=45,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_machine_reaches_decisions(world: World) -> None:
    machine = CaseMachine(world)
    machine.gaps, machine.story, machine.stood = {}, world.story(), []
    machine.case = world.walk.apply(machine.story)
    for _ in range(20):
        machine.go_on(Outcome.RECOGNIZE)
    assert machine.case.state is State.CLOSED
    assert machine.case.issuer_id is not None
    machine.teardown()
