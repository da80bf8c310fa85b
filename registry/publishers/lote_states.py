"""What a register says over time: the status of each service with its start, as lists said it.

A register never takes back what it said: a status that an earlier list carried stays in ServiceHistory with
the same start. So the sequence follows both time axes of the events: at each instant, what held then as
known then. A correction or a void appears as a change at the instant it was recorded; the native formats
keep the two axes apart.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from registry.domain.recognition import Interval, Status, StatusEvent, timeline


class State(NamedTuple):
    """A status with its start. `word` names it in URIs; `key_ended`: of a key, not of a recognition."""

    word: str
    start: datetime
    recognized: bool
    key_ended: bool = False


class Window(NamedTuple):
    """When a key may be used: from `start`; over at `end` (None: still usable), because `compromised` or not.

    `said_until` is the instant up to which lists showed the key like any other.
    """

    start: datetime
    end: datetime | None = None
    said_until: datetime | None = None
    compromised: bool = False


def recognition_states(events: Sequence[StatusEvent], at: datetime) -> tuple[State, ...]:
    """Return what lists said up to `at`, oldest first; starts strictly rise, the last one holds now."""
    states: list[State] = []
    for moment, intervals in _moments(events, at):
        status, start = _standing(intervals, moment)
        if states and states[-1].word == status.value:
            continue
        if states and start <= states[-1].start:
            start = moment
        states.append(State(status.value, start, status.is_recognized))
    return tuple(states)


def _moments(events: Sequence[StatusEvent], at: datetime) -> Iterator[tuple[datetime, tuple[Interval, ...]]]:
    """Yield each instant up to `at` at which a list may have changed, with the timeline as known then."""
    recorded = sorted({min(event.recorded_at, at) for event in events})
    for known, following in pairwise([*recorded, None]):
        intervals = timeline(events, known if following else None)
        yield known, intervals  # type: ignore[misc]  # None stands last only
        for interval in intervals:
            if known < interval.start <= at and (following is None or interval.start < following):  # type: ignore[operator]
                yield interval.start, intervals


def _standing(intervals: Sequence[Interval], moment: datetime) -> tuple[Status, datetime]:
    held = [interval for interval in intervals if interval.start <= moment]
    if not held:
        return Status.PENDING_EFFECTIVE, moment
    start = held[-1].start
    for interval in reversed(held):
        if interval.status is not held[-1].status:
            break
        start = interval.start
    return held[-1].status, start


def key_states(states: Sequence[State], window: Window) -> tuple[State, ...]:
    """Return what lists said about one key: the recognition's states in its window, then its end."""
    limit = window.said_until
    said = [
        State(state.word, max(state.start, window.start), state.recognized)
        for state, following in pairwise([*states, None])
        if state is not None
        and (following is None or following.start > window.start)
        and (limit is None or max(state.start, window.start) < limit)
    ]
    if window.end is None or limit is None:
        return tuple(said)
    start = window.end if not said or window.end > said[-1].start else limit
    word = "compromised" if window.compromised else "ended"
    return (*said, State(word, start, recognized=False, key_ended=True))
