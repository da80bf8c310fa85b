"""Languages of the pages: which one a request speaks, its catalogue, dates, sizes, and texts that carry both.

English is the language of the source; `translations/pl/*.po` hold the Polish. Files are read at the start,
so that there is one source of truth and no compiled copy to lag behind it. Each area has a file of its
own; a test refuses a message that is missing, fuzzy, or translated twice in different ways.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, Response, current_app, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from markupsafe import Markup, escape

from registry.domain.trust_list import Text

LANGUAGES: Final = ("en", "pl")
LANGUAGE_NAMES: Final = {"en": "English", "pl": "Polski"}
LANGUAGE_COOKIE: Final = "language"
PREFIX: Final = "/<any(en,pl):lang>"
"""URL prefix of every blueprint with pages; views do not take `lang`, they ask `current_language()`."""
CATALOGUES: Final = Path(__file__).resolve().parents[1] / "translations"


@cache
def load_catalogue(language: str) -> NullTranslations:
    """Return all messages of a language, merged from its `.po` files; an empty one for English."""
    merged = Catalog(locale=language)
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    merged.add(message.id, message.string, context=message.context)
    binary = BytesIO()
    write_mo(binary, merged)
    binary.seek(0)
    return Translations(binary)


class Catalogues(Domain):  # type: ignore[misc]  # flask_babel carries no types
    """The catalogues of `load_catalogue`, in place of compiled files."""

    def get_translations(self) -> NullTranslations:
        """Return the messages of the language that is spoken now."""
        return load_catalogue(current_language())


class _Babel(Babel):  # type: ignore[misc]  # flask_babel carries no types
    domain_instance = Catalogues()


def init_i18n(app: Flask) -> None:
    """Give the application its languages: catalogue, `lang` of addresses, filters and template functions."""
    _Babel(app, default_locale=LANGUAGES[0], locale_selector=negotiate)
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_fill_language)
    app.after_request(_name_language)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        current_language=current_language, other_languages=other_languages, LANGUAGE_NAMES=LANGUAGE_NAMES
    )


def negotiate() -> str:
    """Return the language of this request: of its address, else of the cookie, else the browser's."""
    if not has_request_context():
        return LANGUAGES[0]
    first = request.path.split("/", 2)[1]
    cookie = request.cookies.get(LANGUAGE_COOKIE, "")
    named = next((candidate for candidate in (first, cookie) if candidate in LANGUAGES), None)
    return named or _of_browser() or LANGUAGES[0]


def _of_browser() -> str | None:
    """Return the first of our languages in the browser's order; a regional tag such as `pl-PL` counts for its language."""
    ranked = sorted(request.accept_languages, key=lambda pair: -pair[1])
    spoken = (tag.lower().partition("-")[0] for tag, quality in ranked if quality > 0)
    return next((language for language in spoken if language in LANGUAGES), None)


def current_language() -> str:
    """Return `en` or `pl`: the language spoken now, also under `flask_babel.force_locale`."""
    spoken = get_locale()
    return str(spoken.language) if spoken else LANGUAGES[0]


def other_languages() -> list[tuple[str, str, str]]:
    """Return (language, its own name, address) of this very page, query included, in the other languages."""
    path, here = request.path, current_language()
    rest = path[3:] if path.split("/", 2)[1] in LANGUAGES else path
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return [(code, LANGUAGE_NAMES[code], f"/{code}{rest}{query}") for code in LANGUAGES if code != here]


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values:
        g.language = values.pop("lang", None)


def _fill_language(endpoint: str, values: dict[str, Any]) -> None:
    if "lang" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values["lang"] = current_language()


def _name_language(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Language", current_language())
    return response


def parse_instant(value: str | datetime) -> datetime:
    """Return the UTC instant of an RFC 3339 text such as `2026-03-01T00:00:00Z`; an instant as it is."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value).astimezone(UTC)


def day(value: str | date | datetime) -> Markup:
    """Return a `time` element with the day in words: 1 March 2026, 1 marca 2026."""
    moment = parse_instant(value) if isinstance(value, str) else value
    here = moment.date() if isinstance(moment, datetime) else moment
    shown = _in_words(here, current_language()).replace(" ", "\N{NO-BREAK SPACE}")
    return Markup('<time datetime="{}">{}</time>').format(moment.strftime("%Y-%m-%d"), shown)


@lru_cache(maxsize=2048)
def _in_words(here: date, language: str) -> str:
    """Return a day in words; kept, since a page names few days and finding the words takes long."""
    return str(format_date(here, "d MMMM y", locale=language))


def instant(value: str | datetime) -> Markup:
    """Return a `time` element with day, time and the zone: 1 March 2026, 14:05 UTC."""
    moment = parse_instant(value)
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    time = utc.strftime("%H:%M UTC" if utc.second == 0 else "%H:%M:%S UTC")
    shown = f"{_in_words(utc.date(), current_language())}, {time}"
    return Markup('<time datetime="{}">{}</time>').format(moment.strftime("%Y-%m-%dT%H:%M:%SZ"), shown)


def local_instant(value: datetime, zone: str) -> Markup:
    """Return a `time` element with day and time where people meet, and the zone: 1 March 2026, 15:05 (Europe/Warsaw)."""
    here = value.astimezone(ZoneInfo(zone))
    shown = f"{_in_words(here.date(), current_language())}, {here:%H:%M} ({zone})"
    return Markup('<time datetime="{}">{}</time>').format(value.strftime("%Y-%m-%dT%H:%M:%SZ"), shown)


def number(value: float) -> str:
    """Return a number the way the language groups its digits."""
    return str(format_decimal(value, locale=current_language()))


def size(octets: int) -> str:
    """Return a size in bytes, KiB or MiB, one decimal where it says something."""
    if octets < 1024:
        return f"{octets}\N{NO-BREAK SPACE}B"
    unit, scale = ("KiB", 1024) if octets < 1024**2 else ("MiB", 1024**2)
    return f"{number(round(octets / scale, 1))}\N{NO-BREAK SPACE}{unit}"


def text(value: Text | Mapping[str, str] | str | None) -> str:
    """Return a text in the language spoken now, else in English, else in the first it has."""
    if value is None or isinstance(value, str):
        return value or ""
    by_language = value.as_dict() if isinstance(value, Text) else value
    return (
        by_language.get(current_language()) or by_language.get("en") or next(iter(by_language.values()), "")
    )


def text_language(value: Text | Mapping[str, str]) -> str:
    """Return the language in which `text` gives a value, for the `lang` attribute."""
    by_language = value.as_dict() if isinstance(value, Text) else value
    preferred = (current_language(), "en", *by_language)
    return next((code for code in preferred if by_language.get(code)), LANGUAGES[0])


class Named(Protocol):
    """What has a name, and names by language with those of its country first."""

    @property
    def name(self) -> str:
        """One of all its names."""
        ...

    @property
    def names(self) -> Mapping[str, str]:
        """Its names by language; empty where no language is known."""
        ...


def _name(value: Named | Mapping[str, str], plain: str) -> tuple[str, str | None]:
    """Return a name and its language: that of the page, else of the country, else English, else any; None: unknown."""
    names, plain = (value, plain) if isinstance(value, Mapping) else (value.names, value.name)
    here = current_language()
    language = here if names.get(here) else next(iter(names), None)
    return (names[language], language) if language else (plain, None)


def name_of(value: Named | Mapping[str, str], plain: str = "") -> str:
    """Return what an institution is called on this page; of names by language without any, `plain`."""
    return _name(value, plain)[0]


def called(value: Named | Mapping[str, str], plain: str = "") -> Markup:
    """Return `name_of` for a page, marked with its language where that is not the page's."""
    found, language = _name(value, plain)
    if language in {None, current_language()}:
        return escape(found)
    return Markup('<span lang="{}">{}</span>').format(language, found)


def country(code: str) -> str:
    """Return the name of a country; the code itself where there is none."""
    return str(Locale.parse(current_language()).territories.get(code.upper(), code))


def language_name(code: str) -> str:
    """Return the name of a language; the code itself where there is none."""
    return str(Locale.parse(current_language()).languages.get(code, code))


FILTERS: Final = {
    "day": day,
    "instant": instant,
    "local_instant": local_instant,
    "number": number,
    "size": size,
    "text": text,
    "text_language": text_language,
    "country": country,
    "name_of": name_of,
    "called": called,
    "language_name": language_name,
}
