"""What each format says, read back into one form: who is recognized now, by which keys, since when.

Every format has one line in `READERS`: a function from the document to `Told`, and a `View` that says what the
format can tell at all (its `LOSSES` say why not more). Nothing here is shared with the code that writes the
formats. A new format without a line fails the test of parity.
"""

import base64
import csv
import hashlib
import io
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

import cbor2
from lxml import etree

from registry.domain.recognition import Status
from registry.domain.trust_list import Entry, IdentityKind, wire_instant
from registry.publishers.base import Document
from registry.signing.certificates import describe_certificate
from registry.signing.jws import peek_compact

KEYS = (IdentityKind.DID, IdentityKind.X509, IdentityKind.JWK, IdentityKind.DOMAIN)
"""Identities that cover an issuer by themselves; each is told as `kind:value`."""


@dataclass(frozen=True)
class Said:
    """What a format says of one recognized subject; `since` None where it does not say."""

    since: str | None
    keys: frozenset[str]


@dataclass(frozen=True)
class Told:
    """What a document says. `recognized`: by issuer id or by key. `statuses`: of every issuer in it, where it has any."""

    recognized: Mapping[str, Said]
    statuses: Mapping[str, str] = field(default_factory=dict)


class Since(Enum):
    """What the time beside a recognized issuer means."""

    UNTOLD = "not told"
    STANDING = "since when it stands exactly as it does"
    STATUS = "since when it has this status, as lists said it"
    RECOGNITION = "since when it has been recognized without interruption"
    DAY = "the day of that, in UTC"
    KEY = "since when it has been recognized by that key"


@dataclass(frozen=True)
class View:
    """What a format can tell. `kinds`: keys it names. `by_key`: its subjects are keys, not issuers."""

    kinds: Collection[IdentityKind]
    since: Since
    by_key: bool = False
    needs_key: bool = False
    statuses: bool = False


@dataclass(frozen=True)
class Reader:
    read: Callable[[Document, datetime], Told]
    view: View


def truth(entries: Iterable[Entry], at: datetime, view: View) -> Told:
    """Return what a format of this view has to say of these entries."""
    recognized: dict[str, Said] = {}
    statuses: dict[str, str] = {}
    for entry in entries:
        status = entry.status(at)
        if view.statuses:
            statuses[entry.id] = status.value
        keys = {f"{i.kind}:{i.value}": i.valid_from for i in entry.identities if _covers(i, at)}
        keys = {key: start for key, start in keys.items() if key.partition(":")[0] in view.kinds}
        if not status.is_recognized or (view.needs_key and not keys):
            continue
        if view.by_key:
            recognized |= {
                key: Said(_since(entry, at, view.since, start), frozenset({key}))
                for key, start in keys.items()
            }
        else:
            recognized[entry.id] = Said(_since(entry, at, view.since), frozenset(keys))
    return Told(recognized, statuses)


def _covers(identity: Any, at: datetime) -> bool:
    if identity.certificate is not None and at >= describe_certificate(identity.certificate).not_after:
        return False
    return identity.kind in KEYS and bool(identity.usable_at(at))


def _since(entry: Entry, at: datetime, since: Since, key_start: datetime | None = None) -> str | None:
    held = [interval for interval in entry.intervals() if interval.start <= at]
    status, recognition = held[-1].start, held[-1].start
    for interval in reversed(held):
        if not interval.status.is_recognized:
            break
        recognition = interval.start
    for interval in reversed(held):
        if interval.status is not held[-1].status:
            break
        status = interval.start
    return {
        Since.UNTOLD: None,
        Since.STANDING: wire_instant(held[-1].start),
        Since.STATUS: wire_instant(status),
        Since.RECOGNITION: wire_instant(recognition),
        Since.DAY: wire_instant(recognition)[:10],
        Since.KEY: wire_instant(max(recognition, key_start or recognition)),
    }[since]


def _payload(document: Document) -> Any:
    return json.loads(peek_compact(document.body).payload)


def _native_entries(entries: Iterable[Mapping[str, Any]]) -> Told:
    told, statuses = {}, {}
    for entry in entries:
        statuses[entry["id"]] = entry["status"]
        if Status(entry["status"]).is_recognized:
            usable = [i for i in entry["identities"] if i["usable"] and i["kind"] in KEYS]
            keys = frozenset(f"{i['kind']}:{i['value']}" for i in usable)
            told[entry["id"]] = Said(entry["status_since"], keys)
    return Told(told, statuses)


def read_native_json(document: Document, at: datetime) -> Told:
    return _native_entries(_payload(document)["entries"])


def read_ndjson(document: Document, at: datetime) -> Told:
    return _native_entries(map(json.loads, document.body.splitlines()[1:]))


def read_statement(document: Document, at: datetime) -> Told:
    return _native_entries([_payload(document)["entry"]])


_COLUMNS = {"dids": "did", "certificates_sha256": "x509", "jwk_thumbprints": "jwk", "domains": "domain"}


def read_csv(document: Document, at: datetime) -> Told:
    rows = list(csv.DictReader(io.StringIO(document.body.decode(), newline="")))
    told = {}
    for row in rows:
        if row["recognized"] == "yes":
            keys = {f"{kind}:{v}" for name, kind in _COLUMNS.items() for v in row[name].split("|") if v}
            told[row["id"]] = Said(row["status_since"], frozenset(keys))
    return Told(told, {row["id"]: row["status"] for row in rows})


def read_jsonld(document: Document, at: datetime) -> Told:
    entries = [
        {
            **entry,
            "id": entry["identifier"],
            "status": entry["status"].rpartition("/")[2].replace("-", "_"),
        }
        for entry in json.loads(document.body)["entries"]
    ]
    return _native_entries(entries)


def _sha256(certificate: Mapping[str, str]) -> str:
    return f"x509:{hashlib.sha256(base64.b64decode(certificate['val'])).hexdigest()}"


def read_lote_anchors(document: Document, at: datetime) -> Told:
    told = {}
    for entity in _payload(document)["LoTE"].get("TrustedEntitiesList", []):
        [service] = entity["TrustedEntityServices"]
        information = service["ServiceInformation"]
        [extension] = information["ServiceInformationExtensions"]
        keys = map(_sha256, information["ServiceDigitalIdentity"]["X509Certificates"])
        told[extension["Recognition"]["id"]] = Said(None, frozenset(keys))
    return Told(told)


_OTHER_IDS = {"did:": "did:", "urn:ietf:params:oauth:jwk-thumbprint:sha-256:": "jwk:", "dns:": "domain:"}


def read_lote_register(document: Document, at: datetime) -> Told:
    told, statuses = {}, {}
    for entity in _payload(document)["LoTE"].get("TrustedEntitiesList", []):
        recognition, *others = [service["ServiceInformation"] for service in entity["TrustedEntityServices"]]
        named = recognition["ServiceDigitalIdentity"]["OtherIds"]
        issuer = named[0].removeprefix("urn:uuid:")
        statuses[issuer] = recognition["ServiceStatus"].rpartition("/")[2].replace("-", "_")
        if Status(statuses[issuer]).is_recognized:
            keys = {_other_key(name) for name in named[1:]} - {None}
            carried = [s["ServiceDigitalIdentity"].get("X509Certificates", []) for s in others]
            keys |= {_sha256(certificate) for certificates in carried for certificate in certificates}
            told[issuer] = Said(recognition["StatusStartingTime"], frozenset(k for k in keys if k))
    return Told(told, statuses)


def _other_key(name: str) -> str | None:
    """Return a key of its own; a platform key is none."""
    for start, kind in _OTHER_IDS.items():
        if name.startswith(start):
            return kind + (name if start == "did:" else name.removeprefix(start))
    return None


def _texts(node: Any, name: str) -> list[str]:
    """Return the texts of all elements of a local name below a node."""
    return [str(found.text) for found in node.iter(f"{{*}}{name}")]


def _parts(node: Any, name: str) -> list[Any]:
    return list(node.iter(f"{{*}}{name}"))


def _der_key(text: str) -> str:
    return _sha256({"val": text})


def read_anchors_xml(document: Document, at: datetime) -> Told:
    told = {}
    for entity in _parts(etree.fromstring(document.body), "TrustedEntity"):
        [recognition] = _parts(entity, "Recognition")
        told[recognition.get("id")] = Said(None, frozenset(map(_der_key, _texts(entity, "X509Certificate"))))
    return Told(told)


def _read_register_xml(document: Document, entity_name: str, other_name: str) -> Told:
    """Read the XML binding of the register, or the trusted list, which says the same in older words."""
    told, statuses = {}, {}
    for entity in _parts(etree.fromstring(document.body), entity_name):
        recognition, *others = _parts(entity, "ServiceInformation")
        issuer, *named = _texts(recognition, other_name)
        issuer = issuer.removeprefix("urn:uuid:")
        [status] = _texts(recognition, "ServiceStatus")
        statuses[issuer] = status.rpartition("/")[2].replace("-", "_")
        if Status(statuses[issuer]).is_recognized:
            keys = {_other_key(name) for name in named}
            keys |= {_der_key(text) for service in others for text in _texts(service, "X509Certificate")}
            [since] = _texts(recognition, "StatusStartingTime")
            told[issuer] = Said(since, frozenset(key for key in keys if key))
    return Told(told, statuses)


def read_register_xml(document: Document, at: datetime) -> Told:
    return _read_register_xml(document, "TrustedEntity", "OtherId")


def read_tl_xml(document: Document, at: datetime) -> Told:
    return _read_register_xml(document, "TrustServiceProvider", "Other")


def read_vical(document: Document, at: datetime) -> Told:
    told: dict[str, frozenset[str]] = {}
    _protected, _unprotected, payload, _signature = cbor2.loads(document.body)
    for info in cbor2.loads(payload)["certificateInfos"]:
        [recognition] = info["extensions"].values()
        key = f"x509:{hashlib.sha256(info['certificate']).hexdigest()}"
        told[recognition["id"]] = told.get(recognition["id"], frozenset()) | {key}
    return Told({issuer: Said(None, keys) for issuer, keys in told.items()})


def read_dcc_registry(document: Document, at: datetime) -> Told:
    listed = json.loads(document.body)["registry"]
    return Told({f"did:{did}": Said(None, frozenset({f"did:{did}"})) for did in listed})


def read_cte(document: Document, at: datetime) -> Told:
    entries = _payload(document)["participants"]["entries"]
    [roles] = [topic for name, topic in entries.items() if name.endswith("/roles.json")]
    told, now = {}, wire_instant(at)
    for did, item in roles.items():
        held = [r for r in item["roles"] if r["start"] <= now and ("end" not in r or now < r["end"])]
        if held:
            told[f"did:{did}"] = Said(min(role["start"] for role in held), frozenset({f"did:{did}"}))
    return Told(told)


def read_ctdl(document: Document, at: datetime) -> Told:
    graph = json.loads(document.body)["@graph"]
    organizations = {node["@id"]: node for node in graph}
    told = {}
    for node in graph:
        if node["@type"] == "ceterms:AccreditAction" and (
            node["ceterms:actionStatusType"]["ceterms:targetNode"] == "actionStat:ActiveActionStatus"
        ):
            issuer = node["ceterms:object"]
            keys = {
                f"did:{number['ceterms:identifierValueCode']}"
                for number in organizations[issuer]["ceterms:identifier"]
                if number["ceterms:identifierTypeName"]["en"] == "did"
            }
            told[issuer.rpartition("/")[2]] = Said(node["ceterms:startDate"], frozenset(keys))
    return Told(told)


def read_elm(document: Document, at: datetime) -> Told:
    graph = json.loads(document.body)["@graph"]
    organisations = {node["@id"]: node for node in graph if node["@type"] == "Organisation"}
    told = {}
    for node in graph:
        if node["@type"] == "Accreditation":
            numbers = organisations[node["organisation"]]["identifier"]
            keys = {f"did:{n['notation']}" for n in numbers if n["schemeName"] == "did"}
            told[node["organisation"].rpartition("/")[2]] = Said(node["valid"], frozenset(keys))
    return Told(told)


_DID = (IdentityKind.DID,)
_X509 = (IdentityKind.X509,)
_EXACT = View(KEYS, Since.STANDING, statuses=True)
READERS: Mapping[str, Reader] = {
    "native_json": Reader(read_native_json, _EXACT),
    "ndjson": Reader(read_ndjson, _EXACT),
    "csv": Reader(read_csv, _EXACT),
    "jsonld": Reader(read_jsonld, _EXACT),
    "statement": Reader(read_statement, _EXACT),
    "lote_anchors": Reader(read_lote_anchors, View(_X509, Since.UNTOLD, needs_key=True)),
    "lote_register": Reader(read_lote_register, View(KEYS, Since.STATUS, statuses=True)),
    "lote_anchors_xml": Reader(read_anchors_xml, View(_X509, Since.UNTOLD, needs_key=True)),
    "lote_register_xml": Reader(read_register_xml, View(KEYS, Since.STATUS, statuses=True)),
    "tl_xml": Reader(read_tl_xml, View(KEYS, Since.STATUS, statuses=True)),
    "vical": Reader(read_vical, View(_X509, Since.UNTOLD, needs_key=True)),
    "dcc_registry": Reader(read_dcc_registry, View(_DID, Since.UNTOLD, by_key=True, needs_key=True)),
    "cte": Reader(read_cte, View(_DID, Since.KEY, by_key=True, needs_key=True)),
    "ctdl": Reader(read_ctdl, View(_DID, Since.DAY)),
    "elm": Reader(read_elm, View(_DID, Since.STANDING)),
}
"""Format id to how it is read back and what it can tell."""
