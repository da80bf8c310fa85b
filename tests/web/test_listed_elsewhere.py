"""An operator sees how lists of others list an institution, as a fact and in both languages; nobody else does."""

import re
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.database import Database
from registry.domain.roles import Role
from registry.models.institution import Institution
from registry.publishers.foreign_lists import open_list
from registry.services import accounts
from registry.services.foreign_lists import ListImport, import_list

from support.browser import create_person, signed_in
from support.foreign import LOTL, SWEDEN, RealList


@pytest.fixture
def operator(app: Flask, database: Database, at: datetime) -> FlaskClient:
    """The browser of an operator."""
    person = create_person(database, "Ada", at=at)
    with database.transaction() as session:
        accounts.grant_role(session, person.id, Role.OPERATOR, actor=None, at=at)
    return signed_in(app, person)


def take(
    database: Database, at: datetime, real: RealList = SWEDEN, *, verified: bool = True, old: bytes = b""
) -> None:
    body = re.sub(old, b"", real.body, count=1, flags=re.DOTALL) if old else real.body
    body = body.replace(b"Number>55<", b"Number>56<") if old else body
    opened = open_list(body, real.format, real.pins if verified else None, real.at)
    wanted = ListImport(opened, real.format, real.name, "operator", real.at)
    import_list(database, wanted, clock=lambda: at)


def address(database: Database, name: str, language: str = "en") -> str:
    with database.reading() as session:
        found = session.scalars(select(Institution).where(Institution.name == name)).one()
    return f"/{language}/admin/imports/institutions/{found.id}"


def test_the_page_shows_list_number_status_and_what_vouched_for_it(
    database: Database, operator: FlaskClient, at: datetime
) -> None:
    take(database, at)
    page = operator.get(address(database, "ZealiD AB")).text
    for said in (
        "Listed elsewhere",
        "It is no recognition here",
        "Swedish Post and Telecom Agency (PTS)",
        "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted",
        "4e65f70398c8d2eedbe755b75d653a82c7a66606c792b60e52125d0e456277a5",
        "ZealiD TSA Service",
    ):
        assert said in page
    assert "was not verified" not in page
    polish = operator.get(address(database, "ZealiD AB", "pl")).text
    assert "Na listach innych podmiotów" in polish
    assert "nikt ich tu nie zweryfikował" in polish


def test_a_list_that_nobody_verified_says_so(database: Database, operator: FlaskClient, at: datetime) -> None:
    take(database, at, verified=False)
    assert "The signature of this list was not verified." in operator.get(address(database, "ZealiD AB")).text


def test_what_is_gone_from_the_list_is_shown_as_gone(
    database: Database, operator: FlaskClient, at: datetime
) -> None:
    take(database, at, verified=False)
    take(
        database,
        at,
        verified=False,
        old=rb"<TrustServiceProvider>(?:(?!</TrustServiceProvider>).)*ZealiD.*?</TrustServiceProvider>",
    )
    page = operator.get(address(database, "ZealiD AB")).text
    assert page.count("no longer listed") == 2


def test_an_operator_of_a_list_is_shown_with_the_address_of_the_list(
    database: Database, operator: FlaskClient, at: datetime
) -> None:
    take(database, at, LOTL)
    page = operator.get(address(database, "National Bank of Poland")).text
    assert "https://www.nccert.pl/tsl/PL_TSL.xml" in page
    assert "listed, without a status" in page
    assert 'href="https://www.nccert.pl' not in page


def test_the_import_leads_to_the_institution_and_an_unknown_one_is_not_found(
    database: Database, operator: FlaskClient, at: datetime
) -> None:
    take(database, at)
    runs = operator.get("/en/admin/imports").text
    link = re.search(r'href="(/en/admin/imports/[0-9a-f-]{36})"', runs)
    assert link
    run = operator.get(link[1]).text
    assert "Trusted list (ETSI TS 119 612, XML)" in run
    assert address(database, "ZealiD AB") in run
    missing = "/en/admin/imports/institutions/00000000-0000-4000-8000-000000000000"
    assert operator.get(missing).status_code == 404


def test_nobody_but_an_operator_sees_it(app: Flask, database: Database, at: datetime) -> None:
    take(database, at)
    where = address(database, "ZealiD AB")
    somebody = signed_in(app, create_person(database, "Bob", at=at))
    assert somebody.get(where).status_code == 403
    assert app.test_client().get(where).status_code in {302, 303, 401}
