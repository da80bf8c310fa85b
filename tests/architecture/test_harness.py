"""What every other test relies on: databases of their own, undone transactions, loopback only."""

import socket
from pathlib import PurePath

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from registry.database import Database
from registry.migrate import existing_triggers
from registry.models import Base

from support.databases import Backend, opened
from support.rows import fill_every_table
from support.sharing_out import turn_of, unit_of

TABLES = Base.metadata.sorted_tables


def _tables(database: Database) -> set[str]:
    with database.transaction() as session:
        return {row[0] for row in session.execute(text("select name from leftover"))}


def test_each_test_gets_a_database_of_its_own(backend: Backend) -> None:
    with opened(backend, backend.copy()) as first, opened(backend, backend.copy()) as second:
        with first.transaction() as session:
            session.execute(text("create table leftover (name text)"))
            session.execute(text("insert into leftover values ('first')"))
        assert _tables(first) == {"first"}
        with second.transaction() as session:
            session.execute(text("create table leftover (name text)"))
        assert _tables(second) == set()


def test_a_database_that_was_given_back_comes_without_rows_and_with_its_triggers(backend: Backend) -> None:
    with opened(backend, backend.copy()) as used, used.engine.begin() as connection:
        triggers = existing_triggers(connection)
        fill_every_table(connection)
    with opened(backend, backend.copy()) as database, database.engine.connect() as connection:
        counts = {table: connection.scalar(select(func.count()).select_from(table)) for table in TABLES}
        assert set(counts.values()) == {0}
        assert existing_triggers(connection) == triggers


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_session_is_undone_even_after_an_inner_commit(session: Session, attempt: int) -> None:
    session.execute(text("create table leftover (name text)"))
    session.commit()
    session.execute(text("insert into leftover values ('x')"))
    session.commit()
    assert session.scalar(text("select count(*) from leftover")) == 1


def test_a_connection_to_another_machine_fails_the_test() -> None:
    with socket.socket() as outside, pytest.raises(pytest.fail.Exception, match="loopback only"):
        outside.connect(("192.0.2.1", 443))
    with pytest.raises(pytest.fail.Exception, match="loopback only"):
        socket.getaddrinfo("registry.example.org", 443)


def test_a_connection_to_this_machine_is_allowed() -> None:
    with socket.socket() as listener, socket.socket() as caller:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        caller.connect(listener.getsockname())


def test_what_tests_of_a_file_share_is_made_by_one_process_for_each_kind_of_database() -> None:
    here = "tests/integration/test_x.py"
    assert unit_of(f"{here}::test_a[sqlite]") == unit_of(f"{here}::test_b[1]") == unit_of(f"{here}::test_c")
    assert unit_of(f"{here}::test_a[postgresql-1]") == unit_of(f"{here}::test_b[postgresql]")
    assert unit_of(f"{here}::test_a[sqlite]") != unit_of(f"{here}::test_a[postgresql]")


def test_what_takes_longest_is_begun_first() -> None:
    files = ["unit/test_x.py", "web/test_browser.py", "integration/test_serve.py", "test_wheel.py"]
    assert sorted(map(PurePath, files), key=turn_of) == [
        PurePath(name)
        for name in ("web/test_browser.py", "test_wheel.py", "integration/test_serve.py", "unit/test_x.py")
    ]
