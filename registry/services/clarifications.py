"""Questions to the applicant: members put them, chair or secretary sends all at once, the applicant answers each.

While the applicant answers, its clock runs and the panel's stands still. Questions and answers stay with the case, and the
applicant always reads its copy. What was asked about is rated again afterwards (`rating_rounds`).
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.clocks import is_over
from registry.domain.prose import LONG, SHORT, prose
from registry.domain.roles import PANEL, CaseRole, Role
from registry.domain.workflow import Action, State, step
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.judgement import Question, QuestionAnswer, QuestionFate
from registry.services import access
from registry.services.case_file import current_evidence, policy_for
from registry.services.rating_rounds import questions_of
from registry.services.recording import audit
from registry.services.steps import require_version, take_step

DESK = (CaseRole.PANEL_CHAIR, CaseRole.PANEL_SECRETARY)
ASKING_STATES = frozenset({State.REVIEW, State.VISIT})
ANSWERING_ROLES = (Role.OWNER, Role.SIGNATORY, Role.CONTRIBUTOR)
MOST_WAITING = 100


def ask(
    session: Session,
    application_id: uuid.UUID,
    criterion: str,
    text: str,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> Question:
    """As anybody on the panel: put a question on one criterion; it waits until chair or secretary sends it.

    Raises:
        NotAllowed: not on the panel, or the file is locked.
        TransitionRefused: the case is not under review.
        InvalidInput: no such criterion, or no question.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *PANEL, at=at)
    if application.state not in ASKING_STATES:
        raise TransitionRefused("questions are put while the case is under review")
    if policy_for(application).criterion(criterion) is None:
        raise InvalidInput("choose a criterion", [FieldError("criterion", "choose a criterion")])
    words = prose("text", text, SHORT, missing="write a question")
    before = questions_of(session, application)
    if sum(q.fate is None for q in before) >= MOST_WAITING:
        raise InvalidInput("too many questions wait; send them or leave some out")
    question = Question(
        application_id=application.id,
        number=len(before) + 1,
        criterion=criterion,
        text=words,
        asked_by=actor,
        at=at,
    )
    session.add(question)
    session.flush()
    _record(session, "question.put", application, question, actor, at)
    return question


def leave_out(session: Session, question_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> Question:
    """Leave a question out: who put it, the chair or the secretary. It stays in the file of the panel.

    Raises:
        TransitionRefused: it was sent or left out already.
    """
    question, application = _question(session, question_id, actor, at)
    part = access.require_part(session, actor, application, *PANEL, at=at)
    if question.asked_by != actor and part.role not in DESK:
        raise NotAllowed("only who put a question, the chair or the secretary leaves it out")
    if question.fate is not None:
        raise TransitionRefused("this question was sent or left out already")
    session.add(QuestionFate(question=question, round=None, by=actor, at=at))
    session.flush()
    _record(session, "question.left_out", application, question, actor, at)
    return question


def send(
    session: Session, application_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> list[Question]:
    """As chair or secretary: send every question that waits; the applicant's days begin.

    Raises:
        Conflict: somebody changed the case since `version` was read.
        TransitionRefused: no question waits, or the case is not under review.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_step(session, actor, application, step(application.state, Action.ASK_APPLICANT), at)
    require_version(application, version)
    everything = questions_of(session, application)
    number = 1 + max((q.fate.round or 0 for q in everything if q.fate), default=0)
    waiting = [q for q in everything if q.fate is None]
    take_step(session, application, Action.ASK_APPLICANT, actor=actor, at=at)
    for question in waiting:
        session.add(QuestionFate(question=question, round=number, by=actor, at=at))
    session.flush()
    return waiting


def answer(
    session: Session,
    question_id: uuid.UUID,
    text: str,
    *,
    cited: Iterable[str] = (),
    actor: uuid.UUID,
    at: datetime,
) -> QuestionAnswer:
    """As one of the applicant's people: answer a question in words, with evidence, or both; again to change it.

    `cited` are ids of evidence of the criterion that was asked about.

    Raises:
        TransitionRefused: the question is not open, or the days are over.
        InvalidInput: neither words nor evidence, or evidence that was not handed in.
    """
    question, application = _question(session, question_id, actor, at)
    access.require(session, actor, *ANSWERING_ROLES, at=at, institution=application.institution_id)
    require_open(session, application, at)
    if question not in open_round(session, application):
        raise TransitionRefused("this question is not open for an answer")
    words = prose("text", text, LONG)
    versions = cited_versions(application, cited, only=question.criterion)
    if not words and not versions:
        message = "write an answer, or name the evidence that gives it"
        raise InvalidInput(message, [FieldError("text", message)])
    made = QuestionAnswer(
        question_id=question.id,
        number=len(question.answers) + 1,
        text=words,
        cited=versions,
        by=actor,
        at=at,
    )
    question.answers.append(made)
    session.flush()
    _record(session, "question.answered", application, question, actor, at)
    return made


def send_answers(
    session: Session, application_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> Application:
    """As the signatory: hand the answers over before the days are out; the review goes on.

    Raises:
        TransitionRefused: a question has no answer yet.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_step(session, actor, application, step(application.state, Action.ANSWER_QUESTIONS), at)
    require_version(application, version)
    return take_step(session, application, Action.ANSWER_QUESTIONS, actor=actor, at=at)


def require_open(_session: Session, application: Application, at: datetime) -> None:
    """Raise `TransitionRefused` unless the applicant may answer questions now."""
    if application.state is not State.CLARIFICATION:
        raise TransitionRefused("no questions are open for an answer")
    if is_over(application.due_at, at):
        raise TransitionRefused("the days to answer are over; the review goes on with what it has")


def open_round(session: Session, application: Application) -> list[Question]:
    """Return the questions that the applicant answers now, or answered last."""
    sent = [q for q in questions_of(session, application) if q.sent]
    latest = max((q.fate.round or 0 for q in sent if q.fate), default=0)
    return [q for q in sent if q.fate and q.fate.round == latest]


def sent_questions(session: Session, application: Application) -> list[Question]:
    """Return the applicant's copy: every question that was ever sent, in order."""
    return [q for q in questions_of(session, application) if q.sent]


def asked_evidence(session: Session, application: Application) -> set[str]:
    """Return the evidence that the applicant may hand in while questions are open: of the criteria asked about."""
    policy = policy_for(application)
    asked = {q.criterion for q in open_round(session, application)}
    return {item.id for criterion, item in policy.evidence_items() if criterion.id in asked}


def cited_versions(
    application: Application, cited: Iterable[str], *, only: str | None = None
) -> list[dict[str, Any]]:
    """Return evidence as the applicant cites it: id, number and hash of its newest version.

    Raises:
        InvalidInput: something that the applicant has not handed in, or (`only`) that belongs to another criterion.
    """
    versions = current_evidence(application)
    own = {
        item.id
        for criterion, item in policy_for(application).evidence_items()
        if item.provided_by == "applicant" and only in {None, criterion.id}
    }
    names = list(dict.fromkeys(cited))
    unknown = [name for name in names if name not in versions or name not in own]
    if unknown:
        message = f"not handed in by you for this: {', '.join(unknown)}"
        raise InvalidInput(message, [FieldError("cited_evidence", message)])
    return [{"id": n, "number": versions[n].number, "sha256": versions[n].sha256} for n in names]


def _question(
    session: Session, question_id: uuid.UUID, actor: uuid.UUID, at: datetime
) -> tuple[Question, Application]:
    question = session.get(Question, question_id)
    if question is None:
        raise NotFound(f"no question {question_id}")
    application = access.visible_application(session, question.application_id, actor=actor, at=at, lock=True)
    mine = access.holds(session, actor, *ANSWERING_ROLES, at=at, institution=application.institution_id)
    if mine and not question.sent:
        raise NotFound(f"no question {question_id}")
    return question, application


def _record(
    session: Session, act: str, application: Application, question: Question, actor: uuid.UUID, at: datetime
) -> None:
    detail = {"question": question.number, "criterion": question.criterion}
    audit(session, act, actor=actor, at=at, of=("application", application.id), detail=detail)
