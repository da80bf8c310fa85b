"""Requests for a certificate (PKCS#10, RFC 2986), as institutions hand them in for a key of their own.

A request shows that its maker holds the key; whether it was made now and for us shows the challenge alone. Of what it asks
for, the subject is compared and nothing is taken over: the registry writes what it has reviewed.
"""

import unicodedata
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from registry.errors import FieldError, InvalidInput
from registry.signing.possession import PublicKey

MINIMUM_RSA_BITS = 3072
"""For keys that begin to sign now; what has been certified elsewhere may have 2048 bits."""
CURVES = ("secp256r1", "secp384r1")
LARGEST = 64 * 2**10
_MARKS = ("-----BEGIN CERTIFICATE REQUEST-----", "-----BEGIN NEW CERTIFICATE REQUEST-----")
_WEAK = (hashes.MD5, hashes.SHA1)


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a request says. `der` is the request; `organizations` and `countries` are all O and C of its subject."""

    der: bytes
    key: PublicKey
    organizations: tuple[str, ...]
    countries: tuple[str, ...]


def is_request(text: str) -> bool:
    """Whether a text is meant as a request for a certificate."""
    return any(mark in text for mark in _MARKS)


def read_request(text: str) -> RequestFacts:
    """Read a request in PEM and check that its own key signed it.

    Raises:
        InvalidInput: unreadable, with a weak or foreign kind of key, or not signed by that key; with the reason.
    """
    if "PRIVATE KEY" in text:
        raise _refused(
            "this holds a private key: never hand it to anybody, make a new one, and give the request alone"
        )
    try:
        request = x509.load_pem_x509_csr(text.encode())
        key, subject = request.public_key(), request.subject
        signed, digest = request.is_signature_valid, request.signature_hash_algorithm
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _refused("this is no readable certificate signing request (PKCS#10, PEM)") from error
    if not signed or isinstance(digest, _WEAK):
        raise _refused(
            "the request is not signed by its own key, or with MD5 or SHA-1; make it again with SHA-256"
        )
    return RequestFacts(
        der=request.public_bytes(serialization.Encoding.DER),
        key=_strong(key),
        organizations=_attributes(subject, NameOID.ORGANIZATION_NAME),
        countries=_attributes(subject, NameOID.COUNTRY_NAME),
    )


def check_subject(facts: RequestFacts, *, organization: str, country: str) -> None:
    """Check that a request names the institution, and nobody else.

    Raises:
        InvalidInput: O is not the legal name, or C not the country; both are said.
    """
    if tuple(map(_plain, facts.organizations)) != (_plain(organization),):
        raise _refused(
            f"the request is for the organization {_said(facts.organizations)}; O has to be the legal name, {organization}"
        )
    if facts.countries != (country,):
        raise _refused(f"the request is for the country {_said(facts.countries)}; C has to be {country}")


def _strong(key: object) -> PublicKey:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MINIMUM_RSA_BITS:
            raise _refused(
                f"the RSA key has {key.key_size} bits; {MINIMUM_RSA_BITS} is the least for a new certificate"
            )
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return key
    raise _refused("use a P-256, P-384, Ed25519 or RSA key; lists can carry no other")


def _attributes(name: x509.Name, oid: x509.ObjectIdentifier) -> tuple[str, ...]:
    return tuple(str(attribute.value) for attribute in name.get_attributes_for_oid(oid))


def _plain(text: str) -> str:
    """Return a name in one spelling: composed letters (NFC) and single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _said(found: tuple[str, ...]) -> str:
    return ", ".join(found) or "nobody"


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, [FieldError("request", message)])
