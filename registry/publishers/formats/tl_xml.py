"""ETSI TS 119 612 v2.4.1, trusted list (TL version 6): XML, enveloped XAdES baseline B, ES256.

The services of the LoTE register in the older vocabulary of the eSignature world: scheme information (5.3),
providers (5.4), services (5.5) with history (5.5.10, 5.6), pointers to itself and to the other shards (5.3.13),
`TakenOverBy` (5.5.9.3), and the digest file `tl.sha2` beside the list (6.1). Types, statuses and rules are of our
own vocabulary: nothing claims a qualified service or an EU list. Media type `application/vnd.etsi.tsl+xml`. Read by
xmlsec1, signxml, pyHanko, openvc and DSS.

Five thousand issuers with a certificate each stay below the 16 MiB that clients accept, so what can be said once
is said once: see `_brief`.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from registry.domain.trust_list import Entry, Header, SchemeInfo
from registry.publishers.base import Document, Loss, Reach, need_signer
from registry.publishers.list_pointers import list_pointer, own_pointer
from registry.publishers.lote_common import (
    NEVER_REMOVED,
    Wire,
    operator_names,
    scheme_information,
)
from registry.publishers.lote_services import register_entity
from registry.publishers.national_profile import NationalMandate
from registry.publishers.xml_binding import (
    TSL_ADDITIONAL,
    TSL_XML,
    assemble_xml,
    entity_element,
    names,
    scheme_element,
    tsl_pointers,
)
from registry.signing.canonical_xml import element, localized, text
from registry.signing.signers import Signer

LIST_TYPE = "issuers"
TSL_VERSION = 6
"""TSLVersionIdentifier (5.3.1)."""
MEDIA_TYPE = "application/vnd.etsi.tsl+xml"
DIGEST_NAME = "tl.sha2"
LOSSES: tuple[Loss, ...] = (
    Loss(
        "the two time axes",
        "history is what lists said when; corrections appear as changes, see the native list",
    ),
    Loss(
        "reasons of a status and its effect on awards",
        "a status is a URI; see the native list or the statement",
    ),
    Loss(
        "certificates of services not recognized now", "left out for clients that ignore status; named by SKI"
    ),
    Loss("Ed25519 keys as key values", "no reader of these lists knows them; named by RFC 9278 thumbprint"),
    Loss(
        "identities whose window has not begun",
        "a service has a status from its start on; see the native list",
    ),
    Loss(
        "windows of identities", "only status and history tell them, to keep the list small; see the register"
    ),
    Loss("texts of conditions", "the data model has no place for them; the status says that there are some"),
    Loss(
        "policy version, decision and statement of an issuer",
        "left out to keep the list small; see the register, or the page that the service points to",
    ),
    Loss(
        "name of a successor",
        "TakenOverBy names it by its id in the registry and by the address of its statement",
    ),
    Loss("official numbers of issuers that have none", "the trade name is then the id in the registry"),
)
_NAMES = {"en": " - trusted list", "pl": " - lista zaufania"}


class TlXml:
    """All issuers with status and history. `mandate`: list in national vocabulary, for operators that may."""

    format_id = "tl_xml"
    standard = "ETSI TS 119 612 v2.4.1"
    file_name = "tl.xml"
    media_type = MEDIA_TYPE
    lifetime = timedelta(days=28)
    signed = True
    reach = Reach.SCHEME
    list_type = LIST_TYPE
    LOSSES = LOSSES

    def __init__(self, mandate: NationalMandate | None = None) -> None:
        self.mandate = mandate

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the canonical TrustServiceProvider of an issuer, whatever its status."""
        entity: Any = register_entity(entry, scheme, at)
        services = _brief(entity["TrustedEntityServices"])
        if self.mandate:
            services = self.mandate.services(services, scheme)
        if not services:
            return None
        # 5.4.2: the trade name carries an official number.
        own_number = [{"lang": "en", "value": f"urn:uuid:{entry.id}"}]
        information = {"TETradeName": own_number, **entity["TrustedEntityInformation"]}
        told: Wire = {"TrustedEntityInformation": information, "TrustedEntityServices": services}
        return entity_element(TSL_XML, told, _taken_over(entry, scheme, at))

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the signed list with its digest file."""
        key = need_signer(signer, self.format_id)
        information = scheme_information(header, LIST_TYPE, self.file_name, _NAMES)
        information["LoTEVersionIdentifier"] = TSL_VERSION
        information["HistoricalInformationPeriod"] = NEVER_REMOVED
        pointers = tsl_pointers(_shard_pointers(header, key))
        written = scheme_element(TSL_XML, information, pointers)
        body = assemble_xml(TSL_XML, written, fragments, header, key)
        # 6.1: the binary SHA-256 of the list.
        digest = Document(DIGEST_NAME, hashlib.sha256(body).digest(), "application/octet-stream")
        return Document(self.file_name, body, self.media_type, (digest,))


def _brief(services: Sequence[Any]) -> list[Wire]:
    """Return services that say everything once: what the recognition says is not repeated for each key under it."""
    recognition, *keys = services
    information = recognition["ServiceInformation"]
    told = _without(information, "ServiceSupplyPoints") | {
        "SchemeServiceDefinitionURI": information["SchemeServiceDefinitionURI"][:1],
        "ServiceInformationExtensions": [_scope(information["ServiceInformationExtensions"][0])],
    }
    return [{**recognition, "ServiceInformation": told}, *(_brief_key(service) for service in keys)]


def _brief_key(service: Mapping[str, Any]) -> Wire:
    said: Wire = {"ServiceInformation": _key_state(service["ServiceInformation"])}
    if "ServiceHistory" not in service:
        return said
    return {**said, "ServiceHistory": [_key_state(past) for past in service["ServiceHistory"]]}


def _key_state(information: Mapping[str, Any]) -> Wire:
    """Return a present or past state of a key, with its English name and without the id of the recognition above it."""
    identity = _without(information["ServiceDigitalIdentity"], "OtherIds")
    others = information["ServiceDigitalIdentity"]["OtherIds"][1:]
    if others:
        identity["OtherIds"] = others
    if "X509Certificates" in identity:
        # The certificate holds its key identifier.
        del identity["X509SKIs"]
    return _without(information, "ServiceSupplyPoints", "SchemeServiceDefinitionURI") | {
        "ServiceName": information["ServiceName"][:1],
        "ServiceDigitalIdentity": identity,
    }


def _scope(extension: Mapping[str, Any]) -> Wire:
    """Return the extension of a recognition with its scope and end date alone."""
    said = extension["Recognition"]
    return {**extension, "Recognition": {name: said[name] for name in ("scope", "valid_until")}}


def _without(wire: Mapping[str, Any], *names: str) -> Wire:
    return {name: value for name, value in wire.items() if name not in names}


def _taken_over(entry: Entry, scheme: SchemeInfo, at: datetime) -> str:
    """Return TakenOverBy extensions (5.5.9.3), one for each successor of an issuer that is merged or closed."""
    interval = entry.interval(at)
    held = next((event for event in entry.events if interval and event.number == interval.event), None)
    if held is None or held.terms is None:
        return ""
    return "".join(_successor(issuer, scheme) for issuer in held.terms.successors)


def _successor(issuer: str, scheme: SchemeInfo) -> str:
    statement = f"{scheme.base_url}/issuers/{issuer}/statement.jws"
    content = (
        localized("tslx:URI", statement, "en"),
        names("tslx:TSPName", [{"lang": "en", "value": f"urn:uuid:{issuer}"}]),
        names("SchemeOperatorName", operator_names(scheme)),
        element("SchemeTerritory", text(scheme.territory)),
    )
    taken_over = element("tslx:TakenOverBy", "".join(content), {"xmlns:tslx": TSL_ADDITIONAL})
    return element("Extension", taken_over, {"Critical": "false"})


def _shard_pointers(header: Header, signer: Signer) -> list[Wire]:
    """Return pointers to the list itself and to the other shards of its scheme, which the same key signs."""
    shards = (replace(header, shard=shard) for shard in range(1, header.shards + 1))
    return [
        list_pointer(
            own_pointer(
                shard,
                signer,
                format_id=TlXml.format_id,
                file_name=TlXml.file_name,
                media_type=MEDIA_TYPE,
                list_type=LIST_TYPE,
            )
        )
        for shard in shards
    ]
