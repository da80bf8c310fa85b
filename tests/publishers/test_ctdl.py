"""CTDL: valid by its context and its terms, and what becomes an action of accrediting or revoking."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from registry.domain.recognition import Reason, Status
from registry.domain.trust_list import Entry
from registry.publishers import PUBLISHERS, build
from registry.publishers.formats.ctdl import CONTEXT

from support.linked_data import SCHEMAS, TermDropped, expand
from vectors.sample import (
    DAY,
    DOMAIN,
    EC_JWK,
    GRANTED_AT,
    ISSUED_AT,
    PLATFORM,
    SCHEME,
    did,
    entry,
    event,
    grant,
    header,
    sample_entries,
    sample_list,
    x509,
)

TERMS: Mapping[str, Any] = {
    node["@id"]: node for node in json.loads((SCHEMAS / "ctdl" / "terms.json").read_text())["@graph"]
}
OPERATOR = f"{SCHEME.uri()}#operator"


def body(*entries: Entry) -> bytes:
    return build(PUBLISHERS["ctdl"], sample_list(entries), header(), None).body


def nodes(*entries: Entry) -> list[Any]:
    found: list[Any] = json.loads(body(*entries))["@graph"]
    return found


def actions(*entries: Entry) -> list[tuple[Any, ...]]:
    """(kind, start, end, status) of every action."""
    return [
        (
            node["@type"].removeprefix("ceterms:"),
            node["ceterms:startDate"],
            node.get("ceterms:endDate"),
            node["ceterms:actionStatusType"]["ceterms:targetNode"].removeprefix("actionStat:"),
        )
        for node in nodes(*entries)
        if node["@type"].endswith("Action")
    ]


def parts(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every node of the document, nested ones too."""
    if isinstance(value, list):
        for item in value:
            yield from parts(item)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for item in value.values():
            yield from parts(item)


def test_it_expands_by_the_context_of_ctdl_and_no_term_drops_out() -> None:
    assert json.loads(body())["@context"] == CONTEXT
    [*found] = expand(body(*sample_entries()))
    assert len(found) == len(nodes(*sample_entries()))


def test_a_term_that_the_context_does_not_know_would_be_noticed() -> None:
    with pytest.raises(TermDropped):
        expand(body().replace(b"ceterms:email", b"email"))


def test_every_member_is_a_property_that_ctdl_has_for_the_class() -> None:
    for node in parts(nodes(*sample_entries())):
        assert TERMS[node["@type"]]["@type"] == "rdfs:Class"
        for name in node.keys() - {"@type", "@id"}:
            assert node["@type"] in TERMS[name]["schema:domainIncludes"], f"{name} on {node['@type']}"


def test_every_value_is_of_the_range_that_ctdl_has_for_the_property() -> None:
    document = nodes(*sample_entries())
    types = {node["@id"]: node["@type"] for node in document}
    for node in parts(document):
        for name in node.keys() - {"@type", "@id"}:
            values = node[name] if isinstance(node[name], list) else [node[name]]
            for value in values:
                assert in_range(value, TERMS[name]["schema:rangeIncludes"], types), f"{name}: {value}"


def in_range(value: Any, ranges: list[str], types: Mapping[str, str]) -> bool:
    if isinstance(value, dict):
        return value["@type"] in ranges if "@type" in value else ranges == ["rdf:langString"]
    if ranges == ["xsd:date"]:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))
    if ranges == ["skos:Concept"]:
        return bool(value.startswith("http://data.europa.eu/snb/isced-f/"))
    if ranges == ["xsd:anyURI"]:
        return bool(re.match(r"https?:|actionStat:", value))
    return ranges == ["xsd:string"] or types.get(value) in ranges


def test_the_status_of_an_action_is_a_concept_of_the_list_of_ctdl() -> None:
    concepts = TERMS["ceterms:ActionStatus"]["meta:hasConcept"]
    stated = {status for *_, status in actions(*sample_entries())}
    assert stated == {"ActiveActionStatus", "CompletedActionStatus", "PotentialActionStatus"}
    assert {f"actionStat:{name}" for name in stated} <= set(concepts)


def test_a_recognition_is_an_accreditation_by_the_body_of_the_institution() -> None:
    *_, organization, action = nodes(entry(1, [grant(1)], [did(1)]))
    assert organization["ceterms:accreditedBy"] == [OPERATOR]
    assert action["ceterms:actingAgent"] == [OPERATOR]
    assert action["ceterms:object"] == organization["@id"]
    assert action["ceterms:instrument"] == [SCHEME.uri("policy")]
    assert action["ceterms:classification"] == ["http://data.europa.eu/snb/isced-f/061"]
    assert actions(entry(1, [grant(1)], [did(1)])) == [
        ("AccreditAction", "2026-02-01", "2031-02-01", "ActiveActionStatus")
    ]


def test_a_suspension_ends_the_accreditation_and_lifting_it_begins_another() -> None:
    story = [
        grant(1),
        event(2, Status.SUSPENDED, Reason.FRAUD_SUSPECTED, GRANTED_AT + DAY),
        event(3, Status.ACTIVE, Reason.SUSPENSION_LIFTED, GRANTED_AT + 3 * DAY),
    ]
    assert actions(entry(1, story, [])) == [
        ("AccreditAction", "2026-02-01", "2026-02-02", "CompletedActionStatus"),
        ("AccreditAction", "2026-02-04", "2031-02-01", "ActiveActionStatus"),
    ]


def test_a_withdrawal_is_a_revocation() -> None:
    withdrawn = event(2, Status.WITHDRAWN, Reason.SERIOUS_BREACH, ISSUED_AT - DAY)
    assert actions(entry(1, [grant(1), withdrawn], [])) == [
        ("AccreditAction", "2026-02-01", "2026-08-31", "CompletedActionStatus"),
        ("RevokeAction", "2026-08-31", None, "CompletedActionStatus"),
    ]


def test_a_void_recognition_was_never_an_accreditation() -> None:
    void = event(2, Status.VOID, Reason.FALSE_EVIDENCE, ISSUED_AT - DAY)
    assert actions(entry(1, [grant(1), void], [])) == [
        ("RevokeAction", "2026-08-31", None, "CompletedActionStatus")
    ]


@pytest.mark.parametrize("status", [Status.RELINQUISHED, Status.SUPERSEDED, Status.SUSPENDED])
def test_other_ends_are_no_revocation(status: Status) -> None:
    over = entry(1, [grant(1), event(2, status, Reason.ISSUER_REQUEST, ISSUED_AT - DAY)], [])
    assert [kind for kind, *_ in actions(over)] == ["AccreditAction"]
    assert "ceterms:accreditedBy" not in nodes(over)[2]


def test_a_recognition_that_has_not_begun_is_a_potential_action() -> None:
    pending = entry(1, [grant(1, at=ISSUED_AT + DAY, recorded_at=ISSUED_AT - DAY)], [])
    assert actions(pending) == [("AccreditAction", "2026-09-02", "2031-02-01", "PotentialActionStatus")]
    assert "ceterms:accreditedBy" not in nodes(pending)[2]


def test_identifiers_are_official_numbers_and_the_dids_that_may_be_used() -> None:
    identities = [did(1), did(2, valid_to=ISSUED_AT), x509(1), EC_JWK, DOMAIN, PLATFORM]
    listed = nodes(entry(1, [grant(1)], identities))[2]["ceterms:identifier"]
    assert [
        (item["ceterms:identifierTypeName"]["en"], item["ceterms:identifierValueCode"]) for item in listed
    ] == [("schac", "college-1.example"), ("vat", "PL1234563218"), ("did", "did:web:college-1.example")]


def test_a_ctid_has_a_member_of_its_own() -> None:
    ctid = "ce-e8a41a52-6ff6-48f0-9872-889c87b093b7"
    listed = nodes(replace(entry(1, [grant(1)], []), identifiers=(("ctid", ctid),)))[2]
    assert listed["ceterms:ctid"] == ctid
    assert listed["ceterms:identifier"] == []


@pytest.mark.parametrize(
    ("name", "language"), [("Zmyślona Uczelnia 1", "pl"), ("Invented College 1", "en"), ("Other", "und")]
)
def test_a_legal_name_stands_under_the_language_it_is_known_in(name: str, language: str) -> None:
    listed = nodes(replace(entry(1, [grant(1)], []), legal_name=name))[2]
    assert listed["ceterms:legalName"] == {language: name}
