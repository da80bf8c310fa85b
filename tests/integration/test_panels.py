"""Panels: parts given together, seats filled, declarations before a visit."""

from registry.demo import detours_judgement
from registry.domain.roles import CaseRole, PanelSeat
from registry.domain.workflow import Action
from registry.models.application import Application
from registry.services import (
    cases,
    panels,
)
from registry.services.cases import NewPart

from support.panel_people import (
    SEATED,
    declare,
    fields,
    locked,
    reads,
)
from support.world import World


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
