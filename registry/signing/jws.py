"""Compact JWS (RFC 7515, 7.1) with ES256 and nothing else.

Signing writes the three parts itself, because a signer may be hardware; verifying is joserfc's. Its
limits, made for small tokens, are raised to the size of a list.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import pybase64
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from registry.errors import RegistryError
from registry.signing.signers import Signer

ALGORITHM = "ES256"
LARGEST_HEADER = 64 * 2**10
LARGEST_PAYLOAD = 256 * 2**20
PARTS = 3


class JwsInvalid(RegistryError):
    """The bytes are no compact JWS, or the signature does not fit."""


@dataclass(frozen=True, slots=True)
class Jws:
    """The parts of a compact JWS; nothing in it is trusted before `verify_compact` returned it."""

    header: Mapping[str, Any]
    payload: bytes


def sign_compact(payload: bytes, signer: Signer, typ: str | None, header: Mapping[str, object]) -> bytes:
    """Return the compact JWS of `payload`; `header` is added to `alg` and (unless None) `typ`."""
    start: dict[str, object] = {"alg": signer.algorithm}
    if typ is not None:
        start["typ"] = typ
    signed = b"".join((*_base64url(orjson.dumps({**start, **header})), b".", *_base64url(payload)))
    return b"".join((signed, b".", *_base64url(signer.sign(signed))))


def peek_compact(token: bytes) -> Jws:
    """Return the parts of a compact JWS without checking the signature.

    Raises:
        JwsInvalid: not three base64url parts, no JSON object as header, or another algorithm.
    """
    parts = token.split(b".")
    if len(parts) != PARTS:
        raise JwsInvalid("it is no compact JWS: three parts joined by dots are expected")
    try:
        header, payload = orjson.loads(_unbase64url(parts[0])), _unbase64url(parts[1])
    except (binascii.Error, ValueError) as error:
        raise JwsInvalid(
            "it is no compact JWS: a part is not base64url, or the header is not JSON"
        ) from error
    if not isinstance(header, dict):
        raise JwsInvalid("the header of the JWS is not a JSON object")
    if header.get("alg") != ALGORITHM:
        raise JwsInvalid(f"it is signed with {header.get('alg')!s:.20}, and only {ALGORITHM} is accepted")
    # We define no critical parameter, so RFC 7515, 4.1.11 leaves only refusal; covers b64 of RFC 7797.
    if "crit" in header:
        raise JwsInvalid("the header of the JWS has critical parameters that are not understood")
    return Jws(header, payload)


def verify_compact(token: bytes, key: ECKey) -> Jws:
    """Return header and payload of a compact JWS after checking its signature with `key`.

    Raises:
        JwsInvalid: the form is wrong, or the signature does not fit.
    """
    peek_compact(token)
    limits = jws.JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
    limits.max_header_length = LARGEST_HEADER
    limits.max_payload_length = LARGEST_PAYLOAD
    try:
        verified = jws.deserialize_compact(token, key, registry=limits)
    except (JoseError, ValueError) as error:
        raise JwsInvalid("the signature does not fit the content") from error
    return Jws(verified.headers(), verified.payload)


def base64url(data: bytes) -> bytes:
    """Return base64url without padding (RFC 7515, 2)."""
    return b"".join(_base64url(data))


def _base64url(data: bytes) -> tuple[bytes, bytes]:
    """Return the pieces of base64url without padding, so that a large list is joined once."""
    whole = len(data) // 3 * 3
    last = pybase64.urlsafe_b64encode(data[whole:]).rstrip(b"=")
    return pybase64.urlsafe_b64encode(memoryview(data)[:whole]), last


def _unbase64url(part: bytes) -> bytes:
    if b"=" in part or b"+" in part or b"/" in part:
        raise ValueError("padding or the other base64 alphabet")
    return base64.b64decode(part.translate(_URL_SAFE) + b"=" * (-len(part) % 4), validate=True)


_URL_SAFE = bytes.maketrans(b"-_", b"+/")
