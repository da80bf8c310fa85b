"""No list lapses: with the publisher up, down for a while, down for too long, behind with its work, on a moved clock."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from registry.cli.lists import lists
from registry.editions import Head
from registry.models.issuer import Issuer
from registry.services import publication, publication_work
from registry.services.outbox import announce

from support.formats import Plain, Pointing, Wide, formats
from support.world import Registry


@pytest.fixture(autouse=True)
def more() -> Iterator[None]:
    """Formats with a companion, of the whole registry, and pointing to lists are kept fresh like all others."""
    with formats(Plain(), Wide(), of_lists=[Pointing()]):
        yield


def listed(registry: Registry, count: int = 1) -> None:
    registry.listed(count)


def heads(registry: Registry) -> list[Head]:
    return list(registry.publishing.store.heads(statements=True))


def part(head: Head, at: datetime) -> float:
    return (at - head.issued_at) / (head.next_update - head.issued_at)


def publish(registry: Registry, at: datetime) -> None:
    publication.publish(registry.publishing, at=at)


def test_with_the_publisher_up_no_document_reaches_two_thirds_of_its_life(registry: Registry) -> None:
    listed(registry, 3)
    at = registry.clock()
    publish(registry, at)
    for _ in range(24 * 8):
        at += timedelta(hours=1)
        assert all(part(head, at) < 0.70 for head in heads(registry))
        publish(registry, at)
    assert {"plain", "wide", "pointing", "statement", "lote_anchors"} <= {
        head.format_id for head in heads(registry)
    }
    assert all(
        head.sequence > 1 for head in heads(registry) if head.next_update - head.issued_at < timedelta(days=8)
    )


def test_after_days_without_a_publisher_everything_is_fresh_again_at_once(registry: Registry) -> None:
    listed(registry, 3)
    at = registry.clock()
    publish(registry, at)
    before = {(h.scheme, h.format_id, h.shard): h.sequence for h in heads(registry)}
    at += timedelta(days=60)
    assert all(head.next_update < at for head in heads(registry))
    publish(registry, at)
    assert {key: n + 1 for key, n in before.items()} == {
        (h.scheme, h.format_id, h.shard): h.sequence for h in heads(registry)
    }
    assert all(head.issued_at == at for head in heads(registry))


def test_a_publisher_behind_with_statements_still_keeps_its_lists_fresh(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(registry, 4)
    at = registry.clock()
    publish(registry, at)
    monkeypatch.setattr(publication_work, "ROUND", 1)
    monkeypatch.setattr(publication.Round, "achieved", False)  # each look takes up one statement only
    for _ in range(12):
        at += timedelta(hours=2)
        with registry.database.transaction() as session:
            for issuer in session.scalars(select(Issuer)):
                announce(session, issuer, at=at)
        publish(registry, at)
        lists_of_it = [head for head in heads(registry) if head.format_id != "statement"]
        assert all(part(head, at) < 0.85 for head in lists_of_it)


def test_a_clock_that_goes_back_issues_nothing_earlier_and_lets_nothing_lapse(registry: Registry) -> None:
    listed(registry)
    publish(registry, registry.clock())
    at = registry.clock() + timedelta(days=2)
    publish(registry, at)
    listed(registry)
    publish(registry, at - timedelta(days=1))
    native = registry.publishing.store.head("agency-quality", "native_json", "1")
    assert native is not None
    assert (native.sequence, native.issued_at) == (2, at)
    publish(registry, at + timedelta(seconds=1))
    native = registry.publishing.store.head("agency-quality", "native_json", "1")
    assert native is not None
    assert (native.sequence, native.issued_at) == (3, at + timedelta(seconds=1))


def test_statements_of_one_day_are_issued_again_over_more_than_a_day(registry: Registry) -> None:
    listed(registry, 40)
    at = registry.clock()
    publish(registry, at)
    times: Counter[datetime] = Counter()
    for _ in range(24 * 8):
        at += timedelta(hours=1)
        publish(registry, at)
        times[at] = sum(1 for h in heads(registry) if h.format_id == "statement" and h.issued_at == at)
    assert sum(times.values()) >= 40
    assert max(times.values()) <= 8


def test_the_command_shows_what_is_late_and_ends_with_1(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(registry)
    at = registry.clock()
    publish(registry, at)
    monkeypatch.setattr("registry.cli.lists.settings", lambda: registry.settings)
    monkeypatch.setattr("registry.cli.lists.installation.require", lambda _settings: None)
    for hours, code in ((1, 0), (23, 1)):
        monkeypatch.setattr("registry.cli.lists.now", lambda hours=hours: at + timedelta(hours=hours))
        result = CliRunner().invoke(lists, ["status"])
        assert result.exit_code == code
        assert ("LATE" in result.output) is bool(code)
