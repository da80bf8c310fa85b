"""Who works on a case: giving and ending parts, and everybody's declaration of interests."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.conflicts import Answer
from registry.domain.policy_terms import ConflictRule
from registry.domain.roles import RATERS, CaseRole, PanelSeat
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.services import access, cases, desk
from registry.services.case_file import policy_for
from registry.web.forms import PartForm
from registry.web.labels import label
from registry.web.reviewer import body_case, reviewer
from registry.web.work import errors_at, posted_id, problems_of


@reviewer.get("/cases/<uuid:application_id>/people")
@allow(SIGNED_IN)
def people(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show who works on a case, and let those who may give parts do so."""
    return _people_page(application_id, None, None)


def _people_page(
    application_id: uuid.UUID, refused: CaseRole | None, refused_form: PartForm | None
) -> ResponseReturnValue:
    with acting() as act:
        application = body_case(act, application_id)
        forms = []
        for role in desk.parts_to_give(act.session, application, actor=act.actor):
            form = (
                refused_form
                if role is refused and refused_form
                else _part_form(act, application, role, fresh=True)
            )
            forms.append((role, form, role in RATERS))
        page = render_template(
            "reviewer/people.html",
            application=application,
            policy=policy_for(application),
            forms_by_role=forms,
            problems=refused_form if refused_form else (),
            declarations=desk.declarations_of(act.session, application),
            givable={role for role, _form, _seated in forms},
        )
    return page, 422 if refused_form else 200


def _part_form(act: Acting, application: Application, role: CaseRole, *, fresh: bool = False) -> PartForm:
    form = PartForm(formdata=None) if fresh else PartForm()
    people = cases.candidates(act.session, application, role, act.at)
    form.person.choices = [("", gettext("Choose")), *((str(one.id), one.name) for one in people)]
    seats = [PanelSeat.CHAIR] if role is CaseRole.PANEL_CHAIR else list(PanelSeat)[1:]
    form.seat.choices = [(seat.value, label(seat)) for seat in seats]
    for field in (form.person, form.seat):
        field.id = f"{role.value}-{field.name}"
    return form


@reviewer.post("/cases/<uuid:application_id>/people")
@allow(SIGNED_IN)
def assign(application_id: uuid.UUID) -> ResponseReturnValue:
    """Give somebody a part in the case."""
    role = _posted_role()
    with acting() as act:
        application = body_case(act, application_id)
        form = _part_form(act, application, role)
        if form.validate():
            seat = PanelSeat(form.seat.data) if form.seat.data and role in RATERS else None
            person = uuid.UUID(form.person.data)
            cases.assign(act.session, application_id, person, role, seat=seat, **act.by)
    if form.errors:
        return _people_page(application_id, role, form)
    flash(gettext("The part has been given: %(part)s.", part=label(role)))
    return redirect(url_for("reviewer.people", application_id=application_id), 303)


def _posted_role() -> CaseRole:
    try:
        return CaseRole(request.form.get("role", ""))
    except ValueError as error:
        raise NotFound("no such part") from error


@reviewer.post("/cases/<uuid:application_id>/people/end")
@allow(SIGNED_IN)
def end_part(application_id: uuid.UUID) -> ResponseReturnValue:
    """End somebody's part, for example after a declared conflict."""
    person = posted_id("person")
    if person is None:
        raise NotFound("no such person")
    with acting() as act:
        body_case(act, application_id)
        cases.release_from_part(act.session, application_id, person, **act.by)
    flash(gettext("The part has ended. What the person did stays on record."))
    return redirect(url_for("reviewer.people", application_id=application_id), 303)


@reviewer.route("/cases/<uuid:application_id>/declaration", methods=["GET", "POST"])
@allow(SIGNED_IN)
def declaration(application_id: uuid.UUID) -> ResponseReturnValue:
    """Declare one's interests, rule by rule; the file opens only after a clean declaration."""
    problems: list[FieldError] = []
    if request.method == "POST":
        try:
            with acting() as act:
                application = body_case(act, application_id)
                made = cases.declare(act.session, application_id, _declared(act, application), **act.by)
                outcome = made.outcome
            flash(gettext("Your declaration is recorded: %(outcome)s.", outcome=label(outcome)))
            return redirect(url_for("reviewer.case", application_id=application_id), 303)
        except InvalidInput as error:
            problems = problems_of(error)
    with acting() as act:
        application = body_case(act, application_id)
        page = render_template(
            "reviewer/declaration.html",
            application=application,
            rules=_rules(act, application),
            problems=problems,
            errors=errors_at(problems),
            answers=request.form,
            latest=access.latest_declaration(act.session, act.actor, application.id),
        )
    return page, 422 if problems else 200


def _rules(act: Acting, application: Application) -> tuple[ConflictRule, ...]:
    part = access.part_of(act.session, act.actor, application.id)
    if part is None:
        raise NotAllowed("only people with a part in the case declare interests in it")
    return cases.rules_for(application, part.role)


def _declared(act: Acting, application: Application) -> dict[str, Answer]:
    return {
        rule.id: Answer(
            yes=request.form[rule.id] == "yes", text=request.form.get(f"{rule.id}-text", "").strip()[:2000]
        )
        for rule in _rules(act, application)
        if request.form.get(rule.id) in {"yes", "no"}
    }
