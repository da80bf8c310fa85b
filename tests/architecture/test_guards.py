"""No guard of the table is proven by nobody: each has its function, or a service that proves it in its own way."""

from registry.domain.workflow import TRANSITIONS, Guard
from registry.services.guards import GUARDS

BY_THEIR_SERVICE = {
    Guard.VOTE_CARRIED: "decisions and appeals count the ballots",
    Guard.APPLICANT_WAS_HEARD: "decisions ask hearings.unheard",
    Guard.TWO_SIGNERS: "releases want the first signature",
    Guard.CONFIRMED_BY_TWO: "the step is what a confirmed proposal does",
    Guard.REASONS_GIVEN: "applications.act refuses an empty note",
}


def test_every_guard_is_proven_in_exactly_one_place() -> None:
    assert set(GUARDS) | set(BY_THEIR_SERVICE) == set(Guard)
    assert not set(GUARDS) & set(BY_THEIR_SERVICE)


def test_every_guard_stands_before_a_step() -> None:
    assert {guard for transition in TRANSITIONS for guard in transition.guards} == set(Guard)
