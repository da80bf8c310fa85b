"""Terms of a stop: until when learners are taught to the end, who keeps what they need, and what a void owes them.

They go with the event that stops a recognition and are published with it, so they name institutions, never people. What a
merger or a split leaves behind names its successors here too.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from registry.domain.text import clean
from registry.errors import FieldError, InvalidInput

KEEPER_LIMIT: Final = 200
"""Most characters of who keeps something."""
REMEDY_LIMIT: Final = 1_000
"""Most characters of a published text, in each language."""
LANGUAGES: Final = ("en", "pl")
"""Languages in which texts of the body are published; each is needed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What follows from a stop. Empty means: not said.

    `teach_out_until` is the last day on which those who are enrolled are taught. `remedy` are (language, text) pairs.
    `successors` and `predecessors` are ids of issuers that a recognition was carried over to, or from.
    """

    teach_out_until: date | None = None
    records_kept_by: str = ""
    status_service_kept_by: str = ""
    remedy: tuple[tuple[str, str], ...] = ()
    successors: tuple[str, ...] = ()
    predecessors: tuple[str, ...] = ()


STATED: Final = ("teach_out_until", "records_kept_by", "status_service_kept_by", "remedy")
"""What people state; who follows whom is found by the registry itself."""


def parse_terms(wire: Mapping[str, Any]) -> Terms:
    """Return the terms of their wire form, which this registry wrote itself.

    Raises:
        InvalidInput: something is unknown or cannot be read; each problem names its field.
    """
    problems = check_terms(wire, ())
    if problems:
        raise InvalidInput("these terms cannot be read", problems)
    day = wire.get("teach_out_until")
    return Terms(
        teach_out_until=date.fromisoformat(day) if day else None,
        records_kept_by=clean(wire.get("records_kept_by") or ""),
        status_service_kept_by=clean(wire.get("status_service_kept_by") or ""),
        remedy=_texts(wire.get("remedy") or {}),
        successors=tuple(wire.get("successors") or ()),
        predecessors=tuple(wire.get("predecessors") or ()),
    )


def terms_to_wire(terms: Terms) -> dict[str, Any]:
    """Return the JSON-ready form, without what is not said."""
    wire = {
        "teach_out_until": terms.teach_out_until.isoformat() if terms.teach_out_until else None,
        "records_kept_by": terms.records_kept_by,
        "status_service_kept_by": terms.status_service_kept_by,
        "remedy": dict(terms.remedy),
        "successors": list(terms.successors),
        "predecessors": list(terms.predecessors),
    }
    return {name: value for name, value in wire.items() if value}


def check_terms(
    wire: Mapping[str, Any], needs: Collection[str], *, not_before: date | None = None
) -> list[FieldError]:
    """Return what is wrong with stated terms; `needs` names what must be said, `not_before` is the day of the stop."""
    known = (*STATED, "successors", "predecessors")
    problems = [FieldError(name, "this is no term of a stop") for name in wire if name not in known]
    problems += _day_problems(wire.get("teach_out_until"), not_before)
    for name in ("records_kept_by", "status_service_kept_by"):
        problems += text_problems(name, wire.get(name) or "", KEEPER_LIMIT)
    problems += texts_problems("remedy", wire.get("remedy") or {})
    problems += [FieldError(name, _MISSING[name]) for name in STATED if name in needs and not wire.get(name)]
    return problems


_MISSING: Final = {
    "teach_out_until": "say until when those who are enrolled are taught",
    "records_kept_by": "say who keeps the records of learners",
    "status_service_kept_by": "say who keeps the status service of the credentials running",
    "remedy": "name the remedy for learners",
}


def _day_problems(value: object, not_before: date | None) -> list[FieldError]:
    if not value:
        return []
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return [FieldError("teach_out_until", "write a day as 2026-03-01")]
    if not_before is not None and day < not_before:
        return [FieldError("teach_out_until", "this day is over already")]
    return []


def text_problems(name: str, value: object, limit: int) -> list[FieldError]:
    """Return what is wrong with a short text that will be published."""
    if not isinstance(value, str):
        return [FieldError(name, "write a text")]
    try:
        tidy = clean(value)
    except InvalidInput as error:
        return [FieldError(name, str(error))]
    return [FieldError(name, f"at most {limit} characters")] if len(tidy) > limit else []


def texts_problems(name: str, value: object) -> list[FieldError]:
    """Return what is wrong with a text that is published in every language, if it is given at all."""
    if not isinstance(value, Mapping) or any(language not in LANGUAGES for language in value):
        return [FieldError(name, "give this text in English and in Polish")]
    problems = [p for text in value.values() for p in text_problems(name, text, REMEDY_LIMIT)]
    missing = [one for one in LANGUAGES if not str(value.get(one) or "").strip()]
    if any(str(text).strip() for text in value.values()) and missing:
        problems.append(FieldError(name, "give this text in English and in Polish"))
    return problems


def _texts(value: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((language, clean(text)) for language, text in value.items() if text.strip()))
