"""The registry's own certificate authorities: made by the operator, announced before they issue, known to everybody."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.models.certificates import AuthorityCertificate
from registry.publishers.traits import REGISTRY
from registry.services.outbox import LISTS
from registry.services.recording import audit, enqueue
from registry.signing.certificates import CertificateSubject
from registry.signing.key_records import AuthorityLine, KeyRecord, Use
from registry.signing.keys import KeyStore


def address(line: AuthorityLine) -> str:
    """Return where the certificates of a line's authorities stand published: active, announced, then retired, as PEM."""
    return f"/certificates/{line.value}.pem"


_NAMES = {
    AuthorityLine.LISTS: "Authority for signers of lists",
    AuthorityLine.ISSUERS: "Authority for issuers",
}


def make(
    session: Session,
    keys: KeyStore,
    line: AuthorityLine,
    *,
    operator: str,
    country: str,
    actor: str,
    at: datetime,
) -> KeyRecord:
    """Make the authority of a line, or announce the next one where there is one; its certificate names the operator.

    Raises:
        InvalidInput: name or country cannot stand in a certificate.
        Conflict: the next one is announced already.
    """
    number = 1 + len(keys.records(Use.AUTHORITY, line))
    subject = CertificateSubject(
        country=country, organization=operator, common_name=f"{_NAMES[line]} {number}"
    )
    record = keys.generate(f"authority-{line}-{number}", Use.AUTHORITY, at=at, scheme=line, subject=subject)
    row = AuthorityCertificate(key_id=record.key_id, line=line, certificate=record.certificates[0], at=at)
    session.add(row)
    session.flush()
    audit(session, "authority.made", actor=actor, at=at, of=("authority_certificate", record.key_id))
    _publish(session, at)
    return record


def rotate(session: Session, keys: KeyStore, line: AuthorityLine, *, actor: str, at: datetime) -> KeyRecord:
    """Let the announced authority of a line issue from now on; what the one before issued stays valid.

    Raises:
        Conflict: none was announced.
    """
    record = keys.rotate(Use.AUTHORITY, line, at=at)
    audit(session, "authority.rotated", actor=actor, at=at, of=("authority_certificate", record.key_id))
    _publish(session, at)
    return record


def _publish(session: Session, at: datetime) -> None:
    """Have the next edition tell everybody the certificates as they are now."""
    enqueue(session, LISTS, {"scheme": REGISTRY, "shard": 1}, at=at)


def certificates(session: Session, line: AuthorityLine) -> Sequence[bytes]:
    """Return the certificates (DER) of a line's authorities, newest first; empty where the registry has none."""
    query = select(AuthorityCertificate.certificate).where(AuthorityCertificate.line == line)
    return session.scalars(query.order_by(AuthorityCertificate.at.desc())).all()
