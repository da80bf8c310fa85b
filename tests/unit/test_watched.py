"""An instant that notes its comparisons: until when answers stay the same, and what depends on the very second."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.http.watched import Comparisons, WatchedInstant

NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def watched(at: datetime = NOON) -> tuple[Any, Comparisons]:
    seen = Comparisons()
    return WatchedInstant(at, seen), seen


def test_an_instant_that_nobody_asked_holds_for_ever() -> None:
    _at, seen = watched()
    assert seen.hold_at(NOON + timedelta(days=10_000))


def test_a_deadline_ends_what_was_compared_with_it() -> None:
    at, seen = watched()
    due = NOON + timedelta(hours=1)
    assert at < due
    assert not (due <= at)
    assert seen.hold_at(due - timedelta(seconds=1))
    assert not seen.hold_at(due)


def test_a_moved_instant_is_watched_like_the_first() -> None:
    at, seen = watched()
    assert at - timedelta(days=1) < NOON - timedelta(hours=23)
    assert seen.hold_at(NOON + timedelta(minutes=59))
    assert not seen.hold_at(NOON + timedelta(hours=1))


ASKED: dict[str, Any] = {
    "day": lambda at: at.date(),
    "zone": lambda at: at.tzinfo,
    "since": lambda at: at - NOON,
    "until": lambda at: NOON - at,
    "elsewhere": lambda at: at.astimezone(UTC),
    "form": lambda at: f"{at:%Y}",
    "text": str,
    "code": repr,
    "hash": hash,
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_whatever_else_is_asked_depends_on_the_very_second(ask: Any) -> None:
    at, seen = watched()
    assert ask(at) == ask(NOON)
    assert seen.exact
    assert not seen.hold_at(NOON)


def test_what_takes_only_a_real_instant_says_so() -> None:
    at, _seen = watched()
    with pytest.raises(TypeError):
        datetime.fromisoformat(at)


minutes = st.integers(-60, 60).map(lambda number: timedelta(minutes=number))


@given(st.lists(st.tuples(st.sampled_from(["<", "<=", ">", ">=", "=="]), minutes, minutes)), minutes)
def test_answers_are_the_same_wherever_comparisons_hold(
    asked: list[tuple[str, timedelta, timedelta]], later: timedelta
) -> None:
    def answers(at: datetime) -> list[bool]:
        by = {
            "<": lambda a, b: a < b,
            "<=": lambda a, b: b >= a,
            ">": lambda a, b: a > b,
            ">=": lambda a, b: a >= b,
            "==": lambda a, b: b == a,
        }
        return [by[sign](at + shift, NOON + other) for sign, shift, other in asked]

    at, seen = watched()
    first = answers(cast(datetime, at))
    assert first == answers(NOON)
    assert seen.hold_at(NOON)
    assert seen.hold_at(NOON + later) == (answers(NOON + later) == first)
