"""The European Commission's list of holders of the Erasmus Charter for Higher Education, as comma-separated
text.

Source key: the PIC, the one number that stays through renames. Names are legal names without a language,
often in capitals without diacritics. `#N/A` and an empty cell both say that there is no number. Columns are
found by name; further ones are passed over.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import BinaryIO

from registry.domain.countries import parse_country
from registry.domain.identifiers import Identifier, IdentifierScheme, parse_identifier
from registry.errors import InvalidInput
from registry.importers.base import InstitutionFacts, Leniency, NameFact, NameKind, Row, read_text
from registry.importers.lines import CsvRecord, cells_problem, csv_records, read_header

SOURCE = "eche"
COLUMNS = (
    "Proposal number",
    "Erasmus Code",
    "PIC",
    "OID",
    "Legal Name",
    "Street",
    "Post Cd",
    "City",
    "Country Cd",
    "Website Url",
    "Erasmus Eche Start",
    "Erasmus Eche End",
)
_ABSENT = frozenset({"", "#N/A"})


def parse(file: BinaryIO) -> Iterator[Row]:
    """Yield one row per charter holder, in file order.

    Raises:
        InvalidInput: the header lacks a column of the Commission's list.
    """
    header, records = _open(file)
    place = {column: header.index(column) for column in COLUMNS}
    for record in records:
        yield _row(record, header, place)


def count(file: BinaryIO) -> int:
    """Return how many rows `parse` will give; raises what it raises."""
    return sum(1 for _ in _open(file)[1])


def _open(file: BinaryIO) -> tuple[list[str], Iterator[CsvRecord]]:
    records = csv_records(file)
    header = read_header(records)
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise InvalidInput(f"The header lacks the column “{missing[0]}”; this is no list of charter holders.")
    return header, records


def _row(record: CsvRecord, header: list[str], place: Mapping[str, int]) -> Row:
    problem = cells_problem(record, header)
    at = place["PIC"]
    key = record.cells[at].strip() if at < len(record.cells) else ""
    if problem:
        return Row.refused(record.line, key, problem)
    try:
        cells = {column: read_text(record.cells[number], column) for column, number in place.items()}
        return Row(record.line, key, _facts(cells))
    except InvalidInput as error:
        return Row.refused(record.line, key, str(error))


def _facts(cells: Mapping[str, str]) -> InstitutionFacts:
    if not cells["Legal Name"]:
        raise InvalidInput("Legal Name: the cell is empty.")
    pic = parse_identifier(IdentifierScheme.PIC, cells["PIC"])
    lenient = Leniency()
    return InstitutionFacts(
        source=SOURCE,
        source_key=pic.value,
        names=(NameFact(cells["Legal Name"], None, NameKind.LEGAL),),
        identifiers=(pic, *_other_identifiers(cells, lenient)),
        country=parse_country(cells["Country Cd"]),
        city=cells["City"],
        street=cells["Street"],
        postal_code=cells["Post Cd"],
        website=lenient.website(cells["Website Url"]),
        extra=lenient.extra | _charter(cells),
    )


def _other_identifiers(cells: Mapping[str, str], lenient: Leniency) -> list[Identifier]:
    schemes = {
        "OID": IdentifierScheme.OID,
        "Erasmus Code": IdentifierScheme.ERASMUS_CODE,
        "Proposal number": IdentifierScheme.ECHE,
    }
    given = [(scheme, cells[column]) for column, scheme in schemes.items() if cells[column] not in _ABSENT]
    return [identifier for scheme, text in given for identifier in lenient.identifiers(scheme, (text,))]


def _charter(cells: Mapping[str, str]) -> dict[str, str]:
    start, end = (_date(cells[f"Erasmus Eche {edge}"], edge) for edge in ("Start", "End"))
    if end < start:
        raise InvalidInput("Erasmus Eche End: the charter ends before it starts.")
    return {"charter_start": start.isoformat(), "charter_end": end.isoformat()}


def _date(text: str, edge: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"Erasmus Eche {edge}: “{text}” is not a date such as 2029-12-31.") from None
