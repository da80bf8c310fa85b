"""The judgement through the services: questions, visit, facts, and ratings that are taken over or given anew."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DatabaseError

from registry.demo import detours_judgement as detours
from registry.demo.walk import rating_for
from registry.domain.policy import Criterion, Policy, Standing
from registry.domain.roles import CaseRole
from registry.domain.visits import AgendaItem, VisitGroup, VisitMode
from registry.domain.workflow import Action, State
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound, RegistryError, TransitionRefused
from registry.models.application import Application, Procedure
from registry.models.base import new_id
from registry.models.judgement import FactualAnswer, Question, VisitNote
from registry.models.review import Rating, RatingLayer
from registry.services import (
    applications,
    case_file,
    clarifications,
    evidence,
    factual_checks,
    inheritance,
    rating_rounds,
    report_drafts,
    reviews,
    visits,
)
from registry.services.case_file import policy_for

from support.world import World


def refusal(world: World, act: Callable[[], object], kind: type[RegistryError]) -> str:
    """Return the sentence of a refusal; what was tried leaves nothing behind."""
    with pytest.raises(kind) as caught, world.session.begin_nested():
        act()
    return str(caught.value)


@pytest.fixture
def case(world: World) -> Application:
    """A case whose panel has just begun."""
    return world.in_review()


def criterion(application: Application, place: int = 0) -> Criterion:
    return policy_for(application).criteria[place]


def member(world: World, place: int = 1) -> uuid.UUID:
    return world.cast.reviewers[place]


def raters(application: Application) -> list[uuid.UUID]:
    return [m.account_id for m in rating_rounds.members(application)]


def give(world: World, application: Application, one: Criterion, who: uuid.UUID, value: str = "") -> Rating:
    new = rating_for(policy_for(application), one, value or None)
    return reviews.rate_alone(world.session, application.id, new, actor=who, at=world.clock())


def agree(world: World, application: Application, one: Criterion, value: str = "") -> Rating:
    new = rating_for(policy_for(application), one, value or None)
    return reviews.agree(world.session, application.id, new, actor=member(world, 0), at=world.clock())


def lesser(policy: Policy, one: Criterion) -> str:
    """Return the lowest rating of a criterion's scale."""
    values = [v for v in policy.scale_of(one).values if v.standing is not Standing.NOT_APPLICABLE]
    return min(values, key=lambda v: v.rank).id


# Questions to the applicant


def test_questions_go_out_together_and_the_applicants_days_begin(world: World, case: Application) -> None:
    def ask(text) -> Any:
        return clarifications.ask(
            world.session, case.id, criterion(case).id, text, actor=member(world), at=world.clock()
        )

    ask("How many learners?")
    ask("Who assesses them?")
    assert clarifications.sent_questions(world.session, case) == []
    sent = clarifications.send(
        world.session, case.id, version=case.version, actor=member(world, 0), at=world.clock()
    )
    assert (len(sent), case.state, case.clock_side) == (2, State.CLARIFICATION, "applicant")
    assert case.due_at is not None
    assert timedelta(days=20) < case.due_at - world.clock() < timedelta(days=25)
    assert [q.text for q in clarifications.sent_questions(world.session, case)] == [
        "How many learners?",
        "Who assesses them?",
    ]


def test_only_chair_or_secretary_send_questions_and_only_when_there_are_some(
    world: World, case: Application
) -> None:
    def send(who) -> Callable[[], object]:
        return lambda: clarifications.send(
            world.session, case.id, version=case.version, actor=who, at=world.clock()
        )

    assert "write a question first" in refusal(world, send(member(world, 0)), TransitionRefused)
    assert "only the panel chair" in refusal(world, send(member(world)), NotAllowed)

    def outsider() -> Any:
        return clarifications.ask(
            world.session,
            case.id,
            criterion(case).id,
            "Why?",
            actor=world.people["officer"],
            at=world.clock(),
        )

    assert "only the" in refusal(world, outsider, NotAllowed)


def test_the_review_waits_for_every_answer_or_for_the_end_of_the_days(
    world: World, case: Application
) -> None:
    question = detours.ask(world.walk, case)
    owner = case.created_by

    def resume() -> Any:
        return applications.act(
            world.session, case.id, Action.RESUME_REVIEW, actor=member(world, 0), at=world.clock()
        )

    assert "1 questions wait" in refusal(world, resume, TransitionRefused)

    def hand_over() -> Any:
        return clarifications.send_answers(
            world.session, case.id, version=case.version, actor=owner, at=world.clock()
        )

    assert "1 questions wait" in refusal(world, hand_over, TransitionRefused)

    def answer() -> Any:
        return clarifications.answer(world.session, question.id, "231 of 412.", actor=owner, at=world.clock())

    world.clock.skip(days=40)
    assert "the days to answer are over" in refusal(world, answer, TransitionRefused)
    resume()
    assert case.state is State.REVIEW


def test_an_answer_may_be_bettered_until_it_is_handed_over(world: World, case: Application) -> None:
    question, owner = detours.ask(world.walk, case), case.created_by
    for text in ("About 200.", "231 of 412."):
        clarifications.answer(world.session, question.id, text, actor=owner, at=world.clock())
    assert question.answer is not None
    assert (question.answer.number, question.answer.text) == (
        2,
        "231 of 412.",
    )
    clarifications.send_answers(world.session, case.id, version=case.version, actor=owner, at=world.clock())

    def late() -> Any:
        return clarifications.answer(world.session, question.id, "240.", actor=owner, at=world.clock())

    assert "no questions are open" in refusal(world, late, TransitionRefused)

    def empty() -> Any:
        return clarifications.answer(world.session, question.id, " ", actor=owner, at=world.clock())

    assert refusal(world, empty, TransitionRefused)


def test_the_applicant_hands_in_evidence_only_for_what_was_asked(world: World, case: Application) -> None:
    asked = next(c for c in policy_for(case).criteria if any(_is_theirs(e) for e in c.evidence))
    other = next(
        c for c in policy_for(case).criteria if c is not asked and any(_is_theirs(e) for e in c.evidence)
    )
    question = detours.ask(world.walk, case, asked.id)
    item, foreign = (next(e for e in c.evidence if _is_theirs(e)) for c in (asked, other))

    def hand_in(name) -> Any:
        return evidence.add_text(
            world.session,
            case.id,
            name,
            "https://example.org/survey",
            actor=case.created_by,
            at=world.clock(),
        )

    version = hand_in(item.id)
    assert version.number == 2
    assert "asked about other criteria" in refusal(world, lambda: hand_in(foreign.id), TransitionRefused)
    answered = clarifications.answer(
        world.session, question.id, "", cited=[item.id], actor=case.created_by, at=world.clock()
    )
    assert answered.cited == [{"id": item.id, "number": 2, "sha256": version.sha256}]

    def cite_other() -> Any:
        return clarifications.answer(
            world.session, question.id, "", cited=[foreign.id], actor=case.created_by, at=world.clock()
        )

    assert "not handed in" in refusal(world, cite_other, InvalidInput)


def _is_theirs(item: object) -> bool:
    return getattr(item, "provided_by", "") == "applicant" and getattr(item, "required", False)


def test_the_applicant_does_not_learn_of_questions_that_were_left_out(
    world: World, case: Application
) -> None:
    question = clarifications.ask(
        world.session, case.id, criterion(case).id, "Why?", actor=member(world), at=world.clock()
    )

    def peek() -> Any:
        return clarifications.answer(
            world.session, question.id, "Because.", actor=case.created_by, at=world.clock()
        )

    assert "no question" in refusal(world, peek, NotFound)

    def other() -> Any:
        return clarifications.leave_out(world.session, question.id, actor=member(world, 2), at=world.clock())

    assert "only who put a question" in refusal(world, other, NotAllowed)
    clarifications.leave_out(world.session, question.id, actor=member(world), at=world.clock())
    assert clarifications.sent_questions(world.session, case) == []

    def again() -> Any:
        return clarifications.leave_out(world.session, question.id, actor=member(world), at=world.clock())

    assert "already" in refusal(world, again, TransitionRefused)


def test_two_who_send_at_once_send_once(world: World, case: Application) -> None:
    clarifications.ask(
        world.session, case.id, criterion(case).id, "Why?", actor=member(world), at=world.clock()
    )
    read = case.version

    def send() -> Any:
        return clarifications.send(
            world.session, case.id, version=read, actor=member(world, 0), at=world.clock()
        )

    send()
    assert "clarification" in refusal(world, send, Conflict)


# Ratings given anew


def test_what_was_asked_about_is_rated_again_alone_and_nothing_else(world: World, case: Application) -> None:
    detours.rate(world.walk, case, {})
    asked, other = criterion(case, 0), criterion(case, 1)
    detours.clarified(world.walk, case, asked.id)
    assert rating_rounds.open_criteria(world.session, case) == [asked.id]
    assert asked.id not in reviews.agreed_ratings(world.session, case)
    assert other.id in reviews.agreed_ratings(world.session, case)
    assert "every member has rated" in refusal(
        world, lambda: give(world, case, other, member(world)), TransitionRefused
    )
    shown = reviews.spread(world.session, case, actor=member(world), at=world.clock())
    assert asked.id not in shown
    assert len(shown[other.id]) == len(raters(case))
    assert "rates alone first" in refusal(world, lambda: agree(world, case, asked), TransitionRefused)
    for who in raters(case):
        give(world, case, asked, who)
    assert asked.id in reviews.spread(world.session, case, actor=member(world), at=world.clock())
    agree(world, case, asked)
    assert rating_rounds.open_criteria(world.session, case) == []
    assert len(reviews.agreed_ratings(world.session, case)) == len(policy_for(case).criteria)


def test_a_report_waits_until_what_was_asked_about_is_agreed_again(world: World, case: Application) -> None:
    detours.rate(world.walk, case, {})
    detours.clarified(world.walk, case)

    def file() -> Any:
        return reviews.file_draft_report(
            world.session, case.id, "Seen.", version=case.version, actor=member(world, 0), at=world.clock()
        )

    assert "rates alone first" in refusal(world, file, TransitionRefused)
    for who in raters(case):
        give(world, case, criterion(case), who)
    assert "has not agreed on 1" in refusal(world, file, TransitionRefused)
    agree(world, case, criterion(case))
    assert file()


def test_a_rating_made_from_an_older_version_of_the_evidence_is_refused(
    world: World, case: Application
) -> None:
    one = next(c for c in policy_for(case).criteria if any(_is_theirs(e) for e in c.evidence))
    item = next(e.id for e in one.evidence if _is_theirs(e))
    question = detours.ask(world.walk, case, one.id)
    evidence.add_text(
        world.session, case.id, item, "https://example.org/new", actor=case.created_by, at=world.clock()
    )
    clarifications.answer(world.session, question.id, "See it.", actor=case.created_by, at=world.clock())
    clarifications.send_answers(
        world.session, case.id, version=case.version, actor=case.created_by, at=world.clock()
    )
    new = rating_for(policy_for(case), one, None)
    stale = replace(new, seen=((item, 1),))

    def rate(what) -> Callable[[], object]:
        return lambda: reviews.rate_alone(world.session, case.id, what, actor=member(world), at=world.clock())

    assert item in refusal(world, rate(stale), Conflict)
    assert rate(replace(new, seen=((item, 2),)))()


def test_a_rating_says_that_newer_evidence_came_in_after_it(world: World, case: Application) -> None:
    one = next(c for c in policy_for(case).criteria if any(_is_theirs(e) for e in c.evidence))
    item = next(e.id for e in one.evidence if _is_theirs(e))
    given = give(world, case, one, member(world))
    assert rating_rounds.newer_evidence(case, given) == []
    detours.ask(world.walk, case, one.id)
    evidence.add_text(
        world.session, case.id, item, "https://example.org/new", actor=case.created_by, at=world.clock()
    )
    assert rating_rounds.newer_evidence(case, given) == [item]


def test_a_secretary_rates_neither_through_the_service_nor_past_it(world: World, case: Application) -> None:
    secretary = next(a for a in case.assignments if a.role is CaseRole.PANEL_MEMBER)
    secretary.role = CaseRole.PANEL_SECRETARY
    world.session.flush()
    assert secretary.account_id not in raters(case)
    refused = refusal(world, lambda: give(world, case, criterion(case), secretary.account_id), NotAllowed)
    assert "only the" in refused
    row = {
        "id": new_id(),
        "application_id": case.id,
        "criterion": criterion(case).id,
        "layer": RatingLayer.ALONE,
        "sequence": 1,
        "value": "met",
        "reasons": "",
        "cited": [],
        "recommendation": "",
        "author": secretary.account_id,
        "at": world.clock(),
    }
    with pytest.raises(DatabaseError), world.session.begin_nested():
        world.session.execute(insert(Rating).values(**row))
    row |= {"author": member(world, 0)}
    world.session.execute(insert(Rating).values(**row))


# Inherited ratings


@pytest.fixture
def later(world: World, case: Application) -> Application:
    """A case in review that continues one whose ratings were agreed."""
    detours.rate(world.walk, case, {})
    owner = world.session.get_one(type(case.institution), case.institution_id)
    case.state = State.CLOSED
    world.session.flush()
    following = world.application(world.story(owner))
    following.procedure, following.prior_id = Procedure.TARGETED, case.id
    world.walk.open(following)
    world.walk.identify(following)
    return following


def test_a_targeted_review_takes_over_what_is_not_at_risk(world: World, later: Application) -> None:
    policy = policy_for(later)
    at_risk = next(c.id for c in policy.criteria if c.inheritable)
    taken = reviews.inherit(world.session, later, {at_risk}, world.people["officer"], world.clock())
    wanted = {c.id for c in policy.criteria if c.inheritable} - {at_risk}
    assert {r.criterion for r in taken} == wanted
    assert all(r.inherited_from is not None for r in taken)
    assert set(rating_rounds.to_rate(world.session, later)) == {c.id for c in policy.criteria} - wanted
    detours.rate(world.walk, later, {})
    world.walk.report(later)
    report = case_file.report_of(world.session, later.id)
    assert report is not None
    assert {one["criterion"] for one in report.content["ratings"] if one["inherited"]} == wanted


def test_an_inherited_rating_is_taken_back_with_reasons_and_then_rated_by_all(
    world: World, later: Application
) -> None:
    reviews.inherit(world.session, later, set(), world.people["officer"], world.clock())
    one = policy_for(later).criterion(next(iter(rating_rounds.inherited(world.session, later))))
    assert one is not None
    assert "taken over" in refusal(world, lambda: give(world, later, one, member(world)), TransitionRefused)

    def reopen(who, why) -> Callable[[], object]:
        return lambda: reviews.reopen(world.session, later.id, one.id, why, actor=who, at=world.clock())

    assert "reasons" in refusal(world, reopen(member(world, 0), " "), InvalidInput)
    assert "only the panel chair" in refusal(world, reopen(member(world), "New facts."), NotAllowed)
    reopen(member(world, 0), "A new programme came.")()
    assert one.id not in reviews.agreed_ratings(world.session, later)
    for who in raters(later):
        give(world, later, one, who)
    assert "no rating that was taken over" in refusal(
        world, reopen(member(world, 0), "Again."), TransitionRefused
    )


def test_the_case_officer_names_what_is_at_risk_once_and_before_anybody_rates(
    world: World, case: Application, later: Application
) -> None:
    officer, at_risk = world.people["officer"], criterion(later).id

    def take_over(who: uuid.UUID, *risky: str, of: Application = later) -> Callable[[], list[Rating]]:
        return lambda: inheritance.take_over(world.session, of.id, risky, actor=who, at=world.clock())

    assert "only the case officer" in refusal(world, take_over(member(world), at_risk), NotAllowed)
    assert "name the criteria" in refusal(world, take_over(officer), InvalidInput)
    assert "name the criteria" in refusal(world, take_over(officer, "Z99"), InvalidInput)
    assert "from an earlier case" in refusal(world, take_over(officer, at_risk, of=case), TransitionRefused)
    assert {r.criterion for r in take_over(officer, at_risk)()} == set(
        inheritance.inheritable(world.session, later)
    ) - {at_risk}
    assert "taken over once" in refusal(world, take_over(officer, at_risk), TransitionRefused)


def test_nothing_is_inherited_once_somebody_has_rated(world: World, later: Application) -> None:
    give(world, later, criterion(later), member(world))
    assert reviews.inherit(world.session, later, set(), world.people["officer"], world.clock()) == []


# Visit


def test_a_visit_needs_a_plan_in_which_learners_are_met(world: World, case: Application) -> None:
    def begin() -> Any:
        return applications.act(
            world.session, case.id, Action.BEGIN_VISIT, actor=member(world, 0), at=world.clock()
        )

    assert "plan the visit first" in refusal(world, begin, TransitionRefused)

    def plan(agenda, place="https://meet.example.org/1", days=3) -> Any:
        return visits.plan(
            world.session,
            case.id,
            VisitMode.REMOTE,
            place,
            (world.clock() + timedelta(days=days)).date(),
            agenda,
            actor=member(world, 0),
            at=world.clock(),
        )

    alone = [AgendaItem("09:00", VisitGroup.LEADERSHIP, "Strategy")]
    with pytest.raises(InvalidInput) as caught:
        plan(alone)
    assert "learners" in caught.value.by_field()["agenda"]
    with pytest.raises(InvalidInput) as caught:
        plan([AgendaItem("9", VisitGroup.LEARNERS, "")], place="room 5", days=-2)
    assert set(caught.value.by_field()) == {"agenda.0.starts", "agenda.0.subject", "place", "day"}
    plan(detours.AGENDA)
    begin()
    assert case.state is State.VISIT


def test_a_policy_without_a_visit_asks_why_there_is_one(world: World) -> None:
    case = world.application(world.story(scheme="european"))
    world.walk.open(case)
    world.walk.identify(case)

    def plan(note) -> Any:
        return visits.plan(
            world.session,
            case.id,
            VisitMode.ON_SITE,
            "2 Main Street, Town",
            (world.clock() + timedelta(days=3)).date(),
            detours.AGENDA,
            note=note,
            actor=member(world, 0),
            at=world.clock(),
        )

    with pytest.raises(InvalidInput) as caught:
        plan("")
    assert "this policy has no visit" in caught.value.by_field()["note"]
    assert plan("Learners complained.").note == "Learners complained."


def test_a_plan_counts_for_one_visit(world: World, case: Application) -> None:
    detours.visited(world.walk, case)

    def begin() -> Any:
        return applications.act(
            world.session, case.id, Action.BEGIN_VISIT, actor=member(world, 0), at=world.clock()
        )

    assert "plan the visit first" in refusal(world, begin, TransitionRefused)
    detours.visited(world.walk, case, VisitMode.ON_SITE)
    held = visits.held(world.session, case)
    assert held is not None
    assert (held.number, held.mode) == (2, VisitMode.ON_SITE)


def test_notes_of_a_visit_are_for_the_panel_and_are_erased_in_time(world: World, case: Application) -> None:
    def early() -> Any:
        return visits.write_note(world.session, case.id, "Too early.", actor=member(world), at=world.clock())

    assert "from the beginning of a visit" in refusal(world, early, TransitionRefused)
    detours.visited(world.walk, case)
    [note] = visits.notes_of(world.session, case, actor=member(world, 2), at=world.clock())
    for outsider in (world.people["officer"], case.created_by):

        def read(who=outsider) -> Any:
            return visits.notes_of(world.session, case, actor=who, at=world.clock())

        assert "only the" in refusal(world, read, NotAllowed)
    assert visits.erase_notes(world.session, at=world.clock()) == 0
    assert visits.erase_notes(world.session, at=note.keep_until) == 1
    kept = world.session.get_one(VisitNote, note.id)
    assert (kept.text, kept.erased_at) == (None, note.keep_until)


def test_a_note_is_its_authors_to_erase(world: World, case: Application) -> None:
    detours.visited(world.walk, case)
    [note] = visits.notes_of(world.session, case, actor=member(world), at=world.clock())

    def foreign() -> Any:
        return visits.erase_note(world.session, note.id, actor=member(world, 0), at=world.clock())

    assert "no note" in refusal(world, foreign, NotFound)
    visits.erase_note(world.session, note.id, actor=member(world), at=world.clock())
    assert visits.notes_of(world.session, case, actor=member(world), at=world.clock()) == []


# The report and its facts


def save(world: World, case: Application, one: str, text: str, number: int) -> Callable[[], object]:
    return lambda: report_drafts.save(
        world.session,
        case.id,
        one,
        report_drafts.Words(text),
        number=number,
        actor=member(world, 0),
        at=world.clock(),
    )


def test_two_who_write_one_section_lose_nothing(world: World, case: Application) -> None:
    one = criterion(case).id
    save(world, case, one, "First.", 0)()
    assert "somebody else saved" in refusal(world, save(world, case, one, "Second.", 0), Conflict)
    save(world, case, one, "Second.", 1)()
    assert report_drafts.pieces_of(world.session, case)[one].findings == "Second."


def test_sections_begin_with_the_reasons_of_the_agreed_rating(world: World, case: Application) -> None:
    one = criterion(case)
    detours.rate(world.walk, case, {one.id: lesser(policy_for(case), one)})
    [first, *_rest] = report_drafts.sections_of(world.session, case)
    assert first["findings"] == first["reasons"] != ""
    save(world, case, one.id, "Written.", 0)()
    assert report_drafts.sections_of(world.session, case)[0]["findings"] == "Written."


def test_a_draft_is_filed_anew_until_it_goes_to_the_applicant(world: World, case: Application) -> None:
    detours.rate(world.walk, case, {})
    chair = member(world, 0)

    def file(service) -> Any:
        return service(world.session, case.id, "Seen.", version=case.version, actor=chair, at=world.clock())

    assert "only before" in refusal(world, lambda: file(reviews.revise_draft_report), TransitionRefused)
    first = file(reviews.file_draft_report)
    save(world, case, criterion(case).id, "More.", 0)()
    second = file(reviews.revise_draft_report)
    assert (first.number, second.number, second.final) == (1, 2, False)
    assert first.sha256 != second.sha256
    world.walk.act(case, Action.SEND_FOR_FACTUAL_CHECK, chair)
    assert "only before" in refusal(world, lambda: file(reviews.revise_draft_report), TransitionRefused)
    late = save(world, case, criterion(case).id, "Later.", 1)
    assert "cannot be written now" in refusal(world, late, TransitionRefused)


def test_each_point_on_the_facts_is_accepted_or_answered_and_kept_in_the_report(
    world: World, case: Application
) -> None:
    detours.rate(world.walk, case, {})
    detours.disputed_facts(world.walk, case)
    report = case_file.report_of(world.session, case.id)
    assert report is not None
    assert report.final
    content = report.content
    assert [(p["number"], p["accepted"]) for p in content["points"]] == [(1, True), (2, False)]
    assert [(c["criterion"], c["points"]) for c in content["changed"]] == [(criterion(case).id, [1])]
    assert content["statement"] == "We thank the panel for its careful work."
    draft, final = report_drafts.reports_of(world.session, case)
    assert content["draft"] == draft.number != final.number


def test_the_final_report_waits_for_every_answer_and_for_what_was_accepted(
    world: World, case: Application
) -> None:
    detours.rate(world.walk, case, {})
    one = detours.sent_for_factual_check(world.walk, case)
    accepted, refused = detours.dispute(world.walk, case, one)
    chair = member(world, 0)

    def answer(point, yes, why="") -> Callable[[], object]:
        return lambda: factual_checks.answer_point(
            world.session, point.id, accepted=yes, reasons=why, actor=chair, at=world.clock()
        )

    assert "before the final report" in refusal(world, answer(accepted, True), TransitionRefused)
    world.walk.act(case, Action.END_FACTUAL_CHECK, case.created_by)

    def file() -> Any:
        return reviews.file_report(
            world.session, case.id, "Seen.", version=case.version, actor=chair, at=world.clock()
        )

    assert "2 points on the facts wait" in refusal(world, file, TransitionRefused)
    assert "say why" in refusal(world, answer(refused, False), InvalidInput)
    answer(refused, False, "The criterion asks for it.")()
    answer(accepted, True)()
    assert "answer already" in refusal(world, answer(accepted, True), TransitionRefused)
    assert f"nothing has changed yet in {one.id}" in refusal(world, file, InvalidInput)
    other = criterion(case, 1)
    assert "where a point" in refusal(world, save(world, case, other.id, "New.", 0), TransitionRefused)
    assert "where a point" in refusal(world, lambda: agree(world, case, other), TransitionRefused)
    agree(world, case, one, lesser(policy_for(case), one))
    report = file()
    [changed] = report.content["changed"]
    assert (changed["criterion"], changed["after"]) == (one.id, lesser(policy_for(case), one))
    assert changed["before"] != changed["after"]
    assert "filed" in refusal(world, lambda: agree(world, case, one), TransitionRefused)
    assert "cannot be written" in refusal(world, save(world, case, one.id, "More.", 1), TransitionRefused)
    assert "filed and locked" in refusal(world, file, TransitionRefused)


def test_a_point_quotes_the_draft_and_comes_in_time_from_the_applicant(
    world: World, case: Application
) -> None:
    detours.rate(world.walk, case, {})

    def point(who, quote="taught in Polish only") -> Callable[[], object]:
        return lambda: factual_checks.file_point(
            world.session,
            case.id,
            factual_checks.NewPoint(criterion(case).id, quote, "Not so."),
            actor=who,
            at=world.clock(),
        )

    owner = case.created_by
    assert "no draft report is open" in refusal(world, point(owner), TransitionRefused)
    detours.sent_for_factual_check(world.walk, case)
    assert "these words do not stand" in refusal(world, point(owner, "We are the best."), InvalidInput)
    assert "only the" in refusal(world, point(member(world, 0)), NotAllowed)
    assert point(owner, "taught\n in  Polish only")().number == 1

    def too_long() -> Any:
        return factual_checks.state(world.session, case.id, "x" * 5001, actor=owner, at=world.clock())

    assert "at most 5000 characters" in refusal(world, too_long, InvalidInput)
    world.clock.skip(days=40)
    assert "days to check the facts are over" in refusal(world, point(owner), TransitionRefused)

    def close() -> Any:
        return applications.act(
            world.session,
            case.id,
            Action.CLOSE_FACTUAL_CHECK,
            actor=world.people["officer"],
            at=world.clock(),
        )

    close()
    assert case.state is State.FINAL_REPORT


def test_what_was_said_cannot_be_rewritten_in_the_database(world: World, case: Application) -> None:
    question = detours.clarified(world.walk, case)
    for statement in (
        update(Question).where(Question.id == question.id).values(text="Nicer."),
        delete(Question).where(Question.id == question.id),
    ):
        with pytest.raises(DatabaseError), world.session.begin_nested():
            world.session.execute(statement)
    with pytest.raises(DatabaseError), world.session.begin_nested():
        world.session.execute(
            insert(FactualAnswer).values(
                point_id=new_id(), accepted=True, reasons="", by=member(world), at=world.clock()
            )
        )


def test_differences_are_told_word_by_word() -> None:
    found = report_drafts.differences("taught in Polish only", "taught in Polish and English")
    assert [(d.kind, d.text.strip()) for d in found] == [
        ("same", "taught in Polish"),
        ("removed", "only"),
        ("added", "and English"),
    ]
    assert [d.kind for d in report_drafts.differences("a b", "a b")] == ["same"]
    assert report_drafts.differences("", "new") == [report_drafts.Difference("added", "new")]


def test_ratings_alone_of_a_layer_are_kept_apart(world: World, case: Application) -> None:
    detours.rate(world.walk, case, {})
    agreed = rating_rounds.ratings_of(world.session, case, RatingLayer.AGREED)
    alone = rating_rounds.ratings_of(world.session, case, RatingLayer.ALONE, member(world))
    assert len(agreed) == len(alone) == len(policy_for(case).criteria)
