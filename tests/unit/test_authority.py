"""The registry's authorities: whom they issue to, with which profile, for how long, and who is trusted by them."""

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from registry.errors import Conflict, InvalidInput, NotFound
from registry.jobs.certificates import ageing, tell_ageing
from registry.publishers.trust import NotTrusted, Trust, certified_signer
from registry.signing.authority import (
    AUTHORITY_LIFE,
    DOCUMENT_SIGNING,
    ISSUER_LIFE,
    MDOC_SIGNING,
    issue_issuer_certificate,
)
from registry.signing.certificates import TSL_SIGNING, CertificateSubject, load_certificate, to_pem
from registry.signing.keys import AuthorityLine, Generation, KeyStore, Signer, Use
from registry.signing.possession import PublicKey
from registry.signing.requests import check_subject, is_request, read_request

from support.clock import START
from support.requests import request
from support.world import key_store

DAY = timedelta(days=1)
OPERATOR = CertificateSubject("PL", "Invented Operator", "Authority")
BOARD = CertificateSubject("CZ", "Invented Board", "DEMO lists")
SCHOOL = CertificateSubject("PL", "Invented School", "School", "VATPL-1234563218")


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    made = key_store(tmp_path)
    for line in AuthorityLine:
        made.generate(f"authority-{line}", Use.AUTHORITY, at=START, scheme=line, subject=OPERATOR)
    return made


def authority(store: KeyStore, line: AuthorityLine = AuthorityLine.ISSUERS) -> Signer:
    found = store.authority(line)
    assert found is not None
    return found


def own(store: KeyStore, line: AuthorityLine = AuthorityLine.ISSUERS) -> x509.Certificate:
    return load_certificate(authority(store, line).certificates[0])


def issued(store: KeyStore, key: PublicKey | None = None, at: datetime = START) -> x509.Certificate:
    public = key or ec.generate_private_key(ec.SECP256R1()).public_key()
    window = (at, at + ISSUER_LIFE)
    return load_certificate(issue_issuer_certificate(SCHOOL, public, window, authority(store)))


def purposes(certificate: x509.Certificate) -> list[ObjectIdentifier]:
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_an_authority_issues_to_end_entities_alone_and_names_the_operator(store: KeyStore) -> None:
    certificate = own(store)
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    assert (usage.value.key_cert_sign, usage.value.crl_sign) == (True, True)
    assert not usage.value.digital_signature
    assert (
        certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
        == OPERATOR.organization
    )
    assert certificate.not_valid_after_utc - START == AUTHORITY_LIFE
    certificate.verify_directly_issued_by(certificate)


def test_list_keys_made_after_an_authority_are_certified_by_it(store: KeyStore) -> None:
    record = store.generate("list-1", Use.LIST, at=START + DAY, scheme="board", subject=BOARD)
    (der,) = record.certificates
    leaf, above = load_certificate(der), own(store, AuthorityLine.LISTS)
    leaf.verify_directly_issued_by(above)
    named = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert named == above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert purposes(leaf) == [TSL_SIGNING]
    assert [a.value for a in leaf.subject] == ["CZ", "Invented Board", "DEMO lists"]
    for pinned in (der, authority(store, AuthorityLine.LISTS).certificates[0]):
        assert certified_signer((der,), Trust(certificates=(pinned,)), START + DAY).certificate == der


def test_who_trusts_signers_of_lists_does_not_trust_what_an_issuer_signs(store: KeyStore) -> None:
    leaf = issue_issuer_certificate(
        SCHOOL, ec.generate_private_key(ec.SECP256R1()).public_key(), (START, START + DAY), authority(store)
    )
    lists = Trust(certificates=authority(store, AuthorityLine.LISTS).certificates)
    with pytest.raises(NotTrusted):
        certified_signer((leaf, authority(store).certificates[0]), lists, START)


def test_an_issuer_certificate_names_the_institution_and_signs_nothing_but_credentials(
    store: KeyStore,
) -> None:
    leaf = issued(store)
    leaf.verify_directly_issued_by(own(store))
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not any((usage.content_commitment, usage.key_cert_sign, usage.crl_sign, usage.key_agreement))
    assert purposes(leaf) == [MDOC_SIGNING, DOCUMENT_SIGNING]
    assert (
        leaf.subject.rfc4514_string({NameOID.ORGANIZATION_IDENTIFIER: "organizationIdentifier"})
        == "CN=School,organizationIdentifier=VATPL-1234563218,O=Invented School,C=PL"
    )
    assert leaf.not_valid_after_utc == START + ISSUER_LIFE


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (ed25519.Ed25519PrivateKey.generate().public_key(), [MDOC_SIGNING, DOCUMENT_SIGNING]),
        (rsa.generate_private_key(65537, 3072).public_key(), [DOCUMENT_SIGNING]),
    ],
    ids=["Ed25519", "RSA"],
)
def test_only_keys_that_can_sign_mdocs_are_certified_for_it(
    store: KeyStore, key: PublicKey, expected: list[ObjectIdentifier]
) -> None:
    assert purposes(issued(store, key)) == expected


def test_openssl_accepts_the_chain_and_refuses_it_under_the_other_authority(
    store: KeyStore, tmp_path: Path
) -> None:
    leaf = tmp_path / "leaf.pem"
    leaf.write_bytes(issued(store).public_bytes(Encoding.PEM))
    seconds = str(int((START + DAY).timestamp()))
    outcomes = []
    for line in AuthorityLine:
        path = tmp_path / f"{line}.pem"
        path.write_text(to_pem(authority(store, line).certificates[0]))
        command = ["openssl", "verify", "-x509_strict", "-attime", seconds, "-CAfile", str(path), str(leaf)]
        outcomes.append(subprocess.run(command, capture_output=True, check=False).returncode == 0)
    assert dict(zip(AuthorityLine, outcomes, strict=True)) == {"lists": False, "issuers": True}


def test_no_certificate_outlives_its_authority(store: KeyStore) -> None:
    end = own(store).not_valid_after_utc
    assert issued(store, at=end - DAY).not_valid_after_utc == end
    with pytest.raises(Conflict, match="make the next one"):
        issued(store, at=end)
    with pytest.raises(Conflict, match="make the next one"):
        issued(store, at=START - DAY)


def test_an_authority_rolls_over_and_what_it_issued_stays_valid(store: KeyStore) -> None:
    before, leaf = own(store), issued(store)
    record = store.generate("issuers-2", Use.AUTHORITY, at=START + DAY, scheme="issuers", subject=OPERATOR)
    assert (record.generation, own(store)) == (Generation.NEXT, before)
    store.rotate(Use.AUTHORITY, "issuers", at=START + 2 * DAY)
    assert own(store) != before
    leaf.verify_directly_issued_by(before)
    issued(store, at=START + 2 * DAY).verify_directly_issued_by(own(store))


def test_a_registry_without_authority_certifies_its_lists_itself(tmp_path: Path) -> None:
    plain = key_store(tmp_path / "plain")
    assert plain.authority(AuthorityLine.LISTS) is None
    record = plain.generate("list-1", Use.LIST, at=START, scheme="board", subject=BOARD)
    leaf = load_certificate(record.certificates[0])
    leaf.verify_directly_issued_by(leaf)
    with pytest.raises(NotFound):
        plain.signer("issuers", Use.AUTHORITY)


def test_certificates_of_our_own_are_told_of_at_three_quarters_of_their_life(store: KeyStore) -> None:
    store.generate("list-1", Use.LIST, at=START, scheme="board", subject=BOARD, life=100 * DAY)
    quiet, late = START + 74 * DAY, START + 75 * DAY
    assert ageing(store.records(), quiet) == []
    assert [record.key_id for record in ageing(store.records(), late)] == ["list-1"]
    assert tell_ageing(store, late) == 1
    store.generate("list-2", Use.LIST, at=late, scheme="board", subject=BOARD)
    store.rotate(Use.LIST, "board", at=late)
    assert tell_ageing(store, late) == 0
    assert tell_ageing(store, START + 0.75 * AUTHORITY_LIFE) == 3


def refusal(text: bytes) -> str:
    with pytest.raises(InvalidInput) as error:
        read_request(text.decode("latin-1"))
    return error.value.errors[0].message


def test_a_request_is_read_for_every_key_that_lists_carry() -> None:
    for key in (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 3072),
    ):
        text = request(key).decode()
        assert is_request(text)
        facts = read_request(text)
        assert (facts.organizations, facts.countries) == (("Invented School",), ("PL",))
        assert type(facts.key) is type(key.public_key())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "no readable"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", "no readable"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "private key"),
        (request(rsa.generate_private_key(65537, 2048)), "2048 bits; 3072 is the least"),
        (request(ec.generate_private_key(ec.SECP521R1())), "P-256, P-384, Ed25519 or RSA"),
        (request(ec.generate_private_key(ec.SECP256K1())), "P-256, P-384, Ed25519 or RSA"),
    ],
)
def test_a_request_that_is_unreadable_or_weak_is_refused_with_the_reason(text: bytes, reason: str) -> None:
    assert reason in refusal(text)


def test_a_request_that_its_key_did_not_sign_is_refused() -> None:
    der = bytearray(request(encoding=Encoding.DER))
    der[der.index(b"Invented")] ^= 1
    pem = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)
    assert "not signed by its own key" in refusal(pem)


@pytest.mark.parametrize(
    ("organization", "country", "reason"),
    [
        (
            ("Another School",),
            ("PL",),
            "the organization Another School; O has to be the legal name, Invented School",
        ),
        ((), ("PL",), "the organization nobody"),
        (("Invented School", "Another School"), ("PL",), "Invented School, Another School"),
        (("Invented School",), ("DE",), "the country DE; C has to be PL"),
        (("Invented School",), (), "the country nobody"),
    ],
)
def test_a_request_for_somebody_else_is_refused(
    organization: tuple[str, ...], country: tuple[str, ...], reason: str
) -> None:
    facts = read_request(request(organization=organization, country=country).decode())
    with pytest.raises(InvalidInput, match=reason):
        check_subject(facts, organization="Invented School", country="PL")


def test_a_name_may_be_spelled_with_composed_or_combined_letters() -> None:
    facts = read_request(request(organization=("Szko\u0142a  Zmys\u0301lona",)).decode())
    check_subject(facts, organization="Szkoła Zmyślona", country="PL")
