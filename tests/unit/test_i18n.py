"""Polish and English: nothing missing, nothing doubtful, the right plural, a label for every name in code."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from registry.domain.recognition import Status
from registry.web import labels
from registry.web.i18n import CATALOGUES, day, init_i18n, instant, load_catalogue, negotiate, number, size
from registry.web.pages import init_pages

ROOT = Path(__file__).resolve().parents[2]
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None, "lazy_ngettext": (1, 2)}
PLACES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


def messages():
    """Yield (message, where) for everything that pages say by `gettext`."""
    for folder in ("registry", "templates"):
        found = extract_from_dir(ROOT / folder, METHODS, {"**.html": {"silent": "false"}}, KEYWORDS)
        for name, line, message, _comments, _context in found:
            yield message, f"{folder}/{name}:{line}"


def catalogue_files():
    return sorted((CATALOGUES / "pl").glob("*.po"))


@pytest.fixture
def app():
    app = Flask("registry")
    init_i18n(app)
    return app


def test_no_polish_message_is_missing():
    polish = load_catalogue("pl")
    missing = []
    for message, where in messages():
        first = message if isinstance(message, str) else message[0]
        key = first if isinstance(message, str) else (first, 0)
        if first and not polish._catalog.get(key):
            missing.append(f"{where}: {first}")
    assert not missing, "add these to a file in registry/translations/pl:\n" + "\n".join(sorted(missing))


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.name)
def test_no_polish_message_is_fuzzy_or_empty(path):
    with path.open("rb") as file:
        for message in read_po(file, locale="pl"):
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            assert not message.id or all(strings), message.id
            assert not message.id or not message.fuzzy, message.id


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.name)
def test_a_translation_keeps_the_places_of_its_message(path):
    with path.open("rb") as file:
        for message in read_po(file, locale="pl"):
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            for string in strings:
                assert set(PLACES.findall(string)) == set(PLACES.findall(ids[-1])), message.id


def test_no_message_is_translated_in_two_ways():
    seen: dict[object, tuple[object, str]] = {}
    for path in catalogue_files():
        with path.open("rb") as file:
            for message in read_po(file, locale="pl"):
                if message.id:
                    known = seen.setdefault((message.id, message.context), (message.string, path.name))
                    assert known[0] == message.string, f"{message.id}: {known[1]} and {path.name}"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 list"),
        (1, "1 lista"),
        (2, "2 listy"),
        (5, "5 list"),
        (12, "12 list"),
        (22, "22 listy"),
        (112, "112 list"),
    ],
)
def test_polish_has_three_plural_forms(count, words):
    assert load_catalogue("pl").ngettext("%(num)s list", "%(num)s lists", count) % {"num": count} == words


@pytest.mark.parametrize("kind", labels.LABELS, ids=lambda kind: kind.__name__)
def test_every_member_of_an_enumeration_has_a_label_in_both_languages(kind):
    table = labels.LABELS[kind]
    assert set(table) == {member.value for member in kind}
    assert all(
        text.as_dict().keys() == {"en", "pl"} and all(text.as_dict().values()) for text in table.values()
    )


def test_every_status_says_what_it_means_for_a_learner():
    assert set(labels.MEANINGS) == {status.value for status in Status}
    for text in labels.MEANINGS.values():
        assert text["en"] != text["pl"]


def test_the_language_is_taken_from_the_address_then_the_cookie_then_the_browser(app):
    def language(path, **request):
        with app.test_request_context(path, **request):
            from registry.web.i18n import current_language

            return current_language()

    polish = {"Accept-Language": "pl-PL,pl;q=0.9,en;q=0.5"}
    assert language("/en/issuers", headers=polish) == "en"
    assert language("/issuers", headers={"Cookie": "language=pl", "Accept-Language": "en"}) == "pl"
    assert language("/issuers", headers=polish) == "pl"
    assert language("/issuers", headers={"Accept-Language": "de"}) == "en"
    assert language("/issuers", headers={"Cookie": "language=xx"}) == "en"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("pl-PL,en;q=0.5", "pl"),
        ("en-GB,pl;q=0.8", "en"),
        ("en;q=0.3,pl-PL;q=0.9", "pl"),
        ("de-DE,pl;q=0.4,en;q=0.2", "pl"),
        ("pl;q=0,de", "en"),
        ("fr,*;q=0.1", "en"),
    ],
)
def test_a_regional_language_counts_for_its_language_in_the_readers_order(app, accepted, language):
    with app.test_request_context("/issuers", headers={"Accept-Language": accepted}):
        assert negotiate() == language


@pytest.mark.parametrize(
    ("path", "shown", "moment"),
    [
        ("/en/", "1 March 2026", "1 March 2026, 14:05 UTC"),
        ("/pl/", "1 marca 2026", "1 marca 2026, 14:05 UTC"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(app, path, shown, moment):
    with app.test_request_context(path):
        assert day("2026-03-01T14:05:00Z").striptags().replace("\N{NO-BREAK SPACE}", " ") == shown
        assert 'datetime="2026-03-01T14:05:00Z"' in instant("2026-03-01T14:05:00Z")
        assert instant("2026-03-01T14:05:00Z").striptags() == moment


def test_numbers_and_sizes_follow_the_language(app):
    with app.test_request_context("/pl/"):
        assert (number(0.5), size(1536)) == ("0,5", "1,5\N{NO-BREAK SPACE}KiB")
    with app.test_request_context("/en/"):
        assert (number(12345), size(512)) == ("12,345", "512\N{NO-BREAK SPACE}B")


def test_the_language_switch_keeps_page_and_query(app):
    from registry.web.i18n import other_languages

    with app.test_request_context("/en/issuers?q=%C5%82%C3%B3d%C5%BA&status=active"):
        assert other_languages() == [("pl", "Polski", "/pl/issuers?q=%C5%82%C3%B3d%C5%BA&status=active")]


def test_pages_can_be_initialized_on_a_plain_application():
    app = Flask("registry")
    init_pages(app)
    with app.test_request_context("/pl/"):
        assert app.jinja_env.from_string("{{ site_name() }}").render() == "Rejestr Wydawców"
