"""The two lists of lists: whom they point to, in which order, and how a change of the signing key is told."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from registry.errors import InvalidInput
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS
from registry.publishers.base import ListPointer
from registry.publishers.formats.lote_of_lotes import parse_lote_of_lotes
from registry.publishers.lote_checks import check_lote
from registry.publishers.verify import Trust, verify_document
from registry.publishers.xml_binding import TSL, TSL_ADDITIONAL
from registry.publishers.xml_schemas import TSL_SCHEMA, load_schema
from registry.signing.jws import peek_compact

from vectors.make import HERE
from vectors.sample import ISSUED_AT, REGISTRY, SCHEME, pointers, registry_header, registry_signer, signer

NS = {"t": TSL, "x": TSL_ADDITIONAL}
ADDRESS = f"{REGISTRY.base_url}/lists/registry/1"
ALL = pointers(PUBLISHERS.values())
OWN = replace(
    ALL[0], scheme=REGISTRY, certificates=(*registry_signer().certificates, *signer(91).certificates)
)


def lotl(listed: Sequence[ListPointer] = ALL, pivots: Sequence[str] = ()) -> Any:
    body = LISTS_OF_LISTS["lotl_xml"].assemble(registry_header(), listed, pivots, registry_signer()).body
    return etree.fromstring(body)


def lote(listed: Sequence[ListPointer] = ALL, pivots: Sequence[str] = ()) -> Any:
    body = LISTS_OF_LISTS["lote_of_lotes"].assemble(registry_header(), listed, pivots, registry_signer()).body
    return json.loads(peek_compact(body).payload)


def information(payload: Any) -> Any:
    return payload["LoTE"]["ListAndSchemeInformation"]


@pytest.mark.parametrize("listed", [ALL, ()], ids=["all formats", "nothing published yet"])
def test_lists_of_lists_are_valid_by_the_official_schemas(listed: Sequence[ListPointer]) -> None:
    load_schema(TSL_SCHEMA).assertValid(lotl(listed))
    check_lote(lote(listed))


def test_a_list_of_lists_points_to_itself_and_to_lists_of_its_standard() -> None:
    locations = [node.text for node in lotl().findall(".//t:TSLLocation", NS)]
    assert locations[0] == f"{ADDRESS}/lotl.xml"
    assert {location.rpartition("/")[2] for location in locations[1:]} == {"tl.xml"}
    named = [pointer["LoTELocation"] for pointer in information(lote())["PointersToOtherLoTE"]]
    assert named[0] == f"{ADDRESS}/lotes.json"
    # A client that stops after some pointers has the anchors by then.
    assert [name.rpartition("/")[2] for name in named[1:]] == ["lote-anchors.json"] * 2 + [
        "lote-register.json"
    ] * 2


def test_a_pointer_says_what_is_found_there_and_who_signs_it() -> None:
    pointer = lotl().findall(".//t:OtherTSLPointer", NS)[1]
    said = {
        path: pointer.findtext(f".//{path}", None, NS)
        for path in ("t:TSLType", "t:SchemeTerritory", "x:MimeType")
    }
    assert said == {
        "t:TSLType": SCHEME.uri("list-type", "issuers"),
        "t:SchemeTerritory": "PL",
        "x:MimeType": "application/vnd.etsi.tsl+xml",
    }
    assert pointer.findtext(".//t:SchemeOperatorName/t:Name", None, NS) == SCHEME.operator_legal_name
    assert pointer.findtext(".//t:SchemeTypeCommunityRules/t:URI", None, NS) == SCHEME.uri("rules")
    # One identity for the certificate that signs now, then one for the announced certificate.
    assert [len(node) for node in pointer.findall(".//t:ServiceDigitalIdentity", NS)] == [1, 1]


def test_the_announced_certificate_of_the_operator_itself_stands_in_the_pointer_to_the_list() -> None:
    own = replace(
        OWN, url=f"{ADDRESS}/lotl.xml", format_id="lotl_xml", media_type="application/vnd.etsi.tsl+xml"
    )
    first = lotl((*ALL, own)).findall(".//t:OtherTSLPointer", NS)
    assert [pointer.findtext("t:TSLLocation", None, NS) for pointer in first].count(own.url) == 1
    assert len(first[0].findall(".//t:X509Certificate", NS)) == 2


def test_pivots_stand_beside_the_page_of_the_scheme_newest_first() -> None:
    pivots = (f"{ADDRESS}/9/lotl.xml", f"{ADDRESS}/4/lotl.xml")
    page = REGISTRY.uri()
    found = [node.text for node in lotl(pivots=pivots).findall(".//t:SchemeInformationURI/t:URI", NS)]
    assert found == [page, page, *pivots]
    named = [item["uriValue"] for item in information(lote(pivots=pivots))["SchemeInformationURI"]]
    assert named == [page, page, *pivots]


def test_a_list_of_lists_holds_no_entities_of_its_own() -> None:
    assert lotl().find("t:TrustServiceProviderList", NS) is None
    assert "TrustedEntitiesList" not in lote()["LoTE"]


def test_our_own_verifier_reads_a_list_of_lists() -> None:
    body = (HERE / "lote_of_lotes/lotes.json").read_bytes()
    verified = verify_document(body, Trust(certificates=registry_signer().certificates), ISSUED_AT, None)
    assert (verified.facts.format_id, verified.facts.entries) == ("lote_of_lotes", 5)


def test_a_list_of_lists_without_pointers_is_refused() -> None:
    payload = lote()
    del information(payload)["PointersToOtherLoTE"]
    with pytest.raises(InvalidInput, match="has pointers to lists"):
        parse_lote_of_lotes(payload)
