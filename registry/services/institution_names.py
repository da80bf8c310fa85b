"""What an institution is called by language, from its facts: what pages choose from in the reader's language."""

from collections.abc import Mapping
from typing import Any, Final

from babel.languages import get_official_languages

ENGLISH: Final = "en"
_KINDS: Final = ("display", "legal")


def names_by_language(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of an institution by language: those of its country first, then English, then all others.

    So whoever finds no name in the reader's language takes the first. A legal name without a language is in the country's
    own, where it has but one.
    """
    official = get_official_languages(facts["country"])
    found: dict[str, str] = {}
    for kind in _KINDS:
        for name in facts["names"]:
            language = name["language"] or (official[0] if len(official) == 1 else None)
            if name["kind"] == kind and language:
                found.setdefault(language, str(name["text"]))
    order = [*official, ENGLISH, *sorted(found)]
    return {language: found[language] for language in dict.fromkeys(order) if language in found}
