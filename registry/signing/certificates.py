"""X.509 certificates: the one that a scheme signs its lists with, and what others' certificates say.

Profile of a list signer: ETSI TS 119 612, 5.7.1 (TS 119 602, 6.8 asks for the same subject): C is the
scheme's territory, O the operator's legal name, key usage for signatures only, cA false, a subject key
identifier, and the purpose tslSigning.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from registry.errors import InvalidInput, RegistryError

TSL_SIGNING = ObjectIdentifier("0.4.0.2231.3.0")
"""id-tsl-kp-tslSigning (ETSI TS 119 612, 5.7.1)."""
LONGEST_NAME = 64
"""Most characters of C, O and CN (RFC 5280, A.1: ub-organization-name, ub-common-name)."""


_UNREADABLE = (
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)


class CertificateNotTrusted(RegistryError):
    """A certificate is neither pinned nor issued under a pinned authority, or its time is over."""


@dataclass(frozen=True, slots=True)
class CertificateSubject:
    """Subject of a certificate: C (ISO 3166-1 alpha-2), O (the legal name) and CN.

    `organization_identifier` is an official number in the form of ETSI EN 319 412-1, 5.1.4, such as `VATPL-…`, or "".
    """

    country: str
    organization: str
    common_name: str
    organization_identifier: str = ""


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a certificate says. `sha256` is hex of the DER; `key_identifier` raw bytes; instants are UTC."""

    subject: str
    issuer: str
    organizations: tuple[str, ...]
    countries: tuple[str, ...]
    serial_number: int
    not_before: datetime
    not_after: datetime
    sha256: str
    key_identifier: bytes
    key_type: str
    is_authority: bool

    def valid_at(self, at: datetime) -> bool:
        """Whether `at` lies within the certificate's own time."""
        return self.not_before <= at <= self.not_after


def scheme_certificate(
    subject: CertificateSubject,
    private_key: ec.EllipticCurvePrivateKey,
    not_before: datetime,
    not_after: datetime,
    *,
    serial_number: int | None = None,
    deterministic: bool = False,
) -> bytes:
    """Return the DER of a self-signed certificate for signing lists.

    Raises:
        InvalidInput: a part of the subject is empty or longer than X.509 allows.
    """
    builder = scheme_profile(subject, private_key.public_key(), not_before, not_after)
    if serial_number is not None:
        builder = builder.serial_number(serial_number)
    else:
        builder = builder.serial_number(x509.random_serial_number())
    signed = builder.issuer_name(subject_name(subject))
    certificate = signed.sign(private_key, hashes.SHA256(), ecdsa_deterministic=deterministic)
    return certificate.public_bytes(serialization.Encoding.DER)


def scheme_profile(
    subject: CertificateSubject, public: ec.EllipticCurvePublicKey, not_before: datetime, not_after: datetime
) -> x509.CertificateBuilder:
    """Return a certificate for signing lists that still lacks serial number and issuer (ETSI TS 119 612, 5.7.1).

    Raises:
        InvalidInput: a part of the subject is empty or longer than X.509 allows.
    """
    return (
        x509.CertificateBuilder()
        .subject_name(subject_name(subject))
        .public_key(public)
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.ExtendedKeyUsage([TSL_SIGNING]), critical=False)
    )


def key_usage(**allowed: bool) -> x509.KeyUsage:
    """Return the key usage that allows what is named, and nothing else (RFC 5280, 4.2.1.3)."""
    return x509.KeyUsage(**{**_NO_USAGE, **allowed})


_NO_USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


def subject_name(subject: CertificateSubject) -> x509.Name:
    """Return the distinguished name of a subject: C, O, the organization's official id where there is one, CN.

    Raises:
        InvalidInput: a part is empty or longer than X.509 allows.
    """
    parts = (
        (NameOID.COUNTRY_NAME, subject.country),
        (NameOID.ORGANIZATION_NAME, subject.organization),
        (NameOID.ORGANIZATION_IDENTIFIER, subject.organization_identifier),
        (NameOID.COMMON_NAME, subject.common_name),
    )
    for oid, text in parts:
        longest = 2 if oid is NameOID.COUNTRY_NAME else LONGEST_NAME
        least = 0 if oid is NameOID.ORGANIZATION_IDENTIFIER else 1
        if not least <= len(text) <= longest:
            raise InvalidInput(f"“{text}” cannot stand in a certificate: it needs 1 to {longest} characters.")
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


def describe_certificate(der: bytes) -> CertificateFacts:
    """Return what a certificate says; without a key identifier it gets that of RFC 5280, 4.2.1.2 (1).

    Raises:
        InvalidInput: these bytes are no certificate.
    """
    certificate = load_certificate(der)
    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        organizations=_attributes(certificate, NameOID.ORGANIZATION_NAME),
        countries=_attributes(certificate, NameOID.COUNTRY_NAME),
        serial_number=certificate.serial_number,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        sha256=hashlib.sha256(der).hexdigest(),
        key_identifier=_key_identifier(certificate),
        key_type=type(certificate.public_key()).__name__.removesuffix("PublicKey"),
        is_authority=is_authority(certificate),
    )


@lru_cache(maxsize=64)
def key_window(der: bytes) -> tuple[bytes, datetime, datetime]:
    """Return key identifier, start and end of a certificate; a cheap part of `describe_certificate`.

    Kept, because each format asks about the keys of an issuer in turn.

    Raises:
        InvalidInput: these bytes are no certificate.
    """
    certificate = load_certificate(der)
    return _key_identifier(certificate), certificate.not_valid_before_utc, certificate.not_valid_after_utc


def names_as_written(der: bytes) -> tuple[bytes, bytes]:
    """Return issuer and subject of a certificate that was loaded before: the very bytes that stand in it (RFC 5280, 4.1)."""
    to_be_signed, _end = _content(der, 0)
    position, _end = _content(der, to_be_signed)
    if der[position] == _VERSION_TAG:  # not in certificates of version 1
        position = _content(der, position)[1]
    fields = []
    for _field in ("serialNumber", "signature", "issuer", "validity", "subject"):
        end = _content(der, position)[1]
        fields.append(der[position:end])
        position = end
    return fields[2], fields[4]


_VERSION_TAG = 0xA0
_LONG = 0x80


def _content(der: bytes, position: int) -> tuple[int, int]:
    """Return where the content of the element at a position begins, and where it ends (X.690, 8.1.3)."""
    length, start = der[position + 1], position + 2
    if length >= _LONG:
        digits = length - _LONG
        length = int.from_bytes(der[start : start + digits])
        start += digits
    return start, start + length


@lru_cache(maxsize=64)
def load_certificate(der: bytes) -> x509.Certificate:
    """Return the certificate of DER bytes.

    Raises:
        InvalidInput: these bytes are no certificate.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        # Extensions are parsed when first asked for; a broken one shall not surprise anybody later.
        _ = certificate.extensions
    except _UNREADABLE as error:
        raise InvalidInput("This is not an X.509 certificate in DER form.") from error
    return certificate


def parse_certificates(data: bytes) -> tuple[bytes, ...]:
    """Return the DER of the certificates in PEM (one or several) or DER bytes, in their order.

    Raises:
        InvalidInput: there is no readable certificate.
    """
    try:
        pem = b"-----BEGIN" in data
        found = x509.load_pem_x509_certificates(data) if pem else [x509.load_der_x509_certificate(data)]
    except _UNREADABLE as error:
        raise InvalidInput("There is no readable X.509 certificate; give PEM or DER.") from error
    return tuple(certificate.public_bytes(serialization.Encoding.DER) for certificate in found)


@lru_cache(maxsize=256)
def to_pem(der: bytes) -> str:
    """Return the PEM text of a DER certificate."""
    return load_certificate(der).public_bytes(serialization.Encoding.PEM).decode("ascii")


def thumbprint(der: bytes) -> str:
    """Return the value of `x5t#S256` (RFC 7515, 4.1.8): base64url of the SHA-256 of the DER."""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def verify_signer_certificate(chain: Sequence[bytes], anchors: Sequence[bytes], at: datetime) -> None:
    """Check that `chain[0]` is one of `anchors`, or leads to an authority among them; all valid at `at`.

    What a document carries is never trusted by itself: an intermediate counts only when an anchor issued it.

    Raises:
        CertificateNotTrusted: with the reason.
    """
    current = load_certificate(chain[0])
    spare = [load_certificate(der) for der in chain[1:]]
    pinned = [load_certificate(der) for der in anchors]
    for _ in range(len(chain)):
        _check_time(current, at)
        if current in pinned or any(_issued(current, anchor, at) for anchor in pinned):
            return
        issuer = next((candidate for candidate in spare if _issued(current, candidate, at)), None)
        if issuer is None:
            break
        spare.remove(issuer)
        current = issuer
    raise CertificateNotTrusted("the signer's certificate is not the trusted one and was not issued under it")


def _check_time(certificate: x509.Certificate, at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        until = certificate.not_valid_after_utc
        raise CertificateNotTrusted(
            f"the signer's certificate is not valid at this time (its end is {until:%Y-%m-%d})"
        )


def _issued(certificate: x509.Certificate, authority: x509.Certificate, at: datetime) -> bool:
    if (
        not is_authority(authority)
        or not authority.not_valid_before_utc <= at <= authority.not_valid_after_utc
    ):
        return False
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether a certificate is that of an authority (RFC 5280, 4.2.1.9: cA)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _attributes(certificate: x509.Certificate, oid: ObjectIdentifier) -> tuple[str, ...]:
    return tuple(str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(oid))


def _key_identifier(certificate: x509.Certificate) -> bytes:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
