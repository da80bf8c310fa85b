"""Rating: each member alone, criterion by criterion with the evidence beside it; then the agreed rating; then the report."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.policy import Criterion, Need, Policy
from registry.domain.roles import PANEL, RATERS, CaseRole
from registry.domain.workflow import RATING_STATES, VOTING_STATES, State
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.review import Rating
from registry.services import access, case_file, desk, reviews
from registry.services.case_file import current_evidence, policy_for
from registry.services.guards import raters
from registry.services.reviews import NewRating
from registry.web import case_view
from registry.web.forms import TextForm
from registry.web.policies import rating_choices, rating_hints
from registry.web.reviewer import body_case, open_file, reviewer
from registry.web.work import errors_at, posted_version, problems_of, put_errors

ALONE, AGREED = "alone", "agreed"


@reviewer.get("/cases/<uuid:application_id>/rating")
@allow(SIGNED_IN)
def rating(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show how far the panel is: one's own ratings while others still rate, all of them side by side afterwards."""
    with acting() as act:
        application = _panel_case(act, application_id)
        policy = policy_for(application)
        done = reviews.all_have_rated(act.session, application)
        members = raters(application)
        mine = reviews.ratings_alone(act.session, application, act.actor)
        part = _part(act, application)
        return render_template(
            "reviewer/rating.html",
            application=application,
            policy=policy,
            mine=mine,
            rates=part in RATERS,
            may_agree=part in {CaseRole.PANEL_CHAIR, CaseRole.PANEL_SECRETARY},
            is_chair=part is CaseRole.PANEL_CHAIR,
            members=members,
            progress={
                m.account_id: len(reviews.ratings_alone(act.session, application, m.account_id))
                for m in members
            },
            done=done,
            spread=reviews.spread(act.session, application, **act.by) if done else {},
            agreed=reviews.agreed_ratings(act.session, application) if done else {},
            under_review=application.state in RATING_STATES,
            differs=differs,
        )


def differs(ratings: list[Rating]) -> bool:
    """Whether members rated one criterion differently."""
    return len({one.value for one in ratings}) > 1


def _part(act: Acting, application: Application) -> CaseRole | None:
    part = access.part_of(act.session, act.actor, application.id)
    return part.role if part else None


def _panel_case(act: Acting, application_id: uuid.UUID) -> Application:
    application = open_file(act, application_id)
    if _part(act, application) not in PANEL:
        raise NotAllowed("only the panel chair or panel member or panel secretary of this case may do this")
    return application


@reviewer.route("/cases/<uuid:application_id>/rating/<criterion_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
def rate(application_id: uuid.UUID, criterion_id: str) -> ResponseReturnValue:
    """Rate one criterion alone."""
    return _rating_view(application_id, criterion_id, ALONE)


@reviewer.route("/cases/<uuid:application_id>/agreement/<criterion_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
def agree(application_id: uuid.UUID, criterion_id: str) -> ResponseReturnValue:
    """As chair or secretary: write down what the panel agreed on one criterion."""
    return _rating_view(application_id, criterion_id, AGREED)


def _rating_view(application_id: uuid.UUID, criterion_id: str, layer: str) -> ResponseReturnValue:
    problems: list[FieldError] = []
    if request.method == "POST":
        try:
            with acting() as act:
                application = _panel_case(act, application_id)
                _record(act, application, criterion_id, layer)
                after = _next_open(act, application, layer)
            flash(gettext("The rating of %(criterion)s is recorded.", criterion=criterion_id))
            return redirect(_after(application_id, after, layer), 303)
        except InvalidInput as error:
            problems = problems_of(error)
    with acting() as act:
        page = _rating_page(act, _panel_case(act, application_id), criterion_id, layer, problems)
    return page, 422 if problems else 200


def _record(act: Acting, application: Application, criterion_id: str, layer: str) -> None:
    record = reviews.rate_alone if layer == ALONE else reviews.agree
    record(act.session, application.id, _posted(criterion_id), **act.by)


def _posted(criterion_id: str) -> NewRating:
    form = request.form
    days = form.get("condition_days", "").strip()
    if days and not (days.isascii() and days.isdigit() and len(days) < 5):
        message = "write a number of days"
        raise InvalidInput(message, [FieldError("condition_days", message)])
    return NewRating(
        criterion=criterion_id,
        value=form.get("value", ""),
        reasons=form.get("reasons", "")[:20_000],
        cited=tuple(dict.fromkeys(form.getlist("cited_evidence"))),
        recommendation=form.get("recommendation", "")[:20_000],
        condition=form.get("condition", "")[:20_000],
        condition_days=int(days) if days else None,
    )


def _next_open(act: Acting, application: Application, layer: str) -> str | None:
    if layer == ALONE:
        rated = reviews.ratings_alone(act.session, application, act.actor)
    else:
        rated = reviews.agreed_ratings(act.session, application)
    return next((c.id for c in policy_for(application).criteria if c.id not in rated), None)


def _after(application_id: uuid.UUID, criterion_id: str | None, layer: str) -> str:
    if criterion_id is None:
        return url_for("reviewer.rating", application_id=application_id)
    endpoint = "reviewer.rate" if layer == ALONE else "reviewer.agree"
    return url_for(endpoint, application_id=application_id, criterion_id=criterion_id)


def _rating_page(
    act: Acting, application: Application, criterion_id: str, layer: str, problems: list[FieldError]
) -> str:
    policy = policy_for(application)
    criterion = policy.criterion(criterion_id)
    if criterion is None:
        raise NotFound(f"this policy has no criterion {criterion_id}")
    done = reviews.all_have_rated(act.session, application)
    if layer == AGREED and not done:
        raise NotAllowed("the others' ratings are hidden until every member has rated")
    given = current_evidence(application)
    ids = [c.id for c in policy.criteria]
    return render_template(
        "reviewer/rate.html",
        application=application,
        policy=policy,
        criterion=criterion,
        layer=layer,
        fields=_fields(act, application, policy, criterion, layer, problems),
        needs=_needs(policy, criterion),
        hints=rating_hints(policy, criterion),
        evidence=[(item, given.get(item.id)) for item in criterion.evidence],
        check_answer=case_view.check_answer,
        others=reviews.spread(act.session, application, **act.by)[criterion.id]
        if layer == AGREED
        else [],
        names=desk.names_of(act.session, [m.account_id for m in raters(application)]),
        problems=problems,
        place=ids.index(criterion.id) + 1,
        total=len(ids),
        writable=application.state in RATING_STATES and (layer == AGREED or not done),
    )


def _fields(
    act: Acting,
    application: Application,
    policy: Policy,
    criterion: Criterion,
    layer: str,
    problems: list[FieldError],
) -> dict[str, dict[str, Any]]:
    errors, typed = errors_at(problems), request.method == "POST"
    before = _before(act, application, criterion, layer)
    given = current_evidence(application)
    kept = {
        "value": before.value if before else None,
        "reasons": before.reasons if before else "",
        "recommendation": before.recommendation if before else "",
        "condition": before.condition["text"] if before and before.condition else "",
        "condition_days": before.condition["days"] if before and before.condition else "",
    }
    cited = [one["id"] for one in before.cited] if before else []
    fields: dict[str, dict[str, Any]] = {
        name: {
            "name": name,
            "id": name,
            "data": request.form.get(name, "") if typed else data,
            "errors": errors.get(name, []),
        }
        for name, data in kept.items()
    }
    fields["value"]["choices"] = rating_choices(policy, criterion)
    fields["cited_evidence"] = {
        "name": "cited_evidence",
        "id": "cited_evidence",
        "data": request.form.getlist("cited_evidence") if typed else cited,
        "errors": errors.get("cited_evidence", []),
        "choices": [(item.id, item) for item in criterion.evidence if item.id in given],
    }
    return fields


def _before(act: Acting, application: Application, criterion: Criterion, layer: str) -> Rating | None:
    """Return the rating to start from: one's own, the agreed one, or what all members gave alike."""
    if layer == ALONE:
        return reviews.ratings_alone(act.session, application, act.actor).get(criterion.id)
    agreed = reviews.agreed_ratings(act.session, application).get(criterion.id)
    if agreed is not None:
        return agreed
    alone = reviews.spread(act.session, application, **act.by)[criterion.id]
    return alone[0] if alone and not differs(alone) else None


def _needs(policy: Policy, criterion: Criterion) -> dict[Need, list[str]]:
    """Return which ratings need what, by their labels, for the hints of the fields."""
    labels = dict(rating_choices(policy, criterion))
    found: dict[Need, list[str]] = {need: [] for need in Need}
    for value in policy.scale_of(criterion).values:
        for need in value.requires:
            if value.id in labels:
                found[need].append(labels[value.id])
    return found


@reviewer.route("/cases/<uuid:application_id>/report", methods=["GET", "POST"])
@allow(SIGNED_IN)
def report(application_id: uuid.UUID) -> ResponseReturnValue:
    """As the chair: file the report; to everybody else with the file open: read it."""
    form = TextForm()
    form.text.label.text = gettext("Summary of the report")
    if form.validate_on_submit():
        try:
            with acting() as act:
                open_file(act, application_id)
                reviews.file_report(
                    act.session, application_id, form.text.data or "", version=posted_version(), **act.by
                )
            flash(gettext("The report is filed and can no longer be changed."))
            return redirect(url_for("reviewer.case", application_id=application_id), 303)
        except InvalidInput as error:
            put_errors(form, error, {"summary": "text"})
    with acting() as act:
        application = _reportable(act, application_id)
        steps = desk.open_steps(act.session, application, **act.by)
        on_panel = _part(act, application) in PANEL
        ready = on_panel and reviews.all_have_rated(act.session, application)
        page = render_template(
            "reviewer/report.html",
            application=application,
            policy=policy_for(application),
            report=case_file.report_of(act.session, application.id),
            agreed=reviews.agreed_ratings(act.session, application) if ready else {},
            step=next((s for s in steps if s.transition.source in RATING_STATES), None),
            form=form,
            voting=application.state in VOTING_STATES,
        )
    return page, 422 if form.errors or form.form_errors else 200


def _reportable(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case whose report the person may read: with the file open, or as a registrar once it is decided."""
    application = body_case(act, application_id)
    later = {State.DECIDED, State.APPEAL_WINDOW}
    if application.state in later and _part(act, application) in {
        None,
        CaseRole.REGISTRAR,
        CaseRole.SECOND_SIGNER,
    }:
        return application
    return open_file(act, application_id)
