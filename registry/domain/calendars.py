"""Working days: a body's own calendar of public holidays and days it is closed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays


@dataclass(frozen=True)
class WorkCalendar:
    """Working days in one place: not Saturday, Sunday, a public holiday, or a day the body is closed.

    `place` is a country or a country and its subdivision (`PL`, `DE-BY`); where the library knows no holidays for it, only
    weekends and closed days count.
    """

    place: str = ""
    zone: str = "UTC"
    closed: frozenset[date] = field(default_factory=frozenset)

    def is_working(self, day: date) -> bool:
        """Whether people work on a day."""
        return (
            day.weekday() < 5 and day not in self.closed and day not in _public_holidays(self.place, day.year)
        )

    def plus(self, instant: datetime, days: int) -> datetime:
        """Return the last second (UTC) of the local day that lies `days` working days after an instant."""
        day = instant.astimezone(ZoneInfo(self.zone)).date()
        left = days
        while left > 0 or not self.is_working(day):
            day += timedelta(days=1)
            left -= self.is_working(day)
        return self.end_of(day)

    def plus_calendar_days(self, instant: datetime, days: int) -> datetime:
        """Return the last second (UTC) of the local day `days` days later, moved on to a working day."""
        day = instant.astimezone(ZoneInfo(self.zone)).date() + timedelta(days=days)
        while not self.is_working(day):
            day += timedelta(days=1)
        return self.end_of(day)

    def end_of(self, day: date) -> datetime:
        """Return the last second of a local day, in UTC."""
        return datetime.combine(day, time(23, 59, 59), ZoneInfo(self.zone)).astimezone(UTC)

    def days_between(self, since: datetime, until: datetime) -> int:
        """Return how many working days lie after the local day of `since`, up to and with that of `until`."""
        zone = ZoneInfo(self.zone)
        day, last, count = since.astimezone(zone).date(), until.astimezone(zone).date(), 0
        while day < last:
            day += timedelta(days=1)
            count += self.is_working(day)
        return count


def calendar_for(place: str, zone: str, closed: Collection[str] = ()) -> WorkCalendar:
    """Return the calendar of a place; `closed` are ISO dates."""
    return WorkCalendar(place, zone, frozenset(date.fromisoformat(day) for day in closed))


@cache
def _public_holidays(place: str, year: int) -> frozenset[date]:
    country, _, subdivision = place.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError:
        return frozenset()
