"""The data model of ETSI TS 119 602 written as XML: its own XML binding, and that of ETSI TS 119 612.

What the JSON binding says, member by member, in the order of the official schemas; the two vocabularies differ
in names alone. Everything is canonical (`registry.signing.canonical_xml`), so fragments can be joined and signed
without being read again.
"""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pybase64 import b64encode_as_string

from registry.domain.latest import recent
from registry.domain.trust_list import Header
from registry.publishers.lote_common import NO_NUMBER, Wire
from registry.signing.canonical_xml import as_bytes, element, localized, quoted, start_tag, text
from registry.signing.signers import Signer
from registry.signing.xades import DSIG, sign_enveloped

TSL = "http://uri.etsi.org/02231/v2#"
LOTE = "http://uri.etsi.org/019602/v1#"
TSL_ADDITIONAL = "http://uri.etsi.org/02231/v2/additionaltypes#"
DSIG11 = "http://www.w3.org/2009/xmldsig11#"
CURVES = {
    "P-256": "urn:oid:1.2.840.10045.3.1.7",
    "P-384": "urn:oid:1.3.132.0.34",
    "P-521": "urn:oid:1.3.132.0.35",
}
"""Named curves as XML Signature 1.1, 4.5.2.3.1 writes them."""


_TSL_NAMES: Mapping[str, str] = {
    "ListAndSchemeInformation": "SchemeInformation",
    "LoTEVersionIdentifier": "TSLVersionIdentifier",
    "LoTESequenceNumber": "TSLSequenceNumber",
    "LoTEType": "TSLType",
    "LoTEPolicy": "TSLPolicy",
    "TrustedEntitiesList": "TrustServiceProviderList",
    "TrustedEntity": "TrustServiceProvider",
    "TrustedEntityInformation": "TSPInformation",
    "TEName": "TSPName",
    "TETradeName": "TSPTradeName",
    "TEAddress": "TSPAddress",
    "TEInformationURI": "TSPInformationURI",
    "TrustedEntityServices": "TSPServices",
    "TrustedEntityService": "TSPService",
    "OtherId": "Other",
}
"""The names of TS 119 612 for those of TS 119 602 that it does not share."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One XML binding: its root, and its names for those that the two bindings do not share."""

    root: str
    attributes: Mapping[str, str]
    names: Mapping[str, str]


LOTE_XML = Vocabulary(
    "ListOfTrustedEntities",
    # TS 119 602, 6.2.
    {"xmlns": LOTE, "LOTETag": "http://uri.etsi.org/019602/LOTETag"},
    {name: name for name in _TSL_NAMES},
)
TSL_XML = Vocabulary(
    "TrustServiceStatusList",
    # TS 119 612, 5.2.
    {"xmlns": TSL, "TSLTag": "http://uri.etsi.org/19612/TSLTag"},
    _TSL_NAMES,
)


def assemble_xml(
    vocabulary: Vocabulary, information: str, fragments: Iterable[bytes], header: Header, signer: Signer
) -> bytes:
    """Return the signed list; an empty one leaves the list of entities out, which must hold an entity."""
    entities = list(fragments)
    name = vocabulary.names["TrustedEntitiesList"]
    head = start_tag(vocabulary.root, vocabulary.attributes) + information
    pieces = [as_bytes(head)]
    if entities:
        pieces = [as_bytes(f"{head}<{name}>"), *entities, as_bytes(f"</{name}>")]
    return sign_enveloped(pieces, as_bytes(f"</{vocabulary.root}>"), signer, header.issued_at)


def scheme_element(vocabulary: Vocabulary, wire: Wire, pointers: str = "") -> str:
    """Return the scheme information (TS 119 602, 6.3; TS 119 612, 5.3); `pointers` is canonical already."""
    members: list[tuple[str, Callable[[str, Any], str]]] = [
        ("LoTEVersionIdentifier", _plain),
        ("LoTESequenceNumber", _plain),
        ("LoTEType", _plain),
        ("SchemeOperatorName", names),
        ("SchemeOperatorAddress", _operator_address),
        ("SchemeName", names),
        ("SchemeInformationURI", uris),
        ("StatusDeterminationApproach", _plain),
        ("SchemeTypeCommunityRules", uris),
        ("SchemeTerritory", _plain),
    ]
    own = vocabulary.names
    written = [write(own.get(name, name), wire[name]) for name, write in members]
    policies = "".join(
        _uri(own["LoTEPolicy"], item["LoTEPolicy"]) for item in _items(wire, "PolicyOrLegalNotice")
    )
    written.append(element("PolicyOrLegalNotice", policies))
    if "HistoricalInformationPeriod" in wire:
        written.append(_plain("HistoricalInformationPeriod", wire["HistoricalInformationPeriod"]))
    written += [
        pointers,
        _plain("ListIssueDateTime", wire["ListIssueDateTime"]),
        element("NextUpdate", _plain("dateTime", wire["NextUpdate"])),
        element(
            "DistributionPoints", "".join(_plain("URI", uri) for uri in _items(wire, "DistributionPoints"))
        ),
    ]
    return element(own["ListAndSchemeInformation"], "".join(written))


# What follows is written for every issuer in every edition, so most elements are spelled out where they stand.


def entity_element(vocabulary: Vocabulary, entity: Wire, extra: str = "") -> bytes:
    """Return one entity with its services; `extra` are canonical extensions that go with each service."""
    own = vocabulary.names
    entity_name, services_name = own["TrustedEntity"], own["TrustedEntityServices"]
    services = "".join(
        [_service(vocabulary, service, extra) for service in _items(entity, "TrustedEntityServices")]
    )
    return as_bytes(
        f"<{entity_name}>{_entity_information(vocabulary, entity['TrustedEntityInformation'])}"
        f"<{services_name}>{services}</{services_name}></{entity_name}>"
    )


@recent(2)
def _entity_information(vocabulary: Vocabulary, information: Any) -> str:
    own = vocabulary.names
    trade = names(own["TETradeName"], information["TETradeName"]) if "TETradeName" in information else ""
    address = information["TEAddress"]
    return element(
        own["TrustedEntityInformation"],
        names(own["TEName"], information["TEName"])
        + trade
        + _address(own["TEAddress"], address["TEPostalAddress"], address["TEElectronicAddress"])
        + uris(own["TEInformationURI"], information["TEInformationURI"]),
    )


def _service(vocabulary: Vocabulary, service: Any, extra: str) -> str:
    name = vocabulary.names["TrustedEntityService"]
    present = _service_members(vocabulary, service["ServiceInformation"], extra)
    history = ""
    if "ServiceHistory" in service:
        past = (_service_members(vocabulary, state, "") for state in service["ServiceHistory"])
        history = element("ServiceHistory", "".join([element("ServiceHistoryInstance", one) for one in past]))
    return f"<{name}><ServiceInformation>{present}</ServiceInformation>{history}</{name}>"


def _service_members(vocabulary: Vocabulary, information: Any, extra: str) -> str:
    written = (
        f"<ServiceTypeIdentifier>{text(information['ServiceTypeIdentifier'])}</ServiceTypeIdentifier>"
        f"{names('ServiceName', information['ServiceName'])}"
        f"{digital_identity(vocabulary, information['ServiceDigitalIdentity'])}"
    )
    if "ServiceStatus" in information:
        # Members that the profile of anchors leaves out, both or neither.
        written += (
            f"<ServiceStatus>{text(information['ServiceStatus'])}</ServiceStatus>"
            f"<StatusStartingTime>{text(information['StatusStartingTime'])}</StatusStartingTime>"
        )
    if "SchemeServiceDefinitionURI" in information:
        written += uris("SchemeServiceDefinitionURI", information["SchemeServiceDefinitionURI"])
    if "ServiceSupplyPoints" in information:
        written += _supply_points(information["ServiceSupplyPoints"])
    if "ServiceInformationExtensions" in information:
        extra += "".join(map(_extension, information["ServiceInformationExtensions"]))
    return f"{written}{element('ServiceInformationExtensions', extra)}" if extra else written


@recent(2)
def _supply_points(points: Sequence[Mapping[str, str]]) -> str:
    written = [
        element("ServiceSupplyPoint", text(point["uriValue"]), {"type": point["ServiceType"]})
        for point in points
    ]
    return element("ServiceSupplyPoints", "".join(written))


def digital_identity(vocabulary: Vocabulary, identity: Mapping[str, Any]) -> str:
    """Return a ServiceDigitalIdentity: one DigitalId for each name of the key (TS 119 612, 5.5.3)."""
    ids = []
    for kind in _KINDS_OF_ID:
        if kind in identity:
            ids += [_digital_id(vocabulary, kind, item) for item in identity[kind]]
    return f"<ServiceDigitalIdentity>{''.join(ids)}</ServiceDigitalIdentity>"


def _digital_id(vocabulary: Vocabulary, kind: str, item: Any) -> str:
    if kind == "X509Certificates":
        return f"<DigitalId><X509Certificate>{item['val']}</X509Certificate></DigitalId>"
    if kind == "X509SKIs":
        return f"<DigitalId><X509SKI>{item}</X509SKI></DigitalId>"
    if kind == "PublicKeyValues":
        return f"<DigitalId>{_key_value(item)}</DigitalId>"
    name = vocabulary.names["OtherId"]
    return f"<DigitalId><{name}>{text(item)}</{name}></DigitalId>"


_KINDS_OF_ID = ("X509Certificates", "PublicKeyValues", "X509SKIs", "OtherIds")
"""In the order in which they are written."""


def _key_value(jwk: Mapping[str, str]) -> str:
    """Return a JSON Web Key as ds:KeyValue (XML Signature 1.1, 4.5.2)."""
    if jwk["kty"] == "RSA":
        parts = _plain("ds:Modulus", b64encode_as_string(_unbase64url(jwk["n"])))
        parts += _plain("ds:Exponent", b64encode_as_string(_unbase64url(jwk["e"])))
        value = element("ds:RSAKeyValue", parts)
    else:
        point = b"\x04" + _unbase64url(jwk["x"]) + _unbase64url(jwk["y"])
        parts = element("NamedCurve", "", {"URI": CURVES[jwk["crv"]]}) + _plain(
            "PublicKey", b64encode_as_string(point)
        )
        value = element("ECKeyValue", parts, {"xmlns": DSIG11})
    return element("ds:KeyValue", value, {"xmlns:ds": DSIG})


@recent(4)
def _extension(wire: Mapping[str, Any]) -> str:
    """Return an extension: its URI is the namespace of the content, whose members are those of the JSON binding."""
    [(name, value)] = ((n, v) for n, v in wire.items() if n not in {"Critical", "ExtensionUri"})
    content = _any(name, value, {"xmlns": wire["ExtensionUri"]})
    return element("Extension", content, {"Critical": "true" if wire["Critical"] else "false"})


def _any(name: str, value: Any, attributes: Mapping[str, str]) -> str:
    """Return any JSON value: members that are plain become attributes, lists repeat an element."""
    if not isinstance(value, dict | list):
        return element(name, text(str(value)), attributes)
    members = value if isinstance(value, dict) else {_ITEMS[name]: value}
    content, plain = "", dict(attributes)
    for member, held in members.items():
        if isinstance(held, str):
            plain[member] = held
        elif isinstance(held, dict):
            content += _part(member, held)
        elif isinstance(held, list):
            content += "".join([_any(member, item, {}) for item in held])
        elif held is not None:
            plain[member] = str(held)
    return element(name, content, plain)


@recent(16)
def _part(name: str, wire: Mapping[str, Any]) -> str:
    """Return a member that has members of its own; kept, because many issuers have the same scope and policy."""
    return _any(name, wire, {})


_ITEMS = {"Identities": "Identity"}
"""What stands inside an element that is a list by itself."""


def tsl_pointers(pointers: Sequence[Wire]) -> str:
    """Return PointersToOtherTSL (TS 119 612, 5.3.13), empty where there is none."""
    written = "".join(_tsl_pointer(pointer) for pointer in pointers)
    return element("PointersToOtherTSL", written) if written else ""


def _tsl_pointer(pointer: Mapping[str, Any]) -> str:
    identities = (digital_identity(TSL_XML, item) for item in pointer["ServiceDigitalIdentities"])
    [qualifier] = pointer["LoTEQualifiers"]
    information = (
        _plain("TSLType", qualifier["LoTEType"]),
        _plain("SchemeTerritory", qualifier["SchemeTerritory"]),
        element("tslx:MimeType", text(qualifier["MimeType"]), {"xmlns:tslx": TSL_ADDITIONAL}),
        names("SchemeOperatorName", qualifier["SchemeOperatorName"]),
        uris("SchemeTypeCommunityRules", qualifier["SchemeTypeCommunityRules"]),
    )
    content = element("ServiceDigitalIdentities", "".join(identities))
    content += _plain("TSLLocation", pointer["LoTELocation"])
    others = (element("OtherInformation", item) for item in information)
    return element("OtherTSLPointer", content + element("AdditionalInformation", "".join(others)))


def names(name: str, items: Sequence[Mapping[str, str]]) -> str:
    """Return names in their languages."""
    inside = [f'<Name xml:lang="{quoted(item["lang"])}">{text(item["value"])}</Name>' for item in items]
    return f"<{name}>{''.join(inside)}</{name}>"


def uris(name: str, items: Sequence[Mapping[str, str]]) -> str:
    """Return addresses in their languages."""
    inside = [f'<URI xml:lang="{quoted(item["lang"])}">{text(item["uriValue"])}</URI>' for item in items]
    return f"<{name}>{''.join(inside)}</{name}>"


def _uri(name: str, item: Mapping[str, str]) -> str:
    return localized(name, item["uriValue"], item["lang"])


def _operator_address(name: str, wire: Mapping[str, Any]) -> str:
    return _address(name, wire["SchemeOperatorPostalAddress"], wire["SchemeOperatorElectronicAddress"])


def _address(name: str, postal: Sequence[Mapping[str, str]], electronic: Sequence[Mapping[str, str]]) -> str:
    places = "".join([_postal_address(item) for item in postal])
    return (
        f"<{name}><PostalAddresses>{places}</PostalAddresses>{uris('ElectronicAddress', electronic)}</{name}>"
    )


def _postal_address(item: Mapping[str, str]) -> str:
    # The schemas require Locality; the texts of the standards and the JSON binding do not.
    code = item.get("PostalCode")
    return (
        f'<PostalAddress xml:lang="{quoted(item["lang"])}">'
        f"<StreetAddress>{text(item['StreetAddress'])}</StreetAddress>"
        f"<Locality>{text(item.get('Locality') or NO_NUMBER)}</Locality>"
        f"{f'<PostalCode>{text(code)}</PostalCode>' if code else ''}"
        f"<CountryName>{text(item['Country'])}</CountryName></PostalAddress>"
    )


def _plain(name: str, value: Any) -> str:
    return element(name, text(str(value)))


def _items(wire: Wire, name: str) -> Iterable[Any]:
    items: Iterable[Any] = wire[name]  # type: ignore[assignment]  # lists of the wire form
    return items


def _unbase64url(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
