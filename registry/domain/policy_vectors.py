"""Run the tests that travel with a policy."""

from dataclasses import dataclass

from registry.domain.evaluation import evaluate, rating_problems
from registry.domain.policy import Need, Policy, RatingVector, Vector


@dataclass(frozen=True, slots=True)
class VectorResult:
    """A test of the policy that was run; `problem` is None when it came out as the file says."""

    name: str
    problem: str | None


def run_vectors(policy: Policy) -> tuple[VectorResult, ...]:
    """Run the tests that travel with the policy, decision tests first."""
    return (
        *(VectorResult(v.name, _vector_problem(policy, v)) for v in policy.tests),
        *(VectorResult(v.name, _rating_vector_problem(policy, v)) for v in policy.rating_tests),
    )


def vector_ratings(policy: Policy, vector: Vector) -> dict[str, str]:
    """Return the ratings of a test written out: criterion id to rating id."""
    default = dict(vector.default_rating)
    ratings = {c.id: default[c.scale] for c in policy.criteria if c.scale in default}
    return ratings | dict(vector.ratings)


def _vector_problem(policy: Policy, vector: Vector) -> str | None:
    found = evaluate(policy, vector_ratings(policy, vector))
    if (found.outcome, found.rule_id) == (vector.expect, vector.rule):
        return None
    return (
        f"expected {vector.expect} by {vector.rule or 'the default'}, "
        f"but the rules give {found.outcome} by {found.rule_id or 'the default'}"
    )


def _rating_vector_problem(policy: Policy, vector: RatingVector) -> str | None:
    problems = rating_problems(
        policy,
        vector.criterion,
        vector.rating,
        "given" if Need.REASONS in vector.gives else "",
        ("given",) if Need.CITED_EVIDENCE in vector.gives else (),
        recommendation="given" if Need.RECOMMENDATION in vector.gives else "",
        condition="given" if Need.CONDITION in vector.gives else "",
    )
    fields = tuple(problem.field for problem in problems)
    if set(fields) == set(vector.expect):
        return None
    return f"expected problems with {list(vector.expect)}, but found {list(fields)}"
