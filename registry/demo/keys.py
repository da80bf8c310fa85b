"""Keys of the invented issuers: made at first run, kept beside the data; one is made from the published seed 01 … 01."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey

from registry.demo.walk import Key, PrivateKey
from registry.domain.dids import did_key_from_ed25519
from registry.domain.trust_list import IdentityKind
from registry.models.institution import Institution
from registry.services.identities import NewIdentity

SEED_ONE = bytes([1]) * 32
"""The seed of the demo issuer whose did:key anybody can make again."""
CERTIFICATE_LIFE = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class KeyMaker:
    """Makes keys and keeps the private parts in `folder`, readable by the owner alone."""

    folder: Path

    def make(self, word: str, owner: Institution, platform: Institution | None, at: datetime) -> Key:
        """Return the key that a word of the stories names."""
        if word == "did-one":
            return self._did(ed25519.Ed25519PrivateKey.from_private_bytes(SEED_ONE), "one")
        if word == "did":
            return self._did(ed25519.Ed25519PrivateKey.generate(), owner.slug)
        if word == "x509":
            return self.certificate(owner, at)
        if word == "jwk":
            return self._jwk(owner)
        if platform is None:
            raise ValueError("a platform key needs a platform")
        return self._platform(owner, platform)

    def certificate(self, owner: Institution, at: datetime, label: str = "1") -> Key:
        """Return a certificate of an issuer, self-signed, plainly invented."""
        private = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, owner.country),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"DEMO {owner.name}"[:64]),
                x509.NameAttribute(NameOID.COMMON_NAME, f"DEMO issuing key {label}"),
            ]
        )
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=False,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at - timedelta(days=1))
            .not_valid_after(at + CERTIFICATE_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
            .sign(private, hashes.SHA256())
        )
        self._keep(private, f"{owner.slug}-x509-{label}")
        pem = made.public_bytes(serialization.Encoding.PEM).decode()
        return Key(NewIdentity(IdentityKind.X509, pem), private)

    def _did(self, private: ed25519.Ed25519PrivateKey, label: str) -> Key:
        self._keep(private, f"{label}-did")
        did = did_key_from_ed25519(private.public_key().public_bytes_raw())
        return Key(NewIdentity(IdentityKind.DID, did), private)

    def _jwk(self, owner: Institution) -> Key:
        private = ec.generate_private_key(ec.SECP256R1())
        self._keep(private, f"{owner.slug}-jwk")
        spki = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return Key(
            NewIdentity(IdentityKind.JWK, json.dumps(ECKey.import_key(spki).as_dict(private=False))), private
        )

    def _platform(self, owner: Institution, platform: Institution) -> Key:
        private = ed25519.Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
        did = did_key_from_ed25519(private.public_key().public_bytes_raw())
        new = NewIdentity(
            IdentityKind.PLATFORM,
            did,
            platform_id=platform.id,
            profile_id=f"https://platforma.example/{owner.slug}",
        )
        return Key(new, None)

    def _keep(self, private: PrivateKey, label: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / f"{label}.pem"
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.touch(mode=0o600)
        path.write_bytes(pem)
