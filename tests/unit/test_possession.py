"""Proof of control: only a signature over this challenge by this key counts, whatever the proof says of itself."""

import base64
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa, utils
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from registry.errors import InvalidInput
from registry.signing.possession import jwk_thumbprint, read_certificate, read_jwk, verify_possession

from support.clock import START

CHALLENGE = "registry-proof-of-control:one:abc"
EC = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
ED = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65537, 2048)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pem(private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def token(private: object, algorithm: str, payload: str = CHALLENGE, **header: object) -> str:
    kind = {"E": ECKey, "R": RSAKey, "P": RSAKey}.get(algorithm[0], OKPKey)
    kind = OKPKey if algorithm.startswith("Ed") else kind
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    key = kind.import_key(pem(private))  # type: ignore[arg-type]
    return jws.serialize_compact({"alg": algorithm, **header}, payload, key, registry=registry)


@pytest.mark.parametrize(
    ("key", "proof", "method"),
    [
        (EC, lambda: token(EC, "ES256"), "jws"),
        (EC, lambda: token(EC, "ES256", CHALLENGE + "\n"), "jws"),
        (P384, lambda: token(P384, "ES384"), "jws"),
        (ED, lambda: token(ED, "Ed25519"), "jws"),
        (RSA, lambda: token(RSA, "RS256"), "jws"),
        (RSA, lambda: token(RSA, "PS256"), "jws"),
        (EC, lambda: bare(EC.sign(CHALLENGE.encode(), ec.ECDSA(hashes.SHA256()))), "signature"),
        (ED, lambda: bare(ED.sign(CHALLENGE.encode())), "signature"),
        (
            RSA,
            lambda: bare(RSA.sign(CHALLENGE.encode(), padding.PKCS1v15(), hashes.SHA256())),
            "signature",
        ),
    ],
    ids=range(9),
)
def test_the_key_of_the_identity_proves_it(
    key: ec.EllipticCurvePrivateKey, proof: Callable[[], str], method: str
) -> None:
    assert verify_possession(key.public_key(), CHALLENGE, proof()) == method


def bare(signature: bytes) -> str:
    """Return a signature as `openssl` and `base64` print it, in lines."""
    return base64.encodebytes(signature).decode()


def other_key() -> str:
    return token(ec.generate_private_key(ec.SECP256R1()), "ES256")


def embedded_key() -> str:
    """Sign with a key of one's own, and hand it over in the header."""
    mine = ec.generate_private_key(ec.SECP256R1())
    return token(mine, "ES256", jwk=ECKey.import_key(pem(mine)).as_dict(private=False))


def keyed_by_the_public_key() -> str:
    """Use the public key as the secret of an HMAC."""
    spki = EC.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    registry = jws.JWSRegistry(algorithms=["HS256"], strict_check_header=False)
    secret = OctKey.import_key(base64.urlsafe_b64encode(spki))
    return jws.serialize_compact({"alg": "HS256"}, CHALLENGE, secret, registry=registry)


def unsigned(algorithm: str) -> str:
    return f"{b64(json.dumps({'alg': algorithm}).encode())}.{b64(CHALLENGE.encode())}."


def by_hand(header: Mapping[str, object]) -> str:
    """Return a JWS that is rightly signed under a header which libraries would not write."""
    signed = f"{b64(json.dumps(header).encode())}.{b64(CHALLENGE.encode())}"
    r, s = utils.decode_dss_signature(EC.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def changed() -> str:
    head, _payload, signature = token(EC, "ES256", "another challenge").split(".")
    return f"{head}.{b64(CHALLENGE.encode())}.{signature}"


FORGERIES: Mapping[str, Callable[[], str]] = {
    "another key": other_key,
    "a key in the header": embedded_key,
    "an HMAC": keyed_by_the_public_key,
    "a changed payload": changed,
    "none": lambda: unsigned("none"),
    "none spelled otherwise": lambda: unsigned("None"),
    "no signature": lambda: unsigned("ES256"),
    "another challenge": lambda: token(EC, "ES256", "another challenge"),
    "a longer challenge": lambda: token(EC, "ES256", CHALLENGE + "x"),
    "a key of another kind": lambda: token(ED, "Ed25519"),
    "an unknown critical header": lambda: by_hand({"alg": "ES256", "crit": ["odd"], "odd": 1}),
    "an unencoded payload": lambda: by_hand({"alg": "ES256", "crit": ["b64"], "b64": False}),
    "bare over something else": lambda: bare(EC.sign(b"another", ec.ECDSA(hashes.SHA256()))),
    "bare by a key of another kind": lambda: bare(ED.sign(CHALLENGE.encode())),
    "zeros": lambda: bare(b"\0" * 64),
    "empty": lambda: "",
    "words": lambda: "not a proof",
    "three letters": lambda: "a.b.c",
    "two dots": lambda: "..",
    "an array as header": lambda: f"{b64(b'[]')}.{b64(b'x')}.{b64(b'y')}",
    "null as header": lambda: f"{b64(b'null')}.{b64(b'x')}.{b64(b'y')}",
    "a broken header": lambda: f"{b64(b'{{')}.{b64(b'x')}.{b64(b'y')}",
    "bytes as header": lambda: f"{b64(bytes([255, 254]))}.{b64(b'x')}.{b64(b'y')}",
    "only a header": lambda: '{"alg":1}',
    "a number as algorithm": lambda: f"{b64(json.dumps({'alg': 1}).encode())}.{b64(b'x')}.{b64(b'y')}",
    "a list as algorithm": lambda: f"{b64(json.dumps({'alg': ['ES256']}).encode())}.{b64(b'x')}.{b64(b'y')}",
    "no ASCII": lambda: "ż.ó.ł",
    "a lone surrogate": lambda: "\ud800",
    "very long": lambda: "A" * 100_000,
}


@pytest.mark.parametrize("name", FORGERIES)
def test_anything_else_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        verify_possession(EC.public_key(), CHALLENGE, FORGERIES[name]())
    assert set(caught.value.by_field()) == {"proof"}


def certificate(key: object = EC, *, days: int = 10, ski: bool = True, twice: bool = False) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented School")])
    public = key.public_key()  # type: ignore[attr-defined]
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(1)
        .not_valid_before(START - timedelta(days=20))
        .not_valid_after(START + timedelta(days=days))
    )
    if ski:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(serialization.Encoding.PEM)  # type: ignore[arg-type]


def test_a_certificate_is_read_in_both_forms() -> None:
    facts = read_certificate(certificate(), at=START)
    assert read_certificate(facts.der, at=START) == facts
    assert facts.subject == "CN=Invented School"


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: certificate(days=-1), "valid from 2026-08-12 to 2026-08-31, not now"),
        (lambda: certificate(ski=False), "no subject key identifier"),
        (lambda: certificate(rsa.generate_private_key(65537, 1024)), "the RSA key has 1024 bits; 2048"),
        (lambda: certificate(ec.generate_private_key(ec.SECP256K1())), "use a P-256"),
        (lambda: certificate(ec.generate_private_key(ec.SECP192R1())), "use a P-256"),
        (lambda: certificate(dsa.generate_private_key(2048)), "use a P-256"),
        (lambda: pem(EC), "not an X.509 certificate"),
        (lambda: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "not an X.509 certificate"),
        (lambda: b"", "not an X.509 certificate"),
        (lambda: b"\x30\x82", "not an X.509 certificate"),
    ],
    ids=range(10),
)
def test_a_certificate_that_lists_could_not_carry_is_refused(made: Callable[[], bytes], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        read_certificate(made(), at=START)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_every_damaged_byte_of_a_certificate_is_a_refusal_or_another_certificate() -> None:
    der = read_certificate(certificate(), at=START).der
    for place in range(len(der)):
        broken = der[:place] + bytes([der[place] ^ 0xFF]) + der[place + 1 :]
        with suppress(InvalidInput):
            assert read_certificate(broken, at=START).der != der


def jwk(private: ec.EllipticCurvePrivateKey = EC) -> dict[str, object]:
    return dict(ECKey.import_key(pem(private)).as_dict(private=False))


def test_a_public_key_is_read_and_named_by_its_thumbprint() -> None:
    members, key = read_jwk(json.dumps({**jwk(), "kid": "mine", "use": "sig", "x5c": ["odd"]}))
    assert key == EC.public_key()
    assert set(members) == {"kty", "crv", "x", "y"}
    assert jwk_thumbprint(members) == ECKey.import_key(pem(EC)).thumbprint()


@pytest.mark.filterwarnings("ignore:Key size should be")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (lambda: json.dumps(ECKey.import_key(pem(EC)).as_dict(private=True)), "secret key"),
        (lambda: json.dumps(RSAKey.import_key(pem(RSA)).as_dict(private=True)), "secret key"),
        (lambda: json.dumps({"kty": "oct", "k": "AAAA"}), "secret key"),
        (lambda: json.dumps({**jwk(), "crv": "P-384"}), "cannot be read"),
        (lambda: json.dumps({**jwk(), "x": "AAAA"}), "cannot be read"),
        (lambda: json.dumps({**jwk(), "x": 7}), "cannot be read"),
        (lambda: json.dumps({**jwk(), "kty": ["EC"]}), "cannot be read"),
        (lambda: json.dumps({"kty": "EC"}), "cannot be read"),
        (lambda: json.dumps({"kty": "RSA", "n": "AQAB", "e": "AQ"}), "cannot be read|bits"),
        (lambda: json.dumps({"kty": "OKP", "crv": "X25519", "x": b64(b"1" * 32)}), "use a P-256"),
        (
            lambda: json.dumps(
                RSAKey.import_key(pem(rsa.generate_private_key(65537, 1024))).as_dict(private=False)
            ),
            "1024 bits",
        ),
        (lambda: "[]", "not a JSON Web Key"),
        (lambda: "{", "not a JSON Web Key"),
        (lambda: "[" * 100_000, "not a JSON Web Key"),
    ],
    ids=range(14),
)
def test_a_key_that_is_secret_weak_or_broken_is_refused(text: Callable[[], str], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        read_jwk(text())
