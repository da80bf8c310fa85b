"""What is done with a policy draft: exchanging its file, consultation, comments, adoption, giving it up."""

import uuid
from collections.abc import Sequence
from datetime import date

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry import policy_files
from registry.domain.roles import Role
from registry.errors import Conflict, FieldError, InvalidInput, NotFound
from registry.http.access import allow
from registry.http.acting import acting
from registry.http.transaction import settings
from registry.policy_files.writing import path_of, write_policy
from registry.services import desk, policy_drafts, policy_transition
from registry.services import policy_life as service
from registry.services.policy_drafts import StaleDraft
from registry.web.policy_life import STAFF, file_of, policy_life, show_page
from registry.web.sentences import sentence
from registry.web.work import leads_back, posted_version, problems_of


@policy_life.get("/<uuid:draft_id>/file")
@allow(*STAFF)
def download(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the file, byte for byte; `?number=` names a text that was saved before."""
    with acting() as act:
        draft = policy_drafts.readable(act.session, draft_id, **act.by)
        number = request.args.get("number", type=int)
        saved = {version.number: version.source for version in draft.versions}
        if number is not None and number not in saved:
            raise NotFound("there is no such draft")
        source = saved[number] if number is not None else file_of(draft)
        name = f"{draft.policy_id}-{draft.policy_version}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(source, content_type="application/yaml; charset=utf-8", headers=headers)


@policy_life.post("/<uuid:draft_id>/file")
@allow(Role.POLICY_EDITOR, Role.POLICY_APPROVER)
def exchange(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Write the file where the operator keeps policies, or take in what was written there (`do`)."""
    directory = settings().policies
    if directory is None:
        raise NotFound("there is no directory of policies")
    try:
        with acting() as act:
            draft = policy_drafts.readable(act.session, draft_id, **act.by)
            if request.form.get("do") == "read":
                source = path_of(directory, draft.policy_id, draft.policy_version).read_bytes()
                policy_drafts.save(act.session, draft_id, source, version=posted_version(), **act.by)
            else:
                policy_drafts.require_clean(act.session, draft)
                loaded = policy_files.load_policy(file_of(draft))
                write_policy(directory, loaded, {version.sha256 for version in draft.versions})
    except (InvalidInput, Conflict) as error:
        return _refused(draft_id, error)
    flash(gettext("Done."))
    return redirect(url_for("policy_life.show", draft_id=draft_id), 303)


def _refused(draft_id: uuid.UUID, error: InvalidInput | Conflict) -> ResponseReturnValue:
    """Return the page of a draft with what hinders an act; somebody who was overtaken sees what the draft has become."""
    if isinstance(error, InvalidInput):
        return show_page(draft_id, [FieldError("", sentence(str(error))), *_at_fields(error)], 422)
    said = (
        gettext("Somebody else changed this draft meanwhile. Look at it again before you act.")
        if isinstance(error, StaleDraft)
        else sentence(str(error))
    )
    return show_page(draft_id, [FieldError("", said)], 409)


def _at_fields(error: InvalidInput) -> list[FieldError]:
    return [problem for problem in problems_of(error) if problem.field in {"closes_on", "text", "place"}]


@policy_life.post("/<uuid:draft_id>/consultation")
@allow(Role.POLICY_EDITOR)
def consult(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Open or close a consultation (`do`)."""
    try:
        with acting() as act:
            if request.form.get("do") == "close":
                service.close_consultation(act.session, draft_id, version=posted_version(), **act.by)
            else:
                service.open_consultation(
                    act.session,
                    draft_id,
                    closes_on=_posted_day(),
                    public=bool(request.form.get("public")),
                    publishes_comments=bool(request.form.get("publishes_comments")),
                    version=posted_version(),
                    **act.by,
                )
    except (InvalidInput, Conflict) as error:
        return _refused(draft_id, error)
    return redirect(url_for("policy_life.show", draft_id=draft_id), 303)


def _posted_day() -> date:
    try:
        return date.fromisoformat(request.form.get("closes_on", ""))
    except ValueError as error:
        problem = "choose a last day after today, within a year"
        raise InvalidInput(problem, [FieldError("closes_on", problem)]) from error


@policy_life.post("/<uuid:draft_id>/comments")
@allow(*STAFF)
def comment(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Take a comment of the body's own people."""
    try:
        with acting() as act:
            draft = policy_drafts.readable(act.session, draft_id, **act.by)
            consultation = service.running_consultation(draft)
            said = request.form.get("text", "")
            service.comment(act.session, consultation.id, place="", text=said, **act.by)
    except (InvalidInput, Conflict) as error:
        return _refused(draft_id, error)
    return redirect(url_for("policy_life.show", draft_id=draft_id, _anchor="comments"), 303)


@policy_life.post("/<uuid:draft_id>/comments/<uuid:comment_id>")
@allow(Role.POLICY_EDITOR)
def judge(draft_id: uuid.UUID, comment_id: uuid.UUID) -> ResponseReturnValue:
    """Publish a comment, or keep it from the public."""
    publish = request.form.get("publish") == "yes"
    try:
        with acting() as act:
            service.judge_comment(act.session, draft_id, comment_id, publish=publish, **act.by)
    except Conflict as error:
        return _refused(draft_id, error)
    return redirect(url_for("policy_life.show", draft_id=draft_id, _anchor="comments"), 303)


@policy_life.post("/<uuid:draft_id>/adopt")
@allow(Role.POLICY_APPROVER)
def adopt(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Adopt a draft, byte for byte as the approver has seen it."""
    try:
        with acting() as act:
            service.adopt(
                act.session,
                draft_id,
                version=posted_version(),
                sha256=request.form.get("sha256", ""),
                files=policy_files.available(settings().policies),
                **act.by,
            )
    except (InvalidInput, Conflict) as error:
        return _refused(draft_id, error)
    flash(gettext("The policy has been adopted."))
    return redirect(url_for("policy_life.show", draft_id=draft_id), 303)


@policy_life.post("/<uuid:draft_id>/abandon")
@allow(Role.POLICY_EDITOR)
def abandon(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Give a draft up."""
    try:
        with acting() as act:
            policy_drafts.abandon(act.session, draft_id, version=posted_version(), **act.by)
    except (InvalidInput, Conflict) as error:
        return _refused(draft_id, error)
    return redirect(url_for("policy_life.show", draft_id=draft_id), 303)


@policy_life.get("/reassessments")
@allow(*STAFF)
def reassessments() -> ResponseReturnValue:
    """List the recognitions that a new version wants looked at again."""
    return _reassessments_page(None, [], 200)


def _reassessments_page(
    refused: uuid.UUID | None, problems: Sequence[FieldError], status: int
) -> ResponseReturnValue:
    with acting() as act:
        page = render_template(
            "policy_life/reassessments.html",
            rows=policy_transition.reassessments(act.session, **act.by),
            closes={body.id for body in desk.bodies_of(act.session, *policy_transition.CLOSERS, **act.by)},
            today=act.at.date(),
            refused=refused,
            problems=problems,
            given=request.form,
        )
    return page, status


@policy_life.post("/reassessments/<uuid:reassessment_id>")
@allow(*policy_transition.CLOSERS)
def close_reassessment(reassessment_id: uuid.UUID) -> ResponseReturnValue:
    """Say what looking again has come to."""
    outcome = request.form.get("outcome", "")
    try:
        with acting() as act:
            policy_transition.close_reassessment(act.session, reassessment_id, outcome=outcome, **act.by)
    except InvalidInput as error:
        return _reassessments_page(reassessment_id, problems_of(error), 422)
    flash(gettext("The work is closed."))
    return redirect(url_for("policy_life.reassessments"), 303)


leads_back(policy_life, "/<uuid:draft_id>/consultation", "policy_life.show")
leads_back(policy_life, "/<uuid:draft_id>/comments", "policy_life.show")
leads_back(policy_life, "/<uuid:draft_id>/adopt", "policy_life.show")
leads_back(policy_life, "/<uuid:draft_id>/abandon", "policy_life.show")
leads_back(policy_life, "/reassessments/<uuid:reassessment_id>", "policy_life.reassessments")
