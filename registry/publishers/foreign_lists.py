"""Opening a trusted list that somebody else publishes: signature by a pinned certificate, freshness, content.

Nothing is fetched, and nothing that a list carries is trusted by itself. A list whose signature nobody can vouch for is
opened only when the caller says so, and then says so itself: `signer` and `anchor` are None.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson

from registry.errors import InvalidInput
from registry.publishers.facts import VerificationFailed
from registry.publishers.list_contents import ListContents
from registry.publishers.lote_contents import read_json_list
from registry.publishers.tl_checks import TS_119_602, TS_119_612, Binding, binding_of, read_xml_list
from registry.publishers.trust import NotTrusted, Trust, certified_signer, find_signer
from registry.publishers.verify import CLOCK_SKEW
from registry.publishers.vical_contents import read_vical_list
from registry.signing.certificates import CertificateNotTrusted, verify_signer_certificate
from registry.signing.cose import CoseInvalid, peek_cose, verify_cose
from registry.signing.jws import JwsInvalid, peek_compact, verify_compact
from registry.signing.xades_verify import XadesInvalid, peek_xades, verify_xades
from registry.signing.xml_reading import LARGEST, parse_xml


@dataclass(frozen=True, slots=True)
class OpenedList:
    """A list of others. `sha256`: hex, of the bytes; `signer`, `anchor`: hex SHA-256 of certificates, None if unverified.

    The anchor is the pinned certificate: the signer's own, or that of the authority that issued it.
    """

    contents: ListContents
    sha256: str
    signer: str | None
    anchor: str | None


@dataclass(frozen=True, slots=True)
class _Signed:
    """What a signature covered, the signer's certificate and the pinned one (DER)."""

    content: Any
    signer: bytes | None
    anchor: bytes | None


def open_list(data: bytes, format_: str, pins: Sequence[bytes] | None, at: datetime) -> OpenedList:
    """Return what a list says, as judged at `at`; `pins` are certificates (DER), None leaves the signature unchecked.

    Raises:
        VerificationFailed: `check` names the first check that failed.
    """
    opener = OPENERS.get(format_)
    if opener is None:
        raise VerificationFailed("format", f"there is no format {format_}; there is {', '.join(OPENERS)}")
    if len(data) > LARGEST:
        raise VerificationFailed("format", f"it has {len(data)} bytes, and at most {LARGEST} are read")
    signed, read = opener(data, pins, at)
    try:
        contents = read(signed.content)
    except InvalidInput as error:
        raise VerificationFailed("schema", str(error)) from error
    _check_freshness(contents, at)
    return OpenedList(contents, hashlib.sha256(data).hexdigest(), _hex(signed.signer), _hex(signed.anchor))


_Read = Callable[[Any], ListContents]
_Found = TypeVar("_Found")


def _open_tl_xml(data: bytes, pins: Sequence[bytes] | None, at: datetime) -> tuple[_Signed, _Read]:
    return _open_xml(TS_119_612, data, pins, at), read_xml_list


def _open_lote_xml(data: bytes, pins: Sequence[bytes] | None, at: datetime) -> tuple[_Signed, _Read]:
    return _open_xml(TS_119_602, data, pins, at), read_xml_list


def _open_xml(binding: Binding, data: bytes, pins: Sequence[bytes] | None, at: datetime) -> _Signed:
    try:
        root = parse_xml(data)
        found = binding_of(root)
    except InvalidInput as error:
        raise VerificationFailed("format", str(error)) from error
    if found is not binding:
        raise VerificationFailed("format", f"it is a {found.root}, which is another format")
    if pins is None:
        return _Signed(root, None, None)
    try:
        chain = peek_xades(root).certificates
        anchor, _ = _vouched(pins, lambda pin: verify_signer_certificate(chain, (pin,), at))
        return _Signed(verify_xades(root, chain[0], at), chain[0], anchor)
    except XadesInvalid as error:
        raise VerificationFailed("signature", str(error)) from error


def _open_lote_json(data: bytes, pins: Sequence[bytes] | None, at: datetime) -> tuple[_Signed, _Read]:
    token = data.strip()
    if token.startswith(b"{"):
        if pins is not None:
            raise VerificationFailed("signature", "it is plain JSON and carries no signature")
        return _Signed(_json(token), None, None), read_json_list
    try:
        peeked = peek_compact(token)
        if pins is None:
            return _Signed(_json(peeked.payload), None, None), read_json_list
        anchor, signer = _vouched(pins, lambda pin: find_signer(peeked.header, Trust((pin,)), at))
        content = _json(verify_compact(token, signer.key).payload)
    except JwsInvalid as error:
        raise VerificationFailed("signature", str(error)) from error
    return _Signed(content, signer.certificate, anchor), read_json_list


def _open_vical(data: bytes, pins: Sequence[bytes] | None, at: datetime) -> tuple[_Signed, _Read]:
    try:
        peeked = peek_cose(data)
        if pins is None:
            return _Signed(peeked.payload, None, None), read_vical_list
        anchor, signer = _vouched(pins, lambda pin: certified_signer(peeked.chain, Trust((pin,)), at))
        return _Signed(verify_cose(data, signer.key).payload, signer.certificate, anchor), read_vical_list
    except CoseInvalid as error:
        raise VerificationFailed("signature", str(error)) from error


def _json(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except ValueError as error:
        raise VerificationFailed("schema", "the content is not JSON") from error


def _vouched(pins: Sequence[bytes], find: Callable[[bytes], _Found]) -> tuple[bytes, _Found]:
    """Return the first pinned certificate with which `find` does not refuse, and what it found."""
    problem: Exception | None = None
    for pin in pins:
        try:
            return pin, find(pin)
        except (CertificateNotTrusted, NotTrusted) as error:
            problem = error
    raise VerificationFailed("trust", str(problem or "nothing is trusted")) from problem


_Opener = Callable[[bytes, Sequence[bytes] | None, datetime], tuple[_Signed, _Read]]
OPENERS: Mapping[str, _Opener] = {
    "tl-xml": _open_tl_xml,
    "lote-json": _open_lote_json,
    "lote-xml": _open_lote_xml,
    "vical": _open_vical,
}
"""Name of a format on the command line to what opens it."""


def _check_freshness(contents: ListContents, at: datetime) -> None:
    if contents.issued_at > at + CLOCK_SKEW:
        raise VerificationFailed(
            "freshness", f"it says it was issued at {contents.issued_at:%Y-%m-%dT%H:%M:%SZ}, in the future"
        )
    if contents.next_update is not None and contents.next_update <= at:
        raise VerificationFailed(
            "freshness",
            f"it is out of date: the next one was due at {contents.next_update:%Y-%m-%dT%H:%M:%SZ}; get the new one, or "
            "judge it as of an instant at which it held",
        )


def _hex(der: bytes | None) -> str | None:
    return None if der is None else hashlib.sha256(der).hexdigest()
