"""The course of a case on the body's page: steps and what else is on record, newest first, in one line of time.

Six queries however long the case is. It says that something was written and by whom, never what: who may read that has a
page for it. Whose proposal, whose rating or whose vote something was stays with those pages, too.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import Uuid, bindparam, func, select

from registry.http.acting import Acting
from registry.models.application import Application
from registry.models.judgement import Question, QuestionFate
from registry.models.letter import Delivered, Delivery, DeliveryKind, Letter
from registry.models.review import Report
from registry.models.two_people import Proposal, ProposalAnswer
from registry.services import desk
from registry.web.case_view import state_tone
from registry.web.i18n import instant
from registry.web.labels import label


@dataclass(frozen=True, slots=True)
class Moment:
    """Something on record: when, in words, by whom (None: nobody is named); `step` where the case moved."""

    at: datetime
    title: str
    by: uuid.UUID | None = None
    tone: str = ""
    step: int = 0


def body_timeline(act: Acting, application: Application) -> list[dict[str, Any]]:
    """Return the course of a case as the timeline macro shows it."""
    moments = sorted(_all(act, application), key=lambda one: (one.at, one.step), reverse=True)
    names = desk.names_of(act.session, {one.by for one in moments if one.by is not None})
    newest = max((one.step for one in moments), default=0)
    return [
        {
            "title": one.title,
            "when": instant(one.at),
            "text": names.get(one.by) if one.by is not None else None,
            "tone": one.tone if one.step == newest else "",
        }
        for one in moments
    ]


def _all(act: Acting, application: Application) -> Iterator[Moment]:
    for event in application.events:
        if event.target is event.source:
            continue  # a report was filed again; that stands here as what it is
        yield Moment(event.at, label(event.target), event.actor, state_tone(event.target), event.sequence)
    yield from _hearings(application)
    for gather in (_proposals, _questions, _reports, _letters):
        yield from gather(act, application.id)


def _hearings(application: Application) -> Iterator[Moment]:
    for hearing in application.hearings:
        if hearing.delivery is not None:
            yield _delivered(gettext("The notice was delivered"), hearing.delivery)
        if hearing.answered_at is not None:
            yield Moment(hearing.answered_at, gettext("The institution answered the notice"))


_THIS = bindparam("application_id", type_=Uuid())
_PROPOSALS = (
    select(Proposal.kind, Proposal.at, Proposal.first_by, ProposalAnswer)
    .outerjoin(ProposalAnswer, ProposalAnswer.proposal_id == Proposal.id)
    .where(Proposal.application_id == _THIS)
)
_ROUNDS = (
    select(QuestionFate.round, func.min(QuestionFate.at), func.count())
    .join(Question, Question.id == QuestionFate.question_id)
    .where(Question.application_id == _THIS, QuestionFate.round.is_not(None))
    .group_by(QuestionFate.round)
)
_REPORTS = select(Report.number, Report.final, Report.author, Report.at).where(Report.application_id == _THIS)
_LETTERS = (
    select(Letter.at, Delivery)
    .outerjoin(Delivery, Delivery.letter_id == Letter.id)
    .where(Letter.application_id == _THIS)
)


def _proposals(act: Acting, application_id: uuid.UUID) -> Iterator[Moment]:
    rows = act.session.execute(_PROPOSALS, {"application_id": application_id})
    for kind, at, first_by, answer in rows:
        yield Moment(at, gettext("Proposed: %(what)s", what=label(kind)), first_by)
        if answer is not None:
            words = (
                gettext("Confirmed by a second person: %(what)s", what=label(kind))
                if answer.accepted
                else gettext("Turned down by a second person: %(what)s", what=label(kind))
            )
            yield Moment(answer.at, words, answer.second_by)


def _questions(act: Acting, application_id: uuid.UUID) -> Iterator[Moment]:
    """Yield the rounds in which questions went to the applicant."""
    for _round, at, count in act.session.execute(_ROUNDS, {"application_id": application_id}):
        yield Moment(at, gettext("Questions sent to the applicant: %(count)s", count=count))


def _reports(act: Acting, application_id: uuid.UUID) -> Iterable[Moment]:
    return [
        Moment(
            row.at,
            gettext(
                "Filed: %(what)s", what=gettext("Final report") if row.final else gettext("Draft report")
            ),
            row.author,
        )
        for row in act.session.execute(_REPORTS, {"application_id": application_id})
    ]


def _letters(act: Acting, application_id: uuid.UUID) -> Iterator[Moment]:
    for at, delivery in act.session.execute(_LETTERS, {"application_id": application_id}):
        yield Moment(at, gettext("Letter to the institution"))
        if delivery is not None:
            yield _delivered(gettext("The letter was delivered"), delivery)


def _delivered(what: str, delivery: Delivered) -> Moment:
    """Return when and how something reached the institution; named is whoever filed a proof, nobody of the institution."""
    by = None if delivery.kind is DeliveryKind.OPENED else delivery.recorded_by
    return Moment(delivery.delivered_at, f"{what}: {label(delivery.kind)}", by)
