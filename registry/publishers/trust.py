"""What a verifier trusts: certificates (of the signer itself, or of an authority that issued it) and bare public keys.

A document carries its signer's certificates; they only help to find the trusted one and are never trusted
by themselves.
"""

import base64
import binascii
import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.utils import CryptographyDeprecationWarning
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from registry.errors import InvalidInput, RegistryError
from registry.signing.certificates import (
    CertificateNotTrusted,
    load_certificate,
    parse_certificates,
    thumbprint,
    verify_signer_certificate,
)


class NotTrusted(RegistryError):
    """The signer of a document is not one that the verifier trusts."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Trusted certificates (DER) and trusted keys."""

    certificates: tuple[bytes, ...] = ()
    keys: tuple[ECKey, ...] = ()


@dataclass(frozen=True, slots=True)
class TrustedSigner:
    """The key to verify with. `certificate` is the DER that vouches for it, or None for a bare key."""

    key: ECKey
    certificate: bytes | None

    @property
    def id(self) -> str:
        """Return the hex SHA-256 of the public key, by which a verifier remembers the signer."""
        return hashlib.sha256(_spki(self.key)).hexdigest()


def parse_trust(data: bytes) -> Trust:
    """Read certificates (PEM or DER), a public key in PEM, a JWK or a JWK set.

    Raises:
        InvalidInput: it is none of these, or a key is not on the curve P-256.
    """
    stripped = data.strip()
    try:
        if stripped.startswith(b"{"):
            parsed = orjson.loads(stripped)
            jwks = parsed.get("keys", [parsed])
            return Trust(keys=tuple(_public_key(jwk) for jwk in jwks))
        if stripped.startswith(b"-----BEGIN PUBLIC KEY-----"):
            return Trust(keys=(_p256(ECKey.import_key(stripped)),))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise InvalidInput("it is no readable P-256 public key") from error
    try:
        return Trust(certificates=parse_certificates(data))
    except InvalidInput as error:
        raise InvalidInput("it is neither a certificate (PEM or DER) nor a public JWK") from error


def _public_key(jwk: Mapping[str, Any]) -> ECKey:
    public = {member: jwk[member] for member in ("kty", "crv", "x", "y", "kid") if member in jwk}
    return _p256(ECKey.import_key(public))


def _p256(key: ECKey) -> ECKey:
    if key.curve_name != "P-256":
        raise ValueError(key.curve_name)
    return key


def find_signer(header: Mapping[str, Any], trust: Trust, at: datetime) -> TrustedSigner:
    """Return the trusted signer that a protected header names.

    Raises:
        NotTrusted: it names nobody who is trusted, or that certificate is not valid at `at`.
    """
    chain = _chain(header)
    if chain:
        if header.get("x5t#S256", thumbprint(chain[0])) != thumbprint(chain[0]):
            raise NotTrusted("the header names one certificate by thumbprint and carries another")
        return certified_signer(chain, trust, at)
    named = [der for der in trust.certificates if thumbprint(der) == header.get("x5t#S256")]
    if named:
        return certified_signer(named, trust, at)
    by_id = [key for key in trust.keys if key.kid and key.kid == header.get("kid")]
    if by_id or len(trust.keys) == 1:
        return TrustedSigner((by_id or list(trust.keys))[0], None)
    raise NotTrusted(
        "the document names its signer by thumbprint, and no trusted certificate has it; "
        "give the certificate of the signer itself"
    )


def certified_signer(chain: Sequence[bytes], trust: Trust, at: datetime) -> TrustedSigner:
    """Return the trusted signer whose certificates, DER and leaf first, a document carries.

    Raises:
        NotTrusted: nobody among them is trusted, they cannot be read, or the time of one is over at `at`.
    """
    if not chain:
        raise NotTrusted("the document carries no certificate of its signer")
    _check_readable(chain)
    key = _certificate_key(chain[0])
    if any(_spki(key) == _spki(trusted) for trusted in trust.keys):
        return TrustedSigner(key, None)
    try:
        verify_signer_certificate(chain, trust.certificates, at)
    except CertificateNotTrusted as error:
        raise NotTrusted(str(error)) from error
    return TrustedSigner(key, chain[0])


def _chain(header: Mapping[str, Any]) -> tuple[bytes, ...]:
    x5c = header.get("x5c")
    if x5c is None:
        return ()
    try:
        ders = tuple(base64.b64decode(text, validate=True) for text in x5c)
    except (binascii.Error, TypeError, ValueError) as error:
        raise NotTrusted("the certificates in the header cannot be read") from error
    if not ders:
        raise NotTrusted("the header has an empty list of certificates")
    return ders


def _check_readable(chain: Sequence[bytes]) -> None:
    try:
        with warnings.catch_warnings():
            # The library only warns of certificates that it will refuse one day; we refuse them now.
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            for der in chain:
                load_certificate(der)
    except (InvalidInput, CryptographyDeprecationWarning) as error:
        raise NotTrusted("the certificates in the header cannot be read") from error


def _certificate_key(der: bytes) -> ECKey:
    try:
        public = load_certificate(der).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotTrusted("the key in the signer's certificate cannot be read") from error
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise NotTrusted("the signer's certificate has no P-256 key, and only ES256 is accepted")
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return ECKey.import_key(pem)


def _spki(key: ECKey) -> bytes:
    return key.as_der(private=False)
