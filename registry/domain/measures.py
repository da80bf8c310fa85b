"""What a rule measures in the ratings of a case: the closed vocabulary, in exact arithmetic."""

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction

from registry.domain.policy import Criterion, Measure, Metric, Policy, ScaleValue, Standing

Counted = tuple[tuple[str, str], ...]
Values = Mapping[str, ScaleValue | None]
"""Every criterion with its rating, None where it has none."""

_COMPARE: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def measure(policy: Policy, wanted: Measure, values: Values) -> tuple[Fraction, Counted]:
    """Return what is measured and the (criterion, rating) pairs behind it; the rating of an unrated criterion is ""."""
    return _METRICS[wanted.metric](policy, wanted, values)


def compare(wanted: Measure, measured: Fraction) -> bool:
    """Tell whether what was measured stands to the bound as the rule asks."""
    return _COMPARE[wanted.op](measured, _exact(wanted.value))


def _selected(policy: Policy, measure: Measure) -> list[Criterion]:
    """Return the criteria a measure looks at; naming groups and criteria means those in either."""
    if not measure.groups and not measure.criteria:
        return list(policy.criteria)
    return [c for c in policy.criteria if c.group in measure.groups or c.id in measure.criteria]


def _matching(policy: Policy, measure: Measure, values: Values) -> Counted:
    found = ((c.id, values[c.id]) for c in _selected(policy, measure))
    return tuple((cid, v.id) for cid, v in found if v is not None and v.id in measure.ratings)


def _count(policy: Policy, measure: Measure, values: Values) -> tuple[Fraction, Counted]:
    matching = _matching(policy, measure, values)
    return Fraction(len(matching)), matching


def _share(policy: Policy, measure: Measure, values: Values) -> tuple[Fraction, Counted]:
    """Share of 0 to 1 among the criteria that are rated and apply; a share of nothing is 0."""
    rated = [v for c in _selected(policy, measure) if (v := values[c.id]) is not None]
    applying = sum(1 for v in rated if v.standing is not Standing.NOT_APPLICABLE or v.id in measure.ratings)
    matching = _matching(policy, measure, values)
    return (Fraction(len(matching), applying) if applying else Fraction(0)), matching


def _points_percent(policy: Policy, measure: Measure, values: Values) -> tuple[Fraction, Counted]:
    """Weighted points in percent of those to be had; unrated criteria earn none, not applicable ones are left out."""
    earned = available = Fraction(0)
    counted: list[tuple[str, str]] = []
    for criterion in _selected(policy, measure):
        value = values[criterion.id]
        if value is not None and value.points is None:
            continue
        weight = _exact(criterion.weight)
        available += weight * _exact(policy.scale_of(criterion).max_points)
        if value is not None and value.points is not None:
            earned += weight * _exact(value.points)
        counted.append((criterion.id, value.id if value else ""))
    return (100 * earned / available if available else Fraction(0)), tuple(counted)


def _knock_outs_failed(policy: Policy, measure: Measure, values: Values) -> tuple[Fraction, Counted]:
    failed = tuple(
        (c.id, v.id)
        for c in _selected(policy, measure)
        if c.knock_out and (v := values[c.id]) is not None and v.standing is Standing.UNMET
    )
    return Fraction(len(failed)), failed


def _unrated(policy: Policy, measure: Measure, values: Values) -> tuple[Fraction, Counted]:
    unrated = tuple((c.id, "") for c in _selected(policy, measure) if values[c.id] is None)
    return Fraction(len(unrated)), unrated


_METRICS: Mapping[Metric, Callable[[Policy, Measure, Values], tuple[Fraction, Counted]]] = {
    Metric.COUNT: _count,
    Metric.SHARE: _share,
    Metric.POINTS_PERCENT: _points_percent,
    Metric.KNOCK_OUTS_FAILED: _knock_outs_failed,
    Metric.UNRATED: _unrated,
}


def _exact(number: float) -> Fraction:
    """Return the number as written in the file, free of binary rounding."""
    return Fraction(str(number))
