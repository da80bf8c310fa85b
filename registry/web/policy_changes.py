"""A comparison of two policy versions in words: rows for the page, from the changes that `policy_diff` found."""

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from flask_babel import gettext

from registry.domain.explaining import condition_text
from registry.domain.policy import AllOf, AnyOf, Measure, Not, Outcome, Policy, Rule
from registry.domain.policy_diff import Change, Kind, Part, PolicyDiff
from registry.domain.policy_ways import Way
from registry.domain.trust_list import Text
from registry.web.i18n import day, number, text
from registry.web.labels import LABELS, label
from registry.web.words.policy_keys import KEYS
from registry.web.words.policy_values import VALUES

TONES: Final[Mapping[Way, str]] = {Way.TIGHTENS: "warn", Way.LOOSENS: "good", Way.UNCLEAR: "info"}
_LISTED = ("title", "label", "text", "requirement", "meaning", "because")


@dataclass(frozen=True, slots=True)
class Row:
    """One change for the page: where it lies, what it says before and after (both in words), which way it goes."""

    item: str
    title: str
    aspect: str
    kind: Kind
    old: str
    new: str
    way: Way
    tone: str
    groups: tuple[str, ...]


def rows_by_part(found: PolicyDiff) -> list[tuple[Part, list[Row]]]:
    """Return the changes of each part in words, in the order of the file."""
    return [(part, [_row(found, change) for change in changes]) for part, changes in found.by_part.items()]


def _row(found: PolicyDiff, change: Change) -> Row:
    titles = {g.id: text(g.title) for policy in (found.old, found.new) for g in policy.criteria_groups}
    return Row(
        item=change.item or "",
        title=text(change.title) if change.title else "",
        aspect=": ".join(aspect_name(key) for key in change.aspect),
        kind=change.kind,
        old=in_words(found.old, change.old),
        new=in_words(found.new, change.new),
        way=change.way,
        tone=TONES.get(change.way, ""),
        groups=tuple(titles[group] for group in change.groups),
    )


def aspect_name(key: str) -> str:
    """Return what a key of the file is called; names of entries and rare keys stand for themselves."""
    return text(KEYS[key]) if key in KEYS else key


def in_words(policy: Policy, value: Any) -> str:
    """Return a value of a policy in the language of the page; "" for what is not there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, Text):
        return text(value)
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, date):
        return str(day(value).striptags())
    if isinstance(value, Outcome):
        return _outcome(policy, value)
    if isinstance(value, StrEnum) and type(value) in LABELS:
        return label(value)
    if isinstance(value, Rule):
        return f"{in_words(policy, value.when)} → {_outcome(policy, value.outcome)}. {text(value.because)}"
    if isinstance(value, AllOf | AnyOf | Not | Measure):
        return text(condition_text(policy, value))
    if isinstance(value, tuple):
        return "; ".join(in_words(policy, one) for one in value)
    if isinstance(value, str) and value in VALUES:
        return text(VALUES[value])
    return _entry(policy, value) if is_dataclass(value) else str(value)


def _outcome(policy: Policy, outcome: Outcome) -> str:
    terms = policy.decision.outcome(outcome)
    return text(terms.label) if terms else label(outcome)


def _entry(policy: Policy, value: Any) -> str:
    """Return the texts of a whole entry; its name where it has none."""
    found = [getattr(value, name) for name in _LISTED if isinstance(getattr(value, name, None), Text)]
    if found:
        return ". ".join(text(one).rstrip(".") for one in found) + "."
    return "; ".join(_field(policy, name, getattr(value, name)) for name in value.__dataclass_fields__)


def _field(policy: Policy, name: str, value: Any) -> str:
    return f"{aspect_name(name)}: {in_words(policy, value)}"
