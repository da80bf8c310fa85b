"""Completeness: the generated list of what is missing, the officer's own points, and what becomes of each of them.

The list is found anew each time it is asked for. Returning the application writes it down, with the points that the officer
has added, and sends it; from then on only what a point names may change. Handing in again settles every point; the officer
reopens those that are not settled after all.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.domain.completeness import (
    WITH_APPLICANT,
    WITH_OFFICER,
    Asked,
    Finding,
    PointMark,
    PointPlace,
    PointReason,
    asked_by,
)
from registry.domain.policy import Policy
from registry.domain.prose import SHORT, prose
from registry.domain.roles import Role
from registry.domain.workflow import Action, State, step
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.intake import CompletenessMark, CompletenessPoint
from registry.services import access
from registry.services.case_file import current_evidence, latest_manifest, policy_for
from registry.services.missing import expired_decisions, findings
from registry.services.recording import audit


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A point of an officer: where the applicant has to mend what, and in which words."""

    place: PointPlace
    text: str
    criterion: str | None = None
    evidence_id: str | None = None


_POINTS = (
    select(CompletenessPoint)
    .where(CompletenessPoint.application_id == bindparam("application_id"))
    .order_by(CompletenessPoint.number)
)


def points_of(session: Session, application_id: uuid.UUID) -> Sequence[CompletenessPoint]:
    """Return every point ever made in a case, in order."""
    return session.scalars(_POINTS, {"application_id": application_id}).all()


def points_with_applicant(session: Session, application_id: uuid.UUID) -> list[CompletenessPoint]:
    """Return the points that wait for the applicant."""
    return [p for p in points_of(session, application_id) if p.mark in WITH_APPLICANT]


def points_to_send(session: Session, application_id: uuid.UUID) -> list[CompletenessPoint]:
    """Return the officer's points that the next return sends: new ones, and those that were reopened."""
    return [p for p in points_of(session, application_id) if p.mark in WITH_OFFICER]


def add_point(
    session: Session, application_id: uuid.UUID, new: NewPoint, *, actor: uuid.UUID, at: datetime
) -> CompletenessPoint:
    """As the officer who may return the application: add a point to the list.

    Raises:
        NotAllowed: not the officer of this step, or the file is locked.
        TransitionRefused: the application cannot be returned from where it stands.
        InvalidInput: no words, or they name what the applicant does not hand in.
    """
    application = _returnable(session, application_id, actor, at)
    words = prose("text", new.text, SHORT, missing="say what is missing, so that the applicant can mend it")
    _check_target(policy_for(application), new)
    point = _write(
        session,
        application,
        Finding(PointReason.ASKED, new.place, new.criterion, new.evidence_id),
        words,
        actor,
        at,
    )
    audit(session, "completeness.point_added", actor=actor, at=at, of=("application", application.id))
    return point


def _returnable(session: Session, application_id: uuid.UUID, actor: uuid.UUID, at: datetime) -> Application:
    """Return a case to the officer who may return it to the applicant now."""
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    transition = step(application.state, Action.RETURN_FOR_COMPLETION)
    access.require_step(session, actor, application, transition, at)
    return application


def _check_target(policy: Policy, new: NewPoint) -> None:
    asked = {item.id for _c, item in policy.evidence_items() if item.provided_by == "applicant"}
    if new.place is PointPlace.EVIDENCE and new.evidence_id not in asked:
        message = "choose a piece of evidence that the applicant hands in"
        raise InvalidInput(message, [FieldError("place", message)])
    if new.place is PointPlace.CRITERION:
        criterion = policy.criterion(new.criterion or "")
        if criterion is None or not asked & {item.id for item in criterion.evidence}:
            message = "choose a criterion for which the applicant hands in evidence"
            raise InvalidInput(message, [FieldError("place", message)])


def _write(
    session: Session,
    application: Application,
    finding: Finding,
    text: str,
    actor: uuid.UUID,
    at: datetime,
) -> CompletenessPoint:
    point = CompletenessPoint(
        application_id=application.id,
        number=len(points_of(session, application.id)) + 1,
        reason=finding.reason,
        place=finding.place,
        criterion=finding.criterion,
        evidence_id=finding.evidence_id,
        claim_id=finding.claim_id,
        detail=dict(finding.detail),
        text=text,
        author=actor,
        at=at,
        marks=[],
    )
    session.add(point)
    session.flush()
    return point


def _mark(
    session: Session, point: CompletenessPoint, mark: PointMark, text: str, actor: uuid.UUID, at: datetime
) -> None:
    number = len(point.marks) + 1
    point.marks.append(CompletenessMark(number=number, mark=mark, text=text, author=actor, at=at))
    session.flush()


def drop_point(
    session: Session, application_id: uuid.UUID, number: int, *, actor: uuid.UUID, at: datetime
) -> CompletenessPoint:
    """As the officer: take a point off the list before it is sent; that it was there stays on record."""
    application = _returnable(session, application_id, actor, at)
    point = point_by_number(session, application.id, number)
    if point.mark not in WITH_OFFICER:
        raise TransitionRefused("this point has been sent to the applicant already")
    _mark(session, point, PointMark.DROPPED, "", actor, at)
    audit(session, "completeness.point_dropped", actor=actor, at=at, of=("application", application.id))
    return point


def point_by_number(session: Session, application_id: uuid.UUID, number: int) -> CompletenessPoint:
    """Return a point of a case, or raise `NotFound`."""
    for point in points_of(session, application_id):
        if point.number == number:
            return point
    raise NotFound(f"no point {number}")


def write_list(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> int:
    """Write down what is found missing, and send it with the officer's points; return how many points were sent."""
    for finding in findings(session, application, at):
        _write(session, application, finding, "", actor, at)
    sending = points_to_send(session, application.id)
    for point in sending:
        _mark(session, point, PointMark.SENT, "", actor, at)
    return len(sending)


def is_something_missing(session: Session, application: Application, at: datetime) -> bool:
    """Whether there is anything for which an application could be returned."""
    return bool(points_to_send(session, application.id)) or bool(findings(session, application, at))


def answer_point(
    session: Session, application_id: uuid.UUID, number: int, text: str, *, actor: uuid.UUID, at: datetime
) -> CompletenessPoint:
    """As the applicant: answer a point in words, beside or in place of new evidence.

    Raises:
        TransitionRefused: the application is not returned, or the point does not wait for the applicant.
        InvalidInput: no words.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    roles = (Role.OWNER, Role.CONTRIBUTOR, Role.SIGNATORY)
    if not access.holds(session, actor, *roles, at=at, institution=application.institution_id):
        raise NotAllowed("only the applicant changes an application")
    point = point_by_number(session, application.id, number)
    if application.state is not State.RETURNED or point.mark not in WITH_APPLICANT:
        raise TransitionRefused("this point does not wait for the applicant")
    words = prose("text", text, SHORT, missing="write your answer")
    _mark(session, point, PointMark.ANSWERED, words, actor, at)
    audit(session, "completeness.point_answered", actor=actor, at=at, of=("application", application.id))
    return point


def untouched(session: Session, application: Application) -> list[CompletenessPoint]:
    """Return the points that wait for the applicant, for which nothing was changed and nothing answered."""
    manifest = latest_manifest(session, application.id)
    before: Mapping[str, Any] = manifest.content if manifest else {}
    waiting = points_with_applicant(session, application.id)
    return [
        p for p in waiting if p.mark is PointMark.SENT and not _is_touched(session, application, p, before)
    ]


def _is_touched(
    session: Session, application: Application, point: CompletenessPoint, before: Mapping[str, Any]
) -> bool:
    asked = asked_by(policy_for(application), [(point.place, point.criterion, point.evidence_id)])
    handed_in = {(one["id"], one["number"]) for one in before.get("evidence", ())}
    now = {(e, v.number) for e, v in current_evidence(application).items()}
    evidence = any(asked.opens(point.place, e) for e, _n in now - handed_in)
    if point.place in {PointPlace.EVIDENCE, PointPlace.CRITERION}:
        return evidence
    if point.place is PointPlace.DECISIONS:
        return all(
            f.detail["number"] != point.detail.get("number")
            for f in expired_decisions(session, application, point.at)
        )
    scope = application.scope != before.get("scope")
    proven = [c for c in application.identity_claims if c.proofs]
    since = point.marks[-1].at
    identities = any(p.at >= since for c in proven for p in c.proofs) or len(
        application.identity_claims
    ) != len(before.get("identities", ()))
    if point.place is PointPlace.SCOPE:
        return scope
    return identities if point.place is PointPlace.IDENTITIES else evidence or scope or identities


def settle(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> None:
    """Settle every point that waits for the applicant: the application is handed in again."""
    for point in points_with_applicant(session, application.id):
        _mark(session, point, PointMark.SETTLED, "", actor, at)


def reopen_point(
    session: Session, application_id: uuid.UUID, number: int, reasons: str, *, actor: uuid.UUID, at: datetime
) -> CompletenessPoint:
    """As the officer: say that a point is not settled after all; the next return sends it again with these reasons.

    Raises:
        TransitionRefused: the point is not settled.
        InvalidInput: no reasons.
    """
    application = _returnable(session, application_id, actor, at)
    point = point_by_number(session, application.id, number)
    if point.mark is not PointMark.SETTLED:
        raise TransitionRefused("only a point that counts as settled can be reopened")
    words = prose("reasons", reasons, SHORT, missing="give your reasons")
    _mark(session, point, PointMark.REOPENED, words, actor, at)
    audit(session, "completeness.point_reopened", actor=actor, at=at, of=("application", application.id))
    return point


def asked_of(session: Session, application: Application) -> Asked:
    """Return what the points that wait for the applicant let it change."""
    points: Collection[CompletenessPoint] = points_with_applicant(session, application.id)
    return asked_by(policy_for(application), [(p.place, p.criterion, p.evidence_id) for p in points])


def may_change(
    session: Session, application: Application, place: PointPlace, evidence_id: str | None = None
) -> bool:
    """Whether the applicant may change a part now: all of a draft, of a returned application what a point names."""
    if application.state is State.RETURNED:
        return asked_of(session, application).opens(place, evidence_id)
    return application.state is State.DRAFT


def require_asked(
    session: Session, application: Application, place: PointPlace, evidence_id: str | None = None
) -> None:
    """Raise `TransitionRefused` where a returned application keeps what is to be changed."""
    if application.state is State.RETURNED and not may_change(session, application, place, evidence_id):
        raise TransitionRefused(
            "no point of the list names this; what was not asked for stays as it was handed in"
        )
