"""The bytes of evidence as they may be handed out: the redacted twin where there is one, never a file that was erased.

And the one list of files that cases keep, by which they stay or go.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, select, union_all
from sqlalchemy.orm import Session

from registry.errors import FieldError, NotFound
from registry.files import FileStore
from registry.models.application import EvidenceVersion
from registry.models.letter import Delivery, HearingDelivery, Letter, LetterFile
from registry.models.monitoring import Condition, ConditionEvidence
from registry.models.records import EvidenceRedaction, FileErasure, ReportText
from registry.models.two_people import Proposal
from registry.services.recording import audit
from registry.services.report_texts import standing_texts

REDACTED = "redaction"
"""Why the bytes of an original go once its redacted twin is in its place."""
_FIELDS = ("sha256", "media_type", "size")


def redaction_of(session: Session, version_id: uuid.UUID) -> EvidenceRedaction | None:
    """Return the redacted twin that stands for a version now, or None."""
    query = select(EvidenceRedaction).where(EvidenceRedaction.version_id == version_id)
    newest = query.order_by(EvidenceRedaction.at.desc(), EvidenceRedaction.id).limit(1)
    return session.scalars(newest).one_or_none()


def content_of(session: Session, files: FileStore, version: EvidenceVersion) -> tuple[str, str, bytes]:
    """Return name, media type and bytes of a version as it is handed out.

    Raises:
        NotFound: the file was erased when its time was over.
        Damaged: the store no longer has the bytes that were handed in.
    """
    if version.file_name is None:
        name = f"{version.evidence_id}-{version.number}.txt"
        return name, "text/plain; charset=utf-8", (version.text or "").encode()
    twin = redaction_of(session, version.id)
    digest, media_type = (twin.sha256, twin.media_type) if twin else (version.sha256, version.media_type)
    erased = session.get(FileErasure, digest)
    if erased is not None:
        raise NotFound(f"this file was erased on {erased.ordered_at:%Y-%m-%d}; its hash is kept")
    return version.file_name, media_type or "application/octet-stream", files.get(digest)


def check_redaction(session: Session, proposal: Proposal, at: datetime) -> list[FieldError]:
    """Return what a proposed redaction lacks: the version it is about, and the twin that was handed in for it."""
    version = _version(session, proposal)
    if version is None or version.application_id != proposal.application_id or version.file_name is None:
        return [FieldError("object_id", "name a file of the evidence of this case")]
    problems = [FieldError(n, "hand in the redacted file") for n in _FIELDS if not proposal.content.get(n)]
    if proposal.content.get("sha256") == version.sha256:
        problems.append(FieldError("sha256", "the redacted file is the same as the original"))
    return problems


def apply_redaction(session: Session, proposal: Proposal, actor: uuid.UUID, at: datetime) -> None:
    """Put the redacted twin in the place of a file; the original's bytes go, and its hash stays."""
    version = _version(session, proposal)
    if version is None:
        raise NotFound("there is no such piece of evidence")
    twin = EvidenceRedaction(
        application_id=version.application_id,
        version_id=version.id,
        proposal_id=proposal.id,
        original_sha256=version.sha256,
        reasons=proposal.reasons,
        at=at,
        **{name: proposal.content[name] for name in _FIELDS},
    )
    session.add(twin)
    session.flush()
    audit(
        session,
        "evidence.redacted",
        actor=actor,
        at=at,
        of=("application", version.application_id),
        detail={"evidence": version.evidence_id, "number": version.number, "sha256": twin.sha256},
    )
    order_erasure(session, [version.sha256], REDACTED, at=at)


def drop_redaction(session: Session, proposal: Proposal, at: datetime) -> None:
    """Let the file of a proposal that was turned down go."""
    order_erasure(session, [proposal.content["sha256"]], REDACTED, at=at)


def _version(session: Session, proposal: Proposal) -> EvidenceVersion | None:
    try:
        return session.get(EvidenceVersion, uuid.UUID(proposal.object_id))
    except ValueError:
        return None


def order_erasure(
    session: Session,
    digests: Iterable[str],
    why: str,
    *,
    at: datetime,
    over: Collection[uuid.UUID] = (),
) -> list[str]:
    """Order that bytes go from the store, but those that something else still shows; return which go.

    `over` are the cases whose files go. The removal is the worker's: a file cannot be brought back when a transaction is
    undone.
    """
    ordered = []
    for digest in sorted(set(digests)):
        if session.get(FileErasure, digest) is None and not _is_shown(session, digest, over):
            session.add(FileErasure(sha256=digest, why=why, ordered_at=at))
            ordered.append(digest)
    session.flush()
    return ordered


def kept_files() -> CompoundSelect[Any]:
    """Return the files that cases keep, as rows of case and hash: evidence, letters, proofs, conditions, reports."""
    redacted = select(EvidenceRedaction.id).where(EvidenceRedaction.version_id == EvidenceVersion.id)
    return union_all(
        select(EvidenceVersion.application_id, EvidenceVersion.sha256).where(
            EvidenceVersion.file_name.is_not(None), ~redacted.exists()
        ),
        select(EvidenceRedaction.application_id, EvidenceRedaction.sha256),
        select(Letter.application_id, LetterFile.sha256).join(LetterFile),
        select(Letter.application_id, Delivery.proof_sha256)
        .join(Delivery)
        .where(Delivery.proof_sha256.is_not(None)),
        select(HearingDelivery.application_id, HearingDelivery.proof_sha256).where(
            HearingDelivery.proof_sha256.is_not(None)
        ),
        select(Condition.application_id, ConditionEvidence.sha256)
        .join(ConditionEvidence)
        .where(ConditionEvidence.sha256.is_not(None)),
        standing_texts().with_only_columns(ReportText.application_id, ReportText.sha256),
    )


def _is_shown(session: Session, digest: str, over: Collection[uuid.UUID]) -> bool:
    """Whether a case that is not over keeps a file of this hash; a text of a report only while it stands."""
    rows = kept_files().subquery()
    cases = session.scalars(select(rows.c[0]).where(rows.c[1] == digest).distinct())
    return any(case not in over for case in cases)


def erase_files(session: Session, files: FileStore, *, at: datetime) -> int:
    """Remove the bytes that were ordered to go, and return of how many hashes. Repeating it does no harm."""
    waiting = session.scalars(select(FileErasure).where(FileErasure.done_at.is_(None))).all()
    for order in waiting:
        files.remove(order.sha256)
        order.done_at = at
    session.flush()
    return len(waiting)
