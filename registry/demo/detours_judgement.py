"""Detours of the judgement: questions to the applicant, a visit, facts that the applicant disputes.

Each takes a case in review (the last one a case that is rated) and brings it on through the services.
"""

from collections.abc import Mapping
from datetime import timedelta

from registry.demo.walk import Walk, rating_for
from registry.domain.policy import Criterion
from registry.domain.roles import PANEL, RATERS
from registry.domain.visits import AgendaItem, VisitGroup, VisitMode
from registry.domain.workflow import Action
from registry.models.application import Application
from registry.models.judgement import FactualPoint, Question, VisitPlan
from registry.services import clarifications, factual_checks, report_drafts, reviews, visits
from registry.services.case_file import policy_for
from registry.services.guards import seated

SUMMARY = "The panel has looked at the evidence criterion by criterion."
AGENDA = (
    AgendaItem("09:00", VisitGroup.LEADERSHIP, "How quality is assured"),
    AgendaItem("10:30", VisitGroup.LEARNERS, "What learners were told before they enrolled"),
    AgendaItem("13:00", VisitGroup.TECHNICAL_STAFF, "How credentials are issued and verified"),
)


def ask(walk: Walk, application: Application, criterion: str = "") -> Question:
    """A member puts a question, the chair sends it; the applicant's clock runs."""
    chair, member = walk.cast.reviewers[0], walk.cast.reviewers[1]
    asked = criterion or policy_for(application).criteria[0].id
    question = clarifications.ask(
        walk.session,
        application.id,
        asked,
        "Which learners did the survey reach, and how many answered?",
        actor=member,
        at=walk.clock(),
    )
    clarifications.send(
        walk.session, application.id, version=application.version, actor=chair, at=walk.clock()
    )
    return question


def clarified(walk: Walk, application: Application, criterion: str = "") -> Question:
    """A question is asked and answered, and the review goes on."""
    question = ask(walk, application, criterion)
    who = application.created_by
    clarifications.answer(
        walk.session,
        question.id,
        "It reached all 412 learners of the last two years; 231 answered.",
        actor=who,
        at=walk.clock(),
    )
    clarifications.send_answers(
        walk.session, application.id, version=application.version, actor=who, at=walk.clock()
    )
    return question


def planned(walk: Walk, application: Application, mode: VisitMode = VisitMode.REMOTE) -> VisitPlan:
    """The chair plans a visit in ten days."""
    remote = mode is VisitMode.REMOTE
    at = walk.clock()
    return visits.plan(
        walk.session,
        application.id,
        mode,
        "https://meet.example.org/visit" if remote else "2 Main Street, Town",
        (at + timedelta(days=10)).date(),
        AGENDA,
        note="The panel wants to hear learners.",
        actor=walk.cast.reviewers[0],
        at=at,
    )


def begin_visit(walk: Walk, application: Application, mode: VisitMode = VisitMode.REMOTE) -> VisitPlan:
    """The panel declares its interests for the visit, and the visit begins."""
    plan = planned(walk, application, mode)
    walk.act(application, Action.BEGIN_VISIT, walk.cast.reviewers[0])
    for part in seated(application, *PANEL):
        walk.declare(application, part.account_id, part.role)
    return plan


def visited(walk: Walk, application: Application, mode: VisitMode = VisitMode.REMOTE) -> VisitPlan:
    """A visit is planned and held, a member keeps a note, and the review goes on."""
    plan = begin_visit(walk, application, mode)
    chair, member = walk.cast.reviewers[0], walk.cast.reviewers[1]
    visits.write_note(
        walk.session,
        application.id,
        "Learners knew the workload before they enrolled.",
        actor=member,
        at=walk.clock(),
    )
    walk.act(application, Action.END_VISIT, chair)
    return plan


def rate(walk: Walk, application: Application, ratings: Mapping[str, str]) -> None:
    """Every member rates what is theirs to rate, and the chair writes down what the panel agreed."""
    policy = policy_for(application)
    ratable = reviews.ratable(walk.session, application)
    rated = [rating_for(policy, c, ratings.get(c.id)) for c in policy.criteria if c.id in ratable]
    for part in seated(application, *RATERS):
        reviews.rate_all_alone(walk.session, application.id, rated, actor=part.account_id, at=walk.clock())
    chair = walk.cast.reviewers[0]
    reviews.agree_on_all(walk.session, application.id, rated, actor=chair, at=walk.clock())


def sent_for_factual_check(walk: Walk, application: Application) -> Criterion:
    """The chair writes a section, files the draft and sends it; returns the criterion of that section."""
    chair, policy = walk.cast.reviewers[0], policy_for(application)
    criterion = policy.criteria[0]
    words = report_drafts.Words(
        "The programme has 30 ECTS and is taught in Polish only.",
        "Learners know what they are assessed on.",
        "There is no survey after the first year.",
    )
    report_drafts.save(
        walk.session, application.id, criterion.id, words, number=0, actor=chair, at=walk.clock()
    )
    reviews.file_draft_report(
        walk.session, application.id, SUMMARY, version=application.version, actor=chair, at=walk.clock()
    )
    walk.act(application, Action.SEND_FOR_FACTUAL_CHECK, chair)
    return criterion


def dispute(walk: Walk, application: Application, criterion: Criterion) -> list[FactualPoint]:
    """The applicant disputes two facts of a section and states its view."""
    who, s = application.created_by, walk.session
    points = [
        factual_checks.NewPoint(
            criterion.id, "taught in Polish only", "It is taught in English too.", "taught in two languages"
        ),
        factual_checks.NewPoint(
            criterion.id, "no survey after the first year", "We think one is not needed."
        ),
    ]
    filed = [
        factual_checks.file_point(s, application.id, point, actor=who, at=walk.clock()) for point in points
    ]
    factual_checks.state(
        s, application.id, "We thank the panel for its careful work.", actor=who, at=walk.clock()
    )
    return filed


def disputed_facts(walk: Walk, application: Application) -> list[FactualPoint]:
    """The applicant disputes facts; the panel accepts one, answers the other with reasons, and locks the report."""
    s, chair = walk.session, walk.cast.reviewers[0]
    criterion = sent_for_factual_check(walk, application)
    accepted, refused = dispute(walk, application, criterion)
    walk.act(application, Action.END_FACTUAL_CHECK, application.created_by)
    factual_checks.answer_point(s, accepted.id, accepted=True, actor=chair, at=walk.clock())
    factual_checks.answer_point(
        s,
        refused.id,
        accepted=False,
        reasons="The criterion asks for a survey each year.",
        actor=chair,
        at=walk.clock(),
    )
    before = report_drafts.pieces_of(s, application)[criterion.id]
    words = report_drafts.Words(
        "The programme has 30 ECTS and is taught in Polish and English.", before.strengths, before.gaps
    )
    report_drafts.save(
        s, application.id, criterion.id, words, number=before.number, actor=chair, at=walk.clock()
    )
    reviews.file_report(s, application.id, SUMMARY, version=application.version, actor=chair, at=walk.clock())
    return [accepted, refused]
