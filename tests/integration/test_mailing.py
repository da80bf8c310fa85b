"""Mail: on every step, to those concerned, in their language, without anything of the case."""

import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import update

from registry.database import Database
from registry.domain.workflow import Action
from registry.jobs.publishing import send_mail
from registry.mail import MailNotSent
from registry.models.account import Account
from registry.models.application import Application
from registry.services import mailing
from registry.services.outbox import MAIL
from registry.services.recording import enqueue

from support.world import Registry, World


def sent(world: World) -> list[tuple[str, str, str]]:
    """Return recipient, subject and text of what waits."""
    mails = mailing.waiting(world.session, base_url="https://registry.example", at=world.clock())
    mailing.note_sent(world.session, [mail.number for mail in mails], world.clock())
    return [(m["To"], m["Subject"], m.get_content()) for mail in mails for _name, m in mail.letters]


def address(world: World, word: str) -> str:
    return world.session.get_one(Account, world.people[word]).email


def submitted(world: World) -> Application:
    """Submit a case; what was written before it is out of the way."""
    story = world.story()
    sent(world)
    return world.application(story)


def test_a_submission_reaches_the_applicant_and_intake_with_reference_and_day(world: World) -> None:
    case = submitted(world)
    letters = sent(world)
    owner = world.session.get_one(Account, case.created_by).email
    assert {to for to, _subject, _text in letters} == {owner, address(world, "intake")}
    assert case.due_at is not None
    for to, subject, text in letters:
        assert case.reference in subject
        assert f"{case.due_at:%Y-%m-%d}" in text
        place = "apply" if to == owner else "cases"
        assert f"https://registry.example/pl/{place}/{case.id}\n" in text, "it leads to the case"
    assert sent(world) == []


def test_each_gets_the_language_of_their_account(world: World) -> None:
    sent(world)
    world.session.get_one(Account, world.people["intake"]).language = "en"
    case = submitted(world)
    by_person = {to: subject for to, subject, _text in sent(world)}
    assert by_person[address(world, "intake")] == (
        f"Registry of recognized issuers: Case {case.reference} is on your desk"
    )
    assert (
        f"Sprawa {case.reference}: wykonano krok"
        in by_person[world.session.get_one(Account, case.created_by).email]
    )


KINDS = re.compile(r"\{\"kind\": \"([a-z_]+)\"|tell\([^)]*\"(complaint_[a-z]+)\"")


def test_whatever_is_told_has_words_and_a_place_of_its_own_or_a_case() -> None:
    told = {
        found[1] or found[2]
        for path in (Path(mailing.__file__).parent).glob("*.py")
        for found in KINDS.finditer(path.read_text(encoding="utf-8"))
    }
    of_a_case = {"hearing_opened", "appeal_decided", "visit_planned", "objection_answered", "case_moved"}
    assert {"part_given", "complaint_received", "objection"} <= told
    for kind in told - of_a_case:
        assert kind in mailing._TEXTS, kind
        assert kind in mailing._PLACES, kind


def test_no_letter_says_anything_of_the_case_or_the_institution(world: World) -> None:
    application, _story = world.granted(ratings={"S5": "partially_compliant"})
    texts = "\n".join(f"{subject}\n{text}" for _to, subject, text in sent(world))
    assert application.institution.name not in texts
    for word in ("partial", "condition", "warunk", "refus", "odmow", "suspen", "zawiesz"):
        assert word not in texts.lower()


def test_whoever_took_the_step_is_not_written_to_about_it(world: World) -> None:
    case = submitted(world)
    sent(world)
    world.walk.act(case, Action.OPEN, world.people["intake"])
    assert [to for to, _subject, _text in sent(world)] == [
        world.session.get_one(Account, case.created_by).email
    ]


class FailingServer:
    """Takes so many letters, then none; each time somebody else writes to the database meanwhile."""

    def __init__(self, database: Database, takes: int) -> None:
        self.database, self.takes = database, takes
        self.names: list[str] = []

    def send(self, name: str, letter: EmailMessage) -> None:
        if len(self.names) == self.takes:
            raise MailNotSent("the server is full")
        self.names.append(name)
        with self.database.transaction() as session:
            session.execute(update(Account).values(language="en"))


def test_what_went_out_before_the_server_failed_is_not_sent_again_and_nobody_is_locked_out(
    registry: Registry,
) -> None:
    with registry.world() as world:
        for word in ("intake", "chair", "officer"):
            told = {"kind": "part_given", "account": str(world.people[word])}
            enqueue(world.session, MAIL, told, at=world.clock())
    at, base_url = registry.clock(), "https://registry.example"
    with registry.database.reading() as session:
        names = [
            n for mail in mailing.waiting(session, base_url=base_url, at=at) for n, _letter in mail.letters
        ]
    server = FailingServer(registry.database, takes=len(names) - 1)
    with pytest.raises(MailNotSent):
        send_mail(registry.database, server, base_url, at)
    assert server.names == names[:-1]
    rest = FailingServer(registry.database, takes=len(names))
    send_mail(registry.database, rest, base_url, at)
    assert rest.names == names[-1:]
