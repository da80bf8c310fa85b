"""Letters: a decision as the applicant is told it, frozen with its hash when it is released; the body's own signed file."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.clocks import DEEMED_DELIVERED
from registry.domain.policy import Outcome, Policy
from registry.domain.roles import Role
from registry.domain.stops import STOPPING
from registry.domain.trust_list import Text, canonical_json, wire_instant
from registry.domain.uploads import check_upload
from registry.domain.workflow import State
from registry.errors import FieldError, InvalidInput, NotFound
from registry.files import FileStore
from registry.models.account import Account, RoleGrant
from registry.models.application import Application, Procedure
from registry.models.decision import Decision
from registry.models.letter import Letter, LetterFile
from registry.models.two_people import Proposal, ProposalAnswer
from registry.services import access
from registry.services.case_file import policy_for
from registry.services.deadlines import appeal_until
from registry.services.guards_decision import INELIGIBLE, is_on_appeal
from registry.services.recording import audit
from registry.services.standing import ending_of, is_final_first

LETTER_TYPES = frozenset({"application/pdf"})


def write(session: Session, application: Application, decision: Decision, at: datetime) -> Letter:
    """Freeze the letter of a decision at its release."""
    return _freeze(session, application, decision, _decision_content(session, application, decision, at), at)


def write_ineligible(session: Session, application: Application, at: datetime) -> Letter:
    """Freeze the letter that says why an application is not eligible."""
    return _freeze(session, application, None, _ineligible_content(session, application, at), at)


def _freeze(
    session: Session,
    application: Application,
    decision: Decision | None,
    content: dict[str, Any],
    at: datetime,
) -> Letter:
    letter = Letter(
        application_id=application.id,
        number=len(letters_of(session, application.id)) + 1,
        decision_id=decision.id if decision else None,
        content=content,
        sha256=hashlib.sha256(canonical_json(content)).hexdigest(),
        at=at,
        files=[],
    )
    session.add(letter)
    session.flush()
    return letter


def letters_of(session: Session, application_id: uuid.UUID) -> Sequence[Letter]:
    """Return the letters of a case, oldest first."""
    query = select(Letter).where(Letter.application_id == application_id)
    return session.scalars(query.order_by(Letter.number)).all()


def current_letter(session: Session, application: Application) -> Letter | None:
    """Return the newest letter of a case, or None before the first."""
    found = letters_of(session, application.id)
    return found[-1] if found else None


def letter_of(session: Session, application: Application, letter_id: uuid.UUID) -> Letter:
    """Return a letter of a case or raise `NotFound`."""
    letter = session.get(Letter, letter_id)
    if letter is None or letter.application_id != application.id:
        raise NotFound(f"no letter {letter_id}")
    return letter


def file_signed(
    session: Session,
    files: FileStore,
    application_id: uuid.UUID,
    *,
    name: str,
    data: bytes,
    limit: int,
    actor: uuid.UUID,
    at: datetime,
) -> LetterFile:
    """As a registrar: file the body's own signed PDF of the newest letter; it is kept by its SHA-256.

    Raises:
        NotFound: nothing has been told yet.
        InvalidInput: no PDF, or too large.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require(session, actor, Role.REGISTRAR, at=at, body=application.scheme.body_id)
    letter = current_letter(session, application)
    if letter is None:
        raise NotFound("there is no letter yet")
    accepted = check_upload(name, data, limit=limit)
    if accepted.media_type not in LETTER_TYPES:
        raise InvalidInput("the signed letter is a PDF", [FieldError("file", "choose a PDF file")])
    row = LetterFile(
        letter_id=letter.id,
        file_name=accepted.name,
        media_type=accepted.media_type,
        size=len(data),
        sha256=files.put(data),
        filed_by=actor,
        at=at,
    )
    session.add(row)
    session.flush()
    session.expire(letter, ["files"])
    detail = {"letter": str(letter.id), "sha256": row.sha256}
    audit(session, "letter.filed", actor=actor, at=at, of=("application", application.id), detail=detail)
    return row


def _head(session: Session, application: Application, at: datetime) -> dict[str, Any]:
    policy = application.policy
    return {
        "reference": application.reference,
        "institution": application.institution.name,
        "institution_names": dict(application.institution.names),
        "language": _language(session, application),
        "body": dict(application.scheme.body.names),
        "scheme": dict(application.scheme.names),
        "at": wire_instant(at),
        "policy": {"id": policy.policy_id, "version": policy.version, "sha256": policy.sha256},
        "policy_title": policy_for(application).title.as_dict(),
    }


def _decision_content(
    session: Session, application: Application, decision: Decision, at: datetime
) -> dict[str, Any]:
    policy, motion, outcome = policy_for(application), decision.motion, Outcome(decision.outcome)
    terms = policy.decision.outcome(outcome)
    on_appeal = is_on_appeal(session, decision)
    return _head(session, application, at) | {
        "kind": "decision",
        "decision": str(decision.id),
        "decided_at": wire_instant(decision.decided_at),
        "decided_by": "appeals_panel" if on_appeal else "committee",
        "outcome": {"id": outcome.value, "label": terms.label.as_dict() if terms else {}},
        "because": _because(policy, application, decision),
        "rule": motion.rule,
        "deviates": motion.outcome != motion.proposed_outcome,
        "reasons": motion.reasons,
        "scope": motion.terms["scope"],
        "conditions": [_condition(policy, one, at) for one in motion.terms["conditions"]],
        "votes": {name: decision.tally[name] for name in ("in_favour", "against", "abstained", "members")},
        "effect": _effect_on_issued(policy, outcome),
        "ending": ending_of(session, application) if outcome in STOPPING else None,
        "waits": is_final_first(application, outcome) and not on_appeal,
        "appeal": None if on_appeal else _appeal_terms(application, policy, outcome.value, at),
    }


def _because(policy: Policy, application: Application, decision: Decision) -> dict[str, str] | None:
    if application.procedure is Procedure.EXTRAORDINARY:
        grounds = policy.sanctions.grounds
        found = next((g.title for g in grounds if g.id.value == decision.motion.rule), None)
        return found.as_dict() if found else None
    held = next((step["because"] for step in decision.motion.explanation if step["held"]), None)
    return dict(held) if held else None


def _condition(policy: Policy, wire: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    criterion = policy.criterion(str(wire["criterion"]))
    return {
        "criterion": wire["criterion"],
        "title": criterion.title.as_dict() if criterion else {},
        "text": wire["text"],
        "due": wire_instant(at + timedelta(days=int(wire["days"]))),
    }


def _effect_on_issued(policy: Policy, outcome: Outcome) -> dict[str, str] | None:
    terms = policy.sanctions.effect_on_issued_credentials
    found: Mapping[Outcome, Text] = {
        Outcome.SUSPEND: terms.suspended.text,
        Outcome.WITHDRAW: terms.withdrawn.text,
        Outcome.VOID: terms.void.text,
    }
    return found[outcome].as_dict() if outcome in found else None


def _appeal_terms(
    application: Application, policy: Policy, against: str, at: datetime
) -> dict[str, Any] | None:
    """Return how to appeal: within how many days of delivery, and the last day if the letter is never opened."""
    terms = policy.appeals
    if against not in terms.against:
        return None
    during = getattr(terms.effect_during_appeal, against, None)
    return {
        "days": terms.window_days,
        "deemed_days": DEEMED_DELIVERED // timedelta(days=1),
        "latest": wire_instant(appeal_until(application, at + DEEMED_DELIVERED)),
        "grounds": [{"id": ground.id, "title": ground.title.as_dict()} for ground in terms.grounds],
        "new_evidence": terms.new_evidence.as_dict(),
        "during": during.as_dict() if during else None,
    }


def _ineligible_content(session: Session, application: Application, at: datetime) -> dict[str, Any]:
    query = (
        select(Proposal)
        .join(ProposalAnswer)
        .where(
            Proposal.application_id == application.id,
            Proposal.kind == "ineligible",
            ProposalAnswer.accepted,
        )
        .order_by(Proposal.at.desc())
    )
    proposal = session.scalars(query.limit(1)).one_or_none()
    return _head(session, application, at) | {
        "kind": INELIGIBLE,
        "decided_at": wire_instant(application.entered_at if application.state is State.INELIGIBLE else at),
        "decided_by": "two_officers",
        "reasons": proposal.reasons if proposal else "",
        "appeal": _appeal_terms(application, policy_for(application), INELIGIBLE, at),
    }


def _language(session: Session, application: Application) -> str:
    """Return the language of whoever acts for the institution: of the applicant, else of its first owner."""
    query = (
        select(Account.language)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.institution_id == application.institution_id,
            RoleGrant.role.in_((Role.OWNER, Role.SIGNATORY)),
            RoleGrant.revoked_at.is_(None),
        )
        .order_by((Account.id != application.created_by), RoleGrant.id)
    )
    return session.scalars(query.limit(1)).one_or_none() or "en"
