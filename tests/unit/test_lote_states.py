"""A register never takes back what it said, whatever events are recorded in whatever order of effect."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.recognition import Reason, Status, StatusEvent, status_at
from registry.publishers.lote_states import Window, key_states, recognition_states

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
RECORDABLE = [s for s in Status if s not in {Status.EXPIRED, Status.PENDING_EFFECTIVE}]


@st.composite
def histories(draw: st.DrawFn) -> list[StatusEvent]:
    """Events recorded one after another, effective before or after that, some of them correcting an older one."""
    recorded, made = 0, []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        recorded += draw(st.integers(0, 5))
        shift = draw(st.integers(-8, 8))
        made.append(
            StatusEvent(
                number=number,
                recorded_at=START + recorded * HOUR,
                effective_from=START + (recorded + shift) * HOUR,
                status=Status.ACTIVE if number == 1 else draw(st.sampled_from(RECORDABLE)),
                reason=Reason.GRANTED,
                decision_id=str(number),
                valid_until=draw(st.none() | st.integers(1, 30).map(lambda hours: START + hours * HOUR)),
                supersedes=draw(st.none() | st.integers(1, number - 1)) if number > 1 else None,
            )
        )
    return made


@settings(deadline=None, max_examples=80)
@given(histories(), st.integers(0, 40), st.integers(0, 40))
def test_a_status_that_a_list_carried_stands_in_every_later_list(
    events: list[StatusEvent], first: int, more: int
) -> None:
    before, after = START + first * HOUR, START + (first + more) * HOUR
    known = [event for event in events if event.recorded_at <= before]
    if not known:
        return
    later = [event for event in events if event.recorded_at <= after]
    earlier, now = recognition_states(known, before), recognition_states(later, after)
    assert earlier == now[: len(earlier)]


@settings(deadline=None, max_examples=80)
@given(histories(), st.integers(0, 60))
def test_the_last_state_is_the_present_status_and_starts_rise(events: list[StatusEvent], hours: int) -> None:
    at = max(event.recorded_at for event in events) + hours * HOUR
    states = recognition_states(events, at)
    assert states[-1].word == status_at(events, at)
    starts = [state.start for state in states]
    assert starts == sorted(set(starts))
    assert starts[-1] <= at


@settings(deadline=None, max_examples=80)
@given(histories(), st.integers(-5, 20), st.integers(1, 20), st.booleans())
def test_the_states_of_a_key_rise_and_end_with_its_end(
    events: list[StatusEvent], begins: int, lasts: int, over: bool
) -> None:
    at = max(event.recorded_at for event in events) + 40 * HOUR
    start = START + begins * HOUR
    end = start + lasts * HOUR if over else None
    states = key_states(recognition_states(events, at), Window(start, end, end))
    starts = [state.start for state in states]
    assert starts == sorted(set(starts))
    assert min(starts) >= start
    assert states[-1].key_ended is over
