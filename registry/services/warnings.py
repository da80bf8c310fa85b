"""Formal warnings: a note beside the entry, ordered by two people; it changes no standing and runs out by itself."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.periods import plus_months
from registry.domain.recognition import Status
from registry.domain.terms import LANGUAGES, texts_problems
from registry.domain.text import clean
from registry.errors import FieldError
from registry.models.standing import IssuerWarning
from registry.models.two_people import Proposal
from registry.services.orders import issuer_of, sanctions_of, standing_problem, unknown
from registry.services.outbox import announce
from registry.services.recording import audit

_WARNED = (Status.ACTIVE, Status.ACTIVE_WITH_CONDITIONS, Status.SUSPENDED)


def check_warning(session: Session, row: Proposal, at: datetime) -> list[FieldError]:
    """Check a warning: content `text`, in every language of the registry, since it is published."""
    text = row.content.get("text") or {}
    problems = standing_problem(session, row, at, *_WARNED) + unknown(row.content, "text")
    problems += texts_problems("text", text)
    if not problems and not all(text.get(language) for language in LANGUAGES):
        problems.append(FieldError("text", "give this text in English and in Polish"))
    return problems


def apply_warning(session: Session, row: Proposal, second: uuid.UUID, at: datetime) -> None:
    """Put the note beside the entry until it runs out, as long as the policy says."""
    issuer = issuer_of(session, row)
    terms = sanctions_of(session, issuer).formal_warning
    until = plus_months(at, terms.expires_months)
    warning = IssuerWarning(
        issuer_id=issuer.id,
        proposal_id=row.id,
        text={language: clean(text) for language, text in row.content["text"].items()},
        since=at,
        until=until,
        published=terms.published,
    )
    session.add(warning)
    session.flush()
    audit(session, "issuer.warned", actor=second, at=at, of=("issuer", issuer.id))
    if terms.published:
        announce(session, issuer, at=at)
        announce(session, issuer, at=at, due=until)
