"""What can sign: one interface for keys in memory, in hardware and in key services."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from registry.errors import InvalidInput

ES256_HALF = 32
"""Bytes of r and of s in an ES256 signature (RFC 7518, 3.4)."""


class Signer(Protocol):
    """One private key in use. `certificates` are DER, leaf first; empty where the key needs none."""

    @property
    def key_id(self) -> str:
        """The name of the key, never reused."""

    @property
    def algorithm(self) -> Literal["ES256"]:
        """The JOSE name of the algorithm (RFC 7518, 3.1)."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """DER certificates of the key, leaf first."""

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature r || s over `data`, 64 bytes."""


@dataclass(frozen=True, slots=True)
class EcSigner:
    """A P-256 key in memory. `deterministic` (RFC 6979) is for test vectors: same bytes, same signature."""

    key_id: str
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificates: tuple[bytes, ...] = ()
    deterministic: bool = False
    algorithm: Literal["ES256"] = "ES256"

    def __post_init__(self) -> None:
        if not isinstance(self.private_key.curve, ec.SECP256R1):
            raise InvalidInput(f"Key {self.key_id} is not on the curve P-256, which ES256 needs.")

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature r || s over `data`, 64 bytes (RFC 7518, 3.4)."""
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=self.deterministic)
        r, s = decode_dss_signature(self.private_key.sign(data, algorithm))
        return r.to_bytes(ES256_HALF, "big") + s.to_bytes(ES256_HALF, "big")
