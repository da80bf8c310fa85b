"""From a decision to what verifiers download: once, completely, without a trace of anything else, whatever is killed."""

import base64
import hashlib
import json
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from registry.demo import detours_standing
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason
from registry.editions import EditionStore
from registry.editions.freshness import reissue_at
from registry.errors import RegistryError
from registry.models.application import Application
from registry.models.issuer import IdentityClaim, Issuer
from registry.models.publication import Counter, Lease, PublishedDocument
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS
from registry.publishers.base import Reach
from registry.publishers.verify import VerificationFailed, parse_trust, verify_document
from registry.services import list_keys, publication, publication_work, waiting_lists
from registry.services.outbox import announce
from registry.services.publication import PublisherBusy, Summary
from registry.services.recording import IDENTITY, RECOGNITION
from registry.signing.signers import EcSigner

from support.formats import Plain, Pointing, Wide, formats
from support.killed import publish_until_killed
from support.world import Registry, World

TESTS = Path(__file__).parents[1]
WIDE = sorted(f for f, publisher in PUBLISHERS.items() if publisher.reach is Reach.REGISTRY)
LISTS = sorted(PUBLISHERS.keys() - WIDE)


def publish(registry: Registry, **days: int) -> Summary:
    """Publish all that is due, at once, after some days."""
    registry.clock.skip(**days)
    return publication.publish(registry.publishing, at=registry.clock(), at_once=True)


def everything(registry: Registry) -> dict[str, bytes]:
    """Return every address with its bytes, current and permanent ones."""
    connection = registry.publishing.store.connection
    paths = [path for (path,) in connection.execute("SELECT path FROM address ORDER BY path")]
    found = {path: registry.publishing.store.document(path) for path in paths}
    return {path: document.body for path, document in found.items() if document is not None}


def sequences(registry: Registry) -> dict[tuple[str, str, str], int]:
    heads = registry.publishing.store.heads(statements=True)
    return {(head.scheme, head.format_id, head.shard): head.sequence for head in heads}


def payload(body: bytes) -> Any:
    part = body.split(b".")[1]
    return json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))


def native(registry: Registry, scheme: str = "agency-quality") -> Any:
    document = registry.publishing.store.document(f"/lists/{scheme}/1/list.jws")
    assert document is not None
    return payload(document.body)


def granted(registry: Registry, **changes: Any) -> str:
    """Walk a case to its release and return the issuer's id."""
    case = registry.granted(**changes)
    with registry.database.reading() as session:
        return str(session.get_one(Application, case).issuer_id)


def noted(registry: Registry) -> list[tuple[str, str, str, int, str]]:
    with registry.database.transaction() as session:
        rows = session.scalars(select(PublishedDocument))
        return sorted((r.scheme, r.format, r.unit, r.sequence, r.sha256) for r in rows)


def stored(registry: Registry) -> list[tuple[str, str, str, int, str]]:
    rows = registry.publishing.store.documents_after(0)
    return sorted((h.scheme, h.format_id, h.shard, h.sequence, h.sha256) for _edition, h in rows)


def test_a_decision_publishes_one_statement_and_each_list_of_its_scheme_again(registry: Registry) -> None:
    with registry.world():
        pass
    publish(registry)
    before = sequences(registry)
    of_all = {("registry", f, "1"): 1 for f in (*LISTS_OF_LISTS, *WIDE)}
    of_schemes = {(s, f, "1"): 1 for s in ("agency-quality", "agency-european") for f in LISTS}
    assert before == of_schemes | of_all
    issuer = granted(registry)
    assert publish(registry).statements == 1
    wanted = before | {("agency-quality", f, "1"): 2 for f in LISTS}
    wanted |= {("registry", f, "1"): 2 for f in WIDE}
    assert sequences(registry) == wanted | {("agency-quality", "statement", issuer): 1}
    assert noted(registry) == stored(registry)


def listed(registry: Registry, count: int = 1, *, certified: bool = False) -> list[str]:
    """Enter issuers past the procedure."""
    return [str(issuer) for issuer in registry.listed(count, certified=certified)]


def stop(registry: Registry, issuer: str, outcome: Outcome, ground: Reason) -> None:
    """Suspend or withdraw, through the services."""
    with registry.world() as world:
        row = world.session.get_one(Issuer, uuid.UUID(issuer))
        world.walk.stop(row.id, world.owners[row.institution_id], outcome, ground)


def test_what_is_under_way_or_refused_leaves_no_trace(registry: Registry) -> None:
    listed(registry)
    publish(registry)
    bytes_before, sequences_before = everything(registry), sequences(registry)
    with registry.world() as world:
        numbers = counters(world)
        refused, _story = world.granted(outcome=Outcome.REFUSE)
        assert refused.issuer_id is None
        going = world.application(world.story(scheme="european"))
        world.walk.open(going)
        world.walk.identify(going)
        assert counters(world) == numbers
    assert publish(registry) == Summary()
    assert everything(registry) == bytes_before
    assert sequences(registry) == sequences_before


def counters(world: World) -> dict[str, int]:
    """Return the counters whose numbers are published."""
    rows = world.session.scalars(select(Counter).where(Counter.name.in_((RECOGNITION, IDENTITY))))
    return {row.name: row.value for row in rows} | {"issuers": world.session.scalar(count_of(Issuer)) or 0}


def count_of(kind: type[Any]) -> Any:
    return select(func.count()).select_from(kind)


def test_no_account_is_named_in_anything_published(registry: Registry) -> None:
    granted(registry)
    publish(registry)
    texts = {text.encode() for text in registry.personal_data()}
    assert len(texts) > 40
    for path, body in everything(registry).items():
        shown = base64.urlsafe_b64decode(body.split(b".")[1] + b"==") if path.endswith(SIGNED) else body
        assert not [text for text in texts if text in shown or text in body], path


SIGNED = (".jws", "lote-anchors.json", "lote-register.json")


def services(registry: Registry, name: str) -> int:
    """Return how many entities a LoTE lists."""
    document = registry.publishing.store.document(f"/lists/agency-quality/1/{name}")
    assert document is not None
    return len(payload(document.body)["LoTE"].get("TrustedEntitiesList", []))


@pytest.mark.parametrize(
    ("outcome", "ground", "status"),
    [
        (Outcome.SUSPEND, Reason.CONDITION_MISSED, "suspended"),
        (Outcome.WITHDRAW, Reason.SERIOUS_BREACH, "withdrawn"),
    ],
)
def test_a_stopped_issuer_is_no_anchor(
    registry: Registry, outcome: Outcome, ground: Reason, status: str
) -> None:
    one, other = listed(registry, 2, certified=True)
    publish(registry)
    assert services(registry, "lote-anchors.json") == 2
    stop(registry, one, outcome, ground)
    publish(registry)
    statuses = {entry["id"]: entry["status"] for entry in native(registry)["entries"]}
    assert statuses == {one: status, other: "active"}
    assert services(registry, "lote-anchors.json") == 1
    assert services(registry, "lote-register.json") == 2


def test_the_end_of_a_term_publishes_itself(registry: Registry) -> None:
    (issuer,) = listed(registry, certified=True)
    with registry.world() as world:
        row = world.session.get_one(Issuer, uuid.UUID(issuer))
        announce(world.session, row, at=world.clock(), due=row.events[-1].valid_until)
    publish(registry)
    for _ in range(13):
        publish(registry, days=28)
        assert native(registry)["entries"][0]["status"] == "active"
    assert services(registry, "lote-anchors.json") == 1
    publish(registry, days=1)
    assert native(registry)["entries"][0]["status"] == "expired"
    assert services(registry, "lote-anchors.json") == 0


def test_no_list_and_no_statement_lapses_while_somebody_looks(registry: Registry) -> None:
    listed(registry)
    publish(registry)
    for _ in range(40):
        registry.clock.moment += timedelta(hours=10)
        at = registry.clock()
        assert all(head.next_update > at for head in registry.publishing.store.heads(statements=True))
        publication.publish(registry.publishing, at=at)
        assert registry.publishing.store.due(at) == []
    assert noted(registry) == stored(registry)


def test_a_list_is_issued_again_at_its_own_place_in_the_second_half_of_its_life(registry: Registry) -> None:
    listed(registry)
    publish(registry)
    before = sequences(registry)
    key = ("agency-quality", "lote_anchors", "1")
    head = registry.publishing.store.head(*key)
    assert head is not None
    again = reissue_at(key, head.issued_at, head.next_update)
    assert 0.5 <= (again - head.issued_at) / (head.next_update - head.issued_at) <= 0.65
    publication.publish(registry.publishing, at=again - timedelta(seconds=1))
    assert sequences(registry)[key] == before[key]
    publication.publish(registry.publishing, at=again)
    assert sequences(registry)[key] == before[key] + 1


def test_under_load_a_list_waits_and_statements_do_not(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_lists, "ENTRIES_PER_SECOND", 2)
    listed(registry, 3)
    at = registry.clock()
    publication.publish(registry.publishing, at=at)
    first = sequences(registry)["agency-quality", "native_json", "1"]
    registry.clock.moment = at
    with registry.world() as world:
        issuer = world.session.scalars(select(Issuer).limit(1)).one()
        announce(world.session, issuer, at=at + timedelta(seconds=1))
    done = publication.publish(registry.publishing, at=at + timedelta(seconds=1))
    assert (done.documents, done.statements) == (1, 1)
    assert sequences(registry)["agency-quality", "native_json", "1"] == first
    publication.publish(registry.publishing, at=at + timedelta(seconds=2))
    assert sequences(registry)["agency-quality", "native_json", "1"] == first + 1


def test_a_list_never_goes_out_without_a_change_that_it_was_told_of(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication_work, "ROUND", 3)
    issuers = listed(registry, 8)
    done = publish(registry)
    assert done.statements == 8
    publish(registry)  # lists that were out in this second already follow in the next
    assert {entry["id"] for entry in native(registry)["entries"]} == set(issuers)
    before = sequences(registry)
    publication.publish(registry.publishing, at=registry.clock(), everything=True)
    assert sequences(registry) == {document: number + 1 for document, number in before.items()}
    assert {entry["id"] for entry in native(registry)["entries"]} == set(issuers)


def test_a_second_change_in_the_second_of_an_issue_is_published_in_the_next(registry: Registry) -> None:
    listed(registry)
    at = registry.clock()
    publication.publish(registry.publishing, at=at)
    with registry.world() as world:
        (claim,) = world.session.scalars(select(IdentityClaim))
        world.clock.moment = at
        world.clock.step = timedelta(0)
        detours_standing.ended_key(world.walk, claim.id)
    assert publication.publish(registry.publishing, at=at) == Summary()
    publication.publish(registry.publishing, at=at + timedelta(seconds=1))
    assert native(registry)["entries"][0]["identities"][0]["usable"] is False


@contextmanager
def counted(registry: Registry) -> Iterator[list[str]]:
    """Collect the statements that the write database is sent."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(registry.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(registry.database.engine, "before_cursor_execute", note)


def test_a_decision_costs_the_same_queries_and_signatures_among_many_issuers(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    signatures: list[bytes] = []
    sign = EcSigner.sign
    monkeypatch.setattr(EcSigner, "sign", lambda self, data: signatures.append(data) or sign(self, data))
    for count in (5, 55):
        listed(registry, count)
        publish(registry)
        with registry.world() as world:
            announce(world.session, world.session.scalars(select(Issuer).limit(1)).one(), at=world.clock())
        signatures.clear()
        with counted(registry) as seen:
            done = publish(registry)
        costs.append((len(seen), len(signatures), done.documents))
    assert costs[0] == costs[1]
    assert costs[0][1] == 1 + sum(publisher.signed for publisher in PUBLISHERS.values())


def test_looking_in_vain_writes_nothing_and_waits_for_no_writer(registry: Registry) -> None:
    listed(registry)
    publish(registry)
    with counted(registry) as seen, registry.database.transaction() as session:
        session.execute(select(Counter).with_for_update())
        assert publish(registry) == Summary()
    assert not [s for s in seen if s.split()[0] in {"UPDATE", "INSERT", "DELETE"}]


def test_a_key_is_rotated_and_lists_verify_under_the_new_certificate(registry: Registry) -> None:
    listed(registry)
    publish(registry)
    old = registry.publishing.keys.certificates("agency-quality")
    with registry.world() as world:
        list_keys.announce(
            world.session, registry.publishing.keys, "agency-quality", actor="operator", at=world.clock()
        )
    publish(registry)
    announced = registry.publishing.keys.certificates("agency-quality")
    record = registry.publishing.store.scheme("agency-quality")
    assert record is not None
    assert record.wire["certificates"] == announced
    assert announced.startswith(old)
    assert announced != old
    verify(registry, old)
    with registry.world() as world:
        list_keys.rotate(
            world.session,
            registry.publishing.keys,
            "agency-quality",
            store=registry.publishing.store,
            actor="operator",
            at=world.clock(),
        )
    publish(registry)
    new = announced.removeprefix(old)
    verify(registry, new)
    with pytest.raises(VerificationFailed):
        verify(registry, old)


def verify(registry: Registry, pem: str) -> None:
    for name in ("list.jws", "lote-anchors.json", "lote-register.json"):
        document = registry.publishing.store.document(f"/lists/agency-quality/1/{name}")
        assert document is not None
        verify_document(document.body, parse_trust(pem.encode()), registry.clock.moment, None)


def test_one_publisher_works_at_a_time_and_a_dead_one_is_followed(registry: Registry) -> None:
    listed(registry)
    at = registry.clock()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        with registry.database.transaction() as session:
            holder = f"{socket.gethostname()}:{other.pid}"
            session.add(Lease(name=publication.LEASE, holder=holder, expires_at=at + timedelta(minutes=2)))
        with pytest.raises(PublisherBusy, match="is at work until"):
            publication.publish(registry.publishing, at=at)
        other.kill()
    assert publication.publish(registry.publishing, at=at).statements == 1


def test_a_publisher_elsewhere_is_followed_when_its_lease_has_run_out(registry: Registry) -> None:
    listed(registry)
    at = registry.clock()
    with registry.database.transaction() as session:
        session.add(Lease(name=publication.LEASE, holder="elsewhere:1", expires_at=at + timedelta(minutes=2)))
    with pytest.raises(PublisherBusy):
        publication.publish(registry.publishing, at=at)
    assert publication.publish(registry.publishing, at=at + timedelta(minutes=2)).statements == 1


@pytest.mark.parametrize(
    "where",
    [
        "while building",
        "while files are written",
        "before the swap",
        "in the middle of the swap",
        "at the end of the swap",
        "after the swap",
    ],
)
def test_a_publisher_killed_at_any_step_is_made_good_by_the_next(registry: Registry, where: str) -> None:
    with formats(Plain(), Wide(), of_lists=[Pointing()]):
        listed(registry)
        publish(registry)
        before = everything(registry)
        more = listed(registry, 2)
        url = registry.database.engine.url.render_as_string(hide_password=False)
        killed = publish_until_killed(registry.settings, url, where, registry.clock())
        assert killed == -signal.SIGKILL
        # Readers see the whole old edition, or the whole new one.
        after = everything(registry)
        assert (after == before) is (where != "after the swap")
        assert whole(after)
        publish(registry)
        assert noted(registry) == stored(registry)
        assert whole(everything(registry))
        assert {entry["id"] for entry in native(registry)["entries"]} >= set(more)
        numbers: dict[tuple[str, str, str], list[int]] = {}
        for scheme, format_id, unit, sequence, _digest in stored(registry):
            numbers.setdefault((scheme, format_id, unit), []).append(sequence)
        assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
        assert publish(registry) == Summary()


def whole(found: dict[str, bytes]) -> bool:
    """Whether the documents of one moment belong together: each with its companion, the index with all of them."""
    index = json.loads(found["/lists/index.json"])["documents"]
    files = [file for row in index for file in (row, *row.get("companions", ()))]
    digests = {file["url"].removeprefix("https://registry.example"): file["sha256"] for file in files}
    listed_well = all(hashlib.sha256(found[path]).hexdigest() == digest for path, digest in digests.items())
    plain = found["/lists/agency-quality/1/plain.jws"]
    return listed_well and found["/lists/agency-quality/1/plain.sha2"] == hashlib.sha256(plain).digest()


def test_two_publishers_at_once_publish_everything_once(registry: Registry) -> None:
    listed(registry, 4)
    at = registry.clock()
    outcomes: list[str] = []

    def work() -> None:
        with EditionStore(registry.settings.editions, registry.settings.base_url) as store:
            try:
                publication.publish(replace(registry.publishing, store=store), at=at)
            except RegistryError as error:
                outcomes.append(type(error).__name__)
            else:
                outcomes.append("done")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "done" in outcomes
    publish(registry)
    assert noted(registry) == stored(registry)
    assert all(number <= 2 for number in sequences(registry).values())
