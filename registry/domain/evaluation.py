"""What a policy recommends for a set of ratings, and why, step by step.

`evaluate` tries the rules in order; the first whose condition holds proposes the outcome. Every rule tried is kept with
what it measured, against which bound, and the ratings that counted, so that a person can follow it without the program.
Ratings map criterion ids to rating ids; a criterion without an entry is unrated.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from registry.domain.measures import Counted, Values, compare, measure
from registry.domain.policy import (
    AllOf,
    AnyOf,
    Condition,
    Criterion,
    Measure,
    Need,
    Not,
    Outcome,
    Policy,
    ScaleValue,
    Standing,
)
from registry.domain.trust_list import Text
from registry.errors import FieldError, InvalidInput

Ratings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """One comparison made: `measured` op `measure.value`; `counted` are the (criterion, rating) pairs behind it.

    `counted` names the criteria that matched for counts, all criteria that earned or lost points for percentages.
    `rating` is "" for a criterion without one. `negated` says that it stands under a `not`.
    """

    measure: Measure
    measured: Fraction
    held: bool
    negated: bool
    counted: Counted


@dataclass(frozen=True, slots=True)
class Step:
    """One rule tried."""

    rule_id: str
    outcome: Outcome
    held: bool
    because: Text
    measured: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the policy proposes; `rule_id` is None when no rule held and the default applies."""

    outcome: Outcome
    rule_id: str | None
    because: Text
    explanation: tuple[Step, ...]

    @property
    def deciding(self) -> Step | None:
        """The rule that proposed the outcome: always the last one tried; None for the default."""
        return self.explanation[-1] if self.rule_id is not None else None


@dataclass(frozen=True, slots=True)
class MissingEvidence:
    """Evidence that an applicant has to hand in; `wanted` and `present` are numbers of items."""

    criterion_id: str
    evidence_id: str
    title: Text
    wanted: int
    present: int


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """The policy applied to an institution's own answers.

    `counts` gives criteria per standing (met, partly, unmet, not_applicable); `total` is the number of criteria.
    `unmet` and `partly` hold criterion ids. `missing` is required evidence.
    """

    recommendation: Recommendation
    counts: Mapping[Standing, int]
    total: int
    unanswered: tuple[str, ...]
    unmet: tuple[str, ...]
    partly: tuple[str, ...]
    knock_outs: tuple[str, ...]
    missing: tuple[MissingEvidence, ...]


def evaluate(policy: Policy, ratings: Ratings) -> Recommendation:
    """Return the outcome of the first rule that holds, with every rule tried on the way.

    Raises:
        InvalidInput: a criterion or a rating that the policy does not know or does not allow there.
    """
    values = _values(policy, ratings)
    steps: list[Step] = []
    for rule in policy.decision.rules:
        measured: list[Measured] = []
        held = _holds(policy, rule.when, values, negated=False, trace=measured)
        steps.append(Step(rule.id, rule.outcome, held, rule.because, tuple(measured)))
        if held:
            return Recommendation(rule.outcome, rule.id, rule.because, tuple(steps))
    default = policy.decision.default
    return Recommendation(default.outcome, None, default.because, tuple(steps))


def rating_problems(
    policy: Policy,
    criterion: str,
    value: str,
    reasons: str = "",
    cited: Collection[str] = (),
    *,
    recommendation: str = "",
    condition: str = "",
) -> tuple[FieldError, ...]:
    """Return what is wrong with one rating; empty when it may be recorded.

    `cited` are ids of evidence handed in. Field names: criterion, value, reasons, cited_evidence, recommendation, condition.
    """
    known = policy.criterion(criterion)
    if known is None:
        return (FieldError("criterion", "The policy has no such criterion."),)
    scale_value = policy.scale_of(known).value(value)
    if scale_value is None:
        return (FieldError("value", "Choose one of the ratings of this criterion's scale."),)
    problems: list[FieldError] = []
    if not _may_apply(known, scale_value):
        problems.append(FieldError("value", "This criterion applies to everybody; choose another rating."))
    given = {
        Need.REASONS: bool(reasons.strip()),
        Need.CITED_EVIDENCE: bool(cited),
        Need.RECOMMENDATION: bool(recommendation.strip()),
        Need.CONDITION: bool(condition.strip()),
    }
    problems += [FieldError(need.value, _MISSING[need]) for need in scale_value.requires if not given[need]]
    return tuple(problems)


def self_check(
    policy: Policy, answers: Ratings, evidence: Mapping[str, int] | Collection[str] = ()
) -> SelfCheck:
    """Return what the policy would propose for an institution's own answers, and what is still missing.

    `evidence` are ids of evidence the institution has at hand, with how many of each where it matters.

    Raises:
        InvalidInput: a criterion or a rating that the policy does not know or does not allow there.
    """
    recommendation = evaluate(policy, answers)
    values = _values(policy, answers)
    standing = {criterion_id: value.standing for criterion_id, value in values.items() if value}
    return SelfCheck(
        recommendation=recommendation,
        counts={s: sum(1 for found in standing.values() if found is s) for s in Standing},
        total=len(policy.criteria),
        unanswered=tuple(c.id for c in policy.criteria if values[c.id] is None),
        unmet=tuple(c.id for c in policy.criteria if standing.get(c.id) is Standing.UNMET),
        partly=tuple(c.id for c in policy.criteria if standing.get(c.id) is Standing.PARTLY),
        knock_outs=tuple(
            c.id for c in policy.criteria if c.knock_out and standing.get(c.id) is Standing.UNMET
        ),
        missing=missing_evidence(policy, evidence, answers),
    )


def missing_evidence(
    policy: Policy, present: Mapping[str, int] | Collection[str], answers: Ratings | None = None
) -> tuple[MissingEvidence, ...]:
    """Return the required evidence that the applicant must still hand in, in the order of the policy.

    Criteria that `answers` calls not applicable ask for nothing, nor does evidence that the body or a machine provides.
    """
    have = present if isinstance(present, Mapping) else dict.fromkeys(present, 1)
    counts_matter = isinstance(present, Mapping)
    values = _values(policy, answers or {})
    missing: list[MissingEvidence] = []
    for criterion, item in policy.evidence_items():
        rated = values[criterion.id]
        spared = rated is not None and rated.standing is Standing.NOT_APPLICABLE
        if not item.required or item.provided_by != "applicant" or spared:
            continue
        wanted = item.min_count if counts_matter else 1
        if have.get(item.id, 0) < wanted:
            missing.append(
                MissingEvidence(criterion.id, item.id, item.title, item.min_count, have.get(item.id, 0))
            )
    return tuple(missing)


def _values(policy: Policy, ratings: Ratings) -> dict[str, ScaleValue | None]:
    """Return every criterion's rating as a value of its scale, None where unrated."""
    problems = [
        FieldError(criterion_id, f"{policy.id} {policy.version} has no criterion {criterion_id}.")
        for criterion_id in ratings
        if policy.criterion(criterion_id) is None
    ]
    values: dict[str, ScaleValue | None] = {}
    for criterion in policy.criteria:
        rated = ratings.get(criterion.id)
        value = values[criterion.id] = None if rated is None else policy.scale_of(criterion).value(rated)
        if rated is not None and value is None:
            message = f"{criterion.id} is rated by {criterion.scale}, which has no {rated}."
            problems.append(FieldError(criterion.id, message))
        elif value is not None and not _may_apply(criterion, value):
            problems.append(FieldError(criterion.id, f"{criterion.id} applies to everybody."))
    if problems:
        raise InvalidInput(" ".join(problem.message for problem in problems), problems)
    return values


def _may_apply(criterion: Criterion, value: ScaleValue) -> bool:
    """Tell whether the criterion allows the rating: not applicable only where it says so."""
    return value.standing is not Standing.NOT_APPLICABLE or criterion.not_applicable_when is not None


def _holds(
    policy: Policy,
    condition: Condition,
    values: Values,
    *,
    negated: bool,
    trace: list[Measured],
) -> bool:
    match condition:
        case AllOf(parts):
            return all(_parts(policy, parts, values, negated=negated, trace=trace))
        case AnyOf(parts):
            return any(_parts(policy, parts, values, negated=negated, trace=trace))
        case Not(part):
            return not _holds(policy, part, values, negated=not negated, trace=trace)
        case Measure():
            measured, counted = measure(policy, condition, values)
            held = compare(condition, measured)
            trace.append(Measured(condition, measured, held, negated, counted))
            return held


def _parts(
    policy: Policy,
    parts: tuple[Condition, ...],
    values: Values,
    *,
    negated: bool,
    trace: list[Measured],
) -> list[bool]:
    """Evaluate every part, a list so that nothing stops early: the explanation shows all of them."""
    return [_holds(policy, part, values, negated=negated, trace=trace) for part in parts]


_MISSING: Mapping[Need, str] = {
    Need.REASONS: "Give reasons for this rating.",
    Need.CITED_EVIDENCE: "Name the evidence that this rating rests on.",
    Need.RECOMMENDATION: "Add a recommendation to the applicant.",
    Need.CONDITION: "Say which condition would close the gap.",
}
