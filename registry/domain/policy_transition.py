"""What a new policy version means for open cases and for recognitions that stand: its transition rule, as tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from registry.domain.policy import Transition
from registry.domain.workflow import EDITABLE_STATES, State


class CaseFate(StrEnum):
    """What becomes of a case under an older version: its frozen version stays, or the case moves to the new one."""

    KEEPS = "keeps"
    MAY_MOVE = "may_move"
    MOVES = "moves"


class IssuerFate(StrEnum):
    """What becomes of a recognition under an older version."""

    UNTIL_EXPIRY = "until_expiry"
    NEXT_MONITORING = "next_monitoring"
    WITHIN_GRACE = "within_grace"


@dataclass(frozen=True, slots=True)
class Reassess:
    """That a recognition is looked at again: by `due_on`, or (None) at its next monitoring."""

    due_on: date | None


def _while_applicant_writes(fate: CaseFate) -> Callable[[State], CaseFate]:
    """A case moves only while it is the applicant's to change; once handed in, what was asked never changes under it."""
    return lambda state: fate if state in EDITABLE_STATES else CaseFate.KEEPS


CASES: Final[Mapping[str, Callable[[State], CaseFate]]] = {
    "keep_version": lambda _state: CaseFate.KEEPS,
    "may_migrate": _while_applicant_writes(CaseFate.MAY_MOVE),
    "must_migrate": _while_applicant_writes(CaseFate.MOVES),
}
"""The words of `policy.transition.cases_in_progress`."""

RECOGNITIONS: Final[Mapping[str, tuple[IssuerFate, Callable[[Transition, date], Reassess | None]]]] = {
    "until_expiry": (IssuerFate.UNTIL_EXPIRY, lambda _rule, _from: None),
    "reassess_at_next_monitoring": (IssuerFate.NEXT_MONITORING, lambda _rule, _from: Reassess(None)),
    "reassess_within_grace": (
        IssuerFate.WITHIN_GRACE,
        lambda rule, start: Reassess(start + timedelta(days=rule.grace_days)),
    ),
}
"""The words of `policy.transition.existing_recognitions`."""


def case_fate(rule: Transition, state: State) -> CaseFate:
    """Return what becomes of a case that stands at `state`."""
    return CASES[rule.cases_in_progress](state)


def issuer_fate(rule: Transition) -> IssuerFate:
    """Return what becomes of recognitions that stand."""
    return RECOGNITIONS[rule.existing_recognitions][0]


def reassess(rule: Transition, start: date) -> Reassess | None:
    """Return how recognitions that stand are looked at again, `start` being the day the version takes effect; or None."""
    return RECOGNITIONS[rule.existing_recognitions][1](rule, start)
