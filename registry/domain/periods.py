"""Arithmetic with months and days on instants in UTC."""

import calendar
from datetime import datetime, timedelta


def plus_months(instant: datetime, months: int) -> datetime:
    """Return the same day and time `months` later, the last day of the month where that day does not exist."""
    month = instant.month - 1 + months
    year, month = instant.year + month // 12, month % 12 + 1
    return instant.replace(year=year, month=month, day=min(instant.day, calendar.monthrange(year, month)[1]))


def plus_working_days(instant: datetime, days: int) -> datetime:
    """Return the instant `days` working days later; Saturdays and Sundays do not count."""
    left, moment = days, instant
    while left > 0:
        moment += timedelta(days=1)
        if moment.weekday() < 5:
            left -= 1
    return moment
