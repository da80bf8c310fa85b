"""Companions, documents of the whole registry, and lists of lists: published, numbered and kept like every list."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from registry.domain.operator import Operator
from registry.editions import EditionReader
from registry.errors import InvalidInput
from registry.models.issuer import Issuer
from registry.models.publication import AuditEvent
from registry.publishers.traits import REGISTRY_WIRE
from registry.services import authorities, bodies, list_keys, publication
from registry.services.rebuilding import kept_documents, rebuild
from registry.signing.certificates import parse_certificates
from registry.signing.jws import peek_compact
from registry.signing.keys import AuthorityLine, Use

from support.formats import Plain, Pointing, Wide, formats
from support.world import Registry, World

ONE = "/lists/agency-quality/1"
ALL = "/lists/registry/1"
LISTS = AuthorityLine.LISTS


@pytest.fixture
def plain() -> Iterator[Plain]:
    """Further formats, of which one points to another."""
    format_ = Plain()
    with formats(format_, Wide(), of_lists=[Pointing()]):
        yield format_


def listed(registry: Registry, count: int = 1, scheme: str = "quality") -> list[str]:
    return [str(issuer) for issuer in registry.listed(count, scheme)]


def publish(registry: Registry) -> None:
    registry.clock.skip(minutes=2)
    publication.publish(registry.publishing, at=registry.clock(), at_once=True)


def body(reader: EditionReader, path: str) -> bytes:
    document = reader.document(path)
    assert document is not None, path
    return document.body


def pointing(registry: Registry, path: str = f"{ALL}/pointing.jws") -> Any:
    return json.loads(peek_compact(body(registry.publishing.store, path)).payload)


def test_a_companion_stands_beside_its_document_under_the_same_number(
    registry: Registry, plain: Plain
) -> None:
    for sequence in (1, 2, 3):
        listed(registry)
        publish(registry)
        store = registry.publishing.store
        for folder in (ONE, f"{ONE}/{sequence}"):
            digest = hashlib.sha256(body(store, f"{folder}/plain.jws")).digest()
            assert body(store, f"{folder}/plain.sha2") == digest
    kept = {body(store, f"{ONE}/{n}/plain.sha2") for n in (1, 2, 3)}
    assert len(kept) == 3


def test_the_index_names_companions_with_their_document(registry: Registry, plain: Plain) -> None:
    listed(registry)
    publish(registry)
    index = json.loads(body(registry.publishing.store, "/lists/index.json"))["documents"]
    (row,) = [r for r in index if r["format"] == "plain" and r["scheme"] == "agency-quality"]
    (beside,) = row["companions"]
    assert beside["url"].endswith(f"{ONE}/plain.sha2")
    assert (
        beside["sha256"] == hashlib.sha256(body(registry.publishing.store, f"{ONE}/plain.sha2")).hexdigest()
    )
    assert not [r for r in index if r["format"].startswith("plain.")]


def test_a_document_of_the_whole_registry_gathers_all_schemes(registry: Registry, plain: Plain) -> None:
    issuers = listed(registry, 2) + listed(registry, 2, "european")
    publish(registry)
    store = registry.publishing.store
    wide = json.loads(body(store, f"{ALL}/wide.json"))
    assert [entry["id"] for entry in wide["entries"]] == sorted(issuers)
    assert {entry["scheme"] for entry in wide["entries"]} == {"agency-quality", "agency-european"}
    assert body(store, "/wide.json") == body(store, f"{ALL}/wide.json")
    more = listed(registry)
    publish(registry)
    after = json.loads(body(store, "/wide.json"))
    assert [entry["id"] for entry in after["entries"]] == sorted(issuers + more)
    assert json.loads(body(store, f"{ALL}/{wide['sequence']}/wide.json")) == wide


def test_what_does_not_touch_it_leaves_the_document_of_the_whole_registry_alone(
    registry: Registry, plain: Plain
) -> None:
    listed(registry)
    publish(registry)
    before = json.loads(body(registry.publishing.store, "/wide.json"))["sequence"]
    with registry.world() as world:
        list_keys.announce(
            world.session, registry.publishing.keys, "agency-quality", actor="operator", at=world.clock()
        )
    publish(registry)
    assert json.loads(body(registry.publishing.store, "/wide.json"))["sequence"] == before


def test_under_load_the_document_of_the_whole_registry_waits_and_is_not_forgotten(
    registry: Registry, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.services.waiting_lists.ENTRIES_PER_SECOND", 0.01)
    listed(registry, 3)
    at = registry.clock()
    publication.publish(registry.publishing, at=at, at_once=True)
    registry.clock.moment = at
    (more,) = listed(registry)
    later = at + timedelta(seconds=50)
    assert registry.clock() < later
    publication.publish(registry.publishing, at=later)
    assert more not in body(registry.publishing.store, "/wide.json").decode()
    publication.publish(registry.publishing, at=later + timedelta(seconds=90))
    assert more in body(registry.publishing.store, "/wide.json").decode()
    assert registry.publishing.store.rework() == []


def test_a_list_of_lists_points_to_every_list_of_its_family_and_to_itself(
    registry: Registry, plain: Plain
) -> None:
    listed(registry)
    publish(registry)
    rows = pointing(registry)["pointers"]
    base = "https://registry.example"
    assert [row["url"] for row in rows] == [
        f"{base}{ALL}/pointing.jws",
        f"{base}/lists/agency-european/1/plain.jws",
        f"{base}/lists/agency-quality/1/plain.jws",
    ]
    assert rows[2]["type"] == f"{base}/schemes/agency-quality/list-type/names"


def test_a_list_of_lists_changes_with_what_it_points_to_and_with_nothing_else(
    registry: Registry, plain: Plain
) -> None:
    (issuer,) = listed(registry)
    publish(registry)
    assert pointing(registry)["sequence"] == 1
    listed(registry)
    publish(registry)
    assert pointing(registry)["sequence"] == 1
    with registry.world() as world:
        world.session.execute(update(Issuer).where(Issuer.id == uuid.UUID(issuer)).values(shard=2))
        publication.announce_everything(world.session, world.clock())
    publish(registry)
    rows = pointing(registry)
    assert rows["sequence"] == 2
    assert [row["shards"] for row in rows["pointers"] if "quality" in row["url"]] == [2, 2]


def rotate(registry: Registry, world: World, slug: str, emergency: str = "") -> None:
    list_keys.rotate(
        world.session,
        registry.publishing.keys,
        slug,
        store=registry.publishing.store,
        emergency=emergency,
        actor="operator",
        at=world.clock(),
    )


def test_the_next_certificate_of_a_scheme_is_announced_before_it_signs(
    registry: Registry, plain: Plain
) -> None:
    listed(registry)
    publish(registry)
    keys = registry.publishing.keys

    def certificates() -> list[str]:
        return pointing(registry)["pointers"][2]["certificates"]

    (old,) = certificates()
    with registry.world() as world:
        new = list_keys.announce(world.session, keys, "agency-quality", actor="operator", at=world.clock())
    publish(registry)
    assert certificates() == [old, hashlib.sha256(new.certificates[0]).hexdigest()]
    with registry.world() as world:
        rotate(registry, world, "agency-quality")
    publish(registry)
    assert certificates() == [hashlib.sha256(new.certificates[0]).hexdigest()]


def test_the_last_issue_under_an_old_key_of_the_registry_is_a_pivot_for_ever(
    registry: Registry, plain: Plain
) -> None:
    listed(registry)
    publish(registry)
    keys = registry.publishing.keys
    pivots = []
    for _ in range(2):
        with registry.world() as world:
            new = list_keys.announce(
                world.session, keys, "registry", actor="operator", at=world.clock(), operator=Operator()
            )
        publish(registry)
        issue = pointing(registry)
        # The issue that will be the pivot is signed by the old key and announces the new one.
        assert issue["pointers"][0]["certificates"][-1] == hashlib.sha256(new.certificates[0]).hexdigest()
        pivots.insert(0, f"https://registry.example{ALL}/{issue['sequence']}/pointing.jws")
        with registry.world() as world:
            rotate(registry, world, "registry")
        publish(registry)
        assert pointing(registry)["pivots"] == pivots
    for pivot in pivots:
        assert pointing(registry, pivot.removeprefix("https://registry.example"))["pointers"]
    listed(registry)
    publish(registry)
    assert pointing(registry)["pivots"] == pivots


def test_the_registry_has_a_signing_key_of_its_own_which_names_the_operator(
    registry: Registry, plain: Plain
) -> None:
    listed(registry)
    publish(registry)
    (record,) = registry.publishing.keys.records(Use.LIST, "registry")
    assert pointing(registry)["operator"] == Operator().name
    assert Operator().name.encode() in record.certificates[0]


def test_no_scheme_and_no_body_takes_the_slug_of_the_registry(registry: Registry) -> None:
    with registry.world() as world, pytest.raises(InvalidInput, match="choose another"):
        bodies.create_scheme(
            world.session,
            world.body,
            slug="registry",
            policy_id="p",
            names={},
            actor="operator",
            at=world.clock(),
        )


def test_a_format_that_comes_later_is_published_for_all_issuers_there_are(registry: Registry) -> None:
    issuers = listed(registry, 3)
    publish(registry)
    with formats(Plain(), Wide(), of_lists=[Pointing()]):
        publish(registry)
        publish(registry)
        plain_list = peek_compact(body(registry.publishing.store, f"{ONE}/plain.jws")).payload
        assert all(issuer.encode() in plain_list for issuer in issuers)
        assert all(issuer.encode() in body(registry.publishing.store, "/wide.json") for issuer in issuers)
        assert pointing(registry)["pointers"]
    publish(registry)  # a program that does not know them any more leaves them as they are


@pytest.mark.parametrize("slug", ["registry", "agency-quality"])
def test_a_key_that_no_published_list_announces_does_not_sign(
    registry: Registry, plain: Plain, slug: str
) -> None:
    listed(registry)
    publish(registry)
    keys = registry.publishing.keys
    before = keys.signer(slug).key_id
    with registry.world() as world:
        new = list_keys.announce(
            world.session, keys, slug, actor="operator", at=world.clock(), operator=Operator()
        )
        with pytest.raises(list_keys.Unannounced, match=r"not announced yet in .*pointing\.jws") as refused:
            rotate(registry, world, slug)
    assert f"{ALL}/pointing.jws" in refused.value.lists
    assert keys.signer(slug).key_id == before
    publish(registry)
    with registry.world() as world:
        rotate(registry, world, slug)
    assert keys.signer(slug).key_id == new.key_id


def test_an_emergency_lets_a_key_sign_that_was_not_announced_and_says_why(
    registry: Registry, plain: Plain
) -> None:
    listed(registry)
    publish(registry)
    with registry.world() as world:
        list_keys.announce(
            world.session,
            registry.publishing.keys,
            "registry",
            actor="operator",
            at=world.clock(),
            operator=Operator(),
        )
        rotate(registry, world, "registry", emergency="The old key was stolen.")
        query = select(AuditEvent).where(AuditEvent.act == "key.rotated")
        detail = world.session.scalars(query).one().detail
    assert detail["emergency"] == "The old key was stolen."
    assert f"{ALL}/pointing.jws" in detail["unannounced_in"]


def test_every_list_is_built_again_with_the_same_bytes_apart_from_the_signature(
    registry: Registry, plain: Plain
) -> None:
    listed(registry, 3)
    listed(registry, 1, "european")
    publish(registry)
    with registry.world() as world:
        list_keys.announce(
            world.session, registry.publishing.keys, "agency-quality", actor="operator", at=world.clock()
        )
        rotate(registry, world, "agency-quality", emergency="The old key was stolen.")
    listed(registry)
    publish(registry)
    store = registry.publishing.store
    for sequence in (1, 2):
        found = kept_documents(store, sequence)
        assert {kept.format_id for kept in found} >= {"plain", "wide", "native_json", "lote_anchors", "csv"}
        for kept in found:
            assert rebuild(store, registry.publishing.keys, kept).difference == "", kept.path


def test_a_list_that_says_something_else_than_its_snapshot_is_found_out(
    registry: Registry, plain: Plain
) -> None:
    listed(registry)
    publish(registry)
    store = registry.publishing.store
    (kept,) = kept_documents(store, 1, scheme="agency-quality", format="csv")
    store.connection.execute(
        "UPDATE document SET body = replace(CAST(body AS TEXT), 'active', 'Active') WHERE permanent_path = ?",
        (kept.path,),
    )
    store.connection.execute(
        "UPDATE document SET body = CAST(body AS BLOB) WHERE permanent_path = ?", (kept.path,)
    )
    assert "published" in rebuild(store, registry.publishing.keys, kept).difference


def test_an_edition_says_who_signs_the_lists_of_the_whole_registry(registry: Registry, plain: Plain) -> None:
    listed(registry)
    publish(registry)
    told = json.loads(body(registry.publishing.store, REGISTRY_WIRE))
    assert told["slug"] == "registry"
    assert told["operator_legal_name"] == registry.publishing.operator.name
    assert told["certificates"] == registry.publishing.keys.certificates("registry")
    assert "policy_id" not in told


def test_it_says_so_anew_once_another_certificate_is_announced(registry: Registry, plain: Plain) -> None:
    listed(registry)
    publish(registry)
    before = body(registry.publishing.store, REGISTRY_WIRE)
    listed(registry)
    publish(registry)
    assert body(registry.publishing.store, REGISTRY_WIRE) == before
    with registry.world() as world:
        keys = registry.publishing.keys
        list_keys.announce(
            world.session,
            keys,
            "registry",
            actor="operator",
            at=world.clock(),
            operator=registry.publishing.operator,
        )
    listed(registry)
    publish(registry)
    after = json.loads(body(registry.publishing.store, REGISTRY_WIRE))["certificates"]
    assert after.count("BEGIN CERTIFICATE") == 2


def test_the_certificates_of_the_registrys_own_authorities_are_published(
    registry: Registry, plain: Plain
) -> None:
    listed(registry)
    publish(registry)
    store, keys, path = registry.publishing.store, registry.publishing.keys, "/certificates/lists.pem"
    assert store.document(path) is None

    def told(act: str) -> tuple[bytes, ...]:
        with registry.world() as world:
            if act == "make":
                authorities.make(
                    world.session,
                    keys,
                    LISTS,
                    operator="Office",
                    country="PL",
                    actor="operator",
                    at=world.clock(),
                )
            else:
                authorities.rotate(world.session, keys, LISTS, actor="operator", at=world.clock())
        publish(registry)  # without another decision
        return parse_certificates(body(store, path))

    (first,) = told("make")
    assert told("make")[:1] == (first,)
    _first, second = parse_certificates(body(store, path))
    assert told("rotate") == (second, first), "what the one before issued stays valid"
    assert store.document("/certificates/issuers.pem") is None
