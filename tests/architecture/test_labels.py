"""What has a name in code has a name for people: each member of an enumeration, in English and Polish."""

import importlib
import pkgutil
from collections.abc import Iterator
from enum import StrEnum

import pytest

import registry.domain
import registry.models
from registry.domain.identifiers import IdentifierScheme
from registry.domain.recognition import Status
from registry.web.labels import LABELS, MEANINGS, SCHEMES

NOT_SHOWN = {"CredentialFormat", "IdentifierScheme", "MatchOutcome", "Metric"}
"""Enumerations that only rules see, and the one in the second table."""
BY_VALUE = {IdentifierScheme: SCHEMES, Status: MEANINGS}
"""Tables that go by the value on the wire."""


def _enumerations() -> Iterator[type[StrEnum]]:
    for package in (registry.domain, registry.models):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            members = vars(importlib.import_module(module.name)).values()
            yield from (m for m in members if isinstance(m, type) and m.__module__ == module.name)


SHOWN = sorted(
    {m for m in _enumerations() if issubclass(m, StrEnum) and m.__name__ not in NOT_SHOWN},
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", SHOWN, ids=lambda kind: kind.__name__)
def test_every_member_has_a_label_in_both_languages(kind: type[StrEnum]) -> None:
    labels = LABELS.get(kind, {})
    assert {member.value for member in kind} == set(labels)
    assert all({"en", "pl"} == set(text.as_dict()) for text in labels.values())


@pytest.mark.parametrize("kind", BY_VALUE, ids=lambda kind: kind.__name__)
def test_tables_by_value_are_complete_in_both_languages(kind: type[StrEnum]) -> None:
    assert {member.value for member in kind} == set(BY_VALUE[kind])
    assert all({"en", "pl"} == set(text.as_dict()) for text in BY_VALUE[kind].values())


def test_labels_of_one_enumeration_differ() -> None:
    repeated = [
        (kind.__name__, language)
        for kind, labels in LABELS.items()
        for language in ("en", "pl")
        if len({text[language] for text in labels.values()}) < len(labels)
    ]
    assert repeated == []
