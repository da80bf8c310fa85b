"""A format or an issuer that cannot be built stops nothing else: its last edition stands, an alarm is up till it works."""

import json
import logging
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from registry.domain.policy import Outcome
from registry.domain.recognition import Reason
from registry.errors import RegistryError
from registry.models.issuer import Issuer
from registry.publishers import STATEMENT
from registry.services import publication, publishing_material
from registry.services.outbox import announce
from registry.services.setbacks import LONGEST_PAUSE, pause_after
from registry.signing.jws import peek_compact

from support.formats import Plain, Pointing, Wide, formats
from support.world import Registry

KEY = ("agency-quality", "plain", "1")


@pytest.fixture
def plain() -> Iterator[Plain]:
    """A further format that fails on demand, one of the whole registry, and a list of lists."""
    format_ = Plain()
    with formats(format_, Wide(), of_lists=[Pointing()]):
        yield format_


def listed(registry: Registry, count: int = 1, scheme: str = "quality") -> list[str]:
    return [str(issuer) for issuer in registry.listed(count, scheme)]


def publish(registry: Registry, at: datetime | None = None) -> datetime:
    if at is None:
        registry.clock.skip(minutes=2)
        at = registry.clock()
    publication.publish(registry.publishing, at=at, at_once=True)
    return at


def sequence(registry: Registry, key: tuple[str, str, str]) -> int:
    head = registry.publishing.store.head(*key)
    return head.sequence if head else 0


def statuses(registry: Registry, name: str) -> dict[str, str]:
    document = registry.publishing.store.document(f"/lists/agency-quality/1/{name}")
    assert document is not None
    payload: Any = peek_compact(document.body).payload
    entries = json.loads(payload)["entries"] if name == "list.jws" else json.loads(b"[%b]" % payload)[1:]
    return {entry["id"]: entry["status"] for entry in entries}


def suspend(registry: Registry, issuer: str) -> None:
    with registry.world() as world:
        row = world.session.get_one(Issuer, uuid.UUID(issuer))
        world.walk.stop(row.id, world.owners[row.institution_id], Outcome.SUSPEND, Reason.CONDITION_MISSED)


def test_a_format_that_fails_keeps_its_last_edition_and_all_others_go_on(
    registry: Registry, plain: Plain
) -> None:
    (issuer,) = listed(registry)
    publish(registry)
    suspend(registry, issuer)
    plain.broken = True
    publish(registry)
    assert statuses(registry, "list.jws") == {issuer: "suspended"}
    assert statuses(registry, "plain.jws") == {issuer: "active"}
    (setback,) = registry.publishing.store.rework()
    assert setback.key == KEY
    assert setback.error == "Broken: cannot assemble"
    plain.broken = False
    publish(registry, setback.due_at)
    assert statuses(registry, "plain.jws") == {issuer: "suspended"}
    assert registry.publishing.store.rework() == []


def test_a_format_that_cannot_say_one_issuer_never_publishes_what_it_said_before(
    registry: Registry, plain: Plain
) -> None:
    one, other = listed(registry, 2)
    publish(registry)
    suspend(registry, one)
    suspend(registry, other)
    plain.refused.add(one)
    publish(registry)
    before = sequence(registry, KEY)
    assert statuses(registry, "plain.jws") == {one: "active", other: "active"}
    (setback,) = registry.publishing.store.rework()
    publish(registry, setback.due_at)
    assert sequence(registry, KEY) == before
    plain.refused.clear()
    (setback,) = registry.publishing.store.rework()
    publish(registry, setback.due_at)
    assert statuses(registry, "plain.jws") == {one: "suspended", other: "suspended"}


def test_what_failed_is_tried_again_after_pauses_that_double(registry: Registry, plain: Plain) -> None:
    listed(registry)
    plain.broken = True
    at = publish(registry)
    pauses = []
    for attempts in range(1, 9):
        setback = next(one for one in registry.publishing.store.rework() if one.key == KEY)
        assert (setback.attempts, setback.since) == (attempts, registry.publishing.store.rework()[0].since)
        pauses.append(setback.due_at - at)
        before = sequence(registry, ("agency-quality", "native_json", "1"))
        publish(registry, setback.due_at - timedelta(seconds=1))
        assert next(o for o in registry.publishing.store.rework() if o.key == KEY).attempts == attempts
        at = publish(registry, setback.due_at)
        assert sequence(registry, ("agency-quality", "native_json", "1")) <= before + 1
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert max(pauses) == LONGEST_PAUSE == pause_after(1_000)


def test_an_alarm_is_raised_with_fields(
    registry: Registry, plain: Plain, caplog: pytest.LogCaptureFixture
) -> None:
    listed(registry)
    plain.broken = True
    with caplog.at_level(logging.ERROR, "registry.services.setbacks"):
        publish(registry)
    record = next(r for r in caplog.records if r.__dict__["scheme"] == "agency-quality")
    assert (record.message, record.__dict__["format"], record.__dict__["attempts"]) == (
        "document set aside",
        "plain",
        1,
    )


def test_a_list_of_lists_that_fails_stops_nothing(
    registry: Registry, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pointing, "assemble", lambda *_: 1 / 0)
    listed(registry)
    publish(registry)
    assert sequence(registry, KEY) == 1
    (setback,) = registry.publishing.store.rework()
    assert setback.key == ("registry", "pointing", "1")
    monkeypatch.undo()
    publish(registry, setback.due_at)
    assert sequence(registry, ("registry", "pointing", "1")) == 1


def test_a_statement_that_cannot_be_signed_is_set_aside_and_the_round_goes_on(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = listed(registry, 2)
    build = STATEMENT.statement

    def statement(entry: Any, header: Any, signer: Any) -> Any:
        if entry.id == bad:
            raise RegistryError("not this one")
        return build(entry, header, signer)

    monkeypatch.setattr(type(STATEMENT), "statement", lambda _self, *rest: statement(*rest))
    publish(registry)
    assert registry.publishing.store.statement_head(good) is not None
    assert registry.publishing.store.statement_head(bad) is None
    assert set(statuses(registry, "list.jws")) == {bad, good}
    (setback,) = registry.publishing.store.rework()
    monkeypatch.undo()
    publish(registry, setback.due_at)
    assert registry.publishing.store.statement_head(bad) is not None
    assert registry.publishing.store.rework() == []


def test_an_issuer_whose_rows_make_no_entry_is_set_aside_and_joins_the_lists_later(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = listed(registry, 2)
    build = publishing_material.build_entries

    def entries(session: Any, issuers: Any) -> Any:
        if any(str(issuer.id) == bad for issuer in issuers):
            raise KeyError("country")
        return build(session, issuers)

    monkeypatch.setattr(publishing_material, "build_entries", entries)
    publish(registry)
    assert set(statuses(registry, "list.jws")) == {good}
    (setback,) = registry.publishing.store.rework()
    assert setback.key == ("agency-quality", "statement", bad)
    assert setback.error == "KeyError: 'country'"
    monkeypatch.undo()
    publish(registry, setback.due_at)
    assert set(statuses(registry, "list.jws")) == {bad, good}
    assert registry.publishing.store.rework() == []


def test_a_scheme_without_a_key_does_not_hold_up_the_others(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    quality, european = listed(registry) + listed(registry, 1, "european")
    sign = type(registry.publishing.keys).signer

    def signer(keys: Any, name: str, *rest: Any) -> Any:
        if name == "agency-european":
            raise RegistryError("the key is not there")
        return sign(keys, name, *rest)

    monkeypatch.setattr(type(registry.publishing.keys), "signer", signer)
    publish(registry)
    assert set(statuses(registry, "list.jws")) == {quality}
    failed = {one.key for one in registry.publishing.store.rework()}
    assert ("agency-european", "statement", european) in failed
    assert ("agency-european", "native_json", "1") in failed
    monkeypatch.undo()
    publish(registry, max(one.due_at for one in registry.publishing.store.rework()))
    assert registry.publishing.store.rework() == []


def test_a_failing_format_under_a_stream_of_decisions_stops_none_of_them(
    registry: Registry, plain: Plain
) -> None:
    issuers = listed(registry, 2)
    publish(registry)
    plain.broken = True
    for _ in range(4):
        with registry.world() as world:
            for issuer in world.session.scalars(select(Issuer)):
                announce(world.session, issuer, at=world.clock())
        publish(registry)
    assert sequence(registry, ("agency-quality", "native_json", "1")) == 5
    assert sequence(registry, KEY) == 1
    assert {registry.publishing.store.statement_head(issuer).sequence for issuer in issuers} == {5}  # type: ignore[union-attr]
