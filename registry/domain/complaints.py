"""Complaints: their states, the steps between them, and by when each is due. ONE table of steps."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from registry.domain.policy_terms import Complaints
from registry.errors import TransitionRefused

ANONYMOUS: Final = "anonymous"
"""The policy's word for somebody who says nothing of themselves."""
REGISTER_DATA: Final = "wrong_register_data"
"""The policy's word for wrong data in the register."""


class ComplaintState(StrEnum):
    """Where a complaint stands."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ADMISSIBLE = "admissible"
    ISSUER_REPLY = "issuer_reply"
    INADMISSIBLE = "inadmissible"
    RESOLVED = "resolved"


CLOSED: Final = frozenset({ComplaintState.INADMISSIBLE, ComplaintState.RESOLVED})
"""States in which nothing follows."""


class ComplaintStep(StrEnum):
    """What somebody does about a complaint."""

    RECEIVE = "receive"
    ACKNOWLEDGE = "acknowledge"
    ADMIT = "admit"
    DISMISS = "dismiss"
    ASK_ISSUER = "ask_issuer"
    REPLY = "reply"
    RESOLVE = "resolve"


class ComplaintOutcome(StrEnum):
    """What may come of a complaint; the policy says which of these its body has."""

    INADMISSIBLE = "inadmissible"
    NOT_SUBSTANTIATED = "not_substantiated"
    RECOMMENDATION = "recommendation"
    WARNING = "formal_warning_published"
    REVIEW = "extraordinary_review"
    URGENT_SUSPENSION = "urgent_suspension"


AGAINST_ISSUER: Final = frozenset(
    {ComplaintOutcome.WARNING, ComplaintOutcome.REVIEW, ComplaintOutcome.URGENT_SUSPENSION}
)
"""Outcomes that need an issuer."""
AFTER_HEARING_IT: Final = frozenset(
    {ComplaintOutcome.RECOMMENDATION, ComplaintOutcome.WARNING, ComplaintOutcome.REVIEW}
)
"""Outcomes that follow only once the issuer concerned was asked; an urgent suspension does not wait."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row: from where, what, to where."""

    source: ComplaintState
    step: ComplaintStep
    target: ComplaintState


_S, _A = ComplaintState, ComplaintStep
STEPS: Final[tuple[Step, ...]] = (
    Step(_S.RECEIVED, _A.ACKNOWLEDGE, _S.ACKNOWLEDGED),
    Step(_S.ACKNOWLEDGED, _A.ADMIT, _S.ADMISSIBLE),
    Step(_S.ACKNOWLEDGED, _A.DISMISS, _S.INADMISSIBLE),
    Step(_S.ADMISSIBLE, _A.ASK_ISSUER, _S.ISSUER_REPLY),
    Step(_S.ISSUER_REPLY, _A.REPLY, _S.ADMISSIBLE),
    Step(_S.ADMISSIBLE, _A.RESOLVE, _S.RESOLVED),
    Step(_S.ISSUER_REPLY, _A.RESOLVE, _S.RESOLVED),
)


def step(source: ComplaintState, taken: ComplaintStep) -> ComplaintState:
    """Return where a step leads.

    Raises:
        TransitionRefused: the table has no such step from there.
    """
    for row in STEPS:
        if (row.source, row.step) == (source, taken):
            return row.target
    raise TransitionRefused("this complaint does not stand where this can be done; look at it again")


def steps_from(source: ComplaintState) -> frozenset[ComplaintStep]:
    """Return what may be done about a complaint that stands there."""
    return frozenset(row.step for row in STEPS if row.source is source)


def days_of(terms: Complaints, state: ComplaintState) -> int | None:
    """Return the calendar days of a policy for a state, from when the complaint came (the issuer's: from when it was asked).

    None where nothing is due any more.
    """
    return {
        ComplaintState.RECEIVED: terms.acknowledge_days,
        ComplaintState.ACKNOWLEDGED: terms.admissibility_days,
        ComplaintState.ADMISSIBLE: terms.resolve_days,
        ComplaintState.ISSUER_REPLY: terms.issuer_reply_days,
    }.get(state)
