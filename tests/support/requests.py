"""Requests for a certificate (PKCS#10), right or wrong in one thing."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID


def request(
    key: CertificateIssuerPrivateKeyTypes | None = None,
    *,
    organization: tuple[str, ...] = ("Invented School",),
    country: tuple[str, ...] = ("PL",),
    encoding: serialization.Encoding = serialization.Encoding.PEM,
) -> bytes:
    """Return a request signed by its own key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, text) for text in country]
    parts += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, text) for text in organization]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts))
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(encoding)
