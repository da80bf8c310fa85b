"""Decisions of others: the applicant cites them per criterion, the body judges their reuse, the panel gets a hint.

An accepted reuse rates nothing: it stands beside the criterion as a suggestion, and the panel rates.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.completeness import PointPlace
from registry.domain.policy import Criterion, Policy, ScaleValue, Standing
from registry.domain.prose import SHORT, prose
from registry.domain.reuse import ExternalKind, date_problem, days_saved, parse_reference
from registry.domain.roles import CaseRole
from registry.domain.web_names import parse_website
from registry.domain.workflow import GATHERING_STATES
from registry.errors import FieldError, InvalidInput, NotFound, TransitionRefused
from registry.models.application import Application, EvidenceVersion
from registry.models.intake import ExternalDecision, ReuseAnswer
from registry.services import access
from registry.services.applications import editable
from registry.services.case_file import current_evidence, policy_for
from registry.services.recording import audit
from registry.services.stated import cited

JUDGES = (CaseRole.CASE_OFFICER, CaseRole.PANEL_CHAIR, CaseRole.PANEL_MEMBER)
MOST_CITED = 40
"""Most external decisions of one application."""
MOST_LINE = 300


@dataclass(frozen=True, slots=True)
class NewDecision:
    """An external decision as the applicant names it; `criteria` are those it is cited for."""

    kind: ExternalKind
    issuer: str
    reference: str
    decided_on: date
    outcome: str
    criteria: tuple[str, ...]
    valid_until: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Reuse:
    """A cited decision for one criterion, with the body's newest word on it."""

    decision: ExternalDecision
    criterion: Criterion
    answer: ReuseAnswer | None
    file: EvidenceVersion | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What an accepted reuse suggests to the panel for a criterion: a rating that meets it, and the decisions behind it."""

    value: ScaleValue | None
    reuses: tuple[Reuse, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Saved:
    """What reuse saves: criteria reused of all criteria, and whole working days of the review."""

    reused: int
    criteria: int
    days: int


def cite(
    session: Session, application_id: uuid.UUID, new: NewDecision, *, actor: uuid.UUID, at: datetime
) -> ExternalDecision:
    """As the applicant: cite a decision of another body for criteria of the policy.

    Raises:
        TransitionRefused: the application has been submitted, or no point of the list lets this change.
        InvalidInput: what is named cannot be read, has ended, or names no criterion.
    """
    application = editable(session, application_id, actor, at, place=PointPlace.DECISIONS)
    row = _read(policy_for(application), new, at)
    row.application_id, row.created_by, row.created_at = application.id, actor, at
    row.number = _next_number(session, application)
    session.add(row)
    session.flush()
    audit(
        session,
        "external_decision.cited",
        actor=actor,
        at=at,
        of=("application", application.id),
        detail={"number": row.number, "reference": row.reference},
    )
    return row


def _next_number(session: Session, application: Application) -> int:
    mine = ExternalDecision.application_id == application.id
    number = (session.scalar(select(func.max(ExternalDecision.number)).where(mine)) or 0) + 1
    if number > MOST_CITED:
        raise InvalidInput(f"at most {MOST_CITED} decisions can be cited in one application")
    return number


def _read(policy: Policy, new: NewDecision, at: datetime) -> ExternalDecision:
    problems: list[FieldError] = []
    texts = {
        "issuer": _line(new.issuer, "issuer", "name the body that decided", problems),
        "outcome": _line(new.outcome, "outcome", "say what was decided", problems),
    }
    reference, url = "", None
    try:
        reference = parse_reference(new.kind, new.reference)
    except InvalidInput as error:
        problems.append(FieldError("reference", str(error)))
    try:
        url = parse_website(new.url) if new.url.strip() else None
    except InvalidInput as error:
        problems.append(FieldError("url", str(error)))
    problem = date_problem(new.decided_on, new.valid_until, at.date())
    problems += [FieldError(*problem)] if problem else []
    known = {criterion.id for criterion in policy.criteria}
    if not new.criteria or set(new.criteria) - known:
        problems.append(FieldError("criteria", "choose the criteria for which this decision is cited"))
    if problems:
        raise InvalidInput("this decision cannot be cited", problems)
    return ExternalDecision(
        kind=new.kind,
        reference=reference,
        url=url,
        decided_on=new.decided_on,
        valid_until=new.valid_until,
        criteria=sorted(set(new.criteria)),
        answers=[],
        **texts,
    )


def _line(text: str, name: str, missing: str, problems: list[FieldError]) -> str:
    try:
        return " ".join(prose(name, text, MOST_LINE, missing=missing).split())
    except InvalidInput as error:
        problems.extend(error.errors)
        return ""


def take_back(
    session: Session, application_id: uuid.UUID, number: int, *, actor: uuid.UUID, at: datetime
) -> ExternalDecision:
    """As the applicant: cite a decision no more, before the application is handed in."""
    application = editable(session, application_id, actor, at, place=PointPlace.DECISIONS)
    row = by_number(session, application, number)
    row.withdrawn_at = at
    session.flush()
    of, detail = ("application", application.id), {"number": number}
    audit(session, "external_decision.taken_back", actor=actor, at=at, of=of, detail=detail)
    return row


def by_number(session: Session, application: Application, number: int) -> ExternalDecision:
    """Return a decision that an application cites, or raise `NotFound`."""
    row = session.get(ExternalDecision, (application.id, number))
    if row is None or row.withdrawn_at is not None:
        raise NotFound(f"no external decision {number}")
    return row


def answer(
    session: Session,
    application_id: uuid.UUID,
    number: int,
    criterion: str,
    *,
    accepted: bool,
    reasons: str,
    actor: uuid.UUID,
    at: datetime,
) -> ReuseAnswer:
    """As the case officer or one of the panel: accept or refuse the reuse for one criterion; earlier words stay on record.

    Raises:
        NotAllowed: another part in the case, or the file is locked.
        TransitionRefused: the case is past its review, or the decision has ended meanwhile.
        InvalidInput: no reasons.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *JUDGES, at=at)
    if application.state not in GATHERING_STATES:
        raise TransitionRefused("reuse is judged from the completeness check to the end of the review")
    row = by_number(session, application, number)
    if criterion not in row.criteria:
        raise NotFound(f"this decision is not cited for {criterion}")
    if accepted and row.valid_until is not None and row.valid_until < at.date():
        raise TransitionRefused(f"this decision ended on {row.valid_until.isoformat()} and cannot be reused")
    words = prose("reasons", reasons, SHORT, missing="give your reasons")
    mine = ReuseAnswer.application_id == application.id
    found = ReuseAnswer(
        sequence=(session.scalar(select(func.max(ReuseAnswer.sequence)).where(mine)) or 0) + 1,
        criterion=criterion,
        accepted=accepted,
        reasons=words,
        author=actor,
        at=at,
    )
    row.answers.append(found)
    session.flush()
    word = "accepted" if accepted else "refused"
    of, detail = ("application", application.id), {"number": number, "criterion": criterion}
    audit(session, f"reuse.{word}", actor=actor, at=at, of=of, detail=detail)
    return found


def reuses(session: Session, application: Application) -> list[Reuse]:
    """Return each cited decision for each of its criteria, with the body's newest word, in the order of the policy."""
    policy, files = policy_for(application), current_evidence(application)
    rows = cited(session, application.id)
    return [
        Reuse(row, criterion, _newest(row, criterion.id), files.get(row.evidence_id))
        for criterion in policy.criteria
        for row in rows
        if criterion.id in row.criteria
    ]


def _newest(row: ExternalDecision, criterion: str) -> ReuseAnswer | None:
    return next((a for a in reversed(row.answers) if a.criterion == criterion), None)


def saved(session: Session, application: Application) -> Saved:
    """Return what the accepted reuse of a case saves."""
    policy = policy_for(application)
    reused = len({r.criterion.id for r in reuses(session, application) if r.answer and r.answer.accepted})
    return Saved(reused, len(policy.criteria), days_saved(policy, reused))


def suggestions(session: Session, application: Application) -> dict[str, Suggestion]:
    """Return, by criterion, what accepted reuse suggests to the panel: the lowest rating of its scale that meets it."""
    policy = policy_for(application)
    found: dict[str, list[Reuse]] = {}
    for one in reuses(session, application):
        if one.answer is not None and one.answer.accepted:
            found.setdefault(one.criterion.id, []).append(one)
    return {
        criterion: Suggestion(_meeting(policy, those[0].criterion), tuple(those))
        for criterion, those in found.items()
    }


def _meeting(policy: Policy, criterion: Criterion) -> ScaleValue | None:
    met = [v for v in policy.scale_of(criterion).values if v.standing is Standing.MET]
    return min(met, key=lambda v: v.rank, default=None)
