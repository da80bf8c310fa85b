"""CSV (RFC 4180): one row per issuer, for spreadsheets. UTF-8, lines end in CRLF; unsigned.

Media type `text/csv; charset=utf-8; header=present`. Read by pandas and spreadsheets. A cell that a
spreadsheet would run as a formula begins with an apostrophe. Cells with several values join them with a
vertical bar.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from registry.domain.scope import Grant, Scope, scope_to_wire
from registry.domain.trust_list import Entry, Header, IdentityKind, SchemeInfo, wire_instant
from registry.publishers.base import Document, Loss, Reach
from registry.signing.signers import Signer

LOSSES: tuple[Loss, ...] = (
    Loss("a signature", "a table carries none; the SHA-256 stands in /lists/index.json"),
    Loss("number and times of the list", "a table has no place for them; they stand in /lists/index.json"),
    Loss("history", "a row is the present standing; events and ended identities are in the native list"),
    Loss("which values of a scope belong together", "columns flatten the grants; `scope_json` keeps them"),
    Loss("keys and certificates themselves", "a row names them by DID, SHA-256 or thumbprint"),
    Loss("texts of conditions", "a row counts them; the native list has them in every language"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take as the start of a formula; the last four are the full-width twins."""


class CsvList:
    """The present standing of each issuer, as a table."""

    format_id = "csv"
    standard = "RFC 4180"
    file_name = "list.csv"
    media_type = "text/csv; charset=utf-8; header=present"
    lifetime = timedelta(days=1)
    signed = False
    reach = Reach.SCHEME
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the row of an issuer."""
        return _row(column(entry, scheme, at) for column in _COLUMNS.values())

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the row of names and the rows of the issuers."""
        return Document(self.file_name, b"".join([_row(_COLUMNS), *fragments]), self.media_type)


def _row(cells: Iterable[str]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow([_harmless(cell) for cell in cells])
    return buffer.getvalue().encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _scope(entry: Entry, at: datetime) -> Scope:
    interval = entry.interval(at)
    return (interval.scope if interval else entry.events[0].scope) or Scope(())


def _since(entry: Entry, at: datetime) -> str:
    interval = entry.interval(at)
    return wire_instant(interval.start if interval else entry.events[0].effective_from)


def _until(entry: Entry, at: datetime) -> str:
    interval = entry.interval(at)
    return wire_instant(interval.valid_until) if interval and interval.valid_until else ""


def _identities(*kinds: IdentityKind) -> Callable[[Entry, SchemeInfo, datetime], str]:
    def column(entry: Entry, scheme: SchemeInfo, at: datetime) -> str:
        return "|".join(i.value for i in entry.identities if i.kind in kinds and i.usable_at(at))

    return column


def _grants(values: Callable[[Grant], Iterable[str]]) -> Callable[[Entry, SchemeInfo, datetime], str]:
    @lru_cache(maxsize=256)
    def cell(scope: Scope) -> str:
        return "|".join(sorted({value for grant in scope.grants for value in values(grant)}))

    return lambda entry, scheme, at: cell(_scope(entry, at))


@lru_cache(maxsize=256)
def _scope_json(scope: Scope) -> str:
    return json.dumps(scope_to_wire(scope), ensure_ascii=False)


_COLUMNS: Mapping[str, Callable[[Entry, SchemeInfo, datetime], str]] = {
    "id": lambda entry, scheme, at: entry.id,
    "scheme": lambda entry, scheme, at: scheme.slug,
    "name_en": lambda entry, scheme, at: entry.names["en"],
    "name_pl": lambda entry, scheme, at: entry.names["pl"],
    "legal_name": lambda entry, scheme, at: entry.legal_name,
    "country": lambda entry, scheme, at: entry.address.country,
    "website": lambda entry, scheme, at: entry.website or "",
    "status": lambda entry, scheme, at: entry.status(at).value,
    "recognized": lambda entry, scheme, at: "yes" if entry.status(at).is_recognized else "no",
    "status_since": lambda entry, scheme, at: _since(entry, at),
    "valid_until": lambda entry, scheme, at: _until(entry, at),
    "identifiers": lambda entry, scheme, at: "|".join(f"{name}:{value}" for name, value in entry.identifiers),
    "dids": _identities(IdentityKind.DID),
    "certificates_sha256": _identities(IdentityKind.X509),
    "jwk_thumbprints": _identities(IdentityKind.JWK),
    "domains": _identities(IdentityKind.DOMAIN),
    "fields": _grants(lambda grant: grant.fields),
    "levels": _grants(lambda grant: (f"{level.value} {level.mark.value}" for level in grant.levels)),
    "credential_types": _grants(lambda grant: (kind.value for kind in grant.credential_types)),
    "countries": _grants(lambda grant: grant.countries),
    "scope_json": lambda entry, scheme, at: _scope_json(_scope(entry, at)),
    "conditions": lambda entry, scheme, at: str(len(entry.conditions)),
    "policy": lambda entry, scheme, at: f"{entry.policy_id}/{entry.policy_version}",
    "decided_at": lambda entry, scheme, at: wire_instant(entry.decided_at),
    "page": lambda entry, scheme, at: scheme.page(entry, "en"),
    "statement": lambda entry, scheme, at: f"{scheme.base_url}/issuers/{entry.id}/statement.jws",
}


def is_csv_list(body: bytes) -> bool:
    """Whether these bytes begin like our table."""
    return body.startswith(_row(_COLUMNS))
