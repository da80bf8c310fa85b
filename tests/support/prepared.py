"""Cases that a served registry has already, walked through the services so that browsers begin where it matters."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.demo.walk import Cast, Key, Story, Walk
from registry.domain.dids import did_key_from_ed25519
from registry.domain.roles import Role
from registry.domain.trust_list import IdentityKind
from registry.files import FileStore
from registry.models.account import Account
from registry.models.application import Application
from registry.services import accounts, bodies, institutions
from registry.services.identities import NewIdentity

from support.browser import PASSWORD
from support.live import SCHEME, Live, address
from support.town import FACTS, SCOPE


@contextmanager
def written(registry: Live) -> Iterator[Session]:
    """Write to the database of a registry beside its server."""
    database = Database(Settings(data=registry.data).sqlalchemy_url)
    with database.transaction() as session:
        yield session
    database.dispose()


def case_of(registry: Live, owner: str, name: str, *, listed: bool) -> str:
    """Bring a case of an institution of its own before the committee, or to its listing; return its id."""
    at = datetime.now(UTC).replace(microsecond=0)
    with written(registry) as session:
        walk = Walk(session, FileStore(Settings(data=registry.data).evidence), _cast(session), _still(at))
        story = _story(session, owner, name, at)
        application = walk.submit(walk.apply(story), story.applicant)
        walk.open(application)
        walk.identify(application)
        walk.judge(application, {})
        if listed:
            walk.release(walk.decide(application))
        return str(application.id)


def issuer_slug(registry: Live, case: str) -> str:
    """Return the name in addresses of the institution that a case is about."""
    with written(registry) as session:
        return session.get_one(Application, uuid.UUID(case)).institution.slug


def _still(at: datetime) -> SteppingClock:
    return SteppingClock(at, timedelta())


def _cast(session: Session) -> Cast:
    def who(name: str) -> uuid.UUID:
        return session.scalars(select(Account.id).where(Account.email == address(name))).one()

    return Cast(
        who("intake"),
        who("officer"),
        (who("verifier1"), who("verifier2")),
        tuple(who(f"reviewer{n}") for n in range(1, 5)),
        (who("chair"), *(who(f"member{n}") for n in range(1, 5))),
        (who("registrar1"), who("registrar2")),
    )


def _story(session: Session, owner: str, name: str, at: datetime) -> Story:
    applicant = accounts.create_account(
        session,
        name=f"{owner.capitalize()} Person",
        email=address(owner),
        password=PASSWORD,
        language="en",
        at=at,
    ).id
    facts = {**FACTS, "names": [{"text": name, "language": "en", "kind": "display"}]}
    institution = institutions.add_institution(
        session, facts, source="ror", source_key=f"https://ror.example/{owner}", actor="operator", at=at
    )
    session.flush()
    for role in (Role.OWNER, Role.SIGNATORY, Role.KEY_CUSTODIAN):
        accounts.record_grant(session, applicant, role, institution_id=institution.id, actor=None, at=at)
    scheme = bodies.scheme_by_slug(session, SCHEME)
    private = Ed25519PrivateKey.generate()
    did = did_key_from_ed25519(private.public_key().public_bytes_raw())
    key = Key(NewIdentity(IdentityKind.DID, did), private)
    return Story(institution.id, scheme.id, applicant, SCOPE, (key,))
