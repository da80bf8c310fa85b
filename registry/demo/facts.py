"""Facts about a running demo for programs that check it: addresses, the certificate to pin, who stands where, accounts."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.database import Database
from registry.demo import invented
from registry.demo.build import ACCOUNTS, PROGRAM
from registry.domain.recognition import Status, interval_at
from registry.domain.scope import Scope, scope_to_wire
from registry.domain.trust_list import Entry, IdentityKind, wire_instant
from registry.domain.workflow import State
from registry.editions import EditionStore
from registry.editions.index import PATH as INDEX
from registry.models.application import Application
from registry.models.issuer import Issuer
from registry.publishers.traits import REGISTRY
from registry.services.bodies import scheme_by_slug, scheme_info
from registry.services.trust_lists import build_entries, load_issuers
from registry.signing.keys import KeyStore

CERTIFICATE = "signer.pem"
_NAMES = {
    "native_json": "json",
    "tl_xml": "xml",
    "lotl_xml": "lotl",
    "dcc_registry": "dcc",
}
"""Formats whose name in the facts differs from their id."""


def facts(settings: Settings, *, at: datetime) -> dict[str, Any]:
    """Return the facts; writes the certificate to pin beside the data."""
    database = Database(settings.sqlalchemy_url)
    try:
        with database.reading() as session:
            return _facts(session, settings, at)
    finally:
        database.dispose()


def _facts(session: Session, settings: Settings, at: datetime) -> dict[str, Any]:
    scheme = scheme_by_slug(session, invented.MAIN_SCHEME)
    info = scheme_info(scheme, settings.base_url)
    return {
        "base_url": settings.base_url,
        "authority": settings.base_url,
        "scheme": scheme.slug,
        "signer_certificate": _certificate(settings, scheme.slug),
        "lists": _lists(settings, scheme.slug),
        "status_uris": [info.status_uri(status) for status in Status if status.is_recognized],
        "issuers": _issuers(session, scheme.id, at),
        "accounts": _accounts(settings),
        "programs": _programs(settings),
        "login": "/en/sign-in",
    }


def _lists(settings: Settings, scheme: str) -> dict[str, str]:
    """Return the address of every list of a scheme's first shard and of the whole registry, by format, from the index.

    A file beside a list is named by its ending, such as `sha2`.
    """
    with EditionStore(settings.editions, settings.base_url) as store:
        index = store.document(INDEX)
    found: dict[str, str] = {}
    for row in json.loads(index.body)["documents"] if index else ():
        if row["scheme"] in {scheme, REGISTRY} and row["shard"] == 1:
            name = _NAMES.get(row["format"], row["format"])
            found[name] = row["url"]
            for beside in row.get("companions", ()):
                ending = beside["url"].rpartition(".")[2]
                found[f"{name}_{ending}" if ending in found else ending] = beside["url"]
    return found


def _accounts(settings: Settings) -> list[dict[str, str]]:
    """Return the demo accounts; `name` is what one signs in with."""
    return [
        {"role": a["role"], "name": a["email"], "password": a["password"], "person": a["name"]}
        for a in json.loads((settings.data / ACCOUNTS).read_text())
        if a["role"] != PROGRAM
    ]


def _programs(settings: Settings) -> list[dict[str, str]]:
    """Return the programs that get tokens by OAuth 2.0 client credentials."""
    return [
        {"name": a["name"], "client_id": a["email"], "client_secret": a["password"]}
        for a in json.loads((settings.data / ACCOUNTS).read_text())
        if a["role"] == PROGRAM
    ]


def _certificate(settings: Settings, scheme: str) -> str:
    path = settings.data.resolve() / CERTIFICATE
    path.write_text(KeyStore.open(settings.keys, settings.key_passphrase).certificates(scheme))
    return str(path)


def _issuers(session: Session, scheme_id: object, at: datetime) -> dict[str, list[dict[str, Any]]]:
    listed = load_issuers(session, session.scalars(select(Issuer.id).where(Issuer.scheme_id == scheme_id)))
    table: dict[str, list[dict[str, Any]]] = {"granted": [], "withdrawn": [], "suspended": []}
    for entry in build_entries(session, listed):
        interval = interval_at(entry.events, at)
        if interval is None:
            continue
        dids = [i.value for i in entry.identities if i.kind is IdentityKind.DID]
        row = {
            "id": entry.id,
            "did": dids[0] if dids else None,
            "slug": entry.slug,
            "name": entry.names["en"],
            "scope": _grants(entry, at),
            "status": interval.status.value,
            "since": wire_instant(interval.start),
        }
        if interval.status.is_recognized:
            table["granted"].append(row)
        elif interval.status is Status.WITHDRAWN:
            table["withdrawn"].append({**row, "withdrawn_at": wire_instant(interval.start)})
        elif interval.status is Status.SUSPENDED:
            table["suspended"].append({**row, "suspended_at": wire_instant(interval.start)})
    return {**table, "never_listed": _never_listed(session)}


def _grants(entry: Entry, at: datetime) -> list[dict[str, Any]]:
    interval = entry.interval(at)
    wire: Any = scope_to_wire(interval.scope if interval else Scope(()))
    return list(wire["grants"])


def _never_listed(session: Session) -> list[dict[str, Any]]:
    """Return institutions that asked and are on no list: refused, or under way."""
    listed = select(Issuer.institution_id)
    query = select(Application).where(
        Application.institution_id.not_in(listed), Application.state != State.DRAFT
    )
    return [
        {
            "id": str(case.institution_id),
            "did": next((c.value for c in case.identity_claims if c.kind is IdentityKind.DID), None),
            "slug": case.institution.slug,
            "name": case.institution.name,
            "scope": case.scope["grants"],
        }
        for case in session.scalars(query)
    ]
