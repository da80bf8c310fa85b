"""The real lists of others among the vectors, each with its signer's certificate and an instant at which it held."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from registry.signing.certificates import parse_certificates

VECTORS = Path(__file__).parents[1] / "vectors" / "foreign"


@dataclass(frozen=True)
class RealList:
    """One list: its file, that of what signs it, its format, and when it held."""

    name: str
    pem: str
    format: str
    at: datetime

    @property
    def path(self) -> Path:
        return VECTORS / self.name

    @property
    def trust(self) -> Path:
        return VECTORS / self.pem

    @property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @property
    def pins(self) -> tuple[bytes, ...]:
        return parse_certificates(self.trust.read_bytes())


SWEDEN = RealList("se-tl.xml", "se-tl-signer.pem", "tl-xml", datetime(2025, 9, 1, tzinfo=UTC))
LOTL = RealList("eu-lotl-seq388.xml", "eu-lotl-signer.pem", "tl-xml", datetime(2026, 7, 16, tzinfo=UTC))
AAMVA = RealList("aamva-vical-2025-11-18.cbor", "aamva-ca.pem", "vical", datetime(2025, 11, 19, tzinfo=UTC))
