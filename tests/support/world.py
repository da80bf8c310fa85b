"""A registry with a body, two schemes under the real policies, and a cast; stories are walked through the services."""

import copy
import itertools
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, TypeVar, cast

from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.demo.keys import KeyMaker
from registry.demo.walk import Cast, Key, Story, Walk
from registry.domain.dids import did_key_from_ed25519
from registry.domain.recognition import Effect, Reason, Status
from registry.domain.roles import CaseRole, Role
from registry.domain.trust_list import IdentityKind, PostalAddress
from registry.domain.workflow import State
from registry.editions import EditionStore
from registry.files import FileStore
from registry.models.account import Account
from registry.models.application import Application
from registry.models.body import AdoptedPolicy, Body, Scheme
from registry.models.decision import Decision, Motion, Release
from registry.models.institution import Institution
from registry.models.issuer import Environment, IdentityClaim, Issuer, RecognitionEvent
from registry.models.review import Assignment
from registry.policy_files import available
from registry.services import accounts, bodies, identities, institutions, list_keys, recording
from registry.services.bodies import NewBody
from registry.services.edition_building import Publishing
from registry.services.identities import NewIdentity
from registry.services.institutions import NewInstitution
from registry.services.outbox import announce
from registry.signing.keys import KeyStore
from registry.signing.possession import read_certificate

from support.clock import START
from support.copies import Copies, Writes

if TYPE_CHECKING:
    from support.beginnings import Stage

_T = TypeVar("_T")
QUALITY, EUROPEAN = "esg-part1-microcredential-issuer", "eu-microcredential-recommendation-2022"
SCOPE: Mapping[str, Any] = {
    "grants": [
        {
            "fields": ["06"],
            "levels": [{"value": 5, "mark": "claimed"}],
            "credential_types": ["micro_credential"],
            "countries": ["PL"],
            "modes": ["online", "blended"],
            "languages": ["pl", "en"],
        }
    ]
}
_HELD: Mapping[str, Role] = {
    "intake": Role.INTAKE_OFFICER,
    "officer": Role.CASE_OFFICER,
    "verifier-1": Role.IDENTITY_VERIFIER,
    "verifier-2": Role.IDENTITY_VERIFIER,
    **{f"reviewer-{n}": Role.REVIEWER for n in range(1, 6)},
    "chair": Role.COMMITTEE_CHAIR,
    **{f"member-{n}": Role.COMMITTEE_MEMBER for n in range(1, 5)},
    "registrar-1": Role.REGISTRAR,
    "registrar-2": Role.REGISTRAR,
    "editor": Role.POLICY_EDITOR,
    "approver": Role.POLICY_APPROVER,
    "administrator": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR,
    "appeals": Role.APPEALS_MEMBER,
    "complaints": Role.COMPLAINTS_OFFICER,
}


@dataclass
class World:
    """One body with its people and two schemes. `people` maps a word to an account id; `owners` institution to account.

    `stage`, where tests have one, puts the world where a story of the same name has been told already.
    """

    session: Session
    files: FileStore
    clock: SteppingClock
    keys: KeyStore | None = None
    slug: str = "agency"
    people: dict[str, uuid.UUID] = field(default_factory=dict)
    owners: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    schemes: dict[str, uuid.UUID] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    stage: "Stage | None" = None

    def build(self) -> "World":
        """Enter the body, its people and its schemes."""
        self.body: Body = bodies.create_body(
            self.session, _body(self.slug), actor="operator", at=self.clock()
        )
        for word, role in _HELD.items():
            self.people[word] = self.person(word, role, body=self.body.id)
        self.people["operator"] = self.person("operator", Role.OPERATOR)
        for policy_id, name in ((QUALITY, "quality"), (EUROPEAN, "european")):
            self._scheme(policy_id, name)
        return self

    def _scheme(self, policy_id: str, name: str) -> None:
        loaded = next(p for (found, _version), p in sorted(available(None).items()) if found == policy_id)
        editor, approver = str(self.people["editor"]), str(self.people["approver"])
        bodies.adopt_policy(
            self.session, self.body.id, loaded, proposed_by=editor, approved_by=approver, at=self.clock()
        )
        scheme: Scheme = bodies.create_scheme(
            self.session,
            self.body,
            slug=f"{self.slug}-{name}",
            policy_id=policy_id,
            names={"en": f"Register {name}", "pl": f"Rejestr {name}"},
            actor="operator",
            at=self.clock(),
        )
        if self.keys is not None and not self.keys.records(scheme=scheme.slug):
            list_keys.first(self.session, self.keys, scheme, actor="operator", at=self.clock())
        self.schemes[name] = scheme.id

    def person(
        self,
        word: str,
        *roles: Role,
        body: uuid.UUID | None = None,
        institution: uuid.UUID | None = None,
    ) -> uuid.UUID:
        """Enter a person who cannot sign in: hashing a password is what makes accounts slow."""
        row = Account(
            name=f"Zenobia {word.title()}",
            email=f"{word}-{next(self.numbers)}@{self.slug}-people.example",
            password_hash="nobody",
            language="pl",
            active=True,
            created_at=self.clock(),
        )
        self.session.add(row)
        self.session.flush()
        for role in roles:
            accounts.record_grant(
                self.session,
                row.id,
                role,
                body_id=body,
                institution_id=institution,
                actor=None,
                at=self.clock(),
            )
        return row.id

    @property
    def cast(self) -> Cast:
        """The people a case takes."""
        p = self.people
        return Cast(
            intake_officer=p["intake"],
            case_officer=p["officer"],
            verifiers=(p["verifier-1"], p["verifier-2"]),
            reviewers=tuple(p[f"reviewer-{n}"] for n in range(1, 6)),
            committee=(p["chair"], *(p[f"member-{n}"] for n in range(1, 5))),
            registrars=(p["registrar-1"], p["registrar-2"]),
        )

    @property
    def walk(self) -> Walk:
        """The walk with this world's cast."""
        return Walk(self.session, self.files, self.cast, self.clock)

    def institution(self, name: str = "", *, kind: str = "other_provider") -> Institution:
        """Register an institution and let a person act for it, confirmed by two."""
        name = name or f"Invented School {next(self.numbers)}"
        who = self.person("applicant")
        new = NewInstitution({"en": name}, name, "PL", "Nibylandia", "ul. Zmyślona 1", "00-000", kind)
        made = institutions.register(self.session, new, actor=who, at=self.clock())
        self.claim(made, who)
        return made

    def claim(self, institution: Institution, who: uuid.UUID) -> None:
        """Let a person act for an institution, confirmed by two."""
        claim = institutions.claim(
            self.session, institution.id, statement="By resolution.", actor=who, at=self.clock()
        )
        for verifier in self.cast.verifiers:
            institutions.judge_claim(
                self.session,
                claim.id,
                confirmed=True,
                basis="Register extract.",
                actor=verifier,
                at=self.clock(),
            )
        self.owners[institution.id] = who

    def story(self, institution: Institution | None = None, scheme: str = "quality", **changes: Any) -> Story:
        """Return a story that ends with a grant unless `changes` say otherwise."""
        owner = institution or self.institution()
        told = Story(
            institution=owner.id,
            scheme=self.schemes[scheme],
            applicant=self.owners[owner.id],
            scope=SCOPE,
            keys=(did_key(),),
        )
        return replace(told, **changes)

    def application(self, story: Story) -> Application:
        """Hand in and submit a story."""
        return self.walk.submit(self.walk.apply(story), story.applicant)

    def told(self, name: str, tell: "Callable[[World], Any]") -> Any:
        """Let a story happen; it gives values such as ids, never rows, and the same under one name."""
        return self.stage.told(self, name, tell) if self.stage else tell(self)

    def told_case(self, name: str, tell: "Callable[[World], uuid.UUID]") -> Application:
        """Let a story happen that gives the id of a case; return the case."""
        case = self.told(name, tell)
        return self.session.get_one(Application, case)

    def draft(self, **changes: Any) -> Application:
        """Fill in a case that is not handed in yet."""
        return self._case("draft", lambda world, story: world.walk.apply(story), changes)[0]

    def submitted(self, **changes: Any) -> Application:
        """Hand in and submit a case."""
        return self._case("submitted", World.application, changes)[0]

    def in_review(self, **changes: Any) -> Application:
        """Walk a case to the beginning of its review."""
        return self._case("in review", World._reviewed, changes)[0]

    def granted(self, **changes: Any) -> tuple[Application, Story]:
        """Walk a case to its release."""
        return self._case("granted", lambda world, story: world.walk.whole(story), changes)

    def _case(
        self, name: str, walk: "Callable[[World, Story], Application]", changes: Mapping[str, Any]
    ) -> tuple[Application, Story]:
        def tell(world: World) -> tuple[uuid.UUID, Story]:
            story = world.story(**changes)
            return walk(world, story).id, story

        case, story = self.told(f"{name} {sorted(changes.items())}", tell)
        return self.session.get_one(Application, case), story

    def _reviewed(self, story: Story) -> Application:
        application = self.application(story)
        self.walk.open(application)
        self.walk.identify(application)
        return application


def did_key() -> Key:
    """Return a fresh did:key."""
    private = ed25519.Ed25519PrivateKey.generate()
    did = did_key_from_ed25519(private.public_key().public_bytes_raw())
    return Key(NewIdentity(IdentityKind.DID, did), private)


def certificate(owner: Institution, folder: Path, at: datetime = START) -> Key:
    """Return a fresh certificate of an issuer."""
    return KeyMaker(folder).certificate(owner, at)


def _body(slug: str) -> NewBody:
    return NewBody(
        slug=slug,
        legal_name=f"Invented {slug.title()}",
        names={"en": f"Invented {slug.title()}", "pl": f"Zmyślona {slug.title()}"},
        address=PostalAddress("ul. Zmyślona 1", "Przykładowo", "00-000", "PL"),
        email=f"office@{slug}.example",
        website=f"https://{slug}.example",
    )


@cache
def _key_folder() -> Path:
    """Make one key file for the run, under a passphrase that is generated: stretching one of a person's takes its time."""
    folder = Path(mkdtemp(prefix="registry-test-keys-"))
    KeyStore.create(folder / "keys.json")
    return folder


def key_store(folder: Path) -> KeyStore:
    """Return a key store of a test's own: the one in `folder`, or a new one."""
    if not (folder / "keys.json").exists():
        shutil.copytree(_key_folder(), folder, dirs_exist_ok=True)
    return KeyStore.open(folder / "keys.json")


@dataclass
class Registry:
    """A world on a database of its own with everything that publishing takes."""

    database: Database
    settings: Settings
    clock: SteppingClock
    publishing: Publishing
    writes: Writes
    kept: World | None = None

    @contextmanager
    def world(self) -> Iterator[World]:
        """Act in one transaction that is committed."""
        if self.kept is None:
            self.told("a world", Registry._build)
        assert self.kept is not None
        with self.database.transaction() as session:
            self.kept.session = session
            self.kept.body = session.get_one(Body, self.kept.body.id)
            yield self.kept

    def told(self, name: str, tell: "Callable[[Registry], _T]") -> _T:
        """Let a story happen; it gives values such as ids, never rows, and the same under one name.

        Where nothing has happened here yet, it is told once for all registries of a process and kind of database.
        """
        if self.writes.seen:
            return tell(self)
        found = _COPIES.find(name, self.database)
        if found is None:
            value = tell(self)
            with self._closed():
                left = (value, self.clock.moment, self._own(self.kept))
                _COPIES.keep(name, self.database, self.settings.data, left)
            return value
        with self._closed():
            shutil.rmtree(self.settings.editions)
            _COPIES.restore(name, self.database, self.settings.data)
        value, self.clock.moment, world = found.value
        self.kept, self.writes.seen = self._own(world), True
        return cast(_T, value)

    def listed(self, count: int = 1, scheme: str = "quality", *, certified: bool = False) -> list[uuid.UUID]:
        """Enter issuers past the procedure, as `list_issuers` does."""

        def tell(registry: Registry) -> list[uuid.UUID]:
            with registry.world() as world:
                return list_issuers(world, count, scheme, certified=certified)

        return self.told(f"{count} listed by {scheme}, certified {certified}", tell)

    def granted(self, **changes: Any) -> uuid.UUID:
        """Walk a case to its release and return its id."""

        def tell(registry: Registry) -> uuid.UUID:
            with registry.world() as world:
                return world.granted(**changes)[0].id

        return self.told(f"granted {sorted(changes.items())}", tell)

    @contextmanager
    def _closed(self) -> Iterator[None]:
        """Let go of the edition store while its files are copied."""
        self.publishing.store.close()
        yield
        store = EditionStore(self.settings.editions, self.settings.base_url)
        self.publishing = replace(self.publishing, store=store)

    def _own(self, world: World | None) -> World | None:
        """Return a world that goes its own way from here on, in this registry."""
        if world is None:
            return None
        own = copy.copy(world)
        for part in ("people", "owners", "schemes", "numbers"):
            setattr(own, part, copy.copy(getattr(world, part)))
        own.files, own.clock, own.keys = FileStore(self.settings.evidence), self.clock, self.publishing.keys
        return own

    def _build(self) -> None:
        with self.database.transaction() as session:
            files = FileStore(self.settings.evidence)
            self.kept = World(session, files, self.clock, self.publishing.keys).build()

    def personal_data(self) -> set[str]:
        """Return every account's name and address."""
        with self.database.transaction() as session:
            return {text for a in session.scalars(select(Account)) for text in (a.name, a.email)}


_COPIES = Copies()


@contextmanager
def opened_registry(
    database: Database, folder: Path, start: datetime = START, *, copied: bool = False
) -> Iterator[Registry]:
    """Open a registry in a folder, on a database; `copied` where what it begins with may have been told elsewhere."""
    settings = Settings(data=folder, base_url="https://registry.example")
    folder.mkdir(parents=True, exist_ok=True)
    clock = SteppingClock(start, timedelta(seconds=1))
    keys = key_store(folder)
    store = EditionStore(settings.editions, settings.base_url)
    publishing = Publishing(database, store, keys, settings.base_url)
    writes = Writes.into(database) if copied else Writes(seen=True)
    registry = Registry(database, settings, clock, publishing, writes)
    try:
        yield registry
    finally:
        registry.publishing.store.close()


def list_issuers(
    world: World, count: int, scheme: str = "quality", *, certified: bool = False
) -> list[uuid.UUID]:
    """Enter issuers with a released recognition and a key, past the procedure, and tell the publisher of each."""
    who = world.person("applicant")
    return [_listed(world, _owned(world, who), scheme, certified) for _ in range(count)]


def _owned(world: World, who: uuid.UUID) -> Institution:
    name = f"Invented School {next(world.numbers)}"
    new = NewInstitution({"en": name}, name, "PL", "Nibylandia", "ul. Zmyślona 1", "00-000", "other_provider")
    made = institutions.register(world.session, new, actor=who, at=world.clock())
    for role in (Role.OWNER, Role.SIGNATORY):
        accounts.record_grant(world.session, who, role, institution_id=made.id, actor=None, at=world.clock())
    made.owned = True
    world.owners[made.id] = who
    return made


def _listed(world: World, institution: Institution, scheme: str, certified: bool) -> uuid.UUID:
    session, at, officer = world.session, world.clock(), world.people["officer"]
    policy = bodies.current_policy(session, session.get_one(Scheme, world.schemes[scheme]))
    application = Application(
        reference=f"T-{next(world.numbers)}",
        institution_id=institution.id,
        scheme_id=world.schemes[scheme],
        policy_row_id=policy.id,
        scope=dict(SCOPE),
        state=State.APPEAL_WINDOW,
        created_by=world.owners[institution.id],
        created_at=at,
        submitted_at=at,
        entered_at=at,
    )
    session.add(application)
    session.flush()
    session.add(
        Assignment(
            application_id=application.id,
            account_id=officer,
            role=CaseRole.COMMITTEE_CHAIR,
            assigned_by=officer,
            assigned_at=at,
        )
    )
    session.flush()
    motion = Motion(
        application_id=application.id,
        number=1,
        outcome="recognize",
        proposed_outcome="recognize",
        rule="R1",
        explanation=[],
        reasons="",
        terms={"scope": dict(SCOPE), "conditions": []},
        put_by=officer,
        at=at,
    )
    session.add(motion)
    session.flush()
    decision = Decision(
        application_id=application.id,
        motion_id=motion.id,
        outcome="recognize",
        tally={"in_favour": 3, "against": 0, "abstained": 0},
        present=3,
        decided_by=officer,
        decided_at=at,
    )
    first, second = world.cast.registrars
    session.add(decision)
    session.flush()
    session.add(Release(decision_id=decision.id, first_by=first, second_by=second, at=at))
    issuer = Issuer(institution_id=institution.id, scheme_id=world.schemes[scheme], created_at=at)
    session.add(issuer)
    session.flush()
    _recognize(session, issuer, decision, policy, at)
    key = certificate(institution, world.files.directory, at) if certified else did_key()
    _name_key(session, issuer, key, world.owners[institution.id], at)
    announce(session, issuer, at=at)
    return issuer.id


def _recognize(
    session: Session, issuer: Issuer, decision: Decision, policy: AdoptedPolicy, at: datetime
) -> None:
    session.add(
        RecognitionEvent(
            number=recording.next_number(session, recording.RECOGNITION, at),
            issuer_id=issuer.id,
            decision_id=decision.id,
            recorded_at=at,
            effective_from=at,
            status=Status.ACTIVE,
            reason=Reason.GRANTED,
            effect=Effect.STAY_COVERED,
            scope=dict(SCOPE),
            valid_until=at + timedelta(days=365),
            policy_id=policy.policy_id,
            policy_version=policy.version,
            policy_sha256=policy.sha256,
        )
    )


def _name_key(session: Session, issuer: Issuer, key: Key, who: uuid.UUID, at: datetime) -> None:
    claim = IdentityClaim(
        institution_id=issuer.institution_id,
        issuer_id=issuer.id,
        kind=key.new.kind,
        value=key.new.text,
        environment=Environment.PRODUCTION,
        challenge="c",
        challenge_expires_at=at,
        created_by=who,
        created_at=at,
    )
    if key.new.kind is IdentityKind.X509:
        facts = read_certificate(key.new.text, at=at)
        claim.value, claim.certificate = facts.sha256, facts.der
    session.add(claim)
    session.flush()
    identities.list_identity(session, issuer.id, claim, effective_from=at, at=at)
