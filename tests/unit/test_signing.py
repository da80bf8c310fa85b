"""Keys in their generations, the key file, certificates of schemes, compact JWS."""

import json
import os
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey

from registry.errors import Conflict, InvalidInput, NotFound
from registry.signing.certificates import (
    TSL_SIGNING,
    CertificateNotTrusted,
    CertificateSubject,
    describe_certificate,
    parse_certificates,
    scheme_certificate,
    to_pem,
    verify_signer_certificate,
)
from registry.signing.jws import JwsInvalid, base64url, peek_compact, sign_compact, verify_compact
from registry.signing.keys import (
    CERTIFIED,
    EcSigner,
    Generation,
    KeyFileDamaged,
    KeyFileMissing,
    KeyStore,
    Use,
    WrongPassphrase,
    WrongUse,
)

from support.clock import START

SUBJECT = CertificateSubject("PL", "Invented Board", "DEMO lists")
DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keys.json"


@pytest.fixture
def store(path: Path) -> KeyStore:
    return KeyStore.create(path)


def list_key(store: KeyStore, key_id: str, at: datetime = START) -> None:
    store.generate(key_id, Use.LIST, at=at, scheme="board", subject=SUBJECT)


def public_key(der: bytes) -> ECKey:
    public = x509.load_der_x509_certificate(der).public_key()
    return ECKey.import_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_a_signature_verifies_under_the_certificate_of_the_scheme(store: KeyStore) -> None:
    list_key(store, "list-1")
    signer = store.signer("board")
    token = sign_compact(b"content", signer, "x+jws", {"kid": signer.key_id})
    verified = verify_compact(token, public_key(signer.certificates[0]))
    assert (verified.payload, verified.header["typ"], verified.header["kid"]) == (
        b"content",
        "x+jws",
        "list-1",
    )


def test_keys_come_back_from_the_file_with_the_generated_passphrase(store: KeyStore, path: Path) -> None:
    list_key(store, "list-1")
    again = KeyStore.open(path)
    assert again.records() == store.records()
    assert again.signer("list-1").certificates == store.signer("list-1").certificates
    assert again.passphrase_generated


def test_no_file_can_be_read_by_others(store: KeyStore, path: Path) -> None:
    list_key(store, "list-1")
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}


def test_no_private_key_stands_in_the_file_in_the_clear(store: KeyStore, path: Path) -> None:
    list_key(store, "list-1")
    pems = [key["private_key"] for key in json.loads(path.read_text())["keys"]]
    assert [pem.splitlines()[0] for pem in pems] == ["-----BEGIN ENCRYPTED PRIVATE KEY-----"]


def test_a_wrong_passphrase_is_told_even_while_the_file_holds_no_key(path: Path) -> None:
    KeyStore.create(path, "the right one")
    assert not KeyStore.open(path, "the right one").records()
    with pytest.raises(WrongPassphrase, match="REGISTRY_KEY_PASSPHRASE"):
        KeyStore.open(path, "another one")


def test_a_missing_file_names_the_command_that_makes_it(path: Path) -> None:
    with pytest.raises(KeyFileMissing, match="registry init"):
        KeyStore.open(path)


def test_a_lost_generated_passphrase_is_told(store: KeyStore, path: Path) -> None:
    path.with_name("keys.json.passphrase").unlink()
    with pytest.raises(KeyFileMissing, match="REGISTRY_KEY_PASSPHRASE"):
        KeyStore.open(path)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"version": 2}', b'{"version": 1}', b'{"version": 1, "kdf": 5}']
)
def test_a_damaged_file_is_told(store: KeyStore, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(KeyFileDamaged):
        KeyStore.open(path)


def test_an_existing_file_is_never_overwritten(store: KeyStore, path: Path) -> None:
    with pytest.raises(Conflict, match="not overwritten"):
        KeyStore.create(path)


def test_a_key_swapped_in_the_file_does_not_sign(store: KeyStore, path: Path) -> None:
    list_key(store, "list-1")
    store.generate("log-1", Use.LOG, at=START)
    content = json.loads(path.read_text())
    first, second = content["keys"]
    first["private_key"], second["private_key"] = second["private_key"], first["private_key"]
    path.write_text(json.dumps(content))
    with pytest.raises(KeyFileDamaged, match="does not fit"):
        KeyStore.open(path).signer("board")


def test_rotation_moves_a_line_on_and_keeps_the_old_key_for_verifying(store: KeyStore) -> None:
    list_key(store, "list-1")
    list_key(store, "list-2", START + DAY)
    assert [record.generation for record in store.records()] == [Generation.ACTIVE, Generation.NEXT]
    active = store.rotate(Use.LIST, "board", at=START + 2 * DAY)
    assert (active.key_id, active.activated_at) == ("list-2", START + 2 * DAY)
    assert store.signer("board").key_id == "list-2"
    [retired] = [record for record in store.records() if record.generation is Generation.RETIRED]
    assert (retired.key_id, retired.retired_at) == ("list-1", START + 2 * DAY)
    with pytest.raises(Conflict, match="retired"):
        store.signer("list-1")


def test_certificates_of_a_scheme_announce_the_next_one(store: KeyStore) -> None:
    list_key(store, "list-1")
    list_key(store, "list-2")
    first = store.signer("board").certificates[0]
    assert len(parse_certificates(store.certificates("board").encode())) == 2
    store.rotate(Use.LIST, "board", at=START)
    second = store.signer("board").certificates[0]
    assert store.certificates("board") == to_pem(second)
    assert store.certificates("board", retired=True) == to_pem(second) + to_pem(first)


def test_rotation_needs_an_announced_key(store: KeyStore) -> None:
    list_key(store, "list-1")
    with pytest.raises(Conflict, match="generate and publish one first"):
        store.rotate(Use.LIST, "board", at=START)


def test_an_announced_key_does_not_sign_yet_and_only_one_is_announced(store: KeyStore) -> None:
    list_key(store, "list-1")
    list_key(store, "list-2")
    with pytest.raises(Conflict, match="next"):
        store.signer("list-2")
    with pytest.raises(Conflict, match="announced already"):
        list_key(store, "list-3")


def test_key_ids_are_never_reused(store: KeyStore) -> None:
    list_key(store, "list-1")
    with pytest.raises(Conflict, match="never reused"):
        store.generate("list-1", Use.LOG, at=START)


@pytest.mark.parametrize("use", [use for use in Use if use not in CERTIFIED])
def test_a_key_is_refused_for_another_use(store: KeyStore, use: Use) -> None:
    store.generate("key", use, at=START)
    with pytest.raises(WrongUse, match=f"for {use}"):
        store.signer("key", Use.LIST)


def test_a_session_key_gives_a_stable_secret_and_never_signs(store: KeyStore, path: Path) -> None:
    store.generate("session-1", Use.SESSION, at=START)
    assert len(store.secret()) == 32
    assert KeyStore.open(path).secret() == store.secret()
    with pytest.raises(WrongUse):
        store.signer("session-1", Use.SESSION)


def test_a_list_key_gives_no_session_secret(store: KeyStore) -> None:
    list_key(store, "list-1")
    with pytest.raises(WrongUse):
        store.secret("list-1")


def test_an_unknown_key_is_told(store: KeyStore) -> None:
    with pytest.raises(NotFound, match="no key nobody"):
        store.signer("nobody")


def test_two_processes_do_not_lose_each_others_keys(store: KeyStore, path: Path) -> None:
    other = KeyStore.open(path)
    list_key(store, "list-1")
    other.generate("log-1", Use.LOG, at=START)
    assert {record.key_id for record in store.records()} == {"list-1", "log-1"}


def test_a_rotation_by_another_process_needs_no_restart(store: KeyStore, path: Path) -> None:
    list_key(store, "list-1")
    other = KeyStore.open(path)
    list_key(other, "list-2")
    other.rotate(Use.LIST, "board", at=START + DAY)
    assert store.signer("board").key_id == "list-2"


def test_a_key_file_that_is_gone_is_told(store: KeyStore, path: Path) -> None:
    list_key(store, "list-1")
    path.unlink()
    with pytest.raises(KeyFileMissing, match="put back a copy"):
        store.signer("board")


def test_a_scheme_certificate_has_the_profile_of_a_list_signer(store: KeyStore) -> None:
    list_key(store, "list-1")
    certificate = x509.load_der_x509_certificate(store.signer("board").certificates[0])
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    facts = describe_certificate(certificate.public_bytes(Encoding.DER))
    assert (facts.countries, facts.organizations, facts.is_authority) == (("PL",), ("Invented Board",), False)
    assert usage.digital_signature
    assert not usage.key_cert_sign
    assert list(purposes) == [TSL_SIGNING]
    assert facts.valid_at(START)


@pytest.mark.parametrize("organization", ["", "x" * 65])
def test_a_name_that_a_certificate_cannot_carry_is_refused(organization: str) -> None:
    subject = CertificateSubject("PL", organization, "DEMO")
    with pytest.raises(InvalidInput, match="1 to 64"):
        scheme_certificate(subject, ec.generate_private_key(ec.SECP256R1()), START, START + DAY)


def test_garbage_is_no_certificate() -> None:
    with pytest.raises(InvalidInput, match="PEM or DER"):
        parse_certificates(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


def authority(*, ca: bool) -> tuple[bytes, bytes]:
    """A certificate issued under another one; the issuer says `ca` of itself."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("authority", "leaf")
    ]
    made = []
    for subject, key in zip(names, keys, strict=True):
        builder = x509.CertificateBuilder(names[0], subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(START - DAY).not_valid_after(START + DAY)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=ca and key is keys[0], path_length=None), critical=True
        )
        made.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(Encoding.DER))
    return made[1], made[0]


def test_a_certificate_issued_under_a_trusted_authority_is_trusted() -> None:
    leaf, issuer = authority(ca=True)
    verify_signer_certificate([leaf], [issuer], START)


def test_a_pinned_signer_cannot_vouch_for_another_certificate() -> None:
    leaf, issuer = authority(ca=False)
    with pytest.raises(CertificateNotTrusted, match="not the trusted one"):
        verify_signer_certificate([leaf, issuer], [issuer], START)


def test_an_authority_that_only_the_document_carries_is_not_trusted() -> None:
    leaf, issuer = authority(ca=True)
    with pytest.raises(CertificateNotTrusted):
        verify_signer_certificate([leaf, issuer], [authority(ca=True)[1]], START)


@pytest.mark.parametrize("at", [START - 2 * DAY, START + 2 * DAY])
def test_a_certificate_outside_its_time_is_not_trusted(at: datetime) -> None:
    leaf, issuer = authority(ca=True)
    with pytest.raises(CertificateNotTrusted, match="not valid at this time"):
        verify_signer_certificate([leaf], [leaf, issuer], at)


KEY = ec.derive_private_key(7, ec.SECP256R1())
PUBLIC = ECKey.import_key(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_a_deterministic_signer_gives_the_same_bytes_twice() -> None:
    signer = EcSigner("fixed", KEY, deterministic=True)
    assert signer.sign(b"data") == signer.sign(b"data")
    assert len(signer.sign(b"data")) == 64


def test_only_the_curve_of_es256_signs() -> None:
    with pytest.raises(InvalidInput, match="P-256"):
        EcSigner("large", ec.generate_private_key(ec.SECP384R1()))


Spoil = Callable[[bytes, bytes, bytes], list[bytes]]
SPOILT: dict[str, Spoil] = {
    "other content": lambda head, payload, signature: [head, base64url(b"other"), signature],
    "short signature": lambda head, payload, signature: [head, payload, signature[:-4]],
    "empty signature": lambda head, payload, signature: [head, payload, b""],
    "signature of zeros": lambda head, payload, signature: [head, payload, base64url(bytes(64))],
    "other header": lambda head, payload, signature: [
        base64url(b'{"alg":"ES256","x":1}'),
        payload,
        signature,
    ],
    "alg none": lambda head, payload, signature: [base64url(b'{"alg":"none"}'), payload, b""],
    "alg HS256": lambda head, payload, signature: [base64url(b'{"alg":"HS256"}'), payload, signature],
    "two parts": lambda head, payload, signature: [head, payload],
    "empty header": lambda head, payload, signature: [b"", payload, signature],
    "padding": lambda head, payload, signature: [head, payload + b"=", signature],
    "header no object": lambda head, payload, signature: [base64url(b"[1]"), payload, signature],
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_token_is_refused(case: str) -> None:
    head, payload, signature = sign_compact(b"content", EcSigner("key", KEY), None, {}).split(b".")
    with pytest.raises(JwsInvalid):
        verify_compact(b".".join(SPOILT[case](head, payload, signature)), PUBLIC)


def test_critical_header_parameters_are_refused_even_when_well_signed() -> None:
    token = sign_compact(b"content", EcSigner("key", KEY), None, {"crit": ["x"], "x": 1})
    with pytest.raises(JwsInvalid, match="critical"):
        verify_compact(token, PUBLIC)


def test_a_token_far_beyond_the_limits_of_small_tokens_verifies() -> None:
    payload = os.urandom(400_000)
    token = sign_compact(payload, EcSigner("key", KEY), None, {"x5c": ["A" * 4000]})
    assert verify_compact(token, PUBLIC).payload == payload
    assert peek_compact(token).payload == payload
