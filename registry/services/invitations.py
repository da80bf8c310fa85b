"""Inviting experts: a link by mail joins an account to the pool of a body, and gives it the role of a reviewer."""

import uuid
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry.domain.roles import Role
from registry.errors import Conflict, FieldError, InvalidInput, NotFound
from registry.mail import Mailer
from registry.models.account import Account
from registry.models.people import Expert, ExpertInvitation
from registry.services import access, accounts, experts, sessions
from registry.services.experts import ExpertDetails
from registry.services.recording import audit

VALID = timedelta(days=30)
"""How long an invitation can be accepted."""
_SUBJECTS = {
    "en": "An invitation to review for {body}",
    "pl": "Zaproszenie do oceniania dla: {body}",
}
_LETTERS = {
    "en": (
        "{body} invites you to its pool of experts.\n"
        "See what this means, and accept or ignore it, until {until}:\n{link}\n"
    ),
    "pl": (
        "{body} zaprasza do swojej bazy ekspertów.\n"
        "Szczegóły oraz przyjęcie zaproszenia, ważnego do {until}:\n{link}\n"
    ),
}


def invite(
    session: Session,
    body_id: uuid.UUID,
    name: str,
    email: str,
    language: str,
    details: ExpertDetails,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> Expert:
    """Enter an expert into the pool; who reviews for the body already is in at once, everybody else gets an invitation.

    Raises:
        NotAllowed: the actor does not keep this pool.
        InvalidInput: name, address or a detail is wrong.
        Conflict: the pool has this address already.
    """
    experts.require_manager(session, body_id, actor, at)
    row = experts.new_expert(body_id, name, email, language, actor, at)
    problems = [] if row.name else [FieldError("name", "write the name")]
    if not accounts.is_address(row.email):
        problems.append(FieldError("email", "write an e-mail address such as name@example.org"))
    if problems:
        raise InvalidInput("the entry cannot be saved: check the fields named", problems)
    account = session.scalars(select(Account).where(Account.email == row.email)).one_or_none()
    if account is not None and access.holds(session, account.id, Role.REVIEWER, at=at, body=body_id):
        row.account_id = account.id
    experts.add(session, row, details, at)
    if row.account_id is None:
        _make(session, row, actor, at)
    return row


def invite_again(session: Session, expert_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> Expert:
    """Send another invitation; earlier links no longer work.

    Raises:
        Conflict: the expert has joined already.
    """
    row = experts.visible(session, expert_id, actor=actor, at=at)
    experts.require_manager(session, row.body_id, actor, at)
    if row.account_id is not None:
        raise Conflict("this person has joined the pool already")
    for one in row.invitations:
        one.withdrawn_at = one.withdrawn_at or at
    _make(session, row, actor, at)
    return row


def _make(session: Session, row: Expert, actor: uuid.UUID, at: datetime) -> None:
    row.invitations.append(ExpertInvitation(made_by=actor, made_at=at, expires_at=at + VALID))
    session.flush()
    audit(session, "expert.invited", actor=actor, at=at, of=("expert", row.id))


def open_invitation(session: Session, secret: str, *, at: datetime) -> ExpertInvitation:
    """Return the invitation of a link.

    Raises:
        NotFound: no such invitation, or it was accepted, withdrawn, or ran out.
    """
    query = select(ExpertInvitation).where(ExpertInvitation.token_hash == sessions.digest(secret))
    found = session.scalars(query).one_or_none()
    if found is None or found.accepted_at or found.withdrawn_at or at >= found.expires_at:
        raise NotFound("this invitation no longer holds")
    return found


def accept(session: Session, secret: str, *, actor: uuid.UUID, at: datetime) -> Expert:
    """Accept an invitation with the account that is signed in: it joins the pool and reviews for the body.

    Raises:
        NotFound: the invitation no longer holds.
        Conflict: the account is in the pool already, or holds a role that a reviewer may not hold.
    """
    invitation = open_invitation(session, secret, at=at)
    row = invitation.expert
    taken = select(Expert.id).where(Expert.body_id == row.body_id, Expert.account_id == actor)
    if row.account_id is not None or session.scalar(taken) is not None:
        raise Conflict("this person is in the pool already")
    row.account_id, invitation.accepted_at = actor, at
    if not access.holds(session, actor, Role.REVIEWER, at=at, body=row.body_id):
        accounts.record_grant(
            session, actor, Role.REVIEWER, body_id=row.body_id, actor=invitation.made_by, at=at
        )
    session.flush()
    audit(session, "expert.joined", actor=actor, at=at, of=("expert", row.id))
    return row


def are_waiting(session: Session) -> bool:
    """Whether any invitation has to be mailed."""
    return session.scalar(_unsent().with_only_columns(ExpertInvitation.id).limit(1)) is not None


def send_waiting(session: Session, mailer: Mailer, base_url: str, *, at: datetime) -> int:
    """Mail the invitations that wait and return how many; the secret of a link is made here and kept only as a hash."""
    waiting = session.scalars(_unsent().limit(100)).all()
    for one in waiting:
        secret = sessions.new_secret()
        one.token_hash, one.sent_at = sessions.digest(secret), at
        mailer.send(f"invitation-{one.id}", _letter(one, f"{base_url}/{one.expert.language}", secret, at))
    session.flush()
    return len(waiting)


def _unsent() -> Select[ExpertInvitation]:
    return select(ExpertInvitation).where(
        ExpertInvitation.sent_at.is_(None), ExpertInvitation.withdrawn_at.is_(None)
    )


def _letter(one: ExpertInvitation, base: str, secret: str, at: datetime) -> EmailMessage:
    language, body = one.expert.language, one.expert.body
    values = {
        "body": body.names.get(language) or body.legal_name,
        "until": one.expires_at.date().isoformat(),
        "link": f"{base}/invitations/{secret}",
    }
    letter = EmailMessage()
    letter["To"] = one.expert.email
    letter["Subject"] = _SUBJECTS[language].format(**values)
    letter["Date"] = at
    letter.set_content(_LETTERS[language].format(**values))
    return letter
