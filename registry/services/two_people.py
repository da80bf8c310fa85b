"""Two people: one proposes with reasons, another confirms or turns down; only then something happens.

ONE table says, per kind, who may propose, who may confirm, what a proposal must hold, and what it does. The database keeps
that the two are not one person; a proposal is answered once.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.roles import CaseRole, Role
from registry.domain.two_people import ProposalKind
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.models.application import Application
from registry.models.issuer import Issuer
from registry.models.two_people import Proposal, ProposalAnswer
from registry.services import (
    access,
    committee_again,
    conditions,
    declarations,
    eligibility,
    erasure,
    evidence_files,
    institution_event_checks,
    institution_events,
    key_orders,
    orders,
    programs,
    report_publication,
    warnings,
)
from registry.services.recording import audit, wait_for

REASONS_LIMIT = 4_000
"""Most characters of reasons."""


@dataclass(frozen=True, slots=True)
class NewProposal:
    """What is proposed: about which object, with what content, and why. The body follows from the case or the issuer."""

    object_id: str
    reasons: str
    content: Mapping[str, Any] = field(default_factory=dict)
    application_id: uuid.UUID | None = None
    issuer_id: uuid.UUID | None = None
    body_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Who proposes, who confirms, what a proposal must hold (`check` returns problems), and what it does.

    `apply` gets the confirming person; it runs in the transaction of the confirmation and may still refuse. `drop` cleans up
    after what was turned down.
    """

    proposers: frozenset[Role | CaseRole]
    confirmers: frozenset[Role | CaseRole]
    check: Callable[[Session, Proposal, datetime], list[FieldError]]
    apply: Callable[[Session, Proposal, uuid.UUID, datetime], None]
    drop: Callable[[Session, Proposal, datetime], None] | None = None


_WAIVERS: frozenset[Role | CaseRole] = frozenset(
    {CaseRole.INTAKE_OFFICER, CaseRole.CASE_OFFICER, Role.CASE_OFFICER, Role.COMMITTEE_CHAIR}
)
_CASE_OFFICER: frozenset[Role | CaseRole] = frozenset({CaseRole.CASE_OFFICER})
_OFFICERS: frozenset[Role | CaseRole] = frozenset({CaseRole.INTAKE_OFFICER, CaseRole.CASE_OFFICER})
_STANDING: frozenset[Role | CaseRole] = frozenset({Role.CASE_OFFICER, Role.REGISTRAR})
_WARNERS: frozenset[Role | CaseRole] = _STANDING | {Role.COMPLAINTS_OFFICER}
_KEY_LOOKERS: frozenset[Role | CaseRole] = frozenset({Role.IDENTITY_VERIFIER, Role.REGISTRAR})
_KEY_HOLDERS: frozenset[Role | CaseRole] = frozenset({Role.OWNER, Role.KEY_CUSTODIAN, Role.IDENTITY_VERIFIER})
_OPERATORS: frozenset[Role | CaseRole] = frozenset({Role.OPERATOR})
ACTS: Mapping[ProposalKind, Act] = {
    ProposalKind.INELIGIBLE: Act(
        _CASE_OFFICER,
        _OFFICERS,
        eligibility.check_ineligible,
        eligibility.declare_ineligible,
    ),
    ProposalKind.CONDITION_MET: Act(
        frozenset({Role.CASE_OFFICER}),
        frozenset({Role.REVIEWER}),
        conditions.check_met,
        conditions.apply_met,
    ),
    ProposalKind.CONFLICT_WAIVER: Act(
        _WAIVERS, _WAIVERS, declarations.waiver_problems, declarations.apply_waiver
    ),
    ProposalKind.WARNING: Act(_WARNERS, _STANDING, warnings.check_warning, warnings.apply_warning),
    ProposalKind.URGENT_SUSPENSION: Act(_WARNERS, _STANDING, orders.check_urgent, orders.apply_urgent),
    ProposalKind.SUSPENSION_LIFTED: Act(_STANDING, _STANDING, orders.check_lifting, orders.apply_lifting),
    ProposalKind.RELINQUISHMENT: Act(
        frozenset({Role.SIGNATORY}),
        frozenset({Role.REGISTRAR}),
        orders.check_relinquishment,
        orders.apply_relinquishment,
    ),
    ProposalKind.KEY_ENDED: Act(_KEY_HOLDERS, _KEY_LOOKERS, key_orders.check_ending, key_orders.apply_ending),
    ProposalKind.KEY_COMPROMISED: Act(
        _KEY_HOLDERS, _KEY_LOOKERS, key_orders.check_compromise, key_orders.apply_compromise
    ),
    ProposalKind.INSTITUTION_EVENT: Act(
        _STANDING, _STANDING, institution_event_checks.check_event, institution_events.apply_event
    ),
    ProposalKind.REDACTION: Act(
        frozenset({CaseRole.CASE_OFFICER, Role.REGISTRAR}),
        frozenset({Role.REGISTRAR}),
        evidence_files.check_redaction,
        evidence_files.apply_redaction,
        evidence_files.drop_redaction,
    ),
    ProposalKind.REPORT_TEXT: Act(
        frozenset({CaseRole.CASE_OFFICER, Role.REGISTRAR}),
        frozenset({Role.REGISTRAR}),
        report_publication.check_text,
        report_publication.apply_text,
        report_publication.drop_text,
    ),
    ProposalKind.COMMITTEE_AGAIN: Act(
        _CASE_OFFICER,
        frozenset({Role.CASE_OFFICER, Role.REGISTRAR}),
        committee_again.check_again,
        committee_again.apply_again,
    ),
    ProposalKind.ERASURE: Act(_OPERATORS, _OPERATORS, erasure.check_erasure, erasure.apply_erasure),
}
"""What each kind needs and does."""


def propose(
    session: Session, kind: ProposalKind, new: NewProposal, *, actor: uuid.UUID, at: datetime
) -> Proposal:
    """Propose something that a second person has to confirm.

    Raises:
        NotAllowed: the person's role does not reach so far, or they act for the institution concerned.
        InvalidInput: no reasons, or the content lacks something.
        Conflict: the same is proposed already and waits.
    """
    act = _act(kind)
    row = Proposal(
        kind=kind,
        body_id=_body_of(session, new),
        application_id=new.application_id,
        issuer_id=new.issuer_id,
        object_id=new.object_id,
        content=dict(new.content),
        reasons=new.reasons.strip(),
        first_by=actor,
        at=at,
    )
    _require(session, row, act.proposers, actor, at)
    problems = [] if row.reasons else [FieldError("reasons", "give your reasons")]
    if len(row.reasons) > REASONS_LIMIT:
        problems.append(FieldError("reasons", f"at most {REASONS_LIMIT} characters"))
    problems += act.check(session, row, at)
    if problems:
        raise InvalidInput("this cannot be proposed", problems)
    if is_proposed(session, row.kind, row.object_id):
        raise Conflict("this is proposed already and waits for a second person")
    session.add(row)
    session.flush()
    audit(session, f"proposal.{kind.value}", actor=actor, at=at, of=("proposal", row.id))
    return row


def propose_erasure(
    session: Session, account_id: uuid.UUID, reasons: str, *, actor: uuid.UUID, at: datetime
) -> Proposal:
    """As an operator: propose to erase a person; another operator confirms.

    Raises:
        InvalidInput: no reasons, or the account is still open or needed (`object_id`).
        Conflict: it is proposed already and waits.
    """
    return propose(session, ProposalKind.ERASURE, NewProposal(str(account_id), reasons), actor=actor, at=at)


def confirm(
    session: Session, proposal_id: uuid.UUID, *, reasons: str = "", actor: uuid.UUID, at: datetime
) -> ProposalAnswer:
    """As the second person: confirm, so that what was proposed happens now.

    Raises:
        NotAllowed: the person proposed it, or their role does not reach so far.
        Conflict: it was answered already, or what it is about has changed meanwhile.
    """
    return _answer(session, proposal_id, True, reasons, actor, at)


def turn_down(
    session: Session, proposal_id: uuid.UUID, *, reasons: str, actor: uuid.UUID, at: datetime
) -> ProposalAnswer:
    """As the second person: turn down, with reasons; nothing happens."""
    if not reasons.strip():
        raise InvalidInput("give your reasons", [FieldError("reasons", "give your reasons")])
    return _answer(session, proposal_id, False, reasons, actor, at)


def _answer(
    session: Session, proposal_id: uuid.UUID, accepted: bool, reasons: str, actor: uuid.UUID, at: datetime
) -> ProposalAnswer:
    wait_for(session, "audit")  # two who answer at once: the later one sees the answer of the first
    row = visible(session, proposal_id, actor=actor, at=at)
    session.refresh(row, ["answer"])
    if row.answer is not None:
        raise Conflict("this proposal was answered already")
    if row.first_by in set(session.scalars(programs.hands(actor))):
        raise NotAllowed("another person than the one who proposed it has to answer")
    act = _act(row.kind)
    _require(session, row, act.confirmers, actor, at)
    if accepted:
        problems = act.check(session, row, at)
        if problems:
            raise Conflict(f"this cannot be confirmed any more: {problems[0].message}")
    found = ProposalAnswer(
        proposal_id=row.id,
        first_by=row.first_by,
        second_by=actor,
        accepted=accepted,
        reasons=reasons.strip(),
        at=at,
    )
    session.add(found)
    session.flush()
    session.expire(row, ["answer"])
    if accepted:
        act.apply(session, row, actor, at)
    elif act.drop is not None:
        act.drop(session, row, at)
    word = "confirmed" if accepted else "turned_down"
    audit(session, f"proposal.{word}", actor=actor, at=at, of=("proposal", row.id))
    return found


def visible(session: Session, proposal_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> Proposal:
    """Return a proposal that a person may know of, or raise `NotFound`."""
    row = session.get(Proposal, proposal_id)
    if row is None or not (row.first_by == actor or may_answer(session, row, actor=actor, at=at)):
        raise NotFound(f"no proposal {proposal_id}")
    return row


def may_propose(
    session: Session, kind: ProposalKind, new: NewProposal, *, actor: uuid.UUID, at: datetime
) -> bool:
    """Whether a person's role lets them propose something, so that a page can offer it."""
    row = Proposal(
        kind=kind,
        body_id=_body_of(session, new),
        application_id=new.application_id,
        issuer_id=new.issuer_id,
    )
    return _may(session, row, _act(kind).proposers, actor, at)


def may_answer(session: Session, row: Proposal, *, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person's role lets them answer a proposal; that they did not make it is another question."""
    return _may(session, row, _act(row.kind).confirmers, actor, at)


def waiting_for(session: Session, *, actor: uuid.UUID, at: datetime) -> Sequence[Proposal]:
    """Return the unanswered proposals that a person may answer, oldest first."""
    query = select(Proposal).where(~Proposal.answer.has(), Proposal.first_by != actor).order_by(Proposal.at)
    return [row for row in session.scalars(query) if may_answer(session, row, actor=actor, at=at)]


def proposed_by(session: Session, actor: uuid.UUID, limit: int = 50) -> Sequence[Proposal]:
    """Return what a person has proposed, the newest first."""
    query = select(Proposal).where(Proposal.first_by == actor).order_by(Proposal.at.desc(), Proposal.id)
    return session.scalars(query.limit(limit)).all()


def is_proposed(session: Session, kind: ProposalKind, object_id: str) -> bool:
    """Whether a proposal of a kind about an object waits for its second person."""
    query = select(Proposal.id).where(
        Proposal.kind == kind, Proposal.object_id == object_id, ~Proposal.answer.has()
    )
    return session.scalar(query.limit(1)) is not None


def waiting_about(
    session: Session, issuer_id: uuid.UUID, kinds: Collection[ProposalKind]
) -> Sequence[Proposal]:
    """Return the unanswered proposals of some kinds about an issuer, oldest first."""
    query = select(Proposal).where(
        Proposal.issuer_id == issuer_id, Proposal.kind.in_(kinds), ~Proposal.answer.has()
    )
    return session.scalars(query.order_by(Proposal.at, Proposal.id)).all()


def accepted(
    session: Session, kind: ProposalKind, object_id: str, since: datetime | None = None
) -> Proposal | None:
    """Return the newest confirmed proposal of a kind about an object, or None; `since` leaves older ones out."""
    query = (
        select(Proposal)
        .join(ProposalAnswer)
        .where(Proposal.kind == kind, Proposal.object_id == object_id, ProposalAnswer.accepted)
    )
    if since is not None:
        query = query.where(ProposalAnswer.at >= since)
    return session.scalars(query.order_by(ProposalAnswer.at.desc()).limit(1)).one_or_none()


def _act(kind: ProposalKind) -> Act:
    act = ACTS.get(kind)
    if act is None:
        raise NotFound(f"nobody can propose {kind.value}")
    return act


def _body_of(session: Session, new: NewProposal) -> uuid.UUID | None:
    if new.application_id is not None:
        return session.get_one(Application, new.application_id).scheme.body_id
    if new.issuer_id is not None:
        return session.get_one(Issuer, new.issuer_id).scheme.body_id
    return new.body_id


def _require(
    session: Session, row: Proposal, roles: frozenset[Role | CaseRole], actor: uuid.UUID, at: datetime
) -> None:
    if not _may(session, row, roles, actor, at):
        names = " or ".join(sorted(role.value.replace("_", " ") for role in roles))
        raise NotAllowed(f"only the {names} may do this")


def _may(
    session: Session, row: Proposal, roles: frozenset[Role | CaseRole], actor: uuid.UUID, at: datetime
) -> bool:
    """Whether a person holds one of `roles`: a part in the case with an open file, or a role there; never for their own."""
    if programs.is_program(session, actor) or _is_own(session, row, actor):
        return False
    parts = {role for role in roles if isinstance(role, CaseRole)}
    if row.application_id is not None and parts:
        application = session.get_one(Application, row.application_id)
        part = access.part_of(session, actor, application.id)
        if part is not None and part.role in parts:
            return access.may_read_file(session, application, actor=actor, at=at)
    held = [role for role in roles if isinstance(role, Role)]
    places = [row.body_id, None] if Role.OPERATOR in held else [row.body_id]
    institution = _institution_of(session, row)
    return any(access.holds(session, actor, *held, at=at, body=place) for place in places) or (
        institution is not None
        and access.holds(session, actor, *_APPLICANTS & roles, at=at, institution=institution)
    )


_APPLICANTS = frozenset({Role.OWNER, Role.SIGNATORY, Role.KEY_CUSTODIAN})
"""Roles for an institution; where a kind names one, its people may propose for themselves."""


def _is_own(session: Session, row: Proposal, actor: uuid.UUID) -> bool:
    """Whether somebody of the body has acted for the institution; its own people may propose where the kind says so."""
    institution = _institution_of(session, row)
    if institution is None or not access.has_acted_for(session, actor, institution):
        return False
    return not (_act(row.kind).proposers & _APPLICANTS and row.id is None)


def _institution_of(session: Session, row: Proposal) -> uuid.UUID | None:
    if row.application_id is not None:
        return session.get_one(Application, row.application_id).institution_id
    if row.issuer_id is not None:
        return session.get_one(Issuer, row.issuer_id).institution_id
    return None
