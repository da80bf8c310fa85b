"""What can be missing from an application, where the applicant mends it, and what became of each point of the list."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from registry.domain.policy import Evidence, Policy


class PointReason(StrEnum):
    """Why a point stands on the list; all but `asked` are found by machine."""

    MISSING = "missing"
    TOO_OLD = "too_old"
    TOO_FEW = "too_few"
    NO_IDENTITY = "no_identity"
    UNPROVEN = "unproven"
    SCOPE = "scope"
    DECISION_EXPIRED = "decision_expired"
    CHECK_FAILED = "check_failed"
    ASKED = "asked"


class PointPlace(StrEnum):
    """What the applicant changes to settle a point; nothing else of a returned application may change."""

    EVIDENCE = "evidence"
    CRITERION = "criterion"
    SCOPE = "scope"
    IDENTITIES = "identities"
    DECISIONS = "decisions"
    CASE = "case"


class PointMark(StrEnum):
    """What happened to a point; the last mark counts, and a point without one has not been sent yet."""

    SENT = "sent"
    ANSWERED = "answered"
    SETTLED = "settled"
    REOPENED = "reopened"
    DROPPED = "dropped"


WITH_APPLICANT = frozenset({PointMark.SENT, PointMark.ANSWERED})
"""Marks of a point that waits for the applicant."""
WITH_OFFICER = frozenset({None, PointMark.REOPENED})
"""Marks of a point that the next return will send."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a machine finds missing. `detail` holds the numbers that the sentence names."""

    reason: PointReason
    place: PointPlace
    criterion: str | None = None
    evidence_id: str | None = None
    claim_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Supplied:
    """The newest version of a piece of evidence: the day of the document, or of its handing in, and how many it holds."""

    dated: date
    items: int


def evidence_findings(policy: Policy, supplied: Mapping[str, Supplied], at: datetime) -> list[Finding]:
    """Return what the evidence of an applicant lacks at `at`: required and not there, too old, too few."""
    found = []
    for criterion, item in policy.evidence_items():
        if item.provided_by == "applicant":
            lack = _lack(item, supplied.get(item.id), at.date())
            if lack is not None:
                reason, detail = lack
                found.append(
                    Finding(reason, PointPlace.EVIDENCE, criterion.id, evidence_id=item.id, detail=detail)
                )
    return found


def _lack(item: Evidence, given: Supplied | None, today: date) -> tuple[PointReason, dict[str, Any]] | None:
    if given is None:
        return (PointReason.MISSING, {"count": item.min_count}) if item.required else None
    if item.max_age_days is not None and today - given.dated > timedelta(days=item.max_age_days):
        return PointReason.TOO_OLD, {"dated": given.dated.isoformat(), "days": item.max_age_days}
    if given.items < item.min_count:
        return PointReason.TOO_FEW, {"given": given.items, "count": item.min_count}
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the points of a list let the applicant change."""

    places: frozenset[PointPlace]
    evidence: frozenset[str]

    def opens(self, place: PointPlace, evidence_id: str | None = None) -> bool:
        """Whether a part of the application may change; a point about the case as a whole opens everything."""
        if PointPlace.CASE in self.places:
            return True
        return evidence_id in self.evidence if evidence_id is not None else place in self.places


def asked_by(policy: Policy, points: Collection[tuple[PointPlace, str | None, str | None]]) -> Asked:
    """Return what points, as (place, criterion, evidence id), let the applicant change."""
    criteria = {criterion for place, criterion, _e in points if place is PointPlace.CRITERION}
    named = {evidence for _p, _c, evidence in points if evidence is not None}
    below = {
        item.id
        for criterion, item in policy.evidence_items()
        if criterion.id in criteria and item.provided_by == "applicant"
    }
    return Asked(frozenset(place for place, _c, _e in points), frozenset(named | below))
