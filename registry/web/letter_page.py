"""A letter as a page: both languages, the recipient's first; the same page, by itself, becomes the PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import force_locale

from registry.domain.policy import Outcome
from registry.domain.scope import Scope, parse_scope
from registry.models.letter import Letter
from registry.web.i18n import LANGUAGES, text
from registry.web.labels import label


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter in one language."""

    language: str
    html: str


def in_order(content: Mapping[str, Any]) -> list[str]:
    """Return the languages of a letter, the recipient's first."""
    first = content["language"] if content["language"] in LANGUAGES else LANGUAGES[0]
    return [first, *(code for code in LANGUAGES if code != first)]


def shown(letter: Letter) -> list[Shown]:
    """Return a letter in each language, as parts of a page."""
    found = []
    for code in in_order(letter.content):
        with force_locale(code):
            found.append(Shown(code, render_template("decision/_letter.html", **_context(letter))))
    return found


def by_itself(letter: Letter) -> str:
    """Return a letter as one document that needs nothing else, for printing and for the PDF."""
    with force_locale(in_order(letter.content)[0]):
        return render_template("decision/letter_print.html", parts=shown(letter), letter=letter)


def _context(letter: Letter) -> dict[str, Any]:
    content = letter.content
    scope = parse_scope(content["scope"]) if content.get("scope") else Scope(())
    outcome = content.get("outcome")
    words = (text(outcome["label"]) or label(Outcome(outcome["id"]))) if outcome else ""
    return {"letter": letter, "content": content, "scope": scope, "outcome": words}
