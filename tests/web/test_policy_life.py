"""Policies in the making on pages and by the API: two people, wrong roles, stale texts, nothing typed is lost."""

import dataclasses
import re
import uuid
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.app import create_app
from registry.config import Settings
from registry.database import Database
from registry.domain.roles import Role
from registry.domain.trust_list import PostalAddress
from registry.models.policy_draft import PolicyDraft
from registry.policy_files import load_policy, read_lock
from registry.policy_files.editing import section_text, with_word
from registry.services import accounts, bodies, policy_drafts, sessions
from registry.services.bodies import NewBody

from support.clock import Clock
from support.town import Town, found


def begun(town: Town, version: str = "1.2.0") -> str:
    """Begin a draft as the editor; return its path."""
    where = town.browser("editor").do("/policy-drafts", "/policy-drafts", version=version)
    assert re.fullmatch(r"/en/policy-drafts/[0-9a-f-]{36}", where)
    return where.removeprefix("/en")


def source_of(town: Town, draft: str) -> bytes:
    with town.database.transaction() as session:
        return session.get_one(PolicyDraft, uuid.UUID(draft.rsplit("/", 1)[1])).source


def save(town: Town, draft: str, text: str, language: str = "en") -> str:
    return town.browser("editor", language).do(f"{draft}/edit", text=text)


def test_an_editor_drafts_and_an_approver_adopts_on_pages(town: Town) -> None:
    editor, approver = town.browser("editor"), town.browser("approver")
    draft = begun(town)
    text = source_of(town, draft).decode()
    assert "knock_out: true" in text
    save(town, draft, text.replace("knock_out: true", "knock_out: false", 1))
    shown = editor.see(f"{draft}/changes")
    assert "loosens: 1" in shown
    assert "<del>yes</del>" in shown
    assert "Open cases under older versions" in shown
    closes = (town.clock().date() + timedelta(days=10)).isoformat()
    editor.do(draft, f"{draft}/consultation", closes_on=closes, public="y", publishes_comments="y")
    approver.see(draft)
    assert "The consultation still runs" in approver.see(draft)
    editor.do(draft, f"{draft}/consultation")
    approver.do(draft, f"{draft}/adopt")
    assert "Adopted" in approver.see(draft)
    policy = f"/policies/{town.policy.id}"
    public = town.browser("stranger")
    assert "loosens: 1" in public.see(f"{policy}/diff/1.0.0/1.2.0")
    assert "What changed from 1.1.0 to 1.2.0" in public.see(policy)
    assert f"{policy}/diff/1.1.0/1.2.0" in public.see(policy)
    with town.database.transaction() as session:
        row = policy_drafts.newest_adopted(session, town.body_id, town.policy.id)
        assert row is not None
        assert row.version == "1.2.0"
        assert town.app.test_client().get(f"/api/v1{policy}").json["sha256"] == row.sha256  # type: ignore[index]


@pytest.mark.parametrize("name", ["ada", "stranger"])
@pytest.mark.parametrize("page", ["", "/edit", "/changes", "/preview", "/text", "/file"])
def test_a_draft_is_not_there_for_people_without_a_role(town: Town, name: str, page: str) -> None:
    draft = begun(town)
    town.browser(name).see(f"{draft}{page}", 403)


@pytest.mark.parametrize("page", ["", "/edit", "/changes", "/preview", "/text", "/file"])
def test_a_draft_is_not_there_for_an_editor_of_another_body(town: Town, page: str) -> None:
    draft = begun(town)
    with town.database.transaction() as session:
        rival = NewBody(
            slug="rival",
            legal_name="Invented Rival",
            names={"en": "Rival", "pl": "Rywal"},
            address=PostalAddress("3 Main Street", "Town", "00-003", "PL"),
            email="office@rival.example",
            website="https://rival.example",
        )
        other = bodies.create_body(session, rival, actor="operator", at=town.clock())
        accounts.record_grant(
            session,
            town.people["stranger"],
            Role.POLICY_EDITOR,
            body_id=other.id,
            actor=None,
            at=town.clock(),
        )
    stranger = town.browser("stranger")
    stranger.see(f"{draft}{page}", 404)
    assert draft not in stranger.see("/policy-drafts")


def test_other_people_of_the_body_see_a_draft_only_while_it_is_in_consultation(town: Town) -> None:
    draft = begun(town)
    town.browser("officer").see(draft, 404)
    closes = (town.clock().date() + timedelta(days=10)).isoformat()
    town.browser("editor").do(draft, f"{draft}/consultation", closes_on=closes)
    town.browser("officer").do(draft, f"{draft}/comments", text="Well <done>.")
    seen = town.browser("editor").see(draft)
    assert "Well &lt;done&gt;." in seen
    assert "Officer Person" in seen


def test_an_editor_cannot_adopt_and_an_approver_cannot_edit(town: Town) -> None:
    draft = begun(town)
    town.browser("approver").see(f"{draft}/edit", 403)
    token = town.browser("editor").form(draft, f"{draft}/consultation").values["csrf_token"][0]
    answer = town.browser("editor").client.post(f"/en{draft}/adopt", data={"csrf_token": token})
    assert answer.status_code == 403


def test_errors_are_named_by_line_and_key_and_the_text_is_kept(town: Town) -> None:
    draft = begun(town)
    text = source_of(town, draft).decode().replace("weight: 2", "weight: heavy", 1)
    line = text.split("weight: heavy")[0].count("\n") + 1
    save(town, draft, text, "pl")
    assert source_of(town, draft).decode() == text
    seen = unescape(town.browser("editor", "pl").see(f"{draft}/edit"))
    assert f"Wiersz {line}" in seen
    assert re.search(r"<code>criteria\.\d+\.weight</code>: Tu musi być liczba, a jest `heavy`\.", seen)
    assert f'href="/pl{draft}/text#L{line}"' in seen
    assert f'id="L{line}"' in town.browser("editor", "pl").see(f"{draft}/text")
    assert "A text with problems cannot be adopted." in town.browser("approver").see(draft)
    answer = town.browser("editor").client.post(
        f"/en{draft}/consultation",
        data={
            "csrf_token": town.browser("editor").form(draft, f"{draft}/abandon").values["csrf_token"][0],
            "version": town.browser("editor").form(draft, f"{draft}/abandon").values["version"][0],
            "closes_on": "2030-01-01",
        },
    )
    assert answer.status_code == 422


def test_one_section_is_edited_by_itself(town: Town) -> None:
    draft = begun(town)
    before = source_of(town, draft).decode()
    section = f"criteria.{town.policy.criteria[1].id}"
    page = f"{draft}/edit?section={section}"
    form = town.browser("editor").form(page, f"{draft}/edit")
    assert unescape(form.values["text"][0]).rstrip("\n") == section_text(before, section).rstrip("\n")
    new = section_text(before, section).replace("weight: ", "weight: 1", 1)
    town.browser("editor").do(page, f"{draft}/edit", text=new)
    after = source_of(town, draft).decode()
    assert after == before.replace(section_text(before, section), new)


def test_the_second_who_saves_sees_both_texts_and_loses_neither(town: Town) -> None:
    draft = begun(town)
    text = source_of(town, draft).decode()
    stale = town.browser("editor").form(f"{draft}/edit")
    save(town, draft, text + "# from the first\n")
    answer = town.browser("editor").send_form(stale, f"{draft}/edit", {"text": text + "# from the second\n"})
    assert answer.status_code == 409
    assert "# from the first" in answer.text
    assert "# from the second" in answer.text
    assert "compare both texts" in answer.text
    assert b"# from the second" not in source_of(town, draft)
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version is not None
    both = {"text": text + "# from the first\n# from the second\n", "version": version[1]}
    assert town.browser("editor").send_form(stale, f"{draft}/edit", both).status_code == 303
    assert source_of(town, draft).endswith(b"# from the first\n# from the second\n")


def test_a_text_that_cannot_be_saved_comes_back_in_the_page(town: Town) -> None:
    draft = begun(town)
    other = with_word(source_of(town, draft), ("policy", "id"), "another-policy").decode()
    answer = town.browser("editor").send(f"{draft}/edit", text=other + "# mine\n")
    assert answer.status_code == 422
    assert "# mine" in answer.text
    assert "never changes" in answer.text


def test_what_was_typed_survives_the_end_of_the_session(town: Town) -> None:
    draft = begun(town)
    form = town.browser("editor").form(f"{draft}/edit")
    typed = {**form.values, "text": "# an hour of work\n"}
    gone: FlaskClient = town.app.test_client()
    answer = gone.post(f"/en{draft}/edit", data=typed)
    assert answer.status_code in {400, 401}
    assert "# an hour of work" in answer.text
    assert f'action="/en{draft}/edit"' in answer.text
    secret = sessions.new_secret()
    with town.database.transaction() as session:
        who = town.people["editor"]
        data = {"_user_id": str(who), "_fresh": True}
        sessions.save_session(session, secret, data, account_id=who, at=town.clock())
    gone.set_cookie("session", secret)
    again = gone.post(f"/en{draft}/edit", data=typed)
    assert again.status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', again.text)
    assert token is not None
    answer = gone.post(f"/en{draft}/edit", data={**typed, "csrf_token": token[1]})
    assert answer.status_code == 303
    assert source_of(town, draft) == b"# an hour of work\n"


def test_a_public_consultation_is_read_by_all_commented_by_who_signs_in_and_names_nobody(town: Town) -> None:
    draft = begun(town)
    editor = town.browser("editor")
    closes = (town.clock().date() + timedelta(days=10)).isoformat()
    editor.do(draft, f"{draft}/consultation", closes_on=closes, public="y", publishes_comments="y")
    nobody = town.app.test_client()
    listed = nobody.get("/pl/consultations").text
    found_page = re.search(r'href="/pl(/consultations/[0-9a-f-]+)"', listed)
    assert found_page is not None
    page = found_page[1]
    seen = nobody.get(f"/en{page}").text
    assert "Sign in to comment" in seen
    assert town.policy.criteria[0].title["en"] in unescape(seen)
    assert nobody.post(f"/en{page}", data={"text": "x"}).status_code in {302, 303, 400, 401}
    stranger = town.browser("stranger")
    assert stranger.send(page, text="  ").status_code == 422
    stranger.do(page, text="Too strict for small providers.", place=town.policy.criteria[0].id)
    assert "Too strict" not in nobody.get(f"/en{page}").text
    comments = editor.see(draft)
    judge = re.search(rf'action="/en({draft}/comments/[0-9a-f-]+)"', comments)
    assert judge is not None
    editor.do(draft, judge[1], publish="yes")
    public = nobody.get(f"/en{page}").text
    assert "Too strict for small providers." in public
    assert "Stranger" not in public
    assert nobody.get(f"/api/v1{page}/comments").json["total"] == 1  # type: ignore[index]
    town.clock.advance(days=30)
    town.everybody_signs_in_again()
    assert "This consultation has ended" in nobody.get(f"/en{page}").text


def test_the_comparison_is_public_and_says_so_when_a_version_is_not_there(client: FlaskClient) -> None:
    policy = "/policies/esg-part1-microcredential-issuer"
    assert "The two versions say the same." in client.get(f"/en{policy}/diff/1.0.0/1.0.0").text
    assert client.get(f"/pl{policy}/diff/1.0.0/9.0.0").status_code == 404
    assert client.get(f"/api/v1{policy}/diff/1.0.0/1.0.0").json["changes"] == []  # type: ignore[index]


@pytest.fixture
def town_with_files(settings: Settings, database: Database, clock: Clock, tmp_path: Path) -> Town:
    """A town whose operator keeps policies in a directory."""
    directory = tmp_path / "kept"
    directory.mkdir()
    url = database.engine.url.render_as_string(hide_password=False)
    changed = dataclasses.replace(settings, database_url=url, policies=directory)
    app: Flask = create_app(changed, clock=clock, database=database)
    return found(app, database, clock)


def test_the_page_and_a_text_editor_write_the_same_file(town_with_files: Town) -> None:
    town = town_with_files
    settings: Settings = town.app.extensions["registry.settings"]
    assert settings.policies is not None
    draft = begun(town)
    editor = town.browser("editor")
    editor.do(draft, f"{draft}/file", do="write")
    path = settings.policies / town.policy.id / "1.2.0.yaml"
    assert path.read_bytes() == source_of(town, draft)
    assert "byte for byte" in editor.see(draft)
    public = town.app.test_client().get(f"/en/policies/{town.policy.id}").text
    assert "1.2.0" not in public, "a draft on disk is no policy in force"
    path.write_bytes(path.read_bytes() + b"# by hand\n")
    assert "was changed outside" in editor.see(draft)
    editor.do(draft, f"{draft}/file", do="read")
    assert source_of(town, draft).endswith(b"# by hand\n")
    town.browser("approver").do(draft, f"{draft}/adopt")
    editor.do(draft, f"{draft}/file", do="write")
    loaded = load_policy(path)
    assert loaded.policy.identity.status == "adopted"
    assert read_lock(settings.policies) == {loaded.key: loaded.sha256}
    assert editor.client.get(f"/en{draft}/file").data == loaded.source


def test_a_body_drives_the_life_of_a_policy_by_the_api(town: Town) -> None:
    client = town.app.test_client()

    def token(name: str) -> dict[str, str]:
        with town.database.transaction() as session:
            return {
                "Authorization": f"Bearer {sessions.create_token(session, town.people[name], name='t', at=town.clock())[0]}"
            }

    editor, approver, stranger = (token(name) for name in ("editor", "approver", "stranger"))
    new = {"body": "agency", "policy_id": town.policy.id, "base_version": "1.0.0", "version": "1.2.0"}
    assert client.post("/api/v1/policy-drafts", json=new, headers=approver).status_code == 403
    answer = client.post("/api/v1/policy-drafts", json=new, headers=editor)
    assert answer.status_code == 201, answer.text
    draft = answer.json
    address = f"/api/v1/policy-drafts/{draft['id']}"  # type: ignore[index]
    assert client.get(address, headers=stranger).status_code == 404
    text = draft["source"].replace("knock_out: true", "knock_out: false", 1)  # type: ignore[index]
    body = {"source": text, "version": draft["version"]}  # type: ignore[index]
    saved = client.put(f"{address}/text", json=body, headers=editor).json
    assert client.put(f"{address}/text", json={**body, "source": "a: 1\n"}, headers=editor).status_code == 409
    changes = client.get(f"{address}/changes", headers=editor).json
    assert changes["ways"]["loosens"] == 1  # type: ignore[index]
    assert changes["touched"]["cases"] == []  # type: ignore[index]
    adopt = {"version": saved["version"], "sha256": saved["adopts"]}  # type: ignore[index]
    assert client.post(f"{address}/adopt", json=adopt, headers=editor).status_code == 403
    answer = client.post(f"{address}/adopt", json=adopt, headers=approver)
    assert answer.status_code == 201, answer.text
    assert answer.json["sha256"] == saved["adopts"]  # type: ignore[index]
    assert client.get("/api/v1/policy-drafts", headers=stranger).json["items"] == []  # type: ignore[index]


def test_an_applicant_whose_case_may_move_is_asked_and_decides(town: Town) -> None:
    case = town.walk(until="draft")
    assert "newer version of the policy" not in town.browser("ada").see(f"/apply/{case}")
    draft = begun(town)
    path = ("policy", "transition", "cases_in_progress")
    save(town, draft, with_word(source_of(town, draft), path, "may_migrate").decode())
    assert "may move to the new version" in town.browser("editor").see(f"{draft}/changes")
    town.browser("approver").do(draft, f"{draft}/adopt")
    page = f"/apply/{case}"
    assert "There is a newer version of the policy" in town.browser("ada").see(page)
    town.browser("ada").do(page, f"{page}/policy-version")
    seen = town.browser("ada", "pl").see(page)
    assert "wersja 1.2.0" in seen
    assert "Jest nowsza wersja polityki" not in seen
