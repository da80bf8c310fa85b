"""VICAL, ISO/IEC 18013-5:2021 Annex C (C.1.7.1): certificates that may sign mdoc micro-credentials, as CBOR in COSE.

Made for mdoc readers, which take every entry as an anchor and know no status: only issuers recognized at the moment of
issue, with certificates usable then, in a list that lives one day. Media type `application/cbor`, untagged COSE_Sign1
with ES256, x5chain unprotected, deterministic CBOR (RFC 8949, 4.2.1). Read by cwt, Multipaz, isomdl.

The scope of an issuer names credential types; each is one mdoc document type under the registry's own domain.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from registry.domain.scope import Scope
from registry.domain.trust_list import Entry, Header, SchemeInfo, wire_instant
from registry.publishers.base import Document, Loss, Reach, list_url, need_signer
from registry.publishers.lote_keys import usable_certificates
from registry.signing.certificates import is_authority, key_window, load_certificate, names_as_written
from registry.signing.cose import encode_cbor, sign_cose
from registry.signing.signers import Signer

VERSION = "1.0"
DATE_TIME = 0
"""Tag of an RFC 3339 text (RFC 8949, 3.4.1); C.1.7.1 calls it tdate."""
BIGNUM = 2
"""Tag of an unsigned bignum (RFC 8949, 3.4.3)."""
LARGEST_DIRECT = 23
COUNT_BYTES = 4
MDOC_CURVES = ("secp256r1", "secp384r1", "secp521r1")
"""Of ISO/IEC 18013-5, 9.1.2.4: ES256, ES384, ES512, and EdDSA with Ed25519; readers know no RSA."""
_STATE = bytes.fromhex("0603550408")
"""The object identifier id-at-stateOrProvinceName in DER (ITU-T X.520, 6.3.3)."""
LOSSES: tuple[Loss, ...] = (
    Loss("issuers without an X.509 certificate", "an entry is a certificate; see the register"),
    Loss("certificates with RSA keys", "an mdoc cannot be signed with them; see the register"),
    Loss("issuers not recognized at the moment of issue", "to be listed is to be trusted; see the register"),
    Loss("status, its start and history", "the format has no place for them; see the register"),
    Loss("ended and compromised keys", "an anchor can be used now; see the register"),
    Loss("conditions", "the format has no place for them; active with conditions counts as recognized"),
    Loss(
        "fields, levels and places of a scope",
        "a document type says the kind of credential; see the statement",
    ),
)


class Vical:
    """Certificates with which issuers recognized now may sign mdocs."""

    format_id = "vical"
    file_name = "vical.cbor"
    media_type = "application/cbor"
    standard = "ISO/IEC 18013-5:2021"
    lifetime = timedelta(hours=24)
    signed = True
    reach = Reach.SCHEME
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the certificateInfo items of a recognized issuer after their number (4 bytes), else None."""
        interval = entry.interval(at)
        if interval is None or not interval.status.is_recognized:
            return None
        types = doc_types(interval.scope, scheme.base_url)
        if not types:
            return None
        usable = ((der, load_certificate(der)) for der in usable_certificates(entry, at))
        items = [
            encode_cbor(_certificate_info(der, certificate, entry, scheme, types))
            for der, certificate in usable
            if _signs_mdocs(certificate)
        ]
        return len(items).to_bytes(COUNT_BYTES, "big") + b"".join(items) if items else None

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the signed list; the items of the fragments are joined as they are."""
        kept = list(fragments)
        count = sum(int.from_bytes(fragment[:COUNT_BYTES], "big") for fragment in kept)
        payload = b"".join(
            (
                *_head(header, self.file_name),
                _array_head(count),
                *(fragment[COUNT_BYTES:] for fragment in kept),
            )
        )
        return Document(
            self.file_name, sign_cose(payload, need_signer(signer, self.format_id)), self.media_type
        )


def doc_types(scope: Scope, base_url: str) -> list[str]:
    """Return the mdoc document types that a scope lets an issuer issue, sorted.

    A type is the registry's address with its labels reversed, the credential type and a version, for example
    `example.registry.micro_credential.1`.
    """
    kinds = {kind.value for grant in scope.grants for kind in grant.credential_types}
    return [f"{_reversed_domain(base_url)}.{kind}.1" for kind in sorted(kinds)]


@cache
def _reversed_domain(base_url: str) -> str:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    try:
        labels = [ipaddress.ip_address(host).exploded.replace(":", ".")]
    except ValueError:
        labels = host.split(".")[::-1]
    return ".".join([*labels, *(part for part in parts.path.split("/") if part)])


def _signs_mdocs(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name in MDOC_CURVES
    return isinstance(key, ed25519.Ed25519PublicKey)


def _certificate_info(
    der: bytes, certificate: x509.Certificate, entry: Entry, scheme: SchemeInfo, types: list[str]
) -> Mapping[str, object]:
    """C.1.7.1, CertificateInfo."""
    key_identifier, not_before, not_after = key_window(der)
    issuer, subject = names_as_written(der)
    info: dict[str, object] = {
        "certificate": der,
        "serialNumber": _bignum(certificate.serial_number),
        "ski": key_identifier,
        "docType": types,
        "issuingAuthority": entry.legal_name,
        "issuingCountry": entry.address.country,
        "issuer": issuer,
        "subject": subject,
        "notBefore": _tdate(not_before),
        "notAfter": _tdate(not_after),
        "extensions": {
            scheme.uri("extension", "recognition"): _recognition(entry, scheme, is_authority(certificate))
        },
    }
    if _STATE in subject:  # few have one, and to read a name takes long
        states = certificate.subject.get_attributes_for_oid(NameOID.STATE_OR_PROVINCE_NAME)
        info.update(("stateOrProvinceName", str(state.value)) for state in states[:1])
    return info


def _recognition(entry: Entry, scheme: SchemeInfo, vouches: bool) -> dict[str, object]:
    """Return who is recognized, and for an authority in whose name alone it may vouch."""
    said: dict[str, object] = {
        "id": entry.id,
        "statement": f"{scheme.base_url}/issuers/{entry.id}/statement.jws",
    }
    if vouches:
        names = {entry.legal_name, *entry.names.as_dict().values()}
        said["subject"] = {"organization": sorted(names), "country": entry.address.country}
    return said


def _head(header: Header, file_name: str) -> Iterator[bytes]:
    """Return the payload up to the certificates: deterministic order puts their long name last."""
    scheme = header.scheme
    said: Mapping[str, object] = {
        "version": VERSION,
        "vicalProvider": scheme.operator_legal_name,
        "date": _tdate(header.issued_at),
        "vicalIssueID": header.sequence,
        "nextUpdate": _tdate(header.next_update),
        "extensions": {
            scheme.uri("extension", "list"): {
                "list": list_url(header, file_name),
                "scheme": scheme.name["en"],
                "territory": scheme.territory,
            }
        },
    }
    members = sorted((encode_cbor(name), encode_cbor(value)) for name, value in said.items())
    yield bytes([0xA0 + len(members) + 1])
    for name, value in members:
        yield name + value
    yield encode_cbor("certificateInfos")


def _array_head(count: int) -> bytes:
    """Return the head of an array of known length (RFC 8949, 3)."""
    if count <= LARGEST_DIRECT:
        return bytes([0x80 + count])
    for width, info in ((1, 24), (2, 25), (4, 26)):
        if count < 256**width:
            return bytes([0x80 + info]) + count.to_bytes(width, "big")
    raise ValueError(f"{count} certificates are more than one list carries")


def _tdate(instant: datetime) -> cbor2.CBORTag:
    return cbor2.CBORTag(DATE_TIME, wire_instant(instant))


def _bignum(number: int) -> cbor2.CBORTag:
    # The standard says bignum whatever the size, so a small serial number is one too.
    return cbor2.CBORTag(BIGNUM, number.to_bytes((number.bit_length() + 7) // 8 or 1, "big"))
