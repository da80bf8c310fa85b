"""The straight path and its detours in real browsers, as all the people it takes, on a registry as an operator runs it."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.demo.walk import best_value
from registry.domain.dids import did_key_from_ed25519
from registry.domain.policy import Criterion, Need, Policy
from registry.domain.roles import Role
from registry.policy_files import available

from support.browser import PASSWORD
from support.chromium import Person, Value, chromium
from support.components import require_chromium
from support.live import SCHEME, SHORT_POLICY, Live, address, live, until
from support.prepared import case_of, issuer_slug
from support.town import STAFF

SEATS = {
    "reviewer1": "chair",
    "reviewer2": "subject",
    "reviewer3": "learner",
    "reviewer4": "credential_technology",
}
COMMITTEE = ("chair", "member1", "member2", "member3", "member4")
VOTERS = COMMITTEE[:3]
"""As many as make the quorum."""
JUDGES = ("judge1", "judge2", "judge3")
OTHERS = {**dict.fromkeys(JUDGES, Role.APPEALS_MEMBER), "listener": Role.COMPLAINTS_OFFICER}
LIST = f"/lists/{SCHEME}/1/list.jws"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A registry with a body, its staff and a scheme, served."""
    require_chromium()
    found = live(tmp_path_factory.mktemp("live"))
    found.set_up(STAFF | OTHERS)
    with found.served():
        yield found


class People:
    """Who takes part, each at a browser of their own."""

    def __init__(self, browser, registry: Live) -> None:
        self.browser, self.registry = browser, registry
        self.complaints: list[str] = []
        self.known: dict[str, Person] = {}

    def new(self, *, scripts: bool = True) -> Person:
        """Return somebody whom the registry does not know."""
        return Person(self.browser, self.registry.base, self.complaints, scripts=scripts)

    def __getitem__(self, name: str) -> Person:
        if name not in self.known:
            self.known[name] = self.new().sign_in(address(name))
        return self.known[name]


@pytest.fixture
def people(registry: Live) -> Iterator[People]:
    with chromium(require_chromium()) as browser:
        people = People(browser, registry)
        yield people
        assert people.complaints == []


def test_the_first_pages_and_the_sign_in_work_without_scripts(people: People) -> None:
    plain = people.new(scripts=False)
    for path, words in (("/", "Check"), ("/sign-in", "Password"), ("/about", "registry")):
        assert words in plain.see(path)
    plain.sign_in(address("auditor"))
    assert "Auditor Person" in plain.text


def test_an_institution_goes_from_sign_up_to_a_verified_list_by_keyboard_alone(
    people: People, registry: Live, tmp_path: Path
) -> None:
    policy = available(registry.policies)[SHORT_POLICY, "1.0.0"].policy
    claim(people)
    case = apply(people, policy, tmp_path)
    check(people, policy, case)
    review(people, policy, case)
    decide(people, case)

    until(lambda: "Invented College" in payload(registry.document(LIST, seconds=60)) or None, seconds=90)
    assert registry.verify(LIST)["ok"] is True
    public = people.new(scripts=False)
    page = public.link("/issuers?q=college", r"/en/issuers/[a-z0-9-]+")
    seen = public.see(page)
    assert "Recognized" in seen
    assert "Did the committee follow the proposal? Yes" in seen


def payload(jws: bytes) -> str:
    """Return what a signed list says, unverified."""
    part = jws.split(b".")[1]
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)).decode()


def claim(people: People) -> None:
    ada = people.new()
    email = "ada@college.example"
    ada.send("/sign-up", name="Ada Person", email=email, password=PASSWORD, language="en")
    people.known["ada"] = ada.sign_in(email)
    address = ada.send(
        "/apply/institutions/new",
        legal_name="Invented College",
        name_en="Invented College",
        kind="higher_education_institution",
        country="PL",
        street="2 Main Street",
        postal_code="00-002",
        locality="Town",
        website="https://college.example",
    )
    ada.send(address, statement="I am the rector's delegate.")
    for name in ("verifier1", "verifier2"):
        verifier = people[name]
        address = verifier.link("/cases", r"/en/cases/claims/[0-9a-f-]+")
        verifier.send(address, confirmed="yes", basis="The extract of the register.")


def apply(people: People, policy: Policy, folder: Path) -> str:
    ada = people["ada"]
    ada.open("/apply/new")
    for name in ("institution", "scheme"):
        ada.choose(ada.page.locator(f"main input[name={name}]").first)
    case = ada.send("/apply/new").removeprefix("/en/apply/")
    scope: dict[str, Value] = {
        "grants.0.fields_new": "061",
        "grants.0.countries_new": "PL",
        "grants.0.credential_types": "micro_credential",
        "grants.0.levels": ["5", "6"],
        "grants.0.modes": "online",
    }
    ada.send(f"/apply/{case}/scope", fields=scope, press="[name=do][value=save]")
    for criterion in policy.criteria:
        for item in criterion.evidence:
            if item.provided_by == "applicant" and item.required:
                hand_in(ada, f"/apply/{case}/evidence/{criterion.id}", item.id, item.kind, folder)
    add_key(ada, case)
    ada.send(f"/apply/{case}/check", f"/apply/{case}/submit", press="", declared="y")
    return case


def hand_in(ada: Person, page: str, item: str, kind: str, folder: Path) -> None:
    if kind in {"public_url", "declaration"}:
        ada.send(page, f"{page}/{item}", text=f"https://college.example/{item}")
        return
    file = folder / f"{item}.txt"
    file.write_text(f"Evidence {item}")
    ada.send(page, f"{page}/{item}", file=file)


def add_key(ada: Person, case: str) -> None:
    key = Ed25519PrivateKey.generate()
    did = did_key_from_ed25519(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    address = ada.send(f"/apply/{case}/keys", kind="did", text=did)
    challenge = ada.page.locator("main pre code").first.inner_text()
    assert challenge.startswith("registry-proof-of-control:")
    ada.send(address, proof=base64.b64encode(key.sign(challenge.encode())).decode())
    assert "Proven" in ada.see(f"/apply/{case}/keys")


def step(people: People, name: str, case: str, action: str) -> None:
    people[name].page.reload(wait_until="domcontentloaded")
    people[name].send(f"/cases/{case}", f"/cases/{case}/act", press=f"[value={action}]")


def declare(people: People, name: str, case: str) -> None:
    person = people[name]
    person.open(f"/cases/{case}/declaration")
    form = person.page.locator("main form[method=post]").first
    for answer in form.locator("input[type=radio][value=no]").all():
        person.choose(answer)
    person.fill(form, {})


def give(people: People, by: str, case: str, role: str, name: str, **seat: str) -> None:
    giver = people[by]
    giver.open(f"/cases/{case}/people")
    rows = giver.page.locator("main fieldset", has=giver.page.locator(f"input[name^=role-][value={role}]"))
    if seat:
        rows = rows.filter(has=giver.page.locator(f"input[name^=seat-][value={seat['seat']}]"))
    row = rows.first
    place = row.locator("select[name^=person-]").get_attribute("name")
    option = row.locator("option", has_text=f"{name.capitalize()} Person").first.get_attribute("value")
    assert option
    assert place
    giver.fill(row.locator("xpath=ancestor::form"), {place: option})
    declare(people, name, case)


def check(people: People, policy: Policy, case: str) -> None:
    step(people, "intake", case, "open")
    declare(people, "intake", case)
    give(people, "intake", case, "case_officer", "officer")
    for verifier in ("verifier1", "verifier2"):
        give(people, "intake", case, "identity_verifier", verifier)
    step(people, "intake", case, "confirm_complete")
    for item in (item for criterion in policy.criteria for item in criterion.evidence):
        if item.provided_by == "body":
            page = f"/cases/{case}/evidence"
            people["verifier1"].send(page, f"{page}/{item.id}", text="Called back; confirmed.")
    for name in ("verifier1", "verifier2"):
        people[name].send(f"/cases/{case}/keys", f"/cases/{case}/keys/")
    page = f"/cases/{case}/eligibility"
    for check in (check for check in policy.eligibility if check.check is None):
        people["officer"].send(page, f"{page}/{check.id}", passed="yes", reasons="The documents show it.")
    step(people, "verifier2", case, "confirm_identity")
    for name, seat in SEATS.items():
        role = "panel_chair" if seat == "chair" else "panel_member"
        give(people, "officer", case, role, name, seat=seat)
    step(people, "officer", case, "propose_panel")
    people["ada"].send(f"/apply/{case}/panel", "/accept-panel")
    for action in ("appoint_panel", "open_review"):
        step(people, "officer", case, action)


def rating_of(policy: Policy, criterion: Criterion) -> dict[str, Value]:
    value = best_value(policy.scale_of(criterion).values)
    cited = [item.id for item in criterion.evidence if item.required]
    return {"value": value.id} | ({"cited_evidence": cited} if Need.CITED_EVIDENCE in value.requires else {})


def review(people: People, policy: Policy, case: str) -> None:
    for name in SEATS:
        for criterion in policy.criteria:
            people[name].send(f"/cases/{case}/rating/{criterion.id}", fields=rating_of(policy, criterion))
    chair = people["reviewer1"]
    for criterion in policy.criteria:
        chair.send(f"/cases/{case}/agreement/{criterion.id}", fields=rating_of(policy, criterion))
    filing = "[value=file]"
    chair.send(f"/cases/{case}/report", press=filing, text="The panel has looked at all evidence.")
    step(people, "reviewer1", case, "send_for_factual_check")
    people["ada"].send(f"/apply/{case}/facts", "/facts/end")
    chair.send(f"/cases/{case}/report", press=filing)


def decide(people: People, case: str) -> None:
    for name in COMMITTEE:
        give(people, "officer", case, "committee_chair" if name == "chair" else "committee_member", name)
    step(people, "officer", case, "refer_to_committee")
    page = f"/cases/{case}/committee"
    people["chair"].send(page, f"{page}/motion", outcome="recognize")
    for name in COMMITTEE:
        people[name].send(page, f"{page}/vote", ballot="for")
    people["chair"].page.reload()
    people["chair"].send(page, f"{page}/decide")
    release(people, case)


def release(people: People, case: str) -> None:
    page = f"/cases/{case}/release"
    people["registrar1"].send(page, f"{page}/first")
    people["registrar2"].send(page, f"{page}/second")


def test_a_refusal_is_heard_appealed_and_sent_back_by_others_by_keyboard_alone(
    people: People, registry: Live
) -> None:
    case = case_of(registry, "bella", "Invented Academy", listed=False)
    bella, page = people["bella"], f"/cases/{case}/committee"
    carry(people, case, outcome="refuse", reasons="The evidence is older than it says.")
    people["chair"].open(page)
    assert people["chair"].page.locator(f"form[action$='{page}/decide']").count() == 0, "not before a hearing"
    people["chair"].send(page, f"{page}/notice", text="The committee means to refuse.")
    bella.send(f"/apply/{case}/hearing", f"/apply/{case}/hearing/open")
    assert "The committee means to refuse." in bella.see(f"/apply/{case}/hearing")
    bella.send(f"/apply/{case}/hearing", text="The evidence is of this year.")
    step(people, "officer", case, "close_hearing")
    people["member1"].page.reload()
    assert "The evidence is of this year." in people["member1"].see(page)
    carry(people, case, outcome="refuse", reasons="The answer does not change it.")
    people["chair"].send(page, f"{page}/decide")
    release(people, case)

    bella.page.reload()
    letter = bella.link(f"/apply/{case}", rf"/en/apply/{case}/letters/[0-9a-f-]+")
    bella.send(letter, f"{letter}/open")
    assert "How to appeal" in bella.text
    bella.send(f"/apply/{case}/appeal", grounds="procedural_error", text="Nobody read what we answered.")
    for name in JUDGES:
        people["administrator"].open("/appeals")
        choices = people["administrator"].page.locator("main select[name=person] option")
        assert "Chair Person" not in choices.all_inner_texts(), "who decided does not hear the appeal"
        judge = choices.filter(has_text=f"{name.capitalize()} Person").first.get_attribute("value")
        assert judge
        people["administrator"].send("/appeals", f"/appeals/{case}/seat", person=judge)
        people["administrator"].page.reload()
        declare(people, name, case)
    hear = f"/cases/{case}/appeal"
    assert "Nobody read what we answered." in people["judge1"].see(hear)
    motion = {"action": "return_to_review", "reasons": "The answer was not read."}
    people["judge1"].send(hear, f"{hear}/motion", motion)
    for name in JUDGES:
        people[name].send(hear, f"{hear}/vote", ballot="for")
    people["judge1"].page.reload()
    people["judge1"].send(hear, f"{hear}/conclude")
    bella.page.reload()
    assert "annulled" in bella.see(f"/apply/{case}/appeal")


def carry(people: People, case: str, **motion: Value) -> None:
    """The chair puts a motion and as many as it takes vote for it."""
    page = f"/cases/{case}/committee"
    people["chair"].page.reload()
    people["chair"].send(page, f"{page}/motion", fields=motion)
    for name in VOTERS:
        people[name].page.reload()
        people[name].send(page, f"{page}/vote", ballot="for")
    people["chair"].page.reload()


def test_a_complaint_goes_from_anybody_to_its_outcome_by_keyboard_alone(
    people: People, registry: Live
) -> None:
    case = case_of(registry, "carol", "Invented Institute", listed=True)
    anybody, carol, listener = people.new(scripts=False), people["carol"], people["listener"]
    slug = issuer_slug(registry, case)
    said = "The course that I paid for was never held."
    address = f"/complaints/new/{SCHEME}?issuer={slug}"
    anybody.send(address, who="learner", about="issuer_compliance", text=said)
    followed = anybody.page.locator("main a.wrap-anywhere").get_attribute("href")
    assert followed

    page = listener.link("/cases/complaints", r"/en/cases/complaints/[0-9a-f-]+")
    assert said in listener.see(page)
    take(listener, page, "acknowledge")
    take(listener, page, "admit", **{"text-admit": "It is about the policy."})
    take(listener, page, "ask_issuer", **{"text-ask_issuer": "A course is said not to have been held."})
    duties = carol.link("/apply", r"/en/apply/issuers/[0-9a-f-]+")
    asked = carol.link(duties, rf"{duties}/complaints/[0-9a-f-]+")
    assert said not in carol.see(asked)
    carol.send(asked, text="It was moved to May.")
    listener.page.reload()
    assert "It was moved to May." in listener.see(page)
    take(listener, page, "resolve", outcome="recommendation", reasons="Tell in time.")
    assert "Tell in time." in anybody.see(followed)
    carol.page.reload()
    assert "Tell in time." in carol.see(asked)


def take(officer: Person, page: str, word: str, **fields: Value) -> None:
    """Take a step of a complaint by the form for it."""
    officer.open(page)
    chosen = officer.page.locator(f"input[name=step][value={word}]")
    officer.fill(officer.page.locator("main form", has=chosen), fields)
