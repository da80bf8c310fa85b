"""Who works on a case: giving and ending parts."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.panels import seat_problem
from registry.domain.roles import COMMITTEE, PANEL, RATERS, CaseRole, PanelSeat, Role
from registry.domain.workflow import State
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.decision import Motion, Vote
from registry.models.review import Assignment, Rating
from registry.services import access, complaint_parts, experts, interests, panels
from registry.services.case_file import policy_for
from registry.services.committees import has_voted_anew
from registry.services.recording import audit, enqueue

HELD_ROLE: Mapping[CaseRole, Role] = {
    CaseRole.INTAKE_OFFICER: Role.INTAKE_OFFICER,
    CaseRole.CASE_OFFICER: Role.CASE_OFFICER,
    CaseRole.IDENTITY_VERIFIER: Role.IDENTITY_VERIFIER,
    CaseRole.PANEL_CHAIR: Role.REVIEWER,
    CaseRole.PANEL_MEMBER: Role.REVIEWER,
    CaseRole.PANEL_SECRETARY: Role.REVIEWER,
    CaseRole.COMMITTEE_CHAIR: Role.COMMITTEE_CHAIR,
    CaseRole.COMMITTEE_MEMBER: Role.COMMITTEE_MEMBER,
    CaseRole.APPEALS_MEMBER: Role.APPEALS_MEMBER,
    CaseRole.COMPLAINTS_OFFICER: Role.COMPLAINTS_OFFICER,
}
"""The role a person must hold for the body to be given a part."""

ASSIGNED_BY: Mapping[CaseRole, frozenset[CaseRole | Role]] = {
    CaseRole.CASE_OFFICER: frozenset({CaseRole.INTAKE_OFFICER, Role.INTAKE_OFFICER}),
    CaseRole.IDENTITY_VERIFIER: frozenset({CaseRole.INTAKE_OFFICER}),
    CaseRole.PANEL_CHAIR: frozenset({CaseRole.CASE_OFFICER}),
    CaseRole.PANEL_MEMBER: frozenset({CaseRole.CASE_OFFICER}),
    CaseRole.PANEL_SECRETARY: frozenset({CaseRole.CASE_OFFICER}),
    CaseRole.COMMITTEE_CHAIR: frozenset({CaseRole.CASE_OFFICER}),
    CaseRole.COMMITTEE_MEMBER: frozenset({CaseRole.CASE_OFFICER}),
}
"""Who gives which part: the intake officer the officers of the case, the case officer the panel and the committee."""

PANEL_STATES = frozenset({State.ELIGIBLE})
"""States in which the panel may be composed: once it is proposed, the applicant has it before it as it is."""
REVIEW_STATES = frozenset({State.PANEL_APPOINTED, State.REVIEW})
"""States in which somebody who had to leave the panel is replaced."""
COMMITTEE_STATES = frozenset(
    {
        State.REVIEW,
        State.FINAL_REPORT,
        State.REPRESENTATION,
        State.FIRST_CONSIDERATION,
        State.SECOND_CONSIDERATION,
    }
)
"""States in which the committee may be composed, as long as nobody has voted."""


def take_intake(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> Assignment:
    """Become the intake officer of a case by opening it."""
    return add_part(session, application, actor, CaseRole.INTAKE_OFFICER, None, actor=actor, at=at)


@dataclass(frozen=True, slots=True)
class NewPart:
    """A part for somebody; raters fill a seat, or two (`also_seat`)."""

    account_id: uuid.UUID
    role: CaseRole
    seat: PanelSeat | None = None
    also_seat: PanelSeat | None = None

    @property
    def seats(self) -> frozenset[PanelSeat]:
        """The seats, none, one or two."""
        return frozenset(seat for seat in (self.seat, self.also_seat) if seat is not None)


def assign(
    session: Session,
    application_id: uuid.UUID,
    account_id: uuid.UUID,
    role: CaseRole,
    *,
    seat: PanelSeat | None = None,
    also_seat: PanelSeat | None = None,
    actor: uuid.UUID,
    at: datetime,
) -> Assignment:
    """Give a person a part in a case. One person plays one part in one case, for ever.

    Raises:
        NotAllowed: the actor may not give this part; the person does not hold the role for the body, has acted for the
            applicant, or cannot be seated now.
        Conflict: the person plays, or played, a part in this case.
        TransitionRefused: the panel is fixed already.
        InvalidInput: a seat is missing, or does not go with the part.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    return _give(session, application, NewPart(account_id, role, seat, also_seat), actor, at)


def assign_all(
    session: Session,
    application_id: uuid.UUID,
    parts: Sequence[NewPart],
    *,
    actor: uuid.UUID,
    at: datetime,
) -> list[Assignment]:
    """Give several people parts in one act: all of them, or nobody.

    Raises:
        InvalidInput: some cannot be given; `parts.N` (from 0) says why of each.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    given: list[Assignment] = []
    problems = [] if parts else [FieldError("parts", "choose at least one person")]
    with session.begin_nested() as tried:
        for number, part in enumerate(parts):
            try:
                given.append(_give(session, application, part, actor, at))
            except (Conflict, InvalidInput, NotAllowed, NotFound, TransitionRefused) as error:
                problems.append(FieldError(f"parts.{number}", str(error)))
        if problems:
            tried.rollback()
    if problems:
        session.expire(application, ["assignments"])
        raise InvalidInput("nobody was given a part: check those named", problems)
    return given


def _give(
    session: Session, application: Application, part: NewPart, actor: uuid.UUID, at: datetime
) -> Assignment:
    _may_assign(session, application, part.role, actor, at)
    _require_open(session, application, part)
    held, body = HELD_ROLE[part.role], application.scheme.body
    if not access.holds(session, part.account_id, held, at=at, body=body.id):
        raise NotAllowed(f"this person is no {held.value.replace('_', ' ')} of the body")
    person = access.account(session, part.account_id)
    against = experts.reasons_against(session, application, person, part.role, part.seats, at)
    if against:
        raise NotAllowed("; ".join(["this person cannot take the part", *against]))
    return add_part(
        session,
        application,
        part.account_id,
        part.role,
        part.seat,
        also_seat=part.also_seat,
        actor=actor,
        at=at,
    )


def _require_open(session: Session, application: Application, part: NewPart) -> None:
    """Refuse a part that the case does not take now, or that its seats do not go with."""
    if part.role in COMMITTEE and not takes(session, application, part.role):
        raise TransitionRefused(
            "the committee is fixed once it has begun to vote, or the case is not ready for it"
        )
    if part.role not in PANEL:
        if part.seats:
            raise InvalidInput(
                "only people on the panel fill seats", [FieldError("seat", "leave this empty")]
            )
        return
    if not takes(session, application, part.role):
        raise TransitionRefused("the panel is composed between eligibility and its proposal")
    if not part.seats and part.role in RATERS:
        raise InvalidInput("say which seat the person fills", [FieldError("seat", "choose a seat")])
    problem = seat_problem(policy_for(application).panel, part.role, part.seats)
    if problem is not None:
        raise InvalidInput(problem, [FieldError("also_seat" if part.also_seat else "seat", problem)])


def takes(session: Session, application: Application, role: CaseRole) -> bool:
    """Whether a part may be given at this point of the case; who may give it is another question."""
    if role in COMMITTEE:
        return _committee_is_open(session, application)
    return role not in PANEL or _panel_is_open(session, application)


def _panel_is_open(session: Session, application: Application) -> bool:
    """Whether the panel may be composed: before it is proposed, and in the review where somebody had to leave it."""
    if application.state in PANEL_STATES:
        return True
    return application.state in REVIEW_STATES and bool(panels.problems_of(session, application))


def _committee_is_open(session: Session, application: Application) -> bool:
    """Whether the committee may be composed: nobody is added once a vote was cast, so that no vote is turned."""
    return application.state in COMMITTEE_STATES and not has_voted_anew(session, application)


def _may_assign(
    session: Session, application: Application, role: CaseRole, actor: uuid.UUID, at: datetime
) -> None:
    allowed = ASSIGNED_BY.get(role, frozenset())
    part = access.part_of(session, actor, application.id)
    if part is not None and part.role in allowed:
        access.require_unlocked(session, actor, application, at=at)
        return
    roles = [r for r in allowed if isinstance(r, Role)]
    if part is None and access.holds(session, actor, *roles, at=at, body=application.scheme.body_id):
        return
    names = " or ".join(sorted(r.value.replace("_", " ") for r in allowed))
    raise NotAllowed(f"only the {names} may give this part")


def add_part(
    session: Session,
    application: Application,
    account_id: uuid.UUID,
    role: CaseRole,
    seat: PanelSeat | None,
    *,
    also_seat: PanelSeat | None = None,
    actor: uuid.UUID,
    at: datetime,
) -> Assignment:
    """Note a part in a case, after the caller has checked that it may be given."""
    if access.is_of_applicant(session, account_id, application):
        raise NotAllowed("this person has acted for the applicant and plays no part in its case")
    if complaint_parts.handles(session, account_id, application):
        raise NotAllowed(
            "this person has handled a complaint about the institution and plays no part in its cases"
        )
    message = "this person plays a part in this case already, and one person plays one part"
    if access.has_played(session, account_id, application.id):  # they, or a program in their hands
        raise Conflict(message)
    row = Assignment(
        application_id=application.id,
        account_id=account_id,
        role=role,
        seat=seat,
        also_seat=also_seat,
        assigned_by=actor,
        assigned_at=at,
        account=access.account(session, account_id),
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise Conflict(message) from error
    session.expire(application, ["assignments"])
    detail = {"account": str(account_id), "role": role.value}
    audit(session, "case.assigned", actor=actor, at=at, of=("application", application.id), detail=detail)
    if account_id != actor:
        enqueue(session, "mail", {"kind": "part_given", "account": str(account_id)}, at=at)
    return row


def release_from_part(
    session: Session, application_id: uuid.UUID, account_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> None:
    """End a person's part, for example after a declared conflict; what they did stays on record.

    Raises:
        Conflict: the person has rated or voted. Only a conflict that they declare themselves ends such a part: nobody is
            taken off a case for how they judged it.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    part = access.part_of(session, account_id, application.id)
    if part is None:
        raise NotFound("this person plays no part in this case")
    _may_assign(session, application, part.role, actor, at)
    conflicted = account_id in interests.conflicted_people(session, application)
    if _has_judged(session, application.id, account_id) and not conflicted:
        raise Conflict("this person has rated or voted; the part ends only if they declare a conflict")
    part.ended_at = at
    session.flush()
    session.expire(application, ["assignments"])
    detail = {"account": str(account_id), "role": part.role.value}
    audit(session, "case.part_ended", actor=actor, at=at, of=("application", application.id), detail=detail)


def _has_judged(session: Session, application_id: uuid.UUID, account_id: uuid.UUID) -> bool:
    rated = select(Rating.id).where(Rating.application_id == application_id, Rating.author == account_id)
    voted = (
        select(Vote.motion_id)
        .join(Motion)
        .where(Motion.application_id == application_id, Vote.account_id == account_id)
    )
    return any(session.scalar(query.limit(1)) is not None for query in (rated, voted))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who holds the role for a part, and why they cannot take it now; nothing: they can."""

    account: Account
    against: tuple[str, ...] = ()


def considered(
    session: Session, application: Application, role: CaseRole, seats: Collection[PanelSeat], at: datetime
) -> list[Candidate]:
    """Return everybody who holds the role for a part and plays none yet, by name, with what speaks against each."""
    query = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role == HELD_ROLE[role],
            RoleGrant.body_id == application.scheme.body_id,
            RoleGrant.revoked_at.is_(None),
            Account.active,
            Account.id.not_in(
                select(Assignment.account_id).where(Assignment.application_id == application.id)
            ),
        )
        .order_by(Account.name)
    )
    return [
        Candidate(one, tuple(experts.reasons_against(session, application, one, role, seats, at)))
        for one in session.scalars(query)
        if not access.is_of_applicant(session, one.id, application)
    ]


def candidates(
    session: Session,
    application: Application,
    role: CaseRole,
    at: datetime,
    seats: Collection[PanelSeat] = (),
) -> Sequence[Account]:
    """Return who could be given a part now, by name."""
    return [one.account for one in considered(session, application, role, seats, at) if not one.against]


def cases_with_part(session: Session, account_id: uuid.UUID) -> Sequence[Application]:
    """Return the cases in which a person plays a part, the longest waiting first."""
    query = (
        select(Application)
        .join(Assignment, Assignment.application_id == Application.id)
        .where(Assignment.account_id == account_id, Assignment.ended_at.is_(None))
        .order_by(Application.entered_at)
    )
    return session.scalars(query).all()
