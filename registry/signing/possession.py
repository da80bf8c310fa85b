"""Proof that somebody holds a private key: a fresh challenge, signed.

Accepted are a compact JWS whose payload is the challenge (RFC 7515), and a bare signature over the challenge's bytes in
base64, as `openssl dgst -sha256 -sign` and `openssl pkeyutl -sign` make it. The public key never comes from the proof.
"""

import base64
import binascii
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from registry.errors import FieldError, InvalidInput

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey
MINIMUM_RSA_BITS = 2048
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a list needs of a certificate. `der` is the certificate, `sha256` hex, instants UTC."""

    der: bytes
    sha256: str
    subject: str
    not_before: datetime
    not_after: datetime
    key: PublicKey


def new_challenge(purpose: str) -> str:
    """Return a challenge that nobody can guess and that says what it is for."""
    return f"registry-proof-of-control:{purpose}:{secrets.token_urlsafe(32)}"


def read_certificate(text: str | bytes, *, at: datetime) -> CertificateFacts:
    """Read an issuer's certificate, PEM or DER.

    Raises:
        InvalidInput: unreadable, expired or not yet valid at `at`, without a subject key identifier, or with a weak key.
    """
    data = text.encode() if isinstance(text, str) else text
    try:
        pem = b"-----BEGIN" in data
        certificate = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
        key = certificate.public_key()
        # every part is read here, since each is only parsed when it is asked for
        extensions, subject = certificate.extensions, certificate.subject.rfc4514_string()
        starts, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except (
        ValueError,
        UnsupportedAlgorithm,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise _refused("certificate", "this is not an X.509 certificate in PEM or DER form") from error
    if certificate.serial_number <= 0:  # RFC 5280, 4.1.2.2; verifiers' libraries refuse to load it
        raise _refused("certificate", "the certificate's serial number is not positive")
    if not starts <= at <= ends:
        raise _refused(
            "certificate", f"the certificate is valid from {starts:%Y-%m-%d} to {ends:%Y-%m-%d}, not now"
        )
    try:
        extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound as error:
        raise _refused(
            "certificate", "the certificate has no subject key identifier; lists name ended keys by it"
        ) from error
    der = certificate.public_bytes(serialization.Encoding.DER)
    return CertificateFacts(
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        subject=subject,
        not_before=starts,
        not_after=ends,
        key=_strong(key, "certificate"),
    )


def read_jwk(text: str) -> tuple[dict[str, str], PublicKey]:
    """Read a public JWK (RFC 7517) and return its public members and the key.

    Raises:
        InvalidInput: unreadable, private, symmetric, or weak.
    """
    try:
        members = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused("jwk", "this is not a JSON Web Key") from error
    if not isinstance(members, dict):
        raise _refused("jwk", "this is not a JSON Web Key")
    if "d" in members or members.get("kty") == "oct":
        raise _refused(
            "jwk", "this is a secret key: never hand it to anybody, make a new one, and give its public part"
        )
    try:
        imported = import_key({k: v for k, v in members.items() if k in _PUBLIC_MEMBERS})
        key = _strong(imported.public_key, "jwk")
        public = {str(k): str(v) for k, v in imported.as_dict(private=False).items() if k in _PUBLIC_MEMBERS}
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _refused(
            "jwk", "this key cannot be read; give kty with n and e, or crv with x (and y)"
        ) from error
    return public, key


_PUBLIC_MEMBERS = frozenset({"kty", "crv", "x", "y", "n", "e"})


def jwk_thumbprint(members: dict[str, str]) -> str:
    """Return the RFC 7638 thumbprint, base64url without padding."""
    required = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}[
        members["kty"]
    ]
    canonical = json.dumps({name: members[name] for name in required}, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def key_from_raw(curve: str, raw: bytes) -> PublicKey:
    """Return the key of a did:key: `curve` is `Ed25519` or `P-256`, `raw` the bytes after the multicodec prefix."""
    if curve == "Ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(raw)
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)


def verify_possession(key: PublicKey, challenge: str, proof: str) -> str:
    """Check that `proof` is the challenge signed by the key, and return the method (`jws` or `signature`).

    Raises:
        InvalidInput: the proof cannot be read, signs something else, or was made by another key.
    """
    text = "".join(proof.split())
    try:
        if text.count(".") == 2:
            _verify_jws(key, challenge, text)
            return "jws"
        _verify_bare(key, challenge.encode(), base64.b64decode(text, validate=True))
    except (JoseError, InvalidSignature) as error:
        raise _refused("proof", "the signature does not fit this key and this challenge") from error
    except (ValueError, binascii.Error) as error:
        raise _refused("proof", "give a compact JWS or a base64 signature over the challenge") from error
    return "signature"


def _verify_jws(key: PublicKey, challenge: str, token: str) -> None:
    spki = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    algorithms = _algorithms(key)
    registry = jws.JWSRegistry(algorithms=algorithms, strict_check_header=False)
    registry.max_header_length = 16 * 2**10
    kind: Any = {"E": "EC", "R": "RSA", "P": "RSA"}[algorithms[0][0]] if algorithms[0] != "Ed25519" else "OKP"
    signed = jws.deserialize_compact(token, import_key(spki.decode(), kind), registry=registry)
    if signed.payload.strip() != challenge.encode():
        raise _refused("proof", "the signature is over something else than this challenge")


def _algorithms(key: PublicKey) -> list[str]:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return ["Ed25519", "EdDSA"]
    if isinstance(key, rsa.RSAPublicKey):
        return ["RS256", "PS256"]
    return [_CURVES[key.curve.name]]


def _verify_bare(key: PublicKey, message: bytes, signature: bytes) -> None:
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, message)
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    else:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))


def _strong(key: object, field: str) -> PublicKey:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MINIMUM_RSA_BITS:
            raise _refused(field, f"the RSA key has {key.key_size} bits; {MINIMUM_RSA_BITS} is the least")
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    raise _refused(field, "use a P-256, P-384, P-521, Ed25519 or RSA key")


def _refused(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, [FieldError(field, message)])
