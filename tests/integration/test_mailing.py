"""Mail: on every step, to those concerned, in their language, without anything of the case."""

import re
from email.message import EmailMessage
from pathlib import Path

from registry.domain.workflow import Action
from registry.models.account import Account
from registry.models.application import Application
from registry.services import mailing

from support.world import World


class Letterbox:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    def send(self, name: str, letter: EmailMessage) -> None:
        assert name
        self.letters.append(letter)


def sent(world: World) -> list[tuple[str, str, str]]:
    """Return recipient, subject and text of what waits."""
    box = Letterbox()
    mailing.send_waiting(world.session, box, base_url="https://registry.example", at=world.clock())
    return [(m["To"], m["Subject"], m.get_content()) for m in box.letters]


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
