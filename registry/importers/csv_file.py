"""Our own table of institutions: comma-separated, UTF-8, first line the column names, in any order.

Required columns: `source_key` (the operator's own key, never reused), `legal_name`, `country` (two letters).
Optional: `name_<language>` such as `name_pl` (display name), `short_name`, `former_names` and `aliases`
(separated by `|`), `city`, `street`, `postal_code`, `website`, `kind` (default higher_education_institution),
`status` (default active), `founded` (year), `successors` and `predecessors` (identifiers such as
`ror:03bqmcz70`, separated by `|`), and one column per scheme of identifiers of institutions: `ror`,
`deqarinst`, `eter`, `erasmus_code`, `pic`, `oid`, `eche`, `schac`, `whed`, `vat`, `euid`, `lei`, `nip`,
`regon`, `krs`, `grid`, `isni`, `wikidata`, `fundref`, `ctid`, `domain`.

Strict, since whoever writes it can mend it: an unknown or repeated column refuses the file, any bad cell
refuses its line.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, TypeVar

from registry.domain.countries import parse_country
from registry.domain.identifiers import Identifier, IdentifierScheme, parse_identifier, parse_scheme
from registry.domain.web_names import parse_website
from registry.errors import InvalidInput
from registry.importers.base import (
    FactStatus,
    InstitutionFacts,
    InstitutionKind,
    NameFact,
    NameKind,
    RelationFact,
    RelationKind,
    Row,
    read_text,
)
from registry.importers.lines import CsvRecord, cells_problem, csv_records, read_header

SOURCE = "csv"
REQUIRED = ("source_key", "legal_name", "country")
PLAIN = ("city", "street", "postal_code", "website", "kind", "status", "founded")
NAMES = {"short_name": NameKind.SHORT, "former_names": NameKind.FORMER, "aliases": NameKind.ALIAS}
RELATIONS = {"successors": RelationKind.SUCCESSOR, "predecessors": RelationKind.PREDECESSOR}
_NOT_INSTITUTIONS = frozenset(
    {
        IdentifierScheme.DID,
        IdentifierScheme.X509_SHA256,
        IdentifierScheme.X509_SUBJECT,
        IdentifierScheme.JWK_THUMBPRINT,
        IdentifierScheme.WEB_ORIGIN,
        IdentifierScheme.PLATFORM_PROFILE,
    }
)
IDENTIFIERS = {scheme.value: scheme for scheme in IdentifierScheme if scheme not in _NOT_INSTITUTIONS}
_NAME_COLUMN = re.compile(r"name_([a-z]{2,3})")
_SEPARATOR = "|"
_LONGEST_KEY = 200
T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of one file by what they hold, so that a line looks at no others."""

    displayed: tuple[str, ...]
    named: tuple[str, ...]
    identifiers: tuple[tuple[str, IdentifierScheme], ...]

    @classmethod
    def of(cls, header: list[str]) -> "_Columns":
        displayed = tuple(column for column in header if _NAME_COLUMN.fullmatch(column))
        named = tuple(column for column in NAMES if column in header)
        return cls(displayed, named, tuple((c, s) for c, s in IDENTIFIERS.items() if c in header))


def parse(file: BinaryIO) -> Iterator[Row]:
    """Yield one row per institution, in file order.

    Raises:
        InvalidInput: a required column is missing, or a column is unknown or comes twice.
    """
    header, records = _open(file)
    columns = _Columns.of(header)
    for record in records:
        yield _row(record, header, columns)


def count(file: BinaryIO) -> int:
    """Return how many rows `parse` will give; raises what it raises."""
    return sum(1 for _ in _open(file)[1])


def _open(file: BinaryIO) -> tuple[list[str], Iterator[CsvRecord]]:
    records = csv_records(file)
    header = read_header(records)
    _check_header(header)
    return header, records


def _check_header(header: list[str]) -> None:
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise InvalidInput(f"The header lacks the column {missing[0]}; required are {', '.join(REQUIRED)}.")
    known = (*REQUIRED, *PLAIN, *NAMES, *RELATIONS, *IDENTIFIERS)
    for column in header:
        if column not in known and not _NAME_COLUMN.fullmatch(column):
            names = ", ".join(known)
            raise InvalidInput(f"The column “{column}” is unknown; known are name_pl and the like, {names}.")


def _row(record: CsvRecord, header: list[str], columns: _Columns) -> Row:
    problem = cells_problem(record, header)
    given = dict(zip(header, record.cells, strict=False))
    key = given.get("source_key", "").strip()
    if problem:
        return Row.refused(record.line, key, problem)
    try:
        cells = {column: read_text(cell, column) for column, cell in given.items() if cell}
        return Row(
            record.line, key, _facts({column: cell for column, cell in cells.items() if cell}, columns)
        )
    except InvalidInput as error:
        return Row.refused(record.line, key, str(error))


def _facts(cells: Mapping[str, str], columns: _Columns) -> InstitutionFacts:
    """Read one line; `cells` holds what is filled in, cleaned."""
    for column in REQUIRED:
        if column not in cells:
            raise InvalidInput(f"{column}: the cell is empty.")
    if len(cells["source_key"]) > _LONGEST_KEY:
        raise InvalidInput(f"source_key: longer than {_LONGEST_KEY} characters.")
    return InstitutionFacts(
        source=SOURCE,
        source_key=cells["source_key"],
        names=_names(cells, columns),
        identifiers=_identifiers(cells, columns),
        country=_cell(cells, "country", parse_country, ""),
        city=cells.get("city", ""),
        street=cells.get("street", ""),
        postal_code=cells.get("postal_code", ""),
        website=_cell(cells, "website", parse_website, None),
        kind=_cell(cells, "kind", _kind, InstitutionKind.HIGHER_EDUCATION),
        status=_cell(cells, "status", _status, FactStatus.ACTIVE),
        founded=_cell(cells, "founded", _year, None),
        relations=_relations(cells) if cells.keys() & RELATIONS.keys() else (),
    )


def _cell(cells: Mapping[str, str], column: str, parse_cell: Callable[[str], T], default: D) -> T | D:
    """Return the parsed cell, or the default where there is none; an error names the column."""
    text = cells.get(column)
    return default if text is None else _parsed(column, parse_cell, text)


def _parsed(column: str, parse_cell: Callable[[str], T], text: str) -> T:
    try:
        return parse_cell(text)
    except InvalidInput as error:
        raise InvalidInput(f"{column}: {error}") from error


def _names(cells: Mapping[str, str], columns: _Columns) -> tuple[NameFact, ...]:
    names = [NameFact(cells["legal_name"], None, NameKind.LEGAL)]
    for column in columns.displayed:
        if column in cells:
            names.append(NameFact(cells[column], column.removeprefix("name_"), NameKind.DISPLAY))
    for column in columns.named:
        if column in cells:
            names.extend(NameFact(part, None, NAMES[column]) for part in _parts(cells[column]))
    return tuple(names)


def _identifiers(cells: Mapping[str, str], columns: _Columns) -> tuple[Identifier, ...]:
    return tuple(
        _parsed(column, partial(parse_identifier, scheme), cells[column])
        for column, scheme in columns.identifiers
        if column in cells
    )


def _relations(cells: Mapping[str, str]) -> tuple[RelationFact, ...]:
    return tuple(
        RelationFact(kind, _parsed(column, _target, part), "")
        for column, kind in RELATIONS.items()
        for part in _parts(cells.get(column, ""))
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(_SEPARATOR) if part.strip()]


def _target(text: str) -> Identifier:
    scheme, colon, value = text.partition(":")
    if not colon:
        raise InvalidInput(f"“{text}” names no scheme; write it like ror:03bqmcz70.")
    return parse_identifier(parse_scheme(scheme), value)


def _kind(text: str) -> InstitutionKind:
    if text not in _KINDS:
        raise InvalidInput(f"“{text}” is none of {', '.join(_KINDS)}.")
    return _KINDS[text]


def _status(text: str) -> FactStatus:
    if text not in _STATUSES:
        raise InvalidInput(f"“{text}” is none of {', '.join(_STATUSES)}.")
    return _STATUSES[text]


def _year(text: str) -> int:
    if not re.fullmatch(r"[0-9]{3,4}", text):
        raise InvalidInput(f"“{text}” is not a year of three or four digits.")
    return int(text)


_KINDS = {kind.value: kind for kind in InstitutionKind}
_STATUSES = {status.value: status for status in FactStatus}
