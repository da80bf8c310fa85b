"""The XML lists: valid by the official schemas, signed as they are written, and of one mind with the LoTE register."""

import base64
import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from registry.domain.recognition import Effect, Reason, Status
from registry.domain.terms import Terms
from registry.domain.trust_list import SHARD_SIZE, Entry, PostalAddress, Text, wire_instant
from registry.publishers import PUBLISHERS, build
from registry.publishers.formats.tl_xml import TlXml
from registry.publishers.national_profile import NationalMandate
from registry.publishers.xml_binding import DSIG11, LOTE, TSL, TSL_ADDITIONAL
from registry.publishers.xml_schemas import LOTE_SCHEMA, SCHEMAS, TSL_SCHEMA, load_schema
from registry.signing.certificates import describe_certificate
from registry.signing.jws import peek_compact
from registry.signing.xades import DSIG

from vectors.make import HERE
from vectors.sample import (
    DAY,
    EC_JWK,
    ED25519_JWK,
    GRANTED_AT,
    ISSUED_AT,
    SCHEME,
    did,
    entry,
    event,
    grant,
    header,
    sample_entries,
    sample_list,
    signer,
    x509,
)

XML = ["tl_xml", "lote_register_xml", "lote_anchors_xml"]
SCHEMA = {"tl_xml": TSL_SCHEMA, "lote_register_xml": LOTE_SCHEMA, "lote_anchors_xml": LOTE_SCHEMA}
NS = {"t": TSL, "l": LOTE, "ds": DSIG, "x": TSL_ADDITIONAL, "d11": DSIG11}
LATER = ISSUED_AT + timedelta(hours=3)
MIB = 2**20
CLIENTS_ACCEPT = 16 * MIB
"""openvc's cap on the bytes of an XML list."""
ODD = replace(
    entry(1, [grant(1)], [x509(1), EC_JWK, ED25519_JWK]),
    names=Text.of(en="A & B < C > \"D\" 'E' \r\n\x0b ]]>", pl="Łąka 𝕏 e\u0301"),
    address=PostalAddress("", "", "", "PL"),
    identifiers=(("unheard-of", "a&b"), ("lei", "259400L3KBYEVNHEJF55"), ("krs", "0000123456")),
    website="https://college.example/?a=1&b=2",
)
MERGED = entry(
    10,
    [
        grant(10),
        event(
            60, Status.SUPERSEDED, Reason.MERGED, ISSUED_AT - DAY, terms=Terms(successors=("id-1", "id-2"))
        ),
    ],
    [x509(10)],
)


def listed(format_id: str, entries: Sequence[Entry] | None = None, at: Any = ISSUED_AT) -> Any:
    """The root element of a list."""
    return etree.fromstring(
        build(PUBLISHERS[format_id], sample_list(entries, at), header(at=at), signer()).body
    )


def services(one: Entry, at: Any = ISSUED_AT) -> list[Any]:
    """The services of one issuer in the trusted list."""
    found: list[Any] = listed("tl_xml", [one], at).findall(".//t:TSPService", NS)
    return found


def said(service: Any) -> list[tuple[str, str]]:
    """Status word and start, newest first, the present one included."""
    states = [service[0], *service.findall("t:ServiceHistory/t:ServiceHistoryInstance", NS)]
    return [
        (
            state.findtext("t:ServiceStatus", "", NS).rpartition("/")[2],
            state.findtext("t:StatusStartingTime", "", NS),
        )
        for state in states
    ]


def names_of(information: Any) -> list[str]:
    """The kinds of name that a service or a past state has."""
    return [etree.QName(name).localname for name in information.findall("*/{*}DigitalId/*")]


@pytest.mark.parametrize("format_id", XML)
@pytest.mark.parametrize(
    "entries", [sample_entries(), (), (ODD, MERGED)], ids=["every standing", "empty", "odd"]
)
def test_lists_are_valid_by_the_official_schema(format_id: str, entries: Sequence[Entry]) -> None:
    load_schema(SCHEMA[format_id]).assertValid(listed(format_id, entries))


@pytest.mark.parametrize("name", ["tl_xml/tl.xml", "lotl_xml/lotl.xml"])
def test_the_schema_is_not_blind(name: str) -> None:
    root = etree.fromstring((HERE / name).read_bytes())
    root[0].remove(root[0].find("t:HistoricalInformationPeriod", NS))
    assert not load_schema(TSL_SCHEMA).validate(root)


@pytest.mark.parametrize("format_id", XML)
@pytest.mark.parametrize(
    "entries", [sample_entries(), (), (ODD, MERGED)], ids=["every standing", "empty", "odd"]
)
def test_the_signed_digest_is_that_of_the_canonical_form_of_what_was_published(
    format_id: str, entries: Sequence[Entry]
) -> None:
    """The digest is made from joined fragments; canonicalization of the parsed document must give the same bytes."""
    root = listed(format_id, entries)
    signature = root[-1]
    root.remove(signature)
    canonical = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
    assert signature.findtext(".//ds:Reference[@URI='']/ds:DigestValue", None, NS) == digest


@pytest.mark.parametrize("format_id", XML)
def test_a_fragment_is_the_canonical_form_of_its_element(format_id: str) -> None:
    entities = listed(format_id, [ODD])[1]
    fragment = PUBLISHERS[format_id].entry(ODD, SCHEME, ISSUED_AT) or b""
    alone = etree.tostring(entities[0], method="c14n", exclusive=True)
    # Alone, an element declares the default namespace itself; in the list the root has done so.
    namespace = etree.QName(entities).namespace
    assert alone.replace(f' xmlns="{namespace}"'.encode(), b"", 1) == fragment


@pytest.mark.parametrize("format_id", [*XML, "lotl_xml"])
def test_no_list_claims_a_european_or_qualified_standing(format_id: str) -> None:
    [path] = (HERE / format_id).glob("*.xml")
    text = path.read_text("utf-8")
    for claim in (
        "EUgeneric",
        "EUlistofthelists",
        "granted",
        "Svctype",
        "Svcstatus",
        "CA/QC",
        "LoTEType/EU",
        "TrstSvc",
    ):
        assert claim not in text
    assert 'Critical="true"' not in text


def test_the_trusted_list_is_of_version_6_and_never_forgets() -> None:
    scheme = listed("tl_xml")[0]
    assert scheme.findtext("t:TSLVersionIdentifier", None, NS) == "6"
    assert scheme.findtext("t:HistoricalInformationPeriod", None, NS) == "65535"
    assert scheme.findtext("t:TSLSequenceNumber", None, NS) == "7"


def test_the_digest_file_is_the_binary_digest_of_the_list() -> None:
    document = build(PUBLISHERS["tl_xml"], sample_list(), header(), signer())
    [digest] = document.companions
    assert (digest.file_name, digest.body) == ("tl.sha2", hashlib.sha256(document.body).digest())
    assert document.media_type == "application/vnd.etsi.tsl+xml"


def lote_services(format_id: str) -> Counter[Any]:
    """(issuer, status, start, history, certificates) of each service of the JSON list."""
    document = build(PUBLISHERS[format_id], sample_list(), header(), signer())
    payload = json.loads(peek_compact(document.body).payload)
    return Counter(
        (
            entity["TrustedEntityInformation"]["TEName"][0]["value"],
            service["ServiceInformation"]["ServiceTypeIdentifier"],
            service["ServiceInformation"].get("ServiceStatus"),
            service["ServiceInformation"].get("StatusStartingTime"),
            tuple(
                (past["ServiceStatus"], past["StatusStartingTime"])
                for past in service.get("ServiceHistory", ())
            ),
            frozenset(
                certificate["val"]
                for certificate in service["ServiceInformation"]["ServiceDigitalIdentity"].get(
                    "X509Certificates", ()
                )
            ),
        )
        for entity in payload["LoTE"]["TrustedEntitiesList"]
        for service in entity["TrustedEntityServices"]
    )


def xml_services(format_id: str) -> Counter[Any]:
    """The same of an XML list, read by the names that both vocabularies share."""
    return Counter(
        (
            entity.findtext("*/*/{*}Name"),
            service.findtext("*/{*}ServiceTypeIdentifier"),
            service.findtext("*/{*}ServiceStatus"),
            service.findtext("*/{*}StatusStartingTime"),
            tuple(
                (past.findtext("{*}ServiceStatus"), past.findtext("{*}StatusStartingTime"))
                for past in service.findall("{*}ServiceHistory/*")
            ),
            frozenset(node.text for node in service.findall("*/*/*/{*}X509Certificate")),
        )
        for entity in listed(format_id)[1]
        for service in entity[1]
    )


@pytest.mark.parametrize(
    ("xml", "lote"),
    [
        ("tl_xml", "lote_register"),
        ("lote_register_xml", "lote_register"),
        ("lote_anchors_xml", "lote_anchors"),
    ],
)
def test_xml_and_json_agree_on_who_is_recognized_by_which_key_since_when(xml: str, lote: str) -> None:
    assert xml_services(xml) == lote_services(lote)


@pytest.mark.parametrize("format_id", ["tl_xml", "lote_register_xml"])
def test_a_service_that_is_not_recognized_now_carries_no_certificate_or_key(format_id: str) -> None:
    for information in listed(format_id).iter("{*}ServiceInformation", "{*}ServiceHistoryInstance"):
        present = etree.QName(information).localname == "ServiceInformation"
        recognized = information.findtext("{*}ServiceStatus").endswith(("/active", "/active-with-conditions"))
        if not (present and recognized):
            assert set(names_of(information)) <= {"X509SKI", "Other", "OtherId"}
            assert names_of(information)


def test_history_is_newest_first_and_starts_fall_strictly() -> None:
    for service in listed("tl_xml").findall(".//t:TSPService", NS):
        starts = [start for _, start in said(service)]
        assert starts == sorted(set(starts), reverse=True)


def test_a_withdrawn_key_is_named_by_its_identifier_and_keeps_its_history() -> None:
    withdrawn = entry(1, [grant(1), event(2, Status.WITHDRAWN, Reason.SERIOUS_BREACH, LATER)], [x509(1)])
    _, key = services(withdrawn, LATER)
    ski = base64.b64encode(describe_certificate(x509(1).certificate or b"").key_identifier).decode()
    assert [node.text for node in key.findall("*/*/*/t:X509SKI", NS)] == [ski]
    assert said(key) == [("withdrawn", wire_instant(LATER)), ("active", wire_instant(GRANTED_AT))]


def test_a_merged_issuer_names_who_took_its_services_over() -> None:
    for service in services(MERGED):
        taken = service.findall(".//x:TakenOverBy", NS)
        assert [node.findtext("x:TSPName/t:Name", None, NS) for node in taken] == [
            "urn:uuid:id-1",
            "urn:uuid:id-2",
        ]
        assert [node.findtext("x:URI", None, NS) for node in taken] == [
            f"{SCHEME.base_url}/issuers/{one}/statement.jws" for one in ("id-1", "id-2")
        ]


XADES_TYPES = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"
  targetNamespace="http://uri.etsi.org/01903/v1.3.2#"><xs:complexType name="ObjectIdentifierType"/></xs:schema>"""
"""Stands for the schema of XAdES, which is not carried: the one type that the additional types refer to."""


def test_taken_over_by_is_valid_by_the_schema_of_additional_types() -> None:
    class Carried(etree.Resolver):
        def resolve(self, url: str | None, _public: str | None, context: Any) -> Any:
            name = (url or "").rpartition("/")[2]
            if name.startswith("XAdES"):
                return self.resolve_string(XADES_TYPES, context)
            return self.resolve_filename(str(SCHEMAS / "ts119612" / name), context)

    parser = etree.XMLParser(load_dtd=True, no_network=True)
    parser.resolvers.add(Carried())
    path = SCHEMAS / "ts119612" / "19612_additionaltypes_xsd.xsd"
    schema = etree.XMLSchema(etree.parse(str(path), parser))
    root = listed("tl_xml", [MERGED])
    for node in root.iter(f"{{{TSL_ADDITIONAL}}}TakenOverBy", f"{{{TSL_ADDITIONAL}}}MimeType"):
        schema.assertValid(etree.fromstring(etree.tostring(node, with_tail=False)))


def test_the_scope_and_the_end_of_a_recognition_stand_in_an_extension_that_is_not_critical() -> None:
    extension = services(entry(1, [grant(1)], [x509(1)]))[0].find(".//t:Extension", NS)
    scope = {"e": SCHEME.uri("extension", "recognition")}
    assert extension.get("Critical") == "false"
    assert extension[0].get("valid_until") == "2031-02-01T00:00:00Z"
    assert [node.text for node in extension.findall(".//e:fields", scope)] == ["061"]
    assert [node.get("value") for node in extension.findall(".//e:levels", scope)] == ["5", "6"]


def test_official_numbers_stand_in_the_trade_name() -> None:
    numbers = listed("tl_xml", [ODD]).findall(".//t:TSPTradeName/t:Name", NS)
    assert [node.text for node in numbers] == [
        "unheard-of:a&b",
        "LEIXG-259400L3KBYEVNHEJF55",
        "NTRPL-0000123456",
    ]


def test_an_issuer_without_any_number_has_its_id_as_trade_name() -> None:
    bare = replace(ODD, identifiers=())
    assert listed("tl_xml", [bare]).findtext(".//t:TSPTradeName/t:Name", None, NS) == f"urn:uuid:{bare.id}"


def test_what_xml_cannot_carry_is_replaced_and_the_rest_is_read_back() -> None:
    names = listed("tl_xml", [ODD]).findall(".//t:TSPName/t:Name", NS)
    assert [node.text for node in names] == [ODD.names["en"].replace("\x0b", "\ufffd"), ODD.names["pl"]]


def test_a_bare_key_stands_as_key_value() -> None:
    [recognition] = services(entry(1, [grant(1)], [EC_JWK, ED25519_JWK]))
    [value] = recognition.findall(".//ds:KeyValue", NS)
    point = base64.b64decode(value.findtext("d11:ECKeyValue/d11:PublicKey", "", NS))
    jwk = dict(EC_JWK.jwk or ())
    assert point[:1] == b"\x04"
    assert [base64.urlsafe_b64encode(half).decode().rstrip("=") for half in (point[1:33], point[33:])] == [
        jwk["x"],
        jwk["y"],
    ]


def test_a_list_points_to_itself_and_to_the_other_shards_of_its_scheme() -> None:
    head = replace(header(), shard=2, shards=3)
    root = etree.fromstring(build(PUBLISHERS["tl_xml"], sample_list(), head, signer()).body)
    locations = [node.text for node in root.findall(".//t:TSLLocation", NS)]
    assert locations == [f"{SCHEME.base_url}/lists/{SCHEME.slug}/{n}/tl.xml" for n in (1, 2, 3)]
    assert locations[1] == root.findtext(".//t:DistributionPoints/t:URI", None, NS)


def test_a_full_shard_stays_below_what_clients_accept() -> None:
    fragment = TlXml().entry(entry(4_000, [grant(1)], [x509(1)]), SCHEME, ISSUED_AT) or b""
    empty = build(TlXml(), sample_list([]), header(), signer()).body
    assert len(empty) + SHARD_SIZE * len(fragment) < CLIENTS_ACCEPT


def test_joining_kept_fragments_costs_a_small_part_of_a_build_from_scratch() -> None:
    publisher, entries = TlXml(), [entry(n, [grant(n)], [x509(n % 50)]) for n in range(500)]
    start = time.process_time()
    kept = [publisher.entry(one, SCHEME, ISSUED_AT) or b"" for one in entries]
    made = time.process_time()
    publisher.assemble(header(), kept, signer())
    joined = time.process_time() - made
    assert joined < 0.3 * (made - start + joined)


def mandated(one: Entry) -> Any:
    """The list of one issuer in national vocabulary."""
    publisher = TlXml(NationalMandate())
    return etree.fromstring(build(publisher, sample_list([one]), header(), signer()).body)


def test_an_operator_with_a_national_mandate_lists_under_the_registered_vocabulary() -> None:
    conditions = event(2, Status.ACTIVE_WITH_CONDITIONS, Reason.RENEWED, GRANTED_AT + DAY)
    stopped = event(3, Status.SUSPENDED, Reason.FRAUD_SUSPECTED, GRANTED_AT + 2 * DAY)
    ended = event(4, Status.WITHDRAWN, Reason.SERIOUS_BREACH, GRANTED_AT + 3 * DAY)
    root = mandated(entry(1, [grant(1), conditions, stopped, ended], [x509(1)]))
    load_schema(TSL_SCHEMA).assertValid(root)
    for service in root.findall(".//t:TSPService", NS):
        types = {node.text for node in service.iter(f"{{{TSL}}}ServiceTypeIdentifier")}
        assert types == {"http://uri.etsi.org/TrstSvc/Svctype/EAA"}
        assert said(service) == [
            ("deprecatedatnationallevel", wire_instant(GRANTED_AT + 2 * DAY)),
            ("recognisedatnationallevel", wire_instant(GRANTED_AT)),
        ]


def test_under_a_mandate_an_issuer_that_was_never_recognized_is_not_called_deprecated() -> None:
    pending = entry(1, [grant(1, at=LATER, recorded_at=ISSUED_AT - DAY)], [did(1)])
    assert mandated(pending).find(".//t:TrustServiceProvider", NS) is None


def test_under_a_mandate_a_void_recognition_stays_listed_as_deprecated() -> None:
    void = event(2, Status.VOID, Reason.FALSE_EVIDENCE, ISSUED_AT - DAY, effect=Effect.NEVER_COVERED)
    root = mandated(entry(1, [grant(1), void], [did(1)]))
    assert said(root.find(".//t:TSPService", NS))[0][0] == "deprecatedatnationallevel"


def test_no_format_uses_the_national_vocabulary_by_default() -> None:
    made = PUBLISHERS["tl_xml"]
    assert isinstance(made, TlXml)
    assert made.mandate is None


def test_a_schema_that_refers_to_a_file_that_is_not_carried_is_refused_without_a_network() -> None:
    with pytest.raises((etree.XMLSchemaParseError, FileNotFoundError)):
        load_schema(SCHEMAS / "ts119612" / "19612_sie_xsd.xsd")
