"""COSE_Sign1 (RFC 9052, 4.2) with ES256 and nothing else; the signer's certificates in x5chain (RFC 9360, 2).

The deployed lists of ISO/IEC 18013-5 are untagged and carry the chain unprotected, and so do ours; reading takes the
tagged form as well. CBOR is deterministic (RFC 8949, 4.2.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc.jwk import ECKey

from registry.errors import RegistryError
from registry.signing.signers import ES256_HALF, Signer

ALGORITHM, CRITICAL, X5CHAIN = 1, 2, 33
"""Labels of header parameters (RFC 9052, 3.1; RFC 9360, 2)."""
ES256 = -7
"""RFC 9053, 2.1."""
COSE_SIGN1_TAG = 18
LARGEST = 128 * 2**20
LONGEST_CHAIN = 10
_PARTS = 4
_BEGINNINGS = (b"\x84", b"\x9f", b"\xd2", b"\xd8")


class CoseInvalid(RegistryError):
    """The bytes are no COSE_Sign1, or the signature does not fit."""


@dataclass(frozen=True, slots=True)
class Cose:
    """The parts of a COSE_Sign1; nothing in it is trusted before `verify_cose` returned it.

    `chain` are DER certificates, leaf first; `protected` the protected header as it was signed.
    """

    chain: tuple[bytes, ...]
    payload: bytes
    protected: bytes
    signature: bytes


def encode_cbor(value: object) -> bytes:
    """Return the deterministic encoding of a value (RFC 8949, 4.2.1)."""
    return cbor2.dumps(value, canonical=True)


def decode_cbor(data: bytes) -> Any:
    """Return the value of exactly one CBOR item.

    Raises:
        ValueError: it is none, goes on after it, or holds something that no value can be made of.
    """
    try:
        value, rest = _load_first(data)
    except (cbor2.CBORError, ArithmeticError, RecursionError, TypeError, MemoryError) as error:
        raise ValueError("it is no readable CBOR") from error
    if rest:
        raise ValueError(f"{rest} bytes follow the CBOR item")
    return value


def _load_first(data: bytes) -> tuple[Any, int]:
    stream = BytesIO(data)
    value = cbor2.CBORDecoder(stream).decode()
    return value, len(data) - stream.tell()


def sign_cose(payload: bytes, signer: Signer) -> bytes:
    """Return the untagged COSE_Sign1 of `payload`, with the signer's certificates in the unprotected header."""
    protected = encode_cbor({ALGORITHM: ES256})
    chain = signer.certificates
    # RFC 9360, 2: a single certificate stands by itself, several in an array.
    unprotected = {X5CHAIN: chain[0] if len(chain) == 1 else list(chain)} if chain else {}
    signature = signer.sign(_to_be_signed(protected, payload))
    return encode_cbor([protected, unprotected, payload, signature])


def looks_like_cose(body: bytes) -> bool:
    """Whether these bytes begin as a COSE_Sign1 does: an array of four or of unknown length, or a tag before one."""
    return body[:1] in _BEGINNINGS


def peek_cose(body: bytes) -> Cose:
    """Return the parts of a COSE_Sign1, tagged or not, without checking the signature.

    Raises:
        CoseInvalid: another form, another algorithm, critical parameters, or too large.
    """
    if len(body) > LARGEST:
        raise CoseInvalid(f"it has more than {LARGEST} bytes")
    try:
        item = decode_cbor(body)
    except ValueError as error:
        raise CoseInvalid(f"it is no COSE_Sign1: {error}") from error
    if isinstance(item, cbor2.CBORTag) and item.tag == COSE_SIGN1_TAG:
        item = item.value
    if not _is_sign1(item):
        raise CoseInvalid("it is no COSE_Sign1: an array of header, map, payload and signature is expected")
    protected, unprotected, payload, signature = item
    _check_protected(protected, unprotected)
    return Cose(_chain(unprotected), payload, protected, signature)


def verify_cose(body: bytes, key: ECKey) -> Cose:
    """Return the parts of a COSE_Sign1 after checking its signature with `key`, a P-256 key.

    Raises:
        CoseInvalid: the form is wrong, or the signature does not fit.
    """
    cose = peek_cose(body)
    if len(cose.signature) != 2 * ES256_HALF:
        raise CoseInvalid("the signature is not r and s of 32 bytes each")
    r, s = cose.signature[:ES256_HALF], cose.signature[ES256_HALF:]
    signature = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    try:
        key.public_key.verify(
            signature, _to_be_signed(cose.protected, cose.payload), ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature as error:
        raise CoseInvalid("the signature does not fit the content") from error
    return cose


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """RFC 9052, 4.4: Sig_structure without external data."""
    return encode_cbor(["Signature1", protected, b"", payload])


def _is_sign1(item: Any) -> bool:
    kinds = (bytes, Mapping, bytes, bytes)
    return (
        isinstance(item, list | tuple)
        and len(item) == _PARTS
        and all(isinstance(part, kind) for part, kind in zip(item, kinds, strict=True))
    )


def _check_protected(protected: bytes, unprotected: Mapping[Any, Any]) -> None:
    try:
        header = decode_cbor(protected)
    except ValueError as error:
        raise CoseInvalid(f"its protected header cannot be read: {error}") from error
    if not isinstance(header, Mapping):
        raise CoseInvalid("its protected header is not a map")
    if header.get(ALGORITHM) != ES256:
        raise CoseInvalid(f"it is signed with {header.get(ALGORITHM)!s:.20}, and only ES256 (-7) is accepted")
    # We define no critical parameter, so RFC 9052, 3.1 leaves only refusal; it must not stand unprotected at all.
    if CRITICAL in header or CRITICAL in unprotected:
        raise CoseInvalid("its header has critical parameters that are not understood")


def _chain(unprotected: Mapping[Any, Any]) -> tuple[bytes, ...]:
    found = unprotected.get(X5CHAIN, [])
    chain = [found] if isinstance(found, bytes) else found
    if not isinstance(chain, list | tuple) or not all(isinstance(der, bytes) for der in chain):
        raise CoseInvalid("its certificates (x5chain) cannot be read")
    if len(chain) > LONGEST_CHAIN:
        raise CoseInvalid(f"it carries more than {LONGEST_CHAIN} certificates")
    return tuple(chain)
