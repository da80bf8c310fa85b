"""For the people of a body: their desk, a case with its next steps, who works on it, and declarations of interests."""

import uuid
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.roles import COMMITTEE, PANEL, RATERS, CaseRole
from registry.domain.scope import parse_scope
from registry.domain.workflow import Action, State, movers
from registry.errors import NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.services import access, applications, cases, desk, interests
from registry.services.applications import PLAIN_ACTIONS
from registry.services.case_file import policy_for
from registry.web import case_view
from registry.web.labels import label
from registry.web.work import require_fresh, work_blueprint

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
    if interests.latest_declaration(act.session, act.actor, application.id) is None:
        return [gettext("Declare your interests")]
    if not desk.is_unlocked(act.session, application, **act.by):
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
    return act.open_file(application_id)


@reviewer.get("/cases/<uuid:application_id>")
@allow(SIGNED_IN)
def case(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show a case: where it stands, what the person can do, who works on it, and every step so far."""
    with acting() as act:
        application = body_case(act, application_id)
        names = desk.names_of(act.session, [event.actor for event in application.events])
        part = access.part_of(act.session, act.actor, application.id)
        declaration = interests.latest_declaration(act.session, act.actor, application.id) if part else None
        unlocked = part is not None and desk.is_unlocked(act.session, application, **act.by)
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
            may_staff=bool(desk.parts_to_give(act.session, application, **act.by)),
            on_panel=part is not None and part.role in PANEL,
            timeline=case_view.timeline(application, names),
            tone=case_view.state_tone(application.state),
            movers=sorted({label(role) for role in movers(application.state)}),
            released=case_view.released(act, application),
            ground=case_view.ground_title(application),
            sections=_sections(act, application),
            State=State,
        )


def _sections(act: Acting, application: Application) -> list[Any]:
    from registry.web import case_sections  # here, since areas name views of this blueprint

    return case_sections.shown(case_sections.SECTIONS, act, application)


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
