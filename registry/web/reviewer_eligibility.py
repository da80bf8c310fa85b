"""Eligibility and reuse as the body works on them: checks answered, two officers on what is not eligible, reuse judged."""

import uuid
from collections.abc import Iterable, Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.two_people import ProposalKind
from registry.domain.workflow import GATHERING_STATES
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.intake import EligibilityAnswer
from registry.services import (
    access,
    desk,
    duplicates,
    eligibility,
    eligibility_standing,
    external_decisions,
    two_people,
)
from registry.services.case_file import policy_for
from registry.web.i18n import text
from registry.web.reviewer import open_file, reviewer
from registry.web.work import errors_at, leads_back, posted_id, problems_of, yes_or_no


@reviewer.get("/cases/<uuid:application_id>/eligibility")
@allow(SIGNED_IN)
def eligibility_checks(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show each eligibility check with its answers, and take those that a person gives."""
    with acting() as act:
        return _eligibility_page(act, open_file(act, application_id), {}, [])


def _eligibility_page(
    act: Acting, application: Application, given: Mapping[str, str], problems: list[FieldError]
) -> str:
    part = access.part_of(act.session, act.actor, application.id)
    judges = (
        part is not None
        and part.role in eligibility.OFFICERS
        and application.state in eligibility.ANSWERING_STATES
    )
    answers = eligibility_standing.answers_of(act.session, application.id)
    waiting = eligibility.waiting_finding(act.session, application)
    standings = eligibility_standing.standings(act.session, application)
    return render_template(
        "reviewer/eligibility.html",
        application=application,
        standings=standings,
        blocking_choices=[(s.check.id, f"{s.check.id} {text(s.check.title)}") for s in standings if s.blocks],
        answers=answers,
        names=desk.names_of(act.session, [a.author for a in answers]),
        others=_others(act, answers),
        judges=judges,
        may_propose=two_people.may_propose(
            act.session, ProposalKind.INELIGIBLE, _proposal(application), **act.by
        )
        and not waiting,
        waiting=waiting,
        mine=waiting is not None and waiting.first_by == act.actor,
        may_answer=waiting is not None
        and waiting.first_by != act.actor
        and two_people.may_answer(act.session, waiting, **act.by),
        finding=eligibility.finding_of(act.session, application),
        given=given,
        errors=errors_at(problems),
        problems=[(p.field, p.message) for p in problems],
    )


def _others(act: Acting, answers: Iterable[EligibilityAnswer]) -> dict[str, str]:
    ids = {uuid.UUID(o["institution"]) for a in answers for o in a.facts.get("others", ())}
    return duplicates.names_of(act.session, ids)


def _proposal(
    application: Application, reasons: str = "", checks: tuple[str, ...] = ()
) -> two_people.NewProposal:
    return two_people.NewProposal(
        str(application.id), reasons, {"checks": list(checks)}, application_id=application.id
    )


@reviewer.post("/cases/<uuid:application_id>/eligibility/run")
@allow(SIGNED_IN)
def run_eligibility(application_id: uuid.UUID) -> ResponseReturnValue:
    """Run the automatic checks again."""
    with acting() as act:
        open_file(act, application_id)
        eligibility.run_again(act.session, application_id, **act.by)
    flash(gettext("The automatic checks have run again."))
    return redirect(url_for("reviewer.eligibility_checks", application_id=application_id), 303)


@reviewer.post("/cases/<uuid:application_id>/eligibility/<check_id>")
@allow(SIGNED_IN)
def answer_eligibility(application_id: uuid.UUID, check_id: str) -> ResponseReturnValue:
    """Answer a check that a person has to answer."""
    try:
        with acting() as act:
            open_file(act, application_id)
            eligibility.answer(
                act.session,
                application_id,
                check_id,
                passed=yes_or_no("passed"),
                reasons=request.form.get("reasons", ""),
                **act.by,
            )
    except InvalidInput as error:
        found = [FieldError(f"{p.field}-{check_id}", p.message) for p in problems_of(error)]
        with acting() as act:
            return _eligibility_page(act, open_file(act, application_id), request.form, found), 422
    flash(gettext("Your answer is kept."))
    here = url_for("reviewer.eligibility_checks", application_id=application_id)
    return redirect(f"{here}#check-{check_id}", 303)


@reviewer.post("/cases/<uuid:application_id>/eligibility/ineligible")
@allow(SIGNED_IN)
def propose_ineligible(application_id: uuid.UUID) -> ResponseReturnValue:
    """As the case officer: propose to find the application not eligible."""
    try:
        with acting() as act:
            application = open_file(act, application_id)
            checks = tuple(request.form.getlist("checks"))
            new = _proposal(application, request.form.get("why", ""), checks)
            two_people.propose(act.session, ProposalKind.INELIGIBLE, new, **act.by)
    except InvalidInput as error:
        names = {"reasons": "why"}
        found = [FieldError(names.get(p.field, p.field), p.message) for p in problems_of(error)]
        with acting() as act:
            return _eligibility_page(act, open_file(act, application_id), request.form, found), 422
    flash(gettext("Proposed. Another officer of the case has to confirm it."))
    return redirect(url_for("reviewer.eligibility_checks", application_id=application_id), 303)


@reviewer.post("/cases/<uuid:application_id>/eligibility/answer")
@allow(SIGNED_IN)
def answer_ineligible(application_id: uuid.UUID) -> ResponseReturnValue:
    """As the second officer: confirm that the application is not eligible, or turn that down with reasons."""
    reasons = request.form.get("second", "")
    try:
        with acting() as act:
            application = open_file(act, application_id)
            waiting = eligibility.waiting_finding(act.session, application)
            if waiting is None or posted_id("proposal") != waiting.id:
                raise NotFound("no such proposal")
            turn = two_people.confirm if request.form.get("do") == "confirm" else two_people.turn_down
            turn(act.session, waiting.id, reasons=reasons, **act.by)
    except InvalidInput as error:
        found = [FieldError("second", p.message) for p in problems_of(error)]
        with acting() as act:
            return _eligibility_page(act, open_file(act, application_id), request.form, found), 422
    flash(gettext("Your word is recorded."))
    return redirect(url_for("reviewer.case", application_id=application_id), 303)


@reviewer.get("/cases/<uuid:application_id>/reuse")
@allow(SIGNED_IN)
def reuse(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the decisions of others that the applicant cites, criterion by criterion."""
    with acting() as act:
        return _reuse_page(act, open_file(act, application_id), {}, [])


def _reuse_page(
    act: Acting, application: Application, given: Mapping[str, str], problems: list[FieldError]
) -> str:
    part = access.part_of(act.session, act.actor, application.id)
    found = external_decisions.reuses(act.session, application)
    return render_template(
        "reviewer/reuse.html",
        application=application,
        reuses=found,
        saved=external_decisions.saved(act.session, application),
        names=desk.names_of(act.session, [r.answer.author for r in found if r.answer]),
        judges=part is not None
        and part.role in external_decisions.JUDGES
        and application.state in GATHERING_STATES,
        today=act.at.date(),
        given=given,
        errors=errors_at(problems),
        problems=[(p.field, p.message) for p in problems],
    )


@reviewer.post("/cases/<uuid:application_id>/reuse/<int:number>/<criterion_id>")
@allow(SIGNED_IN)
def judge_reuse(application_id: uuid.UUID, number: int, criterion_id: str) -> ResponseReturnValue:
    """Accept or refuse the reuse of one decision for one criterion."""
    try:
        with acting() as act:
            application = open_file(act, application_id)
            if all(one.id != criterion_id for one in policy_for(application).criteria):
                raise NotFound(f"no criterion {criterion_id}")
            external_decisions.answer(
                act.session,
                application_id,
                number,
                criterion_id,
                accepted=yes_or_no("accepted"),
                reasons=request.form.get("reasons", ""),
                **act.by,
            )
    except InvalidInput as error:
        place = f"{number}-{criterion_id}"
        found = [FieldError(f"{p.field}-{place}", p.message) for p in problems_of(error)]
        with acting() as act:
            return _reuse_page(act, open_file(act, application_id), request.form, found), 422
    flash(gettext("Your answer is kept."))
    here = url_for("reviewer.reuse", application_id=application_id)
    return redirect(f"{here}#reuse-{number}-{criterion_id}", 303)


leads_back(reviewer, "/cases/<uuid:application_id>/eligibility/ineligible", "reviewer.eligibility_checks")
leads_back(reviewer, "/cases/<uuid:application_id>/eligibility/answer", "reviewer.eligibility_checks")
leads_back(reviewer, "/cases/<uuid:application_id>/eligibility/<check_id>", "reviewer.eligibility_checks")
leads_back(reviewer, "/cases/<uuid:application_id>/reuse/<int:number>/<criterion_id>", "reviewer.reuse")
