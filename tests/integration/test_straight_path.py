"""The straight path through the services: every guard says what is missing, and only whose turn it is may act."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from registry.demo.walk import rating_for
from registry.domain.conflicts import Answer
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason, Status, status_at
from registry.domain.roles import CaseRole, PanelSeat, Role
from registry.domain.scope import parse_scope
from registry.domain.voting import Ballot
from registry.domain.workflow import TRANSITIONS, Action, State, Transition
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound, RegistryError, TransitionRefused
from registry.models.account import RoleGrant
from registry.models.application import Application
from registry.models.base import new_id
from registry.models.decision import Decision, Release
from registry.models.issuer import Issuer
from registry.models.review import Assignment
from registry.services import (
    access,
    applications,
    case_file,
    cases,
    decisions,
    declarations,
    identities,
    interests,
    releases,
    reviews,
    supervision,
)
from registry.services.case_file import policy_for
from registry.services.trust_lists import status_events

from support.world import SCOPE, World


def refusal(world: World, act: Callable[[], object], kind: type[RegistryError]) -> str:
    """Return the sentence of a refusal; what was tried leaves nothing behind."""
    with pytest.raises(kind) as caught, world.session.begin_nested():
        act()
    return str(caught.value)


def act(world: World, application: Application, action: Action, who: str | uuid.UUID) -> Callable[[], object]:
    actor = world.people[who] if isinstance(who, str) else who
    return lambda: applications.act(world.session, application.id, action, actor=actor, at=world.clock())


def issuer_of(world: World, application: Application) -> Issuer:
    assert application.issuer_id is not None
    return world.session.get_one(Issuer, application.issuer_id)


def clean(application: Application, role: CaseRole) -> dict[str, Answer]:
    return {rule.id: Answer(yes=False) for rule in interests.rules_for(application, role)}


def conflicted(application: Application, role: CaseRole, effect: str = "exclude") -> dict[str, Answer]:
    """Answer yes to the first rule with this effect."""
    answers = clean(application, role)
    rule = next(r for r in interests.rules_for(application, role) if r.effect == effect)
    return answers | {rule.id: Answer(yes=True, text="I worked there.")}


def stations(world: World, application: Application) -> Iterator[State]:
    """Walk a draft to its release and stop in every state on the way; the guards of the next step hold there."""
    walk, cast, at = world.walk, world.cast, world.clock
    officer, intake = cast.case_officer, cast.intake_officer
    yield State.DRAFT
    walk.submit(application, world.owners[application.institution_id])
    yield State.SUBMITTED
    walk.act(application, Action.OPEN, intake)
    walk.declare(application, intake, CaseRole.INTAKE_OFFICER)
    walk.seat(application, officer, CaseRole.CASE_OFFICER, by=intake)
    for verifier in cast.verifiers:
        walk.seat(application, verifier, CaseRole.IDENTITY_VERIFIER, by=intake)
    yield State.COMPLETENESS_CHECK
    walk.act(application, Action.CONFIRM_COMPLETE, intake)
    walk.gather(application, cast.verifiers[0])
    for claim in application.identity_claims:
        for verifier in cast.verifiers:
            identities.confirm(world.session, claim.id, actor=verifier, at=at())
    walk.answer_eligibility(application)
    yield State.IDENTITY_CHECK
    walk.act(application, Action.CONFIRM_IDENTITY, cast.verifiers[0])
    for who, seat in zip(cast.reviewers, SEATS, strict=True):
        role = CaseRole.PANEL_CHAIR if seat is PanelSeat.CHAIR else CaseRole.PANEL_MEMBER
        walk.seat(application, who, role, by=officer, seat=seat)
    yield State.ELIGIBLE
    walk.act(application, Action.PROPOSE_PANEL, officer)
    walk.accept_panel(application)
    yield State.PANEL_PROPOSED
    walk.act(application, Action.APPOINT_PANEL, officer)
    yield State.PANEL_APPOINTED
    walk.act(application, Action.OPEN_REVIEW, officer)
    rate(world, application)
    yield State.REVIEW
    chair = cast.reviewers[0]
    reviews.file_draft_report(
        world.session, application.id, "Seen.", version=application.version, actor=chair, at=at()
    )
    yield State.DRAFT_REPORT
    walk.act(application, Action.SEND_FOR_FACTUAL_CHECK, chair)
    yield State.FACTUAL_CHECK
    walk.act(application, Action.END_FACTUAL_CHECK, application.created_by)
    reviews.file_report(
        world.session, application.id, "Seen.", version=application.version, actor=chair, at=at()
    )
    walk.seat_committee(application)
    yield State.FINAL_REPORT
    walk.act(application, Action.REFER_TO_COMMITTEE, officer)
    yield State.FIRST_CONSIDERATION
    decision = walk.decide(application)
    yield State.DECIDED
    walk.release(decision)
    yield State.APPEAL_WINDOW


SEATS = tuple(PanelSeat)


def rate(world: World, application: Application) -> None:
    """All members rate alone, and the chair writes down what they agree."""
    policy = policy_for(application)
    ratings = [rating_for(policy, criterion, None) for criterion in policy.criteria]
    for who in world.cast.reviewers:
        for rating in ratings:
            reviews.rate_alone(world.session, application.id, rating, actor=who, at=world.clock())
    for rating in ratings:
        reviews.agree(world.session, application.id, rating, actor=world.cast.reviewers[0], at=world.clock())


def before(world: World, state: State, **story: object) -> Application:
    """Return a case in a state, with all that its next step asks for."""

    def tell(world: World) -> uuid.UUID:
        application = world.walk.apply(world.story(**story))
        for reached in stations(world, application):
            if reached is state:
                return application.id
        raise AssertionError(state)

    return world.told_case(f"before {state} {sorted(story.items())}", tell)


PLAYERS = {
    CaseRole.INTAKE_OFFICER: ("intake",),
    CaseRole.CASE_OFFICER: ("officer",),
    CaseRole.IDENTITY_VERIFIER: ("verifier-1", "verifier-2"),
    CaseRole.PANEL_CHAIR: ("reviewer-1",),
    CaseRole.PANEL_MEMBER: ("reviewer-2",),
    CaseRole.PANEL_SECRETARY: (),
    Role.CLOCK: (),
    CaseRole.COMMITTEE_CHAIR: ("chair",),
    CaseRole.COMMITTEE_MEMBER: ("member-1",),
    Role.INTAKE_OFFICER: ("intake",),
    Role.REGISTRAR: ("registrar-1", "registrar-2"),
    Role.SIGNATORY: ("applicant",),
    Role.OWNER: ("applicant", "owner"),
}
"""Who in this world is what a row of the table asks for."""


def take(world: World, application: Application, transition: Transition, who: uuid.UUID) -> None:
    """Try a step through the service that takes it."""
    session, at = world.session, world.clock()
    if transition.action is Action.SUBMIT:
        applications.submit(session, application.id, version=application.version, actor=who, at=at)
    elif transition.action is Action.FILE_DRAFT_REPORT:
        reviews.file_draft_report(
            session, application.id, "Seen.", version=application.version, actor=who, at=at
        )
    elif transition.action is Action.FILE_REPORT:
        reviews.file_report(session, application.id, "Seen.", version=application.version, actor=who, at=at)
    elif transition.action is Action.DECIDE:
        decisions.decide(session, application.id, version=application.version, actor=who, at=at)
    elif transition.action is Action.RELEASE:
        decision = case_file.decision_of(session, application.id)
        assert decision is not None
        releases.release(session, decision.id, actor=who, at=at)
    else:
        applications.act(session, application.id, transition.action, actor=who, at=at)


def test_every_step_is_refused_to_everybody_but_those_whose_step_it_is(world: World) -> None:
    application = world.walk.apply(world.story())
    institution, outsiders = application.institution_id, world.institution()
    people = dict(world.people, applicant=world.owners[institution], stranger=world.owners[outsiders.id])
    for word, role in (
        ("owner", Role.OWNER),
        ("contributor", Role.CONTRIBUTOR),
        ("custodian", Role.KEY_CUSTODIAN),
    ):
        people[word] = world.person(word, role, institution=institution)
    people["other intake"] = world.person("other-intake", Role.CASE_OFFICER, body=world.body.id)
    tried = set()
    for state in stations(world, application):
        for transition in (t for t in TRANSITIONS if t.source is state):
            allowed = {word for role in transition.roles for word in PLAYERS[role]}
            for word in people.keys() - allowed:
                sentence = refusal(
                    world, lambda t=transition, w=people[word]: take(world, application, t, w), RegistryError
                )
                assert sentence
                assert application.state is state
                tried.add((state, transition.action, word))
    assert application.state is State.APPEAL_WINDOW
    assert len(tried) > 400


def test_a_step_out_of_order_is_refused_with_its_name(world: World) -> None:
    application = world.submitted()
    said = refusal(world, act(world, application, Action.CONFIRM_IDENTITY, "intake"), TransitionRefused)
    assert said == "cannot confirm identity an application that is submitted"


def test_a_case_goes_to_a_recognition_under_the_other_policy_too(world: World) -> None:
    application, _story = world.granted(scheme="european")
    assert application.state is State.APPEAL_WINDOW
    assert status_at(status_events(issuer_of(world, application)), world.clock()) is Status.ACTIVE
    assert [e.sequence for e in application.events] == list(range(1, len(application.events) + 1))
    assert [e.source for e in application.events][1:] == [e.target for e in application.events][:-1]


def test_an_incomplete_draft_is_not_submitted_and_says_what_is_missing(world: World) -> None:
    story = world.story()
    draft = applications.start(
        world.session, story.institution, story.scheme, actor=story.applicant, at=world.clock()
    )
    with pytest.raises(InvalidInput) as caught:
        applications.submit(
            world.session, draft.id, version=draft.version, actor=story.applicant, at=world.clock()
        )
    fields = set(caught.value.by_field())
    assert {"grants", "identities"} <= fields
    assert len([f for f in fields if f.startswith("evidence.")]) == len(
        [i for _c, i in policy_for(draft).evidence_items() if i.required and i.provided_by == "applicant"]
    )


def test_what_was_submitted_is_frozen_and_its_receipt_names_every_hash(world: World) -> None:
    story = world.story()
    draft = world.walk.apply(story)
    manifest = applications.submit(
        world.session, draft.id, version=draft.version, actor=story.applicant, at=world.clock()
    )
    assert {e["sha256"] for e in manifest.content["evidence"]} == {v.sha256 for v in draft.evidence}
    assert manifest.content["policy"]["sha256"] == draft.policy.sha256
    said = refusal(
        world,
        lambda: applications.set_scope(
            world.session, draft.id, SCOPE, actor=story.applicant, at=world.clock()
        ),
        TransitionRefused,
    )
    assert said == "this application has been submitted; what was handed in is frozen"


def test_a_stale_form_is_refused_with_what_changed(world: World) -> None:
    story = world.story()
    draft = world.walk.apply(story)
    read = draft.version
    world.walk.submit(draft, story.applicant)
    with pytest.raises(Conflict, match="its state is now: submitted"):
        applications.act(
            world.session,
            draft.id,
            Action.WITHDRAW_APPLICATION,
            version=read,
            actor=story.applicant,
            at=world.clock(),
        )


def test_a_withdrawn_draft_makes_room_and_nobody_else_ever_sees_it(world: World) -> None:
    story = world.story()
    draft = world.walk.apply(story)
    assert refusal(world, lambda: world.walk.apply(story), Conflict)
    act(world, draft, Action.WITHDRAW_APPLICATION, story.applicant)()
    assert world.walk.apply(story).state is State.DRAFT
    for word in ("intake", "officer", "registrar-1", "auditor"):
        assert not access.may_know(world.session, draft, world.people[word], world.clock())
    officer = world.people["officer"]
    assert not applications.cases_of_body(world.session, world.body.id, actor=officer, at=world.clock())


def test_bodies_see_nothing_of_each_others_cases(world: World) -> None:
    application = world.submitted()
    other = World(world.session, world.files, world.clock, slug="elsewhere").build()
    for word in other.people:
        if word != "operator":
            assert refusal(other, act(other, application, Action.OPEN, word), NotFound)


def test_guards_before_the_panel_say_what_is_missing(world: World) -> None:
    application = world.submitted()
    walk, cast = world.walk, world.cast
    walk.act(application, Action.OPEN, cast.intake_officer)
    assert "declare your interests first" in refusal(
        world, act(world, application, Action.CONFIRM_COMPLETE, "intake"), NotAllowed
    )
    walk.declare(application, cast.intake_officer, CaseRole.INTAKE_OFFICER)
    assert "assign a case officer first" in refusal(
        world, act(world, application, Action.CONFIRM_COMPLETE, "intake"), TransitionRefused
    )
    walk.seat(application, cast.case_officer, CaseRole.CASE_OFFICER, by=cast.intake_officer)
    for verifier in cast.verifiers:
        walk.seat(application, verifier, CaseRole.IDENTITY_VERIFIER, by=cast.intake_officer)
    walk.act(application, Action.CONFIRM_COMPLETE, cast.intake_officer)
    (claim,) = application.identity_claims
    identities.confirm(world.session, claim.id, actor=cast.verifiers[0], at=world.clock())
    assert "two verifiers must confirm each issuing identity; 1 still open" in refusal(
        world, act(world, application, Action.CONFIRM_IDENTITY, "verifier-1"), TransitionRefused
    )
    assert "a second verifier has to look too" in refusal(
        world,
        lambda: identities.confirm(world.session, claim.id, actor=cast.verifiers[0], at=world.clock()),
        NotAllowed,
    )
    identities.confirm(world.session, claim.id, actor=cast.verifiers[1], at=world.clock())
    with world.session.begin_nested() as tried:
        answers = conflicted(application, CaseRole.IDENTITY_VERIFIER)
        declarations.declare(
            world.session, application.id, answers, actor=cast.verifiers[1], at=world.clock()
        )
        assert "1 still open" in refusal(
            world, act(world, application, Action.CONFIRM_IDENTITY, "verifier-1"), TransitionRefused
        )
        tried.rollback()
    assert "answer the eligibility checks first" in refusal(
        world, act(world, application, Action.CONFIRM_IDENTITY, "verifier-1"), TransitionRefused
    )
    walk.answer_eligibility(application)
    walk.act(application, Action.CONFIRM_IDENTITY, cast.verifiers[0])
    said = refusal(world, act(world, application, Action.PROPOSE_PANEL, "officer"), TransitionRefused)
    assert "the panel needs exactly one chair; it has 0" in said
    assert "learner" in said


def test_a_panel_without_a_learner_or_with_a_conflict_is_not_appointed(world: World) -> None:
    application = before(world, State.PANEL_PROPOSED)
    session, officer, cast = world.session, world.people["officer"], world.cast
    learner = next(a for a in application.assignments if a.seat is PanelSeat.LEARNER)
    with session.begin_nested() as tried:
        cases.release_from_part(session, application.id, learner.account_id, actor=officer, at=world.clock())
        said = refusal(world, act(world, application, Action.APPOINT_PANEL, "officer"), TransitionRefused)
        assert "the panel has nobody for: learner" in said
        tried.rollback()
    session.expire_all()
    answers = conflicted(application, CaseRole.PANEL_MEMBER)
    declarations.declare(session, application.id, answers, actor=cast.reviewers[2], at=world.clock())
    said = refusal(world, act(world, application, Action.APPOINT_PANEL, "officer"), TransitionRefused)
    assert "1 on the panel have not declared, or declared a conflict" in said


@pytest.mark.parametrize("effect", ["exclude", "disclose"])
def test_a_declared_conflict_locks_the_file_for_good(world: World, effect: str) -> None:
    application = before(world, State.PANEL_PROPOSED)
    who, session = world.cast.reviewers[1], world.session
    assert access.may_read_file(session, application, actor=who, at=world.clock())
    try:
        answers = conflicted(application, CaseRole.PANEL_MEMBER, effect)
    except StopIteration:
        pytest.fail(f"no rule with effect {effect}")
    declarations.declare(session, application.id, answers, actor=who, at=world.clock())
    assert not access.may_read_file(session, application, actor=who, at=world.clock())
    assert "locks this file" in refusal(
        world, lambda: access.require_unlocked(session, who, application, at=world.clock()), NotAllowed
    )
    again = clean(application, CaseRole.PANEL_MEMBER)
    assert "you have declared a conflict" in refusal(
        world,
        lambda: declarations.declare(session, application.id, again, actor=who, at=world.clock()),
        Conflict,
    )


def test_nobody_reads_the_file_before_a_declaration(world: World) -> None:
    application = before(world, State.ELIGIBLE)
    late, officer = world.person("late", Role.REVIEWER, body=world.body.id), world.people["officer"]
    cases.assign(
        world.session,
        application.id,
        late,
        CaseRole.PANEL_SECRETARY,
        actor=officer,
        at=world.clock(),
    )
    assert not access.may_read_file(world.session, application, actor=late, at=world.clock())
    for word in ("chair", "registrar-1", "administrator"):
        assert not access.may_read_file(
            world.session, application, actor=world.people[word], at=world.clock()
        )
    assert access.may_read_file(world.session, application, actor=world.people["auditor"], at=world.clock())


def test_one_person_plays_one_part_in_the_service_and_in_the_database(world: World) -> None:
    application = before(world, State.ELIGIBLE)
    twice = world.people["verifier-1"]
    session = world.session
    session.add(
        RoleGrant(account_id=twice, role=Role.REVIEWER, body_id=world.body.id, granted_at=world.clock())
    )
    session.flush()
    said = refusal(
        world,
        lambda: cases.assign(
            session,
            application.id,
            twice,
            CaseRole.PANEL_MEMBER,
            seat=PanelSeat.SUBJECT,
            actor=world.people["officer"],
            at=world.clock(),
        ),
        Conflict,
    )
    assert said == "this person plays a part in this case already, and one person plays one part"
    row = {
        "id": new_id(),
        "application_id": application.id,
        "account_id": twice,
        "role": CaseRole.COMMITTEE_MEMBER,
        "assigned_by": twice,
        "assigned_at": world.clock(),
    }
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(Assignment), [row])


def test_nobody_of_the_applicant_plays_a_part_not_even_later(world: World) -> None:
    application = before(world, State.ELIGIBLE)
    session, body = world.session, world.body.id
    insider = world.person("insider", Role.REVIEWER, body=body)
    for who in (insider, world.cast.reviewers[1]):
        session.add(
            RoleGrant(
                account_id=who,
                role=Role.CONTRIBUTOR,
                institution_id=application.institution_id,
                granted_at=world.clock(),
            )
        )
    session.flush()
    said = refusal(
        world,
        lambda: cases.assign(
            session,
            application.id,
            insider,
            CaseRole.PANEL_MEMBER,
            seat=PanelSeat.SUBJECT,
            actor=world.people["officer"],
            at=world.clock(),
        ),
        NotAllowed,
    )
    assert said == "this person has acted for the applicant and plays no part in its case"
    assert "play no part" in refusal(
        world,
        lambda: access.require_unlocked(session, world.cast.reviewers[1], application, at=world.clock()),
        NotAllowed,
    )


def test_others_ratings_stay_hidden_and_nothing_is_agreed_until_all_have_rated(world: World) -> None:
    application = before(world, State.PANEL_APPOINTED)
    session, cast, policy = world.session, world.cast, policy_for(application)
    world.walk.act(application, Action.OPEN_REVIEW, cast.case_officer)
    ratings = [rating_for(policy, criterion, None) for criterion in policy.criteria]
    for who in cast.reviewers[:-1]:
        for rating in ratings:
            reviews.rate_alone(session, application.id, rating, actor=who, at=world.clock())
    chair = cast.reviewers[0]
    assert "hidden until every member has rated" in refusal(
        world, lambda: reviews.spread(session, application, actor=chair, at=world.clock()), NotAllowed
    )
    assert "not all have finished" in refusal(
        world,
        lambda: reviews.agree(session, application.id, ratings[0], actor=chair, at=world.clock()),
        TransitionRefused,
    )
    for rating in ratings:
        reviews.rate_alone(session, application.id, rating, actor=cast.reviewers[-1], at=world.clock())
    assert {
        len(row) for row in reviews.spread(session, application, actor=chair, at=world.clock()).values()
    } == {5}
    assert "every member has rated" in refusal(
        world,
        lambda: reviews.rate_alone(session, application.id, ratings[0], actor=chair, at=world.clock()),
        TransitionRefused,
    )
    assert f"has not agreed on {len(ratings)} of {len(ratings)} criteria" in refusal(
        world,
        lambda: reviews.file_draft_report(
            session, application.id, "Seen.", version=application.version, actor=chair, at=world.clock()
        ),
        TransitionRefused,
    )


def test_somebody_who_leaves_the_panel_is_replaced_and_nobody_is_put_off_it(world: World) -> None:
    application = before(world, State.REVIEW)
    session, officer, gone = world.session, world.people["officer"], world.cast.reviewers[1]
    end = lambda: cases.release_from_part(session, application.id, gone, actor=officer, at=world.clock())  # noqa: E731
    assert "rated or voted" in refusal(world, end, Conflict)
    spare = world.person("spare", Role.REVIEWER, body=world.body.id)
    seat = next(a.seat for a in application.assignments if a.account_id == gone)
    replace = lambda: cases.assign(  # noqa: E731
        session, application.id, spare, CaseRole.PANEL_MEMBER, seat=seat, actor=officer, at=world.clock()
    )
    assert "between eligibility and its proposal" in refusal(world, replace, TransitionRefused)
    answers = conflicted(application, CaseRole.PANEL_MEMBER)
    declarations.declare(session, application.id, answers, actor=gone, at=world.clock())
    end()
    chair = world.cast.reviewers[0]
    file = lambda: reviews.file_draft_report(  # noqa: E731
        session, application.id, "Seen.", version=application.version, actor=chair, at=world.clock()
    )
    assert "the panel" in refusal(world, file, TransitionRefused)
    replace()
    assert "not all have finished" in refusal(world, file, TransitionRefused)


def motion(world: World, application: Application, outcome: Outcome, **more: object) -> decisions.Motion:
    new = decisions.NewMotion(outcome, **more)  # type: ignore[arg-type]
    return decisions.put_motion(
        world.session, application.id, new, actor=world.people["chair"], at=world.clock()
    )


def test_a_committee_decides_with_quorum_majority_and_one_vote_each(world: World) -> None:
    application = before(world, State.FIRST_CONSIDERATION)
    session, members = world.session, world.cast.committee
    declare = lambda: decisions.decide(  # noqa: E731
        session, application.id, version=application.version, actor=members[0], at=world.clock()
    )
    vote = lambda who, ballot: decisions.cast_vote(  # noqa: E731
        session, put.id, ballot, actor=who, at=world.clock()
    )
    assert refusal(world, declare, TransitionRefused) == "put a motion first"
    assert "say why the committee differs" in str(
        refusal_errors(world, lambda: motion(world, application, Outcome.REFUSE))
    )
    for outcome in (Outcome.WITHDRAW, Outcome.SUSPEND, Outcome.VOID, Outcome.REDUCE_SCOPE):
        assert "not open in this procedure" in str(
            refusal_errors(world, lambda o=outcome: motion(world, application, o, reasons="So."))
        )
    assert "found no gap" in str(
        refusal_errors(
            world,
            lambda: motion(world, application, Outcome.RECOGNIZE_WITH_CONDITIONS, reasons="Careful."),
        )
    )
    wider = {"grants": [{**SCOPE["grants"][0], "fields": ["06", "07"]}]}
    for scope in (wider, {"grants": []}):
        assert "scope" in refusal_errors(
            world, lambda s=scope: motion(world, application, Outcome.RECOGNIZE, scope=s)
        )
    put = motion(world, application, Outcome.RECOGNIZE)
    vote(members[1], Ballot.FOR)
    assert refusal(world, lambda: vote(members[1], Ballot.AGAINST), Conflict) == (
        "you have voted on this motion already"
    )
    assert "no quorum: 1 of 5" in refusal(world, declare, TransitionRefused)
    assert "members have voted" in refusal(
        world, lambda: motion(world, application, Outcome.REFUSE, reasons="No."), Conflict
    )
    late = world.person("late", Role.COMMITTEE_MEMBER, body=world.body.id)
    assert "fixed once it has begun to vote" in refusal(
        world,
        lambda: cases.assign(
            session,
            application.id,
            late,
            CaseRole.COMMITTEE_MEMBER,
            actor=world.people["officer"],
            at=world.clock(),
        ),
        TransitionRefused,
    )
    assert "rated or voted" in refusal(
        world,
        lambda: cases.release_from_part(
            session, application.id, members[1], actor=world.people["officer"], at=world.clock()
        ),
        Conflict,
    )
    for who in members[2:]:
        vote(who, Ballot.AGAINST)
    assert "no majority: 1 for, 3 against" in refusal(world, declare, TransitionRefused)
    answers = conflicted(application, CaseRole.COMMITTEE_MEMBER)
    declarations.declare(session, application.id, answers, actor=members[2], at=world.clock())
    tally = decisions.tally_of(application, put)
    assert (tally.members, tally.in_favour, tally.against) == (4, 1, 2)


def refusal_errors(world: World, act: Callable[[], object]) -> dict[str, str]:
    """Return the refused fields with their messages."""
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        act()
    return dict(caught.value.by_field())


def test_a_release_takes_two_registrars_without_another_part(world: World) -> None:
    application = before(world, State.DECIDED)
    session, decision = world.session, case_file.decision_of(world.session, application.id)
    assert decision is not None
    first, second = world.cast.registrars
    sign = lambda who: releases.release(session, decision.id, actor=who, at=world.clock())  # noqa: E731
    propose = lambda who: releases.propose(session, decision.id, actor=who, at=world.clock())  # noqa: E731
    assert "first signature before the second" in refusal(world, lambda: sign(second), TransitionRefused)
    for word in ("chair", "officer", "verifier-1"):
        grant_registrar(world, world.people[word])
        said = refusal(world, lambda w=word: propose(world.people[w]), NotAllowed)
        assert said == "you play a part in this case already; its release is signed by other people"
    inside = world.owners[application.institution_id]
    grant_registrar(world, inside)
    assert "acted for the applicant" in refusal(world, lambda: propose(inside), NotAllowed)
    propose(first)
    assert "first signature is there already" in refusal(world, lambda: propose(second), Conflict)
    assert "another person than the first" in refusal(world, lambda: sign(first), NotAllowed)
    row = {"decision_id": decision.id, "first_by": first, "second_by": first, "at": world.clock()}
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(Release), [row])
    sign(second)
    assert "released already" in refusal(world, lambda: sign(second), Conflict)


def grant_registrar(world: World, who: uuid.UUID) -> None:
    world.session.add(
        RoleGrant(account_id=who, role=Role.REGISTRAR, body_id=world.body.id, granted_at=world.clock())
    )
    world.session.flush()


def test_a_body_grants_only_what_its_mandate_reaches(world: World) -> None:
    application = before(world, State.DECIDED)
    decision = case_file.decision_of(world.session, application.id)
    assert isinstance(decision, Decision)
    world.body.mandate_until = world.clock().date()
    world.session.flush()
    world.clock.skip(days=2)
    assert "mandate of the accreditation body has ended" in refusal(
        world, lambda: world.walk.release(decision), TransitionRefused
    )
    story = world.story()
    draft = applications.start(
        world.session, story.institution, story.scheme, actor=story.applicant, at=world.clock()
    )
    assert "mandate" in str(
        refusal_errors(
            world,
            lambda: applications.set_scope(
                world.session, draft.id, SCOPE, actor=story.applicant, at=world.clock()
            ),
        )
    )


def test_an_issuer_is_heard_before_its_recognition_stops(world: World) -> None:
    application, story = world.granted()
    issuer, session, officer = issuer_of(world, application), world.session, world.people["officer"]

    def open_hearing(proposed: Outcome, ground: Reason, notice: str = "Told.") -> Application:
        return supervision.open_hearing(
            session,
            issuer.id,
            proposed=proposed,
            ground=ground,
            notice=notice,
            actor=officer,
            at=world.clock(),
        )

    suspend = (Outcome.SUSPEND, Reason.CONDITION_MISSED)
    errors = refusal_errors(world, lambda: open_hearing(Outcome.REFUSE, Reason.MERGED, " "))
    assert set(errors) == {"proposed", "notice"}
    assert "ground" in refusal_errors(world, lambda: open_hearing(Outcome.SUSPEND, Reason.MERGED))
    case = open_hearing(*suspend)
    assert parse_scope(case.scope) == parse_scope(SCOPE)
    assert "under way already" in refusal(world, lambda: open_hearing(*suspend), Conflict)
    assert "cannot be withdrawn by the issuer" in refusal(
        world, act(world, case, Action.WITHDRAW_APPLICATION, story.applicant), TransitionRefused
    )
    world.walk.declare(case, officer, CaseRole.CASE_OFFICER)
    world.walk.seat_committee(case)
    close = act(world, case, Action.CLOSE_HEARING, "officer")
    assert "has not answered yet" in refusal(world, close, TransitionRefused)
    supervision.answer_hearing(session, case.id, "No.", actor=story.applicant, at=world.clock())
    assert "no hearing is open" in refusal(
        world,
        lambda: supervision.answer_hearing(session, case.id, "And.", actor=story.applicant, at=world.clock()),
        TransitionRefused,
    )
    close()
    for harsher in (Outcome.WITHDRAW, Outcome.RECOGNIZE_WITH_CONDITIONS, Outcome.VOID):
        assert "not open" in str(
            refusal_errors(world, lambda o=harsher: motion(world, case, o, reasons="More."))
        )
    world.walk.release(world.walk.decide(case))
    assert status_at(status_events(issuer), world.clock()) is Status.SUSPENDED
    assert "suspended already" in refusal(world, lambda: open_hearing(*suspend), Conflict)
    withdrawal = world.walk.stop(issuer.id, story.applicant, Outcome.WITHDRAW, Reason.SERIOUS_BREACH)
    assert withdrawal.state is State.CLOSED
    assert status_at(status_events(issuer), world.clock()) is Status.WITHDRAWN
    assert "has ended already" in refusal(world, lambda: open_hearing(*suspend), Conflict)
