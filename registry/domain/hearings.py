"""Nothing worse than asked without a hearing: what is worse, and whether a notice has told it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.domain.policy import Outcome, Policy
from registry.domain.scope import Scope

MEASURES: Sequence[Outcome] = (
    Outcome.NO_CHANGE,
    Outcome.REDUCE_SCOPE,
    Outcome.SUSPEND,
    Outcome.WITHDRAW,
    Outcome.VOID,
)
"""What may become of a case against a listed issuer, the mildest first."""
ORDER: Sequence[Outcome] = (
    Outcome.RECOGNIZE,
    Outcome.NO_CHANGE,
    Outcome.DEFER,
    Outcome.RECOGNIZE_WITH_CONDITIONS,
    Outcome.REDUCE_SCOPE,
    Outcome.SUSPEND,
    Outcome.REFUSE,
    Outcome.WITHDRAW,
    Outcome.VOID,
)
"""Every outcome, the best for the institution first; the measures above are a part of it."""
_SEVERITY: Mapping[Outcome, int] = {outcome: place for place, outcome in enumerate(ORDER)}


@dataclass(frozen=True, slots=True)
class Intended:
    """An outcome with the scope that it would leave; both count for what is worse."""

    outcome: Outcome
    scope: Scope


def is_worse_than_asked(policy: Policy, intended: Intended, asked: Scope) -> bool:
    """Whether an outcome must not be decided unheard: the policy says so, or the scope is narrower than asked."""
    terms = policy.decision.outcome(intended.outcome)
    worse = terms is None or terms.needs_representation
    return worse or (_gives_scope(intended.outcome) and not intended.scope.covers(asked))


def was_told(notice: Intended, intended: Intended) -> bool:
    """Whether a notice covers an outcome: it told this one or a worse one, and no wider scope than is left now."""
    if _SEVERITY[intended.outcome] > _SEVERITY[notice.outcome]:
        return False
    if not (_gives_scope(intended.outcome) and _gives_scope(notice.outcome)):
        return True
    return intended.scope.covers(notice.scope)


def is_no_worse(intended: Intended, than: Intended) -> bool:
    """Whether an outcome is no worse for the institution than another: nobody who appeals ends up with less."""
    return was_told(than, intended)


def _gives_scope(outcome: Outcome) -> bool:
    return outcome in {Outcome.RECOGNIZE, Outcome.RECOGNIZE_WITH_CONDITIONS, Outcome.REDUCE_SCOPE}
