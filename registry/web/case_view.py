"""What the pages of a case show, gathered: tasks of a draft, answers, status, evidence with its versions."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext

from registry.domain.policy import Criterion, Evidence, Group, Outcome, Policy
from registry.domain.roles import INSTITUTION_ROLES
from registry.domain.scope import parse_scope
from registry.domain.workflow import Action, State, movers
from registry.errors import FieldError
from registry.models.application import Application, EvidenceVersion, Procedure
from registry.services import applications, decisions, desk, releases, reviews
from registry.services.case_file import current_evidence, latest_manifest, policy_for
from registry.web.i18n import instant, text
from registry.web.labels import label
from registry.web.policies import outcome_label
from registry.web.sentences import sentence
from registry.web.work import Acting

OUTCOME_TONES: Mapping[str, str] = {
    Outcome.RECOGNIZE: "good",
    Outcome.RECOGNIZE_WITH_CONDITIONS: "warn",
    Outcome.REFUSE: "stop",
    Outcome.SUSPEND: "stop",
    Outcome.WITHDRAW: "stop",
}
STATE_TONES: Mapping[State, str] = {
    State.DRAFT: "",
    State.APPEAL_WINDOW: "good",
    State.CLOSED: "",
    State.WITHDRAWN_BY_APPLICANT: "",
    State.REPRESENTATION: "warn",
}


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


def state_tone(state: State) -> str:
    """Return the tone of a state: quiet where nothing moves, information where somebody works."""
    return STATE_TONES.get(state, "info")


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
    points = applications.open_points(application)
    scope_points = [p for p in points if p.field.startswith("grants")]
    key_points = [p for p in points if p.field.startswith("identities")]
    groups = evidence_groups(application)
    tasks = [
        _scope_task(application, bool(scope_points)),
        *(_group_task(application, group, rows) for group, rows in groups),
        _keys_task(application, bool(key_points)),
    ]
    steps = desk.open_steps(act.session, application, **act.by)
    return {
        "application": application,
        "policy": policy_for(application),
        "tasks": tasks,
        "submit_task": _submit_task(application, ready=not points),
        "may_submit": any(step.transition.action is Action.SUBMIT for step in steps),
        "may_withdraw": may_withdraw(act, application),
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
            (_point_address(application, p.field), _point(p)) for p in applications.open_points(application)
        ],
        "may_submit": any(step.transition.action is Action.SUBMIT for step in steps),
    }


def _point(point: FieldError) -> str:
    if point.field.startswith("evidence."):
        evidence_id = point.field.removeprefix("evidence.")
        return str(gettext("Evidence %(id)s is missing.", id=evidence_id))
    return sentence(point.message)


def _point_address(application: Application, field: str) -> str:
    if field.startswith("grants"):
        return url_for("applicant.scope", application_id=application.id)
    if field.startswith("evidence."):
        evidence_id = field.removeprefix("evidence.")
        owner = next(c.id for c, i in policy_for(application).evidence_items() if i.id == evidence_id)
        page = url_for("applicant.criterion", application_id=application.id, criterion_id=owner)
        return f"{page}#{evidence_id}"
    return url_for("applicant.keys", application_id=application.id)


def may_withdraw(act: Acting, application: Application) -> bool:
    """Whether the person may withdraw the application now; a case that the body opened is not the issuer's to end."""
    steps = desk.open_steps(act.session, application, **act.by)
    ours = application.procedure is not Procedure.EXTRAORDINARY
    return ours and any(step.transition.action is Action.WITHDRAW_APPLICATION for step in steps)


def timeline(application: Application, names: Mapping[Any, str] | None = None) -> list[dict[str, Any]]:
    """Return the steps of a case, newest first; who took them only where `names` are given."""
    return [
        {
            "title": label(event.target),
            "when": instant(event.at),
            "text": f"{label(event.action)} – {names.get(event.actor, '')}" if names else None,
            "tone": state_tone(event.target) if number == 0 else "",
        }
        for number, event in enumerate(reversed(application.events))
    ]


def applicant_status(act: Acting, application: Application) -> dict[str, Any]:
    """Return what the applicant may know: where it stands, whose move it is, and the decision once it is released."""
    roles = movers(application.state)
    return {
        "application": application,
        "policy": policy_for(application),
        "scope": parse_scope(application.scope),
        "tone": state_tone(application.state),
        "ours": bool(roles & INSTITUTION_ROLES) or application.state is State.REPRESENTATION,
        "movers": sorted({label(role) for role in roles}),
        "timeline": timeline(application),
        "manifest": latest_manifest(act.session, application.id),
        "may_withdraw": may_withdraw(act, application),
        "released": released(act, application),
        "answerable": application.hearing is not None
        and application.state is State.REPRESENTATION
        and application.hearing.answered_at is None,
    }


def released(act: Acting, application: Application) -> dict[str, Any] | None:
    """Return the decision of a case if both signatures are under it, else None: nobody learns of it earlier."""
    decision = decisions.decision_of(act.session, application.id)
    if decision is None:
        return None
    _first, release = releases.release_state(act.session, decision)
    if release is None:
        return None
    policy = policy_for(application)
    return {
        "decision": decision,
        "at": release.at,
        "outcome": outcome_label(policy, Outcome(decision.outcome)),
        "tone": OUTCOME_TONES.get(decision.outcome, "info"),
        "because": because(decision.motion.explanation),
        "conditions": conditions(policy, decision.motion.terms["conditions"], release.at),
        "report": reviews.report_of(act.session, application.id),
        "listed": application.issuer_id is not None,
        "appeal_until": release.at + timedelta(days=policy.appeals.window_days),
    }


def because(explanation: Iterable[Mapping[str, Any]]) -> Mapping[str, str] | None:
    """Return why the rule that held proposes its outcome."""
    return next((step["because"] for step in explanation if step["held"]), None)


def conditions(
    policy: Policy, wire: Iterable[Mapping[str, Any]], since: datetime | None
) -> list[dict[str, Any]]:
    """Return conditions with the title of their criterion and the day by which they have to be met."""
    return [
        {
            "criterion": policy.criterion(str(one["criterion"])),
            "text": one["text"],
            "days": one["days"],
            "due": since + timedelta(days=int(one["days"])) if since else None,
        }
        for one in wire
    ]


def ground_title(application: Application) -> str:
    """Return the ground of a hearing as the policy names it."""
    hearing = application.hearing
    if hearing is None:
        return ""
    sanctions = policy_for(application).sanctions
    titles = {
        ground.id.value: ground.title for ground in (*sanctions.suspend.grounds, *sanctions.withdraw.grounds)
    }
    found = titles.get(hearing.ground)
    return text(found) if found else hearing.ground


def check_answer(version: EvidenceVersion) -> Mapping[str, Any] | None:
    """Return what an automatic check answered: `passed` (None: a person must look) and `summary`; else None."""
    if version.media_type != "application/json" or version.file_name is not None or not version.text:
        return None
    found: Mapping[str, Any] = json.loads(version.text)
    return found
