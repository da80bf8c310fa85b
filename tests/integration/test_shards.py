"""A scheme past one shard: every shard has its lists, a list of lists stands in front, and deltas follow each shard."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from registry.cli.lists import lists
from registry.cli.lists_follow import sequence_of
from registry.editions.deltas import asked_delta, compose
from registry.models.issuer import Issuer
from registry.publishers.deltas import apply_delta
from registry.publishers.verify import parse_trust, verify_document
from registry.services import publication, recording, standing
from registry.services.outbox import announce
from registry.signing.jws import peek_compact

from support.formats import Plain, Pointing, formats
from support.world import Registry, list_issuers

SHARD = 3


@pytest.fixture
def registry(registry: Registry) -> Iterator[Registry]:
    """A registry of eight issuers in shards of three."""
    with formats(Plain(), of_lists=[Pointing()]):
        registry.told("eight issuers in shards, published", _published)
        yield registry


def _published(registry: Registry) -> None:
    with registry.world() as world:
        recording.next_number(world.session, "issuer:agency-quality", world.clock(), 8)
        for number, issuer in enumerate(list_issuers(world, 8)):
            row = world.session.get_one(Issuer, issuer)
            row.shard = number // SHARD + 1
            world.session.flush()
            announce(world.session, row, at=world.clock())
    publish(registry)


def publish(registry: Registry) -> None:
    registry.clock.skip(minutes=2)
    publication.publish(registry.publishing, at=registry.clock(), at_once=True)


def body(registry: Registry, path: str) -> bytes:
    document = registry.publishing.store.document(path)
    assert document is not None, path
    return document.body


def native(registry: Registry, shard: int) -> Any:
    return json.loads(peek_compact(body(registry, f"/lists/agency-quality/{shard}/list.jws")).payload)


def test_every_issuer_is_in_the_list_of_its_shard_and_in_no_other(registry: Registry) -> None:
    with registry.database.transaction() as session:
        shards = {str(issuer.id): issuer.shard for issuer in session.scalars(select(Issuer))}
    for shard in (1, 2, 3):
        found = native(registry, shard)
        assert (found["shard"], found["shards"]) == (shard, 3)
        assert {entry["id"] for entry in found["entries"]} == {i for i, n in shards.items() if n == shard}


def test_list_of_lists_and_index_name_all_shards(registry: Registry) -> None:
    rows = json.loads(peek_compact(body(registry, "/lists/registry/1/pointing.jws")).payload)["pointers"]
    quality = [row for row in rows if "agency-quality" in row["url"]]
    assert [row["url"].split("/")[5] for row in quality] == ["1", "2", "3"]
    assert {row["shards"] for row in quality} == {3}
    index = json.loads(body(registry, "/lists/index.json"))["documents"]
    assert {r["shard"] for r in index if r["scheme"] == "agency-quality" and r["format"] == "plain"} == {
        1,
        2,
        3,
    }


def test_a_decision_touches_the_lists_of_one_shard_alone(registry: Registry) -> None:
    before = {n: native(registry, n)["sequence"] for n in (1, 2, 3)}
    with registry.world() as world:
        row = world.session.scalars(select(Issuer).where(Issuer.shard == 2).limit(1)).one()
        announce(world.session, row, at=world.clock())
    publish(registry)
    assert {n: native(registry, n)["sequence"] for n in (1, 2, 3)} == {**before, 2: before[2] + 1}


def test_each_shard_has_deltas_of_its_own(registry: Registry) -> None:
    address = "/lists/agency-quality/2/list.jws"
    old = body(registry, address)
    for _ in range(3):
        with registry.world() as world:
            for row in world.session.scalars(select(Issuer).where(Issuer.shard == 2).limit(2)):
                row.institution.slug += "-x"
                announce(world.session, row, at=world.clock())
        publish(registry)
    now = sequence_of(body(registry, address))
    asked = asked_delta(f"/lists/agency-quality/2/delta/{sequence_of(old)}..{now}")
    assert asked is not None
    composed = compose(registry.publishing.store, asked)
    assert len(json.loads(composed)["entries"]) == 2
    newest = apply_delta(old, composed)
    assert newest == body(registry, address)
    trust = parse_trust(registry.publishing.keys.certificates("agency-quality").encode())
    assert verify_document(newest, trust, registry.clock.moment, None).facts.entries == SHARD


def test_a_new_issuer_past_the_size_of_a_shard_opens_the_next(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "SHARD_SIZE", SHARD)
    with registry.world() as world:
        application, _story = world.granted()
        second, _story = world.granted()
        issuers = [application.issuer_id, second.issuer_id]
    publish(registry)
    with registry.database.transaction() as session:
        shards = [session.get_one(Issuer, issuer).shard for issuer in issuers]
    assert shards == [3, 4]
    assert native(registry, 4)["shards"] == 4
    assert len(native(registry, 3)["entries"]) == SHARD


def test_the_rebuild_command_compares_every_list_of_a_number(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.cli.lists.settings", lambda: registry.settings)
    monkeypatch.setattr("registry.cli.lists.installation.require", lambda _settings: None)
    monkeypatch.setattr("registry.cli.lists.KeyStore.open", lambda *_: registry.publishing.keys)
    result = CliRunner().invoke(lists, ["rebuild", "--sequence", "1", "--scheme", "agency-quality"])
    assert result.exit_code == 0, result.output
    assert result.output.count("identical apart from the signature") == len(result.output.splitlines()) >= 18
