"""Decentralized identifiers: syntax (W3C DID Core, 3.1), did:key for Ed25519 and P-256, did:web.

A DID URL (with path, query or fragment) is not a DID. The method name is lower case by the standard and never
repaired; the identifier after it is case-sensitive, except for the host name of did:web.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from registry.domain.web_names import parse_domain
from registry.errors import InvalidInput

Curve = Literal["Ed25519", "P-256"]
LONGEST_DID = 2_000
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

# DID Core, 3.1: did = "did:" method-name ":" *( *idchar ":" ) 1*idchar
_IDCHAR = r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})"
_DID = re.compile(rf"did:([a-z0-9]+):((?:{_IDCHAR}*:)*{_IDCHAR}+)")

# Multicodec prefixes of public keys, as unsigned varints: 0xed and 0x1200.
_ED25519_PREFIX = b"\xed\x01"
_P256_PREFIX = b"\x80\x24"
_ED25519_P = 2**255 - 19
_ED25519_D = -121665 * pow(121666, -1, _ED25519_P) % _ED25519_P
_P256_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A raw public key: Ed25519 as 32 bytes, P-256 as a compressed point of 33 bytes."""

    curve: Curve
    raw: bytes


def parse_did(text: str) -> str:
    """Return the DID in canonical form; did:key and did:web are checked down to key and host.

    Raises:
        InvalidInput: not a DID, a DID URL, or a did:key or did:web that cannot work.
    """
    did = text.strip()
    if re.search(r"[/?#]", did):
        raise InvalidInput(f"“{text}” is a DID URL; write the DID alone, without anything from /, ? or # on.")
    match = _DID.fullmatch(did)
    if match is None or len(did) > LONGEST_DID:
        raise InvalidInput(f"“{text}” is not a DID; it looks like did:web:example.edu or did:key:z6Mk….")
    method, identifier = match.groups()
    return f"did:{method}:{_METHODS.get(method, _as_is)(identifier)}"


def _as_is(identifier: str) -> str:
    return identifier


def _parse_web(identifier: str) -> str:
    """Host, optional port as `%3A8443`, optional path segments (did:web method specification, 2.1)."""
    host, *path = identifier.split(":")
    name, _, port = unquote(host).partition(":")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise InvalidInput(f"did:web:{identifier} names a port that does not exist.")
    if not all(path) or any(unquote(segment) in (".", "..") or "/" in unquote(segment) for segment in path):
        raise InvalidInput(f"did:web:{identifier} has an empty or unsafe part in its path.")
    domain = parse_domain(name)
    return ":".join((f"{domain}%3A{int(port)}" if port else domain, *path))


def _parse_key(identifier: str) -> str:
    _decode_key(identifier)
    return identifier


_METHODS: Mapping[str, Callable[[str], str]] = {"key": _parse_key, "web": _parse_web}


def didkey_public_key(did: str) -> PublicKey:
    """Return curve and raw public key of a did:key.

    Raises:
        InvalidInput: not a did:key, or not one of a valid Ed25519 or P-256 key.
    """
    if not did.startswith("did:key:"):
        raise InvalidInput(f"“{did}” is not a did:key.")
    return _decode_key(did.removeprefix("did:key:"))


def did_key_from_ed25519(raw: bytes) -> str:
    """Return the did:key of a raw Ed25519 public key of 32 bytes."""
    if len(raw) != 32:
        raise ValueError(f"an Ed25519 public key has 32 bytes, not {len(raw)}")
    return f"did:key:z{base58_encode(_ED25519_PREFIX + raw)}"


def did_key_from_p256(compressed: bytes) -> str:
    """Return the did:key of a P-256 public key, a compressed point of 33 bytes."""
    if len(compressed) != 33:
        raise ValueError(f"a compressed P-256 point has 33 bytes, not {len(compressed)}")
    return f"did:key:z{base58_encode(_P256_PREFIX + compressed)}"


def _decode_key(multibase: str) -> PublicKey:
    if not multibase.startswith("z") or len(multibase) > 100:
        raise InvalidInput("A did:key continues with z, the sign of base58btc, and the key.")
    decoded = base58_decode(multibase[1:])
    prefix, raw = decoded[:2], decoded[2:]
    if prefix == _ED25519_PREFIX and len(raw) == 32:
        _check_ed25519(raw)
        return PublicKey("Ed25519", raw)
    if prefix == _P256_PREFIX and len(raw) == 33:
        _check_p256(raw)
        return PublicKey("P-256", raw)
    raise InvalidInput("This did:key holds no Ed25519 or P-256 key; no other kind can be checked here.")


def _check_ed25519(raw: bytes) -> None:
    """RFC 8032, 5.1.3: the point decodes. Points of small order accept forged signatures."""
    p, y = _ED25519_P, int.from_bytes(raw, "little") & (2**255 - 1)
    square = y * y % p
    x_square = (square - 1) * pow(_ED25519_D * square + 1, -1, p) % p
    on_curve = y < p and pow(x_square, (p - 1) // 2, p) in (0, 1)
    # y of the points whose order divides 8: 0, 1, -1, and the roots of d*y^4 + 2*y^2 - 1.
    small_order = y * (square - 1) * (_ED25519_D * square * square + 2 * square - 1) % p == 0
    if not on_curve or small_order:
        raise InvalidInput("This did:key is well formed, but its bytes are no usable Ed25519 key.")


def _check_p256(raw: bytes) -> None:
    """SEC 1, 2.3.4: a compressed point of the curve."""
    p, x = _P256_P, int.from_bytes(raw[1:], "big")
    right = (pow(x, 3, p) - 3 * x + _P256_B) % p
    if raw[0] not in (2, 3) or x >= p or pow(right, (p - 1) // 2, p) not in (0, 1):
        raise InvalidInput("This did:key is well formed, but its bytes are no point of P-256.")


def base58_encode(data: bytes) -> str:
    """Return base58btc, without a multibase sign."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = BASE58[digit] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def base58_decode(text: str) -> bytes:
    """Return the bytes of base58btc text without a multibase sign.

    Raises:
        InvalidInput: a character outside the alphabet (0, O, I and l are not in it).
    """
    number = 0
    for character in text:
        digit = BASE58.find(character)
        if digit < 0:
            raise InvalidInput(f"“{character}” is no character of base58; 0, O, I and l do not occur in it.")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
