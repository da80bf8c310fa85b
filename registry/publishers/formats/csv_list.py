"""CSV (RFC 4180): one row per issuer, for spreadsheets. UTF-8, lines end in CRLF; unsigned.

Media type `text/csv; charset=utf-8; header=present`. Read by pandas and spreadsheets. A cell that a
spreadsheet would run as a formula begins with an apostrophe. Cells with several values join them with a
vertical bar.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from registry.domain.recognition import Status
from registry.domain.scope import Grant, Scope, scope_to_wire
from registry.domain.trust_list import Entry, Header, IdentityKind, ListedIdentity, SchemeInfo, wire_instant
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
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
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
        issuer = _issuer(entry, scheme, at)
        return _row([column(issuer) for column in _COLUMNS.values()])

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the row of names and the rows of the issuers."""
        return Document(self.file_name, b"".join([_row(_COLUMNS), *fragments]), self.media_type)


def _row(cells: Iterable[str]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow(
        [f"'{cell}" if cell[:1] in _FORMULA else cell for cell in cells]
    )
    return buffer.getvalue().encode()


class _Issuer(NamedTuple):
    """What the cells of one row are taken from; `usable`: the identities that are."""

    entry: Entry
    scheme: SchemeInfo
    status: Status
    since: datetime
    until: datetime | None
    scope: Mapping[str, str]
    usable: Sequence[ListedIdentity]


def _issuer(entry: Entry, scheme: SchemeInfo, at: datetime) -> _Issuer:
    # Where nothing holds yet, a row tells what the first event will bring.
    held, first = entry.interval(at), entry.events[0]
    return _Issuer(
        entry,
        scheme,
        status=held.status if held else Status.PENDING_EFFECTIVE,
        since=held.start if held else first.effective_from,
        until=held.valid_until if held else None,
        scope=_scope_cells((held.scope if held else first.scope) or Scope(())),
        usable=[identity for identity in entry.identities if identity.usable_at(at)],
    )


@lru_cache(maxsize=256)
def _scope_cells(scope: Scope) -> Mapping[str, str]:
    """Return the cells that tell of a scope alone, by column; many issuers have the same one."""
    joined = {
        column: "|".join(sorted({value for grant in scope.grants for value in values(grant)}))
        for column, values in _GRANTS.items()
    }
    return {**joined, "scope_json": json.dumps(scope_to_wire(scope), ensure_ascii=False)}


_GRANTS: Mapping[str, Callable[[Grant], Iterable[str]]] = {
    "fields": lambda grant: grant.fields,
    "levels": lambda grant: (f"{level.value} {level.mark.value}" for level in grant.levels),
    "credential_types": lambda grant: (kind.value for kind in grant.credential_types),
    "countries": lambda grant: grant.countries,
}


def _scope(column: str) -> Callable[[_Issuer], str]:
    return lambda issuer: issuer.scope[column]


def _identities(kind: IdentityKind) -> Callable[[_Issuer], str]:
    return lambda issuer: "|".join([i.value for i in issuer.usable if i.kind is kind])


_COLUMNS: Mapping[str, Callable[[_Issuer], str]] = {
    "id": lambda issuer: issuer.entry.id,
    "scheme": lambda issuer: issuer.scheme.slug,
    "name_en": lambda issuer: issuer.entry.names["en"],
    "name_pl": lambda issuer: issuer.entry.names["pl"],
    "legal_name": lambda issuer: issuer.entry.legal_name,
    "country": lambda issuer: issuer.entry.address.country,
    "website": lambda issuer: issuer.entry.website or "",
    "status": lambda issuer: issuer.status.value,
    "recognized": lambda issuer: "yes" if issuer.status.is_recognized else "no",
    "status_since": lambda issuer: wire_instant(issuer.since),
    "valid_until": lambda issuer: wire_instant(issuer.until) if issuer.until else "",
    "identifiers": lambda issuer: "|".join([f"{name}:{value}" for name, value in issuer.entry.identifiers]),
    "dids": _identities(IdentityKind.DID),
    "certificates_sha256": _identities(IdentityKind.X509),
    "jwk_thumbprints": _identities(IdentityKind.JWK),
    "domains": _identities(IdentityKind.DOMAIN),
    **{column: _scope(column) for column in (*_GRANTS, "scope_json")},
    "conditions": lambda issuer: str(len(issuer.entry.conditions)),
    "policy": lambda issuer: f"{issuer.entry.policy_id}/{issuer.entry.policy_version}",
    "decided_at": lambda issuer: wire_instant(issuer.entry.decided_at),
    "page": lambda issuer: issuer.scheme.page(issuer.entry, "en"),
    "statement": lambda issuer: f"{issuer.scheme.base_url}/issuers/{issuer.entry.id}/statement.jws",
}


def is_csv_list(body: bytes) -> bool:
    """Whether these bytes begin like our table."""
    return body.startswith(_row(_COLUMNS))
