"""The snapshot: from rows to the immutable values that publishers see. Nothing about cases or people passes here."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from registry.domain.recognition import StatusEvent
from registry.domain.scope import parse_scope
from registry.domain.terms import parse_terms
from registry.domain.trust_list import (
    Entry,
    IdentityKind,
    ListedCondition,
    ListedIdentity,
    ListedNote,
    NoteKind,
    PostalAddress,
    Text,
)
from registry.models.body import AdoptedPolicy
from registry.models.decision import Decision
from registry.models.institution import InstitutionIdentifier
from registry.models.issuer import IdentityChange, IdentityEvent, Issuer, RecognitionEvent
from registry.models.standing import IssuerWarning
from registry.models.two_people import ProposalAnswer
from registry.services.bodies import policy_of
from registry.services.institutions import facts_of
from registry.signing.certificates import key_window

PUBLISHED_IDENTIFIERS = frozenset(
    [
        "ror",
        "deqarinst",
        "eter",
        "erasmus_code",
        "pic",
        "oid",
        "eche",
        "schac",
        "whed",
        "vat",
        "euid",
        "lei",
        "nip",
        "regon",
        "krs",
        "grid",
        "isni",
        "wikidata",
        "ctid",
    ]
)
"""Identifier schemes that lists carry."""


def load_issuers(session: Session, issuer_ids: Iterable[uuid.UUID]) -> Sequence[Issuer]:
    """Return issuers with all that a snapshot needs, in a fixed number of queries, sorted by id."""
    query = (
        select(Issuer)
        .where(Issuer.id.in_(list(issuer_ids)))
        .options(
            selectinload(Issuer.institution),
            selectinload(Issuer.scheme),
            selectinload(Issuer.events),
            selectinload(Issuer.identities).selectinload(IdentityEvent.claim),
        )
    )
    return sorted(session.scalars(query), key=lambda issuer: str(issuer.id))


def build_entries(session: Session, issuers: Sequence[Issuer]) -> list[Entry]:
    """Return the entries of issuers that have a released recognition."""
    listed = [issuer for issuer in issuers if issuer.events]
    institutions = [issuer.institution_id for issuer in listed]
    facts = facts_of(session, institutions)
    identifiers = _identifiers(session, institutions)
    decisions = _decisions(session, listed)
    titles = _criterion_titles(session, listed)
    notes = notes_of(session, listed)
    return [
        _entry(
            issuer,
            facts[issuer.institution_id],
            identifiers.get(issuer.institution_id, ()),
            decisions,
            titles,
            notes.get(issuer.id, ()),
        )
        for issuer in listed
    ]


def notes_of(session: Session, issuers: Sequence[Issuer]) -> dict[uuid.UUID, tuple[ListedNote, ...]]:
    """Return the warnings that are published beside entries, oldest first; those that ran out fall away by themselves."""
    found: dict[uuid.UUID, list[ListedNote]] = {}
    query = select(IssuerWarning).where(
        IssuerWarning.issuer_id.in_([issuer.id for issuer in issuers]), IssuerWarning.published
    )
    for row in session.scalars(query.order_by(IssuerWarning.since, IssuerWarning.id)):
        note = ListedNote(NoteKind.WARNING, Text.of(**row.text), row.since, row.until, str(row.proposal_id))
        found.setdefault(row.issuer_id, []).append(note)
    return {issuer: tuple(notes) for issuer, notes in found.items()}


def _identifiers(
    session: Session, institutions: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[tuple[str, str], ...]]:
    found: dict[uuid.UUID, list[tuple[str, str]]] = {}
    query = select(InstitutionIdentifier).where(InstitutionIdentifier.institution_id.in_(institutions))
    for row in session.scalars(query):
        if row.scheme in PUBLISHED_IDENTIFIERS:
            found.setdefault(row.institution_id, []).append((row.scheme, row.value))
    return {institution: tuple(sorted(pairs)) for institution, pairs in found.items()}


def _decisions(session: Session, issuers: Sequence[Issuer]) -> dict[uuid.UUID, datetime]:
    """Return when decisions were taken, and when two people gave their second word, by id."""
    events = [event for issuer in issuers for event in issuer.events]
    decided = select(Decision.id, Decision.decided_at).where(Decision.id.in_({e.decision_id for e in events}))
    ordered = select(ProposalAnswer.proposal_id, ProposalAnswer.at).where(
        ProposalAnswer.proposal_id.in_({e.proposal_id for e in events})
    )
    return {row[0]: row[1] for query in (decided, ordered) for row in session.execute(query)}


def ground_of(event: RecognitionEvent) -> uuid.UUID:
    """Return the id of what an event rests on: a decision, or what two people ordered."""
    ground = event.decision_id or event.proposal_id
    if ground is None:
        raise ValueError(f"recognition event {event.number} rests on nothing")
    return ground


def _criterion_titles(session: Session, issuers: Sequence[Issuer]) -> dict[tuple[str, str], Text]:
    """Return the titles of criteria, by policy hash and criterion: conditions are published by them, not by free text."""
    wanted = {event.policy_sha256 for issuer in issuers for event in issuer.events if event.conditions}
    titles: dict[tuple[str, str], Text] = {}
    for row in session.scalars(select(AdoptedPolicy).where(AdoptedPolicy.sha256.in_(wanted))):
        for criterion in policy_of(row).policy.criteria:
            titles[row.sha256, criterion.id] = criterion.title
    return titles


def status_events(issuer: Issuer) -> tuple[StatusEvent, ...]:
    """Return the recognition events of an issuer as values, in order of recording."""
    return tuple(_status_event(event) for event in issuer.events)


def _status_event(event: RecognitionEvent) -> StatusEvent:
    return StatusEvent(
        number=event.number,
        recorded_at=event.recorded_at,
        effective_from=event.effective_from,
        status=event.status,
        reason=event.reason,
        decision_id=str(ground_of(event)),
        effect=event.effect,
        effect_from=event.effect_from,
        scope=parse_scope(event.scope) if event.scope is not None else None,
        valid_until=event.valid_until,
        supersedes=event.supersedes,
        terms=parse_terms(event.terms) if event.terms else None,
    )


def _entry(
    issuer: Issuer,
    facts: dict[str, Any],
    identifiers: tuple[tuple[str, str], ...],
    decisions: dict[uuid.UUID, datetime],
    titles: dict[tuple[str, str], Text],
    notes: tuple[ListedNote, ...],
) -> Entry:
    last = issuer.events[-1]
    granted = next(event for event in reversed(issuer.events) if event.scope is not None)
    return Entry(
        id=str(issuer.id),
        slug=issuer.institution.slug,
        names=_names(facts, issuer.institution.name),
        legal_name=legal_name_of(facts, issuer.institution.name),
        identifiers=identifiers,
        address=PostalAddress(
            facts.get("street") or "",
            facts.get("city") or "",
            facts.get("postal_code") or "",
            facts["country"],
        ),
        website=facts.get("website"),
        identities=listed_identities(issuer.identities),
        events=status_events(issuer),
        policy_id=granted.policy_id,
        policy_version=granted.policy_version,
        policy_sha256=granted.policy_sha256,
        decision_id=str(ground_of(last)),
        decided_at=decisions[ground_of(last)],
        conditions=tuple(
            ListedCondition(titles[granted.policy_sha256, c["criterion"]], _instant(c["due"]))
            for c in granted.conditions or []
        ),
        notes=notes,
    )


def _names(facts: dict[str, Any], fallback: str) -> Text:
    names = {
        str(name["language"]): str(name["text"])
        for name in reversed(facts["names"])
        if name["language"] and name["kind"] in {"display", "legal"}
    }
    return Text.of(**{"en": fallback, **names})


def legal_name_of(facts: dict[str, Any], fallback: str) -> str:
    """Return the legal name among the names of an institution, or `fallback`."""
    return next((str(name["text"]) for name in facts["names"] if name["kind"] == "legal"), fallback)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def listed_identities(events: Iterable[IdentityEvent]) -> tuple[ListedIdentity, ...]:
    """Return the identities that events list, with their windows; ended ones stay, so that old credentials can be judged."""
    rows = list(events)
    listed = [event for event in rows if event.change is IdentityChange.LISTED]
    return tuple(_identity(event, [e for e in rows if e.claim_id == event.claim_id]) for event in listed)


def _identity(listed: IdentityEvent, events: Sequence[IdentityEvent]) -> ListedIdentity:
    def first(change: IdentityChange) -> datetime | None:
        return min((e.effective_from for e in events if e.change is change), default=None)

    claim = listed.claim
    starts, ends = [listed.effective_from], [first(IdentityChange.ENDED)]
    if claim.certificate is not None:
        _ski, not_before, not_after = key_window(claim.certificate)
        starts.append(not_before)
        ends.append(not_after)
    return ListedIdentity(
        kind=IdentityKind(claim.kind),
        value=claim.value,
        valid_from=max(starts),
        valid_to=min((end for end in ends if end is not None), default=None),
        compromised_from=first(IdentityChange.COMPROMISED),
        certificate=claim.certificate,
        jwk=tuple(sorted((str(k), str(v)) for k, v in claim.jwk.items())) if claim.jwk else None,
        profile_id=claim.profile_id or None,
    )
