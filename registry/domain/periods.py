"""Arithmetic with months on instants in UTC."""

import calendar
from datetime import datetime


def plus_months(instant: datetime, months: int) -> datetime:
    """Return the same day and time `months` later, the last day of the month where that day does not exist."""
    month = instant.month - 1 + months
    year, month = instant.year + month // 12, month % 12 + 1
    return instant.replace(year=year, month=month, day=min(instant.day, calendar.monthrange(year, month)[1]))
