"""What importers give: facts about institutions and issuing identities, one row per record, in file order.

A parser is a pure generator over an open binary file. It holds one record at a time, gives each row its line,
and turns what it cannot read into a refusal with line, key and reason. Only a file that is not of the format
at all raises.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO, Literal

from registry.domain.identifiers import Identifier, IdentifierScheme, parse_identifier
from registry.domain.text import clean
from registry.domain.web_names import parse_website
from registry.errors import InvalidInput

LONGEST_TEXT = 500
LONGEST_RECORD = 4 * 1024 * 1024
"""Bytes of one record; a longer one is refused, so that a file without line breaks cannot fill the memory."""


class NameKind(StrEnum):
    """What a name is for; one display name per language."""

    LEGAL = "legal"
    DISPLAY = "display"
    SHORT = "short"
    FORMER = "former"
    ALIAS = "alias"


class InstitutionKind(StrEnum):
    """Kinds of institution, as policies name those that may apply."""

    HIGHER_EDUCATION = "higher_education_institution"
    VOCATIONAL = "vocational_provider"
    OTHER_PROVIDER = "other_provider"
    EMPLOYER = "employer"
    PROFESSIONAL_BODY = "professional_body"
    PUBLIC_BODY = "public_body"
    CONSORTIUM = "consortium"
    PLATFORM = "platform"


class FactStatus(StrEnum):
    """What the source says about the record; nothing about recognition."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    WITHDRAWN = "withdrawn"


class RelationKind(StrEnum):
    """How another institution stands to this one: `successor` means that the other came after it."""

    SUCCESSOR = "successor"
    PREDECESSOR = "predecessor"
    PARENT = "parent"
    CHILD = "child"
    RELATED = "related"


class Environment(StrEnum):
    """Whether an issuing identity is meant for real credentials."""

    PRODUCTION = "production"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class NameFact:
    """A name, its language (ISO 639, lower case) if known, and what it is for."""

    text: str
    language: str | None
    kind: NameKind


@dataclass(frozen=True, slots=True)
class RelationFact:
    """A link to another institution, which need not be known here; `label` is the source's name for it."""

    kind: RelationKind
    target: Identifier
    label: str


@dataclass(frozen=True, slots=True)
class InstitutionFacts:
    """What one source says about one institution. (`source`, `source_key`) names the record for ever.

    `country`: ISO 3166-1 alpha-2. `founded`: year. Address parts are "" where unknown. `extra`: what the
    source says beyond this, text by name, such as `charter_end`; a value that could not be read stands there
    as `unreadable.<field>`.
    """

    source: str
    source_key: str
    names: tuple[NameFact, ...]
    identifiers: tuple[Identifier, ...]
    country: str
    city: str = ""
    street: str = ""
    postal_code: str = ""
    website: str | None = None
    kind: InstitutionKind = InstitutionKind.HIGHER_EDUCATION
    status: FactStatus = FactStatus.ACTIVE
    founded: int | None = None
    relations: tuple[RelationFact, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def display_name(self) -> str:
        """The first display name, else the legal name, else any."""
        ranked = sorted(self.names, key=lambda name: _RANK.get(name.kind, 2))
        return ranked[0].text

    def relations_of(self, kind: RelationKind) -> tuple[RelationFact, ...]:
        """Return the relations of one kind, in file order."""
        return tuple(relation for relation in self.relations if relation.kind is kind)


_RANK = {NameKind.DISPLAY: 0, NameKind.LEGAL: 1}


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """An issuing identity that somebody else's list names; nobody here has checked anything about it."""

    source: str
    source_key: str
    did: Identifier
    name: str
    location: str | None
    url: str | None
    environment: Environment


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that cannot be taken: its first line (from 1), its key as far as it can be told, the reason."""

    line: int
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file: either facts or a refusal. `line` counts from 1."""

    line: int
    key: str
    facts: InstitutionFacts | IdentityFacts | None = None
    refusal: Refused | None = None

    @classmethod
    def refused(cls, line: int, key: str, reason: str) -> "Row":
        """Return a row without facts."""
        return cls(line, key, refusal=Refused(line, key, reason))


@dataclass(frozen=True, slots=True)
class Importer:
    """One format: its name on the command line, the source that its facts carry, what it holds, its parser.

    `parse` raises InvalidInput, at the first step, for a file that is not of this format, and later where one
    breaks off. `count` reads the form alone: it raises wherever `parse` would and returns how many rows there
    will be, at a fraction of the cost.
    """

    format: str
    source: str
    holds: Literal["institutions", "identities"]
    parse: Callable[[BinaryIO], Iterator[Row]]
    count: Callable[[BinaryIO], int]


def facts_to_wire(facts: InstitutionFacts) -> dict[str, Any]:
    """Return the JSON-ready form that is stored and digested; source and key are kept beside it."""
    return {
        "names": [{"text": n.text, "language": n.language, "kind": n.kind.value} for n in facts.names],
        "identifiers": [_identifier_to_wire(identifier) for identifier in facts.identifiers],
        "country": facts.country,
        "city": facts.city,
        "street": facts.street,
        "postal_code": facts.postal_code,
        "website": facts.website,
        "kind": facts.kind.value,
        "status": facts.status.value,
        "founded": facts.founded,
        "relations": [
            {"kind": r.kind.value, "target": _identifier_to_wire(r.target), "label": r.label}
            for r in facts.relations
        ],
        "extra": dict(facts.extra),
    }


def facts_from_wire(wire: Mapping[str, Any], *, source: str, source_key: str) -> InstitutionFacts:
    """Return the facts that `facts_to_wire` wrote; keys that were not written yet get their defaults."""
    return InstitutionFacts(
        source=source,
        source_key=source_key,
        names=tuple(NameFact(n["text"], n["language"], NameKind(n["kind"])) for n in wire["names"]),
        identifiers=tuple(_identifier_from_wire(item) for item in wire["identifiers"]),
        country=wire["country"],
        city=wire.get("city", ""),
        street=wire.get("street", ""),
        postal_code=wire.get("postal_code", ""),
        website=wire.get("website"),
        kind=InstitutionKind(wire["kind"]),
        status=FactStatus(wire["status"]),
        founded=wire.get("founded"),
        relations=tuple(
            RelationFact(RelationKind(r["kind"]), _identifier_from_wire(r["target"]), r["label"])
            for r in wire.get("relations", ())
        ),
        extra=wire.get("extra", {}),
    )


def _identifier_to_wire(identifier: Identifier) -> dict[str, str]:
    return {"scheme": identifier.scheme.value, "value": identifier.value}


def _identifier_from_wire(wire: Mapping[str, str]) -> Identifier:
    return Identifier(IdentifierScheme(wire["scheme"]), wire["value"])


def read_text(text: str, what: str) -> str:
    """Return the cleaned text.

    Raises:
        InvalidInput: not UTF-8, too long, or with forbidden characters; the sentence starts with `what`.
    """
    try:
        tidy = clean(text)
    except InvalidInput as error:
        if any("\udc80" <= character <= "\udcff" for character in text):
            raise InvalidInput(f"{what}: the text is not UTF-8; save the file in UTF-8.") from None
        raise InvalidInput(f"{what}: {error}") from error
    if len(tidy) > LONGEST_TEXT:
        raise InvalidInput(f"{what}: the text is longer than {LONGEST_TEXT} characters.")
    return tidy


class Leniency:
    """Collects what a foreign source wrote badly in a field that does not decide who is meant.

    The record is taken without the value, and the value stands in `extra` as `unreadable.<field>`, for a
    person to see.
    """

    def __init__(self) -> None:
        self.extra: dict[str, str] = {}

    def identifiers(self, scheme: IdentifierScheme, texts: tuple[str, ...]) -> tuple[Identifier, ...]:
        """Return those that can be read."""
        found = []
        for text in texts:
            try:
                found.append(parse_identifier(scheme, text))
            except InvalidInput:
                self.extra[f"unreadable.{scheme.value}"] = text
        return tuple(found)

    def website(self, text: str) -> str | None:
        """Return the website, or None where there is none that can be read."""
        if not text:
            return None
        try:
            return parse_website(text)
        except InvalidInput:
            self.extra["unreadable.website"] = text
            return None
