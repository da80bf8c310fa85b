"""Meetings of a committee, and the search through its body's precedents."""

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.validators import InputRequired

from registry.domain.policy import Criterion, Outcome, Policy
from registry.domain.roles import COMMITTEE, CaseRole, Role
from registry.domain.text import fold
from registry.errors import InvalidInput, NotAllowed
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.body import Body
from registry.models.meeting import Meeting
from registry.services import access, desk, disputes, meetings, precedents
from registry.services.case_file import policy_for
from registry.services.guards import seated
from registry.services.motions import recused
from registry.web import case_view
from registry.web.decision import decision
from registry.web.i18n import text
from registry.web.policies import outcome_label
from registry.web.reviewer import open_file
from registry.web.work import leads_back, posted_id, posted_version, put_errors


class MeetingForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """When and where the committee meets."""

    body = SelectField(lazy_gettext("Accreditation body"))
    starts_at = DateTimeLocalField(
        lazy_gettext("Day and time (local)"),
        format="%Y-%m-%dT%H:%M",
        validators=[InputRequired(lazy_gettext("Enter the day and the time."))],
    )
    place = StringField(
        lazy_gettext("Place or link"),
        validators=[InputRequired(lazy_gettext("Say where the committee meets."))],
    )
    chair = SelectField(lazy_gettext("Chair of the meeting"))


@decision.route("/meetings", methods=["GET", "POST"])
@allow(*meetings.ATTENDING)
def meeting_list() -> ResponseReturnValue:
    """List the meetings of the person's bodies, and call one."""
    with acting() as act:
        form = _form(act)
    if form.validate_on_submit():
        try:
            with acting() as act:
                body = act.session.get_one(Body, uuid.UUID(form.body.data))
                local = (form.starts_at.data or act.at).replace(tzinfo=ZoneInfo(body.time_zone))
                new = meetings.NewMeeting(
                    local.astimezone(UTC), form.place.data or "", uuid.UUID(form.chair.data)
                )
                made = meetings.call(act.session, body.id, new, **act.by)
            flash(gettext("The meeting is called. Put cases on its agenda."))
            return redirect(url_for("decision.meeting", meeting_id=made.id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        page = render_template(
            "decision/meetings.html",
            form=form,
            meetings=meetings.meetings_of(act.session, **act.by),
            may_call=bool(form.body.choices) and bool(form.chair.choices),
            at=act.at,
        )
    return page, 422 if form.errors or form.form_errors else 200


def _form(act: Acting) -> MeetingForm:
    form = MeetingForm()
    found = desk.bodies_of(act.session, *meetings.CALLERS, **act.by)
    form.body.choices = [(str(one.id), text(one.names)) for one in found]
    chairs = {
        account.id: account.name
        for one in found
        for grant, account in desk.grants_at(act.session, one.id)
        if grant.role is Role.COMMITTEE_CHAIR
    }
    form.chair.choices = sorted(((str(i), name) for i, name in chairs.items()), key=lambda c: c[1])
    return form


@decision.get("/meetings/<uuid:meeting_id>")
@allow(*meetings.ATTENDING)
def meeting(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Show a meeting: its agenda with disputed points and quorum, who is there, and its minutes once it is over."""
    with acting() as act:
        found = meetings.visible(act.session, meeting_id, **act.by)
        return render_template(
            "decision/meeting.html",
            meeting=found,
            items=[_item(act, found, item.application) for item in found.items],
            there={row.account_id for row in found.attendance},
            people=_people(found),
            is_chair=found.chair_id == act.actor,
            may_plan=found.closed_at is None
            and access.holds(act.session, act.actor, *meetings.CALLERS, at=act.at, body=found.body_id),
            choices=_choices(act, found),
            me=act.actor,
            minutes=found.minutes,
            outcome_words=_outcome_words(found),
        )


def _people(found: Meeting) -> dict[uuid.UUID, str]:
    """Return everybody on the committees of the agenda, and the chair, by name."""
    people = {found.chair_id: found.chair.name}
    for item in found.items:
        people |= {a.account_id: a.account.name for a in seated(item.application, *COMMITTEE)}
    people |= {row.account_id: row.account.name for row in found.attendance}
    return dict(sorted(people.items(), key=lambda pair: pair[1]))


def _item(act: Acting, found: Meeting, application: Any) -> dict[str, Any]:
    part = access.part_of(act.session, act.actor, application.id)
    on_committee = part is not None and part.role in COMMITTEE
    opened = on_committee and desk.is_unlocked(act.session, application, **act.by)
    stands_back = recused(application)
    names = {a.account_id: a.account.name for a in seated(application, *COMMITTEE)}
    return {
        "application": application,
        "policy": policy_for(application),
        "quorum": meetings.quorum_of(act.session, found, application),
        "recused": sorted(name for who, name in names.items() if who in stands_back),
        "disputes": disputes.of(act.session, application) if opened else (),
        "opened": opened,
        "may_stand_back": opened and act.actor not in stands_back and found.closed_at is None,
        "tone": case_view.state_tone(application.state),
    }


def _choices(act: Acting, found: Meeting) -> list[Any]:
    """Return the cases that can be put on the agenda."""
    there = {item.application_id for item in found.items}
    cases = meetings.cases_for(act.session, found, **act.by)
    return [one for one in cases if one.id not in there]


def _outcome_words(found: Meeting) -> dict[str, str]:
    return {
        outcome.value: outcome_label(policy_for(item.application), outcome)
        for item in found.items
        for outcome in Outcome
    }


@decision.post("/meetings/<uuid:meeting_id>/items")
@allow(*meetings.CALLERS)
def add_to_agenda(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Put a case on the agenda."""
    case = posted_id("application")
    if case is None:
        raise InvalidInput("choose a case")
    with acting() as act:
        meetings.add_item(act.session, meeting_id, case, **act.by)
    flash(gettext("The case is on the agenda."))
    return redirect(url_for("decision.meeting", meeting_id=meeting_id), 303)


@decision.post("/meetings/<uuid:meeting_id>/attendance")
@allow(*meetings.ATTENDING)
def note_attendance(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Note who is there."""
    chosen = [uuid.UUID(one) for one in request.form.getlist("person") if _is_id(one)]
    with acting() as act:
        for person in chosen:
            meetings.attend(act.session, meeting_id, person, **act.by)
    flash(gettext("Noted."))
    return redirect(url_for("decision.meeting", meeting_id=meeting_id), 303)


def _is_id(given: str) -> bool:
    try:
        uuid.UUID(given)
    except ValueError:
        return False
    return True


@decision.post("/meetings/<uuid:meeting_id>/stand-back")
@allow(SIGNED_IN)
def stand_back(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Stand back from a case on the agenda, with the reason."""
    case = posted_id("application")
    if case is None:
        raise InvalidInput("choose a case")
    with acting() as act:
        meetings.recuse(act.session, meeting_id, case, request.form.get("reason", ""), **act.by)
    flash(gettext("You stand back from this case."))
    return redirect(url_for("decision.meeting", meeting_id=meeting_id), 303)


@decision.post("/meetings/<uuid:meeting_id>/close")
@allow(*meetings.CALLERS)
def close_meeting(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """As its chair: end the meeting; the minutes are frozen."""
    with acting() as act:
        meetings.close(act.session, meeting_id, version=posted_version(), **act.by)
    flash(gettext("The meeting is over, and its minutes are frozen."))
    return redirect(url_for("decision.meeting", meeting_id=meeting_id), 303)


@decision.get("/meetings/<uuid:meeting_id>/minutes.json")
@allow(*meetings.ATTENDING)
def minutes(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the minutes as data."""
    with acting() as act:
        found = meetings.visible(act.session, meeting_id, **act.by)
        content = found.minutes.content if found.minutes else _draft(act, found, act.at)
        return jsonify(content)


def _draft(act: Acting, found: Meeting, at: datetime) -> dict[str, Any]:
    return meetings.minutes_content(act.session, found, at) | {"draft": True}


@decision.get("/cases/<uuid:application_id>/precedents")
@allow(SIGNED_IN)
def search_precedents(application_id: uuid.UUID) -> ResponseReturnValue:
    """Search what the body decided before, criterion by criterion."""
    with acting() as act:
        application = open_file(act, application_id)
        part = access.part_of(act.session, act.actor, application.id)
        judging = COMMITTEE | {CaseRole.CASE_OFFICER, CaseRole.APPEALS_MEMBER}
        if part is None or part.role not in judging:
            raise NotAllowed("only the committee chair or committee member of this case may do this")
        policy = policy_for(application)
        asked = {name: request.args.get(name, "").strip()[:100] for name in ("criterion", "outcome", "q")}
        search = precedents.Search(asked["criterion"] or None, None, asked["outcome"] or None, asked["q"])
        rows = precedents.find(
            act.session, application.scheme.body_id, policy.id, search, _criteria(policy, asked["q"])
        )
        return render_template(
            "decision/precedents.html",
            application=application,
            policy=policy,
            asked=asked,
            rows=[(row, outcome_label(policy, Outcome(row.outcome))) for row in rows],
            criteria=[(c.id, f"{c.id} {text(c.title)}") for c in policy.criteria],
            outcomes=[(o.id.value, text(o.label)) for o in policy.decision.outcomes],
        )


def _criteria(policy: Policy, words: str) -> list[str] | None:
    """Return the criteria in whose title, requirement or id every word is found; None: no words were given."""
    wanted = fold(words).split()
    if not wanted:
        return None
    return [c.id for c in policy.criteria if all(word in _searched(c) for word in wanted)]


def _searched(criterion: Criterion) -> str:
    texts = (*criterion.title.as_dict().values(), *criterion.requirement.as_dict().values(), criterion.id)
    return fold(" ".join(texts))


leads_back(decision, "/meetings/<uuid:meeting_id>/items", "decision.meeting")
leads_back(decision, "/meetings/<uuid:meeting_id>/attendance", "decision.meeting")
leads_back(decision, "/meetings/<uuid:meeting_id>/stand-back", "decision.meeting")
