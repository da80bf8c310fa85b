"""What changed between two versions of one record, and what in it a person has to look at.

A rename and a new spelling of the same name are told apart: only the first is news about the institution. A
name that says the same after folding case, diacritics, punctuation and spaces is a spelling.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.domain.text import fold, same_but_for_case
from registry.domain.web_names import website_host
from registry.importers.base import FactStatus, InstitutionFacts, NameKind, RelationKind


class ChangeKind(StrEnum):
    """What sort of news a change is."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"
    SPELLING = "spelling"
    """The same, written differently: case, diacritics, punctuation; a website on the same host."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `field` is a path such as `names.legal`; None stands for what was or is not there."""

    field: str
    before: str | None
    after: str | None
    kind: ChangeKind


class Finding(StrEnum):
    """What in a record becomes open work; the record's own source says so, nobody here has checked it."""

    MERGED_FROM = "merged_from"
    SPLIT_INTO = "split_into"
    SUCCEEDED_BY = "succeeded_by"
    CONTINUES = "continues"
    CLOSED = "closed"
    DUPLICATE_OF = "duplicate_of"
    WITHDRAWN = "withdrawn"
    ACTIVE_WITH_SUCCESSOR = "active_with_successor"


_ONE_PER_RECORD = ("country", "city", "street", "postal_code", "website", "kind", "status", "founded")
_WORDING = frozenset({"city", "street"})


def changes(old: InstitutionFacts, new: InstitutionFacts) -> tuple[Change, ...]:
    """Return every difference between two versions of one record, in the order of the fields.

    Two orders of the same names, identifiers or relations are no difference.
    """
    return (
        *_name_changes(old, new),
        *_set_changes("identifiers", _identifiers(old), _identifiers(new)),
        *_single_changes(old, new),
        *_set_changes("relations", _relations(old), _relations(new)),
        *_extra_changes(old.extra, new.extra),
    )


def _name_changes(old: InstitutionFacts, new: InstitutionFacts) -> list[Change]:
    """Pair removed and added names of one kind and language: first by spelling, then in order of the text."""
    before, after = _names(old), _names(new)
    found: list[Change] = []
    for field in dict.fromkeys((*before, *after)):
        gone = sorted(before.get(field, set()) - after.get(field, set()))
        come = sorted(after.get(field, set()) - before.get(field, set()))
        for text in list(gone):
            twin = next((other for other in come if same_but_for_case(text, other)), None)
            if twin is not None:
                found.append(Change(field, text, twin, ChangeKind.SPELLING))
                gone.remove(text)
                come.remove(twin)
        if field.startswith(_MAIN_NAMES):
            pairs = list(zip(gone, come, strict=False))
            found += [Change(field, text, other, ChangeKind.RENAMED) for text, other in pairs]
            gone, come = gone[len(pairs) :], come[len(pairs) :]
        found += [Change(field, text, None, ChangeKind.REMOVED) for text in gone]
        found += [Change(field, None, text, ChangeKind.ADDED) for text in come]
    return found


_MAIN_NAMES = (f"names.{NameKind.LEGAL}", f"names.{NameKind.DISPLAY}")


def _names(facts: InstitutionFacts) -> dict[str, set[str]]:
    grouped: dict[str, set[str]] = {}
    for name in facts.names:
        field = f"names.{name.kind}" + (f".{name.language}" if name.language else "")
        grouped.setdefault(field, set()).add(name.text)
    return grouped


def _identifiers(facts: InstitutionFacts) -> set[tuple[str, str]]:
    return {(identifier.scheme.value, identifier.value) for identifier in facts.identifiers}


def _relations(facts: InstitutionFacts) -> set[tuple[str, str]]:
    return {(relation.kind.value, str(relation.target)) for relation in facts.relations}


def _set_changes(
    name: str, before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]
) -> list[Change]:
    old, new = set(before), set(after)
    gone = [Change(f"{name}.{key}", value, None, ChangeKind.REMOVED) for key, value in sorted(old - new)]
    come = [Change(f"{name}.{key}", None, value, ChangeKind.ADDED) for key, value in sorted(new - old)]
    return gone + come


def _single_changes(old: InstitutionFacts, new: InstitutionFacts) -> list[Change]:
    pairs = [(name, _text(getattr(old, name)), _text(getattr(new, name))) for name in _ONE_PER_RECORD]
    return [Change(name, a, b, _kind(name, a, b)) for name, a, b in pairs if a != b]


def _extra_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    names = sorted(old.keys() | new.keys())
    pairs = [(name, old.get(name), new.get(name)) for name in names]
    return [Change(f"extra.{name}", a, b, _kind(name, a, b)) for name, a, b in pairs if a != b]


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _kind(name: str, before: str | None, after: str | None) -> ChangeKind:
    if before is None:
        return ChangeKind.ADDED
    if after is None:
        return ChangeKind.REMOVED
    if name == "website" and website_host(before) == website_host(after):
        return ChangeKind.SPELLING
    if name in _WORDING and fold(before) == fold(after):
        return ChangeKind.SPELLING
    return ChangeKind.CHANGED


def is_news(change: Change) -> bool:
    """Tell whether a change says something new about the institution, rather than spelling it differently."""
    return change.kind is not ChangeKind.SPELLING


def findings(facts: InstitutionFacts) -> tuple[Finding, ...]:
    """Return what a person has to look at: mergers, splits, closures, duplicates, contradictions.

    What recognitions do about it is a decision; an import never changes one.
    """
    successors = len(facts.relations_of(RelationKind.SUCCESSOR))
    predecessors = len(facts.relations_of(RelationKind.PREDECESSOR))
    return (*_endings(facts.status, successors), *_beginnings(predecessors))


def _endings(status: FactStatus, successors: int) -> tuple[Finding, ...]:
    if status is FactStatus.ACTIVE:
        return (Finding.ACTIVE_WITH_SUCCESSOR,) if successors else ()
    if status is FactStatus.WITHDRAWN:
        return (Finding.DUPLICATE_OF if successors else Finding.WITHDRAWN,)
    return (_CLOSINGS.get(successors, Finding.SPLIT_INTO),)


_CLOSINGS = {0: Finding.CLOSED, 1: Finding.SUCCEEDED_BY}


def _beginnings(predecessors: int) -> tuple[Finding, ...]:
    if not predecessors:
        return ()
    return (Finding.CONTINUES if predecessors == 1 else Finding.MERGED_FROM,)
