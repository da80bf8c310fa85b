"""The answer to a verifier: four values, a reason, and dates; and never a red cross for what we do not know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.answer import Answer, Signed, Successor, Verdict, Why, answer
from registry.domain.recognition import Effect, Reason, Status, StatusEvent
from registry.domain.scope import CredentialType, Grant, Question, Scope
from registry.domain.terms import Terms
from registry.domain.trust_list import IdentityKind, ListedIdentity

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + 300 * DAY
SCOPE = Scope(
    (
        Grant(
            fields=frozenset({"061"}),
            credential_types=frozenset({CredentialType.MICRO_CREDENTIAL}),
            countries=frozenset({"PL"}),
        ),
    )
)
QUESTION = Question(field="0613", credential_type=CredentialType.MICRO_CREDENTIAL, country="PL")
KEY = ListedIdentity(IdentityKind.DID, "did:example:a", valid_from=START)
GRANTED = StatusEvent(
    number=1,
    recorded_at=START,
    effective_from=START,
    status=Status.ACTIVE,
    reason=Reason.GRANTED,
    decision_id="d",
    scope=SCOPE,
    valid_until=START + 1000 * DAY,
)


def ended(status: Status, day: int, **more: object) -> StatusEvent:
    """Return the event that ends or stops the recognition on a day."""
    when = START + day * DAY
    return StatusEvent(2, when, when, status, Reason.SERIOUS_BREACH, "d", **more)  # type: ignore[arg-type]


def ask(
    *events: StatusEvent,
    day: int = 10,
    known: datetime | None = None,
    question: Question = QUESTION,
    signed: Signed | None = None,
    key: ListedIdentity = KEY,
) -> Answer:
    return answer(events, [key], question, at=START + day * DAY, now=NOW, known=known, signed=signed)


def test_a_credential_inside_scope_and_time_is_covered() -> None:
    found = ask(GRANTED)
    assert (found.verdict, found.why, found.date_must_be_proven) == (Verdict.COVERED, Why.RECOGNIZED, False)


def test_conditions_cover_and_are_named() -> None:
    found = ask(replace(GRANTED, status=Status.ACTIVE_WITH_CONDITIONS))
    assert (found.verdict, found.why) == (Verdict.COVERED, Why.RECOGNIZED_WITH_CONDITIONS)


def test_whoever_was_never_listed_is_unknown_not_refused() -> None:
    assert ask().verdict is Verdict.UNKNOWN


def test_another_field_is_not_covered() -> None:
    assert ask(GRANTED, question=replace(QUESTION, field="0913")).why is Why.OUTSIDE_SCOPE


def test_a_question_that_lacks_what_the_scope_needs_is_unknown() -> None:
    found = ask(GRANTED, question=replace(QUESTION, country=None))
    assert (found.verdict, found.why) == (Verdict.UNKNOWN, Why.QUESTION_INCOMPLETE)


def test_before_the_grant_nothing_is_covered() -> None:
    assert ask(GRANTED, day=-5).why is Why.BEFORE_GRANT


def test_a_grant_that_was_known_but_lay_ahead_is_pending() -> None:
    ahead = replace(GRANTED, effective_from=START + 20 * DAY)
    assert ask(ahead, day=10).why is Why.PENDING_EFFECTIVE


@pytest.mark.parametrize(
    "status", [Status.SUSPENDED, Status.WITHDRAWN, Status.RELINQUISHED, Status.SUPERSEDED]
)
def test_an_award_after_the_end_says_which_end(status: Status) -> None:
    found = ask(GRANTED, ended(status, 50), day=60)
    assert found.verdict is Verdict.WITHDRAWN
    assert found.why.value == status.value


def test_an_award_before_a_withdrawal_stays_covered_if_its_date_is_true() -> None:
    found = ask(GRANTED, ended(Status.WITHDRAWN, 50), day=10)
    assert (found.verdict, found.date_must_be_proven, found.earlier_awards) == (
        Verdict.COVERED,
        True,
        Effect.STAY_COVERED,
    )


def test_cover_can_be_taken_back_from_an_instant() -> None:
    stop = ended(Status.WITHDRAWN, 50, effect=Effect.NOT_FROM_INSTANT, effect_from=START + 20 * DAY)
    assert ask(GRANTED, stop, day=10).verdict is Verdict.COVERED
    assert ask(GRANTED, stop, day=30).why is Why.COVER_TAKEN_BACK


def test_cover_can_be_taken_back_for_good() -> None:
    assert (
        ask(GRANTED, ended(Status.WITHDRAWN, 50, effect=Effect.NEVER_COVERED), day=10).why
        is Why.COVER_TAKEN_BACK
    )


def test_void_covers_nothing_ever() -> None:
    assert ask(GRANTED, ended(Status.VOID, 50, effect=Effect.NEVER_COVERED), day=10).why is Why.VOID


def test_as_known_then_a_later_withdrawal_is_not_seen() -> None:
    found = ask(GRANTED, ended(Status.WITHDRAWN, 50), day=60, known=START + 49 * DAY)
    assert (found.verdict, found.now) == (Verdict.COVERED, Status.ACTIVE)


def test_another_key_is_not_covered() -> None:
    assert ask(GRANTED, signed=Signed("did:example:b")).why is Why.KEY_NOT_LISTED


def test_a_listed_key_is_covered() -> None:
    assert ask(GRANTED, signed=Signed("did:example:a")).verdict is Verdict.COVERED


def test_a_key_that_had_ended_is_not_covered() -> None:
    key = replace(KEY, valid_to=START + 5 * DAY)
    assert ask(GRANTED, signed=Signed("did:example:a"), key=key).why is Why.KEY_NOT_VALID_THEN


def test_a_compromised_key_is_withdrawn_from_that_instant_and_covered_before() -> None:
    key = replace(KEY, compromised_from=START + 5 * DAY)
    assert ask(GRANTED, signed=Signed("did:example:a"), key=key).why is Why.KEY_COMPROMISED
    assert ask(GRANTED, day=4, signed=Signed("did:example:a"), key=key).verdict is Verdict.COVERED


def test_a_platform_key_alone_covers_nobody() -> None:
    key = ListedIdentity(
        IdentityKind.PLATFORM, "did:example:p", valid_from=START, profile_id="https://p.example/1"
    )
    assert ask(GRANTED, signed=Signed("did:example:p"), key=key).why is Why.KEY_NOT_LISTED
    assert (
        ask(GRANTED, signed=Signed("did:example:p", "https://p.example/2"), key=key).why is Why.KEY_NOT_LISTED
    )
    assert (
        ask(GRANTED, signed=Signed("did:example:p", "https://p.example/1"), key=key).verdict
        is Verdict.COVERED
    )


@given(
    st.integers(-50, 400),
    st.sampled_from([s for s in Status if s.value in ("suspended", "withdrawn", "void")]),
)
def test_nothing_awarded_while_not_recognized_is_ever_covered(day: int, status: Status) -> None:
    found = ask(GRANTED, ended(status, 50), day=day)
    if found.verdict is Verdict.COVERED:
        assert 0 <= day < 50
        assert status is not Status.VOID


def handed_on(day: int, *successors: str) -> StatusEvent:
    """Return the event by which the recognition went over to others on a day."""
    return replace(ended(Status.SUPERSEDED, day), reason=Reason.MERGED, terms=Terms(successors=successors))


def taker(*events: StatusEvent, key: str = "did:example:b") -> Successor:
    return Successor(events, (ListedIdentity(IdentityKind.DID, key, valid_from=START),))


def test_a_successor_that_carries_the_recognition_covers_what_the_old_key_signs() -> None:
    events, over = (GRANTED, handed_on(20, "b")), {"b": taker(replace(GRANTED, number=3))}
    for key in ("did:example:a", "did:example:b"):
        found = answer(
            events,
            [KEY],
            QUESTION,
            at=START + 30 * DAY,
            now=NOW,
            signed=Signed(key),
            successors=over,
        )
        assert (found.verdict, found.why, found.successor) == (Verdict.COVERED, Why.CARRIED_OVER, "b")
    foreign = answer(
        events, [KEY], QUESTION, at=START + 30 * DAY, now=NOW, signed=Signed("did:x:c"), successors=over
    )
    assert (foreign.verdict, foreign.why) == (Verdict.WITHDRAWN, Why.SUPERSEDED)


def test_a_successor_covers_no_longer_than_it_is_recognized_itself() -> None:
    events = (GRANTED, handed_on(20, "b"))
    over = {"b": taker(replace(GRANTED, number=3), replace(ended(Status.WITHDRAWN, 40), number=4))}
    asked = lambda day: answer(events, [KEY], QUESTION, at=START + day * DAY, now=NOW, successors=over)  # noqa: E731
    assert [asked(day).why for day in (10, 30, 50)] == [Why.RECOGNIZED, Why.CARRIED_OVER, Why.SUPERSEDED]


def test_successors_are_followed_down_the_line_and_never_in_a_circle() -> None:
    over = {
        "b": taker(replace(GRANTED, number=3), replace(handed_on(40, "c"), number=4)),
        "c": taker(replace(GRANTED, number=5)),
    }
    found = answer(
        (GRANTED, handed_on(20, "b")), [KEY], QUESTION, at=START + 50 * DAY, now=NOW, successors=over
    )
    assert (found.why, found.successor) == (Why.CARRIED_OVER, "c")
    circle = {"b": taker(replace(GRANTED, number=3), replace(handed_on(40, "b"), number=4))}
    found = answer(
        (GRANTED, handed_on(20, "b")), [KEY], QUESTION, at=START + 50 * DAY, now=NOW, successors=circle
    )
    assert found.why is Why.SUPERSEDED


def test_nobody_covers_what_was_not_carried_over() -> None:
    other = {"c": taker(replace(GRANTED, number=3))}
    found = answer((GRANTED, handed_on(20)), [KEY], QUESTION, at=START + 30 * DAY, now=NOW, successors=other)
    assert (found.verdict, found.why) == (Verdict.WITHDRAWN, Why.SUPERSEDED)
