"""Questions to the applicant and visits: below `/applications/<id>`."""

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.application_schemas import VersionSchema
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema, prose
from registry.domain.prose import LONG, SHORT
from registry.domain.roles import PANEL
from registry.domain.visits import AgendaItem, VisitGroup, VisitMode
from registry.errors import NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.judgement import Question, VisitNote, VisitPlan
from registry.services import (
    clarifications,
    guards_judgement,
    rating_rounds,
    visits,
)

judgement = Resource("api-judgement", __name__, description="Questions to the applicant, visits")
_EVIDENCE = validate.Length(0, 200)


class NewQuestionSchema(Strict):
    """A question on one criterion."""

    criterion = line(60, required=True)
    text = prose(SHORT, required=True)


class CitedVersionSchema(Strict):
    """A version of evidence that something rests on."""

    id = fields.String()
    number = fields.Integer()
    sha256 = fields.String()


class NewQuestionAnswerSchema(Strict):
    """An answer in words, with evidence, or both."""

    text = prose(LONG, load_default="")
    cited_evidence = fields.List(line(60), load_default=list, validate=_EVIDENCE)


class QuestionSchema(Strict):
    """A question with its answer; `round` is null while it waits or was left out. The applicant sees sent ones alone."""

    id = fields.UUID()
    number = fields.Integer()
    criterion = fields.String()
    text = fields.String()
    at = fields.AwareDateTime()
    round = fields.Integer(allow_none=True)
    sent_at = fields.AwareDateTime(allow_none=True)
    left_out = fields.Boolean()
    answer = fields.String(allow_none=True)
    cited = fields.List(fields.Nested(CitedVersionSchema))
    answered_at = fields.AwareDateTime(allow_none=True)


QuestionPage = page_schema("QuestionPage", QuestionSchema)


@judgement.get("/applications/<uuid:application_id>/questions")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.arguments(PageQuery, location="query")
@judgement.response(200, QuestionPage)
def list_questions(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List the questions of a case: all of them for the panel, what was sent for everybody else who may read the file"""
    with acting() as act:
        application = act.application(application_id)
        if act.acts_for(application.institution_id):
            found = clarifications.sent_questions(act.session, application)
        else:
            found = rating_rounds.questions_of(act.session, act.open_file(application_id))
            found = found if is_on_panel(act, application) else [q for q in found if q.sent]
        return cut([_question(q) for q in found], query)


@judgement.post("/applications/<uuid:application_id>/questions")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.arguments(NewQuestionSchema)
@judgement.response(201, QuestionSchema, headers=LOCATION)
def put_question(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As anybody on the panel: put a question; it waits until chair or secretary sends all"""
    with acting() as act:
        act.open_file(application_id)
        made = clarifications.ask(act.session, application_id, body["criterion"], body["text"], **act.by)
        return created(_question(made), f"/applications/{application_id}/questions")


@judgement.post("/applications/<uuid:application_id>/questions/send")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.arguments(VersionSchema)
@judgement.response(200, QuestionPage)
def send_questions(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the chair or the secretary: send every question that waits; the applicant's days begin"""
    with acting() as act:
        act.open_file(application_id)
        sent = clarifications.send(act.session, application_id, version=body["version"], **act.by)
        return cut([_question(q) for q in sent], {"page": 1, "page_size": 100})


@judgement.delete("/applications/<uuid:application_id>/questions/<uuid:question_id>")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.response(204)
def leave_out(application_id: uuid.UUID, question_id: uuid.UUID) -> None:
    """Leave a question out that was not sent; it stays in the panel's file"""
    with acting() as act:
        act.open_file(application_id)
        question_of(act, question_id, application_id)
        clarifications.leave_out(act.session, question_id, **act.by)


@judgement.put("/applications/<uuid:application_id>/questions/<uuid:question_id>/answer")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.arguments(NewQuestionAnswerSchema)
@judgement.response(200, QuestionSchema)
def answer_question(
    body: dict[str, Any], application_id: uuid.UUID, question_id: uuid.UUID
) -> Mapping[str, Any]:
    """As the applicant: answer a question; again to change the answer until all are sent"""
    with acting() as act:
        act.application(application_id)
        question_of(act, question_id, application_id)
        clarifications.answer(act.session, question_id, body["text"], cited=body["cited_evidence"], **act.by)
        return _question(act.session.get_one(Question, question_id))


@judgement.post("/applications/<uuid:application_id>/answers/send")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.arguments(VersionSchema)
@judgement.response(200, QuestionPage)
def send_answers(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the applicant's signatory: hand all answers over; the review goes on"""
    with acting() as act:
        application = clarifications.send_answers(
            act.session, application_id, version=body["version"], **act.by
        )
        rows = clarifications.open_round(act.session, application)
        return cut([_question(q) for q in rows], {"page": 1, "page_size": 100})


def _question(row: Question) -> dict[str, Any]:
    answer, fate = row.answer, row.fate
    sent = fate is not None and fate.round is not None
    return {
        **{name: getattr(row, name) for name in ("id", "number", "criterion", "text", "at")},
        "round": fate.round if fate else None,
        "sent_at": fate.at if fate and sent else None,
        "left_out": fate is not None and not sent,
        "answer": answer.text if answer else None,
        "cited": answer.cited if answer else [],
        "answered_at": answer.at if answer else None,
    }


class AgendaItemSchema(Strict):
    """One part of a visit."""

    starts = line(5, required=True, metadata={"description": "Local time, `HH:MM`"})
    group = fields.Enum(VisitGroup, by_value=True, required=True)
    subject = line(500, required=True)


class NewVisitSchema(Strict):
    """The plan of a visit; one part of the agenda is with learners."""

    mode = fields.Enum(VisitMode, by_value=True, required=True)
    place = line(500, required=True)
    day = fields.Date(required=True)
    agenda = fields.List(fields.Nested(AgendaItemSchema), required=True, validate=validate.Length(1, 40))
    note = prose(SHORT, load_default="")


class VisitSchema(NewVisitSchema):
    """A plan of a visit; the highest number counts."""

    number = fields.Integer()
    at = fields.AwareDateTime()


class NewVisitNoteSchema(Strict):
    """A private note of the panel."""

    text = prose(LONG, required=True)


class VisitNoteSchema(Strict):
    """A private note of the panel, erased after `keep_until`."""

    id = fields.UUID()
    author = fields.UUID()
    text = fields.String()
    at = fields.AwareDateTime()
    keep_until = fields.AwareDateTime()


NotePage = page_schema("VisitNotePage", VisitNoteSchema)


@judgement.put("/applications/<uuid:application_id>/visit")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.arguments(NewVisitSchema)
@judgement.response(201, VisitSchema, headers=LOCATION)
def plan_visit(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the chair or the secretary: plan the visit, or plan it anew until it begins"""
    with acting() as act:
        act.open_file(application_id)
        agenda = [AgendaItem(**one) for one in body.pop("agenda")]
        made = visits.plan(
            act.session,
            application_id,
            body["mode"],
            body["place"],
            body["day"],
            agenda,
            note=body["note"],
            **act.by,
        )
        return created(_visit(made), f"/applications/{application_id}/visit")


@judgement.get("/applications/<uuid:application_id>/visit")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.response(200, VisitSchema)
def show_visit(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the newest plan of a visit, to the applicant and to whom the file is open"""
    with acting() as act:
        application = act.application(application_id)
        if not act.acts_for(application.institution_id):
            act.open_file(application_id)
        plan = guards_judgement.plan_of(act.session, application)
        if plan is None:
            raise NotFound("no visit is planned")
        return _visit(plan)


@judgement.post("/applications/<uuid:application_id>/visit/notes")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.arguments(NewVisitNoteSchema)
@judgement.response(201, VisitNoteSchema, headers=LOCATION)
def write_note(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As anybody on the panel: keep a private note of the visit"""
    with acting() as act:
        act.open_file(application_id)
        made = visits.write_note(act.session, application_id, body["text"], **act.by)
        return created(_note(made), f"/applications/{application_id}/visit/notes")


@judgement.get("/applications/<uuid:application_id>/visit/notes")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.arguments(PageQuery, location="query")
@judgement.response(200, NotePage)
def list_notes(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List the private notes of a visit; for the panel alone"""
    with acting() as act:
        application = act.open_file(application_id)
        return cut([_note(n) for n in visits.notes_of(act.session, application, **act.by)], query)


@judgement.delete("/applications/<uuid:application_id>/visit/notes/<uuid:note_id>")
@allow(SIGNED_IN)
@judgement.doc(security=TOKEN)
@judgement.response(204)
def erase_note(application_id: uuid.UUID, note_id: uuid.UUID) -> None:
    """As its author: erase a private note before its time"""
    with acting() as act:
        application = act.open_file(application_id)
        if note_id not in {note.id for note in visits.notes_of(act.session, application, **act.by)}:
            raise NotFound(f"no note {note_id}")
        visits.erase_note(act.session, note_id, **act.by)


def _visit(row: VisitPlan) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("number", "mode", "place", "day", "note", "at")}
    agenda = [
        {"starts": i.starts, "group": i.group, "subject": i.subject} for i in guards_judgement.agenda_of(row)
    ]
    return plain | {"agenda": agenda}


def _note(row: VisitNote) -> dict[str, Any]:
    return {name: getattr(row, name) for name in VisitNoteSchema._declared_fields}


def is_on_panel(act: Acting, application: Application) -> bool:
    part = act.part(application)
    return part is not None and part.role in PANEL


def question_of(act: Acting, question_id: uuid.UUID, application_id: uuid.UUID) -> Question:
    """Return a question of the case in the address, or raise `NotFound`."""
    row = act.session.get(Question, question_id)
    if row is None or row.application_id != application_id:
        raise NotFound(f"no question {question_id}")
    return row
