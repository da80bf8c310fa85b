"""Signals: what a machine notices about an issuer between reviews. Each opens work; none changes a standing.

A signal is one small function in one table, keyed by the word of the policies. It gets the issuer and a way to look outside,
and returns what it found; `key` tells one finding from the next, so that the same is told once.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.complaints import ComplaintState
from registry.domain.trust_list import IdentityKind
from registry.errors import RegistryError
from registry.models.complaint import Complaint
from registry.models.institution import InstitutionRecord
from registry.models.issuer import IdentityChange, IdentityClaim, Issuer
from registry.models.monitoring import MonitoringKind, SeenDocument, Sweep
from registry.outbound import FetchRefused
from registry.services import monitoring, rounds
from registry.services.clock import clock_account
from registry.services.deadlines import calendar_of
from registry.services.institutions import current_facts
from registry.services.renewals import running
from registry.signing.certificates import key_window
from registry.signing.did_documents import keys_of_document, web_document_url
from registry.signing.possession import PublicKey

EXPIRES_WITHIN = timedelta(days=60)
MANY_COMPLAINTS = 3
"""More than this many within the time are a signal."""
COMPLAINTS_WITHIN = timedelta(days=90)
BATCH = 20
"""Issuers of one batch; each may take several looks outside."""
Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was noticed; `key` is the same as long as the same is noticed."""

    key: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def listed_now(issuer: Issuer) -> list[IdentityClaim]:
    """Return what an issuer signs with now: listed, and neither ended nor compromised."""
    over = {e.claim_id for e in issuer.identities if e.change is not IdentityChange.LISTED}
    return [
        e.claim for e in issuer.identities if e.change is IdentityChange.LISTED and e.claim_id not in over
    ]


def did_document_changed(session: Session, issuer: Issuer, fetch: Fetch, at: datetime) -> Iterable[Finding]:
    """Tell that a did:web document holds other keys than at the last look, or cannot be read."""
    for claim in listed_now(issuer):
        if claim.kind is not IdentityKind.DID or not claim.value.startswith("did:web:"):
            continue
        try:
            keys = keys_of_document(claim.value, fetch(web_document_url(claim.value)))
        except RegistryError as error:
            yield Finding(f"{claim.value}:{at:%Y-%m}", {"did": claim.value, "problem": str(error)})
            continue
        digest = hashlib.sha256(b"".join(sorted(map(_key_bytes, keys)))).hexdigest()
        if _changed_since(session, issuer, claim.value, digest, at):
            yield Finding(f"{claim.value}:{digest}:{at:%Y-%m-%d}", {"did": claim.value, "keys": digest})


def _key_bytes(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _changed_since(session: Session, issuer: Issuer, did: str, digest: str, at: datetime) -> bool:
    """Whether a document holds other keys than at the last look, which this one becomes."""
    seen = session.get(SeenDocument, (issuer.id, did))
    if seen is None:
        session.add(SeenDocument(issuer_id=issuer.id, did=did, digest=digest, at=at))
        return False
    changed, seen.digest, seen.at = seen.digest != digest, digest, at
    return changed


def certificate_expiring(_session: Session, issuer: Issuer, _fetch: Fetch, at: datetime) -> Iterable[Finding]:
    """Tell that a listed certificate ends within 60 days."""
    for claim in listed_now(issuer):
        if claim.certificate is None:
            continue
        ski, _start, end = key_window(claim.certificate)
        if at <= end <= at + EXPIRES_WITHIN:
            yield Finding(f"{claim.id}:{end:%Y-%m-%d}", {"ends": f"{end:%Y-%m-%d}", "key": ski.hex()})


def site_of(session: Session, issuer: Issuer) -> str | None:
    """Return the address of an institution's own site, or None."""
    site = current_facts(session, issuer.institution_id).get("website")
    host = str(site or "").removeprefix("https://").removeprefix("http://").split("/")[0]
    return f"https://{host}/" if host else None


def domain_lost(session: Session, issuer: Issuer, fetch: Fetch, at: datetime) -> Iterable[Finding]:
    """Tell that the institution's own site is not there any more: no address, or nobody answers."""
    site = site_of(session, issuer)
    if site is None:
        return
    host = site.removeprefix("https://").rstrip("/")
    try:
        fetch(site)
    except FetchRefused as error:
        if "redirects" not in str(error) and "larger" not in str(error):
            yield Finding(f"{host}:{at:%Y-%m}", {"domain": host, "problem": str(error)})


def register_status_changed(
    session: Session, issuer: Issuer, _fetch: Fetch, _at: datetime
) -> Iterable[Finding]:
    """Tell that a linked register calls the institution inactive, withdrawn, or names a successor."""
    query = (
        select(InstitutionRecord)
        .where(InstitutionRecord.institution_id == issuer.institution_id)
        .order_by(InstitutionRecord.number)
    )
    newest = {row.source: row for row in session.scalars(query)}
    for source, row in sorted(newest.items()):
        status = str(row.facts.get("status") or "active")
        if status != "active" and row.recorded_at > issuer.created_at:
            yield Finding(f"{source}:{row.digest}", {"source": source, "status": status})


def complaint_rate(session: Session, issuer: Issuer, _fetch: Fetch, at: datetime) -> Iterable[Finding]:
    """Tell that more complaints came in within 90 days than are usual; dismissed ones do not count."""
    query = select(func.count()).where(
        Complaint.issuer_id == issuer.id,
        Complaint.received_at > at - COMPLAINTS_WITHIN,
        Complaint.state != ComplaintState.INADMISSIBLE,
    )
    count = session.scalar(query) or 0
    if count > MANY_COMPLAINTS:
        yield Finding(f"{at:%Y}-{(at.month - 1) // 3 + 1}", {"complaints": count})


Signal = Callable[[Session, Issuer, Fetch, datetime], Iterable[Finding]]
SIGNALS: Mapping[str, Signal] = {
    "did_document_changed": did_document_changed,
    "certificate_expiring_60_days": certificate_expiring,
    "domain_lost": domain_lost,
    "register_status_changed": register_status_changed,
    "complaint_rate": complaint_rate,
}
"""Signals that a machine sees; the others of a policy are noted by people (`monitoring.note_signal`)."""


def tick_signals(session: Session, at: datetime, fetch: Fetch, *, ahead: Sequence[str] | None = None) -> int:
    """Look at the next batch of issuers of today's round and return how many items it opened.

    Where `ahead` no longer names what the batch looks at, since an issuer or a key has come meanwhile, nothing is done: the
    next look begins with it.
    """
    sweep = rounds.sweep_of(session, "signals", at)
    if sweep.done:
        return 0
    if ahead is not None and addresses_ahead(session, at) != ahead:
        return 0
    batch = rounds.next_batch(session, sweep.after, BATCH)
    opened = sum(look(session, issuer, fetch, at) for issuer in batch)
    rounds.advance(sweep, batch, BATCH)
    session.flush()
    return opened


def addresses_ahead(session: Session, at: datetime) -> list[str] | None:
    """Return what the next batch of today's round will look at outside, or None when the round is done.

    It only reads, so that the looking can be done while nobody waits for the database.
    """
    sweep = session.get(Sweep, "signals")
    if sweep is not None and sweep.done and sweep.day >= at.astimezone(UTC).date():
        return None
    after = sweep.after if sweep is not None else None
    found = [
        url
        for issuer in rounds.next_batch(session, after, BATCH)
        if _is_watched(issuer, at)
        for url in _addresses(session, issuer)
    ]
    return list(dict.fromkeys(found))  # in their order, each once


def _addresses(session: Session, issuer: Issuer) -> Iterable[str]:
    for claim in listed_now(issuer):
        if claim.kind is IdentityKind.DID and claim.value.startswith("did:web:"):
            with suppress(RegistryError):  # told as a finding when it is looked at
                yield web_document_url(claim.value)
    site = site_of(session, issuer)
    if site is not None:
        yield site


def _is_watched(issuer: Issuer, at: datetime) -> bool:
    now = running(issuer, at)
    return now is not None and now.status.is_recognized


def look(session: Session, issuer: Issuer, fetch: Fetch, at: datetime) -> int:
    """Look for every signal of an issuer's policy and return how many items that opened."""
    if not _is_watched(issuer, at):
        return 0
    words = [item.id for item in monitoring.terms_of(session, issuer).monitoring.signals]
    return sum(_notice(session, issuer, word, fetch, at) for word in words)


def notice(session: Session, issuer: Issuer, word: str, *, at: datetime) -> int:
    """Look for one signal that needs no look outside, at once; the policy has to know it."""
    words = {item.id for item in monitoring.terms_of(session, issuer).monitoring.signals}
    return _notice(session, issuer, word, _nothing_outside, at) if word in words else 0


def _nothing_outside(url: str) -> bytes:
    raise FetchRefused(f"{url} is not looked at now")


def _notice(session: Session, issuer: Issuer, word: str, fetch: Fetch, at: datetime) -> int:
    count = 0
    due = calendar_of(issuer.scheme.body).plus(at, monitoring.SIGNAL_DAYS)
    for finding in SIGNALS[word](session, issuer, fetch, at) if word in SIGNALS else ():
        new = monitoring.NewItem(MonitoringKind.SIGNAL, word, f"{word}:{finding.key}", finding.detail)
        actor = clock_account(session, at=at).id
        count += monitoring.open_item(session, issuer, new, due=due, at=at, actor=actor) is not None
    return count
