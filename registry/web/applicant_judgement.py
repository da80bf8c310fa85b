"""For the applicant: questions of the panel, the plan of its visit, and the check of the facts in its draft report."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.clocks import is_over
from registry.domain.policy import Evidence
from registry.domain.workflow import Action, State
from registry.errors import FieldError, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.judgement import Question
from registry.services import applications, clarifications, desk, factual_checks, report_drafts
from registry.services.case_file import current_evidence, policy_for
from registry.services.guards import final_report_is_filed
from registry.services.guards_judgement import points_of
from registry.web.applicant import applicant, own_application
from registry.web.i18n import text
from registry.web.judgement_forms import field, fields, tried
from registry.web.work import leads_back, posted_version, require_fresh


@applicant.get("/<uuid:application_id>/questions")
@allow(SIGNED_IN)
def questions(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the applicant's copy of all questions with the answers; while they are open, lead to answering each."""
    with acting() as act:
        application = own_application(act, application_id)
        return render_template(
            "applicant/questions.html",
            application=application,
            policy=policy_for(application),
            sent=clarifications.sent_questions(act.session, application),
            **_round(act, application),
        )


def _round(act: Acting, application: Application) -> dict[str, Any]:
    current = clarifications.open_round(act.session, application)
    steps = desk.open_steps(act.session, application, **act.by)
    return {
        "open": application.state is State.CLARIFICATION and not is_over(application.due_at, act.at),
        "current": {q.id for q in current},
        "unanswered": [q for q in current if q.answer is None],
        "may_send": any(s.transition.action is Action.ANSWER_QUESTIONS for s in steps),
    }


@applicant.route("/<uuid:application_id>/questions/<uuid:question_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
def answer(application_id: uuid.UUID, question_id: uuid.UUID) -> ResponseReturnValue:
    """Answer one question in words, with evidence of its criterion, or both; again until all are sent."""
    problems: list[FieldError] = []
    if request.method == "POST":
        problems = tried(lambda act: _answer(act, application_id, question_id))
        if not problems:
            flash(gettext("Your answer is saved. It goes to the panel when you send all answers."))
            return redirect(url_for("applicant.questions", application_id=application_id), 303)
    with acting() as act:
        application = own_application(act, application_id)
        question = _question(act, application, question_id)
        kept = question.answer
        criterion = policy_for(application).criterion(question.criterion)
        page = render_template(
            "applicant/answer.html",
            application=application,
            question=question,
            criterion=criterion,
            text_field=field("text", problems, kept.text if kept else ""),
            cited_field=field(
                "cited_evidence",
                problems,
                [one["id"] for one in kept.cited] if kept else [],
                _citable(application, criterion.evidence if criterion else ()),
            ),
            **_round(act, application),
            problems=problems,
        )
    return page, 422 if problems else 200


def _answer(act: Acting, application_id: uuid.UUID, question_id: uuid.UUID) -> None:
    _question(act, own_application(act, application_id), question_id)
    clarifications.answer(
        act.session,
        question_id,
        request.form.get("text", ""),
        cited=request.form.getlist("cited_evidence"),
        **act.by,
    )


def _question(act: Acting, application: Application, question_id: uuid.UUID) -> Question:
    sent = clarifications.sent_questions(act.session, application)
    found = next((q for q in sent if q.id == question_id), None)
    if found is None:
        raise NotFound(f"no question {question_id}")
    return found


def _citable(application: Application, items: tuple[Evidence, ...]) -> list[tuple[str, str]]:
    given = current_evidence(application)
    return [
        (item.id, f"{item.id} {text(item.title)}")
        for item in items
        if item.provided_by == "applicant" and item.id in given
    ]


@applicant.post("/<uuid:application_id>/questions/send")
@allow(SIGNED_IN)
def send_answers(application_id: uuid.UUID) -> ResponseReturnValue:
    """Hand all answers over; the review goes on."""
    with acting() as act:
        own_application(act, application_id)
        clarifications.send_answers(act.session, application_id, version=posted_version(), **act.by)
    flash(gettext("Your answers are with the panel."))
    return redirect(url_for("applicant.show", application_id=application_id), 303)


@applicant.route("/<uuid:application_id>/facts", methods=["GET", "POST"])
@allow(SIGNED_IN)
def facts(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the draft report; while its facts are checked, take points on it."""
    problems: list[FieldError] = []
    if request.method == "POST":
        problems = tried(lambda act: _dispute(act, application_id))
        if not problems:
            flash(gettext("The point is filed. You can file more until the check ends."))
            return redirect(url_for("applicant.facts", application_id=application_id, _anchor="points"), 303)
    with acting() as act:
        page = _facts_page(act, own_application(act, application_id), problems)
    return page, 422 if problems else 200


def _dispute(act: Acting, application_id: uuid.UUID) -> None:
    own_application(act, application_id)
    form = request.form
    point = factual_checks.NewPoint(
        form.get("criterion", ""),
        form.get("quote", ""),
        form.get("wrong", ""),
        form.get("proposed", ""),
        tuple(form.getlist("cited_evidence")),
    )
    factual_checks.file_point(act.session, application_id, point, **act.by)


def _facts_page(
    act: Acting, application: Application, problems: list[FieldError], at_statement: bool = False
) -> str:
    reports = report_drafts.reports_of(act.session, application)
    if not reports or application.state not in report_drafts.READABLE_STATES:
        raise NotFound("there is no draft report yet")
    policy = policy_for(application)
    own = [item for _criterion, item in policy.evidence_items()]
    filed = final_report_is_filed(act.session, application)
    kept = {"criterion": "", "quote": "", "wrong": "", "proposed": "", "cited_evidence": list[str]()}
    chosen = [(c.id, f"{c.id} {text(c.title)}") for c in policy.criteria]
    statement = factual_checks.current_statement(act.session, application)
    return render_template(
        "applicant/facts.html",
        application=application,
        policy=policy,
        draft=next(r for r in reversed(reports) if not r.final),
        final=reports[-1] if filed and reports[-1].final else None,
        points=points_of(act.session, application),
        answered=filed,
        statement=statement,
        open=application.state is State.FACTUAL_CHECK and not is_over(application.due_at, act.at),
        fields=fields(
            () if at_statement else problems,
            kept,
            {"criterion": chosen, "cited_evidence": _citable(application, tuple(own))},
        ),
        statement_field=field("text", problems if at_statement else (), statement),
        most=factual_checks.STATEMENT,
        problems=problems,
    )


@applicant.post("/<uuid:application_id>/facts/statement")
@allow(SIGNED_IN)
def state_view(application_id: uuid.UUID) -> ResponseReturnValue:
    """Keep the institution's own statement with the report."""

    def state(act: Acting) -> None:
        own_application(act, application_id)
        factual_checks.state(act.session, application_id, request.form.get("text", ""), **act.by)

    problems = tried(state)
    if problems:
        with acting() as act:
            return _facts_page(act, own_application(act, application_id), problems, at_statement=True), 422
    flash(gettext("Your statement is kept with the report."))
    return redirect(url_for("applicant.facts", application_id=application_id, _anchor="statement"), 303)


@applicant.post("/<uuid:application_id>/facts/end")
@allow(SIGNED_IN)
def end_check(application_id: uuid.UUID) -> ResponseReturnValue:
    """End the check of the facts before its days are over."""
    with acting() as act:
        require_fresh(own_application(act, application_id))
        applications.act(act.session, application_id, Action.END_FACTUAL_CHECK, **act.by)
    flash(gettext("The check of the facts has ended. The panel answers your points."))
    return redirect(url_for("applicant.show", application_id=application_id), 303)


leads_back(applicant, "/<uuid:application_id>/facts/statement", "applicant.facts")
leads_back(applicant, "/<uuid:application_id>/facts/end", "applicant.facts")
