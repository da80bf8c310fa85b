"""The signing key of a scheme's lists: its certificate names the body, and the next one is announced before it is used."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.operator import Operator
from registry.editions import EditionReader
from registry.errors import Conflict
from registry.models.body import Scheme
from registry.models.issuer import Issuer
from registry.publishers.traits import REGISTRY
from registry.services.announcements import silent_lists
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


def rotate(
    session: Session,
    keys: KeyStore,
    slug: str,
    *,
    store: EditionReader,
    emergency: str = "",
    actor: str,
    at: datetime,
) -> KeyRecord:
    """Let the announced key sign from now on.

    `emergency` is why it signs although published lists do not announce it, such as that the old key is in other hands; it
    stands in the audit trail.

    Raises:
        Conflict: no next key was made, or a published list of lists does not name its certificate yet.
    """
    scheme = None if slug == REGISTRY else scheme_by_slug(session, slug)
    silent = silent_lists(store, keys, slug)
    if silent and not emergency:
        raise Unannounced(slug, silent)
    record = keys.rotate(Use.LIST, slug, at=at)
    why = {"emergency": emergency, "unannounced_in": silent} if emergency else {}
    if scheme is None:
        _tell_registry(session, "key.rotated", record, actor, at, **why)
    else:
        _tell(session, scheme, "key.rotated", record, actor, at, **why)
    return record


class Unannounced(Conflict):
    """The next certificate stands in no published list of lists yet; `lists` are the addresses of those without it."""

    def __init__(self, slug: str, lists: list[str]) -> None:
        self.lists = lists
        super().__init__(
            f"The next certificate of {slug} is not announced yet in {', '.join(lists)}: whoever follows the lists would "
            "not trust its signatures. Publish (`registry publish`, or a running `registry serve`), wait until "
            f"verifiers have read it, then rotate. If the old key is lost or stolen: `registry keys rotate {slug} "
            '--emergency "why"`, and tell verifiers the new certificate yourself.'
        )


def _tell(
    session: Session, scheme: Scheme, act: str, record: KeyRecord, actor: str, at: datetime, **more: Any
) -> None:
    audit(session, act, actor=actor, at=at, of=("scheme", scheme.id), detail={"key": record.key_id, **more})
    shards = set(session.scalars(select(Issuer.shard).where(Issuer.scheme_id == scheme.id).distinct()))
    for shard in sorted(shards | {1}):
        enqueue(session, LISTS, {"scheme": scheme.slug, "shard": shard}, at=at)


def _tell_registry(
    session: Session, act: str, record: KeyRecord, actor: str, at: datetime, **more: Any
) -> None:
    audit(session, act, actor=actor, at=at, of=("registry", REGISTRY), detail={"key": record.key_id, **more})
    enqueue(session, LISTS, {"scheme": REGISTRY, "shard": 1}, at=at)
