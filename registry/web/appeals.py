"""Appeals: the institution files one, somebody without a part in the case chooses who hears it, and they decide."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Optional

from registry.domain.policy import Outcome
from registry.domain.roles import CaseRole, Role
from registry.domain.voting import Ballot
from registry.domain.workflow import Action, State
from registry.errors import InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.appeal import Appeal, AppealMotion
from registry.models.application import Application
from registry.services import (
    access,
    appeals,
    cases,
    deliveries,
    desk,
    finality,
    interests,
    letters,
    reviews,
)
from registry.services.appeals import NewAppeal, NewAppealMotion
from registry.services.case_file import policy_for, report_of
from registry.services.guards_decision import appeal_members, appeal_open
from registry.web import redactions
from registry.web.applicant import applicant, own_application
from registry.web.decision import decision
from registry.web.forms import VoteForm
from registry.web.i18n import text
from registry.web.labels import label
from registry.web.letters import signs_for
from registry.web.policies import outcome_label
from registry.web.reviewer import open_file
from registry.web.saved import filled, keeps_text
from registry.web.work import leads_back, posted_id, posted_version, put_errors

CHOOSERS = (Role.ADMINISTRATOR, Role.REGISTRAR)


class AppealForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """Grounds and what there is to say to them."""

    grounds = SelectMultipleField(
        lazy_gettext("Grounds of the appeal"), validators=[InputRequired(lazy_gettext("Choose one."))]
    )
    text = TextAreaField(
        lazy_gettext("What is wrong with the decision?"),
        validators=[InputRequired(lazy_gettext("Say what is wrong with the decision."))],
    )


class AppealMotionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """What becomes of the decision."""

    action = RadioField(
        lazy_gettext("What becomes of the decision"), validators=[InputRequired(lazy_gettext("Choose one."))]
    )
    outcome = SelectField(lazy_gettext("Outcome that takes its place"), validators=[Optional()])
    admissible = RadioField(lazy_gettext("Is the appeal admissible?"), default="yes")
    reasons = TextAreaField(
        lazy_gettext("Reasons"), validators=[InputRequired(lazy_gettext("Give the reasons."))]
    )


@applicant.route("/<uuid:application_id>/appeal", methods=["GET", "POST"])
@allow(SIGNED_IN)
@keeps_text
def appeal(application_id: uuid.UUID) -> ResponseReturnValue:
    """Appeal against the decision, free of charge."""
    with acting() as act:
        application = own_application(act, application_id)
        terms = policy_for(application).appeals
        form = AppealForm(**filled())
        form.grounds.choices = [(ground.id, text(ground.title)) for ground in terms.grounds]
    if form.validate_on_submit():
        try:
            new = NewAppeal(tuple(form.grounds.data or ()), form.text.data or "")
            with acting() as act:
                own_application(act, application_id)
                appeals.file(act.session, application_id, new, version=posted_version(), **act.by)
            flash(gettext("Your appeal is filed. Other people than before will hear it."))
            return redirect(url_for("applicant.show", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        application = own_application(act, application_id)
        made = appeals.current(act.session, application.id)
        page = render_template(
            "applicant/appeal.html",
            application=application,
            form=form,
            terms=terms,
            appeal=made,
            result=_result_words(application, made),
            closed=_why_closed(act, application),
        )
    return page, 422 if form.errors or form.form_errors else 200


def _why_closed(act: Acting, application: Application) -> str | None:
    """Return why no appeal can be filed here now, or None."""
    if application.state not in deliveries.APPEALABLE:
        return str(gettext("No appeal can be filed in this case now."))
    if not signs_for(act, application):
        return str(gettext("An owner or signatory of the institution files the appeal."))
    return appeal_open(act.session, application, act.at)


def _result_words(application: Application, made: Appeal | None) -> str | None:
    if made is None or made.result is None:
        return None
    verdicts = policy_for(application).appeals.body.decides
    return next((text(v.title) for v in verdicts if v.id == made.result.verdict), made.result.verdict)


@applicant.route("/<uuid:application_id>/waive-appeal", methods=["GET", "POST"])
@allow(SIGNED_IN)
def waive_appeal(application_id: uuid.UUID) -> ResponseReturnValue:
    """Give the appeal up, after being asked."""
    if request.method == "POST":
        with acting() as act:
            own_application(act, application_id)
            finality.waive_appeal(act.session, application_id, version=posted_version(), **act.by)
        flash(gettext("You have given the appeal up. The decision is final."))
        return redirect(url_for("applicant.show", application_id=application_id), 303)
    with acting() as act:
        application = own_application(act, application_id)
        return render_template(
            "applicant/waive.html", application=application, closed=_why_closed(act, application)
        )


def applicant_section(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Gather what the institution's page says of letters and appeals."""
    found = letters.letters_of(act.session, application.id)
    made = appeals.appeals_of(act.session, application.id)
    appealable = application.state in deliveries.APPEALABLE
    if not (found or made or appealable):
        return None
    return {
        "letters": found,
        "appeals": [(one, _result_words(application, one)) for one in made],
        "open": appealable and appeal_open(act.session, application, act.at) is None,
        "until": application.due_at if appealable else None,
        "delivered": bool(found) and found[-1].delivery is not None,
        "may_sign": signs_for(act, application),
    }


@decision.get("/appeals")
@allow(*CHOOSERS)
def appeals_to_seat() -> ResponseReturnValue:
    """List the appeals whose panel the person may choose: nothing of the cases but reference and days."""
    with acting() as act:
        rows = [(one, *_seats(act, one)) for one in appeals.to_seat(act.session, **act.by)]
        return render_template("decision/appeals.html", rows=rows)


def _seats(act: Acting, application: Application) -> tuple[list[Any], list[Any], int]:
    """Return who sits on an appeals panel, who else could, and how many it takes."""
    candidates = cases.candidates(act.session, application, CaseRole.APPEALS_MEMBER, act.at)
    wanted = policy_for(application).appeals.body.min_members
    return appeal_members(application), list(candidates), wanted


@decision.post("/appeals/<uuid:application_id>/seat")
@allow(*CHOOSERS)
def seat_appeals_member(application_id: uuid.UUID) -> ResponseReturnValue:
    """Put somebody on an appeals panel."""
    person = posted_id("person")
    if person is None:
        raise InvalidInput("choose a person")
    with acting() as act:
        appeals.seat(act.session, application_id, person, **act.by)
    flash(gettext("The person sits on the appeals panel now, and declares interests first."))
    return redirect(url_for("decision.appeals_to_seat"), 303)


@decision.get("/cases/<uuid:application_id>/appeal")
@allow(SIGNED_IN)
def hear_appeal(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show an appeal to those who hear it: what it says, the decision, the motion and the votes."""
    with acting() as act:
        application = _appeals_case(act, application_id)
        return _appeal_page(act, application, _motion_form(application, act, fresh=True), _vote_form())


def _appeals_case(act: Acting, application_id: uuid.UUID) -> Application:
    application = open_file(act, application_id)
    part = access.part_of(act.session, act.actor, application.id)
    if part is None or part.role is not CaseRole.APPEALS_MEMBER:
        raise NotAllowed("only the appeals member of this case may do this")
    if appeals.current(act.session, application.id) is None:
        raise NotFound(f"no appeal in {application_id}")
    return application


def _motion_form(application: Application, act: Acting, *, fresh: bool = False) -> AppealMotionForm:
    made = appeals.current(act.session, application.id)
    form = AppealMotionForm(formdata=None) if fresh else AppealMotionForm()
    policy = policy_for(application)
    ways = appeals.ways(application, made) if made else ()
    form.action.choices = [(way.value, label(way)) for way in ways]
    found = appeals.outcomes_open(application, made) if made else ()
    form.outcome.choices = [("", gettext("None")), *((o.value, outcome_label(policy, o)) for o in found)]
    form.admissible.choices = [("yes", gettext("Yes")), ("no", gettext("No; the decision stays as it is"))]
    if fresh:
        form.admissible.data = "yes"
    return form


def _vote_form(*, fresh: bool = True) -> VoteForm:
    form = VoteForm(formdata=None) if fresh else VoteForm()
    form.ballot.choices = [(ballot.value, label(ballot)) for ballot in Ballot]
    return form


def _appeal_page(
    act: Acting, application: Application, motion_form: AppealMotionForm, vote_form: VoteForm
) -> str:
    made = appeals.current(act.session, application.id)
    motion = appeals.current_motion(act.session, application)
    put = act.session.get(AppealMotion, motion.id) if motion else None
    voted = {vote.account_id: vote.ballot for vote in motion.votes} if motion else {}
    policy = policy_for(application)
    grounds = {ground.id: text(ground.title) for ground in policy.appeals.grounds}
    tally = appeals.tally_of(act.session, application, motion) if motion and act.actor in voted else None
    return render_template(
        "decision/appeal.html",
        application=application,
        policy=policy,
        appeal=made,
        grounds=[grounds.get(one, one) for one in made.grounds] if made else (),
        against=_against(application, made),
        decided=made.decision if made else None,
        motion=motion,
        put=put,
        motion_outcome=outcome_label(policy, Outcome(motion.outcome))
        if motion and put and put.action is Action.REPLACE
        else None,
        members=[(m, m.account_id in voted) for m in appeal_members(application)],
        recused=interests.conflicted_people(act.session, application),
        ballots=voted if act.actor in voted else {},
        tally=tally,
        may_vote=motion is not None and act.actor not in voted,
        replaceable=motion is None
        or not voted
        or (tally is not None and tally.present >= tally.members and not tally.carried),
        running=application.state is State.APPEAL,
        motion_form=motion_form,
        vote_form=vote_form,
        report=report_of(act.session, application.id),
        conditions=reviews.conditions_for(act.session, application),
        result=_result_words(application, made),
    )


def _against(application: Application, made: Appeal | None) -> str:
    if made is None:
        return ""
    if made.decision is None:
        return label(State.INELIGIBLE)
    return outcome_label(policy_for(application), Outcome(made.against))


@decision.post("/cases/<uuid:application_id>/appeal/motion")
@allow(SIGNED_IN)
def put_appeal_motion(application_id: uuid.UUID) -> ResponseReturnValue:
    """As a member of the appeals panel: put what becomes of the decision to the vote."""
    with acting() as act:
        form = _motion_form(_appeals_case(act, application_id), act)
    if form.validate():
        try:
            with acting() as act:
                _appeals_case(act, application_id)
                appeals.put_motion(act.session, application_id, _new_motion(form), **act.by)
            flash(gettext("The motion is put. Members can vote now."))
            return redirect(url_for("decision.hear_appeal", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        return _appeal_page(act, _appeals_case(act, application_id), form, _vote_form()), 422


def _new_motion(form: AppealMotionForm) -> NewAppealMotion:
    action = Action(form.action.data)
    replaces = action is Action.REPLACE and form.outcome.data
    return NewAppealMotion(
        action,
        form.reasons.data or "",
        Outcome(form.outcome.data) if replaces else None,
        admissible=form.admissible.data != "no",
    )


@decision.post("/cases/<uuid:application_id>/appeal/vote")
@allow(SIGNED_IN)
def vote_on_appeal(application_id: uuid.UUID) -> ResponseReturnValue:
    """Vote on the motion that was shown, once."""
    form = _vote_form(fresh=False)
    motion = posted_id("motion")
    if form.validate() and motion is not None:
        with acting() as act:
            _appeals_case(act, application_id)
            appeals.cast_vote(act.session, motion, Ballot(form.ballot.data), **act.by)
        flash(gettext("Your vote is recorded."))
        return redirect(url_for("decision.hear_appeal", application_id=application_id), 303)
    with acting() as act:
        application = _appeals_case(act, application_id)
        return _appeal_page(act, application, _motion_form(application, act, fresh=True), form), 422


@decision.post("/cases/<uuid:application_id>/appeal/conclude")
@allow(SIGNED_IN)
def conclude_appeal(application_id: uuid.UUID) -> ResponseReturnValue:
    """As a member of the appeals panel: declare the result."""
    with acting() as act:
        _appeals_case(act, application_id)
        appeals.conclude(act.session, application_id, version=posted_version(), **act.by)
    flash(gettext("The appeal is decided."))
    return redirect(url_for("reviewer.case", application_id=application_id), 303)


def body_section(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Gather what the body's page of a case says of its letter and its appeals."""
    found = letters.current_letter(act.session, application)
    made = appeals.appeals_of(act.session, application.id)
    if found is None and not made:
        return None
    part = access.part_of(act.session, act.actor, application.id)
    return {
        "letter": found,
        "appeals": [(one, _result_words(application, one)) for one in made],
        "hears": part is not None
        and part.role is CaseRole.APPEALS_MEMBER
        and desk.is_unlocked(act.session, application, **act.by),
        "reads_letter": part is not None
        and part.role in {CaseRole.CASE_OFFICER, CaseRole.REGISTRAR, CaseRole.SECOND_SIGNER},
        "publishes": redactions.leads_to_text(act, application),
        "chooses": application.state is State.APPEAL and appeals.may_seat(act.session, application, **act.by),
    }


leads_back(decision, "/appeals/<uuid:application_id>/seat", "decision.appeals_to_seat")
leads_back(decision, "/cases/<uuid:application_id>/appeal/motion", "decision.hear_appeal")
