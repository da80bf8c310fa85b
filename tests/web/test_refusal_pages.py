"""Bad input and conflict on pages: one wins, the other is told in a sentence what happened, in the language of the page."""

import re

import pytest
from werkzeug.test import TestResponse

from registry.domain.workflow import Action, State
from registry.web.labels import label

from support.town import Town

CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")


def lead(answer: TestResponse) -> str:
    """Return what the page says first, and check that it speaks in sentences and not in codes."""
    assert "<h1>" in answer.text
    found = re.search(r'<p class="lead">([^<]+)</p>', answer.text) or re.search(
        r'<li><a href="#[^"]*">([^<]+)</a>', answer.text
    )
    assert found is not None, answer.text[-2500:]
    assert CODE.search(found[1]) is None, found[1]
    assert found[1].strip()[-1] in ".:!?", found[1]
    return found[1]


@pytest.mark.parametrize("language", ["en", "pl"])
def test_the_second_of_two_who_act_sees_what_the_first_did(town: Town, language: str) -> None:
    case = town.walk(until="submitted")
    first, second = town.browser("intake", language), town.sign_in("intake", language)
    form = second.form(f"/cases/{case}", f"/cases/{case}/act")
    first.do(f"/cases/{case}", f"/cases/{case}/act", {"action": "open"})
    answer = second.send_form(form, f"/cases/{case}", {"action": "open"})
    assert answer.status_code == 409
    said = {"en": "Somebody else changed this case", "pl": "Ktoś inny zmienił w tym czasie sprawę"}
    assert lead(answer).startswith(said[language])
    with town.app.test_request_context(f"/{language}/"):
        assert f"<dd>{label(State.COMPLETENESS_CHECK)}, " in answer.text, "how the case looks now"
        assert f"<dd>{label(Action.OPEN)}, " in answer.text, "the step that won"
    assert f"/{language}/cases/{case}" in answer.text, "the way back"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "is not possible in the state"), ("pl", "nie jest możliwa w stanie")]
)
def test_a_step_out_of_order_is_refused_with_the_sentence_that_explains_it(
    town: Town, language: str, words: str
) -> None:
    case = town.walk(until="review")
    browser = town.browser("officer", language)
    form = browser.form(f"/cases/{case}", f"/cases/{case}/act")
    answer = browser.send_form(form, f"/cases/{case}", {"action": "open"})
    assert answer.status_code == 409
    assert words in lead(answer)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "declare your interests first"), ("pl", "oświadczenie")]
)
def test_somebody_locked_out_is_told_how_the_file_opens(town: Town, language: str, words: str) -> None:
    case = town.walk(until="submitted")
    intake = town.browser("intake", language)
    intake.do(f"/cases/{case}", f"/cases/{case}/act", {"action": "open"})
    answer = intake.client.get(f"/{language}/cases/{case}/evidence")
    assert answer.status_code == 403
    assert words in answer.text.lower()


@pytest.mark.parametrize("language", ["en", "pl"])
def test_an_appeal_after_its_days_is_refused_with_the_reason(town: Town, language: str) -> None:
    case = town.walk(until="released")
    ada = town.browser("ada", language)
    page = f"/apply/{case}/appeal"
    form = ada.form(page)
    town.clock.advance(days=120)
    town.everybody_signs_in_again()
    late = town.browser("ada", language)
    shown = late.see(page)
    assert {"en": "The time for appeal is over", "pl": "Termin na odwołanie upłynął"}[language] in shown
    answer = late.send_form(form, page, {"grounds": "procedural_error", "text": "Wrong."})
    assert answer.status_code in {400, 409, 422}
    assert CODE.search(re.sub(r"<[^>]+>", " ", answer.text.split("<main", 1)[-1].split("</main>")[0])) is None


def test_a_field_left_empty_is_named_in_a_sentence_at_the_field(town: Town) -> None:
    case = town.walk(until="committee")
    page = f"/cases/{case}/committee"
    answer = town.browser("chair", "pl").send(page, f"{page}/motion", outcome="refuse", reasons="")
    assert answer.status_code == 422
    assert 'href="#reasons"' in answer.text
    assert lead(answer)
