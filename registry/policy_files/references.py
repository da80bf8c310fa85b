"""What a schema cannot say: that the parts of a policy fit together.

Works on the plain data and forgives what the schema reports, so that both kinds of problems come out at once.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from registry.domain.checks import PARAMS
from registry.policy_files.reading import Document, KeyPath, Problem

Found = Iterator[tuple[KeyPath, str]]
Data = Mapping[str, Any]


def reference_problems(document: Document) -> tuple[Problem, ...]:
    """Return every reference that leads nowhere, every id used twice, every check that nobody knows."""
    if not isinstance(document.data, dict):
        return ()
    return tuple(
        document.problem(path, message) for check in _CHECKS for path, message in check(document.data)
    )


def _at(data: object, *path: str | int) -> Any:
    """Return what lies at the path, or None."""
    for step in path:
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def _each(data: object, *path: str | int) -> Iterator[tuple[KeyPath, Data]]:
    """Yield (path, group of keys) for every entry of the list at the path."""
    found = _at(data, *path)
    for index, item in enumerate(found if isinstance(found, list) else []):
        if isinstance(item, dict):
            yield (*path, index), item


def _ids(data: Data, *path: str | int) -> set[str]:
    return {str(item.get("id")) for _, item in _each(data, *path)}


def _word(item: Data, key: str) -> str:
    """Return the word under the key; "" for anything that is no word, which the schema reports."""
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _map(item: Data, key: str) -> Data:
    value = item.get(key)
    return value if isinstance(value, dict) else {}


def _words(value: object) -> Iterator[tuple[int, str]]:
    for index, word in enumerate(value if isinstance(value, list) else []):
        if isinstance(word, str):
            yield index, word


def _unique_ids(data: Data) -> Found:
    lists: list[tuple[KeyPath, str]] = [
        (("eligibility",), "id"), (("rating_scales",), "id"), (("criteria_groups",), "id"), (("criteria",), "id"),
        (("decision", "outcomes"), "id"), (("decision", "rules"), "id"), (("conflict_rules", "rules"), "id"),
        (("panel", "seats"), "seat"), (("sla", "steps"), "step"), (("fees", "items"), "id"),
        (("tests",), "name"), (("rating_tests",), "name"),
    ]  # fmt: skip
    lists += [((*path, "values"), "id") for path, _ in _each(data, "rating_scales")]
    for path, key in lists:
        yield from _repeated(((*at, key), item.get(key)) for at, item in _each(data, *path))
    evidence = (
        ((*at, "id"), item.get("id"))
        for path, _ in _each(data, "criteria")
        for at, item in _each(data, *path, "evidence")
    )
    yield from _repeated(evidence)


def _repeated(found: Iterator[tuple[KeyPath, Any]]) -> Found:
    seen: set[str] = set()
    for path, value in found:
        if isinstance(value, str) and value in seen:
            yield path, f"`{value}` is used twice"
        seen.add(str(value))


def _scales(data: Data) -> Found:
    """A scale has one lowest rating, unmet, and ranks that agree with standing and points."""
    order = {"unmet": 0, "partly": 1, "met": 2}
    for path, _ in _each(data, "rating_scales"):
        values = [(at, v) for at, v in _each(data, *path, "values") if _word(v, "standing") in order]
        values.sort(key=lambda pair: _number(pair[1].get("rank")))
        for (_, low), (at, high) in pairwise(values):
            if low.get("rank") == high.get("rank"):
                yield (*at, "rank"), f"`{low.get('id')}` and `{high.get('id')}` have the same rank"
            if order[low["standing"]] > order[high["standing"]]:
                yield (*at, "standing"), f"`{high.get('id')}` ranks above `{low.get('id')}` but stands lower"
            if _number(low.get("points")) > _number(high.get("points")):
                yield (
                    (*at, "points"),
                    f"`{high.get('id')}` ranks above `{low.get('id')}` but brings fewer points",
                )
        for standing in ("unmet", "met"):
            if not any(_word(value, "standing") == standing for _, value in values):
                yield path, f"the scale has no rating whose standing is {standing}"
        for at, value in _each(data, *path, "values"):
            if _word(value, "standing") == "not_applicable" and value.get("points") is not None:
                yield (*at, "points"), "a rating that does not apply brings no points; write null"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _criteria(data: Data) -> Found:
    groups, scales = _ids(data, "criteria_groups"), _ids(data, "rating_scales")
    open_scales = {
        str(scale.get("id"))
        for path, scale in _each(data, "rating_scales")
        if any(_word(value, "standing") == "not_applicable" for _, value in _each(data, *path, "values"))
    }
    for path, criterion in _each(data, "criteria"):
        if _word(criterion, "group") not in groups:
            yield (*path, "group"), f"there is no criteria group `{criterion.get('group')}`"
        if _word(criterion, "scale") not in scales:
            yield (*path, "scale"), f"there is no rating scale `{criterion.get('scale')}`"
        elif "not_applicable_when" in criterion and _word(criterion, "scale") not in open_scales:
            yield (*path, "not_applicable_when"), f"the scale `{criterion['scale']}` has no rating for it"
        for at, item in _each(data, *path, "evidence"):
            if not str(item.get("id", "")).startswith(f"{criterion.get('id')}-"):
                yield (
                    (*at, "id"),
                    f"evidence of {criterion.get('id')} is named {criterion.get('id')}-a, -b, ...",
                )
    used = {_word(criterion, "group") for _, criterion in _each(data, "criteria")}
    for path, group in _each(data, "criteria_groups"):
        if _word(group, "id") not in used:
            yield path, f"the group `{group.get('id')}` has no criteria"


def _weights(data: Data) -> Found:
    """Points of criteria without weight would count for nothing."""
    pointed = {
        str(scale.get("id"))
        for path, scale in _each(data, "rating_scales")
        if any(value.get("points") for _, value in _each(data, *path, "values"))
    }
    for path, criterion in _each(data, "criteria"):
        has_points, weight = _word(criterion, "scale") in pointed, criterion.get("weight")
        if has_points and weight == 0:
            yield (*path, "weight"), "a criterion rated by points needs a weight above 0"
        if not has_points and isinstance(weight, int | float) and weight > 0:
            yield (*path, "weight"), f"the scale `{criterion.get('scale')}` gives no points; write 0"


def _automatic_checks(data: Data) -> Found:
    carriers = [*_each(data, "eligibility")]
    for path, _ in _each(data, "criteria"):
        carriers += _each(data, *path, "evidence")
    for path, item in carriers:
        name, params = _word(item, "check"), item.get("params", {})
        if "check" not in item:
            if params:
                yield (*path, "params"), "parameters without a check"
            continue
        if name not in PARAMS:
            yield (
                (*path, "check"),
                f"there is no automatic check `{name}`; known: {', '.join(sorted(PARAMS))}",
            )
        elif isinstance(params, dict):
            yield from _params(path, name, params)


def _params(path: KeyPath, name: str, params: Data) -> Found:
    wanted = PARAMS[name]
    for key in params:
        if key not in wanted:
            yield (*path, "params", key), f"the check `{name}` takes no `{key}`"
    for key in sorted(wanted - set(params)):
        yield (*path, "check"), f"the check `{name}` needs the parameter `{key}`"


def _rules(data: Data) -> Found:
    outcomes = _ids(data, "decision", "outcomes")
    for path, rule in _each(data, "decision", "rules"):
        if _word(rule, "outcome") not in outcomes:
            yield (*path, "outcome"), f"`{rule.get('outcome')}` is not among the outcomes of this policy"
        yield from _condition(data, (*path, "when"), rule.get("when"))
    default = _at(data, "decision", "default", "outcome")
    if isinstance(default, str) and default not in outcomes:
        yield ("decision", "default", "outcome"), f"`{default}` is not among the outcomes of this policy"


def _condition(data: Data, path: KeyPath, condition: object) -> Found:
    if not isinstance(condition, dict):
        return
    for key in ("all", "any"):
        parts = condition.get(key)
        for index, part in enumerate(parts if isinstance(parts, list) else []):
            yield from _condition(data, (*path, key, index), part)
    yield from _condition(data, (*path, "not"), condition.get("not"))
    yield from _measure(data, path, condition)


def _measure(data: Data, path: KeyPath, measure: Data) -> Found:
    groups, criteria = _ids(data, "criteria_groups"), _ids(data, "criteria")
    scales = {_word(c, "scale") for _, c in _each(data, "criteria") if _picked(measure, c)}
    ratings = {
        _word(v, "id")
        for at, s in _each(data, "rating_scales")
        for _, v in _each(data, *at, "values")
        if _word(s, "id") in scales
    }
    known: list[tuple[str, set[Any], str]] = [
        ("groups", groups, "there is no criteria group"),
        ("criteria", criteria, "there is no criterion"),
        ("ratings", ratings, "none of the criteria measured can be rated"),
    ]
    for key, allowed, message in known:
        for index, word in _words(measure.get(key)):
            if word not in allowed:
                yield (*path, key, index), f"{message} `{word}`"
    counts = _word(measure, "metric") in ("count", "share")
    if counts and not measure.get("ratings"):
        yield (*path, "metric"), f"`{measure['metric']}` needs `ratings`: which ratings are counted?"
    if not counts and "metric" in measure and "ratings" in measure:
        yield (*path, "ratings"), f"`{measure['metric']}` takes no `ratings`"


def _picked(measure: Data, criterion: Data) -> bool:
    groups = {word for _, word in _words(measure.get("groups"))}
    criteria = {word for _, word in _words(measure.get("criteria"))}
    everything = not groups and not criteria
    return everything or _word(criterion, "group") in groups or _word(criterion, "id") in criteria


def _limits(data: Data) -> Found:
    pairs: list[tuple[KeyPath, KeyPath, str]] = [
        (("panel", "size", "min"), ("panel", "size", "max"), "the smallest panel is larger than the largest"),
        (
            ("decision", "conditions", "default_days"),
            ("decision", "conditions", "max_days"),
            "longer than max_days",
        ),
        (("validity", "conditional_months"), ("validity", "full_months"), "longer than full_months"),
        (("validity", "first_recognition_months"), ("validity", "full_months"), "longer than full_months"),
        (("policy", "effective_from"), ("policy", "effective_to"), "the policy ends before it begins"),
    ]
    for low, high, message in pairs:
        a, b = _at(data, *low), _at(data, *high)
        if type(a) is type(b) and isinstance(a, int | str) and a > b:
            yield low, message
    for path, fee in _each(data, "fees", "items"):
        if _number(fee.get("small_applicant_amount")) > _number(fee.get("amount")):
            yield (*path, "small_applicant_amount"), "a small applicant never pays more than others"


def _tests(data: Data) -> Found:
    scales = {str(s.get("id")): _ids(data, *at, "values") for at, s in _each(data, "rating_scales")}
    criteria = {str(c.get("id")): str(c.get("scale")) for _, c in _each(data, "criteria")}
    rules = _ids(data, "decision", "rules")
    for path, test in _each(data, "tests"):
        for scale, rating in _map(test, "default_rating").items():
            if str(rating) not in scales.get(scale, ()):
                yield (
                    (*path, "default_rating", scale),
                    f"there is no scale `{scale}` with a rating `{rating}`",
                )
        for criterion, rating in _map(test, "ratings").items():
            if str(rating) not in scales.get(criteria.get(criterion, ""), ()):
                yield (
                    (*path, "ratings", criterion),
                    f"there is no criterion `{criterion}` with a rating `{rating}`",
                )
        if test.get("rule") is not None and _word(test, "rule") not in rules:
            yield (*path, "rule"), f"there is no rule `{test.get('rule')}`"


_CHECKS: tuple[Callable[[Data], Found], ...] = (
    _unique_ids,
    _scales,
    _criteria,
    _weights,
    _automatic_checks,
    _rules,
    _limits,
    _tests,
)
