"""For the people of a body: their desk, a case with its next steps, who works on it, and declarations of interests."""

import uuid
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.conflicts import Answer
from registry.domain.policy_terms import ConflictRule
from registry.domain.roles import COMMITTEE, PANEL, RATERS, CaseRole, PanelSeat
from registry.domain.scope import parse_scope
from registry.domain.workflow import Action, State, movers
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.models.application import Application
from registry.models.institution import InstitutionClaim
from registry.services import access, applications, cases, desk, identities, institutions
from registry.services.applications import PLAIN_ACTIONS
from registry.services.case_file import policy_for
from registry.web import case_view
from registry.web.forms import JudgeForm, PartForm
from registry.web.labels import label
from registry.web.work import (
    Acting,
    acting,
    errors_at,
    posted_id,
    problems_of,
    put_errors,
    require_fresh,
    work_blueprint,
)

reviewer = work_blueprint("reviewer")
PAGES: Final = {
    Action.FILE_REPORT: "reviewer.report",
    Action.DECIDE: "decision.committee",
    Action.RELEASE: "decision.release",
}
"""Pages of the steps that carry content of their own."""


@reviewer.get("/review")
@allow(SIGNED_IN)
def review() -> ResponseReturnValue:
    """Lead to the desk."""
    return redirect(url_for("reviewer.inbox"))


@reviewer.get("/cases")
@allow(SIGNED_IN)
def inbox() -> ResponseReturnValue:
    """Show the person's desk: what waits for them first, then the rest."""
    with acting() as act:
        mine = cases.cases_with_part(act.session, act.actor)
        rows = [_row(act, application) for application in mine]
        return render_template(
            "reviewer/inbox.html",
            desk=desk.desk_of(act.session, mine, **act.by),
            rows=sorted(rows, key=lambda row: not row["todo"]),
        )


def _row(act: Acting, application: Application) -> dict[str, Any]:
    part = access.part_of(act.session, act.actor, application.id)
    return {
        "application": application,
        "part": part,
        "todo": _todo(act, application),
        "tone": case_view.state_tone(application.state),
    }


def _todo(act: Acting, application: Application) -> list[str]:
    """Return what the person can do next in a case, in words."""
    if access.latest_declaration(act.session, act.actor, application.id) is None:
        return [gettext("Declare your interests")]
    if not desk.is_unlocked(act.session, application, actor=act.actor):
        return []
    steps = desk.open_steps(act.session, application, **act.by)
    return [label(step.transition.action) for step in steps if not step.missing] + _work(act, application)


def _work(act: Acting, application: Application) -> list[str]:
    part = access.part_of(act.session, act.actor, application.id)
    role = part.role if part else None
    found = []
    if role in RATERS and application.state is State.REVIEW:
        found.append(gettext("Rate the criteria"))
    if role in COMMITTEE and application.state in {State.FIRST_CONSIDERATION, State.SECOND_CONSIDERATION}:
        found.append(gettext("Consider the case"))
    if role is CaseRole.IDENTITY_VERIFIER and application.state is State.IDENTITY_CHECK:
        waiting = [
            c for c in application.identity_claims if all(w.account_id != act.actor for w in c.confirmations)
        ]
        found += [gettext("Confirm the keys")] if waiting else []
    return found


def body_case(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case as the body sees it; the applicant's people have pages of their own, so it is not there for them."""
    application = act.application(application_id)
    if desk.acts_for(act.session, application.institution_id, **act.by):
        raise NotFound(f"no application {application_id}")
    return application


def open_file(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case whose file is open to the person: a part in it and a clean declaration.

    Raises:
        NotAllowed: no part, no declaration, or a conflict.
    """
    application = body_case(act, application_id)
    if access.part_of(act.session, act.actor, application.id) is None:
        raise NotAllowed("only people with a part in this case read its file")
    access.require_unlocked(act.session, act.actor, application)
    return application


@reviewer.get("/cases/<uuid:application_id>")
@allow(SIGNED_IN)
def case(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show a case: where it stands, what the person can do, who works on it, and every step so far."""
    with acting() as act:
        application = body_case(act, application_id)
        names = desk.names_of(act.session, [event.actor for event in application.events])
        part = access.part_of(act.session, act.actor, application.id)
        declaration = access.latest_declaration(act.session, act.actor, application.id) if part else None
        unlocked = part is not None and desk.is_unlocked(act.session, application, actor=act.actor)
        locked = part is not None and not unlocked
        return render_template(
            "reviewer/case.html",
            application=application,
            policy=policy_for(application),
            scope=parse_scope(application.scope),
            part=part,
            declaration=declaration,
            unlocked=unlocked,
            steps=() if locked else desk.open_steps(act.session, application, **act.by),
            plain=PLAIN_ACTIONS,
            pages=PAGES,
            may_staff=bool(desk.parts_to_give(act.session, application, actor=act.actor)),
            on_panel=part is not None and part.role in PANEL,
            timeline=case_view.timeline(application, names),
            tone=case_view.state_tone(application.state),
            movers=sorted({label(role) for role in movers(application.state)}),
            released=case_view.released(act, application),
            ground=case_view.ground_title(application),
            State=State,
        )


@reviewer.post("/cases/<uuid:application_id>/act")
@allow(SIGNED_IN)
def act_on(application_id: uuid.UUID) -> ResponseReturnValue:
    """Take a plain step, such as opening a case or confirming that it is complete."""
    try:
        action = Action(request.form.get("action", ""))
    except ValueError as error:
        raise NotFound("no such step") from error
    with acting() as act:
        require_fresh(body_case(act, application_id))
        applications.act(act.session, application_id, action, **act.by)
    flash(gettext("Done: %(step)s.", step=label(action)))
    return redirect(url_for("reviewer.case", application_id=application_id), 303)


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


@reviewer.get("/cases/<uuid:application_id>/keys")
@allow(SIGNED_IN)
def case_keys(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the issuing identities of a case with their proofs and confirmations."""
    with acting() as act:
        application = open_file(act, application_id)
        part = access.part_of(act.session, act.actor, application.id)
        people = [w.account_id for c in application.identity_claims for w in c.confirmations]
        return render_template(
            "reviewer/keys.html",
            application=application,
            names=desk.names_of(act.session, people),
            me=act.actor,
            may_confirm=part is not None
            and part.role is CaseRole.IDENTITY_VERIFIER
            and application.state is State.IDENTITY_CHECK,
        )


@reviewer.post("/cases/<uuid:application_id>/keys/<uuid:claim_id>")
@allow(SIGNED_IN)
def confirm_key(application_id: uuid.UUID, claim_id: uuid.UUID) -> ResponseReturnValue:
    """As a verifier: confirm that a proven identity is the institution's."""
    with acting() as act:
        application = open_file(act, application_id)
        if all(claim.id != claim_id for claim in application.identity_claims):
            raise NotFound(f"no identity {claim_id}")
        identities.confirm(act.session, claim_id, **act.by)
    flash(gettext("You have confirmed this key."))
    return redirect(url_for("reviewer.case_keys", application_id=application_id), 303)


@reviewer.route("/cases/claims/<uuid:claim_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
def claim(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Give one's word on somebody's claim to act for an institution; two people are needed."""
    form = JudgeForm()
    if form.validate_on_submit():
        try:
            with acting() as act:
                row = institutions.judge_claim(
                    act.session,
                    claim_id,
                    confirmed=form.confirmed.data == "yes",
                    basis=form.basis.data or "",
                    **act.by,
                )
                state = row.state
            flash(gettext("Your word is recorded. The claim: %(state)s.", state=label(state).lower()))
            return redirect(url_for("reviewer.inbox"), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        if not institutions.may_judge_claims(act.session, act.actor, act.at):
            raise NotAllowed("only an identity verifier or the operator may do this")
        row = _open_claim(act, claim_id)
        page = render_template(
            "reviewer/claim.html",
            form=form,
            claim=row,
            claimant=access.account(act.session, row.account_id),
            facts=institutions.current_facts(act.session, row.institution_id),
            names=desk.names_of(act.session, [w.account_id for w in row.confirmations]),
            mine=any(w.account_id == act.actor for w in row.confirmations) or row.account_id == act.actor,
        )
    return page, 422 if form.errors or form.form_errors else 200


def _open_claim(act: Acting, claim_id: uuid.UUID) -> InstitutionClaim:
    for found in institutions.open_claims(act.session):
        if found.id == claim_id:
            return found
    raise NotFound(f"no open claim {claim_id}")
