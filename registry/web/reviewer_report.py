"""For the panel: the report, section by section, its filing, the points on its facts, and its versions side by side."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.roles import PANEL, CaseRole
from registry.domain.workflow import Action, State
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.judgement import ReportPiece
from registry.models.review import Report
from registry.services import desk, factual_checks, rating_rounds, report_drafts, reviews
from registry.services.case_file import policy_for
from registry.services.guards import final_report_is_filed
from registry.services.guards_judgement import points_of
from registry.web.judgement_forms import field, fields, tried, tried_or_overtaken
from registry.web.reviewer import body_case, open_file, reviewer
from registry.web.reviewer_judgement import DESK, panel_case, part_in
from registry.web.work import leads_back, posted_version


@reviewer.route("/cases/<uuid:application_id>/report", methods=["GET", "POST"])
@allow(SIGNED_IN)
def report(application_id: uuid.UUID) -> ResponseReturnValue:
    """As chair or secretary: write and file the report; to everybody else with the file open: read what is filed."""
    problems: list[FieldError] = []
    status = 200
    if request.method == "POST":
        save_only = request.form.get("do") == "save"
        problems, status = tried_or_overtaken(
            lambda act: (_save_summary if save_only else _file)(act, application_id)
        )
        if not problems:
            flash(gettext("The summary is saved.") if save_only else gettext("The report is filed."))
            back = "reviewer.report" if save_only else "reviewer.case"
            return redirect(url_for(back, application_id=application_id), 303)
    with acting() as act:
        page = _report_page(act, _reportable(act, application_id), problems)
    return page, status


def _save_summary(act: Acting, application_id: uuid.UUID) -> None:
    panel_case(act, application_id)
    words = report_drafts.Words(request.form.get("text", ""))
    number = posted_number()
    report_drafts.save(act.session, application_id, report_drafts.SUMMARY, words, number=number, **act.by)


def _file(act: Acting, application_id: uuid.UUID) -> None:
    application = open_file(act, application_id)
    file = {
        State.DRAFT_REPORT: reviews.revise_draft_report,
        State.FINAL_REPORT: reviews.file_report,
    }.get(application.state, reviews.file_draft_report)
    file(act.session, application_id, request.form.get("text", ""), version=posted_version(), **act.by)


_FILING = frozenset({Action.FILE_DRAFT_REPORT, Action.FILE_REPORT})


def _report_page(act: Acting, application: Application, problems: list[FieldError]) -> str:
    on_panel = part_in(act, application) in PANEL
    steps = [s for s in desk.open_steps(act.session, application, **act.by) if s.transition.action in _FILING]
    filed = final_report_is_filed(act.session, application)
    pieces = report_drafts.pieces_of(act.session, application) if on_panel else {}
    summary = pieces.get(report_drafts.SUMMARY)
    reports = report_drafts.reports_of(act.session, application)
    writable = (
        report_drafts.writable(act.session, application) if part_in(act, application) in DESK else set()
    )
    problems = [
        FieldError("text" if p.field in {"summary", "findings"} else p.field, p.message) for p in problems
    ]
    return render_template(
        "reviewer/report.html",
        application=application,
        policy=policy_for(application),
        report=reports[-1] if reports else None,
        versions=len(reports),
        filed=filed,
        on_panel=on_panel,
        agreed=rating_rounds.agreed_ratings(act.session, application)
        if on_panel and _sees(act, application)
        else {},
        pieces=pieces,
        summary=summary,
        writable=writable,
        writes=part_in(act, application) in DESK
        and application.state in report_drafts.WRITING_STATES
        and not filed,
        step=None if filed or not steps else steps[0],
        revisable=application.state is State.DRAFT_REPORT and part_in(act, application) in DESK,
        points=points_of(act.session, application),
        field=field("text", problems, _summary_words(summary, reports)),
        problems=problems,
    )


def _sees(act: Acting, application: Application) -> bool:
    return rating_rounds.first_round_is_over(act.session, application)


def _summary_words(summary: ReportPiece | None, reports: list[Report]) -> str:
    if summary is not None:
        return summary.findings
    return reports[-1].summary if reports else ""


def _reportable(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case whose report the person may read: with the file open, or as a registrar once it is decided."""
    application = body_case(act, application_id)
    later = {State.DECIDED, State.APPEAL_WINDOW}
    if application.state in later and part_in(act, application) in {
        None,
        CaseRole.REGISTRAR,
        CaseRole.SECOND_SIGNER,
    }:
        return application
    return open_file(act, application_id)


# Sections of the report


@reviewer.route("/cases/<uuid:application_id>/report/sections/<criterion_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
def section(application_id: uuid.UUID, criterion_id: str) -> ResponseReturnValue:
    """As chair or secretary: write the section of one criterion and save it as often as one likes."""
    problems: list[FieldError] = []
    status = 200
    if request.method == "POST":
        problems, status = tried_or_overtaken(lambda act: _save(act, application_id, criterion_id))
        if not problems:
            flash(gettext("The section of %(criterion)s is saved.", criterion=criterion_id))
            return redirect(url_for("reviewer.report", application_id=application_id), 303)
    with acting() as act:
        application = panel_case(act, application_id)
        policy = policy_for(application)
        criterion = policy.criterion(criterion_id)
        if criterion is None:
            raise NotFound(f"this policy has no criterion {criterion_id}")
        piece = report_drafts.pieces_of(act.session, application).get(criterion_id)
        rating = rating_rounds.agreed_ratings(act.session, application).get(criterion_id)
        words = report_drafts.words_of(piece, rating)
        page = render_template(
            "reviewer/section.html",
            application=application,
            policy=policy,
            criterion=criterion,
            rating=rating,
            piece=piece,
            words=words,
            overtaken=status == 409,
            names=desk.names_of(act.session, [piece.by] if piece else []),
            fields=fields(
                problems, {"findings": words.findings, "strengths": words.strengths, "gaps": words.gaps}
            ),
            problems=problems,
        )
    return page, status


def _save(act: Acting, application_id: uuid.UUID, criterion_id: str) -> None:
    panel_case(act, application_id)
    form = request.form
    words = report_drafts.Words(form.get("findings", ""), form.get("strengths", ""), form.get("gaps", ""))
    report_drafts.save(act.session, application_id, criterion_id, words, number=posted_number(), **act.by)


def posted_number() -> int:
    """Return the number of the piece that a form was made from; -1, which never fits, without one."""
    text = request.form.get("number", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


# Points on the facts


@reviewer.get("/cases/<uuid:application_id>/report/facts")
@allow(SIGNED_IN)
def facts(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the points of the factual check with their answers; as chair or secretary: answer them."""
    with acting() as act:
        return _facts_page(act, _reportable(act, application_id), [], None)


def _facts_page(
    act: Acting, application: Application, problems: list[FieldError], at_point: uuid.UUID | None
) -> str:
    part = part_in(act, application)
    filed = final_report_is_filed(act.session, application)
    return render_template(
        "reviewer/facts.html",
        application=application,
        policy=policy_for(application),
        points=points_of(act.session, application),
        statement=report_drafts.statement_of(act.session, application),
        may_answer=part in DESK and application.state is State.FINAL_REPORT and not filed,
        problems=[FieldError(f"reasons-{at_point}", p.message) for p in problems],
        at_point=at_point,
        typed=request.form.get("reasons", ""),
    )


@reviewer.post("/cases/<uuid:application_id>/report/points/<uuid:point_id>")
@allow(SIGNED_IN)
def answer_point(application_id: uuid.UUID, point_id: uuid.UUID) -> ResponseReturnValue:
    """Accept a point, or say why not."""

    def answer(act: Acting) -> None:
        panel_case(act, application_id)
        word = request.form.get("accepted", "")
        if word not in {"yes", "no"}:
            raise InvalidInput("say whether the panel accepts this point")
        reasons = request.form.get("reasons", "")
        factual_checks.answer_point(act.session, point_id, accepted=word == "yes", reasons=reasons, **act.by)

    problems = tried(answer)
    if problems:
        with acting() as act:
            return _facts_page(act, panel_case(act, application_id), problems, point_id), 422
    flash(gettext("The answer is kept with the report."))
    return redirect(url_for("reviewer.facts", application_id=application_id), 303)


@reviewer.get("/cases/<uuid:application_id>/report/versions")
@allow(SIGNED_IN)
def report_versions(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show two versions of the report side by side, with what changed: by default the newest draft and the newest one."""
    with acting() as act:
        application = _reportable(act, application_id)
        reports = report_drafts.reports_of(act.session, application)
        if len(reports) < 2:
            raise NotFound("this case has no two versions of its report yet")
        old, new = _chosen(reports, "from", -2), _chosen(reports, "to", -1)
        return render_template(
            "reviewer/versions.html",
            application=application,
            policy=policy_for(application),
            choices=[(str(r.number), _version_word(r)) for r in reports],
            old=old,
            new=new,
            words=_section_words(),
            summary=report_drafts.differences(old.summary, new.summary),
            rows=report_drafts.compared(policy_for(application), old, new),
        )


def _version_word(report: Report) -> str:
    kind = gettext("Final report") if report.final else gettext("Draft report")
    return f"{report.number}: {kind}"


def _section_words() -> dict[str, str]:
    return {
        "findings": gettext("Findings"),
        "strengths": gettext("Strengths"),
        "gaps": gettext("Gaps"),
        "recommendation": gettext("Recommendation"),
        "condition": gettext("Condition"),
    }


def _chosen(reports: list[Report], name: str, default: int) -> Report:
    wanted = request.args.get(name, "")
    return next((r for r in reports if str(r.number) == wanted), reports[default])


leads_back(reviewer, "/cases/<uuid:application_id>/report/points/<uuid:point_id>", "reviewer.facts")
