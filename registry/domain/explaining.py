"""The explanation of a recommendation in words, English and Polish."""

from collections.abc import Mapping
from fractions import Fraction

from registry.domain.evaluation import Measured
from registry.domain.policy import AllOf, AnyOf, Condition, Measure, Metric, Not, Policy
from registry.domain.trust_list import Text

_METRIC: Mapping[Metric, Text] = {
    Metric.COUNT: Text.of(en="number of criteria rated {ratings}", pl="liczba kryteriów z oceną {ratings}"),
    Metric.SHARE: Text.of(en="share of criteria rated {ratings}", pl="udział kryteriów z oceną {ratings}"),
    Metric.POINTS_PERCENT: Text.of(
        en="points, in percent of the most possible", pl="punkty, w procentach maksimum"
    ),
    Metric.KNOCK_OUTS_FAILED: Text.of(
        en="knock-out criteria not met", pl="niespełnione kryteria wykluczające"
    ),
    Metric.UNRATED: Text.of(en="criteria without a rating", pl="kryteria bez oceny"),
}
_BOUND: Mapping[str, Text] = {
    "==": Text.of(en="exactly {value}", pl="dokładnie {value}"),
    "!=": Text.of(en="other than {value}", pl="inaczej niż {value}"),
    ">": Text.of(en="more than {value}", pl="więcej niż {value}"),
    ">=": Text.of(en="at least {value}", pl="co najmniej {value}"),
    "<": Text.of(en="less than {value}", pl="mniej niż {value}"),
    "<=": Text.of(en="at most {value}", pl="co najwyżej {value}"),
}
_SENTENCE = Text.of(
    en="{metric}{groups}: {measured}; the rule asks for {bound}",
    pl="{metric}{groups}: {measured}; reguła wymaga: {bound}",
)
_NOT = Text.of(
    en=" (the rule asks that this does not hold)", pl=" (reguła wymaga, aby ten warunek nie był spełniony)"
)
LANGUAGES = ("en", "pl")


def measure_text(policy: Policy, found: Measured) -> Text:
    """Return one measured comparison as a sentence, without the criteria behind it.

    For example: `number of criteria rated Not met (Identity, authority and keys): 1; the rule asks for more than 0`.
    """
    return Text.of(**{language: _sentence(policy, found, language) for language in LANGUAGES})


def _sentence(policy: Policy, found: Measured, language: str) -> str:
    measure = found.measure
    labels = ", ".join(_label(policy, rating, language) for rating in measure.ratings)
    text = _SENTENCE[language].format(
        metric=_METRIC[measure.metric][language].format(ratings=labels),
        groups=_where(policy, measure, language),
        measured=_number(found.measured, language),
        bound=_BOUND[measure.op][language].format(value=_number(Fraction(str(measure.value)), language)),
    )
    return text + (_NOT[language] if found.negated else "")


def condition_text(policy: Policy, condition: Condition) -> Text:
    """Return what a rule asks for as one phrase, without any ratings.

    For example: `criteria without a rating: more than 0`; parts are joined by "and" or "or".
    """
    return Text.of(**{language: _condition(policy, condition, language) for language in LANGUAGES})


def _condition(policy: Policy, condition: Condition, language: str) -> str:
    if isinstance(condition, Measure):
        labels = ", ".join(_label(policy, rating, language) for rating in condition.ratings)
        metric = _METRIC[condition.metric][language].format(ratings=labels)
        value = _number(Fraction(str(condition.value)), language)
        bound = _BOUND[condition.op][language].format(value=value)
        return f"{metric}{_where(policy, condition, language)}: {bound}"
    if isinstance(condition, Not):
        return _NEITHER[language].format(part=_condition(policy, condition.part, language))
    joint = _JOINTS[type(condition)][language]
    parts = [_condition(policy, part, language) for part in condition.parts]
    nested = [
        f"({text})" if isinstance(part, AllOf | AnyOf) else text
        for part, text in zip(condition.parts, parts, strict=True)
    ]
    return joint.join(nested)


_JOINTS: Mapping[type, Text] = {
    AllOf: Text.of(en="; and ", pl="; oraz "),
    AnyOf: Text.of(en="; or ", pl="; albo "),
}
_NEITHER = Text.of(en="not: {part}", pl="nie zachodzi: {part}")


def _where(policy: Policy, measure: Measure, language: str) -> str:
    names = [policy.group(group).title[language] for group in measure.groups] + list(measure.criteria)
    return f" ({'; '.join(names)})" if names else ""


def _label(policy: Policy, rating: str, language: str) -> str:
    values = (value for scale in policy.rating_scales for value in scale.values)
    return next(value.label[language] for value in values if value.id == rating)


def _number(number: Fraction, language: str) -> str:
    """Return the number with at most one decimal, in the way of the language."""
    text = f"{float(number):.1f}".removesuffix(".0")
    return text.replace(".", ",") if language == "pl" else text
