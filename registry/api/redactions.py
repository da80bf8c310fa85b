"""Redacted files: the twin of a piece of evidence, and the report of a decision as the public reads it."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created, fields_named
from registry.api.enclosed import EnclosedSchema, bytes_of
from registry.api.proposals import OrderProposalSchema, proposal_wire
from registry.api.resource import Resource
from registry.api.schemas import Strict, prose
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting, files
from registry.http.downloads import download_headers
from registry.http.transaction import settings
from registry.services import redactions as service
from registry.services.case_file import decision_of
from registry.services.redactions import HandedIn
from registry.services.report_publication import EXTENSIONS, LANGUAGES, is_wanted
from registry.services.report_texts import texts_of
from registry.services.two_people import REASONS_LIMIT

redactions = Resource(
    "api-redactions", __name__, description="Redacted files, and reports as the public reads them"
)


class ReasonedSchema(Strict):
    """Why; for the second person and the record."""

    reasons = prose(REASONS_LIMIT, required=True)


class NewTwinSchema(EnclosedSchema):
    """The redacted twin of a file, and why."""

    reasons = prose(REASONS_LIMIT, required=True)


class NewTextsSchema(ReasonedSchema):
    """The report as the public is to read it, in one language or both, as plain text or PDF."""

    texts = fields.Dict(
        keys=fields.String(validate=validate.OneOf(LANGUAGES)),
        values=fields.Nested(EnclosedSchema),
        required=True,
        validate=validate.Length(1, len(LANGUAGES)),
    )


class PublicTextSchema(Strict):
    """One text that stands: language, media type, size in bytes, SHA-256."""

    language = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    sha256 = fields.String()


class PublicTextsSchema(Strict):
    """Whether the policy publishes the whole report of the decision, and the texts of it that stand."""

    wanted = fields.Boolean()
    texts = fields.List(fields.Nested(PublicTextSchema))


@redactions.post("/applications/<uuid:application_id>/evidence/<uuid:version_id>/redaction")
@allow(SIGNED_IN)
@redactions.doc(security=TOKEN)
@redactions.arguments(NewTwinSchema)
@redactions.response(201, OrderProposalSchema, headers=LOCATION)
def propose_twin(body: dict[str, Any], application_id: uuid.UUID, version_id: uuid.UUID) -> Answer:
    """As the case officer or a registrar: propose the redacted twin of a file; another registrar confirms"""
    twin = HandedIn(body["name"], bytes_of(body["file"]))
    limit = settings().upload_limit
    with acting() as act, fields_named({"reasons"}, "file"):
        application = service.redactable(act.session, application_id, **act.by)
        version = service.file_version(act.session, application, version_id)
        row = service.propose_twin(
            act.session, files(), version, twin, body["reasons"], limit=limit, **act.by
        )
        return created(proposal_wire(row), f"/proposals/{row.id}")


@redactions.get("/applications/<uuid:application_id>/report-text")
@allow(SIGNED_IN)
@redactions.doc(security=TOKEN)
@redactions.response(200, PublicTextsSchema)
def show_texts(application_id: uuid.UUID) -> Mapping[str, Any]:
    """As the case officer or a registrar: see which texts of the report stand for the decision"""
    with acting() as act:
        application = service.redactable(act.session, application_id, **act.by)
        found = decision_of(act.session, application.id)
        standing = texts_of(act.session, found.id) if found else ()
        return {"wanted": is_wanted(act.session, application, found), "texts": list(standing)}


@redactions.post("/applications/<uuid:application_id>/report-text")
@allow(SIGNED_IN)
@redactions.doc(security=TOKEN)
@redactions.arguments(NewTextsSchema)
@redactions.response(201, OrderProposalSchema, headers=LOCATION)
def propose_texts(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the case officer or a registrar: propose the report as the public is to read it; another registrar confirms"""
    texts = {
        language: HandedIn(one["name"], bytes_of(one["file"], f"texts.{language}.file"))
        for language, one in body["texts"].items()
    }
    limit = settings().upload_limit
    with acting() as act, fields_named({"reasons"}, "texts"):
        application = service.redactable(act.session, application_id, **act.by)
        row = service.propose_texts(
            act.session, files(), application, texts, body["reasons"], limit=limit, **act.by
        )
        return created(proposal_wire(row), f"/proposals/{row.id}")


@redactions.post("/applications/<uuid:application_id>/report-text/removal")
@allow(SIGNED_IN)
@redactions.doc(security=TOKEN)
@redactions.arguments(ReasonedSchema)
@redactions.response(201, OrderProposalSchema, headers=LOCATION)
def propose_taking_down(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the case officer or a registrar: propose to take down the texts that stand; another registrar confirms"""
    with acting() as act:
        application = service.redactable(act.session, application_id, **act.by)
        row = service.propose_taking_down(act.session, application, body["reasons"], **act.by)
        return created(proposal_wire(row), f"/proposals/{row.id}")


@redactions.get("/proposals/<uuid:proposal_id>/files/<sha256>")
@allow(SIGNED_IN)
@redactions.doc(security=TOKEN)
@redactions.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def download_proposed(proposal_id: uuid.UUID, sha256: str) -> Response:
    """Download a file that a proposal is about, to look at it before the second word"""
    with acting() as act:
        media_type, data = service.proposed_file(act.session, files(), proposal_id, sha256, **act.by)
    headers = download_headers(f"{sha256[:12]}.{EXTENSIONS.get(media_type, 'bin')}")
    return Response(data, content_type=media_type, headers=headers)
