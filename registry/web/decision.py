"""The committee and the release: proposal and explanation beside the motion, votes, the result, two signatures."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.explaining import measure_text
from registry.domain.policy import Criterion, Outcome, Policy, Standing
from registry.domain.roles import COMMITTEE, CaseRole, Role
from registry.domain.scope import parse_scope
from registry.domain.stops import STOPPING
from registry.domain.terms import LANGUAGES
from registry.domain.voting import Ballot
from registry.domain.workflow import VOTING_STATES
from registry.errors import InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application, Procedure
from registry.models.decision import Motion
from registry.services import (
    access,
    case_file,
    decisions,
    desk,
    meetings,
    motions,
    precedents,
    rating_rounds,
    releases,
    reviews,
    standing,
)
from registry.services.case_file import policy_for
from registry.services.decisions import GRANTING, NewMotion
from registry.services.guards import seated
from registry.web import case_view
from registry.web.forms import MotionForm, TextForm, VoteForm
from registry.web.labels import label
from registry.web.policies import outcome_label
from registry.web.reviewer import body_case, open_file
from registry.web.work import leads_back, posted_version, put_errors, work_blueprint

decision = work_blueprint("decision")
NARROWING = GRANTING | {Outcome.REDUCE_SCOPE}
"""Outcomes for which the chair says which parts of the scope they keep."""


@decision.get("/cases/<uuid:application_id>/committee")
@allow(SIGNED_IN)
def committee(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show what the policy proposes and why, the motion, and the votes."""
    with acting() as act:
        return _page(
            act,
            _committee_case(act, application_id),
            _motion_form(act, application_id, fresh=True),
            _vote_form(),
            _notice_form(fresh=True),
        )


def _committee_case(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case for those who decide it, for the officer who brings it before them, and for the auditor to read."""
    application = open_file(act, application_id)
    if act.audits(application):
        return application
    part = access.part_of(act.session, act.actor, application.id)
    if part is None or part.role not in COMMITTEE | {CaseRole.CASE_OFFICER}:
        raise NotAllowed("only the committee chair or committee member of this case may do this")
    return application


def _motion_form(act: Acting, application_id: uuid.UUID, *, fresh: bool = False) -> MotionForm:
    application = _committee_case(act, application_id)
    policy = policy_for(application)
    form = MotionForm(formdata=None) if fresh else MotionForm()
    form.outcome.choices = [(o.value, outcome_label(policy, o)) for o in decisions.outcomes_open(application)]
    if fresh:
        form.outcome.data = decisions.proposal_for(act.session, application).outcome.value
    return form


def _vote_form(*, fresh: bool = True) -> VoteForm:
    form = VoteForm(formdata=None) if fresh else VoteForm()
    form.ballot.choices = [(ballot.value, label(ballot)) for ballot in Ballot]
    return form


def _notice_form(*, fresh: bool = False) -> TextForm:
    form = TextForm(formdata=None) if fresh else TextForm()
    form.text.label.text = gettext("Notice to the applicant")
    return form


def _page(
    act: Acting,
    application: Application,
    motion_form: MotionForm,
    vote_form: VoteForm,
    notice_form: TextForm | None = None,
) -> str:
    policy = policy_for(application)
    motion = decisions.current_motion(act.session, application)
    if motion is None and application.state not in VOTING_STATES:  # what was voted on stays to be read
        motion = motions.newest_motion(act.session, application.id, of_appeals=False)
    part = access.part_of(act.session, act.actor, application.id)
    proposal = decisions.proposal_for(act.session, application)
    voted = {vote.account_id: vote.ballot for vote in motion.votes} if motion else {}
    told = act.actor in voted or (application.state not in VOTING_STATES and act.audits(application))
    members = seated(application, *COMMITTEE)
    tally = decisions.tally_of(application, motion) if motion and told else None
    conditions = _conditions(act, application)
    return render_template(
        "decision/committee.html",
        notice_form=notice_form or _notice_form(fresh=True),
        owed=motion is not None
        and tally is not None
        and tally.carried
        and decisions.unheard(application, motion) is not None,
        recused=motions.recused(application),
        meeting=meetings.meeting_of_motion(act.session, motion) if motion else None,
        precedents=_precedents(act, application),
        application=application,
        policy=policy,
        proposal=proposal,
        proposal_label=outcome_label(policy, proposal.outcome),
        proposal_tone=case_view.OUTCOME_TONES.get(proposal.outcome, "info"),
        explanation=_explanation(act, application),
        ground=case_view.ground_title(application),
        conditions=conditions,
        scope=parse_scope(application.scope),
        asked=list(application.scope["grants"]),
        motion=_shown(application, motion),
        motion_form=motion_form,
        vote_form=vote_form,
        members=[(m, m.account_id in voted) for m in members],
        ballots=voted if told else {},
        tally=tally,
        is_chair=part is not None and part.role is CaseRole.COMMITTEE_CHAIR,
        may_vote=part is not None
        and part.role in COMMITTEE
        and act.actor not in motions.recused(application)
        and motion is not None
        and act.actor not in voted,
        replaceable=motion is None or decisions.is_replaceable(application, motion),
        voting=application.state in VOTING_STATES,
        report=case_file.report_of(act.session, application.id),
        committee=policy.decision.committee,
    )


def _explanation(act: Acting, application: Application) -> list[dict[str, Any]]:
    """Return every rule that was tried, in words, with the ratings that counted."""
    if application.procedure is Procedure.EXTRAORDINARY:
        return []
    policy = policy_for(application)
    return [
        {
            "outcome": outcome_label(policy, step.outcome),
            "rule": step.rule_id,
            "held": step.held,
            "because": step.because,
            "measured": [(measure_text(policy, m), m.held, m.counted) for m in step.measured],
        }
        for step in reviews.recommendation(act.session, application).explanation
    ]


def _conditions(act: Acting, application: Application) -> list[dict[str, Any]]:
    found = reviews.conditions_for(act.session, application)
    return case_view.conditions(policy_for(application), found, None)


def _precedents(act: Acting, application: Application) -> list[dict[str, Any]]:
    """Return each criterion that is not fully met, with what earlier decisions made of it."""
    policy = policy_for(application)
    agreed = rating_rounds.agreed_ratings(act.session, application)
    open_ = [
        (criterion, agreed[criterion.id].value)
        for criterion in policy.criteria
        if criterion.id in agreed and not _is_met(policy, criterion, agreed[criterion.id].value)
    ]
    found = precedents.beside(act.session, application, [criterion.id for criterion, _value in open_])
    return [
        {
            "criterion": criterion,
            "value": value,
            "rows": [
                (row, outcome_label(policy, Outcome(row.outcome))) for row in found.get(criterion.id, ())
            ],
        }
        for criterion, value in open_
    ]


def _is_met(policy: Policy, criterion: Criterion, value: str) -> bool:
    rated = policy.scale_of(criterion).value(value)
    return rated is None or rated.standing is Standing.MET


def _shown(application: Application, motion: Motion | None) -> dict[str, Any] | None:
    if motion is None:
        return None
    policy = policy_for(application)
    return {
        "row": motion,
        "outcome": outcome_label(policy, Outcome(motion.outcome)),
        "tone": case_view.OUTCOME_TONES.get(motion.outcome, "info"),
        "deviates": motion.outcome != motion.proposed_outcome,
        "scope": parse_scope(motion.terms["scope"]),
        "narrowed": motion.terms["scope"] != application.scope,
        "ending": motion.terms.get("ending"),
        "grants": motion.outcome in GRANTING,
    }


@decision.post("/cases/<uuid:application_id>/committee/motion")
@allow(SIGNED_IN)
def put_motion(application_id: uuid.UUID) -> ResponseReturnValue:
    """As the chair: put an outcome to the vote."""
    with acting() as act:
        form = _motion_form(act, application_id)
    if form.validate():
        try:
            with acting() as act:
                application = _committee_case(act, application_id)
                decisions.put_motion(act.session, application_id, _new_motion(application, form), **act.by)
            flash(gettext("The motion is put. Members can vote now."))
            return redirect(url_for("decision.committee", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error, {**_ENDING, "ending.remedy": "remedy_en"})
    with acting() as act:
        return _page(act, _committee_case(act, application_id), form, _vote_form()), 422


def _new_motion(application: Application, form: MotionForm) -> NewMotion:
    outcome = Outcome(form.outcome.data)
    return NewMotion(
        outcome,
        form.reasons.data or "",
        _narrowed(application) if outcome in NARROWING else None,
        ending=_ending(form) if outcome in STOPPING else None,
    )


def _ending(form: MotionForm) -> dict[str, Any] | None:
    """Return what a stop means for learners, as far as it was filled in."""
    names = ("records_kept_by", "status_service_kept_by", "teach_out_until")
    given: dict[str, Any] = {name: (form[name].data or "").strip() for name in names}
    remedy = {code: (form[f"remedy_{code}"].data or "").strip() for code in LANGUAGES}
    given["remedy"] = {code: text for code, text in remedy.items() if text}
    return {name: value for name, value in given.items() if value} or None


_ENDING = {
    f"ending.{name}": name for name in ("records_kept_by", "status_service_kept_by", "teach_out_until")
}
"""Names of the service, and the fields of the form."""


def _narrowed(application: Application) -> dict[str, Any] | None:
    """Return the scope without the parts that were unticked; None keeps it whole."""
    asked = list(application.scope["grants"])
    kept = [grant for number, grant in enumerate(asked) if str(number) in request.form.getlist("grants")]
    return None if len(kept) in {0, len(asked)} else {"grants": kept}


@decision.post("/cases/<uuid:application_id>/committee/vote")
@allow(SIGNED_IN)
def vote(application_id: uuid.UUID) -> ResponseReturnValue:
    """Vote on the motion that was shown, once."""
    form = _vote_form(fresh=False)
    motion_id = request.form.get("motion", "")
    if form.validate():
        with acting() as act:
            _committee_case(act, application_id)
            decisions.cast_vote(act.session, _id(motion_id), Ballot(form.ballot.data), **act.by)
        flash(gettext("Your vote is recorded."))
        return redirect(url_for("decision.committee", application_id=application_id), 303)
    with acting() as act:
        application = _committee_case(act, application_id)
        return _page(act, application, _motion_form(act, application_id, fresh=True), form), 422


def _id(given: str) -> uuid.UUID:
    try:
        return uuid.UUID(given)
    except ValueError as error:
        raise NotFound("no such motion") from error


@decision.post("/cases/<uuid:application_id>/committee/decide")
@allow(SIGNED_IN)
def decide(application_id: uuid.UUID) -> ResponseReturnValue:
    """As the chair: declare the result of the vote."""
    with acting() as act:
        _committee_case(act, application_id)
        decisions.decide(act.session, application_id, version=posted_version(), **act.by)
    flash(
        gettext(
            "The decision is taken. Two registrars have to release it before anybody outside learns of it."
        )
    )
    return redirect(url_for("reviewer.case", application_id=application_id), 303)


@decision.post("/cases/<uuid:application_id>/committee/notice")
@allow(SIGNED_IN)
def give_notice(application_id: uuid.UUID) -> ResponseReturnValue:
    """As the chair: tell the applicant what is intended, since it is worse than asked, and hear it first."""
    form = _notice_form()
    if form.validate():
        try:
            with acting() as act:
                _committee_case(act, application_id)
                decisions.give_notice(
                    act.session, application_id, form.text.data or "", version=posted_version(), **act.by
                )
            flash(gettext("Notice is given. The applicant can answer now."))
            return redirect(url_for("reviewer.case", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error, {"notice": "text"})
    with acting() as act:
        application = _committee_case(act, application_id)
        fresh = _motion_form(act, application_id, fresh=True)
        return _page(act, application, fresh, _vote_form(), form), 422


@decision.get("/cases/<uuid:application_id>/release")
@allow(SIGNED_IN)
def release(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the decision that two registrars release."""
    with acting() as act:
        application = body_case(act, application_id)
        found = case_file.decision_of(act.session, application.id)
        access.require(act.session, act.actor, Role.REGISTRAR, at=act.at, body=application.scheme.body_id)
        if found is None:
            raise NotFound(f"no decision in {application_id}")
        first, second = releases.release_state(act.session, found)
        part = access.part_of(act.session, act.actor, application.id)
        policy = policy_for(application)
        return render_template(
            "decision/release.html",
            application=application,
            policy=policy,
            decision=found,
            outcome=outcome_label(policy, Outcome(found.outcome)),
            tone=case_view.OUTCOME_TONES.get(found.outcome, "info"),
            because=case_view.because(found.motion.explanation),
            conditions=case_view.conditions(policy, found.motion.terms["conditions"], None),
            scope=parse_scope(found.motion.terms["scope"]),
            grants=found.outcome in GRANTING,
            effect=_effect(application, found.outcome),
            ending=standing.ending_of(act.session, application) if found.outcome in STOPPING else None,
            has_report=case_file.report_of(act.session, application.id) is not None,
            waits=standing.is_final_first(application, Outcome(found.outcome)),
            first=first,
            second=second,
            names=desk.names_of(act.session, [row.first_by for row in (first,) if row]),
            other_part=part is not None and part.role is not CaseRole.REGISTRAR,
            mine_first=first is not None and first.first_by == act.actor,
        )


def _effect(application: Application, outcome: str) -> Any:
    """Return what the policy says becomes of credentials already issued, for outcomes that stop a recognition."""
    terms = policy_for(application).sanctions.effect_on_issued_credentials
    found = {
        Outcome.SUSPEND: terms.suspended,
        Outcome.WITHDRAW: terms.withdrawn,
        Outcome.VOID: terms.void,
    }.get(Outcome(outcome))
    return found.text if found else None


@decision.post("/cases/<uuid:application_id>/release/first")
@allow(Role.REGISTRAR)
def sign_first(application_id: uuid.UUID) -> ResponseReturnValue:
    """Give the first signature."""
    with acting() as act:
        body_case(act, application_id)
        releases.propose(act.session, _decision_id(act, application_id), **act.by)
    flash(gettext("You have given the first signature. Another registrar gives the second."))
    return redirect(url_for("decision.release", application_id=application_id), 303)


@decision.post("/cases/<uuid:application_id>/release/second")
@allow(Role.REGISTRAR)
def sign_second(application_id: uuid.UUID) -> ResponseReturnValue:
    """Give the second signature: the decision takes effect and is published."""
    with acting() as act:
        body_case(act, application_id)
        releases.release(act.session, _decision_id(act, application_id), **act.by)
    flash(gettext("The decision is released and on its way into the signed lists."))
    return redirect(url_for("reviewer.case", application_id=application_id), 303)


def _decision_id(act: Acting, application_id: uuid.UUID) -> uuid.UUID:
    found = case_file.decision_of(act.session, application_id)
    if found is None or str(found.id) != request.form.get("decision"):
        raise NotFound(f"no such decision in {application_id}")
    return found.id


leads_back(decision, "/cases/<uuid:application_id>/committee/motion", "decision.committee")
leads_back(decision, "/cases/<uuid:application_id>/committee/vote", "decision.committee")
leads_back(decision, "/cases/<uuid:application_id>/committee/notice", "decision.committee")
