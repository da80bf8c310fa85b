"""Ratings alone, what the panel agreed, and its report: below `/applications/<id>`."""

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.application_schemas import VersionSchema
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema, prose
from registry.domain.roles import PANEL, CaseRole
from registry.domain.spread import most_disputed_first
from registry.domain.workflow import State
from registry.errors import NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.review import Rating, RatingLayer, Report
from registry.services import case_file, rating_rounds, report_drafts
from registry.services import reviews as service
from registry.services.case_file import policy_for
from registry.services.guards import raters
from registry.services.reviews import NewRating

reviews = Resource("api-reviews", __name__, description="Ratings and the panel's report")


class NewRatingSchema(Strict):
    """One rating of one criterion; what it must bring depends on the value, as the policy's scale says."""

    value = line(60, required=True)
    reasons = prose(20_000, load_default="")
    cited_evidence = fields.List(line(60), load_default=list, validate=validate.Length(0, 200))
    recommendation = prose(20_000, load_default="")
    condition = prose(20_000, load_default="")
    condition_days = fields.Integer(strict=True, load_default=None, validate=validate.Range(1, 3660))
    seen = fields.Dict(
        keys=line(60),
        values=fields.Integer(strict=True),
        load_default=dict,
        metadata={"description": "Version of each piece of evidence that was looked at; a newer one refuses"},
    )


class RatingSchema(Strict):
    """A rating that was given."""

    criterion = fields.String()
    layer = fields.Enum(RatingLayer, by_value=True)
    value = fields.String()
    reasons = fields.String()
    cited = fields.List(fields.Dict())
    recommendation = fields.String()
    condition = fields.Dict(allow_none=True)
    inherited_from = fields.UUID(allow_none=True)
    author = fields.UUID()
    at = fields.AwareDateTime()


class ProgressSchema(Strict):
    """How many criteria one member has rated alone."""

    account_id = fields.UUID()
    name = fields.String()
    rated = fields.Integer()


class ReviewProgressSchema(Strict):
    """How far the panel is; the ratings of others open when `all_have_rated`."""

    criteria = fields.Integer()
    all_have_rated = fields.Boolean()
    members = fields.List(fields.Nested(ProgressSchema))
    agreed = fields.Integer(allow_none=True)


class SpreadSchema(Strict):
    """All members' ratings of one criterion."""

    criterion = fields.String()
    differs = fields.Boolean()
    distance = fields.Integer(
        metadata={"description": "Steps of the scale between the lowest and the highest"}
    )
    ratings = fields.List(fields.Nested(RatingSchema))


class NewReportSchema(VersionSchema):
    """The panel's report: a summary; the agreed ratings are put in as they stand."""

    summary = prose(50_000, required=True)


class ReportSchema(Strict):
    """A filed report."""

    number = fields.Integer()
    summary = fields.String()
    content = fields.Dict()
    sha256 = fields.String()
    final = fields.Boolean()
    at = fields.AwareDateTime()


RatingPage = page_schema("RatingPage", RatingSchema)
ReportPage = page_schema("ReportPage", ReportSchema)
SpreadPage = page_schema("SpreadPage", SpreadSchema)


@reviews.put("/applications/<uuid:application_id>/ratings/<criterion_id>")
@allow(SIGNED_IN)
@reviews.doc(security=TOKEN)
@reviews.arguments(NewRatingSchema)
@reviews.response(201, RatingSchema, headers=LOCATION)
def rate_alone(body: dict[str, Any], application_id: uuid.UUID, criterion_id: str) -> Answer:
    """Rate one criterion alone; nobody else sees it before every member has rated everything"""
    with acting() as act:
        _on_panel(act, application_id)
        made = service.rate_alone(act.session, application_id, _new(criterion_id, body), **act.by)
        return created(_rating(made), f"/applications/{application_id}/ratings/mine")


@reviews.get("/applications/<uuid:application_id>/ratings/mine")
@allow(SIGNED_IN)
@reviews.doc(security=TOKEN)
@reviews.arguments(PageQuery, location="query")
@reviews.response(200, RatingPage)
def my_ratings(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List what the caller has rated alone, in the order of the policy"""
    with acting() as act:
        application = _on_panel(act, application_id)
        return cut(_ordered(application, service.ratings_alone(act.session, application, act.actor)), query)


@reviews.get("/applications/<uuid:application_id>/ratings/progress")
@allow(SIGNED_IN)
@reviews.doc(security=TOKEN)
@reviews.response(200, ReviewProgressSchema)
def show_progress(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Tell how far each member is, without what they rated"""
    with acting() as act:
        application = _on_panel(act, application_id)
        done = rating_rounds.all_have_rated(act.session, application)
        return {
            "criteria": len(rating_rounds.to_rate(act.session, application)),
            "all_have_rated": done,
            "members": _progress(act, application),
            "agreed": len(rating_rounds.agreed_ratings(act.session, application)) if done else None,
        }


def _progress(act: Acting, application: Application) -> list[dict[str, Any]]:
    return [
        {
            "account_id": member.account_id,
            "name": member.account.name,
            "rated": len(service.ratings_alone(act.session, application, member.account_id)),
        }
        for member in raters(application)
    ]


@reviews.get("/applications/<uuid:application_id>/ratings")
@allow(SIGNED_IN)
@reviews.doc(security=TOKEN)
@reviews.arguments(PageQuery, location="query")
@reviews.response(200, SpreadPage)
def show_spread(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """Show all members' ratings side by side; forbidden as long as one member still rates"""
    with acting() as act:
        application = _on_panel(act, application_id)
        table = service.spread(act.session, application, **act.by)
        values = {criterion: [one.value for one in found] for criterion, found in table.items()}
        apart = {c.id: steps for c, steps in most_disputed_first(policy_for(application), values)}
        rows = [
            {
                "criterion": criterion,
                "differs": len({one.value for one in found}) > 1,
                "distance": apart[criterion],
                "ratings": [_rating(one) for one in found],
            }
            for criterion, found in table.items()
        ]
        return cut(rows, query)


@reviews.put("/applications/<uuid:application_id>/agreement/<criterion_id>")
@allow(SIGNED_IN)
@reviews.doc(security=TOKEN)
@reviews.arguments(NewRatingSchema)
@reviews.response(201, RatingSchema, headers=LOCATION)
def agree(body: dict[str, Any], application_id: uuid.UUID, criterion_id: str) -> Answer:
    """As the chair or the secretary: write down what the panel agreed on one criterion"""
    with acting() as act:
        _on_panel(act, application_id)
        made = service.agree(act.session, application_id, _new(criterion_id, body), **act.by)
        return created(_rating(made), f"/applications/{application_id}/agreement")


@reviews.get("/applications/<uuid:application_id>/agreement")
@allow(SIGNED_IN)
@reviews.doc(security=TOKEN)
@reviews.arguments(PageQuery, location="query")
@reviews.response(200, RatingPage)
def show_agreement(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List what the panel has agreed so far, in the order of the policy"""
    with acting() as act:
        application = _on_panel(act, application_id)
        if not rating_rounds.all_have_rated(act.session, application):
            raise NotAllowed("the others' ratings are hidden until every member has rated")
        return cut(_ordered(application, rating_rounds.agreed_ratings(act.session, application)), query)


@reviews.post("/applications/<uuid:application_id>/report")
@allow(SIGNED_IN)
@reviews.doc(security=TOKEN)
@reviews.arguments(NewReportSchema)
@reviews.response(201, ReportSchema, headers=LOCATION)
def file_report(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the chair: file the report; in review the draft, before it is sent the draft anew, after its check the final one"""
    with acting() as act:
        application = act.open_file(application_id)
        file = {
            State.DRAFT_REPORT: service.revise_draft_report,
            State.FINAL_REPORT: service.file_report,
        }.get(application.state, service.file_draft_report)
        made = file(act.session, application_id, body["summary"], version=body["version"], **act.by)
        return created(_report(made), f"/applications/{application_id}/report")


@reviews.get("/applications/<uuid:application_id>/report")
@allow(SIGNED_IN)
@reviews.doc(security=TOKEN)
@reviews.response(200, ReportSchema)
def show_report(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the report, to whom the file is open, and to the applicant from the check of its facts on"""
    with acting() as act:
        found = case_file.report_of(act.session, _reportable(act, application_id).id)
        if found is None:
            raise NotFound("the panel has not filed its report yet")
        return _report(found)


@reviews.get("/applications/<uuid:application_id>/report/versions")
@allow(SIGNED_IN)
@reviews.doc(security=TOKEN)
@reviews.arguments(PageQuery, location="query")
@reviews.response(200, ReportPage)
def list_reports(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List every version of the report that was filed, oldest first"""
    with acting() as act:
        application = _reportable(act, application_id)
        return cut([_report(r) for r in report_drafts.reports_of(act.session, application)], query)


def _reportable(act: Acting, application_id: uuid.UUID) -> Application:
    application = act.application(application_id)
    if act.acts_for(application.institution_id) and application.state in report_drafts.READABLE_STATES:
        return application
    application = act.body_case(application_id)
    part = act.part(application)
    signs = part is None or part.role in {CaseRole.REGISTRAR, CaseRole.SECOND_SIGNER}
    if signs and application.state in {State.DECIDED, State.APPEAL_WINDOW}:
        return application
    return act.open_file(application_id)


def _on_panel(act: Acting, application_id: uuid.UUID) -> Application:
    application = act.open_file(application_id)
    part = act.part(application)
    if part is None or part.role not in PANEL:
        raise NotAllowed("only the panel chair or panel member or panel secretary of this case may do this")
    return application


def _new(criterion_id: str, body: Mapping[str, Any]) -> NewRating:
    rest = {
        name: body[name] for name in ("value", "reasons", "recommendation", "condition", "condition_days")
    }
    cited, seen = tuple(dict.fromkeys(body["cited_evidence"])), tuple(body["seen"].items())
    return NewRating(criterion=criterion_id, cited=cited, seen=seen, **rest)


def _ordered(application: Application, ratings: Mapping[str, Rating]) -> list[dict[str, Any]]:
    ids = [criterion.id for criterion in policy_for(application).criteria]
    return [_rating(ratings[one]) for one in ids if one in ratings]


def _rating(row: Rating) -> dict[str, Any]:
    return {name: getattr(row, name) for name in RatingSchema._declared_fields}


def _report(row: Report) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ReportSchema._declared_fields}
