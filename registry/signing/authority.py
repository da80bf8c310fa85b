"""The registry's own small certificate authorities: one for those who sign lists, one for issuers who only have a key.

They are two, because who pins the first as signer of lists must not thereby trust what an issuer signs. Profiles: RFC
5280 with P-256 and SHA-256; signers of lists after ETSI TS 119 612, 5.7.1; issuers after ISO/IEC 18013-5, B.1.4 and RFC
9336. What a certificate says is signed through the `Signer` protocol, so that an authority's key may lie in hardware.
"""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import ObjectIdentifier

from registry.errors import Conflict
from registry.signing.certificates import (
    CertificateSubject,
    key_usage,
    load_certificate,
    scheme_profile,
    subject_name,
)
from registry.signing.possession import PublicKey
from registry.signing.signers import ES256_HALF, Signer

AUTHORITY_LIFE = timedelta(days=10 * 365)
ISSUER_LIFE = timedelta(days=457)
"""Longest life of a certificate that signs mdocs (ISO/IEC 18013-5, B.1.4)."""
MDOC_SIGNING = ObjectIdentifier("1.0.18013.5.1.2")
"""Signers of mdocs; readers of mdocs look for it (ISO/IEC 18013-5, B.1.4)."""
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning (RFC 9336, 3.1)."""
_ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
"""AlgorithmIdentifier (RFC 5758, 3.2): without parameters."""
_SEQUENCE, _BIT_STRING = 0x30, 0x03
_SHORT_FORM = 0x80


def authority_certificate(
    subject: CertificateSubject,
    signer: Signer,
    public: ec.EllipticCurvePublicKey,
    window: tuple[datetime, datetime],
) -> bytes:
    """Return the DER of the self-signed certificate of an authority that issues to end entities alone.

    `window` is its first and last instant.

    Raises:
        InvalidInput: a part of the subject is empty or longer than X.509 allows.
    """
    name = subject_name(subject)
    builder = (
        _begun(name, public, window)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    return _sign(builder, signer)


def issue_scheme_certificate(
    subject: CertificateSubject,
    public: ec.EllipticCurvePublicKey,
    window: tuple[datetime, datetime],
    authority: Signer,
) -> bytes:
    """Return the DER of a certificate for signing lists; it ends with its authority at the latest.

    Raises:
        InvalidInput: a part of the subject is empty or longer than X.509 allows.
        Conflict: the authority's own certificate is over.
    """
    start, end = within_authority(window, authority)
    return _issue(scheme_profile(subject, public, start, end), authority)


def issue_issuer_certificate(
    subject: CertificateSubject, public: PublicKey, window: tuple[datetime, datetime], authority: Signer
) -> bytes:
    """Return the DER of a certificate for a key that an institution has proven; it may sign credentials and nothing else.

    Raises:
        InvalidInput: a part of the subject is empty or longer than X.509 allows.
        Conflict: the authority's own certificate is over.
    """
    # An mdoc cannot be signed with RSA (ISO/IEC 18013-5, 9.1.2.4), so such a key gets no purpose for it.
    purposes = (
        [DOCUMENT_SIGNING] if isinstance(public, rsa.RSAPublicKey) else [MDOC_SIGNING, DOCUMENT_SIGNING]
    )
    builder = (
        _begun(subject_name(subject), public, within_authority(window, authority))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    )
    return _issue(builder, authority)


def within_authority(window: tuple[datetime, datetime], authority: Signer) -> tuple[datetime, datetime]:
    """Return a window that ends with the authority's own certificate at the latest.

    Raises:
        Conflict: the authority's certificate is over before the window begins, or is not valid yet.
    """
    own = load_certificate(authority.certificates[0])
    start, end = window[0], min(window[1], own.not_valid_after_utc)
    if not own.not_valid_before_utc <= start < end:
        raise Conflict(
            f"the certificate of the authority {authority.key_id} is valid from {own.not_valid_before_utc:%Y-%m-%d} "
            f"to {own.not_valid_after_utc:%Y-%m-%d}; make the next one with `registry keys authority make`"
        )
    return start, end


def _begun(name: x509.Name, public: PublicKey, window: tuple[datetime, datetime]) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(name).public_key(public)
    begun = builder.not_valid_before(window[0]).not_valid_after(window[1])
    return begun.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)


def _issue(builder: x509.CertificateBuilder, authority: Signer) -> bytes:
    own = load_certificate(authority.certificates[0])
    identifier = own.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    named = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    return _sign(builder.issuer_name(own.subject).add_extension(named, critical=False), authority)


def _sign(builder: x509.CertificateBuilder, signer: Signer) -> bytes:
    """Return the DER of a certificate whose content `signer` signed.

    The library signs only with keys that it holds, so a key made for this moment signs a draft, and its signature is
    replaced: the signed part does not depend on it.
    """
    draft = builder.serial_number(x509.random_serial_number()).sign(
        ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()
    )
    raw = signer.sign(draft.tbs_certificate_bytes)
    r, s = int.from_bytes(raw[:ES256_HALF], "big"), int.from_bytes(raw[ES256_HALF:], "big")
    signature = _der(_BIT_STRING, b"\x00" + encode_dss_signature(r, s))
    made = _der(_SEQUENCE, draft.tbs_certificate_bytes + _ECDSA_WITH_SHA256 + signature)
    return load_certificate(made).public_bytes(serialization.Encoding.DER)


def _der(tag: int, content: bytes) -> bytes:
    """Return tag, length and content (X.690, 8.1.3)."""
    size = len(content)
    if size < _SHORT_FORM:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, _SHORT_FORM + len(length)]) + length + content
