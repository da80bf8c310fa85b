"""What an institution is called in which language, and in which order one is taken where the reader's is missing."""

import pytest
from flask import Flask
from flask_babel import force_locale

from registry.app import create_app
from registry.config import Settings
from registry.services.institution_names import names_by_language
from registry.web.i18n import called, name_of


def facts(country: str, *names: tuple[str, str | None, str]) -> dict[str, object]:
    return {
        "country": country,
        "names": [{"text": text, "language": language, "kind": kind} for text, language, kind in names],
    }


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (
            facts("LT", ("University", "en", "display"), ("Universitetas", "lt", "display")),
            {"lt": "Universitetas", "en": "University"},
        ),
        (
            facts("LT", ("University", "en", "display"), ("Universitetas", None, "legal")),
            {"lt": "Universitetas", "en": "University"},
        ),
        (facts("BE", ("University", "en", "display"), ("Université", None, "legal")), {"en": "University"}),
        (
            facts("PL", ("Uczelnia", "pl", "display"), ("Uczelnia sp. z o.o.", "pl", "legal")),
            {"pl": "Uczelnia"},
        ),
        (facts("PL", ("Old name", "pl", "former"), ("UW", "pl", "short")), {}),
        (
            facts("XX", ("B", "uk", "display"), ("A", "de", "display"), ("C", "en", "display")),
            {"en": "C", "de": "A", "uk": "B"},
        ),
    ],
)
def test_names_stand_by_language_those_of_the_country_first(
    given: dict[str, object], names: dict[str, str]
) -> None:
    assert list(names_by_language(given).items()) == list(names.items())


@pytest.fixture
def app(settings: Settings) -> Flask:
    """The application; its database is never asked."""
    return create_app(settings)


@pytest.mark.parametrize(
    ("names", "language", "shown"),
    [
        ({"pl": "Uczelnia", "en": "College"}, "pl", "Uczelnia"),
        ({"pl": "Uczelnia", "en": "College"}, "en", "College"),
        ({"lt": "Kolegija", "en": "College"}, "pl", '<span lang="lt">Kolegija</span>'),
        ({"en": "College & Sons"}, "pl", '<span lang="en">College &amp; Sons</span>'),
        ({}, "pl", "Plain &lt;name&gt;"),
    ],
)
def test_a_page_shows_the_name_in_its_language_else_of_the_country_and_says_so(
    app: Flask, names: dict[str, str], language: str, shown: str
) -> None:
    with app.test_request_context(f"/{language}/"), force_locale(language):
        assert called(names, "Plain <name>") == shown
        assert "<span" not in name_of(names, "Plain <name>")
