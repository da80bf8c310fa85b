"""A moved clock: the demo and the tests tell long stories in a moment."""

from datetime import datetime, timedelta


class SteppingClock:
    """A clock that moves on by a fixed step whenever it is read."""

    def __init__(self, start: datetime, step: timedelta = timedelta(minutes=1)) -> None:
        self.moment, self.step = start, step

    def __call__(self) -> datetime:
        self.moment += self.step
        return self.moment

    def skip(self, **days: int) -> None:
        """Let time pass."""
        self.moment += timedelta(**days)
