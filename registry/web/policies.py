"""Policies in plain sight: the list, one policy criterion by criterion, and the self-check that needs no account.

The self-check is a plain question by address: nothing is stored, no session is opened, and the answers survive a change of
language.
"""

from collections.abc import Iterable, Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from registry.domain import evaluation
from registry.domain.explaining import measure_text
from registry.domain.policy import Criterion, Evidence, Outcome, Policy
from registry.errors import FieldError, InvalidInput
from registry.http import known_policies
from registry.http.access import PUBLIC, allow
from registry.policy_files import LoadedPolicy
from registry.web.i18n import text
from registry.web.labels import label

policies = Blueprint("policies", __name__)
_TONES: Mapping[Outcome, str] = {
    Outcome.RECOGNIZE: "good",
    Outcome.RECOGNIZE_WITH_CONDITIONS: "warn",
    Outcome.REFUSE: "stop",
    Outcome.WITHDRAW: "stop",
}


def policy_of(policy_id: str) -> LoadedPolicy:
    """Return the newest version of a policy, or the one that `?version=` names.

    Raises:
        NotFound: no such policy or version.
    """
    return known_policies.named(policy_id, request.args.get("version"))


def policy_title(policy_id: str) -> str:
    """Return the title of a policy; its id where this installation does not hold it."""
    found = known_policies.newest().get(policy_id)
    return text(found.policy.title) if found else policy_id


@policies.get("/policies")
@allow(PUBLIC)
def index() -> ResponseReturnValue:
    """List the policies."""
    return render_template(
        "public/policies.html", policies=[item.policy for item in known_policies.newest().values()]
    )


@policies.get("/policies/<policy_id>")
@allow(PUBLIC)
def show(policy_id: str) -> ResponseReturnValue:
    """Show one policy, criterion by criterion, with its rules."""
    found = policy_of(policy_id)
    return render_template(
        "public/policy.html",
        policy=found.policy,
        sha256=found.sha256,
        outcome_label=outcome_label,
        versions=known_policies.versions(policy_id),
    )


@policies.get("/policies/<policy_id>/self-check")
@allow(PUBLIC)
def self_check(policy_id: str) -> ResponseReturnValue:
    """Ask for one's own ratings and show what the policy would propose."""
    policy = policy_of(policy_id).policy
    answers = {c.id: request.args[c.id] for c in policy.criteria if request.args.get(c.id)}
    evidence = request.args.getlist("evidence")
    result, problems = _result(policy, answers, evidence)
    page = render_template(
        "public/self_check.html",
        policy=policy,
        answers=answers,
        evidence=evidence,
        result=result,
        problems=problems,
        errors={problem.field: [problem.message] for problem in problems},
        tone=_TONES.get(result.recommendation.outcome, "info") if result else "",
        outcome_label=outcome_label,
        measure_text=measure_text,
        rating_choices=rating_choices,
        evidence_choices=evidence_choices,
    )
    return page, 422 if problems else 200


def _result(
    policy: Policy, answers: Mapping[str, str], evidence: Iterable[str]
) -> tuple[evaluation.SelfCheck | None, tuple[FieldError, ...]]:
    """Return the result, or what is wrong; neither before anything was answered."""
    if not request.args:
        return None, ()
    if not answers:
        first = policy.criteria[0].id
        return None, (FieldError(first, gettext("Rate yourself by at least one criterion.")),)
    unknown = [
        FieldError(c.id, gettext("%(criterion)s: choose one of the ratings.", criterion=c.id))
        for c in policy.criteria
        if c.id in answers and answers[c.id] not in {value.id for value in policy.scale_of(c).values}
    ]
    if unknown:
        return None, tuple(unknown)
    try:
        return evaluation.self_check(policy, answers, set(evidence)), ()
    except InvalidInput as error:
        return None, error.errors or (FieldError("", str(error)),)


def outcome_label(policy: Policy, outcome: Outcome) -> str:
    """Return what the policy calls an outcome."""
    terms = policy.decision.outcome(outcome)
    return text(terms.label) if terms else label(outcome)


def rating_choices(policy: Policy, criterion: Criterion) -> list[tuple[str, str]]:
    """Return (id, label) of the ratings a criterion can get."""
    values = policy.scale_of(criterion).values
    allowed = [value for value in values if value.id != "not_applicable" or criterion.not_applicable_when]
    return [(value.id, text(value.label)) for value in allowed]


def rating_hints(policy: Policy, criterion: Criterion) -> dict[str, str]:
    """Return what each rating means, by its id."""
    return {value.id: text(value.meaning) for value in policy.scale_of(criterion).values}


def evidence_choices(items: Iterable[Evidence]) -> list[tuple[str, str | Markup]]:
    """Return (id, title) of pieces of evidence."""
    return [(item.id, text(item.title)) for item in items]
