"""Reading a VICAL (ISO/IEC 18013-5:2021, C.1.7.1): strictly where it is of our making, tolerantly where others made it.

Deployed lists carry the key identifier inside a DER octet string, and members that the standard does not name; both
are taken. What a list says of a certificate must agree with the certificate in any case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from registry.errors import InvalidInput
from registry.publishers.checks import Maybe, Shape, check_shape
from registry.publishers.facts import ListFacts
from registry.signing.certificates import describe_certificate
from registry.signing.cose import decode_cbor

FORMAT = "vical"
_LIST_EXTENSION = "/extension/list"
"""How the name of the extension ends by which a list of ours says which one it is."""
_OURS: Shape = {
    "version": "1.0",
    "vicalProvider": str,
    "date": datetime,
    "vicalIssueID": int,
    "nextUpdate": datetime,
    "certificateInfos": list,
    "extensions": dict,
}
_OUR_LIST: Shape = {"list": str, "scheme": str, "territory": str}
_OUR_CERTIFICATE: Shape = {
    "certificate": bytes,
    "serialNumber": int,
    "ski": bytes,
    "docType": list,
    "issuingAuthority": str,
    "issuingCountry": str,
    "stateOrProvinceName": Maybe(str),
    "issuer": bytes,
    "subject": bytes,
    "notBefore": datetime,
    "notAfter": datetime,
    "extensions": dict,
}
_DER_OCTET_STRING = 0x04


@dataclass(frozen=True, slots=True)
class VicalCertificate:
    """One entry. `certificate` is DER; `authority` and `country` are "" where the list does not say them."""

    certificate: bytes
    doc_types: tuple[str, ...]
    authority: str
    country: str


@dataclass(frozen=True, slots=True)
class VicalContent:
    """What a VICAL says. `list_url`, `scheme` and `territory` are "" in a list that is not of our making."""

    provider: str
    issued_at: datetime
    next_update: datetime | None
    issue_id: int | None
    certificates: tuple[VicalCertificate, ...]
    list_url: str
    scheme: str
    territory: str


def parse_vical(payload: bytes) -> VicalContent:
    """Read the payload of a VICAL.

    Raises:
        InvalidInput: with the first problem and its place.
    """
    try:
        vical = decode_cbor(payload)
    except ValueError as error:
        raise InvalidInput(f"the VICAL cannot be read: {error}") from error
    if not isinstance(vical, dict):
        raise InvalidInput("the VICAL is not a map")
    named = _our_list(vical)
    if named is not None:
        check_shape(vical, _OURS, "VICAL")
        check_shape(named, _OUR_LIST, "VICAL.extensions.list")
    infos = _member(vical, "certificateInfos", list, "VICAL")
    return VicalContent(
        provider=_member(vical, "vicalProvider", str, "VICAL"),
        issued_at=_instant(_member(vical, "date", datetime, "VICAL")),
        next_update=_instant(vical["nextUpdate"]) if isinstance(vical.get("nextUpdate"), datetime) else None,
        issue_id=vical["vicalIssueID"] if isinstance(vical.get("vicalIssueID"), int) else None,
        certificates=tuple(
            _certificate(info, f"certificateInfos.{number}", strict=named is not None)
            for number, info in enumerate(infos)
        ),
        **dict(zip(("list_url", "scheme", "territory"), _names(named), strict=True)),
    )


def vical_facts(payload: bytes) -> ListFacts:
    """Check the structure of a payload; return what it says of itself.

    Raises:
        InvalidInput: with the first problem and its place, or it has no number or no next update, both of which the
            standard leaves out as it likes and no reader can do without.
    """
    content = parse_vical(payload)
    if content.issue_id is None or content.next_update is None:
        raise InvalidInput("the VICAL has no vicalIssueID or no nextUpdate, so its age cannot be judged")
    return ListFacts(
        format_id=FORMAT,
        list_id=f"vical {content.list_url or content.provider}",
        scheme=content.scheme or content.provider,
        operators=(content.provider,),
        territory=content.territory,
        sequence=content.issue_id,
        issued_at=content.issued_at,
        next_update=content.next_update,
        entries=len(content.certificates),
    )


def _our_list(vical: Mapping[Any, Any]) -> Any:
    extensions = vical.get("extensions")
    named = extensions.items() if isinstance(extensions, dict) else ()
    return next((value for name, value in named if str(name).endswith(_LIST_EXTENSION)), None)


def _names(named: Mapping[str, str] | None) -> tuple[str, str, str]:
    if named is None:
        return "", "", ""
    if not named["territory"]:
        raise InvalidInput("VICAL.extensions.list.territory is empty")
    return named["list"], named["scheme"], named["territory"]


def _certificate(info: Any, where: str, *, strict: bool) -> VicalCertificate:
    if strict:
        check_shape(info, _OUR_CERTIFICATE, where)
    if not isinstance(info, dict):
        raise InvalidInput(f"{where} is not a map")
    der = _member(info, "certificate", bytes, where)
    types = _member(info, "docType", list, where)
    if not types or not all(isinstance(kind, str) for kind in types):
        raise InvalidInput(f"{where}.docType is not a list of document types")
    _check_agreement(info, der, where, strict=strict)
    return VicalCertificate(
        der, tuple(types), str(info.get("issuingAuthority", "")), str(info.get("issuingCountry", ""))
    )


def _check_agreement(info: Mapping[str, Any], der: bytes, where: str, *, strict: bool) -> None:
    try:
        facts = describe_certificate(der)
    except InvalidInput as error:
        raise InvalidInput(f"{where}.certificate: {error}") from error
    if info.get("serialNumber") != facts.serial_number:
        raise InvalidInput(f"{where}.serialNumber is not that of the certificate")
    ski = _member(info, "ski", bytes, where)
    if ski != facts.key_identifier and (strict or _unwrapped(ski) != facts.key_identifier):
        raise InvalidInput(f"{where}.ski is not the key identifier of the certificate")
    # The times that deployed lists state differ from those of some certificates, which alone count.
    if strict and (info["notBefore"], info["notAfter"]) != (facts.not_before, facts.not_after):
        raise InvalidInput(f"{where}: notBefore or notAfter is not that of the certificate")


def _unwrapped(ski: bytes) -> bytes:
    """Return the content of the DER octet strings around a key identifier (at most two stand in deployed lists)."""
    for _ in range(2):
        if len(ski) > 2 and ski[0] == _DER_OCTET_STRING and ski[1] == len(ski) - 2:
            ski = ski[2:]
    return ski


def _member(value: Mapping[Any, Any], name: str, kind: type[Any], where: str) -> Any:
    if not isinstance(value.get(name), kind):
        raise InvalidInput(f"{where} has no {name}, or one of the wrong kind")
    return value[name]


def _instant(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)
