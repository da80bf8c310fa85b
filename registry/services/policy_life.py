"""The life of a policy version once its text is there: consultation, comments, adoption by somebody who did not edit it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from registry.domain.roles import BODY_ROLES, Role
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.models.body import AdoptedPolicy
from registry.models.policy_draft import (
    Consultation,
    ConsultationComment,
    DraftPart,
    DraftState,
    PolicyAdoption,
    PolicyDraft,
)
from registry.policy_files import LoadedPolicy, load_policy, sha256_of
from registry.policy_files.editing import with_word
from registry.services import access, bodies
from registry.services.policy_drafts import (
    EDITABLE,
    readable,
    require_clean,
    require_fresh,
    require_state,
    take_part,
)
from registry.services.policy_transition import apply_due
from registry.services.recording import audit

LONGEST_COMMENT: Final = 4000
"""Most characters of a comment."""
LONGEST_CONSULTATION: Final = timedelta(days=366)
MOST_COMMENTS: Final = 50
"""Most comments of one person in one consultation."""
Files = Mapping[tuple[str, str], LoadedPolicy]
"""Policy files that this installation holds, by id and version."""


def open_consultation(
    session: Session,
    draft_id: uuid.UUID,
    *,
    closes_on: date,
    public: bool,
    publishes_comments: bool,
    version: int,
    actor: uuid.UUID,
    at: datetime,
) -> Consultation:
    """Put a draft to the body's people, and (`public`) to everybody who signs in; its text then stands still.

    The text must be without a problem, and all tests in it must hold.

    Raises:
        NotAllowed: the person is no policy editor of the body.
        InvalidInput: the text has problems, or the last day cannot be taken.
        Conflict: the draft is not open for it, or changed meanwhile (`StaleDraft`).
    """
    draft = readable(session, draft_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.POLICY_EDITOR, at=at, body=draft.body_id)
    require_state(draft, DraftState.DRAFT)
    require_fresh(draft, version)
    require_clean(session, draft)
    if not at.date() < closes_on <= at.date() + LONGEST_CONSULTATION:
        problem = "choose a last day after today, within a year"
        raise InvalidInput(problem, [FieldError("closes_on", problem)])
    opened = Consultation(
        draft_id=draft.id,
        number=len(draft.consultations) + 1,
        text_number=draft.versions[-1].number,
        public=public,
        publishes_comments=publishes_comments and public,
        opened_by=actor,
        opened_at=at,
        closes_on=closes_on,
        comments=[],
    )
    draft.consultations.append(opened)
    draft.state, draft.changed_at = DraftState.CONSULTATION, at
    session.flush()
    audit(session, "policy.consultation_opened", actor=actor, at=at, of=("policy_draft", draft.id))
    return opened


def close_consultation(
    session: Session, draft_id: uuid.UUID, *, version: int, actor: uuid.UUID, at: datetime
) -> PolicyDraft:
    """End the consultation, so that the text can be changed again.

    Raises:
        NotAllowed: the person is no policy editor of the body.
        Conflict: there is no consultation, or the draft changed meanwhile.
    """
    draft = readable(session, draft_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.POLICY_EDITOR, at=at, body=draft.body_id)
    require_state(draft, DraftState.CONSULTATION)
    require_fresh(draft, version)
    _close(draft, actor, at)
    draft.state, draft.changed_at = DraftState.DRAFT, at
    session.flush()
    audit(session, "policy.consultation_closed", actor=actor, at=at, of=("policy_draft", draft.id))
    return draft


def _close(draft: PolicyDraft, actor: uuid.UUID, at: datetime) -> None:
    if draft.consultation is not None and draft.consultation.closed_at is None:
        draft.consultation.closed_by, draft.consultation.closed_at = actor, at


def public_consultations(session: Session, *, at: datetime) -> Sequence[Consultation]:
    """Return the consultations that everybody may read, those that end first before the others."""
    query = (
        select(Consultation)
        .join(PolicyDraft, PolicyDraft.id == Consultation.draft_id)
        .where(Consultation.public, Consultation.closed_at.is_(None), Consultation.closes_on >= at.date())
        .options(selectinload(Consultation.draft).selectinload(PolicyDraft.body))
        .order_by(Consultation.closes_on, Consultation.id)
    )
    return session.scalars(query).all()


def public_consultation(session: Session, consultation_id: uuid.UUID) -> Consultation:
    """Return a public consultation, also one that has ended, or raise `NotFound`."""
    found = session.get(Consultation, consultation_id)
    if found is None or not found.public:
        raise NotFound("there is no such consultation")
    return found


def running_consultation(draft: PolicyDraft) -> Consultation:
    """Return the consultation of a draft that has not been closed.

    Raises:
        Conflict: there is none.
    """
    if draft.consultation is None or draft.consultation.closed_at is not None:
        raise Conflict("this consultation has ended")
    return draft.consultation


def text_of(consultation: Consultation) -> LoadedPolicy:
    """Return the policy that a consultation is about, read from the bytes that were put to people."""
    text = next(one for one in consultation.draft.versions if one.number == consultation.text_number)
    return load_policy(text.source)


def published_comments(consultation: Consultation) -> tuple[ConsultationComment, ...]:
    """Return the comments that everybody may read."""
    if not consultation.publishes_comments:
        return ()
    return tuple(comment for comment in consultation.comments if comment.published)


def comment(
    session: Session,
    consultation_id: uuid.UUID,
    *,
    place: str,
    text: str,
    actor: uuid.UUID,
    at: datetime,
) -> ConsultationComment:
    """Say something on a text in consultation: the body's people always, everybody else when it is public.

    Nobody but the body's people reads it until it is published. `place` is a criterion of the text, or empty.

    Raises:
        NotFound: no such consultation for this person.
        InvalidInput: the text is empty, too long or unreadable, or the place is not in the policy.
        Conflict: the consultation has ended, or this person has said enough.
    """
    found = session.get(Consultation, consultation_id)
    of_body = found is not None and access.holds(session, actor, *BODY_ROLES, at=at, body=found.draft.body_id)
    if found is None or not (found.public or of_body):
        raise NotFound("there is no such consultation")
    if not found.is_open(at.date()):
        raise Conflict("this consultation has ended")
    said = _checked(found, place, text)
    if sum(one.author == actor for one in found.comments) >= MOST_COMMENTS:
        raise Conflict(f"at most {MOST_COMMENTS} comments of one person are taken")
    made = ConsultationComment(
        consultation_id=found.id, author=actor, of_body=of_body, place=place, text=said, at=at
    )
    found.comments.append(made)
    session.flush()
    audit(session, "policy.commented", actor=actor, at=at, of=("consultation", found.id))
    return made


def _checked(found: Consultation, place: str, text: str) -> str:
    """Return the text of a comment as it is kept: line ends single, blanks trimmed."""
    said = text.replace("\r\n", "\n").strip()
    problems = []
    if not said:
        problems.append(FieldError("text", "write a comment"))
    elif len(said) > LONGEST_COMMENT:
        problems.append(FieldError("text", f"at most {LONGEST_COMMENT} characters"))
    elif any(not c.isprintable() and c not in "\n\t" for c in said):
        problems.append(FieldError("text", "the text holds control characters; type it again"))
    if place and text_of(found).policy.criterion(place) is None:
        problems.append(FieldError("place", "choose a criterion of this policy"))
    if problems:
        raise InvalidInput("the comment cannot be taken", problems)
    return said


def judge_comment(
    session: Session,
    draft_id: uuid.UUID,
    comment_id: uuid.UUID,
    *,
    publish: bool,
    actor: uuid.UUID,
    at: datetime,
) -> ConsultationComment:
    """Publish a comment, or keep it from the public; only where the consultation said that comments are published.

    Raises:
        NotAllowed: the person is no policy editor of the body, or judges a comment of their own.
        Conflict: comments of this consultation are not published.
    """
    draft = readable(session, draft_id, actor=actor, at=at)
    access.require(session, actor, Role.POLICY_EDITOR, at=at, body=draft.body_id)
    found = session.get(ConsultationComment, comment_id, with_for_update=True)
    consultation = next((c for c in draft.consultations if found and c.id == found.consultation_id), None)
    if found is None or consultation is None:
        raise NotFound("there is no such comment")
    if not consultation.publishes_comments:
        raise Conflict("comments of this consultation are not published")
    if publish and found.author == actor:
        raise NotAllowed("somebody else judges your own comment")
    found.published, found.judged_by, found.judged_at = publish, actor, at
    session.flush()
    audit(
        session,
        "policy.comment_judged",
        actor=actor,
        at=at,
        of=("consultation", consultation.id),
        detail={"comment": str(found.id), "published": publish},
    )
    return found


def to_adopt(draft: PolicyDraft) -> bytes:
    """Return the exact bytes that adopting a draft adopts: its text with `status: adopted`."""
    return with_word(draft.source, ("policy", "status"), "adopted")


def adopt(
    session: Session,
    draft_id: uuid.UUID,
    *,
    version: int,
    sha256: str,
    files: Files,
    actor: uuid.UUID,
    at: datetime,
) -> AdoptedPolicy:
    """Adopt a draft, byte for byte, and apply its transition rule if it is in effect already.

    `sha256` names the bytes that the approver has read (`to_adopt`); `files` are the policy files of this installation.

    Raises:
        NotAllowed: the person is no policy approver of the body, or has saved a version of this draft.
        InvalidInput: the text has problems.
        Conflict: the draft is adopted, given up or in an open consultation, or changed meanwhile; or its version exists
            elsewhere with other content.
    """
    draft = readable(session, draft_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.POLICY_APPROVER, at=at, body=draft.body_id)
    take_part(session, draft, actor, DraftPart.APPROVER)
    require_state(draft, *EDITABLE)
    require_fresh(draft, version)
    if draft.consultation is not None and draft.consultation.is_open(at.date()):
        raise Conflict("the consultation still runs; it ends first")
    require_clean(session, draft)
    source = to_adopt(draft)
    if sha256 != sha256_of(source):
        raise Conflict("this is not the text that you have read; look at it again")
    loaded = load_policy(source)
    _require_unknown(loaded, files)
    row = bodies.adopt_policy(
        session, draft.body_id, loaded, proposed_by=str(_last_editor(draft)), approved_by=str(actor), at=at
    )
    _finish(session, draft, row, actor, at)
    apply_due(session, at=at)
    return row


def _last_editor(draft: PolicyDraft) -> uuid.UUID:
    return draft.versions[-1].saved_by


def _require_unknown(loaded: LoadedPolicy, files: Files) -> None:
    found = files.get(loaded.key)
    if found is not None and found.sha256 != loaded.sha256 and found.policy.identity.status == "adopted":
        policy_id, version = loaded.key
        raise Conflict(f"{policy_id} {version} was adopted with other content; make a new version")


def _finish(session: Session, draft: PolicyDraft, row: AdoptedPolicy, actor: uuid.UUID, at: datetime) -> None:
    session.add(
        PolicyAdoption(
            draft_id=draft.id,
            number=draft.versions[-1].number,
            adopted_id=row.id,
            approved_by=actor,
            part=DraftPart.APPROVER,
            at=at,
        )
    )
    _close(draft, actor, at)
    draft.state, draft.changed_at = DraftState.ADOPTED, at
    session.flush()
    session.expire(draft, ["adoption"])
