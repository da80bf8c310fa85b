"""Declarations of interests: they lock the file, run out, and are waived by two others, never by oneself."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from registry.domain.conflicts import DeclarationOutcome, Stage
from registry.domain.roles import CaseRole
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import Action, State
from registry.errors import Conflict, NotAllowed
from registry.models.application import Application
from registry.models.base import new_id
from registry.models.institution import InstitutionIdentifier
from registry.models.people import ConflictWaiver
from registry.models.review import Assignment
from registry.services import (
    declarations,
    institutions,
    interests,
    public_decisions,
    two_people,
)
from registry.services.case_file import decision_of
from registry.services.two_people import NewProposal

from support.panel_people import (
    declare,
    enlist,
    fields,
    locked,
    reads,
    refusal,
    seat_first,
)
from support.world import World


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
    seat_first(world, eligible, who)
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
    seat_first(world, eligible, who)
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
    enlist(world, who, employer_name="Invented Group", employer_id="krs:1111111111")
    seat_first(world, eligible, who)
    hints = {(one.rule, one.hint) for one in declarations.asked(world.session, eligible, who)[2]}
    assert ("COI-1", "employer_identifier_in_hierarchy") in hints


def test_who_sat_on_both_previous_panels_needs_a_second_opinion(world: World, eligible: Application) -> None:
    who = world.cast.reviewers[0]
    for days in (900, 500):
        _earlier_cycle(world, eligible, who, days)
    seat_first(world, eligible, who)
    outcome = declare(world, eligible, who, COI_9="no: I do not remember.")
    assert outcome is DeclarationOutcome.SECOND_OPINION
    assert "second opinion" in locked(world, eligible, who)


def test_a_disclosed_tie_is_waived_by_two_others_and_published_without_names(
    world: World, eligible: Application
) -> None:
    who, officer = world.cast.reviewers[0], world.cast.case_officer
    seat_first(world, eligible, who)
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
    seat_first(world, eligible, who)
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
