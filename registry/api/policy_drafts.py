"""The life of policy versions: what changed, drafts, consultations, adoption: `/policy-drafts`, `/consultations`."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from registry import policy_files
from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.policy_draft_schemas import (
    AdoptDraftSchema,
    AdoptedPolicySchema,
    CommentPage,
    ConsultationCommentSchema,
    ConsultationPage,
    ConsultationSchema,
    DraftPage,
    DraftTextSchema,
    DraftVersionSchema,
    JudgeCommentSchema,
    NewConsultationCommentSchema,
    NewConsultationSchema,
    NewPolicyDraftSchema,
    PolicyDiffSchema,
    PolicyDraftChangesSchema,
    PolicyDraftSchema,
    PolicyReassessmentSchema,
    PublicConsultationSchema,
    ReassessmentOutcomeSchema,
    ReassessmentPage,
    WholePolicyDraftSchema,
)
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, cut
from registry.domain.policy_diff import diff
from registry.domain.policy_diff_wire import diff_to_wire
from registry.errors import InvalidInput
from registry.http import known_policies
from registry.http.access import PUBLIC, SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.http.transaction import database, now, settings
from registry.models.policy_draft import Consultation, ConsultationComment, PolicyDraft
from registry.policy_files import sha256_of
from registry.policy_files.reading import Problem
from registry.services import bodies, policy_drafts, policy_transition
from registry.services import policy_life as service

policy_life = Resource(
    "api-policy-drafts", __name__, description="Policy versions in the making: drafts, consultation, adoption"
)


@policy_life.get("/policies/<string:policy_id>/diff/<string:old>/<string:new>")
@allow(PUBLIC)
@policy_life.response(200, PolicyDiffSchema)
def show_diff(policy_id: str, old: str, new: str) -> Mapping[str, Any]:
    """Show what changes from one version of a policy to another"""
    first, second = known_policies.named(policy_id, old), known_policies.named(policy_id, new)
    return diff_to_wire(diff(first.policy, second.policy))


@policy_life.get("/policy-drafts")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(PageQuery, location="query")
@policy_life.response(200, DraftPage)
def find_drafts(query: dict[str, Any]) -> Answer:
    """List the drafts that the caller may read, newest first"""
    with acting() as act:
        return cut([_draft(one) for one in policy_drafts.drafts_of(act.session, **act.by)], query)


@policy_life.post("/policy-drafts")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(NewPolicyDraftSchema)
@policy_life.response(201, WholePolicyDraftSchema, headers=LOCATION)
def begin_draft(body: dict[str, Any]) -> Answer:
    """Begin a draft: from an adopted version, or with a file's text, which may still have errors"""
    with acting() as act:
        made = _begin(act, body)
        return created(_whole(act, made), f"/policy-drafts/{made.id}")


def _begin(act: Acting, given: dict[str, Any]) -> PolicyDraft:
    body = bodies.body_by_slug(act.session, given["body"])
    if given["source"] is not None:
        return policy_drafts.begin_with(act.session, body.id, given["source"].encode(), **act.by)
    if not all(given[name] for name in ("policy_id", "base_version", "version")):
        raise InvalidInput("Give `source`, or `policy_id`, `base_version` and `version`.")
    base = bodies.adopted(act.session, body.id, given["policy_id"], given["base_version"])
    nobody = uuid.UUID(int=0)  # answers like any id that is not there
    base_id = base.id if base else nobody
    return policy_drafts.begin_from(act.session, base_id, version=given["version"], **act.by)


@policy_life.get("/policy-drafts/<uuid:draft_id>")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.response(200, WholePolicyDraftSchema)
def show_draft(draft_id: uuid.UUID) -> Mapping[str, Any]:
    """Show a draft with its text, what is wrong with it, and its history"""
    with acting() as act:
        return _whole(act, policy_drafts.readable(act.session, draft_id, **act.by))


@policy_life.put("/policy-drafts/<uuid:draft_id>/text")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(DraftTextSchema)
@policy_life.response(200, WholePolicyDraftSchema)
def save_text(body: dict[str, Any], draft_id: uuid.UUID) -> Mapping[str, Any]:
    """Save a text; 409 when somebody else saved meanwhile: read the draft again and put both together"""
    with acting() as act:
        source = body["source"].encode()
        saved = policy_drafts.save(act.session, draft_id, source, version=body["version"], **act.by)
        return _whole(act, saved)


@policy_life.post("/policy-drafts/<uuid:draft_id>/abandon")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(DraftVersionSchema)
@policy_life.response(200, PolicyDraftSchema)
def abandon_draft(body: dict[str, Any], draft_id: uuid.UUID) -> Mapping[str, Any]:
    """Give a draft up"""
    with acting() as act:
        return _draft(policy_drafts.abandon(act.session, draft_id, version=body["version"], **act.by))


@policy_life.get("/policy-drafts/<uuid:draft_id>/changes")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.response(200, PolicyDraftChangesSchema)
def show_changes(draft_id: uuid.UUID) -> Mapping[str, Any]:
    """Show what a draft changes against the version it began from, and the cases and recognitions it touches"""
    with acting() as act:
        draft = policy_drafts.readable(act.session, draft_id, **act.by)
        new = policy_drafts.report(act.session, draft).policy
        if draft.base is None or new is None:
            raise InvalidInput("There is nothing to compare: a first version, or a text with problems.")
        found = diff(bodies.policy_of(draft.base).policy, new.policy)
        touched = policy_transition.touched(act.session, draft.body_id, new.policy, **act.by)
        return {**diff_to_wire(found), "touched": touched}


@policy_life.post("/policy-drafts/<uuid:draft_id>/consultations")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(NewConsultationSchema)
@policy_life.response(201, ConsultationSchema, headers=LOCATION)
def open_consultation(body: dict[str, Any], draft_id: uuid.UUID) -> Answer:
    """Put a draft to people; its text must be without a problem, and stands still meanwhile"""
    with acting() as act:
        made = service.open_consultation(act.session, draft_id, **body, **act.by)
        return _made(made, f"/consultations/{made.id}" if made.public else f"/policy-drafts/{draft_id}")


@policy_life.post("/policy-drafts/<uuid:draft_id>/close-consultation")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(DraftVersionSchema)
@policy_life.response(200, PolicyDraftSchema)
def close_consultation(body: dict[str, Any], draft_id: uuid.UUID) -> Mapping[str, Any]:
    """End the consultation, so that the text can be changed again"""
    with acting() as act:
        return _draft(service.close_consultation(act.session, draft_id, version=body["version"], **act.by))


@policy_life.get("/policy-drafts/<uuid:draft_id>/comments")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(PageQuery, location="query")
@policy_life.response(200, CommentPage)
def find_comments(query: dict[str, Any], draft_id: uuid.UUID) -> Answer:
    """List what was said in the consultations of a draft, to the people of the body"""
    with acting() as act:
        draft = policy_drafts.readable(act.session, draft_id, **act.by)
        return cut([one for c in draft.consultations for one in c.comments], query)


@policy_life.post("/policy-drafts/<uuid:draft_id>/comments/<uuid:comment_id>")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(JudgeCommentSchema)
@policy_life.response(200, ConsultationCommentSchema)
def judge_comment(body: dict[str, Any], draft_id: uuid.UUID, comment_id: uuid.UUID) -> ConsultationComment:
    """Publish a comment, or keep it from the public"""
    with acting() as act:
        return service.judge_comment(act.session, draft_id, comment_id, publish=body["publish"], **act.by)


@policy_life.post("/policy-drafts/<uuid:draft_id>/adopt")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(AdoptDraftSchema)
@policy_life.response(201, AdoptedPolicySchema, headers=LOCATION)
def adopt_draft(body: dict[str, Any], draft_id: uuid.UUID) -> Answer:
    """Adopt a draft, byte for byte; nobody who has saved a version of it can"""
    files = policy_files.available(settings().policies)
    with acting() as act:
        made = service.adopt(act.session, draft_id, **body, files=files, **act.by)
        return _made(made, f"/policies/{made.policy_id}?version={made.version}")


@policy_life.get("/consultations")
@allow(PUBLIC)
@policy_life.arguments(PageQuery, location="query")
@policy_life.response(200, ConsultationPage)
def find_consultations(query: dict[str, Any]) -> Answer:
    """List the texts that everybody may comment on now"""
    at = now()
    with database().reading() as session:
        return cut([_public(one, at) for one in service.public_consultations(session, at=at)], query)


@policy_life.get("/consultations/<uuid:consultation_id>")
@allow(PUBLIC)
@policy_life.response(200, PublicConsultationSchema)
def show_consultation(consultation_id: uuid.UUID) -> Mapping[str, Any]:
    """Show a public consultation"""
    with database().reading() as session:
        return _public(service.public_consultation(session, consultation_id), now())


@policy_life.get("/consultations/<uuid:consultation_id>/comments")
@allow(PUBLIC)
@policy_life.arguments(PageQuery, location="query")
@policy_life.response(200, CommentPage)
def find_published_comments(query: dict[str, Any], consultation_id: uuid.UUID) -> Answer:
    """List the comments of a public consultation that were published; nobody is named"""
    with database().reading() as session:
        found = service.published_comments(service.public_consultation(session, consultation_id))
        return cut([_nameless(one) for one in found], query)


@policy_life.post("/consultations/<uuid:consultation_id>/comments")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(NewConsultationCommentSchema)
@policy_life.response(201, ConsultationCommentSchema, headers=LOCATION)
def add_comment(body: dict[str, Any], consultation_id: uuid.UUID) -> Answer:
    """Comment on a text in consultation"""
    with acting() as act:
        made = service.comment(act.session, consultation_id, **body, **act.by)
        consultation = act.session.get_one(Consultation, consultation_id)
        inside, outside = f"/policy-drafts/{consultation.draft_id}", f"/consultations/{consultation_id}"
        return _made(made, f"{inside if made.of_body else outside}/comments")


@policy_life.get("/policy-reassessments")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(PageQuery, location="query")
@policy_life.response(200, ReassessmentPage)
def find_reassessments(query: dict[str, Any]) -> Answer:
    """List the recognitions that a newer version wants looked at again, by due date"""
    with acting() as act:
        return cut([row for row, _ in policy_transition.reassessments(act.session, **act.by)], query)


@policy_life.post("/policy-reassessments/<uuid:reassessment_id>/close")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(ReassessmentOutcomeSchema)
@policy_life.response(200, PolicyReassessmentSchema)
def close_reassessment(body: dict[str, Any], reassessment_id: uuid.UUID) -> Any:
    """Say what looking again has come to; standing changes by a case alone"""
    with acting() as act:
        return policy_transition.close_reassessment(
            act.session, reassessment_id, outcome=body["outcome"], **act.by
        )


@policy_life.post("/applications/<uuid:application_id>/move-policy")
@allow(SIGNED_IN)
@policy_life.doc(security=TOKEN)
@policy_life.arguments(DraftVersionSchema)
@policy_life.response(200, AdoptedPolicySchema)
def move_case(body: dict[str, Any], application_id: uuid.UUID) -> Any:
    """Let a case of the caller's institution move to the newer version that the transition rule offers"""
    with acting() as act:
        return policy_transition.move_case(
            act.session, application_id, version=body["version"], **act.by
        ).policy


def _made(row: Any, path: str) -> tuple[Any, int, dict[str, str]]:
    """Return a row, which its schema reads, as something that was made."""
    return created(row, path)


def _draft(draft: PolicyDraft) -> dict[str, Any]:
    return {
        **{name: getattr(draft, name) for name in ("id", "policy_id", "policy_version", "state", "sha256")},
        **{name: getattr(draft, name) for name in ("created_at", "changed_at", "version")},
        "body": draft.body.slug,
        "base_version": draft.base.version if draft.base else None,
    }


def _whole(act: Acting, draft: PolicyDraft) -> dict[str, Any]:
    found = policy_drafts.report(act.session, draft)
    return {
        **_draft(draft),
        "source": draft.source.decode(),
        "adopts": sha256_of(service.to_adopt(draft)) if found.policy else None,
        "tests": found.tests,
        "problems": [_problem(problem) for problem in found.problems],
        "versions": draft.versions,
        "consultations": draft.consultations,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "key": problem.key,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }


def _public(one: Consultation, at: datetime) -> dict[str, Any]:
    today: date = at.date()
    names = ("id", "number", "public", "publishes_comments", "opened_at", "closes_on", "closed_at")
    loaded = service.text_of(one)
    return {
        **{name: getattr(one, name) for name in names},
        "body": one.draft.body.slug,
        "policy_id": loaded.policy.id,
        "policy_version": loaded.policy.version,
        "sha256": loaded.sha256,
        "open": one.is_open(today),
    }


def _nameless(one: ConsultationComment) -> dict[str, Any]:
    return {"id": one.id, "place": one.place, "text": one.text, "at": one.at, "published": one.published}
