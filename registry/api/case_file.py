"""The file of a case: evidence with its versions, what the body gathers, answers of automatic checks."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.application_schemas import EvidenceSchema, StatementSchema
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, page_schema
from registry.domain.checks import CheckResult
from registry.errors import NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.downloads import download_headers
from registry.models.application import Application, EvidenceVersion
from registry.services import access, checks, evidence
from registry.services.case_file import current_evidence, policy_for
from registry.services.evidence_files import content_of

case_file = Resource("api-case-file", __name__, description="Evidence, and answers of automatic checks")


class EvidenceVersionSchema(EvidenceSchema):
    """One version of one piece of evidence; `text` where it is a statement, else download `content`."""

    id = fields.UUID()
    criterion = fields.String()
    provided_by = fields.String(metadata={"description": "applicant, body or machine"})
    text = fields.String(allow_none=True)
    content = fields.String(metadata={"description": "Path of the download"})


class CheckSchema(Strict):
    """What an automatic check answered: `passed` is null where a person has to look."""

    evidence_id = fields.String()
    criterion = fields.String()
    check = fields.String()
    passed = fields.Boolean(allow_none=True)
    summary = fields.Dict(fields.String(), fields.String())
    at = fields.AwareDateTime()


class EligibilitySchema(Strict):
    """One eligibility check of the policy; `passed` is null where a person has to look."""

    id = fields.String()
    title = fields.Dict(fields.String(), fields.String())
    mode = fields.String()
    on_fail = fields.String()
    passed = fields.Boolean(allow_none=True)
    summary = fields.Dict(fields.String(), fields.String(), allow_none=True)


class ChecksSchema(Strict):
    """All answers of automatic checks."""

    machine = fields.List(fields.Nested(CheckSchema))
    eligibility = fields.List(fields.Nested(EligibilitySchema))


EvidencePage = page_schema("EvidencePage", EvidenceVersionSchema)


@case_file.get("/applications/<uuid:application_id>/evidence")
@allow(SIGNED_IN)
@case_file.doc(security=TOKEN)
@case_file.arguments(PageQuery, location="query")
@case_file.response(200, EvidencePage)
def find_evidence(query: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """List every version of all evidence that the caller may read, in the order it came in"""
    with acting() as act:
        application = _readable(act, application_id)
        own = act.acts_for(application.institution_id)
        rows = [_version(application, v) for v in application.evidence]
        return cut([row for row in rows if not own or row["provided_by"] == "applicant"], query)


def _readable(act: Acting, application_id: uuid.UUID) -> Application:
    application = act.application(application_id)
    if access.may_read_file(act.session, application, **act.by):
        return application
    return act.open_file(application_id)  # which says why not


@case_file.get("/applications/<uuid:application_id>/evidence/<uuid:version_id>/content")
@allow(SIGNED_IN)
@case_file.doc(security=TOKEN)
@case_file.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def download_evidence(application_id: uuid.UUID, version_id: uuid.UUID) -> Response:
    """Download one version of a piece of evidence, as an attachment that no browser runs or shows"""
    with acting() as act:
        application = _readable(act, application_id)
        version = act.session.get(EvidenceVersion, version_id)
        if version is None or version.application_id != application.id:
            raise NotFound(f"no file {version_id}")
        if act.acts_for(application.institution_id) and _source(application, version)[1] != "applicant":
            raise NotFound(f"no file {version_id}")
        name, media_type, data = content_of(act.session, files(), version)
    return Response(data, content_type=media_type, headers=download_headers(name))


@case_file.put("/applications/<uuid:application_id>/evidence/<evidence_id>/finding")
@allow(SIGNED_IN)
@case_file.doc(security=TOKEN)
@case_file.arguments(StatementSchema)
@case_file.response(201, EvidenceVersionSchema, headers=LOCATION)
def add_finding(body: dict[str, Any], application_id: uuid.UUID, evidence_id: str) -> Answer:
    """Record evidence that the policy has the body gather; what was there stays as an earlier version"""
    with acting() as act:
        application = act.open_file(application_id)
        made = evidence.add_body_text(act.session, application_id, evidence_id, body["text"], **act.by)
        return created(_version(application, made), f"/applications/{application_id}/evidence")


@case_file.get("/applications/<uuid:application_id>/checks")
@allow(SIGNED_IN)
@case_file.doc(security=TOKEN)
@case_file.response(200, ChecksSchema)
def show_checks(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show what automatic checks answered; none of them decides anything"""
    with acting() as act:
        application = act.open_file(application_id)
        given = current_evidence(application)
        machine = [
            {"evidence_id": i.id, "criterion": c.id, "at": given[i.id].uploaded_at}
            | json.loads(given[i.id].text or "{}")
            for c, i in policy_for(application).evidence_items()
            if i.provided_by == "machine" and i.id in given
        ]
        answers = dict(checks.eligibility(act.session, application, act.at))
        return {"machine": machine, "eligibility": _eligibility(application, answers)}


def _eligibility(application: Application, answers: Mapping[str, CheckResult | None]) -> list[dict[str, Any]]:
    return [
        {
            "id": check.id,
            "title": check.title.as_dict(),
            "mode": check.mode,
            "on_fail": check.on_fail,
            "passed": answer.passed if answer else None,
            "summary": answer.summary.as_dict() if answer else None,
        }
        for check in policy_for(application).eligibility
        for answer in [answers.get(check.id)]
    ]


def _source(application: Application, version: EvidenceVersion) -> tuple[str, str]:
    """Return the criterion that a piece of evidence belongs to, and who provides it."""
    for criterion, item in policy_for(application).evidence_items():
        if item.id == version.evidence_id:
            return criterion.id, item.provided_by
    return "", ""


def _version(application: Application, version: EvidenceVersion) -> dict[str, Any]:
    names = (*EvidenceSchema._declared_fields, "id", "text")
    criterion, provided_by = _source(application, version)
    return {
        **{name: getattr(version, name) for name in names},
        "criterion": criterion,
        "provided_by": provided_by,
        "content": f"/api/v1/applications/{application.id}/evidence/{version.id}/content",
    }
