"""The VICAL: who is in it with which document types, its bytes, and what a reader of ours and of others refuses."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cwt import COSE, COSEKey
from cwt.exceptions import VerifyError
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.recognition import Reason, Status
from registry.domain.trust_list import Entry, IdentityKind, ListedIdentity
from registry.errors import InvalidInput
from registry.publishers import PUBLISHERS, build
from registry.publishers.formats.vical import doc_types
from registry.publishers.trust import Trust, parse_trust
from registry.publishers.verify import Seen, VerificationFailed, verify_document
from registry.publishers.vical_checks import parse_vical
from registry.signing.certificates import describe_certificate, names_as_written
from registry.signing.cose import CoseInvalid, encode_cbor, peek_cose, sign_cose

from vectors.make import HERE
from vectors.sample import (
    DAY,
    ED25519_JWK,
    GRANTED_AT,
    ISSUED_AT,
    SCHEME,
    SCOPE,
    did,
    entry,
    event,
    grant,
    header,
    private_key,
    sample_entries,
    sample_list,
    signer,
)
from vectors.sample import x509 as certified

VICAL = PUBLISHERS["vical"]
VECTOR = (HERE / "vical" / "vical.cbor").read_bytes()
NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
TRUST = Trust(certificates=signer().certificates)
REAL = Path(__file__).parents[1] / "real"
AAMVA = (REAL / "aamva-vical-2025-11-18.cbor").read_bytes()
AAMVA_TIME = datetime(2025, 11, 19, 0, 0, tzinfo=UTC)


def payload(entries: Sequence[Entry], at: datetime = ISSUED_AT) -> Any:
    document = build(VICAL, sample_list(entries, at), header(at=at), signer())
    return cbor2.loads(peek_cose(document.body).payload)


def listed(*entries: Entry, at: datetime = ISSUED_AT) -> list[Any]:
    infos: list[Any] = payload(entries, at)["certificateInfos"]
    return infos


def cose_key(pem: bytes) -> COSEKey:
    public = x509.load_pem_x509_certificate(pem).public_key()
    spki = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return COSEKey.from_pem(spki, alg="ES256", kid="signer")


def cwt_payload(body: bytes) -> Any:
    """What the verifier cwt, which wants the tagged form, finds signed by the pinned signer."""
    tagged = cbor2.dumps(cbor2.CBORTag(18, cbor2.loads(body)))
    return cbor2.loads(COSE.new().decode(tagged, cose_key((HERE / "signer.pem").read_bytes())))


def with_authority(number: int) -> ListedIdentity:
    """A certificate authority of an issuer, as mdoc issuers have it."""
    key = private_key(200 + number)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"DEMO authority {number}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(GRANTED_AT)
        .not_valid_after(GRANTED_AT + 700 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _identity(certificate)


def with_rsa() -> ListedIdentity:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "DEMO RSA")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    window = builder.not_valid_before(GRANTED_AT).not_valid_after(GRANTED_AT + 700 * DAY)
    return _identity(window.serial_number(7).sign(key, hashes.SHA256()))


def _identity(certificate: x509.Certificate) -> ListedIdentity:
    der = certificate.public_bytes(serialization.Encoding.DER)
    return ListedIdentity(IdentityKind.X509, describe_certificate(der).sha256, GRANTED_AT, certificate=der)


def test_cwt_accepts_the_list_and_reads_what_we_wrote() -> None:
    said = cwt_payload(VECTOR)
    assert (said["version"], said["vicalIssueID"]) == ("1.0", 7)
    assert said["vicalProvider"] == SCHEME.operator_legal_name
    assert (said["date"], said["nextUpdate"]) == (ISSUED_AT, ISSUED_AT + timedelta(hours=24))
    assert said == cbor2.loads(peek_cose(VECTOR).payload)


def test_cwt_refuses_a_tampered_list() -> None:
    with pytest.raises(VerifyError):
        cwt_payload(VECTOR.replace(b"vicalProvider", b"vicalProvidex", 1))


def test_every_entry_agrees_with_its_certificate() -> None:
    infos = cwt_payload(VECTOR)["certificateInfos"]
    assert len(infos) == 12
    for info in infos:
        certificate = x509.load_der_x509_certificate(info["certificate"])
        identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        assert (info["serialNumber"], info["ski"]) == (certificate.serial_number, identifier)
        assert info["subject"] == certificate.subject.public_bytes()
        assert info["notAfter"] == certificate.not_valid_after_utc


def test_the_list_is_untagged_deterministic_and_has_the_forms_of_the_standard() -> None:
    protected, unprotected, content, _signature = cbor2.loads(VECTOR)
    assert (VECTOR[0], protected) == (0x84, b"\xa1\x01\x26")
    assert unprotected == {33: signer().certificates[0]}
    # RFC 8949, 4.2.1: shorter names first, so the certificates close the map.
    assert list(cbor2.loads(content))[-1] == "certificateInfos"
    assert content.count(b"\x6cserialNumber\xc2") == 12
    assert b"\x64date\xc0\x742026-09-01T09:00:00Z" in content


def test_only_what_may_be_trusted_now_is_listed() -> None:
    entries = sample_list().entries
    expected = {
        identity.certificate
        for one in entries
        if one.status(ISSUED_AT).is_recognized
        for identity in one.identities
        if identity.certificate and identity.usable_at(ISSUED_AT)
    }
    assert {info["certificate"] for info in listed(*entries)} == expected


def test_an_issuer_that_is_not_recognized_any_more_is_gone() -> None:
    over = entry(1, [grant(1), event(2, Status.WITHDRAWN, Reason.SERIOUS_BREACH, ISSUED_AT)], [certified(1)])
    assert len(listed(over, at=ISSUED_AT - timedelta(seconds=1))) == 1
    assert listed(over) == []


def test_an_issuer_without_a_key_that_signs_mdocs_is_left_out() -> None:
    assert listed(entry(1, [grant(1)], [did(1), ED25519_JWK, with_rsa()])) == []


def test_each_credential_type_of_the_scope_is_a_document_type_under_our_domain() -> None:
    [one] = listed(sample_entries()[0])
    assert one["docType"] == ["example.registry.micro_credential.1"]
    wide = next(e for e in sample_entries() if len(e.intervals()[0].scope.grants) == 2)
    assert listed(wide)[0]["docType"] == [
        "example.registry.badge_with_assessment.1",
        "example.registry.micro_credential.1",
    ]
    assert doc_types(SCOPE, "https://lists.board.example/en/trust") == [
        "example.board.lists.en.trust.micro_credential.1"
    ]
    assert doc_types(SCOPE, "http://127.0.0.1:8080") == ["127.0.0.1.micro_credential.1"]


def test_an_authority_is_listed_with_the_names_it_may_vouch_for() -> None:
    [info] = listed(entry(1, [grant(1)], [with_authority(1)]))
    [said] = info["extensions"].values()
    assert said["subject"] == {
        "organization": ["Invented College 1", "Zmyślona Uczelnia 1"],
        "country": "PL",
    }
    [leaf] = listed(sample_entries()[0])
    assert "subject" not in next(iter(leaf["extensions"].values()))


@pytest.mark.parametrize("count", [0, 23, 24, 255, 256])
def test_any_number_of_entries_is_joined_without_encoding_again(count: int) -> None:
    one = VICAL.entry(sample_entries()[0], SCHEME, ISSUED_AT)
    assert one is not None
    body = VICAL.assemble(header(), [one] * count, signer()).body
    assert len(parse_vical(peek_cose(body).payload).certificates) == count


def test_fragments_carry_all_certificates_of_an_issuer() -> None:
    two = VICAL.entry(entry(1, [grant(1)], [certified(1), certified(2)]), SCHEME, ISSUED_AT)
    assert two is not None
    body = VICAL.assemble(header(), [two, two], signer()).body
    assert len(cbor2.loads(peek_cose(body).payload)["certificateInfos"]) == 4


def signed(change: Mapping[str, Any], first: Mapping[str, Any] | None = None) -> bytes:
    """The list of one issuer with some members changed (None: left out), signed by the trusted key."""
    said = dict(payload(sample_entries()[:1])) | change
    if first is not None:
        info = {**said["certificateInfos"][0], **first}
        said["certificateInfos"] = [{k: v for k, v in info.items() if v is not None}]
    return sign_cose(encode_cbor({k: v for k, v in said.items() if v is not None}), signer())


def refusal(body: bytes, trust: Trust = TRUST, at: datetime = NOW) -> str:
    with pytest.raises(VerificationFailed) as failed:
        verify_document(body, trust, at, None)
    return failed.value.check


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ({"version": "2.0"}, None),
        ({"version": None}, None),
        ({"more": 1}, None),
        ({"date": "2026-09-01"}, None),
        ({"vicalIssueID": 0}, None),
        ({"vicalIssueID": "7"}, None),
        ({"nextUpdate": None}, None),
        ({"certificateInfos": {}}, None),
        ({"extensions": None, "nextUpdate": None}, None),
        ({}, {"certificate": b"\x30\x00"}),
        ({}, {"serialNumber": 1}),
        ({}, {"ski": b"\x04\x14" + b"\x00" * 20}),
        ({}, {"docType": []}),
        ({}, {"docType": None}),
        ({}, {"notAfter": ISSUED_AT}),
        ({}, {"surprise": True}),
    ],
)
def test_a_signed_list_of_another_form_fails_on_schema(
    change: Mapping[str, Any], first: Mapping[str, Any] | None
) -> None:
    assert refusal(signed(change, first)) == "schema"


@pytest.mark.parametrize("place", [3, 700, 5000, -1])
def test_a_changed_byte_never_passes(place: int) -> None:
    changed = bytearray(VECTOR)
    changed[place] ^= 1
    assert refusal(bytes(changed)) in {"format", "trust", "signature"}


@pytest.mark.parametrize("tagged", [False, True])
def test_both_forms_of_cose_verify(tagged: bool) -> None:
    body = cbor2.dumps(cbor2.CBORTag(18, cbor2.loads(VECTOR))) if tagged else VECTOR
    assert verify_document(body, TRUST, NOW, None).facts.entries == 12


@pytest.mark.parametrize("ending", [b"\n", b" ", b"\x00"])
def test_no_byte_may_follow(ending: bytes) -> None:
    assert refusal(VECTOR + ending) == "format"


def test_a_list_that_is_over_or_older_than_the_last_one_is_refused() -> None:
    assert refusal(VECTOR, at=ISSUED_AT + DAY) == "freshness"
    with pytest.raises(VerificationFailed, match="number 7 is older than number 8"):
        verify_document(VECTOR, TRUST, NOW, lambda _list, _signer: Seen(8, "00"))


def test_a_signer_of_another_operator_or_without_certificate_is_not_trusted() -> None:
    other = signer(3, operator="Another Board")
    body = build(VICAL, sample_list(), header(), other).body
    assert refusal(body) == "trust"
    assert refusal(body, Trust(certificates=other.certificates)) == "trust"
    assert refusal(sign_cose(b"", replace(signer(), certificates=()))) == "trust"


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ([b"", {}, b""], "no COSE_Sign1"),
        ([b"\xa1\x01\x26", {}, None, b"\x00" * 64], "no COSE_Sign1"),
        ([b"\xa1\x01\x27", {}, b"", b"\x00" * 64], "only ES256"),
        ([b"\xa0", {1: -7}, b"", b"\x00" * 64], "only ES256"),
        ([b"\x61", {}, b"", b"\x00" * 64], "cannot be read"),
        ([encode_cbor({1: -7, 2: [99], 99: 1}), {}, b"", b"\x00" * 64], "critical"),
        ([b"\xa1\x01\x26", {33: [1]}, b"", b"\x00" * 64], "x5chain"),
        ([b"\xa1\x01\x26", {33: [b""] * 11}, b"", b"\x00" * 64], "more than 10"),
    ],
)
def test_other_envelopes_are_refused_with_the_reason(item: list[Any], message: str) -> None:
    with pytest.raises(CoseInvalid, match=message):
        peek_cose(cbor2.dumps(item))


@pytest.mark.parametrize(
    "bomb",
    [b"\x81" * 100_000 + b"\x00", b"\x9f" * 500, b"\x9b" + b"\xff" * 8, b"\x5b" + b"\x7f" * 8, b"\xc4\x82"],
)
def test_cbor_made_to_exhaust_is_refused(bomb: bytes) -> None:
    with pytest.raises(CoseInvalid):
        peek_cose(bomb)
    with pytest.raises(InvalidInput):
        parse_vical(bomb)


@settings(deadline=None, max_examples=150)
@given(content=st.binary(max_size=60), place=st.integers(min_value=0))
def test_whatever_a_trusted_key_signed_ends_with_a_named_check(content: bytes, place: int) -> None:
    genuine = peek_cose(VECTOR).payload[:900]
    place %= len(genuine)
    for made in (content, genuine[:place] + content + genuine[place + len(content) :]):
        with contextlib.suppress(VerificationFailed):
            verify_document(sign_cose(made, signer()), TRUST, ISSUED_AT, None)


def test_the_deployed_list_of_driving_licences_verifies_with_its_wrapped_identifiers() -> None:
    trust = parse_trust((REAL / "aamva-ca.pem").read_bytes())
    facts = verify_document(AAMVA, trust, AAMVA_TIME, None).facts
    assert (facts.operators, facts.sequence, facts.entries) == (("AAMVA",), 227602, 14)
    content = parse_vical(peek_cose(AAMVA).payload)
    assert {kind for one in content.certificates for kind in one.doc_types} == {"org.iso.18013.5.1.mDL"}
    assert "US" in {one.country for one in content.certificates}


def test_the_deployed_list_is_refused_when_tampered_with_late_or_of_nobody_trusted() -> None:
    trust = parse_trust((REAL / "aamva-ca.pem").read_bytes())
    assert refusal(AAMVA.replace(b"AAMVAd", b"AAMVBd", 1), trust, AAMVA_TIME) == "signature"
    assert refusal(AAMVA, trust, AAMVA_TIME + DAY) == "freshness"
    assert refusal(AAMVA, TRUST, AAMVA_TIME) == "trust"


def test_names_are_taken_from_deployed_certificates_as_they_stand_there() -> None:
    ders = [item["certificate"] for item in cbor2.loads(peek_cose(AAMVA).payload)["certificateInfos"]]
    assert len(ders) > 10
    for der in ders:
        certificate = x509.load_der_x509_certificate(der)
        assert names_as_written(der) == (
            certificate.issuer.public_bytes(),
            certificate.subject.public_bytes(),
        )
