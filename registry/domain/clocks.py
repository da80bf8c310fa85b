"""Clocks: whose days run in which state, and how many the policy of the case gives.

The body's clock stands still while the applicant's runs, and the other way round; on hold both stand still. Where a case
comes back to a state within one round (review, clarification, review), the days used before count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from registry.domain.calendars import WorkCalendar
from registry.domain.policy import Policy
from registry.domain.workflow import Action, State


class Side(StrEnum):
    """Whose days run."""

    BODY = "body"
    APPLICANT = "applicant"


@dataclass(frozen=True, slots=True)
class Clock:
    """What runs in a state: a step of the policy's time limits, on one side."""

    step: str
    side: Side


CLOCKS: Mapping[State, Clock] = {
    State.SUBMITTED: Clock("acknowledge_application", Side.BODY),
    State.COMPLETENESS_CHECK: Clock("completeness_check", Side.BODY),
    State.RETURNED: Clock("complete_missing_evidence", Side.APPLICANT),
    State.IDENTITY_CHECK: Clock("identity_and_key_checks", Side.BODY),
    State.ELIGIBLE: Clock("panel_proposed", Side.BODY),
    State.PANEL_PROPOSED: Clock("objection_to_panel", Side.APPLICANT),
    State.PANEL_APPOINTED: Clock("desk_review_and_first_ratings", Side.BODY),
    State.REVIEW: Clock("desk_review_and_first_ratings", Side.BODY),
    State.CLARIFICATION: Clock("answer_clarification", Side.APPLICANT),
    State.VISIT: Clock("visit_remote_or_on_site", Side.BODY),
    State.DRAFT_REPORT: Clock("draft_report", Side.BODY),
    State.FACTUAL_CHECK: Clock("factual_accuracy_check", Side.APPLICANT),
    State.FINAL_REPORT: Clock("final_report", Side.BODY),
    State.FIRST_CONSIDERATION: Clock("committee_first_consideration", Side.BODY),
    State.REPRESENTATION: Clock("representation", Side.APPLICANT),
    State.SECOND_CONSIDERATION: Clock("committee_decision", Side.BODY),
    State.DECIDED: Clock("notify_applicant", Side.BODY),
}
"""States that are missing here have no clock of working days; appeals count calendar days of their own."""

NEW_ROUND = frozenset(
    {
        Action.RESUBMIT,
        Action.RESUME_DEFERRED,
        Action.RECOMPOSE_PANEL,
        Action.GIVE_NOTICE,
        Action.RETURN_TO_IDENTITY,
        Action.RETURN_TO_PANEL,
        Action.RETURN_TO_REVIEW,
        Action.RETURN_TO_COMMITTEE,
    }
)
"""Steps after which every state has all its days again."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A case was, or is, in a state from `since` to `until` (None: still), where `action` had brought it."""

    state: State
    action: Action
    since: datetime
    until: datetime | None


def clock_of(policy: Policy, state: State) -> tuple[Side, int] | None:
    """Return whose clock runs in a state and for how many working days, or None where none runs."""
    clock = CLOCKS.get(state)
    days = policy.sla.days(clock.step) if clock else None
    return (clock.side, days) if clock and days is not None else None


def due(policy: Policy, stays: Sequence[Stay], calendar: WorkCalendar) -> datetime | None:
    """Return when the present stay, the last of `stays`, should be over; None where no clock runs."""
    now = stays[-1]
    clock = clock_of(policy, now.state)
    if clock is None:
        return None
    left = clock[1] - sum(calendar.days_between(s.since, s.until) for s in _earlier(stays) if s.until)
    return calendar.plus(now.since, max(left, 0))


def _earlier(stays: Sequence[Stay]) -> list[Stay]:
    """Return the earlier stays of this round that ran on the same step."""
    step, found = CLOCKS[stays[-1].state].step, []
    for position in range(len(stays) - 1, 0, -1):
        if stays[position].action in NEW_ROUND:
            break
        stay = stays[position - 1]
        if stay.state in CLOCKS and CLOCKS[stay.state].step == step:
            found.append(stay)
    return found


def is_over(due_at: datetime | None, at: datetime) -> bool:
    """Whether a deadline has passed."""
    return due_at is not None and at > due_at


DEEMED_DELIVERED = timedelta(days=14)
"""What nobody opened counts as delivered after this long, letter or notice (as in Article 46 of the Polish code of
procedure)."""
