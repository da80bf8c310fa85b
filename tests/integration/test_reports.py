"""The report: sections, drafts, points on the facts, and the final text."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DatabaseError

from registry.demo import detours_judgement as detours
from registry.domain.policy import Criterion, Policy, Standing
from registry.domain.workflow import Action, State
from registry.errors import Conflict, InvalidInput, NotAllowed, TransitionRefused
from registry.models.application import Application
from registry.models.base import new_id
from registry.models.judgement import FactualAnswer, Question
from registry.services import (
    applications,
    case_file,
    factual_checks,
    report_drafts,
    reviews,
)
from registry.services.case_file import policy_for

from support.panel_people import refusal
from support.panel_work import agree, criterion, member
from support.world import World


def lesser(policy: Policy, one: Criterion) -> str:
    """Return the lowest rating of a criterion's scale."""
    values = [v for v in policy.scale_of(one).values if v.standing is not Standing.NOT_APPLICABLE]
    return min(values, key=lambda v: v.rank).id


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
