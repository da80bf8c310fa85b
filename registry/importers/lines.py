"""Reading text files a line at a time; what cannot be decoded is still there, to be refused by number."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from registry.errors import InvalidInput
from registry.importers.base import LONGEST_RECORD

LONGEST_LINE = LONGEST_RECORD
_UTF8_BOM = b"\xef\xbb\xbf"


def text_lines(file: BinaryIO) -> Iterator[str]:
    """Yield decoded lines; bytes that are not UTF-8 come as surrogates, which no cleaned text may hold.

    Raises:
        InvalidInput: a line is longer than a record may be.
    """
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise InvalidInput(
                f"Line {number} is longer than {LONGEST_LINE} bytes; this is not a file of this format."
            )
        if number == 1:
            line = line.removeprefix(_UTF8_BOM)
        yield line.decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """One record: its first line, and either its cells or why there are none."""

    line: int
    cells: list[str]
    problem: str | None = None


def csv_records(file: BinaryIO) -> Iterator[CsvRecord]:
    """Yield the records of comma-separated text (RFC 4180), the header first; empty lines are passed over."""
    reader = csv.reader(text_lines(file), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield CsvRecord(line, [], f"The line is not valid CSV: {error}.")
            continue
        if cells:
            yield CsvRecord(line, cells)


def read_header(records: Iterator[CsvRecord]) -> list[str]:
    """Return the trimmed column names of the first record.

    Raises:
        InvalidInput: the file is empty, its first line is not CSV, or a column comes twice.
    """
    first = next(records, None)
    if first is None:
        raise InvalidInput("The file is empty; its first line names the columns.")
    if first.problem:
        raise InvalidInput(f"Line {first.line}: {first.problem}")
    header = [cell.strip() for cell in first.cells]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InvalidInput(f"Line {first.line}: the column {twice[0] or '“”'} comes twice.")
    return header


def cells_problem(record: CsvRecord, columns: Mapping[str, int] | list[str]) -> str | None:
    """Return why a record cannot be read against its columns, or None."""
    if record.problem:
        return record.problem
    if len(record.cells) != len(columns):
        return f"The line has {len(record.cells)} cells, but the header names {len(columns)} columns."
    return None
