"""Drafts of policy versions: begin one, save its text, give it up. Every saved text is kept, with its hash and author."""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.roles import BODY_ROLES, Role
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.models.body import AdoptedPolicy, Body
from registry.models.policy_draft import (
    DraftPart,
    DraftState,
    PolicyDraft,
    PolicyDraftPerson,
    PolicyDraftVersion,
)
from registry.policy_files import MAX_BYTES, sha256_of
from registry.policy_files.checking import SourceReport, check_source
from registry.policy_files.editing import with_word
from registry.policy_files.reading import Problem, parse_strict
from registry.services import access
from registry.services.accounts import roles_of
from registry.services.bodies import version_key
from registry.services.recording import audit

READERS = (Role.POLICY_EDITOR, Role.POLICY_APPROVER, Role.AUDITOR, Role.ADMINISTRATOR)
"""Who reads the drafts of a body; while it consults, all of its people do."""
EDITABLE = frozenset({DraftState.DRAFT, DraftState.CONSULTATION})
_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")


class StaleDraft(Conflict):
    """Somebody else saved this draft first; `theirs` is what it says now."""

    def __init__(self, draft: PolicyDraft) -> None:
        super().__init__("somebody else saved this draft meanwhile; compare both texts and save again")
        self.draft, self.theirs = draft, draft.source


def next_version(version: str) -> str:
    """Return the version that a new draft is proposed to become: the middle number one up."""
    major, minor, _patch = version_key(version)
    return f"{major}.{minor + 1}.0"


def drafts_of(session: Session, *, actor: uuid.UUID, at: datetime) -> Sequence[PolicyDraft]:
    """Return the drafts that a person may read, newest first: those of their bodies, by role and state."""
    found = session.scalars(select(PolicyDraft).order_by(PolicyDraft.created_at.desc()))
    held = roles_of(session, actor, at=at)
    reads = {grant.body_id for grant in held if grant.role in READERS}
    works = {grant.body_id for grant in held if grant.role in BODY_ROLES}
    return [
        draft
        for draft in found
        if draft.body_id in reads or (draft.body_id in works and draft.state is DraftState.CONSULTATION)
    ]


def readable(
    session: Session, draft_id: uuid.UUID, *, actor: uuid.UUID, at: datetime, lock: bool = False
) -> PolicyDraft:
    """Return a draft that a person may read, or raise `NotFound`; whoever is going to change it asks for the `lock`."""
    draft = session.get(PolicyDraft, draft_id, with_for_update=lock or None)
    if draft is not None:
        everybody = draft.state is DraftState.CONSULTATION
        roles = tuple(BODY_ROLES) if everybody else READERS
        if access.holds(session, actor, *roles, at=at, body=draft.body_id):
            return draft
    raise NotFound("there is no such draft")


def begin_from(
    session: Session, adopted_id: uuid.UUID, *, version: str, actor: uuid.UUID, at: datetime
) -> PolicyDraft:
    """Begin a draft from a version that the body has adopted: its bytes, with the new version and `status: draft`.

    Raises:
        NotFound: no such version of a body that the person works for.
        NotAllowed: the person is no policy editor of the body.
        InvalidInput: the version is none, or not higher than what was adopted.
        Conflict: the version is drafted or adopted already.
    """
    base = session.get(AdoptedPolicy, adopted_id)
    if base is None or not access.holds(session, actor, *BODY_ROLES, at=at, body=base.body_id):
        raise NotFound("there is no such policy")
    if not _VERSION.fullmatch(version):
        problem = "write a version as three numbers, such as 1.1.0"
        raise InvalidInput(problem, [FieldError("version", problem)])
    source = with_word(base.source, ("policy", "version"), version)
    return _begin(session, base.body_id, _as_draft(source), base, actor=actor, at=at)


def begin_with(
    session: Session, body_id: uuid.UUID, source: bytes, *, actor: uuid.UUID, at: datetime
) -> PolicyDraft:
    """Begin a draft with a file; it may still have errors, but must say its id and version.

    Raises:
        NotFound: no such body that the person works for.
        NotAllowed: the person is no policy editor of the body.
        InvalidInput: the file is too large, no text, or says no id or version; or the version is not higher.
        Conflict: the version is drafted or adopted already.
    """
    if session.get(Body, body_id) is None or not access.holds(
        session, actor, *BODY_ROLES, at=at, body=body_id
    ):
        raise NotFound("there is no such body")
    _check_bytes(source)
    policy_id, _version = _named(source)
    base = newest_adopted(session, body_id, policy_id)
    return _begin(session, body_id, source, base, actor=actor, at=at)


def _begin(
    session: Session,
    body_id: uuid.UUID,
    source: bytes,
    base: AdoptedPolicy | None,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> PolicyDraft:
    access.require(session, actor, Role.POLICY_EDITOR, at=at, body=body_id)
    policy_id, version = _named(source)
    check_version(session, body_id, policy_id, version)
    draft = PolicyDraft(
        body_id=body_id,
        policy_id=policy_id,
        policy_version=version,
        base_id=base.id if base else None,
        source=source,
        sha256=sha256_of(source),
        state=DraftState.DRAFT,
        editor=actor,
        created_at=at,
        changed_at=at,
        versions=[],
        consultations=[],
    )
    session.add(draft)
    session.flush()
    _keep(session, draft, source, actor, at)
    audit(session, "policy.drafted", actor=actor, at=at, of=("policy_draft", draft.id), detail=_of(draft))
    return draft


def check_version(
    session: Session, body_id: uuid.UUID, policy_id: str, version: str, *, apart: uuid.UUID | None = None
) -> None:
    """Raise unless the body may make this version now; `apart` is the draft that asks.

    Raises:
        InvalidInput: it is not higher than every version that the body has adopted.
        Conflict: another draft of the body is to become it.
    """
    newest = newest_adopted(session, body_id, policy_id)
    if newest is not None and version_key(version) <= version_key(newest.version):
        problem = f"{newest.version} is adopted already; a new version has a higher number"
        raise InvalidInput(problem, [FieldError("version", problem)])
    query = select(PolicyDraft.id).where(
        PolicyDraft.body_id == body_id,
        PolicyDraft.policy_id == policy_id,
        PolicyDraft.policy_version == version,
        PolicyDraft.state.in_(EDITABLE),
    )
    if any(one != apart for one in session.scalars(query)):
        raise Conflict("there is a draft of this version already; go on with that one")


def newest_adopted(session: Session, body_id: uuid.UUID, policy_id: str) -> AdoptedPolicy | None:
    """Return the highest version that a body has adopted of a policy, or None."""
    query = select(AdoptedPolicy).where(
        AdoptedPolicy.body_id == body_id, AdoptedPolicy.policy_id == policy_id
    )
    return max(session.scalars(query), key=lambda row: version_key(row.version), default=None)


def draft_of(session: Session, body_id: uuid.UUID, source: bytes) -> PolicyDraft | None:
    """Return the draft of a body that a file is a text of, by the id and version it says; None when there is none."""
    policy_id, version = _said(source)
    return session.scalars(
        select(PolicyDraft).where(
            PolicyDraft.body_id == body_id,
            PolicyDraft.policy_id == policy_id,
            PolicyDraft.policy_version == version,
            PolicyDraft.state.in_(EDITABLE),
        )
    ).one_or_none()


def save(
    session: Session,
    draft_id: uuid.UUID,
    source: bytes,
    *,
    version: int,
    actor: uuid.UUID,
    at: datetime,
) -> PolicyDraft:
    """Keep a new text of a draft; `version` is the draft's as the editor saw it. Errors in the text are no hindrance.

    A text that is already there is kept once. A draft that is put to consultation cannot be saved: close that first.

    Raises:
        StaleDraft: somebody else saved another text meanwhile.
        NotAllowed: the person is no policy editor of the body.
        InvalidInput: the file is too large, no text, of another policy, or its version cannot be taken.
        Conflict: the draft is in consultation, adopted or given up.
    """
    draft = readable(session, draft_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.POLICY_EDITOR, at=at, body=draft.body_id)
    require_state(draft, DraftState.DRAFT)
    if draft.source == source:
        return draft
    if draft.version != version:
        raise StaleDraft(draft)
    _check_bytes(source)
    _follow(session, draft, source)
    draft.source, draft.sha256, draft.changed_at = source, sha256_of(source), at
    session.flush()
    _keep(session, draft, source, actor, at)
    detail = {"sha256": draft.sha256, "number": draft.versions[-1].number}
    audit(session, "policy.draft_saved", actor=actor, at=at, of=("policy_draft", draft.id), detail=detail)
    return draft


def _follow(session: Session, draft: PolicyDraft, source: bytes) -> None:
    """Let the draft become the version that its text says, as far as that can be read."""
    policy_id, version = _said(source)
    if policy_id is not None and policy_id != draft.policy_id:
        problem = f"this draft is one of {draft.policy_id}; the id of a policy never changes"
        raise InvalidInput(problem, [FieldError("policy.id", problem)])
    if version is not None and version != draft.policy_version and _VERSION.fullmatch(version):
        check_version(session, draft.body_id, draft.policy_id, version, apart=draft.id)
        draft.policy_version = version


def _keep(session: Session, draft: PolicyDraft, source: bytes, actor: uuid.UUID, at: datetime) -> None:
    take_part(session, draft, actor, DraftPart.EDITOR)
    draft.versions.append(
        PolicyDraftVersion(
            draft_id=draft.id,
            number=len(draft.versions) + 1,
            source=source,
            sha256=sha256_of(source),
            saved_by=actor,
            part=DraftPart.EDITOR,
            saved_at=at,
        )
    )
    session.flush()


def take_part(session: Session, draft: PolicyDraft, actor: uuid.UUID, part: DraftPart) -> None:
    """Record the one part of a person in a draft.

    Raises:
        NotAllowed: the person has the other part.
    """
    held = session.get(PolicyDraftPerson, (draft.id, actor))
    if held is None:
        session.add(PolicyDraftPerson(draft_id=draft.id, account_id=actor, part=part))
        session.flush()
    elif held.part is not part:
        raise NotAllowed("whoever has saved a version of a policy cannot adopt it")


def abandon(
    session: Session, draft_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> PolicyDraft:
    """Give a draft up; what was saved stays on record.

    Raises:
        NotAllowed: the person is no policy editor of the body.
        Conflict: the draft is adopted or given up, or somebody changed it meanwhile.
    """
    draft = readable(session, draft_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.POLICY_EDITOR, at=at, body=draft.body_id)
    require_state(draft, *EDITABLE)
    require_fresh(draft, version)
    draft.state, draft.changed_at = DraftState.ABANDONED, at
    session.flush()
    audit(session, "policy.draft_abandoned", actor=actor, at=at, of=("policy_draft", draft.id))
    return draft


def require_fresh(draft: PolicyDraft, version: int) -> None:
    """Raise `StaleDraft` unless the draft is as the person saw it."""
    if draft.version != version:
        raise StaleDraft(draft)


_REFUSED = {
    DraftState.DRAFT: "this draft is not in consultation",
    DraftState.CONSULTATION: "this draft is in consultation; close the consultation first",
    DraftState.ADOPTED: "this draft has been adopted and never changes; begin a new version",
    DraftState.ABANDONED: "this draft has been given up; begin a new one",
}


def require_state(draft: PolicyDraft, *states: DraftState) -> None:
    """Raise `Conflict` unless the draft is in one of the states."""
    if draft.state not in states:
        raise Conflict(_REFUSED[draft.state])


def report(session: Session, draft: PolicyDraft) -> SourceReport:
    """Check the text of a draft: form, references, its own tests, and that it is the version it is meant to become."""
    found = check_source(draft.source)
    if found.policy is None:
        return found
    document, _ = parse_strict(draft.source)
    wrong = _misfits(session, draft, found)
    problems = [document.problem(("policy", key), text) for key, text in wrong] if document else []
    return SourceReport(found.policy, found.tests, (*found.problems, *problems))


def _misfits(session: Session, draft: PolicyDraft, found: SourceReport) -> list[tuple[str, str]]:
    policy = found.policy
    if policy is None or draft.state not in EDITABLE:
        return []
    wrong = []
    if policy.policy.id != draft.policy_id:
        wrong.append(("id", f"this draft is one of {draft.policy_id}; the id of a policy never changes"))
    try:
        check_version(session, draft.body_id, draft.policy_id, policy.policy.version, apart=draft.id)
    except (InvalidInput, Conflict) as error:
        wrong.append(("version", str(error)))
    return wrong


def require_clean(session: Session, draft: PolicyDraft) -> SourceReport:
    """Return what was found in a text without a problem.

    Raises:
        InvalidInput: there are problems; each is named with line and key.
    """
    found = report(session, draft)
    if found.problems:
        raise InvalidInput("the text has problems; solve them first", field_errors(found.problems))
    return found


def field_errors(problems: Sequence[Problem]) -> list[FieldError]:
    """Return problems as field errors: the key path, and line, column and message."""
    return [FieldError(problem.key, problem.located()) for problem in problems]


def _as_draft(source: bytes) -> bytes:
    return with_word(source, ("policy", "status"), "draft")


def _check_bytes(source: bytes) -> None:
    problem = None
    if len(source) > MAX_BYTES:
        problem = f"the file is larger than {MAX_BYTES} bytes; a policy is not"
    elif not source.strip():
        problem = "the file is empty"
    elif b"\0" in source or not _is_utf8(source):
        problem = "the file is not UTF-8 text"
    if problem:
        raise InvalidInput(problem, [FieldError("source", problem)])


def _is_utf8(source: bytes) -> bool:
    try:
        source.decode()
    except UnicodeDecodeError:
        return False
    return True


def _said(source: bytes) -> tuple[str | None, str | None]:
    """Return the id and version that a text says, each None where it cannot be read."""
    document, _problems = parse_strict(source)
    data = document.data if document else None
    policy = data.get("policy") if isinstance(data, dict) else None
    found = [policy.get(key) if isinstance(policy, dict) else None for key in ("id", "version")]
    policy_id, version = (value if isinstance(value, str) else None for value in found)
    return policy_id, version


def _named(source: bytes) -> tuple[str, str]:
    policy_id, version = _said(source)
    problems = []
    if policy_id is None or not _ID.fullmatch(policy_id):
        problems.append(FieldError("policy.id", "the file has to say the id of the policy"))
    if version is None or not _VERSION.fullmatch(version):
        problems.append(FieldError("policy.version", "the file has to say its version as three numbers"))
    if problems or policy_id is None or version is None:
        raise InvalidInput("the file cannot be taken as a draft", problems)
    return policy_id, version


def _of(draft: PolicyDraft) -> dict[str, str]:
    return {"policy": draft.policy_id, "version": draft.policy_version, "sha256": draft.sha256}
