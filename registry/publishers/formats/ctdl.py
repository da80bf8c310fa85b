"""CTDL, Credential Transparency Description Language: recognitions as actions of accrediting and revoking.

Credential Engine's vocabulary as published in August 2026 (classes `AccreditAction`, `RevokeAction`,
`CredentialOrganization`, `QACredentialOrganization`, `QualityAssuranceCredential`, `JurisdictionProfile`).
One accreditation for each stretch of uninterrupted recognition, one revocation for each withdrawal and
void. Media type `application/ld+json`; context `https://credreg.net/ctdl/schema/context/json`; unsigned. Read
by every JSON-LD library and by the tools of the Credential Registry.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from registry.domain import isced
from registry.domain.recognition import Interval, Status
from registry.domain.trust_list import (
    Entry,
    Header,
    IdentityKind,
    PostalAddress,
    SchemeInfo,
    Text,
    canonical_json,
)
from registry.publishers.base import Document, Loss, Reach
from registry.publishers.intervals import Recognized, recognized_stretches
from registry.publishers.linked import JSON_LD, graph_document, legal_name
from registry.signing.signers import Signer

CONTEXT = "https://credreg.net/ctdl/schema/context/json"
ACTION_STATUS = "https://purl.org/ctdl/terms/ActionStatus"
"""The list of terms that `actionStatusType` points into."""
LOSSES: tuple[Loss, ...] = (
    Loss("a signature", "the export carries none; the SHA-256 stands in /lists/index.json"),
    Loss(
        "number and times of the list",
        "the vocabulary has no place for them; they stand in /lists/index.json",
    ),
    Loss(
        "suspension apart from other ends",
        "a suspension ends the accreditation; only a withdrawal or a void is a revocation",
    ),
    Loss("conditions", "the vocabulary has no place for them; active with conditions counts as accredited"),
    Loss("hours and minutes", "actions start and end on a day, told in UTC"),
    Loss(
        "certificates, bare keys and domains",
        "an organization has identifiers; of its keys only DIDs are such",
    ),
    Loss("platform keys", "a key shared by many institutions alone says nothing about one of them"),
    Loss(
        "scope beyond fields and countries",
        "levels, types, modes, languages and limits have no place on an action",
    ),
    Loss("which values of a scope belong together", "fields and countries are two plain lists"),
    Loss("the two time axes", "actions are told as known at the moment of issue; see the native list"),
)
_REVOKED = frozenset({Status.WITHDRAWN, Status.VOID})
_STATUS_NAMES = {
    "ActiveActionStatus": "Active",
    "CompletedActionStatus": "Completed",
    "PotentialActionStatus": "Potential",
}
Node = dict[str, object]


class Ctdl:
    """Who was accredited by whom, on which day, and whose accreditation was revoked."""

    format_id = "ctdl"
    standard = "CTDL, August 2026"
    file_name = "ctdl.jsonld"
    media_type = JSON_LD
    lifetime = timedelta(days=1)
    signed = False
    reach = Reach.SCHEME
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the nodes of an issuer, joined by commas: the organization, then the actions on it."""
        nodes = [
            _organization(entry, scheme, at),
            *_accreditations(entry, scheme, at),
            *_revocations(entry, scheme, at),
        ]
        return b",".join(canonical_json(node) for node in nodes)

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the graph: the accrediting body, the credential it applies, then the issuers."""
        scheme = header.scheme
        body = graph_document(CONTEXT, [_operator(scheme), _credential(scheme)], fragments)
        return Document(self.file_name, body, self.media_type)


def _operator_id(scheme: SchemeInfo) -> str:
    return f"{scheme.uri()}#operator"


def _issuer_id(entry: Entry, scheme: SchemeInfo) -> str:
    return f"{scheme.base_url}/issuers/{entry.id}"


def _operator(scheme: SchemeInfo) -> Node:
    return {
        "@type": "ceterms:QACredentialOrganization",
        "@id": _operator_id(scheme),
        "ceterms:name": scheme.operator_name.as_dict(),
        "ceterms:legalName": legal_name(scheme.operator_legal_name, scheme.operator_name),
        "ceterms:address": [_place(scheme.operator_address)],
        "ceterms:email": [scheme.operator_email],
        "ceterms:subjectWebpage": scheme.operator_website,
    }


def _credential(scheme: SchemeInfo) -> Node:
    """Return what the body applies: recognition under a policy."""
    return {
        "@type": "ceterms:QualityAssuranceCredential",
        "@id": scheme.uri("policy"),
        "ceterms:name": scheme.name.as_dict(),
        "ceterms:ownedBy": [_operator_id(scheme)],
        "ceterms:subjectWebpage": scheme.uri("policy"),
    }


def _organization(entry: Entry, scheme: SchemeInfo, at: datetime) -> Node:
    node: Node = {
        "@type": "ceterms:CredentialOrganization",
        "@id": _issuer_id(entry, scheme),
        "ceterms:name": entry.names.as_dict(),
        "ceterms:legalName": legal_name(entry.legal_name, entry.names),
        "ceterms:address": [_place(entry.address)],
        "ceterms:identifier": [_identifier(name, value) for name, value in _numbers(entry, at)],
        "ceterms:subjectWebpage": entry.website or scheme.page(entry, "en"),
    }
    ctid = dict(entry.identifiers).get("ctid")
    if ctid:
        node["ceterms:ctid"] = ctid
    interval = entry.interval(at)
    if interval is not None and interval.status.is_recognized:
        node["ceterms:accreditedBy"] = [_operator_id(scheme)]
        node["ceterms:accreditedIn"] = [_jurisdiction(country, scheme) for country in _countries(interval)]
    return node


def _numbers(entry: Entry, at: datetime) -> Iterator[tuple[str, str]]:
    """Yield (scheme, value) of official numbers, then of the DIDs that may be used at `at`."""
    yield from (pair for pair in entry.identifiers if pair[0] != "ctid")
    yield from (("did", i.value) for i in entry.identities if i.kind is IdentityKind.DID and i.usable_at(at))


def _identifier(scheme: str, value: str) -> Node:
    return {
        "@type": "ceterms:IdentifierValue",
        "ceterms:identifierTypeName": {"en": scheme},
        "ceterms:identifierValueCode": value,
    }


def _place(address: PostalAddress) -> Node:
    texts = {
        "ceterms:streetAddress": address.street,
        "ceterms:addressLocality": address.locality,
        "ceterms:addressCountry": address.country,
    }
    place: Node = {"@type": "ceterms:Place", **{name: {"en": text} for name, text in texts.items() if text}}
    return {**place, "ceterms:postalCode": address.postal_code} if address.postal_code else place


def _countries(interval: Interval) -> list[str]:
    return sorted({country for grant in interval.scope.grants for country in grant.countries})


def _jurisdiction(country: str, scheme: SchemeInfo) -> Node:
    return {
        "@type": "ceterms:JurisdictionProfile",
        "ceterms:assertedBy": [_operator_id(scheme)],
        "ceterms:mainJurisdiction": [{"@type": "ceterms:Place", "ceterms:addressCountry": {"en": country}}],
    }


def _accreditations(entry: Entry, scheme: SchemeInfo, at: datetime) -> Iterator[Node]:
    for stretch in recognized_stretches(entry):
        node = _action("AccreditAction", entry, scheme, stretch.intervals[0].event, _ACCREDITED)
        node["ceterms:startDate"] = _day(stretch.start)
        if stretch.end:
            node["ceterms:endDate"] = _day(stretch.end)
        node["ceterms:actionStatusType"] = _status(_accredit_status(stretch, at))
        node["ceterms:classification"] = _fields(stretch, at)
        yield node


def _accredit_status(stretch: Recognized, at: datetime) -> str:
    if stretch.start > at:
        return "PotentialActionStatus"
    return "ActiveActionStatus" if stretch.holds_at(at) else "CompletedActionStatus"


def _fields(stretch: Recognized, at: datetime) -> list[str]:
    """Return the fields of study of the scope that holds at `at`, or the last one that did, or the first to come."""
    begun = [interval for interval in stretch.intervals if interval.start <= at]
    interval = begun[-1] if begun else stretch.intervals[0]
    codes = {code for grant in interval.scope.grants for code in grant.fields}
    return [isced.uri(code) for code in sorted(codes)]


def _revocations(entry: Entry, scheme: SchemeInfo, at: datetime) -> Iterator[Node]:
    starts = {event.number: event.effective_from for event in entry.events}
    for interval in entry.intervals():
        if interval.status in _REVOKED:
            # The stretch of a void reaches back to the grant; the day of the revocation is that of the event.
            start = starts[interval.event]
            happened = interval.status is Status.VOID or start <= at
            node = _action("RevokeAction", entry, scheme, interval.event, _REVOCATIONS[interval.status])
            node["ceterms:startDate"] = _day(start)
            node["ceterms:actionStatusType"] = _status(
                "CompletedActionStatus" if happened else "PotentialActionStatus"
            )
            yield node


def _action(kind: str, entry: Entry, scheme: SchemeInfo, event: int, what: Text) -> Node:
    return {
        "@type": f"ceterms:{kind}",
        "@id": f"{_issuer_id(entry, scheme)}#{kind}-{event}",
        "ceterms:name": what.as_dict(),
        "ceterms:actingAgent": [_operator_id(scheme)],
        "ceterms:object": _issuer_id(entry, scheme),
        "ceterms:instrument": [scheme.uri("policy")],
        "ceterms:evidenceOfAction": [scheme.page(entry, "en")],
    }


_ACCREDITED = Text.of(
    en="Recognized as an issuer of micro-credentials", pl="Uznanie za wydawcę mikropoświadczeń"
)
_REVOCATIONS = {
    Status.WITHDRAWN: Text.of(en="Recognition withdrawn", pl="Cofnięcie uznania"),
    Status.VOID: Text.of(
        en="Recognition declared void from the beginning", pl="Unieważnienie uznania od początku"
    ),
}


def _status(name: str) -> Node:
    return {
        "@type": "ceterms:CredentialAlignmentObject",
        "ceterms:framework": ACTION_STATUS,
        "ceterms:targetNode": f"actionStat:{name}",
        "ceterms:targetNodeName": {"en": _STATUS_NAMES[name]},
    }


def _day(instant: datetime) -> str:
    """Return the day in UTC as xsd:date."""
    return instant.date().isoformat()
