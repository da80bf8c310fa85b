"""Mail to people: short, in their language, without case content: which case, whose move, until when, where to look.

ONE table has the texts by kind; who gets a message follows from what it names: an account, a case (its applicant, and
whoever has it on their desk), or a body's case officers.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from registry.domain.clocks import Side
from registry.domain.roles import CaseRole, Role
from registry.domain.workflow import busy, movers
from registry.models.account import Account, RoleGrant
from registry.models.application import Application
from registry.models.publication import OutboxMessage
from registry.models.review import Assignment
from registry.services.outbox import MAIL

AT_ONCE = 50
"""Messages that are read, sent and noted together."""
Words = Mapping[str, tuple[str, str]]
"""Language -> subject and sentence; `{case}`, `{day}` and `{side}` stand for what they say."""

_OTHER: Words = {
    "en": ("Something has changed", "Something that concerns you has changed in the registry."),
    "pl": ("Nastąpiła zmiana", "W rejestrze zaszła zmiana, która Cię dotyczy."),
}
_TEXTS: Mapping[str, Words] = {
    "case_moved": {
        "en": ("Case {case}: a step was taken", "A step was taken in case {case}. {side}"),
        "pl": ("Sprawa {case}: wykonano krok", "W sprawie {case} wykonano krok. {side}"),
    },
    "on_your_desk": {
        "en": ("Case {case} is on your desk", "Case {case} waits for you. {side}"),
        "pl": ("Sprawa {case} czeka na Ciebie", "Sprawa {case} czeka na Twój ruch. {side}"),
    },
    "deadline_soon": {
        "en": ("Case {case}: due on {day}", "A deadline in case {case} ends on {day}."),
        "pl": ("Sprawa {case}: termin {day}", "Termin w sprawie {case} upływa {day}."),
    },
    "deadline_overdue": {
        "en": ("Case {case}: the deadline has passed", "A deadline in case {case} ended on {day}."),
        "pl": ("Sprawa {case}: termin upłynął", "Termin w sprawie {case} upłynął {day}."),
    },
    "hearing_opened": {
        "en": (
            "Case {case}: a notice waits for your answer",
            "A notice in case {case} waits for your answer. {side}",
        ),
        "pl": (
            "Sprawa {case}: zawiadomienie czeka na odpowiedź",
            "Zawiadomienie w sprawie {case} czeka na odpowiedź. {side}",
        ),
    },
    "part_given": {
        "en": (
            "You were given a part in a case",
            "You were given a part in a case. Declare your interests first.",
        ),
        "pl": (
            "Powierzono Ci rolę w sprawie",
            "Powierzono Ci rolę w sprawie. Najpierw złóż oświadczenie o powiązaniach.",
        ),
    },
    "change_reported": {
        "en": ("An issuer told a change", "An issuer told a change that somebody has to look at."),
        "pl": ("Wydawca zgłosił zmianę", "Wydawca zgłosił zmianę, którą trzeba się zająć."),
    },
    "case_changed": {
        "en": ("Case {case}: something has changed", "Something has changed in case {case}."),
        "pl": ("Sprawa {case}: nastąpiła zmiana", "W sprawie {case} nastąpiła zmiana."),
    },
    "objection": {
        "en": ("A word on a panel", "An institution has said whether it objects to a proposed panel."),
        "pl": (
            "Stanowisko wobec zespołu oceniającego",
            "Instytucja powiedziała, czy zgłasza zastrzeżenia do zaproponowanego zespołu oceniającego.",
        ),
    },
    "complaint_received": {
        "en": ("A complaint has come in", "A complaint waits for your body."),
        "pl": ("Wpłynęła skarga", "Do jednostki akredytującej wpłynęła skarga."),
    },
    "complaint_asked": {
        "en": (
            "You are asked about a complaint",
            "The accreditation body asks you to answer to a complaint.",
        ),
        "pl": (
            "Pytanie w sprawie skargi",
            "Jednostka akredytująca prosi o odpowiedź w sprawie skargi.",
        ),
    },
    "complaint_answered": {
        "en": ("An issuer has answered to a complaint", "An issuer has answered to a complaint."),
        "pl": ("Wydawca odpowiedział na skargę", "Wydawca odpowiedział na skargę."),
    },
    "complaint_resolved": {
        "en": ("A complaint has been dealt with", "The accreditation body has dealt with a complaint."),
        "pl": ("Skargę rozpatrzono", "Jednostka akredytująca rozpatrzyła skargę."),
    },
    "claim_confirmed": {
        "en": ("You may act for an institution now", "Two people confirmed that you act for an institution."),
        "pl": (
            "Możesz już działać w imieniu instytucji",
            "Dwie osoby potwierdziły, że działasz w imieniu instytucji.",
        ),
    },
}
"""Kinds that are not here are told with a plain sentence, with the case where there is one."""
_PLACES: Mapping[str, str] = {
    "part_given": "cases",
    "objection": "cases",
    "change_reported": "cases/monitoring",
    "complaint_received": "cases/complaints",
    "complaint_answered": "cases/complaints",
    "complaint_asked": "apply",
    "complaint_resolved": "apply",
    "claim_confirmed": "apply",
}
"""Where to look, below the address of the language, for what names no case; without a place: the start page."""
_SIDES: Mapping[str, Mapping[Side | None, str]] = {
    "en": {
        Side.APPLICANT: "The institution has the move, until {day}.",
        Side.BODY: "The accreditation body has the move, until {day}.",
        None: "",
    },
    "pl": {
        Side.APPLICANT: "Ruch należy do instytucji, do {day}.",
        Side.BODY: "Ruch należy do jednostki akredytującej, do {day}.",
        None: "",
    },
}
_FRAME: Mapping[str, tuple[str, str]] = {
    "en": ("Registry of recognized issuers: {subject}", "{sentence}\n\nSign in to see it: {url}\n"),
    "pl": ("Rejestr uznanych wydawców: {subject}", "{sentence}\n\nZaloguj się, aby to zobaczyć: {url}\n"),
}


@dataclass(frozen=True, slots=True)
class _Letter:
    """One message to one person; `ours` where they act for the institution of the case."""

    person: Account
    kind: str
    application: Application | None
    ours: bool = False

    @property
    def page(self) -> str:
        """Where to look, below the address of the language."""
        if self.application is None:
            return _PLACES.get(self.kind, "")
        return f"{'apply' if self.ours else 'cases'}/{self.application.id}"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of the outbox as letters, each with a name of its own."""

    number: int
    letters: tuple[tuple[str, EmailMessage], ...]


def waiting(session: Session, *, base_url: str, at: datetime) -> list[Mail]:
    """Return mail that is due, oldest first, some messages at a time.

    It is sent with no transaction open: a mail server may be slow, and on SQLite nobody else could write meanwhile.
    """
    messages = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.topic == MAIL, OutboxMessage.done_at.is_(None), OutboxMessage.due_at <= at)
        .order_by(OutboxMessage.number)
        .limit(AT_ONCE)
    )
    return [_mail(session, message, base_url, at) for message in messages]


def _mail(session: Session, message: OutboxMessage, base_url: str, at: datetime) -> Mail:
    letters = _letters(session, message.payload)
    named = ((f"{message.number}-{one.person.id}", _written(one, base_url, at)) for one in letters)
    return Mail(message.number, tuple(named))


def note_sent(session: Session, numbers: Sequence[int], at: datetime) -> None:
    """Note messages whose letters went out."""
    session.execute(update(OutboxMessage).where(OutboxMessage.number.in_(numbers)).values(done_at=at))


def _letters(session: Session, payload: Mapping[str, Any]) -> Iterable[_Letter]:
    kind = payload["kind"]
    if "account" in payload:
        account = session.get(Account, uuid.UUID(payload["account"]))
        if account is not None and account.active:
            yield _Letter(account, kind, None)
    elif "application" in payload:
        application = session.get(Application, uuid.UUID(payload["application"]))
        if application is not None:
            yield from _about_case(session, kind, application, payload.get("side"))
    elif "body" in payload:
        officers = _holding(session, RoleGrant.body_id == uuid.UUID(payload["body"]), Role.CASE_OFFICER)
        yield from (_Letter(person, kind, None) for person in officers)


def _about_case(session: Session, kind: str, application: Application, side: str | None) -> Iterable[_Letter]:
    """Write to the applicant, and to whoever has the case on their desk; a reminder goes to the side it concerns."""
    if side != Side.BODY.value:
        people = _holding(
            session,
            RoleGrant.institution_id == application.institution_id,
            Role.OWNER,
            Role.SIGNATORY,
        )
        yield from (_Letter(person, kind, application, ours=True) for person in people)
    if side == Side.BODY.value or kind == "case_moved":
        word = kind if side else "on_your_desk"
        yield from (_Letter(person, word, application) for person in _desk(session, application))


def _desk(session: Session, application: Application) -> list[Account]:
    """Return who has the case on their desk; whoever took the last step knows of it, and nobody else yet of a draft."""
    if application.submitted_at is None:
        return []
    last = application.events[-1].actor if application.events else None
    parts = [role for role in busy(application.state) if isinstance(role, CaseRole)]
    query = (
        select(Account)
        .join(Assignment, Assignment.account_id == Account.id)
        .where(
            Assignment.application_id == application.id,
            Assignment.ended_at.is_(None),
            Assignment.role.in_(parts),
            Account.active,
        )
    )
    people = list(session.scalars(query))
    roles = [role for role in movers(application.state) if isinstance(role, Role)]
    if not people and roles:
        people = list(_holding(session, RoleGrant.body_id == application.scheme.body_id, *roles))
    return [person for person in people if person.id != last]


def _holding(session: Session, place: ColumnElement[bool], *roles: Role) -> Sequence[Account]:
    query = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(place, RoleGrant.role.in_(roles), RoleGrant.revoked_at.is_(None), Account.active)
        .distinct()
    )
    return session.scalars(query).all()


def _written(letter: _Letter, base_url: str, at: datetime) -> EmailMessage:
    language, case = letter.person.language, letter.application
    values = {"case": case.reference if case else "", "day": _day(case)}
    values["side"] = _SIDES[language][case.clock_side].format(**values) if case and case.due_at else ""
    words = _TEXTS.get(letter.kind, _TEXTS["case_changed"] if case else _OTHER)
    subject, sentence = (text.format(**values).strip() for text in words[language])
    frame, body = _FRAME[language]
    message = EmailMessage()
    message["To"] = letter.person.email
    message["Subject"] = frame.format(subject=subject)
    message["Date"] = at
    message.set_content(body.format(sentence=sentence, url=f"{base_url}/{language}/{letter.page}"))
    return message


def _day(application: Application | None) -> str:
    """Return the day of the deadline at the place of the body."""
    if application is None or application.due_at is None:
        return ""
    return f"{application.due_at.astimezone(ZoneInfo(application.scheme.body.time_zone)):%Y-%m-%d}"
