"""JSON-LD 1.1 dump of the whole list: the native list as linked data, in our own vocabulary; unsigned.

Terms that others have defined are theirs: schema.org for organizations, the W3C credentials, security and
provenance vocabularies, Dublin Core. What is ours lies under `<base address>/vocabulary#`. Media type
`application/ld+json`. The context is published beside the list as `context.jsonld`, so that a list of any
number is read with the context of its time; nothing else is loaded. Read by every JSON-LD library.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from registry.domain import isced
from registry.domain.trust_list import Entry, Header, SchemeInfo, canonical_json, entry_to_wire, wire_instant
from registry.publishers.base import Document, Loss, Reach, list_url
from registry.publishers.linked import JSON_LD
from registry.signing.signers import Signer

CONTEXT_FILE = "context.jsonld"
LOSSES: tuple[Loss, ...] = (
    Loss("a signature", "the dump carries none; the SHA-256 stands in /lists/index.json"),
    Loss(
        "that an empty list of a scope means not limited",
        "a graph has no triple for it; absence means the same",
    ),
)


class JsonLd:
    """Everything that the native list says, as a graph."""

    format_id = "jsonld"
    standard = "JSON-LD 1.1"
    file_name = "list.jsonld"
    media_type = JSON_LD
    lifetime = timedelta(days=1)
    signed = False
    reach = Reach.SCHEME
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the node of an issuer."""
        return canonical_json(_issuer(entry_to_wire(entry, at), scheme, scheme.page(entry, "en")))

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the list, and its context beside it."""
        context_url = list_url(header, f"{header.sequence}/{CONTEXT_FILE}")
        head = canonical_json({"@context": context_url, **_list(header, self.file_name)})
        body = b'%b,"entries":[%b]}' % (head[:-1], b",".join(fragments))
        context = canonical_json({"@context": build_context(header.scheme.base_url)})
        beside = Document(CONTEXT_FILE, context, JSON_LD)
        return Document(self.file_name, body, self.media_type, (beside,))


def build_context(base_url: str) -> Mapping[str, object]:
    """Return the context; every term is defined, and a member that is not in it is an error of ours."""
    own = {term: {"@id": f"reg:{name}", **_COERCED.get(term, {})} for term, name in _OWN.items()}
    theirs = {term: {"@id": iri, **_COERCED.get(term, {})} for term, iri in _THEIRS.items()}
    return {
        "@version": 1.1,
        "id": "@id",
        "type": "@type",
        "reg": f"{base_url}/vocabulary#",
        **_PREFIXES,
        **_CLASSES,
        **theirs,
        **own,
    }


_PREFIXES = {
    "schema": "https://schema.org/",
    "dct": "http://purl.org/dc/terms/",
    "cred": "https://www.w3.org/2018/credentials#",
    "sec": "https://w3id.org/security#",
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_CLASSES = {
    "TrustList": "reg:TrustList",
    "Scheme": "reg:Scheme",
    "Issuer": "reg:Issuer",
    "Organization": "schema:Organization",
    "PostalAddress": "schema:PostalAddress",
    "PropertyValue": "schema:PropertyValue",
}
_THEIRS = {
    "identifier": "dct:identifier",
    "issued_at": "dct:issued",
    "decided_at": "dct:issued",
    "legal_name": "schema:legalName",
    "names": "schema:name",
    "email": "schema:email",
    "website": "schema:url",
    "page": "schema:subjectOf",
    "identifiers": "schema:identifier",
    "scheme_name": "schema:propertyID",
    "value": "schema:value",
    "address": "schema:address",
    "street": "schema:streetAddress",
    "locality": "schema:addressLocality",
    "postal_code": "schema:postalCode",
    "country": "schema:addressCountry",
    "version": "schema:version",
    "valid_from": "cred:validFrom",
    "effective_from": "cred:validFrom",
    "valid_to": "cred:validUntil",
    "valid_until": "cred:validUntil",
    "jwk": "sec:publicKeyJwk",
    "recorded_at": "prov:generatedAtTime",
}
"""Terms of others. `dct:issued` and the validity terms stand for several members, of different nodes."""
_OWN = {
    "authority": "authority",
    "scheme": "scheme",
    "operator": "operator",
    "slug": "slug",
    "territory": "territory",
    "policy": "policy",
    "shard": "shard",
    "shards": "shards",
    "sequence": "sequence",
    "next_update": "nextUpdate",
    "entries": "entry",
    "status": "status",
    "status_since": "statusSince",
    "status_reason": "statusReason",
    "scope": "scope",
    "grants": "grant",
    "fields": "fieldOfStudy",
    "levels": "level",
    "mark": "levelMark",
    "credential_types": "credentialType",
    "countries": "countryOfScope",
    "modes": "mode",
    "languages": "language",
    "programmes": "programme",
    "max_ects": "largestWorkloadInEcts",
    "conditions": "condition",
    "text": "text",
    "due": "due",
    "identities": "issuingIdentity",
    "kind": "kind",
    "usable": "usable",
    "compromised_from": "compromisedFrom",
    "certificate": "certificate",
    "profile_id": "platformProfile",
    "events": "statusEvent",
    "number": "number",
    "reason": "reason",
    "effect": "effectOnEarlierAwards",
    "effect_from": "effectFrom",
    "supersedes": "supersedes",
    "decision": "decision",
    "decision_id": "decisionId",
    "terms": "termsOfStop",
    "teach_out_until": "teachOutUntil",
    "records_kept_by": "recordsKeptBy",
    "status_service_kept_by": "statusServiceKeptBy",
    "remedy": "remedy",
    "successors": "successor",
    "predecessors": "predecessor",
    "notes": "note",
    "since": "since",
    "until": "until",
    "ground": "ground",
    "sha256": "sha256",
}
_INSTANTS = (
    *("issued_at", "decided_at", "valid_from", "effective_from", "valid_to", "valid_until", "recorded_at"),
    *("next_update", "status_since", "due", "compromised_from", "effect_from", "since", "until"),
)
_ADDRESSES = ("authority", "website", "page", "status", "fields", "successors", "predecessors")
_COERCED: Mapping[str, Mapping[str, object]] = {
    **{term: {"@type": "xsd:dateTime"} for term in _INSTANTS},
    **{
        term: {"@type": "@id"}
        for term in ("authority", "website", "page", "status", "fields", "successors", "predecessors")
    },
    **{term: {"@container": "@language"} for term in ("names", "text", "remedy")},
    "teach_out_until": {"@type": "xsd:date"},
    "certificate": {"@type": "xsd:base64Binary"},
    "sha256": {"@type": "xsd:hexBinary"},
    "jwk": {"@type": "@json"},
}
Wire = dict[str, Any]


def _list(header: Header, file_name: str) -> Wire:
    scheme = header.scheme
    return {
        "id": list_url(header, file_name),
        "type": "TrustList",
        "authority": scheme.base_url,
        "scheme": {
            "id": scheme.uri(),
            "type": "Scheme",
            "identifier": scheme.id,
            "slug": scheme.slug,
            "names": scheme.name.as_dict(),
            "territory": scheme.territory,
            "policy": {"id": scheme.uri("policy"), "identifier": scheme.policy_id},
        },
        "operator": {
            "id": f"{scheme.uri()}#operator",
            "type": "Organization",
            "legal_name": scheme.operator_legal_name,
            "names": scheme.operator_name.as_dict(),
            "email": scheme.operator_email,
            "website": scheme.operator_website,
        },
        "shard": header.shard,
        "shards": header.shards,
        "sequence": header.sequence,
        "issued_at": wire_instant(header.issued_at),
        "next_update": wire_instant(header.next_update),
    }


def _issuer(wire: Wire, scheme: SchemeInfo, page: str) -> Wire:
    """Return the native form of an entry as a node: ids become addresses, codes of vocabularies too."""
    policy, decision = wire["policy"], wire["decision"]
    node = {
        **wire,
        "id": _issuer_uri(wire["id"], scheme),
        "type": ["Issuer", "Organization"],
        "identifier": wire["id"],
        "page": page,
        "status": _status(wire["status"], scheme),
        "identifiers": [_number(number) for number in wire["identifiers"]],
        "address": {"type": "PostalAddress", **wire["address"]},
        "scope": _scope(wire["scope"]),
        "events": [_event(event, scheme) for event in wire["events"]],
        "policy": {"identifier": policy["id"], "version": policy["version"], "sha256": policy["sha256"]},
        "decision": {"identifier": decision["id"], "decided_at": decision["decided_at"]},
    }
    return {name: value for name, value in node.items() if value is not None}


def _issuer_uri(issuer: str, scheme: SchemeInfo) -> str:
    return f"{scheme.base_url}/issuers/{issuer}"


def _status(value: str, scheme: SchemeInfo) -> str:
    return f"{scheme.base_url}/status/{value.replace('_', '-')}"


def _number(number: Mapping[str, str]) -> Wire:
    return {"type": "PropertyValue", "scheme_name": number["scheme"], "value": number["value"]}


def _scope(wire: Wire) -> Wire:
    return {
        "grants": [
            {**grant, "fields": [isced.uri(code) for code in grant["fields"]]} for grant in wire["grants"]
        ]
    }


def _event(wire: Wire, scheme: SchemeInfo) -> Wire:
    node = {**wire, "status": _status(wire["status"], scheme)}
    if "scope" in wire:
        node["scope"] = _scope(wire["scope"])
    if "terms" in wire:
        terms = wire["terms"]
        others = [name for name in ("successors", "predecessors") if name in terms]
        node["terms"] = {**terms, **{n: [_issuer_uri(i, scheme) for i in terms[n]] for n in others}}
    return node
