"""The answer to a verifier: was this issuer recognized for this, on that day? Four values, a reason, and dates.

Whoever was never listed is `unknown`, exactly like whoever has applied or was refused. Several listings of one
institution are answered each by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from registry.domain.recognition import (
    Effect,
    Interval,
    Status,
    StatusEvent,
    interval_at,
    known_events,
    status_at,
)
from registry.domain.scope import MatchOutcome, Question
from registry.domain.trust_list import ListedIdentity


class Verdict(StrEnum):
    """What a verifier is told; never one red cross for what we do not know."""

    COVERED = "covered"
    NOT_COVERED = "not_covered"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why; a closed list."""

    RECOGNIZED = "recognized"
    RECOGNIZED_WITH_CONDITIONS = "recognized_with_conditions"
    CARRIED_OVER = "carried_over"
    OUTSIDE_SCOPE = "outside_scope"
    KEY_NOT_LISTED = "key_not_listed"
    KEY_NOT_VALID_THEN = "key_not_valid_then"
    PENDING_EFFECTIVE = "pending_effective"
    BEFORE_GRANT = "before_grant"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RELINQUISHED = "relinquished"
    SUPERSEDED = "superseded"
    VOID = "void"
    COVER_TAKEN_BACK = "cover_taken_back"
    KEY_COMPROMISED = "key_compromised"
    NEVER_LISTED = "never_listed"
    QUESTION_INCOMPLETE = "question_incomplete"


_ENDED: Mapping[Status, Why] = {
    Status.SUSPENDED: Why.SUSPENDED,
    Status.WITHDRAWN: Why.WITHDRAWN,
    Status.EXPIRED: Why.EXPIRED,
    Status.RELINQUISHED: Why.RELINQUISHED,
    Status.SUPERSEDED: Why.SUPERSEDED,
    Status.VOID: Why.VOID,
}


@dataclass(frozen=True, slots=True)
class Signed:
    """What a credential was signed with: a DID, a certificate's or key's digest; `profile_id` on a shared platform."""

    value: str
    profile_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One listing's answer for the award instant `at`, as known at `known` (None: now).

    `since` and `until` bound the stretch of standing that holds at `at`. `earlier_awards` says what became of credentials
    issued before an end. `date_must_be_proven`: the issuer has ended, so that the award date counts only if a timestamp,
    a log or a status entry from before the end proves it. `now` is the standing at the last known instant. `successor` is
    the id of the issuer whose recognition covers the credential instead.
    """

    verdict: Verdict
    why: Why
    at: datetime
    known: datetime | None
    status: Status | None = None
    since: datetime | None = None
    until: datetime | None = None
    earlier_awards: Effect | None = None
    date_must_be_proven: bool = False
    now: Status | None = None
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class Successor:
    """A listing that a recognition was carried over to, with what its issuer signs with."""

    events: Sequence[StatusEvent]
    identities: Sequence[ListedIdentity]


def answer(
    events: Sequence[StatusEvent],
    identities: Sequence[ListedIdentity],
    question: Question,
    *,
    at: datetime,
    now: datetime,
    known: datetime | None = None,
    signed: Signed | None = None,
    successors: Mapping[str, Successor] = MappingProxyType({}),
) -> Answer:
    """Answer for one listing. `at` is when the credential was awarded, `now` when the question is asked (UTC).

    Without `signed`, the key is not looked at. An empty `events` is an issuer that was never listed. Where the recognition
    had gone over to others by then, their standing covers, if `successors` has them, whatever either side signs with.
    """
    own = _own_answer(events, identities, question, at=at, now=now, known=known, signed=signed)
    if own.why is not Why.SUPERSEDED:
        return own
    following = [(name, successors[name]) for name in successors_at(events, at, known) if name in successors]
    for name, taker in following:
        rest = MappingProxyType({other: s for other, s in successors.items() if other != name})
        keys = (*identities, *taker.identities)
        given = answer(
            taker.events, keys, question, at=at, now=now, known=known, signed=signed, successors=rest
        )
        if given.verdict is Verdict.COVERED:
            through = given.successor or name
            return replace(own, verdict=Verdict.COVERED, why=Why.CARRIED_OVER, successor=through)
    return own


def successors_at(
    events: Sequence[StatusEvent], at: datetime, known: datetime | None = None
) -> tuple[str, ...]:
    """Return the issuers that a recognition had gone over to at an instant; none where it had not."""
    counted = known_events(events, known)
    interval = interval_at(counted, at)
    if interval is None or interval.status is not Status.SUPERSEDED:
        return ()
    terms = next((event.terms for event in counted if event.number == interval.event), None)
    return terms.successors if terms is not None else ()


def _own_answer(
    events: Sequence[StatusEvent],
    identities: Sequence[ListedIdentity],
    question: Question,
    *,
    at: datetime,
    now: datetime,
    known: datetime | None,
    signed: Signed | None,
) -> Answer:
    counted = known_events(events, known)
    current = status_at(counted, known or now)
    interval = interval_at(counted, at)
    verdict, why = _judge(counted, interval, identities, question, at, signed)
    ended = current is not None and not current.is_recognized and current is not Status.PENDING_EFFECTIVE
    return Answer(
        verdict=verdict,
        why=why,
        at=at,
        known=known,
        status=interval.status if interval else None,
        since=interval.start if interval else None,
        until=interval.end if interval else None,
        earlier_awards=_effect(counted) if ended else None,
        date_must_be_proven=ended and verdict is Verdict.COVERED,
        now=current,
    )


def _judge(
    counted: Sequence[StatusEvent],
    interval: Interval | None,
    identities: Sequence[ListedIdentity],
    question: Question,
    at: datetime,
    signed: Signed | None,
) -> tuple[Verdict, Why]:
    if not counted:
        return Verdict.UNKNOWN, Why.NEVER_LISTED
    if interval is None:
        pending = any(event.recorded_at <= at for event in counted)
        return Verdict.NOT_COVERED, Why.PENDING_EFFECTIVE if pending else Why.BEFORE_GRANT
    if interval.status in _ENDED:
        return Verdict.WITHDRAWN, _ENDED[interval.status]
    if _taken_back(counted, at):
        return Verdict.WITHDRAWN, Why.COVER_TAKEN_BACK
    if signed is not None:
        trouble = _key_trouble(identities, signed, at)
        if trouble is not None:
            return trouble
    match = interval.scope.matches(question)
    if match.outcome is MatchOutcome.QUESTION_INCOMPLETE:
        return Verdict.UNKNOWN, Why.QUESTION_INCOMPLETE
    if match.outcome is MatchOutcome.NO_MATCH:
        return Verdict.NOT_COVERED, Why.OUTSIDE_SCOPE
    conditional = interval.status is Status.ACTIVE_WITH_CONDITIONS
    return Verdict.COVERED, Why.RECOGNIZED_WITH_CONDITIONS if conditional else Why.RECOGNIZED


def _taken_back(counted: Sequence[StatusEvent], at: datetime) -> bool:
    """Whether a later event takes cover from an award made at `at`."""
    return any(
        (event.effect is Effect.NEVER_COVERED and at < event.effective_from)
        or (
            event.effect is Effect.NOT_FROM_INSTANT
            and event.effect_from is not None
            and event.effect_from <= at
        )
        for event in counted
    )


def _key_trouble(
    identities: Sequence[ListedIdentity], signed: Signed, at: datetime
) -> tuple[Verdict, Why] | None:
    named = [
        identity
        for identity in identities
        if identity.value == signed.value and (identity.profile_id or None) == signed.profile_id
    ]
    if not named:
        return Verdict.NOT_COVERED, Why.KEY_NOT_LISTED
    if any(identity.usable_at(at) for identity in named):
        return None
    if any(i.compromised_from is not None and at >= i.compromised_from for i in named):
        return Verdict.WITHDRAWN, Why.KEY_COMPROMISED
    return Verdict.NOT_COVERED, Why.KEY_NOT_VALID_THEN


def _effect(counted: Sequence[StatusEvent]) -> Effect:
    return counted[-1].effect
