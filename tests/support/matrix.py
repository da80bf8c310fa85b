"""Everybody who may stand before a case, and what the table of steps says of them.

What is expected is worked out here from the table as data; `access` is never asked.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from registry.domain.conflicts import DeclarationOutcome
from registry.domain.roles import PANEL, CaseRole, Role
from registry.domain.workflow import State, Transition
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.base import Base
from registry.models.review import Assignment, Declaration

FOR_INSTITUTION = (Role.OWNER, Role.CONTRIBUTOR, Role.SIGNATORY, Role.KEY_CUSTODIAN)
FOR_REGISTRY = (Role.OPERATOR, Role.CLOCK)
FOR_BODY = tuple(role for role in Role if role not in (*FOR_INSTITUTION, *FOR_REGISTRY))
KNOWERS = (Role.INTAKE_OFFICER, Role.CASE_OFFICER, Role.COMMITTEE_CHAIR, Role.REGISTRAR, Role.AUDITOR)
"""Roles for the body with which one knows of every case that was handed in."""


class Tie(StrEnum):
    """How somebody is tied to the case."""

    # by a role
    OWN = "own"
    FOREIGN = "foreign"
    TURNED = "turned"
    """A role for the body of the case, and once one for the applicant."""
    # by a part
    CLEAN = "clean"
    SILENT = "silent"
    CONFLICTED = "conflicted"
    ENDED = "ended"
    ELSEWHERE = "elsewhere"
    """A part in another case of the same body, of another institution."""
    ABROAD = "abroad"
    """A part in a case of another body."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with one role, or with one part and the role for the body that goes with it."""

    role: Role | CaseRole
    tie: Tie

    def __str__(self) -> str:
        return f"{self.role.value}-{self.tie.value}"

    @property
    def body_role(self) -> Role | None:
        """The role that they hold for the body that they work for, if they work for one."""
        if isinstance(self.role, Role):
            return self.role if self.role in FOR_BODY else None
        if self.role in PANEL:
            return Role.REVIEWER
        return Role.REGISTRAR if self.role is CaseRole.SECOND_SIGNER else Role(self.role.value)


def holders() -> Iterator[Holder]:
    """Yield every role and every part, each with every tie that it can have."""
    for role in Role:
        yield Holder(role, Tie.OWN)
        if role not in FOR_REGISTRY:
            yield Holder(role, Tie.FOREIGN)
        if role in FOR_BODY:
            yield Holder(role, Tie.TURNED)
    for part in CaseRole:
        for tie in (Tie.CLEAN, Tie.SILENT, Tie.CONFLICTED, Tie.ENDED, Tie.ELSEWHERE, Tie.ABROAD):
            yield Holder(part, tie)


HOLDERS = tuple(holders())


def roles_used(holder: Holder) -> frozenset[Role | CaseRole]:
    """Return as what somebody stands before the case, by the rules of the procedure.

    A part shuts out the roles for the body, for good; so does having acted for the applicant. The registry's own roles count
    in no case.
    """
    if isinstance(holder.role, Role):
        here = holder.tie is Tie.OWN and holder.role not in FOR_REGISTRY
        return frozenset({holder.role} if here else ())
    if holder.tie is Tie.ELSEWHERE:
        assert holder.body_role is not None
        return frozenset({holder.body_role})
    return frozenset({holder.role} if holder.tie in {Tie.CLEAN, Tie.SILENT, Tie.CONFLICTED} else ())


def may_step(holder: Holder, row: Transition) -> bool:
    """Whether the table lets somebody take a step; a part counts only with a clean declaration."""
    return holder.tie not in {Tie.SILENT, Tie.CONFLICTED} and _stands_in(roles_used(holder), row.roles)


def concerns(holder: Holder, row: Transition) -> bool:
    """Whether a step names what somebody is, here or anywhere: the steps that they would take if the rules let them."""
    mine = {holder.role} | ({holder.body_role} if holder.body_role else set())
    return _stands_in(frozenset(mine), row.roles)


def _stands_in(mine: frozenset[Role | CaseRole], asked: frozenset[Role | CaseRole]) -> bool:
    """Compare by kind and name: a role for the body and the part of that name are two things."""
    names = {(type(one).__name__, one.value) for one in asked}
    return any((type(one).__name__, one.value) in names for one in mine)


def knows(holder: Holder, *, submitted: bool) -> bool:
    """Whether the case exists for somebody; a draft exists for the applicant alone."""
    if holder.role in FOR_INSTITUTION:
        return holder.tie is Tie.OWN
    if not submitted or holder.tie in {Tie.FOREIGN, Tie.TURNED, Tie.ABROAD}:
        return False
    plays = isinstance(holder.role, CaseRole) and holder.tie in {Tie.CLEAN, Tie.SILENT, Tie.CONFLICTED}
    return plays or holder.body_role in KNOWERS


def reads(holder: Holder, *, submitted: bool) -> bool:
    """Whether the file is open: to the applicant, to the body's auditor, to parts with a clean declaration."""
    if holder.role in FOR_INSTITUTION or holder == Holder(Role.AUDITOR, Tie.OWN):
        return knows(holder, submitted=submitted)
    return holder.tie is Tie.CLEAN


@dataclass
class Places:
    """The case, another of the same body, and one of another body."""

    session: Session
    case: Application
    elsewhere: Application
    abroad: Application
    at: datetime
    rest: list[Base] = field(default_factory=list)
    """Rows that name an account or a case, to be written after those."""

    def enter(self, holder: Holder, prefix: str = "") -> uuid.UUID:
        """Enter somebody as they stand, and return their account; rows are written as they are, past the services.

        `prefix` sets apart the addresses of several who stand alike. Many can be entered before `finish` writes them.
        """
        account = Account(
            id=uuid.uuid4(),
            name=str(holder),
            email=f"{prefix}{holder}@matrix.example",
            password_hash="nobody's",
            language="en",
            active=True,
            created_at=self.at,
        )
        self.session.add(account)
        if isinstance(holder.role, CaseRole):
            self._give_part(account.id, holder, holder.role)
        if holder.role in FOR_INSTITUTION:
            other = self.abroad if holder.tie is Tie.FOREIGN else self.case
            self._grant(account.id, holder.role, institution_id=other.institution_id)
        elif holder.role in FOR_REGISTRY:
            self._grant(account.id, holder.role)
        else:
            theirs = self.abroad if holder.tie in {Tie.FOREIGN, Tie.ABROAD} else self.elsewhere
            self._grant(account.id, holder.body_role, body_id=theirs.scheme.body_id)
        if holder.tie is Tie.TURNED:
            grant = self._grant(account.id, Role.CONTRIBUTOR, institution_id=self.case.institution_id)
            grant.revoked_at = self.at
        return account.id

    def _grant(self, account_id: uuid.UUID, role: Role | CaseRole | None, **place: uuid.UUID) -> RoleGrant:
        grant = RoleGrant(account_id=account_id, role=role, granted_at=self.at, **place)
        self.rest.append(grant)
        return grant

    def _give_part(self, account_id: uuid.UUID, holder: Holder, part: CaseRole) -> None:
        where = {Tie.ELSEWHERE: self.elsewhere, Tie.ABROAD: self.abroad}.get(holder.tie, self.case)
        self.rest.append(
            Assignment(
                application_id=where.id,
                account_id=account_id,
                role=part,
                assigned_by=where.created_by,
                assigned_at=self.at,
                ended_at=self.at if holder.tie is Tie.ENDED else None,
            )
        )
        if holder.tie is Tie.SILENT:
            return
        tied = holder.tie is Tie.CONFLICTED
        self.rest.append(
            Declaration(
                application_id=where.id,
                account_id=account_id,
                answers={},
                findings=[],
                outcome=DeclarationOutcome.EXCLUDED if tied else DeclarationOutcome.CLEAN,
                at=self.at,
            )
        )

    def put_into(self, state: State) -> None:
        """Put the case into a state, past the steps that lead there."""
        self.case.state = state
        self.case.submitted_at = None if state is State.DRAFT else self.at

    def finish(self) -> None:
        """Write everybody who was entered."""
        self.session.flush()
        self.session.add_all(self.rest)
        self.session.flush()
