"""The check of facts: the applicant names what is factually wrong in the draft report, the panel answers each point."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.clocks import is_over
from registry.domain.prose import LONG, SHORT, prose
from registry.domain.roles import CaseRole, Role
from registry.domain.workflow import State
from registry.errors import FieldError, InvalidInput, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.judgement import ApplicantStatement, FactualAnswer, FactualPoint
from registry.models.review import Report
from registry.services import access
from registry.services.case_file import policy_for
from registry.services.clarifications import cited_versions
from registry.services.guards import final_report_is_filed
from registry.services.guards_judgement import draft_of, points_of
from registry.services.recording import audit
from registry.services.report_drafts import statement_of

DESK = (CaseRole.PANEL_CHAIR, CaseRole.PANEL_SECRETARY)
CHECKING_ROLES = (Role.OWNER, Role.SIGNATORY, Role.CONTRIBUTOR)
SPEAKING_ROLES = (Role.OWNER, Role.SIGNATORY)
MOST_POINTS = 200
STATEMENT = 5_000
"""Most characters of the applicant's statement."""


@dataclass(frozen=True, slots=True)
class NewPoint:
    """One disputed fact: words quoted from a section, what is wrong, how it should read, evidence that shows it."""

    criterion: str
    quote: str
    wrong: str
    proposed: str = ""
    cited: tuple[str, ...] = ()


def file_point(
    session: Session, application_id: uuid.UUID, new: NewPoint, *, actor: uuid.UUID, at: datetime
) -> FactualPoint:
    """As one of the applicant's people: dispute a fact in the draft report. It is kept as it was filed.

    Raises:
        TransitionRefused: no draft report is being checked, or the days are over.
        InvalidInput: no such criterion, words that the section does not have, or evidence that was not handed in.
    """
    application, draft = _checked(session, application_id, CHECKING_ROLES, actor, at)
    if policy_for(application).criterion(new.criterion) is None:
        raise InvalidInput("choose a criterion", [FieldError("criterion", "choose a criterion")])
    quote = prose("quote", new.quote, SHORT, missing="quote the words that are wrong")
    if not _is_quoted(draft, new.criterion, quote):
        message = "these words do not stand in this section; copy them from the draft"
        raise InvalidInput(message, [FieldError("quote", message)])
    wrong = prose("wrong", new.wrong, SHORT, missing="say what is factually wrong")
    number = _points_so_far(session, application) + 1
    if number > MOST_POINTS:
        raise InvalidInput("too many points; put the rest into one statement")
    point = FactualPoint(
        application_id=application.id,
        number=number,
        report=draft.number,
        criterion=new.criterion,
        quote=quote,
        wrong=wrong,
        proposed=prose("proposed", new.proposed, SHORT),
        cited=cited_versions(application, new.cited),
        by=actor,
        at=at,
    )
    session.add(point)
    session.flush()
    _record(session, "facts.disputed", application, point, actor, at)
    return point


def _is_quoted(draft: Report, criterion: str, quote: str) -> bool:
    """Whether words stand in a section of a draft, however their lines are broken."""
    section = next((one for one in draft.content["ratings"] if one["criterion"] == criterion), None)
    if section is None:
        return False
    condition = section.get("condition") or {}
    names = ("findings", "strengths", "gaps", "reasons", "recommendation")
    words = [*(section.get(name) or "" for name in names), condition.get("text") or ""]
    return any(" ".join(quote.split()) in " ".join(text.split()) for text in words)


def _points_so_far(session: Session, application: Application) -> int:
    query = select(func.max(FactualPoint.number)).where(FactualPoint.application_id == application.id)
    return session.scalar(query) or 0


def state(
    session: Session, application_id: uuid.UUID, text: str, *, actor: uuid.UUID, at: datetime
) -> ApplicantStatement:
    """As the applicant's signatory: state the institution's own view; it is kept with the report. Again to replace it.

    Raises:
        TransitionRefused: no draft report is being checked, or the days are over.
        InvalidInput: nothing written, or too much.
    """
    application, draft = _checked(session, application_id, SPEAKING_ROLES, actor, at)
    words = prose("text", text, STATEMENT, missing="write the statement")
    last = session.scalar(
        select(func.max(ApplicantStatement.number)).where(ApplicantStatement.application_id == application.id)
    )
    made = ApplicantStatement(
        application_id=application.id,
        number=(last or 0) + 1,
        report=draft.number,
        text=words,
        by=actor,
        at=at,
    )
    session.add(made)
    session.flush()
    audit(session, "facts.statement", actor=actor, at=at, of=("application", application.id))
    return made


def _checked(
    session: Session,
    application_id: uuid.UUID,
    roles: Iterable[Role],
    actor: uuid.UUID,
    at: datetime,
) -> tuple[Application, Report]:
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require(session, actor, *roles, at=at, institution=application.institution_id)
    draft = draft_of(session, application)
    if application.state is not State.FACTUAL_CHECK or draft is None:
        raise TransitionRefused("no draft report is open to a check of its facts")
    if is_over(application.due_at, at):
        raise TransitionRefused("the days to check the facts are over")
    return application, draft


def answer_point(
    session: Session,
    point_id: uuid.UUID,
    *,
    accepted: bool,
    reasons: str = "",
    actor: uuid.UUID,
    at: datetime,
) -> FactualAnswer:
    """As chair or secretary: accept a point, then its section changes; or say why not. Once per point.

    Raises:
        TransitionRefused: the factual check still runs, the report is filed, or the point has its answer.
        InvalidInput: a point is not accepted, and there are no reasons.
    """
    point = session.get(FactualPoint, point_id)
    if point is None:
        raise NotFound(f"no point {point_id}")
    application = access.visible_application(session, point.application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *DESK, at=at)
    if application.state is not State.FINAL_REPORT or final_report_is_filed(session, application):
        raise TransitionRefused("points on the facts are answered before the final report is filed")
    if point not in points_of(session, application) or point.answer is not None:
        raise TransitionRefused("this point has its answer already")
    missing = "" if accepted else "say why the panel does not accept this point"
    answer = FactualAnswer(
        point=point,
        accepted=accepted,
        reasons=prose("reasons", reasons, LONG, missing=missing),
        by=actor,
        at=at,
    )
    session.add(answer)
    session.flush()
    _record(session, "facts.answered", application, point, actor, at)
    return answer


def current_statement(session: Session, application: Application) -> str:
    """Return the applicant's statement on the newest draft, "" without one."""
    found = statement_of(session, application)
    return found.text if found else ""


def _record(
    session: Session, act: str, application: Application, point: FactualPoint, actor: uuid.UUID, at: datetime
) -> None:
    detail = {"point": point.number, "criterion": point.criterion}
    audit(session, act, actor=actor, at=at, of=("application", application.id), detail=detail)
