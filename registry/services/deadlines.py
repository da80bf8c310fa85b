"""Deadlines: when the present step of a case should be over, by the policy and the working days of the body."""

from datetime import datetime, timedelta

from registry.domain import clocks
from registry.domain.calendars import WorkCalendar, calendar_for
from registry.domain.clocks import Side, Stay
from registry.domain.workflow import Action, State
from registry.models.application import Application, Procedure
from registry.models.body import Body
from registry.services.case_file import policy_for


def calendar_of(body: Body) -> WorkCalendar:
    """Return the working days of a body."""
    return calendar_for(body.holiday_calendar or body.country, body.time_zone, body.closed_days)


def stays_of(application: Application) -> list[Stay]:
    """Return where a case has been, and since when, from its steps; a step that stays where it was begins no new stay."""
    moves = [e for e in application.events if e.source is not e.target]
    ends = [*(event.at for event in moves[1:]), None]
    return [
        Stay(event.target, event.action, event.at, until) for event, until in zip(moves, ends, strict=False)
    ]


def deadline(application: Application, at: datetime) -> tuple[Side | None, datetime | None]:
    """Return whose days run in the present state of a case, and until when; `at` is when the state was entered."""
    policy, calendar = policy_for(application), calendar_of(application.scheme.body)
    if application.state in _CALENDAR_DAYS:
        side, days = _CALENDAR_DAYS[application.state](application)
        return side, calendar.plus_calendar_days(at, days)
    if application.state is State.REPRESENTATION:
        return Side.APPLICANT, answer_until(application)
    stays = stays_of(application)
    clock = clocks.clock_of(policy, application.state)
    if clock is None or not stays:
        return None, None
    return clock[0], clocks.due(policy, stays, calendar)


def answer_until(application: Application, delivered_at: datetime | None = None) -> datetime:
    """Return the last second in which the institution may answer the notice that a case stands at.

    Its days run from when the notice was delivered, and stand still on hold; a notice that nobody opens counts as delivered
    after `clocks.DEEMED_DELIVERED`. With `delivered_at`: the answer if it had been delivered then.
    """
    calendar, stays = calendar_of(application.scheme.body), _since_notice(application)
    hearing, noticed = application.hearing, stays[0].since
    delivery = hearing.delivery if hearing and hearing.opened_at >= noticed else None
    if delivered_at is None and delivery is not None:
        delivered_at = delivery.delivered_at
    start = delivered_at or noticed + clocks.DEEMED_DELIVERED
    used = sum(calendar.days_between(max(s.since, start), s.until) for s in stays[:-1] if s.until)
    return calendar.plus(max(stays[-1].since, start), max(_hearing_days(application) - used, 0))


def _since_notice(application: Application) -> list[Stay]:
    """Return the stays in which the institution may answer, from the newest notice on: more than one after a hold."""
    stays = stays_of(application)
    given = [position for position, stay in enumerate(stays) if stay.action is Action.GIVE_NOTICE]
    first = min((event.at for event in application.events if event.source is not event.target), default=None)
    if given:
        stays = stays[given[-1] :]
    else:  # the case was opened with its notice
        stays = [Stay(State.REPRESENTATION, Action.GIVE_NOTICE, application.created_at, first), *stays]
    return [stay for stay in stays if stay.state is State.REPRESENTATION]


def _hearing_days(application: Application) -> int:
    """Return the working days to answer: of the measure for which a case was opened, else of the step."""
    policy = policy_for(application)
    if application.procedure is Procedure.EXTRAORDINARY and application.hearing is not None:
        measure = policy.sanctions.measure(application.hearing.proposed)
        if measure is not None:
            return measure.hearing_days
    clock = clocks.clock_of(policy, State.REPRESENTATION)
    return clock[1] if clock else 0


def appeal_until(application: Application, delivered_at: datetime) -> datetime:
    """Return the last second in which an appeal may be filed, from when the decision was delivered."""
    days = policy_for(application).appeals.window_days
    return calendar_of(application.scheme.body).plus_calendar_days(delivered_at, days)


def _window(application: Application) -> tuple[Side, int]:
    """Count from when a letter that nobody opens counts as delivered; a proven delivery sets an earlier end."""
    deemed = clocks.DEEMED_DELIVERED // timedelta(days=1)
    return Side.APPLICANT, deemed + policy_for(application).appeals.window_days


def _appeal(application: Application) -> tuple[Side, int]:
    return Side.BODY, policy_for(application).appeals.decide_days


_CALENDAR_DAYS = {State.APPEAL_WINDOW: _window, State.INELIGIBLE: _window, State.APPEAL: _appeal}
"""States whose days are calendar days."""
