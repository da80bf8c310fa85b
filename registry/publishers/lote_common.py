"""What the two lists of ETSI TS 119 602 v1.1.1 share: scheme information, entities, vocabulary.

All types and statuses are of our own vocabulary, under the scheme's addresses: nothing claims an EU list, a
qualified status or any other official sign. Extensions are never critical, so no reader has to refuse the
list for them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

from registry.domain.identifiers import Identifier, IdentifierScheme, identifier_uri
from registry.domain.latest import latest
from registry.domain.recognition import Status
from registry.domain.scope import Scope, kept_scope_wire
from registry.domain.trust_list import (
    Entry,
    Header,
    PostalAddress,
    SchemeInfo,
    Text,
    canonical_json,
    wire_instant,
)
from registry.publishers.base import list_url
from registry.publishers.certified import sign_list
from registry.signing.signers import Signer

VERSION = 1
"""LoTEVersionIdentifier (6.3.1)."""
NEVER_REMOVED = 65535
"""HistoricalInformationPeriod (6.3.12): nothing is ever removed from the list."""
NO_NUMBER = "-"
Wire = dict[str, object]


def service_type(scheme: SchemeInfo) -> str:
    """Return the type of all our services (6.6.1)."""
    return scheme.uri("svc-type", "microcredential-issuance")


def status_uri(scheme: SchemeInfo, word: str, *, key_ended: bool) -> str:
    """Return the URI of a status: of a recognition, or of a key that is over (6.6.4)."""
    return scheme.uri("key-status", word) if key_ended else scheme.status_uri(Status(word))


@latest
def texts(text: Text) -> list[dict[str, str]]:
    """Return a text in all languages, English first, because readers take the first one.

    Kept, because each service of an issuer is named like it; so nobody changes it."""
    ordered = sorted(text.as_dict().items(), key=lambda item: (item[0] != "en", item[0]))
    return [{"lang": language, "value": value} for language, value in ordered]


def uris(address: str, *more: tuple[str, str]) -> list[dict[str, str]]:
    """Return an address for readers of English, and further ones as (language, address)."""
    return [{"lang": language, "uriValue": uri} for language, uri in (("en", address), *more)]


def scheme_information(header: Header, list_type: str, file_name: str, names: Mapping[str, str]) -> Wire:
    """Return ListAndSchemeInformation in explicit mode (6.3); `names`: the kind of list per language."""
    scheme = header.scheme
    return {
        "LoTEVersionIdentifier": VERSION,
        "LoTESequenceNumber": header.sequence,
        "LoTEType": scheme.uri("list-type", list_type),
        "SchemeOperatorName": operator_names(scheme),
        "SchemeOperatorAddress": {
            "SchemeOperatorPostalAddress": [postal_address(scheme.operator_address)],
            "SchemeOperatorElectronicAddress": uris(
                f"mailto:{scheme.operator_email}",
                ("en", ascii_uri(scheme.operator_website) or scheme.uri()),
            ),
        },
        # 6.3.6: the country code, a colon, the name.
        "SchemeName": [
            {
                "lang": item["lang"],
                "value": f"{scheme.territory}:{item['value']}{names.get(item['lang'], '')}",
            }
            for item in texts(scheme.name)
        ],
        "SchemeInformationURI": uris(scheme.uri(), ("pl", scheme.uri())),
        "StatusDeterminationApproach": scheme.uri("status-determination", "peer-review"),
        "SchemeTypeCommunityRules": uris(scheme.uri("rules"), ("pl", scheme.uri("rules"))),
        "SchemeTerritory": scheme.territory,
        "PolicyOrLegalNotice": [{"LoTEPolicy": uri} for uri in uris(scheme.uri("policy"))],
        "ListIssueDateTime": wire_instant(header.issued_at),
        "NextUpdate": wire_instant(header.next_update),
        "DistributionPoints": [list_url(header, file_name)],
    }


def operator_names(scheme: SchemeInfo) -> list[dict[str, str]]:
    """Return the names of the operator; one of them is the O of the signing certificate (6.8)."""
    names = texts(scheme.operator_name)
    if scheme.operator_legal_name in (item["value"] for item in names):
        return names
    return [
        {"lang": "en", "value": scheme.operator_legal_name},
        *(item for item in names if item["lang"] != "en"),
    ]


def postal_address(address: PostalAddress) -> dict[str, str]:
    """Return a postal address; the street is a required member, even where a place has none."""
    wire = {
        "lang": "en",
        "StreetAddress": address.street or NO_NUMBER,
        "Locality": address.locality,
        "PostalCode": address.postal_code,
        "Country": address.country,
    }
    return {member: text for member, text in wire.items() if text}


def ascii_uri(address: str | None) -> str | None:
    """Return a web address as the ASCII URI that the schema asks for (RFC 3987, 3.1), or None if it has none.

    One address with a foreign letter would make the whole list invalid for strict readers.
    """
    try:
        parts = urlsplit(address or "")
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    path, query = quote(parts.path, safe="/%:@!$&'()*+,;=~"), quote(parts.query, safe="/%?:@!$&'()*+,;=~")
    return urlunsplit((parts.scheme, host + port, path, query, ""))


@latest
def entity_information(entry: Entry, scheme: SchemeInfo) -> Wire:
    """Return TrustedEntityInformation (6.5); kept for the next list, so nobody changes it."""
    information: Wire = {
        "TEName": texts(entry.names),
        "TEAddress": {
            "TEPostalAddress": [postal_address(entry.address)],
            "TEElectronicAddress": uris(ascii_uri(entry.website) or scheme.page(entry, "en")),
        },
        "TEInformationURI": _pages(entry, scheme),
    }
    numbers = [trade_name(name, value) for name, value in entry.identifiers]
    if numbers:
        information["TETradeName"] = [{"lang": "en", "value": number} for number in numbers]
    return information


@latest
def _pages(entry: Entry, scheme: SchemeInfo) -> list[dict[str, str]]:
    """Return the pages of an issuer, English first; kept, so nobody changes it."""
    return uris(scheme.page(entry, "en"), ("pl", scheme.page(entry, "pl")))


def trade_name(scheme: str, value: str) -> str:
    """Return a number as trade name: official ones as EN 319 412-1, 5.1.4, else an address or `scheme:value`."""
    if scheme == IdentifierScheme.VAT:
        return f"VAT{value[:2]}-{value[2:]}"
    if scheme == IdentifierScheme.KRS:
        return f"NTRPL-{value}"
    if scheme == IdentifierScheme.LEI:
        return f"LEIXG-{value}"
    known = scheme in IdentifierScheme.__members__.values()
    address = identifier_uri(Identifier(IdentifierScheme(scheme), value)) if known else None
    return address or f"{scheme}:{value}"


def service_information(entry: Entry, scheme: SchemeInfo, identity: Wire) -> Wire:
    """Return the members of ServiceInformation that do not depend on a status (6.6)."""
    return {**_of_all_services(entry, scheme), "ServiceDigitalIdentity": identity}


@latest
def _of_all_services(entry: Entry, scheme: SchemeInfo) -> Wire:
    """Return what every service of an issuer says alike; kept, so nobody changes it."""
    return {
        "ServiceTypeIdentifier": service_type(scheme),
        "ServiceName": texts(entry.names),
        "SchemeServiceDefinitionURI": _pages(entry, scheme),
        "ServiceSupplyPoints": [
            {
                # The schema leaves the type out as it likes, but @owf/eudi-lote refuses a point without one.
                "ServiceType": scheme.uri("supply-point", "statement"),
                "uriValue": f"{scheme.base_url}/issuers/{entry.id}/statement.jws",
            }
        ],
    }


@latest
def recognition_extension(entry: Entry, scheme: SchemeInfo, at: datetime) -> Wire:
    """Return the extension that says what the data model cannot: scope, end date, policy, decision.

    Kept for the next list, so nobody changes it.
    """
    interval = entry.interval(at)
    scope = interval.scope if interval else entry.events[0].scope
    until = interval.valid_until if interval else entry.events[0].valid_until
    return {
        "Critical": False,
        "ExtensionUri": scheme.uri("extension", "recognition"),
        "Recognition": {
            "id": entry.id,
            "scope": kept_scope_wire(scope or Scope(())),
            "valid_until": wire_instant(until) if until else None,
            "policy": _policy(entry.policy_id, entry.policy_version, entry.policy_sha256),
            "decision": {"id": entry.decision_id, "decided_at": wire_instant(entry.decided_at)},
        },
    }


@lru_cache(maxsize=64)
def _policy(policy_id: str, version: str, sha256: str) -> Mapping[str, str]:
    """Return a policy in wire form, one object for all issuers under it: nobody changes it."""
    return {"id": policy_id, "version": version, "sha256": sha256}


def assemble_lote(information: Wire, fragments: Iterable[bytes], header: Header, signer: Signer) -> bytes:
    """Return the signed list; an empty one leaves TrustedEntitiesList out, which must hold an entity."""
    return sign_list(_payload(information, fragments), header, signer, None)


def _payload(information: Wire, fragments: Iterable[bytes]) -> bytes:
    head, entities = canonical_json(information), b",".join(fragments)
    if not entities:
        return b'{"LoTE":{"ListAndSchemeInformation":%b}}' % head
    return b'{"LoTE":{"ListAndSchemeInformation":%b,"TrustedEntitiesList":[%b]}}' % (head, entities)
