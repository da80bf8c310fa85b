"""Imports on a real database: what becomes of each record, twice the same, killed and resumed, never published."""

import base64
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from registry.database import Database
from registry.domain.trust_list import PostalAddress
from registry.editions import EditionReader, EditionStore
from registry.errors import Conflict, InvalidInput
from registry.importers import IMPORTERS
from registry.importers.base import InstitutionFacts, facts_to_wire
from registry.models.application import Application
from registry.models.institution import (
    IdentityFact,
    ImportRow,
    ImportRun,
    ImportState,
    Institution,
    InstitutionIdentifier,
    InstitutionRecord,
    WorkItem,
)
from registry.models.issuer import Issuer
from registry.services import bodies, imports, institutions, list_keys
from registry.services.edition_building import Publishing
from registry.services.import_batches import Outcome
from registry.services.publication import publish
from registry.signing.keys import KeyStore

from support.copies import Copies
from support.tables import contents, invented, write_csv

DATA = Path(imports.__file__).parents[1] / "demo" / "data"
ROR, ECHE_2025, ECHE_2026 = (
    DATA / name for name in ("ror_v2_education.jsonl", "eche_2025-05-13.csv", "eche_2026-04-08.csv")
)
DCC = DATA / "dcc_issuer_registry.json"
FORMATS = {ROR: "ror", ECHE_2025: "eche", ECHE_2026: "eche", DCC: "dcc"}


def take(database: Database, path: Path, format_: str = "csv", *, at: datetime) -> imports.Report:
    holds = IMPORTERS[format_].holds
    return imports.import_file(database, path, format_, holds=holds, actor="operator", clock=lambda: at)


_COPIES, _NOWHERE = Copies(), Path("nowhere")


def taken(database: Database, *files: Path, at: datetime) -> imports.Report:
    """Take real files, one after the other, into a database that nothing was taken into; return the last report.

    What the first test of the process has taken, others copy.
    """
    done = [f"{at} {[file.name for file in files[: n + 1]]}" for n in range(len(files))]
    begin = next((n for n in range(len(files), 0, -1) if _COPIES.find(done[n - 1], database)), 0)
    copy = _COPIES.restore(done[begin - 1], database, _NOWHERE) if begin else None
    report = deepcopy(copy.value) if copy else None
    for name, file in zip(done[begin:], files[begin:], strict=True):
        report = take(database, file, FORMATS[file], at=at)
        _COPIES.keep(name, database, _NOWHERE, deepcopy(report))
    assert report is not None
    return report


def counted(**counts: int) -> dict[str, int]:
    return {outcome.value: counts.get(outcome.value, 0) for outcome in Outcome}


def work(database: Database, kind: str) -> list[WorkItem]:
    with database.transaction() as session:
        return list(session.scalars(select(WorkItem).where(WorkItem.kind == kind).order_by(WorkItem.key)))


def details(database: Database, report: imports.Report, *outcomes: Outcome) -> list[dict[str, Any]]:
    with database.transaction() as session:
        rows = imports.rows_of(session, report.run_id, *outcomes)
        return [{"line": row.line, "key": row.key, **detail} for row in rows for detail in row.detail]


FILES = [
    (ROR, "ror", counted(created=1057, needs_human=2), counted(unchanged=1057, needs_human=2)),
    (ECHE_2025, "eche", counted(created=1128), counted(unchanged=1128)),
    (ECHE_2026, "eche", counted(created=1143), counted(unchanged=1143)),
    (DCC, "dcc", counted(created=20, refused=2), counted(unchanged=20, refused=2)),
]


@pytest.mark.parametrize(
    ("path", "format_", "first", "second"), FILES, ids=lambda value: getattr(value, "stem", "")
)
def test_a_real_file_imported_twice_gives_the_same_registry(
    database: Database, at: datetime, path: Path, format_: str, first: dict[str, int], second: dict[str, int]
) -> None:
    assert taken(database, path, at=at).as_dict() == first
    after_one = contents(database)
    assert take(database, path, format_, at=at + timedelta(days=1)).as_dict() == second
    assert contents(database) == after_one


def test_a_year_of_the_charter_list_tells_renames_from_spellings(database: Database, at: datetime) -> None:
    report = taken(database, ECHE_2025, ECHE_2026, at=at)
    assert report.as_dict() == counted(created=23, changed=57, unchanged=1060, needs_human=3)
    names = [d for d in details(database, report) if d.get("field") == "names.legal"]
    kinds = [change["kind"] for change in names]
    assert (kinds.count("renamed"), kinds.count("spelling")) == (18, 6)
    assert len(work(database, "rename")) == 18
    before = contents(database)
    assert take(database, ECHE_2026, "eche", at=at).counts["changed"] == 0
    assert contents(database) == before


def test_an_old_file_that_comes_again_brings_nothing_old_back(database: Database, at: datetime) -> None:
    taken(database, ECHE_2025, ECHE_2026, at=at)
    before = contents(database)
    assert take(database, ECHE_2025, "eche", at=at).as_dict() == counted(unchanged=1128)
    assert contents(database) == before


def test_a_did_that_is_listed_twice_is_refused_and_not_stored(database: Database, at: datetime) -> None:
    report = take(database, DCC, "dcc", at=at)
    refused = details(database, report, Outcome.REFUSED)
    assert [row["line"] for row in refused] == [22, 56]
    assert {row["key"] for row in refused} == {"did:key:z6MkpMKDNykeb9hSQkz8RWCRrqHoo3y56gQb3Lj78xWgkNZh"}
    assert all("listed 2 times" in row["reason"] for row in refused)
    with database.transaction() as session:
        stored = set(session.scalars(select(IdentityFact.did)))
    assert len(stored) == 20
    assert not stored & {row["key"] for row in refused}


def test_a_changed_identity_is_reported_with_what_changed(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    take(database, DCC, "dcc", at=at)
    changed = tmp_path / "dcc.json"
    listed = json.loads(DCC.read_text())["registry"]
    did = next(did for did in listed if "did:web" in did)
    listed[did]["location"] = "Elsewhere"
    changed.write_text(json.dumps({"registry": listed}))
    report = take(database, changed, "dcc", at=at)
    [said] = [d for d in details(database, report, Outcome.CHANGED) if d["key"] == did]
    assert (said["field"], said["after"]) == ("location", "Elsewhere")


def test_mergers_splits_and_ends_become_work_once(database: Database, at: datetime) -> None:
    taken(database, ROR, at=at)
    take(database, ROR, "ror", at=at)
    with database.transaction() as session:
        query = select(WorkItem.kind, func.count()).group_by(WorkItem.kind)
        kinds = {row[0]: row[1] for row in session.execute(query)}
    assert kinds == {
        "active_with_successor": 1,
        "closed": 5,
        "continues": 7,
        "duplicate_of": 3,
        "match": 2,
        "merged_from": 10,
        "split_into": 1,
        "succeeded_by": 12,
        "withdrawn": 1,
    }
    [split] = work(database, "split_into")
    assert "Koblenz and Landau" in split.detail["name"]
    assert len([r for r in split.detail["relations"] if r["kind"] == "successor"]) == 2
    assert split.institution_id is not None


def test_neither_a_host_nor_a_name_makes_two_records_one(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    report = taken(database, ROR, ECHE_2026, at=at)
    assert report.as_dict() == counted(created=1143)
    twins = [
        invented(1, legal_name="Twin University", website="https://www.twin.example", domain="twin.example"),
        invented(2, legal_name="Twin University", website="https://www.twin.example", domain="twin.example"),
    ]
    report = take(database, write_csv(tmp_path / "twins.csv", twins), at=at)
    assert report.as_dict() == counted(created=2)
    with database.transaction() as session:
        slugs = list(session.scalars(select(Institution.slug).where(Institution.name == "Twin University")))
    assert len(set(slugs)) == 2


def test_no_break_spaces_are_normalized(database: Database, at: datetime, tmp_path: Path) -> None:
    row = invented(1, legal_name="Uczelnia\u00a0 wymyślona", city="\u00a0Łódź")
    assert take(database, write_csv(tmp_path / "a.csv", [row]), at=at).counts["created"] == 1
    take(database, ECHE_2025, "eche", at=at)
    with database.transaction() as session:
        facts = json.dumps(list(session.scalars(select(InstitutionRecord.facts))), ensure_ascii=False)
        names = list(session.scalars(select(Institution.name)))
    assert "\u00a0" in ECHE_2025.read_text(encoding="utf-8")
    assert "\u00a0" not in facts + "".join(names)
    assert "Uczelnia wymyślona" in names
    row = invented(1, legal_name="Uczelnia wymyślona", city="Łódź")
    assert take(database, write_csv(tmp_path / "b.csv", [row]), at=at).as_dict() == counted(unchanged=1)


def test_a_record_for_a_person_is_written_nowhere_else(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    take(database, write_csv(tmp_path / "a.csv", [invented(1, nip="6750002236"), invented(2)]), at=at)
    doubtful = invented(3, pic="", nip="6750002236", legal_name="Doubtful")
    path = write_csv(tmp_path / "b.csv", [doubtful])
    before = contents(database, "institution", "institution_record", "institution_identifier")
    report = take(database, path, at=at)
    assert report.as_dict() == counted(needs_human=1)
    assert contents(database, *before) == before
    [item] = work(database, "match")
    [said] = details(database, report)
    assert item.detail["ground"] == said["ground"] == "one_identifier"
    assert item.detail["candidates"] == said["candidates"] == [str(item.institution_id)]
    take(database, path, at=at)
    assert len(work(database, "match")) == 1


@pytest.mark.parametrize("apart", [0, imports.BATCH])
def test_a_key_that_comes_twice_in_a_file_is_taken_once(
    database: Database, at: datetime, tmp_path: Path, apart: int
) -> None:
    between = [invented(number) for number in range(100, 100 + apart)]
    rows = [invented(1, city="First"), *between, invented(1, city="Second"), invented(2)]
    path = write_csv(tmp_path / "twice.csv", rows)
    report = take(database, path, at=at)
    assert report.as_dict() == counted(created=2 + apart, refused=1)
    [refused] = details(database, report, Outcome.REFUSED)
    assert refused["line"] == 3 + apart
    assert refused["reason"] == "This key came before, on line 2; only that record was taken."
    before = contents(database)
    assert take(database, path, at=at).as_dict() == counted(unchanged=2 + apart, refused=1)
    assert contents(database) == before


def test_records_may_share_a_line(database: Database, at: datetime, tmp_path: Path) -> None:
    records = [json.loads(line) for line in ROR.read_text(encoding="utf-8").splitlines()[:5]]
    path = tmp_path / "dump.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    assert take(database, path, "ror", at=at).as_dict() == counted(created=5)


def test_another_order_of_the_same_facts_is_no_change(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    record = json.loads(ROR.read_text(encoding="utf-8").splitlines()[0])
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(record))
    take(database, path, "ror", at=at)
    record["external_ids"].reverse()
    record["relationships"].reverse()
    path.write_text(json.dumps(record))
    assert take(database, path, "ror", at=at).as_dict() == counted(unchanged=1)


def test_the_same_rename_again_is_work_again(database: Database, at: datetime, tmp_path: Path) -> None:
    for number, name in enumerate(["Old name", "New name", "Old name", "New name"]):
        path = write_csv(tmp_path / f"{number}.csv", [invented(1, legal_name=name), invented(2 + number)])
        take(database, path, at=at)
    assert len(work(database, "rename")) == 3


def test_an_identifier_goes_with_the_last_source_that_gives_it(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    ror = {"ror": "https://ror.org/03bqmcz70", "wikidata": "Q189441"}
    take(database, write_csv(tmp_path / "a.csv", [invented(1, **ror)]), at=at)
    records = [json.loads(line) for line in ROR.read_text(encoding="utf-8").splitlines()]
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(next(r for r in records if r["id"] == ror["ror"])))
    assert take(database, path, "ror", at=at).as_dict() == counted(changed=1)
    take(database, write_csv(tmp_path / "b.csv", [invented(1)]), at=at)
    with database.transaction() as session:
        rows = session.execute(select(InstitutionIdentifier.scheme, InstitutionIdentifier.source))
        sources = {row[0]: row[1] for row in rows}
    assert sources["wikidata"] == sources["ror"] == "ror"
    assert sources["pic"] == "csv"
    take(database, write_csv(tmp_path / "c.csv", [invented(1, pic="")]), at=at)
    with database.transaction() as session:
        assert "pic" not in set(session.scalars(select(InstitutionIdentifier.scheme)))


def test_an_identifier_that_one_institution_gives_up_can_go_to_another(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    take(database, write_csv(tmp_path / "a.csv", [invented(1, krs="0000123456"), invented(2)]), at=at)
    moved = [invented(1), invented(2, krs="0000123456")]
    assert take(database, write_csv(tmp_path / "b.csv", moved), at=at).as_dict() == counted(changed=2)
    with database.transaction() as session:
        holder = session.get_one(InstitutionIdentifier, ("krs", "0000123456")).institution
        assert holder.name == "Uczelnia wymyślona 2"


def test_facts_of_several_sources_are_merged_by_rank() -> None:
    eche = facts_of_file(ECHE_2026, "eche", "UNIWERSYTET JAGIELLONSKI")
    ror = facts_of_file(ROR, "ror", "Jagiellonian University")
    merged = institutions.merge_facts({"eche": facts_to_wire(eche), "ror": facts_to_wire(ror)})
    assert institutions.display_name(merged) == "Jagiellonian University"
    assert merged["street"] == eche.street != ror.street
    assert merged["founded"] == ror.founded


def facts_of_file(path: Path, format_: str, name: str) -> InstitutionFacts:
    with path.open("rb") as file:
        for row in IMPORTERS[format_].parse(file):
            if isinstance(row.facts, InstitutionFacts) and row.facts.display_name == name:
                return row.facts
    raise AssertionError(f"{name} is not in {path.name}")


def test_a_second_source_changes_the_head_of_an_institution(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    ror = {"ror": "https://ror.org/03bqmcz70", "wikidata": "Q189441", "street": "ul. Gołębia 24"}
    take(database, write_csv(tmp_path / "a.csv", [invented(1, **ror)]), at=at)
    take(database, ROR, "ror", at=at)
    with database.transaction() as session:
        row = session.get_one(InstitutionIdentifier, ("ror", "https://ror.org/03bqmcz70"))
        head, facts = row.institution, institutions.current_facts(session, row.institution_id)
    assert head.name == "Jagiellonian University"
    assert head.slug == "uczelnia-wymyslona-1"
    assert "krakow" in head.folded
    assert facts["street"] == "ul. Gołębia 24"


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from sqlalchemy import event
from registry.database import Database
from registry.services import imports

url, path, at = sys.argv[1:]
database = Database(url)
batches = []

@event.listens_for(database.engine, "after_cursor_execute")
def kill(connection, cursor, statement, *rest):
    if statement.startswith("INSERT INTO import_row"):
        batches.append(statement)
        if len(batches) == 3:
            os.kill(os.getpid(), signal.SIGKILL)

imports.import_institutions(database, Path(path), "csv", actor="operator", at=datetime.fromisoformat(at))
"""


def test_an_import_that_was_killed_goes_on_where_it_was(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    rows = [invented(number) for number in range(4 * imports.BATCH)]
    path = write_csv(tmp_path / "many.csv", [*rows, invented(7, city="Twice")])
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, str(path), at.isoformat()]
    killed = subprocess.run(command, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Institution)) == 2 * imports.BATCH
        assert [run.state for run in imports.runs(session)] == [ImportState.RUNNING]
    seen: list[str] = []

    def watch(_: imports.Report, results: Sequence[Any]) -> None:
        seen.extend(result.key for result in results)

    report = imports.import_file(
        database, path, "csv", holds="institutions", actor="operator", clock=lambda: at, watch=watch
    )
    assert report.as_dict() == counted(created=len(rows), refused=1)
    assert seen == [row["source_key"] for row in rows] + ["K7"]
    with database.transaction() as session:
        assert [run.state for run in imports.runs(session)] == [ImportState.DONE]
        assert session.scalar(select(func.count()).select_from(ImportRow)) == len(rows) + 1
        numbers = list(session.scalars(select(InstitutionRecord.number).order_by(InstitutionRecord.number)))
        keys = list(session.scalars(select(InstitutionRecord.source_key).order_by(InstitutionRecord.number)))
        names = set(session.scalars(select(Institution.name)))
    assert numbers == list(range(1, len(rows) + 1))
    assert keys == [row["source_key"] for row in rows]
    assert names == {row["legal_name"] for row in rows}


def test_two_processes_do_not_import_one_run(database: Database, at: datetime, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "many.csv", [invented(number) for number in range(imports.BATCH + 1)])
    importer = imports.importer_for("csv", "institutions")

    def overtake(report: imports.Report, _: Sequence[Any]) -> None:
        with database.transaction() as session:
            session.get_one(ImportRun, report.run_id).done += 1

    with database.transaction() as session:
        run = imports.new_run(session, importer, "x", "y", ImportState.RUNNING, "operator", at)
    report = imports.report_of(run)
    with path.open("rb") as file, pytest.raises(Conflict, match="another process"):
        imports.apply(database, importer, file, report, actor="operator", clock=lambda: at, watch=overtake)


def test_a_dry_run_reports_and_writes_nothing(database: Database, at: datetime, tmp_path: Path) -> None:
    tables = (*contents(database), "import_run", "import_row", "counter", "audit_event")
    taken(database, ECHE_2025, at=at)
    before = contents(database, *tables)
    lines: list[int] = []
    report = imports.import_file(
        database,
        ECHE_2026,
        "eche",
        holds="institutions",
        actor="operator",
        clock=lambda: at,
        dry_run=True,
        watch=lambda _, results: lines.extend(result.line for result in results),
    )
    assert report.as_dict() == counted(created=23, changed=57, unchanged=1060, needs_human=3)
    assert len(set(lines)) == 1143
    assert contents(database, *tables) == before


BROKEN = [
    ("csv", b"", "empty"),
    ("csv", b"source_key,legal_name\nK1,A\n", "lacks the column country"),
    ("csv", b"source_key,legal_name,country,colour\n", "colour"),
    ("eche", b"source_key,legal_name,country\nK1,A,PL\n", "Proposal number"),
    ("ror", b"[" + ROR.read_bytes().splitlines()[0] + b"\n,{]", "ine 2"),
    ("dcc", b'{"registries": {}}', "registry"),
    ("dcc", b"\xff\xfe", "UTF-8"),
]


@pytest.mark.parametrize(("format_", "data", "said"), BROKEN)
def test_a_file_that_is_broken_writes_nothing(
    database: Database, at: datetime, tmp_path: Path, format_: str, data: bytes, said: str
) -> None:
    path = tmp_path / "broken"
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=said):
        take(database, path, format_, at=at)
    tables = (*contents(database), "import_run", "import_row", "audit_event")
    assert not any(contents(database, *tables).values())


def test_a_bad_line_is_refused_by_line_and_key_and_the_rest_is_taken(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    rows = [invented(1), invented(2, country="Poland"), invented(3, pic="12"), invented(4)]
    report = take(database, write_csv(tmp_path / "a.csv", rows), at=at)
    assert report.as_dict() == counted(created=2, refused=2)
    refused = details(database, report, Outcome.REFUSED)
    assert [(row["line"], row["key"]) for row in refused] == [(3, "K2"), (4, "K3")]
    assert refused[0]["reason"].startswith("country:")
    assert refused[1]["reason"].startswith("pic:")


def statements(database: Database, path: Path, at: datetime) -> int:
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        take(database, path, at=at)
    finally:
        event.remove(database.engine, "before_cursor_execute", count)
    return len(seen)


def test_the_number_of_queries_does_not_grow_with_the_batch(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    def file(name: str, start: int, count: int, **more: str) -> Path:
        numbers = range(start, start + count)
        return write_csv(tmp_path / name, [invented(n, aliases=name, **more) for n in numbers])

    def changed(name: str, start: int, count: int) -> Path:
        numbers = range(start, start + count)
        rows = [invented(n, legal_name=f"Renamed {n}", pic="", status="inactive") for n in numbers]
        return write_csv(tmp_path / name, rows)

    take(database, file("first.csv", 5000, 1), at=at)  # opens connections, starts counters
    few = statements(database, file("few.csv", 0, 3), at)
    many = statements(database, file("many.csv", 1000, imports.BATCH), at)
    assert few == many
    few = statements(database, changed("few2.csv", 0, 3), at)
    many = statements(database, changed("many2.csv", 1000, imports.BATCH), at)
    assert few == many


def test_more_identifiers_than_a_query_may_name_are_looked_up_in_parts(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    record = json.loads(ROR.read_text(encoding="utf-8").splitlines()[0])
    most = 66_000 if database.engine.dialect.name == "postgresql" else 33_000
    many = [f"Q{number}" for number in range(1, most)]
    record["external_ids"] = [{"type": "wikidata", "all": many, "preferred": None}]
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(record))
    assert take(database, path, "ror", at=at).as_dict() == counted(created=1)
    assert take(database, path, "ror", at=at).as_dict() == counted(unchanged=1)


def test_who_is_imported_is_no_applicant_and_on_no_list(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    taken(database, ROR, ECHE_2026, at=at)
    keys = KeyStore.create(tmp_path / "keys.json", "a passphrase for tests")
    with database.transaction() as session:
        assert not any(session.scalars(select(Institution.owned)))
        for kind in (Issuer, Application):
            assert session.scalar(select(func.count()).select_from(kind)) == 0
        names = set(session.scalars(select(Institution.name)))
        body = bodies.create_body(session, agency(), actor="operator", at=at)
        scheme = bodies.create_scheme(
            session,
            body,
            slug="scheme",
            policy_id="policy",
            names={"en": "S", "pl": "S"},
            actor="operator",
            at=at,
        )
        list_keys.first(session, keys, scheme, actor="operator", at=at)
    with EditionStore(tmp_path / "editions", "https://registry.example") as store:
        publishing = Publishing(database, store, keys, "https://registry.example", timedelta(0))
        publish(publishing, at=at, everything=True)
        reader = store.reader()
        texts = published_texts(reader)
        total = reader.search().total
        reader.close()
    assert len(texts) >= 5
    assert [name for name in names for text in texts if name in text] == []
    assert total == 0


def agency() -> bodies.NewBody:
    address = PostalAddress("Street 1", "Town", "00-001", "PL")
    names = {"en": "Agency", "pl": "Agencja"}
    return bodies.NewBody("agency", "Agency", names, address, "a@example.org", "https://agency.example")


def published_texts(reader: EditionReader) -> list[str]:
    """Return every published document; of signed ones what they say."""
    documents = [reader.document(head.path) for head in reader.heads(statements=True)]
    # A list in CBOR holds its texts as they are, between bytes that are none.
    texts = [document.body.decode(errors="replace") for document in documents if document is not None]
    return [_payload(text) if text.startswith("eyJ") else text for text in texts]


def _payload(compact: str) -> str:
    part = compact.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
