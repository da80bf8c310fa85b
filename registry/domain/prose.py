"""Free text of people, cleaned and limited, line ends kept: reasons, answers, sections of a report."""

import re
from typing import Final

from registry.domain.text import clean
from registry.errors import FieldError, InvalidInput

SHORT: Final = 2_000
"""Most characters of one question, one point, one note."""
LONG: Final = 20_000
"""Most characters of one section, one answer, one statement."""
_GAPS = re.compile(r"\n{3,}")
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")


def prose(field: str, text: str, most: int, *, missing: str = "") -> str:
    """Return `text` in NFC with plain line ends, trimmed, at most one empty line in a row.

    `missing` is the sentence for a text that must not be empty; without it an empty text is fine.

    Raises:
        InvalidInput: empty though needed, longer than `most` characters, or with characters that nobody can see.
    """
    lines = (_clean(field, line) for line in _LINE_ENDS.sub("\n", text).split("\n"))
    tidy = _GAPS.sub("\n\n", "\n".join(lines)).strip()
    if not tidy and missing:
        raise InvalidInput(missing, [FieldError(field, missing)])
    if len(tidy) > most:
        message = f"at most {most} characters; this text has {len(tidy)}"
        raise InvalidInput(message, [FieldError(field, message)])
    return tidy


def _clean(field: str, line: str) -> str:
    try:
        return clean(line)
    except InvalidInput as error:
        raise InvalidInput(str(error), [FieldError(field, str(error))]) from error
