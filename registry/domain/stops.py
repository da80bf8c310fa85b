"""Stops: what each end or pause of a recognition has to say about those who learn there. One table."""

from collections.abc import Mapping

from registry.domain.policy import Outcome
from registry.domain.recognition import Status

_KEEPERS = frozenset({"records_kept_by", "status_service_kept_by"})
STOPS: Mapping[Status, frozenset[str]] = {
    Status.SUSPENDED: frozenset(),
    Status.WITHDRAWN: _KEEPERS,
    Status.RELINQUISHED: _KEEPERS,
    Status.VOID: _KEEPERS | {"remedy"},
    Status.SUPERSEDED: frozenset(),
}
"""Terms that a stop must state, by the standing it leads to; every other standing states none."""
STOPPING: Mapping[Outcome, Status] = {
    Outcome.SUSPEND: Status.SUSPENDED,
    Outcome.WITHDRAW: Status.WITHDRAWN,
    Outcome.VOID: Status.VOID,
}
"""The standing that a decision leads to which stops a recognition."""
REACHING_BACK = frozenset({Status.VOID})
"""Standings that take cover from what was issued before; a compromised key does so too, for what it signed."""
