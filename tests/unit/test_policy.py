"""What policies recommend: evaluation, its explanation, what a rating must bring, the self-check."""

import operator
import random
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from registry.domain.evaluation import (
    evaluate,
    missing_evidence,
    rating_problems,
    self_check,
)
from registry.domain.explaining import measure_text
from registry.domain.policy import (
    AllOf,
    AnyOf,
    Condition,
    Measure,
    Metric,
    Need,
    Not,
    Outcome,
    Policy,
    Rule,
    Standing,
)
from registry.domain.policy_vectors import run_vectors, vector_ratings
from registry.errors import InvalidInput
from registry.policy_files import LoadedPolicy, available

ESG = "esg-part1-microcredential-issuer"
EU = "eu-microcredential-recommendation-2022"
LOADED: dict[str, LoadedPolicy] = {key[0]: loaded for key, loaded in available().items()}
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RAW: dict[str, Any] = {key: yaml.load(loaded.source, LOADER) for key, loaded in LOADED.items()}
BEST_LAST = [Outcome.REFUSE, Outcome.DEFER, Outcome.RECOGNIZE_WITH_CONDITIONS, Outcome.RECOGNIZE]
OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

both_policies = pytest.mark.parametrize(
    "policy", [LOADED[ESG].policy, LOADED[EU].policy], ids=lambda policy: policy.id
)
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def allowed(policy: Policy, criterion_id: str) -> list[str]:
    """Return the ratings a criterion may get."""
    criterion = policy.criterion(criterion_id)
    assert criterion is not None
    values = policy.scale_of(criterion).values
    return [
        v.id for v in values if v.standing is not Standing.NOT_APPLICABLE or criterion.not_applicable_when
    ]


def draw_ratings(data: st.DataObject, policy: Policy, *, complete: bool = False) -> dict[str, str]:
    """Draw ratings, more often good than bad, so that every rule gets its turn."""
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    good = chance.choice([0.0, 0.9, 0.98, 1.0])
    ratings = {}
    for criterion in policy.criteria:
        values = allowed(policy, criterion.id)
        # The first rating of a scale is the best, the next one is still partly met on scales of more than two.
        upper = values[:2] if len(values) > 3 else values[:1] * 4 + values[1:-1]
        ratings[criterion.id] = chance.choice(upper if chance.random() < good else values)
    if not complete and chance.random() < 0.5:
        for criterion_id in chance.sample(sorted(ratings), chance.randint(1, 5)):
            del ratings[criterion_id]
    return ratings


def perfect(policy: Policy) -> dict[str, str]:
    """Return the best rating for every criterion."""
    return {c.id: allowed(policy, c.id)[0] for c in policy.criteria}


@both_policies
def test_every_test_that_travels_with_a_policy_comes_out(policy: Policy) -> None:
    results = run_vectors(policy)
    assert [result for result in results if result.problem] == []
    assert len(results) >= 19


@both_policies
def test_every_rule_of_a_policy_decides_in_at_least_one_of_its_tests(policy: Policy) -> None:
    assert {rule.id for rule in policy.decision.rules} == {vector.rule for vector in policy.tests}


@both_policies
def test_the_ratings_drawn_here_reach_every_outcome(policy: Policy) -> None:
    class Seeds:
        def __init__(self) -> None:
            self.next = 0

        def draw(self, _: object) -> int:
            self.next += 1
            return self.next

    seeds: Any = Seeds()
    assert {evaluate(policy, draw_ratings(seeds, policy)).outcome for _ in range(300)} == set(BEST_LAST)


@both_policies
@quick
@given(data=st.data())
def test_evaluation_is_total_and_says_the_same_twice(policy: Policy, data: st.DataObject) -> None:
    ratings = draw_ratings(data, policy)
    found = evaluate(policy, ratings)
    assert found == evaluate(policy, dict(reversed(ratings.items())))
    assert policy.decision.outcome(found.outcome) is not None


@both_policies
@quick
@given(data=st.data())
def test_the_rule_that_holds_is_the_last_one_tried_and_gives_the_outcome(
    policy: Policy, data: st.DataObject
) -> None:
    found = evaluate(policy, draw_ratings(data, policy))
    tried = found.explanation
    assert [step.rule_id for step in tried] == [rule.id for rule in policy.decision.rules][: len(tried)]
    assert not any(step.held for step in tried[:-1])
    deciding = found.deciding
    if deciding is None:
        assert not tried[-1].held
        assert found.outcome == policy.decision.default.outcome
    else:
        assert deciding.held
        assert (deciding.outcome, deciding.because, deciding.rule_id) == (
            found.outcome,
            found.because,
            found.rule_id,
        )


@both_policies
@quick
@given(data=st.data())
def test_the_explanation_alone_leads_to_the_same_conclusion(policy: Policy, data: st.DataObject) -> None:
    ratings = draw_ratings(data, policy)
    for step in evaluate(policy, ratings).explanation:
        for found in step.measured:
            bound = Fraction(str(found.measure.value))
            assert found.held == OPERATORS[found.measure.op](found.measured, bound)
            assert all(ratings.get(criterion, "") == rating for criterion, rating in found.counted)
            if found.measure.metric == "count":
                assert found.measured == len(found.counted)
            text = measure_text(policy, found)
            assert text["en"] != text["pl"]


@both_policies
@quick
@given(data=st.data())
def test_evaluation_agrees_with_a_plain_reading_of_the_file(policy: Policy, data: st.DataObject) -> None:
    ratings = draw_ratings(data, policy)
    found = evaluate(policy, ratings)
    assert (found.outcome, found.rule_id) == read_plainly(RAW[policy.id], ratings)


@both_policies
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_better_rating_never_leads_to_a_worse_outcome(policy: Policy, data: st.DataObject) -> None:
    ratings = draw_ratings(data, policy, complete=True)
    criterion = policy.criterion(data.draw(st.sampled_from([c.id for c in policy.criteria])))
    assert criterion is not None
    scale = policy.scale_of(criterion)
    now = scale.value(ratings[criterion.id])
    assert now is not None
    assume(now.standing is not Standing.NOT_APPLICABLE)
    better = [value.id for value in scale.values if value.rank > now.rank]
    assume(better)
    before = evaluate(policy, ratings).outcome
    after = evaluate(policy, ratings | {criterion.id: data.draw(st.sampled_from(better))}).outcome
    assert BEST_LAST.index(after) >= BEST_LAST.index(before)


@pytest.mark.parametrize("failed", ["S5", "S6", "S7", "S9"])
def test_raising_one_failure_beside_four_partial_standards_is_no_setback(failed: str) -> None:
    policy = LOADED[ESG].policy
    others = [c for c in ("S5", "S6", "S7", "S9", "S1") if c != failed][:4]
    partial = perfect(policy) | dict.fromkeys(others, "partially_compliant")
    worse = evaluate(policy, partial | {failed: "non_compliant"}).outcome
    better = evaluate(policy, partial | {failed: "partially_compliant"}).outcome
    assert (worse, better) == (Outcome.REFUSE, Outcome.REFUSE)


def test_the_explanation_names_the_ratings_that_triggered_the_rule() -> None:
    policy = LOADED[EU].policy
    found = evaluate(policy, perfect(policy) | {"A4": "not_met"})
    assert found.rule_id == "R1"
    assert found.deciding is not None
    (measured,) = found.deciding.measured
    assert measured.counted == (("A4", "not_met"),)
    text = measure_text(policy, measured)
    assert text["en"] == (
        "number of criteria rated Not met (Identity, authority and keys): 1; the rule asks for more than 0"
    )
    assert text["pl"] == (
        "liczba kryteriów z oceną Niespełnione (Tożsamość, umocowanie i klucze): 1; reguła wymaga: więcej niż 0"
    )


def test_points_are_measured_exactly() -> None:
    policy = LOADED[EU].policy
    (vector,) = [v for v in policy.tests if v.name == "exactly 65 percent is enough"]
    found = evaluate(policy, vector_ratings(policy, vector))
    assert found.deciding is not None
    assert found.deciding.measured[0].measured == 65


def test_nested_conditions_and_negation_are_explained_leaf_by_leaf() -> None:
    policy = LOADED[EU].policy
    unrated = Measure(Metric.UNRATED, "==", 0)
    absent = Measure(Metric.SHARE, ">", 0, ratings=("absent",), groups=("principles",))
    rules = (_rule_with(policy, AllOf((unrated, Not(AnyOf((absent,)))))),)
    changed = _with_rules(policy, rules)
    found = evaluate(changed, perfect(policy))
    assert found.rule_id == "X1"
    assert [m.negated for m in found.explanation[0].measured] == [False, True]
    assert "does not hold" in measure_text(changed, found.explanation[0].measured[1])["en"]
    half = perfect(policy) | dict.fromkeys(("P1", "P2", "P3", "P4", "P5"), "absent")
    refused = evaluate(changed, half)
    assert refused.rule_id is None
    assert refused.outcome == policy.decision.default.outcome
    assert refused.explanation[0].measured[1].measured == Fraction(1, 2)


@pytest.mark.parametrize(
    ("measure", "changes", "expected"),
    [
        (Measure(Metric.POINTS_PERCENT, ">=", 0, groups=("iqa",)), {}, Fraction(100)),
        (Measure(Metric.POINTS_PERCENT, ">=", 0, groups=("iqa",)), {"S10": "not_applicable"}, Fraction(100)),
        (
            Measure(Metric.POINTS_PERCENT, ">=", 0, groups=("iqa",)),
            {"S3": None},
            Fraction(80),
        ),  # 3 of 15 weights
        (
            Measure(Metric.POINTS_PERCENT, ">=", 0, groups=("iqa",)),
            {"S3": "partially_compliant"},
            Fraction(90),
        ),
        (Measure(Metric.POINTS_PERCENT, ">=", 0, criteria=("A1",)), {}, Fraction(0)),  # no points to be had
        (
            Measure(Metric.SHARE, ">=", 0, ("compliant",), ("iqa",)),
            {"S1": "partially_compliant"},
            Fraction(9, 10),
        ),
        (Measure(Metric.SHARE, ">=", 0, ("compliant",), ("iqa",)), {"S1": None}, Fraction(1)),
        (
            Measure(Metric.SHARE, ">=", 0, ("compliant",), criteria=("S10",)),
            {"S10": "not_applicable"},
            Fraction(0),
        ),
        (
            Measure(Metric.SHARE, ">=", 0, ("compliant",), criteria=("S9", "S10")),
            {"S10": "not_applicable"},
            Fraction(1),
        ),
        (
            Measure(Metric.SHARE, ">=", 0, ("not_applicable",), criteria=("S9", "S10")),
            {"S10": "not_applicable"},
            Fraction(1, 2),
        ),
        (Measure(Metric.COUNT, ">=", 0, ("compliant", "met"), ("iqa",), ("A1",)), {}, Fraction(11)),
        (Measure(Metric.COUNT, ">=", 0, ("compliant", "met")), {}, Fraction(15)),
        (
            Measure(Metric.KNOCK_OUTS_FAILED, ">=", 0),
            {"S3": "partially_compliant", "S5": "non_compliant"},
            Fraction(0),
        ),
        (Measure(Metric.KNOCK_OUTS_FAILED, ">=", 0), {"S3": "non_compliant", "A1": "not_met"}, Fraction(2)),
        (
            Measure(Metric.KNOCK_OUTS_FAILED, ">=", 0, groups=("iqa",)),
            {"S3": None, "A1": "not_met"},
            Fraction(0),
        ),
        (Measure(Metric.UNRATED, ">=", 0, groups=("iqa",)), {"S3": None, "A1": None}, Fraction(1)),
    ],
)
def test_each_measure_counts_what_the_guide_says(
    measure: Measure, changes: dict[str, str | None], expected: Fraction
) -> None:
    policy = LOADED[ESG].policy
    ratings = {c: r for c, r in (perfect(policy) | changes).items() if r is not None}
    found = evaluate(_with_rules(policy, (_rule_with(policy, measure),)), ratings)
    assert found.explanation[0].measured[0].measured == expected


@pytest.mark.parametrize(("op", "held"), [("==", 0), ("!=", 1), (">", 0), (">=", 0), ("<", 1), ("<=", 1)])
def test_bounds_are_compared_as_written(op: str, held: int) -> None:
    policy = LOADED[ESG].policy
    for bound, expected in ((11, bool(held)), (10, op in ("==", ">=", "<="))):
        rule = _rule_with(policy, Measure(Metric.COUNT, op, bound, ("compliant",)))
        assert (evaluate(_with_rules(policy, (rule,)), perfect(policy)).rule_id is not None) is expected


@both_policies
@pytest.mark.parametrize(
    ("ratings", "field"),
    [({"Z9": "met"}, "Z9"), ({"A1": "splendid"}, "A1"), ({"A1": "not_applicable"}, "A1")],
)
def test_unknown_criteria_and_ratings_are_refused(
    policy: Policy, ratings: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        evaluate(policy, ratings)
    assert [error.field for error in caught.value.errors] == [field]


def test_nobody_is_recognized_by_calling_every_standard_not_applicable() -> None:
    policy = LOADED[ESG].policy
    answers = perfect(policy) | {c.id: "not_applicable" for c in policy.criteria_in("iqa")}
    with pytest.raises(InvalidInput, match="S1 applies to everybody"):
        self_check(policy, answers)


@both_policies
def test_a_rating_brings_what_its_value_requires(policy: Policy) -> None:
    for criterion in policy.criteria:
        for value in policy.scale_of(criterion).values:
            if value.id not in allowed(policy, criterion.id):
                continue
            bare = rating_problems(policy, criterion.id, value.id)
            assert {problem.field for problem in bare} == {need.value for need in value.requires}
            full = rating_problems(
                policy, criterion.id, value.id, "why", ["x"], recommendation="do", condition="until"
            )
            assert full == ()


def test_reasons_of_spaces_are_no_reasons() -> None:
    policy = LOADED[ESG].policy
    problems = rating_problems(policy, "A1", "not_met", "  \n ", ["A1-a"])
    assert [(problem.field, problem.message) for problem in problems] == [
        (Need.REASONS.value, "Give reasons for this rating.")
    ]


@pytest.mark.parametrize(
    ("criterion", "value", "field"),
    [("S99", "compliant", "criterion"), ("S1", "met", "value"), ("S1", "not_applicable", "value")],
)
def test_ratings_that_the_criterion_does_not_know_are_refused(criterion: str, value: str, field: str) -> None:
    problems = rating_problems(LOADED[ESG].policy, criterion, value, "why", ["x"])
    assert [problem.field for problem in problems] == [field]


def test_the_self_check_says_what_is_missing() -> None:
    policy = LOADED[ESG].policy
    answers = perfect(policy) | {"S7": "non_compliant", "S6": "partially_compliant", "S10": "not_applicable"}
    del answers["A5"]
    found = self_check(policy, answers, evidence=["A1-a"])
    assert found.recommendation.outcome == Outcome.DEFER
    assert (found.unanswered, found.unmet, found.partly) == (("A5",), ("S7",), ("S6",))
    assert found.counts[Standing.MET] == found.total - 4
    assert found.knock_outs == ()
    missing = {item.evidence_id for item in found.missing}
    assert "A1-a" not in missing
    assert "S1-a" in missing
    assert "A3-a" not in missing, "a machine provides it"
    assert "S1-c" not in missing, "nobody has to hand it in"
    assert "S10-a" not in missing, "the criterion does not apply"


def test_numbers_of_evidence_count_when_they_are_known() -> None:
    policy = LOADED[ESG].policy
    wanted = {item.evidence_id: item.wanted for item in missing_evidence(policy, {})}
    assert wanted["S2-b"] == 5
    assert missing_evidence(policy, wanted) == ()
    (short,) = missing_evidence(policy, wanted | {"S2-b": 4})
    assert (short.evidence_id, short.wanted, short.present) == ("S2-b", 5, 4)
    assert missing_evidence(policy, set(wanted)) == ()


@both_policies
def test_the_terms_keep_what_the_registry_promises(policy: Policy) -> None:
    assert any(seat.seat == "learner" for seat in policy.panel.seats)
    assert not policy.fees.tied_to_outcome
    assert (policy.appeals.fee, policy.complaints.fee) == ("none", "none")
    assert all(terms.appealable for terms in policy.decision.outcomes)
    named = {terms.id for terms in policy.decision.outcomes}
    assert named | {Outcome.VOID} == set(Outcome)  # a void is a measure of its own, in the sanctions
    assert policy.publication.outcomes.refuse.what == ("yearly_figures_without_names",)
    assert policy.sanctions.effect_on_issued_credentials.void.effect == "never_covered"
    assert policy.applies_to.scope.eqf_levels.level_mark == "only_if_framework_referenced"
    assert all(fee.small_applicant_amount < fee.amount for fee in policy.fees.items)
    assert b"granted" not in LOADED[policy.id].source


@both_policies
def test_a_policy_is_open_from_its_first_day(policy: Policy) -> None:
    first = policy.identity.effective_from
    assert policy.is_open_on(first)
    assert not policy.is_open_on(date(first.year - 1, 12, 31))


def read_plainly(raw: dict[str, Any], ratings: dict[str, str]) -> tuple[str, str | None]:
    """Evaluate from the plain file, written apart from the code under test."""
    for rule in raw["decision"]["rules"]:
        if plainly_holds(raw, rule["when"], ratings):
            return rule["outcome"], rule["id"]
    return raw["decision"]["default"]["outcome"], None


def plainly_holds(raw: dict[str, Any], when: dict[str, Any], ratings: dict[str, str]) -> bool:
    if "any" in when:
        return any(plainly_holds(raw, part, ratings) for part in when["any"])
    scales = {s["id"]: {v["id"]: v for v in s["values"]} for s in raw["rating_scales"]}
    chosen = [c for c in raw["criteria"] if c["group"] in when.get("groups", [c["group"]])]
    rated = [(c, scales[c["scale"]][ratings[c["id"]]]) for c in chosen if c["id"] in ratings]
    if when["metric"] == "unrated":
        value = float(len(chosen) - len(rated))
    elif when["metric"] == "count":
        value = float(len([1 for _, v in rated if v["id"] in when["ratings"]]))
    elif when["metric"] == "knock_outs_failed":
        value = float(len([1 for c, v in rated if c.get("knock_out") and v["rank"] == 0]))
    else:
        most = {key: max(v["points"] or 0 for v in values.values()) for key, values in scales.items()}
        counted = [(c, v) for c, v in rated if v["points"] is not None]
        silent = [c for c in chosen if c["id"] not in ratings]
        possible = sum(c["weight"] * most[c["scale"]] for c in [*(c for c, _ in counted), *silent])
        value = 100 * sum(c["weight"] * v["points"] for c, v in counted) / possible if possible else 0.0
    return bool(OPERATORS[when["op"]](round(value, 9), when["value"]))


def _rule_with(policy: Policy, condition: Condition) -> Rule:
    return replace(policy.decision.rules[-1], id="X1", when=condition)


def _with_rules(policy: Policy, rules: tuple[Rule, ...]) -> Policy:
    return replace(policy, decision=replace(policy.decision, rules=rules))


@pytest.mark.parametrize("policy_id", LOADED)
def test_what_is_published_when_final_leaves_the_standing_before_during_an_appeal(policy_id: str) -> None:
    """`services/finality.py` keeps the old standing; the newest version of each policy says the same."""
    policy = LOADED[policy_id].policy
    outcomes = policy.publication.outcomes
    waiting = [o for o in Outcome if getattr(outcomes, o.value).when == "when_final"]
    assert Outcome.WITHDRAW in waiting
    for outcome in waiting:
        during = getattr(policy.appeals.effect_during_appeal, outcome.value)
        assert "before" in during["en"], outcome
        assert "dotychczasowy" in during["pl"], outcome
