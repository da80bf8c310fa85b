"""People in a case: declarations that lock the file, waivers, objections, the expert pool, panels, separation of duties."""

import email
import email.policy
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from registry.demo import detours_judgement
from registry.domain.conflicts import Answer, DeclarationOutcome, Stage
from registry.domain.roles import CaseRole, PanelSeat, Role
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import Action, State
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound, RegistryError, TransitionRefused
from registry.mail import FileMailer
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.base import new_id
from registry.models.decision import Motion, Vote
from registry.models.institution import InstitutionIdentifier
from registry.models.people import ConflictWaiver, Expert
from registry.models.review import Assignment, Rating, RatingLayer
from registry.services import (
    access,
    accounts,
    cases,
    declarations,
    experts,
    identities,
    institutions,
    interests,
    invitations,
    objections,
    panels,
    public_decisions,
    two_people,
)
from registry.services.case_file import decision_of
from registry.services.cases import NewPart
from registry.services.experts import ExpertDetails, PoolFilter
from registry.services.two_people import NewProposal

from support.world import World

SEATED = (
    (CaseRole.PANEL_CHAIR, PanelSeat.CHAIR),
    (CaseRole.PANEL_MEMBER, PanelSeat.LEARNER),
    (CaseRole.PANEL_MEMBER, PanelSeat.SUBJECT),
    (CaseRole.PANEL_MEMBER, PanelSeat.CREDENTIAL_TECHNOLOGY),
)


def refusal(world: World, act: Callable[[], object], kind: type[RegistryError]) -> str:
    """Return the sentence of a refusal; what was tried leaves nothing behind."""
    with pytest.raises(kind) as caught, world.session.begin_nested():
        act()
    return str(caught.value)


def fields(world: World, act: Callable[[], object]) -> dict[str, str]:
    """Return what an `InvalidInput` names, by field."""
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        act()
    return {one.field: one.message for one in caught.value.errors}


@pytest.fixture
def eligible(world: World) -> Application:
    """A case whose panel can be composed."""
    application = world.submitted()
    walk, verifiers = world.walk, world.cast.verifiers
    walk.open(application)
    walk.answer_eligibility(application)
    walk.gather(application, verifiers[0])
    for claim in application.identity_claims:
        for verifier in verifiers:
            identities.confirm(world.session, claim.id, actor=verifier, at=world.clock())
    walk.act(application, Action.CONFIRM_IDENTITY, verifiers[1])
    return application


@pytest.fixture
def proposed(world: World, eligible: Application) -> Application:
    """A case whose panel waits for the applicant's word."""
    for who, (role, seat) in zip(world.cast.reviewers, SEATED, strict=False):
        world.walk.seat(eligible, who, role, by=world.cast.case_officer, seat=seat)
    world.walk.act(eligible, Action.PROPOSE_PANEL, world.cast.case_officer)
    return eligible


def owner(world: World, application: Application) -> uuid.UUID:
    return world.owners[application.institution_id]


def answers(application: Application, role: CaseRole, **texts: str) -> dict[str, Answer]:
    """Return no to every rule; `COI_5="why"` is a yes with that explanation, `COI_5="no: why"` a no with one."""
    found = {rule.id: Answer(False) for rule in interests.rules_for(application, role)}
    for name, text in texts.items():
        no = text.startswith("no: ")
        found[name.replace("_", "-")] = Answer(not no, text.removeprefix("no: "))
    return found


def declare(world: World, application: Application, who: uuid.UUID, **texts: str) -> DeclarationOutcome:
    part = access.part_of(world.session, who, application.id)
    assert part is not None
    given = answers(application, part.role, **texts)
    return declarations.declare(world.session, application.id, given, actor=who, at=world.clock()).outcome


def reads(world: World, application: Application, who: uuid.UUID) -> bool:
    return access.may_read_file(world.session, application, actor=who, at=world.clock())


def locked(world: World, application: Application, who: uuid.UUID) -> str:
    return refusal(
        world,
        lambda: access.require_unlocked(world.session, who, application, at=world.clock()),
        NotAllowed,
    )


# declarations


def test_a_declaration_runs_out_and_the_file_locks_until_it_is_renewed(
    world: World, proposed: Application
) -> None:
    who = world.cast.reviewers[1]
    assert reads(world, proposed, who)
    world.clock.skip(days=366)
    assert not reads(world, proposed, who)
    assert locked(world, proposed, who).startswith("your declaration of interests has run out")
    said = refusal(
        world,
        lambda: world.walk.act(proposed, Action.APPOINT_PANEL, world.cast.case_officer),
        NotAllowed,
    )
    assert "run out" in said
    assert declare(world, proposed, who) is DeclarationOutcome.CLEAN
    assert reads(world, proposed, who)


def test_the_committee_declares_for_the_decision(world: World, proposed: Application) -> None:
    walk, cast = world.walk, world.cast
    walk.accept_panel(proposed)
    for action in (Action.APPOINT_PANEL, Action.OPEN_REVIEW):
        walk.act(proposed, action, cast.case_officer)
    early = cast.committee[1]
    walk.seat(proposed, early, CaseRole.COMMITTEE_MEMBER, by=cast.case_officer)
    assert reads(world, proposed, early)
    walk.review(proposed, {})
    assert proposed.state is State.FINAL_REPORT
    assert locked(world, proposed, early).startswith("declare your interests again before the decision")
    declare(world, proposed, early)
    assert reads(world, proposed, early)
    made = interests.latest_declaration(world.session, early, proposed.id)
    assert made is not None
    assert interests.stage_of(proposed, CaseRole.COMMITTEE_MEMBER, made) is Stage.BEFORE_DECISION
    walk.seat(proposed, cast.committee[0], CaseRole.COMMITTEE_CHAIR, by=cast.case_officer)
    assert reads(world, proposed, cast.committee[0])


def test_an_excluding_tie_that_was_found_and_denied_opens_nothing_until_two_have_cleared_it(
    world: World, eligible: Application
) -> None:
    session, officer = world.session, world.cast.case_officer
    who = world.cast.reviewers[0]
    _site(world, eligible, "https://agency-people.example")
    _seat_first(world, eligible, who)
    asked = declarations.asked(session, eligible, who)
    assert [(one.rule, one.hint) for one in asked[2]] == [("COI-1", "email_domain_match")]
    without = fields(world, lambda: declare(world, eligible, who))
    assert without == {"COI-1": "say why what was found is no tie"}
    outcome = declare(world, eligible, who, COI_1="no: A mail provider that many use.")
    assert outcome is DeclarationOutcome.QUESTIONED
    assert "found a tie that you deny" in locked(world, eligible, who)
    _waive(world, eligible, who, first=officer, second=world.people["chair"])
    assert reads(world, eligible, who)
    assert declare(world, eligible, who, COI_1="no: As before.") is DeclarationOutcome.QUESTIONED
    assert reads(world, eligible, who)


def test_a_tie_that_was_found_and_admitted_excludes_for_good(world: World, eligible: Application) -> None:
    who = world.cast.reviewers[0]
    _site(world, eligible, "https://agency-people.example")
    _seat_first(world, eligible, who)
    assert declare(world, eligible, who, COI_1="I work there.") is DeclarationOutcome.EXCLUDED
    new = _waiver(eligible, who)
    said = fields(
        world,
        lambda: two_people.propose(
            world.session,
            ProposalKind.CONFLICT_WAIVER,
            new,
            actor=world.cast.case_officer,
            at=world.clock(),
        ),
    )
    assert said == {"object_id": "a conflict that excludes is never waived; somebody else takes over"}


def test_the_employer_is_looked_for_in_the_hierarchy_of_the_applicant(
    world: World, eligible: Application
) -> None:
    parent = world.institution("Invented Group")
    _identify_as(world, parent.id, "1111111111")
    who = world.cast.reviewers[0]
    _site(
        world,
        eligible,
        "https://school.example",
        relations=[{"kind": "parent", "target": {"scheme": "krs", "value": "1111111111"}, "label": "Group"}],
    )
    _enlist(world, who, employer_name="Invented Group", employer_id="krs:1111111111")
    _seat_first(world, eligible, who)
    hints = {(one.rule, one.hint) for one in declarations.asked(world.session, eligible, who)[2]}
    assert ("COI-1", "employer_identifier_in_hierarchy") in hints


def test_who_sat_on_both_previous_panels_needs_a_second_opinion(world: World, eligible: Application) -> None:
    who = world.cast.reviewers[0]
    for days in (900, 500):
        _earlier_cycle(world, eligible, who, days)
    _seat_first(world, eligible, who)
    outcome = declare(world, eligible, who, COI_9="no: I do not remember.")
    assert outcome is DeclarationOutcome.SECOND_OPINION
    assert "second opinion" in locked(world, eligible, who)


# waivers


def test_a_disclosed_tie_is_waived_by_two_others_and_published_without_names(
    world: World, eligible: Application
) -> None:
    who, officer = world.cast.reviewers[0], world.cast.case_officer
    _seat_first(world, eligible, who)
    assert declare(world, eligible, who, COI_6="We wrote a paper.") is DeclarationOutcome.DISCLOSED
    assert not reads(world, eligible, who)
    again = refusal(world, lambda: declare(world, eligible, who), Conflict)
    assert again.startswith("you have declared a conflict of interest")
    proposal = _propose(world, eligible, who, officer)
    own = refusal(
        world,
        lambda: two_people.confirm(world.session, proposal, actor=officer, at=world.clock()),
        NotAllowed,
    )
    assert own == "another person than the one who proposed it has to answer"
    two_people.confirm(world.session, proposal, actor=world.people["chair"], at=world.clock())
    assert reads(world, eligible, who)
    summary = declarations.public_summaries(world.session, [eligible.id])[eligible.id]
    assert summary == {"declared": 1, "waived": [{"rule": "COI-6", "role": "panel_chair"}]}
    assert (
        declare(world, eligible, who, COI_6="As before.", COI_5="And a rival.")
        is DeclarationOutcome.DISCLOSED
    )
    assert not reads(world, eligible, who), "a tie that nobody has waived yet"


def test_nobody_waives_their_own_conflict(world: World, eligible: Application) -> None:
    session, officer = world.session, world.cast.case_officer
    declare(world, eligible, officer)
    rules = {rule.id for rule in interests.rules_for(eligible, CaseRole.CASE_OFFICER)}
    assert "COI-5" not in rules
    who = world.cast.reviewers[0]
    _seat_first(world, eligible, who)
    declare(world, eligible, who, COI_6="We wrote a paper.")
    made = interests.latest_declaration(session, who, eligible.id)
    assert made is not None
    row = {
        "id": new_id(),
        "application_id": eligible.id,
        "account_id": who,
        "declaration_id": made.id,
        "rules": ["COI-6"],
        "reasons": "Because.",
        "first_by": officer,
        "second_by": who,
        "at": world.clock(),
    }
    for pair in ((officer, who), (who, officer), (officer, officer)):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(
                insert(ConflictWaiver), [row | {"id": new_id(), "first_by": pair[0], "second_by": pair[1]}]
            )


def test_a_released_decision_says_how_many_declared_a_tie(world: World) -> None:
    application, _story = world.granted()
    decision = decision_of(world.session, application.id)
    assert decision is not None
    public = public_decisions.public_decision(world.session, decision.id)
    assert public is not None
    assert public["conflicts"] == {"declared": 0, "waived": []}


# objections


def test_the_applicant_sees_the_panel_only_while_it_is_proposed(world: World, proposed: Application) -> None:
    _enlist(world, world.cast.reviewers[0], profile={"en": "Chairs panels.", "pl": "Przewodniczy."})
    panel = objections.proposed_panel(world.session, proposed)
    assert [one.role for one in panel] == [role for role, _seat in SEATED]
    assert panel[0].profile == {"en": "Chairs panels.", "pl": "Przewodniczy."}
    world.walk.accept_panel(proposed)
    world.walk.act(proposed, Action.APPOINT_PANEL, world.cast.case_officer)
    assert objections.proposed_panel(world.session, proposed) == ()


def test_the_panel_waits_for_the_applicants_word_or_the_end_of_its_days(
    world: World, proposed: Application
) -> None:
    officer = world.cast.case_officer
    appoint = lambda: world.walk.act(proposed, Action.APPOINT_PANEL, officer)  # noqa: E731
    assert "the applicant may still object" in refusal(world, appoint, TransitionRefused)
    _pass(world, proposed)
    appoint()
    assert proposed.state is State.PANEL_APPOINTED


def test_a_rejected_objection_lets_the_panel_be_appointed(world: World, proposed: Application) -> None:
    session, officer, who = world.session, world.cast.case_officer, owner(world, proposed)
    row = objections.object_to(
        session, proposed.id, world.cast.reviewers[1], "Biased.", actor=who, at=world.clock()
    )
    again = refusal(
        world,
        lambda: objections.object_to(
            session, proposed.id, world.cast.reviewers[1], "Biased.", actor=who, at=world.clock()
        ),
        Conflict,
    )
    assert again == "you have objected to this person already"
    world.walk.accept_panel(proposed)
    appoint = lambda: world.walk.act(proposed, Action.APPOINT_PANEL, officer)  # noqa: E731
    assert "1 objections to the panel wait" in refusal(world, appoint, TransitionRefused)
    by_applicant = refusal(
        world,
        lambda: objections.answer(
            session, row.id, upheld=True, reasons="Right.", actor=who, at=world.clock()
        ),
        NotAllowed,
    )
    assert "case officer" in by_applicant
    session.get_one(Account, officer).program = True
    by_program = refusal(
        world,
        lambda: objections.answer(
            session, row.id, upheld=True, reasons="Right.", actor=officer, at=world.clock()
        ),
        NotAllowed,
    )
    assert by_program == "only a person may do this, not a program"
    session.get_one(Account, officer).program = False
    objections.answer(session, row.id, upheld=False, reasons="No tie.", actor=officer, at=world.clock())
    appoint()
    assert proposed.state is State.PANEL_APPOINTED


def test_an_upheld_objection_has_the_panel_composed_anew(world: World, proposed: Application) -> None:
    session, officer, who = world.session, world.cast.case_officer, owner(world, proposed)
    learner = world.cast.reviewers[1]
    row = objections.object_to(session, proposed.id, learner, "A dispute.", actor=who, at=world.clock())
    objections.answer(session, row.id, upheld=True, reasons="So it is.", actor=officer, at=world.clock())
    world.walk.accept_panel(proposed)
    appoint = lambda: world.walk.act(proposed, Action.APPOINT_PANEL, officer)  # noqa: E731
    assert "an objection was upheld" in refusal(world, appoint, TransitionRefused)
    late = refusal(
        world,
        lambda: world.walk.seat(
            proposed, world.cast.reviewers[4], CaseRole.PANEL_MEMBER, by=officer, seat=PanelSeat.LEARNER
        ),
        TransitionRefused,
    )
    assert late == "the panel is composed between eligibility and its proposal"
    world.walk.act(proposed, Action.RECOMPOSE_PANEL, officer)
    world.walk.seat(
        proposed, world.cast.reviewers[4], CaseRole.PANEL_MEMBER, by=officer, seat=PanelSeat.LEARNER
    )
    world.walk.act(proposed, Action.PROPOSE_PANEL, officer)
    assert "may still object" in refusal(world, appoint, TransitionRefused), "a new panel, a new word"
    world.walk.accept_panel(proposed)
    appoint()


def test_a_late_or_empty_objection_is_refused(world: World, proposed: Application) -> None:
    session, who = world.session, owner(world, proposed)
    file = lambda text="Late.": objections.object_to(  # noqa: E731
        session, proposed.id, world.cast.reviewers[1], text, actor=who, at=world.clock()
    )
    assert fields(world, lambda: file(" ")) == {"reasons": "give your reasons, at most 4000 characters"}
    nobody = refusal(
        world,
        lambda: objections.object_to(
            session, proposed.id, world.people["registrar-1"], "Why?", actor=who, at=world.clock()
        ),
        NotFound,
    )
    assert nobody == "nobody like that is on the proposed panel"
    due = objections.due(proposed)
    _pass(world, proposed)
    assert refusal(world, file, TransitionRefused) == f"the days to object were over on {due:%Y-%m-%d}"


# the pool


def test_a_body_that_keeps_a_pool_seats_nobody_from_outside_it(world: World, eligible: Application) -> None:
    session, who = world.session, world.cast.reviewers
    assert len(cases.candidates(session, eligible, CaseRole.PANEL_MEMBER, world.clock())) == 5
    _enlist(world, who[0])
    found = cases.considered(session, eligible, CaseRole.PANEL_MEMBER, (), world.clock())
    assert [one.account.id for one in found if not one.against] == [who[0]]
    assert {reason for one in found for reason in one.against} == {
        "the person is not in the expert pool of the body"
    }
    said = refusal(world, lambda: _seat_first(world, eligible, who[1]), NotAllowed)
    assert said.endswith("the person is not in the expert pool of the body")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trained_on": None}, "the person has no training on record"),
        ({"trained_on": -37}, "the person's training ran out on"),
        ({"trained_on": 1}, "the person's training ran out on"),
        ({"periods": (-60, -30)}, "the person is not available on this day"),
        ({"seats": (PanelSeat.LEARNER,)}, "the person does not fill the seat: chair"),
    ],
)
def test_an_expert_is_trained_available_and_fit_for_the_seat(
    world: World, eligible: Application, changes: dict[str, Any], said: str
) -> None:
    today = world.clock().date()
    months = changes.get("trained_on")
    if isinstance(months, int):
        changes = changes | {"trained_on": today + timedelta(days=31 * months)}
    if "periods" in changes:
        first, last = changes["periods"]
        changes = changes | {"periods": ((today + timedelta(first), today + timedelta(last)),)}
    who = world.cast.reviewers[0]
    _enlist(world, who, **changes)
    assert said in refusal(world, lambda: _seat_first(world, eligible, who), NotAllowed)


def test_a_subject_expert_knows_a_field_that_is_asked_for(world: World, eligible: Application) -> None:
    who, officer = world.cast.reviewers[0], world.cast.case_officer
    row = _enlist(world, who, fields=("09",))
    seat = lambda: cases.assign(  # noqa: E731
        world.session,
        eligible.id,
        who,
        CaseRole.PANEL_MEMBER,
        seat=PanelSeat.SUBJECT,
        actor=officer,
        at=world.clock(),
    )
    assert "knows none of the fields" in refusal(world, seat, NotAllowed)
    row.fields = ["0613"]
    assert seat().seat is PanelSeat.SUBJECT


def test_a_known_conflict_keeps_an_expert_from_every_part_until_another_ends_it(
    world: World, eligible: Application
) -> None:
    session, admin, who = world.session, world.people["administrator"], world.cast.reviewers[0]
    row = _enlist(world, who)
    tie = experts.note_tie(
        session, row.id, eligible.institution_id, "A lawsuit.", actor=who, at=world.clock()
    )
    assert "known conflict" in refusal(world, lambda: _seat_first(world, eligible, who), NotAllowed)
    own = refusal(world, lambda: experts.end_tie(session, tie.id, actor=who, at=world.clock()), NotAllowed)
    assert "administrator" in own
    experts.end_tie(session, tie.id, actor=admin, at=world.clock())
    _seat_first(world, eligible, who)


def test_an_invited_expert_joins_by_the_link_in_the_mail(world: World, tmp_path: Path) -> None:
    session, admin = world.session, world.people["administrator"]
    invite = lambda: invitations.invite(  # noqa: E731
        session,
        world.body.id,
        "Nowa Osoba",
        "Nowa@Experts.example",
        "pl",
        ExpertDetails(seats=(PanelSeat.SUBJECT,)),
        actor=admin,
        at=world.clock(),
    )
    row = invite()
    assert refusal(world, invite, Conflict) == "this person is in the pool already"
    link = _mailed(world, tmp_path)
    joined = world.person("joined")
    assert invitations.accept(session, link, actor=joined, at=world.clock()).id == row.id
    assert access.holds(session, joined, Role.REVIEWER, at=world.clock(), body=world.body.id)
    assert refusal(world, lambda: invitations.accept(session, link, actor=joined, at=world.clock()), NotFound)
    assert "no longer holds" in refusal(
        world, lambda: invitations.accept(session, "guess", actor=joined, at=world.clock()), NotFound
    )


def test_an_invitation_runs_out_and_a_new_one_ends_the_old(world: World, tmp_path: Path) -> None:
    session, admin = world.session, world.people["administrator"]
    row = invitations.invite(
        session,
        world.body.id,
        "Nowa Osoba",
        "nowa@experts.example",
        "en",
        ExpertDetails(),
        actor=admin,
        at=world.clock(),
    )
    first = _mailed(world, tmp_path)
    invitations.invite_again(session, row.id, actor=admin, at=world.clock())
    second = _mailed(world, tmp_path)
    joined = world.person("joined")
    for late, secret in ((0, first), (31, second)):
        world.clock.skip(days=late)
        refusal(
            world, lambda s=secret: invitations.accept(session, s, actor=joined, at=world.clock()), NotFound
        )


def test_experts_change_their_own_words_and_nothing_that_makes_them_fit(world: World) -> None:
    session, who = world.session, world.cast.reviewers[0]
    row = _enlist(world, who)
    changed = ExpertDetails(
        profile={"en": "New."}, seats=tuple(PanelSeat), trained_on=world.clock().date(), fields=("01",)
    )
    before = (list(row.seats), row.trained_on, list(row.fields))
    experts.edit(session, row.id, changed, version=row.version, actor=who, at=world.clock())
    assert row.profile == {"en": "New."}
    assert (row.seats, row.trained_on, row.fields) == before
    stale = refusal(
        world,
        lambda: experts.edit(session, row.id, changed, version=1, actor=who, at=world.clock()),
        Conflict,
    )
    assert "somebody else changed this entry" in stale
    stranger = world.person("stranger")
    refusal(
        world,
        lambda: experts.edit(session, row.id, changed, version=row.version, actor=stranger, at=world.clock()),
        NotFound,
    )


def test_a_pool_is_looked_through_by_field_seat_and_day(world: World) -> None:
    session, body, today = world.session, world.body.id, world.clock().date()
    first, second = world.cast.reviewers[:2]
    _enlist(world, first, fields=("06",), seats=(PanelSeat.SUBJECT,))
    _enlist(
        world,
        second,
        fields=("09",),
        seats=(PanelSeat.LEARNER,),
        periods=((today + timedelta(30), today + timedelta(60)),),
    )
    look = lambda **wanted: [  # noqa: E731
        one.account_id for one in experts.pool(session, body, PoolFilter(**wanted))
    ]
    assert look(field="0613") == [first]
    assert look(seat=PanelSeat.LEARNER) == [second]
    assert look(on=today, trained_months=36) == [first]
    assert set(look(on=today + timedelta(40))) == {first, second}
    assert set(look()) == {first, second}


def test_wrong_details_of_an_expert_are_named(world: World) -> None:
    today = world.clock().date()
    wrong = ExpertDetails(
        fields=("zz",), languages=("polish",), employer_id="nip", periods=((today, today - timedelta(1)),)
    )
    assert set(fields(world, lambda: _enlist(world, world.cast.reviewers[0], details=wrong))) == {
        "fields",
        "languages",
        "employer_id",
        "periods",
    }


def test_only_the_keepers_of_a_pool_change_it(world: World) -> None:
    who = world.cast.reviewers[0]
    for word in ("registrar-1", "auditor", "chair"):
        refusal(
            world,
            lambda w=word: experts.enlist(
                world.session,
                world.body.id,
                who,
                ExpertDetails(),
                actor=world.people[w],
                at=world.clock(),
            ),
            NotAllowed,
        )
    experts.enlist(
        world.session,
        world.body.id,
        who,
        ExpertDetails(),
        actor=world.people["officer"],
        at=world.clock(),
    )


# panels


def test_parts_are_given_together_or_not_at_all(world: World, eligible: Application) -> None:
    session, officer, who = world.session, world.cast.case_officer, world.cast.reviewers
    good = [NewPart(one, role, seat) for one, (role, seat) in zip(who, SEATED, strict=False)]
    bad = [*good, NewPart(world.people["registrar-1"], CaseRole.PANEL_MEMBER, PanelSeat.EMPLOYER)]
    give = lambda parts: cases.assign_all(  # noqa: E731
        session, eligible.id, parts, actor=officer, at=world.clock()
    )
    assert fields(world, lambda: give(bad)) == {"parts.4": "this person is no reviewer of the body"}
    assert not [a for a in eligible.assignments if a.role is CaseRole.PANEL_MEMBER]
    twice = [*good, NewPart(who[0], CaseRole.PANEL_SECRETARY)]
    assert list(fields(world, lambda: give(twice))) == ["parts.4"]
    assert len(give(good)) == 4
    assert panels.problems_of(session, eligible) == []


def test_one_person_fills_two_seats_but_not_with_the_learners(world: World, eligible: Application) -> None:
    session, officer, who = world.session, world.cast.case_officer, world.cast.reviewers
    learner = NewPart(who[0], CaseRole.PANEL_MEMBER, PanelSeat.LEARNER, PanelSeat.SUBJECT)
    give = lambda *parts: cases.assign_all(  # noqa: E731
        session, eligible.id, parts, actor=officer, at=world.clock()
    )
    assert fields(world, lambda: give(learner)) == {
        "parts.0": "the learner's seat is never combined with another"
    }
    give(
        NewPart(who[0], CaseRole.PANEL_CHAIR, PanelSeat.CHAIR, PanelSeat.SUBJECT),
        NewPart(who[1], CaseRole.PANEL_MEMBER, PanelSeat.LEARNER),
        NewPart(who[2], CaseRole.PANEL_MEMBER, PanelSeat.CREDENTIAL_TECHNOLOGY),
    )
    assert panels.problems_of(session, eligible) == []


def test_an_employer_as_applicant_needs_an_employers_view(world: World) -> None:
    story = world.story(world.institution("Invented Works", kind="employer"))
    application = world.application(story)
    assert PanelSeat.EMPLOYER in panels.needed_for(world.session, application)
    other = world.submitted()
    assert PanelSeat.EMPLOYER not in panels.needed_for(world.session, other)


# separation of duties


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("editor", Role.POLICY_APPROVER),
        ("approver", Role.POLICY_EDITOR),
        ("administrator", Role.COMMITTEE_MEMBER),
        ("administrator", Role.REGISTRAR),
        ("reviewer-1", Role.ADMINISTRATOR),
    ],
)
def test_exclusive_roles_are_refused_by_the_service_and_by_the_database(
    world: World, held: str, asked: Role
) -> None:
    session, who = world.session, world.people[held]
    said = refusal(
        world,
        lambda: accounts.record_grant(
            session, who, asked, body_id=world.body.id, actor=None, at=world.clock()
        ),
        Conflict,
    )
    assert said.startswith("Whoever is ")
    row = {
        "id": new_id(),
        "account_id": who,
        "role": asked,
        "body_id": world.body.id,
        "granted_at": world.clock(),
    }
    with pytest.raises(IntegrityError, match="exclude each other"), session.begin_nested():
        session.execute(insert(RoleGrant), [row])
    elsewhere = World(session, world.files, world.clock, slug="elsewhere").build()
    session.execute(insert(RoleGrant), [row | {"body_id": elsewhere.body.id}])


def test_a_self_granted_role_waits_an_hour_or_for_a_second_administrator(world: World) -> None:
    session, body = world.session, world.body.id
    first = world.people["administrator"]
    second = world.person("second-admin", Role.ADMINISTRATOR, body=body)
    grant = accounts.grant_role(session, first, Role.AUDITOR, body_id=body, actor=first, at=world.clock())
    assert not access.holds(session, first, Role.AUDITOR, at=world.clock(), body=body)
    said = refusal(
        world,
        lambda: access.require(session, first, Role.AUDITOR, at=world.clock(), body=body),
        NotAllowed,
    )
    assert said.startswith("You gave this role to yourself: it can be used once another administrator")
    own = refusal(
        world, lambda: accounts.confirm_grant(session, grant.id, actor=first, at=world.clock()), NotAllowed
    )
    assert own == "Another person has to confirm this role."
    with pytest.raises(IntegrityError, match="another person confirms"), session.begin_nested():
        session.execute(update(RoleGrant).where(RoleGrant.id == grant.id).values(confirmed_by=first))
    accounts.confirm_grant(session, grant.id, actor=second, at=world.clock())
    assert access.holds(session, first, Role.AUDITOR, at=world.clock(), body=body)


@pytest.fixture
def stranger(world: World) -> uuid.UUID:
    """Somebody who holds every role that judges for the body, and plays no part in the case."""
    return world.person("stranger", Role.REVIEWER, Role.COMMITTEE_MEMBER, body=world.body.id)


def test_the_database_lets_nobody_rate_move_or_vote_without_a_part(
    world: World, proposed: Application, stranger: uuid.UUID
) -> None:
    session = world.session
    rating = {
        "id": new_id(),
        "application_id": proposed.id,
        "criterion": "A1",
        "layer": RatingLayer.ALONE,
        "sequence": 1,
        "value": "x",
        "reasons": "",
        "cited": [],
        "recommendation": "",
        "author": stranger,
        "at": world.clock(),
    }
    motion = {
        "id": new_id(),
        "application_id": proposed.id,
        "number": 1,
        "outcome": "recognize",
        "proposed_outcome": "recognize",
        "rule": "R1",
        "explanation": [],
        "reasons": "",
        "terms": {},
        "put_by": stranger,
        "at": world.clock(),
    }
    with pytest.raises(IntegrityError, match="only the panel"), session.begin_nested():
        session.execute(insert(Rating), [rating])
    with pytest.raises(IntegrityError, match="puts a motion"), session.begin_nested():
        session.execute(insert(Motion), [motion])
    secretary = world.cast.reviewers[4]
    for who, role in (
        (secretary, CaseRole.PANEL_SECRETARY),
        (world.people["chair"], CaseRole.COMMITTEE_CHAIR),
    ):
        session.execute(
            insert(Assignment),
            [
                {
                    "id": new_id(),
                    "application_id": proposed.id,
                    "account_id": who,
                    "role": role,
                    "assigned_by": world.cast.case_officer,
                    "assigned_at": world.clock(),
                }
            ],
        )
    with pytest.raises(IntegrityError, match="only the panel"), session.begin_nested():
        session.execute(insert(Rating), [rating | {"author": secretary}])
    session.execute(insert(Rating), [rating | {"author": world.cast.reviewers[0]}])
    session.execute(insert(Motion), [motion | {"put_by": world.people["chair"]}])
    vote = {"motion_id": motion["id"], "account_id": stranger, "ballot": "for", "at": world.clock()}
    for who in (stranger, world.cast.reviewers[0]):
        with pytest.raises(IntegrityError, match="votes in it"), session.begin_nested():
            session.execute(insert(Vote), [vote | {"account_id": who}])
    session.execute(insert(Vote), [vote | {"account_id": world.people["chair"]}])


def test_the_database_gives_the_applicants_people_no_part(world: World, eligible: Application) -> None:
    row = {
        "id": new_id(),
        "application_id": eligible.id,
        "account_id": owner(world, eligible),
        "role": CaseRole.COMMITTEE_MEMBER,
        "assigned_by": world.cast.case_officer,
        "assigned_at": world.clock(),
    }
    with pytest.raises(IntegrityError, match="nobody of the applicant"), world.session.begin_nested():
        world.session.execute(insert(Assignment), [row])


def _seat_first(world: World, application: Application, who: uuid.UUID) -> None:
    cases.assign(
        world.session,
        application.id,
        who,
        CaseRole.PANEL_CHAIR,
        seat=PanelSeat.CHAIR,
        actor=world.cast.case_officer,
        at=world.clock(),
    )


def _enlist(world: World, who: uuid.UUID, details: ExpertDetails | None = None, **changes: Any) -> Expert:
    plain: dict[str, Any] = {
        "fields": ("06",),
        "seats": tuple(PanelSeat),
        "trained_on": world.clock().date() - timedelta(days=30),
    }
    return experts.enlist(
        world.session,
        world.body.id,
        who,
        details or ExpertDetails(**(plain | changes)),
        actor=None,
        at=world.clock(),
    )


def _site(world: World, application: Application, website: str, **more: Any) -> None:
    facts = institutions.current_facts(world.session, application.institution_id)
    institutions.record(
        world.session,
        application.institution,
        {**facts, "website": website, **more},
        source="self",
        source_key=str(application.institution_id),
        actor="operator",
        at=world.clock(),
    )


def _identify_as(world: World, institution_id: uuid.UUID, krs: str) -> None:
    world.session.add(
        InstitutionIdentifier(scheme="krs", value=krs, institution_id=institution_id, source="self")
    )
    world.session.flush()


def _earlier_cycle(world: World, application: Application, who: uuid.UUID, days: int) -> None:
    at = world.clock() - timedelta(days=days)
    row = Application(
        reference=f"OLD-{days}",
        institution_id=application.institution_id,
        scheme_id=application.scheme_id,
        policy_row_id=application.policy_row_id,
        scope=application.scope,
        state=State.CLOSED,
        created_by=application.created_by,
        created_at=at,
        submitted_at=at,
        entered_at=at,
    )
    world.session.add(row)
    world.session.flush()
    world.session.add(
        Assignment(
            application_id=row.id,
            account_id=who,
            role=CaseRole.PANEL_MEMBER,
            assigned_by=world.cast.case_officer,
            assigned_at=at,
        )
    )
    world.session.flush()


def _waiver(application: Application, who: uuid.UUID) -> NewProposal:
    return NewProposal(
        object_id=declarations.waiver_object(application, who),
        reasons="The tie is old and weak.",
        application_id=application.id,
    )


def _propose(world: World, application: Application, who: uuid.UUID, actor: uuid.UUID) -> uuid.UUID:
    new = _waiver(application, who)
    kind = ProposalKind.CONFLICT_WAIVER
    return two_people.propose(world.session, kind, new, actor=actor, at=world.clock()).id


def _waive(
    world: World, application: Application, who: uuid.UUID, *, first: uuid.UUID, second: uuid.UUID
) -> None:
    proposal = _propose(world, application, who, first)
    two_people.confirm(world.session, proposal, actor=second, at=world.clock())


def _mailed(world: World, folder: Path) -> str:
    """Send the invitations that wait and return the secret of the newest link."""
    box = folder / str(new_id())
    sent = invitations.send_waiting(
        world.session, FileMailer(box), "https://registry.example", at=world.clock()
    )
    assert sent == 1
    letter = email.message_from_bytes(next(box.iterdir()).read_bytes(), policy=email.policy.default)
    return str(letter.get_content()).split("/invitations/")[1].split()[0]  # type: ignore[attr-defined]


def _pass(world: World, application: Application) -> None:
    """Let the applicant's days to object pass."""
    world.clock.moment = objections.due(application) + timedelta(seconds=1)


# visits


def test_the_panel_declares_for_a_visit_from_its_plan_on(world: World, proposed: Application) -> None:
    walk, cast = world.walk, world.cast
    walk.accept_panel(proposed)
    for action in (Action.APPOINT_PANEL, Action.OPEN_REVIEW):
        walk.act(proposed, action, cast.case_officer)
    detours_judgement.planned(walk, proposed)
    early, late = cast.reviewers[1], cast.reviewers[2]
    declare(world, proposed, early)
    walk.act(proposed, Action.BEGIN_VISIT, cast.reviewers[0])
    assert reads(world, proposed, early)
    assert locked(world, proposed, late).startswith("declare your interests again before the visit")
    declare(world, proposed, late)
    assert reads(world, proposed, late)
