"""The people of a town as programs that call the API, each with a token of their own."""

import base64
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.test import TestResponse

from registry.demo.walk import best_value
from registry.domain.dids import did_key_from_ed25519
from registry.domain.policy import Criterion, Need
from registry.services import sessions

from support.town import SCOPE, Town

PANEL = {
    "reviewer1": "chair",
    "reviewer2": "subject",
    "reviewer3": "learner",
    "reviewer4": "credential_technology",
}
COMMITTEE = ("chair", "member1", "member2", "member3", "member4")
ROOT = "/api/v1"


@dataclass
class Callers:
    """A case driven through the API alone; `case` is its path."""

    town: Town
    case: str = ""
    did: str = ""
    tokens: dict[str, str] = field(default_factory=dict)

    def headers(self, name: str) -> dict[str, str]:
        """Return the header that makes a call somebody's."""
        if name not in self.tokens:
            with self.town.database.transaction() as session:
                self.tokens[name] = sessions.create_token(
                    session, self.town.people[name], name="test", at=self.town.clock()
                )[0]
        return {"Authorization": f"Bearer {self.tokens[name]}"}

    def call(self, name: str, method: str, path: str, **options: Any) -> TestResponse:
        """Send one request as somebody; `path` is below `/api/v1`."""
        client = self.town.app.test_client()
        return client.open(f"{ROOT}{path}", method=method, headers=self.headers(name), **options)

    def get(self, name: str, path: str) -> Any:
        """Return what is read."""
        answer = self.call(name, "GET", path)
        assert answer.status_code == 200, f"{name} GET {path}: {answer.text}"
        return answer.get_json()

    def items(self, name: str, path: str) -> list[Any]:
        """Return a whole collection, which must fit on one page."""
        page = self.get(name, f"{path}{'&' if '?' in path else '?'}page_size=100")
        assert len(page["items"]) == page["total"]
        return list(page["items"])

    def make(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """Send a body that makes something: 201, and the address that a POST tells opens to who sent it."""
        answer = self.call(name, method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == 201, f"{name} {method} {path}: {answer.text}"
        if method == "POST" and "Location" in answer.headers:
            self.get(name, answer.headers["Location"].partition(ROOT)[2])
        return answer.get_json()

    def change(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """Send a body that changes something: 200."""
        answer = self.call(name, method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == 200, f"{name} {method} {path}: {answer.text}"
        return answer.get_json()

    def refuse(self, status: int, name: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Send what is refused, and return the problem document."""
        answer = self.call(name, method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == status, f"{name} {method} {path}: {answer.status_code} {answer.text}"
        assert answer.content_type == "application/problem+json"
        problem: dict[str, Any] = answer.get_json(force=True)
        return problem

    def version(self, name: str) -> int:
        """Return the version of the case that somebody reads now."""
        return int(self.get(name, self.case)["version"])

    def state(self, name: str) -> str:
        """Return where the case stands."""
        return str(self.get(name, self.case)["state"])

    def step(self, name: str, action: str) -> None:
        """Take a plain step."""
        body = {"action": action, "version": self.version(name)}
        answer = self.call(name, "POST", f"{self.case}/steps", json=body)
        assert answer.status_code == 200, f"{name} {action}: {answer.text}"

    def claim(self) -> None:
        """Ada finds the institution and claims it; two verifiers confirm that."""
        found = self.items("ada", "/institutions?q=invented+college")
        assert [(one["id"], one["owned"]) for one in found] == [(str(self.town.institution_id), False)]
        made = self.make(
            "ada", "POST", f"/institutions/{found[0]['id']}/claims", {"statement": "By resolution."}
        )
        for name in ("verifier1", "verifier2"):
            assert [one["id"] for one in self.items(name, "/claims")] == [made["id"]]
            word = {"confirmed": True, "basis": "The extract of the register."}
            made = self.make(name, "POST", f"/claims/{made['id']}/words", word)
        assert (made["state"], made["confirmations"]) == ("confirmed", 2)

    def start(self) -> None:
        """Open a draft with its scope."""
        body = {"institution_id": str(self.town.institution_id), "scheme": "invented"}
        self.case = f"/applications/{self.make('ada', 'POST', '/applications', body)['id']}"
        answer = self.call("ada", "PUT", f"{self.case}/scope", json={"grants": SCOPE["grants"]})
        assert answer.status_code == 200, answer.text

    def hand_in(self) -> None:
        """Hand in all evidence that the policy asks the applicant for."""
        for criterion in self.town.policy.criteria:
            for item in criterion.evidence:
                if item.provided_by == "applicant" and item.required:
                    written = item.kind in {"public_url", "declaration"}
                    self._hand_in(item.id, item.min_count, written=written)

    def _hand_in(self, evidence: str, items: int, *, written: bool) -> None:
        path = f"{self.case}/evidence/{evidence}"
        if written:
            text = f"https://college.example/{evidence}"
            self.make("ada", "PUT", f"{path}/statement", {"text": text, "items": items})
            return
        data = f"Evidence {evidence}".encode()
        answer = self.call("ada", "PUT", f"{path}/file?name={evidence}.txt&items={items}", data=data)
        assert answer.status_code == 201, answer.text

    def name_key(self) -> None:
        """Name a did:key and prove it."""
        key = Ed25519PrivateKey.generate()
        self.did = did_key_from_ed25519(key.public_key().public_bytes_raw())
        made = self.make("ada", "POST", f"{self.case}/identities", {"kind": "did", "value": self.did})
        signature = base64.b64encode(key.sign(made["challenge"].encode())).decode()
        proven = self.make("ada", "POST", f"/identities/{made['id']}/proof", {"proof": signature})
        assert len(proven["proofs"]) == 1

    def submit(self) -> dict[str, Any]:
        """Submit; return the receipt."""
        receipt = self.make("ada", "POST", f"{self.case}/submission", {"version": self.version("ada")})
        return dict(receipt)

    def declare(self, name: str) -> None:
        """Declare no interests at all."""
        path = f"{self.case}/declaration"
        answers = {rule["id"]: {"yes": False} for rule in self.get(name, path)["rules"]}
        assert self.make(name, "POST", path, {"answers": answers})["outcome"] == "clean"

    def give(self, by: str, name: str, role: str, seat: str | None = None) -> None:
        """Give somebody a part, and have them declare."""
        who = str(self.town.people[name])
        if by != "intake" or role != "intake_officer":
            assert who in {one["account_id"] for one in self.items(by, f"{self.case}/candidates?role={role}")}
        self.make(by, "POST", f"{self.case}/assignments", {"account_id": who, "role": role, "seat": seat})
        self.declare(name)

    def open(self) -> None:
        """Open the case, staff it, find it complete."""
        self.step("intake", "open")
        self.declare("intake")
        self.give("intake", "officer", "case_officer")
        for name in ("verifier1", "verifier2"):
            self.give("intake", name, "identity_verifier")
        self.step("intake", "confirm_complete")

    def identify(self) -> None:
        """Answer what eligibility asks of a person, gather the body's evidence; two verifiers confirm each identity."""
        for check in self.get("officer", f"{self.case}/eligibility")["checks"]:
            if check["asks_person"]:
                answer = {"passed": True, "reasons": "The documents show it."}
                self.change("officer", "PUT", f"{self.case}/eligibility/{check['check']}", answer)
        for _criterion, item in self.town.policy.evidence_items():
            if item.provided_by == "body":
                self.make(
                    "verifier1", "PUT", f"{self.case}/evidence/{item.id}/finding", {"text": "Called back."}
                )
        for name in ("verifier1", "verifier2"):
            for one in self.items(name, f"{self.case}/identities"):
                self.make(name, "POST", f"/identities/{one['id']}/confirmations")
        self.step("verifier2", "confirm_identity")

    def compose_panel(self) -> None:
        """Seat the panel and open its review."""
        for name, seat in PANEL.items():
            self.give("officer", name, "panel_chair" if seat == "chair" else "panel_member", seat)
        self.step("officer", "propose_panel")
        assert self.call("ada", "POST", f"{self.case}/panel/acceptance").status_code == 204
        for action in ("appoint_panel", "open_review"):
            self.step("officer", action)

    def rating(self, criterion: Criterion) -> dict[str, Any]:
        """Return the best rating of a criterion, with what it must bring."""
        value = best_value(self.town.policy.scale_of(criterion).values)
        cited = [e.id for e in criterion.evidence if e.required]
        return {"value": value.id} | (
            {"cited_evidence": cited} if Need.CITED_EVIDENCE in value.requires else {}
        )

    def rate(self, name: str) -> None:
        """As one member: rate every criterion alone."""
        for criterion in self.town.policy.criteria:
            self.make(name, "PUT", f"{self.case}/ratings/{criterion.id}", self.rating(criterion))

    def review(self) -> None:
        """All rate alone; the chair writes down what was agreed; the report is drafted, checked for facts and filed."""
        for name in PANEL:
            self.rate(name)
        for criterion in self.town.policy.criteria:
            self.make("reviewer1", "PUT", f"{self.case}/agreement/{criterion.id}", self.rating(criterion))
        self.report()
        self.step("reviewer1", "send_for_factual_check")
        self.step("ada", "end_factual_check")
        self.report()

    def report(self) -> None:
        """The chair files the report that is due: the draft, or the final one."""
        report = {"summary": "The panel has looked at all evidence.", "version": self.version("reviewer1")}
        self.make("reviewer1", "POST", f"{self.case}/report", report)

    def seat_committee(self) -> None:
        """Seat the committee."""
        for name in COMMITTEE:
            self.give("officer", name, "committee_chair" if name == "chair" else "committee_member")

    def refer(self) -> None:
        """Bring the case before its committee."""
        self.seat_committee()
        self.step("officer", "refer_to_committee")

    def decide(self) -> dict[str, Any]:
        """Put what the policy proposes to the vote, vote for it, declare the result."""
        proposal = self.get("chair", f"{self.case}/proposal")
        assert proposal["outcome"] in proposal["outcomes_open"]
        motion = self.make("chair", "POST", f"{self.case}/motion", {"outcome": proposal["outcome"]})
        for name in COMMITTEE:
            self.make(name, "POST", f"/motions/{motion['id']}/votes", {"ballot": "for"})
        made = self.make("chair", "POST", f"{self.case}/decision", {"version": self.version("chair")})
        return dict(made)

    def release(self, decision: dict[str, Any]) -> dict[str, Any]:
        """Two registrars sign."""
        self.make("registrar1", "POST", f"/decisions/{decision['id']}/first-signature")
        return dict(self.make("registrar2", "POST", f"/decisions/{decision['id']}/release"))

    def to_submission(self) -> dict[str, Any]:
        """Walk from the claim to the receipt."""
        self.claim()
        self.start()
        self.hand_in()
        self.name_key()
        return self.submit()

    def to_review(self) -> None:
        """Walk on to the point where the panel rates."""
        self.to_submission()
        self.open()
        self.identify()
        self.compose_panel()
