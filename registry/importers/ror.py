"""ROR records, schema version 2: JSON Lines, or the JSON array of a ROR data dump.

Source key: the ROR identifier. The name marked `ror_display` is the display name of its language; a `label`
is that of any language still without one, else an alias. Acronyms are short names. A missing or bad
identifier, name, country or status refuses the record; other identifiers and websites that cannot be read are
kept in `extra`. ROR says `education` of universities and similar bodies; whether one is a higher education
institution is for the review to find.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, BinaryIO

from registry.domain.countries import parse_country
from registry.domain.identifiers import Identifier, IdentifierScheme, parse_identifier
from registry.domain.scope_wire import parse_language
from registry.errors import InvalidInput
from registry.importers.base import (
    FactStatus,
    InstitutionFacts,
    Leniency,
    NameFact,
    NameKind,
    RelationFact,
    RelationKind,
    Row,
    read_text,
)
from registry.importers.json_text import array_elements, parse_json
from registry.importers.lines import text_lines

SOURCE = "ror"
_EXTERNAL = {
    "isni": IdentifierScheme.ISNI,
    "wikidata": IdentifierScheme.WIKIDATA,
    "grid": IdentifierScheme.GRID,
    "fundref": IdentifierScheme.FUNDREF,
}
_ID_IN_TEXT = re.compile(r'"id"\s*:\s*"(https://ror\.org/[0-9a-z]+)"')
_PEEKED = 4096


def parse(file: BinaryIO) -> Iterator[Row]:
    """Yield one row per record, in file order; blank lines are passed over.

    Raises:
        InvalidInput: an array that is broken, at the line where that shows; or a line of absurd length.
    """
    is_array, whole = _open(file)
    if is_array:
        for line, value in array_elements(whole, ""):
            yield _row(line, value)
        return
    for line, text in enumerate(text_lines(whole), 1):
        if text.strip():
            yield _row_of_text(line, text)


def count(file: BinaryIO) -> int:
    """Return how many rows `parse` will give; raises what it raises."""
    is_array, whole = _open(file)
    if is_array:
        return sum(1 for _ in array_elements(whole, ""))
    return sum(1 for text in text_lines(whole) if text.strip())


def _open(file: BinaryIO) -> tuple[bool, BinaryIO]:
    """Return whether the file is an array, and the file as if nothing had been read."""
    start = file.read(_PEEKED)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        return True, _Joined(start.removeprefix(b"\xef\xbb\xbf"), file)
    return False, _Joined(start, file)


class _Joined(BytesIO):
    """What was read to find out the form, then the rest of the file."""

    def __init__(self, start: bytes, file: BinaryIO) -> None:
        super().__init__(start)
        self.later = file

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size) or self.later.read(-1 if size is None else size)

    def readline(self, size: int | None = -1, /) -> bytes:
        limit = -1 if size is None else size
        line = super().readline(limit)
        if line.endswith(b"\n") or len(line) == limit:
            return line
        return line + self.later.readline(limit - len(line) if limit >= 0 else -1)


def _row_of_text(line: int, text: str) -> Row:
    try:
        return _row(line, parse_json(text))
    except InvalidInput as error:
        found = _ID_IN_TEXT.search(text)
        return Row.refused(line, found[1] if found else "", str(error))


def _row(line: int, record: Any) -> Row:
    if isinstance(record, InvalidInput):
        return Row.refused(line, "", str(record))
    if not isinstance(record, Mapping):
        return Row.refused(line, "", "The record is not a JSON object.")
    key = record.get("id")
    key = key if isinstance(key, str) else ""
    try:
        return Row(line, key, _facts(record))
    except InvalidInput as error:
        return Row.refused(line, key, str(error))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        return Row.refused(line, key, f"The record does not follow ROR schema version 2: {_said(error)}.")


def _said(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else "a value has the wrong type"


def _facts(record: Mapping[str, Any]) -> InstitutionFacts:
    """Read one record (ROR schema 2.1: names, external_ids, links, locations, relationships)."""
    ror = parse_identifier(IdentifierScheme.ROR, record["id"])
    lenient = Leniency()
    places = [location["geonames_details"] for location in record["locations"]]
    if not places:
        raise InvalidInput("The record names no location, so no country.")
    websites = [link["value"] for link in record["links"] if link["type"] == "website"]
    return InstitutionFacts(
        source=SOURCE,
        source_key=ror.value,
        names=_names(record["names"]),
        identifiers=(ror, *_external_ids(record["external_ids"], lenient)),
        country=parse_country(places[0]["country_code"]),
        city=read_text(places[0]["name"], "city"),
        website=lenient.website(websites[0]) if websites else None,
        status=FactStatus(record["status"]),
        founded=_year(record["established"]),
        relations=tuple(_relation(relation) for relation in record["relationships"]),
        extra=lenient.extra | _extra(record, places, websites),
    )


def _year(value: object) -> int | None:
    if value is None or type(value) is int:
        return value
    raise TypeError("established")


def _names(items: Sequence[Mapping[str, Any]]) -> tuple[NameFact, ...]:
    ordered = sorted(items, key=lambda item: "ror_display" not in item["types"])
    if not ordered or "ror_display" not in ordered[0]["types"]:
        raise InvalidInput("The record has no display name.")
    names: list[NameFact] = []
    displayed: set[str | None] = set()
    for item in ordered:
        language = parse_language(item["lang"]) if item["lang"] is not None else None
        kind = _name_kind(item["types"], language in displayed)
        if kind is NameKind.DISPLAY:
            displayed.add(language)
        names.append(NameFact(read_text(item["value"], "name"), language, kind))
    return tuple(names)


def _name_kind(types: list[str], displayed_already: bool) -> NameKind:
    if ("ror_display" in types or "label" in types) and not displayed_already:
        return NameKind.DISPLAY
    return NameKind.SHORT if "acronym" in types else NameKind.ALIAS


def _external_ids(items: Sequence[Mapping[str, Any]], lenient: Leniency) -> tuple[Identifier, ...]:
    """All values of the schemes known here, the preferred one first."""
    found: list[Identifier] = []
    for item in items:
        scheme = _EXTERNAL.get(item["type"])
        if scheme is not None:
            values = sorted(item["all"], key=lambda value: value != item["preferred"])
            found.extend(lenient.identifiers(scheme, tuple(values)))
    return tuple(dict.fromkeys(found))


def _relation(item: Mapping[str, Any]) -> RelationFact:
    target = parse_identifier(IdentifierScheme.ROR, item["id"])
    return RelationFact(RelationKind(item["type"]), target, read_text(item["label"], "relationship"))


def _extra(
    record: Mapping[str, Any], places: Sequence[Mapping[str, Any]], websites: list[str]
) -> dict[str, str]:
    return {
        key: value
        for key, value in {
            "domains": " ".join(record.get("domains", ())),
            "other_cities": "; ".join(read_text(place["name"], "city") for place in places[1:]),
            "other_websites": " ".join(websites[1:]),
        }.items()
        if value
    }
