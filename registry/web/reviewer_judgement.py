"""For the panel: questions to the applicant, the visit, sections of the report, points on its facts, both versions of it."""

import uuid
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.roles import PANEL, CaseRole
from registry.domain.visits import VisitMode, offers_visit
from registry.domain.workflow import State
from registry.errors import FieldError, InvalidInput, NotAllowed
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.judgement import VisitPlan
from registry.services import (
    access,
    clarifications,
    desk,
    inheritance,
    rating_rounds,
    reviews,
    visits,
)
from registry.services.case_file import policy_for
from registry.services.guards_judgement import agenda_of
from registry.web.judgement_forms import (
    agenda_rows,
    criteria_choices,
    field,
    fields,
    group_choices,
    group_word,
    posted_agenda,
    tried,
    visit_words,
)
from registry.web.labels import label
from registry.web.reviewer import open_file, reviewer
from registry.web.work import leads_back, posted_version

reviewer.record_once(
    lambda state: state.app.jinja_env.globals.update(visit_group=group_word, visit_words=visit_words)
)

DESK = frozenset({CaseRole.PANEL_CHAIR, CaseRole.PANEL_SECRETARY})


def part_in(act: Acting, application: Application) -> CaseRole | None:
    """Return the part of the person who acts, or None."""
    part = access.part_of(act.session, act.actor, application.id)
    return part.role if part else None


def panel_case(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case to somebody on its panel, whose file is open.

    Raises:
        NotAllowed: another part, or a locked file.
    """
    application = open_file(act, application_id)
    if part_in(act, application) not in PANEL:
        raise NotAllowed("only the panel chair or panel member or panel secretary of this case may do this")
    return application


# Questions


@reviewer.route("/cases/<uuid:application_id>/questions", methods=["GET", "POST"])
@allow(SIGNED_IN)
def questions(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show every question and its answer; on the panel: put another."""
    problems: list[FieldError] = []
    if request.method == "POST":
        problems = tried(lambda act: _ask(act, application_id))
        if not problems:
            flash(gettext("The question waits until the chair or the secretary sends it."))
            return redirect(url_for("reviewer.questions", application_id=application_id), 303)
    with acting() as act:
        application = open_file(act, application_id)
        every = rating_rounds.questions_of(act.session, application)
        part = part_in(act, application)
        page = render_template(
            "reviewer/questions.html",
            application=application,
            policy=policy_for(application),
            waiting=[q for q in every if q.fate is None] if part in PANEL else [],
            sent=[q for q in every if q.sent],
            names=desk.names_of(act.session, [q.asked_by for q in every]),
            me=act.actor,
            on_desk=part in DESK,
            may_ask=part in PANEL and application.state in clarifications.ASKING_STATES,
            may_send=part in DESK and application.state is State.REVIEW,
            fields=fields(
                problems,
                {"criterion": request.args.get("criterion", ""), "text": ""},
                {"criterion": criteria_choices(policy_for(application))},
            ),
            problems=problems,
        )
    return page, 422 if problems else 200


def _ask(act: Acting, application_id: uuid.UUID) -> None:
    panel_case(act, application_id)
    form = request.form
    clarifications.ask(act.session, application_id, form.get("criterion", ""), form.get("text", ""), **act.by)


@reviewer.post("/cases/<uuid:application_id>/questions/send")
@allow(SIGNED_IN)
def send_questions(application_id: uuid.UUID) -> ResponseReturnValue:
    """Send every question that waits; the applicant's days begin."""
    with acting() as act:
        panel_case(act, application_id)
        clarifications.send(act.session, application_id, version=posted_version(), **act.by)
    flash(gettext("The questions are sent. The days of the applicant have begun."))
    return redirect(url_for("reviewer.questions", application_id=application_id), 303)


@reviewer.post("/cases/<uuid:application_id>/questions/<uuid:question_id>/leave-out")
@allow(SIGNED_IN)
def leave_out(application_id: uuid.UUID, question_id: uuid.UUID) -> ResponseReturnValue:
    """Leave a question out."""
    with acting() as act:
        panel_case(act, application_id)
        clarifications.leave_out(act.session, question_id, **act.by)
    flash(gettext("The question is left out."))
    return redirect(url_for("reviewer.questions", application_id=application_id), 303)


# Visit


@reviewer.route("/cases/<uuid:application_id>/visit", methods=["GET", "POST"])
@allow(SIGNED_IN)
def visit(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the plan of the visit and, to the panel, its notes; as chair or secretary: plan it."""
    problems: list[FieldError] = []
    if request.method == "POST":
        problems = tried(lambda act: _plan(act, application_id))
        if not problems:
            flash(gettext("The visit is planned. The applicant is told."))
            return redirect(url_for("reviewer.visit", application_id=application_id), 303)
    with acting() as act:
        page = _visit_page(act, open_file(act, application_id), problems)
    return page, 422 if problems else 200


def _visit_page(act: Acting, application: Application, problems: list[FieldError], note: str = "") -> str:
    part, plan = part_in(act, application), visits.open_plan(act.session, application)
    held = visits.held(act.session, application)
    notes = visits.notes_of(act.session, application, **act.by) if part in PANEL else []
    steps = desk.open_steps(act.session, application, **act.by)
    return render_template(
        "reviewer/visit.html",
        application=application,
        plan=plan,
        held=held if held is not plan else None,
        offered=offers_visit(policy_for(application)),
        steps=[s for s in steps if s.transition.action.value in {"begin_visit", "end_visit"}],
        may_plan=part in DESK and application.state is State.REVIEW,
        on_panel=part in PANEL,
        may_note=part in PANEL and application.state in visits.NOTING_STATES and held is not None,
        notes=notes,
        names=desk.names_of(act.session, [n.author for n in notes]),
        me=act.actor,
        fields=_plan_fields(plan, problems),
        note_field=field("text", problems if note else (), note),
        rows=agenda_rows(agenda_of(plan) if plan else []),
        groups=group_choices(),
        problems=problems,
    )


def _plan_fields(plan: VisitPlan | None, problems: list[FieldError]) -> dict[str, dict[str, object]]:
    kept = {
        "mode": plan.mode.value if plan else VisitMode.REMOTE.value,
        "place": plan.place if plan else "",
        "day": plan.day.isoformat() if plan else "",
        "note": plan.note if plan else "",
    }
    return fields(problems, kept, {"mode": [(mode.value, label(mode)) for mode in VisitMode]})


def _plan(act: Acting, application_id: uuid.UUID) -> None:
    panel_case(act, application_id)
    form = request.form
    visits.plan(
        act.session,
        application_id,
        _mode(form.get("mode", "")),
        form.get("place", ""),
        _day(form.get("day", "")),
        posted_agenda(),
        note=form.get("note", ""),
        **act.by,
    )


def _mode(value: str) -> VisitMode:
    try:
        return VisitMode(value)
    except ValueError as error:
        message = "choose where the panel meets the institution"
        raise InvalidInput(message, [FieldError("mode", message)]) from error


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        message = "give the day of the visit"
        raise InvalidInput(message, [FieldError("day", message)]) from error


@reviewer.post("/cases/<uuid:application_id>/visit/notes")
@allow(SIGNED_IN)
def note(application_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a private note."""
    words = request.form.get("text", "")

    def write(act: Acting) -> None:
        panel_case(act, application_id)
        visits.write_note(act.session, application_id, words, **act.by)

    problems = tried(write)
    if problems:
        with acting() as act:
            return _visit_page(act, panel_case(act, application_id), problems, words or " "), 422
    flash(gettext("The note is kept for the panel."))
    return redirect(url_for("reviewer.visit", application_id=application_id, _anchor="notes"), 303)


@reviewer.post("/cases/<uuid:application_id>/visit/notes/<uuid:note_id>/erase")
@allow(SIGNED_IN)
def erase_note(application_id: uuid.UUID, note_id: uuid.UUID) -> ResponseReturnValue:
    """Erase one's own note."""
    with acting() as act:
        panel_case(act, application_id)
        visits.erase_note(act.session, note_id, **act.by)
    flash(gettext("The note is erased."))
    return redirect(url_for("reviewer.visit", application_id=application_id, _anchor="notes"), 303)


# Inherited ratings


@reviewer.post("/cases/<uuid:application_id>/rating/<criterion_id>/reopen")
@allow(SIGNED_IN)
def reopen(application_id: uuid.UUID, criterion_id: str) -> ResponseReturnValue:
    """Take an inherited rating back, with reasons."""
    with acting() as act:
        panel_case(act, application_id)
        reasons = request.form.get("reasons", "")
        reviews.reopen(act.session, application_id, criterion_id, reasons, **act.by)
    flash(gettext("%(criterion)s is rated anew by everybody.", criterion=criterion_id))
    return redirect(url_for("reviewer.rating", application_id=application_id), 303)


@reviewer.route("/cases/<uuid:application_id>/at-risk", methods=["GET", "POST"])
@allow(SIGNED_IN)
def at_risk(application_id: uuid.UUID) -> ResponseReturnValue:
    """As the case officer: name the criteria at risk; the others take over what the case before agreed."""
    problems: list[FieldError] = []
    if request.method == "POST":
        problems = tried(lambda act: _take_over(act, application_id))
        if not problems:
            flash(gettext("The ratings of the other criteria are taken over."))
            return redirect(url_for("reviewer.case", application_id=application_id), 303)
    with acting() as act:
        application = open_file(act, application_id)
        policy = policy_for(application)
        page = render_template(
            "reviewer/at_risk.html",
            application=application,
            policy=policy,
            before=inheritance.inheritable(act.session, application),
            open=part_in(act, application) is CaseRole.CASE_OFFICER
            and inheritance.may_take_over(act.session, application),
            field=field("at_risk", problems, list[str](), criteria_choices(policy)),
            problems=problems,
        )
    return page, 422 if problems else 200


def _take_over(act: Acting, application_id: uuid.UUID) -> None:
    open_file(act, application_id)
    inheritance.take_over(act.session, application_id, request.form.getlist("at_risk"), **act.by)


for _rule, _page in (
    ("/cases/<uuid:application_id>/questions/send", "reviewer.questions"),
    ("/cases/<uuid:application_id>/visit/notes", "reviewer.visit"),
):
    leads_back(reviewer, _rule, _page)
