"""Mail to people: short, in their language, with no case content in it."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.roles import Role
from registry.mail import Mailer
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.publication import OutboxMessage
from registry.services.outbox import MAIL

_SUBJECTS = {
    "en": "The registry of recognized issuers: something has changed",
    "pl": "Rejestr uznanych wydawców: nastąpiła zmiana",
}
_BODIES = {
    "en": "Something that concerns you has changed in the registry{about}. Sign in to see it.\n",
    "pl": "W rejestrze zaszła zmiana, która Cię dotyczy{about}. Zaloguj się, aby ją zobaczyć.\n",
}
_ABOUT = {"en": " (case {reference})", "pl": " (sprawa {reference})"}


def send_waiting(session: Session, mailer: Mailer, *, at: datetime) -> int:
    """Hand out the mail that waits and return how many messages went out."""
    waiting = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.topic == MAIL, OutboxMessage.done_at.is_(None), OutboxMessage.due_at <= at)
        .order_by(OutboxMessage.number)
        .limit(500)
    ).all()
    sent = 0
    for message in waiting:
        reference, people = _recipients(session, message)
        for person in people:
            mailer.send(f"{message.number}-{person.id}", _letter(person, reference, at))
            sent += 1
        message.done_at = at
    session.flush()
    return sent


def is_waiting(session: Session, *, at: datetime) -> bool:
    """Whether any mail is due."""
    due = select(OutboxMessage.number).where(
        OutboxMessage.topic == MAIL, OutboxMessage.done_at.is_(None), OutboxMessage.due_at <= at
    )
    return session.scalar(due.limit(1)) is not None


def _recipients(session: Session, message: OutboxMessage) -> tuple[str | None, Sequence[Account]]:
    if "account" in message.payload:
        account = session.get(Account, uuid.UUID(message.payload["account"]))
        return None, [account] if account is not None and account.active else []
    application = session.get(Application, uuid.UUID(message.payload["application"]))
    if application is None:
        return None, []
    query = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.institution_id == application.institution_id,
            RoleGrant.role.in_((Role.OWNER, Role.SIGNATORY)),
            RoleGrant.revoked_at.is_(None),
            Account.active,
        )
        .distinct()
    )
    return application.reference, session.scalars(query).all()


def _letter(person: Account, reference: str | None, at: datetime) -> EmailMessage:
    letter = EmailMessage()
    letter["To"] = person.email
    letter["Subject"] = _SUBJECTS[person.language]
    letter["Date"] = at
    about = _ABOUT[person.language].format(reference=reference) if reference else ""
    letter.set_content(_BODIES[person.language].format(about=about))
    return letter
