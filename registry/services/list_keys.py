"""The signing key of a scheme's lists: its certificate names the body, and the next one is announced before it is used."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.models.body import Scheme
from registry.models.issuer import Issuer
from registry.services.bodies import scheme_by_slug
from registry.services.outbox import LISTS
from registry.services.recording import audit, enqueue
from registry.signing.certificates import CertificateSubject
from registry.signing.key_records import KeyRecord, Use
from registry.signing.keys import KeyStore


def first(session: Session, keys: KeyStore, scheme: Scheme, *, actor: str, at: datetime) -> KeyRecord:
    """Make the first signing key of a scheme."""
    return _generate(session, keys, scheme, actor, at)


def announce(session: Session, keys: KeyStore, slug: str, *, actor: str, at: datetime) -> KeyRecord:
    """Make the next signing key of a scheme; lists announce its certificate from the next issue on."""
    return _generate(session, keys, scheme_by_slug(session, slug), actor, at)


def _generate(session: Session, keys: KeyStore, scheme: Scheme, actor: str, at: datetime) -> KeyRecord:
    number = 1 + len(keys.records(Use.LIST, scheme.slug))
    subject = CertificateSubject(
        country=scheme.body.country, organization=scheme.body.legal_name, common_name=scheme.names["en"]
    )
    record = keys.generate(f"{scheme.slug}-{number}", Use.LIST, at=at, scheme=scheme.slug, subject=subject)
    _tell(session, scheme, "key.made", record, actor, at)
    return record


def rotate(session: Session, keys: KeyStore, slug: str, *, actor: str, at: datetime) -> KeyRecord:
    """Let the announced key sign from now on."""
    scheme = scheme_by_slug(session, slug)
    record = keys.rotate(Use.LIST, slug, at=at)
    _tell(session, scheme, "key.rotated", record, actor, at)
    return record


def _tell(session: Session, scheme: Scheme, act: str, record: KeyRecord, actor: str, at: datetime) -> None:
    audit(session, act, actor=actor, at=at, of=("scheme", scheme.id), detail={"key": record.key_id})
    shards = set(session.scalars(select(Issuer.shard).where(Issuer.scheme_id == scheme.id).distinct()))
    for shard in sorted(shards | {1}):
        enqueue(session, LISTS, {"scheme": scheme.slug, "shard": shard}, at=at)
