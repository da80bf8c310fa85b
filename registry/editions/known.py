"""`?known=<instant>` on a published document: which sequence was current at that moment.

`at` is refused: a document is never computed for another instant, it was published or it was not.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

from registry.editions.reader import EditionReader
from registry.errors import InvalidInput

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_KEY = """
SELECT d.scheme, d.format, d.shard, d.sequence, a.immutable FROM address a
JOIN document d ON d.number = a.document WHERE a.path = ?
"""


class KnownRefused(InvalidInput):
    """The question cannot be answered; `status` is the HTTP status line."""

    def __init__(self, message: str, status: str = "400 Bad Request") -> None:
        super().__init__(message)
        self.status = status


def document_known(
    reader: EditionReader | None, path: str, query: str, now: Callable[[], datetime]
) -> str | None:
    """Return the permanent address that `query` asks for, or None when it does not ask for an instant.

    Raises:
        KnownRefused: the instant cannot be read, lies ahead, or nothing was published then.
    """
    asked = parse_qs(query, keep_blank_values=True)
    if "at" in asked:
        raise KnownRefused("A published document cannot be asked for another valid time; use known alone.")
    if "known" not in asked or reader is None:
        return None
    if len(asked["known"]) > 1:
        raise KnownRefused("Name one instant in known.")
    scheme, format_id, shard, sequence, immutable = reader.connection.execute(_KEY, (path,)).fetchone()
    if immutable:
        raise KnownRefused("This address names one document for ever; ask its current address with known.")
    if sequence is None:
        raise KnownRefused("This file has no sequence, so no earlier state of it is kept.")
    instant = parse_instant(asked["known"][0])
    # Editions may be stamped by a clock ahead of this one, as in a demo; what is published is known.
    edition = reader.edition()
    if instant > max(now(), edition.at if edition else now()):
        raise KnownRefused("The instant in known lies ahead; nobody knows what will be published then.")
    found = reader.document_at(scheme, format_id, shard, instant)
    if found is None:
        raise KnownRefused("Nothing was published at this address then.", "404 Not Found")
    return found


def parse_instant(text: str) -> datetime:
    """Return the instant written as `YYYY-MM-DDThh:mm:ssZ`.

    Raises:
        KnownRefused: it is written otherwise, or there is no such day or time.
    """
    if _INSTANT.fullmatch(text):
        try:
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            pass
    raise KnownRefused(f"“{text[:40]}” is not an instant; write it in UTC, such as 2026-03-01T12:00:00Z.")
