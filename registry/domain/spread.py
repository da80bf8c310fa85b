"""How far members of a panel lie apart on one criterion, in ranks of its scale."""

from collections.abc import Mapping, Sequence

from registry.domain.policy import Criterion, Policy, Standing


def distance(policy: Policy, criterion: Criterion, values: Sequence[str]) -> int:
    """Return the ranks between the lowest and the highest of `values`; 0 when all agree.

    Whether a criterion applies at all divides more than any rank: then it is one more than the scale is long.
    """
    scale = policy.scale_of(criterion)
    given = [found for value in values if (found := scale.value(value)) is not None]
    ranks = [value.rank for value in given if value.standing is not Standing.NOT_APPLICABLE]
    if ranks and len(ranks) < len(given):
        every = [v.rank for v in scale.values if v.standing is not Standing.NOT_APPLICABLE]
        return max(every) - min(every) + 1
    return max(ranks) - min(ranks) if ranks else 0


def most_disputed_first(policy: Policy, values: Mapping[str, Sequence[str]]) -> list[tuple[Criterion, int]]:
    """Return the criteria of `values` with their distances, widest first, else in the order of the policy."""
    rows = [(c, distance(policy, c, values[c.id])) for c in policy.criteria if c.id in values]
    return sorted(rows, key=lambda row: -row[1])
