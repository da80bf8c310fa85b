"""Who works on a case: giving and ending parts, everybody's declaration of interests, waivers, answers to objections."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.conflicts import Answer
from registry.domain.roles import COMMITTEE, PANEL, RATERS, CaseRole, PanelSeat
from registry.domain.two_people import ProposalKind
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.account import Account
from registry.models.application import Application
from registry.services import (
    cases,
    committee_again,
    committees,
    declarations,
    desk,
    interests,
    objections,
    panels,
    two_people,
)
from registry.services.case_file import policy_for
from registry.services.cases import Candidate, NewPart
from registry.services.two_people import NewProposal
from registry.web.labels import label
from registry.web.proposal_words import roles_that_confirm
from registry.web.reviewer import body_case, reviewer
from registry.web.work import errors_at, leads_back, posted_id, problems_of, yes_or_no

PLACES = 8
"""How many people a form gives a part at once, at most."""


@reviewer.get("/cases/<uuid:application_id>/people")
@allow(SIGNED_IN)
def people(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show who works on a case, and let those who may give parts do so."""
    return _people_page(application_id)


def _people_page(
    application_id: uuid.UUID, problems: Sequence[FieldError] = (), group: str = ""
) -> ResponseReturnValue:
    with acting() as act:
        application = body_case(act, application_id)
        givable = desk.parts_to_give(act.session, application, **act.by)
        page = render_template(
            "reviewer/people.html",
            application=application,
            policy=policy_for(application),
            groups=[_group(act, application, name, roles, givable) for name, roles in _groups(givable)],
            refused=group,
            posted=request.form,
            problems=[FieldError(_anchor(group, one.field), one.message) for one in problems],
            errors=errors_at([FieldError(one.field, one.message) for one in problems]),
            declarations=desk.declarations_of(act.session, application),
            open_to={
                a.account_id
                for a in application.assignments
                if interests.is_open(act.session, application, a, act.at)
            },
            givable=set(givable),
            needed=panels.needed_for(act.session, application),
            lacks=panels.problems_of(act.session, application) if set(givable) & PANEL else (),
            waivable=_waivable(act, application),
            confirmers=roles_that_confirm(ProposalKind.CONFLICT_WAIVER),
            waivers=interests.waivers_of(act.session, application.id),
            names=_names(application),
            again=_again(act, application),
            objections=objections.of_case(act.session, application),
            round=objections.round_of(application),
            accepted=objections.is_accepted(act.session, application),
            seats=list(PanelSeat)[1:],
            people_choices=_people_choices,
            seat_choices=_seat_choices,
        )
    return page, 422 if problems else 200


def _people_choices(people: Sequence[Account]) -> list[tuple[str, str]]:
    return [("", gettext("Nobody yet")), *((str(one.id), one.name) for one in people)]


def _seat_choices(seats: Sequence[PanelSeat]) -> list[tuple[str, str]]:
    return [("", gettext("None")), *((seat.value, label(seat)) for seat in seats)]


def _anchor(group: str, field: str) -> str:
    number = field.removeprefix("parts.")
    return f"{group}-person-{number}" if number.isdigit() else field


def _groups(givable: Sequence[CaseRole]) -> list[tuple[str, list[CaseRole]]]:
    """Return the parts that can be given, by the form that gives them: officers, panel, committee."""
    panel, committee = PANEL, COMMITTEE
    sorted_ = {
        "officers": [role for role in givable if role not in panel | committee],
        "panel": [role for role in givable if role in panel],
        "committee": [role for role in givable if role in committee],
    }
    return [(name, roles) for name, roles in sorted_.items() if roles]


def _group(
    act: Acting, application: Application, name: str, roles: list[CaseRole], givable: Sequence[CaseRole]
) -> dict[str, Any]:
    """Return what one form shows: its rows (part, seat), who can be chosen, and why others cannot."""
    rows = _rows(act, application, name, roles)
    by_role = {role: cases.considered(act.session, application, role, (), act.at) for role in roles}
    against: dict[uuid.UUID, Candidate] = {
        one.account.id: one for found in by_role.values() for one in found if one.against
    }
    return {
        "name": name,
        "rows": rows,
        "people": {
            role: [one.account for one in found if not one.against] for role, found in by_role.items()
        },
        "against": list(against.values()),
    }


def _rows(
    act: Acting, application: Application, name: str, roles: list[CaseRole]
) -> list[tuple[CaseRole, PanelSeat | None]]:
    """Return the parts that a form offers: the seats that the panel still lacks, then one of every other part."""
    if name != "panel":
        extra = [CaseRole.COMMITTEE_MEMBER] * 3 if CaseRole.COMMITTEE_MEMBER in roles else []
        extra = extra or ([CaseRole.IDENTITY_VERIFIER] if CaseRole.IDENTITY_VERIFIER in roles else [])
        return [(role, None) for role in [*roles, *extra]]
    filled = {
        seat
        for a in application.assignments
        if a.ended_at is None and a.role in RATERS
        for seat in panels.seats_of(a)
    }
    missing = [seat for seat in panels.needed_for(act.session, application) if seat not in filled]
    rows: list[tuple[CaseRole, PanelSeat | None]] = [
        (CaseRole.PANEL_CHAIR if seat is PanelSeat.CHAIR else CaseRole.PANEL_MEMBER, seat) for seat in missing
    ]
    return [*rows, (CaseRole.PANEL_MEMBER, None), (CaseRole.PANEL_SECRETARY, None)]


def _waivable(act: Acting, application: Application) -> list[dict[str, Any]]:
    """Return the ties that two others may waive, with whether the person who looks may propose it, or one of them has."""
    found = []
    for part, made in declarations.waivable(act.session, application):
        new = _waiver(application, part.account_id, "")
        may = act.actor != part.account_id and two_people.may_propose(
            act.session, ProposalKind.CONFLICT_WAIVER, new, **act.by
        )
        rules = interests.ties_of(application, made)
        waits = two_people.is_proposed(act.session, ProposalKind.CONFLICT_WAIVER, new.object_id)
        found.append({"part": part, "declaration": made, "rules": rules, "may": may, "waits": waits})
    return found


def _again(act: Acting, application: Application) -> dict[str, Any] | None:
    """Return who stood down because an appeal annulled their decision, and how many of them may sit again; or None."""
    gone = committees.stood_down(act.session, application)
    if not gone:
        return None
    new = NewProposal(str(application.id), "", application_id=application.id)
    return {
        "gone": gone,
        "places": committee_again.places(act.session, application, act.at),
        "may": two_people.may_propose(act.session, ProposalKind.COMMITTEE_AGAIN, new, **act.by),
    }


def _waiver(application: Application, account_id: uuid.UUID, reasons: str) -> NewProposal:
    about = declarations.waiver_object(application, account_id)
    return NewProposal(object_id=about, reasons=reasons, application_id=application.id)


def _names(application: Application) -> dict[uuid.UUID, str]:
    return {a.account_id: a.account.name for a in application.assignments}


@reviewer.post("/cases/<uuid:application_id>/people")
@allow(SIGNED_IN)
def assign(application_id: uuid.UUID) -> ResponseReturnValue:
    """Give several people their parts in the case: all of those chosen, or nobody."""
    group = request.form.get("group", "")
    places = [number for number in range(PLACES) if posted_id(f"person-{number}")]
    parts = [_posted_part(number) for number in places]
    try:
        with acting() as act:
            body_case(act, application_id)
            cases.assign_all(act.session, application_id, parts, **act.by)
    except InvalidInput as error:
        return _people_page(application_id, _at_places(problems_of(error), places), group)
    flash(gettext("Parts given: %(parts)s.", parts=", ".join(label(part.role) for part in parts)))
    return redirect(url_for("reviewer.people", application_id=application_id), 303)


def _at_places(problems: Sequence[FieldError], places: Sequence[int]) -> list[FieldError]:
    """Return problems with the places that the form has for those of the service."""
    found = []
    for problem in problems:
        number = problem.field.removeprefix("parts.")
        field = f"parts.{places[int(number)]}" if number.isdigit() else "parts.0"
        found.append(FieldError(field, problem.message))
    return found


def _at_form(error: InvalidInput, form: object) -> list[FieldError]:
    """Return the problems of one of several forms of the page; `form` is what tells it from the others."""
    return [FieldError(f"{problem.field}-{form}", problem.message) for problem in problems_of(error)]


def _posted_part(number: int) -> NewPart:
    person = posted_id(f"person-{number}")
    seat, also = request.form.get(f"seat-{number}", ""), request.form.get(f"also-{number}", "")
    try:
        role = CaseRole(request.form.get(f"role-{number}", ""))
        seats = [PanelSeat(one) if one else None for one in (seat, also)]
    except ValueError as error:
        raise NotFound("no such part") from error
    if person is None:
        raise NotFound("no such person")
    return NewPart(person, role, *seats)


@reviewer.post("/cases/<uuid:application_id>/people/end-part")
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


@reviewer.post("/cases/<uuid:application_id>/people/waiver")
@allow(SIGNED_IN)
def propose_waiver(application_id: uuid.UUID) -> ResponseReturnValue:
    """Propose to waive somebody's conflict; another person confirms it."""
    person = posted_id("person")
    if person is None:
        raise NotFound("no such person")
    try:
        with acting() as act:
            application = body_case(act, application_id)
            new = _waiver(application, person, request.form.get("reasons", ""))
            two_people.propose(act.session, ProposalKind.CONFLICT_WAIVER, new, **act.by)
    except InvalidInput as error:
        return _people_page(application_id, _at_form(error, person))
    flash(gettext("The waiver is proposed. It counts once a second person has confirmed it."))
    return redirect(url_for("reviewer.people", application_id=application_id), 303)


@reviewer.post("/cases/<uuid:application_id>/people/committee-again")
@allow(SIGNED_IN)
def let_sit_again(application_id: uuid.UUID) -> ResponseReturnValue:
    """Propose that some of those whose decision was annulled decide again; another person confirms it."""
    try:
        with acting() as act:
            application = body_case(act, application_id)
            content = {"people": request.form.getlist("people")}
            new = NewProposal(str(application.id), request.form.get("reasons", ""), content, application.id)
            two_people.propose(act.session, ProposalKind.COMMITTEE_AGAIN, new, **act.by)
    except InvalidInput as error:
        return _people_page(application_id, _at_form(error, "again"))
    flash(gettext("It is proposed. They sit again once a second person has confirmed it."))
    return redirect(url_for("reviewer.people", application_id=application_id), 303)


@reviewer.post("/cases/<uuid:application_id>/people/objection-answer")
@allow(SIGNED_IN)
def answer_objection(application_id: uuid.UUID) -> ResponseReturnValue:
    """Answer the applicant's objection to somebody on the panel."""
    objection_id = posted_id("objection")
    if objection_id is None:
        raise NotFound("no such objection")
    reasons = request.form.get("reasons", "")
    try:
        upheld = yes_or_no("upheld")
        with acting() as act:
            body_case(act, application_id)
            objections.answer(act.session, objection_id, upheld=upheld, reasons=reasons, **act.by)
    except InvalidInput as error:
        return _people_page(application_id, _at_form(error, objection_id))
    flash(
        gettext("The objection is upheld, and the person has left the panel. Compose the panel anew.")
        if upheld
        else gettext("The objection is rejected, with your reasons.")
    )
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
                made = declarations.declare(
                    act.session, application_id, _declared(act, application), **act.by
                )
                outcome = made.outcome
            flash(gettext("Your declaration is recorded: %(outcome)s.", outcome=label(outcome)))
            return redirect(url_for("reviewer.case", application_id=application_id), 303)
        except InvalidInput as error:
            problems = problems_of(error)
    with acting() as act:
        application = body_case(act, application_id)
        part, rules, found = declarations.asked(act.session, application, act.actor)
        latest = interests.latest_declaration(act.session, act.actor, application.id)
        page = render_template(
            "reviewer/declaration.html",
            application=application,
            rules=rules,
            found={rule.id: [one for one in found if one.rule == rule.id] for rule in rules},
            problems=problems,
            errors=errors_at(problems),
            answers=request.form,
            latest=latest,
            until=interests.valid_until(application, latest) if latest else None,
            stage=interests.stage_of(application, part.role, latest) if latest else None,
            conflicted=latest is not None and interests.is_conflicted(act.session, application, latest),
            lock=interests.lock_of(act.session, act.actor, application, part.role, act.at),
        )
    return page, 422 if problems else 200


def _declared(act: Acting, application: Application) -> dict[str, Answer]:
    _part, rules, _found = declarations.asked(act.session, application, act.actor)
    return {
        rule.id: Answer(
            yes=request.form[rule.id] == "yes", text=request.form.get(f"{rule.id}-text", "").strip()[:2000]
        )
        for rule in rules
        if request.form.get(rule.id) in {"yes", "no"}
    }


for _word in ("end-part", "waiver", "committee-again", "objection-answer"):
    leads_back(reviewer, f"/cases/<uuid:application_id>/people/{_word}", "reviewer.people")
del _word
