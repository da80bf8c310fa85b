"""How to check a published list in one command: with this registry's own program, and with tools that others wrote.

How a document is signed follows from its media type, so that formats of third parties get commands too.
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from registry.publishers.base import JOSE


class Envelope(StrEnum):
    """How a document is signed."""

    JWS = "jws"
    XML = "xml"
    COSE = "cose"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Command:
    """One line for a shell, and the tool that it needs; `client` is the snippet that it runs, if it runs one."""

    tool: str
    line: str
    client: str = ""


XMLSEC1 = (
    "xmlsec1 --verify --enabled-reference-uris empty,same-doc --enabled-key-data key-value,ecdsa "
    "--pubkey-cert-pem {pem} --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties {file}"
)
"""xmlsec1 takes no references but to the document itself, and no key but the pinned one."""


def envelope(media_type: str) -> Envelope:
    """Return how a document of this Content-Type is signed."""
    kind = media_type.partition(";")[0].strip()
    if kind == JOSE:
        return Envelope.JWS
    if kind == "application/cbor":
        return Envelope.COSE
    return Envelope.XML if kind.endswith(("/xml", "+xml")) else Envelope.NONE


def certificate_file(scheme: str) -> str:
    """Return the name under which readers keep the signing certificates of a scheme."""
    return f"{scheme}.pem"


def pin_command(base_url: str, scheme: str) -> str:
    """Return the command that fetches the certificates to pin."""
    return _line(
        "curl", "-s", f"{base_url}/schemes/{scheme}/certificates.pem", "-o", certificate_file(scheme)
    )


def check_commands(url: str, permanent_url: str, media_type: str, scheme: str) -> tuple[Command, ...]:
    """Return the commands that check the document at `url`, or the digest of one that is not signed."""
    kind = envelope(media_type)
    if kind is Envelope.NONE:
        return (Command("curl, sha256sum", f"curl -s {shlex.quote(permanent_url)} | sha256sum"),)
    return (
        Command("registry", _line("registry", "verify", url, "--trust", certificate_file(scheme))),
        *_foreign(kind, url, certificate_file(scheme)),
    )


def _foreign(kind: Envelope, url: str, pem: str) -> Iterator[Command]:
    if kind is Envelope.XML:
        file = url.rpartition("/")[2]
        line = XMLSEC1.format(pem=shlex.quote(pem), file=shlex.quote(file))
        yield Command("curl, xmlsec1", f"{_line('curl', '-sO', url)} && {line}")
    elif kind is Envelope.COSE:
        yield Command("Python, cwt", _line("python3", "verify_vical.py", url, pem), "verify_vical.py")
    else:
        yield Command("Python, cryptography", _line("python3", "verify_list.py", url, pem), "verify_list.py")
        yield Command("Node.js, jose", _line("node", "verify_list.mjs", url, pem), "verify_list.mjs")
        yield Command("curl, openssl", _line("sh", "verify_list.sh", url, pem), "verify_list.sh")


def _line(*words: str) -> str:
    return shlex.join(words)
