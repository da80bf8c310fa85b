"""Complaints: anybody may bring one without an account; a complaints officer and, once asked, the issuer read it.

How to reach whoever complained lies in a row of its own: only the officer reads it, and it can go at any time.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry.domain.complaints import ANONYMOUS, ComplaintOutcome, ComplaintState, ComplaintStep, days_of
from registry.domain.policy_terms import Complaints
from registry.domain.roles import INSTITUTION_ROLES, Role
from registry.domain.text import clean
from registry.errors import FieldError, InvalidInput, NotFound
from registry.models.account import RoleGrant
from registry.models.body import Scheme
from registry.models.complaint import Complaint, ComplaintContact, ComplaintEvent
from registry.models.institution import Institution
from registry.models.issuer import Issuer
from registry.services import access, complaint_contacts, desk, signals
from registry.services.bodies import current_policy, policy_of, scheme_by_slug
from registry.services.complaint_parts import is_concerned
from registry.services.deadlines import calendar_of
from registry.services.recording import audit, enqueue, next_number
from registry.services.sessions import digest, new_secret
from registry.services.sign_in import TooManyAttempts
from registry.signing.sealing import Seals

COUNTER = "complaint"
TEXT_LIMIT = 20_000
CONTACT_LIMIT = 500
WINDOW = timedelta(minutes=15)
MOST_IN_WINDOW = 20
"""Complaints to one body; no network address is kept, so they are counted together."""
LEAST_SHOWN = 10
"""Below this many, no figure is public: few complaints would point at people."""
OFFICERS = (Role.COMPLAINTS_OFFICER,)
READERS = (Role.COMPLAINTS_OFFICER, Role.AUDITOR)


class TooManyComplaints(TooManyAttempts):
    """A body gets more complaints at once than people write; `retry_after` in seconds."""

    def __init__(self) -> None:
        super().__init__(int(WINDOW.total_seconds()))
        self.args = ("Too many complaints arrive at this moment. Wait a quarter of an hour and try again.",)


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """What somebody brings forward. `scheme` and `issuer` are slugs; without an issuer: about the body or the register."""

    scheme: str
    who: str
    about: str
    text: str
    issuer: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Lodged:
    """A complaint that was taken in, and the secret that opens its page; the secret is told once."""

    complaint: Complaint
    secret: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A complaint as the issuer sees it: what it was asked, until when, what came of it; nothing tells who complained."""

    id: uuid.UUID
    reference: str
    text: str
    asked_at: datetime
    due_at: datetime | None
    reply: str | None
    outcome: ComplaintOutcome | None
    reasons: str | None


def terms_of(complaint: Complaint) -> Complaints:
    """Return the rules under which a complaint came in."""
    return policy_of(complaint.policy).policy.complaints


def terms_for(session: Session, scheme: Scheme, at: datetime) -> Complaints:
    """Return the rules for a complaint that comes in now."""
    return policy_of(current_policy(session, scheme, at=at)).policy.complaints


def issuer_by_slug(session: Session, scheme: Scheme, slug: str) -> Issuer | None:
    """Return the issuer that a scheme lists under an address, or None."""
    query = select(Issuer).join(Institution, Institution.id == Issuer.institution_id)
    return session.scalars(query.where(Institution.slug == slug, Issuer.scheme_id == scheme.id)).one_or_none()


def schemes_listing(session: Session, slug: str) -> Sequence[Scheme]:
    """Return the schemes that list the institution of an address; without one, every scheme."""
    query = select(Scheme).order_by(Scheme.slug)
    if slug:
        query = (
            query.join(Issuer, Issuer.scheme_id == Scheme.id)
            .join(Institution, Institution.id == Issuer.institution_id)
            .where(Institution.slug == slug)
        )
    return session.scalars(query).all()


def lodge(session: Session, seals: Seals, new: NewComplaint, *, at: datetime) -> Lodged:
    """As anybody: bring a complaint forward. It needs no account, and no name where the policy allows that.

    Raises:
        InvalidInput: something is missing, or the policy knows no such complaint.
        TooManyComplaints: more arrive at this body than people write.
    """
    scheme = scheme_by_slug(session, new.scheme)
    issuer = issuer_by_slug(session, scheme, new.issuer) if new.issuer else None
    problems = _problems(new, terms_for(session, scheme, at))
    if new.issuer and issuer is None:
        problems.append(FieldError("issuer", "this scheme lists no such issuer"))
    if problems:
        raise InvalidInput("this complaint cannot be taken in yet", problems)
    _limit(session, scheme.body_id, at)
    secret = new_secret()
    row = _entered(session, new, scheme, issuer, secret, at)
    if new.contact.strip():
        complaint_contacts.keep(session, seals, row.id, clean(new.contact))
    note(session, row, ComplaintStep.RECEIVE, "", actor=None, at=at)
    session.flush()
    tell(session, RoleGrant.body_id == row.body_id, OFFICERS, "complaint_received", at)
    if issuer is not None:
        signals.notice(session, issuer, "complaint_rate", at=at)
    return Lodged(row, secret)


def _problems(new: NewComplaint, terms: Complaints) -> list[FieldError]:
    problems = []
    if new.who not in {item.id for item in terms.who} or (
        new.who == ANONYMOUS and not terms.anonymous_allowed
    ):
        problems.append(FieldError("who", "say in what part you complain"))
    if new.about not in {item.id for item in terms.about}:
        problems.append(FieldError("about", "say what it is about"))
    if not 0 < len(new.text.strip()) <= TEXT_LIMIT:
        problems.append(FieldError("text", f"say what happened, in at most {TEXT_LIMIT} characters"))
    if len(new.contact) > CONTACT_LIMIT:
        problems.append(FieldError("contact", f"at most {CONTACT_LIMIT} characters"))
    if not terms.anonymous_allowed and not new.contact.strip():
        problems.append(FieldError("contact", "this body takes no complaint without a way to reach you"))
    return problems


def _limit(session: Session, body_id: uuid.UUID, at: datetime) -> None:
    recent = select(func.count()).where(Complaint.body_id == body_id, Complaint.received_at > at - WINDOW)
    if (session.scalar(recent) or 0) >= MOST_IN_WINDOW:
        raise TooManyComplaints


def _entered(
    session: Session, new: NewComplaint, scheme: Scheme, issuer: Issuer | None, secret: str, at: datetime
) -> Complaint:
    policy = current_policy(session, scheme, at=at)
    row = Complaint(
        reference=f"C-{at:%Y}-{next_number(session, COUNTER, at):05d}",
        body_id=scheme.body_id,
        scheme=scheme,
        issuer=issuer,
        policy=policy,
        who=new.who,
        about=new.about,
        text=clean(new.text),
        state=ComplaintState.RECEIVED,
        secret_hash=digest(secret),
        received_at=at,
        events=[],
    )
    row.due_at = due_of(row, at)
    session.add(row)
    session.flush()
    return row


def due_of(row: Complaint, at: datetime) -> datetime | None:
    """Return by when the present state should be over; the issuer's days count from now, the body's from the beginning."""
    days = days_of(terms_of(row), row.state)
    if days is None:
        return None
    start = at if row.state is ComplaintState.ISSUER_REPLY else row.received_at
    return calendar_of(row.scheme.body).plus_calendar_days(start, days)


def resolve_until(row: Complaint) -> datetime:
    """Return by when a complaint should be over."""
    return calendar_of(row.scheme.body).plus_calendar_days(row.received_at, terms_of(row).resolve_days)


def note(
    session: Session,
    row: Complaint,
    taken: ComplaintStep,
    text: str,
    *,
    actor: uuid.UUID | None,
    at: datetime,
) -> None:
    """Note a step with what was said in it; `actor` None is whoever complained."""
    row.events.append(
        ComplaintEvent(number=len(row.events) + 1, step=taken, text=clean(text), actor=actor, at=at)
    )
    session.flush()
    audit(session, f"complaint.{taken.value}", actor=actor or "anybody", at=at, of=("complaint", row.id))


def tell(
    session: Session, place: ColumnElement[bool], roles: Sequence[Role], kind: str, at: datetime
) -> None:
    """Write to whoever holds one of `roles` at a place."""
    query = select(RoleGrant.account_id).where(
        place,
        RoleGrant.role.in_(roles),
        RoleGrant.revoked_at.is_(None),
    )
    for account in sorted(set(session.scalars(query))):
        enqueue(session, "mail", {"kind": kind, "account": str(account)}, at=at)


def follow(session: Session, secret: str) -> Complaint:
    """Return the complaint whose page a secret opens, or raise `NotFound`."""
    row = session.scalars(select(Complaint).where(Complaint.secret_hash == digest(secret))).one_or_none()
    if row is None:
        raise NotFound("no such complaint")
    return row


def visible(
    session: Session,
    complaint_id: uuid.UUID,
    *roles: Role,
    actor: uuid.UUID,
    at: datetime,
    lock: bool = False,
) -> Complaint:
    """Return a complaint to whoever holds one of `roles` for its body and has no part in what it is about.

    Raises:
        NotFound: there is none, or not for this person.
    """
    row = session.get(Complaint, complaint_id, with_for_update=lock or None)
    if (
        row is None
        or not access.holds(session, actor, *roles, at=at, body=row.body_id)
        or is_concerned(session, row.issuer, actor)
    ):
        raise NotFound(f"no complaint {complaint_id}")
    return row


def complaints_of(
    session: Session, *, closed: bool = False, actor: uuid.UUID, at: datetime, limit: int = 200
) -> Sequence[Complaint]:
    """Return the complaints that a person may read, open ones by deadline, closed ones newest first."""
    bodies = [body.id for body in desk.bodies_of(session, *READERS, actor=actor, at=at)]
    query = select(Complaint).where(Complaint.body_id.in_(bodies))
    if closed:
        query = query.where(Complaint.closed_at.is_not(None)).order_by(Complaint.closed_at.desc())
    else:
        query = query.where(Complaint.closed_at.is_(None)).order_by(Complaint.due_at, Complaint.reference)
    rows = session.scalars(query.limit(limit)).all()
    return [row for row in rows if not is_concerned(session, row.issuer, actor)]


def contact_of(
    session: Session, seals: Seals, complaint_id: uuid.UUID, *, actor: uuid.UUID, at: datetime
) -> str | None:
    """As the officer: return how to reach whoever complained, or None.

    Raises:
        Unreadable: the key that sealed it is gone, or the row was changed.
    """
    row = visible(session, complaint_id, *OFFICERS, actor=actor, at=at)
    return complaint_contacts.read(session, seals, row.id)


def erase_contact(session: Session, complaint_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> None:
    """As the officer: let go of how to reach whoever complained."""
    row = visible(session, complaint_id, *OFFICERS, actor=actor, at=at, lock=True)
    found = session.get(ComplaintContact, row.id)
    if found is not None:
        session.delete(found)
        session.flush()
        audit(session, "complaint.contact_erased", actor=actor, at=at, of=("complaint", row.id))


def asked_of(session: Session, issuer_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> list[Asked]:
    """As the issuer: return the complaints on which it was asked, newest first."""
    issuer = session.get(Issuer, issuer_id)
    if issuer is None or not access.holds(
        session, actor, *INSTITUTION_ROLES, at=at, institution=issuer.institution_id
    ):
        raise NotFound(f"no issuer {issuer_id}")
    rows = session.scalars(select(Complaint).where(Complaint.issuer_id == issuer.id))
    found = [_asked(row) for row in rows if has_step(row, ComplaintStep.ASK_ISSUER)]
    return sorted(found, key=lambda one: one.asked_at, reverse=True)


def _asked(row: Complaint) -> Asked:
    said = {event.step: event for event in row.events}
    asked, reply = said[ComplaintStep.ASK_ISSUER], said.get(ComplaintStep.REPLY)
    resolved = said.get(ComplaintStep.RESOLVE)
    return Asked(
        row.id,
        row.reference,
        asked.text,
        asked.at,
        row.due_at if row.state is ComplaintState.ISSUER_REPLY else None,
        reply.text if reply else None,
        row.outcome if resolved else None,
        resolved.text if resolved else None,
    )


def has_step(row: Complaint, taken: ComplaintStep) -> bool:
    """Whether a step was taken."""
    return any(event.step is taken for event in row.events)


def statistics(session: Session, body_id: uuid.UUID) -> dict[ComplaintOutcome, int] | None:
    """Return how many closed complaints of a body had which outcome, or None where there are too few to tell."""
    query = (
        select(Complaint.outcome, func.count())
        .where(Complaint.body_id == body_id, Complaint.outcome.is_not(None))
        .group_by(Complaint.outcome)
    )
    found = {outcome: count for outcome, count in session.execute(query) if outcome is not None}
    return found if sum(found.values()) >= LEAST_SHOWN else None
