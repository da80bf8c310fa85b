"""ELM accreditations: valid by the shapes of the profile, one per grant, and nothing claimed without a mandate."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pyshacl
import pytest
from rdflib import RDF, Graph, Namespace

from registry.domain.countries import ALPHA_3
from registry.domain.recognition import Reason, Status
from registry.domain.scope import CredentialType, Grant, Level, LevelMark, Mode, Scope
from registry.domain.trust_list import Entry, PostalAddress
from registry.publishers import PUBLISHERS, build
from registry.publishers.formats.elm import CONTEXT

from support.linked_data import SCHEMAS, graph
from vectors.sample import (
    DAY,
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

SH = Namespace("http://www.w3.org/ns/shacl#")
BROAD = Grant(
    fields=frozenset({"06", "0311"}),
    credential_types=frozenset(CredentialType),
    countries=frozenset({"PL", "GR"}),
    levels=frozenset({Level(5), Level(6, LevelMark.FRAMEWORK_REFERENCED)}),
    modes=frozenset(Mode),
    languages=frozenset({"pl", "en"}),
    programmes=frozenset({"Data analysis"}),
    max_ects=Decimal("30.0"),
)
NARROW = Grant(
    fields=frozenset({"0613"}),
    credential_types=frozenset({CredentialType.MICRO_CREDENTIAL}),
    countries=frozenset({"PL"}),
    levels=frozenset({Level(7)}),
)


def body(entries: Sequence[Entry]) -> bytes:
    return build(PUBLISHERS["elm"], sample_list(entries), header(), None).body


def nodes(kind: str, *entries: Entry) -> list[Any]:
    return [node for node in json.loads(body(entries))["@graph"] if node["@type"] == kind]


def accreditations(*entries: Entry) -> list[Any]:
    return nodes("Accreditation", *entries)


def recognized(*grants: Grant) -> Entry:
    return entry(1, [grant(1, scope=Scope(grants or (BROAD, NARROW)))], [did(1)])


@cache
def shapes(name: str) -> Graph:
    """Return the shapes of a file, without its regular expressions: they are Java's (see the README beside them)."""
    found = Graph().parse(SCHEMAS / "elm" / name)
    found.remove((None, SH.pattern, None))
    return found


def violations(entries: Sequence[Entry], name: str) -> set[tuple[str, str]]:
    """(node, path) of everything that the shapes of a file find wrong."""
    _, report, _ = pyshacl.validate(graph(body(entries)), shacl_graph=shapes(name), inference="none")
    assert isinstance(report, Graph)
    return {
        (str(report.value(result, SH.focusNode)), str(report.value(result, SH.resultPath)))
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }


@pytest.mark.parametrize("entries", [sample_entries(), (recognized(),), ()], ids=["sample", "broad", "empty"])
def test_accreditations_are_valid_by_the_shapes_of_the_profile(entries: Sequence[Entry]) -> None:
    assert violations(entries, "AMS-constraints.ttl") == set()


def test_the_shapes_notice_what_is_missing() -> None:
    nameless = replace(recognized(), legal_name="")
    made = json.loads(body([nameless]))
    del made["@graph"][1]["legalName"]
    _, report, _ = pyshacl.validate(
        graph(json.dumps(made).encode()), shacl_graph=shapes("AMS-constraints.ttl"), inference="none"
    )
    assert isinstance(report, Graph)
    assert [str(path) for path in report.objects(None, SH.resultPath)] == [
        "http://www.w3.org/ns/regorg#legalName"
    ]


def test_of_the_eu_vocabularies_only_the_type_is_not_used_because_it_claims_a_mandate() -> None:
    issuer = f"{SCHEME.base_url}/issuers/{recognized().id}"
    assert violations([recognized()], "AMS-constraints-mdr.ttl") == {
        (SCHEME.uri("accreditation-type", "issuer"), "http://www.w3.org/2004/02/skos/core#inScheme"),
        (f"{issuer}#accreditation-1", "http://purl.org/dc/terms/type"),
        (f"{issuer}#accreditation-2", "http://purl.org/dc/terms/type"),
    }


def test_type_and_decision_are_of_our_own_vocabulary() -> None:
    text = body(sample_entries()).decode()
    assert "http://data.europa.eu/snb/accreditation/" not in text
    for made in accreditations(*sample_entries()):
        assert made["dcType"]["@id"] == SCHEME.uri("accreditation-type", "issuer")
        assert made["decision"]["@id"].startswith(f"{SCHEME.base_url}/status/active")


def test_no_term_drops_out_of_the_context_of_the_model() -> None:
    assert json.loads(body(()))["@context"] == CONTEXT
    assert len(graph(body(sample_entries()))) > 500


def test_every_address_of_a_web_page_is_an_http_address() -> None:
    found = re.findall(r'"contentURL":"([^"]*)"', body(sample_entries()).decode())
    assert found
    assert all(re.fullmatch(r"https?://[^\s/]+/\S*", address) for address in found)


def test_exactly_the_issuers_recognized_now_have_an_accreditation() -> None:
    assert {made["organisation"].rpartition("/")[2] for made in accreditations(*sample_entries())} == {
        listed.id for listed in sample_entries() if listed.status(ISSUED_AT).is_recognized
    }


def test_a_suspended_issuer_is_left_out_and_comes_back() -> None:
    suspended = event(2, Status.SUSPENDED, Reason.FRAUD_SUSPECTED, GRANTED_AT + DAY)
    lifted = event(3, Status.ACTIVE, Reason.SUSPENSION_LIFTED, GRANTED_AT + 2 * DAY)
    assert accreditations(entry(1, [grant(1), suspended], [])) == []
    [back] = accreditations(entry(1, [grant(1), suspended, lifted], []))
    assert back["valid"] == "2026-02-03T12:00:00Z"


def test_each_grant_is_an_accreditation_so_that_its_limits_stay_together() -> None:
    broad, narrow = accreditations(recognized(BROAD, NARROW))
    assert [made["@id"].rpartition("#")[2] for made in (broad, narrow)] == [
        "accreditation-1",
        "accreditation-2",
    ]
    assert [field["@id"] for field in broad["limitField"]] == [
        "http://data.europa.eu/snb/isced-f/0311",
        "http://data.europa.eu/snb/isced-f/06",
    ]
    assert [place["@id"].rpartition("/")[2] for place in broad["limitJurisdiction"]] == ["GRC", "POL"]
    assert [field["@id"] for field in narrow["limitField"]] == ["http://data.europa.eu/snb/isced-f/0613"]


def test_an_eqf_level_stands_only_where_a_framework_is_referenced_to_it() -> None:
    broad, narrow = accreditations(recognized(BROAD, NARROW))
    assert [level["@id"] for level in broad["limitEQFLevel"]] == ["http://data.europa.eu/snb/eqf/6"]
    assert narrow["limitEQFLevel"] == []


def test_what_has_no_member_stands_in_the_note_in_both_languages() -> None:
    [made] = accreditations(recognized(BROAD))
    [note] = made["additionalNote"]
    assert note["noteLiteral"] == {
        "en": (
            "Credential types: micro-credential, badge with assessment, certificate of a short programme. "
            "EQF levels as claimed by the issuer: 5. Modes: on site, blended, online, work-based. "
            "Languages: en, pl. Programmes: Data analysis. ECTS at most: 30."
        ),
        "pl": (
            "Rodzaje poświadczeń: mikropoświadczenie, odznaka z oceną efektów, "
            "świadectwo krótkiego programu. Poziomy ERK według wydawcy: 5. "
            "Tryby: stacjonarnie, w trybie mieszanym, zdalnie, w miejscu pracy. Języki: en, pl. "
            "Programy: Data analysis. Najwyżej punktów ECTS: 30."
        ),
    }


def test_conditions_show_in_the_decision() -> None:
    [made] = accreditations(entry(1, [grant(1, Status.ACTIVE_WITH_CONDITIONS)], []))
    assert made["decision"]["@id"] == SCHEME.status_uri(Status.ACTIVE_WITH_CONDITIONS)
    assert made["decision"]["prefLabel"]["pl"] == "Uznanie pod warunkami"


def test_an_organisation_has_its_numbers_and_the_dids_that_may_be_used() -> None:
    identities = [did(1), did(2, valid_to=ISSUED_AT), x509(1), PLATFORM]
    _, listed = nodes("Organisation", entry(1, [grant(1)], identities))
    assert [(i["schemeName"], i["notation"]) for i in listed["identifier"]] == [
        ("schac", "college-1.example"),
        ("did", "did:web:college-1.example"),
    ]
    assert [(i["notation"], i["spatial"]["@id"][-3:]) for i in listed["vatIdentifier"]] == [
        ("PL1234563218", "POL")
    ]


@pytest.mark.parametrize(("number", "code"), [("EL123456789", "GRC"), ("XI123456789", None)])
def test_a_vat_number_names_its_country_where_it_has_one(number: str, code: str | None) -> None:
    _, listed = nodes("Organisation", replace(recognized(), identifiers=(("vat", number),)))
    legal = [i["spatial"]["@id"].rpartition("/")[2] for i in listed["vatIdentifier"]]
    assert legal == ([code] if code else [])
    assert (number in [i["notation"] for i in listed["identifier"]]) == (code is None)


def test_an_address_without_street_or_town_is_still_valid() -> None:
    bare = replace(recognized(), address=PostalAddress("", "", "", "PL"), website=None, identifiers=())
    assert violations([bare], "AMS-constraints.ttl") == set()


def test_every_country_has_a_code_of_three_letters() -> None:
    assert len(set(ALPHA_3.values())) == len(ALPHA_3)
    assert {(code, ALPHA_3[code]) for code in ("PL", "GR", "GB", "CH", "AX")} == {
        ("PL", "POL"),
        ("GR", "GRC"),
        ("GB", "GBR"),
        ("CH", "CHE"),
        ("AX", "ALA"),
    }
    assert all(re.fullmatch("[A-Z]{3}", code) for code in ALPHA_3.values())
