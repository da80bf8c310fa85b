"""What an adopted version touches, and its transition rule applied: once, when it takes effect.

A case otherwise keeps the version it was begun under, for ever; nothing but `_move` changes it.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from registry.domain.policy import Policy
from registry.domain.policy_transition import CaseFate, IssuerFate, case_fate, issuer_fate, reassess
from registry.domain.recognition import Status, status_at
from registry.domain.roles import BODY_ROLES, Role
from registry.domain.text import clean
from registry.domain.workflow import ENDED, State
from registry.errors import Conflict, FieldError, InvalidInput, NotFound
from registry.models.application import Application
from registry.models.body import AdoptedPolicy, Scheme
from registry.models.institution import Institution
from registry.models.issuer import Issuer
from registry.models.policy_draft import PolicyReassessment, PolicyTransition
from registry.services import access
from registry.services.accounts import roles_of
from registry.services.bodies import policy_of, version_key
from registry.services.outbox import MAIL
from registry.services.recording import audit, enqueue
from registry.services.trust_lists import status_events

LIVE = frozenset({Status.PENDING_EFFECTIVE, Status.ACTIVE, Status.ACTIVE_WITH_CONDITIONS, Status.SUSPENDED})
"""Standings that a new version may touch."""
CLOSERS = (Role.CASE_OFFICER, Role.REGISTRAR)
SHOWN = 200
"""Most cases and issuers that are named; all are counted."""


@dataclass(frozen=True, slots=True)
class TouchedCase:
    """An open case under an older version, for somebody who may know of it."""

    id: uuid.UUID
    reference: str
    institution: str
    state: State
    version: str
    fate: CaseFate
    institution_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TouchedIssuer:
    """A recognition that stands under an older version."""

    id: uuid.UUID
    slug: str
    institution: str
    status: Status
    version: str
    institution_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Touched:
    """What a version touches: counts over everything, names as far as the person may see them."""

    states: Mapping[State, int]
    fates: Mapping[CaseFate, int]
    cases: tuple[TouchedCase, ...]
    statuses: Mapping[Status, int]
    issuer_fate: IssuerFate
    due_on: date | None
    issuers: tuple[TouchedIssuer, ...]


def touched(
    session: Session, body_id: uuid.UUID, policy: Policy, *, actor: uuid.UUID, at: datetime
) -> Touched:
    """Return what `policy` touches of a body, adopted or about to be: open cases and live recognitions under older versions.

    Raises:
        NotFound: the person does not work for the body.
    """
    if not access.holds(session, actor, *BODY_ROLES, at=at, body=body_id):
        raise NotFound("there is no such policy")
    rule = policy.identity.transition
    older = older_versions(session, body_id, policy.id, policy.version)
    states = _states(session, older)
    fates: Counter[CaseFate] = Counter()
    for state, count in states.items():
        fates[case_fate(rule, state)] += count
    issuers = tuple(_issuers(session, body_id, policy, at))
    again = reassess(rule, max(at.date(), policy.identity.effective_from))
    return Touched(
        states=states,
        fates=dict(fates),
        cases=tuple(_cases(session, older, policy, actor, at)),
        statuses=dict(Counter(one.status for one in issuers)),
        issuer_fate=issuer_fate(rule),
        due_on=again.due_on if again else None,
        issuers=issuers[:SHOWN],
    )


def older_versions(
    session: Session, body_id: uuid.UUID, policy_id: str, version: str
) -> Sequence[AdoptedPolicy]:
    """Return the versions below `version` that a body has adopted of a policy."""
    rows = session.scalars(
        select(AdoptedPolicy).where(AdoptedPolicy.body_id == body_id, AdoptedPolicy.policy_id == policy_id)
    )
    return [row for row in rows if version_key(row.version) < version_key(version)]


def _open(older: Sequence[AdoptedPolicy]) -> tuple[ColumnElement[bool], ...]:
    return (Application.policy_row_id.in_([row.id for row in older]), Application.state.not_in(ENDED))


def _states(session: Session, older: Sequence[AdoptedPolicy]) -> dict[State, int]:
    query = select(Application.state, func.count()).where(*_open(older)).group_by(Application.state)
    found = {state: count for state, count in session.execute(query)}  # noqa: C416  # rows, not pairs
    return {state: found[state] for state in State if state in found}


def _cases(
    session: Session, older: Sequence[AdoptedPolicy], policy: Policy, actor: uuid.UUID, at: datetime
) -> Iterator[TouchedCase]:
    query = (
        select(Application)
        .where(*_open(older), Application.submitted_at.is_not(None))
        .options(selectinload(Application.institution), selectinload(Application.policy))
        .order_by(Application.reference)
        .limit(SHOWN)
    )
    for case in session.scalars(query):
        if access.may_know(session, case, actor, at):
            fate = case_fate(policy.identity.transition, case.state)
            place, version = case.institution, case.policy.version
            yield TouchedCase(case.id, case.reference, place.name, case.state, version, fate, place.names)


def _issuers(session: Session, body_id: uuid.UUID, policy: Policy, at: datetime) -> Iterator[TouchedIssuer]:
    query = (
        select(Issuer)
        .join(Scheme, Scheme.id == Issuer.scheme_id)
        .join(Institution, Institution.id == Issuer.institution_id)
        .where(Scheme.body_id == body_id, Scheme.policy_id == policy.id)
        .options(selectinload(Issuer.events), selectinload(Issuer.institution))
        .order_by(Institution.name, Issuer.id)
    )
    for issuer in session.scalars(query):
        status = status_at(status_events(issuer), at)
        version = _version_of(issuer)
        if status in LIVE and status and version and version_key(version) < version_key(policy.version):
            place = issuer.institution
            yield TouchedIssuer(issuer.id, place.slug, place.name, status, version, place.names)


def _version_of(issuer: Issuer) -> str | None:
    """Return the version under which the recognition was last granted; None before the first event."""
    granted = [event for event in issuer.events if event.status.is_recognized] or issuer.events
    return granted[-1].policy_version if granted else None


def apply_due(session: Session, *, at: datetime) -> int:
    """Apply the transition rule of every adopted version that has taken effect since; return how many there were.

    The clock calls this; adopting calls it too, so that a version in effect at once has its effect at once.
    """
    waiting = session.scalars(
        select(AdoptedPolicy)
        .outerjoin(PolicyTransition, PolicyTransition.adopted_id == AdoptedPolicy.id)
        .where(PolicyTransition.adopted_id.is_(None))
        .order_by(AdoptedPolicy.adopted_at, AdoptedPolicy.version)
    ).all()
    due = [row for row in waiting if policy_of(row).policy.identity.effective_from <= at.date()]
    for row in due:
        _apply(session, row, at)
    return len(due)


def _apply(session: Session, row: AdoptedPolicy, at: datetime) -> None:
    policy = policy_of(row).policy
    older = older_versions(session, row.body_id, row.policy_id, row.version)
    states = _states(session, older)
    moving = [state for state in states if case_fate(policy.identity.transition, state) is CaseFate.MOVES]
    movable = select(Application).where(*_open(older), Application.state.in_(moving))
    cases = session.scalars(movable.with_for_update()).all()
    for case in cases:
        _move(session, case, row, actor="clock", at=at)
    moved, kept = len(cases), sum(states.values()) - len(cases)
    again = list(_reassess(session, row, policy, at))
    session.add_all(again)
    session.add(
        PolicyTransition(adopted_id=row.id, applied_at=at, moved=moved, kept=kept, reassessments=len(again))
    )
    session.flush()
    detail = {"moved": moved, "kept": kept, "reassessments": len(again)}
    if older:
        audit(
            session,
            "policy.transition_applied",
            actor="clock",
            at=at,
            of=("adopted_policy", row.id),
            detail=detail,
        )


def _reassess(
    session: Session, row: AdoptedPolicy, policy: Policy, at: datetime
) -> Iterator[PolicyReassessment]:
    again = reassess(policy.identity.transition, max(policy.identity.effective_from, row.adopted_at.date()))
    for one in _issuers(session, row.body_id, policy, at) if again else ():
        yield PolicyReassessment(
            body_id=row.body_id,
            issuer_id=one.id,
            adopted_id=row.id,
            due_on=again.due_on if again else None,
            opened_at=at,
        )


def _move(
    session: Session, case: Application, row: AdoptedPolicy, *, actor: uuid.UUID | str, at: datetime
) -> None:
    detail = {"from": case.policy.version, "to": row.version, "sha256": row.sha256}
    case.policy = row
    session.flush()
    audit(
        session,
        "application.policy_moved",
        actor=actor,
        at=at,
        of=("application", case.id),
        detail=detail,
    )
    enqueue(session, MAIL, {"application": str(case.id)}, at=at)


def offered_version(session: Session, case: Application, *, at: datetime) -> AdoptedPolicy | None:
    """Return the newer version that a case may move to now because its transition rule offers that, or None."""
    rows = session.scalars(
        select(AdoptedPolicy).where(
            AdoptedPolicy.body_id == case.policy.body_id, AdoptedPolicy.policy_id == case.policy.policy_id
        )
    )
    newer = [
        row
        for row in rows
        if version_key(row.version) > version_key(case.policy.version)
        and policy_of(row).policy.identity.effective_from <= at.date()
    ]
    newest = max(newer, key=lambda row: version_key(row.version), default=None)
    if newest is None:
        return None
    fate = case_fate(policy_of(newest).policy.identity.transition, case.state)
    return newest if fate is not CaseFate.KEEPS else None


def move_case(
    session: Session, application_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> Application:
    """Let a case move to the newer version that its transition rule offers; `version` is the case's as it was seen.

    Raises:
        NotFound: no such case for this person.
        NotAllowed: the person does not act for the applicant.
        Conflict: no newer version is offered where the case stands, or the case changed meanwhile.
    """
    case = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require(
        session,
        actor,
        Role.OWNER,
        Role.SIGNATORY,
        at=at,
        institution=case.institution_id,
    )
    offered = offered_version(session, case, at=at)
    if case.version != version:
        raise Conflict("somebody else changed this case meanwhile; look at it again before you act")
    if offered is None:
        raise Conflict("this case keeps its version of the policy")
    _move(session, case, offered, actor=actor, at=at)
    return case


def reassessments(
    session: Session, *, actor: uuid.UUID, at: datetime
) -> Sequence[tuple[PolicyReassessment, bool]]:
    """Return what the bodies of a person have to look at again, by due date, and whether a later decision has settled it."""
    bodies = [
        grant.body_id
        for grant in roles_of(session, actor, at=at)
        if grant.body_id and grant.role in BODY_ROLES
    ]
    rows = session.scalars(
        select(PolicyReassessment)
        .where(PolicyReassessment.body_id.in_(bodies), PolicyReassessment.closed_at.is_(None))
        .options(
            selectinload(PolicyReassessment.adopted),
            selectinload(PolicyReassessment.issuer).selectinload(Issuer.events),
            selectinload(PolicyReassessment.issuer).selectinload(Issuer.institution),
        )
    )
    dated = sorted(rows, key=lambda row: (row.due_on or date.max, row.issuer.institution.name))
    return [(row, _is_settled(row)) for row in dated]


def _is_settled(row: PolicyReassessment) -> bool:
    version = _version_of(row.issuer)
    return version is not None and version_key(version) >= version_key(row.adopted.version)


def close_reassessment(
    session: Session, reassessment_id: uuid.UUID, *, outcome: str, actor: uuid.UUID, at: datetime
) -> PolicyReassessment:
    """Say what looking again has come to; a change of standing needs a case of its own.

    Raises:
        NotFound: nothing of the kind at a body that the person works for.
        NotAllowed: the person is neither case officer nor registrar of the body.
        InvalidInput: no outcome is given.
        Conflict: it is closed already.
    """
    row = session.get(PolicyReassessment, reassessment_id, with_for_update=True)
    if row is None or not access.holds(session, actor, *BODY_ROLES, at=at, body=row.body_id):
        raise NotFound("there is nothing to look at again")
    access.require(session, actor, *CLOSERS, at=at, body=row.body_id)
    if row.closed_at is not None:
        raise Conflict("this work is closed already")
    if not outcome.strip():
        problem = "say what you found and did"
        raise InvalidInput(problem, [FieldError("outcome", problem)])
    row.closed_at, row.closed_by, row.outcome = at, actor, clean(outcome)[:4000]
    session.flush()
    audit(session, "policy.reassessed", actor=actor, at=at, of=("issuer", row.issuer_id))
    return row
