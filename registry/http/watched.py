"""An instant that notes what it was compared with, so that whoever asked knows until when the answers stay the same.

It stands in for `now` while a page is made. Comparing it with another instant is noted; whatever else is asked of it (its
day, its text, how long ago something was) depends on the very second, and marks it as `exact`.
"""

import operator
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

Comparison = Callable[[Any, Any], bool]
_NOTHING: Final = timedelta(0)


class Comparisons:
    """What an instant was compared with, and how that came out; `exact`: more than comparing was done with it."""

    __slots__ = ("_found", "exact")

    def __init__(self) -> None:
        self._found: dict[tuple[Comparison, timedelta, datetime], bool] = {}
        self.exact = False

    def note(self, compare: Comparison, shift: timedelta, other: datetime, held: bool) -> None:
        """Keep how the instant, moved by `shift`, compares with another one."""
        self._found[compare, shift, other] = held

    def hold_at(self, at: datetime) -> bool:
        """Whether every comparison comes out the same at `at`; never if the very second counted."""
        return not self.exact and all(
            compare(at + shift, other) is held for (compare, shift, other), held in self._found.items()
        )


class WatchedInstant:
    """`at`, moved by `shift`. It is no `datetime`, so that nothing can look inside without being seen."""

    __slots__ = ("_at", "_seen", "_shift")

    def __init__(self, at: datetime, seen: Comparisons, shift: timedelta = _NOTHING) -> None:
        self._at, self._seen, self._shift = at, seen, shift

    def _compare(self, compare: Comparison, other: object) -> Any:
        if not isinstance(other, datetime):
            return NotImplemented
        held = compare(self._at + self._shift, other)
        self._seen.note(compare, self._shift, other, held)
        return held

    def __lt__(self, other: object) -> Any:
        return self._compare(operator.lt, other)

    def __le__(self, other: object) -> Any:
        return self._compare(operator.le, other)

    def __gt__(self, other: object) -> Any:
        return self._compare(operator.gt, other)

    def __ge__(self, other: object) -> Any:
        return self._compare(operator.ge, other)

    def __eq__(self, other: object) -> Any:
        return self is other or self._compare(operator.eq, other)

    def __hash__(self) -> int:
        return hash(self._exactly())

    def __add__(self, other: object) -> Any:
        return self._moved(other) if isinstance(other, timedelta) else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._moved(-other) if isinstance(other, timedelta) else self._exactly() - other

    def __rsub__(self, other: Any) -> Any:
        return other - self._exactly()

    def __str__(self) -> str:
        return str(self._exactly())

    def __repr__(self) -> str:
        return repr(self._exactly())

    def __format__(self, form: str) -> str:
        return format(self._exactly(), form)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._exactly(), name)

    def _moved(self, by: timedelta) -> "WatchedInstant":
        return WatchedInstant(self._at, self._seen, self._shift + by)

    def _exactly(self) -> datetime:
        self._seen.exact = True
        return self._at + self._shift
