"""Acts on the running demo: withdraw or suspend one issuer, or roll one issuer's certificate over, through the services."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.database import Database
from registry.demo import invented
from registry.demo.build import cast_of
from registry.demo.clock import SteppingClock
from registry.demo.detours_standing import ended_key
from registry.demo.keys import KeyMaker
from registry.demo.walk import Walk, sign
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason, status_at
from registry.domain.trust_list import IdentityKind
from registry.errors import Conflict
from registry.files import FileStore
from registry.jobs import open_publishing, publish_now
from registry.models.account import RoleGrant
from registry.models.issuer import IdentityChange, IdentityEvent, Issuer
from registry.services import identities
from registry.services.bodies import scheme_by_slug
from registry.services.trust_lists import status_events

DemoAct = Literal["withdraw", "suspend", "rollover"]


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done to whom, and when."""

    act: DemoAct
    issuer: str
    name: str
    at: datetime


def act(settings: Settings, what: DemoAct, *, clock: Callable[[], datetime]) -> Acted:
    """Do one thing to one demo issuer at once, and publish it.

    The whole procedure runs through the services with a moved clock that stands still: the hearing is opened
    and answered, the committee votes, two registrars sign.

    Raises:
        Conflict: no recognized demo issuer is left for it.
    """
    database, at = Database(settings.sqlalchemy_url), clock()
    try:
        with database.transaction() as session:
            done = _act(session, settings, what, at)
    finally:
        database.dispose()
    with open_publishing(settings) as publishing:
        publish_now(publishing, clock)
    return done


def _act(session: Session, settings: Settings, what: DemoAct, at: datetime) -> Acted:
    issuer = _candidate(session, at)
    walk = Walk(session, FileStore(settings.evidence), cast_of(session), SteppingClock(at, timedelta(0)))
    applicant = _applicant(session, issuer)
    if what == "rollover":
        _roll_over(walk, issuer, applicant, KeyMaker(settings.data / "demo-keys"), at)
    else:
        outcome, ground = _STOPS[what]
        walk.stop(issuer.id, applicant, outcome, ground)
    return Acted(what, str(issuer.id), issuer.institution.name, at)


_STOPS = {
    "withdraw": (Outcome.WITHDRAW, Reason.SERIOUS_BREACH),
    "suspend": (Outcome.SUSPEND, Reason.MONITORING_REFUSED),
}


def _candidate(session: Session, at: datetime) -> Issuer:
    """Return the recognized issuer of the main scheme, with a certificate, that was granted last; never the first one."""
    scheme = scheme_by_slug(session, invented.MAIN_SCHEME)
    first = invented.INSTITUTIONS["first"].names["en"]
    for issuer in session.scalars(
        select(Issuer).where(Issuer.scheme_id == scheme.id).order_by(Issuer.created_at.desc())
    ):
        status = status_at(status_events(issuer), at)
        if (
            status is not None
            and status.is_recognized
            and issuer.institution.name != first
            and _certificate(issuer)
        ):
            return issuer
    raise Conflict("no recognized demo issuer is left for this; start again with another data directory")


def _certificate(issuer: Issuer) -> IdentityEvent | None:
    """Return the event that lists the certificate in use, or None."""
    ended = {e.claim_id for e in issuer.identities if e.change is not IdentityChange.LISTED}
    return next(
        (
            event
            for event in reversed(issuer.identities)
            if event.change is IdentityChange.LISTED
            and event.claim.kind is IdentityKind.X509
            and event.claim_id not in ended
        ),
        None,
    )


def _applicant(session: Session, issuer: Issuer) -> uuid.UUID:
    return (
        session.scalars(
            select(RoleGrant.account_id).where(
                RoleGrant.institution_id == issuer.institution_id, RoleGrant.revoked_at.is_(None)
            )
        ).first()
        or issuer.id
    )


def _roll_over(walk: Walk, issuer: Issuer, applicant: uuid.UUID, keys: KeyMaker, at: datetime) -> None:
    """List a new certificate, proven and confirmed by two; end the old one, which stays retrievable."""
    old = _certificate(issuer)
    if old is None:
        raise Conflict("this issuer has no certificate to roll over")
    made = keys.certificate(issuer.institution, at, label=str(len(issuer.identities) + 1))
    claim = identities.add_to_issuer(walk.session, issuer.id, made.new, actor=applicant, at=at)
    if made.private is not None:
        identities.prove(walk.session, claim.id, sign(made.private, claim.challenge), actor=applicant, at=at)
    for verifier in walk.cast.verifiers:
        identities.confirm(walk.session, claim.id, actor=verifier, at=at)
    ended_key(walk, old.claim_id)
