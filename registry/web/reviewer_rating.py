"""Rating: each member alone, criterion by criterion with the evidence beside it; then the agreed rating; then the report."""

import uuid
from itertools import pairwise
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.policy import Criterion, Evidence, Need, Policy
from registry.domain.roles import RATERS, CaseRole
from registry.domain.spread import most_disputed_first
from registry.domain.workflow import AGREEING_STATES, State
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.review import Rating
from registry.services import desk, external_decisions, rating_rounds, report_drafts, reviews
from registry.services.case_file import current_evidence, policy_for
from registry.services.guards import raters
from registry.services.reviews import NewRating
from registry.web import case_view
from registry.web.judgement_forms import tried_or_overtaken
from registry.web.policies import rating_choices, rating_hints
from registry.web.reviewer import open_file, reviewer
from registry.web.reviewer_judgement import DESK, panel_case, part_in
from registry.web.saved import keeps_text
from registry.web.saved import typed as text_kept
from registry.web.work import errors_at

SEEN: Final = "seen-"
"""Names of the fields that carry which version of the evidence lay beside the form."""
ALONE, AGREED = "alone", "agreed"


@reviewer.get("/cases/<uuid:application_id>/rating")
@allow(SIGNED_IN)
def rating(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show how far the panel is: one's own ratings while others still rate, all of them side by side afterwards."""
    with acting() as act:
        application = _read(act, application_id)
        policy = policy_for(application)
        shown = rating_rounds.first_round_is_over(act.session, application)
        members = raters(application)
        part = part_in(act, application)
        return render_template(
            "reviewer/rating.html",
            application=application,
            policy=policy,
            **_own(act, application),
            rates=part in RATERS,
            may_agree=part in DESK,
            is_chair=part is CaseRole.PANEL_CHAIR,
            members=members,
            total=len(rating_rounds.to_rate(act.session, application)),
            progress=_progress(act, application),
            done=rating_rounds.all_have_rated(act.session, application),
            shown=shown,
            rows=_spread(act, application, policy) if shown else [],
            agreed=rating_rounds.agreed_ratings(act.session, application) if shown else {},
            inherited=rating_rounds.inherited(act.session, application),
            changeable=_changeable(act, application),
        )


def _read(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case to its panel; to the body's auditor too, who sees what the panel sees."""
    application = open_file(act, application_id)
    return application if act.audits(application) else panel_case(act, application_id)


def _own(act: Acting, application: Application) -> dict[str, Any]:
    """Return one's own ratings: which are there, which may be given now, and which newer evidence has overtaken."""
    mine = reviews.ratings_alone(act.session, application, act.actor)
    due = rating_rounds.due_from(act.session, application, act.actor)
    newer = {c: rating_rounds.newer_evidence(application, r) for c, r in mine.items()}
    open_now = reviews.ratable(act.session, application)
    return {"mine": mine, "due": due, "newer": newer, "open_now": open_now}


def _progress(act: Acting, application: Application) -> dict[uuid.UUID, int]:
    wanted = set(rating_rounds.to_rate(act.session, application))
    return {
        m.account_id: len(wanted - rating_rounds.due_from(act.session, application, m.account_id))
        for m in raters(application)
    }


def _spread(act: Acting, application: Application, policy: Policy) -> list[dict[str, Any]]:
    """Return the criteria with every member's rating and how far they lie apart, most disputed first."""
    table = reviews.spread(act.session, application, **act.by)
    values = {criterion: [one.value for one in found] for criterion, found in table.items()}
    return [
        {
            "criterion": criterion,
            "distance": apart,
            "given": {one.author: one for one in table[criterion.id]},
            "older": {
                one.author for one in table[criterion.id] if rating_rounds.newer_evidence(application, one)
            },
        }
        for criterion, apart in most_disputed_first(policy, values)
    ]


def _changeable(act: Acting, application: Application) -> set[str]:
    """Return the criteria on which the panel may write down an agreement now."""
    if application.state is State.FINAL_REPORT:
        return report_drafts.writable(act.session, application)
    done = application.state in AGREEING_STATES and rating_rounds.all_have_rated(act.session, application)
    taken_over = set(rating_rounds.inherited(act.session, application))
    return {c.id for c in policy_for(application).criteria} - taken_over if done else set()


def differs(ratings: list[Rating]) -> bool:
    """Whether members rated one criterion differently."""
    return len({one.value for one in ratings}) > 1


@reviewer.route("/cases/<uuid:application_id>/rating/<criterion_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
@keeps_text
def rate(application_id: uuid.UUID, criterion_id: str) -> ResponseReturnValue:
    """Rate one criterion alone."""
    return _rating_view(application_id, criterion_id, ALONE)


@reviewer.route("/cases/<uuid:application_id>/agreement/<criterion_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
@keeps_text
def agree(application_id: uuid.UUID, criterion_id: str) -> ResponseReturnValue:
    """As chair or secretary: write down what the panel agreed on one criterion."""
    return _rating_view(application_id, criterion_id, AGREED)


def _rating_view(application_id: uuid.UUID, criterion_id: str, layer: str) -> ResponseReturnValue:
    problems: list[FieldError] = []
    status = 200
    if request.method == "POST":
        after: list[str | None] = []
        problems, status = tried_or_overtaken(
            lambda act: after.append(_recorded(act, application_id, criterion_id, layer))
        )
        if not problems:
            flash(gettext("The rating of %(criterion)s is recorded.", criterion=criterion_id))
            return redirect(_after(application_id, after[0], layer), 303)
    with acting() as act:
        page = _rating_page(act, panel_case(act, application_id), criterion_id, layer, problems)
    return page, status


def _recorded(act: Acting, application_id: uuid.UUID, criterion_id: str, layer: str) -> str | None:
    application = panel_case(act, application_id)
    _record(act, application, criterion_id, layer)
    return _next_open(act, application, layer)


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
        reasons=form.get("reasons", ""),
        cited=tuple(dict.fromkeys(form.getlist("cited_evidence"))),
        recommendation=form.get("recommendation", ""),
        condition=form.get("condition", ""),
        condition_days=int(days) if days else None,
        seen=tuple(
            (name.removeprefix(SEEN), int(number))
            for name, number in form.items()
            if name.startswith(SEEN) and number.isascii() and number.isdigit() and len(number) < 6
        ),
    )


def _next_open(act: Acting, application: Application, layer: str) -> str | None:
    """Return the criterion to rate next, in the order of the policy; None at the end."""
    if layer == ALONE:
        left = rating_rounds.due_from(act.session, application, act.actor)
    else:
        agreed = rating_rounds.agreed_ratings(act.session, application)
        left = {c.id for c in policy_for(application).criteria if c.id not in agreed}
    return next((c.id for c in policy_for(application).criteria if c.id in left), None)


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
    writable, others = _sight(act, application, criterion_id, layer)
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
        evidence=[_beside(application, item) for item in criterion.evidence],
        check_answer=case_view.check_answer,
        others=others,
        questions=[
            q
            for q in rating_rounds.questions_of(act.session, application)
            if q.sent and q.criterion == criterion_id
        ],
        inherited=rating_rounds.inherited(act.session, application).get(criterion_id),
        reuse=external_decisions.suggestions(act.session, application).get(criterion_id),
        newer=_overtaken(act, application, criterion_id, layer),
        names=desk.names_of(act.session, [m.account_id for m in raters(application)]),
        problems=problems,
        place=ids.index(criterion.id) + 1,
        total=len(ids),
        writable=writable,
        on_desk=part_in(act, application) in DESK,
    )


def _sight(act: Acting, application: Application, criterion_id: str, layer: str) -> tuple[bool, list[Rating]]:
    """Return whether the rating can be given now, and what others gave where that is open to see.

    Raises:
        NotAllowed: an agreement is asked for while members still rate alone.
    """
    if layer == ALONE:
        return reviews.may_rate(act.session, application, criterion_id), []
    if not rating_rounds.first_round_is_over(act.session, application):
        raise NotAllowed("the others' ratings are hidden until every member has rated")
    others = reviews.spread(act.session, application, **act.by).get(criterion_id, [])
    return criterion_id in _changeable(act, application), others


def _overtaken(act: Acting, application: Application, criterion_id: str, layer: str) -> list[str]:
    """Return the evidence that came in after the rating that the form begins with."""
    if layer == ALONE:
        before = reviews.ratings_alone(act.session, application, act.actor).get(criterion_id)
    else:
        before = rating_rounds.agreed_ratings(act.session, application).get(criterion_id)
    return rating_rounds.newer_evidence(application, before) if before else []


def _beside(application: Application, item: Evidence) -> dict[str, Any]:
    """Return a piece of evidence with its newest version, and each older one beside the one that followed it."""
    versions = [v for v in application.evidence if v.evidence_id == item.id]
    pairs = [
        {"old": old, "new": new, "differences": report_drafts.differences(old.text or "", new.text or "")}
        for old, new in pairwise(versions)
    ]
    return {"item": item, "version": versions[-1] if versions else None, "pairs": pairs[::-1]}


def _fields(
    act: Acting,
    application: Application,
    policy: Policy,
    criterion: Criterion,
    layer: str,
    problems: list[FieldError],
) -> dict[str, dict[str, Any]]:
    errors = errors_at(problems)
    typed = request.form if request.method == "POST" else text_kept()
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
            "data": data if typed is None else typed.get(name, ""),
            "errors": errors.get(name, []),
        }
        for name, data in kept.items()
    }
    fields["value"]["choices"] = rating_choices(policy, criterion)
    fields["cited_evidence"] = {
        "name": "cited_evidence",
        "id": "cited_evidence",
        "data": cited if typed is None else typed.getlist("cited_evidence"),
        "errors": errors.get("cited_evidence", []),
        "choices": [(item.id, item) for item in criterion.evidence if item.id in given],
    }
    return fields


def _before(act: Acting, application: Application, criterion: Criterion, layer: str) -> Rating | None:
    """Return the rating to start from: one's own, the agreed one, or what all members gave alike."""
    if layer == ALONE:
        return reviews.ratings_alone(act.session, application, act.actor).get(criterion.id)
    agreed = rating_rounds.agreed_ratings(act.session, application).get(criterion.id)
    if agreed is not None:
        return agreed
    alone = reviews.spread(act.session, application, **act.by).get(criterion.id, [])
    return alone[0] if alone and len({one.value for one in alone}) == 1 else None


def _needs(policy: Policy, criterion: Criterion) -> dict[Need, list[str]]:
    """Return which ratings need what, by their labels, for the hints of the fields."""
    labels = dict(rating_choices(policy, criterion))
    found: dict[Need, list[str]] = {need: [] for need in Need}
    for value in policy.scale_of(criterion).values:
        for need in value.requires:
            if value.id in labels:
                found[need].append(labels[value.id])
    return found
