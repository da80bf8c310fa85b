"""Deadlines: when the present step of a case should be over, by the policy and the working days of the body."""

from datetime import datetime, timedelta

from registry.domain import clocks
from registry.domain.calendars import WorkCalendar, calendar_for
from registry.domain.clocks import Side, Stay
from registry.domain.workflow import State
from registry.models.application import Application
from registry.models.body import Body
from registry.services.case_file import policy_for


def calendar_of(body: Body) -> WorkCalendar:
    """Return the working days of a body."""
    return calendar_for(body.holiday_calendar or body.country, body.time_zone, body.closed_days)


def stays_of(application: Application) -> list[Stay]:
    """Return where a case has been, and since when, from its steps; a step that stays where it was begins no new stay."""
    moves = [e for e in application.events if e.source is not e.target]
    ends = [event.at for event in moves[1:]]
    return [
        Stay(event.target, event.action, event.at, until)
        for event, until in zip(moves, [*ends, None], strict=True)
    ]


def deadline(application: Application, at: datetime) -> tuple[Side | None, datetime | None]:
    """Return whose days run in the present state of a case, and until when; `at` is when the state was entered."""
    policy, calendar = policy_for(application), calendar_of(application.scheme.body)
    if application.state in _CALENDAR_DAYS:
        side, days = _CALENDAR_DAYS[application.state](application)
        return side, calendar.plus_calendar_days(at, days)
    stays = stays_of(application)
    clock = clocks.clock_of(policy, application.state)
    if clock is None or not stays:
        return None, None
    return clock[0], clocks.due(policy, stays, calendar)


def appeal_until(application: Application, delivered_at: datetime) -> datetime:
    """Return the last second in which an appeal may be filed, from when the decision was delivered."""
    days = policy_for(application).appeals.window_days
    return calendar_of(application.scheme.body).plus_calendar_days(delivered_at, days)


def _window(application: Application) -> tuple[Side, int]:
    """Count from when a letter that nobody opens counts as delivered; a proven delivery sets an earlier end."""
    deemed = clocks.APPEAL_DEEMED_DELIVERED // timedelta(days=1)
    return Side.APPLICANT, deemed + policy_for(application).appeals.window_days


def _appeal(application: Application) -> tuple[Side, int]:
    return Side.BODY, policy_for(application).appeals.decide_days


_CALENDAR_DAYS = {State.APPEAL_WINDOW: _window, State.INELIGIBLE: _window, State.APPEAL: _appeal}
"""States whose days are calendar days."""
