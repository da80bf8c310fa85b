"""What waits for a person beside their cases, as counts: words as the second person, items, appeals, meetings, complaints.

One query each, however much waits; the page behind each count proves every row again.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, false, func, or_, select, union
from sqlalchemy.orm import Session

from registry.domain.roles import CaseRole, Role
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import Action, State
from registry.models.account import RoleGrant
from registry.models.appeal import Appeal, AppealResult
from registry.models.application import Application
from registry.models.body import Scheme
from registry.models.complaint import Complaint
from registry.models.issuer import Issuer
from registry.models.meeting import Meeting
from registry.models.monitoring import MonitoringItem
from registry.models.review import Assignment, Declaration
from registry.models.standing import UrgentOrder
from registry.models.two_people import Proposal
from registry.services import meetings, monitoring, programs, two_people
from registry.services.accounts import roles_of

CHOOSERS = (Role.ADMINISTRATOR, Role.REGISTRAR)
"""Who chooses an appeals panel."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits, by kind; `seats` are appeals without a panel, `meetings` those still ahead or open.

    `complaints` are those not closed.
    """

    proposals: int
    items: int
    seats: int
    meetings: int
    complaints: int

    @property
    def any(self) -> bool:
        """Whether anything waits."""
        return any((self.proposals, self.items, self.seats, self.meetings, self.complaints))


def waiting(session: Session, *, actor: uuid.UUID, at: datetime) -> Waiting:
    """Return how much waits for a person outside of their cases."""
    grants = roles_of(session, actor, at=at)
    return Waiting(
        _proposals(session, actor, grants),
        _items(session, _bodies(grants, monitoring.OWNERS)),
        _seats(session, actor, _bodies(grants, CHOOSERS)),
        _meetings(session, _bodies(grants, meetings.ATTENDING)),
        _complaints(session, _bodies(grants, (Role.COMPLAINTS_OFFICER,))),
    )


def without_committee(session: Session, actor: uuid.UUID) -> Sequence[Row[uuid.UUID, str]]:
    """Return (id, reference) of the cases of a case officer that came before a committee on which nobody presides.

    An urgent suspension opens such a case, which falls in a few days, and an appeal that sends one back to the committee
    leaves such a case; in every other the committee is seated before the case comes to it.
    """
    came = union(
        select(UrgentOrder.application_id),
        select(Appeal.application_id)
        .join(AppealResult)
        .where(AppealResult.action == Action.RETURN_TO_COMMITTEE),
    )

    def plays(role: CaseRole, *more: ColumnElement[bool]) -> ColumnElement[bool]:
        this = (Assignment.application_id == Application.id, Assignment.ended_at.is_(None))
        return exists().where(*this, Assignment.role == role, *more)

    query = select(Application.id, Application.reference).where(
        Application.id.in_(came),
        Application.state.in_((State.FIRST_CONSIDERATION, State.SECOND_CONSIDERATION)),
        plays(CaseRole.CASE_OFFICER, Assignment.account_id == actor),
        ~plays(CaseRole.COMMITTEE_CHAIR),
    )
    return session.execute(query.order_by(Application.due_at, Application.reference)).all()


def _bodies(grants: Collection[RoleGrant], roles: Collection[Role]) -> set[uuid.UUID]:
    return {g.body_id for g in grants if g.role in roles and g.body_id is not None}


def _proposals(session: Session, actor: uuid.UUID, grants: Collection[RoleGrant]) -> int:
    if programs.is_program(session, actor):
        return 0
    may = [
        found
        for kind, act in two_people.ACTS.items()
        if (found := _may(kind, act, actor, grants)) is not None
    ]
    if not may:
        return 0
    query = (
        select(func.count())
        .select_from(Proposal)
        .where(
            ~Proposal.answer.has(),
            Proposal.first_by.not_in(programs.hands(actor)),
            or_(*may),
            ~_of_own(actor),
        )
    )
    return session.scalar(query) or 0


def _may(
    kind: ProposalKind, act: two_people.Act, actor: uuid.UUID, grants: Collection[RoleGrant]
) -> ColumnElement[bool]:
    """Return which proposals of a kind a person may answer: by a role for the body or registry, or by their part."""
    roles = [g for g in grants if g.role in act.confirmers and g.institution_id is None]
    ways: list[ColumnElement[bool]] = [
        Proposal.body_id.in_({g.body_id for g in roles if g.body_id is not None})
    ]
    if any(g.body_id is None for g in roles):
        ways.append(Proposal.body_id.is_(None))
    parts = [role for role in act.confirmers if isinstance(role, CaseRole)]
    ways.append(_plays(actor, parts) if parts else false())
    return and_(Proposal.kind == kind, or_(*ways))


def _plays(actor: uuid.UUID, parts: Collection[CaseRole]) -> ColumnElement[bool]:
    """Whether the person plays one of `parts` in the case and has declared interests there."""
    declared = exists().where(
        Declaration.application_id == Proposal.application_id, Declaration.account_id == actor
    )
    return and_(
        declared,
        exists().where(
            Assignment.application_id == Proposal.application_id,
            Assignment.account_id == actor,
            Assignment.ended_at.is_(None),
            Assignment.role.in_(parts),
        ),
    )


def _of_own(actor: uuid.UUID) -> ColumnElement[bool]:
    """Whether a proposal is about an institution for which the person has acted."""
    mine = select(RoleGrant.institution_id).where(
        RoleGrant.account_id == actor, RoleGrant.institution_id.is_not(None)
    )
    return or_(
        exists().where(Application.id == Proposal.application_id, Application.institution_id.in_(mine)),
        exists().where(Issuer.id == Proposal.issuer_id, Issuer.institution_id.in_(mine)),
    )


def _items(session: Session, bodies: Collection[uuid.UUID]) -> int:
    if not bodies:
        return 0
    return _count(
        session, MonitoringItem, MonitoringItem.body_id.in_(bodies), MonitoringItem.closed_at.is_(None)
    )


def _meetings(session: Session, bodies: Collection[uuid.UUID]) -> int:
    if not bodies:
        return 0
    return _count(session, Meeting, Meeting.body_id.in_(bodies), Meeting.closed_at.is_(None))


def _complaints(session: Session, bodies: Collection[uuid.UUID]) -> int:
    if not bodies:
        return 0
    return _count(session, Complaint, Complaint.body_id.in_(bodies), Complaint.closed_at.is_(None))


def _seats(session: Session, actor: uuid.UUID, bodies: Collection[uuid.UUID]) -> int:
    """Count the appeals that nobody sits on yet and whose panel the person may choose."""
    if not bodies:
        return 0
    played = exists().where(Assignment.application_id == Application.id, Assignment.account_id == actor)
    acted = exists().where(
        RoleGrant.institution_id == Application.institution_id, RoleGrant.account_id == actor
    )
    seated = exists().where(
        Assignment.application_id == Application.id,
        Assignment.role == CaseRole.APPEALS_MEMBER,
        Assignment.ended_at.is_(None),
    )
    schemes = select(Scheme.id).where(Scheme.body_id.in_(bodies))
    return _count(
        session,
        Application,
        Application.state == State.APPEAL,
        Application.scheme_id.in_(schemes),
        ~played,
        ~acted,
        ~seated,
    )


def _count(session: Session, kind: type[Any], *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(kind).where(*where)) or 0
