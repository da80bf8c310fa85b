"""The edition store: what is published is whole, gapless, kept for ever and found again."""

import gzip
import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from registry.editions import EditionRefused, EditionStore, Fragment, PlainFile, SchemeRecord, issuer_record
from registry.editions.bodies import load_snapshot
from registry.editions.freshness import reissue_at
from registry.errors import InvalidInput

from support.editions import START, edition, entry_wire, grant, issuer_id, list_document, record, statement

LIST = "/lists/alpha/1/list.jws"
LARGE = b"x" * 100_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EditionStore]:
    with EditionStore(tmp_path / "editions", "https://registry.example") as store:
        yield store


def test_a_new_store_has_published_nothing(store: EditionStore) -> None:
    assert store.number() == 0
    assert store.edition() is None
    assert list(store.heads(statements=True)) == []
    assert store.document("/lists/index.json") is None


def test_an_edition_is_found_again_by_another_process_later(store: EditionStore) -> None:
    store.apply(edition(1, list_document(1, b"one"), outbox_upto=7))
    store.close()
    with EditionStore(store.directory) as again:
        found = again.edition()
        assert found is not None
        assert (found.number, found.at, found.outbox_upto) == (1, START, 7)
        document = again.document(LIST)
        assert document is not None
        assert (document.body, document.sequence, document.issued_at) == (b"one", 1, START)


@pytest.mark.parametrize("body", [b"", b"small", LARGE])
def test_a_replaced_document_stays_at_its_permanent_address(store: EditionStore, body: bytes) -> None:
    store.apply(edition(1, list_document(1, body)))
    store.apply(edition(2, list_document(2, b"next")))
    kept, current = store.document("/lists/alpha/1/1/list.jws"), store.document(LIST)
    assert kept is not None
    assert current is not None
    assert (kept.body, kept.sequence, kept.immutable) == (body, 1, True)
    assert (current.body, current.sequence, current.immutable) == (b"next", 2, False)


def test_the_current_sequence_has_its_permanent_address_at_once_and_its_body_is_stored_once(
    store: EditionStore,
) -> None:
    store.apply(edition(1, list_document(1, b"one")))
    permanent = store.document("/lists/alpha/1/1/list.jws")
    assert permanent is not None
    assert permanent.body == b"one"
    stored = store.connection.execute("SELECT count(*) FROM document WHERE sequence IS NOT NULL").fetchone()
    assert stored == (1,)


def test_a_large_body_is_a_file_named_by_its_digest_with_its_gzip_beside_it(store: EditionStore) -> None:
    document = list_document(1, LARGE)
    store.apply(edition(1, document))
    files = sorted(path.name for path in (store.directory / "bodies").rglob("*") if path.is_file())
    assert files == [document.sha256, f"{document.sha256}.gz"]


@pytest.mark.parametrize("body", [b"small", LARGE])
def test_a_body_that_was_put_away_is_published_by_its_edition_alone(store: EditionStore, body: bytes) -> None:
    whole = list_document(1, body)
    document = store.put_away(whole)
    assert (document.body, document.size, document.sha256) == (b"", len(body), whole.sha256)
    assert store.document(LIST) is None
    store.apply(edition(1, document))
    published = store.document(LIST)
    assert published is not None
    assert published.body == body


def test_a_compressed_file_that_is_there_stays_as_the_rows_before_describe_it(store: EditionStore) -> None:
    document = list_document(1, LARGE)
    packed = store.directory / "bodies" / document.sha256[:2] / f"{document.sha256}.gz"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(gzip.compress(LARGE, 1))
    store.apply(edition(1, document))
    (size,) = store.connection.execute("SELECT gzip_size FROM document WHERE sequence = 1").fetchone()
    assert (packed.stat().st_size, gzip.decompress(packed.read_bytes())) == (size, LARGE)


@pytest.mark.parametrize("sequence", [0, 2, -1])
def test_the_first_sequence_is_one(store: EditionStore, sequence: int) -> None:
    with pytest.raises(EditionRefused, match="1 is the next"):
        store.apply(edition(1, list_document(sequence)))
    assert store.number() == 0


@pytest.mark.parametrize("sequence", [1, 2, 4])
def test_a_sequence_has_no_gap_and_is_never_used_again(store: EditionStore, sequence: int) -> None:
    store.apply(edition(1, list_document(1, b"one")))
    store.apply(edition(2, list_document(2, b"two")))
    with pytest.raises(EditionRefused, match="3 is the next"):
        store.apply(edition(3, list_document(sequence, b"other")))


def test_two_sequences_of_one_document_may_stand_in_one_edition(store: EditionStore) -> None:
    store.apply(edition(1, list_document(1, b"one"), list_document(2, b"two")))
    head = store.head("alpha", "list_jws", "1")
    assert head is not None
    assert head.sequence == 2


def test_a_refused_edition_changes_nothing(store: EditionStore) -> None:
    store.apply(edition(1, list_document(1, b"one"), issuers_put=(record(1),)))
    refused = edition(2, list_document(2, b"two"), statement(1, 2), issuers_gone=(issuer_id(1),))
    with pytest.raises(EditionRefused):
        store.apply(refused)
    assert store.number() == 1
    document = store.document(LIST)
    assert document is not None
    assert document.body == b"one"
    assert store.issuer(issuer_id(1)) is not None
    assert store.search("invented").total == 1


def test_an_address_belongs_to_one_document(store: EditionStore) -> None:
    store.apply(edition(1, list_document(1)))
    intruder = list_document(1, b"other", file="other.jws")
    for path in ("path", "permanent_path"):
        taken = {"path": LIST, "permanent_path": "/lists/alpha/1/1/list.jws"}[path]
        with pytest.raises(EditionRefused, match="belongs to another document"):
            store.apply(edition(2, replace(intruder, **{path: taken})))
    with pytest.raises(EditionRefused, match="belongs to another document"):
        store.apply(edition(2, files=(PlainFile(LIST, "text/plain", b"no"),)))


def test_the_same_edition_twice_is_one_edition(store: EditionStore) -> None:
    change = edition(1, list_document(1, LARGE), statement(1), issuers_put=(record(1),), outbox_upto=3)
    assert store.apply(change) is True
    assert store.apply(change) is False
    assert store.number() == 1
    assert store.search().total == 1


@pytest.mark.parametrize(
    "other",
    [
        edition(1, list_document(1, b"other")),
        edition(1, list_document(1, b"one"), outbox_upto=1),
        edition(1, list_document(1, b"one"), issuers_put=(record(1),)),
        edition(1),
        edition(0),
    ],
)
def test_a_used_number_is_refused_for_anything_else(store: EditionStore, other) -> None:
    store.apply(edition(1, list_document(1, b"one")))
    with pytest.raises(EditionRefused, match="the last one is 1"):
        store.apply(other)


def test_a_number_below_the_last_one_is_refused_even_if_it_was_left_out(store: EditionStore) -> None:
    store.apply(edition(1))
    store.apply(edition(5))
    with pytest.raises(EditionRefused, match="the last one is 5"):
        store.apply(edition(3))


def test_a_reader_sees_a_whole_edition_or_the_one_before(store: EditionStore) -> None:
    """Each edition writes its number into three places; no reader may ever find two numbers at once."""
    editions, mixed, seen = 40, [], set()
    store.apply(numbered(1))
    ready, done = threading.Event(), threading.Event()

    def read() -> None:
        reader = store.reader()
        while not done.is_set():
            with reader.snapshot():
                found = numbers_seen(reader)
            seen.update(found)
            if len(found) != 1:
                mixed.append(found)
            ready.set()
        reader.close()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in readers:
        thread.start()
    ready.wait(10)
    for number in range(2, editions + 1):
        store.apply(numbered(number))
    done.set()
    for thread in readers:
        thread.join()
    assert mixed == []
    assert seen


def numbered(number: int):
    told = b"%d" % number
    documents = (list_document(number, told), statement(1, number, told))
    return edition(number, *documents, issuers_put=(record(1, website=str(number)),))


def numbers_seen(reader) -> set[int]:
    issuer = reader.issuer(issuer_id(1))
    bodies = [reader.document(path).body for path in (LIST, statement(1).path)]
    return {reader.number(), int(issuer.entry_wire["website"]), *map(int, bodies)}


KILLED = """
import os, signal, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from registry.editions import EditionStore, rows, store
from support.editions import edition, list_document, record

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

opened = EditionStore(Path(sys.argv[1]))
{failpoint}
opened.apply(edition(2, list_document(2, b"y" * 200_000), issuers_put=(record(1),), outbox_upto=9))
"""


@pytest.mark.parametrize(
    "failpoint",
    [
        "opened._write = die",
        "rows.put_fragments = die",
        "opened.connection.set_trace_callback(lambda sql: die() if sql == 'COMMIT' else None)",
    ],
    ids=["after the files", "in the middle of the transaction", "before the commit"],
)
def test_a_killed_publisher_leaves_the_old_edition_and_can_repeat_its_work(
    store: EditionStore, failpoint: str
) -> None:
    store.apply(edition(1, list_document(1, b"one"), outbox_upto=3))
    paths = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
    command = [sys.executable, "-c", KILLED.format(failpoint=failpoint), str(store.directory), *paths]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    found, document = store.edition(), store.document(LIST)
    assert found is not None
    assert document is not None
    assert (found.number, found.outbox_upto, document.body) == (1, 3, b"one")
    assert store.search().total == 0
    again = edition(2, list_document(2, b"y" * 200_000), issuers_put=(record(1),), outbox_upto=9)
    assert store.apply(again) is True
    repeated = store.document(LIST)
    assert repeated is not None
    assert repeated.body == b"y" * 200_000


def test_readers_cannot_write(store: EditionStore) -> None:
    reader = store.reader()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.connection.execute("DELETE FROM document")
    reader.close()


@pytest.mark.parametrize(
    ("minutes", "sequence"), [(-1, None), (0, 1), (59, 1), (60, 2), (119, 2), (120, 3), (99999, 3)]
)
def test_the_document_of_a_moment(store: EditionStore, minutes: int, sequence: int | None) -> None:
    for number in (1, 2, 3):
        store.apply(edition(number, list_document(number)))
    found = store.document_at("alpha", "list_jws", "1", START + timedelta(minutes=minutes))
    assert found == (f"/lists/alpha/1/{sequence}/list.jws" if sequence else None)


def test_the_statement_of_an_issuer_is_found_by_the_issuer_alone(store: EditionStore) -> None:
    store.apply(edition(1, statement(1), statement(2), list_document()))
    store.apply(edition(2, statement(1, 2)))
    found = store.statement_head(issuer_id(1))
    assert found is not None
    assert (found.scheme, found.shard, found.sequence) == ("alpha", issuer_id(1), 2)
    assert store.statement_head(issuer_id(3)) is None


def test_finding_a_statement_costs_no_more_among_many(store: EditionStore) -> None:
    def steps() -> int:
        taken = 0

        def count() -> int:
            nonlocal taken
            taken += 1
            return 0

        store.connection.set_progress_handler(count, 1)
        try:
            assert store.statement_head(issuer_id(1)) is not None
        finally:
            store.connection.set_progress_handler(None, 1)
        return taken

    store.apply(edition(1, *(statement(position) for position in range(5))))
    among_few = steps()
    store.apply(edition(2, *(statement(position) for position in range(5, 300))))
    assert steps() <= 2 * among_few


def test_a_document_is_due_from_its_own_place_in_its_life_on_and_late_after_three_quarters(
    store: EditionStore,
) -> None:
    store.apply(edition(1, *(list_document(1, shard=n) for n in range(1, 101))))
    life = timedelta(hours=24)

    def due(part: float) -> int:
        return len(store.due(START + part * life))

    assert [due(0.499), due(0.66)] == [0, 100]
    assert due(0.5) < due(0.55) < due(0.6) < due(0.65)
    assert store.late(START + 0.749 * life) == []
    assert len(store.late(START + 0.75 * life)) == 100


def test_what_was_issued_together_is_issued_again_apart(store: EditionStore) -> None:
    keys = [("alpha", "statement", issuer_id(n)) for n in range(10_000)]
    minutes = Counter(reissue_at(key, START, START + timedelta(days=7)) for key in keys)
    # 15 % of a week has 1,512 minutes, so some 7 of 10,000 fall into each.
    assert max(minutes.values()) < 30
    assert len(minutes) > 1_400


def test_the_index_names_every_current_list_and_no_statement(store: EditionStore) -> None:
    documents = [list_document(1, b"1", shard=shard) for shard in (1, 2, 10)]
    store.apply(edition(1, *documents, statement(1)))
    store.apply(edition(2, list_document(2, b"22", shard=2)))
    found = store.document("/lists/index.json")
    assert found is not None
    listed = json.loads(found.body)["documents"]
    assert [(item["shard"], item["sequence"]) for item in listed] == [(1, 1), (2, 2), (10, 1)]
    assert listed[1] == {
        "scheme": "alpha",
        "format": "list_jws",
        "shard": 2,
        "url": "https://registry.example/lists/alpha/2/list.jws",
        "permanent_url": "https://registry.example/lists/alpha/2/2/list.jws",
        "media_type": "application/jose",
        "size": 2,
        "sha256": list_document(2, b"22").sha256,
        "sequence": 2,
        "issued_at": "2026-03-01T13:00:00Z",
        "next_update": "2026-03-02T13:00:00Z",
    }


def test_fragments_are_kept_by_format_until_they_are_replaced(store: EditionStore) -> None:
    many = [Fragment("csv", issuer_id(n), f"digest-{n}", b"row %d" % n) for n in range(1200)]
    store.apply(edition(1, fragments_put=tuple(many)))
    store.apply(edition(2, fragments_put=(Fragment("csv", issuer_id(3), "new", b"new row"),)))
    found = store.fragments("csv", [issuer_id(n) for n in range(1300)])
    assert len(found) == 1200
    assert found[issuer_id(3)] == (issuer_id(3), "new", b"new row", 2)
    assert found[issuer_id(1199)] == (issuer_id(1199), "digest-1199", b"row 1199", 1)
    assert store.fragments("ndjson", [issuer_id(3)]) == {}


def test_snapshots_are_kept_by_digest(store: EditionStore) -> None:
    snapshot = b'{"entries":[]}'
    store.apply(edition(1, list_document(1), snapshots=(snapshot,)))
    assert load_snapshot(store.directory, hashlib.sha256(snapshot).hexdigest()) == snapshot


def test_schemes_are_kept_by_slug(store: EditionStore) -> None:
    store.apply(edition(1, schemes=(SchemeRecord("beta", {"n": 1}), SchemeRecord("alpha", {"n": 1}))))
    store.apply(edition(2, schemes=(SchemeRecord("beta", {"n": 2}),)))
    assert store.schemes() == [SchemeRecord("alpha", {"n": 1}), SchemeRecord("beta", {"n": 2})]
    assert store.scheme("beta") == SchemeRecord("beta", {"n": 2})
    assert store.scheme("gamma") is None


def test_an_issuer_is_found_by_id_slug_former_slug_and_identifier(store: EditionStore) -> None:
    here = record(1)
    there = record(2, "beta", slug="invented-1")
    store.apply(edition(1, issuers_put=(here, there)))
    assert store.issuer(issuer_id(1)) == here
    assert store.issuers_by_slug("invented-1") == [here, there]
    assert store.issuers_by_identifier("did:web:1.example") == [here]
    assert store.issuers_by_identifier("did:web:1.example", "did") == [here]
    assert store.issuers_by_identifier("did:web:1.example", "ror") == []
    assert store.issuers_by_identifier("did:web:1") == []
    assert store.issuer("nobody") is None


def test_an_issuer_is_found_by_the_host_of_its_website(store: EditionStore) -> None:
    wire = entry_wire(1, website="https://www.weights.example/courses")
    here = issuer_record(wire, scheme="alpha", institution_id="i")
    store.apply(edition(1, issuers_put=(here, record(2))))
    assert store.search("weights.example").records == (here,)
    assert store.search("courses").total == 0


def test_a_former_slug_leads_to_the_present_one(store: EditionStore) -> None:
    wire = entry_wire(1, slug="new-name")
    renamed = issuer_record(wire, scheme="alpha", institution_id="i", former_slugs=("old-name",))
    store.apply(edition(1, issuers_put=(renamed,)))
    assert store.current_slug("old-name") == "new-name"
    assert store.current_slug("new-name") is None
    assert store.issuer(issuer_id(1)) == renamed


def test_a_changed_issuer_is_found_by_what_it_is_now_only(store: EditionStore) -> None:
    store.apply(edition(1, issuers_put=(record(1),)))
    changed = record(1, legal_name="Other", names={"en": "Other"}, identities=[], status="withdrawn")
    store.apply(edition(2, issuers_put=(changed,)))
    assert store.search("invented").total == 0
    assert store.search("other").records == (changed,)
    assert store.issuers_by_identifier("did:web:1.example") == []
    assert store.facets()["status"] == {"withdrawn": 1}


def test_an_issuer_that_is_gone_is_not_found_but_its_documents_stay(store: EditionStore) -> None:
    store.apply(edition(1, statement(1), issuers_put=(record(1), record(2))))
    store.apply(edition(2, issuers_gone=(issuer_id(1), "nobody")))
    assert [found.issuer_id for found in store.search().records] == [issuer_id(2)]
    assert store.document(statement(1).path) is not None


LODZ = {"en": "Technical University of Łódź", "pl": "Politechnika Łódzka"}


@pytest.mark.parametrize(
    "text",
    ["lodz", "Łódź", "ŁÓDZ", "politech lodz", "łódzka", "technical-university", "  of  ", "did:web:1.example",
     "https://ror.org/000000001", "000000001", "town"],
)  # fmt: skip
def test_search_is_blind_to_case_and_diacritics_and_knows_identifiers(store: EditionStore, text: str) -> None:
    wanted = record(1, names=LODZ, legal_name="Politechnika Łódzka")
    store.apply(
        edition(1, issuers_put=(wanted, record(2, address=entry_wire(2)["address"] | {"locality": "X"})))
    )
    assert store.search(text).records == (wanted,)


@pytest.mark.parametrize("text", ["lodx", "ódź x", '"', "lodz OR gdansk", "NEAR(lodz)", "odz"])
def test_search_reads_words_and_nothing_else(store: EditionStore, text: str) -> None:
    store.apply(edition(1, issuers_put=(record(1, names=LODZ), record(2))))
    found = store.search(text)
    assert found.total == (2 if text == '"' else 0)


@pytest.mark.parametrize(
    ("filters", "positions"),
    [
        ({}, [1, 2, 3]),
        ({"country": ["PL"]}, [1, 2]),
        ({"country": ["PL", "DE"]}, [1, 2, 3]),
        ({"country": ["PL"], "status": ["suspended"]}, [2]),
        ({"country": ["FR"]}, []),
        ({"country": []}, [1, 2, 3]),
        ({"scheme": ["beta"]}, [3]),
        ({"field": ["06"]}, [1, 2]),
        ({"field": ["0613"]}, [1, 2]),
        ({"field": ["0612"]}, [2]),
        ({"field": ["04"]}, [3]),
        ({"level": ["5"]}, [1, 3]),
        ({"level": ["7"]}, [2, 3]),
        ({"credential_type": ["micro_credential"]}, [1, 2, 3]),
    ],
)
def test_filters_narrow_the_search(
    store: EditionStore, filters: dict[str, list[str]], positions: list[int]
) -> None:
    store.apply(edition(1, issuers_put=three_issuers()))
    found = [issuer.issuer_id for issuer in store.search("invented", filters).records]
    assert found == [issuer_id(position) for position in positions]


def three_issuers():
    german = entry_wire(3)["address"] | {"country": "DE"}
    return (
        record(1, scope={"grants": [grant(("0613",), (5,))]}),
        record(2, scope={"grants": [grant(("06",), (7,))]}, status="suspended"),
        record(3, "beta", scope={"grants": [grant(("0411",), ())]}, address=german),
    )


def test_facets_count_under_the_text_and_the_other_filters(store: EditionStore) -> None:
    store.apply(edition(1, issuers_put=three_issuers()))
    everything = store.search().facets
    assert everything == store.search("invented").facets == store.facets()
    assert everything["country"] == {"DE": 1, "PL": 2}
    assert everything["field"] == {"04": 1, "041": 1, "0411": 1, "06": 2, "061": 1, "0613": 1}
    assert everything["level"] == {"5": 1, "7": 1, "any": 1}
    narrowed = store.search("", {"country": ["DE"]}).facets
    assert narrowed["country"] == {"DE": 1, "PL": 2}, "a facet is not narrowed by itself"
    assert narrowed["scheme"] == {"beta": 1}


@pytest.mark.parametrize("text", ["", "invented"])
def test_pages_follow_one_another_without_gap_or_overlap(store: EditionStore, text: str) -> None:
    store.apply(edition(1, issuers_put=tuple(record(n, names={"en": "Invented"}) for n in range(23))))
    pages = [store.search(text, page=page, size=5) for page in range(1, 7)]
    found = [issuer.issuer_id for page in pages for issuer in page.records]
    assert [len(page.records) for page in pages] == [5, 5, 5, 5, 3, 0]
    assert sorted(found) == sorted(issuer_id(n) for n in range(23))
    assert {(page.total, page.pages) for page in pages} == {(23, 5)}


def test_names_that_begin_with_the_text_come_first(store: EditionStore) -> None:
    names = {1: "Academy of Zet", 2: "Zet School", 3: "Berlin Zet", 4: "Zet Academy"}
    store.apply(edition(1, issuers_put=tuple(record(n, names={"en": name}) for n, name in names.items())))
    found = [issuer.entry_wire["names"]["en"] for issuer in store.search("zet").records]
    assert found == ["Zet Academy", "Zet School", "Academy of Zet", "Berlin Zet"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"filters": {"colour": ["red"]}}, "colour"),
        ({"filters": {"field_exact": ["06"]}}, "field_exact"),
        ({"page": 0}, "page"),
        ({"page": 2**63}, "page"),
        ({"size": 0}, "size"),
        ({"size": 101}, "size"),
    ],
)
def test_a_search_that_makes_no_sense_names_the_field(store: EditionStore, arguments, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        store.search(**arguments)
    assert [error.field for error in refused.value.errors] == [field]
