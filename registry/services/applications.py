"""Applications: from a draft to a frozen submission, and every step of the workflow after it."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.clocks import is_over
from registry.domain.completeness import PointPlace
from registry.domain.prose import SHORT, prose
from registry.domain.roles import Role
from registry.domain.scope import Scope, parse_scope, scope_to_wire
from registry.domain.trust_list import canonical_json
from registry.domain.workflow import EDITABLE_STATES, SETTLED, Action, Guard, State, step
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.application import Application, EvidenceVersion, Manifest, Procedure
from registry.models.body import Scheme
from registry.models.institution import Institution
from registry.services import access, completeness, eligibility
from registry.services.bodies import current_policy
from registry.services.case_file import current_evidence, latest_manifest, missing_evidence, policy_for
from registry.services.cases import take_intake
from registry.services.checks import run_machine_checks
from registry.services.missing import expired_decisions
from registry.services.recording import REFERENCE, audit, next_number
from registry.services.scope_rules import mandate_problems, scope_problems
from registry.services.stated import cited
from registry.services.steps import PROVEN, require_version, take_step


def start(
    session: Session,
    institution_id: uuid.UUID,
    scheme_id: uuid.UUID,
    *,
    procedure: Procedure = Procedure.INITIAL,
    issuer_id: uuid.UUID | None = None,
    prior_id: uuid.UUID | None = None,
    actor: uuid.UUID,
    at: datetime,
) -> Application:
    """Open a draft under the policy version that the body has adopted last; that version stays with the case.

    `issuer_id` is the listing that the case is about and `prior_id` the case that it continues; whoever gives them has
    proven that both belong to the institution and the scheme.

    Raises:
        NotAllowed: the person does not act for the institution.
        Conflict: the institution has an open application in this scheme.
    """
    institution, scheme = session.get(Institution, institution_id), session.get(Scheme, scheme_id)
    if institution is None or scheme is None:
        raise NotFound("no such institution or scheme")
    access.require(
        session, actor, Role.OWNER, Role.CONTRIBUTOR, Role.SIGNATORY, at=at, institution=institution_id
    )
    if open_case(session, institution_id, scheme_id) is not None:
        raise Conflict("this institution has an open application in this scheme already")
    policy = current_policy(session, scheme, at=at)
    number = next_number(session, REFERENCE, at)
    application = Application(
        reference=f"{at:%Y}-{number:05d}",
        institution=institution,
        scheme=scheme,
        policy=policy,
        scope=scope_to_wire(Scope(())),
        state=State.DRAFT,
        procedure=procedure,
        issuer_id=issuer_id,
        prior_id=prior_id,
        created_by=actor,
        created_at=at,
        entered_at=at,
        events=[],
        evidence=[],
    )
    session.add(application)
    session.flush()
    audit(session, "application.started", actor=actor, at=at, of=("application", application.id))
    return application


def open_case(session: Session, institution_id: uuid.UUID, scheme_id: uuid.UUID) -> Application | None:
    """Return the case that keeps an institution from beginning another in a scheme, or None."""
    return session.scalars(
        select(Application).where(
            Application.institution_id == institution_id,
            Application.scheme_id == scheme_id,
            Application.state.not_in(SETTLED),
        )
    ).first()


def set_scope(
    session: Session, application_id: uuid.UUID, scope: Mapping[str, Any], *, actor: uuid.UUID, at: datetime
) -> Application:
    """Say what recognition is asked for; the whole scope in wire form takes the place of the one before.

    Raises:
        InvalidInput: a grant cannot be read, or asks for what the policy or the body's mandate does not offer.
    """
    application = editable(session, application_id, actor, at, place=PointPlace.SCOPE)
    asked = parse_scope(scope)
    problems = scope_problems(policy_for(application), asked)
    problems += mandate_problems(application.scheme.body, scope, at)
    if problems:
        raise InvalidInput("this scope cannot be asked for", problems)
    application.scope = scope_to_wire(asked)
    session.flush()
    audit(session, "application.scope_set", actor=actor, at=at, of=("application", application.id))
    return application


def open_points(session: Session, application: Application, at: datetime) -> tuple[FieldError, ...]:
    """Return everything that keeps an application from being handed in, in the order of the task list."""
    points = list(scope_problems(policy_for(application), parse_scope(application.scope)))
    points += mandate_problems(application.scheme.body, application.scope, at)
    points += [
        FieldError(f"evidence.{item.evidence_id}", item.title["en"]) for item in missing_evidence(application)
    ]
    claims = application.identity_claims
    if not claims:
        points.append(
            FieldError("identities", "name at least one key, certificate or DID that you issue with")
        )
    points += [
        FieldError(f"identities.{c.id}", "prove that you hold this key") for c in claims if not c.proofs
    ]
    points += [
        FieldError(
            f"decisions.{found.detail['number']}",
            f"the decision of {found.detail['issuer']} ended on {found.detail['ended']}; cite it no more",
        )
        for found in expired_decisions(session, application, at)
    ]
    if application.state is State.RETURNED:
        points += [
            FieldError(
                f"points.{point.number}", f"point {point.number} of the list is neither mended nor answered"
            )
            for point in completeness.untouched(session, application)
        ]
    return tuple(points)


def submit(
    session: Session, application_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> Manifest:
    """Submit: freeze what was handed in and return the manifest whose hash is the receipt.

    Raises:
        InvalidInput: something is missing; `errors` lists it.
        Conflict: somebody changed the draft since `version` was read.
    """
    return _hand_in(session, application_id, Action.SUBMIT, version, actor, at)


def resubmit(
    session: Session, application_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> Manifest:
    """Hand a returned application in again: a new manifest, with the new versions of what was missing.

    Raises:
        InvalidInput: something is still missing; `errors` lists it.
        Conflict: somebody changed the application since `version` was read.
    """
    return _hand_in(session, application_id, Action.RESUBMIT, version, actor, at)


def _hand_in(
    session: Session,
    application_id: uuid.UUID,
    action: Action,
    version: int,
    actor: uuid.UUID,
    at: datetime,
) -> Manifest:
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    require_version(application, version)
    transition = step(application.state, action)
    access.require_step(session, actor, application, transition, at)
    _require_days(application, at)
    points = open_points(session, application, at)
    if points:
        raise InvalidInput("the application is not complete yet", points)
    content = manifest_content(session, application, at)
    manifest = Manifest(
        application_id=application.id,
        number=_next_manifest(session, application.id),
        content=content,
        sha256=hashlib.sha256(canonical_json(content)).hexdigest(),
        at=at,
    )
    session.add(manifest)
    application.submitted_at = application.submitted_at or at
    completeness.settle(session, application, actor=actor, at=at)
    take_step(session, application, action, actor=actor, at=at, guards=PROVEN)
    return manifest


def _require_days(application: Application, at: datetime) -> None:
    """Raise `TransitionRefused` where the days to complete a returned application are over."""
    if application.state is State.RETURNED and is_over(application.due_at, at):
        raise TransitionRefused("the days to complete this application are over; it lapses")


def _next_manifest(session: Session, application_id: uuid.UUID) -> int:
    last = latest_manifest(session, application_id)
    return last.number + 1 if last else 1


def manifest_content(session: Session, application: Application, at: datetime) -> dict[str, Any]:
    """Return what a submission consists of: policy, scope, identities, decisions cited, and each file by hash."""
    policy = application.policy
    return {
        "reference": application.reference,
        "institution": str(application.institution_id),
        "scheme": application.scheme.slug,
        "policy": {"id": policy.policy_id, "version": policy.version, "sha256": policy.sha256},
        "scope": application.scope,
        "identities": [{"kind": c.kind.value, "value": c.value} for c in application.identity_claims],
        "decisions": [
            {
                "number": d.number,
                "kind": d.kind.value,
                "issuer": d.issuer,
                "reference": d.reference,
                "decided_on": d.decided_on.isoformat(),
                "valid_until": d.valid_until.isoformat() if d.valid_until else None,
                "outcome": d.outcome,
                "criteria": d.criteria,
            }
            for d in cited(session, application.id)
        ],
        "evidence": [
            {"id": v.evidence_id, "number": v.number, "name": v.file_name, "size": v.size, "sha256": v.sha256}
            for v in sorted(_handed_in(session, application), key=lambda v: v.evidence_id)
        ],
        "submitted_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _handed_in(session: Session, application: Application) -> list[EvidenceVersion]:
    """Return the newest versions of what the applicant has handed in; what the body gathered is not the applicant's."""
    asked = {i.id for _c, i in policy_for(application).evidence_items() if i.provided_by == "applicant"}
    asked |= {row.evidence_id for row in cited(session, application.id)}
    return [v for evidence_id, v in current_evidence(application).items() if evidence_id in asked]


def act(
    session: Session,
    application_id: uuid.UUID,
    action: Action,
    *,
    version: int | None = None,
    note: str = "",
    actor: uuid.UUID,
    at: datetime,
) -> Application:
    """Take a step that needs nothing but the step itself, and reasons where its guards ask for them.

    Raises:
        NotFound: no such application, or not for this person.
        NotAllowed: another role takes this step, or a declared conflict locks the file.
        InvalidInput: reasons are needed, or too long, or cannot be read (`note`).
        TransitionRefused: no such step from here, or a guard does not hold; the message says which.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    if version is not None:
        require_version(application, version)
    transition = step(application.state, action)
    access.require_step(session, actor, application, transition, at)
    if action not in PLAIN_ACTIONS:
        raise TransitionRefused(f"{action.value.replace('_', ' ')} is taken on a page of its own")
    if action is Action.WITHDRAW_APPLICATION and application.procedure is Procedure.EXTRAORDINARY:
        raise TransitionRefused("a case that the body opened cannot be withdrawn by the issuer")
    needed = Guard.REASONS_GIVEN in transition.guards
    note = prose("note", note, SHORT, missing="give your reasons" if needed else "")
    if action is Action.OPEN:
        take_intake(session, application, actor=actor, at=at)
        run_machine_checks(session, application, actor=actor, at=at)
    if action in {Action.OPEN, Action.CONFIRM_COMPLETE}:
        eligibility.run_checks(session, application, actor=actor, at=at)
    return take_step(session, application, action, actor=actor, at=at, note=note or None)


PLAIN_ACTIONS = frozenset(
    {
        Action.OPEN,
        Action.CONFIRM_COMPLETE,
        Action.CONFIRM_IDENTITY,
        Action.PROPOSE_PANEL,
        Action.APPOINT_PANEL,
        Action.OPEN_REVIEW,
        Action.REFER_TO_COMMITTEE,
        Action.CLOSE_HEARING,
        Action.WITHDRAW_APPLICATION,
        Action.RECOMPOSE_PANEL,
        Action.RESUME_REVIEW,
        Action.BEGIN_VISIT,
        Action.END_VISIT,
        Action.SEND_FOR_FACTUAL_CHECK,
        Action.END_FACTUAL_CHECK,
        Action.CLOSE_FACTUAL_CHECK,
        Action.RESUME_DEFERRED,
        Action.PUT_ON_HOLD,
        Action.TAKE_UP,
        Action.LAPSE,
    }
)
"""Actions that carry no content of their own; the others have a service of their own."""


def editable(
    session: Session,
    application_id: uuid.UUID,
    actor: uuid.UUID,
    at: datetime,
    *,
    place: PointPlace,
) -> Application:
    """Return a draft, or a returned application of which `place` was asked for, to somebody who may change it.

    Raises:
        NotFound: no such application, for this person.
        NotAllowed, TransitionRefused: as `require_editable`.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    require_editable(session, application, actor, at, place=place)
    return application


def require_editable(
    session: Session,
    application: Application,
    actor: uuid.UUID,
    at: datetime,
    *,
    place: PointPlace,
    evidence_id: str | None = None,
) -> None:
    """Refuse who may not change a draft, or `place` of a returned application.

    Raises:
        NotAllowed: not one of the applicant's people.
        TransitionRefused: it has been submitted, nobody asked for a change there, or the days are over.
    """
    roles = (Role.OWNER, Role.CONTRIBUTOR, Role.SIGNATORY)
    if not access.holds(session, actor, *roles, at=at, institution=application.institution_id):
        raise NotAllowed("only the applicant changes an application")
    if application.state not in EDITABLE_STATES:
        raise TransitionRefused("this application has been submitted; what was handed in is frozen")
    _require_days(application, at)
    completeness.require_asked(session, application, place, evidence_id)


def applications_of(session: Session, institution_id: uuid.UUID) -> Sequence[Application]:
    """Return an institution's applications, newest first."""
    query = select(Application).where(Application.institution_id == institution_id)
    return session.scalars(query.order_by(Application.created_at.desc())).all()


def cases_of_body(
    session: Session, body_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> Sequence[Application]:
    """Return the submitted cases of a body that a person may know of, the longest waiting first."""
    query = (
        select(Application)
        .join(Scheme, Scheme.id == Application.scheme_id)
        .where(Scheme.body_id == body_id, Application.submitted_at.is_not(None))
        .order_by(Application.entered_at)
    )
    found = session.scalars(query).all()
    return [a for a in found if access.may_know(session, a, actor, at)]
