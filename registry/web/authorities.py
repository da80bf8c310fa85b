"""The registry's own certificate authorities as verifiers pin them, from what stands published."""

from dataclasses import dataclass

from registry.services.authorities import address
from registry.signing.certificates import CertificateFacts, describe_certificate, parse_certificates
from registry.signing.key_records import AuthorityLine
from registry.web.published import reader


@dataclass(frozen=True, slots=True)
class PublishedAuthority:
    """An authority: what it certifies, where its certificates stand, and what they say; the active one first."""

    line: AuthorityLine
    path: str
    certificates: tuple[CertificateFacts, ...]


def published_authorities() -> list[PublishedAuthority]:
    """Return the authorities of the registry; none where it has none, or has not published since."""
    found = [(line, reader().document(address(line))) for line in AuthorityLine]
    return [
        PublishedAuthority(
            line, address(line), tuple(map(describe_certificate, parse_certificates(document.body)))
        )
        for line, document in found
        if document is not None
    ]
