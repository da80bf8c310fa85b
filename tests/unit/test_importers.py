"""Importers: what the real files give, and what broken ones are told."""

import csv
import io
import json
import tracemalloc
from collections import Counter, defaultdict
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import registry
from registry.domain.identifiers import IdentifierScheme, parse_identifier
from registry.errors import InvalidInput
from registry.importers import IMPORTERS
from registry.importers.base import (
    Environment,
    InstitutionFacts,
    NameFact,
    NameKind,
    RelationKind,
    facts_from_wire,
    facts_to_wire,
)
from registry.importers.comparing import Change, ChangeKind, Finding, changes, findings, is_news
from registry.importers.matching import Ground, Holder, Outcome, match_candidates

DATA = Path(registry.__file__).parent / "demo" / "data"
ROR_LINES = (DATA / "ror_v2_education.jsonl").read_bytes().splitlines(keepends=True)
TWICE = "did:key:z6MkpMKDNykeb9hSQkz8RWCRrqHoo3y56gQb3Lj78xWgkNZh"


def parse_file(name, importer):
    with (DATA / name).open("rb") as file:
        return list(IMPORTERS[importer].parse(file))


def parse_bytes(importer, data):
    return list(IMPORTERS[importer].parse(io.BytesIO(data.encode() if isinstance(data, str) else data)))


def by_key(rows):
    return {row.key: row.facts for row in rows}


@pytest.fixture(scope="module")
def ror():
    return parse_file("ror_v2_education.jsonl", "ror")


@pytest.fixture(scope="module")
def charter_2025():
    return parse_file("eche_2025-05-13.csv", "eche")


@pytest.fixture(scope="module")
def charter_2026():
    return parse_file("eche_2026-04-08.csv", "eche")


@pytest.fixture(scope="module")
def dcc():
    return parse_file("dcc_issuer_registry.json", "dcc")


class TestRor:
    def test_every_record_of_the_real_file_is_read_with_its_line(self, ror):
        assert [row.line for row in ror] == list(range(1, 1060))
        assert [row for row in ror if row.refusal] == []
        assert Counter(row.facts.status for row in ror) == {"active": 1036, "inactive": 19, "withdrawn": 4}
        assert Counter(row.facts.country for row in ror)["PL"] == 136
        assert sum(row.facts.website is None for row in ror) == 18
        assert not any(name.startswith("unreadable.") for row in ror for name in row.facts.extra)

    def test_all_relations_of_the_real_file_are_read(self, ror):
        kinds = Counter(relation.kind for row in ror for relation in row.facts.relations)
        assert kinds == {"child": 789, "related": 312, "parent": 271, "predecessor": 28, "successor": 19}

    def test_a_university_has_one_display_name_per_language(self, ror):
        for row in ror:
            displayed = [name.language for name in row.facts.names if name.kind is NameKind.DISPLAY]
            assert len(displayed) == len(set(displayed)) >= 1
        jagiellonian = by_key(ror)["https://ror.org/03bqmcz70"]
        assert jagiellonian.display_name == "Jagiellonian University"
        assert NameFact("Uniwersytet Jagielloński", "pl", NameKind.DISPLAY) in jagiellonian.names
        assert jagiellonian.identifiers[0] == parse_identifier(IdentifierScheme.ROR, "03bqmcz70")

    def test_a_split_names_both_successors(self, ror):
        koblenz_landau = by_key(ror)["https://ror.org/01j9f6752"]
        assert [r.label for r in koblenz_landau.relations_of(RelationKind.SUCCESSOR)] == [
            "Universität Koblenz",
            "Rheinland-Pfälzische Technische Universität Kaiserslautern-Landau",
        ]
        assert findings(koblenz_landau) == (Finding.SPLIT_INTO,)

    def test_mergers_splits_closures_and_contradictions_become_findings(self, ror):
        assert Counter(finding for row in ror for finding in findings(row.facts)) == {
            Finding.SUCCEEDED_BY: 13,
            Finding.MERGED_FROM: 10,
            Finding.CONTINUES: 7,
            Finding.CLOSED: 5,
            Finding.DUPLICATE_OF: 3,
            Finding.SPLIT_INTO: 1,
            Finding.WITHDRAWN: 1,
            Finding.ACTIVE_WITH_SUCCESSOR: 1,
        }
        assert Finding.MERGED_FROM in findings(by_key(ror)["https://ror.org/04y7eh037"])  # Vytautas Magnus

    @pytest.mark.parametrize("indent", [None, 2])
    def test_an_array_gives_the_same_facts_as_lines(self, ror, indent):
        records = [json.loads(line) for line in ROR_LINES[:200]]
        rows = parse_bytes("ror", json.dumps(records, indent=indent, ensure_ascii=False))
        assert [row.facts for row in rows] == [row.facts for row in ror[:200]]

    def test_an_element_of_an_array_keeps_its_line(self):
        rows = parse_bytes("ror", '[\n{"id": "a"},\n\n{"id": "b",\n "id": "c"}, 7]')
        assert [(row.line, row.key) for row in rows] == [(2, "a"), (4, ""), (5, "")]
        assert "“id” comes twice" in rows[1].refusal.reason

    @pytest.mark.parametrize(
        ("array", "line"),
        [("[", 1), ('[\n{"id": 1}\n', 3), ('[{"id": 1}\n{"id": 2}]', 2), ('[\n{"id": "ab', 2)],
    )
    def test_a_broken_array_is_told_where_it_breaks(self, array, line):
        with pytest.raises(InvalidInput, match=f"Line {line}: .*broken from here on"):
            parse_bytes("ror", array)

    def test_broken_lines_are_refused_with_line_and_key_and_the_others_read(self):
        good = ROR_LINES[0]
        key = json.loads(good)["id"]
        lines = [
            b"not json\n",
            good[:200] + b"\n",
            good.replace(b'"PT"', b'"XX"'),
            good.replace(b"0001ws297", b"0001ws298"),
            good.replace("Rápido".encode(), b"R\xe1pido"),
            good.replace(b'"status":"active"', b'"status":"asleep"'),
            good.replace(b'"locations"', b'"places"'),
            good.replace(b'"names":[', b'"names":7,"older":['),
            b"\n",
            good.replace(b'"status":"active"', b'"status":"active","status":"active"'),
            b"[" * 100_000 + b"\n",
            good.rstrip(b"\n"),
        ]
        rows = parse_bytes("ror", b"".join(lines))
        assert [(row.line, row.refusal is None) for row in rows] == [
            (number, number == 12) for number in (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12)
        ]
        assert [row.key for row in rows][2] == rows[-1].key == key
        reasons = [row.refusal.reason for row in rows[:-1]]
        for said, reason in zip(
            ["Not valid JSON", "Not valid JSON", "not a country", "check digits", "not UTF-8", "wrong type",
             "locations is missing", "wrong type", "comes twice", "too deep"],
            reasons,
            strict=True,
        ):  # fmt: skip
            assert said in reason

    def test_what_does_not_decide_who_is_meant_is_kept_as_unreadable(self):
        good = ROR_LINES[0].decode()
        (row,) = parse_bytes(
            "ror", good.replace("5896 9930", "5896 9931").replace("https://cdrsp.ipleiria.pt", "see Leiria")
        )
        assert row.facts.website is None
        assert row.facts.extra["unreadable.isni"] == "0000 0004 5896 9931"
        assert row.facts.extra["unreadable.website"] == "see Leiria"


class TestCharter:
    def test_both_real_files_are_read_whole(self, charter_2025, charter_2026):
        assert (len(charter_2025), len(charter_2026)) == (1128, 1143)
        assert not [row for row in charter_2025 + charter_2026 if row.refusal]
        assert sum(row.facts.website is None for row in charter_2026) == 17
        assert sum(len(row.facts.identifiers) == 3 for row in charter_2025) == 6  # #N/A is no OID

    def test_a_line_break_in_a_cell_moves_no_later_line_number(self, charter_2026):
        assert [row.line for row in charter_2026[:3]] == [2, 3, 4]
        assert charter_2026[-1].line == 1145
        assert not [row for row in charter_2026 if "\n" in row.facts.display_name]

    def test_no_break_spaces_change_no_erasmus_code(self, charter_2025, charter_2026):
        old, new = by_key(charter_2025), by_key(charter_2026)
        codes = [change.field for key in old.keys() & new.keys() for change in changes(old[key], new[key])]
        assert "identifiers.erasmus_code" not in codes

    def test_a_year_of_changes_is_told_as_the_data_has_it(self, charter_2025, charter_2026):
        old, new = by_key(charter_2025), by_key(charter_2026)
        assert (len(new.keys() - old.keys()), len(old.keys() - new.keys())) == (26, 11)
        found = [change for key in old.keys() & new.keys() for change in changes(old[key], new[key])]
        names = Counter(change.kind for change in found if change.field == "names.legal")
        assert names == {ChangeKind.RENAMED: 18, ChangeKind.SPELLING: 6}
        websites = Counter(change.kind for change in found if change.field == "website")
        assert websites == {ChangeKind.CHANGED: 13, ChangeKind.SPELLING: 1}

    def test_a_rename_is_news_and_capitals_are_not(self, charter_2025, charter_2026):
        old, new = by_key(charter_2025), by_key(charter_2026)
        told = {
            change.before: change
            for key in old.keys() & new.keys()
            for change in changes(old[key], new[key])
            if change.field == "names.legal"
        }
        assert told["COLLEGIUM CIVITAS"].after == "Uniwersytet Civitas"
        assert is_news(told["COLLEGIUM CIVITAS"])
        assert not is_news(told["Akademia Slaska"])

    def test_the_charter_period_is_kept(self, charter_2026):
        assert charter_2026[0].facts.extra == {"charter_start": "2021-01-01", "charter_end": "2029-12-31"}

    def test_bad_lines_are_refused_by_line_and_key(self):
        with (DATA / "eche_2026-04-08.csv").open(encoding="utf-8") as file:
            header, good = file.readline(), file.readline()
        lines = [
            header,
            good.replace(",AT,", ",ZZ,"),
            good.replace("2029-12-31", "31.12.2029"),
            good.replace("2029-12-31", "2019-12-31"),
            good.replace("948821603", "94882160"),
            good.rstrip("\n") + ",one more\n",
            "\n",
            'x,"open" quote,y\n',
            good.replace("PAEDAGOGISCHE HOCHSCHULE NIEDERÖSTERREICH", " "),
            good.replace("Baden", "Ba\x00den"),
            good,
        ]
        rows = parse_bytes("eche", "".join(lines))
        assert [(row.line, row.refusal is None) for row in rows] == [
            (n, n == 11) for n in (2, 3, 4, 5, 6, 8, 9, 10, 11)
        ]
        for row, said in zip(
            rows,
            [
                "country code",
                "not a date",
                "ends before",
                "PIC",
                "13 cells",
                "not valid CSV",
                "Legal Name",
                "U+0000",
            ],
            strict=False,
        ):
            assert said in row.refusal.reason
        assert [row.key for row in rows[:2]] == ["948821603"] * 2

    def test_latin_1_is_refused_line_by_line(self):
        text = (DATA / "eche_2026-04-08.csv").read_text(encoding="utf-8").split("\n")[:3]
        rows = parse_bytes("eche", "\n".join(text).encode("latin-1"))
        assert [row.refusal and "not UTF-8" in row.refusal.reason for row in rows] == [True, None]

    @pytest.mark.parametrize(
        ("data", "why"), [(b"", "empty"), (b"a,b\n1,2\n", "Proposal number"), (b"a,a\n", "twice")]
    )
    def test_another_table_is_refused_as_a_whole(self, data, why):
        with pytest.raises(InvalidInput, match=why):
            parse_bytes("eche", data)


class TestDcc:
    def test_a_did_listed_twice_is_refused_both_times(self, dcc):
        refused = [row.refusal for row in dcc if row.refusal]
        assert len(dcc) == 22
        assert [(refusal.line, refusal.key) for refusal in refused] == [(22, TWICE), (56, TWICE)]
        assert "College Unbound" in refused[0].reason
        assert "Sandbox" in refused[1].reason

    def test_test_issuers_are_told_from_others(self, dcc):
        kinds = Counter(row.facts.environment for row in dcc if row.facts)
        assert kinds == {Environment.TEST: 10, Environment.PRODUCTION: 10}
        environments = {row.key: row.facts.environment for row in dcc if row.facts}
        assert environments["did:web:dibiho.org:TUM"] is Environment.PRODUCTION
        assert environments["did:web:dibiho.org:TUM.Test"] is Environment.TEST
        assert environments["did:web:staging.openhpi.de"] is Environment.TEST
        assert environments["did:web:credentials.mcmaster.ca"] is Environment.PRODUCTION

    @pytest.mark.parametrize(
        ("name", "url", "expected"),
        [
            ("Institute of Regional Development", "https://ird.example.edu", "production"),
            ("Testing Authority of Example", "https://contest.example.edu", "production"),
            ("Example College RC", "https://example.edu", "test"),
            ("RC Example College", "https://example.edu", "production"),
            ("Example College", "https://dev.example.edu", "test"),
        ],
    )
    def test_the_rule_for_test_issuers_looks_at_whole_words(self, name, url, expected):
        data = {"registry": {"did:web:example.edu": {"name": name, "url": url}}}
        (row,) = parse_bytes("dcc", orjson.dumps(data))
        assert row.facts.environment == expected

    def test_twice_means_the_same_canonical_did(self):
        data = '{"registry": {"did:web:Example.edu": {"name": "A"}, "did:web:example.edu": {"name": "B"}}}'
        assert ["2 times" in row.refusal.reason for row in parse_bytes("dcc", data)] == [True, True]

    def test_bad_entries_are_refused_with_their_line(self):
        data = """{"meta": {}, "registry": {
            "did:web:127.0.0.1": {"name": "A"},
            "did:web:a.example.edu": {"name": "A", "name": "B"},
            "did:web:b.example.edu": [],
            "did:web:c.example.edu": {"name": 7},
            "did:web:d.example.edu": {"name": "A", "colour": "red"},
            "did:web:e.example.edu": {"url": "https://e.example.edu"},
            "did:web:f.example.edu": {"name": "A", "url": "see above"},
            "did:web:g.example.edu": {"name": "G\\u0000"},
            "did:web:h.example.edu": {"name": "H"}
        }}"""
        rows = parse_bytes("dcc", data)
        assert [(row.line, row.refusal is None) for row in rows] == [
            (line, line == 10) for line in range(2, 11)
        ]

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"", "Line 1"),
            (b"[]", "Line 1"),
            (b"{}", "exactly one"),
            (b'{"registry": {}, "registry": {}}', "exactly one"),
            (b'{"registry": 7}', "Line 1"),
            (b'{"registry": {\n"did:web:a.edu": {"name": "A"\n', "Line 2|Line 1"),
            (b'{"registry":\n {"\xff": 1}}', "Line 2: the text is not UTF-8"),
        ],
    )
    def test_what_is_no_issuer_list_is_refused_as_a_whole(self, data, why):
        with pytest.raises(InvalidInput, match=why):
            parse_bytes("dcc", data)


HEADER = "source_key,legal_name,country"


class TestOwnTable:
    def test_all_columns_are_understood(self):
        table = (
            "source_key,legal_name,name_pl,name_en,short_name,former_names,country,city,website,kind,status,founded,"
            "nip,ror,predecessors\n"
            "K1,Uniwersytet X,Uniwersytet X,University X,UX,Szkoła X|Kursy X,pl,Kraków,www.x.example.edu,"
            "vocational_provider,inactive,1999,675-000-22-36,03bqmcz70,ror:01j9f6752 | pic:999843662\n"
        )
        (row,) = parse_bytes("csv", table)
        facts = row.facts
        assert facts.display_name == "Uniwersytet X"
        assert [name.kind for name in facts.names] == [
            "legal",
            "display",
            "display",
            "short",
            "former",
            "former",
        ]
        assert [str(i) for i in facts.identifiers] == ["ror:https://ror.org/03bqmcz70", "nip:6750002236"]
        assert (facts.country, facts.website, facts.kind, facts.founded) == (
            "PL", "https://www.x.example.edu", "vocational_provider", 1999,
        )  # fmt: skip
        assert [str(r.target) for r in facts.relations] == ["ror:https://ror.org/01j9f6752", "pic:999843662"]

    @pytest.mark.parametrize(
        ("header", "why"),
        [
            ("source_key,legal_name", "lacks the column country"),
            (f"{HEADER},colour", "“colour” is unknown"),
            (f"{HEADER},did", "“did” is unknown"),
            (f"{HEADER},city,city", "city comes twice"),
            (f"{HEADER},", "“” is unknown"),
            ('"source_key', "not valid CSV"),
        ],
    )
    def test_the_header_is_strict(self, header, why):
        with pytest.raises(InvalidInput, match=why):
            parse_bytes("csv", header + "\n")

    @pytest.mark.parametrize(
        ("column", "cell", "why"),
        [
            ("nip", "6750002237", "nip: .*check digits"),
            ("website", "see above", "website: "),
            ("kind", "college", "kind: .*vocational_provider"),
            ("status", "asleep", "status: "),
            ("founded", "long ago", "founded: "),
            ("successors", "03bqmcz70", "successors: .*ror:03bqmcz70"),
            ("city", "x" * 501, "city: .*longer"),
            ("city", "a\u202eb", "city: .*202E"),
        ],
    )
    def test_a_bad_cell_refuses_its_line_and_names_the_column(self, column, cell, why):
        (row,) = parse_bytes("csv", f"{HEADER},{column}\nK1,X,PL,{cell}\n")
        assert (row.line, row.key) == (2, "K1")
        with pytest.raises(InvalidInput, match=why):
            raise InvalidInput(row.refusal.reason)

    def test_empty_required_cells_and_short_lines_are_refused(self):
        rows = parse_bytes("csv", f"\ufeff{HEADER}\nK1,,PL\n,X,PL\nK3,X\nK4,X,PL\n")
        assert [row.refusal is None for row in rows] == [False, False, False, True]
        assert [row.key for row in rows] == ["K1", "", "K3", "K4"]

    def test_a_quote_that_never_closes_is_refused_at_its_first_line(self):
        rows = parse_bytes("csv", f'{HEADER}\nK1,"X,PL\nK2,Y,PL\n')
        assert [row.line for row in rows] == [2]
        assert "not valid CSV" in rows[0].refusal.reason

    def test_a_file_without_line_breaks_is_refused_without_reading_it_whole(self):
        class Endless(io.RawIOBase):
            def readable(self):
                return True

            def readinto(self, buffer):
                buffer[:] = b"x" * len(buffer)
                return len(buffer)

        with pytest.raises(InvalidInput, match="Line 1 is longer"):
            next(IMPORTERS["csv"].parse(io.BufferedReader(Endless())))

    def test_memory_does_not_grow_with_the_file(self):
        class Table(io.RawIOBase):
            def __init__(self, rows):
                self.lines = iter([HEADER.encode() + b"\n", *(b"K%d,X,PL\n" % n for n in range(rows))])

            def readline(self, size=-1):
                return next(self.lines, b"")

        def peak(rows):
            table = Table(rows)
            tracemalloc.start()
            assert sum(1 for _ in IMPORTERS["csv"].parse(table)) == rows
            size = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return size

        peak(10)
        assert peak(3_000) < 2 * peak(300) + 20_000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
RECORD = json.loads(ROR_LINES[1])
PATHS = [
    *((key,) for key in RECORD),
    *((key, 0) for key in RECORD if isinstance(RECORD[key], list)),
    *((key, 0, name) for key in RECORD if isinstance(RECORD[key], list) and isinstance(RECORD[key][0], dict)
      for name in RECORD[key][0]),
    ("locations", 0, "geonames_details", "country_code"),
    ("locations", 0, "geonames_details", "name"),
]  # fmt: skip


class TestAnything:
    @given(st.sampled_from(PATHS), json_values)
    @settings(max_examples=200)
    def test_any_value_anywhere_in_a_record_is_read_or_refused(self, path, value):
        record = json.loads(ROR_LINES[1])
        place = record
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        (row,) = parse_bytes("ror", json.dumps(record))
        assert (row.facts is None) != (row.refusal is None)
        if row.facts:
            wire = facts_to_wire(row.facts)
            assert (
                facts_from_wire(
                    orjson.loads(orjson.dumps(wire)), source="ror", source_key=row.facts.source_key
                )
                == row.facts
            )
            assert all(isinstance(name.language, str | None) for name in row.facts.names)

    @pytest.mark.parametrize("importer", IMPORTERS)
    @given(st.binary(max_size=60), st.integers(0, 3000))
    @settings(max_examples=60)
    def test_any_bytes_in_a_file_are_read_or_refused(self, importer, junk, at):
        whole = {
            "ror": b"".join(ROR_LINES[:2]),
            "eche": (DATA / "eche_2026-04-08.csv").read_bytes()[:3000],
            "csv": f"{HEADER},city\nK1,X,PL,Y\n".encode(),
            "dcc": (DATA / "dcc_issuer_registry.json").read_bytes(),
        }[importer]
        at %= len(whole)
        try:
            rows = parse_bytes(importer, whole[:at] + junk + whole[at:])
        except InvalidInput:
            return
        assert [row.line for row in rows] == sorted(row.line for row in rows)
        assert all((row.facts is None) != (row.refusal is None) for row in rows)


class TestStoredForm:
    def test_facts_survive_being_stored(self, ror, charter_2026):
        for row in [*ror, *charter_2026]:
            wire = orjson.loads(orjson.dumps(facts_to_wire(row.facts)))
            facts = row.facts
            assert facts_from_wire(wire, source=facts.source, source_key=facts.source_key) == facts


def facts(**more):
    defaults = {
        "source": "csv",
        "source_key": "K1",
        "names": (NameFact("Szkoła X", None, NameKind.LEGAL),),
        "identifiers": (),
        "country": "PL",
    }
    return InstitutionFacts(**defaults | more)


def ids(*pairs):
    return tuple(parse_identifier(IdentifierScheme(scheme), text) for scheme, text in pairs)


class TestChanges:
    def test_nothing_changed_is_nothing_told_in_whatever_order(self):
        names = (NameFact("A", "en", NameKind.ALIAS), NameFact("B", "en", NameKind.ALIAS), *facts().names)
        two = ids(("pic", "999843662"), ("oid", "E10208308"))
        assert (
            changes(facts(names=names, identifiers=two), facts(names=names[::-1], identifiers=two[::-1]))
            == ()
        )

    def test_each_kind_of_change_is_told_apart(self):
        old = facts(
            names=(NameFact("Szkoła X", None, NameKind.LEGAL), NameFact("X", None, NameKind.SHORT)),
            identifiers=ids(("pic", "999843662")),
            website="http://x.example.edu",
            city="KRAKOW",
            extra={"charter_end": "2027-12-31"},
        )
        new = facts(
            names=(NameFact("Akademia X", None, NameKind.LEGAL), NameFact("AX", None, NameKind.SHORT)),
            identifiers=ids(("pic", "999843663")),
            website="https://www.x.example.edu",
            city="Kraków",
            street="Główna 1",
            extra={"charter_end": "2029-12-31"},
        )
        assert set(changes(old, new)) == {
            Change("names.legal", "Szkoła X", "Akademia X", ChangeKind.RENAMED),
            Change("names.short", "X", None, ChangeKind.REMOVED),
            Change("names.short", None, "AX", ChangeKind.ADDED),
            Change("identifiers.pic", "999843662", None, ChangeKind.REMOVED),
            Change("identifiers.pic", None, "999843663", ChangeKind.ADDED),
            Change("city", "KRAKOW", "Kraków", ChangeKind.SPELLING),
            Change("street", None, "Główna 1", ChangeKind.ADDED),
            Change("website", "http://x.example.edu", "https://www.x.example.edu", ChangeKind.SPELLING),
            Change("extra.charter_end", "2027-12-31", "2029-12-31", ChangeKind.CHANGED),
        }


class Known:
    """What a registry knows, in memory: institutions are named by the key they came with."""

    def __init__(self):
        self.sources, self.holders, self.held = {}, {}, defaultdict(set)

    def by_source(self, source, source_key):
        return self.sources.get((source, source_key))

    def holder(self, identifier):
        return self.holders.get(identifier)

    def identifiers(self, institution):
        return self.held[institution]

    def add(self, new):
        self.sources[new.source, new.source_key] = new.source_key
        for identifier in new.identifiers:
            self.holders[identifier] = Holder(new.source_key, new.source)
            self.held[new.source_key].add(identifier)


class TestMatching:
    def known(self, *items):
        known = Known()
        for item in items:
            known.add(item)
        return known

    def test_the_same_record_is_the_same_institution(self):
        resolution = match_candidates(facts(), self.known(facts()))
        assert (resolution.outcome, resolution.ground, resolution.institution) == (
            "same",
            Ground.SOURCE_KEY,
            "K1",
        )

    def test_name_and_website_alone_match_nothing(self):
        known = self.known(
            facts(website="https://x.example.edu", identifiers=ids(("domain", "x.example.edu")))
        )
        record = facts(
            source_key="K2", website="https://x.example.edu", identifiers=ids(("domain", "x.example.edu"))
        )
        assert match_candidates(record, known).outcome is Outcome.NEW

    @pytest.mark.parametrize(
        ("here", "record", "outcome", "ground"),
        [
            ([("pic", "999843662"), ("isni", "0000000121629631")], [("pic", "999843662"), ("isni", "0000000121629631")],
             "same", "two_identifiers"),
            ([("pic", "999843662"), ("oid", "E10208308")], [("pic", "999843662"), ("oid", "E10208308")],
             "needs_human", "one_identifier"),
            ([("nip", "6750002236"), ("vat", "PL6750002236")], [("nip", "6750002236"), ("vat", "PL6750002236")],
             "needs_human", "one_identifier"),
            ([("isni", "0000000121629631")], [("isni", "0000000121629631")], "needs_human", "one_identifier"),
            ([("isni", "0000000121629631"), ("wikidata", "Q1"), ("ror", "03bqmcz70")],
             [("isni", "0000000121629631"), ("wikidata", "Q1"), ("ror", "01j9f6752")], "needs_human", "contradiction"),
            ([("isni", "0000000121629631")], [("wikidata", "Q1")], "new", "nothing_agrees"),
        ],
    )  # fmt: skip
    def test_two_independent_identifiers_or_a_person(self, here, record, outcome, ground):
        known = self.known(facts(identifiers=ids(*here)))
        resolution = match_candidates(facts(source="other", source_key="Z", identifiers=ids(*record)), known)
        assert (resolution.outcome, resolution.ground) == (outcome, ground)

    def test_an_identifier_from_its_own_source_suffices_and_a_typed_one_does_not(self):
        ror = ids(("ror", "03bqmcz70"))
        record = facts(source="ror", source_key="new-key", identifiers=ror)
        typed = self.known(facts(source="self", identifiers=ror))
        assert match_candidates(record, typed).ground is Ground.ONE_IDENTIFIER
        issued = self.known(facts(source="ror", identifiers=ror))
        assert match_candidates(record, issued).ground is Ground.ISSUED_BY_SOURCE

    def test_identifiers_of_two_institutions_are_for_a_person(self):
        one = facts(identifiers=ids(("isni", "0000000121629631")))
        two = facts(source_key="K2", identifiers=ids(("wikidata", "Q1")))
        both = ids(("isni", "0000000121629631"), ("wikidata", "Q1"))
        resolution = match_candidates(facts(source_key="K3", identifiers=both), self.known(one, two))
        assert (resolution.ground, resolution.candidates) == (Ground.SEVERAL_INSTITUTIONS, ("K1", "K2"))
        moved = match_candidates(facts(identifiers=ids(("wikidata", "Q1"))), self.known(one, two))
        assert (moved.outcome, moved.institution) == (Outcome.NEEDS_HUMAN, "K1")

    def test_the_real_files_imported_twice_give_the_same_registry(self, ror, charter_2025, charter_2026):
        known = Known()

        def run(rows):
            outcomes = Counter()
            for row in rows:
                resolution = match_candidates(row.facts, known)
                outcomes[resolution.outcome.value] += 1
                if resolution.outcome is Outcome.NEW:
                    known.add(row.facts)
            return outcomes

        assert run(ror) == {"new": 1057, "needs_human": 2}
        assert run(ror) == {"same": 1057, "needs_human": 2}
        assert run(charter_2025) == {"new": 1128}
        assert run(charter_2026) == {"same": 1117, "new": 23, "needs_human": 3}
        assert run(charter_2026) == {"same": 1140, "needs_human": 3}


def test_the_carried_data_says_where_it_comes_from():
    origin = (DATA / "ORIGIN.md").read_text(encoding="utf-8")
    carried = {path.name for path in DATA.iterdir()} - {"ORIGIN.md"}
    assert {"ror_v2_education.jsonl", "dcc_issuer_registry.json"} <= carried
    assert all(name in origin for name in carried)
    with (DATA / "eche_2026-04-08.csv").open(encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == 1144
