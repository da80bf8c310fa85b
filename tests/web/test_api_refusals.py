"""What the API refuses on the way of a case: wrong people, stale versions, bad input. Each refusal is a problem document."""

import socket
import ssl
import uuid
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from registry.database import Database
from registry.domain.roles import Role
from registry.models.institution import Institution
from registry.outbound import Outbound
from registry.policy_files import available
from registry.services import accounts

from support.callers import Callers
from support.clock import Clock
from support.town import POLICY, SCOPE, Town, found


@pytest.fixture
def town(app: Flask, database: Database, clock: Clock) -> Town:
    return found(app, database, clock)


@pytest.fixture
def callers(town: Town) -> Callers:
    return Callers(town)


@pytest.fixture
def draft(callers: Callers) -> Callers:
    callers.town.make_owner("ada")
    callers.start()
    return callers


@pytest.fixture
def opened(draft: Callers) -> Callers:
    draft.hand_in()
    draft.name_key()
    draft.submit()
    draft.step("intake", "open")
    officer = part(draft, "officer", "case_officer")
    draft.refuse(403, "intake", "POST", f"{draft.case}/assignments", officer)
    draft.declare("intake")
    draft.make("intake", "POST", f"{draft.case}/assignments", officer)
    return draft


def part(callers: Callers, name: str, role: str) -> dict[str, str]:
    return {"account_id": str(callers.town.people[name]), "role": role}


def fields(problem: dict[str, Any]) -> set[str]:
    return {error["field"] for error in problem["errors"]}


NEW = {"names": {"en": "New School"}, "legal_name": "New School Ltd", "country": "PL", "locality": "Town",
       "street": "1 Street", "postal_code": "00-001", "kind": "other_provider"}  # fmt: skip


def test_an_institution_that_is_not_here_is_registered_and_claimed(callers: Callers) -> None:
    made = callers.make("ada", "POST", "/institutions", NEW)
    assert made["facts"]["names"][0]["text"] == "New School"
    assert callers.get("stranger", f"/institutions/{made['id']}") == made
    claim = callers.make("ada", "POST", f"/institutions/{made['id']}/claims", {"statement": "I founded it."})
    assert [one["id"] for one in callers.items("ada", "/me/claims")] == [claim["id"]]
    assert callers.items("ada", "/me/institutions") == []
    again = {"statement": "Once more."}
    callers.refuse(409, "ada", "POST", f"/institutions/{made['id']}/claims", again)


UNREGISTRABLE: list[tuple[dict[str, Any], set[str]]] = [
    ({"owned": True}, {"owned"}),
    ({"names": {}}, {"names"}),
    ({"names": {"not a tag": "x"}}, {"names.not a tag.key"}),
    ({"legal_name": None, "street": "a\nb"}, {"legal_name", "street"}),
    ({"country": "ZZ"}, {"country"}),
    ({"kind": "university of nothing"}, {"kind"}),
    ({"identifiers": [{"scheme": "ror", "value": "nonsense"}]}, {"identifiers.0"}),
    ({"identifiers": [{"scheme": "ror", "value": "x", "more": 1}]}, {"identifiers.0.more"}),
]


def test_an_institution_that_cannot_be_registered_names_each_field(callers: Callers) -> None:
    for changes, named in UNREGISTRABLE:
        assert fields(callers.refuse(422, "ada", "POST", "/institutions", NEW | changes)) == named, changes


def test_only_those_who_judge_claims_see_and_judge_them(callers: Callers) -> None:
    path = f"/institutions/{callers.town.institution_id}/claims"
    claim = callers.make("ada", "POST", path, {"statement": "By resolution."})
    word = {"confirmed": True, "basis": "Seen."}
    callers.refuse(403, "stranger", "GET", "/claims")
    callers.refuse(404, "stranger", "GET", f"/claims/{claim['id']}")
    callers.refuse(404, "stranger", "POST", f"/claims/{claim['id']}/words", word)
    callers.refuse(403, "ada", "POST", f"/claims/{claim['id']}/words", word)
    callers.refuse(
        422, "verifier1", "POST", f"/claims/{claim['id']}/words", {"confirmed": "yes", "basis": "x"}
    )
    callers.make("verifier1", "POST", f"/claims/{claim['id']}/words", word)
    callers.refuse(403, "verifier1", "POST", f"/claims/{claim['id']}/words", word)
    assert callers.get("ada", f"/claims/{claim['id']}")["words"] == [], (
        "who judged is not told to the claimant"
    )
    callers.make("verifier2", "POST", f"/claims/{claim['id']}/words", word | {"confirmed": False})
    assert callers.get("ada", f"/claims/{claim['id']}")["state"] == "refused"
    assert callers.items("ada", "/me/institutions") == []


def test_policies_and_the_self_check_need_no_account(town: Town) -> None:
    client, policy = town.app.test_client(), town.policy
    page = client.get("/api/v1/policies").get_json()
    assert POLICY in {one["id"] for one in page["items"]}
    shown = client.get(f"/api/v1/policies/{POLICY}").get_json()
    assert shown["sha256"] == available(None)[POLICY, policy.version].sha256
    assert [c["id"] for c in shown["document"]["criteria"]] == [c.id for c in policy.criteria]
    first = policy.criteria[0]
    value = policy.scale_of(first).values[-1].id
    answer = client.post(f"/api/v1/policies/{POLICY}/self-check", json={"answers": {first.id: value}})
    found = answer.get_json()
    assert first.id not in found["unanswered"]
    assert len(found["unanswered"]) == len(policy.criteria) - 1
    assert found["outcome"] != "recognize"
    assert found["explanation"]
    assert found["because"]["pl"]
    assert "Set-Cookie" not in answer.headers


UNREADABLE_ANSWERS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"answers"}),
    ({"answers": {}}, {"answers"}),
    ({"answers": {"A1": "splendid"}}, {"answers.A1"}),
    ({"answers": {"Z99": "met"}}, {"answers.Z99"}),
    ({"answers": {"A1": "met"}, "evidence": ["none"]}, {"evidence.none"}),
    ({"answers": {"A1": "met"}, "save": True}, {"save"}),
]


def test_a_self_check_that_cannot_be_read_names_each_field(town: Town) -> None:
    client = town.app.test_client()
    for body, named in UNREADABLE_ANSWERS:
        answer = client.post(f"/api/v1/policies/{POLICY}/self-check", json=body)
        assert (answer.status_code, fields(answer.get_json(force=True))) == (422, named), body


def test_a_policy_that_is_not_there_is_not_found(town: Town) -> None:
    client = town.app.test_client()
    assert client.get("/api/v1/policies/none").status_code == 404
    assert client.get(f"/api/v1/policies/{POLICY}?version=9.9.9").status_code == 404


UNREADABLE_IDENTITIES: list[tuple[dict[str, str], set[str]]] = [
    ({"kind": "did", "value": "did:nonsense"}, {"value"}),
    ({"kind": "x509", "value": "no certificate"}, {"value"}),
    ({"kind": "jwk", "value": '{"kty": "oct", "k": "AA"}'}, {"value"}),
    ({"kind": "did", "value": "did:key:z6Mk", "secret": "x"}, {"secret"}),
    ({"kind": "password", "value": "x"}, {"kind"}),
    ({"kind": "platform", "value": "did:web:platform.example"}, {"platform_id", "profile_id"}),
    ({"kind": "domain", "value": "college.example", "environment": "test"}, {"environment"}),
]


def test_an_identity_that_cannot_be_read_names_each_field(draft: Callers) -> None:
    for body, named in UNREADABLE_IDENTITIES:
        problem = draft.refuse(422, "ada", "POST", f"{draft.case}/identities", body)
        assert {error["field"] for error in problem.get("errors", [])} == named, problem


def test_an_identity_is_the_applicants_until_its_case_is_opened(draft: Callers) -> None:
    body = {"kind": "domain", "value": "college.example"}
    draft.refuse(404, "stranger", "POST", f"{draft.case}/identities", body)
    draft.refuse(404, "verifier1", "GET", f"{draft.case}/identities")
    made = draft.make("ada", "POST", f"{draft.case}/identities", body)
    assert made["challenge_address"].startswith("https://college.example/.well-known/")
    path = f"/identities/{made['id']}"
    for method in ("GET", "DELETE"):
        draft.refuse(404, "stranger", method, path)
    draft.refuse(404, "stranger", "POST", f"{path}/proof", {"proof": "x"})
    draft.refuse(404, "verifier1", "POST", f"{path}/confirmations")
    draft.refuse(403, "ada", "POST", f"{path}/proof", {"proof": "x"})
    fresh = draft.call("ada", "POST", f"{path}/challenge").get_json()
    assert fresh["challenge"] != made["challenge"]
    assert draft.call("ada", "DELETE", path).status_code == 204
    draft.refuse(404, "ada", "GET", path)
    assert draft.items("ada", f"{draft.case}/identities") == []


def test_a_signature_of_another_key_proves_nothing(draft: Callers) -> None:
    draft.name_key()
    held = draft.did
    draft.refuse(409, "ada", "POST", f"{draft.case}/identities", {"kind": "did", "value": held})
    other = Callers(draft.town, case=draft.case, tokens=draft.tokens)
    other.name_key()
    one, two = draft.items("ada", f"{draft.case}/identities")
    assert {one["value"], two["value"]} == {held, other.did}
    wrong = draft.refuse(422, "ada", "POST", f"/identities/{one['id']}/proof", {"proof": "AAAA"})
    assert fields(wrong) == {"proof"}
    draft.refuse(409, "ada", "DELETE", f"/identities/{one['id']}")


def test_the_file_stays_shut_until_interests_are_declared_and_locks_on_a_conflict(opened: Callers) -> None:
    case = opened.case
    inside = [
        f"{case}/evidence",
        f"{case}/checks",
        f"{case}/identities",
        f"{case}/report",
        f"{case}/submission",
    ]
    for path in inside:
        assert "declare" in opened.refuse(403, "officer", "GET", path)["detail"]
    rules = [rule["id"] for rule in opened.get("officer", f"{case}/declaration")["rules"]]
    clean = {rule: {"yes": False} for rule in rules}
    unexplained = opened.refuse(
        422, "officer", "POST", f"{case}/declaration", {"answers": clean | {rules[0]: {"yes": True}}}
    )
    assert fields(unexplained) == {f"answers.{rules[0]}"}
    short = opened.refuse(422, "officer", "POST", f"{case}/declaration", {"answers": {}})
    assert fields(short) == {f"answers.{rule}" for rule in rules}
    foreign = {"answers": clean | {"COI-none": {"yes": False}}}
    assert fields(opened.refuse(422, "officer", "POST", f"{case}/declaration", foreign)) == {
        "answers.COI-none"
    }
    conflict = {"answers": clean | {rules[0]: {"yes": True, "text": "I worked there."}}}
    assert opened.make("officer", "POST", f"{case}/declaration", conflict)["outcome"] != "clean"
    for path in inside:
        assert "conflict" in opened.refuse(403, "officer", "GET", path)["detail"]
    opened.refuse(409, "officer", "POST", f"{case}/declaration", {"answers": clean})
    row = next(r for r in opened.items("ada", f"{case}/evidence") if r["file_name"])
    opened.refuse(403, "officer", "GET", row["content"].removeprefix("/api/v1"))


def test_parts_are_given_by_those_and_to_those_the_rules_name(opened: Callers) -> None:
    case = opened.case
    verifier = part(opened, "verifier1", "identity_verifier")
    opened.refuse(403, "officer", "POST", f"{case}/assignments", verifier)
    opened.refuse(403, "intake", "POST", f"{case}/assignments", part(opened, "stranger", "identity_verifier"))
    opened.refuse(403, "intake", "GET", f"{case}/candidates?role=panel_chair")
    opened.refuse(422, "intake", "GET", f"{case}/candidates")
    opened.refuse(422, "intake", "POST", f"{case}/assignments", verifier | {"role": "owner"})
    opened.make("intake", "POST", f"{case}/assignments", verifier)
    opened.refuse(409, "intake", "POST", f"{case}/assignments", verifier)
    assert opened.call("intake", "DELETE", f"{case}/assignments/{verifier['account_id']}").status_code == 204
    opened.refuse(404, "intake", "DELETE", f"{case}/assignments/{verifier['account_id']}")
    rows = {one["name"]: one for one in opened.items("intake", f"{case}/assignments")}
    assert rows["Verifier1 Person"]["ended_at"]
    assert rows["Intake Person"]["declaration"] == "clean"


def test_the_bodys_side_of_a_case_is_not_there_for_its_applicant_nor_for_strangers(opened: Callers) -> None:
    for path in (
        "assignments",
        "declaration",
        "timeline",
        "checks",
        "ratings",
        "agreement",
        "report",
        "proposal",
        "motion",
    ):
        for name in ("ada", "stranger"):
            opened.refuse(404, name, "GET", f"{opened.case}/{path}")
    rows = opened.items("ada", f"{opened.case}/evidence")
    assert {row["provided_by"] for row in rows} == {"applicant"}


def test_a_file_of_one_case_is_not_handed_out_through_another(opened: Callers) -> None:
    row = next(r for r in opened.items("ada", f"{opened.case}/evidence") if r["file_name"])
    other = row["content"].replace(opened.case, f"/applications/{uuid.uuid4()}").removeprefix("/api/v1")
    opened.refuse(404, "ada", "GET", other)
    opened.refuse(404, "stranger", "GET", row["content"].removeprefix("/api/v1"))
    opened.refuse(404, "ada", "GET", f"{opened.case}/evidence/{uuid.uuid4()}/content")


def test_stale_acts_are_conflicts(opened: Callers) -> None:
    old = opened.version("intake")
    opened.declare("officer")
    opened.step("intake", "confirm_complete")
    body = {"action": "withdraw_application", "version": old}
    assert "identity" in opened.refuse(409, "ada", "POST", f"{opened.case}/steps", body)["detail"]
    opened.refuse(422, "ada", "POST", f"{opened.case}/steps", {"action": "withdraw_application"})
    assert opened.state("ada") == "identity_check"


def test_sizes_and_types_are_limited(draft: Callers) -> None:
    path, token = f"{draft.case}/identities", draft.headers("ada")
    client = draft.town.app.test_client()
    text = client.post(f"/api/v1{path}", data="kind=did", content_type="text/plain", headers=token)
    assert text.status_code == 415
    large = client.post(
        f"/api/v1{path}", data=BytesIO(b" " * (2**20 + 1)), content_type="application/json", headers=token
    )
    assert large.status_code == 413
    long = {"kind": "did", "value": "d" * 70_000}
    assert fields(draft.refuse(422, "ada", "POST", path, long)) == {"value"}
    odd = {"kind": "did", "value": "did:key:\x00"}
    assert fields(draft.refuse(422, "ada", "POST", path, odd)) == {"value"}


SIGNED_IN = [
    ("GET", "/institutions"),
    ("GET", "/claims"),
    ("GET", "/me/claims"),
    ("GET", "/bodies"),
    ("POST", "/institutions"),
    ("GET", f"/identities/{uuid.UUID(int=1)}"),
    ("POST", f"/motions/{uuid.UUID(int=1)}/votes"),
    ("POST", f"/decisions/{uuid.UUID(int=1)}/release"),
    ("POST", f"/issuers/{uuid.UUID(int=1)}/hearings"),
    ("GET", f"/applications/{uuid.UUID(int=1)}/evidence"),
]


def test_nobody_without_a_token_gets_anywhere(town: Town) -> None:
    client = town.app.test_client()
    for method, path in SIGNED_IN:
        answer = client.open(f"/api/v1{path}", method=method, json={} if method == "POST" else None)
        assert (answer.status_code, answer.content_type) == (401, "application/problem+json"), path


def test_rating_voting_deciding_and_releasing_are_refused_to_the_wrong_people_and_at_the_wrong_time(
    callers: Callers,
) -> None:
    callers.town.make_owner("ada")
    callers.start()
    callers.hand_in()
    callers.name_key()
    callers.submit()
    callers.open()
    callers.identify()
    callers.compose_panel()
    while_rating(callers)
    callers.review()
    report = {"summary": "Again.", "version": callers.version("reviewer1")}
    callers.refuse(409, "reviewer1", "POST", f"{callers.case}/report", report)
    callers.refer()
    before_the_committee(callers)
    before_the_release(callers)


def while_rating(callers: Callers) -> None:
    case, first = callers.case, callers.town.policy.criteria[0]
    path, rating = f"{case}/ratings/{first.id}", callers.rating(first)
    callers.refuse(403, "officer", "PUT", path, rating)
    callers.refuse(404, "stranger", "PUT", path, rating)
    assert fields(callers.refuse(422, "reviewer1", "PUT", path, rating | {"value": "splendid"})) == {"value"}
    assert fields(callers.refuse(422, "reviewer1", "PUT", path, rating | {"author": "x"})) == {"author"}
    assert fields(callers.refuse(422, "reviewer1", "PUT", f"{case}/ratings/Z99", rating)) == {"criterion"}
    cited = rating | {"cited_evidence": ["none"]}
    assert fields(callers.refuse(422, "reviewer1", "PUT", path, cited)) == {"cited_evidence"}
    callers.refuse(409, "reviewer1", "PUT", f"{case}/agreement/{first.id}", rating)
    callers.refuse(403, "reviewer2", "GET", f"{case}/agreement")
    report = {"summary": "Too early.", "version": callers.version("reviewer1")}
    callers.refuse(409, "reviewer1", "POST", f"{case}/report", report)
    callers.refuse(409, "officer", "GET", f"{case}/proposal")


def before_the_committee(callers: Callers) -> None:
    case = callers.case
    callers.refuse(404, "member1", "GET", f"{case}/motion")
    callers.refuse(403, "reviewer1", "GET", f"{case}/proposal")
    callers.refuse(403, "member1", "POST", f"{case}/motion", {"outcome": "recognize"})
    assert fields(callers.refuse(422, "chair", "POST", f"{case}/motion", {"outcome": "refuse"})) == {
        "reasons"
    }
    wider: dict[str, Any] = {
        "outcome": "recognize",
        "scope": {"grants": [{"fields": ["01"], "countries": ["DE"]}]},
    }
    unread = fields(callers.refuse(422, "chair", "POST", f"{case}/motion", wider))
    assert unread == {"scope.grants.0.credential_types"}
    wider["scope"] = {"grants": [SCOPE["grants"][0] | {"fields": ["01"]}]}
    assert "scope" in fields(callers.refuse(422, "chair", "POST", f"{case}/motion", wider))
    motion = callers.make("chair", "POST", f"{case}/motion", {"outcome": "recognize"})
    vote = f"/motions/{motion['id']}/votes"
    callers.refuse(403, "officer", "POST", vote, {"ballot": "for"})
    callers.refuse(422, "member1", "POST", vote, {"ballot": "maybe"})
    callers.make("member1", "POST", vote, {"ballot": "for"})
    callers.refuse(409, "member1", "POST", vote, {"ballot": "against"})
    assert callers.get("member1", f"{case}/motion")["tally"]["present"] == 1
    hidden = callers.get("member2", f"{case}/motion")
    assert (hidden["tally"], {m["ballot"] for m in hidden["members"]}) == (None, {None})
    callers.refuse(409, "chair", "POST", f"{case}/decision", {"version": callers.version("chair")})
    for name in ("chair", "member2", "member3", "member4"):
        callers.make(name, "POST", vote, {"ballot": "for"})
    callers.refuse(409, "chair", "POST", f"{case}/decision", {"version": callers.version("chair") + 1})


def before_the_release(callers: Callers) -> None:
    case = callers.case
    decision = callers.make("chair", "POST", f"{case}/decision", {"version": callers.version("chair")})
    first, second = (f"/decisions/{decision['id']}/{name}" for name in ("first-signature", "release"))
    for name in ("ada", "stranger", "reviewer1"):
        callers.refuse(404, name, "GET", f"{case}/decision")
    callers.refuse(409, "registrar1", "POST", second)
    callers.refuse(403, "chair", "POST", first)
    callers.refuse(404, "stranger", "POST", first)
    callers.make("registrar1", "POST", first)
    callers.refuse(409, "registrar2", "POST", first)
    callers.refuse(403, "registrar1", "POST", second)
    released = callers.make("registrar2", "POST", second)
    callers.refuse(409, "registrar2", "POST", second)
    while_listed(callers, released["issuer_id"])


def while_listed(callers: Callers, issuer: str) -> None:
    path = f"/issuers/{issuer}/hearings"
    notice = {"proposed": "suspend", "ground": "misleading_use_of_recognition", "notice": "Why?"}
    callers.refuse(404, "stranger", "POST", path, notice)
    callers.refuse(403, "reviewer1", "POST", path, notice)
    assert fields(callers.refuse(422, "officer", "POST", path, notice | {"notice": ""})) == {"notice"}
    assert fields(callers.refuse(422, "officer", "POST", path, notice | {"proposed": "refuse"})) == {
        "proposed"
    }
    opened = callers.make("officer", "POST", path, notice)
    callers.refuse(409, "officer", "POST", path, notice)
    answer = f"/applications/{opened['application_id']}/hearing/answer"
    callers.refuse(403, "officer", "POST", answer, {"answer": "For them."})
    callers.refuse(404, "stranger", "POST", answer, {"answer": "For them."})
    callers.make("ada", "POST", answer, {"answer": "Nothing."})
    callers.refuse(409, "ada", "POST", answer, {"answer": "Something."})
    body = {"kind": "domain", "value": "college.example"}
    callers.refuse(403, "stranger", "POST", f"/issuers/{issuer}/identities", body)
    made = callers.make("ada", "POST", f"/issuers/{issuer}/identities", body)
    assert [one["id"] for one in callers.items("verifier1", f"/issuers/{issuer}/identities")] == [made["id"]]
    assert "challenge" not in callers.get("verifier1", f"/identities/{made['id']}")
    callers.refuse(409, "verifier1", "POST", f"/identities/{made['id']}/confirmations")
    body_id = callers.items("officer", "/bodies")[0]["id"]
    callers.refuse(404, "stranger", "GET", f"/bodies/{body_id}/issuers")


def nowhere(_name: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def test_what_cannot_be_fetched_proves_nothing(draft: Callers) -> None:
    outside = Outbound(nowhere, socket.create_connection, ssl.create_default_context())  # type: ignore[arg-type]
    draft.town.app.extensions["registry.outbound"] = outside
    path = f"{draft.case}/identities"
    domain = draft.make("ada", "POST", path, {"kind": "domain", "value": "college.example"})
    draft.refuse(404, "stranger", "POST", f"/identities/{domain['id']}/domain-proof")
    unread = draft.refuse(422, "ada", "POST", f"/identities/{domain['id']}/domain-proof")
    did = draft.make("ada", "POST", path, {"kind": "did", "value": "did:web:college.example"})
    unresolved = draft.refuse(422, "ada", "POST", f"/identities/{did['id']}/proof", {"proof": "AAAA"})
    assert fields(unread) == fields(unresolved) == {"proof"}
    assert [one["proofs"] for one in draft.items("ada", path)] == [[], []]


def test_a_profile_on_a_platform_is_confirmed_by_the_platform_alone(draft: Callers) -> None:
    town = draft.town
    with town.database.transaction() as session:
        platform = Institution(
            slug="platform", name="Invented Platform", country="PL", kind="platform", folded="invented platform",
            owned=True, created_at=town.clock(),
        )  # fmt: skip
        session.add(platform)
        session.flush()
        platform_id = platform.id
        accounts.record_grant(
            session,
            town.people["stranger"],
            Role.OWNER,
            institution_id=platform_id,
            actor=None,
            at=town.clock(),
        )
    body = {"kind": "platform", "value": "did:web:platform.example", "profile_id": "college-7"}
    made = draft.make("ada", "POST", f"{draft.case}/identities", body | {"platform_id": str(platform_id)})
    confirmation = f"/identities/{made['id']}/profile-confirmation"
    draft.refuse(404, "ada", "GET", f"/institutions/{platform_id}/profiles")
    draft.refuse(403, "ada", "POST", confirmation)
    waiting = draft.items("stranger", f"/institutions/{platform_id}/profiles")
    assert [(one["id"], one["profile_id"], one.get("challenge")) for one in waiting] == [
        (made["id"], "college-7", None)
    ]
    proven = draft.make("stranger", "POST", confirmation)
    assert [proof["method"] for proof in proven["proofs"]] == ["platform_confirmation"]
    draft.refuse(409, "stranger", "POST", confirmation)
