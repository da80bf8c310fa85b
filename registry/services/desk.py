"""What lies on a person's desk: cases with a part, what waits for their role, steps open to them."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.roles import BODY_ROLES, INSTITUTION_ROLES, CaseRole, Role
from registry.domain.workflow import Transition, steps_open_to
from registry.errors import NotFound
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.body import Body, Scheme
from registry.models.institution import Institution, InstitutionClaim, WorkItem
from registry.models.issuer import IdentityClaim, Issuer
from registry.models.review import Declaration
from registry.services import access, cases, institutions, interests
from registry.services.accounts import roles_of
from registry.services.guards import GUARDS


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that a person's roles allow from where a case stands; `missing` are sentences, empty when it can be taken."""

    transition: Transition
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for a person outside of cases: claims to judge, keys of listed issuers to confirm."""

    claims: tuple[InstitutionClaim, ...]
    keys: tuple[IdentityClaim, ...]


def acts_for(session: Session, institution_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person holds any role for an institution."""
    return access.holds(session, actor, *INSTITUTION_ROLES, at=at, institution=institution_id)


def bodies_of(session: Session, *roles: Role, actor: uuid.UUID, at: datetime) -> tuple[Body, ...]:
    """Return the bodies for which a person holds one of `roles`; the operator's reach is not meant here."""
    ids = {grant.body_id for grant in roles_of(session, actor, at=at) if grant.role in roles}
    return tuple(session.scalars(select(Body).where(Body.id.in_(ids)).order_by(Body.legal_name)))


def roles_in(
    session: Session, application: Application, *, actor: uuid.UUID, at: datetime
) -> frozenset[Role | CaseRole]:
    """Return what a person is in a case: their part, and their roles for its institution and its body."""
    part = access.part_of(session, actor, application.id)
    stranger = not _is_barred(session, application, actor)
    held = {
        grant.role
        for grant in roles_of(session, actor, at=at)
        if grant.institution_id == application.institution_id
        or (grant.body_id == application.scheme.body_id and stranger)
    }
    return frozenset(held | ({part.role} if part else set()))


def open_steps(
    session: Session, application: Application, *, actor: uuid.UUID, at: datetime
) -> tuple[OpenStep, ...]:
    """Return the steps that a person may try now, each with what its guards still miss."""
    roles = roles_in(session, application, actor=actor, at=at)
    return tuple(
        OpenStep(
            transition,
            tuple(
                missing
                for guard in sorted(transition.guards)
                if guard in GUARDS and (missing := GUARDS[guard](session, application, at))
            ),
        )
        for transition in steps_open_to(application.state, roles)
        if any(_is_one(role, held) for role in transition.roles for held in roles)
    )


def _is_one(role: Role | CaseRole, held: Role | CaseRole) -> bool:
    """Compare with the kind: a role for the body and the part of the same name are equal as text, but not the same."""
    return type(role) is type(held) and role == held


def parts_to_give(
    session: Session, application: Application, *, actor: uuid.UUID, at: datetime
) -> tuple[CaseRole, ...]:
    """Return the parts that a person may give in a case now; `cases.assign` proves it again."""
    part = access.part_of(session, actor, application.id)
    if part is None or not is_unlocked(session, application, actor=actor, at=at):
        return ()
    return tuple(
        role
        for role, givers in cases.ASSIGNED_BY.items()
        if any(_is_one(giver, part.role) for giver in givers) and cases.takes(session, application, role)
    )


def declarations_of(session: Session, application: Application) -> dict[uuid.UUID, Declaration]:
    """Return the newest declaration of everybody who plays a part, by account."""
    found = {
        a.account_id: interests.latest_declaration(session, a.account_id, application.id)
        for a in application.assignments
    }
    return {account_id: declaration for account_id, declaration in found.items() if declaration}


def is_unlocked(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person's newest declaration of interests opens the file to them now."""
    part = access.part_of(session, actor, application.id)
    return part is not None and interests.is_open(session, application, part, at)


def desk_of(session: Session, *, actor: uuid.UUID, at: datetime) -> Desk:
    """Return what waits for a person beside the cases of their inbox."""
    judges = institutions.may_judge_claims(session, actor, at)
    claims = institutions.open_claims(session) if judges else ()
    return Desk(
        claims=tuple(
            c for c in claims if c.account_id != actor and all(w.account_id != actor for w in c.confirmations)
        ),
        keys=_keys_to_confirm(session, actor, at),
    )


def _is_barred(session: Session, application: Application, actor: uuid.UUID) -> bool:
    """Whether a person takes no step by a role, since they act for the applicant or play another part."""
    return access.is_of_applicant(session, actor, application) or access.has_played(
        session, actor, application.id
    )


def _keys_to_confirm(session: Session, actor: uuid.UUID, at: datetime) -> tuple[IdentityClaim, ...]:
    bodies = [body.id for body in bodies_of(session, Role.IDENTITY_VERIFIER, actor=actor, at=at)]
    query = (
        select(IdentityClaim)
        .join(Issuer, Issuer.id == IdentityClaim.issuer_id)
        .join(Scheme, Scheme.id == Issuer.scheme_id)
        .where(Scheme.body_id.in_(bodies), IdentityClaim.proofs.any())
        .order_by(IdentityClaim.created_at)
    )
    return tuple(
        claim
        for claim in session.scalars(query)
        if len(claim.confirmations) < institutions.CONFIRMATIONS_NEEDED
        and all(word.account_id != actor for word in claim.confirmations)
    )


def issuers_of(session: Session, bodies: Iterable[Body]) -> Sequence[Issuer]:
    """Return the issuers that bodies have listed, by name."""
    query = (
        select(Issuer)
        .join(Scheme, Scheme.id == Issuer.scheme_id)
        .join(Institution, Institution.id == Issuer.institution_id)
        .where(Scheme.body_id.in_([body.id for body in bodies]))
        .order_by(Institution.name)
    )
    return session.scalars(query).all()


def issuers_of_institution(session: Session, institution_id: uuid.UUID) -> Sequence[Issuer]:
    """Return the listings of an institution."""
    return session.scalars(select(Issuer).where(Issuer.institution_id == institution_id)).all()


def later_claims(session: Session, issuer_id: uuid.UUID) -> Sequence[IdentityClaim]:
    """Return the identities that were named for an issuer after it had been listed, oldest first."""
    query = select(IdentityClaim).where(IdentityClaim.issuer_id == issuer_id)
    return session.scalars(query.order_by(IdentityClaim.created_at)).all()


def issuer_for_body(
    session: Session, issuer_id: uuid.UUID, *roles: Role, actor: uuid.UUID, at: datetime
) -> Issuer:
    """Return an issuer of a body for which the person holds one of `roles`, or raise `NotFound`."""
    issuer = session.get(Issuer, issuer_id)
    if issuer is None or not access.holds(session, actor, *roles, at=at, body=issuer.scheme.body_id):
        raise NotFound(f"no issuer {issuer_id}")
    return issuer


def issuer_for_institution(
    session: Session, issuer_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> Issuer:
    """Return an issuer for which the person acts, or raise `NotFound`."""
    issuer = session.get(Issuer, issuer_id)
    if issuer is None or not acts_for(session, issuer.institution_id, actor=actor, at=at):
        raise NotFound(f"no issuer {issuer_id}")
    return issuer


def names_of(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of people by account."""
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(set(ids))))
    return {row.id: row.name for row in rows}


def people_of(session: Session, application: Application) -> Sequence[Account]:
    """Return everybody who plays or played a part in a case; held, they load no name one by one."""
    ids = {one.account_id for one in application.assignments}
    return session.scalars(select(Account).where(Account.id.in_(ids))).all()


def grants_at(session: Session, body_id: uuid.UUID | None) -> list[tuple[RoleGrant, Account]]:
    """Return who holds which role for a body now, by name; None: roles of bodies held for the whole registry."""
    query = (
        select(RoleGrant, Account)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.body_id == body_id,
            RoleGrant.institution_id.is_(None),
            RoleGrant.role.in_(BODY_ROLES),
            RoleGrant.revoked_at.is_(None),
        )
        .order_by(Account.name, RoleGrant.role)
    )
    return [(grant, account) for grant, account in session.execute(query)]


def all_bodies(session: Session) -> Sequence[Body]:
    """Return every body, by name."""
    return session.scalars(select(Body).order_by(Body.legal_name)).all()


def all_schemes(session: Session) -> Sequence[Scheme]:
    """Return every scheme, by slug."""
    return session.scalars(select(Scheme).order_by(Scheme.slug)).all()


def platforms(session: Session) -> Sequence[Institution]:
    """Return the platforms that somebody acts for, by name: those that can confirm profiles."""
    query = select(Institution).where(Institution.kind == "platform", Institution.owned)
    return session.scalars(query.order_by(Institution.name)).all()


def open_work(session: Session, page: int, size: int) -> tuple[Sequence[WorkItem], int]:
    """Return one page (from 1) of what imports and signals noticed and nobody has looked at, oldest first, and the total."""
    open_items = select(WorkItem).where(WorkItem.closed_at.is_(None))
    total = session.scalar(select(func.count()).select_from(open_items.subquery())) or 0
    query = open_items.order_by(WorkItem.opened_at, WorkItem.key, WorkItem.kind)
    return session.scalars(query.limit(size).offset((page - 1) * size)).all(), total
