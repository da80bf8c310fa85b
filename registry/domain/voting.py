"""How a committee decides: quorum, majority, and what a tally comes to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from registry.domain.policy_terms import Committee


class Ballot(StrEnum):
    """One committee member's vote."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class Tally:
    """Votes counted: `members` sit on the committee, `present` have voted, abstentions among them."""

    members: int
    present: int
    in_favour: int
    against: int
    abstained: int
    quorate: bool
    carried: bool


def count_votes(ballots: Sequence[Ballot], members: int, committee: Committee) -> Tally:
    """Return what ballots come to. Abstaining counts for the quorum, not for the majority."""
    in_favour = sum(1 for b in ballots if b is Ballot.FOR)
    against = sum(1 for b in ballots if b is Ballot.AGAINST)
    present = len(ballots)
    quorate = present >= committee.min_members * Fraction(str(committee.quorum)) and (
        present >= members * Fraction(str(committee.quorum))
    )
    cast = in_favour + against
    carried = quorate and cast > 0 and _MAJORITIES[committee.majority](in_favour, cast)
    return Tally(members, present, in_favour, against, present - cast, quorate, carried)


def _simple(in_favour: int, cast: int) -> bool:
    return 2 * in_favour > cast


def _two_thirds(in_favour: int, cast: int) -> bool:
    return 3 * in_favour >= 2 * cast


def _unanimous(in_favour: int, cast: int) -> bool:
    return in_favour == cast


_MAJORITIES: Mapping[str, Callable[[int, int], bool]] = {
    "simple": _simple,
    "two_thirds": _two_thirds,
    "unanimous": _unanimous,
}
