"""Applications: start, fill in, submit, follow, take steps: `/applications`."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from registry.api.acting import LOCATION, TOKEN
from registry.api.application_schemas import (
    ApplicationQuery,
    ApplicationSchema,
    EvidenceSchema,
    FileQuery,
    ReceiptSchema,
    ScopeSchema,
    StartSchema,
    StatementSchema,
    StepSchema,
    SummarySchema,
    VersionSchema,
)
from registry.api.resource import Resource
from registry.api.schemas import page_of, page_schema
from registry.domain.workflow import Action
from registry.errors import NotAllowed, NotFound
from registry.files import FileStore
from registry.http.access import SIGNED_IN, allow, signed_in_actor
from registry.http.transaction import absolute_url, now, settings, transaction
from registry.models.application import Application
from registry.services import access, bodies, case_file, cases, desk, evidence
from registry.services import applications as service

applications = Resource("api-applications", __name__, description="Applications and their way to a decision")
ApplicationPage = page_schema("ApplicationPage", SummarySchema)


@applications.get("/applications")
@allow(SIGNED_IN)
@applications.doc(security=TOKEN)
@applications.arguments(ApplicationQuery, location="query")
@applications.response(200, ApplicationPage)
def find_applications(query: dict[str, Any]) -> tuple[Mapping[str, Any], int, dict[str, str]]:
    """List the applications that the caller may know of, the newest first"""
    page, size = query["page"], query["page_size"]
    with transaction() as session:
        found = _known(session, query["institution_id"])
        items = [_summary(application) for application in found[(page - 1) * size : page * size]]
    return page_of(items, page=page, page_size=size, total=len(found))


def _known(session: Session, institution_id: uuid.UUID | None) -> Sequence[Application]:
    actor, at = signed_in_actor(), now()
    own = {held.institution_id for held in actor.roles if held.institution_id}
    found = {a.id: a for place in own for a in service.applications_of(session, place)}
    found |= {a.id: a for a in cases.cases_with_part(session, actor.account_id)}
    for body_id in {held.body_id for held in actor.roles if held.body_id}:
        known = service.cases_of_body(session, body_id, actor=actor.account_id, at=at)
        found |= {application.id: application for application in known}
    wanted = [a for a in found.values() if institution_id in {None, a.institution_id}]
    return sorted(wanted, key=lambda a: (a.created_at, a.id), reverse=True)


@applications.post("/applications")
@allow(SIGNED_IN)
@applications.doc(security=TOKEN)
@applications.arguments(StartSchema)
@applications.response(201, ApplicationSchema, headers=LOCATION)
def start(body: dict[str, Any]) -> tuple[Mapping[str, Any], int, dict[str, str]]:
    """Start an application of an institution in a scheme, under the policy version adopted last"""
    actor = signed_in_actor().account_id
    with transaction() as session:
        scheme = bodies.scheme_by_slug(session, body["scheme"])
        made = service.start(session, body["institution_id"], scheme.id, actor=actor, at=now())
        wire = application_wire(session, made)
    return wire, 201, {"Location": absolute_url(f"/api/v1/applications/{made.id}")}


@applications.get("/applications/<uuid:application_id>")
@allow(SIGNED_IN)
@applications.doc(security=TOKEN)
@applications.response(200, ApplicationSchema)
def show(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show one application, with the steps that are open to the caller"""
    with transaction() as session:
        actor = signed_in_actor().account_id
        found = access.visible_application(session, application_id, actor=actor, at=now())
        return application_wire(session, found)


@applications.put("/applications/<uuid:application_id>/scope")
@allow(SIGNED_IN)
@applications.doc(security=TOKEN)
@applications.arguments(ScopeSchema)
@applications.response(200, ApplicationSchema)
def set_scope(body: dict[str, Any], application_id: uuid.UUID) -> Mapping[str, Any]:
    """Say what recognition is asked for; the whole scope takes the place of the one before"""
    with transaction() as session:
        actor = signed_in_actor().account_id
        changed = service.set_scope(session, application_id, body, actor=actor, at=now())
        return application_wire(session, changed)


@applications.put("/applications/<uuid:application_id>/evidence/<evidence_id>/statement")
@allow(SIGNED_IN)
@applications.doc(security=TOKEN)
@applications.arguments(StatementSchema)
@applications.response(201, EvidenceSchema)
def add_statement(body: dict[str, Any], application_id: uuid.UUID, evidence_id: str) -> object:
    """Hand in a statement or an address; what was there stays as an earlier version"""
    with transaction() as session:
        actor = signed_in_actor().account_id
        return evidence.add_text(
            session,
            application_id,
            evidence_id,
            body["text"],
            issued_on=body["issued_on"],
            items=body["items"],
            actor=actor,
            at=now(),
        )


@applications.put("/applications/<uuid:application_id>/evidence/<evidence_id>/file")
@allow(SIGNED_IN)
@applications.doc(
    security=TOKEN,
    requestBody={"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
)
@applications.arguments(FileQuery, location="query")
@applications.response(201, EvidenceSchema)
def add_file(query: dict[str, Any], application_id: uuid.UUID, evidence_id: str) -> object:
    """Hand in a file, sent as the body; what was there stays as an earlier version"""
    current = settings()
    request.max_content_length = current.upload_limit + 1
    data = request.get_data(cache=False)
    if len(data) > current.upload_limit:
        raise RequestEntityTooLarge
    with transaction() as session:
        return evidence.add_file(
            session,
            FileStore(current.evidence),
            application_id,
            evidence_id,
            name=query["name"],
            data=data,
            limit=current.upload_limit,
            case_limit=current.case_upload_limit,
            issued_on=query["issued_on"],
            items=query["items"],
            actor=signed_in_actor().account_id,
            at=now(),
        )


@applications.post("/applications/<uuid:application_id>/submission")
@allow(SIGNED_IN)
@applications.doc(security=TOKEN)
@applications.arguments(VersionSchema)
@applications.response(201, ReceiptSchema)
def submit(body: dict[str, Any], application_id: uuid.UUID) -> object:
    """Submit: what was handed in is frozen, and the answer is the receipt"""
    with transaction() as session:
        actor = signed_in_actor().account_id
        return service.submit(session, application_id, version=body["version"], actor=actor, at=now())


@applications.get("/applications/<uuid:application_id>/submission")
@allow(SIGNED_IN)
@applications.doc(security=TOKEN)
@applications.response(200, ReceiptSchema)
def show_receipt(application_id: uuid.UUID) -> object:
    """Show what was frozen at submission, to the applicant and to whom the file is open"""
    with transaction() as session:
        actor, at = signed_in_actor().account_id, now()
        found = access.visible_application(session, application_id, actor=actor, at=at)
        if not access.may_read_file(session, found, actor=actor, at=at):
            access.require_unlocked(session, actor, found, at=at)
            raise NotAllowed("only people with a part in this case read its file")
        manifest = case_file.latest_manifest(session, found.id)
        if manifest is None:
            raise NotFound("this application has not been submitted yet")
        return manifest


@applications.post("/applications/<uuid:application_id>/steps")
@allow(SIGNED_IN)
@applications.doc(security=TOKEN)
@applications.arguments(StepSchema)
@applications.response(200, ApplicationSchema)
def take_step(body: dict[str, Any], application_id: uuid.UUID) -> Mapping[str, Any]:
    """Take a step that has no content of its own, such as opening a case or withdrawing the application"""
    with transaction() as session:
        action, actor = Action(body["action"]), signed_in_actor().account_id
        changed = service.act(
            session, application_id, action, version=body["version"], note=body["note"], actor=actor, at=now()
        )
        return application_wire(session, changed)


_SUMMARY = (
    "id", "reference", "institution_id", "scheme", "procedure", "state", "created_at", "submitted_at", "entered_at",
    "due_at", "clock_side", "version",
)  # fmt: skip


def _summary(application: Application) -> dict[str, Any]:
    return {name: getattr(application, name) for name in _SUMMARY}


def application_wire(session: Session, application: Application) -> dict[str, Any]:
    """Return an application as the caller may see it."""
    session.flush()
    actor, at = signed_in_actor().account_id, now()
    readable = access.may_read_file(session, application, actor=actor, at=at)
    steps = desk.open_steps(session, application, actor=actor, at=at)
    return {
        **_summary(application),
        "policy": application.policy,
        "scope": application.scope,
        "evidence": list(case_file.current_evidence(application).values()) if readable else [],
        "events": list(application.events),
        "steps": [
            {"action": s.transition.action, "target": s.transition.target, "missing": s.missing}
            for s in steps
        ],
    }
