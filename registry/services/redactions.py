"""Handing in redacted files: the twin of a piece of evidence, and the report of a decision as the public reads it.

The case officer or a registrar proposes; another registrar looks at the very file and confirms.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.two_people import ProposalKind
from registry.domain.uploads import check_upload
from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound
from registry.files import FileStore
from registry.models.application import Application, EvidenceVersion
from registry.models.decision import Decision
from registry.models.two_people import Proposal
from registry.services import access, conditions, desk, two_people
from registry.services.case_file import decision_of
from registry.services.report_publication import read_text
from registry.services.two_people import NewProposal


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A redacted file as somebody hands it in: the name it came with, and its bytes."""

    name: str
    data: bytes


def may_redact(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person may hand in redacted files of a case: its officer, or a registrar of the body."""
    new = NewProposal("", "", application_id=application.id)
    return two_people.may_propose(session, ProposalKind.REDACTION, new, actor=actor, at=at)


def redactable(session: Session, application_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> Application:
    """Return a case whose files a person may redact.

    Raises:
        NotFound: the person may not know of the case, or acts for the applicant.
        NotAllowed: the person is neither its officer nor a registrar of the body.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at)
    if desk.acts_for(session, application.institution_id, actor=actor, at=at):
        raise NotFound(f"no application {application_id}")
    if not may_redact(session, application, actor=actor, at=at):
        raise NotAllowed("only the case officer or a registrar may do this")
    return application


def file_version(session: Session, application: Application, version_id: uuid.UUID) -> EvidenceVersion:
    """Return a version of the evidence of a case that is a file, or raise `NotFound`."""
    version = session.get(EvidenceVersion, version_id)
    if version is None or version.application_id != application.id or version.file_name is None:
        raise NotFound(f"no file {version_id}")
    return version


def decided(session: Session, application: Application) -> Decision:
    """Return the decision of a case, or raise `NotFound`."""
    found = decision_of(session, application.id)
    if found is None:
        raise NotFound(f"no decision in {application.id}")
    return found


def propose_twin(
    session: Session,
    files: FileStore,
    version: EvidenceVersion,
    twin: HandedIn,
    reasons: str,
    *,
    limit: int,
    actor: uuid.UUID,
    at: datetime,
) -> Proposal:
    """Propose the redacted twin of a file; once a registrar has confirmed it, the original's bytes go.

    Raises:
        InvalidInput: the file is refused, is the original, or is larger than `limit` bytes; or there are no reasons.
        Conflict: a twin of this file waits already.
    """
    accepted = check_upload(twin.name, twin.data, limit=limit)
    digest = hashlib.sha256(twin.data).hexdigest()
    content = {"sha256": digest, "media_type": accepted.media_type, "size": len(twin.data)}
    new = NewProposal(str(version.id), reasons, content, version.application_id)
    row = two_people.propose(session, ProposalKind.REDACTION, new, actor=actor, at=at)
    files.put(twin.data)
    return row


def propose_texts(
    session: Session,
    files: FileStore,
    application: Application,
    texts: Mapping[str, HandedIn],
    reasons: str,
    *,
    limit: int,
    actor: uuid.UUID,
    at: datetime,
) -> Proposal:
    """Propose the report of the decision as the public is to read it, by language; they replace all that stand.

    Raises:
        NotFound: the case has no decision.
        InvalidInput: there is no text or no reason, a text is refused, or the policy publishes no report of this decision.
        Conflict: texts of this decision wait already.
    """
    found = decided(session, application)
    if not texts:
        raise InvalidInput("hand in the redacted report", [FieldError("en", "hand in the redacted report")])
    read = [read_text(language, one.name, one.data, limit=limit) for language, one in texts.items()]
    row = _propose_text(session, application, found, read, reasons, actor, at)
    for one in texts.values():
        files.put(one.data)
    return row


def propose_taking_down(
    session: Session, application: Application, reasons: str, *, actor: uuid.UUID, at: datetime
) -> Proposal:
    """Propose to take down the texts that stand for the decision of a case.

    Raises:
        NotFound: the case has no decision.
        InvalidInput: none stands, or there are no reasons.
    """
    return _propose_text(session, application, decided(session, application), [], reasons, actor, at)


def _propose_text(
    session: Session,
    application: Application,
    found: Decision,
    read: list[dict[str, object]],
    reasons: str,
    actor: uuid.UUID,
    at: datetime,
) -> Proposal:
    new = NewProposal(str(found.id), reasons, {"texts": read}, application.id)
    return two_people.propose(session, ProposalKind.REPORT_TEXT, new, actor=actor, at=at)


def files_of(row: Proposal) -> list[dict[str, Any]]:
    """Return the files that a proposal is about: the twin of a redaction, the texts of a report."""
    if row.kind is ProposalKind.REDACTION:
        return [dict(row.content)]
    return list(row.content.get("texts") or []) if row.kind is ProposalKind.REPORT_TEXT else []


def _shown(session: Session, row: Proposal, at: datetime) -> list[Mapping[str, Any]]:
    """Return the files by which an issuer shows that a condition is met, for who is asked to confirm it."""
    if row.kind is not ProposalKind.CONDITION_MET:
        return []
    found = conditions.condition_of(session, row.object_id, at)
    return [
        {"sha256": one.sha256, "media_type": one.media_type}
        for one in (found.evidence if found else ())
        if one.sha256
    ]


def proposed_file(
    session: Session,
    files: FileStore,
    proposal_id: uuid.UUID,
    sha256: str,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> tuple[str, bytes]:
    """Return media type and bytes of a file that waits for the second word, or got it, to who may see the proposal."""
    row = two_people.visible(session, proposal_id, actor=actor, at=at)
    found = next(
        (one for one in [*files_of(row), *_shown(session, row, at)] if one["sha256"] == sha256), None
    )
    if found is None:
        raise NotFound(f"no file {sha256}")
    return str(found["media_type"]), files.get(sha256)
