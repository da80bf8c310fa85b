"""Reading lists of ETSI TS 119 602 in JSON that others publish; our own are checked strictly in `lote_checks`.

The official schema asks for little and deployed lists differ, so members are read one by one, and what cannot be read in
one entity or pointer stands there as `Unreadable`.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from registry.errors import InvalidInput
from registry.publishers.facts import parse_instant
from registry.publishers.list_contents import (
    ListContents,
    ListedAddress,
    ListedEntity,
    ListedPointer,
    ListedService,
    ServiceIdentity,
    ServiceState,
    Texts,
    Unreadable,
    decode_bytes,
    lenient_instant,
)
from registry.publishers.lote_keys import JWK_THUMBPRINT
from registry.signing.possession import jwk_thumbprint

_Read = TypeVar("_Read")
_LARGEST_NUMBER = 2**53
"""Whole numbers of JSON are exact up to here (RFC 8259, 6)."""


def read_json_list(payload: Any) -> ListContents:
    """Return what a list says; what cannot be read in one entity or pointer stands there as `Unreadable`.

    Raises:
        InvalidInput: it is no LoTE, or the scheme information cannot be read.
    """
    lote = _object(_object(payload, "the content").get("LoTE"), "LoTE")
    scheme = _object(lote.get("ListAndSchemeInformation"), "ListAndSchemeInformation")
    update = scheme.get("NextUpdate")
    return ListContents(
        version=_whole(scheme, "LoTEVersionIdentifier"),
        sequence=_whole(scheme, "LoTESequenceNumber"),
        list_type=_text(scheme, "LoTEType"),
        operator_names=_needed(scheme, "SchemeOperatorName"),
        scheme_names=_texts(scheme, "SchemeName"),
        territory=_text(scheme, "SchemeTerritory"),
        issued_at=parse_instant(scheme.get("ListIssueDateTime"), "ListIssueDateTime"),
        next_update=None if update is None else parse_instant(update, "NextUpdate"),
        distribution_points=tuple(_strings(scheme, "DistributionPoints")),
        entities=_each(lote, "TrustedEntitiesList", _entity),
        pointers=_each(scheme, "PointersToOtherLoTE", _pointer),
    )


def _each(
    parent: Mapping[str, Any], member: str, read: Callable[[int, Mapping[str, Any]], _Read]
) -> tuple[_Read | Unreadable, ...]:
    found: list[_Read | Unreadable] = []
    for place, value in enumerate(_list(parent, member), 1):
        try:
            found.append(read(place, _object(value, member)))
        except InvalidInput as error:
            found.append(Unreadable(place, "", str(error)))
    return tuple(found)


def _entity(place: int, entity: Mapping[str, Any]) -> ListedEntity:
    """TS 119 602, 6.5."""
    information = _object(entity.get("TrustedEntityInformation"), "TrustedEntityInformation")
    address = _object(information.get("TEAddress", {}), "TEAddress")
    pages = (
        *_texts(address, "TEElectronicAddress", "uriValue"),
        *_texts(information, "TEInformationURI", "uriValue"),
    )
    services = _objects(entity, "TrustedEntityServices")
    if not services:
        raise InvalidInput("it has no service")
    return ListedEntity(
        place=place,
        names=_needed(information, "TEName"),
        trade_names=tuple(name for _, name in _texts(information, "TETradeName")),
        address=_address(address),
        websites=tuple(uri for _, uri in pages if uri.startswith(("https://", "http://"))),
        services=tuple(_service(service) for service in services),
    )


def _address(address: Mapping[str, Any]) -> ListedAddress:
    postal = _objects(address, "TEPostalAddress")
    if not postal:
        raise InvalidInput("it has no postal address")
    # Any will do, but English is understood by most.
    chosen = next((one for one in postal if str(one.get("lang", "")).lower() == "en"), postal[0])
    return ListedAddress(
        *(_text(chosen, member) for member in ("StreetAddress", "Locality", "PostalCode", "Country"))
    )


def _service(service: Mapping[str, Any]) -> ListedService:
    now = _state(_object(service.get("ServiceInformation"), "ServiceInformation"))
    return ListedService(now, tuple(_state(past) for past in _objects(service, "ServiceHistory")))


def _state(said: Mapping[str, Any]) -> ServiceState:
    """TS 119 602, 6.6 and 6.7."""
    since = _text(said, "StatusStartingTime")
    return ServiceState(
        service_type=_text(said, "ServiceTypeIdentifier"),
        names=_needed(said, "ServiceName"),
        identity=_identity(_object(said.get("ServiceDigitalIdentity"), "ServiceDigitalIdentity")),
        status=_text(said, "ServiceStatus") or None,
        since=lenient_instant(since, "StatusStartingTime") if since else None,
    )


def _identity(said: Mapping[str, Any]) -> ServiceIdentity:
    certificates = (_text(one, "val") for one in _objects(said, "X509Certificates"))
    return ServiceIdentity(
        certificates=tuple(decode_bytes(text, "X509Certificates") for text in certificates),
        key_identifiers=tuple(decode_bytes(text, "X509SKIs") for text in _strings(said, "X509SKIs")),
        subject_names=tuple(_strings(said, "X509SubjectNames")),
        other_ids=(*_strings(said, "OtherIds"), *map(_key_id, _objects(said, "PublicKeyValues"))),
    )


def _key_id(jwk: Mapping[str, Any]) -> str:
    """Name a bare key by its thumbprint (RFC 9278)."""
    try:
        return JWK_THUMBPRINT + jwk_thumbprint({str(member): str(value) for member, value in jwk.items()})
    except KeyError as error:
        raise InvalidInput("PublicKeyValues holds a key that cannot be read") from error


def _pointer(place: int, pointer: Mapping[str, Any]) -> ListedPointer:
    """TS 119 602, 6.3.13."""
    qualifiers = _objects(pointer, "LoTEQualifiers")
    said = qualifiers[0] if qualifiers else {}
    identities = (_identity(one) for one in _objects(pointer, "ServiceDigitalIdentities"))
    location = _text(pointer, "LoTELocation")
    if not location:
        raise InvalidInput("LoTELocation is missing or empty")
    return ListedPointer(
        place=place,
        location=location,
        list_type=_text(said, "LoTEType"),
        operator_names=_texts(said, "SchemeOperatorName"),
        territory=_text(said, "SchemeTerritory"),
        media_type=_text(said, "MimeType"),
        certificates=tuple(der for identity in identities for der in identity.certificates),
    )


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(f"{where} is missing or not an object")
    return value


def _list(parent: Mapping[str, Any], member: str) -> list[Any]:
    value = parent.get(member, [])
    if not isinstance(value, list):
        raise InvalidInput(f"{member} is not a list")
    return value


def _objects(parent: Mapping[str, Any], member: str) -> list[Mapping[str, Any]]:
    return [_object(value, member) for value in _list(parent, member)]


def _strings(parent: Mapping[str, Any], member: str) -> list[str]:
    found = _list(parent, member)
    if not all(isinstance(value, str) for value in found):
        raise InvalidInput(f"{member} holds something that is not text")
    return [value for value in found if value]


def _text(parent: Mapping[str, Any], member: str) -> str:
    value = parent.get(member, "")
    if not isinstance(value, str):
        raise InvalidInput(f"{member} is not text")
    return value.strip()


def _whole(parent: Mapping[str, Any], member: str) -> int:
    value = parent.get(member)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST_NUMBER:
        raise InvalidInput(f"{member} is missing or not a whole number")
    return value


def _texts(parent: Mapping[str, Any], member: str, value: str = "value") -> Texts:
    pairs = ((_text(one, "lang").lower(), _text(one, value)) for one in _objects(parent, member))
    return tuple(pair for pair in pairs if pair[1])


def _needed(parent: Mapping[str, Any], member: str) -> Texts:
    found = _texts(parent, member)
    if not found:
        raise InvalidInput(f"{member} is missing or says nothing")
    return found
