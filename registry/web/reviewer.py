"""For the people of a body: their desk, a case with its next steps, who works on it, and declarations of interests."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.conflicts import WAIVABLE
from registry.domain.roles import COMMITTEE, PANEL, RATERS, CaseRole
from registry.domain.scope import parse_scope
from registry.domain.workflow import Action, Guard, State
from registry.errors import NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.http.kept_pages import kept
from registry.models.application import Application
from registry.services import access, applications, bulk_parts, dashboards, deliveries, desk, interests
from registry.services import inbox as tasks
from registry.services import waiting as beside
from registry.services.applications import PLAIN_ACTIONS
from registry.services.case_file import policy_for
from registry.web import case_timeline, case_view, intake_view
from registry.web.labels import label
from registry.web.work import require_fresh, work_blueprint

reviewer = work_blueprint("reviewer")
PAGES: Final = {
    Action.RETURN_FOR_COMPLETION: "reviewer.completeness_list",
    Action.DECLARE_INELIGIBLE: "reviewer.eligibility_checks",
    Action.ASK_APPLICANT: "reviewer.questions",
    Action.BEGIN_VISIT: "reviewer.visit",
    Action.FILE_DRAFT_REPORT: "reviewer.report",
    Action.FILE_REPORT: "reviewer.report",
    Action.GIVE_NOTICE: "decision.committee",
    Action.DECIDE: "decision.committee",
    Action.RELEASE: "decision.release",
}
"""Pages of the steps that carry content of their own."""
_LED_TO: Final = {Action.DECLARE_INELIGIBLE: "Check the eligibility"}
"""Words of a link to a page where the step is but one of the ends; the others are called as the step."""
_WORK: Final = {
    **dict.fromkeys(((State.REVIEW, role) for role in RATERS), ("reviewer.rating", "Rate the criteria")),
    (State.VISIT, CaseRole.PANEL_MEMBER): ("reviewer.visit", "See the plan of the visit"),
    (State.DRAFT_REPORT, CaseRole.PANEL_SECRETARY): ("reviewer.report", "Write the report"),
    (State.APPEAL, CaseRole.APPEALS_MEMBER): ("decision.hear_appeal", "Decide the appeal"),
    (State.FIRST_CONSIDERATION, CaseRole.COMMITTEE_MEMBER): ("decision.committee", "Vote"),
    (State.SECOND_CONSIDERATION, CaseRole.COMMITTEE_MEMBER): ("decision.committee", "Vote"),
}
"""Work in a state that is no step of the case: where a part does it, and what the link says."""
_MENDED_AT: Final = {
    Guard.EVIDENCE_COMPLETE: "reviewer.completeness_list",
    Guard.CASE_OFFICER_ASSIGNED: "reviewer.people",
    Guard.IDENTITIES_CONFIRMED_BY_TWO: "reviewer.case_keys",
    Guard.ELIGIBILITY_ANSWERED: "reviewer.eligibility_checks",
    Guard.PANEL_COMPLETE: "reviewer.people",
    Guard.DECLARATIONS_CLEAN: "reviewer.people",
    Guard.OBJECTIONS_SETTLED: "reviewer.people",
    Guard.COMMITTEE_SEATED: "reviewer.people",
    Guard.REPORT_FILED: "reviewer.report",
    Guard.FACTS_SETTLED: "reviewer.report",
}
"""Where people do what a guard still misses."""


@reviewer.get("/review")
@allow(SIGNED_IN)
def review() -> ResponseReturnValue:
    """Lead to the desk."""
    return redirect(url_for("reviewer.inbox"))


@reviewer.get("/cases")
@allow(SIGNED_IN)
@kept
def inbox() -> str:
    """Show the person's desk: what they have to do by its deadline, or the cases in which others have the move."""
    with acting() as act:
        return desk_page(act)


def desk_page(
    act: Acting, problems: Sequence[tuple[str, str]] = (), chosen: Collection[uuid.UUID] = ()
) -> str:
    """Return the desk; `problems` are those of a form on it, `chosen` the cases that were ticked there."""
    page, others = max(request.args.get("page", 1, int), 1), request.args.get("show") == "waiting"
    found = tasks.inbox(act.session, page=page, waiting=others, **act.by)
    new = [task.application_id for task in found.tasks if task.mine and task.state is State.SUBMITTED]
    first = page == 1 and not others
    return render_template(
        "reviewer/inbox.html",
        inbox=found,
        waiting=others,
        desk=desk.desk_of(act.session, **act.by) if first else None,
        beside=beside.waiting(act.session, **act.by) if first else None,
        unseated=beside.without_committee(act.session, act.actor) if first else (),
        dashboards=dashboards.bodies_for(act.session, **act.by) if first else (),
        offer=bulk_parts.offer(act.session, new, **act.by),
        problems=problems,
        chosen=chosen,
        tone=case_view.state_tone,
        next_of=next_of,
    )


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
@kept
def case(application_id: uuid.UUID) -> str:
    """Show a case: where it stands, what the person can do, who works on it, and every step so far."""
    with acting() as act:
        application = body_case(act, application_id)
        people = desk.people_of(act.session, application)
        part = access.part_of(act.session, act.actor, application.id)
        declaration = interests.latest_declaration(act.session, act.actor, application.id) if part else None
        lock = interests.lock_of(act.session, act.actor, application, part.role, act.at) if part else None
        unlocked = part is not None and lock is None
        return render_template(
            "reviewer/case.html",
            application=application,
            policy=policy_for(application),
            scope=parse_scope(application.scope),
            part=part,
            declaration=declaration,
            unlocked=unlocked,
            reads=unlocked or act.audits(application),
            lock=lock,
            conflicted=declaration is not None
            and interests.is_conflicted(act.session, application, declaration),
            WAIVABLE=WAIVABLE,
            steps=() if lock else case_view.steps_for(act, application, PLAIN_ACTIONS | PAGES.keys()),
            plain=PLAIN_ACTIONS,
            pages=PAGES,
            mended_at=_mended_at,
            words_of_step=words_of_step,
            may_staff=bool(desk.parts_to_give(act.session, application, **act.by)),
            on_panel=part is not None and part.role in PANEL,
            on_committee=part is not None and part.role in COMMITTEE | {CaseRole.CASE_OFFICER},
            timeline=case_timeline.body_timeline(act, application),
            people=people,
            where=intake_view.where(
                act, application, tone=case_view.state_tone(application.state), applicant=False
            ),
            released=case_view.released(act, application),
            ground=case_view.ground_title(application),
            proves=application.hearing is not None
            and deliveries.may_prove(act.session, application, **act.by),
            sections=_sections(act, application),
            State=State,
            Guard=Guard,
        )


def words_of_step(action: Action) -> str:
    """Return what the link to the page of a step says."""
    return gettext(_LED_TO[action]) if action in _LED_TO else label(action)


def next_of(task: tasks.Task) -> list[tuple[str, str | None]]:
    """Return what comes next for a person, in words, each with the page (endpoint) on which it is done, or None."""
    work = _WORK.get((task.state, task.part)) if task.mine and task.part else None
    found: list[tuple[str, str | None]] = [(gettext(work[1]), work[0])] if work else []
    if task.state is not State.APPEAL:  # whose steps are what the panel may vote on
        found += [(words_of_step(step), PAGES.get(step)) for step in task.next_steps]
    return found


def _mended_at(step: desk.OpenStep) -> list[tuple[str, str]]:
    """Return the pages (endpoint, words) on which people do what a step still lacks."""
    words = {
        "reviewer.completeness_list": gettext("Completeness"),
        "reviewer.people": gettext("Who works on this case"),
        "reviewer.case_keys": gettext("Identity and keys"),
        "reviewer.eligibility_checks": gettext("Eligibility"),
        "reviewer.report": gettext("Report"),
    }
    found = {_MENDED_AT[guard] for guard in step.transition.guards if guard in _MENDED_AT}
    return [(endpoint, shown) for endpoint, shown in words.items() if endpoint in found]


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
        note = request.form.get("note", "")
        applications.act(act.session, application_id, action, note=note, **act.by)
    flash(gettext("Done: %(step)s.", step=label(action)))
    return redirect(url_for("reviewer.case", application_id=application_id), 303)
