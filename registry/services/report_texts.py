"""The report of a decision as the public reads it: files that two people stand behind, apart from editions and log.

A report may name people. So its text is no part of what is signed or kept for ever: the published decision names the hash,
the file lies in the store, and goes from there when it is replaced, taken down or over.
"""

import uuid
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from registry.models.records import ReportText

FULL: Final = "full_report_with_redactions"
"""What a policy says where the whole report is published, and not its ratings alone."""


def standing_texts() -> Select[ReportText]:
    """Return the texts that stand for their decisions now: the newest, unless they were taken down."""
    newer = aliased(ReportText)
    overtaken = select(newer.id).where(
        newer.decision_id == ReportText.decision_id, newer.number > ReportText.number
    )
    return select(ReportText).where(ReportText.sha256.is_not(None), ~overtaken.exists())


def texts_of(session: Session, decision_id: uuid.UUID) -> Sequence[ReportText]:
    """Return the texts that stand for a decision now, by language; none before two people stood behind one."""
    query = standing_texts().where(ReportText.decision_id == decision_id)
    return session.scalars(query.order_by(ReportText.language)).all()


def public_texts(session: Session, decisions: Collection[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Return by decision what is published of its report: language, media type, size in bytes and SHA-256 of each text."""
    query = standing_texts().where(ReportText.decision_id.in_(decisions)).order_by(ReportText.language)
    found: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for row in session.scalars(query):
        told = {name: getattr(row, name) for name in ("language", "media_type", "size", "sha256")}
        found.setdefault(row.decision_id, []).append(told)
    return found
