"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
"""The instant at which every test begins, unless it says otherwise."""


class Clock:
    """Called without arguments it tells the instant, as the clock of the edges does."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> None:
        """Put the clock to an instant."""
        self.now = now

    def advance(self, **by: int) -> datetime:
        """Move the clock by `days=…, hours=…, minutes=…, seconds=…` and return the new instant."""
        self.now += timedelta(**by)
        return self.now
