"""What the pages of a case show, gathered: tasks of a draft, answers, status, evidence with its versions."""

import json
from collections.abc import Container, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext

from registry.domain.policy import Outcome, Policy
from registry.domain.scope import parse_scope
from registry.domain.stops import STOPPING
from registry.domain.workflow import Action, State
from registry.http.acting import Acting
from registry.models.application import Application, EvidenceVersion, Procedure
from registry.services import case_file, committees, desk, releases, standing, supervision
from registry.services.case_file import latest_manifest, policy_for
from registry.services.guards import NEVER
from registry.web.i18n import instant, text
from registry.web.labels import label
from registry.web.policies import outcome_label

OUTCOME_TONES: Mapping[str, str] = {
    Outcome.RECOGNIZE: "good",
    Outcome.RECOGNIZE_WITH_CONDITIONS: "warn",
    Outcome.REFUSE: "stop",
    Outcome.SUSPEND: "stop",
    Outcome.WITHDRAW: "stop",
}
STATE_TONES: Mapping[State, str] = {
    State.DRAFT: "",
    State.RETURNED: "warn",
    State.INELIGIBLE: "stop",
    State.LAPSED: "",
    State.APPEAL_WINDOW: "good",
    State.CLOSED: "",
    State.WITHDRAWN_BY_APPLICANT: "",
    State.REPRESENTATION: "warn",
}


def state_tone(state: State) -> str:
    """Return the tone of a state: quiet where nothing moves, information where somebody works."""
    return STATE_TONES.get(state, "info")


def steps_for(act: Acting, application: Application, here: Container[Action]) -> list[desk.OpenStep]:
    """Return the steps of a person to show on the page of a case: those taken `here`, and what others still lack."""
    return [
        step
        for step in desk.open_steps(act.session, application, **act.by)
        if NEVER.isdisjoint(step.missing) and (step.missing or step.transition.action in here)
    ]


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
            "text": names.get(event.actor) if names else None,
            "tone": state_tone(event.target) if number == 0 else "",
        }
        for number, event in enumerate(e for e in reversed(application.events) if e.target is not e.source)
    ]


def applicant_status(act: Acting, application: Application) -> dict[str, Any]:
    """Return what the applicant may know: where it stands, whose move it is, and the decision once it is released."""
    return {
        "application": application,
        "policy": policy_for(application),
        "scope": parse_scope(application.scope),
        "timeline": timeline(application),
        "manifest": latest_manifest(act.session, application.id),
        "may_withdraw": may_withdraw(act, application),
        "released": released(act, application),
        "sections": _sections(act, application),
        "where": _where(act, application),
        "answerable": supervision.takes_answer(act.session, application),
    }


def _where(act: Acting, application: Application) -> Any:
    from registry.web import intake_view  # here, since it needs names of this module's neighbours

    return intake_view.where(act, application, tone=state_tone(application.state), applicant=True)


def _sections(act: Acting, application: Application) -> list[Any]:
    from registry.web import case_sections  # here, since areas name views, which use this module

    return case_sections.shown(case_sections.APPLICANT_SECTIONS, act, application)


def released(act: Acting, application: Application) -> dict[str, Any] | None:
    """Return the decision of a case if both signatures are under it, else None: nobody learns of it earlier."""
    decision = case_file.decision_of(act.session, application.id)
    if decision is None:
        return None
    _first, release = releases.release_state(act.session, decision)
    if release is None:
        return None
    policy = policy_for(application)
    return {
        "decision": decision,
        "annulled": decision in committees.annulled_decisions(act.session, application),
        "at": release.at,
        "outcome": outcome_label(policy, Outcome(decision.outcome)),
        "tone": OUTCOME_TONES.get(decision.outcome, "info"),
        "because": because(decision.motion.explanation),
        "conditions": conditions(policy, decision.motion.terms["conditions"], release.at),
        "ending": standing.ending_of(act.session, application) if decision.outcome in STOPPING else None,
        "waits": application.state in {State.APPEAL_WINDOW, State.APPEAL}
        and standing.is_final_first(application, Outcome(decision.outcome)),
        "report": case_file.report_of(act.session, application.id),
        "listed": application.issuer_id is not None,
        "appeal_until": application.due_at if application.state is State.APPEAL_WINDOW else None,
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
    """Return the ground of a hearing in words: that of a measure, or why the policy proposes what is intended."""
    hearing = application.hearing
    if hearing is None:
        return ""
    policy = policy_for(application)
    titles = {ground.id.value: ground.title for ground in policy.sanctions.grounds}
    for rule in policy.decision.rules:
        if rule.id == hearing.ground and rule.outcome != hearing.proposed:
            return str(gettext("The notice gives the reasons; the policy itself proposed something else."))
        titles[rule.id] = rule.because
    found = titles.get(hearing.ground)
    return text(found) if found else hearing.ground


def check_answer(version: EvidenceVersion) -> Mapping[str, Any] | None:
    """Return what an automatic check answered: `passed` (None: a person must look) and `summary`; else None."""
    if version.media_type != "application/json" or version.file_name is not None or not version.text:
        return None
    found: Mapping[str, Any] = json.loads(version.text)
    return found
