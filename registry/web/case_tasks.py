"""A draft as a list of tasks: what is done, what is begun, what is still open; and all answers before they are submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from registry.domain.completeness import PointPlace, PointReason
from registry.domain.policy import Criterion, Evidence, Group
from registry.domain.scope import parse_scope
from registry.domain.workflow import Action, State
from registry.errors import FieldError
from registry.http.acting import Acting
from registry.models.application import Application
from registry.services import applications, completeness, desk, missing, stated
from registry.services.case_file import current_evidence, policy_for
from registry.web import intake_view, policy_offer
from registry.web.case_view import may_withdraw
from registry.web.i18n import text
from registry.web.sentences import sentence


@dataclass(frozen=True, slots=True)
class CriterionTask:
    """A criterion with how much of the evidence asked of the applicant is there."""

    criterion: Criterion
    lacking: int
    given: int

    @property
    def state(self) -> tuple[str, str]:
        """Word and tone of the task."""
        if self.lacking == 0:
            return gettext("Completed"), "good"
        return (gettext("In progress"), "info") if self.given else (gettext("Not started"), "")


def asked_of_applicant(criterion: Criterion) -> list[Evidence]:
    """Return the evidence of a criterion that the applicant hands in."""
    return [item for item in criterion.evidence if item.provided_by == "applicant"]


def lacking(application: Application, criterion: Criterion) -> int:
    """Return how much required evidence of a criterion the applicant has not handed in."""
    given = current_evidence(application)
    return sum(1 for item in asked_of_applicant(criterion) if item.required and item.id not in given)


def evidence_groups(application: Application) -> list[tuple[Group, list[CriterionTask]]]:
    """Return the criteria that ask the applicant for evidence, by group."""
    policy, given = policy_for(application), current_evidence(application)
    groups = []
    for group in policy.criteria_groups:
        tasks = [
            CriterionTask(
                criterion,
                lacking(application, criterion),
                sum(1 for item in asked_of_applicant(criterion) if item.id in given),
            )
            for criterion in policy.criteria_in(group.id)
            if asked_of_applicant(criterion)
        ]
        if tasks:
            groups.append((group, tasks))
    return groups


def task_list(act: Acting, application: Application) -> dict[str, Any]:
    """Return the tasks of a draft with their states, and who may submit it."""
    points = applications.open_points(act.session, application, act.at)
    scope_points = [p for p in points if p.field.startswith("grants")]
    key_points = [p for p in points if p.field.startswith("identities")]
    groups = evidence_groups(application)
    tasks = [
        _scope_task(application, bool(scope_points)),
        *(_group_task(application, group, rows) for group, rows in groups),
        _keys_task(application, bool(key_points)),
        _decisions_task(act, application, any(p.field.startswith("decisions") for p in points)),
    ]
    steps = desk.open_steps(act.session, application, **act.by)
    return {
        "application": application,
        "policy": policy_for(application),
        "tasks": tasks,
        "submit_task": _submit_task(application, ready=not points),
        "may_submit": any(step.transition.action in _HAND_IN for step in steps),
        "may_withdraw": may_withdraw(act, application),
        "newer": policy_offer.offered(act, application),
    }


def _task(title: str, href: str | None, state: tuple[str, str], hint: str = "") -> dict[str, Any]:
    return {"title": title, "href": href, "state": state[0], "tone": state[1], "hint": hint}


def _scope_task(application: Application, has_problem: bool) -> dict[str, Any]:
    href = url_for("applicant.scope", application_id=application.id)
    if not application.scope["grants"]:
        return _task(
            gettext("Scope"),
            href,
            (gettext("Not started"), ""),
            gettext("What you want to be recognized for."),
        )
    state = (gettext("Problem"), "stop") if has_problem else (gettext("Completed"), "good")
    return _task(gettext("Scope"), href, state, gettext("What you want to be recognized for."))


def _group_task(application: Application, group: Group, rows: Sequence[CriterionTask]) -> dict[str, Any]:
    done = sum(1 for row in rows if row.lacking == 0)
    state = (gettext("Completed"), "good")
    if done < len(rows):
        begun = any(row.given for row in rows)
        state = (gettext("In progress"), "info") if begun else (gettext("Not started"), "")
    href = url_for("applicant.evidence", application_id=application.id) + f"#group-{group.id}"
    hint = gettext("%(done)s of %(all)s criteria completed", done=done, all=len(rows))
    return _task(gettext("Evidence: %(group)s", group=text(group.title)), href, state, hint)


def _keys_task(application: Application, has_problem: bool) -> dict[str, Any]:
    href, claims = url_for("applicant.keys", application_id=application.id), application.identity_claims
    hint = gettext("What you sign credentials with, and the proof that it is yours.")
    if not claims:
        return _task(gettext("Keys"), href, (gettext("Not started"), ""), hint)
    state = (gettext("In progress"), "info") if has_problem else (gettext("Completed"), "good")
    return _task(gettext("Keys"), href, state, hint)


def _decisions_task(act: Acting, application: Application, has_problem: bool) -> dict[str, Any]:
    href = url_for("applicant.decisions", application_id=application.id)
    hint = gettext("What agencies and others have decided already may save part of the review.")
    count = len(stated.cited(act.session, application.id))
    state = (gettext("Completed"), "good") if count else (gettext("Optional"), "")
    if has_problem:
        state = (gettext("Problem"), "stop")
    return _task(gettext("Decisions of others"), href, state, hint)


def _submit_task(application: Application, *, ready: bool) -> dict[str, Any]:
    href = url_for("applicant.check", application_id=application.id)
    title = gettext("Check your answers and submit")
    if not ready:
        return _task(title, href, (gettext("Cannot start yet"), ""))
    return _task(title, href, (gettext("Not started"), "info"))


def answers(act: Acting, application: Application) -> dict[str, Any]:
    """Return everything that is about to be submitted, and what is still open."""
    given = current_evidence(application)
    steps = desk.open_steps(act.session, application, **act.by)
    return {
        "application": application,
        "policy": policy_for(application),
        "scope": parse_scope(application.scope),
        "groups": [
            (
                group,
                [
                    (row.criterion, [(i, given.get(i.id)) for i in asked_of_applicant(row.criterion)])
                    for row in rows
                ],
            )
            for group, rows in evidence_groups(application)
        ],
        "points": [
            (_point_address(application, p.field), _point(p))
            for p in applications.open_points(act.session, application, act.at)
        ],
        "may_submit": any(step.transition.action in _HAND_IN for step in steps),
        "changeable": _changeable(act, application),
        "likely": _likely(act, application),
        "decisions": stated.cited(act.session, application.id),
        "outcomes": intake_view.published_by_outcome(policy_for(application)),
    }


def _changeable(act: Acting, application: Application) -> set[str]:
    """Return which parts may be changed now: places of points, and ids of criteria with evidence that may."""
    criteria = policy_for(application).criteria
    if application.state is State.DRAFT:
        return {*_PARTS, *(criterion.id for criterion in criteria)}
    opens = completeness.asked_of(act.session, application).opens
    named = (c.id for c in criteria if any(opens(PointPlace.EVIDENCE, i.id) for i in asked_of_applicant(c)))
    return {*(place for place in _PARTS if opens(place)), *named}


_PARTS = (PointPlace.SCOPE, PointPlace.IDENTITIES, PointPlace.DECISIONS)


_HAND_IN = frozenset({Action.SUBMIT, Action.RESUBMIT})


def _likely(act: Acting, application: Application) -> list[tuple[str, str]]:
    """Return what does not keep the application from being handed in, yet the body would ask for: too old, too few."""
    found = missing.findings(act.session, application, act.at)
    soft = [one for one in found if one.reason in {PointReason.TOO_OLD, PointReason.TOO_FEW}]
    return intake_view.findings_of(policy_for(application), soft)


def _point(point: FieldError) -> str:
    if point.field.startswith("evidence."):
        evidence_id = point.field.removeprefix("evidence.")
        return str(gettext("Evidence %(id)s is missing.", id=evidence_id))
    return sentence(point.message)


def _point_address(application: Application, field: str) -> str:
    if field.startswith("grants"):
        return url_for("applicant.scope", application_id=application.id)
    if field.startswith("decisions."):
        return url_for("applicant.decisions", application_id=application.id)
    if field.startswith("points."):
        page = url_for("applicant.show", application_id=application.id)
        return f"{page}#point-{field.removeprefix('points.')}"
    if field.startswith("evidence."):
        evidence_id = field.removeprefix("evidence.")
        owner = next(c.id for c, i in policy_for(application).evidence_items() if i.id == evidence_id)
        page = url_for("applicant.criterion", application_id=application.id, criterion_id=owner)
        return f"{page}#{evidence_id}"
    return url_for("applicant.keys", application_id=application.id)
