"""Publishing the report of a decision: the case officer hands in the redacted text, a registrar confirms, and it stands."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.policy import Outcome
from registry.domain.uploads import check_upload
from registry.errors import FieldError, InvalidInput, NotFound
from registry.models.application import Application
from registry.models.decision import Decision, Release
from registry.models.records import ReportText
from registry.models.two_people import Proposal
from registry.services.case_file import policy_for, report_of
from registry.services.evidence_files import REDACTED, order_erasure
from registry.services.public_appeals import announce_decision
from registry.services.public_decisions import REPORT, published_terms
from registry.services.recording import audit
from registry.services.report_texts import FULL, texts_of

EXTENSIONS: Final[Mapping[str, str]] = {"text/plain; charset=utf-8": "txt", "application/pdf": "pdf"}
"""Media types that a text is handed in with: what browsers show without running anything."""
LANGUAGES: Final = ("en", "pl")


def read_text(language: str, name: str, data: bytes, *, limit: int) -> dict[str, object]:
    """Return what a proposal says of a text that was handed in.

    Raises:
        InvalidInput: neither plain text nor PDF, empty, or larger than `limit` bytes; the error is at the language.
    """
    try:
        accepted = check_upload(name, data, limit=limit)
    except InvalidInput as error:
        raise InvalidInput(str(error), [FieldError(language, one.message) for one in error.errors]) from error
    if accepted.media_type not in EXTENSIONS:
        message = "hand in plain text (.txt) or PDF"
        raise InvalidInput(message, [FieldError(language, message)])
    digest = hashlib.sha256(data).hexdigest()
    return {"language": language, "media_type": accepted.media_type, "size": len(data), "sha256": digest}


def is_wanted(session: Session, application: Application, decision: Decision | None) -> bool:
    """Whether the policy of a case publishes the whole report of a decision, and there is one."""
    if decision is None or session.get(Release, decision.id) is None:
        return False
    told = published_terms(policy_for(application), Outcome(decision.outcome))
    report = report_of(session, application.id)
    return (
        policy_for(application).publication.report == FULL
        and REPORT in told
        and report is not None
        and report.final
    )


def check_text(session: Session, proposal: Proposal, at: datetime) -> list[FieldError]:
    """Return what a proposed text lacks; one without any text takes down what stands."""
    decision = _decision(session, proposal)
    if decision is None or decision.application_id != proposal.application_id:
        return [FieldError("object_id", "name a decision of this case")]
    application = session.get_one(Application, decision.application_id)
    if not is_wanted(session, application, decision):
        return [FieldError("object_id", "the policy publishes no report of this decision")]
    texts = proposal.content.get("texts") or []
    if not texts and not texts_of(session, decision.id):
        return [FieldError("en", "hand in the redacted report")]
    return []


def apply_text(session: Session, proposal: Proposal, actor: uuid.UUID, at: datetime) -> None:
    """Let the texts of a proposal stand for the decision; those before them go from the store."""
    decision = _decision(session, proposal)
    if decision is None:
        raise NotFound("there is no such decision")
    before = texts_of(session, decision.id)
    texts = proposal.content.get("texts") or [{"language": row.language, "size": 0} for row in before]
    number = _newest_number(session, decision) + 1
    for text in texts:
        session.add(
            ReportText(
                application_id=decision.application_id,
                decision_id=decision.id,
                number=number,
                proposal_id=proposal.id,
                file_name=_file_name(text) if "sha256" in text else None,
                at=at,
                **text,
            )
        )
    session.flush()
    order_erasure(session, [row.sha256 for row in before if row.sha256], REDACTED, at=at)
    audit(
        session,
        "report.published",
        actor=actor,
        at=at,
        of=("application", decision.application_id),
        detail={"decision": str(decision.id), "sha256": [text.get("sha256") for text in texts]},
    )
    announce_decision(session, session.get_one(Application, decision.application_id), decision, at)


def drop_text(session: Session, proposal: Proposal, at: datetime) -> None:
    """Let the files of a proposal that was turned down go."""
    order_erasure(session, [text["sha256"] for text in proposal.content.get("texts") or []], REDACTED, at=at)


def _file_name(text: Mapping[str, str]) -> str:
    """Return a name of our own: those that people give to files may name people."""
    return f"report-{text['language']}.{EXTENSIONS[text['media_type']]}"


def _newest_number(session: Session, decision: Decision) -> int:
    query = select(func.max(ReportText.number)).where(ReportText.decision_id == decision.id)
    return session.scalar(query) or 0


def _decision(session: Session, proposal: Proposal) -> Decision | None:
    try:
        return session.get(Decision, uuid.UUID(proposal.object_id))
    except ValueError:
        return None
