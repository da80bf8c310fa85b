"""What a grant gives: how long and for what, by the procedure that it ends."""

from datetime import datetime

from registry.domain.periods import plus_months
from registry.domain.policy import Policy
from registry.domain.recognition import Interval
from registry.domain.scope import Scope


def end_of_term(
    policy: Policy, before: Interval | None, at: datetime, *, renews: bool, conditional: bool
) -> datetime:
    """Return the day on which a recognition ends that is granted now; `before` is what held until now.

    A renewal in time counts from the end of the term before (`next_cycle_from: previous_end`), so that nobody loses time by
    asking early; an extension of the scope leaves the term as it is.
    """
    validity = policy.validity
    if before is not None and before.valid_until is not None and not renews:
        return before.valid_until
    if conditional:
        months = validity.conditional_months
    elif before is None and validity.first_recognition_months:
        months = validity.first_recognition_months
    else:
        months = validity.full_months
    runs = before is not None and before.valid_until is not None and before.valid_until > at
    start = before.valid_until if runs and validity.next_cycle_from == "previous_end" and before else at
    return plus_months(start or at, months)


def joined(before: Scope, granted: Scope) -> Scope:
    """Return a scope that holds what was recognized and what is granted besides."""
    news = tuple(grant for grant in granted.grants if not before.covers(Scope((grant,))))
    return Scope(before.grants + news)
