"""Institution events: a body decides what becomes of the recognitions that it gave, and the facts are recorded with it.

One proposal holds the event and the fate of every recognition of the institution under this body; other bodies decide for
themselves. Nothing is carried over that nobody decided to carry over, and never more than was held.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.institution_events import SAME_BODY, EventKind, Fate, carried
from registry.domain.recognition import Reason, Status
from registry.domain.scope import parse_scope, scope_to_wire
from registry.domain.text import clean
from registry.errors import NotFound
from registry.models.institution import Institution, InstitutionIdentifier, WorkItem
from registry.models.issuer import Issuer
from registry.models.standing import InstitutionEvent, InstitutionRelation
from registry.models.two_people import Proposal
from registry.services.bodies import policy_of
from registry.services.carrying import conditions_of, holding_of
from registry.services.institution_event_checks import body_of, effects_of, listings, refuse_own
from registry.services.institutions import current_facts, decide_facts
from registry.services.outbox import announce
from registry.services.recording import FACT, audit, stamp
from registry.services.standing import (
    Change,
    Ground,
    is_standing,
    listing_of,
    policy_row,
    record,
    stopping,
)

RE_REVIEW = "re_review"
"""Kind of the work item for a recognition that has to be reviewed anew."""
_REASONS: Mapping[EventKind, Reason] = {
    EventKind.MERGER: Reason.MERGED,
    EventKind.SPLIT: Reason.SPLIT,
    EventKind.CLOSURE: Reason.ISSUER_CLOSED,
}
"""Why the recognitions of an institution change with what happened to it; after other kinds they stay as they are."""


def apply_event(session: Session, row: Proposal, second: uuid.UUID, at: datetime) -> None:
    """Record the event, its facts, and what becomes of each recognition.

    Raises:
        NotAllowed: the second person has acted for one of the institutions.
    """
    refuse_own(session, row, second)
    kind, institution = EventKind(row.content["kind"]), session.get_one(Institution, uuid.UUID(row.object_id))
    concerned = listings(session, institution.id, body_of(row), at)
    effects = effects_of(row, kind, concerned)
    number, recorded = stamp(session, FACT, at)
    event = InstitutionEvent(
        number=number,
        institution_id=institution.id,
        body_id=body_of(row),
        proposal_id=row.id,
        kind=kind,
        occurred_on=date.fromisoformat(row.content["occurred_on"]),
        recorded_at=recorded,
        evidence=clean(row.content["evidence"]),
        effects=effects,
    )
    session.add(event)
    session.flush()
    _record_facts(session, row, event, institution, second, at)
    for issuer in concerned:
        mine = [effect for effect in effects if effect["issuer"] == str(issuer.id)]
        _let_follow(session, row, kind, issuer, mine, at)
    _close_work(session, row, second, at)
    audit(session, f"institution.{kind.value}", actor=second, at=at, of=("institution", institution.id))


def _record_facts(
    session: Session,
    row: Proposal,
    event: InstitutionEvent,
    institution: Institution,
    actor: uuid.UUID,
    at: datetime,
) -> None:
    for successor in row.content.get("successors") or []:
        to = uuid.UUID(successor)
        if session.get(InstitutionRelation, (institution.id, to, event.kind)) is None:
            relation = InstitutionRelation(
                from_id=institution.id,
                to_id=to,
                kind=event.kind,
                event_number=event.number,
                since=event.occurred_on,
                recorded_at=event.recorded_at,
            )
            session.add(relation)
    facts: dict[str, Any]
    if event.kind is EventKind.RENAME:
        facts = {"names": _new_names(session, row, institution)}
    elif event.kind in {EventKind.MERGER, EventKind.CLOSURE}:
        facts = {"status": "inactive"}
    else:
        return
    decide_facts(session, institution, facts, actor=str(actor), at=at)
    for issuer in session.scalars(select(Issuer).where(Issuer.institution_id == institution.id)):
        announce(session, issuer, at=at)


def _new_names(session: Session, row: Proposal, institution: Institution) -> list[dict[str, Any]]:
    """Return the new names first, and those it had before as former ones."""
    content = row.content
    new = [
        {"text": clean(text), "language": language, "kind": "display"}
        for language, text in content["names"].items()
        if text.strip()
    ]
    new.append({"text": clean(content["legal_name"]), "language": None, "kind": "legal"})
    taken = {name["text"] for name in new}
    before = current_facts(session, institution.id)["names"]
    return new + [{**name, "kind": "former"} for name in before if name["text"] not in taken]


def _let_follow(
    session: Session,
    row: Proposal,
    kind: EventKind,
    issuer: Issuer,
    effects: list[dict[str, Any]],
    at: datetime,
) -> None:
    """Let one recognition follow the event: it stays, goes over to others, ends, or is reviewed anew."""
    fates = {Fate(effect["fate"]) for effect in effects}
    if Fate.RE_REVIEW in fates:
        _ask_review(session, row, issuer, at)
    if kind in SAME_BODY:
        announce(session, issuer, at=at)
        return
    successors = [_carry(session, row, kind, issuer, effect, at) for effect in effects if effect.get("to")]
    policy = policy_row(session, issuer)
    terms = {**(row.content.get("terms") or {})}
    if successors:
        terms["successors"] = [str(one.id) for one in successors]
    status = Status.WITHDRAWN if kind is EventKind.CLOSURE else Status.SUPERSEDED
    change = stopping(policy_of(policy).policy, status, _REASONS[kind], at, terms)
    record(session, issuer, change, Ground(policy, proposal=row), at)


def _carry(
    session: Session, row: Proposal, kind: EventKind, issuer: Issuer, effect: Mapping[str, Any], at: datetime
) -> Issuer:
    """Give the successor what is carried over to it; where it holds as much already, it only keeps what it has."""
    giving, part = holding_of(issuer, at), parse_scope(effect["scope"]) if effect.get("scope") else None
    if giving is None:
        raise ValueError("a recognition that does not hold was to be carried over")
    taker = listing_of(session, session.get_one(Institution, uuid.UUID(effect["to"])), issuer.scheme, at)
    held = holding_of(taker, at) if taker.events else None
    result = carried(giving, part, held)
    if result == held:
        return taker
    policy = policy_row(session, taker if held is not None and conditions_of(taker, at) else issuer)
    change = Change(
        status=result.status,
        reason=_REASONS[kind],
        scope=scope_to_wire(result.scope),
        conditions=conditions_of(issuer, at) + (conditions_of(taker, at) if held is not None else []),
        valid_until=result.valid_until,
        terms={"predecessors": [str(issuer.id)]},
    )
    record(session, taker, change, Ground(policy, proposal=row), at)
    return taker


def _ask_review(session: Session, row: Proposal, issuer: Issuer, at: datetime) -> None:
    for institution_id in row.content.get("successors") or [str(issuer.institution_id)]:
        name = session.get_one(Institution, uuid.UUID(institution_id)).name
        item = WorkItem(
            kind=RE_REVIEW,
            key=f"{row.id}:{issuer.id}:{institution_id}",
            institution_id=uuid.UUID(institution_id),
            detail={"name": name, "issuer": str(issuer.id), "scheme": issuer.scheme.slug},
            opened_at=at,
        )
        session.add(item)
    session.flush()


def _close_work(session: Session, row: Proposal, actor: uuid.UUID, at: datetime) -> None:
    """Close the work that an import opened and this event has done."""
    work = row.content.get("work")
    item = session.get(WorkItem, uuid.UUID(work)) if work else None
    if item is not None and item.closed_at is None:
        item.closed_at, item.closed_by, item.outcome = at, str(actor), f"institution event, proposal {row.id}"
        session.flush()


@dataclass(frozen=True, slots=True)
class Noticed:
    """What an import noticed of a listed institution: `successors` are the identifiers that its source names."""

    kind: str
    institution_id: uuid.UUID
    successors: tuple[str, ...]


def noticed(session: Session, item_id: uuid.UUID) -> Noticed:
    """Return what an open work item says of an institution, or raise `NotFound`."""
    item = session.get(WorkItem, item_id)
    if item is None or item.closed_at is not None or item.institution_id is None:
        raise NotFound(f"no open work {item_id}")
    relations = item.detail.get("relations") or []
    targets = [relation["target"] for relation in relations if relation["kind"] == "successor"]
    return Noticed(item.kind, item.institution_id, tuple(str(one).rsplit(":", 1)[-1] for one in targets))


def noticed_about(session: Session, institution_id: uuid.UUID, kinds: Collection[str]) -> list[WorkItem]:
    """Return the open work of some kinds about an institution, oldest first."""
    query = select(WorkItem).where(
        WorkItem.institution_id == institution_id, WorkItem.kind.in_(kinds), WorkItem.closed_at.is_(None)
    )
    return list(session.scalars(query.order_by(WorkItem.opened_at, WorkItem.id)))


def bodies_concerned(session: Session, institution_id: uuid.UUID, at: datetime) -> list[uuid.UUID]:
    """Return the bodies under which an institution has a recognition that has not ended."""
    query = select(Issuer).where(Issuer.institution_id == institution_id)
    found = [issuer for issuer in session.scalars(query) if is_standing(issuer, at)]
    return list(dict.fromkeys(issuer.scheme.body_id for issuer in found))


def institution_named(session: Session, word: str) -> Institution | None:
    """Return the institution with a slug or an identifier, or None."""
    by_slug = session.scalars(select(Institution).where(Institution.slug == word)).one_or_none()
    if by_slug is not None:
        return by_slug
    query = select(InstitutionIdentifier).where(
        InstitutionIdentifier.value.in_((word, word.lower(), f"https://ror.org/{word}"))
    )
    found = session.scalars(query.limit(1)).one_or_none()
    return found.institution if found is not None else None
