"""What pages of the intake show, gathered: where a case stands and until when, the list, eligibility, reuse."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from registry.domain.clocks import Side, is_over
from registry.domain.completeness import (
    WITH_APPLICANT,
    WITH_OFFICER,
    Finding,
    PointMark,
    PointPlace,
    PointReason,
)
from registry.domain.policy import Outcome, Policy
from registry.domain.roles import INSTITUTION_ROLES
from registry.domain.workflow import Action, State, movers
from registry.http.acting import Acting
from registry.models.application import Application, Procedure
from registry.models.intake import CompletenessPoint
from registry.services import (
    completeness,
    desk,
    eligibility,
    eligibility_standing,
    external_decisions,
    missing,
    objections,
)
from registry.services.case_file import last_step, policy_for
from registry.web.i18n import day, text
from registry.web.labels import label
from registry.web.policies import outcome_label
from registry.web.sentences import sentence
from registry.web.words.intake import PUBLISHED, PUBLISHED_WHEN


@dataclass(frozen=True, slots=True)
class Where:
    """Where a case stands, told to one side: whose move it is, until the end of which day, and why where somebody said it.

    `ours` is None where nobody's clock runs. `until` is a day of the body's time zone.
    """

    state: State
    tone: str
    since: datetime
    ours: bool | None
    movers: tuple[str, ...]
    until: datetime | None
    overdue: bool
    note: str | None


def where(act: Acting, application: Application, *, tone: str, applicant: bool) -> Where:
    """Return where a case stands, for a person of the applicant, or of the body."""
    roles, side = movers(application.state), application.clock_side
    theirs = frozenset(role for role in roles if role in INSTITUTION_ROLES)
    if side is None:
        side = Side.APPLICANT if theirs else Side.BODY if roles else None
    due = application.due_at
    if application.state in _SPOKEN and _SPOKEN[application.state](act, application):
        side, due = Side.BODY, None
    moving = theirs if side is Side.APPLICANT else roles - theirs
    return Where(
        state=application.state,
        tone=tone,
        since=application.entered_at,
        ours=None if side is None else (side is Side.APPLICANT) == applicant,
        movers=tuple(sorted({label(role) for role in moving})),
        until=due.astimezone(ZoneInfo(application.scheme.body.time_zone)) if due else None,
        overdue=is_over(due, act.at),
        note=_told(application),
    )


_SPOKEN: Mapping[State, Callable[[Acting, Application], bool]] = {
    State.PANEL_PROPOSED: lambda act, application: objections.is_accepted(act.session, application),
    State.REPRESENTATION: lambda _act, application: bool(
        application.hearing and application.hearing.answered_at
    ),
}
"""States in which the applicant's days run on after it has said all: from then on the move is the body's."""


def _told(application: Application) -> str | None:
    """Return the words that went with the step that led here, where both sides may read them."""
    last = next((e for e in reversed(application.events) if e.target is application.state), None)
    spoken = {Action.PUT_ON_HOLD, Action.RETURN_FOR_COMPLETION}
    return last.note if last is not None and last.action in spoken else None


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the list as both sides read it: a heading, words, where to mend it, and what became of it."""

    number: int
    title: str
    words: str
    place: PointPlace
    criterion: str | None
    evidence_id: str | None
    mark: PointMark | None
    history: tuple[tuple[PointMark, str, datetime], ...]
    waits: bool


def points_of(policy: Policy, points: Iterable[CompletenessPoint]) -> list[Point]:
    """Return points for a page."""
    return [
        Point(
            point.number,
            title_of(policy, point),
            point.text or words_of(point.reason, point.detail),
            point.place,
            point.criterion,
            point.evidence_id,
            point.mark,
            tuple((m.mark, m.text, m.at) for m in point.marks),
            point.mark in WITH_APPLICANT,
        )
        for point in points
    ]


def findings_of(policy: Policy, found: Iterable[Finding]) -> list[tuple[str, str]]:
    """Return (heading, words) of what a machine found missing."""
    return [(title_of(policy, one), words_of(one.reason, one.detail)) for one in found]


def title_of(policy: Policy, one: CompletenessPoint | Finding) -> str:
    """Return what a point is about, in words."""
    if one.evidence_id is not None:
        titles = {item.id: item.title for _c, item in policy.evidence_items()}
        return f"{one.evidence_id} {text(titles.get(one.evidence_id))}".strip()
    criterion = policy.criterion(one.criterion) if one.criterion else None
    return f"{criterion.id} {text(criterion.title)}" if criterion else label(one.place)


def words_of(reason: PointReason, detail: Mapping[str, Any]) -> str:
    """Return the sentence of a point that a machine found."""
    said = _WORDS.get(reason)
    return str(said(detail)) if said else label(reason)


def _day(text_: str) -> str:
    return str(day(date.fromisoformat(text_)).striptags())


def _too_old(d: Mapping[str, Any]) -> str:
    words: str = gettext(
        "This document of %(day)s is too old; the policy takes none older than %(days)s days.",
        day=_day(d["dated"]),
        days=d["days"],
    )
    return words


def _too_few(d: Mapping[str, Any]) -> str:
    words: str = gettext(
        "%(given)s handed in, at least %(count)s asked for. One file may hold several; say then how many.",
        given=d["given"],
        count=d["count"],
    )
    return words


def _unproven(d: Mapping[str, Any]) -> str:
    words: str = gettext("Nobody has proven to hold this key yet: %(value)s", value=d["value"])
    return words


def _expired(d: Mapping[str, Any]) -> str:
    words: str = gettext(
        "The decision of %(issuer)s ended on %(day)s; cite it no more.",
        issuer=d["issuer"],
        day=_day(d["ended"]),
    )
    return words


def _missing(d: Mapping[str, Any]) -> str:
    words: str = gettext("This evidence is required and has not been handed in.")
    return words


_WORDS: Mapping[PointReason, Callable[[Mapping[str, Any]], str]] = {
    PointReason.MISSING: _missing,
    PointReason.TOO_OLD: _too_old,
    PointReason.TOO_FEW: _too_few,
    PointReason.UNPROVEN: _unproven,
    PointReason.DECISION_EXPIRED: _expired,
    PointReason.SCOPE: lambda d: sentence(str(d["says"])),
    PointReason.CHECK_FAILED: lambda d: f"{text(d['title'])}: {text(d['says'])}",
}


@dataclass(frozen=True, slots=True)
class Published:
    """What one outcome would publish: its name, what, when, and the policy's note."""

    outcome: str
    what: tuple[str, ...]
    when: str
    note: str


def published_by_outcome(policy: Policy) -> list[Published]:
    """Return what each outcome of an application would publish, in the order of the policy."""
    outcomes = policy.publication.outcomes
    named = [(gettext("Found not eligible"), outcomes.ineligible)]
    for outcome in _POSSIBLE:
        terms = getattr(outcomes, outcome.value, None)
        if terms is not None and policy.decision.outcome(outcome) is not None:
            named.append((outcome_label(policy, outcome), terms))
    return [
        Published(
            name,
            tuple(text(PUBLISHED[what]) for what in terms.what),
            text(PUBLISHED_WHEN[terms.when]),
            text(terms.note),
        )
        for name, terms in named
    ]


_POSSIBLE = (Outcome.RECOGNIZE, Outcome.RECOGNIZE_WITH_CONDITIONS, Outcome.DEFER, Outcome.REFUSE)


# sections of the two pages of a case


def applicant_points(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Return the list as the applicant reads it on its page: what was sent, and what became of it."""
    sent = [p for p in completeness.points_of(act.session, application.id) if p.marks]
    shown = [p for p in sent if any(m.mark is PointMark.SENT for m in p.marks)]
    return {"points": points_of(policy_for(application), shown)} if shown else None


def applicant_finding(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Return why an application was found not eligible, once two officers stand behind it."""
    finding = eligibility.finding_of(act.session, application)
    if finding is None:
        return None
    policy, event = policy_for(application), last_step(application, Action.DECLARE_INELIGIBLE)
    named = set(finding.content["checks"])
    answers = eligibility_standing.standings(act.session, application)
    return {
        "reasons": finding.reasons,
        "checks": [s for s in answers if s.check.id in named],
        "at": event.at if event else finding.at,
        "window": policy.appeals.window_days,
        "open": application.state is State.INELIGIBLE and not is_over(application.due_at, act.at),
    }


def applicant_reuse(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Return the decisions of others that the application cites, with the body's word on each."""
    found = external_decisions.reuses(act.session, application)
    if not found:
        return None
    return {"reuses": found, "saved": external_decisions.saved(act.session, application)}


def body_intake(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Return the intake as the people with an open file read it: the list, eligibility with what is flagged, reuse.

    None where the file is locked, and for a case that the body opened: nobody has applied.
    """
    opened_by_body = application.procedure is Procedure.EXTRAORDINARY
    if opened_by_body or not desk.is_unlocked(act.session, application, **act.by):
        return None
    checking = application.state is State.COMPLETENESS_CHECK
    found = eligibility_standing.standings(act.session, application)
    points = completeness.points_of(act.session, application.id)
    return {
        "open_points": len([p for p in points if p.mark in WITH_APPLICANT or p.mark in WITH_OFFICER]),
        "points": len(points),
        "lacking": len(missing.findings(act.session, application, act.at)) if checking else 0,
        "unanswered": [s for s in found if s.passed is None],
        "blocking": [s for s in found if s.blocks],
        "flagged": [s for s in found if s.flagged],
        "cited": len(external_decisions.reuses(act.session, application)),
        "saved": external_decisions.saved(act.session, application),
    }
