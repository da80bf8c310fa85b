"""Bodies see nothing of each other, and auditors change nothing: every address is called, as each role of a body.

The second body's things all carry a canary; whatever the first body's people call, it never sings.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.files import FileStore
from registry.http.access import PUBLIC
from registry.models.account import Account
from registry.models.application import Application
from registry.models.base import Base
from registry.models.body import Body
from registry.services import sessions
from registry.services.case_export import parts

from support.clock import Clock
from support.town import Town, found
from support.world import World

CANARY = "canarybird"
KNOWERS = ("auditor", "officer")
"""People who know of every case of their body: they call every address with every id."""
PEOPLE = (*KNOWERS, "intake", "administrator", "registrar1", "verifier1", "reviewer1", "chair", "ada")
WORDS = dict.fromkeys(("text", "reasons", "summary", "notice", "answer"), "Words enough to pass.") | {
    "action": "put_on_hold",
    "version": "1",
    "confirmed": "yes",
}
"""What forms ask for, so that a refusal is not for want of words."""
OWN = {
    "auth.",
    "api-accounts.",
    "api-oauth.",
    "reviewer.make_calendar_address",
    "reviewer.end_calendar_address",
}
"""Places where a person changes what is theirs: session, password, tokens, the address of their calendar."""


@pytest.fixture
def town(app: Flask, database: Database, clock: Clock) -> Town:
    return found(app, database, clock)


@pytest.fixture
def foreign(town: Town, database: Database, clock: Clock) -> Application:
    """A case under review at another body, and another that its committee has decided; everything about them sings."""
    with database.transaction() as session:
        files = FileStore(town.evidence)
        world = World(session, files, SteppingClock(clock()), slug=CANARY).build()
        institution = world.institution(
            "Invented School"
        )  # an institution is no secret; that it applied is one
        case = world.application(world.story(institution))
        world.walk.open(case)
        world.walk.identify(case)
        for account in session.scalars(select(Account).where(Account.email.contains(CANARY))):
            account.name = f"{account.name} {CANARY}"
        case.reference = f"{CANARY}-1"
        session.flush()
    clock.advance(days=1)
    return case


def ids_of(session: Session, case: Application) -> dict[str, set[str]]:
    """Return the ids of everything that belongs to a case, by table."""
    kept = {"application": {str(case.id)}, "institution": {str(case.institution_id)}}
    for part in parts():
        keys = list(part.table.primary_key)
        if len(keys) == 1 and "application_id" in part.table.c:
            query = select(keys[0]).where(part.table.c.application_id == case.id)
            kept[part.table.name] = {str(key) for key in session.scalars(query)}
    body = session.get_one(Body, session.get_one(Application, case.id).scheme.body_id)
    return kept | {"body": {str(body.id)}, "scheme": {str(case.scheme_id)}}


def addresses(app: Flask, methods: set[str], ids: dict[str, set[str]]) -> Iterator[tuple[Rule, str, str]]:
    """Yield every rule with each method and ways to fill in its ids: of the table that the name suggests, else of all."""
    everything = sorted(key for keys in ids.values() for key in keys)[:40]
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for values in _filled(rule, ids, everything):
            for method in sorted(methods & (rule.methods or set())):
                yield rule, method, _path(rule, values)


def _path(rule: Rule, values: dict[str, Any]) -> str:
    built = rule.build(values)
    assert built is not None, (rule, values)
    return built[1]


def _filled(rule: Rule, ids: dict[str, set[str]], everything: list[str]) -> list[dict[str, Any]]:
    values: dict[str, Any] = dict(rule.defaults or {})
    wanted: dict[str, list[str]] = {}
    for name in rule.arguments - values.keys():
        converter = type(rule._converters[name]).__name__
        if name == "lang":
            values[name] = "en"
        elif converter == "UUIDConverter":
            table = {"version_id": "evidence_version", "claim_id": "identity_claim"}.get(name, name[:-3])
            wanted[name] = sorted(ids.get(table) or everything)
        elif converter == "AnyConverter":
            values[name] = sorted(rule._converters[name].items)[0]
        else:
            values[name] = "1"
    longest = max((len(keys) for keys in wanted.values()), default=1)
    return [
        values | {name: uuid.UUID(keys[n % len(keys)]) for name, keys in wanted.items()}
        for n in range(min(longest, 3))
    ]


def caller(town: Town, name: str, clock: Clock) -> Callable[[str, str], Any]:
    """Return a way to call pages by session and the API by token."""
    browser = town.browser(name)
    with town.database.transaction() as session:
        secret, _row = sessions.create_token(session, town.people[name], name="test", at=clock())

    def call(method: str, path: str) -> Any:
        if path.startswith("/api/"):
            headers = {"Authorization": f"Bearer {secret}"}
            body = {} if method != "GET" else None
            return browser.client.open(path, method=method, headers=headers, json=body)
        return browser.client.open(path, method=method, data=WORDS if method != "GET" else None)

    return call


def test_nothing_of_another_body_is_found_anywhere(town: Town, foreign: Application, clock: Clock) -> None:
    """Every page, list, search, export and resource, with ids guessed right, as each role of the first body."""
    mine = town.walk(until="review")
    with town.database.reading() as session:
        ids = ids_of(session, session.get_one(Application, foreign.id))
        ids["application"].add(str(mine))
        secret_ids = ids["application"] - {str(mine)}
    sung = []
    for place, name in enumerate(PEOPLE):
        call = caller(town, name, clock)
        for number, (rule, method, path) in enumerate(addresses(town.app, {"GET"}, ids)):
            if rule.endpoint.startswith("root.") or any(rule.endpoint.startswith(own) for own in OWN):
                continue
            if place and not is_asked(town.app, rule, name, number + place):
                continue
            answer = call(method, path)
            if answer.status_code == 500:
                sung.append((name, path, answer.status_code))
            said = answer.data.replace(path.encode(), b"")
            if answer.status_code == 200 and heard(said, secret_ids) and not is_public(town, path):
                sung.append((name, path, answer.status_code))
    assert not sung, "\n".join(map(str, sung))


def is_asked(app: Flask, rule: Rule, name: str, turn: int) -> bool:
    """Whether somebody but the first calls an address: what is public is the same for all, and people take turns."""
    if PUBLIC in app.view_functions[rule.endpoint].__allowed__:  # type: ignore[attr-defined]
        return False
    return name in KNOWERS or turn % 3 == 0


def heard(said: bytes, secret_ids: set[str]) -> bool:
    return CANARY.encode() in said or any(key.encode() in said for key in secret_ids)


def is_public(town: Town, path: str) -> bool:
    """Whether everybody may read the address: an institution and a body are no secrets, their cases are."""
    return town.app.test_client().get(path).status_code == 200


def state_of(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that the database holds but what signing in leaves behind."""
    passing = {"web_session", "login_attempt", "access_token"}
    with database.reading() as session:
        return {
            table.name: sorted((tuple(map(str, row)) for row in session.execute(select(table))), key=str)
            for table in Base.metadata.sorted_tables
            if table.name not in passing
        }


def test_the_auditor_changes_nothing_whatever_is_sent(town: Town, clock: Clock) -> None:
    """Every address that takes POST, PUT, PATCH or DELETE, with the ids of a case that the auditor reads."""
    case_id = town.walk(until="review")
    town.app.config["WTF_CSRF_ENABLED"] = False  # what protects forms must not be what protects cases
    with town.database.reading() as session:
        ids = ids_of(session, session.get_one(Application, case_id))
    call = caller(town, "auditor", clock)
    before = state_of(town.database)
    accepted = []
    for rule, method, path in addresses(town.app, {"POST", "PUT", "PATCH", "DELETE"}, ids):
        if any(rule.endpoint.startswith(own) for own in OWN):
            continue
        answer = call(method, path)
        if answer.status_code == 500:
            accepted.append((rule.endpoint, path, answer.status_code))
    after = state_of(town.database)
    assert accepted == []
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}


STEPS = ("confirm_complete", "open_review", "put_on_hold", "take_up", "file_draft_report", "close")


def test_no_step_of_a_case_is_taken_by_its_auditor(town: Town, clock: Clock) -> None:
    case_id = town.walk(until="review")
    town.app.config["WTF_CSRF_ENABLED"] = False
    browser = town.browser("auditor")
    for step in STEPS:
        answer = browser.client.post(f"/en/cases/{case_id}/act", data={"action": step, "version": "1"})
        assert answer.status_code in {403, 404, 409}, (step, answer.status_code)
    page = browser.see(f"/cases/{case_id}")
    assert not re.search(r'<form method="post" action="/en/cases', page)
