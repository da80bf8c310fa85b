"""What the applicant says of its panel: within its days, with reasons, and each objection is answered."""

from datetime import timedelta

from registry.domain.roles import CaseRole, PanelSeat
from registry.domain.workflow import Action, State
from registry.errors import Conflict, NotAllowed, NotFound, TransitionRefused
from registry.models.account import Account
from registry.models.application import Application
from registry.services import (
    objections,
)

from support.panel_people import (
    SEATED,
    enlist,
    fields,
    owner,
    refusal,
)
from support.world import World


def test_the_applicant_sees_the_panel_only_while_it_is_proposed(world: World, proposed: Application) -> None:
    enlist(world, world.cast.reviewers[0], profile={"en": "Chairs panels.", "pl": "Przewodniczy."})
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


def _pass(world: World, application: Application) -> None:
    """Let the applicant's days to object pass."""
    world.clock.moment = objections.due(application) + timedelta(seconds=1)
