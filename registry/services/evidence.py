"""Evidence: files and statements by the applicant, findings by the body; every version stays."""

import hashlib
import re
import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from registry.domain.clocks import is_over
from registry.domain.completeness import PointPlace
from registry.domain.policy import Evidence, Outcome
from registry.domain.roles import Role
from registry.domain.uploads import check_upload
from registry.domain.workflow import EDITABLE_STATES, GATHERING_STATES, SUPPLYING_STATES, State
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.files import FileStore
from registry.models.application import Application, EvidenceVersion
from registry.services import access
from registry.services.applications import require_editable
from registry.services.case_file import decision_of, policy_for
from registry.services.clarifications import asked_evidence
from registry.services.recording import audit
from registry.services.stated import cited, state

MAXIMUM_TEXT = 20_000
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def add_file(
    session: Session,
    files: FileStore,
    application_id: uuid.UUID,
    evidence_id: str,
    *,
    name: str,
    data: bytes,
    limit: int,
    case_limit: int,
    issued_on: date | None = None,
    items: int | None = None,
    actor: uuid.UUID,
    at: datetime,
) -> EvidenceVersion:
    """Hand in a file for a piece of evidence, or for a cited decision; an earlier one stays as an earlier version.

    `issued_on` is the day on the document, `items` how many pieces the file holds, where the applicant states them.

    Raises:
        InvalidInput: the file is refused (type, size, name, content), the case is full, or a day or number cannot be.
    """
    application = supplied(session, application_id, evidence_id, actor=actor, at=at)
    if evidence_id not in {row.evidence_id for row in cited(session, application.id)}:
        _evidence(application, evidence_id)
    accepted = check_upload(name, data, limit=limit)
    used = sum(version.size for version in application.evidence)
    if used + len(data) > case_limit:
        raise InvalidInput(
            f"all files of one application may have {case_limit // 2**20} MiB together",
            [FieldError("file", "the application is full")],
        )
    version = _add_version(
        session,
        application,
        evidence_id,
        sha256=files.put(data),
        size=len(data),
        file_name=accepted.name,
        media_type=accepted.media_type,
        actor=actor,
        at=at,
    )
    state(session, version, issued_on=issued_on, items=items, today=at.date())
    return version


def supplied(
    session: Session, application_id: uuid.UUID, evidence_id: str, *, actor: uuid.UUID, at: datetime
) -> Application:
    """Return a case for which a person may hand in a piece of evidence now.

    Before submission that is everything; while questions are open, what belongs to the criteria asked about; while the
    applicant is heard, and after a deferral, everything again.

    Raises:
        NotAllowed: not one of the applicant's people.
        TransitionRefused: what was handed in is frozen, the days are over, or nobody asked about this.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    if application.state in EDITABLE_STATES or application.state not in SUPPLYING_STATES:
        if evidence_id.startswith("external-"):
            require_editable(session, application, actor, at, place=PointPlace.DECISIONS)
        else:
            place = PointPlace.EVIDENCE
            require_editable(session, application, actor, at, place=place, evidence_id=evidence_id)
        return application
    roles = (Role.OWNER, Role.CONTRIBUTOR, Role.SIGNATORY)
    access.require(session, actor, *roles, at=at, institution=application.institution_id)
    problem = supply_problem(session, application, evidence_id, at)
    if problem:
        raise TransitionRefused(problem)
    return application


def supply_problem(session: Session, application: Application, evidence_id: str, at: datetime) -> str | None:
    """Return why a piece of evidence is not taken after submission, as a sentence; None where it is."""
    decision = decision_of(session, application.id)
    deferred = decision is not None and decision.outcome == Outcome.DEFER
    if application.state is State.APPEAL_WINDOW:
        problem = None if deferred else "this application has been decided; what was handed in is frozen"
    elif is_over(application.due_at, at):
        problem = "the days to hand in evidence are over"
    elif application.state is State.CLARIFICATION and evidence_id not in asked_evidence(session, application):
        problem = "the panel asked about other criteria; hand in evidence for those"
    else:
        problem = None
    return problem


def add_text(
    session: Session,
    application_id: uuid.UUID,
    evidence_id: str,
    text: str,
    *,
    issued_on: date | None = None,
    items: int | None = None,
    actor: uuid.UUID,
    at: datetime,
) -> EvidenceVersion:
    """Hand in a statement or a public address for a piece of evidence.

    Raises:
        InvalidInput: empty, too long, or an address that is no http(s) address.
    """
    application = supplied(session, application_id, evidence_id, actor=actor, at=at)
    item = _evidence(application, evidence_id)
    words = text.strip()
    message = _text_problem(item, words)
    if message:
        raise InvalidInput(message, [FieldError("text", message)])
    data = words.encode()
    version = _add_version(
        session,
        application,
        evidence_id,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        text=words,
        actor=actor,
        at=at,
    )
    state(session, version, issued_on=issued_on, items=items, today=at.date())
    return version


def add_body_text(
    session: Session,
    application_id: uuid.UUID,
    evidence_id: str,
    text: str,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> EvidenceVersion:
    """As somebody with a part in the case: record evidence that the policy has the body gather, such as a call-back.

    Raises:
        NotAllowed: no part in the case, or the file is locked.
        TransitionRefused: the case has been decided.
        InvalidInput: empty or too long.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    if access.part_of(session, actor, application.id) is None:
        raise NotAllowed("only people with a part in the case add to its file")
    access.require_unlocked(session, actor, application, at=at)
    if application.state not in GATHERING_STATES:
        raise TransitionRefused("evidence is gathered from the completeness check to the end of the review")
    item = _evidence(application, evidence_id, provided_by="body")
    words = text.strip()
    message = _text_problem(item, words)
    if message:
        raise InvalidInput(message, [FieldError("text", message)])
    data = words.encode()
    digest = hashlib.sha256(data).hexdigest()
    return _add_version(
        session, application, evidence_id, sha256=digest, size=len(data), text=words, actor=actor, at=at
    )


def _text_problem(item: Evidence, words: str) -> str | None:
    if _UNPRINTABLE.search(words):
        return "the text holds control characters; type it again"
    if not words:
        return "write something, or leave this evidence out"
    if len(words) > MAXIMUM_TEXT:
        return f"at most {MAXIMUM_TEXT} characters; hand in a file for more"
    if item.kind == "public_url" and not words.startswith(("https://", "http://")):
        return "give the whole address, starting with https://"
    return None


def _add_version(
    session: Session,
    application: Application,
    evidence_id: str,
    *,
    sha256: str,
    size: int,
    actor: uuid.UUID,
    at: datetime,
    file_name: str | None = None,
    media_type: str | None = None,
    text: str | None = None,
) -> EvidenceVersion:
    number = 1 + max((v.number for v in application.evidence if v.evidence_id == evidence_id), default=0)
    version = EvidenceVersion(
        evidence_id=evidence_id,
        number=number,
        file_name=file_name,
        media_type=media_type,
        size=size,
        sha256=sha256,
        text=text,
        uploaded_by=actor,
        uploaded_at=at,
    )
    application.evidence.append(version)
    session.flush()
    audit(
        session,
        "evidence.added",
        actor=actor,
        at=at,
        of=("application", application.id),
        detail={"evidence": evidence_id, "number": number, "sha256": sha256},
    )
    return version


def _evidence(application: Application, evidence_id: str, provided_by: str = "applicant") -> Evidence:
    for _criterion, item in policy_for(application).evidence_items():
        if item.id == evidence_id and item.provided_by == provided_by:
            return item
    raise NotFound(f"this policy asks the {provided_by} for no evidence {evidence_id}")
