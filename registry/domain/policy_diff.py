"""What changes from one policy version to another: each change by itself, which way it goes, which groups it touches.

`diff` walks both values side by side; lists of named things are compared by name, not by place. Which way a change goes is
read from one table, `policy_ways.WAYS`; what it does not tell stays `UNCLEAR`, for a person to read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Any, Final

from registry.domain.policy import AllOf, AnyOf, Condition, Measure, Not, Policy
from registry.domain.policy_ways import WAYS, Way
from registry.domain.text import fold
from registry.domain.trust_list import Text


class Part(StrEnum):
    """The part of a policy that a change lies in, in the order of the file."""

    IDENTITY = "identity"
    SCOPE = "scope"
    ELIGIBILITY = "eligibility"
    SCALES = "scales"
    GROUPS = "groups"
    CRITERIA = "criteria"
    RULES = "rules"
    DECISION = "decision"
    VALIDITY = "validity"
    MONITORING = "monitoring"
    CONFLICTS = "conflicts"
    PANEL = "panel"
    TIME_LIMITS = "time_limits"
    APPEALS = "appeals"
    COMPLAINTS = "complaints"
    SANCTIONS = "sanctions"
    FEES = "fees"
    PUBLICATION = "publication"
    TESTS = "tests"


class Kind(StrEnum):
    """Whether something is new, gone, or other than before."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `path` are the keys of the file, with the names of list entries: criteria, P4, evidence, P4-a, required.

    `item` is the named entry of the part that it lies in (None: the part as a whole) and `title` what people call it;
    `old` and `new` are the values, None for what is not there.
    """

    part: Part
    kind: Kind
    path: tuple[str, ...]
    old: Any
    new: Any
    way: Way
    groups: tuple[str, ...]
    item: str | None = None
    title: Text | None = None

    @property
    def aspect(self) -> tuple[str, ...]:
        """The path below the item, or below the part."""
        return self.path[self.path.index(self.item) + 1 :] if self.item in self.path else self.path[1:]


@dataclass(frozen=True)
class PolicyDiff:
    """All changes from `old` to `new`, in the order of the file."""

    old: Policy
    new: Policy
    changes: tuple[Change, ...]

    @cached_property
    def by_part(self) -> Mapping[Part, tuple[Change, ...]]:
        """Changes by part; parts without one are left out."""
        found = {part: tuple(c for c in self.changes if c.part is part) for part in Part}
        return {part: changes for part, changes in found.items() if changes}

    @cached_property
    def ways(self) -> Mapping[Way, int]:
        """How many changes go which way."""
        return {way: sum(change.way is way for change in self.changes) for way in Way}

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups of criteria that some change touches, in the order of the newer file."""
        touched = set(chain.from_iterable(change.groups for change in self.changes))
        known = (*self.new.criteria_groups, *self.old.criteria_groups)
        return tuple(dict.fromkeys(group.id for group in known if group.id in touched))

    def criteria(self, kind: Kind) -> tuple[str, ...]:
        """The criteria that were added, removed, or changed in some way, in the order of the file."""
        found = [c for c in self.changes if c.part is Part.CRITERIA and c.item]
        whole = {c.item: c.kind for c in found if len(c.path) == 2}
        return tuple(
            dict.fromkeys(c.item for c in found if c.item and whole.get(c.item, Kind.CHANGED) is kind)
        )


def diff(old: Policy, new: Policy) -> PolicyDiff:
    """Return what changes from `old` to `new`; nothing when they are equal."""
    return PolicyDiff(old, new, tuple(_change(old, new, found) for found in _walk((), (), old, new)))


@dataclass(frozen=True, slots=True)
class _Found:
    """A difference: its path with names, the same with `*` for each name, and both values."""

    path: tuple[str, ...]
    pattern: tuple[str, ...]
    kind: Kind
    old: Any
    new: Any


def _walk(path: tuple[str, ...], pattern: tuple[str, ...], old: Any, new: Any) -> Iterator[_Found]:
    if old == new:
        return
    if _is_named_list(old, new):
        yield from _walk_list(path, pattern, old, new)
    elif is_dataclass(old) and type(old) is type(new) and not isinstance(old, _WHOLE):
        for field in fields(old):
            name = _FILE_KEYS.get(field.name, field.name)
            at = ((*path, name), (*pattern, name))
            yield from _walk(*at, getattr(old, field.name), getattr(new, field.name))
    else:
        yield _Found(path, pattern, Kind.CHANGED, old, new)


def _walk_list(path: tuple[str, ...], pattern: tuple[str, ...], old: Any, new: Any) -> Iterator[_Found]:
    before, after = _by_name(old), _by_name(new)
    for name in dict.fromkeys((*after, *before)):
        at = ((*path, name), (*pattern, "*"))
        if name not in before:
            yield _Found(*at, Kind.ADDED, None, after[name])
        elif name not in after:
            yield _Found(*at, Kind.REMOVED, before[name], None)
        else:
            yield from _walk(*at, before[name], after[name])
    common = [[name for name in one if name in other] for one, other in ((before, after), (after, before))]
    if common[0] != common[1] and pattern in _ORDERED:
        yield _Found((*path, "order"), (*pattern, "order"), Kind.CHANGED, tuple(before), tuple(after))


_WHOLE: Final = (Text, AllOf, AnyOf, Not, Measure)
"""Values that are shown as one."""
_FILE_KEYS: Final = {"identity": "policy"}
_ORDERED: Final = {("decision", "rules")}
"""Lists whose order means something: the first rule that holds proposes."""
_NAMES: Final = ("id", "step", "seat", "name", "when", "title")
"""By which attribute an entry of a list is told from the others; the first that it has."""


def _is_named_list(old: Any, new: Any) -> bool:
    entries = [*old, *new] if isinstance(old, tuple) and isinstance(new, tuple) else []
    return bool(entries) and all(is_dataclass(one) and not isinstance(one, _WHOLE) for one in entries)


def _by_name(entries: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        value = next(getattr(entry, name) for name in _NAMES if hasattr(entry, name))
        name = value["en"] if isinstance(value, Text) else str(value)
        twins = sum(known == name or known.startswith(f"{name} #") for known in found)
        found[f"{name} #{twins + 1}" if twins else name] = entry
    return found


def _change(old: Policy, new: Policy, found: _Found) -> Change:
    part = _part(found.path)
    item = _item(found)
    return Change(
        part=part,
        kind=found.kind,
        path=found.path,
        old=found.old,
        new=found.new,
        way=_way(part, found),
        groups=_groups(old, new, found, item),
        item=item,
        title=_title(old, new, found, item),
    )


_PARTS: Final[Mapping[str, Part]] = {
    "policy": Part.IDENTITY,
    "applies_to": Part.SCOPE,
    "rating_scales": Part.SCALES,
    "criteria_groups": Part.GROUPS,
    "conflict_rules": Part.CONFLICTS,
    "sla": Part.TIME_LIMITS,
    "rating_tests": Part.TESTS,
}
"""Keys of the file whose part has another name."""


def _part(path: tuple[str, ...]) -> Part:
    if path[:2] == ("decision", "rules"):
        return Part.RULES
    return _PARTS.get(path[0]) or Part(path[0])


def _item(found: _Found) -> str | None:
    return next((name for name, mark in zip(found.path, found.pattern, strict=True) if mark == "*"), None)


def _title(old: Policy, new: Policy, found: _Found, item: str | None) -> Text | None:
    """Return what the newer policy, else the older, calls the item."""
    if item is None:
        return None
    place = found.path[: found.path.index(item)]
    for policy in (new, old):
        entries: Any = policy
        for key in place:
            entries = getattr(entries, "identity" if key == "policy" else key)
        entry = _by_name(entries).get(item)
        for name in ("title", "label", "text", "because"):
            if isinstance(getattr(entry, name, None), Text):
                title: Text = getattr(entry, name)
                return title
    return None


def _groups(old: Policy, new: Policy, found: _Found, item: str | None) -> tuple[str, ...]:
    """Return the groups of criteria that a change touches; nothing for one that touches the procedure as a whole."""
    reach = (
        _REACH.get(found.pattern[0], lambda *_: ())
        if found.pattern[:2] != ("decision", "rules")
        else _of_rule
    )
    return tuple(sorted({group for policy in (old, new) for group in reach(policy, item)}))


def _of_criterion(policy: Policy, item: str | None) -> Iterator[str]:
    yield from (criterion.group for criterion in policy.criteria if criterion.id == item)


def _of_scale(policy: Policy, item: str | None) -> Iterator[str]:
    yield from (criterion.group for criterion in policy.criteria if criterion.scale == item)


def _of_group(policy: Policy, item: str | None) -> Iterator[str]:
    yield from (group.id for group in policy.criteria_groups if group.id == item)


def _of_rule(policy: Policy, item: str | None) -> Iterator[str]:
    rules = [rule for rule in policy.decision.rules if item in (None, rule.id)]
    for measure in chain.from_iterable(_measures(rule.when) for rule in rules):
        if not measure.groups and not measure.criteria:
            yield from (group.id for group in policy.criteria_groups)
        yield from measure.groups
        yield from (c.group for c in policy.criteria if c.id in measure.criteria)


def _measures(condition: Condition) -> Iterator[Measure]:
    if isinstance(condition, Measure):
        yield condition
    for part in (condition.part,) if isinstance(condition, Not) else getattr(condition, "parts", ()):
        yield from _measures(part)


_REACH: Final[Mapping[str, Callable[[Policy, str | None], Iterator[str] | tuple[str, ...]]]] = {
    "criteria": _of_criterion,
    "rating_scales": _of_scale,
    "criteria_groups": _of_group,
}

_NEUTRAL_PARTS: Final = {Part.IDENTITY, Part.TESTS, Part.GROUPS}
_NAMING: Final = {"title", "label", "note", "summary", "owner"}
"""Texts that name or remark; all others say what holds."""


def _way(part: Part, found: _Found) -> Way:
    judge = WAYS.get(".".join(found.pattern))
    if judge is not None:
        return judge(found.old, found.new)
    if isinstance(found.old, Text) or isinstance(found.new, Text):
        return _way_of_text(found)
    return Way.NEUTRAL if part in _NEUTRAL_PARTS else Way.UNCLEAR


def _way_of_text(found: _Found) -> Way:
    """A name, a remark, or the same words with other punctuation is editorial; whether more, a person has to read."""
    if found.path[-1] in _NAMING:
        return Way.EDITORIAL
    if isinstance(found.old, Text) and isinstance(found.new, Text):
        texts = (found.old.as_dict(), found.new.as_dict())
        folded = [{language: fold(text) for language, text in one.items()} for one in texts]
        if folded[0] == folded[1]:
            return Way.EDITORIAL
    return Way.UNCLEAR
