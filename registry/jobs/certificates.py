"""Certificates in the background: issue what was asked for and may be issued, and tell which of our own run out."""

import logging
from collections.abc import Iterable
from datetime import datetime

from registry.database import Database
from registry.services import certificate_issuing
from registry.signing.certificates import key_window
from registry.signing.key_records import AuthorityLine, Generation, KeyRecord, Use
from registry.signing.keys import KeyStore

log = logging.getLogger(__name__)
ALARM_AT = 0.75
"""Part of a certificate's life after which it is told at each look."""


def issue_certificates(database: Database, keys: KeyStore, at: datetime) -> int:
    """Issue the certificates that may be issued now, and return how many; none where the registry has no authority."""
    authority = keys.authority(AuthorityLine.ISSUERS)
    if authority is None:
        return 0
    with database.reading() as session:
        if not certificate_issuing.waiting(session):
            return 0
    with database.transaction() as session:
        return certificate_issuing.issue_waiting(session, authority, at=at)


def ageing(records: Iterable[KeyRecord], at: datetime) -> list[KeyRecord]:
    """Return the active keys whose certificates have lived three quarters of their time, or are over."""
    active = [r for r in records if r.generation is Generation.ACTIVE and r.certificates]
    return [record for record in active if _age(record, at) >= ALARM_AT]


def _age(record: KeyRecord, at: datetime) -> float:
    """Return which part of its life the certificate of a key has lived; above 1 it is over."""
    _identifier, start, end = key_window(record.certificates[0])
    return (at - start) / (end - start)


def tell_ageing(keys: KeyStore, at: datetime) -> int:
    """Raise an alarm in the log for each of our own certificates that has to be followed by a new one; return how many."""
    found = ageing(keys.records(), at)
    for record in found:
        _identifier, _start, end = key_window(record.certificates[0])
        command = "authority make" if record.use is Use.AUTHORITY else "announce"
        log.error(
            "the certificate of key %s ends on %s: make the next one with `registry keys %s %s`",
            record.key_id,
            f"{end:%Y-%m-%d}",
            command,
            record.scheme,
            extra={"key": record.key_id, "use": record.use.value, "ends": f"{end:%Y-%m-%dT%H:%M:%SZ}"},
        )
    return len(found)
