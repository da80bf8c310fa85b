"""The question a verifier has: was this issuer recognized for this, on that day? Each listing answers by itself.

Questions are asked by address and are not recorded; what was never listed, is pending or was refused answers alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain import isced
from registry.domain.answer import Answer, Signed, Successor, Verdict, Why, answer, successors_at
from registry.domain.countries import COUNTRIES, parse_country
from registry.domain.grants import CredentialType, Dimension, Level, LevelMark, Mode, Question
from registry.domain.recognition import StatusEvent
from registry.domain.scope_wire import parse_language
from registry.domain.standing import parse_event
from registry.editions import IssuerRecord
from registry.errors import FieldError, InvalidInput, RegistryError
from registry.http.access import PUBLIC, allow
from registry.http.transaction import now
from registry.web.i18n import country
from registry.web.labels import VERDICT_TONES, field_label, label
from registry.web.public import LONGEST_QUERY, wants_json
from registry.web.published import (
    Listing,
    Moment,
    identity_from_wire,
    listing_at,
    parse_moment,
    reader,
    schemes_by_slug,
    search_issuers,
)
from registry.web.sentences import sentence

check = Blueprint("check", __name__)
MOST_CHOICES: Final = 10
_RARE: Final = frozenset({Dimension.MODE, Dimension.LANGUAGE, Dimension.PROGRAMME, Dimension.ECTS})
"""Dimensions whose fields stay folded until an answer needs them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that can be answered; `awarded` and `known` are instants."""

    who: str
    awarded: datetime
    known: datetime | None
    question: Question
    signed: Signed | None


@dataclass(frozen=True, slots=True)
class Answered:
    """One listing with its answer, and the dimensions that do not fit or were not stated."""

    listing: Listing
    answer: Answer
    failed: tuple[Dimension, ...]
    missing: tuple[Dimension, ...]

    @property
    def successor(self) -> IssuerRecord | None:
        """The published listing whose recognition covers the credential instead, if one does."""
        return reader().issuer(self.answer.successor) if self.answer.successor else None

    @property
    def tone(self) -> str:
        """Class of the colour of the verdict."""
        return VERDICT_TONES[self.answer.verdict]


@check.get("/check")
@allow(PUBLIC)
def ask() -> ResponseReturnValue:
    """Ask, and answer."""
    asked, problems = (
        read_question(request.args, now()) if request.args.get("who") is not None else (None, ())
    )
    records = find_issuers(asked.who) if asked else []
    slugs = dict.fromkeys(record.slug for record in records)
    answered = answers(asked, records) if asked and len(slugs) == 1 else []
    if wants_json():
        return _as_json(asked, records, answered, problems)
    page = render_template(
        "public/check.html",
        asked=asked,
        given=request.args,
        ask_url=lambda slug: f"{request.path}?{urlencode(request.args.to_dict() | {'who': slug})}#result",
        plain=lambda name, title, choices=(): plain_field(name, title, choices, problems),
        problems=problems,
        candidates=list({record.slug: record for record in records}.values()) if len(slugs) > 1 else [],
        answered=answered,
        more=any(dimension in _RARE for one in answered for dimension in one.missing),
        nobody=bool(asked) and not records,
        never=Why.NEVER_LISTED,
        unknown=Verdict.UNKNOWN,
        field_choices=field_choices(),
        country_choices=country_choices(),
        levels=[(str(value), gettext("EQF %(level)s", level=value)) for value in range(1, 9)],
        marks=[(mark.value, label(mark)) for mark in LevelMark],
        types=[(kind.value, label(kind)) for kind in CredentialType],
        modes=[(mode.value, label(mode)) for mode in Mode],
    )
    return page, 422 if problems else 200


def plain_field(
    name: str, title: str, choices: Sequence[tuple[Any, Any]], problems: Sequence[FieldError]
) -> dict[str, Any]:
    """Return a field for the form macros with what was given and what is wrong with it."""
    errors = [problem.message for problem in problems if problem.field == name]
    return {
        "name": name,
        "label": title,
        "data": request.args.get(name, ""),
        "errors": errors,
        "choices": choices,
    }


def read_question(given: Mapping[str, str], at: datetime) -> tuple[Asked | None, tuple[FieldError, ...]]:
    """Return the question, or what is wrong with which field."""
    read = _Reading(given)
    who = given.get("who", "").strip()[:LONGEST_QUERY]
    if not who:
        read.refuse("who", gettext("Say which issuer: its name, web address, DID or identifier."))
    awarded = read.value("awarded", parse_moment)
    if not given.get("awarded", "").strip():
        read.refuse("awarded", gettext("Give the day on which the credential was awarded."))
    elif awarded and awarded.date() > at.date():
        read.refuse("awarded", gettext("The day of the award lies in the future."))
    level = read.value(
        "level", lambda text: Level(int(text), LevelMark(given.get("mark") or LevelMark.CLAIMED))
    )
    question = Question(
        field=read.value("field", isced.parse_field),
        level=level,
        credential_type=read.value("type", CredentialType),
        country=read.value("country", parse_country),
        mode=read.value("mode", Mode),
        language=read.value("language", parse_language),
        programme=read.value("programme", str),
        ects=read.value("ects", _ects),
    )
    known = read.value("known", parse_moment)
    if read.problems or awarded is None:
        return None, tuple(read.problems)
    key = given.get("key", "").strip()
    signed = Signed(key, given.get("profile", "").strip() or None) if key else None
    return Asked(who, min(awarded, at), known, question, signed), ()


class _Reading:
    """The fields of a question, read one by one, and what was wrong with them."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given
        self.problems: list[FieldError] = []

    def refuse(self, field: str, message: str) -> None:
        self.problems.append(FieldError(field, message))

    def value(self, field: str, parse: Any) -> Any:
        """Return what a field says, None where it is empty or wrong."""
        text = self.given.get(field, "").strip()
        if not text:
            return None
        try:
            return parse(text)
        except InvalidInput as error:
            self.refuse(field, sentence(str(error)))
        except ValueError:
            self.refuse(
                field, gettext("“%(text)s” cannot be used here; choose or write another value.", text=text)
            )
        return None


def _ects(text: str) -> Decimal:
    try:
        ects = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not ects.is_finite() or ects <= 0:
        raise ValueError(text)
    return ects


def find_issuers(who: str) -> list[IssuerRecord]:
    """Return the listings of whoever is meant: by slug, by exact identifier, else by the words of a name."""
    found = reader().issuers_by_slug(who) or reader().issuers_by_identifier(who)
    if not found:
        found = list(search_issuers(who, {}, page=1, size=MOST_CHOICES).records)
        exact = {record.slug for record in found if who.casefold() in _names(record)}
        found = [record for record in found if record.slug in exact] if len(exact) == 1 else found
    slugs = dict.fromkeys(record.slug for record in found)
    return [record for slug in slugs for record in reader().issuers_by_slug(slug)]


def _names(record: IssuerRecord) -> set[str]:
    wire = record.entry_wire
    return {name.casefold() for name in (*wire["names"].values(), wire["legal_name"])}


def answers(asked: Asked, records: list[IssuerRecord]) -> list[Answered]:
    """Return the answer of each listing, covered ones first."""
    schemes, at = schemes_by_slug(), now()
    moment = Moment(asked.awarded, asked.known, "", "")
    made = [_answered(asked, listing_at(record, schemes, moment), at) for record in records]
    return sorted(made, key=lambda one: list(Verdict).index(one.answer.verdict))


def _answered(asked: Asked, listing: Listing, at: datetime) -> Answered:
    identities = [identity_from_wire(identity) for identity in listing.wire["identities"]]
    made = answer(
        listing.events,
        identities,
        asked.question,
        at=asked.awarded,
        now=at,
        known=asked.known,
        signed=asked.signed,
        successors=_successors(listing.events, asked),
    )
    if made.why not in {Why.OUTSIDE_SCOPE, Why.QUESTION_INCOMPLETE}:
        return Answered(listing, made, (), ())
    match = listing.scope.matches(asked.question)
    order = list(Dimension).index
    return Answered(
        listing, made, tuple(sorted(match.failed, key=order)), tuple(sorted(match.missing, key=order))
    )


def _successors(events: Sequence[StatusEvent], asked: Asked) -> dict[str, Successor]:
    """Return the published listings that a recognition had gone over to on that day, and those that came after them."""
    found: dict[str, Successor] = {}
    waiting = list(successors_at(events, asked.awarded, asked.known))
    while waiting:
        name = waiting.pop()
        record = reader().issuer(name) if name not in found else None
        if record is None:
            continue
        theirs = tuple(map(parse_event, record.entry_wire["events"]))
        keys = tuple(map(identity_from_wire, record.entry_wire["identities"]))
        found[name] = Successor(theirs, keys)
        waiting += successors_at(theirs, asked.awarded, asked.known)
    return found


def field_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the fields of ISCED-F 2013, grouped by broad field."""
    return [
        (
            field_label(broad),
            [(code, f"{code} {field_label(code)}") for code in isced.codes() if code.startswith(broad)],
        )
        for broad in isced.codes(2)
    ]


def country_choices() -> list[tuple[str, str]]:
    """Return (code, name) of all countries in the order of the alphabet of the language."""
    named = [(code, country(code)) for code in COUNTRIES]
    return sorted(named, key=lambda pair: [_POLISH.get(letter, letter) for letter in pair[1].lower()])


_POLISH: Final = dict(zip("ąćęłńóśź", (f"{letter}~" for letter in "acelnosz"), strict=True)) | {"ż": "z~~"}
"""Places of the Polish letters in the alphabet: each follows its plain one."""


def _as_json(
    asked: Asked | None,
    records: list[IssuerRecord],
    answered: list[Answered],
    problems: tuple[FieldError, ...],
) -> ResponseReturnValue:
    if problems:
        raise InvalidInput(gettext("The question cannot be answered."), problems)
    if asked is None:
        raise RegistryError(
            gettext("Ask with who and awarded, such as ?who=did:web:example.org&awarded=2026-03-01.")
        )
    nobody = [{"verdict": Verdict.UNKNOWN.value, "why": Why.NEVER_LISTED.value}] if not records else []
    return jsonify(
        answers=nobody or list(_wire(answered)),
        candidates=sorted({record.slug for record in records}) if not answered else [],
    )


def _wire(answered: list[Answered]) -> Iterator[dict[str, Any]]:
    for one in answered:
        made = one.answer
        yield {
            "scheme": one.listing.record.scheme,
            "issuer": one.listing.record.issuer_id,
            "verdict": made.verdict.value,
            "why": made.why.value,
            "at": made.at.isoformat().replace("+00:00", "Z"),
            "status": made.status.value if made.status else None,
            "status_now": made.now.value if made.now else None,
            "date_must_be_proven": made.date_must_be_proven,
            "successor": made.successor,
            "outside": [dimension.value for dimension in one.failed],
            "not_stated": [dimension.value for dimension in one.missing],
        }
