"""Administration: roles of one's own body and no other, what is published, policies in force."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from registry.config import Settings
from registry.domain.roles import Role
from registry.editions import EditionChange, EditionStore, Rework
from registry.models.account import Account
from registry.models.institution import WorkItem
from registry.services import accounts

from support.published import publish
from support.town import Town


@pytest.mark.parametrize("page", ["", "/people", "/policies", "/publishing", "/work"])
@pytest.mark.parametrize("name", ["stranger", "officer", "reviewer1"])
def test_administration_is_not_for_everybody(town: Town, name: str, page: str) -> None:
    town.browser(name).see(f"/admin{page}", 403)


def test_an_administrator_gives_and_ends_a_role(town: Town) -> None:
    administrator = town.browser("administrator")
    administrator.do(
        "/admin/people", body=str(town.body_id), email="stranger@agency.example", role="reviewer"
    )
    seen = administrator.see("/admin/people")
    assert "Stranger Person" in seen
    row = seen.split("Stranger Person", 1)[1]
    end = re.search(r'action="(/en/admin/people/[0-9a-f-]+/end)"', row)
    assert end is not None
    administrator.do("/admin/people", end[1])
    assert "Stranger Person" not in administrator.see("/admin/people")


def test_a_role_for_an_unknown_address_is_refused_at_its_field(town: Town) -> None:
    answer = town.browser("administrator", "pl").send(
        "/admin/people", body=str(town.body_id), email="nobody@agency.example", role="reviewer"
    )
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert "Nie ma konta z tym adresem." in answer.text
    assert 'value="nobody@agency.example"' in answer.text


def test_a_role_that_excludes_another_is_refused_where_it_was_chosen(town: Town) -> None:
    answer = town.browser("administrator").send(
        "/admin/people", body=str(town.body_id), email="registrar1@agency.example", role="administrator"
    )
    assert answer.status_code == 409
    assert "never its" in answer.text
    assert 'href="#role"' in answer.text
    assert 'value="registrar1@agency.example"' in answer.text


def test_policies_and_publishing_are_shown_to_registrars(town: Town) -> None:
    registrar = town.browser("registrar1")
    assert town.policy.version in registrar.see("/admin/policies")
    assert "Nothing has been published yet." in registrar.see("/admin/publishing")
    registrar.see("/admin/people", 403)


def test_the_operator_sees_every_body_and_the_open_work(town: Town) -> None:
    with town.database.transaction() as session:
        accounts.record_grant(session, town.people["stranger"], Role.OPERATOR, actor=None, at=town.clock())
    operator = town.browser("stranger")
    assert "Invented Agency" in operator.see("/admin/people")
    assert "Nothing waits." in operator.see("/admin/work")
    assert "/policy-drafts" not in operator.see("/admin/policies")
    assert "/policy-drafts" in town.browser("registrar1").see("/admin/policies")


def test_open_work_is_told_in_words_and_in_pages(town: Town) -> None:
    with town.database.transaction() as session:
        accounts.record_grant(session, town.people["stranger"], Role.OPERATOR, actor=None, at=town.clock())
        for number in range(21):
            relation = {"kind": "successor", "label": "Nowa Szkoła", "target": "ror:x"}
            session.add(
                WorkItem(
                    kind="succeeded_by",
                    key=f"ror:{number:02}",
                    detail={"name": f"Stara Szkoła {number:02}", "relations": [relation]},
                    opened_at=town.clock(),
                )
            )
    operator = town.browser("stranger")
    first, second = operator.see("/admin/work"), operator.see("/admin/work?page=2")
    assert "Another institution came after it: Stara Szkoła 00" in first
    assert "successor: Nowa Szkoła" in first
    assert "Stara Szkoła 20" not in first
    assert "Stara Szkoła 20" in second


def operators(town: Town) -> None:
    with town.database.transaction() as session:
        for name in ("operator1", "operator2"):
            row = Account(
                name=f"{name.capitalize()} Person",
                email=f"{name}@registry.example",
                password_hash="nobody",
                language="en",
                active=True,
                created_at=town.clock(),
            )
            session.add(row)
            session.flush()
            accounts.record_grant(session, row.id, Role.OPERATOR, actor=None, at=town.clock())
            town.people[name] = row.id


def test_two_operators_let_somebody_read_the_whole_registry_and_change_nothing(town: Town) -> None:
    operators(town)
    case = town.walk(until="review")
    first, second, reader = (town.browser(name) for name in ("operator1", "operator2", "stranger"))
    given = {"body": "registry", "email": "stranger@agency.example"}
    assert first.send("/admin/people", **given, role="registrar").status_code == 422
    first.do("/admin/people", **given, role="auditor")
    assert "waits for another operator" in first.see("/admin/people")
    assert "confirm-role" not in first.see("/admin/people")
    assert "another operator has confirmed it" in reader.see("/admin/audit", 403)
    reader.see(f"/cases/{case}", 404)
    confirm = re.search(r'action="(/en/admin/people/[0-9a-f-]+/confirm-role)"', second.see("/admin/people"))
    assert confirm is not None
    second.do("/admin/people", confirm[1])
    assert "application.open_review" in reader.see("/admin/audit")
    assert "Invented College" in reader.see(f"/cases/{case}/evidence")
    assert reader.client.get(f"/en/cases/{case}/record.zip").status_code == 200
    reader.see("/admin/people", 403)
    administrator = town.browser("administrator").see("/admin/people")
    assert "The whole registry" not in administrator


ASIDE = "Broken: no key at /srv/registry"


@pytest.fixture
def broken(town: Town, tmp_path: Path) -> Town:
    """A town with a published list, of which one format could not be built since, nor a list of the whole registry."""
    town.walk(until="released")
    publish(town, tmp_path / "keys")
    found: Settings = town.app.extensions["registry.settings"]
    since, again = town.clock(), town.clock() + timedelta(minutes=4)
    rework = (
        Rework("invented", "native_json", "1", again, since, 3, ASIDE),
        Rework("registry", "lotl_xml", "1", again, since, 1, "Broken: of the whole registry"),
        Rework("invented", "csv", "1", again, since),
    )
    with EditionStore(found.editions, found.base_url) as store:
        edition = store.edition()
        assert edition is not None
        store.apply(EditionChange(edition.number + 1, since, rework=rework))
    return town


def test_the_operator_sees_what_was_set_aside_with_its_reason(broken: Town) -> None:
    with broken.database.transaction() as session:
        accounts.record_grant(
            session, broken.people["stranger"], Role.OPERATOR, actor=None, at=broken.clock()
        )
    seen = broken.browser("stranger").see("/admin/publishing")
    aside = seen.split('id="aside"')[1].split("</ul>")[0]
    for words in (ASIDE, "3 attempts", "native_json", "09:04", "of the whole registry", "1 attempt."):
        assert words in aside
    assert "csv" not in aside, "what merely waits is no trouble"
    assert "3 próby" in broken.browser("stranger", "pl").see("/admin/publishing")


def test_a_body_sees_that_its_own_list_was_set_aside_but_not_the_inner_reason(broken: Town) -> None:
    seen = broken.browser("registrar1").see("/admin/publishing")
    assert "native_json" in seen.split('id="aside"')[1].split("</ul>")[0]
    assert ASIDE not in seen
    assert "lotl_xml" not in seen


def test_nothing_is_said_of_trouble_where_there_is_none(town: Town, tmp_path: Path) -> None:
    town.walk(until="released")
    publish(town, tmp_path / "keys")
    assert 'id="aside"' not in town.browser("registrar1").see("/admin/publishing")
