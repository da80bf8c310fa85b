"""What the public may read of an order of two people: what was ordered and when; never why in words, never by whom."""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.trust_list import wire_instant
from registry.models.issuer import Issuer, RecognitionEvent
from registry.models.standing import InstitutionEvent
from registry.models.two_people import Proposal


def public_order(session: Session, proposal_id: uuid.UUID) -> dict[str, Any] | None:
    """Return the public part of a confirmed order that changed a standing, or None where there is none.

    An urgent suspension that ran out unconfirmed rests on the same order; its events are told one by one.
    """
    row = session.get(Proposal, proposal_id)
    query = select(RecognitionEvent).where(RecognitionEvent.proposal_id == proposal_id)
    events = session.scalars(query.order_by(RecognitionEvent.number)).all()
    if row is None or row.answer is None or not row.answer.accepted or not events:
        return None
    first = events[0]
    issuer = session.get_one(Issuer, first.issuer_id)
    return {
        "id": str(row.id),
        "order": row.kind.value,
        "scheme": issuer.scheme.slug,
        "issuer": str(row.issuer_id or first.issuer_id),
        "issuers": list(dict.fromkeys(str(event.issuer_id) for event in events)),
        "reason": first.reason.value,
        "people": 2,
        "decided_at": wire_instant(row.answer.at),
        "released_at": wire_instant(row.answer.at),
        "happened": _happened(session, row),
        "policy": {
            "id": first.policy_id,
            "version": first.policy_version,
            "sha256": first.policy_sha256,
        },
    }


def _happened(session: Session, row: Proposal) -> dict[str, str] | None:
    """Return what happened to an institution and when, where the order follows from that."""
    query = select(InstitutionEvent).where(InstitutionEvent.proposal_id == row.id)
    event = session.scalars(query).one_or_none()
    return {"kind": event.kind.value, "on": event.occurred_on.isoformat()} if event is not None else None
