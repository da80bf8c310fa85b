"""Kept pages: what is given again is what would be made anew, whoever changed something, and nobody else's."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.demo.clock import SteppingClock
from registry.demo.walk import Walk
from registry.domain.roles import Role
from registry.files import FileStore
from registry.http.kept_pages import KeptPage, KeptPages
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.review import Assignment

from support.clock import Clock
from support.page_forms import Browser
from support.town import Town

WATCHERS = ("officer", "reviewer1", "intake", "chair", "registrar1", "auditor", "verifier1")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kept pages that were given, in order."""
    seen: list[str] = []
    fill = KeptPage.text

    def noted(page: KeptPage) -> str:
        text = fill(page)
        seen.append(text)
        return text

    monkeypatch.setattr(KeptPage, "text", noted)
    return seen


def plain(page: str) -> str:
    """Return a page without the token of its forms, which every answer has of its own."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page)


def pages_of(town: Town) -> KeptPages:
    kept: KeptPages = town.app.extensions["registry.kept_pages"]
    return kept


def anew(town: Town, browser: Browser, path: str) -> str:
    """Return a page that is made with nothing kept."""
    pages_of(town).forget()
    return browser.see(path)


def test_a_page_is_given_again_with_a_token_that_works(town: Town, given: list[str]) -> None:
    case = town.walk(until="submitted")
    intake = town.browser("intake")
    for path in ("/cases", f"/cases/{case}"):
        first = intake.see(path)
        before = len(given)
        again = intake.see(path)
        assert len(given) == before + 1
        assert plain(again) == plain(first)
        assert "csrf_token" in again
    intake.do(f"/cases/{case}", f"/cases/{case}/act", {"action": "open"})
    assert "Declare your interests" in intake.see(f"/cases/{case}")


class _Stops:
    """A clock that lets others look each time that somebody acts by it, with all that was done before committed."""

    def __init__(self, session: Session, at: datetime, look: Callable[[], None]) -> None:
        self.session, self.at, self.look = session, at, look

    def __call__(self) -> datetime:
        self.session.commit()
        self.look()
        return self.at


def test_at_every_step_of_a_case_a_kept_page_is_the_one_that_would_be_made(
    town: Town, given: list[str]
) -> None:
    town.make_owner("ada")
    browsers = {name: town.browser(name) for name in WATCHERS}
    looks = 0

    def look() -> None:
        nonlocal looks
        names = [WATCHERS[(looks + number) % len(WATCHERS)] for number in range(2)]
        looks += 1
        for name in names:
            for path in (f"/cases/{case.id}", "/cases", "/cases?show=waiting"):
                address = browsers[name].address(path)
                answer = browsers[name].client.get(address)
                held = pages_of(town)
                town.app.extensions["registry.kept_pages"] = KeptPages()
                fresh = browsers[name].client.get(address)
                town.app.extensions["registry.kept_pages"] = held
                assert (answer.status_code, plain(answer.text)) == (fresh.status_code, plain(fresh.text))

    with Session(town.database.engine, expire_on_commit=False) as session:
        clock = SteppingClock(town.clock(), timedelta())
        walk = Walk(session, FileStore(town.evidence), town._cast(), clock)
        case = walk.apply(town._story())
        walk.submit(case, town.people["ada"])
        walk.clock = _Stops(session, town.clock(), look)  # type: ignore[assignment]  # it is called, no more
        walk.open(case)
        walk.identify(case)
        walk.judge(case, {})
        walk.release(walk.decide(case))
        session.commit()
        look()
    assert looks > 40
    assert len(given) > looks / 2, "most looks find a page that is still true"


def change(town: Town, statement: object) -> None:
    with town.database.transaction() as session:
        session.execute(statement)  # type: ignore[call-overload]


def test_a_change_by_any_hand_is_seen_at_once(town: Town) -> None:
    case = town.walk(until="review")
    officer, path = town.browser("officer"), f"/cases/{case}"
    assert "Renamed" not in officer.see(path)
    change(town, update(Account).where(Account.id == town.people["reviewer1"]).values(name="Renamed"))
    assert "Renamed" in officer.see(path)
    ended = update(Assignment).where(
        Assignment.application_id == case, Assignment.account_id == town.people["reviewer1"]
    )
    change(town, ended.values(ended_at=town.clock()))
    assert "Renamed<br><span" not in officer.see(path)


def test_another_process_needs_not_be_told(town: Town) -> None:
    case = town.walk(until="submitted")
    here, path = town.browser("intake"), f"/cases/{case}"
    assert "Declare your interests" not in here.see(path)
    other = create_app(
        town.app.extensions["registry.settings"], clock=town.clock, database=town.database
    ).test_client()
    cookie = here.client.get_cookie("session", domain="localhost")
    assert cookie is not None
    other.set_cookie("session", cookie.value, domain="localhost")
    Browser(other).do(path, f"{path}/act", {"action": "open"})
    assert "Declare your interests" in here.see(path)


def test_a_role_that_was_taken_away_opens_nothing_that_was_kept(town: Town) -> None:
    case = town.walk(until="submitted")
    intake, path = town.browser("intake"), f"/cases/{case}"
    intake.see(path)
    grant = update(RoleGrant).where(
        RoleGrant.account_id == town.people["intake"], RoleGrant.role == Role.INTAKE_OFFICER
    )
    change(town, grant.values(revoked_at=town.clock()))
    intake.see(path, 404)
    assert str(case) not in intake.see("/cases")


def test_nobody_gets_what_was_kept_for_somebody_else(town: Town, given: list[str]) -> None:
    case = town.walk(until="review")
    path = f"/cases/{case}"
    seen = {name: town.browser(name).see(path) for name in ("officer", "reviewer1", "auditor")}
    assert not given
    assert len({plain(page) for page in seen.values()}) == 3
    stranger = town.browser("editor")
    stranger.see(path, 404)
    assert town.app.test_client().get(f"/en{path}").status_code == 302
    assert '<html lang="pl">' in town.browser("officer", "pl").see(path)
    assert not given


def test_a_deadline_that_passes_changes_a_page_without_any_change_in_the_database(
    town: Town, clock: Clock, given: list[str]
) -> None:
    case = town.walk(until="submitted")
    due = clock() + timedelta(minutes=30)
    change(town, update(Application).where(Application.id == case).values(due_at=due))
    intake = town.browser("intake")
    for path in ("/cases", f"/cases/{case}"):
        assert "overdue" not in intake.see(path)
    clock.advance(minutes=29)
    for path in ("/cases", f"/cases/{case}"):
        assert "overdue" not in intake.see(path)
    assert len(given) == 2
    clock.advance(minutes=2)
    for path in ("/cases", f"/cases/{case}"):
        assert "overdue" in intake.see(path)


def test_a_message_that_is_shown_once_is_not_kept(town: Town) -> None:
    case = town.walk(until="submitted")
    intake, path = town.browser("intake"), f"/cases/{case}"
    intake.do(path, f"{path}/act", {"action": "open"})
    assert "Done:" in intake.see(path)
    assert "Done:" not in intake.see(path)


@contextmanager
def statements(town: Town) -> Iterator[list[str]]:
    """Collect what is asked by way of the engine."""
    seen: list[str] = []

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(town.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(town.database.engine, "before_cursor_execute", note)


def test_every_question_of_a_kept_page_is_on_its_trail(town: Town) -> None:
    case = town.walk(until="review")
    browser = town.browser("officer")
    for path in ("/cases", f"/cases/{case}"):
        browser.see(path)
        pages_of(town).forget()
        with statements(town) as seen:
            browser.see(path)
        asked = [one for one in seen if not one.startswith("BEGIN") and "FROM web_session" not in one]
        (page,) = pages_of(town)._pages.values()
        assert [one for one, _ in page.trail.questions] == asked
