"""An invented body with everybody that the rules ask for, an institution, and their browsers."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from sqlalchemy import select

from registry.config import Settings
from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.demo.walk import Cast, Key, Story, Walk
from registry.domain.dids import did_key_from_ed25519
from registry.domain.policy import Policy
from registry.domain.roles import Role
from registry.domain.trust_list import IdentityKind, PostalAddress
from registry.domain.workflow import Action
from registry.files import FileStore
from registry.models.account import Account
from registry.policy_files import available
from registry.services import (
    accounts,
    bodies,
    case_file,
    identities,
    institutions,
    passwords,
    sessions,
)

from support.browser import PASSWORD
from support.clock import Clock
from support.copies import Copies, Writes
from support.page_forms import Browser

POLICY = "esg-part1-microcredential-issuer"
STAFF: dict[str, Role] = {
    "intake": Role.INTAKE_OFFICER,
    "officer": Role.CASE_OFFICER,
    "verifier1": Role.IDENTITY_VERIFIER,
    "verifier2": Role.IDENTITY_VERIFIER,
    **{f"reviewer{n}": Role.REVIEWER for n in range(1, 5)},
    "chair": Role.COMMITTEE_CHAIR,
    **{f"member{n}": Role.COMMITTEE_MEMBER for n in range(1, 5)},
    "registrar1": Role.REGISTRAR,
    "registrar2": Role.REGISTRAR,
    "administrator": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR,
    "editor": Role.POLICY_EDITOR,
    "approver": Role.POLICY_APPROVER,
}
SCOPE = {
    "grants": [
        {
            "fields": ["061"],
            "levels": [],
            "credential_types": ["micro_credential"],
            "countries": ["PL"],
            "modes": ["online"],
            "languages": [],
            "programmes": [],
            "max_ects": None,
        }
    ]
}
_COPIES = Copies()
NOBODYS = ("ada", "stranger")


@dataclass
class Town:
    """The people by name, and what they work on."""

    app: Flask
    database: Database
    clock: Clock
    policy: Policy
    people: dict[str, uuid.UUID]
    body_id: uuid.UUID
    scheme_id: uuid.UUID
    institution_id: uuid.UUID
    browsers: dict[str, Browser] = field(default_factory=dict)
    writes: Writes = field(default_factory=lambda: Writes(seen=True))

    def browser(self, name: str, language: str = "en") -> Browser:
        """Return the browser of a person who has signed in."""
        key = f"{name}/{language}"
        if key not in self.browsers:
            self.browsers[key] = self.sign_in(name, language)
        return self.browsers[key]

    def sign_in(self, name: str, language: str = "en") -> Browser:
        """Open a session for a person; the sign-in page has tests of its own."""
        secret, person = sessions.new_secret(), self.people[name]
        with self.database.transaction() as session:
            data = {"_user_id": str(person), "_fresh": True}
            sessions.save_session(session, secret, data, account_id=person, at=self.clock())
        client = self.app.test_client()
        client.set_cookie("session", secret)
        return Browser(client, language)

    def everybody_signs_in_again(self) -> None:
        """Forget the sessions, which end while time passes."""
        self.browsers.clear()

    def walk(self, *, until: str) -> uuid.UUID:
        """Bring a case of the institution, with Ada as its owner, up to a step; return the case."""
        name = f"{self.policy.id} {self.clock()} {until}"
        copy = None if self.writes.seen else _COPIES.restore(name, self.database, self.evidence)
        if copy is not None:
            self.writes.seen = True
            return cast(uuid.UUID, copy.value)
        keeps = not self.writes.seen
        case = self._walked(until)
        if keeps:
            _COPIES.keep(name, self.database, self.evidence, case)
        return case

    def _walked(self, until: str) -> uuid.UUID:
        steps = ("draft", "submitted", "review", "rated", "committee", "decided", "released")
        self.make_owner("ada")
        with self.database.transaction() as session:
            walk = Walk(
                session, FileStore(self.evidence), self._cast(), SteppingClock(self.clock(), timedelta())
            )
            case = walk.apply(self._story())
            later: tuple[Callable[[], object], ...] = (
                lambda: None,
                lambda: walk.submit(case, self.people["ada"]),
                lambda: (walk.open(case), walk.identify(case)),
                lambda: walk.review(case, {}),
                lambda: (
                    walk.seat_committee(case),
                    walk.act(case, Action.REFER_TO_COMMITTEE, self.people["officer"]),
                ),
                lambda: walk.decide(case),
                lambda: walk.release(case_file.decision_of(session, case.id)),  # type: ignore[arg-type]
            )
            for take in later[: steps.index(until) + 1]:
                take()
            return case.id

    @property
    def evidence(self) -> Path:
        """Where evidence files lie."""
        found: Settings = self.app.extensions["registry.settings"]
        return found.evidence

    def _cast(self) -> Cast:
        who = self.people
        return Cast(
            who["intake"],
            who["officer"],
            (who["verifier1"], who["verifier2"]),
            tuple(who[f"reviewer{n}"] for n in range(1, 5)),
            (who["chair"], *(who[f"member{n}"] for n in range(1, 5))),
            (who["registrar1"], who["registrar2"]),
        )

    def _story(self) -> Story:
        private = Ed25519PrivateKey.generate()
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        key = Key(identities.NewIdentity(IdentityKind.DID, did_key_from_ed25519(raw)), private)
        return Story(self.institution_id, self.scheme_id, self.people["ada"], SCOPE, (key,))

    def make_owner(self, name: str) -> None:
        """Let a person act for the institution without the way through a claim."""
        with self.database.transaction() as session:
            for role in (Role.OWNER, Role.SIGNATORY, Role.KEY_CUSTODIAN):
                accounts.record_grant(
                    session,
                    self.people[name],
                    role,
                    institution_id=self.institution_id,
                    actor=None,
                    at=self.clock(),
                )


def found(app: Flask, database: Database, clock: Clock, policy_id: str = POLICY) -> Town:
    """Enter the body, its staff, a scheme and an unclaimed institution, into a database without any."""
    name, nowhere = f"{policy_id} {clock()}", Path("nowhere")
    with database.reading() as session:
        empty = session.scalars(select(Account.id).limit(1)).first() is None
    copy = _COPIES.restore(name, database, nowhere) if empty else None
    town = copy.value if copy else _founded(app, database, clock, policy_id)
    if copy is None and empty:
        _COPIES.keep(name, database, nowhere, town)
    return replace(town, app=app, database=database, clock=clock, browsers={}, writes=Writes.into(database))


def _founded(app: Flask, database: Database, clock: Clock, policy_id: str) -> Town:
    loaded = next(one for (name, _), one in available(None).items() if name == policy_id)
    at = clock()
    with database.transaction() as session:
        hashed = passwords.hash_password(PASSWORD)
        people = {name: _person(session, name, hashed, at) for name in (*NOBODYS, *STAFF)}
        body = bodies.create_body(session, _body(), actor="operator", at=at)
        session.flush()
        for name, role in STAFF.items():
            accounts.record_grant(session, people[name], role, body_id=body.id, actor=None, at=at)
        editor, approver = str(people["editor"]), str(people["approver"])
        bodies.adopt_policy(session, body.id, loaded, proposed_by=editor, approved_by=approver, at=at)
        names = {"en": "Invented Scheme", "pl": "Program zmyślony"}
        scheme = bodies.create_scheme(
            session, body, slug="invented", policy_id=policy_id, names=names, actor="operator", at=at
        )
        institution = institutions.add_institution(
            session, FACTS, source="ror", source_key="https://ror.org/0000", actor="operator", at=at
        )
    return Town(app, database, clock, loaded.policy, people, body.id, scheme.id, institution.id)


def _person(session: object, name: str, hashed: str, at: datetime) -> uuid.UUID:
    account = Account(
        id=uuid.uuid4(),
        name=f"{name.capitalize()} Person",
        email=f"{name}@agency.example",
        password_hash=hashed,
        language="en",
        active=True,
        created_at=at,
    )
    session.add(account)  # type: ignore[attr-defined]
    return account.id


def _body() -> bodies.NewBody:
    return bodies.NewBody(
        slug="agency",
        legal_name="Invented Agency",
        names={"en": "Invented Agency", "pl": "Agencja Zmyślona"},
        address=PostalAddress("1 Main Street", "Town", "00-001", "PL"),
        email="office@agency.example",
        website="https://agency.example",
    )


FACTS = {
    "names": [
        {"text": "Invented College", "language": "en", "kind": "display"},
        {"text": "Uczelnia Zmyślona", "language": None, "kind": "legal"},
    ],
    "identifiers": [],
    "country": "PL",
    "city": "Town",
    "street": "2 Main Street",
    "postal_code": "00-002",
    "website": "https://college.example",
    "kind": "higher_education_institution",
    "status": "active",
}
