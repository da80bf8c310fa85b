"""The audit trail: who can write past its triggers is still found out."""

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from registry.cli import main
from registry.database import Database
from registry.errors import ChainBroken
from registry.services import recording

from support.clock import START

TABLE = "audit_event"
TAMPERING = {
    "an actor changed": "update audit_event set actor = 'somebody else' where number = 2",
    "an act moved in time": "update audit_event set at = '2020-01-01 00:00:00' where number = 2",
    "an act taken out": "delete from audit_event where number = 2",
    "the last act taken out": "delete from audit_event where number = 3",
    "an act put in": (
        "insert into audit_event (number, at, actor, act, object_type, object_id, detail, chain) "
        "select 4, at, actor, act, object_type, object_id, detail, 'made up' from audit_event where number = 3"
    ),
}


def record_three(database: Database) -> None:
    with database.transaction() as session:
        for number in range(3):
            recording.audit(
                session, "test", actor="operator", at=START, of=("test", str(number)), detail={"ż": [1, None]}
            )


def tamper(database: Database, statement: str) -> None:
    """Write past the triggers, as somebody with the database's own password can."""
    with database.transaction() as session:
        if database.engine.dialect.name == "postgresql":
            session.execute(text("set session_replication_role = replica"))
            session.execute(text(statement))
            session.execute(text("set session_replication_role = origin"))
        else:
            query = text("select sql from sqlite_master where type = 'trigger' and tbl_name = 'audit_event'")
            triggers = session.scalars(query).all()
            for verb in ("update", "delete"):
                session.execute(text(f"drop trigger audit_event_no_{verb}"))
            session.execute(text(statement))
            for trigger in triggers:
                session.execute(text(trigger))


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found(database: Database, how: str) -> None:
    record_three(database)
    with database.reading() as session:
        assert recording.verify_chain(session) == 3
    tamper(database, TAMPERING[how])
    with database.reading() as session, pytest.raises(ChainBroken, match="audit trail"):
        recording.verify_chain(session)


def test_the_operator_checks_it_with_a_command(
    database: Database, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_three(database)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    told = CliRunner().invoke(main, ["db", "audit"])
    assert (told.exit_code, told.output) == (0, "The audit trail is whole: 3 events.\n")
    tamper(database, TAMPERING["an actor changed"])
    told = CliRunner().invoke(main, ["db", "audit"])
    assert told.exit_code != 0
    assert "does not fit together at event 2" in told.output
