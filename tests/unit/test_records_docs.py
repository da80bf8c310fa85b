"""What docs/records.md says is kept, and how long, is what the table says, in both languages."""

from pathlib import Path

import pytest

from registry.domain.retention import PERSONAL, RULE, RULES, Becomes, RecordKind
from registry.web.words.records import LABELS

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"en": DOCS / "records.md", "pl": DOCS / "records.pl.md"}


@pytest.mark.parametrize("language", PAGES)
def test_the_page_has_a_line_for_every_rule(language: str) -> None:
    page = PAGES[language].read_text()
    for rule in RULES:
        label = LABELS[RecordKind][rule.kind.value][language]
        cells = (
            label,
            *(text[language] for text in (rule.length, rule.counted_from, rule.why, rule.remains)),
        )
        assert f"| {' | '.join(cells)} |" in page


@pytest.mark.parametrize("language", PAGES)
def test_the_page_has_a_line_for_every_personal_field(language: str) -> None:
    page = PAGES[language].read_text()
    for field in PERSONAL:
        label = LABELS[Becomes][field.becomes.value][language]
        assert f"| `{field.table}.{field.column}` | {label} |" in page


def test_there_is_one_rule_for_every_kind() -> None:
    assert [rule.kind for rule in RULES] == list(RULE)
    assert set(RULE) == set(RecordKind)
