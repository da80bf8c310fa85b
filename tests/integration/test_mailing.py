"""Mail: on every step, to those concerned, in their language, without anything of the case."""

from email.message import EmailMessage

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
    for _to, subject, text in letters:
        assert case.reference in subject
        assert f"{case.due_at:%Y-%m-%d}" in text
        assert "https://registry.example/pl/" in text
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
