"""Reading lists of others: real ones whole, broken ones entry by entry, every refusal with what to do."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from registry.domain.identifiers import Identifier, IdentifierScheme
from registry.importers.base import InstitutionFacts, NameKind
from registry.importers.lists import ListedParty, list_names, list_source, parse_parties
from registry.publishers.facts import VerificationFailed
from registry.publishers.foreign_lists import OPENERS, OpenedList, open_list
from registry.publishers.list_contents import ListedEntity
from registry.signing.jws import sign_compact

from support.foreign import AAMVA, LOTL, SWEDEN, RealList
from vectors.sample import ISSUED_AT, signer

VECTORS = Path(__file__).parents[1] / "vectors"
REAL = [SWEDEN, LOTL, AAMVA]


def opened(real: RealList, body: bytes | None = None, at: datetime | None = None) -> OpenedList:
    return open_list(real.body if body is None else body, real.format, real.pins, at or real.at)


def parties(contents: Any) -> list[ListedParty]:
    return list(parse_parties(contents, list_source(contents)))


def refusal(*args: Any) -> tuple[str, str]:
    with pytest.raises(VerificationFailed) as refused:
        open_list(*args)
    return refused.value.check, str(refused.value)


@pytest.mark.parametrize(
    ("real", "number", "entities", "pointers"),
    [(SWEDEN, 55, 4, 1), (LOTL, 388, 0, 43), (AAMVA, 227602, 10, 0)],
)
def test_a_real_list_is_read_whole(real: RealList, number: int, entities: int, pointers: int) -> None:
    contents = opened(real).contents
    assert (contents.sequence, len(contents.entities), len(contents.pointers)) == (number, entities, pointers)
    assert list(contents.unreadable()) == []


def test_the_swedish_list_says_services_states_and_history() -> None:
    contents = opened(SWEDEN).contents
    assert contents.version == 5
    assert dict(contents.operator_names)["sv"] == "Post- och telestyrelsen (PTS)"
    first = contents.entities[0]
    assert isinstance(first, ListedEntity)
    assert (first.address.locality, first.address.country) == ("Billdal", "SE")
    service = first.services[0]
    assert service.state.since == datetime(2017, 1, 8, 23, tzinfo=UTC)
    assert [(past.status or "").rpartition("/")[2] for past in service.history][-1] in {
        "granted",
        "undersupervision",
    }
    assert service.history[0].identity.key_identifiers[0].hex() == "079520f099e2b97a2045669b5f1039812ed4cb2e"


def test_authorities_of_a_vical_are_named_by_the_organization_of_their_certificate() -> None:
    found = parties(opened(AAMVA).contents)
    names = [party.row.facts.display_name for party in found if isinstance(party.row.facts, InstitutionFacts)]
    assert names[:2] == ["Maryland MVA", "Utah DLD"]
    assert sum(len(party.listings) for party in found) == 14
    assert {listing.service_type for party in found for listing in party.listings} == {
        "org.iso.18013.5.1.mDL"
    }
    assert {listing.status for party in found for listing in party.listings} == {None}


@pytest.mark.parametrize("real", REAL, ids=lambda real: real.name)
def test_provenance_names_bytes_signer_and_the_certificate_that_vouched(real: RealList) -> None:
    one = opened(real)
    assert len(one.sha256) == len(one.signer or "") == len(one.anchor or "") == 64
    assert (one.signer == one.anchor) is (real is not AAMVA)
    unverified = open_list(real.body, real.format, None, real.at)
    assert (unverified.signer, unverified.anchor) == (None, None)
    assert unverified.contents == one.contents


@pytest.mark.parametrize("real", REAL, ids=lambda real: real.name)
def test_an_expired_list_says_when_the_next_was_due_and_holds_as_of_its_time(real: RealList) -> None:
    check, said = refusal(real.body, real.format, None, real.at + timedelta(days=365))
    assert check == "freshness"
    assert "the next one was due at" in said
    assert "judge it as of an instant" in said
    assert refusal(real.body, real.format, None, datetime(2020, 1, 1, tzinfo=UTC))[0] == "freshness"


@pytest.mark.parametrize("real", REAL, ids=lambda real: real.name)
def test_another_pin_is_refused(real: RealList) -> None:
    others = [pin for other in REAL if other is not real for pin in other.pins]
    assert refusal(real.body, real.format, others, real.at)[0] == "trust"
    assert refusal(real.body, real.format, (), real.at) == ("trust", "nothing is trusted")
    assert open_list(real.body, real.format, (*others, *real.pins), real.at) == opened(real)


@pytest.mark.parametrize(
    ("real", "old", "new"),
    [
        (SWEDEN, b"Svcstatus/withdrawn", b"Svcstatus/granted"),
        (LOTL, b"https://www.nccert.pl/", b"https://www.nccert.xx/"),
        (AAMVA, b"US-MD", b"US-ME"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_tampered_real_list_is_refused(real: RealList, old: bytes, new: bytes) -> None:
    assert old in real.body
    assert refusal(real.body.replace(old, new, 1), real.format, real.pins, real.at)[0] == "signature"


@pytest.mark.parametrize("format_", OPENERS)
@pytest.mark.parametrize("real", REAL, ids=lambda real: real.name)
def test_a_list_in_another_format_than_named_is_refused(real: RealList, format_: str) -> None:
    if format_ != real.format:
        assert refusal(real.body, format_, real.pins, real.at)[0] in {"format", "signature"}


@pytest.mark.parametrize(
    ("old", "new", "check", "said"),
    [
        (
            b"TSLSequenceNumber>55<",
            b"TSLSequenceNumber>five<",
            "schema",
            "TSLSequenceNumber is not a whole number",
        ),
        (b"TSLSequenceNumber>55<", b"TSLSequenceNumber><", "schema", "TSLSequenceNumber is empty"),
        (b"2025-10-10T11:16:01Z", b"10 October", "schema", "NextUpdate is not of the form"),
        (
            b"<SchemeInformation>",
            b"<SchemeInformation><TSLType>x</TSLType>",
            "schema",
            "comes more than once",
        ),
        (b"<SchemeName>", b"<Other>", "format", "not well formed"),
        (
            b"<TrustServiceStatusList",
            b"<!DOCTYPE x><TrustServiceStatusList",
            "format",
            "document type declaration",
        ),
        (
            b"http://uri.etsi.org/02231/v2#",
            b"http://uri.etsi.org/02231/v3#",
            "format",
            "not that of a trusted list",
        ),
    ],
)
def test_a_list_that_cannot_be_read_says_what_is_wrong(old: bytes, new: bytes, check: str, said: str) -> None:
    assert old in SWEDEN.body
    found = refusal(SWEDEN.body.replace(old, new), "tl-xml", None, SWEDEN.at)
    assert found[0] == check
    assert said in found[1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b">ZealiD AB</Name>", b"></Name>", "TSPName says nothing"),
        (b"<Locality>Billdal</Locality>", b"<Locality><b/>Billdal</Locality>", "has elements inside"),
        (b"2020-09-09T14:00:00Z", b"2020-09-09", "has no time zone"),
        (b"2020-09-09T14:00:00Z", b"yesterday", "is no instant"),
        (b"<CountryName>SE</CountryName>", b"", "is not a country code"),
        (b"B5Ug8JniuXogRWabXxA5gS7Uyy4=", b"B5Ug8JniuXogRWabXxA5gS7Uyy4", "X509SKI is not base64"),
        (b">SignGuard Europe AB</Name>", b">" + b"x" * 20_001 + b"</Name>", "longer than 20000 characters"),
    ],
)
def test_an_entity_that_cannot_be_read_is_refused_alone(old: bytes, new: bytes, said: str) -> None:
    assert old in SWEDEN.body
    entities = SWEDEN.body.index(b"<TrustServiceProviderList>")
    body = SWEDEN.body[:entities] + SWEDEN.body[entities:].replace(old, new, 1)
    contents = open_list(body, "tl-xml", None, SWEDEN.at).contents
    refused = [party.row.refusal for party in parties(contents) if party.row.refusal]
    assert len(refused) == 1
    assert said in refused[0].reason
    assert len(parties(contents)) == 4


def lote(**more: Any) -> dict[str, Any]:
    """An invented list of trusted entities with one entity; `more` replaces members of the entity's information."""
    key = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "B" * 43}
    information = {
        "TEName": [
            {"lang": "pl", "value": "Uczelnia wymyślona"},
            {"lang": "en", "value": "Invented College"},
        ],
        "TETradeName": [
            {"lang": "en", "value": name} for name in ("VATPL-1234563218", "https://ror.org/03bqmcz70")
        ],
        "TEAddress": {
            "TEPostalAddress": [{"lang": "en", "StreetAddress": "-", "Locality": "Łódź", "Country": "PL"}],
            "TEElectronicAddress": [{"lang": "en", "uriValue": "mailto:a@b.example"}],
        },
        "TEInformationURI": [{"lang": "en", "uriValue": "https://college.example/"}],
        **more,
    }
    service = {
        "ServiceTypeIdentifier": "https://list.example/type",
        "ServiceName": [{"lang": "en", "value": "Short courses"}],
        "ServiceDigitalIdentity": {"OtherIds": ["did:web:college.example"], "PublicKeyValues": [key]},
    }
    return {
        "LoTE": {
            "ListAndSchemeInformation": {
                "LoTEVersionIdentifier": 1,
                "LoTESequenceNumber": 3,
                "LoTEType": "https://list.example/list-type/register",
                "SchemeOperatorName": [{"lang": "en", "value": "Invented Board"}],
                "SchemeTerritory": "PL",
                "ListIssueDateTime": "2026-09-01T09:00:00Z",
                "NextUpdate": "2026-09-02T09:00:00Z",
                "DistributionPoints": ["https://list.example/register.json"],
            },
            "TrustedEntitiesList": [
                {
                    "TrustedEntityInformation": information,
                    "TrustedEntityServices": [{"ServiceInformation": service}],
                }
            ],
        }
    }


def test_a_list_in_json_gives_names_numbers_and_keys() -> None:
    contents = open_list(orjson.dumps(lote()), "lote-json", None, ISSUED_AT).contents
    (party,) = parties(contents)
    facts = party.row.facts
    assert isinstance(facts, InstitutionFacts)
    assert facts.display_name == "Invented College"
    assert [(name.language, name.kind) for name in facts.names] == [
        ("en", NameKind.LEGAL),
        ("pl", NameKind.LEGAL),
    ]
    assert set(facts.identifiers) == {
        Identifier(IdentifierScheme.VAT, "PL1234563218"),
        Identifier(IdentifierScheme.ROR, "https://ror.org/03bqmcz70"),
    }
    assert (facts.city, facts.website) == ("Łódź", "https://college.example")
    (listing,) = party.listings
    assert (listing.status, listing.since) == (None, None)
    assert listing.other_ids[0] == "did:web:college.example"
    assert listing.other_ids[1].startswith("urn:ietf:params:oauth:jwk-thumbprint:sha-256:")
    assert list_names(contents)["operator"] == "Invented Board"


def test_a_signed_list_in_json_holds_under_its_signer_alone() -> None:
    key = signer()
    x5c = [base64.b64encode(der).decode() for der in key.certificates]
    body = sign_compact(orjson.dumps(lote()), key, None, {"x5c": x5c})
    one = open_list(body, "lote-json", key.certificates, ISSUED_AT)
    assert one.signer == one.anchor is not None
    assert refusal(body, "lote-json", signer(9).certificates, ISSUED_AT)[0] == "trust"
    assert refusal(body[:-4] + b"AAAA", "lote-json", key.certificates, ISSUED_AT)[0] == "signature"
    assert refusal(orjson.dumps(lote()), "lote-json", key.certificates, ISSUED_AT)[0] == "signature"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"TEName": []}, "TEName is missing or says nothing"),
        ({"TEName": "Invented"}, "TEName is not a list"),
        ({"TEName": [{"lang": "en", "value": 7}]}, "value is not text"),
        (
            {"TEName": [{"lang": "en", "value": "evil\u0000name"}]},
            "name: The text holds the invisible character",
        ),
        ({"TEName": [{"lang": "en", "value": "x" * 501}]}, "longer than 500"),
        ({"TEAddress": {}}, "it has no postal address"),
        ({"TEAddress": {"TEPostalAddress": [{"lang": "en", "Country": "Poland"}]}}, "is not a country code"),
    ],
)
def test_an_entity_in_json_that_cannot_be_kept_is_refused_with_the_reason(
    more: dict[str, Any], said: str
) -> None:
    contents = open_list(orjson.dumps(lote(**more)), "lote-json", None, ISSUED_AT).contents
    (party,) = parties(contents)
    assert party.row.refusal is not None
    assert said in party.row.refusal.reason
    assert party.row.key.isprintable()


@pytest.mark.parametrize(
    "wrong",
    [
        {"SchemeOperatorName": []},
        {"LoTESequenceNumber": "3"},
        {"LoTESequenceNumber": True},
        {"NextUpdate": "2026-09-02"},
        {"DistributionPoints": [3]},
    ],
    ids=repr,
)
def test_scheme_information_that_cannot_be_read_refuses_the_whole_list(wrong: dict[str, Any]) -> None:
    broken = lote()
    broken["LoTE"]["ListAndSchemeInformation"].update(wrong)
    assert refusal(json.dumps(broken).encode(), "lote-json", None, ISSUED_AT)[0] == "schema"


@pytest.mark.parametrize(
    ("path", "format_"),
    [
        ("lote_register/lote-register.json", "lote-json"),
        ("lote_anchors/lote-anchors.json", "lote-json"),
        ("lote_register_xml/lote-register.xml", "lote-xml"),
        ("lote_anchors_xml/lote-anchors.xml", "lote-xml"),
        ("tl_xml/tl.xml", "tl-xml"),
        ("vical/vical.cbor", "vical"),
    ],
)
def test_our_own_lists_can_be_imported_by_another_registry(path: str, format_: str) -> None:
    one = open_list((VECTORS / path).read_bytes(), format_, signer().certificates, ISSUED_AT)
    found = parties(one.contents)
    assert found
    assert all(party.row.facts is not None and party.listings for party in found)


def test_the_two_bindings_of_one_register_say_the_same() -> None:
    in_json, in_xml = (
        open_list((VECTORS / path).read_bytes(), format_, signer().certificates, ISSUED_AT).contents
        for path, format_ in (
            ("lote_register/lote-register.json", "lote-json"),
            ("lote_register_xml/lote-register.xml", "lote-xml"),
        )
    )
    assert [e.names for e in in_json.entities] == [e.names for e in in_xml.entities]  # type: ignore[union-attr]

    def states(contents: Any) -> list[Any]:
        return [
            (
                s.state.service_type,
                s.state.status,
                s.state.since,
                s.state.identity.certificates,
                len(s.history),
            )
            for entity in contents.entities
            for s in entity.services
        ]

    assert states(in_json) == states(in_xml)


def test_a_list_keeps_its_name_over_its_numbers_and_differs_from_others() -> None:
    sources = [list_source(opened(real).contents) for real in REAL]
    assert len(set(sources)) == 3
    newer = SWEDEN.body.replace(
        b"https://trustedlist.pts.se/SE-TL.xml", b"https://trustedlist.pts.se/tlv6/SE-TL.xml"
    )
    assert list_source(open_list(newer, "tl-xml", None, SWEDEN.at).contents) == sources[0]
