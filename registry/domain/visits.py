"""Visits of a panel: where they take place, whom the panel meets, and what a plan must have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from registry.domain.policy import Policy
from registry.errors import FieldError

VISIT_STEP: Final = "visit_remote_or_on_site"
"""The step of a policy's time limits that gives a visit its days."""
MOST_ITEMS: Final = 40
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class VisitMode(StrEnum):
    """Where a panel meets the institution."""

    ON_SITE = "on_site"
    REMOTE = "remote"


class VisitGroup(StrEnum):
    """Whom the panel meets in one part of a visit."""

    LEARNERS = "learners"
    TEACHERS = "teachers"
    LEADERSHIP = "leadership"
    QUALITY_STAFF = "quality_staff"
    EMPLOYERS = "employers"
    TECHNICAL_STAFF = "technical_staff"
    PANEL_ALONE = "panel_alone"


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One part of a visit: local time `HH:MM`, whom the panel meets, and what about."""

    starts: str
    group: VisitGroup
    subject: str


def offers_visit(policy: Policy) -> bool:
    """Whether a policy has days for a visit. Then the panel may hold one; without, it says why it does."""
    return policy.sla.days(VISIT_STEP) is not None


def agenda_problems(items: Sequence[AgendaItem]) -> list[FieldError]:
    """Return what is wrong with an agenda; every visit has a part with learners."""
    problems = []
    for number, item in enumerate(items):
        if not _TIME.fullmatch(item.starts):
            problems.append(
                FieldError(f"agenda.{number}.starts", "write the time as hours and minutes, like 09:30")
            )
        if not item.subject:
            problems.append(FieldError(f"agenda.{number}.subject", "say what this part is about"))
    if not any(item.group is VisitGroup.LEARNERS for item in items):
        problems.append(FieldError("agenda", "the panel must meet learners; add a part with them"))
    if len(items) > MOST_ITEMS:
        problems.append(FieldError("agenda", "an agenda has at most 40 parts"))
    return problems
