"""The signing key of a scheme's lists: its certificate names the body, and the next one is announced before it is used."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.operator import Operator
from registry.models.body import Scheme
from registry.models.issuer import Issuer
from registry.publishers.traits import REGISTRY
from registry.services.bodies import scheme_by_slug
from registry.services.outbox import LISTS
from registry.services.recording import audit, enqueue
from registry.signing.certificates import CertificateSubject
from registry.signing.key_records import KeyRecord, Use
from registry.signing.keys import KeyStore


def first(session: Session, keys: KeyStore, scheme: Scheme, *, actor: str, at: datetime) -> KeyRecord:
    """Make the first signing key of a scheme."""
    return _generate(session, keys, scheme, actor, at)


def announce(
    session: Session,
    keys: KeyStore,
    slug: str,
    *,
    actor: str,
    at: datetime,
    operator: Operator | None = None,
) -> KeyRecord:
    """Make the next signing key of a scheme, or of the registry itself, for which its operator is needed.

    Lists announce its certificate from the next issue on.
    """
    if slug == REGISTRY and operator is not None:
        record = make_registry_key(keys, operator, at)
        _tell_registry(session, "key.made", record, actor, at)
        return record
    return _generate(session, keys, scheme_by_slug(session, slug), actor, at)


def ensure_registry_key(
    session: Session, keys: KeyStore, operator: Operator, *, at: datetime, actor: str = "system"
) -> None:
    """Make the first key that documents of the whole registry are signed with, where there is none."""
    if not keys.records(Use.LIST, REGISTRY):
        record = make_registry_key(keys, operator, at)
        audit(
            session, "key.made", actor=actor, at=at, of=("registry", REGISTRY), detail={"key": record.key_id}
        )


def _generate(session: Session, keys: KeyStore, scheme: Scheme, actor: str, at: datetime) -> KeyRecord:
    subject = CertificateSubject(
        country=scheme.body.country, organization=scheme.body.legal_name, common_name=scheme.names["en"]
    )
    record = _made(keys, scheme.slug, subject, at)
    _tell(session, scheme, "key.made", record, actor, at)
    return record


def make_registry_key(keys: KeyStore, operator: Operator, at: datetime) -> KeyRecord:
    """Make a key that documents of the whole registry are signed with; its certificate names the operator."""
    subject = CertificateSubject(
        country=operator.territory, organization=operator.name, common_name="List of trust lists"
    )
    return _made(keys, REGISTRY, subject, at)


def _made(keys: KeyStore, slug: str, subject: CertificateSubject, at: datetime) -> KeyRecord:
    number = 1 + len(keys.records(Use.LIST, slug))
    return keys.generate(f"{slug}-{number}", Use.LIST, at=at, scheme=slug, subject=subject)


def rotate(session: Session, keys: KeyStore, slug: str, *, actor: str, at: datetime) -> KeyRecord:
    """Let the announced key sign from now on."""
    if slug == REGISTRY:
        record = keys.rotate(Use.LIST, slug, at=at)
        _tell_registry(session, "key.rotated", record, actor, at)
        return record
    scheme = scheme_by_slug(session, slug)
    record = keys.rotate(Use.LIST, slug, at=at)
    _tell(session, scheme, "key.rotated", record, actor, at)
    return record


def _tell(session: Session, scheme: Scheme, act: str, record: KeyRecord, actor: str, at: datetime) -> None:
    audit(session, act, actor=actor, at=at, of=("scheme", scheme.id), detail={"key": record.key_id})
    shards = set(session.scalars(select(Issuer.shard).where(Issuer.scheme_id == scheme.id).distinct()))
    for shard in sorted(shards | {1}):
        enqueue(session, LISTS, {"scheme": scheme.slug, "shard": shard}, at=at)


def _tell_registry(session: Session, act: str, record: KeyRecord, actor: str, at: datetime) -> None:
    audit(session, act, actor=actor, at=at, of=("registry", REGISTRY), detail={"key": record.key_id})
    enqueue(session, LISTS, {"scheme": REGISTRY, "shard": 1}, at=at)
