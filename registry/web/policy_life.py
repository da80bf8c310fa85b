"""Policies in the making, for the people of a body: drafts, their text, what they change and touch."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry import policy_files
from registry.domain.policy_diff import diff
from registry.domain.roles import BODY_ROLES, Role
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.http.access import allow
from registry.http.acting import Acting, acting
from registry.http.transaction import settings
from registry.models.body import AdoptedPolicy
from registry.models.policy_draft import DraftState, PolicyDraft
from registry.policy_files import editing, sha256_of
from registry.policy_files.reading import Problem
from registry.policy_files.writing import path_of
from registry.services import access, bodies, desk, policy_drafts, policy_transition
from registry.services import policy_life as service
from registry.web.policies import outcome_label
from registry.web.policy_changes import rows_by_part
from registry.web.sentences import sentence
from registry.web.work import errors_at, posted_version, problems_of, work_blueprint

policy_life = work_blueprint("policy_life", "/policy-drafts")
STAFF = tuple(sorted(BODY_ROLES))
SHOWN_PROBLEMS: Final = 100
"""Most problems of a text that one page names."""


@policy_life.get("")
@allow(*STAFF)
def index() -> ResponseReturnValue:
    """List the drafts a person may read, the adopted versions, and what begins a new one."""
    return _index_page([], {}, 200)


def _index_page(problems: Sequence[FieldError], given: Mapping[str, str], status: int) -> ResponseReturnValue:
    with acting() as act:
        edits = desk.bodies_of(act.session, Role.POLICY_EDITOR, **act.by)
        mine = desk.bodies_of(act.session, *STAFF, **act.by)
        adopted = [(body, _newest_first(act, body.id)) for body in mine]
        page = render_template(
            "policy_life/index.html",
            drafts=policy_drafts.drafts_of(act.session, **act.by),
            adopted=[(body, rows) for body, rows in adopted if rows],
            edits=edits,
            next_version=policy_drafts.next_version,
            problems=problems,
            errors=errors_at(problems),
            given=given,
            again=len(policy_transition.reassessments(act.session, **act.by)),
        )
    return page, status


def _newest_first(act: Acting, body_id: uuid.UUID) -> list[tuple[AdoptedPolicy, Any, str | None]]:
    """Return what a body adopted with its policy and the version before it, the newest first."""
    rows = sorted(
        bodies.adopted_by(act.session, body_id),
        key=lambda row: (row.policy_id, bodies.version_key(row.version)),
    )
    before = [None, *rows]
    found = [
        (
            row,
            bodies.policy_of(row).policy,
            prior.version if prior and prior.policy_id == row.policy_id else None,
        )
        for row, prior in zip(rows, before, strict=False)
    ]
    return found[::-1]


@policy_life.post("")
@allow(Role.POLICY_EDITOR)
def begin() -> ResponseReturnValue:
    """Begin a draft: from an adopted version, or with a file."""
    try:
        with acting() as act:
            draft_id = _begin(act).id
    except InvalidInput as error:
        return _index_page(problems_of(error), request.form.to_dict(), 422)
    except (Conflict, NotAllowed) as error:
        status = 409 if isinstance(error, Conflict) else 403
        return _index_page([FieldError("", sentence(str(error)))], request.form.to_dict(), status)
    return redirect(url_for("policy_life.show", draft_id=draft_id), 303)


def _begin(act: Acting) -> PolicyDraft:
    base = _uuid("base")
    if base is not None:
        return policy_drafts.begin_from(
            act.session, base, version=request.form.get("version", "").strip(), **act.by
        )
    file = request.files.get("file")
    if file is None or not file.filename:
        problem = "choose a file"
        raise InvalidInput(problem, [FieldError("file", problem)])
    source = file.stream.read(policy_files.MAX_BYTES + 1)
    body_id = _uuid("body")
    if body_id is None:
        raise NotFound("there is no such body")
    return policy_drafts.begin_with(act.session, body_id, source, **act.by)


def _uuid(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.form.get(name, ""))
    except ValueError:
        return None


@policy_life.get("/<uuid:draft_id>")
@allow(*STAFF)
def show(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Show a draft: where it stands, what is wrong with it, what was said about it, and what can be done next."""
    return show_page(draft_id, [], 200)


def show_page(draft_id: uuid.UUID, problems: Sequence[FieldError], status: int) -> ResponseReturnValue:
    with acting() as act:
        draft = policy_drafts.readable(act.session, draft_id, **act.by)
        found = policy_drafts.report(act.session, draft)
        people = {version.saved_by for version in draft.versions}
        people |= {one.author for c in draft.consultations for one in c.comments}
        page = render_template(
            "policy_life/show.html",
            draft=draft,
            found=found,
            located=_located(draft, found.problems),
            names=desk.names_of(act.session, people),
            edits=_holds(act, draft, Role.POLICY_EDITOR),
            approves=_holds(act, draft, Role.POLICY_APPROVER),
            has_saved=any(version.saved_by == act.actor for version in draft.versions),
            adopts=sha256_of(service.to_adopt(draft)) if found.policy else None,
            directory=_directory_state(draft),
            open_consultation=_is_open(act, draft),
            problems=problems,
            errors=errors_at(problems),
            given=request.form,
            me=act.actor,
        )
    return page, status


def _is_open(act: Acting, draft: PolicyDraft) -> bool:
    return draft.consultation is not None and draft.consultation.is_open(act.at.date())


def _holds(act: Acting, draft: PolicyDraft, role: Role) -> bool:
    return access.holds(act.session, act.actor, role, at=act.at, body=draft.body_id)


def _located(draft: PolicyDraft, problems: Sequence[Problem]) -> list[tuple[Problem, str, str]]:
    """Return the problems of a text with the sentence of each and the section of the file that it lies in."""
    parts = editing.sections(draft.source.decode())
    return [(p, sentence(p.message), _section_of(parts, p.line)) for p in problems[:SHOWN_PROBLEMS]]


def _section_of(parts: Sequence[editing.Section], line: int) -> str:
    """Return the smallest section that a line lies in; "" where there is none."""
    around = [part for part in parts if part.first <= line <= part.last]
    return min(around, key=lambda part: part.last - part.first).name if around else ""


def _directory_state(draft: PolicyDraft) -> str:
    """Return how the file in the operator's directory stands to a draft: none, missing, same, older or other."""
    directory = settings().policies
    if directory is None:
        return "none"
    path = path_of(directory, draft.policy_id, draft.policy_version)
    if not path.is_file():
        return "missing"
    found = sha256_of(path.read_bytes())
    if found == sha256_of(file_of(draft)):
        return "same"
    return "older" if found in {version.sha256 for version in draft.versions} else "other"


def file_of(draft: PolicyDraft) -> bytes:
    """Return the bytes of a draft as a file: those adopted, once it was."""
    return draft.adoption.adopted.source if draft.adoption else draft.source


@policy_life.get("/<uuid:draft_id>/edit")
@allow(Role.POLICY_EDITOR)
def edit(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Show the text of a draft, or of one section of it, to be changed."""
    with acting() as act:
        draft = policy_drafts.readable(act.session, draft_id, **act.by)
        return _edit_page(act, draft, request.args.get("section", ""))


def _edit_page(
    act: Acting,
    draft: PolicyDraft,
    section: str,
    *,
    typed: str | None = None,
    stale: bool = False,
    problems: Sequence[FieldError] = (),
) -> str:
    whole = draft.source.decode()
    parts = editing.sections(whole)
    known = section if section in {part.name for part in parts} else ""
    theirs = editing.section_text(whole, known) if known else whole
    found = policy_drafts.report(act.session, draft)
    return render_template(
        "policy_life/edit.html",
        draft=draft,
        chosen=section,
        part=next((part for part in parts if part.name == known), None),
        parts=parts,
        typed=theirs if typed is None else typed,
        theirs=theirs if stale else None,
        found=found,
        located=_located(draft, found.problems),
        problems=problems,
        errors=errors_at(problems),
        editable=draft.state is DraftState.DRAFT,
    )


@policy_life.post("/<uuid:draft_id>/edit")
@allow(Role.POLICY_EDITOR)
def save(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what was typed, with errors or without; whatever hinders that, the page gives the typed text back."""
    section, typed = request.form.get("section", ""), request.form.get("text", "")
    try:
        with acting() as act:
            draft = policy_drafts.readable(act.session, draft_id, **act.by)
            source = _whole(draft, section, typed)
            policy_drafts.save(act.session, draft_id, source, version=posted_version(), **act.by)
    except (InvalidInput, Conflict) as error:
        return _kept_page(draft_id, section, typed, error)
    flash(gettext("Saved."))
    return redirect(url_for("policy_life.edit", draft_id=draft_id, section=section or None), 303)


def _whole(draft: PolicyDraft, section: str, typed: str) -> bytes:
    new = editing.tidy(typed)
    if not section:
        return new
    try:
        return editing.with_section(draft.source.decode(), section, new.decode()).encode()
    except NotFound as error:
        raise Conflict("this part is no longer in the text; put it in anew") from error


def _kept_page(draft_id: uuid.UUID, section: str, typed: str, error: Exception) -> ResponseReturnValue:
    """Return the page of the editor with what was typed, what hinders saving it, and what somebody else wrote."""
    stale = isinstance(error, Conflict)
    found = problems_of(error) if isinstance(error, InvalidInput) else [FieldError("", sentence(str(error)))]
    with acting() as act:
        draft = policy_drafts.readable(act.session, draft_id, **act.by)
        page = _edit_page(act, draft, section, typed=typed, stale=stale, problems=found)
    return page, 409 if stale else 422


@policy_life.get("/<uuid:draft_id>/text")
@allow(*STAFF)
def numbered(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Show the text with the numbers of its lines."""
    with acting() as act:
        draft = policy_drafts.readable(act.session, draft_id, **act.by)
        return render_template("policy_life/text.html", draft=draft, lines=draft.source.decode().split("\n"))


@policy_life.get("/<uuid:draft_id>/preview")
@allow(*STAFF)
def preview(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Show a draft the way the public page of a policy would."""
    with acting() as act:
        draft = policy_drafts.readable(act.session, draft_id, **act.by)
        found = policy_drafts.report(act.session, draft)
        return render_template(
            "policy_life/preview.html", draft=draft, found=found, outcome_label=outcome_label
        )


@policy_life.get("/<uuid:draft_id>/changes")
@allow(*STAFF)
def changes(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a draft changes against the version it began from, and which cases and recognitions it touches."""
    with acting() as act:
        draft = policy_drafts.readable(act.session, draft_id, **act.by)
        new = policy_drafts.report(act.session, draft).policy
        if draft.base is None or new is None:
            return render_template("policy_life/changes.html", draft=draft, found=None, new=new)
        return _changes_page(act, draft.body_id, bodies.policy_of(draft.base).policy, new.policy, draft)


@policy_life.get("/versions/<uuid:adopted_id>/<old>")
@allow(*STAFF)
def adopted_changes(adopted_id: uuid.UUID, old: str) -> ResponseReturnValue:
    """Show what an adopted version changed against an older one of the body, and what it still touches."""
    with acting() as act:
        row = act.session.get(AdoptedPolicy, adopted_id)
        if row is None or not access.holds(act.session, act.actor, *STAFF, at=act.at, body=row.body_id):
            raise NotFound("there is no such policy")
        before = bodies.adopted(act.session, row.body_id, row.policy_id, old)
        if before is None:
            raise NotFound("there is no such policy")
        return _changes_page(
            act, row.body_id, bodies.policy_of(before).policy, bodies.policy_of(row).policy, None
        )


def _changes_page(act: Acting, body_id: uuid.UUID, old: Any, new: Any, draft: PolicyDraft | None) -> str:
    found = diff(old, new)
    return render_template(
        "policy_life/changes.html",
        draft=draft,
        found=found,
        parts=rows_by_part(found),
        touched=policy_transition.touched(act.session, body_id, new, **act.by),
        reads_issuers=access.holds(act.session, act.actor, *_ISSUER_READERS, at=act.at, body=body_id),
    )


_ISSUER_READERS = (
    Role.CASE_OFFICER,
    Role.IDENTITY_VERIFIER,
    Role.REGISTRAR,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
)
