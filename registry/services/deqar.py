"""Which published reports of a body go to DEQAR, and which cannot, with the reason; the form itself is `domain.deqar`."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain import deqar
from registry.domain.deqar import LOSSES, DeqarReport, Provider
from registry.domain.policy import Outcome
from registry.domain.roles import Role
from registry.domain.workflow import State
from registry.errors import Conflict, FieldError, InvalidInput
from registry.models.application import Application
from registry.models.body import Scheme
from registry.models.decision import Decision, Release
from registry.models.institution import InstitutionIdentifier
from registry.models.issuer import RecognitionEvent
from registry.models.records import DeqarProfile
from registry.services import access
from registry.services.accounts import OPERATOR_AT_COMMAND_LINE
from registry.services.bodies import policy_of
from registry.services.public_decisions import REPORT, named_when, public_decisions, published_terms
from registry.services.recording import audit

__all__ = ["LOSSES"]
_AGENCY: Final = re.compile(r"[A-Za-z0-9 .&+-]{1,50}")
_ACTIVITY: Final = re.compile(r"\d{1,5}")


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports that can be submitted, and of the others the reference of the case and the reason, in English."""

    ready: tuple[DeqarReport, ...]
    left_out: tuple[tuple[str, str], ...]


def set_profile(
    session: Session, body_id: uuid.UUID, agency: str, activity: str, *, actor: uuid.UUID | None, at: datetime
) -> DeqarProfile:
    """As a registrar, or the operator at the command line (None): keep the ids that DEQAR has given the body.

    Raises:
        NotAllowed: the person is no registrar of the body.
        InvalidInput: `agency` or `activity` is no id of DEQAR.
    """
    if actor is not None:
        access.require(session, actor, Role.REGISTRAR, at=at, body=body_id)
    agency, activity = agency.strip(), activity.strip()
    wrong = (
        ("agency", _AGENCY.fullmatch(agency), "give the acronym or the number that DEQAR has for the body"),
        ("activity", _ACTIVITY.fullmatch(activity), "give the number of the activity in DEQAR, such as 8"),
    )
    problems = [FieldError(field, message) for field, fits, message in wrong if not fits]
    if problems:
        raise InvalidInput("the identifiers of DEQAR cannot be kept", problems)
    row = session.get(DeqarProfile, body_id)
    if row is None:
        row = DeqarProfile(body_id=body_id, agency=agency, activity=activity, set_at=at)
        session.add(row)
    row.agency, row.activity, row.set_at = agency, activity, at
    session.flush()
    detail = {"agency": agency, "activity": activity}
    by = actor or OPERATOR_AT_COMMAND_LINE
    audit(session, "deqar.profile_set", actor=by, at=at, of=("deqar_profile", body_id), detail=detail)
    return row


def profile_of(session: Session, body_id: uuid.UUID) -> DeqarProfile | None:
    """Return the ids that a body has in DEQAR, or None where it has named none."""
    return session.get(DeqarProfile, body_id)


def reports_of(session: Session, body_id: uuid.UUID, base_url: str) -> Reports:
    """Return the published reports of a body, those that can be submitted and those that cannot."""
    profile = profile_of(session, body_id)
    agency, activity = (profile.agency, profile.activity) if profile else ("", "")
    ready: list[DeqarReport] = []
    left_out: list[tuple[str, str]] = []
    released = _released(session, body_id)
    public = {
        found for found, _told in public_decisions(session, [decision.id for _case, decision in released])
    }
    for application, decision in released:
        reason = _obstacle(application, decision) if decision.id in public else NOT_PUBLISHED
        provider = _provider(session, application.institution_id)
        if reason is None and provider is not None:
            ready.append(_report(session, application, decision, provider, (agency, activity), base_url))
        elif reason != NOT_PUBLISHED:
            left_out.append((application.reference, reason or NO_IDENTIFIER))
    return Reports(tuple(ready), tuple(left_out))


NOT_PUBLISHED: Final = "the policy publishes no report"
NOT_FINAL: Final = "the decision is not final yet"
NO_COUNTERPART: Final = "DEQAR has no such decision"
NO_IDENTIFIER: Final = "the institution has no DEQARINST, ETER or Erasmus identifier here"


def _released(session: Session, body_id: uuid.UUID) -> list[tuple[Application, Decision]]:
    query = (
        select(Application, Decision)
        .join(Decision, Decision.application_id == Application.id)
        .join(Release, Release.decision_id == Decision.id)
        .join(Scheme, Scheme.id == Application.scheme_id)
        .where(Scheme.body_id == body_id)
        .order_by(Release.at, Decision.id)
    )
    return [(application, decision) for application, decision in session.execute(query)]


def _obstacle(application: Application, decision: Decision) -> str | None:
    outcome, policy = Outcome(decision.outcome), policy_of(application.policy).policy
    if REPORT not in published_terms(policy, outcome):
        return NOT_PUBLISHED
    when = named_when(policy, outcome.value)
    if when != "at_once" and application.state is not State.CLOSED:
        return NOT_FINAL
    return None if outcome in deqar.DECISIONS else NO_COUNTERPART


def _provider(session: Session, institution_id: uuid.UUID) -> Provider | None:
    query = select(InstitutionIdentifier).where(InstitutionIdentifier.institution_id == institution_id)
    known: Mapping[str, str] = {row.scheme: row.value for row in session.scalars(query)}
    if "deqarinst" in known or "eter" in known:
        return Provider(known.get("deqarinst", ""), known.get("eter", ""))
    for scheme, resource in deqar.RESOURCES.items():
        if scheme in known:
            return Provider(identifier=known[scheme], resource=resource)
    return None


def _report(
    session: Session,
    application: Application,
    decision: Decision,
    provider: Provider,
    ids: tuple[str, str],
    base_url: str,
) -> DeqarReport:
    query = select(RecognitionEvent).where(RecognitionEvent.decision_id == decision.id)
    event = session.scalars(query.order_by(RecognitionEvent.number).limit(1)).one_or_none()
    start = event.effective_from if event else decision.decided_at
    end = event.valid_until if event else None
    return DeqarReport(
        agency=ids[0],
        activity=ids[1],
        local_identifier=str(decision.id),
        decision=deqar.DECISIONS[Outcome(decision.outcome)],
        valid_from=start.date(),
        valid_to=end.date() if end and end.date() > start.date() else None,
        link=f"{base_url}/en/decisions/{decision.id}",
        provider=provider,
    )


def document(session: Session, body_id: uuid.UUID, name: str, base_url: str) -> tuple[bytes, str]:
    """Return the reports of a body as `reports.json` or `reports.csv`, and the media type.

    Raises:
        Conflict: the body has not named its agency and activity in DEQAR.
    """
    if profile_of(session, body_id) is None:
        raise Conflict(
            "name the agency and the activity that DEQAR has given this body first; none is assumed"
        )
    reports = reports_of(session, body_id, base_url).ready
    if name.endswith(".csv"):
        return deqar.build_csv(reports), "text/csv; charset=utf-8"
    return deqar.build_json(reports), "application/json"
