"""Pages of the judgement: questions, visit, sections and facts of the report, as each side sees them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from registry.demo import detours_judgement as detours
from registry.demo.clock import SteppingClock
from registry.demo.walk import Walk, rating_for
from registry.domain.conflicts import Answer
from registry.domain.workflow import Action, State
from registry.files import FileStore
from registry.models.application import Application, Procedure
from registry.services import clarifications, declarations, evidence, interests, rating_rounds, reviews
from registry.services.case_file import policy_for

from support.page_forms import forms_of
from support.town import Town


@contextmanager
def walking(town: Town, case: uuid.UUID) -> Iterator[tuple[Walk, Application]]:
    """Act through the services in one transaction; the clock of the pages goes on from there."""
    clock = SteppingClock(town.clock(), timedelta(seconds=1))
    with town.database.transaction() as session:
        walk = Walk(session, FileStore(town.evidence), town._cast(), clock)
        yield walk, session.get_one(Application, case)
    town.clock.set(clock())


def asked(town: Town) -> tuple[uuid.UUID, uuid.UUID]:
    """Return a case whose panel has asked about its first criterion, and the question."""
    case = town.walk(until="review")
    with walking(town, case) as (walk, application):
        question = detours.ask(walk, application).id
    return case, question


def checked(town: Town) -> uuid.UUID:
    """Return a case whose draft report is with the applicant."""
    case = town.walk(until="review")
    with walking(town, case) as (walk, application):
        detours.rate(walk, application, {})
        detours.sent_for_factual_check(walk, application)
    return case


def test_questions_go_from_the_panel_to_the_applicant_and_back(town: Town) -> None:
    case = town.walk(until="review")
    member, chair, ada = town.browser("reviewer2"), town.browser("reviewer1"), town.browser("ada")
    page, first = f"/cases/{case}/questions", town.policy.criteria[0].id
    member.do(page, criterion=first, text="How many <b>learners</b> answered?")
    assert "Send all questions" not in member.see(page)
    ada.see(f"/apply/{case}/questions")
    assert "learners" not in ada.see(f"/apply/{case}/questions")
    chair.do(page, f"{page}/send")
    assert "How many &lt;b&gt;learners&lt;/b&gt; answered?" in ada.see(f"/apply/{case}/questions")
    assert "Reviewer2" not in ada.see(f"/apply/{case}/questions"), "who asked stays with the panel"
    assert "Answer the questions" in ada.see(f"/apply/{case}")
    question = _question(town, case)
    answer = f"/apply/{case}/questions/{question}"
    refused = ada.send(answer, text=" ")
    assert refused.status_code == 422
    assert "Write an answer" in refused.text or "write an answer" in refused.text
    ada.do(answer, text="231 of 412.")
    assert "231 of 412." in ada.see(answer), "what was saved is there after the session"
    town.clock.advance(minutes=1)
    ada.do(f"/apply/{case}/questions", f"/apply/{case}/questions/send")
    assert "231 of 412." in member.see(page)
    assert "231 of 412." in ada.see(f"/apply/{case}/questions"), "the applicant keeps its copy"
    assert "231 of 412." in member.see(f"/cases/{case}/rating/{first}")


def _question(town: Town, case: uuid.UUID) -> uuid.UUID:
    with town.database.transaction() as session:
        application = session.get_one(Application, case)
        return rating_rounds.questions_of(session, application)[-1].id


def test_questions_are_refused_to_others_out_of_order_and_when_the_days_are_over(town: Town) -> None:
    case, question = asked(town)
    page = f"/cases/{case}/questions"
    for name, status in (("stranger", 404), ("member1", 404), ("ada", 404), ("registrar1", 403)):
        town.browser(name).see(page, status)
    town.clock.advance(days=60)
    town.everybody_signs_in_again()
    ada = town.browser("ada")
    token = next(f.values["csrf_token"] for f in forms_of(ada.see("/apply")) if "csrf_token" in f.values)
    answer = ada.client.post(
        f"/en/apply/{case}/questions/{question}", data={"text": "Late.", "csrf_token": token}
    )
    assert answer.status_code == 409
    assert "the days to answer are over" in answer.text.lower()
    assert "This question is closed." in ada.see(f"/apply/{case}/questions/{question}")


def test_who_is_locked_out_sees_no_question_and_no_section(town: Town) -> None:
    case, _question_id = asked(town)
    with walking(town, case) as (walk, application):
        who = town.people["reviewer3"]
        part = next(a for a in application.assignments if a.account_id == who)
        answers = {rule.id: Answer(yes=False) for rule in interests.rules_for(application, part.role)}
        rule = next(r for r in interests.rules_for(application, part.role) if r.effect == "exclude")
        answers |= {rule.id: Answer(yes=True, text="I worked there.")}
        declarations.declare(walk.session, case, answers, actor=who, at=walk.clock())
    for page in ("questions", "visit", "report", "report/facts", "rating"):
        assert "locks this file" in town.browser("reviewer3").see(f"/cases/{case}/{page}", 403)


def test_two_who_send_questions_at_once_send_them_once(town: Town) -> None:
    case = town.walk(until="review")
    chair, page = town.browser("reviewer1"), f"/cases/{case}/questions"
    chair.do(page, criterion=town.policy.criteria[0].id, text="Why?")
    early = chair.form(page, f"{page}/send")
    chair.do(page, f"{page}/send")
    again = chair.send_form(early, page, {})
    assert again.status_code == 409
    assert "How the case looks now" in again.text
    assert "Send questions to the applicant" in again.text, "what happened meanwhile is told"


def test_a_visit_is_planned_begun_and_noted_in_private(town: Town) -> None:
    case = town.walk(until="review")
    chair, member, page = town.browser("reviewer1"), town.browser("reviewer2"), f"/cases/{case}/visit"
    day = (town.clock() + timedelta(days=7)).date().isoformat()
    plan = {"mode": "remote", "place": "https://meet.example.org/1", "day": day}
    row = {"starts-0": "09:30", "group-0": "leadership", "subject-0": "Strategy"}
    refused = chair.send(page, fields=plan | row)
    assert refused.status_code == 422
    assert "The panel must meet learners" in refused.text
    assert 'value="Strategy"' in refused.text
    chair.do(page, fields=plan | row | {"group-0": "learners"})
    assert "https://meet.example.org/1" in town.browser("ada").see(f"/apply/{case}")
    town.clock.advance(minutes=1)
    chair.do(page, f"/cases/{case}/act", {"action": "begin_visit"})
    with walking(town, case) as (walk, application):
        for part in application.assignments:
            if part.role.value.startswith("panel"):
                walk.declare(application, part.account_id, part.role)
    member.do(page, f"{page}/notes", text="They knew the workload.")
    assert "They knew the workload." in chair.see(page)
    assert "Private notes" not in town.browser("officer").see(page)
    for seen in (town.browser("ada").see(f"/apply/{case}"), town.browser("officer").see(page)):
        assert "They knew the workload." not in seen
    town.browser("ada").see(page, 404)


def test_a_section_saved_by_two_keeps_what_both_typed(town: Town) -> None:
    case = town.walk(until="review")
    one = town.policy.criteria[0].id
    chair, page = town.browser("reviewer1"), f"/cases/{case}/report/sections/{one}"
    early = chair.form(page)
    chair.do(page, findings="First.", strengths="Strong.")
    overtaken = chair.send_form(early, page, {"findings": "Second."})
    assert overtaken.status_code == 409
    assert "First." in overtaken.text
    assert ">\nSecond.</textarea>" in overtaken.text
    town.browser("reviewer2").send_form(early, page, {"findings": "Mine."})
    assert "First." in chair.see(page)
    assert chair.send(page, findings="x" * 20_001).status_code == 422


def test_a_summary_is_saved_as_a_draft_and_filed_later(town: Town) -> None:
    case = town.walk(until="review")
    chair, page = town.browser("reviewer1"), f"/cases/{case}/report"
    chair.do(page, text="What we found so far.", do="save")
    town.everybody_signs_in_again()
    assert "What we found so far." in town.browser("reviewer1").see(page)
    assert "It cannot be filed yet" in town.browser("reviewer1").see(page)
    assert "What we found so far." not in town.browser("officer").see(page)


def test_facts_are_disputed_answered_and_shown_side_by_side(town: Town) -> None:
    case = checked(town)
    ada, chair, one = town.browser("ada"), town.browser("reviewer1"), town.policy.criteria[0].id
    page, inner = f"/apply/{case}/facts", f"/cases/{case}/report/facts"
    assert "taught in Polish only" in ada.see(page)
    refused = ada.send(page, criterion=one, quote="Nothing like that.", wrong="Everything.")
    assert refused.status_code == 422
    assert "do not stand in this section" in refused.text
    ada.do(page, criterion=one, quote="taught in Polish only", wrong="In English too.")
    ada.do(page, criterion=one, quote="no survey after the first year", wrong="Not needed.")
    ada.do(page, f"{page}/statement", text="We thank the panel.")
    assert "Accept this point" not in chair.see(inner), "not before the check has ended"
    town.clock.advance(minutes=1)
    ada.do(page, f"{page}/end")
    first, second = (form for form in forms_of(chair.see(inner)) if "/report/points/" in form.action)
    silent = chair.send_form(second, inner, {"accepted": "no"})
    assert silent.status_code == 422
    assert "Say why the panel does not accept this point" in silent.text
    assert chair.send_form(second, inner, {"accepted": "no", "reasons": "It is."}).status_code == 303
    assert chair.send_form(first, inner, {"accepted": "yes"}).status_code == 303
    unchanged = chair.send(f"/cases/{case}/report", text="Seen.", do="file")
    assert unchanged.status_code == 422
    assert "Nothing has changed yet" in unchanged.text or "nothing has changed yet" in unchanged.text
    chair.do(f"/cases/{case}/report/sections/{one}", findings="It is taught in Polish and English.")
    chair.do(f"/cases/{case}/report", text="Seen.", do="file")
    seen = chair.see(f"/cases/{case}/report/versions")
    assert "<del>" in seen
    assert "<ins>" in seen
    final = ada.see(page)
    for words in ("changed after the check of the facts", "We thank the panel.", "not accepted", "It is."):
        assert words in final
    assert "409" in chair.send_form(first, inner, {"accepted": "yes"}).text


def test_a_draft_is_hidden_from_the_applicant_until_it_is_sent(town: Town) -> None:
    case = town.walk(until="review")
    with walking(town, case) as (walk, application):
        detours.rate(walk, application, {})
        reviews.file_draft_report(
            walk.session,
            case,
            "Seen.",
            version=application.version,
            actor=walk.cast.reviewers[0],
            at=walk.clock(),
        )
    town.browser("ada").see(f"/apply/{case}/facts", 404)
    assert "Check the facts" not in town.browser("ada").see(f"/apply/{case}")


def test_the_page_of_a_rating_tells_of_newer_evidence_and_refuses_the_older(town: Town) -> None:
    case = town.walk(until="review")
    one = next(
        c
        for c in town.policy.criteria
        if any(e.provided_by == "applicant" and e.required for e in c.evidence)
    )
    item = next(e.id for e in one.evidence if e.provided_by == "applicant" and e.required)
    page = f"/cases/{case}/rating/{one.id}"
    early = town.browser("reviewer2").form(page)
    with walking(town, case) as (walk, application):
        question = detours.ask(walk, application, one.id)
        for number in (2, 3):
            evidence.add_text(
                walk.session,
                case,
                item,
                f"https://example.org/{number}",
                actor=town.people["ada"],
                at=walk.clock(),
            )
        clarifications.answer(walk.session, question.id, "See.", actor=town.people["ada"], at=walk.clock())
        clarifications.send_answers(
            walk.session, case, version=application.version, actor=town.people["ada"], at=walk.clock()
        )
    best = town.policy.scale_of(one).values[-1].id
    stale = town.browser("reviewer2").send_form(early, page, {"value": best, "reasons": "As I saw it."})
    assert stale.status_code == 409
    assert item in stale.text
    assert "As I saw it." in stale.text, "nothing typed is lost"
    seen = town.browser("reviewer2").see(page)
    assert "Version 2 beside version 3" in seen
    assert "<ins>" in seen


def test_the_spread_begins_with_what_is_most_disputed(town: Town) -> None:
    case = town.walk(until="review")
    disputed = town.policy.criteria[3]
    ranked = sorted(town.policy.scale_of(disputed).values, key=lambda v: v.rank)
    low = next(v for v in ranked if v.standing.value != "not_applicable")
    with walking(town, case) as (walk, application):
        for member in rating_rounds.members(application):
            for criterion in town.policy.criteria:
                value = (
                    low.id
                    if criterion is disputed and member.account_id == town.people["reviewer2"]
                    else None
                )
                given = rating_for(town.policy, criterion, value)
                reviews.rate_alone(walk.session, case, given, actor=member.account_id, at=walk.clock())
    table = town.browser("reviewer3").see(f"/cases/{case}/rating").split("All ratings side by side")[-1]
    rows = table.split("<tr>")[2:]
    assert disputed.id in rows[0].split("</th>")[0]
    assert 'class="tag warn"' in rows[0]


def test_an_inherited_rating_is_marked_and_taken_back_with_reasons(town: Town) -> None:
    prior = town.walk(until="review")
    with walking(town, prior) as (walk, application):
        detours.rate(walk, application, {})
        application.state = State.CLOSED
        walk.session.flush()
        later = walk.submit(walk.apply(town._story()), town.people["ada"])
        case, later.procedure, later.prior_id = later.id, Procedure.TARGETED, prior
        walk.open(later)
        walk.identify(later)
        taken = reviews.inherit(walk.session, later, set(), town.people["officer"], walk.clock())
        one = taken[0].criterion
    chair, page = town.browser("reviewer1"), f"/cases/{case}/rating"
    assert "Taken over from the case before" in chair.see(page)
    assert "taken over from the case before" in chair.see(f"{page}/{one}")
    assert chair.send(page, f"{page}/{one}/reopen", reasons=" ").status_code == 422
    town.clock.advance(minutes=1)
    chair.do(page, f"{page}/{one}/reopen", reasons="A new programme came.")
    assert f"{page}/{one}" in chair.see(page)
    assert f"{page}/{one}/reopen" not in chair.see(page)


@pytest.mark.parametrize("language", ["en", "pl"])
def test_every_page_of_the_judgement_speaks_the_language_of_its_reader(town: Town, language: str) -> None:
    case = checked(town)
    with walking(town, case) as (walk, application):
        detours.dispute(walk, application, policy_for(application).criteria[0])
        walk.act(application, Action.END_FACTUAL_CHECK, town.people["ada"])
    chair, ada = town.browser("reviewer1", language), town.browser("ada", language)
    for page in ("questions", "visit", "report", "report/facts", "rating"):
        chair.see(f"/cases/{case}/{page}")
    ada.see(f"/apply/{case}/facts")
    words = {"en": "Points on the facts", "pl": "Uwagi co do faktów"}[language]
    assert words in chair.see(f"/cases/{case}/report")
