"""Detours after a grant: keys that end or fall, urgent suspensions, warnings, recognitions given up, mergers, splits."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from registry.demo.walk import KEPT, Walk
from registry.domain.institution_events import EventKind, Fate
from registry.domain.recognition import Reason
from registry.domain.roles import CaseRole
from registry.domain.two_people import ProposalKind
from registry.models.application import Application
from registry.models.issuer import IdentityClaim, Issuer
from registry.models.standing import UrgentOrder
from registry.models.two_people import Proposal
from registry.services import key_orders, two_people
from registry.services.two_people import NewProposal


def ordered(
    walk: Walk, kind: ProposalKind, new: NewProposal, first: uuid.UUID, second: uuid.UUID
) -> Proposal:
    """One person proposes, the other confirms."""
    row = two_people.propose(walk.session, kind, new, actor=first, at=walk.clock())
    two_people.confirm(walk.session, row.id, actor=second, at=walk.clock())
    return row


def _about(issuer: uuid.UUID, reasons: str, **content: Any) -> NewProposal:
    return NewProposal(str(issuer), reasons, content, issuer_id=issuer)


def warned(walk: Walk, issuer: uuid.UUID, english: str, polish: str) -> Proposal:
    """The case officer proposes a formal warning, a registrar confirms it."""
    new = _about(issuer, "It was told of this twice.", text={"en": english, "pl": polish})
    return ordered(walk, ProposalKind.WARNING, new, walk.cast.case_officer, walk.cast.registrars[0])


def urgently_suspended(walk: Walk, issuer: uuid.UUID, ground: Reason = Reason.FRAUD_SUSPECTED) -> Application:
    """Two people suspend at once; return the case in which the committee has to confirm it."""
    new = _about(issuer, "Badges were offered for money without any course.", ground=ground.value)
    kind, cast = ProposalKind.URGENT_SUSPENSION, walk.cast
    row = ordered(walk, kind, new, cast.case_officer, cast.registrars[0])
    order = walk.session.get_one(UrgentOrder, row.id)
    application = walk.session.get_one(Application, order.application_id)
    walk.declare(application, cast.case_officer, CaseRole.CASE_OFFICER)
    return application


def lifted(walk: Walk, issuer: uuid.UUID) -> Proposal:
    """Two people lift a suspension."""
    new = _about(issuer, "The cause of the suspension is gone.")
    return ordered(walk, ProposalKind.SUSPENSION_LIFTED, new, walk.cast.case_officer, walk.cast.registrars[1])


def relinquished(
    walk: Walk, issuer: uuid.UUID, signatory: uuid.UUID, *, start: datetime | None = None
) -> Proposal:
    """The signatory gives the recognition up, a registrar confirms it."""
    content: dict[str, Any] = {"terms": dict(KEPT)} | ({"from": start.isoformat()} if start else {})
    new = _about(issuer, "We no longer award micro-credentials.", **content)
    return ordered(walk, ProposalKind.RELINQUISHMENT, new, signatory, walk.cast.registrars[0])


def ended_key(
    walk: Walk, claim_id: uuid.UUID, *, first: uuid.UUID | None = None, second: uuid.UUID | None = None
) -> Proposal:
    """Two people end a key."""
    return _on_key(walk, ProposalKind.KEY_ENDED, claim_id, {}, first, second)


def compromised_key(
    walk: Walk,
    claim_id: uuid.UUID,
    since: datetime,
    *,
    first: uuid.UUID | None = None,
    second: uuid.UUID | None = None,
) -> Proposal:
    """Two people record that a key has been in other hands since an instant."""
    content = {"from": since.isoformat()}
    return _on_key(walk, ProposalKind.KEY_COMPROMISED, claim_id, content, first, second)


def _on_key(
    walk: Walk,
    kind: ProposalKind,
    claim_id: uuid.UUID,
    content: Mapping[str, Any],
    first: uuid.UUID | None,
    second: uuid.UUID | None,
) -> Proposal:
    claim = walk.session.get_one(IdentityClaim, claim_id)
    issuer = key_orders.listings_of(walk.session, [claim.id])[claim.id]
    new = NewProposal(str(claim.id), "The custodian has reported it.", content, issuer_id=issuer)
    one, two = walk.cast.verifiers
    return ordered(walk, kind, new, first or one, second or two)


def happened(
    walk: Walk, institution: uuid.UUID, body: uuid.UUID, kind: EventKind, **content: Any
) -> Proposal:
    """The case officer proposes what follows from an event of an institution, a registrar confirms it."""
    stated = {
        "kind": kind.value,
        "occurred_on": walk.clock.moment.date().isoformat(),
        "evidence": "Entry in the register of institutions.",
        **content,
    }
    new = NewProposal(str(institution), "The register says so.", stated, body_id=body)
    kind_of = ProposalKind.INSTITUTION_EVENT
    return ordered(walk, kind_of, new, walk.cast.case_officer, walk.cast.registrars[0])


def merged(walk: Walk, issuer: Issuer, into: uuid.UUID) -> Proposal:
    """An institution is taken up by another, and its recognition is carried over."""
    effects = [{"issuer": str(issuer.id), "fate": Fate.CARRY_OVER.value, "to": str(into)}]
    body = issuer.scheme.body_id
    return happened(
        walk, issuer.institution_id, body, EventKind.MERGER, successors=[str(into)], effects=effects
    )


def split(walk: Walk, issuer: Issuer, parts: Mapping[uuid.UUID, Mapping[str, Any] | None]) -> Proposal:
    """An institution is split; a successor gets the part of the recognition (a scope) that is named for it, or none."""
    effects = [
        {"issuer": str(issuer.id), "fate": Fate.CARRY_PART.value, "to": str(to), "scope": dict(part)}
        for to, part in parts.items()
        if part is not None
    ]
    successors = [str(to) for to in parts]
    body = issuer.scheme.body_id
    return happened(
        walk, issuer.institution_id, body, EventKind.SPLIT, successors=successors, effects=effects
    )
