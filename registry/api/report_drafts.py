"""Sections of the report, points on its facts and inherited ratings: below `/applications/<id>`."""

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.judgement import CitedVersionSchema, is_on_panel
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema, prose
from registry.domain.prose import LONG, SHORT
from registry.domain.workflow import State
from registry.errors import NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.judgement import FactualPoint, ReportPiece
from registry.services import factual_checks, guards_judgement, inheritance, reviews
from registry.services import report_drafts as service

report_drafts = Resource(
    "api-report-drafts", __name__, description="Sections of reports, points on their facts"
)
_EVIDENCE = validate.Length(0, 200)


class NewReportPieceSchema(Strict):
    """The words of one section. `number` is that of the piece that was read, 0 for none: a newer one is not overwritten."""

    number = fields.Integer(strict=True, required=True, validate=validate.Range(0, 1_000_000))
    findings = prose(LONG, load_default="")
    strengths = prose(LONG, load_default="")
    gaps = prose(LONG, load_default="")


class ReportPieceSchema(Strict):
    """A saved piece of the report; `criterion` is empty for the summary."""

    criterion = fields.String()
    number = fields.Integer()
    findings = fields.String()
    strengths = fields.String()
    gaps = fields.String()
    by = fields.UUID()
    at = fields.AwareDateTime()


PiecePage = page_schema("ReportPiecePage", ReportPieceSchema)


@report_drafts.put("/applications/<uuid:application_id>/report/sections/<criterion_id>")
@allow(SIGNED_IN)
@report_drafts.doc(security=TOKEN)
@report_drafts.arguments(NewReportPieceSchema)
@report_drafts.response(201, ReportPieceSchema, headers=LOCATION)
def save_section(body: dict[str, Any], application_id: uuid.UUID, criterion_id: str) -> Answer:
    """As the chair or the secretary: save a section of the report; `summary` names the summary"""
    criterion = service.SUMMARY if criterion_id == "summary" else criterion_id
    words = service.Words(body["findings"], body["strengths"], body["gaps"])
    with acting() as act:
        act.open_file(application_id)
        made = service.save(act.session, application_id, criterion, words, number=body["number"], **act.by)
        return created(_piece(made), f"/applications/{application_id}/report/sections")


@report_drafts.get("/applications/<uuid:application_id>/report/sections")
@allow(SIGNED_IN)
@report_drafts.doc(security=TOKEN)
@report_drafts.arguments(PageQuery, location="query")
@report_drafts.response(200, PiecePage)
def list_sections(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List what of the report is saved; for the panel alone"""
    with acting() as act:
        application = act.open_file(application_id)
        if not is_on_panel(act, application):
            raise NotAllowed(
                "only the panel chair or panel member or panel secretary of this case may do this"
            )
        return cut([_piece(p) for p in service.pieces_of(act.session, application).values()], query)


def _piece(row: ReportPiece) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ReportPieceSchema._declared_fields}


class NewFactualPointSchema(Strict):
    """A disputed fact: words of the draft, what is wrong, how it should read, and evidence that shows it."""

    criterion = line(60, required=True)
    quote = prose(SHORT, required=True)
    wrong = prose(SHORT, required=True)
    proposed = prose(SHORT, load_default="")
    cited_evidence = fields.List(line(60), load_default=list, validate=_EVIDENCE)


class FactualPointSchema(Strict):
    """A point on the facts of a draft report, with the panel's answer."""

    id = fields.UUID()
    number = fields.Integer()
    report = fields.Integer(metadata={"description": "Number of the draft report"})
    criterion = fields.String()
    quote = fields.String()
    wrong = fields.String()
    proposed = fields.String()
    cited = fields.List(fields.Nested(CitedVersionSchema))
    at = fields.AwareDateTime()
    accepted = fields.Boolean(allow_none=True)
    reasons = fields.String(allow_none=True)


class FactualAnswerSchema(Strict):
    """The panel's answer to a point: accepted, or not and why."""

    accepted = fields.Boolean(required=True, truthy={True}, falsy={False})
    reasons = prose(LONG, load_default="")


class FactStatementSchema(Strict):
    """The applicant's own statement on the draft report."""

    text = prose(factual_checks.STATEMENT, required=True)


PointPage = page_schema("FactualPointPage", FactualPointSchema)


@report_drafts.post("/applications/<uuid:application_id>/report/points")
@allow(SIGNED_IN)
@report_drafts.doc(security=TOKEN)
@report_drafts.arguments(NewFactualPointSchema)
@report_drafts.response(201, FactualPointSchema, headers=LOCATION)
def file_point(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the applicant: dispute a fact in the draft report"""
    cited = tuple(body.pop("cited_evidence"))
    with acting() as act:
        act.application(application_id)
        point = factual_checks.NewPoint(**body, cited=cited)
        made = factual_checks.file_point(act.session, application_id, point, **act.by)
        return created(_point(made, True), f"/applications/{application_id}/report/points")


@report_drafts.get("/applications/<uuid:application_id>/report/points")
@allow(SIGNED_IN)
@report_drafts.doc(security=TOKEN)
@report_drafts.arguments(PageQuery, location="query")
@report_drafts.response(200, PointPage)
def list_points(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List the points on the newest draft report, with answers; the applicant reads answers with the final report"""
    with acting() as act:
        application = act.application(application_id)
        open_to_all = True
        if act.acts_for(application.institution_id):
            open_to_all = application.state not in {State.FACTUAL_CHECK, State.FINAL_REPORT}
        else:
            act.open_file(application_id)
        rows = guards_judgement.points_of(act.session, application)
        return cut([_point(p, open_to_all) for p in rows], query)


@report_drafts.put("/applications/<uuid:application_id>/report/points/<uuid:point_id>/answer")
@allow(SIGNED_IN)
@report_drafts.doc(security=TOKEN)
@report_drafts.arguments(FactualAnswerSchema)
@report_drafts.response(200, FactualPointSchema)
def answer_point(body: dict[str, Any], application_id: uuid.UUID, point_id: uuid.UUID) -> Mapping[str, Any]:
    """As the chair or the secretary: accept a point, or say why not"""
    with acting() as act:
        act.open_file(application_id)
        _point_of(act, point_id, application_id)
        answer = factual_checks.answer_point(
            act.session, point_id, accepted=body["accepted"], reasons=body["reasons"], **act.by
        )
        return _point(answer.point, True)


@report_drafts.put("/applications/<uuid:application_id>/report/statement")
@allow(SIGNED_IN)
@report_drafts.doc(security=TOKEN)
@report_drafts.arguments(FactStatementSchema)
@report_drafts.response(200, FactStatementSchema)
def put_statement(body: dict[str, Any], application_id: uuid.UUID) -> Mapping[str, Any]:
    """As the applicant's signatory: state the institution's own view; it is kept with the report"""
    with acting() as act:
        act.application(application_id)
        return {"text": factual_checks.state(act.session, application_id, body["text"], **act.by).text}


class NewReopeningSchema(Strict):
    """Why an inherited rating is taken back."""

    reasons = prose(LONG, required=True)


class ReopenedRatingSchema(NewReopeningSchema):
    """An inherited rating that was taken back."""

    criterion = fields.String()
    at = fields.AwareDateTime()


@report_drafts.post("/applications/<uuid:application_id>/ratings/<criterion_id>/reopen")
@allow(SIGNED_IN)
@report_drafts.doc(security=TOKEN)
@report_drafts.arguments(NewReopeningSchema)
@report_drafts.response(201, ReopenedRatingSchema, headers=LOCATION)
def reopen(body: dict[str, Any], application_id: uuid.UUID, criterion_id: str) -> Answer:
    """As the chair or the secretary: take an inherited rating back; everybody rates the criterion alone"""
    with acting() as act:
        act.open_file(application_id)
        made = reviews.reopen(act.session, application_id, criterion_id, body["reasons"], **act.by)
        row = {"criterion": made.criterion, "reasons": made.reasons, "at": made.at}
        return created(row, f"/applications/{application_id}/ratings/progress")


class AtRiskSchema(Strict):
    """The criteria at risk in a case that continues another."""

    at_risk = fields.List(line(60), required=True, validate=validate.Length(1, 200))


class TakenOverSchema(Strict):
    """The criteria whose ratings were taken over."""

    criteria = fields.List(fields.String())


@report_drafts.put("/applications/<uuid:application_id>/at-risk")
@allow(SIGNED_IN)
@report_drafts.doc(security=TOKEN)
@report_drafts.arguments(AtRiskSchema)
@report_drafts.response(200, TakenOverSchema)
def name_at_risk(body: dict[str, Any], application_id: uuid.UUID) -> Mapping[str, Any]:
    """As the case officer: name the criteria at risk; the others take over what the case before agreed"""
    with acting() as act:
        act.open_file(application_id)
        taken = inheritance.take_over(act.session, application_id, body["at_risk"], **act.by)
        return {"criteria": [rating.criterion for rating in taken]}


def _point(row: FactualPoint, with_answer: bool) -> dict[str, Any]:
    names = ("id", "number", "report", "criterion", "quote", "wrong", "proposed", "cited", "at")
    answer = row.answer if with_answer else None
    return {name: getattr(row, name) for name in names} | {
        "accepted": answer.accepted if answer else None,
        "reasons": answer.reasons if answer else None,
    }


def _point_of(act: Acting, point_id: uuid.UUID, application_id: uuid.UUID) -> FactualPoint:
    row = act.session.get(FactualPoint, point_id)
    if row is None or row.application_id != application_id:
        raise NotFound(f"no point {point_id}")
    return row
