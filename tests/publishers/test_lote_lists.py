"""The two LoTE lists: who is an anchor, what a register keeps, and that nothing in it ever vanishes."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from registry.domain.recognition import Reason, Status
from registry.domain.trust_list import Entry, ListedIdentity, PostalAddress, wire_instant
from registry.publishers import PUBLISHERS, build
from registry.publishers.lote_checks import check_lote
from registry.publishers.lote_common import ascii_uri, trade_name
from registry.signing.certificates import describe_certificate
from registry.signing.jws import peek_compact

from vectors.sample import (
    DAY,
    EC_JWK,
    ED25519_JWK,
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
    signer,
    x509,
)

LATER = ISSUED_AT + timedelta(hours=3)
ACTIVE = SCHEME.status_uri(Status.ACTIVE)


def payload(format_id: str, entries: Sequence[Entry], at: datetime = ISSUED_AT) -> Any:
    document = build(PUBLISHERS[format_id], sample_list(entries, at), header(at=at), signer())
    return json.loads(peek_compact(document.body).payload)


def services(entry: Entry, at: datetime = ISSUED_AT) -> list[Any]:
    """The services of one issuer in the register."""
    found: list[Any] = payload("lote_register", [entry], at)["LoTE"]["TrustedEntitiesList"][0][
        "TrustedEntityServices"
    ]
    return found


def anchors(entry: Entry, at: datetime = ISSUED_AT) -> set[bytes]:
    """The certificates of one issuer in the list of anchors."""
    entities = payload("lote_anchors", [entry], at)["LoTE"].get("TrustedEntitiesList", [])
    return {
        base64.b64decode(certificate["val"])
        for entity in entities
        for service in entity["TrustedEntityServices"]
        for certificate in service["ServiceInformation"]["ServiceDigitalIdentity"]["X509Certificates"]
    }


def said(service: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Status word and start, newest first, the present one included."""
    information = service["ServiceInformation"]
    states = [information, *service.get("ServiceHistory", [])]
    return [(state["ServiceStatus"].rpartition("/")[2], state["StatusStartingTime"]) for state in states]


def identity(service: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = service["ServiceInformation"]["ServiceDigitalIdentity"]
    return found


def ski(listed: ListedIdentity) -> str:
    return base64.b64encode(describe_certificate(listed.certificate or b"").key_identifier).decode()


@pytest.mark.parametrize("format_id", ["lote_anchors", "lote_register"])
@pytest.mark.parametrize("entries", [sample_entries(), ()], ids=["every standing", "empty"])
def test_lists_are_valid_by_the_official_schema(format_id: str, entries: Sequence[Entry]) -> None:
    check_lote(payload(format_id, entries))


@pytest.mark.parametrize("format_id", ["lote_anchors", "lote_register"])
def test_no_list_claims_a_european_or_qualified_standing(format_id: str) -> None:
    text = json.dumps(payload(format_id, sample_entries()))
    for claim in ("EUgeneric", "granted", "Svctype", "uri.etsi.org", "CA/QC", "LoTEType/EU"):
        assert f"/{claim}" not in text
    assert 'Critical": true' not in text


def test_each_listed_certificate_of_a_recognized_issuer_is_an_anchor() -> None:
    assert anchors(entry(1, [grant(1)], [x509(1), x509(2), did(1)])) == {
        x509(1).certificate,
        x509(2).certificate,
    }


@pytest.mark.parametrize(
    "status", [s for s in Status if not s.is_recognized and s not in {"expired", "pending_effective"}]
)
def test_an_issuer_that_is_not_recognized_any_more_is_no_anchor(status: Status) -> None:
    over = entry(1, [grant(1), event(2, status, Reason.SERIOUS_BREACH, ISSUED_AT - DAY)], [x509(1), EC_JWK])
    assert anchors(over) == set()
    assert [set(identity(service)) for service in services(over)] == [{"OtherIds"}, {"OtherIds", "X509SKIs"}]


def test_an_expired_recognition_is_no_anchor_from_its_end_on() -> None:
    short = entry(1, [grant(1, valid_until=ISSUED_AT)], [x509(1)])
    assert anchors(short, ISSUED_AT - timedelta(seconds=1)) == {x509(1).certificate}
    assert anchors(short, ISSUED_AT) == set()
    assert said(services(short)[1]) == [
        ("expired", wire_instant(ISSUED_AT)),
        ("active", wire_instant(GRANTED_AT)),
    ]


def test_a_recognition_that_has_not_begun_is_listed_as_pending_without_certificate() -> None:
    pending = entry(
        1, [grant(1, at=LATER, recorded_at=ISSUED_AT - DAY)], [x509(1, valid_from=ISSUED_AT - DAY)]
    )
    assert anchors(pending) == set()
    assert [said(service)[0][0] for service in services(pending)] == [
        "pending-effective",
        "pending-effective",
    ]
    assert all("X509Certificates" not in identity(service) for service in services(pending))


@pytest.mark.parametrize(
    ("window", "word"), [({"valid_to": ISSUED_AT}, "ended"), ({"compromised_from": ISSUED_AT}, "compromised")]
)
def test_a_key_that_is_over_is_no_anchor_and_stays_by_its_identifier(
    window: dict[str, datetime], word: str
) -> None:
    issuer = entry(1, [grant(1)], [x509(1, **window), x509(2)])
    assert anchors(issuer) == {x509(2).certificate}
    _, over, fresh = services(issuer)
    assert identity(over) == {"OtherIds": [f"urn:uuid:{issuer.id}"], "X509SKIs": [ski(x509(1))]}
    assert said(over) == [(word, wire_instant(ISSUED_AT)), ("active", wire_instant(GRANTED_AT))]
    assert said(fresh) == [("active", wire_instant(GRANTED_AT))]


def test_a_certificate_that_ran_out_by_itself_is_no_anchor() -> None:
    after = datetime.fromisoformat("2028-06-01T00:00:00Z")
    assert anchors(entry(1, [grant(1)], [x509(1)]), after) == set()


def test_a_renewed_certificate_of_one_key_is_one_service() -> None:
    renewed = replace(x509(1), valid_from=LATER)
    assert len(services(entry(1, [grant(1)], [x509(1, valid_to=LATER), renewed]), LATER + DAY)) == 2


def test_a_did_that_is_over_leaves_the_recognition_and_gets_a_service_of_its_own() -> None:
    recognition, over = services(entry(1, [grant(1)], [did(1, valid_to=ISSUED_AT), did(2)]))
    assert identity(recognition)["OtherIds"][1:] == ["did:web:college-2.example"]
    assert identity(over)["OtherIds"][1:] == ["did:web:college-1.example"]
    assert said(over)[0][0] == "ended"


def test_bare_keys_stand_as_values_where_the_schema_knows_them_and_as_thumbprints_elsewhere() -> None:
    [service] = services(entry(1, [grant(1)], [EC_JWK, ED25519_JWK]))
    assert [key["kty"] for key in identity(service)["PublicKeyValues"]] == ["EC"]
    assert [name.rpartition(":")[2] for name in identity(service)["OtherIds"][1:]] == [
        EC_JWK.value,
        ED25519_JWK.value,
    ]


def test_a_platform_key_is_never_named_without_the_profile() -> None:
    [service] = services(entry(1, [grant(1)], [PLATFORM]))
    assert identity(service)["OtherIds"][1] == f"platform-profile:{PLATFORM.profile_id};key={PLATFORM.value}"


def test_history_never_carries_a_certificate() -> None:
    for entity in payload("lote_register", sample_entries())["LoTE"]["TrustedEntitiesList"]:
        for service in entity["TrustedEntityServices"]:
            for state in service.get("ServiceHistory", []):
                assert set(state["ServiceDigitalIdentity"]) <= {"OtherIds", "X509SKIs"}


def test_what_a_later_recorded_void_takes_back_stays_in_the_history() -> None:
    void = event(2, Status.VOID, Reason.FALSE_EVIDENCE, LATER)
    for service in services(entry(1, [grant(1), void], [x509(1)]), LATER):
        assert said(service) == [("void", wire_instant(LATER)), ("active", wire_instant(GRANTED_AT))]


CHANGES = {
    "withdrawn": (
        entry(1, [grant(1), event(2, Status.WITHDRAWN, Reason.SERIOUS_BREACH, LATER)], [x509(1), did(1)])
    ),
    "key rolled over": entry(1, [grant(1)], [x509(1, valid_to=LATER), x509(2, valid_from=LATER), did(1)]),
    "key compromised earlier": entry(
        1, [grant(1)], [x509(1, compromised_from=GRANTED_AT + DAY, valid_to=LATER), did(1)]
    ),
    "void": entry(1, [grant(1), event(2, Status.VOID, Reason.FALSE_EVIDENCE, LATER)], [x509(1), did(1)]),
    "did ended": entry(1, [grant(1)], [x509(1), did(1, valid_to=LATER)]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_service_of_an_earlier_register_vanishes_and_its_status_is_kept(change: str) -> None:
    before = services(entry(1, [grant(1)], [x509(1), did(1)]))
    after = services(CHANGES[change], LATER)
    for old in before:
        names = set(identity(old).get("X509SKIs", [])) or set(identity(old)["OtherIds"])
        kept = [
            new for new in after if names & {*identity(new).get("X509SKIs", []), *identity(new)["OtherIds"]}
        ]
        assert any(said(old)[0] in said(new) for new in kept)


def test_the_recognition_keeps_its_service_when_a_did_only_issuer_adds_a_certificate() -> None:
    [before] = services(entry(1, [grant(1)], [did(1)]))
    after, _ = services(entry(1, [grant(1)], [did(1), x509(1, valid_from=LATER)]), LATER)
    assert identity(after) == identity(before)
    assert said(after) == said(before)


def test_operator_names_contain_the_legal_name_that_the_certificate_carries() -> None:
    scheme = replace(SCHEME, operator_legal_name="Legal Name of the Board")
    listed = replace(sample_list(()), scheme=scheme)
    document = build(PUBLISHERS["lote_register"], listed, replace(header(), scheme=scheme), signer())
    information = json.loads(peek_compact(document.body).payload)["LoTE"]["ListAndSchemeInformation"]
    assert "Legal Name of the Board" in [name["value"] for name in information["SchemeOperatorName"]]


def test_an_address_without_street_or_town_is_still_valid() -> None:
    bare = replace(entry(1, [grant(1)], [x509(1)]), address=PostalAddress("", "", "", "PL"), identifiers=())
    check_lote(payload("lote_register", [bare]))


@pytest.mark.parametrize(
    ("scheme", "value", "name"),
    [
        ("vat", "PL1234563218", "VATPL-1234563218"),
        ("ror", "https://ror.org/039bjqg32", "https://ror.org/039bjqg32"),
        ("nip", "1234563218", "nip:1234563218"),
        ("unheard-of", "7", "unheard-of:7"),
    ],
)
def test_official_numbers_become_trade_names(scheme: str, value: str, name: str) -> None:
    assert trade_name(scheme, value) == name


@pytest.mark.parametrize(
    ("website", "uri"),
    [
        ("https://uczelnia.example/", "https://uczelnia.example/"),
        (
            "https://łódź.example/ścieżka?a=ó b",
            "https://xn--d-uga0v4h.example/%C5%9Bcie%C5%BCka?a=%C3%B3%20b",
        ),
        ("http://college.example:8080/%C5%82", "http://college.example:8080/%C5%82"),
        ("college.example", None),
        ("https://", None),
        ("https://[broken", None),
        ("https://college.example:port/", None),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_web_addresses_become_ascii_uris_or_nothing(website: str | None, uri: str | None) -> None:
    assert ascii_uri(website) == uri
    check_lote(payload("lote_register", [replace(entry(1, [grant(1)], [did(1)]), website=website)]))
