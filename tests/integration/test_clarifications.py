"""Questions to the applicant: they go out together, stop the clock, and wait for every answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from registry.demo import detours_judgement as detours
from registry.domain.workflow import Action, State
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.application import Application
from registry.services import (
    applications,
    clarifications,
    evidence,
)
from registry.services.case_file import policy_for

from support.panel_people import refusal
from support.panel_work import criterion, is_theirs, member
from support.world import World


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
    asked = next(c for c in policy_for(case).criteria if any(is_theirs(e) for e in c.evidence))
    other = next(
        c for c in policy_for(case).criteria if c is not asked and any(is_theirs(e) for e in c.evidence)
    )
    question = detours.ask(world.walk, case, asked.id)
    item, foreign = (next(e for e in c.evidence if is_theirs(e)) for c in (asked, other))

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
