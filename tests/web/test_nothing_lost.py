"""Nothing that was written is lost: a session that ended gives it back, and so does whoever was faster."""

from support.page_forms import forms_of
from support.town import Town

WORDS = "A long reason,\nin two lines, that nobody wants to write twice."


def test_what_was_typed_comes_back_and_is_sent_after_signing_in_again(town: Town) -> None:
    case, browser = town.walk(until="committee"), town.browser("chair")
    page = f"/cases/{case}/committee"
    form = browser.form(page, f"{page}/motion")
    browser.client.delete_cookie("session")
    answer = browser.send_form(form, page, {"outcome": "refuse", "reasons": WORDS})
    assert answer.status_code == 400
    assert "Nothing has been sent yet" in answer.text
    [kept] = [one for one in forms_of(answer.text) if one.action.endswith("/motion")]
    assert kept.values["reasons"] == [WORDS]
    assert kept.values["outcome"] == ["refuse"]
    town.browsers.clear()
    again = town.browser("chair")
    late = again.send_form(kept, page, {})  # the token is of no session of this person: asked once more
    assert late.status_code == 400
    [kept] = [one for one in forms_of(late.text) if one.action.endswith("/motion")]
    assert again.send_form(kept, page, {}).status_code == 303
    assert "A long reason," in again.see(page)


def test_the_kept_page_speaks_polish_and_names_what_cannot_be_kept(town: Town) -> None:
    case, browser = town.walk(until="draft"), town.browser("ada", "pl")
    criterion, item = next(
        (c.id, i.id) for c, i in town.policy.evidence_items() if i.provided_by == "applicant"
    )
    page = f"/apply/{case}/evidence/{criterion}"
    browser.client.delete_cookie("session")
    answer = browser.client.post(
        f"/pl{page}/{item}", data={"text": "Cały dokument, słowo po słowie.", "csrf_token": "x"}
    )
    assert answer.status_code == 400
    for words in ("Niczego jeszcze nie wysłano", "Cały dokument, słowo po słowie.", "Wyślij ponownie"):
        assert words in answer.text


def test_reasons_that_are_too_long_or_unreadable_are_refused_and_shown(town: Town) -> None:
    case = town.walk(until="review")
    page, officer = f"/cases/{case}", town.browser("officer")
    for note, problem in (
        ("word " * 500, "At most 2000 characters"),
        (" ", "Give your reasons"),
        ("The register\u202e is closed.", "invisible"),
    ):
        fields = {"action": "put_on_hold", "note": note}
        answer = officer.send_form(officer.form(page, f"{page}/act"), page, fields)
        assert answer.status_code == 422
        assert problem.lower() in answer.text.lower()
        assert note.strip()[:12] in answer.text
    assert "On hold" not in officer.see(page)


def test_who_was_overtaken_finds_what_they_typed_and_what_happened(town: Town) -> None:
    case = town.walk(until="review")
    page, officer = f"/cases/{case}", town.browser("officer")
    early = officer.form(page, f"{page}/act")
    officer.do(page, f"{page}/act", {"action": "put_on_hold", "note": "The register is closed."})
    answer = officer.send_form(early, page, {"action": "put_on_hold", "note": "The officer is on leave."})
    assert answer.status_code == 409
    for words in ("Nothing was saved", "Last step", "On hold", "What you typed", "The officer is on leave."):
        assert words in answer.text
