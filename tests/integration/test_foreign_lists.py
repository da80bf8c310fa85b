"""Trusted lists of others on a real database: facts with provenance, never standing; twice the same; never backwards."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from registry.database import Database
from registry.models.body import Scheme
from registry.models.foreign import ForeignList, ForeignListing
from registry.models.institution import ImportRun, ImportState, Institution, InstitutionIdentifier, WorkItem
from registry.models.issuer import IdentityClaim, Issuer, RecognitionEvent
from registry.models.publication import OutboxMessage
from registry.publishers.facts import VerificationFailed
from registry.publishers.foreign_lists import open_list
from registry.services import imports
from registry.services.foreign_lists import ListImport, ListReport, import_list, listings_of, newest_of

from support.foreign import LOTL, SWEDEN, RealList
from support.tables import contents, invented, write_csv

TABLES = (
    "institution",
    "institution_record",
    "institution_identifier",
    "foreign_list",
    "foreign_listing",
    "work_item",
)


def take(
    database: Database,
    body: bytes,
    *,
    at: datetime,
    real: RealList = SWEDEN,
    verified: bool = False,
    dry: bool = False,
) -> ListReport:
    opened = open_list(body, real.format, real.pins if verified else None, real.at)
    wanted = ListImport(opened, real.format, f"https://lists.example/{real.name}", "operator", real.at)
    return import_list(database, wanted, clock=lambda: at, dry_run=dry)


def counted(report: ListReport) -> dict[str, int]:
    return {name: count for name, count in report.as_dict().items() if count}


def listings(database: Database) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the newest state of each listing by (institution, service)."""
    with database.reading() as session:
        found = {}
        for institution in session.scalars(select(Institution)):
            for row in listings_of(session, institution.id):
                found[institution.name, f"{row.facts['name']} {row.key[:6]}"] = {
                    **row.facts,
                    "listed": row.listed,
                }
        return found


def edited(*changes: tuple[str, str], number: int = 56) -> bytes:
    text = SWEDEN.body.decode().replace("<TSLSequenceNumber>55<", f"<TSLSequenceNumber>{number}<")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def without_provider(name: str) -> tuple[str, str]:
    providers = re.findall(
        r"<TrustServiceProvider>.*?</TrustServiceProvider>", SWEDEN.body.decode(), re.DOTALL
    )
    return next(provider for provider in providers if name in provider), ""


def test_a_real_list_imported_twice_gives_the_same_registry(database: Database, at: datetime) -> None:
    first = take(database, SWEDEN.body, at=at, verified=True)
    assert counted(first) == {"created": 4, "listings_added": 12}
    after_one = contents(database, *TABLES)
    second = take(database, SWEDEN.body, at=at + timedelta(days=1), verified=True)
    assert counted(second) == {"unchanged": 4}
    assert contents(database, *TABLES) == after_one


def test_what_is_kept_says_who_listed_what_since_when_and_what_vouched_for_it(
    database: Database, at: datetime
) -> None:
    take(database, SWEDEN.body, at=at, verified=True)
    with database.reading() as session:
        (kept,) = session.scalars(select(ForeignList))
        assert (kept.operator, kept.territory, kept.sequence) == (
            "Swedish Post and Telecom Agency (PTS)",
            "SE",
            55,
        )
        assert kept.sha256 == "b808c744ecb5a457ada017262e7dddf319141b441dd681ad4eb182e87e2c91b9"
        assert (
            kept.anchor == kept.signer == "4e65f70398c8d2eedbe755b75d653a82c7a66606c792b60e52125d0e456277a5"
        )
        assert (kept.judged_at, kept.recorded_at) == (SWEDEN.at, at)
        zealid = session.scalars(select(Institution).where(Institution.name == "ZealiD AB")).one()
        assert (zealid.owned, zealid.country, zealid.kind) == (False, "SE", "other_provider")
        first = listings_of(session, zealid.id)[0]
        assert first.facts["service_type"] == "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
        assert first.facts["status"] == "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
        assert first.facts["since"] == "2020-09-09T14:00:00Z"
        assert [len(digest) for digest in first.facts["certificates"]] == [64]
        vat = session.get(InstitutionIdentifier, ("vat", "SE556613626201"))
        assert vat is not None
        assert vat.source == kept.source
        run = session.get_one(ImportRun, kept.run_id)
        assert (run.state, run.format, run.done) == (ImportState.DONE, "tl-xml", 4)


def test_a_list_of_lists_gives_its_operators_and_where_their_lists_are(
    database: Database, at: datetime
) -> None:
    report = take(database, LOTL.body, at=at, real=LOTL, verified=True)
    assert counted(report) == {"created": 31, "refused": 1, "listings_added": 42}
    (refused,) = (row for row in report.rows if row.outcome == "refused")
    assert (refused.line, refused.key) == (1, "European Commission")
    with database.reading() as session:
        bank = session.scalars(select(Institution).where(Institution.country == "PL")).one()
        assert (bank.name, bank.kind) == ("National Bank of Poland", "public_body")
        (listing,) = listings_of(session, bank.id)
        assert listing.facts["location"] == "https://www.nccert.pl/tsl/PL_TSL.xml"
        assert listing.facts["status"] is None
        assert len(listing.facts["certificates"]) == 2


@pytest.mark.parametrize("real", [SWEDEN, LOTL], ids=lambda real: real.name)
def test_nobody_who_is_imported_is_recognized_has_an_identity_or_is_published(
    database: Database, at: datetime, real: RealList
) -> None:
    take(database, real.body, at=at, real=real, verified=True)
    with database.reading() as session:
        for kept in (Issuer, IdentityClaim, RecognitionEvent, Scheme, OutboxMessage):
            assert session.scalar(select(func.count()).select_from(kept)) == 0
        assert session.scalar(select(func.count()).where(Institution.owned)) == 0


def test_a_new_number_changes_what_changed_and_ends_what_is_gone(database: Database, at: datetime) -> None:
    take(database, SWEDEN.body, at=at)
    before = listings(database)
    newer = edited(
        without_provider("ZealiD AB"),
        ("<Locality>Billdal</Locality>", "<Locality>Göteborg</Locality>"),
        ("2024-12-12T13:00:00Z", "2026-01-01T00:00:00Z"),
    )
    report = take(database, newer, at=at)
    assert counted(report) == {"changed": 1, "unchanged": 2, "listings_changed": 1, "listings_ended": 2}
    after = listings(database)
    assert after.keys() == before.keys()
    assert {name for (name, _), row in after.items() if not row["listed"]} == {"ZealiD AB"}
    moved = [row["since"] for key, row in after.items() if row != before[key] and row["listed"]]
    assert moved == ["2026-01-01T00:00:00Z"]
    assert counted(take(database, edited(number=57), at=at)) == {
        "changed": 1,
        "unchanged": 3,
        "listings_changed": 3,
    }
    assert listings(database) == before


def test_a_list_that_was_not_read_whole_ends_nothing(database: Database, at: datetime) -> None:
    take(database, SWEDEN.body, at=at)
    report = take(database, edited((">ZealiD AB</Name>", "></Name>")), at=at)
    assert counted(report) == {"unchanged": 3, "refused": 1}
    (refused,) = (row for row in report.rows if row.outcome == "refused")
    assert refused.line == 3
    assert "TSPName says nothing" in refused.detail[0]["reason"]
    assert all(row["listed"] for row in listings(database).values())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (edited(number=54), "number 54 is older than number 55"),
        (edited(("Billdal", "Göteborg"), number=55), "number 55 was imported before with other content"),
        (edited(("2025-04-10T11:16:01Z", "2025-04-09T11:16:01Z")), "number 56 is older than number 55"),
    ],
)
def test_a_number_that_went_back_or_stands_on_two_lists_is_refused(
    database: Database, at: datetime, body: bytes, said: str
) -> None:
    take(database, SWEDEN.body, at=at)
    before = contents(database, *TABLES, "import_run")
    with pytest.raises(VerificationFailed, match=said) as refused:
        take(database, body, at=at)
    assert refused.value.check == "sequence"
    assert contents(database, *TABLES, "import_run") == before


def test_bytes_that_were_taken_unverified_can_be_vouched_for_later(database: Database, at: datetime) -> None:
    take(database, SWEDEN.body, at=at)
    with database.reading() as session:
        (kept,) = session.scalars(select(ForeignList))
        assert (kept.signer, kept.anchor) == (None, None)
    assert counted(take(database, SWEDEN.body, at=at + timedelta(hours=1), verified=True)) == {"unchanged": 4}
    with database.reading() as session:
        newest = newest_of(session, kept.source)
        assert newest is not None
        assert newest.anchor is not None
        assert session.scalar(select(func.count()).select_from(ForeignListing)) == 12


def test_a_dry_run_counts_the_same_and_writes_nothing(database: Database, at: datetime) -> None:
    before = contents(database, *TABLES, "import_run", "audit_event")
    dry = take(database, SWEDEN.body, at=at, dry=True)
    assert (counted(dry), dry.run_id) == ({"created": 4, "listings_added": 12}, None)
    assert contents(database, *TABLES, "import_run", "audit_event") == before


def test_an_institution_that_one_number_alone_points_to_is_for_a_person(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    table = write_csv(tmp_path / "a.csv", [invented(1, country="SE", vat="SE556613626201")])
    imports.import_institutions(database, table, "csv", actor="operator", at=at)
    report = take(database, SWEDEN.body, at=at)
    assert counted(report) == {"created": 3, "needs_human": 1, "listings_added": 9}
    with database.reading() as session:
        (item,) = session.scalars(select(WorkItem).where(WorkItem.kind == "match"))
        assert item.detail["name"] == "TrustWeaver AB"
        known = session.scalars(select(Institution).where(Institution.slug == "uczelnia-wymyslona-1")).one()
        assert listings_of(session, known.id) == []


def test_history_of_listings_is_never_rewritten(database: Database, at: datetime) -> None:
    take(database, SWEDEN.body, at=at)
    first = contents(database, "foreign_listing")["foreign_listing"]
    take(database, edited(without_provider("ZealiD AB")), at=at)
    assert set(map(repr, first)) < set(map(repr, contents(database, "foreign_listing")["foreign_listing"]))


def test_every_import_of_a_list_stands_in_the_audit_trail(database: Database, at: datetime) -> None:
    take(database, SWEDEN.body, at=at, verified=True)
    ((number, detail),) = [
        (row[0], row) for row in contents(database, "audit_event")["audit_event"] if "import.list" in row
    ]
    assert number == 1
    said = next(value for value in detail if isinstance(value, dict))
    assert json.dumps(said).count("b808c744ecb5a457") == 1
