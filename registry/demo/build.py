"""Build the demo registry once: people, body, schemes, real institutions as facts, invented cases, first publication."""

import json
import logging
import secrets
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from registry.config import Settings
from registry.database import Database
from registry.demo import invented, real
from registry.demo.clock import SteppingClock
from registry.demo.detours_decision import AppealCast
from registry.demo.invented import DemoPerson
from registry.demo.keys import KeyMaker
from registry.demo.stories import CASES, OVER, DemoCase, End
from registry.demo.turns import EARLY, LATE, WAITING, Tale, Turn
from registry.demo.walk import Cast, Story, Walk
from registry.domain.policy import Outcome
from registry.domain.roles import Role
from registry.files import FileStore
from registry.jobs import open_publishing
from registry.models.application import Application
from registry.models.body import Body, Scheme
from registry.models.decision import Decision
from registry.models.institution import Institution
from registry.policy_files import LoadedPolicy, available
from registry.services import (
    accounts,
    api_clients,
    authorities,
    bodies,
    deqar,
    experts,
    identities,
    installation,
    institutions,
    list_keys,
)
from registry.services.api_clients import NewClient
from registry.services.experts import ExpertDetails
from registry.services.publication import publish
from registry.signing.keys import AuthorityLine, KeyStore
from registry.signing.sealing import Seals

log = logging.getLogger(__name__)
ACCOUNTS = "demo-accounts.json"
PROGRAM = "program"
"""What stands in place of a role in the account of a program."""
PAST = timedelta(days=525)
"""How long before now the demo's story begins."""
UNDER_WAY = timedelta(days=21)
"""How long before now the cases begin that are still under way, a day each: their deadlines lie ahead."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account that the demo prints; the password was generated. Of a program: its client id and its secret."""

    role: str
    name: str
    email: str
    password: str


def is_built(settings: Settings) -> bool:
    """Whether the data directory holds a finished demo registry."""
    return (settings.data / ACCOUNTS).is_file()


def build(settings: Settings, *, now: datetime) -> None:
    """Build the demo registry in the data directory of the settings.

    The story is told with a moved clock that starts in the past and ends before `now`; the lists are published at `now`.
    """
    installation.initialize(replace(settings, **invented.REGISTRY_OPERATOR), demo=True, at=now)
    clock = SteppingClock(now - PAST, timedelta(seconds=20))
    database = Database(settings.sqlalchemy_url)
    try:
        real.load(database, clock)
        with database.transaction() as session:
            people = _Builder(session, settings, clock).run(now - UNDER_WAY)
    finally:
        database.dispose()
    with open_publishing(settings) as publishing:
        publish(publishing, at=now, at_once=True)
    path = settings.data / ACCOUNTS
    path.touch(mode=0o600)
    path.write_text(json.dumps([asdict(person) for person in people], indent=2, ensure_ascii=False) + "\n")


def _versions(policy_id: str) -> list[LoadedPolicy]:
    """Return the versions of a policy in the order in which a body adopts them."""
    found = [one for (name, _version), one in available(None).items() if name == policy_id]
    return sorted(found, key=lambda one: bodies.version_key(one.policy.version))


class _Builder:
    def __init__(self, session: Session, settings: Settings, clock: SteppingClock) -> None:
        self.session, self.settings, self.clock = session, settings, clock
        self.accounts: list[DemoAccount] = []
        self.applicants: dict[str, uuid.UUID] = {}
        self.institutions: dict[str, Institution] = {}
        self.keys = KeyMaker(settings.data / "demo-keys")

    def run(self, under_way: datetime) -> list[DemoAccount]:
        """Enter everything and tell every story, those without an end from `under_way` on; return the accounts."""
        body = bodies.create_body(self.session, invented.BODY, actor="operator", at=self.clock())
        staff = {p.address: self._person(p, body=body.id) for p in invented.STAFF}
        for person in invented.OPERATORS:
            self._person(person)
        schemes = self._schemes(body, str(staff["editor"]), str(staff["approver"]))
        walk = Walk(self.session, FileStore(self.settings.evidence), _cast(staff), self.clock)
        for name, new in invented.INSTITUTIONS.items():
            self._institution(name, new, walk.cast)
        self._programs(body, staff["administrator"])
        deqar.set_profile(self.session, body.id, *invented.DEQAR, actor=staff["registrar-1"], at=self.clock())
        self._pool(body, staff)
        appeal = AppealCast(staff["administrator"], tuple(staff[f"appeals-{n}"] for n in range(1, 4)))
        for turn in EARLY:
            self._turn(walk, turn, schemes, appeal)
        for case in (case for case in CASES if case.end in OVER):
            self._tell(walk, case, schemes)
        for turn in LATE:
            self._turn(walk, turn, schemes, appeal)
        self.clock.moment = max(self.clock.moment, under_way)
        for case in (case for case in CASES if case.end not in OVER):
            self._tell(walk, case, schemes)
        for turn in WAITING:
            self._turn(walk, turn, schemes, appeal)
        for scheme in invented.SCHEMES:
            for later in _versions(scheme.policy_id)[1:]:
                self._adopt(body, later, str(staff["editor"]), str(staff["approver"]))
        return self.accounts

    def _person(self, person: DemoPerson, *, body: uuid.UUID | None = None) -> uuid.UUID:
        made = self._account(person.role.value, person.name, person.address, person.language)
        accounts.record_grant(self.session, made, person.role, body_id=body, actor=None, at=self.clock())
        return made

    def _account(self, role: str, name: str, address: str, language: str) -> uuid.UUID:
        password = secrets.token_urlsafe(12)
        email = f"{address}@{invented.MAIL_DOMAIN}"
        made = accounts.create_account(
            self.session, name=name, email=email, password=password, language=language, at=self.clock()
        )
        self.accounts.append(DemoAccount(role, name, email, password))
        return made.id

    def _schemes(self, body: Body, editor: str, approver: str) -> dict[str, uuid.UUID]:
        keys = KeyStore.open(self.settings.keys, self.settings.key_passphrase)
        for line in AuthorityLine:
            authorities.make(
                self.session,
                keys,
                line,
                operator=invented.REGISTRY_OPERATOR["operator_name"],
                country=body.country,
                actor="operator",
                at=self.clock(),
            )
        made: dict[str, uuid.UUID] = {}
        for new in invented.SCHEMES:
            self._adopt(body, _versions(new.policy_id)[0], editor, approver)
            scheme: Scheme = bodies.create_scheme(
                self.session,
                body,
                slug=new.slug,
                policy_id=new.policy_id,
                names=new.names,
                actor="operator",
                at=self.clock(),
            )
            list_keys.first(self.session, keys, scheme, actor="operator", at=self.clock())
            made[new.slug] = scheme.id
        return made

    def _adopt(self, body: Body, policy: LoadedPolicy, editor: str, approver: str) -> None:
        bodies.adopt_policy(
            self.session, body.id, policy, proposed_by=editor, approved_by=approver, at=self.clock()
        )

    def _institution(self, name: str, new: institutions.NewInstitution, cast: Cast) -> None:
        """Register an invented institution, and have two people confirm who acts for it."""
        who = self._account("applicant", f"{new.names['pl']}: osoba kontaktowa", name, "pl")
        made = institutions.register(self.session, new, actor=who, at=self.clock())
        claim = institutions.claim(
            self.session, made.id, statement="Uchwała organu o upoważnieniu.", actor=who, at=self.clock()
        )
        for verifier in cast.verifiers:
            institutions.judge_claim(
                self.session,
                claim.id,
                confirmed=True,
                basis="Odpis z rejestru.",
                actor=verifier,
                at=self.clock(),
            )
        self.applicants[name], self.institutions[name] = who, made

    def _programs(self, body: Body, administrator: uuid.UUID) -> None:
        """Register a program of the body and one of an institution, which can be used at once when the demo is served."""
        owner = self.institutions[invented.PROGRAMMED]
        officers = frozenset({Role.INTAKE_OFFICER, Role.CASE_OFFICER})
        drafting = frozenset({Role.CONTRIBUTOR})
        for new, actor in (
            (NewClient("Case system", officers, body_id=body.id), administrator),
            (
                NewClient(f"{owner.name}: drafts", drafting, institution_id=owner.id),
                self.applicants[invented.PROGRAMMED],
            ),
        ):
            secret, client = api_clients.register(self.session, new, actor=actor, at=self.clock())
            self.accounts.append(DemoAccount(PROGRAM, new.name, str(client.id), secret))

    def _pool(self, body: Body, staff: dict[str, uuid.UUID]) -> None:
        """Put the reviewers into the expert pool, each with what they bring."""
        for n, (seats, profile) in enumerate(invented.EXPERTS, start=1):
            details = ExpertDetails(
                profile=profile,
                fields=invented.FIELDS,
                seats=seats,
                languages=("pl", "en"),
                trained_on=self.clock().date(),
            )
            experts.enlist(
                self.session, body.id, staff[f"reviewer-{n}"], details, actor=None, at=self.clock()
            )

    def _turn(self, walk: Walk, turn: Turn, schemes: dict[str, uuid.UUID], appeal: AppealCast) -> None:
        self.clock.skip(days=turn.days)
        owner = self.institutions[turn.institution]
        platform = self.institutions["platform"]
        story = Story(
            institution=owner.id,
            scheme=schemes[turn.scheme],
            applicant=self.applicants[turn.institution],
            scope={"grants": list(turn.scope)},
            keys=tuple(self.keys.make(word, owner, platform, self.clock.moment) for word in turn.keys),
            ratings=turn.ratings,
        )
        ids = {word: found.id for word, found in self.institutions.items()}
        officer = cast_complaints(self.session)
        turn.tell(Tale(walk, story, walk.apply(story), appeal, officer, ids, Seals(self.settings.seals)))
        log.info("demo turn", extra={"institution": turn.institution})

    def _tell(self, walk: Walk, case: DemoCase, schemes: dict[str, uuid.UUID]) -> None:
        self.clock.skip(days=case.days if case.end in OVER else 1)
        owner = self.institutions[case.institution]
        platform = self.institutions["platform"]
        story = Story(
            institution=owner.id,
            scheme=schemes[case.scheme],
            applicant=self.applicants[case.institution],
            scope={"grants": list(case.scope)},
            keys=tuple(self.keys.make(word, owner, platform, self.clock.moment) for word in case.keys),
            ratings=case.ratings,
            outcome=case.outcome,
        )
        tell(walk, case, story, platform_custodian=self.applicants["platform"])
        log.info("demo case", extra={"institution": case.institution, "end": case.end.value})


def cast_of(session: Session) -> Cast:
    """Return the people of the demo body."""
    staff = {p.address: _account_id(session, p) for p in invented.STAFF}
    return _cast(staff)


def cast_complaints(session: Session) -> uuid.UUID:
    """Return who handles complaints for the demo body."""
    return accounts.account_by_email(session, f"complaints@{invented.MAIL_DOMAIN}").id


def _account_id(session: Session, person: DemoPerson) -> uuid.UUID:
    return accounts.account_by_email(session, f"{person.address}@{invented.MAIL_DOMAIN}").id


def _cast(staff: dict[str, uuid.UUID]) -> Cast:
    return Cast(
        intake_officer=staff["intake"],
        case_officer=staff["case-officer"],
        verifiers=(staff["verifier-1"], staff["verifier-2"]),
        reviewers=tuple(staff[f"reviewer-{n}"] for n in range(1, 6)),
        committee=(staff["chair"], *(staff[f"member-{n}"] for n in range(1, 5))),
        registrars=(staff["registrar-1"], staff["registrar-2"]),
    )


def tell(walk: Walk, case: DemoCase, story: Story, *, platform_custodian: uuid.UUID) -> Application:
    """Walk a story as far as its row says."""
    application = walk.apply(story)
    for claim in application.identity_claims:
        if claim.platform_id is not None:
            identities.confirm_profile(walk.session, claim.id, actor=platform_custodian, at=walk.clock())
    decision: list[Decision] = []
    way: tuple[tuple[End, Callable[[], object]], ...] = (
        (End.DRAFT, lambda: walk.submit(application, story.applicant)),
        (End.SUBMITTED, lambda: walk.open(application)),
        (End.IDENTITY_CHECK, lambda: walk.identify(application)),
        (End.REVIEW, lambda: walk.judge(application, story.ratings)),
        (End.BEFORE_COMMITTEE, lambda: decision.append(walk.decide(application, story.outcome))),
        (End.AWAITS_RELEASE, lambda: walk.release(decision[0])),
        (End.RELEASED, lambda: _stop(walk, case, story, application)),
    )
    for end, go_on in way:
        if case.end is end:
            break
        go_on()
    return application


_STOPS = {End.WITHDRAWN: Outcome.WITHDRAW, End.SUSPENDED: Outcome.SUSPEND}


def _stop(walk: Walk, case: DemoCase, story: Story, application: Application) -> None:
    if application.issuer_id is None or case.ground is None:
        raise ValueError(f"{case.institution} was not recognized, or has no ground to stop")
    walk.clock.skip(days=20)
    walk.stop(application.issuer_id, story.applicant, _STOPS[case.end], case.ground)
