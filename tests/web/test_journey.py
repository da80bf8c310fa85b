"""One institution's whole way through the pages, as all the people it takes: from the claim to a suspension."""

import base64
import hashlib
import html
import io
import json
import re
import uuid
from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from registry.demo.walk import best_value, rating_for
from registry.domain.dids import did_key_from_ed25519
from registry.domain.policy import Criterion, Need, Policy
from registry.models.issuer import Issuer
from registry.services import reviews
from registry.services.trust_lists import status_events

from support.page_forms import Browser, forms_of
from support.town import Town

SEATS = {"reviewer2": "subject", "reviewer3": "learner", "reviewer4": "credential_technology"}
PANEL = ("reviewer1", *SEATS)
COMMITTEE = ("chair", "member1", "member2", "member3", "member4")


def test_an_institution_goes_from_claim_to_listing_and_is_suspended_after_a_hearing(town: Town) -> None:
    claim_institution(town)
    case = apply(town)
    submit(town, case)
    check(town, case)
    compose_panel(town, case)
    review(town, case)
    consider(town, case, "recognize")
    assert "/en/issuers/" not in town.browser("ada").see(f"/apply/{case}"), (
        "the decision is not told before release"
    )
    release(town, case)
    seen = town.browser("ada").see(f"/apply/{case}")
    assert "/en/issuers/invented-college" in seen
    assert standing(town) == ["active"]
    suspend(town)
    assert standing(town) == ["active", "suspended"]


def claim_institution(town: Town) -> None:
    ada = town.browser("ada")
    seen = ada.see("/apply/institutions?q=invented+college")
    claim = f"/apply/institutions/{town.institution_id}/claim"
    assert claim in seen
    ada.do(claim, statement="I am the rector's delegate.")
    assert "Awaiting confirmation" in ada.see("/apply")
    for name in ("verifier1", "verifier2"):
        verifier = town.browser(name)
        address = found_link(verifier, "/cases", r"/en/cases/claims/[0-9a-f-]+")
        verifier.do(address, confirmed="yes", basis="The extract of the register.")
    assert "Start an application" in ada.see("/apply")


def apply(town: Town) -> str:
    ada = town.browser("ada")
    address = ada.do("/apply/new", institution=str(town.institution_id), scheme=str(town.scheme_id))
    case = address.rsplit("/", 1)[1]
    page = f"/apply/{case}/scope"
    ada.do(
        page,
        fields={
            "grants.0.fields_new": "061",
            "grants.0.countries_new": "PL",
            "grants.0.credential_types": "micro_credential",
            "grants.0.levels": ["5", "6"],
            "grants.0.modes": "online",
            "do": "save",
        },
    )
    hand_in(town, ada, case)
    add_key(ada, case)
    return case


def hand_in(town: Town, ada: Browser, case: str) -> None:
    for criterion in town.policy.criteria:
        for item in criterion.evidence:
            if item.provided_by != "applicant" or not item.required:
                continue
            page = f"/apply/{case}/evidence/{criterion.id}"
            if item.kind in {"public_url", "declaration"}:
                ada.do(page, f"{page}/{item.id}", text=f"https://college.example/{item.id}")
            else:
                upload = FileStorage(io.BytesIO(f"Evidence {item.id}".encode()), f"{item.id}.txt")
                ada.do(page, f"{page}/{item.id}", file=upload)


def add_key(ada: Browser, case: str) -> None:
    key = Ed25519PrivateKey.generate()
    did = did_key_from_ed25519(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    address = ada.do(f"/apply/{case}/keys", kind="did", text=did)
    ada.do(address, proof=base64.b64encode(key.sign(challenge_on(ada.see(address)).encode())).decode())
    assert "Proven" in ada.see(f"/apply/{case}/keys")


def challenge_on(page: str) -> str:
    match = re.search(r"<pre[^>]*><code>(registry-proof-of-control:[^<]+)</code>", page)
    assert match is not None
    return html.unescape(match[1])


def submit(town: Town, case: str) -> None:
    ada = town.browser("ada")
    address = ada.do(f"/apply/{case}/check", f"/apply/{case}/submit", declared="y")
    seen = ada.see(address)
    manifest = ada.client.get(f"/en/apply/{case}/manifest.json")
    assert hashlib.sha256(manifest.data).hexdigest() in seen
    assert json.loads(manifest.data)["reference"] in seen


def step(town: Town, name: str, case: str, action: str) -> None:
    town.browser(name).do(f"/cases/{case}", f"/cases/{case}/act", {"action": action})


def declare(town: Town, name: str, case: str) -> None:
    browser, page = town.browser(name), f"/cases/{case}/declaration"
    rules = {n for n in browser.form(page).names if n.startswith("COI-") and not n.endswith("-text")}
    browser.do(page, fields=dict.fromkeys(rules, "no"))


def give(town: Town, by: str, case: str, role: str, name: str, seat: str | None = None) -> None:
    browser, page = town.browser(by), f"/cases/{case}/people"
    form, place = next(
        (form, place)
        for form in forms_of(browser.see(page))
        for place in range(8)
        if form.values.get(f"role-{place}") == [role]
        and (seat is None or form.values[f"seat-{place}"][0] in {seat, ""})
    )
    fields = {f"person-{place}": str(town.people[name])} | ({f"seat-{place}": seat} if seat else {})
    answer = browser.send_form(form, page, fields)
    assert answer.status_code == 303, answer.text[-2000:]
    declare(town, name, case)


def check(town: Town, case: str) -> None:
    assert f"/en/cases/{case}" in town.browser("intake").see("/cases")
    step(town, "intake", case, "open")
    declare(town, "intake", case)
    give(town, "intake", case, "case_officer", "officer")
    give(town, "intake", case, "identity_verifier", "verifier1")
    give(town, "intake", case, "identity_verifier", "verifier2")
    step(town, "intake", case, "confirm_complete")
    for criterion in town.policy.criteria:
        for item in criterion.evidence:
            if item.provided_by == "body":
                page = f"/cases/{case}/evidence"
                town.browser("verifier1").do(page, f"{page}/{item.id}", text="Called back; confirmed.")
    for name in ("verifier1", "verifier2"):
        verifier = town.browser(name)
        verifier.do(
            f"/cases/{case}/keys",
            found_link(verifier, f"/cases/{case}/keys", rf"/en/cases/{case}/keys/[0-9a-f-]+"),
        )
    answer_eligibility(town, case)
    step(town, "verifier2", case, "confirm_identity")


def answer_eligibility(town: Town, case: str) -> None:
    """The case officer answers with yes what the policy asks a person."""
    page = f"/cases/{case}/eligibility"
    for check in town.policy.eligibility:
        if check.check is None:
            officer = town.browser("officer")
            officer.do(page, f"{page}/{check.id}", passed="yes", reasons="The documents show it.")


def found_link(browser: Browser, page: str, pattern: str) -> str:
    match = re.search(pattern, browser.see(page))
    assert match is not None, f"{page} has no {pattern}"
    return match[0]


def compose_panel(town: Town, case: str) -> None:
    give(town, "officer", case, "panel_chair", "reviewer1", "chair")
    for name, seat in SEATS.items():
        give(town, "officer", case, "panel_member", name, seat)
    step(town, "officer", case, "propose_panel")
    town.browser("ada").do(f"/apply/{case}/panel", f"/apply/{case}/panel/accept-panel")
    for action in ("appoint_panel", "open_review"):
        step(town, "officer", case, action)


def rating_fields(policy: Policy, criterion: Criterion) -> dict[str, str | list[str]]:
    value = best_value(policy.scale_of(criterion).values)
    cited = [e.id for e in criterion.evidence if e.required]
    return {"value": value.id} | ({"cited_evidence": cited} if Need.CITED_EVIDENCE in value.requires else {})


def review(town: Town, case: str) -> None:
    policy = town.policy
    for name in PANEL:
        pages = policy.criteria if name == PANEL[0] else policy.criteria[:2]
        for criterion in pages:
            fields = rating_fields(policy, criterion)
            town.browser(name).do(f"/cases/{case}/rating/{criterion.id}", fields=fields)
        assert name == PANEL[-1] or "All ratings" not in town.browser(name).see(f"/cases/{case}/rating")
        rate_the_rest(town, case, name, policy.criteria[len(pages) :])
    assert "All ratings side by side" in town.browser("reviewer2").see(f"/cases/{case}/rating")
    for criterion in policy.criteria:
        town.browser("reviewer1").do(
            f"/cases/{case}/agreement/{criterion.id}", fields=rating_fields(policy, criterion)
        )
    report(town, case)


def report(town: Town, case: str) -> None:
    """The chair files the draft, the institution has no remark on its facts, the chair files the final report."""
    chair, page = town.browser("reviewer1"), f"/cases/{case}/report"
    chair.do(page, text="The panel has looked at all evidence.")
    step(town, "reviewer1", case, "send_for_factual_check")
    town.browser("ada").do(f"/apply/{case}/facts", f"/apply/{case}/facts/end")
    assert "The panel has looked at all evidence." in chair.see(page)
    chair.do(page)


def rate_the_rest(town: Town, case: str, name: str, criteria: Sequence[Criterion]) -> None:
    """Rate without the page what would be the same page again."""
    with town.database.transaction() as session:
        for criterion in criteria:
            rating = rating_for(town.policy, criterion, None)
            reviews.rate_alone(session, uuid.UUID(case), rating, actor=town.people[name], at=town.clock())


def consider(town: Town, case: str, outcome: str) -> None:
    seat_committee(town, case)
    step(town, "officer", case, "refer_to_committee")
    vote(town, case, outcome)


def seat_committee(town: Town, case: str) -> None:
    for name in COMMITTEE:
        give(town, "officer", case, "committee_chair" if name == "chair" else "committee_member", name)


def vote(town: Town, case: str, outcome: str) -> None:
    page = f"/cases/{case}/committee"
    chair = town.browser("chair")
    assert f'value="{outcome}" checked' in chair.see(page), "the proposal is chosen beforehand"
    chair.do(page, f"{page}/motion", outcome=outcome)
    for name in COMMITTEE:
        town.browser(name).do(page, f"{page}/vote", ballot="for")
    chair.do(page, f"{page}/decide")


def release(town: Town, case: str) -> None:
    page = f"/cases/{case}/release"
    assert f"/en{page}" in town.browser("registrar1").see("/cases")
    town.browser("registrar1").do(page, f"{page}/first")
    assert "Another registrar gives the second signature" in town.browser("registrar1").see(page)
    town.browser("registrar2").do(page, f"{page}/second")


def suspend(town: Town) -> None:
    officer = town.browser("officer")
    issuer = found_link(officer, "/cases/issuers", r"/en/cases/issuers/[0-9a-f-]+")
    unsaid = officer.send(f"{issuer}/hearing", notice="You advertise what you are not.")
    assert unsaid.status_code == 422, "no measure is chosen beforehand"
    address = officer.do(
        f"{issuer}/hearing",
        measure="suspend:misleading_use_of_recognition",
        notice="You advertise what you are not.",
    )
    case = address.rsplit("/", 1)[1]
    declare(town, "officer", case)
    ada = town.browser("ada")
    assert "You advertise what you are not." not in ada.see(f"/apply/{case}/hearing")
    ada.do(f"/apply/{case}/hearing", f"/apply/{case}/hearing/open")
    assert "You advertise what you are not." in ada.see(f"/apply/{case}/hearing")
    assert f"/apply/{case}/withdraw" not in ada.see(f"/apply/{case}")
    ada.do(f"/apply/{case}/hearing", text="We have taken the page down.")
    seat_committee(town, case)
    step(town, "officer", case, "close_hearing")
    assert "We have taken the page down." in town.browser("member1").see(f"/cases/{case}/committee")
    vote(town, case, "suspend")
    release(town, case)


def standing(town: Town) -> list[str]:
    with town.database.transaction() as session:
        return [event.status.value for one in issuers(session) for event in status_events(one)]


def issuers(session: Session) -> Iterator[Issuer]:
    return iter(session.scalars(select(Issuer)))
